"""What the shop states is stored once, in its latest state, and counts once."""

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from orders import actions as orders_actions
from orders import queries as orders_queries
from orders.actions import StatementChanged
from orders.enums import Recorded
from orders.models import Order, OrderLine, Refund, ShopEvent, SpendMovement
from orders.rules import BadStatement, EventStatement, line_bases
from tests.flows.shop import DAY, order, refund

pytestmark = pytest.mark.django_db
WHO = {"external_id": "c-ann"}


@pytest.fixture
def ann(join):
    return join("ann").id


def record(statement, member_id=None, at=None):
    return orders_actions.record_order(
        statement=statement, member_id=member_id, reference=WHO, at=at or statement.stated_at, actor="test"
    )


def book(order, occasion="", at=None):
    at = at or order.placed_at
    change = orders_actions.book_spend(order=order, occasion=occasion, at=at, actor="test")
    orders_actions.mark_booked(order=order, at=at, actor="test")
    return change


def take_back(statement, order):
    recorded = orders_actions.record_refund(statement=statement, at=statement.refunded_at, actor="test")
    return orders_actions.return_units(refund=recorded.refund, order=order, at=statement.refunded_at, actor="test")


def returned(order):
    return dict(OrderLine.objects.filter(order=order).values_list("line_id", "refunded_quantity"))


def stored():
    """All rows of the room, as they stand."""
    return [
        list(model.objects.order_by("pk").values()) for model in (Order, OrderLine, Refund, ShopEvent, SpendMovement)
    ]


def test_an_order_is_new_then_the_same_then_changed(ann, noon):
    stated = order("1", [("a", 2, "10.00", "1.50"), ("b", 1, "5")], noon, discount="3")
    first = record(stated, ann)
    assert first.outcome is Recorded.NEW
    assert (first.order.basis, first.order.business_date, first.order.revision) == (
        Decimal("20.50"),
        dt.date(2026, 3, 3),
        1,
    )
    lines = list(first.order.lines.order_by("position").values_list("line_id", "quantity", "discount", "basis"))
    assert lines == [("a", 2, Decimal("1.50"), Decimal("16.14")), ("b", 1, Decimal(0), Decimal("4.36"))]
    before = stored()
    assert record(stated, ann).outcome is Recorded.SAME
    assert stored() == before
    edited = record(order("1", [("a", 1, "10.00"), ("c", 1, "7")], noon, stated_at=noon + DAY), ann)
    assert edited.outcome is Recorded.CHANGED and edited.order.revision == 2
    assert Order.objects.count() == 1 and set(returned(edited.order)) == {"a", "c"}


def test_an_older_statement_is_ignored_even_if_the_latest_only_repeated_another(ann, noon):
    first, other = order("1", ["10"], noon), order("1", ["99"], noon, stated_at=noon + DAY)
    again = dataclasses.replace(first, stated_at=noon + 2 * DAY)
    assert [record(s, ann).outcome for s in (first, again)] == [Recorded.NEW, Recorded.SAME]
    assert record(other, ann).outcome is Recorded.STALE
    assert Order.objects.get().basis == 10
    assert record(dataclasses.replace(other, stated_at=noon + 2 * DAY), ann).outcome is Recorded.CHANGED


def test_a_statement_that_cannot_be_stores_nothing(ann, noon):
    record(order("1", ["10"], noon), ann)
    before = stored()
    with pytest.raises(BadStatement):
        record(order("1", ["10"], noon, discount="10.01", stated_at=noon + DAY), ann)
    assert stored() == before


def test_an_order_without_a_member_is_parked_until_he_is_known(join, noon):
    stated = order("1", ["10"], noon)
    assert [record(stated).outcome for _ in range(2)] == [Recorded.PARKED, Recorded.PARKED]
    assert orders_queries.anything_parked() and orders_queries.parked(9).orders == 1
    found = orders_queries.parked_orders([WHO])
    assert [o.order_id for o in found] == ["1"] and orders_queries.parked_orders([{"email": "c-ann"}]) == []
    with pytest.raises(ValueError, match="no member"):
        orders_actions.book_spend(order=found[0], occasion="", at=noon, actor="test")
    bob = join("bob").id
    orders_actions.adopt(order=found[0], member_id=bob, at=noon, actor="test")
    assert Order.objects.get().member_id == bob and not orders_queries.anything_parked()
    assert record(stated, bob).outcome is Recorded.SAME


def test_a_parked_order_that_is_stated_again_finds_its_member(ann, noon):
    stated = order("1", ["10"], noon)
    record(stated)
    assert record(stated, ann).outcome is Recorded.CHANGED
    assert Order.objects.get().member_id == ann


