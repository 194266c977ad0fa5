"""The ladders of tiers side by side: what each tier asks for, what it earns, and the rules they share."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from kit import clock
from membership_site import formats
from membership_site.portal.pages.decisions import DecisionRow, decision_rows
from membership_site.portal.pages.standing import TierBadge, TierCard, badge, tier_card
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.queries import MAIN, LadderView


@dataclass(frozen=True)
class Column:
    """One tier of the comparison; `points` is missing on ladders that earn nothing."""

    tier: TierBadge
    own: bool
    reach: str
    keep: str
    again: str
    by_invitation: bool
    never_lost: bool
    points: Decimal | None
    one_point: bool


@dataclass(frozen=True)
class Ladder:
    """The tiers of one ladder, lowest first, and the rules they share; `card` is where the member stands."""

    code: str
    name: str
    card: TierCard | None
    columns: tuple[Column, ...]
    says: tuple[str, ...]
    unit: str


@dataclass(frozen=True)
class TiersPage:
    """The main ladder, how the member's tier on it came about, and the ladders beside it."""

    main: Ladder
    decisions: tuple[DecisionRow, ...]
    others: tuple[Ladder, ...]


def tiers_page(member_id: int, at: dt.datetime) -> TiersPage:
    """Will assemble all ladders at an instant. At most 21 queries with one ladder, fifteen more a further one."""
    today = clock.business_date(at)
    per_unit = points_queries.policy_on(today).points_per_unit
    main, *others = (_ladder(member_id, view, per_unit, at) for view in tiers_queries.ladders_shown(today))
    return TiersPage(main, decision_rows(member_id), tuple(others))


def _ladder(member_id: int, view: LadderView, per_unit: Decimal, at: dt.datetime) -> Ladder:
    try:
        card = tier_card(member_id, at, view.code)
    except tiers_queries.NoStanding:
        card = None
    return Ladder(
        code=view.code,
        name=view.name,
        card=card,
        columns=_columns(view, card, per_unit if view.code == MAIN else None),
        says=tiers_wording.ladder_words(view.terms, formats),
        unit=formats.money0(1),
    )


def _columns(view: LadderView, card: TierCard | None, per_unit: Decimal | None) -> tuple[Column, ...]:
    columns = []
    for tier, rung in zip(view.tiers, view.terms.rungs, strict=True):
        points = None if per_unit is None else tier.multiplier * per_unit
        columns.append(
            Column(
                tier=badge(tier),
                own=card is not None and card.tier == badge(tier),
                reach=tiers_wording.asked_words(rung.reach, formats),
                keep=tiers_wording.asked_words(rung.keep, formats) if rung.keep != rung.reach else "",
                again=tiers_wording.asked_words(rung.re_enter, formats) if rung.re_enter else "",
                by_invitation=rung.by_invitation,
                never_lost=rung.never_lost,
                points=points,
                one_point=points == 1,
            )
        )
    return tuple(columns)
