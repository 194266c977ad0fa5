"""Tiers' night: everybody's tier as tiers.rules.at_night decides it for one; what is outstanding by tier when a date
closes; and everybody as of a date."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Min
from django.db.models.functions import Coalesce

from kit import clock, dates, sql
from kit.jobs import EVERYBODY, Chunk, MovesTooMuch, Night
from points import queries as points_queries
from tiers import queries, rules
from tiers.enums import DecisionKind
from tiers.models import Closing, ClosingCohort, ClosingPart, Decision, Standing

MEMBERS_A_CHUNK = 50_000
FALLS_SHARE_MAX = 0.03
"""A night that would let more than this share of the members fall waits for a person ..."""
FALLS_UNASKED = 100
"""... unless they are so few, as in a small programme, whose members may well have joined on one day."""
CLOSED_MONTHS = 13
"""The ends of so many months are counted, so that last year's stand beside this year's."""
LONGEST_DEED = dt.timedelta(hours=1)
"""No deed takes longer from its beginning to its commit; what it books may not have been seen by a count before."""
EXPORT_DAYS = 365
EXPORT_ROWS_FETCHED = 5_000


def recalculate_tiers(night: Night, after: int) -> Iterator[Chunk]:
    """Will decide everybody's tier at the end of a date: missed upgrades, ends of validity, grace.

    A standing that should have been decided on an earlier date is decided as of that date. Facts are gathered without
    locks; the standings of a chunk are then locked in the order of members, and what decides is read again. Raises
    MovesTooMuch before anything is written where more members would fall than the limit, unless a person approved.
    """
    terms = queries.terms_on(night.date)
    _find(night, terms)
    _hold_if_too_many_fall(night, terms)
    chunks = sql.fetch("tiers", "bounds_of_found", after=after, members=MEMBERS_A_CHUNK)
    for upto, may_decide in chunks:
        chunk = {"ladder": terms.ladder_id, "date": night.date, "above": after, "upto": upto}
        sql.execute("tiers", "lock_found", **chunk)
        decided = dict(sql.fetch("tiers", "decide", **chunk, **_days(night, terms))) if may_decide else {}
        refreshed = sql.execute("tiers", "refresh_sums", **chunk)
        yield Chunk(upto, sum(decided.values()) + refreshed, {**decided, "refreshed": refreshed})
        after = upto
    _forget_found()


def _find(night: Night, terms: rules.LadderTerms) -> None:
    """Will gather, in a temporary table of the session, whose sums changed and who may have to be decided on."""
    parameters: dict[str, Any] = {
        "ladder": terms.ladder_id,
        "date": night.date,
        "starts": terms.window_start(night.date),
        "reach_spend": _lifts([rung.reach.spend for rung in terms.rungs]),
        "reach_orders": _lifts([rung.reach.orders for rung in terms.rungs]),
        "reach_growth": _lifts([rung.reach.growth for rung in terms.rungs]),
        "keep_spend": [rung.keep.spend for rung in terms.rungs],
        "keep_orders": [rung.keep.orders for rung in terms.rungs],
        "keep_growth": [rung.keep.growth for rung in terms.rungs],
    }
    eve = night.date - dt.timedelta(days=1)
    _forget_found()
    with connection.cursor() as cursor:
        if night.slice_only and queries.terms_on(eve) == terms:
            cursor.execute(sql.statement("tiers", "find_of_day"), {**parameters, "fell": terms.window_start(eve)})
        else:
            # All three sides come in the order of members: merging them is cheaper than two hashes of everybody.
            cursor.execute("SET LOCAL enable_hashjoin = off")
            cursor.execute(sql.statement("tiers", "find_all"), parameters)
            cursor.execute("SET LOCAL enable_hashjoin = on")
        cursor.execute("ANALYZE tiers_found")


def _forget_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS tiers_found")


def _lifts(thresholds: Sequence[Any]) -> list[Any]:
    """Will return, for each rank but the highest, the least that reaches any higher one by a metric alone, or None."""
    least: list[Any] = []
    for threshold in reversed(thresholds[1:]):
        ways = [way for way in (threshold, *least[-1:]) if way is not None]
        least.append(min(ways, default=None))
    return least[::-1]


def _hold_if_too_many_fall(night: Night, terms: rules.LadderTerms) -> None:
    if night.approved is None:
        return
    [(at_most,)] = sql.fetch("tiers", "count_falls", ladder=terms.ladder_id, date=night.date)
    if at_most <= max(FALLS_UNASKED, night.approved):
        return
    limit = max(FALLS_UNASKED, int(Standing.objects.filter(ladder_id=terms.ladder_id).count() * FALLS_SHARE_MAX))
    if at_most <= limit:
        return
    falls = _would_fall(night, terms)
    if falls > max(limit, night.approved):
        raise MovesTooMuch("fall to a lower tier", falls, limit)


def _would_fall(night: Night, terms: rules.LadderTerms) -> int:
    """Will decide everything, count the falls of the worst date, and undo it.

    Where nights were missed, or a history came in without them, many dates are decided at once: none of them may
    let more members fall than a night may.
    """
    days = _days(night, terms)
    with transaction.atomic():
        before = _falls_by_date(terms, days["days"][0])
        sql.fetch("tiers", "decide", ladder=terms.ladder_id, date=night.date, above=0, upto=EVERYBODY, **days)
        falls = _falls_by_date(terms, days["days"][0])
        transaction.set_rollback(True)
    falls.subtract(before)
    return max(falls.values(), default=0)


def _falls_by_date(terms: rules.LadderTerms, since: dt.date) -> Counter[dt.date]:
    falls = Decision.objects.filter(
        ladder_id=terms.ladder_id, kind=DecisionKind.DOWNGRADE, business_date__gte=since
    ).values_list("business_date")
    return Counter(dict(falls.annotate(falls=Count("seq"))))


def _days(night: Night, terms: rules.LadderTerms) -> dict[str, Any]:
    """Will return what the statement needs to know of each date that may be decided on: usually the night's alone."""
    waiting = Standing.objects.filter(ladder_id=terms.ladder_id, until_date__lt=night.date)
    oldest = waiting.annotate(due=Coalesce("grace_date", "until_date")).aggregate(date=Min("due"))["date"]
    first = min(oldest or night.date, night.date)
    days = [first + dt.timedelta(days=number) for number in range((night.date - first).days + 1)]
    ladders = queries.ladders()
    return {
        "days": days,
        "ends": [clock.day_end(day) for day in days],
        "versions": [ladders.on(day).version_id for day in days],
        "zone": clock.programme_zone().key,
    }


