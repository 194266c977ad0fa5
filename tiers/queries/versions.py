"""The versions of ladders: which is in force, and what each asks."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from kit import memory, sql
from kit.versions import Versions
from points import queries as points_queries
from tiers import rules
from tiers.enums import (
    AtEnd,
    Join,
    OnRefund,
    Rounding,
    Start,
    Window,
)
from tiers.models import (
    LadderVersion,
    Tier,
)

MAIN = "main"
"""The ladder that everybody stands on."""


class NoLadder(Exception):
    """No ladder has been published; load one with `manage.py load_starter`."""


def ladders(ladder: str = MAIN) -> Versions[rules.LadderTerms]:
    """Will return all published versions of a ladder by the date they came into force; raises NoLadder.

    One query, and two a version the first time.
    """
    versions = by_date(versions_of(ladder))
    if not versions:
        raise NoLadder("No ladder has been published. Run `manage.py load_starter`, or publish one.")
    return versions


def by_date(versions: Iterable[rules.LadderTerms]) -> Versions[rules.LadderTerms]:
    """Will return versions of a ladder, stated in the order they came into force, by that date. No queries."""
    return Versions((terms.effective_on, terms) for terms in versions)


@memory.once
def versions_of(ladder: str = MAIN) -> tuple[rules.LadderTerms, ...]:
    """Will return all published versions of a ladder in the order they came into force. Queries as ladders."""
    rows = sql.fetch("tiers", "published_versions", ladder=ladder)
    return tuple(version_by_id(version_id) for (version_id,) in rows)


@memory.once
def ladders_in_force(date: dt.date) -> list[str]:
    """Will return the codes of the ladders that members stand on at a date, the oldest first. One query.

    The main one is always among them: before its time its first version holds.
    """
    return [code for code, begins_on in _begun_ladders() if begins_on <= date or code == MAIN] or [MAIN]


@memory.once
def _begun_ladders() -> list[tuple[str, dt.date]]:
    """Will return the ladders of which a version was published, the oldest first, with when the first one begins."""
    return sql.fetch("tiers", "begun_ladders")


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
def version_by_id(version_id: int) -> rules.LadderTerms:
    """Will return a published version: it is frozen by the database, so it may be kept. Two queries the first time."""
    return terms_of(LadderVersion.objects.get(id=version_id))


@lru_cache(maxsize=1024)
def rung_of(tier_id: int) -> tuple[rules.LadderTerms, rules.Rung]:
    """Will return a published tier as a rung, with the version it is of. Up to three queries the first time."""
    terms = version_by_id(Tier.objects.values_list("version_id", flat=True).get(id=tier_id))
    return terms, next(rung for rung in terms.rungs if rung.tier_id == tier_id)


def terms_of(version: LadderVersion) -> rules.LadderTerms:
    """Will return a version, published or a draft, as plain values. One query."""
    return terms_with(version, version.tiers.order_by("rank"))


def terms_with(version: LadderVersion, tiers: Iterable[Tier]) -> rules.LadderTerms:
    """Will return a version with its tiers, lowest first, as plain values. No queries."""
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


def tiers_up_to(code: str, date: dt.date) -> tuple[str, ...]:
    """Will return the codes of a tier and of all below it, lowest first, on the ladder of a date. One query."""
    codes = [rung.code for rung in terms_on(date).rungs]
    return tuple(codes[: codes.index(code) + 1]) if code in codes else (code,)
