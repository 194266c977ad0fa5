"""Tiers' night: everybody's tier as tiers.rules decides it for one; who is to be warned; what is outstanding by tier
when a date closes; and everybody as of a date."""

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from kit import clock, dates, jobs, sql
from kit.jobs import Chunk, MovesTooMuch, Night
from members.rules import LOGIN
from points import queries as points_queries
from tiers import actions, queries, rules
from tiers.enums import DecisionKind, Window
from tiers.models import Closing, ClosingCohort, ClosingPart, Decision, HeldFall, Standing

MEMBERS_A_CHUNK = 50_000
FALLS_SHARE_MAX = 0.03
"""A night that would let more than this share of the members fall waits for a person ..."""
FALLS_UNASKED = 100
"""... unless they are so few, as in a small programme, whose members may well have joined on one day."""
FALLS_A_STATEMENT = 5_000
CLOSED_MONTHS = 13
"""The ends of so many months are counted, so that last year's stand beside this year's."""
LONGEST_DEED = dt.timedelta(hours=1)
"""No deed takes longer from its beginning to its commit; what it books may not have been seen by a count before."""
DAY = dt.timedelta(days=1)
NOTICE_STEP = "notice_falls"
NOTICES_A_CHUNK = 5_000
NOTICE_DAYS_BACK_MAX = 366
EXPORT_DAYS = 365
EXPORT_ROWS_FETCHED = 5_000


FORGET_FALLS = b"DELETE FROM tiers_heldfall WHERE ladder_id = %(ladder)s"
"""What every night says, whatever was held: kept planned."""
FOUND_KEPT = 1_000
"""A temporary table of so many members is kept for the next date, and plans well without being counted."""
LADDER_BITS = 40
"""A step's cursor is the place of the ladder and, in so many bits, the member; member ids are smaller."""


def recalculate_tiers(night: Night, after: int) -> Iterator[Chunk]:
    """Will decide everybody's tier at the end of a date: missed upgrades, ends of validity, grace, of what was given.

    Ladder by ladder; who does not stand yet on one beside the main one is placed there first. A standing that should
    have been decided on an earlier date is decided as of that date. Whom something may have to be decided on is found
    by sums over everybody, without locks; the standings of a chunk are then locked in the order of members, what
    decides is read, and tiers.rules decides it. Raises MovesTooMuch before anything of a ladder is written where more
    members would fall than the limit, unless a person approved.
    """
    for place, code in enumerate(queries.ladders_in_force(night.date)):
        base = place << LADDER_BITS
        if after < base + (1 << LADDER_BITS):
            yield from _recalculate(night, Recalculation.of(night, code), max(after - base, 0), base)


@dataclass(frozen=True, slots=True)
class Recalculation:
    """One ladder's night: the version in force, and all versions."""

    night: Night
    terms: rules.LadderTerms
    versions: tuple[rules.LadderTerms, ...]
    ladders: rules.Ladders
    is_slice: bool

    @classmethod
    def of(cls, night: Night, code: str) -> "Recalculation":
        """Will read the versions of a ladder. Queries as queries.ladders, twice."""
        found, versions = queries.ladders(code), queries.versions_of(code)
        terms, turns = found.on(night.date), rules.turns_of(versions)
        return cls(
            night,
            terms,
            versions,
            rules.Ladders(found.on, turns, frozenset().union(*(version.uses for version in versions))),
            # A day tells whose window has changed where windows begin a day later each day; on the day on which a
            # version comes into force, or its notice runs out, it may be anybody's tier.
            is_slice=night.slice_only and night.date not in turns and terms.is_plain,
        )

    def place_everybody(self) -> "Recalculation":
        """Will place on the lowest tier who joined without being placed on this ladder: before it began, or by import.

        Where anybody was, this night, all are looked at. Set-based; inserts only.
        """
        if self.terms.ladder_id == queries.ladders().on(self.night.date).ladder_id:
            return self
        placed = sql.execute(
            "tiers",
            "place_everybody",
            ladder=self.terms.ladder_id,
            tier=self.terms.rungs[0].tier_id,
            date=self.night.date,
            at=clock.day_end(self.night.date),
            cause=rules.cause_of(self.night.date),
        )
        placed_before = Decision.objects.filter(
            ladder_id=self.terms.ladder_id, business_date=self.night.date, kind=DecisionKind.JOINED, actor="night"
        )
        return replace(self, is_slice=self.is_slice and not placed and not placed_before.exists())


