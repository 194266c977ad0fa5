"""What checkouts hold, and which order each has paid for."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from benefits.enums import CheckoutState
from benefits.models import BenefitUse, Checkout, Taking
from kit import sql

NAMES = uuid.UUID("2f1f3f7e-7a2b-5d0e-9f43-5f0b3a3c5b11")
"""Ids come from member and source key, so that the same calls into an empty database give the same rows."""


def checkout_id(member_id: int, source_key: str) -> uuid.UUID:
    """Will return the id of the checkout that a member's key makes. No query."""
    return uuid.uuid5(NAMES, f"{member_id}:{source_key}")


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
    return [row[0] for row in sql.fetch("benefits", "lapsed_of_member", member=member_id, at=at)]


@dataclass(frozen=True, slots=True)
class DiscountBack:
    """What came back of a discount with one return: its amount, and whether the coupon or quota itself is back.

    `code` is the coupon's, or the benefit's; a coupon that is back is good until `ends_at`.
    """

    code: str
    amount: Decimal
    is_back: bool
    ends_at: dt.datetime | None


def returned_with(order_key: str, occasion: str) -> list[DiscountBack]:
    """Will return what one return of an order brought back of its discounts, as they were applied. Two queries."""
    checkout = find_checkout_of_order(order_key)
    if checkout is None:
        return []
    first = f"checkout:{checkout.id}:"
    uses = BenefitUse.objects.filter(member_id=checkout.member_id, cause__startswith=first, order_key=order_key)
    rows = [use for use in uses if use.cause.partition(first)[2].partition(":")[2] == occasion]
    takings = (
        {
            str(taking.position): taking
            for taking in Taking.objects.filter(checkout_id=checkout.id).select_related("coupon")
        }
        if rows
        else {}
    )
    backs = []
    for use in sorted(rows, key=lambda use: int(_place(use, first))):
        coupon = takings[_place(use, first)].coupon
        code = coupon.code if coupon else use.benefit or use.kind
        ends_at = coupon.ends_at if coupon else None
        backs.append(DiscountBack(code, -use.saved, is_back=use.uses < 0, ends_at=ends_at))
    return backs


def _place(use: BenefitUse, first: str) -> str:
    return use.cause.removeprefix(first).partition(":")[0]


def holds_checkout(member_id: int) -> bool:
    """Will say whether a member is at a checkout that holds something for him. One query."""
    return Checkout.objects.filter(member_id=member_id, state=CheckoutState.HELD).exists()
