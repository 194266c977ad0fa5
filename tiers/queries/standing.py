"""Where a member stands, what counts, and what was decided on him."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Max, Q

from kit import clock, memory, sql
from members import queries as members_queries
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import rules
from tiers.enums import (
    DecisionKind,
    Join,
    Start,
    Window,
)
from tiers.models import (
    Decision,
    Ladder,
    Standing,
    Tier,
)
from tiers.queries.versions import MAIN, by_date, requirement_of, rung_of, terms_on, version_by_id, versions_of


class NoStanding(Exception):
    """The member has not joined, so stands on no ladder."""


@dataclass(frozen=True, slots=True)
class TierView:
    """A tier as pages show it; `names` by language."""

    id: int
    rank: int
    code: str
    names: dict[str, str]
    look: str
    icon: str
    multiplier: Decimal


@dataclass(frozen=True, slots=True)
class TierAfter:
    """The tier after a deed, and whether the deed changed it."""

    code: str
    changed: bool


@dataclass(frozen=True, slots=True)
class DecisionView:
    """One decision with its reason."""

    seq: int
    kind: str
    at: dt.datetime
    business_date: dt.date
    from_tier: TierView | None
    to_tier: TierView
    until_before: dt.date | None
    until_date: dt.date | None
    grace_date: dt.date | None
    spend: Decimal
    orders: int
    growth: int
    reached_by: str
    threshold: Decimal | None
    window_starts_date: dt.date
    cause: str
    actor: str = ""
    since_date: dt.date | None = None
    next_tier: TierView | None = None
    next_date: dt.date | None = None
    hold_kind: str = ""
    reason: str = ""
    asked: tuple[tuple[str, Decimal, Decimal], ...] = ()
    """(metric, threshold, had) of what the other fields do not say."""


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a member stands: tier, dates, what counts in the window today, and the ways to keep it and to move up.

    `keep` and `reach` are (metric, threshold, missing); empty where there is nothing to keep or nothing above. All of
    `reach` is needed where `reach_all` says so.
    """

    tier: TierView
    since: dt.date
    until: dt.date | None
    grace: dt.date | None
    window_starts_on: dt.date
    facts: rules.Facts
    keep: tuple[tuple[str, Decimal, Decimal], ...]
    next_tier: TierView | None
    reach: tuple[tuple[str, Decimal, Decimal], ...]
    reach_all: bool
    last_decision: DecisionView


def joined_on(member_id: int) -> dt.date:
    """Will return the business date on which a member joined; the beginning of time where he has not. One query."""
    joined_at = members_queries.joined_at_of(member_id)
    return clock.business_date(joined_at) if joined_at else dt.date.min


def measure_on(member_id: int, terms: rules.LadderTerms, on: dt.date) -> rules.Measure:
    """Will return what counts under a version in the window that ends on a date, as known at its end.

    Two queries, and one each for active days, referrals and the date of joining where the version asks for them.
    """
    by_joining = terms.window is Window.MEMBERSHIP_YEAR or "years" in terms.uses
    joined = joined_on(member_id) if by_joining else dt.date.min
    start = terms.window_start(on, joined)
    spent = orders_queries.spent_in_window(member_id, start, on)
    window = {"member_id": member_id, "starts": start, "date": on}
    facts = rules.Facts(
        spend=spent.spend,
        orders=spent.orders,
        growth=points_queries.growth_in_window(member_id, start, on),
        active_days=_count("active_days", window | {"not_own": list(rules.NOT_OWN_EVENTS)})
        if "active_days" in terms.uses
        else 0,
        years=rules.years_between(joined, on) if "years" in terms.uses else 0,
        referrals=_count("referrals", window) if "referrals" in terms.uses else 0,
    )
    return rules.Measure(terms, facts, joined)


def _measure_then(member_id: int, terms: rules.LadderTerms, on: dt.date) -> rules.Measure:
    """What measure_on says, in one query, and one for the date of joining where the version asks for it."""
    by_joining = terms.window is Window.MEMBERSHIP_YEAR or "years" in terms.uses
    joined = joined_on(member_id) if by_joining else dt.date.min
    history = history_of(member_id, joined, terms.window_start(on, joined), terms.uses)
    return rules.Measure(terms, history.facts(terms, on), joined)