def _recalculate(night: Night, one: Recalculation, after: int, base: int) -> Iterator[Chunk]:
    one = one.place_everybody()
    found = _find(one)
    _hold_if_too_many_fall(one)
    chunks = sql.fetch("tiers", "bounds_of_found", after=after, members=MEMBERS_A_CHUNK) if found else []
    for upto, may_decide in chunks:
        chunk = {"ladder": one.terms.ladder_id, "above": after, "upto": upto}
        sql.execute("tiers", "lock_found", **chunk, all=not one.is_slice)
        states = _decide(one, after, upto) if may_decide else []
        actions.write_standings(states=states, at=clock.day_end(night.date), actor="night")
        decided = Counter(decision.kind for state in states for decision in state.decisions)
        refreshed = sql.execute("tiers", "refresh_sums", **chunk, date=night.date)
        yield Chunk(base + upto, decided.total() + refreshed, {**decided, "refreshed": refreshed})
        after = upto
    if found > FOUND_KEPT or not one.is_slice:
        _forget_found()


def _find(one: Recalculation) -> int:
    """Will gather, in a temporary table of the session, whose sums changed and who may have to be decided on.

    Returns how many they are. A slice empties and fills the table of the night before, where that is there still.
    """
    date, terms = one.night.date, one.terms
    parameters: dict[str, Any] = {"ladder": terms.ladder_id, "date": date, "starts": terms.window_start(date)}
    for name, ranks in (
        ("reach", rules.least_to_rise(terms, one.versions)),
        ("keep", rules.least_to_keep(terms, one.versions)),
    ):
        parameters |= {f"{name}_{metric}": [least.get(metric) for least in ranks] for metric in rules.METRICS}
    if one.is_slice:
        sql.execute("tiers", "keep_found")
        sql.execute_prepared("tiers", "empty_found")
        fell = terms.window_start(date - dt.timedelta(days=1))
        found = sql.execute_prepared("tiers", "find_of_day", **parameters, fell=fell)
        if found > FOUND_KEPT:
            _count_found()
        return found
    _forget_found()
    with connection.cursor() as cursor:
        if terms.uses <= rules.PLAIN and terms.window is not Window.MEMBERSHIP_YEAR:
            # All three sides come in the order of members: merging them is cheaper than two hashes of everybody.
            cursor.execute("SET LOCAL enable_hashjoin = off")
            cursor.execute(sql.statement("tiers", "find_all"), parameters)
            found = int(cursor.rowcount)
            cursor.execute("SET LOCAL enable_hashjoin = on")
        else:
            cursor.execute(sql.statement("tiers", "find_more"), parameters | _more(terms, date))
            found = int(cursor.rowcount)
    _count_found()
    return found


