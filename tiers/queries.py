"""What others may ask of tiers."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet

from kit import clock, dates, sql
from kit.paging import Place
from kit.versions import Versions
from members import queries as members_queries
from members.rules import BadIdentity, phone_identity
from orders import queries as orders_queries
from points import queries as points_queries
from points.enums import PreviewState
from points.rules.breakage import CohortFlow
from points.rules.liability import Part
from tiers import rules
from tiers.enums import (
    AtEnd,
    DecisionKind,
    HoldKind,
    Join,
    MemberSort,
    Occasion,
    OnRefund,
    Ordered,
    Rounding,
    Start,
    Window,
)
from tiers.models import (
    Challenge,
    Closing,
    ClosingCohort,
    Decision,
    FallNotice,
    HeldFall,
    Ladder,
    LadderPreview,
    LadderVersion,
    Standing,
    Tier,
)
from tiers.rules import foretelling
from tiers.rules.places import PLACE, new_decision, place_of

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


def ladders(ladder: str = MAIN) -> Versions[rules.LadderTerms]:
    """Will return all published versions of a ladder by the date they came into force; raises NoLadder.

    One query, and two a version the first time.
    """
    versions = Versions((terms.effective_on, terms) for terms in versions_of(ladder))
    if not versions:
        raise NoLadder("No ladder has been published. Run `manage.py load_starter`, or publish one.")
    return versions


def versions_of(ladder: str = MAIN) -> tuple[rules.LadderTerms, ...]:
    """Will return all published versions of a ladder in the order they came into force. Queries as ladders."""
    published = LadderVersion.objects.filter(ladder__code=ladder, published_at__isnull=False)
    rows = published.order_by("effective_on", "number").values_list("id", flat=True)
    return tuple(map(_terms, rows))


def ladders_in_force(date: dt.date) -> list[str]:
    """Will return the codes of the ladders that members stand on at a date, the oldest first. One query.

    The main one is always among them: before its time its first version holds.
    """
    begun = Q(versions__effective_on__lte=date) | Q(code=MAIN)
    ladders = Ladder.objects.filter(begun, versions__published_at__isnull=False)
    return list(ladders.order_by("id").values_list("code", flat=True).distinct()) or [MAIN]


def growth_per_unit(on: dt.date) -> Decimal:
    """Will return the growth value that a unit of money brings on a date; nought where no policy says. One query."""
    try:
        return points_queries.policy_on(on).growth_per_unit
    except points_queries.NoPolicy:
        return Decimal(0)


def terms_on(date: dt.date, ladder: str = MAIN) -> rules.LadderTerms:
    """Will return the ladder in force on a business date (the first before its time). One or three queries."""
    return ladders(ladder).on(date)


@lru_cache(maxsize=64)
def _terms(version_id: int) -> rules.LadderTerms:
    """Published versions are frozen by the database, so they may be kept in memory."""
    return terms_of(LadderVersion.objects.get(id=version_id))


@lru_cache(maxsize=1024)
def rung_of(tier_id: int) -> tuple[rules.LadderTerms, rules.Rung]:
    """Will return a published tier as a rung, with the version it is of. Up to three queries the first time."""
    terms = _terms(Tier.objects.values_list("version_id", flat=True).get(id=tier_id))
    return terms, next(rung for rung in terms.rungs if rung.tier_id == tier_id)


def terms_of(version: LadderVersion) -> rules.LadderTerms:
    """Will return a version, published or a draft, as plain values. One query."""
    return _terms_of(version, version.tiers.order_by("rank"))


def _terms_of(version: LadderVersion, tiers: Iterable[Tier]) -> rules.LadderTerms:
    return rules.LadderTerms(
        ladder_id=version.ladder_id,
        version_id=version.id,
        window_days=version.window_days,
        validity_months=version.validity_months,
        grace_days=version.grace_days,
        rungs=tuple(map(_rung, tiers)),
        window=Window(version.window),
        start=Start(version.start),
        rounding=Rounding(version.rounding),
        at_end=AtEnd(version.at_end),
        grace_rounds_up=version.grace_rounds_up,
        protection_days=version.protection_days,
        on_refund=OnRefund(version.on_refund),
        notice_days=version.notice_days,
        effective_on=version.effective_on,
    )


def _rung(tier: Tier) -> rules.Rung:
    return rules.Rung(
        tier_id=tier.id,
        rank=tier.rank,
        code=tier.code,
        multiplier=tier.multiplier,
        reach=requirement_of(tier, "reach"),
        keep=requirement_of(tier, "keep"),
        re_enter=requirement_of(tier, "re_enter") if tier.has_re_entry else None,
        never_lost=tier.never_lost,
        by_invitation=tier.by_invitation,
    )


def requirement_of(tier: Tier, what: str) -> rules.Requirement:
    """Will return what a tier asks to `reach`, to `keep` or to `re_enter`. No queries."""
    needs = {metric: getattr(tier, f"{what}_{metric}") for metric in rules.METRICS}
    return rules.Requirement(**needs, join=Join(getattr(tier, f"{what}_join")))


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
        active_days=_count("active_days", window) if "active_days" in terms.uses else 0,
        years=rules.years_between(joined, on) if "years" in terms.uses else 0,
        referrals=_count("referrals", window) if "referrals" in terms.uses else 0,
    )
    return rules.Measure(terms, facts, joined)


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
    """Will return the tier held just before something of that cause happened at an instant. Two to five queries."""
    held = (
        Decision.objects.filter(Q(at__lt=at) | (Q(at=at) & ~Q(cause=cause)), member_id=member_id, ladder__code=MAIN)
        .order_by("-seq")
        .select_related("to_tier")
        .first()
    )
    if held:
        return _begun(member_id, at) or held.to_tier
    lowest = terms_on(clock.business_date(at)).rungs[0]
    return Tier.objects.get(id=lowest.tier_id)


def _begun(member_id: int, at: dt.datetime) -> Tier | None:
    """The tier that has begun by an instant although the night that books it has not been; asked of few ladders."""
    if all(terms.start is Start.AT_ONCE for terms in versions_of()):
        return None
    due = Standing.objects.filter(member_id=member_id, ladder__code=MAIN, hold_kind="", decided_at__lt=at)
    row = due.filter(next_date__lte=clock.business_date(at)).select_related("next_tier").first()
    return row.next_tier if row else None


def tiers_up_to(code: str, date: dt.date) -> tuple[str, ...]:
    """Will return the codes of a tier and of all below it, lowest first, on the ladder of a date. One query."""
    codes = [rung.code for rung in terms_on(date).rungs]
    return tuple(codes[: codes.index(code) + 1]) if code in codes else (code,)


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
    measure = measure_on(member_id, terms, today)
    above, keep = _around(terms, row.tier_id)
    return StandingView(
        tier=_view(row.tier),
        since=row.since_date,
        until=row.until_date,
        grace=row.grace_date,
        window_starts_on=measure.window_start(today),
        facts=measure.facts,
        keep=tuple(rules.gaps(keep, measure.facts)),
        next_tier=_view(Tier.objects.get(id=above.tier_id)) if above else None,
        reach=tuple(rules.gaps(above.asked_of(row.highest_rank), measure.facts)) if above else (),
        last_decision=list_decisions(member_id, limit=1)[0],
    )


def _around(terms: rules.LadderTerms, tier_id: int) -> tuple[rules.Rung | None, rules.Requirement]:
    """The next tier that can be reached from a tier, in the version in force, and what keeps the tier itself."""
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
        actor=row.actor,
        since_date=row.since_date,
        next_tier=_view(row.next_tier) if row.next_tier else None,
        next_date=row.next_date,
        hold_kind=row.hold_kind,
        reason=row.reason,
        asked=tuple((metric, Decimal(need), Decimal(had)) for metric, need, had in row.asked),
    )


def decision_of(row: Decision) -> DecisionView:
    """Will return a decision as others see it. Up to three queries, none where its tiers were read with it."""
    return _decision_view(row)


def tier_after(member_id: int, at: dt.datetime, cause: str) -> TierAfter:
    """Will return the tier after something of that cause, and whether it changed it. One to three queries."""
    caused = Decision.objects.filter(member_id=member_id, ladder__code=MAIN, cause=cause).select_related("to_tier")
    decision = caused.order_by("-seq").first()
    if decision:
        return TierAfter(decision.to_tier.code, decision.from_tier_id != decision.to_tier_id)
    return TierAfter(tier_before(member_id, at, cause).code, changed=False)


# ---- what nights would do, and did


@dataclass(frozen=True, slots=True)
class HeldFallRow:
    """A member who would fall in a night that waits for a person, with what counted in his window."""

    member_id: int
    date: dt.date
    from_tier: TierView
    to_tier: TierView
    spend: Decimal
    orders: int
    growth: int


@dataclass(frozen=True, slots=True)
class HeldMove:
    """So many members would fall from one tier to another."""

    from_tier: TierView
    to_tier: TierView
    members: int


def held_falls(limit: int | None = None) -> list[HeldFallRow]:
    """Will return who would fall if the night that waits were approved, the largest spend first. One query."""
    rows = HeldFall.objects.select_related("from_tier", "to_tier").order_by("-spend", "member_id", "ladder_id", "date")
    return [
        HeldFallRow(
            row.member_id, row.date, _view(row.from_tier), _view(row.to_tier), row.spend, row.orders, row.growth
        )
        for row in (rows[:limit] if limit else rows)
    ]


def held_moves() -> list[HeldMove]:
    """Will count who would fall by where from and where to, the most first. Two queries."""
    counts = HeldFall.objects.order_by().values_list("from_tier_id", "to_tier_id").annotate(members=Count("member_id"))
    found = sorted(counts, key=lambda row: (-row[2], row[0], row[1]))
    tiers = {tier.id: _view(tier) for tier in Tier.objects.filter(id__in={tier for row in found for tier in row[:2]})}
    return [HeldMove(tiers[above], tiers[below], members) for above, below, members in found]


def tier_codes() -> dict[int, str]:
    """Will return {id: code} of all tiers of all versions. One query."""
    return dict(Tier.objects.values_list("id", "code"))


# ---- lists and pages of the staff


@dataclass(frozen=True, slots=True)
class StandingRow:
    """A standing as lists show it, with the sums of the last evaluation; `keep` as in StandingView."""

    tier: TierView
    until: dt.date | None
    grace: dt.date | None
    facts: rules.Facts
    keep: tuple[tuple[str, Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Moves:
    """How many members came to a tier by one kind of decision in a period."""

    kind: str
    code: str
    members: int


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """What members the staff look for; an empty field asks for nothing.

    `quiet_since` is the first date on which an order counts as recent, `drops_by` the last date on which the tier
    ends of those who do not reach what keeps it with what counts `today`.
    """

    text: str = ""
    tier: str = ""
    status: str = ""
    spend_min: Decimal | None = None
    spend_max: Decimal | None = None
    points_min: int | None = None
    points_max: int | None = None
    ordered: Ordered | None = None
    quiet_since: dt.date | None = None
    drops_by: dt.date | None = None
    today: dt.date | None = None
    tag: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of member ids in their order, and the places of its first and last row where there is more beyond."""

    ids: tuple[int, ...]
    before: Place | None
    after: Place | None


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a list is sorted: the rows that have the key, then the rows that lack it, each by an index."""

    base: str
    owns: frozenset[str]
    condition: str
    key: str
    id: str
    key_falls: bool
    id_falls: bool
    nulls: tuple[str, str]
    lacks: str
    lacks_owns: frozenset[str]
    read_key: Callable[[str], object]


STANDING_OF = "JOIN tiers_standing s ON s.member_id = m.id AND s.ladder_id = %(ladder)s"
MEMBER_OF_STANDING = "tiers_standing s JOIN members_member m ON m.id = s.member_id"
NO_STANDING = (
    "NOT EXISTS (SELECT FROM tiers_standing n WHERE n.member_id = m.id AND n.ladder_id = %(ladder)s"
    " AND n.until_date IS NOT NULL)"
)

SORTS = {
    # members_member_newest
    MemberSort.NEWEST: _Sort(
        base="members_member m",
        owns=frozenset(),
        condition="m.joined_at IS NOT NULL",
        key="m.joined_at",
        id="m.id",
        key_falls=True,
        id_falls=True,
        nulls=("NULLS FIRST", "NULLS LAST"),
        lacks="m.joined_at IS NULL",
        lacks_owns=frozenset(),
        read_key=dt.datetime.fromisoformat,
    ),
    # tiers_standing_by_spend, tiers_standing_by_tier
    MemberSort.SPEND: _Sort(
        base=MEMBER_OF_STANDING,
        owns=frozenset({"s"}),
        condition="s.ladder_id = %(ladder)s",
        key="s.spend",
        id="s.member_id",
        key_falls=True,
        id_falls=False,
        nulls=("", ""),
        lacks=NO_STANDING.replace(" AND n.until_date IS NOT NULL", ""),
        lacks_owns=frozenset({"s"}),
        read_key=Decimal,
    ),
    # points_balance_largest
    MemberSort.POINTS: _Sort(
        base="points_balance b JOIN members_member m ON m.id = b.member_id",
        owns=frozenset({"b"}),
        condition="b.wallet = 'points'",
        key="b.available",
        id="b.member_id",
        key_falls=True,
        id_falls=False,
        nulls=("", ""),
        lacks="NOT EXISTS (SELECT FROM points_balance n WHERE n.member_id = m.id AND n.wallet = 'points')",
        lacks_owns=frozenset({"b"}),
        read_key=int,
    ),
    # tiers_standing_ending
    MemberSort.ENDS: _Sort(
        base=MEMBER_OF_STANDING,
        owns=frozenset({"s"}),
        condition="s.ladder_id = %(ladder)s AND s.until_date IS NOT NULL",
        key="s.until_date",
        id="s.member_id",
        key_falls=False,
        id_falls=False,
        nulls=("", ""),
        lacks=NO_STANDING,
        lacks_owns=frozenset(),
        read_key=dt.date.fromisoformat,
    ),
}

JOINS = {
    "s": STANDING_OF,
    "t": "JOIN tiers_tier t ON t.id = s.tier_id",
    "b": "JOIN points_balance b ON b.member_id = m.id AND b.wallet = 'points'",
}

LAST_ORDER = (
    "(SELECT o.placed_at FROM orders_order o WHERE o.member_id = m.id AND o.status = 'paid'"
    " ORDER BY o.placed_at DESC LIMIT 1)"
)

# The few whom the text names exactly are looked up first, so that the planner can weigh the part of a name alone:
# a rare one is found by its index, a frequent one while walking the list.
TEXT = "(lower(m.name) LIKE %(name_part)s OR m.id = ANY(%(named)s))"
NAMED = """
SELECT id FROM members_member WHERE number LIKE %s
UNION SELECT member_id FROM members_identity WHERE value = ANY(%s)
UNION SELECT member_id FROM orders_order WHERE order_id = %s AND member_id IS NOT NULL
LIMIT 1000
"""

# What counts today of what standings do not sum up, for the member m on his tier t; only where the tier asks for it.
JOINED = "(m.joined_at AT TIME ZONE %(zone)s)::date"
YEARS = (
    "(SELECT greatest(turns - ((joined + make_interval(years => turns))::date > %(today)s)::int, 0) FROM (SELECT"
    " <joined> AS joined, extract(year FROM %(today)s::date)::int - extract(year FROM <joined>)::int AS turns) j)"
).replace("<joined>", JOINED)
STARTS = (
    ("CASE WHEN %(by_member)s THEN (<joined> + make_interval(years => <years>))::date ELSE %(starts)s::date END")
    .replace("<joined>", JOINED)
    .replace("<years>", YEARS)
)
ACTIVE_DAYS = (
    "(SELECT count(*) FROM (SELECT counts_on FROM orders_spendmovement o WHERE o.member_id = m.id"
    " AND counts_on BETWEEN <starts> AND %(today)s AND known_on <= %(today)s GROUP BY 1 HAVING sum(orders) > 0"
    " UNION SELECT business_date FROM orders_shopevent e WHERE e.member_id = m.id"
    " AND business_date BETWEEN <starts> AND %(today)s AND type NOT IN ('referral', 'birthday', 'anniversary')) acted)"
).replace("<starts>", STARTS)
REFERRALS = (
    "(SELECT count(*) FROM points_entry r WHERE r.member_id = m.id AND wallet = 'points' AND kind = 'accrual'"
    " AND business_date BETWEEN <starts> AND %(today)s"
    " AND explanation -> 0 ->> 'type' = 'referral' AND explanation -> 0 ? 'friend')"
).replace("<starts>", STARTS)
KEPT_BY = (
    "s.spend >= t.keep_spend",
    "s.orders >= t.keep_orders",
    "s.growth >= t.keep_growth",
    "CASE WHEN t.keep_active_days IS NOT NULL THEN <days> >= t.keep_active_days END".replace("<days>", ACTIVE_DAYS),
    "CASE WHEN t.keep_years IS NOT NULL THEN <years> >= t.keep_years END".replace("<years>", YEARS),
    "CASE WHEN t.keep_referrals IS NOT NULL THEN <n> >= t.keep_referrals END".replace("<n>", REFERRALS),
)
KEEPS = "t.keep_spend, t.keep_orders, t.keep_growth, t.keep_active_days, t.keep_years, t.keep_referrals"
NOT_KEPT = (
    "s.until_date <= %(drops_by)s AND CASE"
    " WHEN s.hold_kind <> '' THEN (SELECT rank FROM tiers_tier e WHERE e.id = s.earned_tier_id) < s.rank"
    " WHEN t.never_lost OR (SELECT at_end FROM tiers_ladderversion v WHERE v.id = t.version_id) = 'never' THEN false"
    " WHEN num_nonnulls(<keeps>) = 0 THEN true"
    " WHEN t.keep_join = 'all' THEN NOT (coalesce(<all>, true)) ELSE NOT (coalesce(<any>, false)) END"
)
NOT_KEPT = NOT_KEPT.replace("<keeps>", KEEPS)
NOT_KEPT = NOT_KEPT.replace("<all>", ", true) AND coalesce(".join(KEPT_BY))
NOT_KEPT = NOT_KEPT.replace("<any>", ", false) OR coalesce(".join(KEPT_BY))
"""That a tier ends by a date and what counts today does not keep it; a given one, that what was earned is lower."""


def list_members(
    wanted: MemberFilter, sort: MemberSort, *, turned: bool, after: Place | None, before: Place | None, limit: int
) -> MemberPage:
    """Will return a page of the members a filter keeps, paged by key; `turned` is against the natural direction.

    Whoever lacks the key (no standing, no wallet, no end) comes after all others. A place that does not fit the sort
    is the first page. Two to five queries, each a walk along one index that ends with the page; again as many where a
    step back comes to the beginning.
    """
    spec, parameters = SORTS[sort], _parameters(wanted)
    backwards = before is not None
    start = _key_of(spec, before or after)
    rows = _walk(spec, wanted, parameters, start, turned != backwards, limit + 1)
    if backwards and len(rows) <= limit:
        return list_members(wanted, sort, turned=turned, after=None, before=None, limit=limit)
    more, rows = len(rows) > limit, rows[:limit]
    if backwards:
        rows.reverse()
    first, last = (_place(rows[0]), _place(rows[-1])) if rows else (None, None)
    return MemberPage(
        ids=tuple(row[0] for row in rows),
        before=first if (more if backwards else start is not None) else None,
        after=last if (more or backwards) else None,
    )


def count_members(wanted: MemberFilter, most: int) -> int:
    """Will count the members a filter keeps, up to `most`. Two to four queries."""
    parameters = _parameters(wanted) | {"limit": most}
    needs, conditions = _conditions(wanted, parameters)
    lines = ["SELECT count(*) FROM (SELECT FROM members_member m", *_joins(needs, frozenset())]
    lines += ["WHERE", " AND ".join(conditions or ["true"]), "LIMIT %(limit)s) kept"]
    with connection.cursor() as cursor:
        cursor.execute(" ".join(lines), parameters)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def standings_of(member_ids: Sequence[int]) -> dict[int, StandingRow]:
    """Will return {id: standing on the main ladder} of those members who stand there. One query."""
    rows = Standing.objects.filter(member_id__in=member_ids, ladder__code=MAIN).select_related("tier")
    return {row.member_id: _standing_row(row) for row in rows}


def count_by_tier() -> dict[str, int]:
    """Will return {tier code: members who stand there} on the main ladder. One query."""
    rows = Standing.objects.filter(ladder__code=MAIN).order_by().values_list("tier__code").annotate(Count("member_id"))
    return dict(rows)


def moves_between(starts_on: dt.date, ends_on: dt.date) -> list[Moves]:
    """Will return how many came to each tier from starts_on to ends_on, inclusive, by kind of decision. One query."""
    kinds = [DecisionKind.UPGRADE, DecisionKind.DOWNGRADE]
    dated = Decision.objects.filter(business_date__gte=starts_on, business_date__lte=ends_on, kind__in=kinds)
    kept = dated.filter(ladder__code=MAIN).order_by()
    return [Moves(*row) for row in kept.values_list("kind", "to_tier__code").annotate(Count("member_id"))]


def get_standing_as_of(member_id: int, at: dt.datetime) -> StandingView:
    """Will return where a member stood at a past instant, from its decisions and what was known then. Six queries.

    Raises NoStanding where he had not joined yet.
    """
    today = clock.business_date(at)
    terms = terms_on(today)
    decisions = list_decisions(member_id, limit=1, as_of=at)
    if not decisions:
        raise NoStanding(f"Member {member_id} had not joined the programme.")
    last = decisions[0]
    moved = Decision.objects.filter(member_id=member_id, ladder_id=terms.ladder_id, seq__lte=last.seq).exclude(
        kind__in=[DecisionKind.RENEWAL, DecisionKind.GRACE]
    )
    since = last.since_date or moved.order_by("-seq").values_list("business_date", flat=True).first()
    measure = measure_on(member_id, terms, today)
    above, keep = _around(terms, last.to_tier.id)
    return StandingView(
        tier=last.to_tier,
        since=since or last.business_date,
        until=last.until_date,
        grace=last.grace_date,
        window_starts_on=measure.window_start(today),
        facts=measure.facts,
        keep=tuple(rules.gaps(keep, measure.facts)),
        next_tier=_view(Tier.objects.get(id=above.tier_id)) if above else None,
        reach=tuple(rules.gaps(above.reach, measure.facts)) if above else (),
        last_decision=last,
    )


def list_decisions_before(member_id: int, before: dt.datetime | None, limit: int) -> list[DecisionView]:
    """Will return decisions of a member on the main ladder before an instant, latest first. One query."""
    decisions = Decision.objects.filter(member_id=member_id, ladder__code=MAIN)
    if before:
        decisions = decisions.filter(at__lt=before)
    return [
        _decision_view(row)
        for row in decisions.order_by("-seq").select_related("from_tier", "to_tier", "next_tier")[:limit]
    ]


# ---- leaves of the list


def _standing_row(row: Standing) -> StandingRow:
    facts = rules.Facts(row.spend, row.orders, row.growth)
    keep = requirement_of(row.tier, "keep")
    # What a standing does not sum up is not shown; where all of it is needed, what lacks most stands for the rest.
    ways = [way for way in rules.gaps(keep, facts) if way[0] in rules.PLAIN]
    if keep.join is Join.ALL:
        ways = sorted(ways, key=lambda way: way[2] / way[1] if way[1] else Decimal(0))[-1:]
    return StandingRow(
        tier=_view(row.tier),
        until=row.until_date,
        grace=row.grace_date,
        facts=facts,
        keep=tuple(ways) if row.rank and not row.hold_kind else (),
    )


def _parameters(wanted: MemberFilter) -> dict[str, Any]:
    """Will gather what the conditions name; the ladder and the tier's versions are asked for by code."""
    codes = Tier.objects.filter(version__ladder__code=MAIN, code=wanted.tier) if wanted.tier else Tier.objects.none()
    tiers = list(codes.values_list("id", flat=True))
    escaped = re.sub(r"([\\%_])", r"\\\1", wanted.text.strip())
    return {
        "ladder": Ladder.objects.filter(code=MAIN).values_list("id", flat=True).first(),
        "tier": tiers[0] if len(tiers) == 1 else None,
        "tiers": tiers,
        "status": wanted.status,
        "spend_min": wanted.spend_min,
        "spend_max": wanted.spend_max,
        "points_min": wanted.points_min,
        "points_max": wanted.points_max,
        "quiet_since": clock.day_start(wanted.quiet_since) if wanted.quiet_since else None,
        "drops_by": wanted.drops_by,
        **(_window(wanted.today) if wanted.drops_by and wanted.today else {}),
        "tag": wanted.tag,
        "name_part": f"%{escaped.lower()}%",
        "named": _named(wanted.text.strip(), escaped.upper()) if wanted.text.strip() else [],
    }


