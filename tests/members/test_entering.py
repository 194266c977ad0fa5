"""Codes, joining, sessions and the staff's log-ins: each deed does, refuses, and repeats harmlessly."""

import datetime as dt
import uuid

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import transaction

from kit import clock
from kit.jobs import Night
from kit.models import AuditRow
from members import actions as members_actions
from members import jobs as members_jobs
from members import queries as members_queries
from members import rules
from members.enums import CodePurpose, CodeVerdict, MemberStatus, StaffChange, StaffRole
from members.models import Account, AddressCode, Consent, Identity, Member, OpenSession
from members.queries import entering
from members.rules import MemberReference, email_identity, phone_identity
from tests.kit.broken import breaks
from tests.members.people import person

pytestmark = pytest.mark.django_db

ANN = email_identity("ann@example.com")
CONSENTS = [("email", "marketing", True, "Yes, offers."), ("sms", "marketing", False, "No texts.")]
WISHES = {"name": "Ann", "language": "zh-hans", "password": "", "consents": CONSENTS}


def made(at, identity=ANN, purpose=CodePurpose.JOIN, wishes=WISHES):
    """A code for an address."""
    return members_actions.make_code(identity=identity, purpose=purpose, wishes=wishes, at=at, actor="t")


def tried(code, at, typed=None):
    """What becomes of a code that is typed."""
    return members_actions.try_code(ticket=code.ticket, code=typed or code.code, at=at, actor="t")


def wrong(code):
    """Another code than the right one."""
    return f"{(int(code.code) + 1) % 1_000_000:06d}"


@pytest.fixture
def waiting(noon):
    """Ann, whose address is not verified yet."""
    members_actions.await_member(identity=ANN, language="en", at=noon, actor="t")
    return Member.objects.get(status=MemberStatus.PENDING)


@pytest.fixture
def ann(noon):
    return members_actions.register(new=person("ann"), joined_at=noon, at=noon, actor="t")


@pytest.fixture
def ann_of_the_shop(noon):
    return members_actions.register(new=person("bob"), joined_at=noon, at=noon, actor="t")


def test_who_waits_is_known_to_nobody(waiting, noon):
    """Orders that name him park, a shop may register him, and a second try finds the same row."""
    members_actions.await_member(identity=ANN, language="en", at=noon, actor="t")
    assert Member.objects.count() == 1
    for reference in (MemberReference(email=ANN.value), MemberReference(anything=ANN.value)):
        assert members_queries.find_member(reference) is None
    assert members_queries.find_many([ANN.value], "") == {}
    registered = members_actions.register(new=person("ann"), joined_at=noon, at=noon, actor="t")
    waiting.refresh_from_db()
    assert waiting.status == MemberStatus.ERASED and not waiting.identities.exists()
    assert members_queries.find_member(MemberReference(email=ANN.value)).id == registered.id


def test_way_is_made_for_whom_the_shop_registers(waiting, ann_of_the_shop, noon):
    """Only where somebody waits: a member's address is nobody else's."""
    for _ in range(2):
        members_actions.make_way(identity=ANN, at=noon, actor="t")
        members_actions.make_way(identity=email_identity("bob@example.com"), at=noon, actor="t")
    waiting.refresh_from_db()
    ann_of_the_shop.refresh_from_db()
    assert (waiting.status, ann_of_the_shop.status) == (MemberStatus.ERASED, MemberStatus.ACTIVE)
    assert ann_of_the_shop.identities.count() == 2


def test_an_import_makes_who_waits_a_member(waiting, noon):
    known = members_queries.find_people([ANN])[ANN]
    members_actions.complete(person=known, new=person("ann"), at=noon, actor="t")
    waiting.refresh_from_db()
    assert waiting.status == MemberStatus.ACTIVE and waiting.name == "Ann"


def test_the_right_code_opens_once(waiting, noon):
    code = made(noon)
    assert (code.member_id, code.is_member) == (waiting.id, False)
    assert code.code not in repr(code) and len(code.code) == 6
    done = tried(code, noon)
    assert (done.verdict, done.member_id, done.was_verified) == (CodeVerdict.RIGHT, waiting.id, False)
    assert Identity.objects.get().verified_at == noon
    assert tried(code, noon).verdict == CodeVerdict.USED_UP
    assert bytes(AddressCode.objects.get().digest) != code.code.encode()


