"""Segments saved, shared and put away, and lists of members filled; every deed locks the segment's row."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, transaction

from campaigns.models import ListedMember, Segment, SegmentVersion
from campaigns.queries.segments import asks_of_all, used_by
from campaigns.rules.segments import Tree, digest_of, goes_round, segments_in, to_json, tree_from
from campaigns.segment_fields import all_fields
from kit import audit
from kit.files import ErrorFile, Row, Table, UnreadableFile, open_table
from members import queries as members_queries
from members.enums import MemberStatus

CHUNK = 1_000
COLUMNS = ("number", "email", "phone", "member")
"""By which columns of a file members are named; the first that has something names the row's member."""


class UnknownSegment(Exception):
    """There is no such segment or list; nothing was changed."""


class SegmentNameTaken(Exception):
    """The owner has a segment or list of this name already; nothing was saved."""


class SegmentChanged(Exception):
    """Somebody saved another version meanwhile; nothing was saved."""


class GoesRound(Exception):
    """The segment would ask itself, by way of another one; nothing was saved."""


class SegmentInUse(Exception):
    """A campaign that is not over, another segment, or an earning rule asks it; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Added:
    """What came of putting members on a list."""

    new: int
    there: int
    bad: int = 0


# ---- questions


@transaction.atomic
def create_segment(*, name: str, tree: Tree, owner_id: int, at: dt.datetime, actor: str) -> int:
    """Will save a question under a name as its first version; returns the segment's id. Raises SegmentNameTaken."""
    segment = _create(name, owner_id, is_list=False)
    SegmentVersion.objects.create(segment=segment, number=1, tree=to_json(tree), actor=actor, at=at)
    _audit(segment, "segment.created", at, actor, becomes={"name": name, "tree": to_json(tree)})
    return segment.id


@transaction.atomic
def save_segment(*, segment_id: int, tree: Tree, seen: int, at: dt.datetime, actor: str) -> int:
    """Will save a question as the next version and return its number; one that asks the same adds none.

    `seen` is the version that was edited. Locks the row, and all of them where it asks others. Raises SegmentChanged
    and GoesRound.
    """
    asked = segments_in(tree)
    if asked:
        # Two people could otherwise close a circle, each with one half of it.
        list(Segment.objects.select_for_update().filter(is_list=False).order_by("id").values_list("id"))
    segment = _locked(segment_id, is_list=False)
    last = SegmentVersion.objects.filter(segment=segment).order_by("-number").first()
    number = last.number if last else 0
    if last and digest_of(tree_from(last.tree, all_fields())) == digest_of(tree):
        return number
    if number != seen:
        raise SegmentChanged(f"Version {number} was saved meanwhile. Open it, and change it again. Nothing was saved.")
    if asked and goes_round(segment_id, {**asks_of_all(), segment_id: asked}):
        raise GoesRound("This segment would ask itself, by way of another. Nothing was saved.")
    becomes = to_json(tree)
    SegmentVersion.objects.create(segment=segment, number=number + 1, tree=becomes, actor=actor, at=at)
    _audit(segment, "segment.saved", at, actor, was=last.tree if last else None, becomes=becomes)
    return number + 1


@transaction.atomic
def rename_segment(*, segment_id: int, name: str, at: dt.datetime, actor: str) -> None:
    """Will give a segment or list another name. Raises UnknownSegment and SegmentNameTaken."""
    segment = _locked(segment_id)
    if segment.name == name:
        return
    was, segment.name = segment.name, name
    try:
        with transaction.atomic():
            segment.save(update_fields=["name"])
    except IntegrityError as error:
        raise SegmentNameTaken(f"“{name}” exists already. Choose another name.") from error
    _audit(segment, "segment.renamed", at, actor, was={"name": was}, becomes={"name": name})


@transaction.atomic
def share_segment(*, segment_id: int, is_shared: bool, at: dt.datetime, actor: str) -> None:
    """Will let everybody see a segment or list, or its owner alone; again changes nothing.

    Raises UnknownSegment, and SegmentInUse where an earning rule asks it, which all of the staff must be able to read.
    """
    segment = _locked(segment_id)
    if segment.is_shared == is_shared:
        return
    if not is_shared and (rules := used_by(segment_id, at).rules):
        raise SegmentInUse(", ".join(names.get("en", "") for names in rules))
    segment.is_shared = is_shared
    segment.save(update_fields=["is_shared"])
    _audit(segment, "segment.shared" if is_shared else "segment.unshared", at, actor)


@transaction.atomic
def archive_segment(*, segment_id: int, at: dt.datetime, actor: str) -> None:
    """Will put a segment or list away, which frees its name. Raises UnknownSegment, and SegmentInUse while it is."""
    segment = _locked(segment_id)
    if segment.is_archived:
        return
    if users := used_by(segment_id, at):
        raise SegmentInUse(", ".join(users.names))
    segment.is_archived = True
    segment.save(update_fields=["is_archived"])
    _audit(segment, "segment.archived", at, actor)


@transaction.atomic
def copy_segment(*, segment_id: int, name: str, owner_id: int, at: dt.datetime, actor: str) -> int:
    """Will make a segment, or list with its members, anew under another name; returns its id.

    Raises UnknownSegment and SegmentNameTaken.
    """
    segment = _locked(segment_id)
    copy = _create(name, owner_id, is_list=segment.is_list)
    if segment.is_list:
        members = ListedMember.objects.filter(segment=segment).order_by("member_id").values_list("member_id", flat=True)
        _list(copy.id, list(members))
    last = SegmentVersion.objects.filter(segment=segment).order_by("-number").first()
    if last:
        SegmentVersion.objects.create(segment=copy, number=1, tree=last.tree, actor=actor, at=at)
    _audit(copy, "segment.copied", at, actor, was={"segment": segment_id}, becomes={"name": name})
    return copy.id


