"""What checkouts hold, and which order each has paid for."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benefits.enums import CheckoutState
from benefits.models import Checkout


@dataclass(frozen=True, slots=True)
class CheckoutView:
    """A checkout as it is kept; `order_key` names the order that it has paid for, once confirmed."""

    id: uuid.UUID
    member_id: int
    source_key: str
    request: Mapping[str, Any]
    quote: Mapping[str, Any]
    quote_hash: str
    points: int
    reservation_id: uuid.UUID | None
    state: str
    held_at: dt.datetime
    expires_at: dt.datetime
    order_key: str
    closed_at: dt.datetime | None

    def state_at(self, at: dt.datetime) -> CheckoutState:
        """Will return where it stands at an instant: one whose time has run out has lapsed, whether booked or not."""
        if self.state == CheckoutState.HELD and self.expires_at <= at:
            return CheckoutState.LAPSED
        return CheckoutState(self.state)


FIELDS = CheckoutView.__slots__


def find_checkout(checkout: uuid.UUID) -> CheckoutView | None:
    """Will return a checkout, or None. One query."""
    row = Checkout.objects.filter(id=checkout).values_list(*FIELDS).first()
    return CheckoutView(*row) if row else None


def find_checkout_of_order(order_key: str) -> CheckoutView | None:
    """Will return the checkout that paid for an order, or None. One query."""
    row = Checkout.objects.filter(order_key=order_key).exclude(order_key="").values_list(*FIELDS).first()
    return CheckoutView(*row) if row else None


def lapsed_checkouts(at: dt.datetime, limit: int = 1000) -> list[uuid.UUID]:
    """Will return checkouts whose time had run out by an instant and that still hold something. One query."""
    due = Checkout.objects.filter(state=CheckoutState.HELD, expires_at__lte=at)
    return list(due.order_by("expires_at", "id").values_list("id", flat=True)[:limit])


def lapsed_of_member(member_id: int, at: dt.datetime) -> list[uuid.UUID]:
    """Will return the same of one member. One query."""
    due = Checkout.objects.filter(member_id=member_id, state=CheckoutState.HELD, expires_at__lte=at)
    return list(due.order_by("expires_at", "id").values_list("id", flat=True))