def _window(today: dt.date) -> dict[str, Any]:
    """What counts on a date on the main ladder, for what standings do not sum up. One query."""
    window = {"today": today, "zone": clock.programme_zone().key, "by_member": False, "starts": today}
    try:
        terms = terms_on(today)
    except NoLadder:
        return window
    by_member = terms.window is Window.MEMBERSHIP_YEAR
    return window | {"by_member": by_member, "starts": today if by_member else terms.window_start(today)}


def _named(text: str, escaped: str) -> list[int]:
    """Will return the members whose number, identity or order a text is; a number may be only begun. One query."""
    number = escaped if escaped.startswith("M") else f"M{escaped}"
    with connection.cursor() as cursor:
        begun = f"{number}%" if re.fullmatch(r"M\d{3,}", number) else number
        cursor.execute(NAMED, [begun, _spellings(text), text])
        return [row[0] for row in cursor.fetchall()]


def _spellings(text: str) -> list[str]:
    spellings = {text, text.lower()}
    try:
        phone = phone_identity(text).value
        spellings |= {phone, "+" + phone.removeprefix("+"), phone.removeprefix("+")}
    except BadIdentity:
        pass
    return sorted(spellings)


def _conditions(wanted: MemberFilter, parameters: dict[str, Any]) -> tuple[set[str], list[str]]:
    """Will return the tables besides the member's own that a filter needs, and its conditions."""
    asked: list[tuple[object, str, str]] = [
        (wanted.text.strip(), "", TEXT),
        (wanted.tier, "s", "s.tier_id = %(tier)s" if parameters["tier"] else "s.tier_id = ANY(%(tiers)s)"),
        (wanted.status, "", "m.status = %(status)s"),
        (wanted.spend_min is not None, "s", "s.spend >= %(spend_min)s"),
        (wanted.spend_max is not None, "s", "s.spend <= %(spend_max)s"),
        (wanted.points_min is not None, "b", "b.available >= %(points_min)s"),
        (wanted.points_max is not None, "b", "b.available <= %(points_max)s"),
        (wanted.drops_by, "st", NOT_KEPT),
        (wanted.tag, "", "EXISTS (SELECT FROM members_tag g WHERE g.member_id = m.id AND g.name = %(tag)s)"),
        (wanted.ordered is Ordered.RECENTLY, "", f"{LAST_ORDER} >= %(quiet_since)s"),
        (wanted.ordered is Ordered.QUIET, "", f"{LAST_ORDER} < %(quiet_since)s"),
        (wanted.ordered is Ordered.NEVER, "", f"{LAST_ORDER} IS NULL"),
    ]
    kept = [(needs, condition) for given, needs, condition in asked if given]
    return {table for needs, _ in kept for table in needs}, [condition for _, condition in kept]


