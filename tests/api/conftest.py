"""Fixtures of the api's tests: a key of the shop, and a shop that speaks to the api with it."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from kit import api_keys
from tests.conftest import NOON


@dataclass
class Shop:
    """Calls the api as a shop's machine does; `send` takes a body as it is, the others a value."""

    key: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def send(self, method: str, path: str, body: bytes | str = b"", **headers: str) -> Any:
        """Will send bytes; a header is left out by giving it as an empty text."""
        given = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = given.pop("Content-Type")
        given = {name: value for name, value in given.items() if value}
        return self.client.generic(method, f"/api/v1{path}", body, content_type=kind, headers=given)

    def get(self, path: str, **headers: str) -> Any:
        """Will get."""
        return self.send("GET", path, **headers)

    def put(self, path: str, value: Any, **headers: str) -> Any:
        """Will put a value."""
        return self.send("PUT", path, json.dumps(value), **headers)

    def post(self, path: str, value: Any, **headers: str) -> Any:
        """Will post a value, under a new Idempotency-Key where none is given."""
        return self.send("POST", path, json.dumps(value), **{"Idempotency_Key": f"test-{next(self.numbers)}"} | headers)


@pytest.fixture
def make_key(db: None) -> Callable[..., str]:
    """Makes a key: make_key("orders:write")."""
    numbers = itertools.count(1)

    def make(*scopes: str) -> str:
        return api_keys.create(name=f"shop {next(numbers)}", scopes=scopes, at=NOON, actor="test")

    return make


@pytest.fixture
def key(make_key: Callable[..., str]) -> str:
    """A key that may do everything."""
    return make_key("all")


@pytest.fixture
def shop(key: str, programme: None, time_machine: Any) -> Shop:
    """A shop that may do everything, at noon."""
    time_machine.move_to(NOON)
    return Shop(key)


def line(line_id: str = "1", price: Any = "100.00", quantity: Any = 1, **more: Any) -> dict[str, Any]:
    """Will return a line's body."""
    return {"line_id": line_id, "quantity": quantity, "unit_price": price, **more}


def order(*lines: dict[str, Any], member: Any = None, **more: Any) -> dict[str, Any]:
    """Will return an order's body: paid at noon by Ann, one line of 100.00."""
    return {
        "member": member or {"external_id": "c-ann"},
        "placed_at": "2026-03-03T12:00:00+08:00",
        "status": "paid",
        "currency": "CNY",
        "lines": list(lines) or [line()],
        **more,
    }


def refund(*lines: tuple[str, int], **more: Any) -> dict[str, Any]:
    """Will return a refund's body: a unit of line 1 at noon."""
    stated = [{"line_id": line_id, "quantity": quantity} for line_id, quantity in lines or (("1", 1),)]
    return {"refunded_at": "2026-03-03T12:00:00+08:00", "lines": stated, **more}


def event(event_id: str = "e1", **more: Any) -> dict[str, Any]:
    """Will return an event's body: a review of Ann at noon."""
    return {
        "event_id": event_id,
        "source": "web",
        "type": "review",
        "member": {"external_id": "c-ann"},
        "occurred_at": "2026-03-03T12:00:00+08:00",
        "properties": {},
        **more,
    }
