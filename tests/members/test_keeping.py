"""Members' deeds of merging, notes, tags, copies and erasure, room by room's own: done, refused, repeated."""

import datetime as dt
import uuid

import pytest

from kit.models import AuditRow
from members import actions as members_actions
from members import queries as members_queries
from members import rules
from members.actions import BirthdayChangedLately, CannotMerge, NoteKept, NotYourNote
from members.enums import ExportState, MemberStatus
from members.models import Account, DataExport, Erasure, ErasureRequest, Identity, Member, Merge, Note, NotTwice, Tag
from members.queries import entering, merging, privacy
from tests.kit.broken import breaks
from tests.members.people import person

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def ann(noon):
    return members_actions.register(new=person("ann", tags=["vip"]), joined_at=noon, at=noon, actor="test")


@pytest.fixture
def bob(noon):
    return members_actions.register(new=person("bob", tags=["tea"]), joined_at=noon, at=noon, actor="test")


@pytest.fixture
def staff(db):
    return Account.objects.create_user("s@shop.example", is_staff=True, roles=["agent"], name="Sam")


def merge(survivor, merged, at, **rest):
    """Will merge the members' side of two memberships."""
    sent = {"reason": "one person", "form_key": uuid.uuid4(), "at": at, "actor": "staff:1"} | rest
    return members_actions.merge(survivor_id=survivor.id, merged_id=merged.id, **sent)


def test_who_is_not_verified_is_nobody_to_merge(ann, bob, noon):
    Member.objects.filter(id=bob.id).update(status=MemberStatus.PENDING)
    for survivor, merged in ((ann, bob), (bob, ann)):
        with pytest.raises(CannotMerge) as refused:
            merge(survivor, merged, noon)
        assert refused.value.code == "not_verified"


def test_friends_of_who_was_merged_join_by_the_survivor(ann, bob, noon):
    code = members_actions.open_invitations(member_id=bob.id, at=noon, actor="test")
    merge(ann, bob, noon)
    assert entering.find_inviter(code) == ann.id


def test_a_merge_has_rounds_and_remembers_what_went_over(ann, bob, noon):
    row, is_new = merge(ann, bob, noon)
    assert is_new and merge(ann, bob, noon, form_key=row.form_key) == (row, False)
    for number in (1, 2):
        begun = members_actions.begin_round(merged_id=bob.id, at=noon, actor="test")
        assert begun == (ann.id, row.id, f"merge:{row.id}:{number}")
    assert members_actions.begin_round(merged_id=ann.id, at=noon, actor="test") is None
    members_actions.note_benefits(merge_id=row.id, coupons=[1], entitlements=[2], at=noon, actor="test")
    members_actions.note_benefits(merge_id=row.id, coupons=[3], entitlements=[], at=noon, actor="test")
    moved = merging.moved_with(row.id)
    assert (moved.coupons, moved.entitlements, moved.identities, moved.tags) == ((1, 3), (2,), 2, ("tea",))
    assert merging.find_merge(row.id).merged == bob.number and merging.list_merges(ann.id)[0].undo_until == dt.date(
        2026, 4, 2
    )
    members_actions.request_erasure(member_id=ann.id, at=noon, actor="member")
    cid = members_actions.register(new=person("cid"), joined_at=noon, at=noon, actor="test")
    with pytest.raises(CannotMerge) as refused:
        merge(ann, cid, noon)
    assert refused.value.code == "asked_to_be_erased"


def test_a_merge_can_be_undone_for_thirty_days():
    assert rules.may_undo_merge(dt.date(2026, 3, 3), dt.date(2026, 4, 2))
    assert not rules.may_undo_merge(dt.date(2026, 3, 3), dt.date(2026, 4, 3))


