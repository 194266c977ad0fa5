"""A quote of a cart of twenty lines with twelve coupons beside an empty call with a key, on the same web server."""

import datetime as dt
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bench.measure import Result, say
from benefits import actions as benefits_actions
from kit import api_keys, clock
from members.actions import NewMember
from members.rules import email_identity
from membership_site.flows import member_joined, starter

LINES, COUPONS = 20, 12
CALLS, ROUNDS = 40, 5
GOAL = 4.0
"""Beside the key a quote asks for tiers, benefits, coupons, points and policy, weighs what may be combined, and plans
what the cart would earn."""

EMPTY = "/api/v1/members?email=nobody%40example.com"


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will start a web server on the bench's database and yield the bench of a quote, if it is wanted."""
    if not wanted("quote"):
        return
    at = clock.now()
    key, body = _prepared(at)
    with _server() as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        said = _call(connection, key, "POST", "/api/v1/checkout/quotes", body)
        seen = len(said["applied"]) + len(said["rejected"])
        if seen < COUPONS:
            raise RuntimeError(f"{seen} offers were considered, not {COUPONS}.")
        empty, quote = [], []
        for _ in range(ROUNDS):
            empty.append(_seconds(lambda: _call(connection, key, "GET", EMPTY)))
            quote.append(_seconds(lambda: _call(connection, key, "POST", "/api/v1/checkout/quotes", body)))
    say(f"  quote: {min(quote) * 1000:.1f} ms, an empty call {min(empty) * 1000:.1f} ms")
    yield Result("quote", min(quote), min(empty), GOAL)


def _prepared(at: dt.datetime) -> tuple[str, str]:
    """Will make a member with twelve coupons that may be used together in part, and the body of his quote."""
    starter.load(at=at, actor="bench")
    run = at.strftime("%H%M%S%f")
    new = NewMember(identities=[email_identity(f"quote-{run}@example.com")], name="Quote")
    member = member_joined.register(new=new, at=at, actor="bench")
    for number in range(COUPONS):
        percent = {"kind": "percent", "percent": str(5 + number), "scope": {"categories": [f"c{number % 4}"]}}
        amount = {"kind": "amount", "amount": str(3 + number), "minimum": "50"}
        terms = {
            **(percent if number % 2 else amount),
            "group": f"g{number % 5}",
            "validity": {"kind": "days", "days": 30},
        }
        code = f"bench-{run}-{number}"
        benefits_actions.publish_first_coupon(code=code, names={"en": code}, terms=terms, at=at, actor="bench")
        benefits_actions.issue(member_id=member.id, definition=code, source_key=code, at=at, actor="bench")
    lines = [
        {
            "line_id": str(place),
            "sku": f"sku-{place}",
            "category": f"c{place % 5}",
            "quantity": 1 + place % 3,
            "unit_price": f"{place * 7}.95",
        }
        for place in range(1, LINES + 1)
    ]
    cart = {"currency": "CNY", "lines": lines, "shipping": "8.00"}
    body = json.dumps({"member": {"number": member.number}, "cart": cart, "points": "max"})
    return api_keys.create(name=f"bench {run}", scopes=["all"], at=at, actor="bench"), body


@contextmanager
def _server() -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", "membership_site.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "1", "--worker-class", "gthread", "--keep-alive", "60"]
    process = subprocess.Popen(command, env=os.environ | {"ALLOWED_HOSTS": "127.0.0.1"}, stderr=subprocess.DEVNULL)
    try:
        _wait(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _wait(port: int, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        with socket.socket() as knock:
            if knock.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("The web server did not come up.")


def _call(connection: http.client.HTTPConnection, key: str, method: str, path: str, body: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection.request(method, path, body or None, headers)
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        raise RuntimeError(f"{method} {path} is answered {response.status}: {text[:300]!r}")
    return json.loads(text)


def _seconds(call: Callable[[], object]) -> float:
    """The mean of some calls, one after the other."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS
