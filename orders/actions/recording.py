"""Orders' deeds: store what the shop states, once, and book the spend that follows from it."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from kit import clock, locks
from kit.keys import order_key
from kit.money import exponent_of
from orders import rules
from orders.enums import OrderStatus, Recorded
from orders.models import Order, OrderLine, Refund, ShopEvent, SpendMovement


class StatementChanged(Exception):
    """A refund or event came again under its id with other content; the first stands, nothing was booked."""


@dataclass(frozen=True, slots=True)
class OrderRecorded:
    """What came of an order's statement; `order` is locked until the transaction ends."""

    outcome: Recorded
    order: Order


@dataclass(frozen=True, slots=True)
class RefundRecorded:
    """What came of a refund's statement; without `order` it is parked."""

    outcome: Recorded
    refund: Refund
    order: Order | None


@dataclass(frozen=True, slots=True)
class EventRecorded:
    """What came of an event's statement."""

    outcome: Recorded
    event: ShopEvent


def record_order(
    *,
    statement: rules.OrderStatement,
    member_id: int | None,
    reference: dict[str, str],
    at: dt.datetime,
    actor: str,
) -> OrderRecorded:
    """Will store an order's full state and lock its row: new, changed, same as before, older than ours, or parked.

    Raises rules.BadStatement where amounts cannot be true. Spend is booked by book_spend, when the order counts.
    """
    digest = rules.digest(statement, reference)
    bases = rules.line_bases(statement.lines, statement.discount, exponent_of(statement.currency))
    known = Order.objects.select_for_update().filter(source=statement.source, order_id=statement.order_id)
    order = known.first()
    if order is None:
        # An order and its refund that come at the same moment must not both miss the other.
        locks.take_turns([statement.key])
        order = known.first()
    if order is None:
        try:
            with transaction.atomic():
                order = Order(member_id=member_id, member_reference=reference, digest=digest)
                _store(order, statement, bases)
            return OrderRecorded(Recorded.NEW if member_id else Recorded.PARKED, order)
        except IntegrityError:
            order = known.get()
    if statement.stated_at < order.stated_at:
        return OrderRecorded(Recorded.STALE, order)
    if bytes(order.digest) == digest and (order.member_id or not member_id):
        if statement.stated_at > order.stated_at:
            order.stated_at = statement.stated_at
            order.save(update_fields=["stated_at"])
        return OrderRecorded(Recorded.SAME if order.member_id else Recorded.PARKED, order)
    order.member_id = order.member_id or member_id
    order.digest = digest
    order.revision = F("revision") + 1
    _store(order, statement, bases)
    order.refresh_from_db(fields=["revision"])
    return OrderRecorded(Recorded.CHANGED if order.member_id else Recorded.PARKED, order)


def _store(order: Order, statement: rules.OrderStatement, bases: Sequence[Decimal]) -> None:
    if order.status != statement.status or order.status_at is None:
        order.status_at = statement.status_at
    order.source, order.order_id, order.status = statement.source, statement.order_id, statement.status.value
    order.stated_at = statement.stated_at
    if order.booked_at is None:
        # What has earned keeps its date: entries count on it, and what undoes them must count on the same.
        order.placed_at, order.business_date = statement.placed_at, clock.business_date(statement.placed_at)
    order.currency = statement.currency
    order.discount, order.shipping, order.tax = statement.discount, statement.shipping, statement.tax
    order.points_paid = statement.points_paid
    order.basis = sum(bases, Decimal(0))
    order.save()
    returned = _returned_units(order)
    order.lines.all().delete()
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            position=position,
            line_id=line.line_id,
            sku=line.sku,
            name=line.name,
            category=line.category,
            brand=line.brand,
            quantity=line.quantity,
            unit_price=line.unit_price,
            discount=line.discount,
            basis=basis,
            attributes=line.attributes,
            refunded_quantity=min(returned[line.line_id], line.quantity),
        )
        for position, (line, basis) in enumerate(zip(statement.lines, bases, strict=True))
    )


def _returned_units(order: Order) -> Counter[str]:
    """What came back by line, as stated: an edit that takes a line out and puts it back does not sell it anew."""
    units: Counter[str] = Counter()
    for lines in order.refunds.filter(booked_at__isnull=False).values_list("lines", flat=True):
        for line_id, quantity in lines:
            units[line_id] += quantity
    return units