def history_of(member_id: int, joined: dt.date, since: dt.date, uses: Collection[str]) -> rules.History:
    """Will return all that counts of a member since a date, for ladders that ask for these metrics. One query."""
    rows = sql.fetch(
        "tiers",
        "history_of",
        member_id=member_id,
        since=since,
        active_days="active_days" in uses,
        referrals="referrals" in uses,
        not_own=list(rules.NOT_OWN_EVENTS),
    )
    return rules.History(joined, map(rules.Counted._make, rows))


def facts_on(member_id: int, terms: rules.LadderTerms, on: dt.date) -> rules.Facts:
    """Will return the facts of measure_on, in as many queries."""
    return measure_on(member_id, terms, on).facts


def _count(statement: str, window: dict[str, Any]) -> int:
    [(count,)] = sql.fetch("tiers", statement, **window)
    return int(count)


def moments_after(member_id: int, date: dt.date) -> list[dt.datetime]:
    """Will return when something happened that counts later than a date, in order. One query."""
    return [row[0] for row in sql.fetch("tiers", "moments_after", member_id=member_id, date=date)]


def tier_before(member_id: int, at: dt.datetime, cause: str) -> Tier:
    """Will return the tier held just before something of that cause happened at an instant. Two to five queries.

    The lowest tier has no end to which it would be kept as it was, so it is that of the ladder in force.
    """
    held = (
        Decision.objects.filter(Q(at__lt=at) | (Q(at=at) & ~Q(cause=cause)), member_id=member_id, ladder__code=MAIN)
        .order_by("-seq")
        .select_related("to_tier")
        .only("to_tier")
        .first()
    )
    begun = _begun(member_id, at) if held else None
    if held and (begun or held.to_tier.rank):
        return begun or held.to_tier
    lowest = terms_on(clock.business_date(at)).rungs[0]
    return held.to_tier if held and held.to_tier_id == lowest.tier_id else Tier.objects.get(id=lowest.tier_id)


def spend_of_place(place: int) -> Decimal:
    """Will return the spend that only so many members of the main ladder reach; nought where there are fewer.

    Two queries.
    """
    ladder_id = Ladder.objects.filter(code=MAIN).values_list("id", flat=True).first() or 0
    ordered = Standing.objects.filter(ladder_id=ladder_id).order_by("-spend", "member_id")
    return ordered.values_list("spend", flat=True)[place : place + 1].first() or Decimal(0)


def _begun(member_id: int, at: dt.datetime) -> Tier | None:
    """The tier that has begun by an instant although the night that books it has not been; asked of few ladders."""
    if all(terms.start is Start.AT_ONCE for terms in versions_of()):
        return None
    due = Standing.objects.filter(member_id=member_id, ladder__code=MAIN, hold_kind="", decided_at__lt=at)
    row = due.filter(next_date__lte=clock.business_date(at)).select_related("next_tier").first()
    return row.next_tier if row else None


def tiers_of_ladder(date: dt.date) -> list[TierView]:
    """Will return the tiers of the main ladder in force on a date, lowest first. One query, two the first time."""
    return list(tiers_of_version(terms_on(date).version_id))


@lru_cache(maxsize=64)
def tiers_of_version(version_id: int) -> tuple[TierView, ...]:
    """Will return the tiers of a published version, lowest first: they are frozen by the database, so may be kept.

    One query the first time.
    """
    return tuple(tier_view(tier) for tier in Tier.objects.filter(version_id=version_id).order_by("rank"))


