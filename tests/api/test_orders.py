"""PUT of orders: full state, repeated harmlessly, edited, cancelled, parked, stale."""

from typing import Any

import pytest

from members.models import Member
from orders.models import Order
from points import queries as points_queries
from points.models import Entry
from tests.api.conftest import Shop, line, order, refund
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def booked(member: Member) -> tuple[int, int]:
    """Will return what a member has, available and pending."""
    balance = points_queries.get_balance(member.id, NOON)
    return balance.available, balance.pending


def test_a_paid_order_earns_and_a_repeat_says_the_same(shop: Shop, join: Any) -> None:
    """201 with exactly the contract's fields, then 200 with the same; one booking."""
    ann = join("ann")
    first = shop.put("/orders/web/1", order(line("1", "600.50"), line("2", 499.7)), Accept_Language="en")
    assert first.status_code == 201, first.content
    said = first.json()
    assert set(said) == {"order", "member", "points", "growth", "tier", "explanation"}
    assert said["order"] == {"source": "web", "order_id": "1", "status": "paid"}
    assert said["member"] == ann.number
    lines = [{"line_id": "1", "points": 600}, {"line_id": "2", "points": 500}]
    assert said["points"] == {"awarded": 1100, "pending_until": "2026-03-10", "lines": lines}
    assert said["growth"] == 1100
    assert said["tier"] == {"code": "silver", "changed": True}
    assert said["explanation"][0] == {
        "text": "The order's CN¥1,100.20 with the multiplier 1 of Member, rounded down, is 1,100 points. "
        "This line's CN¥600.50 is 600 of them.",
        "code": "order_line", "line": "1", "tier": "member", "basis": "600.50", "order_basis": "1100.20",
        "multiplier": "1", "order_points": 1100, "line_points": 600,
    }  # fmt: skip
    again = shop.put("/orders/web/1", order(line("1", 600.5), line("2", "499.70")), Accept_Language="en")
    assert (again.status_code, again.json()) == (200, said)
    assert booked(ann) == (0, 1100)


def test_an_edit_books_the_difference_and_a_cancellation_all(shop: Shop, join: Any) -> None:
    """The answer says what the order has earned by now."""
    ann = join("ann")
    shop.put("/orders/web/1", order(line("1", "100"), line("2", "50")))
    edited = shop.put("/orders/web/1", order(line("1", "100"), updated_at="2026-03-03T12:01:00+08:00"))
    assert edited.status_code == 200
    assert edited.json()["points"]["awarded"] == 100
    assert booked(ann) == (0, 100)
    cancelled = order(line("1", "100"), status="cancelled", updated_at="2026-03-03T12:02:00+08:00")
    said = shop.put("/orders/web/1", cancelled).json()
    assert (said["order"]["status"], said["points"]["awarded"], said["growth"]) == ("cancelled", 0, 0)
    assert booked(ann) == (0, 0)


def test_an_order_that_is_only_placed_earns_nothing_yet(shop: Shop, join: Any) -> None:
    """It is stored; paying it later earns."""
    ann = join("ann")
    placed = shop.put("/orders/web/1", order(status="placed"))
    assert placed.status_code == 201
    assert placed.json()["points"] == {"awarded": 0, "pending_until": None, "lines": [{"line_id": "1", "points": 0}]}
    assert placed.json()["tier"] == {"code": "member", "changed": False}
    paid = shop.put("/orders/web/1", order(updated_at="2026-03-03T12:01:00+08:00"))
    assert (paid.status_code, paid.json()["points"]["awarded"]) == (200, 100)
    assert booked(ann) == (0, 100)


def test_a_stale_statement_changes_nothing(shop: Shop, join: Any) -> None:
    """200 ignored_stale, also where updated_at is older than placed_at."""
    ann = join("ann")
    shop.put("/orders/web/1", order(line("1", "100"), updated_at="2026-03-03T12:05:00+08:00"))
    for older in ("2026-03-03T12:04:59+08:00", "2026-03-02T12:00:00+08:00"):
        stale = shop.put("/orders/web/1", order(line("1", "999"), updated_at=older))
        assert (stale.status_code, stale.json()) == (200, {"status": "ignored_stale"})
    assert booked(ann) == (0, 100)


