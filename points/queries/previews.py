"""What a preview of a draft reads of points, range by range of members, and what came of it."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Sum

from kit import sql
from points.enums import EntryKind, PreviewState, Wallet
from points.models import Entry, PolicyPreview, PolicyVersion
from points.rules.circumstances import Circumstances, thawed
from points.rules.previews import terms_digest

Lot = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class PreviewView:
    """A preview as pages show it; `result` is whole once it is done, `is_stale` where the draft was edited since."""

    id: int
    version_id: int
    version_number: int
    effective_on: dt.date
    published_at: dt.datetime | None
    terms: Mapping[str, Any]
    months: int
    state: PreviewState
    members_done: int
    members_total: int
    result: Mapping[str, Any]
    error: str
    actor: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    is_stale: bool

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked out."""
        return self.state in (PreviewState.WAITING, PreviewState.RUNNING)


class MoveOfRange(NamedTuple):
    """An entry of the ledger that is no expiry and no earning of the period; `grant` names what a policy sizes."""

    member_id: int
    seq: int
    kind: str
    points: int
    at: dt.datetime
    business_date: dt.date
    source_key: str
    lots: tuple[tuple[Lot, int], ...]
    grant: str


@dataclass(frozen=True, slots=True)
class VersionView:
    """A version of the policy, draft or published, as its preview's page names it."""

    id: int
    number: int
    effective_on: dt.date
    published_at: dt.datetime | None


def find_previewed(version_id: int) -> VersionView | None:
    """Will return a version of the policy, draft or published, or None. One query."""
    row = PolicyVersion.objects.filter(id=version_id).first()
    return VersionView(row.id, row.number, row.effective_on, row.published_at) if row else None


def find_preview(version_id: int) -> PreviewView | None:
    """Will return the latest preview of a version of the policy, or None. One query."""
    previews = PolicyPreview.objects.filter(version_id=version_id).select_related("version")
    latest = previews.order_by("-id").first()
    return _view(latest) if latest else None


def get_preview(preview_id: int) -> PreviewView:
    """Will return a preview; raises PolicyPreview.DoesNotExist. One query."""
    return _view(PolicyPreview.objects.select_related("version").get(id=preview_id))


def _view(row: PolicyPreview) -> PreviewView:
    return PreviewView(
        id=row.id,
        version_id=row.version_id,
        version_number=row.version.number,
        effective_on=row.version.effective_on,
        published_at=row.version.published_at,
        terms=row.version.terms,
        months=row.months,
        state=PreviewState(row.state),
        members_done=row.members_done,
        members_total=row.members_total,
        result=row.result,
        error=row.error,
        actor=row.actor,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        is_stale=bytes(row.terms_digest) != terms_digest(row.version.terms),
    )


def lots_of_range(after: int, upto: int, at: dt.datetime) -> tuple[dict[int, dict[Lot, int]], dict[int, int]]:
    """Will return {member: {lot: points}} and {member: debt} just before an instant. One query."""
    lots: dict[int, dict[Lot, int]] = {}
    debts: dict[int, int] = {}
    for member_id, active_on, expires_on, points in sql.fetch(
        "points", "lots_of_range_as_of", after=after, upto=upto, at=at
    ):
        if active_on is None:
            debts[member_id] = points
        else:
            lots.setdefault(member_id, {})[active_on, expires_on] = points
    return lots, debts


def moves_of_range(
    after: int, upto: int, since: dt.date, starts_at: dt.datetime, until: dt.datetime
) -> list[MoveOfRange]:
    """Will return what else the ledger moved of a range of members from an instant to another. One query."""
    rows = sql.fetch("points", "moves_of_range", after=after, upto=upto, since=since, starts_at=starts_at, until=until)
    return [MoveOfRange._make((*row[:7], _lots(row[3], *row[7:13]), row[13])) for row in rows]


def _lots(
    points: int,
    active_on: dt.date | None,
    expires_on: dt.date | None,
    debt_change: int,
    firsts: list[dt.date] | None,
    lasts: list[dt.date] | None,
    parts: list[int] | None,
) -> tuple[tuple[Lot, int], ...]:
    """The lots that an entry moved; what repaid debt is counted with the lot it would have gone to."""
    if active_on and expires_on:
        return (((active_on, expires_on), points),)
    return tuple(
        ((first, last), part) for first, last, part in zip(firsts or (), lasts or (), parts or (), strict=True)
    )


def remembered_of_range(after: int, upto: int, starts_at: dt.datetime) -> dict[str, Circumstances]:
    """Will return {deed key: what its rules were asked with}, properties left out, of a range's deeds since an instant.

    One query.
    """
    rows = sql.fetch("points", "remembered_of_range", after=after, upto=upto, starts_at=starts_at)
    return {key: thawed(json.loads(facts) if isinstance(facts, str) else facts) for key, facts in rows}


def used_before_range(after: int, upto: int, since: dt.date) -> dict[int, dict[str, int]]:
    """Will return {member: {rule: points it gave before a date}} of a range. One query."""
    used: dict[int, dict[str, int]] = {}
    for member_id, rule, points in sql.fetch("points", "rule_uses_of_range", after=after, upto=upto, since=since):
        used.setdefault(member_id, {})[rule] = points
    return used


def budgets_used_before(rules: Sequence[str], since: dt.date) -> dict[str, int]:
    """Will return {rule: points it had given to everybody before a date}. One query."""
    return dict(sql.fetch("points", "rule_uses_before", rules=list(rules), since=since))


def earned_between(starts_on: dt.date, ends_on: dt.date) -> int:
    """Will return what the ledger booked as earned from one date to another, less what returns took. One query."""
    kinds: Iterable[EntryKind] = (EntryKind.ACCRUAL, EntryKind.REVERSAL)
    entries = Entry.objects.filter(business_date__range=(starts_on, ends_on), wallet=Wallet.POINTS, kind__in=kinds)
    return int(entries.aggregate(sum=Sum("points"))["sum"] or 0)