def get_standing(member_id: int, at: dt.datetime) -> StandingView:
    """Will return where a member stands at an instant, with the ways to keep and to move up. Five or six queries.

    Raises NoStanding.
    """
    today = clock.business_date(at)
    terms = terms_on(today)
    row = Standing.objects.filter(member_id=member_id, ladder_id=terms.ladder_id).select_related("tier").first()
    if row is None:
        raise NoStanding(f"Member {member_id} has not joined the programme.")
    measure = measure_on(member_id, terms, today)
    above, keep = tiers_around(terms, row.tier_id)
    asked = above.asked_of(row.highest_rank) if above else rules.Requirement()
    return StandingView(
        tier=tier_view(row.tier),
        since=row.since_date,
        until=row.until_date,
        grace=row.grace_date,
        window_starts_on=measure.window_start(today),
        facts=measure.facts,
        keep=tuple(rules.gaps(keep, measure.facts)),
        next_tier=tier_view(Tier.objects.get(id=above.tier_id)) if above else None,
        reach=tuple(rules.gaps(asked, measure.facts)),
        reach_all=asked.join is Join.ALL,
        last_decision=list_decisions(member_id, limit=1)[0],
    )


def tiers_around(terms: rules.LadderTerms, tier_id: int) -> tuple[rules.Rung | None, rules.Requirement]:
    """Will return the next tier that can be reached from one, in the version in force, and what keeps that one.

    Queries as rung_of.
    """
    theirs, rung = rung_of(tier_id)
    rank, _ = rules.rank_in(terms, theirs, rung.rank)
    above = next((rung for rung in terms.rungs if rung.rank > rank and not rung.by_invitation), None)
    return above, terms.rungs[rank].keep if rank else rules.Requirement()


def list_decisions(
    member_id: int, limit: int = 50, as_of: dt.datetime | None = None, ladder: str = MAIN
) -> list[DecisionView]:
    """Will return decisions of a member on a ladder, latest first. One query."""
    decisions = Decision.objects.filter(member_id=member_id, ladder__code=ladder)
    if as_of:
        decisions = decisions.filter(at__lte=as_of)
    rows = decisions.order_by("-seq").select_related("from_tier", "to_tier", "next_tier")[:limit]
    return [decision_of(row) for row in rows]


@memory.once
def decided_by(member_id: int, at: dt.datetime) -> DecisionView | None:
    """Will return the last decision on the main ladder by an instant, or None before there was one. One query."""
    return next(iter(list_decisions(member_id, limit=1, as_of=at)), None)


def tiers_of_ids(ids: Iterable[int]) -> dict[int, TierView]:
    """Will return {id: tier} of some tiers, of whatever versions of their ladders. One query."""
    return {tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in=set(ids))}


def tier_view(tier: Tier) -> TierView:
    """Will return a tier as pages show it. No queries."""
    return TierView(tier.id, tier.rank, tier.code, tier.names, tier.look, tier.icon, tier.multiplier)


def decision_of(row: Decision) -> DecisionView:
    """Will return a decision as others see it. Up to three queries, none where its tiers were read with it."""
    return DecisionView(
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        business_date=row.business_date,
        from_tier=tier_view(row.from_tier) if row.from_tier else None,
        to_tier=tier_view(row.to_tier),
        until_before=row.until_before,
        until_date=row.until_date,
        grace_date=row.grace_date,
        spend=row.spend,
        orders=row.orders,
        growth=row.growth,
        reached_by=row.reached_by,
        threshold=row.threshold,
        window_starts_date=row.window_starts_date,
        cause=row.cause,
        actor=row.actor,
        since_date=row.since_date,
        next_tier=tier_view(row.next_tier) if row.next_tier else None,
        next_date=row.next_date,
        hold_kind=row.hold_kind,
        reason=row.reason,
        asked=tuple((metric, Decimal(need), Decimal(had)) for metric, need, had in row.asked),
    )


def tier_after(member_id: int, at: dt.datetime, cause: str) -> TierAfter:
    """Will return the tier after something of that cause, and whether it changed it. One to three queries."""
    caused = Decision.objects.filter(member_id=member_id, ladder__code=MAIN, cause=cause).order_by("-seq")
    if decision := caused.values_list("to_tier__code", "from_tier", "to_tier").first():
        code, before, after = decision
        return TierAfter(code, before != after)
    return TierAfter(tier_before(member_id, at, cause).code, changed=False)


