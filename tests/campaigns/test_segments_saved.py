"""Segments and lists as they are kept: versions, names, sharing, circles, files, and what the database refuses."""

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import translation

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.models import Campaign, ListedMember, Segment, SegmentVersion
from campaigns.rules.segments import EVERYBODY, SEGMENT, Tree, tree_from
from kit.files import UnreadableFile
from kit.models import AuditRow
from members.models import Account, Member
from membership_site import formats

pytestmark = pytest.mark.django_db

Join = Callable[..., Member]
FIELDS = campaigns_queries.segment_fields()


def asks(field: str, operator: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values), **more}


def tree(*parts: dict[str, Any]) -> Tree:
    return tree_from({"all": list(parts)}, FIELDS)


GOLD = asks("tiers.tier", "is", "gold")
QUIET = asks("orders.last", "at_least", "45")


@pytest.fixture
def deed(noon: dt.datetime) -> dict[str, Any]:
    return {"at": noon, "actor": "staff:1"}


@pytest.fixture
def gold(owner: Account, deed: dict[str, Any]) -> int:
    return campaigns_actions.create_segment(name="Gold", tree=tree(GOLD), owner_id=owner.id, **deed)


def deeds_of(segment_id: int) -> list[str]:
    rows = AuditRow.objects.filter(subject=f"segment:{segment_id}").order_by("id")
    return list(rows.values_list("deed", flat=True))


def test_a_segment_gets_a_version_where_it_asks_something_else(gold: int, owner: Account, deed: dict[str, Any]) -> None:
    save = campaigns_actions.save_segment
    assert save(segment_id=gold, tree=tree(GOLD), seen=1, **deed) == 1, "the same question is the same version"
    assert save(segment_id=gold, tree=tree(QUIET, GOLD), seen=1, **deed) == 2
    assert save(segment_id=gold, tree=tree(GOLD, QUIET), seen=1, **deed) == 2, "a repeat of what is there"
    with pytest.raises(campaigns_actions.SegmentChanged):
        save(segment_id=gold, tree=tree(QUIET), seen=1, **deed)
    with pytest.raises(campaigns_actions.UnknownSegment):
        save(segment_id=gold + 99, tree=tree(QUIET), seen=0, **deed)
    assert [version.number for version in campaigns_queries.versions_of(gold)] == [2, 1]
    assert deeds_of(gold) == ["segment.created", "segment.saved"]
    row = campaigns_queries.find_segment(gold, owner.id)
    assert row is not None
    assert (row.version, row.name, row.tree) == (2, "Gold", tree_from({"all": [QUIET, GOLD]}, FIELDS))


def test_names_sharing_and_copies(gold: int, owner: Account, deed: dict[str, Any]) -> None:
    other = Account.objects.create(email="other@staff.example", is_staff=True)
    assert campaigns_queries.find_segment(gold, other.id) is None
    for _ in range(2):
        campaigns_actions.share_segment(segment_id=gold, is_shared=True, **deed)
    assert [row.id for row in campaigns_queries.segments_for(other.id)] == [gold]
    with pytest.raises(campaigns_actions.SegmentNameTaken):
        campaigns_actions.create_segment(name="Gold", tree=EVERYBODY, owner_id=owner.id, **deed)
    copied = campaigns_actions.copy_segment(segment_id=gold, name="Gold", owner_id=other.id, **deed)
    found = campaigns_queries.find_segment(copied, other.id)
    assert found is not None
    assert found.tree == tree(GOLD)
    with pytest.raises(campaigns_actions.SegmentNameTaken):
        campaigns_actions.copy_segment(segment_id=gold, name="Gold", owner_id=other.id, **deed)
    for _ in range(2):
        campaigns_actions.rename_segment(segment_id=gold, name="Goldish", **deed)
    again = campaigns_actions.create_segment(name="Gold", tree=EVERYBODY, owner_id=owner.id, **deed)
    with pytest.raises(campaigns_actions.SegmentNameTaken):
        campaigns_actions.rename_segment(segment_id=again, name="Goldish", **deed)
    campaigns_actions.note_export(segment_id=gold, **deed)
    assert deeds_of(gold) == ["segment.created", "segment.shared", "segment.renamed", "segment.exported"]


