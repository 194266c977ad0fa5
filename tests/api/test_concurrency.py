"""Many machines at once: one booking, one member, one answer; and nothing falls between two calls that cross."""

import http.client
import json
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse

from kit import api_keys
from kit.models import IdempotentCall
from members.models import Member
from membership_site.flows import event_received, order_paid, starter
from orders.models import Order, Refund, ShopEvent
from points.models import Balance, Entry
from tests.api.conftest import Shop, event, line, order, refund
from tests.conftest import NOON

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


@pytest.fixture
def shops(transactional_db: None, time_machine: Any) -> list[Shop]:
    """As many machines as threads, with one key."""
    time_machine.move_to(NOON)
    starter.load(at=NOON, actor="test")
    key = api_keys.create(name="shop", scopes=["all"], at=NOON, actor="test")
    return [Shop(key) for _ in range(THREADS)]


def at_once(calls: Sequence[Callable[[], HttpResponse]]) -> list[HttpResponse]:
    """Will run calls in threads of their own that start together, and return their answers."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], HttpResponse]) -> HttpResponse:
        gate.wait()
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def statuses(answers: Sequence[HttpResponse]) -> Counter[int]:
    """Will count the answers by status."""
    return Counter(answer.status_code for answer in answers)


def test_one_order_from_everywhere_is_booked_once(shops: list[Shop]) -> None:
    """One 201, else 200, all with the same answer."""
    shops[0].post("/members", {"external_id": "c-ann", "source": "web"})
    answers = at_once([lambda shop=shop: shop.put("/orders/web/1", order()) for shop in shops])
    assert statuses(answers) == {201: 1, 200: THREADS - 1}
    assert len({answer.content for answer in answers}) == 1
    assert Entry.objects.filter(source_key="order:web:1:line:1").count() == 2
    assert Balance.objects.get(wallet="points").pending == 100


def test_one_person_joins_once(shops: list[Shop]) -> None:
    """One 201, else 409 with the same number."""
    body = {"email": "ann@example.com"}
    answers = at_once([lambda shop=shop: shop.post("/members", body) for shop in shops])
    # Each shop's keys count from 1, so that they share one Idempotency-Key: the same answer, or "still running".
    assert set(statuses(answers)) <= {201, 409}
    same = {answer.content for answer in answers if answer.status_code == 201}
    assert len(same) == 1
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {"idempotency_key_running"}
    again = at_once(
        [lambda shop=shop, n=n: shop.post("/members", body, Idempotency_Key=f"own-{n}") for n, shop in enumerate(shops)]
    )
    number = Member.objects.get().number
    assert statuses(again) == {409: THREADS}
    assert {answer.json()["number"] for answer in again} == {number}


def test_one_person_joins_once_under_many_keys(shops: list[Shop]) -> None:
    """One 201, else 409 with his number."""
    answers = at_once(
        [
            lambda shop=shop, n=n: shop.post("/members", {"phone": "+8613800138000"}, Idempotency_Key=f"own-{n}")
            for n, shop in enumerate(shops)
        ]
    )
    assert statuses(answers) == {201: 1, 409: THREADS - 1}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Balance.objects.get(wallet="points").available == 100
    assert IdempotentCall.objects.count() == 1


def test_one_event_is_booked_once(shops: list[Shop]) -> None:
    """Whatever its Idempotency-Keys are."""
    shops[0].post("/members", {"external_id": "c-ann", "source": "web"}, Idempotency_Key="join")
    answers = at_once(
        [lambda shop=shop, n=n: shop.post("/events", event(), Idempotency_Key=f"k{n}") for n, shop in enumerate(shops)]
    )
    assert statuses(answers) == {200: THREADS}
    assert len({answer.content for answer in answers}) == 1
    assert Balance.objects.get(wallet="points").available == 120


def test_refunds_in_pieces_at_once_take_back_no_more_than_was_earned(shops: list[Shop]) -> None:
    """Sixteen returns of one unit each of an order of ten."""
    shops[0].post("/members", {"external_id": "c-ann", "source": "web"})
    shops[0].put("/orders/web/1", order(line("1", "9.99", 10)))
    answers = at_once(
        [
            lambda shop=shop, n=n: shop.put(f"/orders/web/1/refunds/R{n}", refund(("1", 1)))
            for n, shop in enumerate(shops)
        ]
    )
    assert statuses(answers) == {200: THREADS}
    assert sum(answer.json()["reversed"] for answer in answers) == 99
    assert Balance.objects.get(wallet="points").pending == 0


def test_the_first_deeds_of_somebody_imported_meet(shops: list[Shop]) -> None:
    """He enters the programme once, whichever of his orders comes first."""
    member = Member.objects.create(number="M100000990")
    answers = at_once(
        [
            lambda shop=shop, n=n: shop.put(f"/orders/web/{n}", order(member={"number": member.number}))
            for n, shop in enumerate(shops)
        ]
    )
    assert statuses(answers) == {201: THREADS}
    assert Entry.objects.filter(wallet="points", member=member).count() == THREADS


def held_up(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> tuple[threading.Event, threading.Event]:
    """Will make a flow stop at its end, before its transaction does: (it is there, let it go)."""
    there, go = threading.Event(), threading.Event()
    real = getattr(module, name)

    def slow(*args: Any, **kwargs: Any) -> Any:
        answer = real(*args, **kwargs)
        there.set()
        go.wait(10)
        return answer

    monkeypatch.setattr(module, name, slow)
    return there, go


@pytest.mark.parametrize("what", ["order", "event"])
def test_what_is_parked_while_its_member_joins_is_not_forgotten(
    shops: list[Shop], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """The shop's two webhooks cross: the one parks before the other's member can be seen."""
    module = order_paid if what == "order" else event_received
    there, go = held_up(monkeypatch, module, "answer_of")

    def park() -> HttpResponse:
        if what == "order":
            return shops[0].put("/orders/web/1", order())
        return shops[0].post("/events", event(), Idempotency_Key="e")

    def join() -> HttpResponse:
        there.wait(10)
        threading.Timer(0.3, go.set).start()
        return shops[1].post("/members", {"external_id": "c-ann", "source": "web"}, Idempotency_Key="m")

    parked, joined = at_once([park, join])
    assert (parked.status_code, joined.status_code) == (202, 201)
    assert not Order.objects.filter(member=None).exists()
    assert not ShopEvent.objects.filter(member=None).exists()
    balance = Balance.objects.get(wallet="points")
    assert balance.available + balance.pending == (200 if what == "order" else 120)


def test_a_refund_that_crosses_its_order_is_not_forgotten(shops: list[Shop], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second sees the first."""
    shops[0].post("/members", {"external_id": "c-ann", "source": "web"})
    there, go = held_up(monkeypatch, order_paid, "answer_of")

    def give_back() -> HttpResponse:
        there.wait(10)
        threading.Timer(0.3, go.set).start()
        return shops[1].put("/orders/web/1/refunds/R1", refund())

    stated, returned = at_once([lambda: shops[0].put("/orders/web/1", order()), give_back])
    assert (stated.status_code, returned.status_code) == (201, 200)
    assert not Refund.objects.filter(booked_at=None).exists()
    assert Balance.objects.get(wallet="points").pending == 0