@memory.once
def tier_codes() -> dict[int, str]:
    """Will return {id: code} of all tiers of all versions. One query."""
    return dict(Tier.objects.values_list("id", "code"))


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing as lists show it, with the sums of the last evaluation; `keep` as in StandingView."""

    tier: TierView
    until: dt.date | None
    grace: dt.date | None
    facts: rules.Facts
    keep: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class HeldTier:
    """The tier that a member holds on a ladder, and the last date it is valid; the lowest does not end."""

    code: str
    until: dt.date | None


def held_tiers(member_id: int) -> dict[str, HeldTier]:
    """Will return {ladder: tier held} of a member; empty where he has not joined. One query."""
    return held_tiers_of([member_id]).get(member_id, {})


def held_tiers_of(member_ids: Sequence[int]) -> dict[int, dict[str, HeldTier]]:
    """Will return {id: {ladder: tier held}} of those of some members who have joined. One query."""
    found: dict[int, dict[str, HeldTier]] = {}
    for member_id, ladder, code, until in sql.fetch("tiers", "held_tiers", members=list(member_ids)):
        found.setdefault(member_id, {})[ladder] = HeldTier(code, until)
    return found


@dataclass(frozen=True, slots=True)
class Rate:
    """The tier that something placed now would earn by."""

    code: str
    multiplier: Decimal


def rate_now(member_id: int, at: dt.datetime) -> Rate:
    """Will return by which tier something placed at the present instant earns: as tier_before says.

    One query; more the first time, and for who has not joined.
    It is read from the standing, which holds the last decision, so it is not for the past.
    """
    today = clock.business_date(at)
    if not (rows := sql.fetch("tiers", "rate_of", member=member_id, ladder=MAIN)):
        lowest = terms_on(today).rungs[0]
        return Rate(lowest.code, lowest.multiplier)
    [(*held, hold_kind, next_date, next_rank, next_code, next_multiplier, versions)] = rows
    has_begun = next_date is not None and not hold_kind and next_date <= today
    rank, code, multiplier = (next_rank, next_code, next_multiplier) if has_begun else held
    if rank:
        return Rate(code, multiplier)
    # The lowest tier is whatever the ladder in force has lowest.
    lowest = by_date(map(version_by_id, versions)).on(today).rungs[0]
    return Rate(lowest.code, lowest.multiplier)


def upgrades_since(member_id: int, date: dt.date) -> list[tuple[str, str, int, dt.date]]:
    """Will return (ladder, tier, number of the decision, date) of what raised a member since a date. One query."""
    raised = Decision.objects.filter(member_id=member_id, business_date__gte=date, kind=DecisionKind.UPGRADE)
    names = ("ladder__code", "to_tier__code", "seq", "business_date")
    return list(raised.order_by("ladder_id", "seq").values_list(*names))


def standings_of(member_ids: Sequence[int]) -> dict[int, StandingRow]:
    """Will return {id: standing on the main ladder} of those members who stand there. One query."""
    rows = Standing.objects.filter(member_id__in=member_ids, ladder__code=MAIN).select_related("tier")
    return {row.member_id: _standing_row(row) for row in rows}


@dataclass(frozen=True, slots=True)
class Outlook:
    """The tier a member holds and until when, the next one he can reach, and how much spend brings it by itself."""

    tier: TierView
    until: dt.date | None
    next_tier: TierView | None = None
    to_next: Decimal | None = None


def outlooks_of(member_ids: Sequence[int], today: dt.date) -> dict[int, Outlook]:
    """Will return {id: outlook on the main ladder} of those members who stand there.

    What is missing is by the sums of the last decision. Three queries, and two a version of the ladder the first time.
    """
    if not (rows := list(Standing.objects.filter(member_id__in=member_ids, ladder__code=MAIN).select_related("tier"))):
        return {}
    rungs = [rung for rung in terms_on(today).rungs if rung.reach.ways() and not rung.by_invitation]
    views = {tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in=[rung.tier_id for rung in rungs])}
    found = {}
    for row in rows:
        above = next((rung for rung in rungs if rung.rank > row.rank), None)
        asked = above.asked_of(row.highest_rank).by_spend if above else None
        missing = asked - row.spend if asked is not None and asked > row.spend else None
        found[row.member_id] = Outlook(
            tier_view(row.tier), row.until_date, views[above.tier_id] if above else None, missing
        )
    return found


def get_standing_as_of(member_id: int, at: dt.datetime) -> StandingView:
    """Will return where a member stood at a past instant, from its decisions and what was known then.

    At most six queries, and one where the next tier asks otherwise of who comes back.

    Raises NoStanding where he had not joined yet.
    """
    today = clock.business_date(at)
    terms = terms_on(today)
    last = decided_by(member_id, at)
    if last is None:
        raise NoStanding(f"Member {member_id} had not joined the programme.")
    moved = Decision.objects.filter(member_id=member_id, ladder_id=terms.ladder_id, seq__lte=last.seq).exclude(
        kind__in=[DecisionKind.RENEWAL, DecisionKind.GRACE]
    )
    since = last.since_date or moved.order_by("-seq").values_list("business_date", flat=True).first()
    measure = _measure_then(member_id, terms, today)
    above, keep = tiers_around(terms, last.to_tier.id)
    asked = above.reach if above else rules.Requirement()
    if above and above.re_enter:
        earned = Decision.objects.filter(member_id=member_id, ladder_id=terms.ladder_id, seq__lte=last.seq)
        asked = above.asked_of(earned.filter(hold_kind="").aggregate(rank=Max("to_tier__rank"))["rank"] or 0)
    return StandingView(
        tier=last.to_tier,
        since=since or last.business_date,
        until=last.until_date,
        grace=last.grace_date,
        window_starts_on=measure.window_start(today),
        facts=measure.facts,
        keep=tuple(rules.gaps(keep, measure.facts)),
        next_tier=tier_view(Tier.objects.get(id=above.tier_id)) if above else None,
        reach=tuple(rules.gaps(asked, measure.facts)),
        reach_all=asked.join is Join.ALL,
        last_decision=last,
    )


def list_decisions_before(member_id: int, before: dt.datetime | None, limit: int) -> list[DecisionView]:
    """Will return decisions of a member on the main ladder before an instant, latest first. One query."""
    decisions = Decision.objects.filter(member_id=member_id, ladder__code=MAIN)
    if before:
        decisions = decisions.filter(at__lt=before)
    return [
        decision_of(row)
        for row in decisions.order_by("-seq").select_related("from_tier", "to_tier", "next_tier")[:limit]
    ]


def _standing_row(row: Standing) -> StandingRow:
    facts = rules.Facts(row.spend, row.orders, row.growth)
    keep = requirement_of(row.tier, "keep")
    # What a standing does not sum up is not shown; where all of it is needed, what lacks most stands for the rest.
    ways = [way for way in rules.gaps(keep, facts) if way[0] in rules.PLAIN]
    if keep.join is Join.ALL:
        ways = sorted(ways, key=lambda way: way[2] / way[1] if way[1] else Decimal(0))[-1:]
    return StandingRow(
        tier=tier_view(row.tier),
        until=row.until_date,
        grace=row.grace_date,
        facts=facts,
        keep=tuple(ways) if row.rank and not row.hold_kind else (),
    )


MOVES = (DecisionKind.UPGRADE, DecisionKind.DOWNGRADE, DecisionKind.RE_EVALUATED)
"""The kinds of decisions after which another tier is held."""


def changes_of(member_id: int, cause: str) -> list[DecisionView]:
    """Will return the decisions of a cause that gave a member another tier on the main ladder.

    One query where there are none, as after most deeds: it asks for them alone, not for all that they are made of.
    """
    rows = Decision.objects.filter(member_id=member_id, ladder__code=MAIN, cause=cause, kind__in=MOVES)
    if not rows.exists():
        return []
    rows = rows.select_related("from_tier", "to_tier", "next_tier")
    return [decision_of(row) for row in rows.order_by("seq") if row.from_tier_id != row.to_tier_id]


def find_decision(member_id: int, seq: int, ladder: str = MAIN) -> DecisionView | None:
    """Will return a decision of a member by its number, if there is one. One query."""
    rows = Decision.objects.filter(member_id=member_id, ladder__code=ladder, seq=seq)
    row = rows.select_related("from_tier", "to_tier", "next_tier").first()
    return decision_of(row) if row else None