def test_spend_is_the_difference_and_a_repeat_books_nothing(ann, noon):
    one = record(order("1", [("a", 2, "10.01"), ("b", 1, "5")], noon), ann).order
    assert book(one) == Decimal("25.02")
    assert book(one) == 0 and one.booked_at == noon
    counted = take_back(refund("1", "R1", {"a": 1}, noon + 2 * DAY), one)
    assert counted == {"a": 1}
    assert book(one, "refund:R1", noon + 2 * DAY) == Decimal("-10.01")
    assert one.booked_at == noon
    moves = SpendMovement.objects.order_by("at").values_list("source_key", "counts_on", "known_on", "spend", "orders")
    third, fifth = dt.date(2026, 3, 3), dt.date(2026, 3, 5)
    assert list(moves) == [
        ("order:web:1:paid", third, third, Decimal("25.02"), 1),
        ("order:web:1:refund:R1", third, fifth, Decimal("-10.01"), 0),
    ]
    assert orders_queries.spent_in_window(ann, third, third).spend == Decimal("25.02")
    assert orders_queries.spent_in_window(ann, third, fifth).spend == Decimal("15.01")
    assert orders_queries.spent_in_window(ann, fifth, fifth) == orders_queries.Spent(Decimal(0), 0)


def test_an_order_counts_as_one_until_the_last_unit_is_back_or_it_is_cancelled(ann, noon):
    one = record(order("1", [("a", 2, "10")], noon), ann).order
    two = record(order("2", ["7"], noon), ann).order
    book(one), book(two)
    day = one.business_date
    for number, orders in [(1, 2), (2, 1)]:
        take_back(refund("1", f"R{number}", {"a": 1}, noon), one)
        book(one, f"refund:R{number}")
        assert orders_queries.spent_in_window(ann, day, day).orders == orders
    cancelled = record(order("2", ["7"], noon, status="cancelled", stated_at=noon + DAY), ann).order
    assert book(cancelled, "cancel:2") == -7
    assert orders_queries.spent_in_window(ann, day, day) == orders_queries.Spent(Decimal(0), 0)


def test_a_refund_is_stored_once_and_waits_for_its_order(ann, noon):
    stated = refund("1", "R1", {"a": 1}, noon)
    for _ in range(2):
        recorded = orders_actions.record_refund(statement=stated, at=noon, actor="test")
        assert recorded.outcome is Recorded.PARKED and recorded.order is None
    one = record(order("1", [("a", 2, "10")], noon), ann).order
    assert orders_actions.record_refund(statement=stated, at=noon, actor="test").outcome is Recorded.PARKED
    assert [r.refund_id for r in orders_queries.parked_refunds("web", "1")] == ["R1"]
    book(one)
    ready = orders_actions.record_refund(statement=stated, at=noon, actor="test")
    assert ready.outcome is Recorded.NEW and ready.order == one
    assert take_back(stated, one) == {"a": 1}
    before = stored()
    assert orders_actions.record_refund(statement=stated, at=noon, actor="test").outcome is Recorded.SAME
    with pytest.raises(StatementChanged, match="R1 of order 1"):
        orders_actions.record_refund(statement=refund("1", "R1", {"a": 2}, noon), at=noon, actor="test")
    assert stored() == before and orders_queries.parked_refunds("web", "1") == []


@pytest.mark.parametrize(
    "deeds",
    [
        "edit1 R2 edit3",
        "R2 edit1 edit3",
        "R2 removed edit3",
        "removed edit3 R2",
        "R1 edit1 R1b edit3",
        "edit1 edit3 R1 R1b",
    ],
)
def test_units_that_came_back_stay_back_however_the_order_is_edited(ann, noon, deeds):
    at = noon
    one = record(order("1", [("a", 3, "10"), ("b", 1, "1")], at), ann).order
    book(one)
    for deed in deeds.split():
        at += dt.timedelta(hours=1)
        if deed.startswith("R"):
            take_back(refund("1", deed, {"a": int(deed[1])}, at), one)
        else:
            lines = [("b", 1, "1")] if deed == "removed" else [("a", int(deed[-1]), "10"), ("b", 1, "1")]
            one = record(order("1", lines, at=noon, stated_at=at), ann).order
    assert returned(one) == {"a": 2, "b": 0}


def test_more_than_was_sold_never_comes_back(ann, noon):
    one = record(order("1", [("a", 3, "10"), ("b", 1, "1")], noon), ann).order
    book(one)
    assert take_back(refund("1", "R1", {"a": 2, "b": 1}, noon), one) == {"a": 2, "b": 1}
    assert take_back(refund("1", "R2", {"a": 5, "b": 1}, noon), one) == {"a": 1, "b": 0}
    assert returned(one) == {"a": 3, "b": 1}


def event(event_id="e1", **properties):
    at = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)
    return EventStatement("app", event_id, "review", at, properties)


