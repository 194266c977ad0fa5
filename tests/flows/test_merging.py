"""Two memberships become one and two again: books that add up, tiers on both, and what cannot be undone said."""

import datetime as dt
import threading
import time
import uuid
from decimal import Decimal

import pytest
from django.db import connection

from benefits import actions as benefits_actions
from kit.models import AuditRow
from members import actions as members_actions
from members import queries as members_queries
from members.actions import CannotMerge, CannotUnmerge, ConsentGiven
from members.enums import Channel, MemberStatus, Purpose
from members.models import Consent, Member, Merge, Tag
from members.queries import merging as merges
from members.rules import MemberReference
from membership_site.flows import member_erased, member_merged, nightly, proof, reward_redeemed
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries
from messaging.models import Message, TopicChoice
from orders.models import Order, SpendMovement
from points import actions as points_actions
from points import queries as points_queries
from points.enums import EntryKind, Wallet
from points.models import Entry, Lot
from tests.benefits.shelf import coupon, redeem, reward
from tests.conftest import enrol
from tests.flows.shop import DAY, give_back, place
from tests.kit.threads import kinds, overlapping, together
from tiers.models import Standing

ANN, BOB = MemberReference(external_id="c-ann"), MemberReference(external_id="c-bob")


def merge(survivor, merged, at, **rest):
    """Will merge the second into the first."""
    sent = {"reason": "The same person at the till", "form_key": uuid.uuid4(), "actor": "staff:1"} | rest
    return member_merged.merge(survivor_id=survivor.id, merged_id=merged.id, at=at, **sent)


def unmerge(merge_id, at):
    """Will undo it."""
    return member_merged.unmerge(merge_id=merge_id, reason="Two people after all", at=at, actor="staff:1")


def lots(member, wallet=Wallet.POINTS):
    """What a member holds, lot by lot."""
    rows = Lot.objects.filter(member=member, wallet=wallet).order_by("expires_on", "active_on")
    return [(row.active_on, row.expires_on, row.points) for row in rows]


def spent(member):
    """What counts of a member's spend, by date."""
    found = {}
    for row in SpendMovement.objects.filter(member=member):
        spend, orders = found.get(row.counts_on, (Decimal(0), 0))
        found[row.counts_on] = spend + row.spend, orders + row.orders
    return {date: sums for date, sums in found.items() if sums != (0, 0)}


def tier(member):
    """The code of the tier held."""
    return Standing.objects.select_related("tier").get(member=member).tier.code


@pytest.fixture
def pair(join, noon):
    """Ann and Bob, each half-way to Silver, with points of different dates."""
    ann = join("ann", at=noon - 100 * DAY, reward=True)
    bob = join("bob", at=noon - 90 * DAY, reward=True)
    place("A1", ["600"], noon - 60 * DAY, who=ANN)
    place("B1", ["300", "300"], noon - 30 * DAY, who=BOB)
    place("B2", ["50"], noon - DAY, who=BOB)
    return ann, bob


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_the_survivor_has_both_and_the_tier_of_both(pair, noon):
    ann, bob = pair
    held = {}
    for active_on, expires_on, points in [*lots(ann), *lots(bob)]:
        held[active_on, expires_on] = held.get((active_on, expires_on), 0) + points
    before = {**spent(bob)}
    assert tier(ann) == "member"
    foreseen = member_merged.preview(survivor_id=ann.id, merged_id=bob.id, at=noon)
    assert Member.objects.get(id=bob.id).status == MemberStatus.ACTIVE and not Merge.objects.exists()
    done = merge(ann, bob, noon)
    for name in ("profile", "carried", "spent", "benefits", "before", "after", "tier_before", "tier_after"):
        assert getattr(foreseen, name) == getattr(done, name), name
    assert {(active, expires): points for active, expires, points in lots(ann)} == held
    assert lots(bob) == [] and spent(bob) == {} and lots(bob, Wallet.GROWTH) == []
    assert spent(ann) == {**before, (noon - 60 * DAY).date(): (Decimal(600), 1)}
    assert tier(ann) == done.tier_after == "silver"
    assert Entry.objects.filter(kind=EntryKind.TRANSFER, wallet="points").count() == 2
    assert list(proof.violations()) == []
    assert AuditRow.objects.filter(deed="member.merged").count() == 2


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_everything_leads_to_the_survivor(pair, noon):
    ann, bob = pair
    merge(ann, bob, noon)
    assert members_queries.get_member(bob.number).id == ann.id
    assert members_queries.find_member(MemberReference(anything=bob.number)).id == ann.id
    assert members_queries.find_member(MemberReference(email="bob@example.com")).id == ann.id
    assert members_queries.ids_of_numbers([bob.number])[bob.number][0] == ann.id
    assert members_queries.find_exactly(bob.number).id == bob.id
    answer = place("B3", ["10"], noon, who=BOB)
    assert answer.member_number == ann.number
    account = members_actions.open_member_account(
        member_id=bob.id, email="bob@example.com", password="a-long-password", at=noon, actor="test"
    )
    assert members_queries.find_of_account(account.id).id == ann.id
    assert account.id in members_queries.log_ins_of(ann.id)