def test_a_segment_that_is_asked_is_not_put_away(
    gold: int, owner: Account, deed: dict[str, Any], noon: dt.datetime
) -> None:
    inside = tree_from(asks(SEGMENT, "yes", str(gold)), FIELDS)
    user = campaigns_actions.create_segment(name="User", tree=inside, owner_id=owner.id, **deed)
    plan = {"who": {"all": [asks(SEGMENT, "no", str(gold))]}}
    campaign = Campaign.objects.create(name="May", kind="once", plan=plan, digest="x", author=owner, changed_at=noon)
    used = campaigns_queries.used_by(gold, noon)
    assert (used.campaigns, used.segments) == (((campaign.id, "May"),), ((user, "User"),))
    with pytest.raises(campaigns_actions.SegmentInUse, match="May, User"):
        campaigns_actions.archive_segment(segment_id=gold, **deed)
    Campaign.objects.update(state="finished")
    campaigns_actions.archive_segment(segment_id=user, **deed)
    for _ in range(2):
        campaigns_actions.archive_segment(segment_id=gold, **deed)
    assert campaigns_queries.segments_for(owner.id) == []
    assert {row.id for row in campaigns_queries.segments_for(owner.id, archived=True)} == {gold, user}
    campaigns_actions.create_segment(name="Gold", tree=EVERYBODY, owner_id=owner.id, **deed)


def test_a_segment_never_asks_itself(gold: int, owner: Account, deed: dict[str, Any]) -> None:
    inside = tree_from(asks(SEGMENT, "yes", str(gold)), FIELDS)
    second = campaigns_actions.create_segment(name="Second", tree=inside, owner_id=owner.id, **deed)
    for number in (gold, second):
        circle = tree(asks(SEGMENT, "no", str(number)), GOLD)
        with pytest.raises(campaigns_actions.GoesRound):
            campaigns_actions.save_segment(segment_id=gold, tree=circle, seen=1, **deed)
    assert campaigns_queries.versions_of(gold)[0].number == 1


