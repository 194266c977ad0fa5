"""Rewards: what can be had now, what is in reach, what one takes, and what came of it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.enums import FulfilmentState, RedemptionState, RewardKind
from benefits.queries import Catalogue, FulfilmentRow, PrizeView, RedemptionView, RewardView
from benefits.rules.lottery import REST, WHOLE
from benefits.rules.rewards import Refusal
from kit import clock, dates
from membership_site import formats
from points import queries as points_queries
from points.queries import Expiring
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

Names = Mapping[str, str]

IN_REACH = 4
"""So many rewards stand on the overview: two rows of two on a phone, one row where there is room."""


@dataclass(frozen=True)
class Tile:
    """A reward in the list; `words` say why not now, `share` how far the points reach where only they are missing."""

    code: str
    name: str
    kind: str
    icon: str
    price: int | None
    words: str
    share: Decimal | None
    left: str


@dataclass(frozen=True)
class RewardsPage:
    """The catalogue: what can be had now, what points will reach, and the rest."""

    spendable: int
    debt: int
    now: tuple[Tile, ...]
    reach: tuple[Tile, ...]
    rest: tuple[Tile, ...]


@dataclass(frozen=True)
class PrizeRow:
    """A prize and its chance in words."""

    name: str
    chance: str
    note: str


@dataclass(frozen=True)
class Effect:
    """What redeeming takes: so many of so many, which leaves so many; which go first."""

    price: int
    spendable: int
    leaves: int
    takes: tuple[Expiring, ...]
    never: int


@dataclass(frozen=True)
class RewardPage:
    """A reward, its terms as sentences, the odds of a draw, and what it takes where it can be had."""

    code: str
    name: str
    kind: str
    icon: str
    says: str
    price: int | None
    terms: tuple[str, ...]
    prizes: tuple[PrizeRow, ...]
    nothing: str
    refusal: str
    effect: Effect | None
    is_draw: bool


@dataclass(frozen=True)
class MineRow:
    """A redemption in the list of a member's own."""

    id: uuid.UUID
    name: str
    icon: str
    at: dt.datetime
    points: int
    state: str
    tone: str


@dataclass(frozen=True)
class ParcelRow:
    """A gift on its way, in the list."""

    id: int
    name: str
    at: dt.datetime
    state: str
    tone: str


@dataclass(frozen=True)
class MinePage:
    """What a member has redeemed, and gifts that came with his tier."""

    redeemed: tuple[MineRow, ...]
    gifts: tuple[ParcelRow, ...]


@dataclass(frozen=True)
class Parcel:
    """Where a gift stands, and what its member can do."""

    id: int
    name: str
    state: str
    tone: str
    words: str
    needs_address: bool
    may_change: bool


@dataclass(frozen=True)
class DrawRow:
    """How a draw came out: what it gave, and what it takes to draw it again."""

    prize: str
    number: str
    seed: str
    rest: str
    ranges: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RedeemedPage:
    """A redemption: its code and how to use it, its parcel or draw, and until when it can be given back."""

    id: uuid.UUID
    name: str
    icon: str
    points: int
    at: dt.datetime
    is_cancelled: bool
    code: str
    code_words: str
    how: str
    is_hidden: bool
    parcel: Parcel | None
    draw: DrawRow | None
    undo_until: dt.date | None


def rewards_page(member_id: int, at: dt.datetime) -> RewardsPage:
    """Will assemble the catalogue for a member. At most fifteen queries, however many rewards there are."""
    found = benefits_queries.catalogue(member_id, at)
    names = _tier_names(at)
    tiles = [(row.refusal.code if row.refusal else "", _tile(row, found, names)) for row in found.rewards]
    reach = [tile for code, tile in tiles if code == "not_enough"]
    return RewardsPage(
        spendable=found.spendable,
        debt=found.debt,
        now=tuple(tile for code, tile in tiles if not code),
        reach=tuple(sorted(reach, key=lambda tile: tile.price or 0)),
        rest=tuple(tile for code, tile in tiles if code not in ("", "not_enough")),
    )


def rewards_in_reach(member_id: int, at: dt.datetime) -> tuple[Tile, ...]:
    """Will return the first rewards that can be had now, and at least the next one to come. Queries as the catalogue.

    Nothing where the member can have none and none is a matter of points alone.
    """
    page = rewards_page(member_id, at)
    now = page.now[: IN_REACH - 1] if page.reach else page.now
    return (*now, *page.reach)[:IN_REACH]


