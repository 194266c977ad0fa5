"""Members' deeds do, refuse and change nothing, and repeat harmlessly."""

import dataclasses
import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from members import actions as members_actions
from members import queries as members_queries
from members.actions import ConsentGiven, IdentityTaken
from members.enums import Channel, Purpose, StaffRole
from members.models import Account, Consent, Identity, Member, Tag
from members.rules import BadIdentity, email_identity, external_identity, phone_identity
from tests.members.people import person

pytestmark = pytest.mark.django_db
YES = ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=True, text="May we write to you?")
NO = dataclasses.replace(YES, given=False, text="Stop writing to me.")


def counts():
    """How many rows there are of everything a member has."""
    return [model.objects.count() for model in (Member, Identity, Consent, Tag, Account)]


def register(new, at, joined_at=None):
    return members_actions.register(new=new, joined_at=joined_at, at=at, actor="test")


def test_a_member_is_registered_with_all_that_is_known(noon):
    new = person("ann", "+86 138 0013 8000", birthday=dt.date(1990, 2, 28), consents=[YES], tags=["vip", "web"])
    member = register(new, noon, noon)
    profile = members_queries.get_profile(member.id)
    assert (profile.name, profile.birthday, profile.key.joined_at) == ("Ann", dt.date(1990, 2, 28), noon)
    assert profile.identities == (
        ("email", "", "ann@example.com"),
        ("phone", "", "+8613800138000"),
        ("external", "web", "c-ann"),
    )
    assert (profile.tags, profile.consents) == (("vip", "web"), (("email", "marketing", True, noon),))
    assert member.status == "active" and members_queries.get_member(member.number).id == member.id


def test_nobody_is_registered_twice_or_without_an_identity(noon):
    ann = register(person("ann", "12345"), noon)
    before = counts()
    for taken in (email_identity("ANN@example.com"), phone_identity("12345"), external_identity("web", "c-ann")):
        new = dataclasses.replace(person("bob"), identities=[email_identity("bob@example.com"), taken], tags=["x"])
        with pytest.raises(IdentityTaken, match=ann.number) as refusal:
            register(new, noon)
        assert refusal.value.number == ann.number
    with pytest.raises(BadIdentity, match="needs an e-mail"):
        register(dataclasses.replace(person("bob"), identities=[]), noon)
    assert counts() == before
    assert register(person("bob", external=("pos",)), noon).number != ann.number


def test_the_latest_answer_is_in_force_and_the_older_ones_stay(noon):
    ann = register(person("ann", consents=[YES]), noon)
    later = noon + dt.timedelta(hours=1)
    members_actions.consent(member_id=ann.id, answers=[NO], at=later, actor="member")
    (in_force,) = members_queries.consents_in_force(ann.id)
    assert (in_force.given, in_force.text, in_force.at, in_force.actor) == (False, NO.text, later, "member")
    assert [answer.given for answer in members_queries.list_consents(ann.id)] == [False, True]
    assert [answer.given for answer in members_queries.list_consents(ann.id, before=later)] == [True]
    members_actions.consent(member_id=ann.id, answers=[], at=later, actor="member")
    assert Consent.objects.count() == 2


def test_a_tag_is_put_once(noon):
    ann, bob = register(person("ann"), noon), register(person("bob"), noon)
    for _ in range(2):
        members_actions.tag(member_id=ann.id, names=["vip", "web"], at=noon, actor="test")
    members_actions.tag(member_id=bob.id, names=["web"], at=noon, actor="test")
    assert members_queries.get_profile(ann.id).tags == ("vip", "web")
    assert members_queries.list_tags() == ["vip", "web"] and Tag.objects.count() == 3


def test_joining_is_noted_once(noon):
    people = [register(person(name), noon, joined) for name, joined in [("ann", None), ("bob", noon), ("cat", None)]]
    earlier, later = noon - dt.timedelta(days=9), noon + dt.timedelta(days=9)
    members_actions.set_joined(member_id=people[0].id, at=later, actor="test")
    members_actions.set_joined(member_id=people[0].id, at=earlier, actor="test")
    members_actions.set_joined_many(joined_at=dict.fromkeys((p.id for p in people), earlier), at=noon, actor="test")
    members_actions.set_joined_many(joined_at={}, at=noon, actor="test")
    assert [Member.objects.get(id=p.id).joined_at for p in people] == [later, noon, earlier]


def test_many_are_registered_like_one(noon):
    rows = [
        person("ann", "12345", birthday=dt.date(1990, 2, 28), tags=["vip"], attributes={"shoe": "42"}, region="HK"),
        person("bob", language="zh-hant", gender="male", source="file"),
    ]
    with transaction.atomic():
        singly = [register(new, noon, noon) for new in rows]
        expected = [dataclasses.replace(members_queries.get_profile(m.id), key=None) for m in singly]
        transaction.set_rollback(True)
    ids = members_actions.register_many(new=rows, joined_at=[noon, noon], at=noon, actor="test")
    assert [dataclasses.replace(members_queries.get_profile(i), key=None) for i in ids] == expected
    members = Member.objects.filter(id__in=ids)
    assert len({m.number for m in members}) == 2 and {m.joined_at for m in members} == {noon}
    before = counts()
    with pytest.raises(IntegrityError), transaction.atomic():
        members_actions.register_many(new=[person("cat"), person("ann")], joined_at=[None, None], at=noon, actor="test")
    assert counts() == before
    assert members_actions.register_many(new=[], joined_at=[], at=noon, actor="test") == []


