"""What others may ask of merges, and of memberships that may be one person's."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from kit import clock, sql
from members import rules
from members.models import Identity, Member, Merge
from members.queries.naming import staff_of


@dataclass(frozen=True, slots=True)
class MergeView:
    """A merge as pages show it: who was merged into whom, when, why, and until when it can be undone.

    `staff` names who did it, where that was asked for and a person of the staff did.
    """

    id: int
    merged_id: int
    merged: str
    survivor_id: int
    survivor: str
    merged_at: dt.datetime
    actor: str
    reason: str
    undone_at: dt.datetime | None
    undo_until: dt.date
    staff: str = ""


@dataclass(frozen=True, slots=True)
class MovedProfile:
    """What of a profile went over with a merge."""

    identities: int
    tags: tuple[str, ...]
    fields: tuple[str, ...]
    consents: int
    coupons: tuple[int, ...]
    entitlements: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Suspects:
    """Two memberships that may be one person's, and why it looks so."""

    kind: str
    first_id: int
    first: str
    first_name: str
    second_id: int
    second: str
    second_name: str


def _view(row: Merge) -> MergeView:
    until = clock.business_date(row.merged_at) + dt.timedelta(days=rules.UNMERGE_DAYS)
    return MergeView(
        row.id,
        row.merged_id,
        row.merged.number,
        row.survivor_id,
        row.survivor.number,
        row.merged_at,
        row.actor,
        row.reason,
        row.undone_at,
        until,
    )


def list_merges(member_id: int, limit: int = 50) -> list[MergeView]:
    """Will return what was merged into a member, latest first, undone ones too. One query."""
    rows = Merge.objects.filter(survivor_id=member_id).select_related("merged", "survivor")
    return [_view(row) for row in rows.order_by("-merged_at", "-id")[:limit]]


def merges_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[MergeView]:
    """Will tell of what was merged into a member before an instant. No query of its own."""
    rows = Merge.objects.filter(survivor_id=member_id, merged_at__lt=before).order_by("-merged_at", "-id")
    return sql.told(rows.annotate(staff=staff_of("actor"))[:limit], "merged_at", _told, MERGE_FIELDS)


def undone_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[MergeView]:
    """Will tell of what was merged into a member and parted again before an instant. No query of its own."""
    rows = Merge.objects.filter(survivor_id=member_id, undone_at__lt=before).order_by("-undone_at", "-id")
    return sql.told(rows.annotate(staff=staff_of("actor"))[:limit], "undone_at", _told, MERGE_FIELDS)


MERGE_FIELDS = (
    "id", "merged_id", "merged__number", "survivor_id", "survivor__number", "merged_at", "actor", "reason", "undone_at",
    "staff",
)  # fmt: skip


def _told(**row: Any) -> MergeView:
    until = clock.business_date(row["merged_at"]) + dt.timedelta(days=rules.UNMERGE_DAYS)
    merged, survivor, staff = row.pop("merged__number"), row.pop("survivor__number"), row.pop("staff") or ""
    return MergeView(merged=merged, survivor=survivor, staff=staff, undo_until=until, **row)


def find_merge(merge_id: int) -> MergeView | None:
    """Will return a merge. One query."""
    row = Merge.objects.filter(id=merge_id).select_related("merged", "survivor").first()
    return _view(row) if row else None


def moved_with(merge_id: int) -> MovedProfile:
    """Will return what of a profile went over with a merge. One query."""
    moved: dict[str, Any] = Merge.objects.values_list("moved", flat=True).get(id=merge_id)
    return MovedProfile(
        identities=len(moved["identities"]),
        tags=tuple(moved["tags"]["added"]),
        fields=tuple(moved["filled"]["fields"]),
        consents=len(moved["consents"]),
        coupons=tuple(moved.get("coupons", ())),
        entitlements=tuple(moved.get("entitlements", ())),
    )


def merged_into(member_id: int) -> list[int]:
    """Will return the ids of all who were merged into a member, through others too. One query."""
    return list(Member.objects.filter(merged_into_id=member_id).order_by("id").values_list("id", flat=True))


def entered_as_merged(member_id: int, *, account_id: int, address: str = "") -> str:
    """Will return the number of a merged membership by whose log-in or address somebody enters his survivor's.

    Empty where it is the survivor's own. At most two queries.
    """
    theirs = Q(merged__account_id=account_id)
    if address:
        identity = Identity.objects.filter(member_id=member_id, value=address).values_list("id", flat=True).first()
        theirs |= Q(moved__identities__contains=identity or 0)
    merges = Merge.objects.filter(theirs, merged__merged_into_id=member_id, undone_at=None)
    # What a later merge took along was somebody's first: the earliest is whose it is.
    return merges.order_by("merged_at", "id").values_list("merged__number", flat=True).first() or ""


def list_suspects(after: tuple[str, int, int] | None = None, limit: int = 50) -> list[Suspects]:
    """Will return pairs that may be one person and that nobody has told apart, after a place in their order.

    Same phone number without its country's, same address but for dots and tags, same name and birthday. One query over
    all members.
    """
    kind, first, second = after or ("", 0, 0)
    rows = sql.fetch("members", "suspects", kind=kind, first=first, second=second, limit=limit)
    return [Suspects(*row) for row in rows]
