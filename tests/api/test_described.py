"""The OpenAPI document against the api itself: generated calls get no fault and no answer that is not described."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from membership_site.api.schemas.openapi import document
from orders.models import Order
from points.models import Balance, Entry
from tests.api.conftest import Shop, event, line, order, refund

pytestmark = pytest.mark.django_db

CALLS = [(path, method.upper()) for path, methods in document()["paths"].items() for method in methods]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A real WSGI application gives its connection back after each call; ours holds the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_every_call_of_the_contract_is_described(shop: Shop) -> None:
    """The document is served, and names the calls, their scopes and the header of POSTs."""
    served = shop.get("/openapi.json", Authorization="").json()
    assert served == json.loads(json.dumps(document()))
    assert {(path.removeprefix("/api/v1"), method) for path, method in CALLS} == {
        ("/members", "POST"), ("/members", "GET"), ("/members/{number}", "GET"), ("/members/{number}/statement", "GET"),
        ("/members/{number}/entitlements", "GET"),
        ("/orders/{source}/{order_id}", "PUT"), ("/orders/{source}/{order_id}/refunds/{refund_id}", "PUT"),
        ("/events", "POST"),
        ("/checkout/quotes", "POST"), ("/checkout/reservations", "POST"),
        ("/checkout/reservations/{reservation}", "DELETE"), ("/checkout/reservations/{reservation}/confirm", "POST"),
        ("/checkout/reservations/{reservation}/extend", "POST"),
        ("/rewards", "GET"), ("/redemptions", "POST"),
        ("/redemptions/{redemption_id}/cancel", "POST"),
        ("/messages/events", "POST"),
    }  # fmt: skip
    for path, method in CALLS:
        operation = served["paths"][path][method.lower()]
        assert operation["x-scope"] and operation["security"] == [{"Bearer": []}]
        keys = [one["required"] for one in operation.get("parameters", []) if one["name"] == "Idempotency-Key"]
        asked = "GET" if operation.get("x-only-reads") else method
        assert keys == {"GET": [], "PUT": [False], "DELETE": [False], "POST": [True]}[asked]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize(("path", "method"), CALLS, ids=lambda value: value)
def test_generated_calls_are_answered_as_described(
    shop: Shop, join: Any, one_connection: None, path: str, method: str, mode: GenerationMode
) -> None:
    """A bounded number of seeded examples: bodies and parameters that fit the document, and that do not."""
    join("ann")
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())

    @BOUNDED
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def call(case: Any) -> None:
        response = case.call(headers={"Authorization": f"Bearer {shop.key}", "Accept-Encoding": "identity"})
        case.validate_response(response, checks=CHECKS)

    call()


# ---- true bodies with one thing changed


ODD: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 1, 2**31, 2**63, 10**25, 0.1, -0.5, 1e300, "", " ", "\x00", "\u2028",
                     "\ud800", "x" * 129, "x" * 5000, "积分", "1e5", "-0", "0.00", "120.50", "NaN",
                     "2026-02-30T00:00:00Z", "2026-03-03T12:00:00+08:00", "0001-01-01T00:00:00Z",
                     "9999-12-31T23:59:59Z",
                     [], {}, [[]], [None], {"": ""}, {"number": "M1"}]),
    st.text(max_size=40),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
)  # fmt: skip


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Will list the ways to everything inside a value."""
    inside: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        inside = list(value.items())
    elif isinstance(value, list):
        inside = list(enumerate(value))
    return [one for key, inner in inside for one in [(*path, key), *places(inner, (*path, key))]]


def changed(value: Any, path: tuple[Any, ...], odd: Any) -> Any:
    """Will return a copy of a value with something else at one place."""
    copied = copy.deepcopy(value)
    inner = copied
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = odd
    return copied


FULL_LINES = (line("1", "10.00", 2, sku="s", name="n", category="c", brand="b", discount="1.00"), line("2", 5))
FULL_ORDER = order(
    *FULL_LINES, updated_at="2026-03-03T12:00:00+08:00", discount="2.00", shipping="1", tax="0.5", points_paid=3
)
MEMBER = {
    "external_id": "c-bob", "source": "web", "email": "bob@example.com", "phone": "+8613800138000", "name": "Bob",
    "birthday": "1990-01-01", "language": "en",
    "consents": [{"channel": "email", "purpose": "marketing", "given": True, "text": "t"}],
}  # fmt: skip
BODIES = {
    "order": ("PUT", "/orders/web/1", FULL_ORDER),
    "refund": ("PUT", "/orders/web/0/refunds/R1", refund(("1", 1), ("2", 1), amount="3.00")),
    "event": ("POST", "/events", event(properties={"photo": True, "deep": {"a": [1, "x"]}})),
    "member": ("POST", "/members", MEMBER),
}


@pytest.mark.parametrize("kind", BODIES)
def test_one_odd_value_anywhere_is_taken_or_refused_whole(shop: Shop, join: Any, kind: str) -> None:
    """Never a fault, never an answer of another shape, and the books stay in balance."""
    ann = join("ann")
    shop.put("/orders/web/0", order(*FULL_LINES))
    method, path, body = BODIES[kind]

    @settings(BOUNDED, max_examples=50)
    @given(place=st.sampled_from(places(body)), odd=ODD)
    def send(place: tuple[Any, ...], odd: Any) -> None:
        text = json.dumps(changed(body, place, odd))
        answer = shop.send(method, path, text, Idempotency_Key=f"k{next(shop.numbers)}")
        assert answer.status_code in (200, 201, 202, 400, 409, 422), answer.content
        assert (answer["Content-Type"] == "application/problem+json") == (answer.status_code >= 400)

    send()
    entries = sum(Entry.objects.filter(member=ann, wallet="points").values_list("points", flat=True))
    balance = Balance.objects.get(member=ann, wallet="points")
    assert entries == balance.available + balance.pending - balance.debt
    assert Order.objects.filter(lines=None).count() == 0


def test_the_page_shows_every_call_and_every_code(shop: Shop, settings: Any) -> None:
    """Server-rendered, without a script of its own, open to everybody, under the site's policy."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    answer = shop.get("/docs", Authorization="")
    page = answer.content.decode()
    assert answer.status_code == 200 and "script-src 'self'" in answer["Content-Security-Policy"]
    for path, _ in CALLS:
        assert f"<code>{path}</code>" in page
    for code in ("identity_taken", "idempotency_key_missing", "currency", "fault"):
        assert f'id="{code}"' in page
    assert "&quot;sms&quot;" in page, "choices are listed"
    assert "lines[].unit_price" in page and "members:write" in page and "c-1001" in page
    assert "style=" not in page and "cdn" not in page
