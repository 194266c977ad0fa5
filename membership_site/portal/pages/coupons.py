"""The member's coupons: ready, to come, used and lapsed, each with its conditions and why it cannot be used now."""

import datetime as dt
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.enums import CouponState
from benefits.queries import Candidate
from benefits.rules import codes
from benefits.rules.coupons import Bearer, fault_of
from kit import clock
from membership_site import formats
from orders import queries as orders_queries
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

OVER_SHOWN = 20
"""So many of those that were used, and so many that lapsed, are listed."""

READY_SHOWN = 3
"""So many that are ready stand on the overview."""

SOON = dt.timedelta(days=7)
NO_ORDER = 0
"""No order has this id: all of the member's count."""


@dataclass(frozen=True)
class Coupon:
    """A coupon as its member sees it; `why_not` is empty where he can use it now."""

    id: int
    code: str
    shown: str
    name: str
    value: str
    cap: str
    minimum: str
    when: str
    is_soon: bool
    conditions: tuple[str, ...]
    why_not: str


@dataclass(frozen=True)
class CouponsPage:
    """The member's wallet as the template shows it; what is over is cut to the latest."""

    ready: tuple[Coupon, ...]
    later: tuple[Coupon, ...]
    used: tuple[Coupon, ...]
    lapsed: tuple[Coupon, ...]


@dataclass(frozen=True)
class ReadyRow:
    """A coupon that is ready, in a line: what it takes off, of what, and until when."""

    id: int
    name: str
    value: str
    minimum: str
    when: str
    is_soon: bool


@dataclass(frozen=True)
class CouponsCard:
    """Those coupons that are ready and end first, and how many are ready altogether."""

    rows: tuple[ReadyRow, ...]
    count: int


@dataclass(frozen=True)
class _Reader:
    """Whom coupons are explained to: as he stands now, and what his tiers are called."""

    bearer: Bearer
    tiers: dict[str, str]
    at: dt.datetime


def coupons_page(member_id: int, at: dt.datetime) -> CouponsPage:
    """Will assemble the wallet of a member. At most nine queries, however many coupons he has."""
    wallet, reader = benefits_queries.wallet_of(member_id, at), _reader(member_id, at)

    def all_of(ones: tuple[Candidate, ...]) -> tuple[Coupon, ...]:
        return tuple(_coupon(one, reader) for one in ones)

    lapsed = sorted((*wallet.lapsed, *wallet.void), key=lambda one: one.standing.ends_at or one.issued_at, reverse=True)
    return CouponsPage(
        ready=all_of(wallet.ready),
        later=all_of((*wallet.held, *wallet.coming)),
        used=all_of(wallet.used[:OVER_SHOWN]),
        lapsed=all_of(tuple(lapsed[:OVER_SHOWN])),
    )


def coupons_card(member_id: int, at: dt.datetime) -> CouponsCard | None:
    """Will assemble the coupons that are ready for the overview, soonest end first; None without any. One query."""
    ready = [one for one in benefits_queries.candidates_of(member_id, at) if one.state_at(at) is CouponState.READY]
    return CouponsCard(tuple(_row(one, at) for one in ready[:READY_SHOWN]), len(ready)) if ready else None


def _row(one: Candidate, at: dt.datetime) -> ReadyRow:
    return ReadyRow(
        id=one.coupon_id,
        name=benefits_wording.named(one.names, one.definition),
        value=benefits_wording.head_words(one.terms, formats),
        minimum=benefits_wording.minimum_words(one.terms, formats),
        when=_use_by(one, at),
        is_soon=_is_soon(one, at),
    )


def _use_by(one: Candidate, at: dt.datetime) -> str:
    ends_at = one.standing.ends_at
    last = clock.business_date(ends_at - dt.timedelta(microseconds=1)) if ends_at else None
    first = clock.business_date(one.standing.starts_at)
    return benefits_wording.use_by_words(first, last, clock.business_date(at), formats)


def _is_soon(one: Candidate, at: dt.datetime) -> bool:
    ends_at = one.standing.ends_at
    return one.state_at(at) is CouponState.READY and ends_at is not None and ends_at - at <= SOON


def look_up(typed: str, member_id: int, at: dt.datetime) -> Coupon | None:
    """Will return what a code gives a member; None where there is none that he could have.

    Raises benefits.queries.TooManyGuesses. At most nine queries.
    """
    found = benefits_queries.find_by_code(typed, member_id, at)
    # Whose a code is, is nobody else's business: another member's is said not to exist.
    return _coupon(found, _reader(member_id, at)) if found and found.standing.is_mine else None


def _reader(member_id: int, at: dt.datetime) -> _Reader:
    try:
        tiers = tiers_queries.tiers_of_ladder(clock.business_date(at))
        tier = tiers_queries.get_standing(member_id, at).tier.code
    except (tiers_queries.NoLadder, tiers_queries.NoStanding):
        tiers, tier = [], ""
    has_ordered = orders_queries.count_paid_before(member_id, at, NO_ORDER) > 0
    bearer = Bearer(at.astimezone(clock.programme_zone()), tier, has_ordered)
    return _Reader(bearer, {one.code: tiers_wording.tier_name(one) for one in tiers}, at)


def _coupon(one: Candidate, reader: _Reader) -> Coupon:
    fault = fault_of(one.terms, one.standing, reader.bearer)
    # What it takes of the cart stands beside the value already.
    conditions = benefits_wording.condition_words(replace(one.terms, minimum=0), formats, reader.tiers)  # type: ignore[arg-type]
    return Coupon(
        id=one.coupon_id,
        code=one.code,
        shown=codes.shown(one.code),
        name=benefits_wording.named(one.names, one.definition),
        value=benefits_wording.head_words(one.terms, formats),
        cap=benefits_wording.cap_words(one.terms, formats),
        minimum=benefits_wording.minimum_words(one.terms, formats),
        when=_over(one, one.state_at(reader.at)) or _use_by(one, reader.at),
        is_soon=_is_soon(one, reader.at),
        conditions=tuple(conditions),
        why_not=benefits_wording.rejection_words(fault, formats, reader.tiers) if fault else "",
    )


def _over(one: Candidate, state: CouponState) -> str:
    """When it was used, or that it is void; empty where its dates say all."""
    if state is CouponState.USED and one.used_at is not None:
        return _("Used %(date)s") % {"date": formats.cal(one.used_at)}
    return benefits_wording.coupon_state_words(state) if state in (CouponState.USED, CouponState.VOID) else ""