def test_wrong_codes_are_counted_and_late_ones_open_nothing(waiting, noon):
    code = made(noon)
    assert [tried(code, noon, wrong(code)).tries_left for _ in range(5)] == [4, 3, 2, 1, 0]
    assert tried(code, noon).verdict == CodeVerdict.USED_UP
    late = made(noon)
    assert tried(late, noon + dt.timedelta(minutes=10)).verdict == CodeVerdict.EXPIRED
    assert tried(late, noon + dt.timedelta(minutes=9, seconds=59)).verdict == CodeVerdict.RIGHT


def test_a_code_opens_for_its_ticket_alone(waiting, noon):
    """Who asked for another one cannot use it, and a code cannot be used without having asked."""
    mine, theirs = made(noon), made(noon)
    if mine.code != theirs.code:
        assert tried(mine, noon, theirs.code).verdict == CodeVerdict.WRONG
    nobodys = members_actions.try_code(ticket=uuid.uuid4(), code=mine.code, at=noon, actor="t")
    assert nobodys.verdict == CodeVerdict.EXPIRED and nobodys.member_id is None


@pytest.mark.parametrize("purpose", [CodePurpose.ENTER, CodePurpose.PASSWORD])
def test_decoys_answer_like_codes(waiting, noon, purpose):
    """For who waits, who is unknown, and who got five within the hour, tries are counted alike."""
    strangers = [made(noon, purpose=purpose), made(noon, phone_identity("+8613800138000"), purpose)]
    for code in strangers:
        assert code.member_id is None
        assert tried(code, noon).verdict == CodeVerdict.WRONG
        assert [tried(code, noon).tries_left for _ in range(4)] == [3, 2, 1, 0]
        assert tried(code, noon).verdict == CodeVerdict.USED_UP


def test_five_codes_an_hour(ann, noon):
    sent = [made(noon, purpose=CodePurpose.ENTER).member_id for _ in range(6)]
    assert sent == [ann.id] * 5 + [None]
    assert made(noon + dt.timedelta(minutes=59), purpose=CodePurpose.ENTER).member_id is None
    assert made(noon + dt.timedelta(minutes=61), purpose=CodePurpose.ENTER).member_id == ann.id


def test_a_code_proves_the_address_it_went_to(ann, noon):
    """Asked for by a second address that nobody verified, it goes to the first, and proves the first."""
    second = Identity.objects.create(member=ann, kind="email", value="old@example.com")
    Identity.objects.filter(member=ann, value=ANN.value).update(verified_at=noon)
    code = made(noon, email_identity("old@example.com"), CodePurpose.ENTER)
    assert AddressCode.objects.get(ticket=code.ticket).identity.value == ANN.value
    assert tried(code, noon).was_verified
    second.refresh_from_db()
    assert second.verified_at is None


def test_activation_happens_once_with_what_was_typed(waiting, noon):
    tried(made(noon), noon)
    hashed = members_actions.hashed(password="tea-and-biscuits", at=noon, actor="t")
    wishes = {**WISHES, "password": hashed}
    again = [members_actions.activate(member_id=waiting.id, wishes=wishes, at=noon, actor="t") for _ in range(2)]
    assert again == [True, False]
    waiting.refresh_from_db()
    assert (waiting.status, waiting.name, waiting.language) == ("active", "Ann", "zh-hans")
    assert waiting.account.email == "ann@example.com" and waiting.account.check_password("tea-and-biscuits")
    assert list(Consent.objects.values_list("channel", "given", "text").order_by("id")) == [
        ("email", True, "Yes, offers."),
        ("sms", False, "No texts."),
    ]
    assert entering.account_entered_by("Ann@Example.com") == waiting.account
    assert members_actions.hashed(password="", at=noon, actor="t") == ""


def test_who_joined_by_phone_has_a_log_in_without_an_address(noon):
    phone = phone_identity("+86 138 0013 8000")
    members_actions.await_member(identity=phone, language="en", at=noon, actor="t")
    tried(made(noon, phone), noon)
    member = Member.objects.get()
    members_actions.activate(member_id=member.id, wishes={}, at=noon, actor="t")
    account = entering.account_entered_by("+8613800138000")
    assert account.email is None and account == Member.objects.get().account and str(account)
    assert entering.account_entered_by("no address") is None and entering.account_entered_by("a@b.cd") is None


def test_an_own_account_is_opened_once_and_never_the_staffs(ann, noon):
    """A shop's clerk with the same address keeps his log-in; the member gets one without."""
    Account.objects.create_user("ann@example.com", is_staff=True, roles=["agent"])
    first = members_actions.open_own_account(member_id=ann.id, at=noon, actor="t")
    assert members_actions.open_own_account(member_id=ann.id, at=noon, actor="t") == first
    assert entering.find_account(first).email is None
    members_actions.set_password(account_id=first, password="tea-and-biscuits", at=noon, actor="t")
    assert entering.find_account(first).check_password("tea-and-biscuits")