def test_notes_are_the_staffs_and_edited_within_a_day(ann, staff, noon):
    actor, key = f"staff:{staff.id}", uuid.uuid4()
    note = members_actions.write_note(member_id=ann.id, text="a", form_key=key, at=noon, actor=actor)
    assert members_actions.write_note(member_id=ann.id, text="b", form_key=key, at=noon, actor=actor) == note
    members_actions.edit_note(note_id=note.id, text="c", at=noon + DAY / 2, actor=actor)
    assert privacy.list_notes(ann.id, staff.id, noon)[0].text == "c"
    for refused, at, who in (
        (NotYourNote, noon, "staff:999999"),
        (NotYourNote, noon, "member"),
        (NoteKept, noon + DAY, actor),
    ):
        with pytest.raises(refused):
            members_actions.edit_note(note_id=note.id, text="d", at=at, actor=who)
    assert Note.objects.get().text == "c" and not privacy.list_notes(ann.id, 0, noon)[0].may_edit


def test_tags_are_put_and_taken_in_sets(ann, bob, noon):
    both = [ann.id, bob.id, 10**9]
    assert members_actions.put_tags(member_ids=both, name="tea", at=noon, actor="staff:1") == [ann.id]
    assert members_actions.put_tags(member_ids=both, name="tea", at=noon, actor="staff:1") == []
    assert members_actions.take_tags(member_ids=both, name="tea", at=noon, actor="staff:1") == [ann.id, bob.id]
    assert members_actions.take_tags(member_ids=both, name="tea", at=noon, actor="staff:1") == []
    assert AuditRow.objects.filter(deed__in=["member.tagged", "member.untagged"]).count() == 3
    assert members_queries.traits_of(ann.id).tags == ("vip",)


def test_a_profile_is_edited_and_a_birthday_once_a_year(ann, noon):
    def edit(at=noon, **stated):
        return members_actions.edit_profile(member_id=ann.id, stated=stated, at=at, actor="member")

    assert edit(birthday=dt.date(1990, 1, 1), region="Xi'an", number="M1") == ("birthday", "region")
    assert edit(birthday=dt.date(1990, 1, 1)) == ()
    assert edit(birthday=dt.date(1991, 1, 1)) == ("birthday",)
    with pytest.raises(BirthdayChangedLately):
        edit(birthday=dt.date(1992, 1, 1), region="Wuhan")
    assert edit(at=noon + 365 * DAY, birthday=dt.date(1992, 1, 1)) == ("birthday",)
    assert members_queries.own_facts(ann.id)["region"] == "Xi'an"
    assert "1990" not in str(list(AuditRow.objects.values()))


def test_a_copy_is_kept_for_a_week(ann, noon):
    first = members_actions.request_export(member_id=ann.id, reason="", at=noon, actor="member")
    members_actions.finish_export(export_id=first.id, content=b"zip", at=noon, actor="worker")
    members_actions.finish_export(export_id=first.id, content=b"other", at=noon, actor="worker")
    assert privacy.find_content(first.id, ann.id, "member", noon) == b"zip"
    second = members_actions.request_export(member_id=ann.id, reason="", at=noon, actor="member")
    members_actions.fail_export(export_id=second.id, error="x", at=noon, actor="worker")
    assert [one.state for one in privacy.list_exports(ann.id, "member")] == [ExportState.FAILED, ExportState.DONE]
    assert members_actions.end_exports(at=noon + 7 * DAY - dt.timedelta(seconds=1), actor="night") == 0
    assert members_actions.end_exports(at=noon + 7 * DAY, actor="night") == 1
    assert members_actions.end_exports(at=noon + 7 * DAY, actor="night") == 0


