"""Forgetting erased members: where gifts went, what was written; coupons that were left end."""

import datetime as dt
from collections.abc import Sequence

from benefits.actions.bookings import cancel_booking
from benefits.actions.fulfilling import cancel_fulfilment
from benefits.enums import BookingState
from benefits.models import Booking, Coupon, Entitlement, Fulfilment, FulfilmentStep, Redemption
from benefits.rules.fulfilment import NOT_SENT

GONE = "erased"


def forget(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> int:
    """Will give up what erased members still wait for, end their coupons, empty all words; returns how many ended.

    The transaction is open to words (members.actions.open_to_words).
    """
    waiting = Fulfilment.objects.filter(member_id__in=member_ids, state__in=NOT_SENT)
    for fulfilment_id in waiting.order_by("id").values_list("id", flat=True):
        cancel_fulfilment(fulfilment_id=fulfilment_id, reason=GONE, at=at, actor=actor)
    asked = Booking.objects.filter(member_id__in=member_ids, state=BookingState.ASKED).order_by("id")
    for booking_id, member_id in asked.values_list("id", "member_id"):
        cancel_booking(booking_id=booking_id, member_id=member_id, at=at, actor=actor)
    coupons = Coupon.objects.filter(member_id__in=member_ids)
    ended = coupons.filter(used=0, held=0, voided_at=None).update(voided_at=at, void_reason=GONE)
    coupons.filter(voided_at__isnull=False).update(void_reason=GONE)
    Fulfilment.objects.filter(member_id__in=member_ids).update(address={}, tracking="")
    FulfilmentStep.objects.filter(fulfilment__member_id__in=member_ids).update(note="")
    Booking.objects.filter(member_id__in=member_ids).update(note="", answer="")
    Entitlement.objects.filter(member_id__in=member_ids).exclude(reason="").update(reason=GONE)
    Redemption.objects.filter(member_id__in=member_ids).exclude(cancel_reason="").update(cancel_reason=GONE)
    return ended