@transaction.atomic
def note_export(*, segment_id: int, at: dt.datetime, actor: str) -> None:
    """Will note that somebody took the members of a segment away as a file. Raises UnknownSegment."""
    _audit(_locked(segment_id), "segment.exported", at, actor)


# ---- lists


@transaction.atomic
def make_list(*, name: str, owner_id: int, member_ids: Sequence[int] = (), at: dt.datetime, actor: str) -> int:
    """Will make a list of members under a name; returns its id. Raises SegmentNameTaken."""
    segment = _create(name, owner_id, is_list=True)
    added = _list(segment.id, member_ids)
    _audit(segment, "list.made", at, actor, becomes={"name": name, "members": added})
    return segment.id


@transaction.atomic
def add_to_list(*, list_id: int, member_ids: Sequence[int], at: dt.datetime, actor: str) -> Added:
    """Will put members on a list; who is there already stays. Locks the list. Raises UnknownSegment."""
    segment = _locked(list_id, is_list=True)
    new = _list(list_id, member_ids)
    if new:
        _audit(segment, "list.added", at, actor, becomes={"members": new})
    return Added(new, len(set(member_ids)) - new)


@transaction.atomic
def take_off_list(*, list_id: int, member_ids: Sequence[int], at: dt.datetime, actor: str) -> int:
    """Will take members off a list, and return how many were there. Locks the list. Raises UnknownSegment."""
    segment = _locked(list_id, is_list=True)
    gone = ListedMember.objects.filter(segment_id=list_id, member_id__in=list(member_ids)).delete()[0]
    if gone:
        _audit(segment, "list.taken_off", at, actor, was={"members": gone})
    return gone


@transaction.atomic
def add_file_to_list(*, list_id: int, path: Path, errors: Path, at: dt.datetime, actor: str) -> Added:
    """Will put the members whom a file names by number, e-mail or phone on a list; the other rows go to `errors`.

    Locks the list. Raises UnknownSegment, and UnreadableFile where the file names none of these columns.
    """
    segment = _locked(list_id, is_list=True)
    table = open_table(path, ())
    if not set(COLUMNS) & set(table.columns):
        raise UnreadableFile(f"The first row names none of {', '.join(COLUMNS)}. Nothing was added.")
    new = there = 0
    with ErrorFile(errors, table) as file:
        for rows in _chunks(table):
            ids = _named(rows, table, file)
            added = _list(list_id, ids)
            new, there = new + added, there + len(set(ids)) - added
        bad = file.rows
    _audit(segment, "list.added", at, actor, becomes={"members": new, "file": path.name})
    return Added(new, there, bad)


def _chunks(table: Table) -> Iterator[list[Row]]:
    rows = table.rows()
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


def _named(rows: Sequence[Row], table: Table, file: ErrorFile) -> list[int]:
    """Will return the members whom rows name. Two queries for all of them."""
    texts = {row.number: _text(row, table) for row in rows if not row.problem}
    found = members_queries.find_many(sorted({text for text in texts.values() if text}), "")
    ids = []
    for row in rows:
        member = found.get(texts.get(row.number, ""))
        if row.problem:
            file.add(row, *row.problem)
        elif member is None:
            file.add(row, "member", "Nobody is known by this. Check how he is named.")
        elif member.status == MemberStatus.ERASED:
            file.add(row, "member", "This member's data was erased.")
        else:
            ids.append(member.id)
    return ids


def _text(row: Row, table: Table) -> str:
    cells = dict(zip(table.columns, row.cells, strict=False))
    return next((text for name in COLUMNS if (text := cells.get(name, "").strip())), "")


# ---- leaves


def _create(name: str, owner_id: int, *, is_list: bool) -> Segment:
    try:
        with transaction.atomic():
            return Segment.objects.create(name=name, owner_id=owner_id, is_list=is_list)
    except IntegrityError as error:
        raise SegmentNameTaken(f"“{name}” exists already. Choose another name.") from error


def _locked(segment_id: int, *, is_list: bool | None = None) -> Segment:
    segment = Segment.objects.select_for_update().filter(id=segment_id).first()
    if segment is None or (is_list is not None and segment.is_list != is_list):
        raise UnknownSegment(f"There is no {'list' if is_list else 'segment'} {segment_id}. Nothing was changed.")
    return segment


def _list(list_id: int, member_ids: Sequence[int]) -> int:
    """Will put members on a list in chunks; returns how many were not there."""
    wanted = sorted(set(member_ids))
    added = 0
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        known = set(
            ListedMember.objects.filter(segment_id=list_id, member_id__in=part).values_list("member_id", flat=True)
        )
        rows = [ListedMember(segment_id=list_id, member_id=one) for one in part if one not in known]
        ListedMember.objects.bulk_create(rows)
        added += len(rows)
    return added


def _audit(
    segment: Segment, deed: str, at: dt.datetime, actor: str, *, was: object = None, becomes: object = None
) -> None:
    audit.record(at=at, actor=actor, deed=deed, subject=f"segment:{segment.id}", was=was, becomes=becomes)
