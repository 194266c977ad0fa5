"""An erased member is nowhere to be found, the books add up, and a restored backup does not bring him back."""

import datetime as dt
import io
import json
import uuid
import zipfile

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection

from kit import audit
from kit.models import ApiKey, IdempotentCall, SavedView
from members import actions as members_actions
from members import queries as members_queries
from members.actions import AlreadyErased, ConsentGiven, NewMember, NotOpen
from members.actions.privacy import open_to_words
from members.enums import Channel, CodePurpose, ExportState, MemberStatus, Purpose
from members.models import Account, AddressCode, DataExport, Erasure, ErasureRequest, Member, OpenSession
from members.queries import privacy
from members.rules import MemberReference, email_identity, external_identity, phone_identity
from membership_site.flows import event_received, member_erased, member_exported, member_joined, nightly, proof
from messaging.models import InboxItem, Message, ProviderCall, PushSubscription, Suppression, Template, Trial
from orders.models import ShopEvent
from orders.rules import EventStatement
from points import actions as points_actions
from points import queries as points_queries
from points.enums import RequestState
from points.models import Adjustment
from tests.conftest import enrol
from tests.flows.shop import DAY, give_back, place
from tests.flows.test_merging import merge
from tests.kit.broken import breaks, refused, refuses_all_change, run
from tiers import actions as tiers_actions

WORDS = (
    "Zephyrine",
    "Quillfeather",
    "zq@quill.example",
    "8613812345678",
    "zq-external-77",
    "Hazelnut Lane",
    "1987-06-05",
)
WHO = MemberReference(external_id="zq-external-77")


@pytest.fixture
def person(programme, noon):
    """Somebody of whom there is something in every room."""
    identities = [email_identity("zq@quill.example"), phone_identity("+8613812345678")]
    new = NewMember(
        identities=[*identities, external_identity("web", "zq-external-77")],
        name="Zephyrine Quillfeather", birthday=dt.date(1987, 6, 5), gender="f", region="Hazelnut Lane",
        attributes={"street": "3 Hazelnut Lane"},
        consents=[ConsentGiven(Channel.EMAIL, Purpose.MARKETING, True, "May we write?")], tags=["friend of Zephyrine"],
    )  # fmt: skip
    member = member_joined.register(new=new, at=noon - 60 * DAY, actor="test")
    account = members_actions.open_member_account(
        member_id=member.id, email="zq@quill.example", password="a-long-password", at=noon, actor="test"
    )
    staff = Account.objects.create_user("staff@shop.example", is_staff=True, roles=["agent"], name="Agent Smith")
    place("Z1", ["120"], noon - 40 * DAY, who=WHO)
    give_back("Z1", "R1", {"1": 1}, noon - 39 * DAY)
    place("Z2", ["900"], noon - 20 * DAY, who=WHO)
    said = EventStatement("app", "e-1", "review", noon - 5 * DAY, {"text": "Zephyrine liked it", "stars": 5}, {})
    event_received.take_event(statement=said, reference=WHO, at=noon - 5 * DAY, actor="test")
    members_actions.write_note(
        member_id=member.id, text="Zephyrine called", form_key=uuid.uuid4(), at=noon, actor=f"staff:{staff.id}"
    )
    audit.record(
        at=noon,
        actor=f"staff:{staff.id}",
        deed="member.revealed",
        subject=f"member:{member.id}",
        reason="Zephyrine rang",
    )
    audit.record(at=noon, actor="api:1", deed="x", subject="order:1", becomes={"by": "zq@quill.example"})
    tiers_actions.open_challenge(member_id=member.id, seq=1, words="I am Quillfeather, why?", at=noon, actor="member")
    quote(member, noon)
    enters(member, account, noon)
    return Member.objects.get(id=member.id), account


