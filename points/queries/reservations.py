"""What checkouts hold, and which order each reservation paid for."""

import datetime as dt
import uuid
from dataclasses import dataclass

from points import models
from points.enums import ReservationState


@dataclass(frozen=True, slots=True)
class Reservation:
    """Points that a checkout holds or held; `order_key` names the order that they paid for, once confirmed."""

    id: uuid.UUID
    member_id: int
    source_key: str
    points: int
    state: str
    held_at: dt.datetime
    expires_at: dt.datetime
    order_key: str
    closed_at: dt.datetime | None

    def state_at(self, at: dt.datetime) -> ReservationState:
        """Will return where it stands at an instant: one whose time has run out has lapsed, whether booked or not."""
        if self.state == ReservationState.HELD and self.expires_at <= at:
            return ReservationState.LAPSED
        return ReservationState(self.state)


FIELDS = Reservation.__slots__


def find_reservation(reservation_id: uuid.UUID) -> Reservation | None:
    """Will return a reservation, or None. One query."""
    row = models.Reservation.objects.filter(id=reservation_id).values_list(*FIELDS).first()
    return Reservation(*row) if row else None


def reservation_of_order(member_id: int, order_key: str) -> Reservation | None:
    """Will return the reservation whose points paid for a member's order, or None. One query."""
    row = models.Reservation.objects.filter(member_id=member_id, order_key=order_key).values_list(*FIELDS).first()
    return Reservation(*row) if row else None


def members_with_lapsed(at: dt.datetime, *, above: int = 0, limit: int = 500) -> list[int]:
    """Will return the ids of members who have reservations whose time ran out by an instant, in order. One query."""
    lapsed = models.Reservation.objects.filter(state=ReservationState.HELD, expires_at__lte=at, member_id__gt=above)
    return list(lapsed.order_by("member_id").values_list("member_id", flat=True).distinct()[:limit])
