"""The checkout's calls: a cart is quoted, held, paid for or given up, each answered as the contract says."""

from typing import Any

import pytest
from django.test import override_settings

from benefits.models import Checkout
from points import queries as points_queries
from tests.api.conftest import Shop, line, order, refund
from tests.benefits.coupons import define, give
from tests.conftest import NOON
from tests.flows import shop as flows
from tests.flows.carts import counts, rich

pytestmark = pytest.mark.django_db


def cart(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A cart of Ann's: one line of 120.00, shipping 8.00."""
    whole = {"currency": "CNY", "lines": list(lines) or [line(price="120.00")], "shipping": "8.00"}
    return {"member": {"external_id": "c-ann"}, "cart": whole, **more}


@pytest.fixture
def ann(shop: Shop, join: Any) -> Any:
    """Ann has 1,000 points and a coupon for 10 off from 50."""
    member = join("ann")
    rich(member.id)
    define(minimum="50.00")
    give(member.id)
    return member


def test_a_quote_has_exactly_the_fields_of_the_contract(shop: Shop, ann: Any) -> None:
    """It writes nothing, so it needs no key and says the same again."""
    answer = shop.post("/checkout/quotes", cart(codes=["nobody"], points="max"), Idempotency_Key="")
    assert answer.status_code == 200
    said = answer.json()
    [applied] = said["applied"]
    assert said == {
        "lines": [
            {
                "line_id": "1", "amount": "120.00", "member_price_saving": "0.00",
                "discounts": [{"code": applied["code"], "amount": "10.00"}],
                "points_amount": "10.00", "total": "100.00", "points_to_earn": 110,
            }
        ],
        "discounts": [
            {"code": applied["code"], "kind": "coupon", "amount": "10.00", "shipping": "0.00",
             "text": "Ten off takes off CN¥10.00."},
        ],
        "shipping": {"amount": "8.00", "discount": "0.00", "total": "8.00"},
        "points_used": 1000, "points_amount": "10.00", "points_to_earn": 110, "total": "108.00",
        "applied": [{"code": applied["code"], "kind": "coupon", "name": "Ten off", "amount": "10.00"}],
        "rejected": [
            {"code": "nobody", "reason": "unknown", "detail": "There is no such coupon. Check the code."},
        ],
        "is_exact": True,
        "quote_hash": said["quote_hash"],
    }  # fmt: skip
    assert not Checkout.objects.exists()
    assert shop.post("/checkout/quotes", cart(codes=["nobody"], points="max")).json() == said


def test_a_rejection_says_the_fact_that_failed_in_the_callers_language(shop: Shop, ann: Any) -> None:
    """Below the minimum it says how much is missing."""
    body = cart(line(price="30.00"))
    [english] = shop.post("/checkout/quotes", body).json()["rejected"]
    [chinese] = shop.post("/checkout/quotes", body, Accept_Language="zh-Hans").json()["rejected"]
    assert english["reason"] == chinese["reason"] == "below_minimum"
    assert "CN¥20.00" in english["detail"]
    assert "20.00" in chinese["detail"] and chinese["detail"] != english["detail"]


def test_a_cart_is_held_and_pays_for_its_order(shop: Shop, ann: Any) -> None:
    """The same call again gives the same answer; the order's refund gives the share back, then the coupon."""
    body = cart(line(price="40.00", quantity=3), points=500)
    quoted = shop.post("/checkout/quotes", body).json()
    body["quote_hash"], body["ttl_seconds"] = quoted["quote_hash"], 900
    first = shop.post("/checkout/reservations", body, Idempotency_Key="k1")
    again = shop.post("/checkout/reservations", body, Idempotency_Key="k1")
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert sorted(first.json()) == ["expires_at", "reservation", "status"]
    assert first.json()["status"] == "held"
    assert first.json()["expires_at"].startswith("2026-03-03T04:15:00")
    assert points_queries.get_balance(ann.id, NOON).available == 500
    path = f"/checkout/reservations/{first.json()['reservation']}/confirm"
    paid = shop.post(path, {"source": "web", "order_id": "1"})
    assert paid.status_code == 200
    assert (paid.json()["status"], paid.json()["total"], paid.json()["points_used"]) == ("confirmed", "113.00", 500)
    assert shop.post(path, {"source": "web", "order_id": "1"}).json() == paid.json()
    other = shop.post(path, {"source": "web", "order_id": "2"})
    assert (other.status_code, other.json()["code"], other.json()["order_id"]) == (409, "reservation_taken", "1")
    shop.put("/orders/web/1", order(line(price="40.00", quantity=3, discount="10.00"), points_paid=500))
    part = shop.put("/orders/web/1/refunds/R1", refund(("1", 1))).json()
    rest = shop.put("/orders/web/1/refunds/R2", refund(("1", 2))).json()
    code = paid.json()["discounts"][0]["code"]
    assert part["coupons"] == [{"code": code, "amount": "3.33", "returned": False, "until": "2026-03-10"}]
    assert rest["coupons"] == [{"code": code, "amount": "6.67", "returned": True, "until": "2026-03-10"}]
    assert part["restored"] + rest["restored"] == 500
    assert counts()[:2] == (0, 0)


def test_what_comes_to_something_else_by_now_is_a_conflict_with_the_fresh_quote(shop: Shop, ann: Any) -> None:
    """409, and nothing is held."""
    body = cart(points=500)
    quoted = shop.post("/checkout/quotes", body).json()
    flows.use(ann.id, 800, NOON)
    answer = shop.post("/checkout/reservations", body | {"quote_hash": quoted["quote_hash"]})
    assert (answer.status_code, answer.json()["code"]) == (409, "quote_changed")
    fresh = answer.json()["quote"]
    assert fresh["points_used"] == 200
    assert shop.post("/checkout/reservations", body | {"quote_hash": fresh["quote_hash"]}).status_code == 201


def test_a_reservation_is_extended_then_given_up_as_often_as_it_is_asked(shop: Shop, ann: Any) -> None:
    """What it held is free again; it pays for nothing after that."""
    body = cart(points=500)
    body["quote_hash"] = shop.post("/checkout/quotes", body).json()["quote_hash"]
    path = f"/checkout/reservations/{shop.post('/checkout/reservations', body).json()['reservation']}"
    longer = shop.post(f"{path}/extend", {"ttl_seconds": 3600})
    assert longer.json()["expires_at"].startswith("2026-03-03T05:00:00")
    for _ in range(2):
        answer = shop.send("DELETE", path)
        assert (answer.status_code, answer.json()["status"]) == (200, "released")
    assert points_queries.get_balance(ann.id, NOON).available == 1000
    refused = shop.post(f"{path}/confirm", {"source": "web", "order_id": "1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "reservation_released")
    assert shop.post(f"{path}/extend", {"ttl_seconds": 60}).status_code == 409


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (cart(points=-1), "points"),
        (cart(points="all"), "points"),
        (cart(codes=["x" * 61]), "codes.0"),
        (cart(line(quantity=0)), "cart.lines.0.quantity"),
        (cart(line(price="-1")), "cart.lines.0.unit_price"),
        (cart(line(price="1.001")), "cart"),
        (cart(line(), line()), "cart"),
        (cart(line(discount="100.01")), "cart"),
        (cart() | {"cart": {"currency": "EUR", "lines": [line()]}}, "cart"),
        (cart() | {"cart": {"currency": "CNY", "lines": []}}, "cart.lines"),
        (cart() | {"member": {}}, "member"),
        (cart(surplus=1), "surplus"),
    ],
)
def test_a_cart_that_cannot_be_is_refused_at_its_field(shop: Shop, ann: Any, body: Any, field: str) -> None:
    """422 that says where."""
    answer = shop.post("/checkout/quotes", body)
    assert answer.status_code == 422, answer.json()
    assert any(error["field"].startswith(field) for error in answer.json()["errors"]), answer.json()


def test_who_is_unknown_has_no_quote(shop: Shop, ann: Any) -> None:
    """404, for members, and for reservations."""
    answer = shop.post("/checkout/quotes", cart() | {"member": {"external_id": "nobody"}})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_member")
    path = "/checkout/reservations/6d2c1c1e-61a5-5b39-9c1e-9a3f6a0f2b57"
    for answer in (
        shop.send("DELETE", path),
        shop.post(f"{path}/confirm", {"source": "web", "order_id": "1"}),
        shop.post(f"{path}/extend", {"ttl_seconds": 60}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_reservation")


def test_a_key_without_the_scope_may_not(make_key: Any, shop: Shop, ann: Any) -> None:
    """403 for a key that may only read members."""
    assert Shop(make_key("members:read")).post("/checkout/quotes", cart()).status_code == 403


def test_guessing_is_held_back(shop: Shop, ann: Any) -> None:
    """429 with the time to wait; codes that exist do not count."""
    with override_settings(COUPON_GUESSES_A_MINUTE=3):
        for number in range(3):
            assert shop.post("/checkout/quotes", cart(codes=[f"guess{number}"])).status_code == 200
        answer = shop.post("/checkout/quotes", cart(codes=["guess9"]))
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many_guesses")
        assert 1 <= int(answer["Retry-After"]) <= 120
        assert shop.post("/checkout/quotes", cart()).status_code == 200