def test_an_unknown_member_parks_the_order(shop: Shop, programme: None) -> None:
    """202, however often; nothing is booked."""
    for member in ({"external_id": "c-ann"}, {"email": "x@y.zz"}, {"phone": "+8613800138000"}, {"number": "M1"}):
        for _ in range(2):
            answer = shop.put(f"/orders/web/{member}", order(member=member))
            assert (answer.status_code, answer.json()) == (202, {"status": "parked"})
    assert Order.objects.count() == 4
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "order_id",
    [
        "10045",
        "a:b",
        "a%3Ab",
        "2026%2F10045",
        "a%2Frefunds",
        "%E8%AE%A2%E5%8D%95-1",
        "%25",
        "a%20b",
        "x" * 128,
        ".x",
        "~",
    ],
)
def test_ids_may_be_anything_a_shop_makes_up(shop: Shop, join: Any, order_id: str) -> None:
    """Colons, slashes (encoded), Chinese: stored, answered and refunded under exactly the id that was meant."""
    ann = join("ann")
    answer = shop.put(f"/orders/web/{order_id}", order(line("线:1/2", "30.00", 3)))
    assert answer.status_code == 201, answer.content
    known = Order.objects.get()
    assert answer.json()["order"]["order_id"] == known.order_id
    assert answer.json()["points"]["lines"] == [{"line_id": "线:1/2", "points": 90}]
    back = shop.put(f"/orders/web/{order_id}/refunds/R%2F1", refund(("线:1/2", 1)))
    assert back.json()["reversed"] == 30, back.content
    assert booked(ann) == (0, 60)
    assert shop.put(f"/orders/web/{order_id}", order(line("线:1/2", "30.00", 3))).json() == answer.json()


@pytest.mark.parametrize(
    "path", ["/orders/web/" + "x" * 129, "/orders/web/" + "x" * 200, "/orders/" + "x" * 41 + "/1", "/orders/web/a%00b",
             "/orders/web/a%0Ab", "/orders/%20web/1"]
)  # fmt: skip
def test_an_address_that_cannot_be_kept_is_refused(shop: Shop, join: Any, path: str) -> None:
    """422, or 404 where no address can be so; nothing stored."""
    join("ann")
    assert shop.put(path, order()).status_code in (404, 422)
    assert not Order.objects.exists()


def test_ids_that_are_too_long_together_are_refused(shop: Shop, join: Any) -> None:
    """Each is short enough, but no key of the ledger holds them all: refused, not cut off and not a fault."""
    join("ann")
    answer = shop.put("/orders/web/" + ":" * 120, order(line(":" * 120)))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "lines.0.line_id"
    assert shop.put("/orders/web/" + "x" * 128, order(line("y" * 128))).status_code == 201
    long = refund(("y" * 128, 1))
    assert shop.put("/orders/web/" + "x" * 128 + "/refunds/" + "z" * 128, long).status_code in (200, 422)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    (order(currency="USD"), "currency", "currency"),
    (order(currency="cny"), "currency", "currency"),
    (order(currency="RMB!"), "currency", "too_long"),
    (order(currency=None), "currency", "type"),
    (order(line(quantity=0)), "lines.0.quantity", "range"),
    (order(line(quantity=-1)), "lines.0.quantity", "range"),
    (order(line(quantity=1.5)), "lines.0.quantity", "type"),
    (order(line(quantity="1")), "lines.0.quantity", "type"),
    (order(line(quantity=True)), "lines.0.quantity", "type"),
    (order(line(quantity=10**30)), "lines.0.quantity", "range"),
    (order(line(price="1.005")), "lines.0.unit_price", "decimals"),
    (order(line(price=1.005)), "lines.0.unit_price", "decimals"),
    (order(line(price="-1")), "lines.0.unit_price", "amount"),
    (order(line(price=-0.01)), "lines.0.unit_price", "amount"),
    (order(line(price="1,000.00")), "lines.0.unit_price", "amount"),
    (order(line(price="١٢")), "lines.0.unit_price", "amount"),
    (order(line(price="1e3")), "lines.0.unit_price", "amount"),
    (order(line(price="")), "lines.0.unit_price", "amount"),
    (order(line(price=10**400)), "lines.0.unit_price", "amount"),
    (order(line(price="9" * 29)), "lines.0.unit_price", "amount"),
    (order(line(price=True)), "lines.0.unit_price", "type"),
    (order(line(price=None)), "lines.0.unit_price", "type"),
    (order(line(price={"amount": 1})), "lines.0.unit_price", "type"),
    (order(line(price="999999999999", quantity=1000)), "lines", "amount"),
    (order(line(discount="100.01")), "lines.0.discount", "discount_too_large"),
    (order(line("1"), line("2"), discount="200.01"), "discount", "discount_too_large"),
    (order(line("1"), line("1")), "lines.1.line_id", "duplicate"),
    (order(line("")), "lines.0.line_id", "missing"),
    (order(line("x" * 129)), "lines.0.line_id", "too_long"),
    (order(line("a\x00")), "lines.0.line_id", "characters"),
    (order(line("a\nb")), "lines.0.line_id", "characters"),
    (order(line(sku="\ud800")), "lines.0.sku", "characters"),
    (order(line(name="x" * 255)), "lines.0.name", "too_long"),
    (order({**line(), "line_id": 5}), "lines.0.line_id", "type"),
    (order(line(colour="red")), "lines.0.colour", "unknown_field"),
    ({**order(), "lines": []}, "lines", "missing"),
    ({**order(), "lines": {}}, "lines", "type"),
    ({**order(), "lines": [5]}, "lines.0", "type"),
    ({**order(), "lines": [line(str(n)) for n in range(1001)]}, "lines", "too_many"),
    (order(placed_at="2026-02-30T12:00:00Z"), "placed_at", "instant"),
    (order(placed_at="0202-03-03T12:00:00Z"), "placed_at", "too_early"),
    (order(placed_at="2026-03-04T12:00:01+08:00"), "placed_at", "in_the_future"),
    (order(placed_at="2026-03-03T12:00:00"), "placed_at", "instant"),
    (order(placed_at="2026-03-03"), "placed_at", "instant"),
    (order(placed_at="2026-03-03T25:00:00Z"), "placed_at", "instant"),
    (order(placed_at="2026-03-03T12:00:60Z"), "placed_at", "instant"),
    (order(placed_at="9999-12-31T23:59:59-23:59"), "placed_at", ""),
    (order(placed_at="0001-01-01T00:00:00+23:59"), "placed_at", ""),
    (order(placed_at=1772510400), "placed_at", "instant"),
    (order(placed_at=None), "placed_at", "instant"),
    (order(updated_at="2027-01-01T00:00:00Z"), "updated_at", "in_the_future"),
    (order(status="refunded"), "status", "choice"),
    (order(status=None), "status", "choice"),
    (order(points_paid=-1), "points_paid", "range"),
    (order(points_paid=2**31), "points_paid", "range"),
    (order(shipping="-1"), "shipping", "amount"),
    (order(tax="0.001"), "tax", "decimals"),
    ({**order(), "member": {}}, "member", "member"),
    (order(member={"number": "M1", "email": "a@b.cd"}), "member", "member"),
    (order(member={"email": "nobody"}), "member.email", "identity"),
    (order(member="M1"), "member", "type"),
    ({**order(), "member": None}, "member", "type"),
    ({"status": "paid"}, "lines", "missing"),
]


