"""What others may ask of copies, erasures, notes, and of who looked at whom."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Value

from kit import sql
from kit.models import AuditRow
from members import rules
from members.enums import ExportState, MemberStatus
from members.models import Account, DataExport, Erasure, ErasureRequest, Member, Note
from members.queries.naming import shown_as

LOOKED = (
    "member.revealed",
    "member.export_asked",
    "member.export_fetched",
    "member.merge_previewed",
    "message.previewed",
    "message.tried",
)
"""The deeds by which the staff get to see personal data."""


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note of the staff, and whether a person may still edit it."""

    id: int
    author: str
    text: str
    written_at: dt.datetime
    edited_at: dt.datetime | None
    may_edit: bool


@dataclass(frozen=True, slots=True)
class ExportView:
    """A copy of a member's data without its content."""

    id: int
    state: str
    actor: str
    asked_at: dt.datetime
    made_at: dt.datetime | None
    ends_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Looked:
    """That somebody of the staff looked at a member's data."""

    at: dt.datetime
    actor: str
    deed: str
    reason: str


@dataclass(frozen=True, slots=True)
class ErasureWish:
    """A wish to be erased that is open."""

    asked_at: dt.datetime
    due_on: dt.date


def list_notes(member_id: int, staff_id: int, at: dt.datetime, limit: int = 50) -> list[NoteView]:
    """Will return notes on a member, latest first, as a person of the staff sees them. One query."""
    rows = Note.objects.filter(member_id=member_id).select_related("author").order_by("-written_at", "-id")
    return [
        NoteView(
            row.id,
            str(row.author),
            row.text,
            row.written_at,
            row.edited_at,
            row.author_id == staff_id and rules.may_edit_note(row.written_at, at),
        )
        for row in rows[:limit]
    ]


def notes_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[NoteView]:
    """Will tell of notes on a member that were written before an instant. No query of its own."""
    notes = Note.objects.filter(member_id=member_id, written_at__lt=before)
    rows = notes.annotate(may_edit=Value(False), by=shown_as("author__")).order_by("-written_at", "-id")
    return sql.told(rows[:limit], "written_at", _note, ("id", "by", "text", "written_at", "edited_at", "may_edit"))


def _note(**row: Any) -> NoteView:
    return NoteView(author=row.pop("by"), **row)


def list_exports(member_id: int, actor: str = "", limit: int = 5) -> list[ExportView]:
    """Will return the copies that were asked for, latest first; with an actor only those he asked for. One query."""
    rows = DataExport.objects.filter(member_id=member_id)
    if actor:
        rows = rows.filter(actor=actor)
    names = ("id", "state", "actor", "asked_at", "made_at", "ends_at")
    return [ExportView(*row) for row in rows.order_by("-asked_at", "-id").values_list(*names)[:limit]]


def find_content(export_id: int, member_id: int, actor: str, at: dt.datetime) -> bytes | None:
    """Will return a copy that an actor asked for and that can still be fetched. One query."""
    rows = DataExport.objects.filter(id=export_id, member_id=member_id, actor=actor, state=ExportState.DONE)
    content = rows.filter(ends_at__gt=at).values_list("content", flat=True).first()
    return bytes(content) if content is not None else None


def waiting_exports(limit: int = 100) -> list[tuple[int, int, str]]:
    """Will return (copy, member, actor) of what is to be made, oldest first. One query."""
    rows = DataExport.objects.filter(state=ExportState.WAITING).order_by("id")
    return list(rows.values_list("id", "member_id", "actor")[:limit])


def find_wish(member_id: int) -> ErasureWish | None:
    """Will return a member's open wish to be erased. One query."""
    rows = ErasureRequest.objects.filter(member_id=member_id, cancelled_at=None, done_at=None)
    row = rows.values_list("asked_at", "due_on").first()
    return ErasureWish(*row) if row else None


def due_erasures(date: dt.date) -> list[int]:
    """Will return the members whose time to think is over by a date. One query."""
    rows = ErasureRequest.objects.filter(due_on__lte=date, cancelled_at=None, done_at=None)
    return list(rows.order_by("id").values_list("member_id", flat=True))


def undone_erasures() -> list[int]:
    """Will return the members who were erased and, after a backup was restored, are there again. One query."""
    rows = Erasure.objects.exclude(member__status=MemberStatus.ERASED)
    return list(rows.order_by("member_id").values_list("member_id", flat=True))


def list_erasures() -> list[tuple[int, dt.datetime]]:
    """Will return who was erased, and when, by id: what is kept outside the backups. One query."""
    return list(Erasure.objects.order_by("member_id").values_list("member_id", "erased_at"))


def existing(member_ids: Sequence[int]) -> list[int]:
    """Will return those of some ids that are members, by id. One query."""
    return list(Member.objects.filter(id__in=member_ids).order_by("id").values_list("id", flat=True))


def who_looked(member_id: int, limit: int = 50) -> list[Looked]:
    """Will return who of the staff looked at a member's data, latest first. One query."""
    rows = AuditRow.objects.filter(subject=f"member:{member_id}", deed__in=LOOKED, actor__startswith="staff:")
    return [Looked(*row) for row in rows.order_by("-at", "-id").values_list("at", "actor", "deed", "reason")[:limit]]


def log_ins_in(member_ids: Sequence[int]) -> list[int]:
    """Will return the log-ins that are linked to some members, by id. One query."""
    return list(Account.objects.filter(member__in=member_ids).order_by("id").values_list("id", flat=True))


def roles_of(staff_ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Will return {id: roles} of some of the staff. One query."""
    return {i: tuple(roles) for i, roles in Account.objects.filter(id__in=staff_ids).values_list("id", "roles")}
