"""What an order comes to: discounts shared to the coin, returned units in any pieces, statements that cannot be."""

import dataclasses
import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders import rules
from orders.enums import OrderStatus
from orders.rules import BadStatement, EventStatement, LineStatement, OrderStatement, RefundStatement
from tests.kit.examples import MANY

NOW = dt.datetime(2026, 3, 3, 4, 0, tzinfo=dt.UTC)
LINE = LineStatement("1", 2, Decimal("10.00"), Decimal("1.50"))
ORDER = OrderStatement("web", "1", OrderStatus.PAID, NOW, NOW, "CNY", (LINE, LineStatement("2", 1, Decimal(5))))
REFUND = RefundStatement("web", "1", "R1", NOW, (("1", 1),), Decimal("9.25"))
EVENT = EventStatement("app", "e1", "review", NOW, {"photo": True, "stars": [5, "好"]})


@st.composite
def discounted_lines(draw):
    lines = []
    for number in range(draw(st.integers(1, 8))):
        quantity, price = draw(st.integers(1, 20)), Decimal(draw(st.integers(0, 100_000))) / 100
        discount = Decimal(draw(st.integers(0, int(quantity * price * 100)))) / 100
        lines.append(LineStatement(str(number), quantity, price, discount))
    total = sum(line.quantity * line.unit_price - line.discount for line in lines)
    return lines, Decimal(draw(st.integers(0, int(total * 100)))) / 100


@MANY
@given(discounted_lines())
def test_line_bases_sum_to_the_order_and_none_is_below_nought(drawn):
    lines, discount = drawn
    bases = rules.line_bases(lines, discount, 2)
    amounts = [line.quantity * line.unit_price - line.discount for line in lines]
    assert sum(bases) == sum(amounts) - discount
    for basis, amount in zip(bases, amounts, strict=True):
        assert 0 <= basis <= amount
        assert basis % Decimal("0.01") == 0
        assert not sum(amounts) or abs((amount - basis) - discount * amount / sum(amounts)) < Decimal("0.01")


def test_line_bases_by_hand():
    lines = [LineStatement("1", 3, Decimal("33.33")), LineStatement("2", 1, Decimal("0.01"))]
    assert rules.line_bases(lines, Decimal(10), 2) == [Decimal("89.99"), Decimal("0.01")]
    assert rules.line_bases(ORDER.lines, Decimal(0), 2) == [Decimal("18.50"), Decimal(5)]


def test_a_discount_larger_than_what_it_is_taken_from_is_refused():
    for lines, discount, field in [
        ([LINE, LineStatement("2", 1, Decimal(5), Decimal("5.01"))], "0", "lines.1.discount"),
        ([LINE], "18.51", "discount"),
    ]:
        with pytest.raises(BadStatement) as refusal:
            rules.line_bases(lines, Decimal(discount), 2)
        assert (refusal.value.code, refusal.value.field) == ("discount_too_large", field)


@MANY
@given(basis=st.decimals(0, 10**7, places=2), quantity=st.integers(1, 30), data=st.data())
def test_what_is_left_of_a_line_falls_to_nought_with_its_last_unit(basis, quantity, data):
    returned = sorted(data.draw(st.lists(st.integers(0, quantity), max_size=4)))
    left = [rules.remaining_basis(basis, quantity, units, 2) for units in [0, *returned, quantity]]
    assert left[0] == basis and left[-1] == 0
    assert left == sorted(left, reverse=True)


def changed(statement, **fields):
    return dataclasses.replace(statement, **fields)


DIFFERENT = [
    {"status": OrderStatus.CANCELLED},
    {"placed_at": NOW + dt.timedelta(seconds=1)},
    {"currency": "EUR"},
    {"discount": Decimal("0.01")},
    {"shipping": Decimal(1)},
    {"tax": Decimal(1)},
    {"points_paid": 100},
    {"lines": ORDER.lines[:1]},
    {"lines": ORDER.lines[::-1]},
    {"lines": (changed(LINE, quantity=3), ORDER.lines[1])},
    {"lines": (changed(LINE, category="music"), ORDER.lines[1])},
    {"lines": (changed(LINE, attributes={"shelf": "4"}), ORDER.lines[1])},
]


@pytest.mark.parametrize("fields", DIFFERENT, ids=lambda fields: next(iter(fields)))
def test_other_content_has_another_digest(fields):
    assert rules.digest(changed(ORDER, **fields)) != rules.digest(ORDER)


