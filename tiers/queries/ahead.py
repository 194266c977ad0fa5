"""What will come: falls foreseen, futures, and where a member stands with every setting of the ladder."""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kit import clock
from tiers import rules
from tiers.enums import (
    AtEnd,
    Join,
)
from tiers.models import (
    Ladder,
    Tier,
)
from tiers.queries.standing import (
    DecisionView,
    NoStanding,
    TierView,
    get_standing_as_of,
    history_of,
    tier_view,
    tiers_around,
)
from tiers.queries.stands import Stood, published_tiers, stands_of
from tiers.queries.versions import MAIN, growth_per_unit, ladders, rung_of, terms_on, versions_of
from tiers.rules.places import new_decision, place_of


@dataclass(frozen=True, slots=True)
class FallView:
    """A fall that comes if nothing more counts: of which tier to which, when, and the least that averts it."""

    tier: TierView
    to_tier: TierView
    ends_on: dt.date
    falls_on: dt.date
    ways: tuple[rules.Way, ...]


def stand_of(member_id: int, ladder: str = MAIN) -> rules.Stand:
    """Will return where a member stands now with all that counts of him, so that rules can look ahead of it.

    Raises NoStanding, NoLadder. Three queries, and two a version of the ladder the first time.
    """
    versions, found, stood = versions_of(ladder), ladders(ladder), _stood(member_id, ladder)
    position, own = place_of(stood.place, rung_of)
    uses = frozenset[str]().union(*(terms.uses for terms in versions))
    decided_on, joined = clock.business_date(stood.decided_at), stood.joined_on
    dates_of_doubt = [date for date in (position.due, decided_on) if date]
    since = min(terms.window_start(min(dates_of_doubt), joined) for terms in {*versions, own})
    history = history_of(member_id, joined, since, uses)
    return rules.Stand(position, own, decided_on, history, rules.Ladders(found.on, rules.turns_of(versions), uses))


def _stood(member_id: int, ladder: str) -> Stood:
    for stood in stands_of(member_id):
        if stood.ladder == ladder:
            return stood
    raise NoStanding(f"Member {member_id} has not joined the programme.")


def fall_view(fall: rules.Fall) -> FallView:
    """Will return a fall that rules foresee with its tiers as pages show them. One query."""
    tiers = Tier.objects.in_bulk([fall.rung.tier_id, fall.to.tier_id])
    return FallView(
        tier_view(tiers[fall.rung.tier_id]), tier_view(tiers[fall.to.tier_id]), fall.ends_on, fall.falls_on, fall.ways
    )


def ways_of(kept: list[dict[str, Any]]) -> tuple[rules.Way, ...]:
    """Will read the ways to keep a tier as a warning keeps them. No queries."""
    return tuple(
        rules.Way(
            tuple((metric, Decimal(more)) for metric, more in way["more"]),
            dt.date.fromisoformat(way["since"]),
            dt.date.fromisoformat(way["by"]),
        )
        for way in kept
    )


@dataclass(frozen=True, slots=True)
class Future:
    """What will come of a member up to a date, as far as it is known: `turns` are dates on which a version begins."""

    decisions: tuple[DecisionView, ...]
    leaving: tuple[rules.Leaving, ...]
    turns: tuple[dt.date, ...]
    tier: TierView
    until: dt.date | None
    grace: dt.date | None


def future_of(stand: rules.Stand, ahead: rules.Ahead, today: dt.date) -> Future:
    """Will return what rules foresee of a member with its tiers as pages show them. One query."""
    before, rows = (stand.position, stand.own), []
    for on, outcome in ahead.lived:
        after = (outcome.position, outcome.terms or before[1])
        rows.append(new_decision(before, after, outcome, outcome.measure or stand.measure(on), on))
        before = after
    held = ahead.stand.held
    wanted = {row[name] for row in rows for name in ("from_tier_id", "to_tier_id", "next_tier_id")} | {held.tier_id}
    tiers = {tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in=wanted - {None})}
    position = ahead.stand.position
    begins = {stand.ladders.on(date).effective_on for date in stand.ladders.begins}
    return Future(
        decisions=tuple(foreseen_view(row, tiers) for row in rows),
        leaving=tuple(rules.leaving(ahead.stand, today, ahead.upto)),
        turns=tuple(sorted(date for date in begins if today < date <= ahead.upto)),
        tier=tiers[held.tier_id],
        until=position.hold.until if position.hold else position.until,
        grace=None if position.hold else position.grace,
    )