def close_liability(night: Night, after: int) -> Iterator[Chunk]:
    """Will count what is outstanding at the end of a date and of the months before it, these with their cohorts.

    A closing is counted anew once anything was booked since that belongs to a date up to it. Reads the ledger twice a
    closing: one a night, more where a history came in. Locks nothing.
    """
    ends = _ends_of_months(night.date, CLOSED_MONTHS)
    kept = [night.date, *ends]
    if latest := Closing.objects.aggregate(at=Max("counted_at"))["at"]:
        [(changed,)] = sql.fetch("tiers", "changed_since", since=latest - LONGEST_DEED)
        if changed:
            Closing.objects.filter(date__gte=changed).delete()
    Closing.objects.exclude(date__in=kept).delete()
    counted = set(Closing.objects.values_list("date", flat=True))
    for date in sorted(set(kept) - counted):
        try:
            parts = queries.outstanding(date, is_over=True)
        except queries.NoLadder:
            continue
        closing = Closing.objects.create(date=date)
        ClosingPart.objects.bulk_create([ClosingPart(closing=closing, **asdict(part)) for part in parts])
        if date in ends:
            flows = points_queries.cohort_flows(date)
            ClosingCohort.objects.bulk_create([ClosingCohort(closing=closing, **asdict(flow)) for flow in flows])
        yield Chunk(date.toordinal(), len(parts), {"closings": 1})


def _ends_of_months(date: dt.date, months: int) -> list[dt.date]:
    """Will return the last dates of so many months that are over by a date."""
    firsts = [dates.add_months((date + dt.timedelta(days=1)).replace(day=1), -back) for back in range(months)]
    return [first - dt.timedelta(days=1) for first in firsts]


def members_as_of(date: dt.date, *, is_over: bool) -> Iterator[tuple[Any, ...]]:
    """Will yield everybody: number, external id, tier, since, until, available, pending, debt, growth, spend, orders.

    As it stood at the end of a business date, when what expires on it is gone; while it is not over, as it stands.
    Streams; one statement, so all of it is of one moment.
    """
    terms = queries.terms_on(date)
    parameters: dict[str, Any] = {
        "ladder": terms.ladder_id,
        "date": date,
        "gone": date if is_over else date - dt.timedelta(days=1),
        "starts": date - dt.timedelta(days=EXPORT_DAYS - 1),
        "lowest": terms.rungs[0].code,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("tiers", "members_as_of"), parameters)
        while rows := cursor.fetchmany(EXPORT_ROWS_FETCHED):
            yield from rows
