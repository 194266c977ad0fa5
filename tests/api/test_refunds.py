"""PUT of refunds: units come back, are previewed, parked, repeated."""

from typing import Any

import pytest

from orders.models import Refund
from points import queries as points_queries
from tests.api.conftest import Shop, line, order, refund
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def test_a_refund_is_previewed_then_booked_then_repeated(shop: Shop, join: Any) -> None:
    """Three times the same answer with exactly the contract's fields; the preview changes nothing."""
    ann = join("ann")
    shop.put("/orders/web/1", order(line("1", "100.00", 3), line("2", "700.00")))
    seen = shop.put("/orders/web/1/refunds/R1?preview=true", refund(("1", 2)))
    assert not Refund.objects.exists()
    assert points_queries.get_balance(ann.id, NOON).pending == 1000
    done = shop.put("/orders/web/1/refunds/R1", refund(("1", 2), amount="200.00"))
    again = shop.put("/orders/web/1/refunds/R1", refund(("1", 2), amount=200))
    assert seen.status_code == done.status_code == again.status_code == 200
    assert seen.json() == done.json() == again.json()
    assert done.json() == {
        "reversed": 200, "debt": 0, "restored": 0, "growth": 200, "coupons": [],
        "tier": {"code": "silver", "changed": False},
    }  # fmt: skip
    assert points_queries.get_balance(ann.id, NOON).pending == 800


def test_the_same_refund_with_other_units_is_a_conflict(shop: Shop, join: Any) -> None:
    """409; the first stands."""
    ann = join("ann")
    shop.put("/orders/web/1", order(line("1", "100.00", 3)))
    shop.put("/orders/web/1/refunds/R1", refund(("1", 1)))
    answer = shop.put("/orders/web/1/refunds/R1", refund(("1", 2)))
    assert (answer.status_code, answer.json()["code"]) == (409, "statement_changed")
    assert points_queries.get_balance(ann.id, NOON).pending == 200


def test_a_refund_before_its_order_waits_and_nets_to_nought(shop: Shop, join: Any) -> None:
    """202; previewing it too; the order then earns and gives back."""
    ann = join("ann")
    assert shop.put("/orders/web/1/refunds/R1?preview=true", refund()).json() == {"status": "parked"}
    assert not Refund.objects.exists()
    for _ in range(2):
        answer = shop.put("/orders/web/1/refunds/R1", refund())
        assert (answer.status_code, answer.json()) == (202, {"status": "parked"})
    assert shop.put("/orders/web/1", order()).status_code == 201
    assert points_queries.get_balance(ann.id, NOON).pending == 0
    assert shop.put("/orders/web/1/refunds/R1", refund()).json()["reversed"] == 100


def test_a_line_the_order_does_not_have_is_refused(shop: Shop, join: Any) -> None:
    """422 where the order is known, and nothing is stored; a refund taken before an edit keeps its answer."""
    join("ann")
    shop.put("/orders/web/1", order(line("1", "10"), line("2", "20")))
    answer = shop.put("/orders/web/1/refunds/R1", refund(("1", 1), ("9", 1)))
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown_line")
    assert answer.json()["errors"][0]["field"] == "lines.1.line_id"
    assert not Refund.objects.exists()
    first = shop.put("/orders/web/1/refunds/R1", refund(("2", 1)))
    shop.put("/orders/web/1", order(line("1", "10"), updated_at="2026-03-03T12:30:00+08:00"))
    assert shop.put("/orders/web/1/refunds/R1", refund(("2", 1))).json() == first.json()


def test_more_units_than_were_sold_give_back_no_more_than_was_earned(shop: Shop, join: Any) -> None:
    """Loyalty never blocks a refund."""
    ann = join("ann")
    shop.put("/orders/web/1", order(line("1", "10", 2)))
    assert shop.put("/orders/web/1/refunds/R1", refund(("1", 5))).json()["reversed"] == 20
    assert shop.put("/orders/web/1/refunds/R2", refund(("1", 1))).json()["reversed"] == 0
    assert points_queries.get_balance(ann.id, NOON).pending == 0


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        (refund(("1", 0)), "lines.0.quantity", "range"),
        (refund(("1", -1)), "lines.0.quantity", "range"),
        (refund(("1", 1.5)), "lines.0.quantity", "type"),  # type: ignore[arg-type]
        (refund(("1", 1), ("1", 1)), "lines.1.line_id", "duplicate"),
        ({**refund(), "lines": []}, "lines", "missing"),
        (refund(amount="-1"), "amount", "amount"),
        (refund(amount="0.001"), "amount", "decimals"),
        (refund(refunded_at="2026-02-30T00:00:00Z"), "refunded_at", "instant"),
        (refund(refunded_at="2026-03-05T00:00:00Z"), "refunded_at", "in_the_future"),
        (refund(order_id="1"), "order_id", "unknown_field"),
        ({"lines": [{"line_id": "1"}]}, "lines.0.quantity", "missing"),
    ],
)
def test_what_cannot_be_true_is_refused(shop: Shop, join: Any, body: dict[str, Any], field: str, code: str) -> None:
    """422 at the field; nothing is stored."""
    join("ann")
    shop.put("/orders/web/1", order())
    answer = shop.put("/orders/web/1/refunds/R1", body)
    assert answer.status_code == 422, answer.content
    assert {"field": field, "code": code} in [
        {"field": error["field"], "code": error["code"]} for error in answer.json()["errors"]
    ], answer.content
    assert not Refund.objects.exists()
    assert shop.put("/orders/web/1/refunds/R1?preview=perhaps", refund()).status_code == 422