def test_who_sends_too_much_gets_to_read_why(shops: list[Shop], live_server: Any) -> None:
    """The answer waits until the body has been sent; a connection that breaks tells nobody anything."""
    host = live_server.url.partition("//")[2]
    for headers, status in (({"Authorization": f"Bearer {shops[0].key}"}, 413), ({}, 401)):
        line_out = http.client.HTTPConnection(host, timeout=20)
        headers |= {"Content-Type": "application/json"}
        line_out.request("PUT", "/api/v1/orders/web/1", b" " * 10 * 1024 * 1024, headers)
        answer = line_out.getresponse()
        assert (answer.status, json.loads(answer.read())["status"]) == (status, status)
        line_out.close()


def test_a_call_that_is_still_running_is_said_to_be(shops: list[Shop]) -> None:
    """409 while the first call's transaction holds the claim; the first answer afterwards."""
    body = json.dumps({"email": "ann@example.com"})
    shops[0].send("POST", "/members", body, Idempotency_Key="k")
    first = IdempotentCall.objects.get()
    IdempotentCall.objects.update(status=None, answer=None)

    def while_it_runs() -> HttpResponse:
        return shops[1].send("POST", "/members", body, Idempotency_Key="k")

    with transaction.atomic():
        IdempotentCall.objects.select_for_update().get()
        running = at_once([while_it_runs])[0]
        assert (running.status_code, running.json()["code"]) == (409, "idempotency_key_running")
        IdempotentCall.objects.update(status=first.status, answer=first.answer)
    again = while_it_runs()
    assert (again.status_code, again.content.decode()) == (201, first.answer)