def test_log_ins_of_elsewhere(ann, noon):
    def link(member, uid="7"):
        members_actions.link_login(member_id=member.id, provider="google", uid=uid, at=noon, actor="t")

    for _ in range(2):
        link(ann)
    assert entering.find_by_login("google", "7") == ann.id and entering.find_by_login("weibo", "7") is None
    assert members_queries.find_member(MemberReference(anything="7")) is None
    bob = members_actions.register(new=person("bob"), joined_at=noon, at=noon, actor="t")
    with pytest.raises(members_actions.LinkedToAnother):
        link(bob)
    [linked] = entering.linked_logins(ann.id)
    assert linked.provider == "google"
    members_actions.unlink_login(member_id=bob.id, identity_id=linked.id, at=noon, actor="t")
    assert entering.find_by_login("google", "7") == ann.id
    for _ in range(2):
        members_actions.unlink_login(member_id=ann.id, identity_id=linked.id, at=noon, actor="t")
    assert entering.find_by_login("google", "7") is None


def test_the_last_way_in_stays(ann, noon):
    members_actions.link_login(member_id=ann.id, provider="weixin", uid="7", at=noon, actor="t")
    ann.identities.filter(kind="email").delete()
    [linked] = entering.linked_logins(ann.id)
    with pytest.raises(members_actions.LastWayIn):
        members_actions.unlink_login(member_id=ann.id, identity_id=linked.id, at=noon, actor="t")
    members_actions.link_login(member_id=ann.id, provider="google", uid="8", at=noon, actor="t")
    members_actions.unlink_login(member_id=ann.id, identity_id=linked.id, at=noon, actor="t")
    assert [login.provider for login in entering.linked_logins(ann.id)] == ["google"]


def test_invitations_have_one_code_for_good(ann, noon):
    code = members_actions.open_invitations(member_id=ann.id, at=noon, actor="t")
    assert members_actions.open_invitations(member_id=ann.id, at=noon, actor="t") == code == rules.invite_code(code)
    assert entering.find_inviter(f" {code.lower()} ") == ann.id
    for nobody in ("", "x", "ABCDEFGH", code + "A", "0000000O"):
        assert entering.find_inviter(nobody) is None


def test_sessions_are_noted_and_ended(ann, noon):
    account_id = members_actions.open_own_account(member_id=ann.id, at=noon, actor="t")
    keys = []
    for _ in range(3):
        store = SessionStore()
        store.create()
        keys.append(store.session_key)
        members_actions.note_session(
            account_id=account_id, session_key=store.session_key, device="x" * 999, at=noon, actor="t"
        )
    members_actions.note_seen(session_key=keys[1], at=noon + dt.timedelta(hours=1), actor="t")
    rows = entering.sessions_of(account_id, keys[0])
    assert [row.is_this for row in rows] == [True, False, False] and rows[1].seen_at > noon
    stranger = Account.objects.create_user("bob@example.com").pk
    members_actions.end_session(account_id=stranger, session_id=rows[1].id, at=noon, actor="t")
    assert len(entering.sessions_of(account_id, keys[0])) == 3
    for _ in range(2):
        members_actions.end_session(account_id=account_id, session_id=rows[1].id, at=noon, actor="t")
    assert len(entering.sessions_of(account_id, keys[0])) == 2
    assert members_actions.end_sessions(account_id=account_id, but=keys[0], at=noon, actor="t") == 1
    assert list(Session.objects.values_list("session_key", flat=True)) == [keys[0]]


def test_the_night_clears_what_waited_in_vain(waiting, noon):
    made(noon)

    def clear(days):
        date = clock.business_date(noon) + dt.timedelta(days=days)
        [chunk] = members_jobs.clear_waiting(Night(date, slice_only=True, approved=None), 0)
        return chunk.detail

    assert clear(0) == {"codes": 0, "given_up": 0}
    assert clear(29) == {"codes": 1, "given_up": 0}
    assert clear(31) == {"codes": 0, "given_up": 1}
    assert clear(31) == {"codes": 0, "given_up": 0}
    waiting.refresh_from_db()
    assert waiting.status == MemberStatus.ERASED and not Identity.objects.exists()


def test_likeness():
    def one(*addresses, name="", birthday=None):
        return rules.Likeness(tuple(rules.address_identity(a) for a in addresses), name, birthday)

    born = dt.date(1990, 1, 1)
    assert rules.same_person(one("a@x.com"), one("b@x.com"), same_device=False) == ()
    assert rules.same_person(one("a.b+shop@gmail.com"), one("ab@googlemail.com"), same_device=False) == ("email",)
    assert rules.same_person(one("+8613800138000"), one("13800138000"), same_device=True) == ("phone", "device")
    alike = rules.same_person(one(name="Ann", birthday=born), one(name=" ann", birthday=born), same_device=False)
    assert alike == ("birthday_and_name",)
    assert rules.same_person(one(name="Ann"), one(name="Ann"), same_device=False) == ()