@pytest.mark.django_db(transaction=True)
def test_two_halves_of_a_circle_are_not_closed_at_once(programme: None, owner: Account, deed: dict[str, Any]) -> None:
    make = campaigns_actions.create_segment
    one, two = (make(name=name, tree=tree(GOLD), owner_id=owner.id, **deed) for name in ("One", "Two"))
    outcomes: list[str] = []

    def save(segment_id: int, other: int) -> None:
        try:
            inside = tree_from(asks(SEGMENT, "yes", str(other)), FIELDS)
            campaigns_actions.save_segment(segment_id=segment_id, tree=inside, seen=1, **deed)
            outcomes.append("saved")
        except campaigns_actions.GoesRound:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=pair) for pair in ((one, two), (two, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "saved"]


# ---- lists


def test_members_are_put_on_a_list_and_taken_off(
    join: Join, owner: Account, deed: dict[str, Any], noon: dt.datetime
) -> None:
    ids = [join(name).id for name in ("ann", "bob", "cat")]
    made = campaigns_actions.make_list(name="Test", owner_id=owner.id, member_ids=ids[:1], **deed)
    with pytest.raises(campaigns_actions.SegmentNameTaken):
        campaigns_actions.make_list(name="Test", owner_id=owner.id, **deed)
    added = campaigns_actions.add_to_list(list_id=made, member_ids=ids + ids, **deed)
    assert (added.new, added.there) == (2, 1)
    assert campaigns_actions.add_to_list(list_id=made, member_ids=ids, **deed).new == 0
    assert campaigns_actions.take_off_list(list_id=made, member_ids=ids[:2], **deed) == 2
    assert campaigns_actions.take_off_list(list_id=made, member_ids=ids[:2], **deed) == 0
    row = campaigns_queries.find_segment(made, owner.id)
    assert row is not None
    assert (row.is_list, row.listed) == (True, 1)
    assert campaigns_queries.ids_of(campaigns_queries.tree_of(row), noon) == ids[2:]
    copy = campaigns_actions.copy_segment(segment_id=made, name="Copy", owner_id=owner.id, **deed)
    assert list(ListedMember.objects.filter(segment_id=copy).values_list("member_id", flat=True)) == ids[2:]
    with pytest.raises(campaigns_actions.UnknownSegment):
        campaigns_actions.save_segment(segment_id=made, tree=EVERYBODY, seen=0, **deed)


def test_a_file_names_members_and_its_other_rows_come_back(
    join: Join, owner: Account, deed: dict[str, Any], tmp_path: Path
) -> None:
    ann, bob = join("ann"), join("bob")
    Member.objects.filter(id=join("gone").id).update(status="erased")
    made = campaigns_actions.make_list(name="Test", owner_id=owner.id, **deed)
    path, errors = tmp_path / "list.csv", tmp_path / "errors.csv"
    path.write_text(
        f"email,number,note\nANN@example.com,,x\n,{bob.number},\nnobody@example.com,,=1+1\n,,\ngone@example.com,,\n"
    )
    for new, there in ((2, 0), (0, 2)):
        added = campaigns_actions.add_file_to_list(list_id=made, path=path, errors=errors, **deed)
        assert (added.new, added.there, added.bad) == (new, there, 3)
    kept = errors.read_text()
    assert "nobody@example.com" in kept
    assert "'=1+1" in kept, "harmless to a spreadsheet"
    assert set(ListedMember.objects.values_list("member_id", flat=True)) == {ann.id, bob.id}
    path.write_text("name\nAnn\n")
    with pytest.raises(UnreadableFile):
        campaigns_actions.add_file_to_list(list_id=made, path=path, errors=errors, **deed)


# ---- what the database refuses


def test_a_name_is_given_once_by_an_owner(gold: int, owner: Account) -> None:
    with pytest.raises(IntegrityError, match="campaigns_segment_name_once"), transaction.atomic():
        Segment.objects.create(name="Gold", owner=owner)


def test_a_version_has_its_number_once_and_never_changes(gold: int, noon: dt.datetime) -> None:
    with pytest.raises(IntegrityError, match="campaigns_segmentversion_once"), transaction.atomic():
        SegmentVersion.objects.create(segment_id=gold, number=1, tree={}, actor="test", at=noon)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        SegmentVersion.objects.filter(segment_id=gold).update(tree={})


def test_a_member_is_on_a_list_once(gold: int, join: Join) -> None:
    member = join("ann")
    ListedMember.objects.create(segment_id=gold, member=member)
    with pytest.raises(IntegrityError, match="campaigns_listedmember_pkey"), transaction.atomic():
        ListedMember.objects.bulk_create([ListedMember(segment_id=gold, member=member)])


# ---- in words


SAID = {
    "en": (
        "Members whose tier is Gold and whose last order was at least 45 days ago and "
        "(who have the tag tea or vip or whose spend is at least CN¥6,000 in the last 365 days)"
    ),
    "zh-hans": "等级为金卡，且上次下单距今至少45天，且（带有标签tea或vip，或最近365天内消费额至少为¥6,000）的会员",
    "zh-hant": "等級為金卡，且上次下單距今至少45日，且（帶有標籤tea或vip，或最近365日內消費至少為CN¥6,000）的會員",
}


@pytest.mark.parametrize("language", SAID)
def test_a_segment_is_said_as_a_sentence(programme: None, language: str, noon: dt.datetime) -> None:
    inner = {"any": [asks("members.tag", "any_of", "vip", "tea"), asks("orders.spend", "at_least", "6000")]}
    whole = tree(GOLD, QUIET, inner)
    with translation.override(language):
        names = campaigns_queries.names_in([whole], noon.date())
        assert wording.sentence(whole, FIELDS, names, formats) == SAID[language]


def test_every_field_and_comparison_has_words(programme: None) -> None:
    """No clause is left with a hole or a placeholder, and what changed between two questions is named."""
    from tests.campaigns.test_segments_compiled import ASKED, BY_KIND

    for field in FIELDS.values():
        for operator in field.operators:
            values = (ASKED.get(field.code) or BY_KIND.get(field.kind) or ["7"])[:1]
            stored = asks(field.code, operator.value, *(values if field.wants_value(operator) else []))
            stored |= {extra.value: "2" for extra in field.takes}
            said = wording.sentence(tree_from(stored, FIELDS), FIELDS, {}, formats)
            assert "%(" not in said, said
            assert not said.endswith(" "), said
            assert wording.operator_words(field, operator)
    gone, new = wording.differences(
        tree(GOLD, QUIET), tree(QUIET, asks("members.age", "at_least", "30")), FIELDS, {}, formats
    )
    assert (gone, new) == (("whose tier is gold",), ("whose age is at least 30",))