def test_a_row_completes_what_is_known_and_empties_nothing(noon):
    ann = register(person("ann", region="HK", tags=["vip"], attributes={"shoe": "42"}), noon)

    def complete(new):
        known = members_queries.find_people([email_identity("ann@example.com")])[email_identity("ann@example.com")]
        return members_actions.complete(person=known, new=new, at=noon, actor="test")

    empty = dataclasses.replace(person("ann"), name="", identities=[email_identity("ann@example.com")])
    assert complete(empty) is False
    more = person("ann", "12345", birthday=dt.date(1990, 2, 28), tags=["vip", "new"], attributes={"hat": "56"})
    assert complete(more) is True
    assert complete(more) is False
    profile = members_queries.get_profile(ann.id)
    assert (profile.region, profile.birthday, profile.tags) == ("HK", dt.date(1990, 2, 28), ("new", "vip"))
    assert profile.attributes == {"shoe": "42", "hat": "56"}
    assert ("phone", "", "12345") in profile.identities and len(profile.identities) == 3


def test_a_member_gets_one_log_in(noon):
    ann, bob = register(person("ann", language="zh-hans"), noon), register(person("bob"), noon)

    def open_for(member, email):
        return members_actions.open_member_account(
            member_id=member.id, email=email, password="wonder land 7", at=noon, actor="test"
        )

    account = open_for(ann, "Ann@Example.com")
    assert account == open_for(ann, "other@example.com") and Account.objects.count() == 1
    assert (account.email, account.name, account.language, account.is_staff) == (
        "ann@example.com",
        "Ann",
        "zh-hans",
        False,
    )
    assert account.check_password("wonder land 7")
    found = members_queries.find_of_account(account.id)
    assert found and found.id == ann.id
    with pytest.raises(IntegrityError), transaction.atomic():
        open_for(bob, "ANN@example.com")
    bob.refresh_from_db()
    assert bob.account is None and Account.objects.count() == 1


def test_a_person_of_the_staff_gets_one_log_in_with_roles(noon):
    def open_for(email, roles, password="a pass phrase"):
        return members_actions.open_staff_account(
            email=email, name="Sam", password=password, roles=roles, at=noon, actor="test"
        )

    sam = open_for("sam@example.com", [StaffRole.AGENT, StaffRole.AUDITOR])
    assert (sam.is_staff, sam.is_superuser, sam.roles) == (True, False, ["agent", "auditor"])
    again = open_for("SAM@example.com", [StaffRole.ADMIN], "another")
    assert again == sam and again.roles == ["agent", "auditor"] and again.check_password("a pass phrase")
    assert members_queries.find_of_account(sam.id) is None
    assert members_queries.staff_names([sam.id, 0]) == {sam.id: "Sam"}
    root = Account.objects.create_superuser("root@example.com", None)
    assert root.roles == ["admin"] and not root.has_usable_password()


def test_a_birthday_is_changed_once_a_year(noon):
    """Stating it first is no change; within a year of one, nothing of the row is taken over."""
    new = person("ann")
    register(new, noon)

    def state(birthday, at, **rest):
        known = next(iter(members_queries.find_people(new.identities).values()))
        return members_actions.complete(
            person=known, new=dataclasses.replace(new, birthday=birthday, **rest), at=at, actor="test"
        )

    first, second, third = dt.date(1990, 3, 5), dt.date(1990, 3, 12), dt.date(1990, 4, 1)
    year = dt.timedelta(days=365)
    assert state(first, noon) and state(second, noon) and not state(second, noon + dt.timedelta(days=1))
    with pytest.raises(members_actions.BirthdayChangedLately):
        state(third, noon + year - dt.timedelta(days=1), region="Berlin")
    assert Member.objects.values_list("birthday", "region").get() == (second, "")
    assert state(third, noon + year)
    assert Member.objects.get().birthday == third


def test_answers_of_many_are_kept_at_once(noon):
    """Each as consent keeps it; whoever gave none has none."""
    ann, bob = register(person("ann"), noon), register(person("bob"), noon)
    yes = ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=True, text="May we?")
    no = ConsentGiven(Channel.SMS, Purpose.MARKETING, given=False, text="May we?")
    members_actions.consent_many(answers={ann.id: [yes, no], bob.id: []}, at=noon, actor="test")
    assert [(one.channel, one.given) for one in members_queries.consents_in_force(ann.id)] == [
        ("email", True),
        ("sms", False),
    ]
    assert members_queries.consents_in_force(bob.id) == []
