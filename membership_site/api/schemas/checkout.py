"""The api's bodies and answers of a checkout: a cart, what it comes to, and what holds it."""

import datetime as dt
import uuid
from decimal import Decimal
from typing import Annotated, Literal, Self

from django.conf import settings
from pydantic import AfterValidator, Field, model_validator

from benefits.rules.checkout import Cart, CartLine
from kit.money import exponent_of
from membership_site.api.schemas import fields
from membership_site.api.schemas.answers import Answer
from membership_site.api.schemas.bodies import Body, LineBody, MemberReferenceBody, shown
from membership_site.api.schemas.fields import AnsweredInstant
from membership_site.flows.checkout_quoted import MOST, Asked
from orders import rules as orders_rules

CART_LINES_MAX = 200
CODES_MAX = 20
TTL_MIN, TTL_MAX = 60, 86_400
"""A reservation lasts from a minute to a day, in seconds."""

CART_EXAMPLE = {
    "currency": "CNY",
    "lines": [
        {"line_id": "1", "sku": "OAT-50", "name": "Hand cream", "quantity": 2, "unit_price": "60.25"},
        {"line_id": "2", "sku": "TEA-9", "name": "Green tea", "quantity": 1, "unit_price": "39.50"},
    ],
    "shipping": "8.00",
}


def _code(text: str) -> str:
    return text.strip()


Code = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_code)]
Points = Annotated[Literal["max"] | fields.Whole, Field(description='How many points to use, or "max".')]


class CartBody(Body):
    """What a member is about to buy; each line's `discount` is what you take off it yourself."""

    currency: str = Field(min_length=3, max_length=3, description="The programme's: ISO 4217, such as CNY.")
    lines: list[LineBody] = Field(min_length=1, max_length=CART_LINES_MAX)
    shipping: fields.Amount = Field("0", validate_default=True)

    @model_validator(mode="after")
    def _can_be(self) -> Self:
        currency = settings.PROGRAMME_CURRENCY
        if self.currency != currency:
            raise fields.wrong("currency", f"The programme counts in {currency}, not in {self.currency}.")
        seen: set[str] = set()
        for line in self.lines:
            if line.line_id in seen:
                raise fields.wrong("duplicate", f"Line {line.line_id} stands twice in the cart.")
            seen.add(line.line_id)
            if line.discount > line.quantity * line.unit_price:
                raise fields.wrong("discount_too_large", f"Line {line.line_id}: its discount is larger than its price.")
        amounts = [self.shipping, *(amount for line in self.lines for amount in (line.unit_price, line.discount))]
        for amount in amounts:
            _check(amount, exponent_of(currency))
        if sum(line.quantity * line.unit_price for line in self.lines) + self.shipping >= orders_rules.AMOUNT_MAX:
            raise fields.wrong("amount", "The cart comes to more than a million million.")
        return self

    def cart(self) -> Cart:
        """Will return the cart as the engine takes it."""
        lines = tuple(
            CartLine(
                line.line_id,
                line.quantity,
                line.unit_price,
                line.discount,
                line.sku,
                line.name,
                line.category,
                line.brand,
            )
            for line in self.lines
        )
        return Cart(lines, self.shipping, exponent_of(self.currency))


def _check(amount: Decimal, exponent: int) -> None:
    try:
        orders_rules.check_amount(amount, "cart", exponent)
    except orders_rules.BadStatement as error:
        raise fields.stated_wrongly(error) from error


class QuoteBody(Body):
    """A cart to be priced for a member: with his own coupons and benefits, typed codes, and so many points."""

    model_config = shown(member={"external_id": "c-1001"}, cart=CART_EXAMPLE, codes=["WELCOME10"], points="max")

    member: MemberReferenceBody
    cart: CartBody
    codes: list[Code] = Field([], max_length=CODES_MAX)
    points: Points = 0
    source: fields.Source | None = Field(None, description="Where it is sold, as in the address of its order: web.")

    def asked(self, member_id: int) -> Asked:
        """Will return what is asked as flows take it."""
        points = MOST if self.points == "max" else self.points
        return Asked(member_id, self.cart.cart(), tuple(dict.fromkeys(self.codes)), points, self.source or "")


class ReservationBody(QuoteBody):
    """A quoted cart to be held for a time."""

    model_config = shown(
        member={"external_id": "c-1001"},
        cart=CART_EXAMPLE,
        codes=["WELCOME10"],
        points="max",
        quote_hash="9f2c…",
        ttl_seconds=900,
    )

    quote_hash: str = Field(min_length=1, max_length=64)
    ttl_seconds: Annotated[int, Field(strict=True, ge=TTL_MIN, le=TTL_MAX)] | None = None

    @property
    def lasts(self) -> dt.timedelta | None:
        """How long it is to be held."""
        return None if self.ttl_seconds is None else dt.timedelta(seconds=self.ttl_seconds)


class ExtendBody(Body):
    """How long a reservation is to last from now."""

    model_config = shown(ttl_seconds=900)

    ttl_seconds: Annotated[int, Field(strict=True, ge=TTL_MIN, le=TTL_MAX)]


class ConfirmBody(Body):
    """The order that a reservation pays for."""

    model_config = shown(source="web", order_id="10045")

    source: fields.Source
    order_id: fields.Id


# ---- answers


class LineDiscount(Answer):
    """What one coupon or benefit takes off a line."""

    code: str
    amount: str


class QuoteLine(Answer):
    """A line: your price, the members' price's saving, what coupons take off, what points pay, what is left to pay."""

    line_id: str
    amount: str
    member_price_saving: str
    discounts: list[LineDiscount]
    points_amount: str
    total: str
    points_to_earn: int


class QuoteDiscount(Answer):
    """What one coupon or benefit takes off altogether, shipping included, in words beside it."""

    code: str
    kind: str
    amount: str
    shipping: str
    text: str


class QuoteShipping(Answer):
    """The shipping: yours, what comes off, what is left to pay."""

    amount: str
    discount: str
    total: str


class QuoteApplied(Answer):
    """A coupon or benefit that is used."""

    code: str
    kind: str
    name: str
    amount: str


class QuoteRejected(Answer):
    """What was considered and is not used: `reason` is stable, `detail` says it with the fact that failed."""

    code: str
    reason: str
    detail: str


class QuoteAnswer(Answer):
    """What a cart comes to; `quote_hash` reserves it as it is. `is_exact` is false where coupons were too many to weigh
    every combination."""

    lines: list[QuoteLine]
    discounts: list[QuoteDiscount]
    shipping: QuoteShipping
    points_used: int
    points_amount: str
    points_to_earn: int
    total: str
    applied: list[QuoteApplied]
    rejected: list[QuoteRejected]
    is_exact: bool
    quote_hash: str


class ReservationAnswer(Answer):
    """What is held, and until when."""

    reservation: uuid.UUID
    status: str
    expires_at: AnsweredInstant


class ConfirmedDiscount(Answer):
    """A coupon or benefit that was used."""

    code: str
    amount: str


class ConfirmedAnswer(Answer):
    """A reservation that has paid for an order."""

    reservation: uuid.UUID
    status: str
    source: str
    order_id: str
    points_used: int
    total: str
    discounts: list[ConfirmedDiscount]