def _joins(needs: Collection[str], owns: Collection[str]) -> list[str]:
    return [JOINS[table] for table in "stb" if table in needs and table not in owns]


def _walk(
    spec: _Sort,
    wanted: MemberFilter,
    parameters: dict[str, Any],
    start: tuple[object, int] | None,
    turned: bool,
    limit: int,
) -> list[tuple[int, object]]:
    """Will read on from a place: the rows with a key, then those without; turned round, the other way about."""
    needs, conditions = _conditions(wanted, parameters)
    parts = [_without_key, _with_key] if turned else [_with_key, _without_key]
    if start is not None and (start[0] is None) != (parts[0] is _without_key):
        del parts[0]
    rows: list[tuple[int, object]] = []
    for part in parts:
        if part is _with_key or not needs & spec.lacks_owns:
            rows += part(spec, (needs, conditions), parameters, start, turned, limit - len(rows))
        if len(rows) == limit:
            break
        start = None
    return rows


def _with_key(
    spec: _Sort,
    filters: tuple[set[str], list[str]],
    parameters: dict[str, Any],
    start: tuple[object, int] | None,
    turned: bool,
    limit: int,
) -> list[tuple[int, object]]:
    needs, conditions = filters
    head = ["SELECT m.id, ", spec.key, " AS key FROM ", spec.base, *_joins(needs, spec.owns)]
    key_falls, id_falls = spec.key_falls != turned, spec.id_falls != turned
    order = f"{spec.key} {_direction(key_falls)} {spec.nulls[key_falls]}, {spec.id} {_direction(id_falls)}"
    outer = f"key {_direction(key_falls)} {spec.nulls[key_falls]}, id {_direction(id_falls)}"
    beyond = [
        [f"{spec.key} = %(key)s", f"{spec.id} {'<' if id_falls else '>'} %(id)s"],
        [f"{spec.key} {'<' if key_falls else '>'} %(key)s"],
    ]
    tail = ["ORDER BY", order, "LIMIT %(limit)s"]
    selects = [
        " ".join([*head, "WHERE", " AND ".join([spec.condition, *conditions, *part]), *tail])
        for part in (beyond if start else [[]])
    ]
    lines = [" UNION ALL ".join(f"({select})" for select in selects), "ORDER BY", outer, "LIMIT %(limit)s"]
    key, member_id = start or (None, 0)
    return _fetch(lines if start else selects, parameters | {"key": key, "id": member_id, "limit": limit})


