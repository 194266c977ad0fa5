"""Coupons and benefits that a member could still use go over to the one he was merged into, and back."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet

from benefits.enums import BookingState
from benefits.models import Booking, Coupon, Entitlement


@dataclass(frozen=True, slots=True)
class BenefitsCarried:
    """What went over, by id; `left` is how many stay, because the other has the very same."""

    coupons: tuple[int, ...] = ()
    entitlements: tuple[int, ...] = ()
    left: int = 0


def carry_over(*, merged_id: int, survivor_id: int, at: dt.datetime, actor: str) -> BenefitsCarried:
    """Will give the survivor the coupons and benefits that the merged member could still use.

    What the survivor was given for the same cause or period stays behind: nobody has one thing twice. The
    caller holds both members' wallets.
    """
    coupons, entitlements = _usable(merged_id, at), _current(merged_id, at)
    same_cause = Exists(Coupon.objects.filter(member_id=survivor_id, source_key=OuterRef("source_key")))
    same_period = Exists(
        Entitlement.objects.filter(member_id=survivor_id, benefit=OuterRef("benefit"), period=OuterRef("period"))
    )
    moving = tuple(coupons.filter(~same_cause).order_by("id").values_list("id", flat=True))
    granted = tuple(entitlements.filter(~same_period).order_by("id").values_list("id", flat=True))
    left = coupons.count() - len(moving) + entitlements.count() - len(granted)
    _repoint(moving, granted, merged_id, survivor_id)
    return BenefitsCarried(moving, granted, left)


def give_back(
    *,
    merged_id: int,
    survivor_id: int,
    coupons: Sequence[int],
    entitlements: Sequence[int],
    at: dt.datetime,
    actor: str,
) -> BenefitsCarried:
    """Will give back what went over, but for coupons used meanwhile; `left` is how many those are."""
    own_cause = Exists(Coupon.objects.filter(member_id=merged_id, source_key=OuterRef("source_key")))
    own_period = Exists(
        Entitlement.objects.filter(member_id=merged_id, benefit=OuterRef("benefit"), period=OuterRef("period"))
    )
    theirs = Coupon.objects.filter(~own_cause, id__in=coupons, member_id=survivor_id, used=0, held=0)
    given = Entitlement.objects.filter(~own_period, id__in=entitlements, member_id=survivor_id, held=0)
    unused, granted = (tuple(rows.order_by("id").values_list("id", flat=True)) for rows in (theirs, given))
    _repoint(unused, granted, survivor_id, merged_id)
    return BenefitsCarried(unused, granted, len(coupons) - len(unused) + len(entitlements) - len(granted))


def _usable(member_id: int, at: dt.datetime) -> QuerySet[Coupon]:
    lasting = Q(ends_at=None) | Q(ends_at__gt=at)
    return Coupon.objects.filter(lasting, member_id=member_id, used=0, held=0, voided_at=None)


def _current(member_id: int, at: dt.datetime) -> QuerySet[Entitlement]:
    return Entitlement.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), member_id=member_id, held=0)


def _repoint(coupons: Sequence[int], entitlements: Sequence[int], donor_id: int, recipient_id: int) -> None:
    Coupon.objects.filter(id__in=coupons).update(member_id=recipient_id)
    Entitlement.objects.filter(id__in=entitlements).update(member_id=recipient_id)
    waiting = Booking.objects.filter(member_id=donor_id, entitlement_id__in=entitlements)
    waiting.filter(state__in=[BookingState.ASKED, BookingState.CONFIRMED]).update(member_id=recipient_id)
