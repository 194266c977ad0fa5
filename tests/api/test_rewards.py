"""Rewards by api: the catalogue for a member, redeemed once a key, cancelled back to the lots."""

import uuid
from typing import Any

import pytest

from benefits.models import PartnerCode, Redemption
from tests.api.conftest import Shop
from tests.benefits.shelf import coupon, gift, pool, prizes, reward
from tests.flows.shop import purse
from tests.points.conftest import give  # noqa: F401

pytestmark = pytest.mark.django_db
ANN = {"external_id": "c-ann"}


@pytest.fixture
def ann(join: Any, give: Any) -> Any:  # noqa: F811
    """Ann with 5,000 points."""
    member = join("ann")
    give(member.id, 5000)
    return member


def test_the_catalogue_says_what_a_member_can_have_and_why_not(shop: Shop, ann: Any) -> None:
    """Code, kind, name, points, left, can_redeem, reason."""
    coupon(), gift(left=3)
    reward("ten", "coupon", 1000, position=1), reward("cream", price=9000, position=2, left=7)
    reward("gold", prices={"gold": 10}, position=3), reward("off", is_on=False)
    rows = shop.get(f"/rewards?member={ann.number}", Accept_Language="en").json()
    assert rows[0] == {
        "code": "ten", "kind": "coupon", "name": "Hand cream", "points": 1000, "left": None,
        "can_redeem": True, "reason": None, "detail": "",
    }  # fmt: skip
    assert [(row["code"], row["points"], row["left"], row["reason"]) for row in rows[1:]] == [
        ("cream", 9000, 3, "not_enough"),
        ("gold", None, 3, "not_for_tier"),
    ]
    assert [row["detail"] for row in rows[1:]] == ["4,000 more points are needed.", "It is for Gold."]
    chinese = shop.get("/rewards?member=c-ann", Accept_Language="zh-Hans").json()
    assert chinese[0]["name"] == "护手霜"
    assert shop.get("/rewards?member=nobody").json()["code"] == "unknown_member"


def test_a_redemption_is_made_once_a_key_and_cancelled_once(shop: Shop, ann: Any, noon: Any) -> None:
    """201 with redemption, points and code; the same key gives it again; cancelled, the points are back."""
    coupon()
    reward("ten", "coupon", 1000)
    body = {"member": ANN, "reward": "ten"}
    first = shop.post("/redemptions", body, Idempotency_Key="k1")
    assert first.status_code == 201, first.content
    said = first.json()
    assert (said["points"], said["state"], said["prize"]) == (1000, "done", None)
    assert said["code"] and str(uuid.UUID(said["redemption"])) == said["redemption"]
    assert shop.post("/redemptions", body, Idempotency_Key="k1").json() == said
    assert Redemption.objects.get().source_key == "api:shop 1:k1"
    for _again in range(2):
        back = shop.post(f"/redemptions/{said['redemption']}/cancel", {})
        assert (back.status_code, back.json()) == (
            200,
            {"redemption": said["redemption"], "state": "cancelled", "points": 1000},
        )
    assert purse(ann.id, noon)[0] == 5000


def test_a_key_too_long_for_a_source_key_stands_by_its_digest(shop: Shop, ann: Any) -> None:
    """It is still one redemption."""
    coupon()
    reward("ten", "coupon", 1000)
    for _again in range(2):
        assert shop.post("/redemptions", {"member": ANN, "reward": "ten"}, Idempotency_Key=":" * 255).status_code == 201
    assert Redemption.objects.count() == 1


def test_a_partners_code_is_read_when_it_is_answered(shop: Shop, ann: Any) -> None:
    """So it cannot be given back afterwards."""
    pool()
    reward("film", "partner_code", 100)
    said = shop.post("/redemptions", {"member": ANN, "reward": "film"}).json()
    assert said["code"] == "cinema-1" and PartnerCode.objects.get(code="cinema-1").revealed_at
    refused = shop.post(f"/redemptions/{said['redemption']}/cancel", {})
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (409, "not_cancellable", "read")


def test_a_draw_says_what_it_gave(shop: Shop, ann: Any) -> None:
    """The prize's name, or null for nothing."""
    reward("wheel", "draw", 10, prizes=prizes(("bonus", "points", "5", "1", None)))
    assert shop.post("/redemptions", {"member": ANN, "reward": "wheel"}).json()["prize"] == "Bonus"


def test_refusals_are_problems_with_their_codes(shop: Shop, ann: Any) -> None:
    """What is refused did nothing and frees its key."""
    gift(left=0)
    reward(price=10), reward("dear", price=9000, gives="cream")
    assert shop.post("/redemptions", {"member": ANN, "reward": "cream"}).json()["code"] == "reward_sold_out"
    gift("soap")
    reward("soap", price=9000, gives="soap")
    poor = shop.post("/redemptions", {"member": ANN, "reward": "soap"}, Idempotency_Key="k").json()
    assert (poor["code"], poor["status"], poor["missing"]) == ("reward_not_enough", 409, 4000)
    for body, code in (
        ({"member": ANN, "reward": "none"}, "unknown_reward"),
        ({"member": {"external_id": "nobody"}, "reward": "cream"}, "unknown_member"),
        ({"member": ANN, "reward": "Not A Code"}, "format"),
    ):
        assert shop.post("/redemptions", body).json()["code"] == code
    assert shop.post(f"/redemptions/{uuid.uuid4()}/cancel", {}).json()["code"] == "unknown_redemption"
    assert not Redemption.objects.exists()
