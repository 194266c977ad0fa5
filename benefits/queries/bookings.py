"""What members asked for and the staff answer: services, seats and trials."""

import datetime as dt
from dataclasses import dataclass

from benefits.enums import BookingState
from benefits.models import Booking

TAKES = (BookingState.ASKED, BookingState.CONFIRMED, BookingState.DONE)
"""States in which a booking takes its place."""


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A member's request and where it stands."""

    id: int
    member_id: int
    benefit: str
    period: str
    state: BookingState
    wanted_at: dt.datetime | None
    note: str
    answer: str
    asked_at: dt.datetime
    answered_at: dt.datetime | None
    answered_by: str


def open_bookings(limit: int = 100) -> list[BookingRow]:
    """Will return what waits for an answer, the oldest first, and what was confirmed and is to be done. One query."""
    rows = Booking.objects.filter(state__in=[BookingState.ASKED, BookingState.CONFIRMED]).select_related("entitlement")
    return [_row(row) for row in rows.order_by("asked_at", "id")[:limit]]


def answered_bookings(limit: int = 50) -> list[BookingRow]:
    """Will return what is over: done, declined or cancelled, the latest first. One query."""
    over = [BookingState.DONE, BookingState.DECLINED, BookingState.CANCELLED]
    rows = Booking.objects.filter(state__in=over).select_related("entitlement").order_by("-answered_at", "-id")
    return [_row(row) for row in rows[:limit]]


def bookings_of(member_id: int, limit: int = 20) -> list[BookingRow]:
    """Will return a member's bookings, the latest first. One query."""
    rows = Booking.objects.filter(member_id=member_id).select_related("entitlement").order_by("-asked_at", "-id")
    return [_row(row) for row in rows[:limit]]


def _row(row: Booking) -> BookingRow:
    return BookingRow(
        row.id, row.member_id, row.benefit, row.entitlement.period, BookingState(row.state), row.wanted_at, row.note,
        row.answer, row.asked_at, row.answered_at, row.answered_by,
    )  # fmt: skip