def _without_key(
    spec: _Sort,
    filters: tuple[set[str], list[str]],
    parameters: dict[str, Any],
    start: tuple[object, int] | None,
    turned: bool,
    limit: int,
) -> list[tuple[int, object]]:
    needs, conditions = filters
    falls = spec.id_falls != turned
    beyond = [f"m.id {'<' if falls else '>'} %(id)s"] if start else []
    lines = ["SELECT m.id, NULL FROM members_member m", *_joins(needs, frozenset())]
    lines += ["WHERE", " AND ".join([spec.lacks, *conditions, *beyond])]
    lines += ["ORDER BY m.id", _direction(falls), "LIMIT %(limit)s"]
    return _fetch(lines, parameters | {"id": start[1] if start else 0, "limit": limit})


def _fetch(lines: Sequence[str], parameters: dict[str, Any]) -> list[tuple[int, object]]:
    with connection.cursor() as cursor:
        cursor.execute(" ".join(lines), parameters)
        return list(cursor.fetchall())


def _direction(falls: bool) -> str:
    return "DESC" if falls else "ASC"


def _place(row: tuple[int, object]) -> Place:
    key = row[1]
    text = key.isoformat() if isinstance(key, dt.date) else "" if key is None else str(key)
    return Place(text, row[0])


def _key_of(spec: _Sort, place: Place | None) -> tuple[object, int] | None:
    """Will return a place's key as the database knows it; None where the text is no key of this sort."""
    if place is None:
        return None
    if not place.key:
        return None, place.id
    try:
        key = spec.read_key(place.key)
    except (ValueError, ArithmeticError):
        return None
    naive = isinstance(key, dt.datetime) and key.tzinfo is None
    odd = isinstance(key, Decimal) and (not key.is_finite() or abs(key) >= 10**15)
    return None if naive or odd or (isinstance(key, int) and abs(key) >= 2**62) else (key, place.id)