def tier_views(rungs: Iterable[rules.Rung]) -> dict[int, TierView]:
    """Will return {tier id: tier} of rungs as pages show them. One query."""
    return {tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in={rung.tier_id for rung in rungs})}


def foreseen_view(row: dict[str, Any], tiers: dict[int, TierView]) -> DecisionView:
    """Will return a decision that has not been made as one that has. No queries."""
    told = {name: value for name, value in row.items() if not name.endswith("_tier_id")}
    told["asked"] = tuple((metric, Decimal(need), Decimal(had)) for metric, need, had in json.loads(row["asked"]))
    return DecisionView(
        seq=0,
        at=clock.day_end(row["business_date"]),
        from_tier=tiers.get(row["from_tier_id"]),
        to_tier=tiers[row["to_tier_id"]],
        next_tier=tiers.get(row["next_tier_id"]),
        cause="",
        **told,
    )


@dataclass(frozen=True, slots=True)
class FullStanding:
    """Where a member stands on a ladder and all that bears on it, for pages.

    `keep` and `reach` are (metric, threshold, missing), all of which are needed where `keep_all` or `reach_all` says
    so; `keep` is judged with what still counts on `judged_on`, which is `lasting`. `earned` is the tier beneath one
    that was given, `upcoming` one that begins later. `fall` is what comes if nothing more counts.
    """

    ladder: str
    tier: TierView
    since: dt.date
    until: dt.date | None
    grace: dt.date | None
    terms: rules.LadderTerms
    window_starts_on: dt.date
    facts: rules.Facts
    lasting: rules.Facts
    judged_on: dt.date | None
    keep: tuple[tuple[str, Decimal, Decimal], ...]
    keep_all: bool
    next_tier: TierView | None
    reach: tuple[tuple[str, Decimal, Decimal], ...]
    reach_all: bool
    last_decision: DecisionView
    never_lost: bool = False
    hold_kind: str = ""
    earned: TierView | None = None
    earned_until: dt.date | None = None
    upcoming: TierView | None = None
    upcoming_on: dt.date | None = None
    fall: FallView | None = None
    is_due: bool = False
    """Whether its end is over and the night that decides has not been."""