def quote(member, noon):
    """Will let machines and messages speak of her."""
    key = ApiKey.objects.create(name="k", prefix="k", digest=b"k", created_at=noon)
    IdempotentCall.objects.create(
        api_key=key,
        key="zq-external-77",
        fingerprint=b"f",
        status=200,
        answer={"email": "zq@quill.example"},
        started_at=noon,
    )
    SavedView.objects.create(owner="staff:1", page="members", name="her", query="q=zq%40quill.example")
    message = Message.objects.create(
        member=member, channel="inbox", source_key="m", purpose="service", values={"name": "Zephyrine"}, due_at=noon,
        detail="to zq@quill.example",
    )  # fmt: skip
    InboxItem.objects.create(message=message, member=member, title="Dear Zephyrine", body="...", at=noon)
    message.events.create(kind="delivered", key="1", at=noon, detail={"to": "zq@quill.example"})
    message.answers.create(question="satisfaction", score=2, comment="Zephyrine waited", at=noon)
    staff = Account.objects.create_user("olga@staff.example", "a-long-password", is_staff=True)
    template = Template.objects.create(name="Hello", purpose="service", actor="test")
    Trial.objects.create(
        account=staff, template=template, member=member, parts={"text": "Dear Zephyrine"}, created_at=noon
    )
    ProviderCall.objects.create(provider="p", call_id="1", happening={"to": "zq@quill.example"}, received_at=noon)
    PushSubscription.objects.create(
        member=member, endpoint="https://push.example/zq-external-77", keys={}, created_at=noon
    )


def enters(member, account, noon):
    """Will let her have asked for codes, have entered, and have linked a log-in of elsewhere."""
    wishes = {"name": "Zephyrine Quillfeather"}
    for identity in (email_identity("zq@quill.example"), phone_identity("+8613812345678")):
        members_actions.make_code(identity=identity, purpose=CodePurpose.JOIN, wishes=wishes, at=noon, actor="test")
    members_actions.note_session(
        account_id=account.id, session_key="k1", device="Zephyrine’s telephone", at=noon, actor="test"
    )
    members_actions.link_login(member_id=member.id, provider="google", uid="zq-external-77-g", at=noon, actor="test")
    members_actions.open_invitations(member_id=member.id, at=noon, actor="test")