@pytest.mark.django_db
def test_answers_on_topics_go_over_and_come_back(pair, noon):
    ann, bob = pair
    said = [(ann, "news", False, 9), (bob, "news", True, 8), (bob, "news", False, 7), (bob, "news", True, 6)]
    said += [(bob, "gifts", False, 5), (ann, "sale", False, 3), (bob, "sale", True, 4), (bob, "tea", False, 2)]
    TopicChoice.objects.bulk_create(
        TopicChoice(member=who, channel="email", topic=topic, wanted=wanted, at=noon - days * DAY, actor="member")
        for who, topic, wanted, days in said
    )
    done = merge(ann, bob, noon)
    both = {"merged_id": bob.id, "survivor_id": ann.id, "actor": "test"}
    assert messaging_actions.carry_over(**both, at=noon) == 0
    assert answers(ann) == {"news": True, "gifts": False, "sale": False, "tea": False}
    TopicChoice.objects.create(member=ann, channel="email", topic="tea", wanted=True, at=noon + DAY, actor="member")
    unmerge(done.merge_id, noon + 2 * DAY)
    assert answers(ann) == {"news": False, "gifts": True, "sale": False, "tea": True}
    assert answers(bob) == {"news": True, "gifts": False, "sale": True, "tea": True}
    again = messaging_actions.give_back(**both, since=noon + 2 * DAY, at=noon + 3 * DAY)
    assert again == 0


def answers(member):
    """What a member says of each topic."""
    rows = TopicChoice.objects.filter(member=member).order_by("at", "id")
    return dict(rows.values_list("topic", "wanted"))