def get_full_standing(member_id: int, at: dt.datetime, ladder: str = MAIN) -> FullStanding:
    """Will return where a member stands on a ladder now, with all that bears on it. At most four queries.

    Raises NoStanding, NoLadder.
    """
    today = clock.business_date(at)
    stand = stand_of(member_id, ladder)
    position, held = stand.position, stand.held
    now = stand.measure(today)
    last = _stood(member_id, ladder).last
    judged_on = None if position.until is None or position.hold else today if position.grace else position.until
    judge = rules.judging(stand, judged_on or today)
    place = rules.rank_in(judge.terms, stand.own, position.rank)[0]
    keep = judge.terms.rungs[place].keep if place and not position.hold else rules.Requirement()
    above = _above(now.terms, stand)
    peak = rules.rank_in(now.terms, stand.own, position.peak)[0]
    asked = above.asked_of(peak) if above else rules.Requirement()
    settled = rules.caught_up(stand, today)
    fall = rules.foresee_fall(settled, today, growth_per_unit(today)) if settled.held == held else None
    wanted = [held, stand.own.rungs[position.rank]] + [rung for rung in (above, fall and fall.to) if rung]
    wanted += [position.next.rung] if position.next else []
    tiers = published_tiers(rung.tier_id for rung in wanted)
    return FullStanding(
        ladder=ladder,
        tier=tiers[held.tier_id],
        since=position.hold.since if position.hold else position.since,
        until=position.hold.until if position.hold else position.until,
        grace=None if position.hold else position.grace,
        terms=now.terms,
        window_starts_on=now.window_start(today),
        facts=now.facts,
        lasting=judge.facts,
        judged_on=judged_on,
        keep=tuple(rules.gaps(keep, judge.facts)),
        keep_all=keep.join is Join.ALL,
        next_tier=tiers[above.tier_id] if above else None,
        reach=tuple(rules.gaps(asked, now.facts)),
        reach_all=asked.join is Join.ALL,
        last_decision=last,
        never_lost=bool(position.rank) and (judge.terms.at_end is AtEnd.NEVER or judge.terms.rungs[place].never_lost),
        hold_kind=position.hold.kind.value if position.hold else "",
        earned=tiers[stand.own.rungs[position.rank].tier_id] if position.hold else None,
        earned_until=position.until if position.hold else None,
        upcoming=tiers[position.next.rung.tier_id] if position.next else None,
        upcoming_on=position.next.on if position.next else None,
        fall=FallView(tiers[held.tier_id], tiers[fall.to.tier_id], fall.ends_on, fall.falls_on, fall.ways)
        if fall
        else None,
        is_due=(rules.ends_on(stand) or today) < today,
    )


def get_full_standing_as_of(member_id: int, at: dt.datetime) -> FullStanding:
    """Will return where a member stood at a past instant, from what was known then; nothing is foreseen.

    Raises NoStanding. At most five queries.
    """
    then = get_standing_as_of(member_id, at)
    terms, last = terms_on(clock.business_date(at)), then.last_decision
    _above_it, keep = tiers_around(terms, last.to_tier.id)
    return FullStanding(
        ladder=MAIN,
        tier=then.tier,
        since=then.since,
        until=then.until,
        grace=then.grace,
        terms=terms,
        window_starts_on=then.window_starts_on,
        facts=then.facts,
        lasting=then.facts,
        judged_on=None,
        keep=() if last.hold_kind else then.keep,
        keep_all=keep.join is Join.ALL,
        next_tier=then.next_tier,
        reach=then.reach,
        reach_all=then.reach_all,
        last_decision=last,
        hold_kind=last.hold_kind,
        upcoming=last.next_tier,
        upcoming_on=last.next_date,
    )


def _above(terms: rules.LadderTerms, stand: rules.Stand) -> rules.Rung | None:
    """The next tier that can be reached, above what is held and what is to begin."""
    rank = rules.rank_in(terms, stand.own, stand.position.rank)[0]
    rank = max(
        [rank, *(rules.rank_of(terms, other.rung) for other in (stand.position.hold, stand.position.next) if other)]
    )
    return next((rung for rung in terms.rungs if rung.rank > rank and not rung.by_invitation), None)


@dataclass(frozen=True, slots=True)
class LadderView:
    """A published ladder: its version in force, and its tiers, lowest first; the main one bears no name."""

    code: str
    name: str
    terms: rules.LadderTerms
    tiers: tuple[TierView, ...]


def other_ladders() -> list[tuple[str, str]]:
    """Will return (code, name) of the published ladders beside the main one, the oldest first. One query."""
    published = Ladder.objects.filter(versions__published_at__isnull=False).exclude(code=MAIN)
    return list(published.order_by("id").values_list("code", "name").distinct())


def ladders_shown(date: dt.date) -> list[LadderView]:
    """Will return the published ladders as they are on a date, the main one first. One query, and two a ladder."""
    found = []
    for code, name in [(MAIN, ""), *other_ladders()]:
        terms = terms_on(date, code)
        tiers = Tier.objects.filter(version_id=terms.version_id).order_by("rank")
        found.append(LadderView(code, name, terms, tuple(tier_view(tier) for tier in tiers)))
    return found