def examples() -> dict[str, int]:
    """Will return {label: member id} of three members worth looking at: highest, in grace, newest. Three queries."""
    standings = Standing.objects.filter(ladder__code=MAIN)
    chosen = {
        "highest": standings.order_by("-rank", "-spend", "member_id").first(),
        "grace": standings.filter(grace_date__isnull=False).order_by("-rank", "-spend", "member_id").first(),
        "newest": standings.filter(rank=0).order_by("-since_date", "member_id").first(),
    }
    return {label: row.member_id for label, row in chosen.items() if row}


# ---- all members, range by range


class DecisionOfRange(NamedTuple):
    """A decision, as far as it says which tier a member held from then on."""

    member_id: int
    at: dt.datetime
    cause: str
    tier: str
    multiplier: Decimal


def decisions_of_range(after: int, upto: int, until: dt.datetime) -> dict[int, list[DecisionOfRange]]:
    """Will return {member: decisions on the main ladder up to an instant, latest first} of a range. One query."""
    found: dict[int, list[DecisionOfRange]] = {}
    for row in sql.fetch("tiers", "decisions_of_range", after=after, upto=upto, ladder=MAIN, until=until):
        found.setdefault(row[0], []).append(DecisionOfRange._make(row))
    return found


# ---- reports over everybody


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


