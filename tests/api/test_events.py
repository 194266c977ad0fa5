"""POST of events: what they earn and why, capped, repeated, parked."""

import json
from typing import Any

import pytest

from orders.models import ShopEvent
from points import queries as points_queries
from tests.api.conftest import Shop, event
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def test_a_review_earns_and_says_why(shop: Shop, join: Any) -> None:
    """200 with points, growth, tier and explanation."""
    ann = join("ann")
    answer = shop.post("/events", event(properties={"photo": True, "stars": 4.5, "text": "好"}), Accept_Language="en")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert set(said) == {"member", "points", "growth", "tier", "explanation"}
    assert (said["member"], said["points"], said["growth"]) == (ann.number, 50, 10)
    assert said["tier"] == {"code": "member", "changed": False}
    assert [step["text"] for step in said["explanation"]] == [
        "Review with a photo earns 50 points.",
        "Review with a photo earns 10 growth value.",
    ]
    assert points_queries.get_balance(ann.id, NOON).available == 50


def test_an_event_comes_once_under_its_id(shop: Shop, join: Any) -> None:
    """Under another Idempotency-Key it gives the same answer and earns nothing more; other content is a 409."""
    ann = join("ann")
    first = shop.post("/events", event())
    again = shop.post("/events", event())
    assert (again.status_code, again.json()) == (200, first.json())
    other = shop.post("/events", event(type="share"))
    assert (other.status_code, other.json()["code"]) == (409, "statement_changed")
    assert points_queries.get_balance(ann.id, NOON).available == 20
    assert shop.post("/events", event(source="app")).json()["points"] == 20


@pytest.mark.parametrize(
    ("kind", "earned", "code", "words"),
    [
        ("share", [5, 5, 5, 0], "day_cap", "It earns 3 times a day at most."),
        ("check_in", [5, 0], "day_cap", "It earns 1 time a day at most."),
        ("profile_completed", [50, 0], "once_only", "It earns once only, and has earned before."),
        ("unboxing", [0], "event_without_rule", "“unboxing” earns nothing in this programme."),
    ],
)
def test_what_earns_nothing_says_which_rule(
    shop: Shop, join: Any, kind: str, earned: list[int], code: str, words: str
) -> None:
    """The cap, the once, the type without a rule; and a repeat is told the same."""
    join("ann")
    answers = [shop.post("/events", event(f"e{n}", type=kind), Accept_Language="en").json() for n in range(len(earned))]
    assert [answer["points"] for answer in answers] == earned
    assert (answers[-1]["explanation"][0]["code"], answers[-1]["explanation"][0]["text"]) == (code, words)
    last = event(f"e{len(earned) - 1}", type=kind)
    assert shop.post("/events", last, Accept_Language="en").json() == answers[-1]


def test_a_referral_waits_for_the_friend_s_first_order(shop: Shop, join: Any) -> None:
    """200 with nought and why; a repeat too, for nothing is closed yet."""
    join("ann")
    join("bob")
    body = event(type="referral", properties={"friend": "c-bob"})
    for _ in range(2):
        said = shop.post("/events", body, Accept_Language="en").json()
        assert (said["points"], said["tier"]["code"]) == (0, "member")
        assert [step["code"] for step in said["explanation"]] == ["referral_waits"]
    own = shop.post("/events", event("e2", type="referral", properties={"friend": "c-ann"})).json()
    assert [step["code"] for step in own["explanation"]] == ["referral_closed"]


def test_an_unknown_member_parks_the_event(shop: Shop, programme: None) -> None:
    """202; he gets it when he joins."""
    answer = shop.post("/events", event())
    assert (answer.status_code, answer.json()) == (202, {"status": "parked"})
    assert ShopEvent.objects.get().member is None


def nested(depth: int) -> dict[str, Any]:
    """Will return a value as deep as said."""
    value: dict[str, Any] = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (event(event_id=""), 422),
        (event(event_id="x" * 200), 422),
        (event(event_id="e\x00"), 422),
        (event(event_id=":" * 128, source=":" * 40), 422),
        (event(type=""), 422),
        (event(type="x" * 61), 422),
        (event(source=""), 422),
        (event(source=None), 422),
        (event(occurred_at="2026-02-30T00:00:00Z"), 422),
        (event(occurred_at="2026-03-04T12:00:01+08:00"), 422),
        (event(properties=[]), 422),
        (event(properties={"a": "\x00"}), 422),
        (event(properties={"a\x00": 1}), 422),
        (event(properties={"a": ["\ud800"]}), 422),
        (event(properties={"n": 2**70}), 422),
        (event(properties={str(n): n for n in range(101)}), 422),
        (event(properties=nested(40)), 400),
        (event(member={"external_id": "c-\x00"}), 422),
        (event(extra=1), 422),
    ],
    ids=lambda value: str(value)[:60],
)
def test_what_cannot_be_true_is_refused(shop: Shop, join: Any, body: dict[str, Any], status: int) -> None:
    """Refused at its field, nothing stored."""
    join("ann")
    answer = shop.post("/events", body)
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert not ShopEvent.objects.exists()


def test_numbers_in_properties_are_kept(shop: Shop, join: Any) -> None:
    """What JSON can hold is held; what overflows is refused, not turned into infinity."""
    join("ann")
    text = json.dumps(event("e1", properties={"x": 0})).replace(
        '"x": 0', '"x": 12.50, "y": [1e3, -0.0, 9007199254740993]'
    )
    assert shop.send("POST", "/events", text, Idempotency_Key="k1").status_code == 200
    assert ShopEvent.objects.get().properties == {"x": 12.5, "y": [1000.0, -0.0, 9007199254740993]}
    for number in ("1e400", "-1e309", "1e99999999999999999999"):
        bad = json.dumps(event("e2", properties={"x": 0})).replace('"x": 0', f'"x": {number}')
        assert shop.send("POST", "/events", bad, Idempotency_Key=number).status_code in (400, 422), number
    assert ShopEvent.objects.count() == 1