def test_the_same_content_has_the_same_digest_however_it_is_written():
    written = changed(LINE, unit_price=Decimal(10), discount=Decimal("1.5"))
    same = changed(
        ORDER, lines=(written, ORDER.lines[1]), stated_at=NOW + dt.timedelta(days=1), discount=Decimal("0.0")
    )
    assert rules.digest(same) == rules.digest(ORDER)
    assert rules.digest(ORDER, {"email": "a@b.cd"}) != rules.digest(ORDER, {"email": "a@b.ce"})
    assert rules.digest(changed(EVENT, properties={"stars": [5, "好"], "photo": True})) == rules.digest(EVENT)
    assert rules.digest(changed(REFUND, lines=(("1", 2),))) != rules.digest(REFUND)
    shanghai = NOW.astimezone(ZoneInfo("Asia/Shanghai"))
    assert rules.digest(changed(REFUND, refunded_at=shanghai)) == rules.digest(REFUND)
    assert rules.digest(changed(EVENT, occurred_at=shanghai)) == rules.digest(EVENT)
    assert rules.digest(changed(ORDER, placed_at=shanghai)) == rules.digest(ORDER)


LATER = NOW + rules.FUTURE_MAX + dt.timedelta(seconds=1)
BAD_ORDERS = [
    ({"source": ""}, "missing", "source"),
    ({"order_id": ""}, "missing", "order_id"),
    ({"order_id": "x" * 129}, "too_long", "order_id"),
    ({"order_id": "a\x00"}, "characters", "order_id"),
    ({"order_id": "\ud800"}, "characters", "order_id"),
    ({"placed_at": LATER}, "in_the_future", "placed_at"),
    ({"placed_at": dt.datetime(1989, 12, 31, tzinfo=dt.UTC)}, "too_early", "placed_at"),
    ({"stated_at": LATER}, "in_the_future", "updated_at"),
    ({"currency": "EUR"}, "currency", "currency"),
    ({"discount": Decimal("-0.01")}, "amount", "discount"),
    ({"shipping": Decimal("NaN")}, "amount", "shipping"),
    ({"tax": Decimal(10) ** 12}, "amount", "tax"),
    ({"discount": Decimal("0.001")}, "decimals", "discount"),
    ({"discount": Decimal("23.51")}, "discount_too_large", "discount"),
    ({"lines": ()}, "missing", "lines"),
    ({"lines": (LineStatement("1", 1000, Decimal(999_999_999_999)),)}, "amount", "lines"),
    ({"lines": (LINE, LINE)}, "duplicate", "lines.1.line_id"),
    ({"lines": (changed(LINE, line_id=""),)}, "missing", "lines.0.line_id"),
    ({"lines": (changed(LINE, quantity=0),)}, "quantity", "lines.0.quantity"),
    ({"lines": (changed(LINE, quantity=1_000_001),)}, "quantity", "lines.0.quantity"),
    ({"lines": (changed(LINE, unit_price=Decimal(-1)),)}, "amount", "lines.0.unit_price"),
    ({"lines": (changed(LINE, discount=Decimal("20.01")),)}, "discount_too_large", "lines.0.discount"),
    ({"lines": (changed(LINE, name="x" * 255),)}, "too_long", "lines.0.name"),
    ({"lines": (changed(LINE, sku="x" * 129),)}, "too_long", "lines.0.sku"),
]


@pytest.mark.parametrize(("fields", "code", "field"), BAD_ORDERS)
def test_an_order_that_cannot_be_is_refused_where_it_is_wrong(fields, code, field):
    with pytest.raises(BadStatement) as refusal:
        rules.check_order(changed(ORDER, **fields), currency="CNY", exponent=2, now=NOW)
    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"refund_id": ""}, "missing", "refund_id"),
        ({"refunded_at": LATER}, "in_the_future", "refunded_at"),
        ({"amount": Decimal("0.001")}, "decimals", "amount"),
        ({"lines": ()}, "missing", "lines"),
        ({"lines": (("1", 1), ("2", 0))}, "quantity", "lines.1.quantity"),
        ({"lines": (("", 1),)}, "missing", "lines.0.line_id"),
    ],
)
def test_a_refund_that_cannot_be_is_refused_where_it_is_wrong(fields, code, field):
    with pytest.raises(BadStatement) as refusal:
        rules.check_refund(changed(REFUND, **fields), exponent=2, now=NOW)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_an_event_that_cannot_be_is_refused_and_what_can_be_passes():
    for fields, field in [
        ({"event_id": ""}, "event_id"),
        ({"type": "x" * 61}, "type"),
        ({"occurred_at": LATER}, "occurred_at"),
        ({"properties": {"a": "\x00"}}, "properties"),
        ({"properties": {"a": ["\ud800"]}}, "properties"),
        ({"properties": {"a": {"b": float("inf")}}}, "properties"),
    ]:
        with pytest.raises(BadStatement) as refusal:
            rules.check_event(changed(EVENT, **fields), now=NOW)
        assert refusal.value.field == field
    rules.check_order(ORDER, currency="CNY", exponent=2, now=NOW - rules.FUTURE_MAX)
    rules.check_refund(REFUND, exponent=2, now=NOW)
    rules.check_event(EVENT, now=NOW)
    yen = changed(ORDER, currency="JPY", lines=(changed(LINE, discount=Decimal(1)),))
    rules.check_order(yen, currency="JPY", exponent=0, now=NOW)