def adopt(*, order: Order, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will give a parked order to the member it was waiting for."""
    order.member_id = member_id
    order.save(update_fields=["member"])


def adopt_event(*, event: ShopEvent, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will give a parked event to the member it was waiting for."""
    event.member_id = member_id
    event.save(update_fields=["member"])


def mark_booked(*, order: Order, at: dt.datetime, actor: str) -> None:
    """Will note that an order has earned."""
    if order.booked_at is None:
        order.booked_at = at
        order.save(update_fields=["booked_at"])


def book_spend(*, order: Order, occasion: str, at: dt.datetime, actor: str) -> Decimal:
    """Will bring the member's spend to what the order counts for now, and return the change.

    An order counts while paid, for what is left of its lines after returned units, on the business date it was
    placed. A repeat books nothing.
    """
    if order.member_id is None:
        raise ValueError("A parked order has no member whose spend could be booked.")
    key = order_key(order.source, order.order_id)
    booked = SpendMovement.objects.filter(
        member_id=order.member_id, source_key__gte=key + ":", source_key__lt=key + ";"
    ).aggregate(spend=Sum("spend"), orders=Sum("orders"))
    spend, orders = _spend_of(order)
    change = spend - (booked["spend"] or Decimal(0))
    orders_change = orders - (booked["orders"] or 0)
    if change or orders_change:
        SpendMovement.objects.create(
            member_id=order.member_id,
            source_key=f"{key}:{occasion or 'paid'}",
            counts_on=order.business_date,
            known_on=clock.business_date(at),
            at=at,
            spend=change,
            orders=orders_change,
        )
    return change


def _spend_of(order: Order) -> tuple[Decimal, int]:
    """Will return what an order counts for now: its spend, and 1 unless it is not paid or wholly returned."""
    if order.status != OrderStatus.PAID:
        return Decimal(0), 0
    exponent = exponent_of(order.currency)
    lines = list(order.lines.all())
    left = [rules.remaining_basis(line.basis, line.quantity, line.refunded_quantity, exponent) for line in lines]
    kept = any(line.refunded_quantity < line.quantity for line in lines)
    return sum(left, Decimal(0)), int(kept)


def record_refund(*, statement: rules.RefundStatement, at: dt.datetime, actor: str) -> RefundRecorded:
    """Will store a refund once and lock its order's row; without a booked order it waits (parked).

    The same refund with other content raises StatementChanged, a line that its order does not have rules.BadStatement.
    """
    digest = rules.digest(statement)
    orders = Order.objects.select_for_update().filter(source=statement.source, order_id=statement.order_id)
    order = orders.first()
    if order is None:
        locks.take_turns([order_key(statement.source, statement.order_id)])
        order = orders.first()
    known = Refund.objects.select_for_update().filter(
        source=statement.source, order_id_stated=statement.order_id, refund_id=statement.refund_id
    )
    refund = known.first()
    if refund is None:
        _refuse_unknown_lines(statement, order)
        try:
            with transaction.atomic():
                refund = _store_refund(statement, digest, order)
        except IntegrityError:
            refund = known.get()
    if bytes(refund.digest) != digest:
        raise StatementChanged(
            f"Refund {statement.refund_id} of order {statement.order_id} was stated before with other content. "
            "The first statement stands, nothing was booked; use a new refund id for another return."
        )
    if refund.booked_at:
        return RefundRecorded(Recorded.SAME, refund, order)
    if order is None or order.booked_at is None:
        return RefundRecorded(Recorded.PARKED, refund, None)
    return RefundRecorded(Recorded.NEW, refund, order)


def _refuse_unknown_lines(statement: rules.RefundStatement, order: Order | None) -> None:
    """A refund stored earlier keeps its lines, even where an edit has removed one since."""
    lines = set(order.lines.values_list("line_id", flat=True)) if order else set()
    for index, (line_id, _) in enumerate(statement.lines if order else ()):
        if line_id not in lines:
            message = f"Order {statement.order_id} has no line {line_id}. Nothing was booked."
            raise rules.BadStatement("unknown_line", f"lines.{index}.line_id", message)


def _store_refund(statement: rules.RefundStatement, digest: bytes, order: Order | None) -> Refund:
    return Refund.objects.create(
        order=order,
        source=statement.source,
        order_id_stated=statement.order_id,
        refund_id=statement.refund_id,
        refunded_at=statement.refunded_at,
        lines=[list(line) for line in statement.lines],
        amount=statement.amount,
        attributes=statement.attributes,
        digest=digest,
    )


def return_units(*, refund: Refund, order: Order, at: dt.datetime, actor: str) -> dict[str, int]:
    """Will count a refund's units as returned on its order's lines, never more than were sold; returns what counted.

    A line the order does not have is left out: an edit may have removed it.
    """
    lines = {line.line_id: line for line in order.lines.all()}
    counted: dict[str, int] = {}
    for line_id, quantity in refund.lines:
        line = lines.get(line_id)
        if line is None:
            continue
        units = min(quantity, line.quantity - line.refunded_quantity)
        line.refunded_quantity += units
        counted[line_id] = counted.get(line_id, 0) + units
    OrderLine.objects.bulk_update(lines.values(), ["refunded_quantity"])
    refund.order, refund.booked_at = order, at
    refund.save(update_fields=["order", "booked_at"])
    return counted


def record_event(
    *,
    statement: rules.EventStatement,
    member_id: int | None,
    reference: dict[str, str],
    at: dt.datetime,
    actor: str,
) -> EventRecorded:
    """Will store an event once; without a member it is parked. Other content under its id raises StatementChanged."""
    digest = rules.digest(statement, reference)
    known = ShopEvent.objects.select_for_update().filter(source=statement.source, event_id=statement.event_id)
    event = known.first()
    if event is None:
        try:
            with transaction.atomic():
                event = _store_event(statement, member_id, reference, digest)
        except IntegrityError:
            event = known.get()
    if bytes(event.digest) != digest:
        raise StatementChanged(
            f"Event {statement.event_id} was stated before with other content. The first statement stands, nothing "
            "was booked; use a new event id for another event."
        )
    if event.booked_at:
        return EventRecorded(Recorded.SAME, event)
    if event.member_id is None and member_id is not None:
        adopt_event(event=event, member_id=member_id, at=at, actor=actor)
    return EventRecorded(Recorded.NEW if event.member_id else Recorded.PARKED, event)


def _store_event(
    statement: rules.EventStatement, member_id: int | None, reference: dict[str, Any], digest: bytes
) -> ShopEvent:
    return ShopEvent.objects.create(
        member_id=member_id,
        member_reference=reference,
        source=statement.source,
        event_id=statement.event_id,
        type=statement.type,
        occurred_at=statement.occurred_at,
        business_date=clock.business_date(statement.occurred_at),
        properties=statement.properties,
        attributes=statement.attributes,
        digest=digest,
    )


def mark_event_booked(*, event: ShopEvent, at: dt.datetime, actor: str) -> None:
    """Will note that an event has been dealt with."""
    event.booked_at = at
    event.save(update_fields=["booked_at"])
