"""The api's bodies: what a shop may state, field by field, and the statements that the rooms make of it."""

import uuid
from typing import Annotated, Any, Literal, Self

from django.conf import settings
from django.utils.translation import get_supported_language_variant
from pydantic import BaseModel, ConfigDict, Field, model_validator

from kit import clock
from kit.keys import event_key, order_key, source_key
from kit.money import exponent_of
from members.actions import ConsentGiven, NewMember
from members.enums import Channel, Purpose
from members.rules import IdentityValue, MemberReference, email_identity, external_identity, phone_identity
from membership_site.api.schemas import fields
from messaging.enums import MessageEventKind
from messaging.rules import happenings
from orders import rules as orders_rules
from orders.enums import OrderStatus

KEY_LENGTH_MAX = 400
"""The longest source key of the ledger."""

REVISION = "9999999999"
"""As long as the number of an edit ever gets in a source key."""

LINES_MAX = 1000


class Body(BaseModel):
    """A body: fields that are not known are refused, so that a misspelt one is not lost in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def shown(**example: Any) -> ConfigDict:
    """Will return the settings of a body that is shown with an example."""
    return ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [example]})


class MemberReferenceBody(Body):
    """How a shop names a member: exactly one of these."""

    number: fields.MemberNumber | None = None
    email: fields.Email | None = None
    phone: fields.Phone | None = None
    external_id: fields.ExternalId | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in self.__dict__.values()) != 1:
            raise fields.wrong("member", "Name the member by exactly one of number, email, phone and external_id.")
        return self

    def reference(self) -> MemberReference:
        """Will return the reference as flows take it."""
        return MemberReference(self.number or "", self.email or "", self.phone or "", self.external_id or "")


# ---- members


class ConsentBody(Body):
    """An answer to a consent question, with the sentence the person saw."""

    channel: Channel
    purpose: Purpose
    given: bool = Field(strict=True)
    text: fields.Sentence


class NewMemberBody(Body):
    """A person who joins; at least one of external_id, email and phone."""

    model_config = shown(
        external_id="c-1001",
        source="web",
        email="ann@example.com",
        phone="+8613800138000",
        name="Ann",
        birthday="1990-05-17",
        language="zh-Hans",
        consents=[{"channel": "email", "purpose": "marketing", "given": True, "text": "Send me offers by e-mail."}],
    )

    external_id: fields.ExternalId | None = None
    source: fields.Source | None = None
    email: fields.Email | None = None
    phone: fields.Phone | None = None
    name: fields.PersonName = ""
    birthday: fields.Birthday | None = None
    language: str | None = Field(None, min_length=2, max_length=35, pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")
    consents: list[ConsentBody] = Field([], max_length=20)

    @model_validator(mode="after")
    def _known_by_something(self) -> Self:
        if not (self.external_id or self.email or self.phone):
            raise fields.wrong("missing", "A member needs an external_id, an email or a phone.")
        return self

    def new_member(self) -> NewMember:
        """Will return the person as members.actions takes him."""
        identities: list[IdentityValue] = []
        if self.external_id:
            identities.append(external_identity(self.source or "", self.external_id))
        if self.email:
            identities.append(email_identity(self.email))
        if self.phone:
            identities.append(phone_identity(self.phone))
        return NewMember(
            identities=identities,
            name=self.name,
            birthday=self.birthday,
            language=known_language(self.language),
            source=self.source or "",
            consents=[ConsentGiven(c.channel, c.purpose, c.given, c.text) for c in self.consents],
        )


def known_language(tag: str | None) -> str:
    """Will return the language of ours that serves a BCP 47 tag (zh-CN is zh-hans), or the tag's first ten letters."""
    if not tag:
        return ""
    tag = tag.replace("_", "-").lower()
    try:
        return get_supported_language_variant(tag)
    except LookupError:
        return tag if len(tag) <= 10 else tag.partition("-")[0]


# ---- rewards


