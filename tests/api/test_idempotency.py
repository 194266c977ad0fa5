"""Idempotency-Key: once done, the first answer again; and what is left behind by calls that died."""

import json
from typing import Any

import pytest

from kit.models import ApiKey, IdempotentCall
from members.models import Member
from membership_site.api import idempotency
from orders.models import Order, Refund
from tests.api.conftest import Shop, event, order, refund

pytestmark = pytest.mark.django_db

ANN = {"email": "ann@example.com"}


def test_a_post_without_a_key_is_refused(shop: Shop) -> None:
    """400, nothing done."""
    answer = shop.send("POST", "/members", json.dumps(ANN))
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")
    for key in ("x" * 256, "密", "a\tb"):
        answer = shop.post("/members", ANN, Idempotency_Key=key)
        assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_bad")
    assert not Member.objects.exists()


def test_the_same_call_gets_the_first_answer_letter_by_letter(shop: Shop) -> None:
    """Though the member has changed since."""
    first = shop.post("/members", ANN, Idempotency_Key="k1")
    shop.post("/events", event(member=ANN))
    again = shop.post("/members", ANN, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert Member.objects.count() == 1


def test_the_same_key_with_other_content_is_refused(shop: Shop, key: str, make_key: Any) -> None:
    """422 for another body, another address; another shop's key is its own."""
    shop.post("/members", ANN, Idempotency_Key="k1")
    for path, body in (("/members", {"email": "bob@example.com"}), ("/events", event(member=ANN))):
        answer = shop.post(path, body, Idempotency_Key="k1")
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Member.objects.count() == 1
    other = Shop(make_key("all"))
    assert other.post("/members", {"email": "bob@example.com"}, Idempotency_Key="k1").status_code == 201


def test_a_refused_call_frees_its_key(shop: Shop) -> None:
    """The mended call may use it: nothing had been done."""
    shop.post("/members", ANN, Idempotency_Key="k1")
    assert shop.post("/members", ANN, Idempotency_Key="k2").status_code == 409
    assert shop.post("/members", {"email": "bob@example.com"}, Idempotency_Key="k2").status_code == 201
    assert shop.post("/members", {}, Idempotency_Key="k3").status_code == 422
    assert set(IdempotentCall.objects.values_list("key", flat=True)) == {"k1", "k2"}


def test_a_call_that_died_before_its_deed_is_taken_over(shop: Shop) -> None:
    """Its claim has neither answer nor lock: whoever calls again does it."""
    body = json.dumps(ANN)
    shop.send("POST", "/members", body, Idempotency_Key="k1")
    IdempotentCall.objects.update(status=None, answer=None)
    answer = shop.send("POST", "/members", json.dumps({"email": "b@example.com"}), Idempotency_Key="k1")
    assert answer.status_code == 422, "the claim keeps the content of the call that died"
    assert shop.send("POST", "/members", body, Idempotency_Key="k1").status_code == 409, "the member is there"
    assert not IdempotentCall.objects.exists()


def test_deed_and_answer_stand_or_fall_together(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies while answering leaves no member; the claim is taken over and the deed done once."""

    def die(*args: Any, **kwargs: Any) -> None:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr("membership_site.api.pages.member_answer", die)
        with pytest.raises(SystemExit):
            shop.post("/members", ANN, Idempotency_Key="k1")
    assert not Member.objects.exists()
    assert IdempotentCall.objects.get().status is None
    assert shop.post("/members", ANN, Idempotency_Key="k1").status_code == 201
    assert Member.objects.count() == 1


def test_a_put_takes_a_key_too(shop: Shop, join: Any) -> None:
    """Without one it is repeated by itself; with one the first answer stands."""
    join("ann")
    first = shop.put("/orders/web/1", order(), Idempotency_Key="k1")
    again = shop.put("/orders/web/1", order(), Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    other = shop.put("/orders/web/1", order(status="cancelled"), Idempotency_Key="k1")
    assert other.json()["code"] == "idempotency_key_reused"
    assert Order.objects.get().status == "paid"
    seen = shop.put("/orders/web/1/refunds/R1?preview=true", refund(), Idempotency_Key="k2")
    assert seen.json()["reversed"] == 100
    assert not Refund.objects.exists(), "a preview rolls back what it tried, and keeps its answer"
    assert IdempotentCall.objects.get(key="k2").status == 200


def test_a_deed_that_loses_its_race_for_ever_is_a_problem(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried a few times, then given up with nothing done."""
    from django.db import IntegrityError

    tries = []

    class Lost(Exception):
        sqlstate = "23505"

    def lose(**kwargs: Any) -> None:
        tries.append(1)
        raise IntegrityError("unique") from Lost()

    monkeypatch.setattr("membership_site.flows.event_received.take_event", lose)
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 0)
    assert shop.post("/events", event(member=ANN)).status_code == 503
    assert len(tries) == idempotency.TRIES
    assert not IdempotentCall.objects.exists()


def test_calls_go_with_their_key(shop: Shop) -> None:
    """A key that is deleted takes its calls along."""
    shop.post("/members", ANN)
    ApiKey.objects.all().delete()
    assert not IdempotentCall.objects.exists()
