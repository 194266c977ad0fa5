"""What others may ask of tiers."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from django.db.models import Q

from kit import clock
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import rules
from tiers.models import Decision, LadderVersion, Standing, Tier

MAIN = "main"
"""The ladder that everybody stands on."""


class NoLadder(Exception):
    """No ladder has been published; load one with `manage.py load_starter`."""


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


@dataclass(frozen=True, slots=True)
class StandingView:
    """Where a member stands: tier, dates, what counts in the window today, and the ways to keep it and to move up.

    `keep` and `reach` are (metric, threshold, missing); empty where there is nothing to keep or nothing above.
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
    last_decision: DecisionView


def terms_on(date: dt.date, ladder: str = MAIN) -> rules.LadderTerms:
    """Will return the ladder in force on a business date (the first before its time). One query, two the first time."""
    published = LadderVersion.objects.filter(ladder__code=ladder, published_at__isnull=False)
    version_id = (
        published.filter(effective_on__lte=date).order_by("-effective_on", "-number").values_list("id", flat=True).first()
        or published.order_by("effective_on", "number").values_list("id", flat=True).first()
    )
    if version_id is None:
        raise NoLadder("No ladder has been published. Run `manage.py load_starter`, or publish one.")
    return _terms(version_id)


@lru_cache(maxsize=64)
def _terms(version_id: int) -> rules.LadderTerms:
    """Published versions are frozen by the database, so they may be kept in memory."""
    version = LadderVersion.objects.get(id=version_id)
    return rules.LadderTerms(
        ladder_id=version.ladder_id,
        version_id=version.id,
        window_days=version.window_days,
        validity_years=version.validity_years,
        grace_days=version.grace_days,
        rungs=tuple(
            rules.Rung(
                tier_id=tier.id,
                rank=tier.rank,
                code=tier.code,
                multiplier=tier.multiplier,
                reach=rules.Thresholds(tier.reach_spend, tier.reach_orders, tier.reach_growth),
                keep=rules.Thresholds(tier.keep_spend, tier.keep_orders, tier.keep_growth),
            )
            for tier in version.tiers.order_by("rank")
        ),
    )


def facts_on(member_id: int, terms: rules.LadderTerms, on: dt.date) -> rules.Facts:
    """Will return what counts in the window that ends on a date, as known at its end. Two queries."""
    start = terms.window_start(on)
    spent = orders_queries.spent_in_window(member_id, start, on)
    return rules.Facts(spent.spend, spent.orders, points_queries.growth_in_window(member_id, start, on))


def tier_before(member_id: int, at: dt.datetime, cause: str) -> Tier:
    """Will return the tier held just before something of that cause happened at an instant. One or two queries."""
    held = (
        Decision.objects.filter(Q(at__lt=at) | (Q(at=at) & ~Q(cause=cause)), member_id=member_id, ladder__code=MAIN)
        .order_by("-seq")
        .select_related("to_tier")
        .first()
    )
    if held:
        return held.to_tier
    lowest = terms_on(clock.business_date(at)).rungs[0]
    return Tier.objects.get(id=lowest.tier_id)


def tiers_of_ladder(date: dt.date) -> list[TierView]:
    """Will return the tiers of the main ladder in force on a date, lowest first. Two queries."""
    terms = terms_on(date)
    return [_view(tier) for tier in Tier.objects.filter(version_id=terms.version_id).order_by("rank")]


def get_standing(member_id: int, at: dt.datetime) -> StandingView:
    """Will return where a member stands at an instant, with the ways to keep and to move up. Five or six queries.

    Raises NoStanding.
    """
    today = clock.business_date(at)
    terms = terms_on(today)
    row = Standing.objects.filter(member_id=member_id, ladder_id=terms.ladder_id).select_related("tier").first()
    if row is None:
        raise NoStanding(f"Member {member_id} has not joined the programme.")
    facts = facts_on(member_id, terms, today)
    rungs = {rung.rank: rung for rung in terms.rungs}
    above = rungs.get(row.rank + 1)
    return StandingView(
        tier=_view(row.tier),
        since=row.since_date,
        until=row.until_date,
        grace=row.grace_date,
        window_starts_on=terms.window_start(today),
        facts=facts,
        keep=tuple(rules.gaps(rungs[row.rank].keep, facts)) if row.rank else (),
        next_tier=_view(Tier.objects.get(id=above.tier_id)) if above else None,
        reach=tuple(rules.gaps(above.reach, facts)) if above else (),
        last_decision=list_decisions(member_id, limit=1)[0],
    )


def list_decisions(member_id: int, limit: int = 50, as_of: dt.datetime | None = None) -> list[DecisionView]:
    """Will return decisions of a member on the main ladder, latest first. One query."""
    decisions = Decision.objects.filter(member_id=member_id, ladder__code=MAIN)
    if as_of:
        decisions = decisions.filter(at__lte=as_of)
    rows = decisions.order_by("-seq").select_related("from_tier", "to_tier")[:limit]
    return [_decision_view(row) for row in rows]


def _view(tier: Tier) -> TierView:
    return TierView(tier.id, tier.rank, tier.code, tier.names, tier.look, tier.icon, tier.multiplier)


def _decision_view(row: Decision) -> DecisionView:
    return DecisionView(
        seq=row.seq,
        kind=row.kind,
        at=row.at,
        business_date=row.business_date,
        from_tier=_view(row.from_tier) if row.from_tier else None,
        to_tier=_view(row.to_tier),
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
    )


def tier_after(member_id: int, at: dt.datetime, cause: str) -> TierAfter:
    """Will return the tier after something of that cause, and whether it changed it. One to three queries."""
    caused = Decision.objects.filter(member_id=member_id, ladder__code=MAIN, cause=cause).select_related("to_tier")
    decision = caused.order_by("-seq").first()
    if decision:
        return TierAfter(decision.to_tier.code, decision.from_tier_id != decision.to_tier_id)
    return TierAfter(tier_before(member_id, at, cause).code, changed=False)