class RedemptionBody(Body):
    """A reward that a member takes for points."""

    model_config = shown(member={"external_id": "c-1001"}, reward="hand-cream")

    member: MemberReferenceBody
    reward: str = Field(min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$")


# ---- orders


class LineBody(Body):
    """A line of an order; `discount` is the line's total."""

    line_id: fields.Id
    sku: fields.Word = ""
    name: fields.Name = ""
    category: fields.Word = ""
    brand: fields.Word = ""
    quantity: fields.Quantity
    unit_price: fields.Amount
    discount: fields.Amount = Field("0", validate_default=True, description="The line's total discount.")

    def statement(self) -> orders_rules.LineStatement:
        """Will return the line as orders take it."""
        return orders_rules.LineStatement(
            line_id=self.line_id,
            quantity=self.quantity,
            unit_price=self.unit_price,
            discount=self.discount,
            sku=self.sku,
            name=self.name,
            category=self.category,
            brand=self.brand,
        )


class OrderBody(Body):
    """An order's full state, as it stands now."""

    model_config = shown(
        member={"external_id": "c-1001"},
        placed_at="2026-03-03T12:00:00+08:00",
        updated_at="2026-03-03T12:05:00+08:00",
        status="paid",
        currency="CNY",
        lines=[{"line_id": "1", "sku": "OAT-50", "name": "Hand cream", "quantity": 2, "unit_price": "60.25"}],
        discount="10.00",
        shipping="8.00",
    )

    member: MemberReferenceBody
    placed_at: fields.Instant
    updated_at: fields.Instant | None = Field(None, description="When you changed it last; placed_at if left out.")
    status: Literal["placed", "paid", "cancelled"]
    currency: str = Field(min_length=3, max_length=3, description="The programme's: ISO 4217, such as CNY.")
    lines: list[LineBody] = Field(min_length=1, max_length=LINES_MAX)
    discount: fields.Amount = Field("0", validate_default=True, description="Of the whole order, beside its lines'.")
    shipping: fields.Amount = Field("0", validate_default=True)
    tax: fields.Amount = Field("0", validate_default=True)
    points_paid: fields.Whole = 0

    def statement(self, source: str, order_id: str) -> orders_rules.OrderStatement:
        """Will return the order as orders take it; raises orders.rules.BadStatement."""
        statement = orders_rules.OrderStatement(
            source=source,
            order_id=order_id,
            status=OrderStatus(self.status),
            placed_at=self.placed_at,
            stated_at=self.updated_at or self.placed_at,
            currency=self.currency,
            lines=tuple(line.statement() for line in self.lines),
            discount=self.discount,
            shipping=self.shipping,
            tax=self.tax,
            points_paid=self.points_paid,
        )
        for index, line in enumerate(statement.lines):
            key = f"{statement.key}:{source_key('cancel', REVISION, 'line', line.line_id)}"
            _check_key(key, f"lines.{index}.line_id")
        currency = settings.PROGRAMME_CURRENCY
        orders_rules.check_order(statement, currency=currency, exponent=exponent_of(currency), now=clock.now())
        return statement


class RefundLineBody(Body):
    """Units of a line that came back."""

    line_id: fields.Id
    quantity: fields.Quantity


class RefundBody(Body):
    """A return of units; `amount` is what was paid back, for the record."""

    model_config = shown(
        refunded_at="2026-03-05T09:30:00+08:00", lines=[{"line_id": "1", "quantity": 1}], amount="60.25"
    )

    refunded_at: fields.Instant
    lines: list[RefundLineBody] = Field(min_length=1, max_length=LINES_MAX)
    amount: fields.Amount | None = None

    def statement(self, source: str, order_id: str, refund_id: str) -> orders_rules.RefundStatement:
        """Will return the refund as orders take it; raises orders.rules.BadStatement."""
        refund = f"{order_key(source, order_id)}:{source_key('refund', refund_id)}"
        seen: set[str] = set()
        for index, line in enumerate(self.lines):
            name = f"lines.{index}.line_id"
            _check_key(f"{refund}:{source_key('line', line.line_id)}", name)
            if line.line_id in seen:
                raise orders_rules.BadStatement("duplicate", name, f"Line {line.line_id} stands twice in the refund.")
            seen.add(line.line_id)
        return orders_rules.RefundStatement(
            source=source,
            order_id=order_id,
            refund_id=refund_id,
            refunded_at=self.refunded_at,
            lines=tuple((line.line_id, line.quantity) for line in self.lines),
            amount=self.amount,
        )


# ---- events


class EventBody(Body):
    """Something a member did that is not an order."""

    model_config = shown(
        event_id="r-77",
        source="web",
        type="review",
        member={"external_id": "c-1001"},
        occurred_at="2026-03-05T18:20:00+08:00",
        properties={"photo": True},
    )

    event_id: fields.Id
    source: fields.Source
    type: fields.EventType
    member: MemberReferenceBody
    occurred_at: fields.Instant
    properties: fields.Properties = {}

    def statement(self) -> orders_rules.EventStatement:
        """Will return the event as orders take it; raises orders.rules.BadStatement."""
        _check_key(event_key(self.source, self.event_id), "event_id")
        return orders_rules.EventStatement(self.source, self.event_id, self.type, self.occurred_at, self.properties)


# ---- messages

HAPPENINGS_MAX = 500


class MessageEventBody(Body):
    """What became of one message, named by the token it was sent with or by the id your gateway gave it."""

    kind: Literal["delivered", "deferred", "bounced", "soft_bounced", "complained", "unsubscribed"]
    occurred_at: fields.Instant
    event_id: Annotated[str, Field(min_length=1, max_length=happenings.ID_MAX, pattern=r"^[!-~]+$")]
    token: uuid.UUID | None = None
    provider_id: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")] | None = None
    text: Annotated[str, Field(max_length=500), *fields.TIDIED] = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.token is None) == (self.provider_id is None):
            raise fields.wrong("message", "Name the message by exactly one of token and provider_id.")
        return self

    def happening(self) -> happenings.Happening:
        """Will return it as messaging takes it."""
        return happenings.Happening(
            kind=MessageEventKind(self.kind),
            at=self.occurred_at,
            token=str(self.token or ""),
            provider_id=self.provider_id or "",
            event_id=self.event_id,
            detail={"text": self.text} if self.text else {},
        )


class MessageEventsBody(Body):
    """What became of messages that your own gateway took; each comes once under its event_id."""

    model_config = shown(
        events=[
            {
                "kind": "delivered",
                "occurred_at": "2026-03-05T18:20:00+08:00",
                "event_id": "gw-1001",
                "token": "6f1b9a54-3c1e-4f6e-9b1a-0d5c2f7a9e11",
            }
        ]
    )

    events: Annotated[list[MessageEventBody], Field(min_length=1, max_length=HAPPENINGS_MAX)]


def _check_key(key: str, name: str) -> None:
    """Ids are kept together in one source key; each alone may be short enough while all together are not."""
    if len(key) > KEY_LENGTH_MAX:
        raise orders_rules.BadStatement("too_long", name, "Source and ids together are too long; shorten one of them.")