def _count_found() -> None:
    """Will let the planner know how many were found."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tiers_found")


def _more(terms: rules.LadderTerms, date: dt.date) -> dict[str, Any]:
    by_member = terms.window is Window.MEMBERSHIP_YEAR
    return {
        "zone": clock.programme_zone().key,
        "by_member": by_member,
        "starts": dates.add_years(date, -1) if by_member else terms.window_start(date),
        "active_days": "active_days" in terms.uses,
        "referrals": "referrals" in terms.uses,
        "not_own": list(rules.NOT_OWN_EVENTS),
    }


def _forget_found() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS tiers_found")


def _decide(one: Recalculation, above: int, upto: int) -> list[actions.StandingState]:
    """Will decide on the candidates of a range; returns those on whom something was decided. Two queries, no writes."""
    date, zone = one.night.date, clock.programme_zone()
    states = []
    for state, history in _read(one, above, upto):
        if state.position is None or state.own is None or state.decided_at is None:
            continue
        decided_on = state.decided_at.astimezone(zone).date()
        for on, outcome in rules.live_through(state.position, state.own, decided_on, date, history, one.ladders):
            if outcome.measure:
                measure = outcome.measure
                state.decide(outcome, measure.facts, measure.terms, on, clock.day_end(on), rules.cause_of(on), "night")
        if state.decisions:
            states.append(state)
    return states


def _read(one: Recalculation, above: int, upto: int) -> list[tuple[actions.StandingState, rules.History]]:
    """Will read where the candidates of a range stand and what may count of them. Two queries."""
    zone = clock.programme_zone()
    states: dict[int, actions.StandingState] = {}
    joined: dict[int, dt.date] = {}
    rows = sql.fetch("tiers", "candidates", ladder=one.terms.ladder_id, above=above, upto=upto)
    for member_id, joined_at, *row in rows:
        states[member_id] = actions.StandingState.read(member_id, one.terms.ladder_id, row)
        joined[member_id] = joined_at.astimezone(zone).date() if joined_at else dt.date.min
    histories = _histories(one, states, above, upto)
    return [
        (state, rules.History(joined[member_id], histories.get(member_id, ()))) for member_id, state in states.items()
    ]


def _histories(
    one: Recalculation, states: dict[int, actions.StandingState], above: int, upto: int
) -> dict[int, list[rules.Counted]]:
    """Will read all that may count of the candidates of a range, on the oldest date that is to be decided on too."""
    due = [state.position.due for state in states.values() if state.position]
    oldest = min([one.night.date, *(date for date in due if date)])
    starts = {terms.window_start(oldest) for terms in {one.terms, *one.versions}}
    uses = one.ladders.uses
    found: dict[int, list[rules.Counted]] = {}
    for member_id, *row in sql.fetch(
        "tiers",
        "histories",
        above=above,
        upto=upto,
        since=min(starts) - dt.timedelta(days=1),
        active_days="active_days" in uses,
        referrals="referrals" in uses,
        not_own=list(rules.NOT_OWN_EVENTS),
    ):
        found.setdefault(member_id, []).append(rules.Counted._make(row))
    return found


def _hold_if_too_many_fall(one: Recalculation) -> None:
    night, ladder_id = one.night, one.terms.ladder_id
    sql.execute_text(FORGET_FALLS, {"ladder": ladder_id})
    if night.approved is None:
        return
    [(at_most,)] = sql.fetch("tiers", "count_falls", ladder=ladder_id, date=night.date)
    if at_most <= max(FALLS_UNASKED, night.approved):
        return
    limit = max(FALLS_UNASKED, int(Standing.objects.filter(ladder_id=ladder_id).count() * FALLS_SHARE_MAX))
    if at_most <= limit:
        return
    falls = _would_fall(one)
    worst = max(Counter(fall.date for fall in falls).values(), default=0)
    if worst > max(limit, night.approved):
        raise MovesTooMuch("fall to a lower tier", worst, limit, partial(_keep_falls, ladder_id, falls))


def _keep_falls(ladder_id: int, falls: list[HeldFall]) -> None:
    HeldFall.objects.filter(ladder_id=ladder_id).delete()
    HeldFall.objects.bulk_create(falls, batch_size=FALLS_A_STATEMENT)


def _would_fall(one: Recalculation) -> list[HeldFall]:
    """Will decide everything without writing it, and return the falls.

    Where nights were missed, or a history came in without them, many dates are decided at once: none of them may
    let more members fall than a night may.
    """
    falls = []
    above = 0
    for upto, may_decide in sql.fetch("tiers", "bounds_of_found", after=0, members=MEMBERS_A_CHUNK):
        for state in _decide(one, above, upto) if may_decide else ():
            falls += [_held_fall(d) for d in state.decisions if d.kind == DecisionKind.DOWNGRADE]
        above = upto
    return falls


def _held_fall(decision: actions.NewDecision) -> HeldFall:
    if decision.from_tier_id is None:
        raise ValueError("Who falls falls from a tier.")
    return HeldFall(
        ladder_id=decision.ladder_id,
        member_id=decision.member_id,
        date=decision.business_date,
        from_tier_id=decision.from_tier_id,
        to_tier_id=decision.to_tier_id,
        spend=decision.spend,
        orders=decision.orders,
        growth=decision.growth,
    )


# ---- warnings


def notice_falls(night: Night, after: int) -> Iterator[Chunk]:
    """Will write who is to be warned on the next date, and on dates whose nights were missed, that a tier will be lost.

    Ladder by ladder: whose validity, grace or given tier ends so many days later is found by its dates; tiers.rules
    says who would fall if nothing more counted, and the least that keeps the tier. A row per member, ladder, end and
    warning, once: what is there stays. Only active members. No locks: it reads one moment.
    """
    due = reminders_due(night.date, jobs.last_done(NOTICE_STEP, night.date))
    for place, code in enumerate(queries.ladders_in_force(night.date)):
        base = place << LADDER_BITS
        if due and after < base + (1 << LADDER_BITS):
            yield from _notice(Recalculation.of(night, code), due, max(after - base, 0), base)


def reminders_due(date: dt.date, last_done: dt.date | None) -> dict[dt.date, list[tuple[int, dt.date]]]:
    """Will return {end: [(days before it, date to warn on)]} of what a night writes.

    The night of a date writes what is due on the next one, so that it can be sent that morning. Where nights were
    missed since `last_done`, also what was due meanwhile, unless its end is over.
    """
    first = max(last_done or date - DAY, date - NOTICE_DAYS_BACK_MAX * DAY) + 2 * DAY
    found: dict[dt.date, list[tuple[int, dt.date]]] = {}
    for number in range((date + DAY - first).days + 1):
        on = first + number * DAY
        for days in rules.WARN_DAYS:
            if on + days * DAY > date:
                found.setdefault(on + days * DAY, []).append((days, on))
    return found


def _notice(
    one: Recalculation, due: dict[dt.date, list[tuple[int, dt.date]]], after: int, base: int
) -> Iterator[Chunk]:
    date = one.night.date
    _forget_found()
    sql.execute("tiers", "find_ending", ladder=one.terms.ladder_id, ends=list(due), date=date)
    growth = queries.growth_per_unit(date + DAY)
    for upto, _may_decide in sql.fetch("tiers", "bounds_of_found", after=after, members=NOTICES_A_CHUNK):
        rows = [row for stand in _stands(one, after, upto) for row in _warnings(stand, due, date + DAY, growth)]
        written = sql.execute("tiers", "write_fall_notices", ladder=one.terms.ladder_id, rows=json.dumps(rows))
        yield Chunk(base + upto, written, {"warnings": written})
        after = upto
    _forget_found()


def _stands(one: Recalculation, above: int, upto: int) -> Iterator[tuple[int, rules.Stand]]:
    zone = clock.programme_zone()
    for state, history in _read(one, above, upto):
        if state.position and state.own and state.decided_at:
            decided_on = state.decided_at.astimezone(zone).date()
            yield state.member_id, rules.Stand(state.position, state.own, decided_on, history, one.ladders)


def _warnings(
    who: tuple[int, rules.Stand], due: dict[dt.date, list[tuple[int, dt.date]]], today: dt.date, growth: Decimal
) -> list[dict[str, Any]]:
    """The rows of sql/write_fall_notices.sql of a member; none of one who would not fall."""
    member_id, stand = who
    fall = rules.foresee_fall(stand, today, growth)
    if fall is None or fall.ends_on not in due:
        return []
    ways = [
        {"more": [[metric, str(more)] for metric, more in way.more], "since": str(way.since), "by": str(way.by)}
        for way in fall.ways
    ]
    told: dict[str, Any] = {"ends_on": str(fall.ends_on), "falls_on": str(fall.falls_on), "ways": ways}
    told |= {"member_id": member_id, "tier_id": fall.rung.tier_id, "to_tier_id": fall.to.tier_id}
    return [{**told, "days_before": days, "due_on": str(on)} for days, on in due[fall.ends_on]]


# ---- what is outstanding


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
        "login": LOGIN,
    }
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(sql.statement("tiers", "members_as_of"), parameters)
        while rows := cursor.fetchmany(EXPORT_ROWS_FETCHED):
            yield from rows