@pytest.mark.django_db
def test_a_link_in_an_old_message_ends_what_the_survivor_gets(pair, noon):
    ann, bob = pair
    message = Message.objects.create(
        member=bob, channel="email", source_key="m", purpose="service", values={}, due_at=noon
    )
    merge(ann, bob, noon)
    assert messaging_queries.find_linked(message.token).member_id == ann.id
    ended = messaging_actions.unsubscribe(token=message.token, text="No more.", at=noon + DAY, actor="link")
    assert (ended.member_id, ended.is_new) == (ann.id, True)
    [said] = members_queries.consents_in_force(ann.id)
    assert (said.channel, said.given) == ("email", False)


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_a_return_of_an_old_order_takes_from_the_survivor(pair, noon):
    ann, bob = pair
    merge(ann, bob, noon)
    held, growth = points_queries.get_balance(ann.id, noon), sum(row[2] for row in lots(ann, Wallet.GROWTH))
    answer = give_back("B1", "R1", {"1": 1}, noon + DAY)
    after = points_queries.get_balance(ann.id, noon + DAY)
    assert held.available + held.pending - after.available - after.pending == 300
    assert sum(row[2] for row in lots(ann, Wallet.GROWTH)) < growth
    assert lots(bob) == [] and spent(bob) == {} and answer.outcome
    assert list(proof.violations()) == []
    points_actions.credit(
        member_id=bob.id, wallet=Wallet.POINTS, source_key="late", points=7, lot=(noon.date(), noon.date() + 9 * DAY),
        explanation=[{"code": "sign_up", "points": 7}], policy_id=points_queries.policy_on(noon.date()).id,
        at=noon + DAY, actor="test",
    )  # fmt: skip
    nightly.run_step(name="carry_over_merged", as_of=(noon + DAY).date())
    assert lots(bob) == [] and points_queries.merged_with_something() == []


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_undoing_gives_back_what_is_still_there(pair, noon):
    ann, bob = pair
    before = lots(ann), lots(bob), spent(ann), spent(bob), lots(bob, Wallet.GROWTH)
    done = merge(ann, bob, noon)
    foreseen = member_merged.preview_undo(merge_id=done.merge_id, at=noon + DAY)
    undone = unmerge(done.merge_id, noon + DAY)
    assert foreseen == undone and undone.points.points_kept == 0
    assert (lots(ann), lots(bob), spent(ann), spent(bob), lots(bob, Wallet.GROWTH)) == before
    assert members_queries.get_member(bob.number).id == bob.id
    assert members_queries.find_member(BOB).id == bob.id
    with pytest.raises(CannotUnmerge) as refused:
        unmerge(done.merge_id, noon + DAY)
    assert refused.value.code == "undone"
    assert list(proof.violations()) == []
    again = merge(ann, bob, noon + 2 * DAY)
    assert again.carried.points == done.carried.points


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_what_was_used_meanwhile_is_said(pair, noon):
    ann, bob = pair
    done = merge(ann, bob, noon)
    held = points_queries.get_balance(ann.id, noon)
    points_actions.spend(
        member_id=ann.id, source_key="use", points=held.available, explanation=[{"code": "redemption"}],
        policy_id=points_queries.policy_on(noon.date()).id, at=noon, actor="test",
    )  # fmt: skip
    undone = unmerge(done.merge_id, noon + DAY)
    assert undone.points.points + undone.points.points_kept == done.carried.points
    assert undone.points.points_kept > 0
    assert list(proof.violations()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
@pytest.mark.parametrize("debtor", ["ann", "bob"])
def test_a_debt_goes_over_and_back(join, give, noon, debtor):
    people = {name: join(name) for name in ("ann", "bob")}
    for name, who in (("ann", ANN), ("bob", BOB)):
        place(f"{name}1", ["100"], noon - 40 * DAY, who=who)
    policy = points_queries.policy_on(noon.date()).id
    held = points_queries.get_balance(people[debtor].id, noon).available
    points_actions.spend(
        member_id=people[debtor].id, source_key="use", points=held, explanation=[{"code": "redemption"}],
        policy_id=policy, at=noon, actor="test",
    )  # fmt: skip
    give_back(f"{debtor}1", "R", {"1": 1}, noon)
    assert points_queries.get_balance(people[debtor].id, noon).debt
    sums = [points_queries.get_balance(one.id, noon) for one in people.values()]
    worth = sum(one.available + one.pending - one.debt for one in sums)
    done = merge(people["ann"], people["bob"], noon)
    after = points_queries.get_balance(people["ann"].id, noon)
    assert after.available + after.pending - after.debt == worth
    assert list(proof.violations()) == []
    unmerge(done.merge_id, noon + DAY)
    sums = [points_queries.get_balance(one.id, noon + DAY) for one in people.values()]
    assert sum(one.available + one.pending - one.debt for one in sums) == worth
    assert list(proof.violations()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_tags_consents_and_gaps_go_over_and_the_latest_answer_wins(pair, noon):
    ann, bob = pair
    Member.objects.filter(id=bob.id).update(region="Wuhan", gender="f", attributes={"shoe": 38})
    members_actions.tag(member_id=ann.id, names=["both"], at=noon, actor="test")
    members_actions.tag(member_id=bob.id, names=["both", "bobs"], at=noon, actor="test")

    def answer(member, given, at, channel=Channel.EMAIL):
        members_actions.consent(
            member_id=member.id, at=at, actor="member",
            answers=[ConsentGiven(channel, Purpose.MARKETING, given, "May we write?")],
        )  # fmt: skip

    answer(ann, True, noon - 9 * DAY)
    answer(bob, False, noon - 8 * DAY)
    answer(bob, True, noon - 8 * DAY, Channel.SMS)
    done = merge(ann, bob, noon)

    def in_force(member):
        return {one.channel: one.given for one in members_queries.consents_in_force(member.id)}

    assert in_force(ann) == {"email": False, "sms": True}
    profile = members_queries.get_profile(ann.id)
    assert (profile.region, profile.gender, profile.attributes) == ("Wuhan", "f", {"shoe": 38})
    assert profile.tags == ("bobs", "both") and not Tag.objects.filter(member=bob).exists()
    answer(ann, False, noon + DAY, Channel.SMS)
    unmerge(done.merge_id, noon + 2 * DAY)
    assert in_force(ann) == {"email": True, "sms": False} and in_force(bob) == {"email": False, "sms": False}
    profile = members_queries.get_profile(ann.id)
    assert (profile.region, profile.attributes, profile.tags) == ("", {}, ("both",))
    assert members_queries.get_profile(bob.id).tags == ("bobs", "both")
    assert Consent.objects.filter(member=bob).count() == 3


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_a_chain_leads_to_its_end_and_comes_apart_from_there(pair, join, noon):
    ann, bob = pair
    cid = join("cid")
    first, second = merge(ann, bob, noon), merge(cid, ann, noon + DAY)
    assert members_queries.get_member(bob.number).id == cid.id
    give_back("B1", "R1", {"1": 1}, noon + 2 * DAY)
    assert lots(ann) == lots(bob) == [] and spent(ann) == {}
    with pytest.raises(CannotUnmerge) as refused:
        unmerge(first.merge_id, noon + 2 * DAY)
    assert refused.value.code == "merged_on"
    unmerge(second.merge_id, noon + 2 * DAY)
    assert members_queries.get_member(bob.number).id == ann.id
    assert merges.merged_into(ann.id) == [bob.id]
    unmerge(first.merge_id, noon + 3 * DAY)
    assert list(proof.violations()) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_a_reward_given_back_later_reaches_the_survivor(pair, give, noon):
    """At once, not in the night; a repeat changes nothing, what was never redeemed is refused."""
    ann, bob = pair
    give(bob.id, 3000, "rich", lot=(noon.date(), noon.date() + 300 * DAY))
    coupon(), reward("ten", "coupon", 1000)
    done = redeem(bob.id, "ten", "ten", at=noon)
    merge(ann, bob, noon)
    held = points_queries.get_balance(ann.id, noon).available
    back = {"member_id": bob.id, "redemption_id": done.id, "at": noon + DAY, "actor": "staff:1", "by_member": False}
    for _press in range(2):
        assert reward_redeemed.take_back(**back).state == "cancelled"
        assert points_queries.get_balance(ann.id, noon + DAY).available == held + 1000
    assert lots(bob) == []
    with pytest.raises(benefits_actions.NoRedemption):
        reward_redeemed.take_back(**back | {"redemption_id": uuid.uuid4()})
    assert list(proof.violations()) == []


@pytest.mark.django_db
def test_what_cannot_be_merged_is_refused_and_changes_nothing(pair, join, noon):
    ann, bob = pair
    key = uuid.uuid4()
    done = merge(ann, bob, noon, form_key=key)
    assert merge(ann, bob, noon, form_key=key).merge_id == done.merge_id
    cid, dan = join("cid"), join("dan")
    Member.objects.filter(id=dan.id).update(status=MemberStatus.BLOCKED)
    cases = [
        (ann, ann, {}, "same"),
        (cid, bob, {}, "merged"),
        (cid, dan, {}, "blocked"),
        (ann, cid, {"form_key": key}, "other_content"),
        (Member(id=0), cid, {}, "unknown"),
    ]
    for survivor, merged, rest, code in cases:
        with pytest.raises(CannotMerge) as refused:
            merge(survivor, merged, noon, **rest)
        assert refused.value.code == code
    with pytest.raises(CannotUnmerge) as late:
        unmerge(done.merge_id, noon + 31 * DAY)
    assert late.value.code == "too_late"
    assert Merge.objects.count() == 1


@pytest.mark.django_db
def test_suspects_are_found_and_told_apart(join, noon):
    ann, bob = join("ann"), join("bob")
    phones = [("phone", "+8613800138000"), ("phone", "13800138000")]
    for member, (kind, value) in zip((ann, bob), phones, strict=True):
        member.identities.create(kind=kind, value=value)
    cid, dan = join("c.i.d"), join("cid+news")
    Member.objects.filter(id__in=[cid.id, ann.id]).update(name="Chen Li", birthday=dt.date(1990, 2, 3))
    found = [(one.kind, one.first_id, one.second_id) for one in merges.list_suspects()]
    assert found == [("email", cid.id, dan.id), ("name", ann.id, cid.id), ("phone", ann.id, bob.id)]
    assert [one.kind for one in merges.list_suspects(after=found[1])] == ["phone"]
    for _press in range(2):
        members_actions.tell_apart(first_id=cid.id, second_id=ann.id, kind="name", at=noon, actor="staff:1")
    assert [one.kind for one in merges.list_suspects()] == ["email", "phone"]
    assert AuditRow.objects.filter(deed="member.told_apart").count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_merges_at_once_are_one(programme, noon):
    ann, bob = enrol("ann", reward=True), enrol("bob", reward=True)
    place("B1", ["300"], noon - 30 * DAY, who=BOB)
    deeds = [lambda: merge(ann, bob, noon)] * 4 + [lambda: merge(bob, ann, noon)] * 4
    answers = kinds(together(deeds))
    assert answers["Merged"] == 1 and answers["CannotMerge"] == 7
    assert list(proof.violations()) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["merge", "return"])
def test_a_merge_crosses_a_return(programme, noon, first):
    ann, bob = enrol("ann", reward=True), enrol("bob", reward=True)
    place("B1", ["300"], noon - 30 * DAY, who=BOB)
    deeds = {"merge": lambda: merge(ann, bob, noon), "return": lambda: give_back("B1", "R", {"1": 1}, noon)}
    second = next(name for name in deeds if name != first)
    answers = overlapping(deeds[first], deeds[second])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    nightly.run_step(name="carry_over_merged", as_of=noon.date())
    assert lots(bob) == [] and spent(ann) == spent(bob) == {}
    assert list(proof.violations()) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM points_balance WHERE debt > 0")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["erasure", "order"])
def test_a_merge_waits_for_what_has_begun_and_holds_nothing_that_it_needs(programme, noon, what):
    """All take orders, then wallets, then members: the other way round each would wait for the other."""
    ann, bob = enrol("ann"), enrol("bob")
    place("B1", ["300"], noon - DAY, who=BOB, status="placed")
    begun = threading.Event()

    def take_first() -> None:
        Order.objects.select_for_update().get(order_id="B1")
        if what == "erasure":
            points_actions.lock_wallets(member_ids=[bob.id], at=noon, actor="test")
        begun.set()
        time.sleep(0.4)

    def other():
        take_first()
        if what == "erasure":
            return member_erased.erase(member_id=bob.id, reason="", by_request=True, at=noon, actor="test")
        return place("B1", ["300"], noon - DAY, who=BOB, stated_at=noon)

    def second():
        begun.wait(30)
        return merge(ann, bob, noon)

    answers = kinds(together([other, second]))
    assert answers == ({"Erased": 1, "CannotMerge": 1} if what == "erasure" else {"OrderAnswer": 1, "Merged": 1})
    assert points_queries.get_balance(ann.id, noon).pending == (0 if what == "erasure" else 300)
    assert list(proof.violations()) == []