# ---- reports on tiers


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
    rows, more = sorted(found[:limit], key=_richest), limit is not None and len(found) > limit
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


# ---- ladders as the staff write them

SETTINGS = (
    "window", "window_days", "start", "validity_months", "rounding", "at_end", "grace_days", "grace_rounds_up",
    "protection_days", "on_refund", "notice_days", "courtesies_a_month",
)  # fmt: skip
"""The settings of a version, by their columns."""
TIER_COLUMNS = tuple(
    field.attname for field in Tier._meta.concrete_fields if field.attname not in ("id", "version_id", "rank")
)
LOOKS_ALONE = frozenset({"names", "look", "icon"})
"""What a tier says that moves nobody."""


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A ladder; `draft_number` is that of its open draft, 0 where there is none."""

    code: str
    name: str
    is_published: bool
    draft_number: int


@dataclass(frozen=True, slots=True)
class LadderVersionView:
    """A version of a ladder, published or a draft: its terms, its tiers as pages show them, and who wrote it.

    The digests say whether it was changed meanwhile: of the settings, of each tier by its code, of everything; and
    `moves_digest` of what moves anybody, so of all but names, looks and the date.
    """

    id: int
    ladder: str
    number: int
    effective_on: dt.date
    published_at: dt.datetime | None
    actor: str
    note: Mapping[str, str]
    terms: rules.LadderTerms
    tiers: tuple[TierView, ...]
    courtesies_a_month: int
    settings_digest: str
    tier_digests: Mapping[str, str]
    digest: str
    moves_digest: str


@dataclass(frozen=True, slots=True)
class LadderPreviewView:
    """A preview of a version; `result` is whole once it is done, `is_stale` where the draft was edited since."""

    id: int
    version_id: int
    ladder: str
    effective_on: dt.date
    state: PreviewState
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


class AlikeRow(NamedTuple):
    """Members whom the rules cannot tell apart: where they stand, what they reached in each window, how many they are.

    `place` is what tiers.rules.places reads a position from; `year_spend` is of all of them together.
    """

    place: tuple[Any, ...]
    joined_on: dt.date | None
    keys: tuple[int, ...]
    members: int
    year_spend: Decimal
    examples: tuple[int, ...]


def list_ladders() -> list[LadderRow]:
    """Will return all ladders, the oldest first. Two queries."""
    drafts = dict(LadderVersion.objects.filter(published_at=None).values_list("ladder_id", "number"))
    rows = Ladder.objects.annotate(published=Count("versions", filter=Q(versions__published_at__isnull=False)))
    return [LadderRow(row.code, row.name, row.published > 0, drafts.get(row.id, 0)) for row in rows.order_by("id")]


def list_ladder_versions(ladder: str) -> list[LadderVersionView]:
    """Will return the published versions of a ladder, the latest first. Two queries."""
    published = _versions().filter(ladder__code=ladder, published_at__isnull=False)
    return [_version_view(row) for row in published.order_by("-effective_on", "-number")]


def find_ladder_draft(ladder: str) -> LadderVersionView | None:
    """Will return the open draft of a ladder, or None. Two queries."""
    row = _versions().filter(ladder__code=ladder, published_at=None).first()
    return _version_view(row) if row else None


def find_ladder_version(ladder: str, number: int) -> LadderVersionView | None:
    """Will return a version of a ladder, published or a draft, or None. Two queries."""
    row = _versions().filter(ladder__code=ladder, number=number).first()
    return _version_view(row) if row else None


def get_ladder_version(version_id: int) -> LadderVersionView:
    """Will return a version; raises LadderVersion.DoesNotExist. Two queries."""
    return _version_view(_versions().get(id=version_id))


def _versions() -> Any:
    tiers = Prefetch("tiers", Tier.objects.order_by("rank"))
    return LadderVersion.objects.select_related("ladder").prefetch_related(tiers)


def _version_view(row: LadderVersion) -> LadderVersionView:
    tiers = list(row.tiers.all())
    settings = {name: getattr(row, name) for name in SETTINGS}
    said = [{column: getattr(tier, column) for column in TIER_COLUMNS} for tier in tiers]
    moving = [{name: value for name, value in tier.items() if name not in LOOKS_ALONE} for tier in said]
    return LadderVersionView(
        id=row.id,
        ladder=row.ladder.code,
        number=row.number,
        effective_on=row.effective_on,
        published_at=row.published_at,
        actor=row.actor,
        note=row.note,
        terms=_terms_of(row, tiers),
        tiers=tuple(map(_view, tiers)),
        courtesies_a_month=row.courtesies_a_month,
        settings_digest=digest_of(settings),
        tier_digests={tier.code: digest_of(values) for tier, values in zip(tiers, said, strict=True)},
        digest=digest_of([settings, said]),
        moves_digest=digest_of([settings, moving]),
    )


def count_on_ladder(ladder: str) -> dict[str, int]:
    """Will return {tier code: members} of a ladder, whatever version they hold the tier of. One query."""
    rows = Standing.objects.filter(ladder__code=ladder).values_list("tier__code").annotate(members=Count("member_id"))
    counted: dict[str, int] = {}
    for code, members in rows.order_by():
        counted[code] = counted.get(code, 0) + members
    return counted


def tiers_besides(ladder: str, codes: Collection[str]) -> list[TierView]:
    """Will return the tiers of a ladder's published versions that have other codes, each as it was last. One query."""
    rows = Tier.objects.filter(version__ladder__code=ladder, version__published_at__isnull=False).exclude(
        code__in=codes
    )
    return [_view(tier) for tier in rows.order_by("code", "-version__number").distinct("code")]


def digest_of(values: object) -> str:
    """Will return the SHA-256 of plain values, as text. No queries."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=_plainly).encode()).hexdigest()


def _plainly(value: object) -> str:
    """An amount of 1000.000 is one of 1000."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def find_ladder_preview(version_id: int) -> LadderPreviewView | None:
    """Will return the latest preview of a draft, of a published version the latest that was finished, or None.

    At most five queries.
    """
    previews = LadderPreview.objects.filter(version_id=version_id).select_related("version").order_by("-id")
    latest = previews.first()
    if latest and latest.version.published_at and latest.state != PreviewState.DONE:
        latest = previews.filter(state=PreviewState.DONE).first() or latest
    return _preview_view(latest) if latest else None


def get_ladder_preview(preview_id: int) -> LadderPreviewView:
    """Will return a preview; raises LadderPreview.DoesNotExist. Three queries."""
    return _preview_view(LadderPreview.objects.get(id=preview_id))