def found_anywhere(words=WORDS):
    """Every row of every table in which one of the words stands, in any column: (table, word)."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            for word in words:
                cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])
                if cursor.fetchone()[0]:
                    found.add((table, word))
    return found


def erase(member, at, **rest):
    """Will erase a member."""
    sent = {"reason": "", "by_request": True, "actor": "member"} | rest
    return member_erased.erase(member_id=member.id, at=at, **sent)


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
def test_nothing_of_the_person_is_found_afterwards(person, noon):
    member, account = person
    members_actions.request_export(member_id=member.id, reason="", at=noon, actor="member")
    assert member_exported.make_waiting(now=lambda: noon) == 1
    tables = {table for table, _ in found_anywhere()}
    assert {"members_member", "orders_shopevent", "kit_auditrow", "messaging_inboxitem", "tiers_challenge"} <= tables
    held = points_queries.get_balance(member.id, noon)
    foreseen = member_erased.preview(member_id=member.id, at=noon)
    assert found_anywhere() and not Erasure.objects.exists()
    done = erase(member, noon)
    assert foreseen == done and done.points == held.available + held.pending > 0 and done.coupons
    assert found_anywhere() == set()
    assert list(proof.violations()) == []
    after = points_queries.get_balance(member.id, noon)
    assert (after.available, after.pending) == (0, 0)
    assert Member.objects.get(id=member.id).status == MemberStatus.ERASED
    account.refresh_from_db()
    assert not account.is_active and not account.has_usable_password()
    assert not AddressCode.objects.exists() and not OpenSession.objects.exists()
    assert Member.objects.get(id=member.id).invite_code is None
    assert Suppression.objects.filter(cause="erased", marketing_only=True).count() == 2
    assert members_queries.find_member(WHO) is None
    give_back("Z2", "R2", {"1": 1}, noon + DAY)
    assert list(proof.violations()) == []


@pytest.mark.django_db
def test_one_who_enters_by_phone_alone_is_erased_too(join, noon):
    ann = join("ann")
    account_id = members_actions.open_own_account(member_id=ann.id, at=noon, actor="test")
    assert Account.objects.get(id=account_id).email is None
    erase(ann, noon)
    assert not Account.objects.get(id=account_id).is_active


@pytest.mark.django_db
def test_an_erasure_is_repeated_after_a_backup_is_restored(person, noon):
    member, _ = person
    kept = {name: getattr(member, name) for name in ("name", "birthday", "status", "account_id")}
    erase(member, noon)
    first = Erasure.objects.get(member=member).erased_at
    Account.objects.filter(id=kept["account_id"]).update(email="zq@quill.example")
    Member.objects.filter(id=member.id).update(**kept)
    member.identities.create(kind="email", value="zq@quill.example")
    assert privacy.undone_erasures() == [member.id]
    nightly.run_step(name="erase_members", as_of=(noon + DAY).date())
    assert found_anywhere() == set() and Erasure.objects.get(member=member).erased_at == first
    assert privacy.list_erasures() == [(member.id, first)]
    assert member_erased.replay(member_ids=[member.id, 10**9], at=noon + DAY, actor="command") == 1
    assert list(proof.violations()) == []


@pytest.mark.django_db
def test_whoever_was_merged_is_erased_too(person, noon):
    member, _ = person
    other = enrol("ann", reward=True)
    done = merge(other, member, noon)
    assert erase(other, noon + DAY).memberships == 2
    assert found_anywhere((*WORDS, "ann@example.com")) == set()
    assert list(proof.violations()) == []
    with pytest.raises(members_actions.CannotUnmerge):
        members_actions.unmerge(merge_id=done.merge_id, reason="x", at=noon + DAY, actor="staff:1")


@pytest.mark.django_db
def test_a_wish_has_two_weeks_and_can_be_withdrawn(person, noon):
    member, _ = person
    for _press in range(2):
        wish = members_actions.request_erasure(member_id=member.id, at=noon, actor="member")
    assert wish.due_on == dt.date(2026, 3, 17) and privacy.find_wish(member.id).due_on == wish.due_on
    assert privacy.due_erasures(dt.date(2026, 3, 16)) == []
    members_actions.cancel_erasure(member_id=member.id, at=noon + DAY, actor="member")
    with pytest.raises(NotOpen):
        members_actions.cancel_erasure(member_id=member.id, at=noon + DAY, actor="member")
    members_actions.request_erasure(member_id=member.id, at=noon, actor="member")
    nightly.run_step(name="erase_members", as_of=dt.date(2026, 3, 16))
    assert Member.objects.get(id=member.id).status == MemberStatus.ACTIVE
    nightly.run_step(name="erase_members", as_of=dt.date(2026, 3, 17))
    assert Member.objects.get(id=member.id).status == MemberStatus.ERASED
    assert privacy.find_wish(member.id) is None
    with pytest.raises(AlreadyErased):
        members_actions.request_erasure(member_id=member.id, at=noon, actor="member")


@pytest.mark.django_db
def test_words_are_emptied_by_an_erasure_and_by_nothing_else(person, noon):
    member, _ = person
    for table, column in [
        ("kit_auditrow", "reason"),
        ("tiers_decision", "reason"),
        ("messaging_messageevent", "detail"),
    ]:
        with refused(f"{table} is append-only: UPDATE is refused"):
            run(f"UPDATE {table} SET {column} = {column}")
    with refused("is kept as it was: UPDATE is refused"):
        run("UPDATE tiers_challenge SET words = 'x'")
    open_to_words()
    run("UPDATE tiers_challenge SET words = 'x'")
    for statement in (
        "UPDATE kit_auditrow SET actor = 'x'",
        "DELETE FROM kit_auditrow",
        "UPDATE points_entry SET actor = 'x'",
    ):
        with refused("is append-only"):
            run(statement)
    run("SELECT set_config('house.erasing', '', true)")
    erase(member, noon, reason="Asked by letter", by_request=False)
    run("SELECT set_config('house.erasing', '', true)")
    refuses_all_change("members_erasure")
    with breaks("members_erasure_pkey"):
        Erasure.objects.create(member=member, erased_at=noon, by_request=True, actor="x")


@pytest.mark.django_db
def test_a_copy_has_everything_in_both_forms_for_a_week(person, noon):
    member, _ = person
    export = members_actions.request_export(member_id=member.id, reason="", at=noon, actor="member")
    assert members_actions.request_export(member_id=member.id, reason="", at=noon, actor="member") == export
    assert member_exported.make_waiting(now=lambda: noon) == 1 and member_exported.make_waiting(now=lambda: noon) == 0
    content = privacy.find_content(export.id, member.id, "member", noon + 6 * DAY)
    archive = zipfile.ZipFile(io.BytesIO(content))
    data, page = json.loads(archive.read("data.json")), archive.read("data.html").decode()
    for word in ("Zephyrine Quillfeather", "zq@quill.example", "Zephyrine called", "Zephyrine liked it"):
        assert word in json.dumps(data, ensure_ascii=False) and word in page
    assert len(data["tables"]["points.Entry"]) >= 4 and "Your orders" in page and "a-long-password" not in page
    assert privacy.find_content(export.id, member.id, "staff:1", noon) is None
    assert privacy.find_content(export.id, member.id, "member", noon + 7 * DAY) is None
    nightly.run_step(name="end_exports", as_of=(noon + 7 * DAY).date())
    export.refresh_from_db()
    assert export.state == ExportState.GONE and export.content is None


@pytest.mark.django_db
def test_a_fault_closes_its_own_copy(person, noon, monkeypatch):
    member, _ = person
    export = members_actions.request_export(member_id=member.id, reason="", at=noon, actor="member")
    monkeypatch.setattr(member_exported, "pack", lambda *_: 1 / 0)
    assert member_exported.make_waiting(now=lambda: noon) == 0
    export.refresh_from_db()
    assert (export.state, export.error) == (ExportState.FAILED, "ZeroDivisionError")


def test_every_table_that_names_a_member_is_in_the_copy_or_left_out_with_a_reason():
    shown = {label for label, _ in member_exported.tables()} | set(member_exported.LEFT_OUT)
    for model in apps.get_models():
        if model._meta.app_label in member_exported.ROOMS:
            named = any(getattr(field, "related_model", None) is Member for field in model._meta.concrete_fields)
            assert not named or model._meta.label in shown, model._meta.label
    assert all(member_exported.LEFT_OUT.values())


@pytest.mark.django_db
def test_points_are_forfeited_once_and_not_by_who_has_no_wallet(person, noon):
    member, _ = person
    held = points_queries.get_balance(member.id, noon)
    assert points_actions.forfeit(member_id=member.id, at=noon, actor="x") == held.available + held.pending
    assert points_actions.forfeit(member_id=member.id, at=noon, actor="x") == 0
    assert points_actions.forfeit(member_id=0, at=noon, actor="x") == 0
    assert not ErasureRequest.objects.exists() and not DataExport.objects.exists()


@pytest.mark.django_db
def test_erasures_are_listed_and_replayed_by_command(person, noon, tmp_path):
    member, _ = person
    erase(member, noon)
    said = io.StringIO()
    call_command("list_erasures", stdout=said)
    assert said.getvalue().startswith(f"{member.id} 2026-03-03")
    (tmp_path / "kept.txt").write_text(said.getvalue() + "\n999999999 2026-01-01")
    call_command("replay_erasures", str(tmp_path / "kept.txt"), stdout=said)
    assert "erased=1" in said.getvalue()
    (tmp_path / "bad.txt").write_text("nobody")
    for name in ("bad.txt", "none.txt"):
        with pytest.raises(CommandError, match="Nobody was erased"):
            call_command("replay_erasures", str(tmp_path / name))


@pytest.mark.django_db
def test_what_waits_about_an_erased_member_ends_and_what_comes_to_him_later_is_let_go(person, noon):
    member, _ = person
    agent = Account.objects.get(email="staff@shop.example")
    asked = points_actions.request_adjustment(
        member_id=member.id, points=5000, reason="Goodwill", requested_by=agent.id, form_key=uuid.uuid4(), at=noon,
        actor=f"staff:{agent.id}",
    )  # fmt: skip
    referred = EventStatement("app", "e-2", "referral", noon, {"friend": "nobody@shop.example"}, {})
    event_received.take_event(statement=referred, reference=WHO, at=noon, actor="test")
    erase(member, noon)
    assert Adjustment.objects.get(id=asked.id).state == RequestState.WITHDRAWN
    assert not ShopEvent.objects.filter(booked_at=None).exists()
    place("Z3", ["50"], noon + DAY, who=MemberReference(number=member.number))
    assert points_queries.get_balance(member.id, noon + DAY).pending == 50
    [outcome] = nightly.run_step(name="erase_members", as_of=(noon + DAY).date())
    assert outcome.detail == {"forfeited": 1}
    assert points_queries.get_balance(member.id, noon + DAY).pending == 0
    assert nightly.run_step(name="erase_members", as_of=(noon + 2 * DAY).date())[0].detail == {}
    assert list(proof.violations()) == []


@pytest.mark.django_db
def test_open_sessions_end_with_the_membership_and_nobody_elses(person, noon):
    member, account = person
    other = Account.objects.create_user("other@shop.example")
    for key, who in (("hers", account), ("theirs", other)):
        Session.objects.create(session_key=key, session_data="", expire_date=noon + DAY)
        members_actions.note_session(account_id=who.id, session_key=key, device="", at=noon, actor="test")
    erase(member, noon)
    assert list(Session.objects.values_list("session_key", flat=True)) == ["theirs"]
    assert list(OpenSession.objects.values_list("session_key", flat=True)) == ["theirs"]
