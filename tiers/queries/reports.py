"""Reports over everybody: what is outstanding, the mix of tiers, migration, stays, risk, economics."""

import datetime as dt
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from typing import Any

from kit import clock, dates, sql
from kit.paging import Place
from points.rules.breakage import CohortFlow
from points.rules.liability import Part
from tiers import rules
from tiers.enums import (
    Join,
)
from tiers.models import (
    Closing,
    ClosingCohort,
)
from tiers.queries.versions import terms_on


@dataclass(frozen=True, slots=True)
class Turnover:
    """What one month came to in one tier: points earned less those taken back, spent less those restored, sales."""

    month: dt.date
    tier: str
    earned: int
    spent: int
    sales: Decimal


@dataclass(frozen=True, slots=True)
class Firsts:
    """How many members earned points, and how many spent some, for the first time in a month."""

    month: dt.date
    earned: int
    spent: int


def outstanding(date: dt.date, *, is_over: bool) -> list[Part]:
    """Will return the points outstanding at the end of a business date by tier then, source and month of expiry.

    While the date is not over, as they stand. Raises NoLadder. Two queries, and two a version of the ladder the first
    time.
    """
    terms = terms_on(date)
    rows = sql.fetch(
        "tiers",
        "outstanding",
        ladder=terms.ladder_id,
        date=date,
        gone=date if is_over else date - dt.timedelta(days=1),
        lowest=terms.rungs[0].code,
        while_active=dates.WHILE_ACTIVE,
    )
    return [Part(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Closed:
    """A date whose liability a night has counted, and when."""

    date: dt.date
    counted_at: dt.datetime


def last_closed() -> Closed | None:
    """Will return the latest date whose liability a night has counted. One query."""
    row = Closing.objects.order_by("-date").first()
    return Closed(row.date, row.counted_at) if row else None


def outstanding_closed(date: dt.date) -> tuple[Closed, list[Part]] | None:
    """Will return the points outstanding at the end of a date as a night has counted them, if one has. Two queries."""
    row = Closing.objects.filter(date=date).first()
    if row is None:
        return None
    parts = row.parts.order_by("tier", "source", "lapses", "is_pending")
    found = parts.values_list("tier", "source", "lapses", "is_pending", "points")
    return Closed(row.date, row.counted_at), [Part(*part) for part in found]


def cohorts_closed(date: dt.date) -> list[CohortFlow]:
    """Will return what points.queries.cohort_flows says of a month's end, as a night has counted it. One query.

    Nothing where none has.
    """
    rows = ClosingCohort.objects.filter(closing_id=date).order_by("cohort", "month")
    fields = [field.name for field in dataclass_fields(CohortFlow)]
    return [CohortFlow(*row) for row in rows.values_list(*fields)]


def turnover(starts_on: dt.date, ends_on: dt.date) -> tuple[list[Turnover], list[Firsts]]:
    """Will return points and sales by month and tier held at the moment, and members' firsts of all months up to then.

    From starts_on to ends_on, inclusive. Raises NoLadder. Two queries, and two a version of the ladder the first time.
    """
    terms = terms_on(ends_on)
    parameters = {"ladder": terms.ladder_id, "lowest": terms.rungs[0].code}
    rows = sql.fetch("tiers", "turnover", starts_on=starts_on, ends_on=ends_on, **parameters)
    by_tier = [Turnover(*row) for row in rows if row[1] is not None]
    return by_tier, [Firsts(month, earned, spent) for month, code, earned, spent, _sales in rows if code is None]


@dataclass(frozen=True, slots=True)
class MixChange:
    """By how many members a tier grew in a month, fewer if negative; `month` is None for all that lies before."""

    month: dt.date | None
    tier: str
    members: int


@dataclass(frozen=True, slots=True)
class Migration:
    """So many members went from one tier to another; `was` is None for those who joined in between.

    `direction` is 1 where the later tier is higher, -1 where it is lower, else 0.
    """

    was: str | None
    tier: str
    direction: int
    members: int


@dataclass(frozen=True, slots=True)
class Stays:
    """So many stays on a tier that lasted so many days and ended up, down or other, or are running.

    `kept` and `fell` count what came of their ends of validity.
    """

    tier: str
    days: int
    ending: str
    stays: int
    kept: int
    fell: int


@dataclass(frozen=True, slots=True)
class RiskRow:
    """A member who is about to fall.

    `keep` are the ways to keep the tier, as in StandingView, with what will count on the date that decides.
    """

    member_id: int
    tier: str
    ends: dt.date
    in_grace: bool
    keep: tuple[tuple[str, Decimal, Decimal], ...]
    year_spend: Decimal
    number: str
    name: str


@dataclass(frozen=True, slots=True)
class RiskSum:
    """So many members about to fall from a tier on a date, and their spend of a year.

    `ends` is None where `members` are all who stand on the tier.
    """

    tier: str
    ends: dt.date | None
    members: int
    year_spend: Decimal


@dataclass(frozen=True, slots=True)
class RiskPage:
    """A page of those about to fall, the places of its first and last row where there is more beyond, and all sums."""

    rows: tuple[RiskRow, ...]
    sums: tuple[RiskSum, ...]
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class Economics:
    """What a month came to on a tier; points by base carry the multiplier they were earned with, else it is None.

    `month` is None where only `buyers` counts, for the whole period; `tier` too, for all tiers together.
    """

    month: dt.date | None
    tier: str | None
    multiplier: Decimal | None
    base: int
    other: int
    taken_back: int
    sales: Decimal
    orders: int
    buyers: int


def tier_mix(first: dt.date, ends_on: dt.date) -> list[MixChange]:
    """Will return by how many members each tier changed in each month from `first`, and in all time before.

    Raises NoLadder. Two queries, and two a version of the ladder the first time.
    """
    rows = sql.fetch("tiers", "tier_mix", ladder=terms_on(ends_on).ladder_id, first=first, ends_on=ends_on)
    return [MixChange(*row) for row in rows]


def tier_migration(was_on: dt.date, is_on: dt.date) -> list[Migration]:
    """Will return how many members stood where at the end of two dates. Raises NoLadder. Queries as tier_mix."""
    rows = sql.fetch("tiers", "tier_migration", ladder=terms_on(is_on).ladder_id, was_on=was_on, is_on=is_on)
    return [Migration(*row) for row in rows]


def tier_stays(starts_on: dt.date, ends_on: dt.date, today: dt.date) -> list[Stays]:
    """Will return how long stays that began in a period have lasted. Raises NoLadder. Queries as tier_mix."""
    ladder = terms_on(today).ladder_id
    rows = sql.fetch("tiers", "tier_stays", ladder=ladder, starts_on=starts_on, ends_on=ends_on, today=today)
    return [Stays(*row) for row in rows]


def at_risk(
    by: dt.date,
    today: dt.date,
    tier: str,
    *,
    after: Place | None = None,
    before: Place | None = None,
    limit: int | None = None,
) -> RiskPage:
    """Will return a page of those who are about to fall by a date, most spend of the year up to today first.

    Without a limit all of them. A place that cannot be read is the beginning. Raises NoLadder. Queries as tier_mix,
    one more where a step back comes to the beginning.
    """
    start = _risk_key(before or after)
    backwards = before is not None and start is not None
    spend, member_id = start or (None, None)
    fetched = sql.fetch(
        "tiers",
        "at_risk",
        ladder=terms_on(today).ladder_id,
        by=by,
        tiers=[tier] if tier else None,
        year_starts=dates.add_years(today, -1) + dt.timedelta(days=1),
        today=today,
        zone=clock.programme_zone().key,
        sign=-1 if backwards else 1,
        spend=spend,
        member_id=member_id,
        most=limit and limit + 1,
    )
    found = [_risk_row(row) for row in fetched if row[0] is not None]
    if backwards and limit and len(found) <= limit:
        return at_risk(by, today, tier, limit=limit)
    # The statement may hand them out in any order: names are joined to the page after it was cut.
    found.sort(key=_richest)
    more = limit is not None and len(found) > limit
    rows = found[-limit:] if backwards and limit else found[:limit]
    first, last = (_risk_place(rows[0]), _risk_place(rows[-1])) if rows else (None, None)
    return RiskPage(
        rows=tuple(rows),
        sums=tuple(RiskSum(row[1], row[2], row[-1], row[11]) for row in fetched if row[0] is None),
        before=first if (more if backwards else start is not None) else None,
        after=last if (more or backwards) else None,
    )


def tier_economics(starts_on: dt.date, ends_on: dt.date) -> list[Economics]:
    """Will return what a period came to by month and tier held at the moment. Raises NoLadder. Queries as tier_mix."""
    terms = terms_on(ends_on)
    parameters = {"ladder": terms.ladder_id, "lowest": terms.rungs[0].code}
    return [
        Economics(*row)
        for row in sql.fetch("tiers", "tier_economics", starts_on=starts_on, ends_on=ends_on, **parameters)
    ]


def _risk_row(row: tuple[Any, ...]) -> RiskRow:
    member_id, code, ends, in_grace, *sums = row
    keep = rules.gaps(rules.Requirement(*sums[3:6]), rules.Facts(*sums[:3]))
    if sums[6] == Join.ALL:
        keep = [way for way in keep if way[2]]
    return RiskRow(member_id, code, ends, in_grace, tuple(keep), *sums[7:-1])


def _richest(row: RiskRow) -> tuple[Decimal, int]:
    return -row.year_spend, row.member_id


def _risk_place(row: RiskRow) -> Place:
    return Place(str(row.year_spend), row.member_id)


def _risk_key(place: Place | None) -> tuple[Decimal, int] | None:
    """Will return a place as the database knows it; None for the beginning."""
    try:
        key = Decimal(place.key) if place else None
    except ArithmeticError:
        return None
    return (key, place.id) if place and key is not None and key.is_finite() and abs(key) < 10**15 else None