def test_addresses_are_masked():
    assert rules.masked(ANN) == "a•••@example.com"
    assert rules.masked(phone_identity("+8613800138000")) == "•••8000"


# ---- the staff


@pytest.fixture
def boss(db):
    return Account.objects.create_user("boss@example.com", "x", is_staff=True, roles=["admin"]).pk


def invited(at, email="eve@example.com", roles=(StaffRole.AGENT,)):
    return members_actions.invite_staff(email=email, name="Eve", roles=roles, at=at, actor="t")


def test_staff_is_invited_once(boss, noon):
    eve = invited(noon)
    row = entering.find_staff_row(eve)
    assert (row.roles, row.has_password, row.is_active) == (("agent",), False, True)
    with pytest.raises(members_actions.StaffKnown), transaction.atomic():
        invited(noon, "EVE@example.com")
    assert AuditRow.objects.filter(deed="staff.invited").count() == 1
    assert {row.id for row in entering.list_staff()} == {boss, eve} and entering.count_who_enter() == (2, 0)


def test_nobody_raises_himself_and_one_administrator_stays(boss, noon):
    eve = invited(noon)

    def roles(who, by, *wanted):
        members_actions.set_roles(account_id=who, roles=wanted, by=by, at=noon, actor="t")

    def switch(who, by, on):
        members_actions.switch_staff(account_id=who, is_active=on, by=by, at=noon, actor="t")

    for refused, because in (
        (lambda: roles(eve, eve, StaffRole.ADMIN), StaffChange.ONESELF),
        (lambda: switch(eve, eve, False), StaffChange.ONESELF),
        (lambda: roles(boss, eve, StaffRole.AGENT), StaffChange.LAST_ADMIN),
        (lambda: switch(boss, eve, False), StaffChange.LAST_ADMIN),
    ):
        with pytest.raises(members_actions.ChangeRefused) as refusal:
            refused()
        assert refusal.value.because == because
    for _ in range(2):
        roles(eve, boss, StaffRole.ADMIN, StaffRole.AGENT)
    roles(boss, eve, StaffRole.AUDITOR)
    assert entering.find_staff_row(boss).roles == ("auditor",)
    assert AuditRow.objects.filter(deed="staff.roles").count() == 2
    roles(boss, eve, StaffRole.ADMIN)
    for on in (False, False, True):
        switch(eve, boss, on)
    assert AuditRow.objects.filter(deed__in=["staff.deactivated", "staff.let_in"]).count() == 2


def test_the_first_administrator_is_the_first(noon):
    assert not entering.has_staff()
    first = members_actions.open_first_admin(email="A@b.cd", name="A", password="x", at=noon, actor="t")
    assert entering.find_staff_row(first).roles == ("admin",) and entering.has_staff()
    with pytest.raises(members_actions.SetUpAlready):
        members_actions.open_first_admin(email="b@b.cd", name="B", password="x", at=noon, actor="t")


# ---- what the database promises


def test_promises(waiting, noon):
    with breaks("members_account_staff_have_an_address"):
        Account.objects.create_user(None, is_staff=True)
    code = made(noon)
    row = AddressCode.objects.get(ticket=code.ticket)
    with breaks("members_addresscode_tries_limited"):
        AddressCode.objects.filter(id=row.id).update(tries=6)
    with breaks("members_addresscode_purpose_known"):
        AddressCode.objects.filter(id=row.id).update(purpose="fun")
    with breaks("members_addresscode_decoys_open_nothing"):
        AddressCode.objects.filter(id=row.id).update(identity=None, used_at=noon)
    with breaks("members_addresscode_ticket_key"):
        AddressCode.objects.create(ticket=row.ticket, purpose="join", digest=b"", created_at=noon, expires_at=noon)
    account = Account.objects.create_user("x@example.com")
    OpenSession.objects.create(account=account, session_key="k", opened_at=noon, seen_at=noon)
    with breaks("members_opensession_session_key_key"):
        OpenSession.objects.create(account=account, session_key="k", opened_at=noon, seen_at=noon)
    Member.objects.filter(id=waiting.id).update(invite_code="AAAAAAAA")
    with breaks("members_member_invite_code"):
        Member.objects.create(number="M2", invite_code="AAAAAAAA")