def _preview_view(row: LadderPreview) -> LadderPreviewView:
    version = get_ladder_version(row.version_id)
    return LadderPreviewView(
        id=row.id,
        version_id=row.version_id,
        ladder=version.ladder,
        effective_on=row.effective_on,
        state=PreviewState(row.state),
        result=row.result,
        error=row.error,
        actor=row.actor,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        is_stale=bytes(row.terms_digest).hex() != version.moves_digest,
    )


def everybody_alike(
    ladder_id: int,
    today: dt.date,
    windows: Sequence[tuple[dt.date, bool]],
    scale: Mapping[str, Sequence[Decimal]],
    *,
    uses: Collection[str],
    by_joining: bool,
) -> list[AlikeRow]:
    """Will count everybody on a ladder by what the rules can tell apart of him on a date. One query.

    `windows` are first dates, and whether that is the first date of the membership year instead; `scale` the thresholds
    of each metric, `uses` the metrics that anybody asks for, `by_joining` whether the date of joining matters besides.
    """
    rows = sql.fetch(
        "tiers",
        "foretell",
        ladder=ladder_id,
        date=today,
        zone=clock.programme_zone().key,
        starts=[start for start, _ in windows],
        by_member=[by_member for _, by_member in windows],
        active_days="active_days" in uses,
        referrals="referrals" in uses,
        by_joining=by_joining,
        year_starts=dates.add_years(today, -1) + dt.timedelta(days=1),
        step_bits=foretelling.STEP_BITS,
        spend=scale["spend"],
        orders=scale["orders"],
        growth=scale["growth"],
        active_days_of=scale["active_days"],
        years=scale["years"],
        referrals_of=scale["referrals"],
    )
    return [
        AlikeRow(row[:17], row[17], tuple(row[18]), row[19], row[20], tuple(dict.fromkeys(row[21:23]))) for row in rows
    ]


def ladder_migration(ladder: str, was_on: dt.date, is_on: dt.date) -> list[Migration]:
    """Will return how many members of a ladder stood where at the end of two dates. Two queries."""
    ladder_id = Ladder.objects.values_list("id", flat=True).get(code=ladder)
    rows = sql.fetch("tiers", "tier_migration", ladder=ladder_id, was_on=was_on, is_on=is_on)
    return [Migration(*row) for row in rows]


# ---- what will come


@dataclass(frozen=True, slots=True)
class FallView:
    """A fall that comes if nothing more counts: of which tier to which, when, and the least that averts it."""

    tier: TierView
    to_tier: TierView
    ends_on: dt.date
    falls_on: dt.date
    ways: tuple[rules.Way, ...]


@dataclass(frozen=True, slots=True)
class FallNoticeView:
    """A warning that is to be sent on a date."""

    member_id: int
    days_before: int
    fall: FallView


def stand_of(member_id: int, ladder: str = MAIN) -> rules.Stand:
    """Will return where a member stands now with all that counts of him, so that rules can look ahead of it.

    Raises NoStanding, NoLadder. Six queries, and two a version of the ladder the first time.
    """
    versions, found = versions_of(ladder), ladders(ladder)
    row = Standing.objects.filter(member_id=member_id, ladder__code=ladder).first()
    if row is None:
        raise NoStanding(f"Member {member_id} has not joined the programme.")
    position, own = place_of([getattr(row, column) for column in PLACE], rung_of)
    uses = frozenset[str]().union(*(terms.uses for terms in versions))
    decided_on, joined = clock.business_date(row.decided_at), joined_on(member_id)
    dates_of_doubt = [date for date in (position.due, decided_on) if date]
    since = min(terms.window_start(min(dates_of_doubt), joined) for terms in {*versions, own})
    asked = {"active_days": "active_days" in uses, "referrals": "referrals" in uses}
    rows = sql.fetch("tiers", "history_of", member_id=member_id, since=since, **asked)
    history = rules.History(joined, map(rules.Counted._make, rows))
    return rules.Stand(position, own, decided_on, history, rules.Ladders(found.on, rules.turns_of(versions), uses))


def fall_view(fall: rules.Fall) -> FallView:
    """Will return a fall that rules foresee with its tiers as pages show them. One query."""
    tiers = Tier.objects.in_bulk([fall.rung.tier_id, fall.to.tier_id])
    return FallView(
        _view(tiers[fall.rung.tier_id]), _view(tiers[fall.to.tier_id]), fall.ends_on, fall.falls_on, fall.ways
    )


def fall_notices_due(date: dt.date) -> list[FallNoticeView]:
    """Will return the warnings to send on a date, by member, but for falls that were averted meanwhile. One query."""
    standing = Standing.objects.filter(member_id=OuterRef("member_id"), ladder_id=OuterRef("ladder_id"))
    still = standing.filter(tier_id=OuterRef("tier_id")).filter(
        Q(grace_date=None, until_date=OuterRef("ends_on")) | Q(grace_date=OuterRef("ends_on"))
    )
    rows = FallNotice.objects.filter(Exists(still), due_on=date).select_related("tier", "to_tier")
    return [
        FallNoticeView(
            row.member_id,
            row.days_before,
            FallView(_view(row.tier), _view(row.to_tier), row.ends_on, row.falls_on, _ways(row.ways)),
        )
        for row in rows.order_by("member_id", "ladder_id", "ends_on")
    ]


def _ways(kept: list[dict[str, Any]]) -> tuple[rules.Way, ...]:
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
    tiers = {tier.id: _view(tier) for tier in Tier.objects.filter(id__in=wanted - {None})}
    position = ahead.stand.position
    begins = {stand.ladders.on(date).effective_on for date in stand.ladders.begins}
    return Future(
        decisions=tuple(_foreseen(row, tiers) for row in rows),
        leaving=tuple(rules.leaving(ahead.stand, today, ahead.upto)),
        turns=tuple(sorted(date for date in begins if today < date <= ahead.upto)),
        tier=tiers[held.tier_id],
        until=position.hold.until if position.hold else position.until,
        grace=None if position.hold else position.grace,
    )


def tier_views(rungs: Iterable[rules.Rung]) -> dict[int, TierView]:
    """Will return {tier id: tier} of rungs as pages show them. One query."""
    return {tier.id: _view(tier) for tier in Tier.objects.filter(id__in={rung.tier_id for rung in rungs})}