def _tile(row: RewardView, found: Catalogue, tiers: Names) -> Tile:
    is_reach = row.refusal is not None and row.refusal.code == "not_enough"
    return Tile(
        code=row.code,
        name=benefits_wording.named(row.names, row.code),
        kind=benefits_wording.reward_kind_words(row.kind),
        icon=row.icon,
        price=row.price,
        words=benefits_wording.refusal_words(row.refusal, formats, tiers) if row.refusal else "",
        share=Decimal(found.spendable) / row.price if is_reach and row.price else None,
        left=_left(row.left) if row.left else "",
    )


def reward_page(member_id: int, code: str, at: dt.datetime, refused: Refusal | None = None) -> RewardPage | None:
    """Will assemble a reward for a member, or None where he may not look at one; `refused` is what just was.

    At most seventeen queries.
    """
    found = benefits_queries.find_reward(member_id, code, at)
    if found is None:
        return None
    purse, row = found
    tiers = _tier_names(at)
    refusal = refused or row.refusal
    return RewardPage(
        code=row.code,
        name=benefits_wording.named(row.names, row.code),
        kind=benefits_wording.reward_kind_words(row.kind),
        icon=row.icon,
        says=benefits_wording.named(row.says),
        price=row.price,
        terms=tuple(_terms(row)),
        prizes=tuple(_prize(prize, _rest_name(row)) for prize in row.prizes),
        nothing=_chance(row.chance_of_nothing) if row.chance_of_nothing else "",
        refusal=benefits_wording.refusal_words(refusal, formats, tiers) if refusal else "",
        effect=_effect(member_id, row.price, purse, at) if row.refusal is None and row.price else None,
        is_draw=row.kind == RewardKind.DRAW,
    )


def _terms(row: RewardView) -> list[str]:
    """Will say the terms of a reward: window, stock, limit, giving back."""
    terms = []
    if row.ends_at is not None:
        last = clock.business_date(row.ends_at - dt.timedelta(microseconds=1))
        terms.append(_("It can be redeemed through %(date)s.") % {"date": formats.cal(last)})
    if row.left is not None:
        terms.append(_left(row.left))
    if row.member_max is not None:
        n = row.member_max
        text = ngettext("%(n)s is the most for one member.", "%(n)s are the most for one member.", n)
        terms.append(text % {"n": formats.num(n)})
    if row.kind == RewardKind.DRAW:
        terms.append(_("A draw is final and cannot be undone."))
    elif row.cancel_days:
        text = ngettext(
            "You can give it back within %(n)s day, as long as nothing of it was used, shown or sent.",
            "You can give it back within %(n)s days, as long as nothing of it was used, shown or sent.",
            row.cancel_days,
        )
        terms.append(text % {"n": formats.num(row.cancel_days)})
    else:
        terms.append(_("It cannot be given back."))
    return terms


def _left(left: int) -> str:
    return ngettext("%(n)s left", "%(n)s left", left) % {"n": formats.num(left)}


def _chance(share: Decimal) -> str:
    return benefits_wording.chance_words(share, formats)


def _rest_name(row: RewardView) -> str:
    """Will name where the chance of a prize goes that is gone: the consolation prize, or no prize at all."""
    rest = next((prize for prize in row.prizes if prize.is_rest and not prize.is_gone), None)
    return benefits_wording.named(rest.names) if rest else _("No prize")


def _prize(prize: PrizeView, rest: str) -> PrizeRow:
    if prize.is_gone:
        note = _("None is left; its chance is now that of “%(prize)s”.") % {"prize": rest}
    else:
        note = _left(prize.left) if prize.left is not None else ""
    return PrizeRow(benefits_wording.named(prize.names), _chance(prize.chance), note)


def _effect(member_id: int, price: int, purse: Catalogue, at: dt.datetime) -> Effect:
    takes = points_queries.lots_for(member_id, price, at)
    return Effect(
        price=price,
        spendable=purse.spendable,
        leaves=purse.spendable - price,
        takes=tuple(row for row in takes if row.date < dates.WHILE_ACTIVE),
        never=sum(row.points for row in takes if row.date >= dates.WHILE_ACTIVE),
    )


def _tier_names(at: dt.datetime) -> dict[str, str]:
    tiers = tiers_queries.tiers_of_ladder(clock.business_date(at))
    return {tier.code: tiers_wording.tier_name(tier) for tier in tiers}


# ---- what a member has


def mine_page(member_id: int, at: dt.datetime) -> MinePage:
    """Will assemble what a member has redeemed and been promised. Three queries."""
    redeemed = benefits_queries.redemptions_of(member_id, at)
    parcels = benefits_queries.fulfilments_of(member_id)
    return MinePage(
        redeemed=tuple(_mine(row) for row in redeemed),
        gifts=tuple(
            ParcelRow(
                row.id,
                benefits_wording.named(row.names, row.item),
                row.promised_at,
                benefits_wording.parcel_state_words(row.state),
                benefits_wording.tone(row.state),
            )
            for row in parcels
            if not row.is_redeemed
        ),
    )


