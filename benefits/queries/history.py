"""What happened to a member's coupons, rewards and benefits before an instant, and what he had at one."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.db.models import Count, Q

from benefits.enums import CheckoutState, RedemptionState
from benefits.models import Coupon, Entitlement, Redemption, Taking
from benefits.queries.wallet import Candidate, Wallet, candidates, sorted_by_state


@dataclass(frozen=True, slots=True)
class Happening:
    """A thing that happened: to a coupon (`given`, `used`, `void`), a reward (`redeemed`, `cancelled`) or a benefit.

    `code` is that of the coupon or benefit; `points` are what a reward cost; `order_key` is the order a coupon paid,
    `period` that of a benefit.
    """

    at: dt.datetime
    deed: str
    code: str
    names: Mapping[str, str]
    points: int = 0
    reason: str = ""
    order_key: str = ""
    period: str = ""


def coupons_before(member_id: int, before: dt.datetime, limit: int) -> list[Happening]:
    """Will return what happened to a member's coupons before an instant, the latest of each kind first. Three queries.

    A coupon that came back with its order counts as used all the same: it was.
    """
    rows = Coupon.objects.filter(member_id=member_id)
    given = rows.filter(issued_at__lt=before).order_by("-issued_at", "-id")
    void = rows.filter(voided_at__lt=before).order_by("-voided_at", "-id")
    used = Taking.objects.filter(
        checkout__member_id=member_id,
        checkout__state=CheckoutState.CONFIRMED,
        checkout__closed_at__lt=before,
        coupon__isnull=False,
    ).order_by("-checkout__closed_at", "position")
    uses = used.values_list("checkout__closed_at", "coupon__code", "coupon__terms__names", "checkout__order_key")
    return [
        *(
            Happening(at, "given", code, names)
            for at, code, names in given.values_list("issued_at", "code", "terms__names")[:limit]
        ),
        *(Happening(at, "used", code, names, order_key=key) for at, code, names, key in uses[:limit] if at),
        *(
            Happening(at, "void", code, names, reason=reason)
            for at, code, names, reason in void.values_list("voided_at", "code", "terms__names", "void_reason")[:limit]
            if at
        ),
    ]


def rewards_before(member_id: int, before: dt.datetime, limit: int) -> list[Happening]:
    """Will return what a member redeemed, and gave back, before an instant, the latest of each first. Two queries."""
    rows = Redemption.objects.filter(member_id=member_id)
    taken = rows.filter(redeemed_at__lt=before).order_by("-redeemed_at", "id")
    back = rows.filter(cancelled_at__lt=before).order_by("-cancelled_at", "id")
    named = ("reward__code", "reward__names", "points")
    return [
        *(
            Happening(at, "redeemed", code, names, points)
            for at, code, names, points in taken.values_list("redeemed_at", *named)[:limit]
        ),
        *(
            Happening(at, "cancelled", code, names, points, reason)
            for at, code, names, points, reason in back.values_list("cancelled_at", *named, "cancel_reason")[:limit]
        ),
    ]


def benefits_before(member_id: int, before: dt.datetime, limit: int) -> list[Happening]:
    """Will return what a member's tiers, or the staff, gave him before an instant, latest first. One query.

    A row that only counts uses of a period was nothing given, unless a person gave it.
    """
    rows = Entitlement.objects.filter(Q(quota=None) | ~Q(reason=""), member_id=member_id, granted_at__lt=before)
    rows = rows.order_by("-granted_at", "-id")
    return [
        Happening(at, "granted", code, {}, reason=reason, period=period)
        for at, code, reason, period in rows.values_list("granted_at", "benefit", "reason", "period")[:limit]
    ]


@dataclass(frozen=True, slots=True)
class RedeemedThen:
    """A reward that a member had redeemed by an instant, and whether it had been cancelled by then."""

    at: dt.datetime
    reward: str
    names: Mapping[str, str]
    points: int
    is_cancelled: bool


def redeemed_by(member_id: int, at: dt.datetime, limit: int = 12) -> list[RedeemedThen]:
    """Will return what a member had redeemed by an instant, latest first. One query."""
    rows = Redemption.objects.filter(member_id=member_id, redeemed_at__lte=at).order_by("-redeemed_at", "id")
    shown = rows.values_list("redeemed_at", "reward__code", "reward__names", "points", "state", "cancelled_at")
    return [
        RedeemedThen(
            redeemed_at,
            code,
            names,
            points,
            state == RedemptionState.CANCELLED and cancelled_at is not None and cancelled_at <= at,
        )
        for redeemed_at, code, names, points, state, cancelled_at in shown[:limit]
    ]


def wallet_as_of(member_id: int, at: dt.datetime) -> Wallet:
    """Will return the coupons a member had at a past instant, as each stood then. Two queries.

    Uses are counted from the checkouts that were confirmed by then, and what came back with its order by then is taken
    off; what a checkout only held for a quarter of an hour is left out.
    """
    confirmed = Q(checkout__state=CheckoutState.CONFIRMED, checkout__closed_at__lte=at)
    still = Q(is_returned=False) | Q(checkout__cancelled_at=None) | Q(checkout__cancelled_at__gt=at)
    of_member = Taking.objects.filter(confirmed & still, coupon__member_id=member_id)
    uses = dict(of_member.order_by().values_list("coupon_id").annotate(n=Count("coupon_id")))
    found = [one for one in candidates(member_id, owner=member_id, void_by=at) if one.issued_at <= at]
    return sorted_by_state((_as_of(one, uses.get(one.coupon_id, 0), at) for one in found), at)


def _as_of(one: Candidate, used: int, at: dt.datetime) -> Candidate:
    used_at = one.used_at if one.used_at and one.used_at <= at else None
    return replace(one, used_at=used_at, standing=replace(one.standing, used=used, held=0))