@pytest.mark.parametrize(("body", "field", "code"), WRONG, ids=lambda value: str(value)[:40])
def test_what_cannot_be_true_is_refused_at_its_field(
    shop: Shop, join: Any, body: dict[str, Any], field: str, code: str
) -> None:
    """422 naming the field; nothing is stored, nothing booked."""
    join("ann")
    answer = shop.put("/orders/web/1", body)
    assert answer.status_code == 422, answer.content
    problems = {error["field"]: error["code"] for error in answer.json()["errors"]}
    assert field in problems, problems
    assert code in ("", problems[field])
    assert not Order.objects.exists()
    assert not Entry.objects.exists()


def test_a_single_problem_lends_the_whole_its_code(shop: Shop, join: Any) -> None:
    """A machine need not look into errors for the plain case."""
    join("ann")
    assert shop.put("/orders/web/1", order(currency="USD")).json()["code"] == "currency"
    assert shop.put("/orders/web/1", order(line(quantity=0), status="x")).json()["code"] == "invalid"


@pytest.mark.parametrize(
    ("price", "awarded"), [("100", 100), (100, 100), (100.0, 100), ("100.500", 100), (1e2, 100), ("0", 0), (0.1, 0)]
)
def test_amounts_are_read_exactly_from_text_and_numbers(shop: Shop, join: Any, price: Any, awarded: int) -> None:
    """Trailing noughts are no decimals; nothing passes through a float."""
    join("ann")
    assert shop.put("/orders/web/1", order(line(price=price))).json()["points"]["awarded"] == awarded


def test_free_text_is_tidied_not_refused(shop: Shop, join: Any) -> None:
    """A line break in a product's name is no reason to refuse an order."""
    join("ann")
    body = order(line(name="护手霜\n50ml\t", sku=None, category=" care ", brand="O\u2019Brien \U0001f600"))
    assert shop.put("/orders/web/1", body).status_code == 201
    kept = Order.objects.get().lines.get()
    assert (kept.name, kept.sku, kept.category, kept.brand) == ("护手霜 50ml", "", "care", "O\u2019Brien \U0001f600")
