"""What the database promises of orders, each promise broken once by name."""

import datetime as dt
from decimal import Decimal

import pytest

from orders import actions as orders_actions
from orders.models import Order, OrderLine, Refund, ShopEvent, SpendMovement
from tests.flows.shop import order, refund
from tests.kit.broken import breaks, refuses_all_change

pytestmark = pytest.mark.django_db


@pytest.fixture
def one(join, noon):
    """Ann's order 1, booked, and a refund of it."""
    stated = order("1", [("a", 2, "10")], noon)
    recorded = orders_actions.record_order(
        statement=stated, member_id=join("ann").id, reference={}, at=noon, actor="test"
    )
    orders_actions.book_spend(order=recorded.order, occasion="", at=noon, actor="test")
    orders_actions.record_refund(statement=refund("1", "R1", {"a": 1}, noon), at=noon, actor="test")
    return recorded.order


def copy_of(row, **changes):
    """Will make another row like one that exists."""
    fields = {f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields if not f.primary_key}
    return type(row)(**(fields | changes))


def test_orders(one, noon):
    with breaks("orders_order_once"):
        copy_of(one).save()
    with breaks("orders_order_status_known"):
        Order.objects.update(status="lost")
    for amount in ("discount", "shipping", "tax", "basis"):
        with breaks("orders_order_amounts_not_negative"):
            Order.objects.update(**{amount: Decimal("-0.01")})
    with breaks("orders_order_booked_for_a_member"):
        Order.objects.update(member=None, booked_at=noon)


def test_lines(one):
    line = one.lines.get()
    with breaks("orders_orderline_once"):
        copy_of(line).save()
    for change in ({"unit_price": -1}, {"discount": -1}, {"basis": -1}, {"quantity": 0}):
        with breaks("orders_orderline_amounts_not_negative"):
            OrderLine.objects.update(**change)
    with breaks("orders_orderline_refund_within_quantity"):
        OrderLine.objects.update(refunded_quantity=3)


def test_refunds(one, noon):
    with breaks("orders_refund_once"):
        copy_of(Refund.objects.get()).save()
    with breaks("orders_refund_booked_on_an_order"):
        Refund.objects.update(order=None, booked_at=noon)


def test_events(one, noon):
    event = ShopEvent(
        source="app", event_id="e1", type="review", occurred_at=noon, business_date=dt.date(2026, 3, 3), digest=b"x"
    )
    event.save()
    with breaks("orders_shopevent_once"):
        copy_of(event).save()
    with breaks("orders_shopevent_booked_for_a_member"):
        ShopEvent.objects.update(booked_at=noon)


def test_spend_only_grows_and_a_key_is_used_once(one):
    with breaks("orders_spendmovement_pkey"):
        SpendMovement.objects.bulk_create([SpendMovement.objects.get()])
    refuses_all_change("orders_spendmovement")