def _mine(row: RedemptionView) -> MineRow:
    state, tone = _state(row)
    return MineRow(
        row.id, benefits_wording.named(row.names, row.reward), row.icon, row.redeemed_at, row.points, state, tone
    )


def _state(row: RedemptionView) -> tuple[str, str]:
    if row.state == RedemptionState.CANCELLED:
        return _("Given back"), ""
    if row.fulfilment:
        return benefits_wording.parcel_state_words(row.fulfilment), benefits_wording.tone(row.fulfilment)
    if row.coupon_used:
        return _("Used"), ""
    if row.kind == RewardKind.DRAW:
        return (benefits_wording.named(row.prize), "good") if row.prize else (_("No prize"), "")
    return _("Ready to use"), "good"


def redeemed_page(member_id: int, redemption_id: uuid.UUID, at: dt.datetime) -> RedeemedPage | None:
    """Will assemble a redemption of a member's own, or None. At most three queries."""
    row = benefits_queries.find_redemption(member_id, redemption_id, at)
    if row is None:
        return None
    parcel = benefits_queries.find_fulfilment(row.fulfilment_id, member_id) if row.fulfilment_id else None
    is_cancelled = row.state == RedemptionState.CANCELLED
    return RedeemedPage(
        id=row.id,
        name=benefits_wording.named(row.names, row.reward),
        icon=row.icon,
        points=row.points,
        at=row.redeemed_at,
        is_cancelled=is_cancelled,
        code="" if is_cancelled else row.coupon or row.partner_code,
        code_words=_code_words(row),
        how=benefits_wording.named(row.how),
        is_hidden=row.partner_code_id is not None and not row.partner_code and not is_cancelled,
        parcel=parcel_of(parcel) if parcel else None,
        draw=_draw(row),
        undo_until=row.cancels_until,
    )


def _code_words(row: RedemptionView) -> str:
    """Will say until when a code is good."""
    if row.coupon_used:
        return _("It has been used.")
    last = row.code_ends_on
    if row.coupon_ends_at is not None:
        last = clock.business_date(row.coupon_ends_at - dt.timedelta(microseconds=1))
    return _("Good through %(date)s.") % {"date": formats.cal(last)} if last else ""


def _draw(row: RedemptionView) -> DrawRow | None:
    """Will say how a draw came out, so that anybody can draw it again."""
    if row.drawn is None:
        return None
    ranges, start = [], 0
    for prize in row.drawn["prizes"]:
        if prize["chance"] == REST:
            continue
        end = start + int(Decimal(prize["chance"]) * WHOLE)
        ranges.append((benefits_wording.named(prize["names"]), f"{start:06d}–{end - 1:06d}"))
        start = end
    drawn = row.drawn
    rests = (
        benefits_wording.named(prize["names"])
        for place, prize in enumerate(drawn["prizes"])
        if prize["chance"] == REST and place not in drawn["gone"]
    )
    return DrawRow(
        rest=next(rests, _("No prize")),
        prize=benefits_wording.named(row.prize) if row.prize else "",
        number=f"{row.drawn['number']:06d}",
        seed=row.drawn["seed"],
        ranges=tuple(ranges),
    )


def parcel_of(row: FulfilmentRow) -> Parcel:
    """Will say where a gift stands. No queries."""
    state = FulfilmentState(row.state)
    return Parcel(
        id=row.id,
        name=benefits_wording.named(row.names, row.item),
        state=benefits_wording.parcel_state_words(row.state),
        tone=benefits_wording.tone(row.state),
        words=_parcel_words(row),
        needs_address=state is FulfilmentState.NEEDS_ADDRESS,
        may_change=state is FulfilmentState.READY and row.address is not None,
    )


def _parcel_words(row: FulfilmentRow) -> str:
    """Will say what happens next with a gift."""
    match FulfilmentState(row.state):
        case FulfilmentState.NEEDS_ADDRESS if row.address_until is not None:
            last = clock.business_date(row.address_until - dt.timedelta(microseconds=1))
            return _("Tell us where to send it by %(date)s. After that it is given up.") % {"date": formats.cal(last)}
        case FulfilmentState.NEEDS_ADDRESS:
            return _("Tell us where to send it.")
        case FulfilmentState.READY:
            return _("We pack it next.")
        case FulfilmentState.SHIPPED if row.tracking:
            words = {"carrier": row.carrier, "tracking": row.tracking}
            return _("With %(carrier)s under the number %(tracking)s.") % words
        case FulfilmentState.SHIPPED | FulfilmentState.DELIVERED:
            return _("With %(carrier)s.") % {"carrier": row.carrier}
        case FulfilmentState.RETURNED:
            return _("It came back to us. We send it again, or get in touch with you.")
    return _("It is not sent.")