def test_who_looks_is_noted_and_listed_and_an_erased_member_is_known_by_nothing(ann, staff, noon):
    actor = f"staff:{staff.id}"
    members_actions.note_access(member_id=ann.id, deed="member.export_fetched", reason="", at=noon, actor=actor)
    assert [one.actor for one in privacy.who_looked(ann.id)] == [actor] and privacy.roles_of([staff.id]) == {
        staff.id: ("agent",)
    }
    gone = members_actions.erase(member_id=ann.id, reason="", by_request=True, at=noon, actor="member")
    assert gone.member_ids == (ann.id,) and ("email", "ann@example.com") in gone.addresses
    members_actions.erase(member_id=ann.id, reason="", by_request=True, at=noon + DAY, actor="night")
    assert Erasure.objects.get().erased_at == noon and not Identity.objects.filter(member=ann).exists()
    assert privacy.existing([ann.id, 10**9]) == [ann.id] and privacy.log_ins_in([ann.id]) == []


def test_a_staffs_own_log_in_survives_his_erasure(ann, staff, noon):
    Member.objects.filter(id=ann.id).update(account=staff)
    members_actions.erase(member_id=ann.id, reason="", by_request=True, at=noon, actor="member")
    staff.refresh_from_db()
    assert staff.is_active and staff.email == "s@shop.example"


def test_the_database_keeps_merges(ann, bob, noon):
    row, _ = merge(ann, bob, noon)
    rest = {"reason": "x", "moved": {}, "merged_at": noon, "actor": "x"}
    with breaks("members_merge_one_open"):
        Merge.objects.create(survivor=ann, merged=bob, form_key=uuid.uuid4(), **rest)
    with breaks("members_merge_of_two"):
        Merge.objects.create(survivor=ann, merged=ann, form_key=uuid.uuid4(), **rest)
    with breaks("members_merge_undone_whole"):
        Merge.objects.update(undone_at=noon)
    with breaks("members_merge_form_key_key"):
        Merge.objects.create(survivor=bob, merged=ann, form_key=row.form_key, **rest)
    with breaks("members_member_merged_names_survivor"):
        Member.objects.filter(id=ann.id).update(status=MemberStatus.MERGED)
    with breaks("members_member_merged_names_survivor"):
        Member.objects.filter(id=bob.id).update(status=MemberStatus.ACTIVE)
    with breaks("members_member_not_merged_into_himself"):
        Member.objects.filter(id=bob.id).update(merged_into=bob)


def test_the_database_keeps_pairs_notes_and_wishes(ann, bob, staff, noon):
    NotTwice.objects.create(first=ann, second=bob, kind="name", at=noon, actor="x")
    with breaks("members_nottwice_once"):
        NotTwice.objects.create(first=ann, second=bob, kind="phone", at=noon, actor="x")
    with breaks("members_nottwice_in_order"):
        NotTwice.objects.create(first=bob, second=ann, kind="name", at=noon, actor="x")
    rest = {"member": ann, "author": staff, "written_at": noon}
    key = Note.objects.create(text="a", form_key=uuid.uuid4(), **rest).form_key
    with breaks("members_note_says_something"):
        Note.objects.create(text="", form_key=uuid.uuid4(), **rest)
    with breaks("members_note_edited_later"):
        Note.objects.update(edited_at=noon - DAY)
    with breaks("members_note_form_key_key"):
        Note.objects.create(text="a", form_key=key, **rest)
    wish = {"member": ann, "asked_at": noon, "due_on": noon.date(), "actor": "member"}
    ErasureRequest.objects.create(**wish)
    with breaks("members_erasurerequest_one_open"):
        ErasureRequest.objects.create(**wish)
    with breaks("members_erasurerequest_closed_once"):
        ErasureRequest.objects.update(cancelled_at=noon, done_at=noon)


def test_the_database_keeps_copies(ann, noon):
    rest = {"member": ann, "asked_at": noon, "actor": "member"}
    DataExport.objects.create(**rest)
    with breaks("members_dataexport_one_waiting"):
        DataExport.objects.create(**rest)
    with breaks("members_dataexport_there_when_done"):
        DataExport.objects.update(state=ExportState.DONE)
    with breaks("members_dataexport_there_when_done"):
        DataExport.objects.update(content=b"x")
    assert Tag.objects.exists()