def _foreseen(row: dict[str, Any], tiers: dict[int, TierView]) -> DecisionView:
    """A decision that has not been made, as one that has."""
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
    """Will return where a member stands on a ladder now, with all that bears on it. At most eleven queries.

    Raises NoStanding, NoLadder.
    """
    today = clock.business_date(at)
    stand = stand_of(member_id, ladder)
    position, held = stand.position, stand.held
    now = stand.measure(today)
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
    tiers = tier_views(wanted + ([position.next.rung] if position.next else []))
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
        last_decision=list_decisions(member_id, limit=1, ladder=ladder)[0],
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

    Raises NoStanding. At most eight queries.
    """
    then = get_standing_as_of(member_id, at)
    terms, last = terms_on(clock.business_date(at)), then.last_decision
    above, keep = _around(terms, last.to_tier.id)
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
        reach_all=above is not None and above.reach.join is Join.ALL,
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
        found.append(LadderView(code, name, terms, tuple(_view(tier) for tier in tiers)))
    return found


# ---- decisions that members question


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A decision that a member thinks is wrong, his words, and the answer; no verdict while it waits."""

    id: int
    member_id: int
    ladder: str
    decision: DecisionView
    words: str
    opened_at: dt.datetime
    verdict: str
    answer: str
    answered_at: dt.datetime | None
    answered_by: str


@dataclass(frozen=True, slots=True)
class OpenChallenges:
    """How many questions wait, and since when the oldest does."""

    count: int
    oldest_at: dt.datetime | None


def get_challenge(challenge_id: int) -> ChallengeView:
    """Will return a question by its number. Two queries."""
    return _challenges(Challenge.objects.filter(id=challenge_id))[0]


def open_challenges(limit: int) -> list[ChallengeView]:
    """Will return questions that wait, the oldest first. Two queries."""
    return _challenges(Challenge.objects.filter(answered_at=None).order_by("opened_at", "id")[:limit])


def count_open_challenges() -> OpenChallenges:
    """Will count the questions that wait. One query."""
    found = Challenge.objects.filter(answered_at=None).aggregate(count=Count("id"), oldest=Min("opened_at"))
    return OpenChallenges(found["count"], found["oldest"])


def answered_challenges(before: tuple[dt.datetime, int] | None, limit: int) -> list[ChallengeView]:
    """Will return questions that were answered, the latest first, from behind an (instant, number) on. Two queries."""
    rows = Challenge.objects.filter(answered_at__isnull=False)
    if before:
        rows = rows.filter(Q(answered_at__lt=before[0]) | Q(answered_at=before[0], id__lt=before[1]))
    return _challenges(rows.order_by("-answered_at", "-id")[:limit])


def challenges_of(member_id: int, seqs: Sequence[int], ladder: str = MAIN) -> dict[int, ChallengeView]:
    """Will return {number of the decision: the latest question about it} of a member's decisions. Two queries."""
    rows = Challenge.objects.filter(member_id=member_id, ladder__code=ladder, seq__in=seqs).order_by("id")
    return {found.decision.seq: found for found in _challenges(rows)}


def find_decision(member_id: int, seq: int, ladder: str = MAIN) -> DecisionView | None:
    """Will return a decision of a member by its number, if there is one. One query."""
    rows = Decision.objects.filter(member_id=member_id, ladder__code=ladder, seq=seq)
    row = rows.select_related("from_tier", "to_tier", "next_tier").first()
    return _decision_view(row) if row else None


def _challenges(found: "QuerySet[Challenge]") -> list[ChallengeView]:
    rows = list(found.select_related("ladder"))
    keys = [(row.member_id, row.ladder_id, row.seq) for row in rows]
    decisions = Decision.objects.filter(pk__in=keys).select_related("from_tier", "to_tier", "next_tier")
    by_key = {(row.member_id, row.ladder_id, row.seq): _decision_view(row) for row in decisions} if rows else {}
    return [
        ChallengeView(
            id=row.id,
            member_id=row.member_id,
            ladder=row.ladder.code,
            decision=by_key[row.member_id, row.ladder_id, row.seq],
            words=row.words,
            opened_at=row.opened_at,
            verdict=row.verdict,
            answer=row.answer,
            answered_at=row.answered_at,
            answered_by=row.answered_by,
        )
        for row in rows
    ]


# ---- what the staff may give, before it is given


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a deed of the staff would decide, and what would come of it: the tier after what is given ends."""

    decision: DecisionView
    after: TierView | None
    multiplier_before: Decimal


@dataclass(frozen=True, slots=True)
class Courtesies:
    """How often a person of the staff has extended a validity this month, and how often he may."""

    used: int
    most: int


def foretell_gift(
    member_id: int, tier: str, kind: HoldKind, until: dt.date, at: dt.datetime, ladder: str = MAIN
) -> Foretold:
    """Will say what giving a tier would do. At most nine queries; raises NoStanding, rules.NotGiven."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    now = stand.measure(today)
    rung = next((rung for rung in now.terms.rungs if rung.code == tier and rung.rank), None)
    if rung is None:
        raise rules.NotGiven("no_such_tier", "There is no such tier.")
    outcome = rules.give(stand.position, rung, kind, today, until, now, rules.own_measure(stand, today))
    return _foretold(stand, outcome, now, today)


def foretell_end(member_id: int, at: dt.datetime, ladder: str = MAIN) -> Foretold:
    """Will say what ending what was given would do today. Raises and queries as foretell_gift."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    now = stand.measure(today)
    what = rules.Occurrence(Occasion.EVENT, today)
    outcome = rules.end_early(stand.position, what, now, rules.own_measure(stand, today))
    return _foretold(stand, outcome, now, today)


def foretell_extension(member_id: int, until: dt.date, at: dt.datetime, ladder: str = MAIN) -> Foretold:
    """Will say what extending the validity would do. Raises and queries as foretell_gift."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    outcome = rules.extend(stand.position, until, rules.own_measure(stand, today))
    return _foretold(stand, outcome, stand.measure(today), today)


def courtesies(actor: str, at: dt.datetime, ladder: str = MAIN) -> Courtesies:
    """Will count the extensions of a person in this calendar month. Three queries."""
    today = clock.business_date(at)
    most = LadderVersion.objects.values_list("courtesies_a_month", flat=True)
    given = Decision.objects.filter(
        business_date__gte=today.replace(day=1), business_date__lte=today, kind=DecisionKind.EXTENDED, actor=actor
    )
    return Courtesies(given.exclude(reason="").count(), most.get(id=terms_on(today, ladder).version_id))


def _foretold(stand: rules.Stand, outcome: rules.Outcome, now: rules.Measure, today: dt.date) -> Foretold:
    after = rules.Stand(outcome.position, outcome.terms or stand.own, today, stand.history, stand.ladders)
    row = new_decision((stand.position, stand.own), (after.position, after.own), outcome, outcome.measure or now, today)
    end, hold = None, outcome.position.hold
    if hold:
        end = rules.look_ahead(after, today, hold.until).stand.held
    ids = [row["from_tier_id"], row["to_tier_id"], row["next_tier_id"], end and end.tier_id]
    tiers = {tier.id: _view(tier) for tier in Tier.objects.filter(id__in=[key for key in ids if key])}
    return Foretold(_foreseen(row, tiers), tiers[end.tier_id] if end else None, stand.held.multiplier)