def test_an_event_is_stored_once_and_waits_for_its_member(ann, noon):
    def take(statement, member_id=None):
        return orders_actions.record_event(
            statement=statement, member_id=member_id, reference=WHO, at=noon, actor="test"
        )

    assert [take(event()).outcome for _ in range(2)] == [Recorded.PARKED, Recorded.PARKED]
    (waiting,) = orders_queries.parked_events([WHO])
    orders_actions.adopt_event(event=waiting, member_id=ann, at=noon, actor="test")
    assert take(event(), ann).outcome is Recorded.NEW and not orders_queries.anything_parked()
    assert orders_queries.event_dates(ann, "review", dt.date.min) == []
    orders_actions.mark_event_booked(event=waiting, at=noon, actor="test")
    assert orders_queries.event_dates(ann, "review", dt.date.min) == [dt.date(2026, 3, 3)]
    before = stored()
    assert take(event(), ann).outcome is Recorded.SAME
    with pytest.raises(StatementChanged, match="e1 was stated before"):
        take(event(photo=True), ann)
    assert stored() == before
    assert take(event("e2"), ann).outcome is Recorded.NEW


def test_orders_stored_in_bulk_are_those_stored_one_by_one(ann, noon):
    statements = [
        order("1", [("a", 2, "10.00", "1.50"), ("b", 1, "5")], noon, discount="3"),
        order("2", ["7"], noon + DAY, status="placed"),
    ]

    def plain():
        """Everything but the rows' own numbers and the moment they were written."""
        own = {"id", "order_id", "received_at", "digest"}
        tables = [Order.objects.order_by("order_id"), OrderLine.objects.order_by("order__order_id", "position")]
        tables.append(SpendMovement.objects.order_by("source_key"))
        return [[{k: v for k, v in row.items() if k not in own} for row in table.values()] for table in tables]

    with transaction.atomic():
        for statement in statements:
            recorded = record(statement, ann).order
            if statement.status == "paid":
                book(recorded)
        expected = plain()
        transaction.set_rollback(True)
    new = [
        orders_actions.NewOrder(s, WHO, ann, s.status == "paid", line_bases(s.lines, s.discount, 2)) for s in statements
    ]
    orders_actions.insert_orders(orders=new, at=noon, actor="test")
    assert plain() == expected
    assert [record(s, ann).outcome for s in statements] == [Recorded.SAME, Recorded.SAME]
    before = stored()
    with pytest.raises(IntegrityError), transaction.atomic():
        orders_actions.insert_orders(orders=new[1:], at=noon, actor="test")
    assert stored() == before


def test_questions_about_orders(ann, join, noon):
    bob = join("bob").id
    for number, member, at in [("1", ann, noon), ("2", ann, noon + 40 * DAY), ("3", bob, noon + DAY)]:
        book(record(order(number, [("a", 2, "10")], at), member).order)
    take_back(refund("3", "R1", {"a": 1}, noon + 2 * DAY), three := orders_queries.find_order("web", "3"))
    book(three, "refund:R1", noon + 2 * DAY)
    assert orders_queries.find_order("pos", "3") is None
    # Cy's first order was taken back whole, so that the one of March is his first; Di had one before.
    cy, di = join("cy").id, join("di").id
    for number, member, at in [
        ("4", cy, noon - 9 * DAY),
        ("5", cy, noon + DAY),
        ("6", di, noon - DAY),
        ("7", di, noon),
    ]:
        book(record(order(number, [("a", 1, "5")], at), member).order)
    take_back(refund("4", "R4", {"a": 1}, noon - 8 * DAY), four := orders_queries.find_order("web", "4"))
    book(four, "refund:R4", noon - 8 * DAY)
    start, end = dt.date(2026, 3, 3), dt.date(2026, 3, 31)
    third, fourth = dt.date(2026, 3, 3), dt.date(2026, 3, 4)
    periods = [(start, end), (third, third), (fourth, fourth)]

    def trade(within_days):
        return orders_queries.trade((start, end), buyers=periods, firsts=periods, within_days=within_days, most=1)

    found = trade(40)
    again = orders_queries.SecondOrders
    assert (found.buyers, found.second) == ((4, 2, 2), (again(3, 1), again(1, 1), again(2, 0)))
    assert trade(39).second == (again(3, 0), again(1, 0), again(2, 0))
    assert [(d.date.day, d.spend, d.orders) for d in found.dates] == [(3, 25, 2), (4, 15, 2)]
    assert found.parked == orders_queries.parked(1) == orders_queries.Parked(0, 0, None)
    shopping = orders_queries.shopping_of(bob, noon + 40 * DAY, start, end)
    assert shopping == orders_queries.Shopping(noon + DAY, Decimal("0.5"))
    assert orders_queries.shopping_of(bob, noon, end, end) == orders_queries.Shopping(None, None)
    assert orders_queries.last_orders_of([ann, bob, 0]) == {ann: noon + 40 * DAY, bob: noon + DAY}
    assert [o.order_id for o in orders_queries.list_orders_before(ann, None, 9)] == ["2", "1"]
    assert [o.order_id for o in orders_queries.list_orders_before(ann, noon + 40 * DAY, 9)] == ["1"]
    (row,) = orders_queries.refunds_before(bob, noon + 99 * DAY, 9).rows()
    assert (row.order_id, row.refund_id, row.booked) == ("3", "R1", True)
    assert orders_queries.list_orders_before(bob, None, 9)[0].refunded
