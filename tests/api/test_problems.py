"""Every error of the api is a problem: whatever is sent, no HTML and no fault."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError

from kit import api_keys
from kit.models import ApiKey, AuditRow
from membership_site.api.problems import CODES
from orders.models import Order
from tests.api.conftest import Shop, event, order
from tests.conftest import NOON

pytestmark = pytest.mark.django_db


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """Will check that an answer is this problem and return it."""
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= set(said)
    assert (said["status"], said["code"]) == (status, code), said
    assert said["code"] in CODES and CODES[said["code"]][0] == status
    assert said["type"] == f"/api/v1/docs#{code}"
    return said


# ---- addresses and methods


@pytest.mark.parametrize("path", ["", "/", "/x", "/members/", "/members/a/b", "/orders/web", "/orders/web/", "/docs/"])
def test_an_unknown_address_is_a_problem(shop: Shop, path: str) -> None:
    """404 for every method, with or without a key, in English or Chinese."""
    for method in ("GET", "POST", "PUT", "DELETE"):
        if path:
            problem(shop.send(method, path, Authorization=""), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "offered"),
    [("DELETE", "/members", {"GET", "POST"}), ("POST", "/members/M1", {"GET"}), ("GET", "/events", {"POST"}),
     ("POST", "/orders/web/1", {"PUT"}), ("PATCH", "/orders/web/1/refunds/1", {"PUT"}),
     ("POST", "/docs", {"GET", "HEAD"}), ("OPTIONS", "/events", {"POST"})],
)  # fmt: skip
def test_a_method_that_is_not_offered_is_a_problem(shop: Shop, method: str, path: str, offered: set[str]) -> None:
    """405 with what is offered."""
    answer = shop.send(method, path)
    problem(answer, 405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == offered


def test_head_is_answered_like_get(shop: Shop) -> None:
    """Without its body."""
    answer = shop.send("HEAD", "/members?email=a@b.cd")
    assert (answer.status_code, answer.content) == (200, b"")


# ---- keys


def test_without_a_key_in_force_nothing_is_shown(shop: Shop, key: str) -> None:
    """401 for no key, a wrong one, another scheme, a revoked one."""
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    for header in ("", "Bearer", "Bearer ", f"Bearer {wrong}", f"Basic {key}", key, "Bearer 钥匙", f"Bearer {key}\x00",
                   "Bearer mk_000000000_" + "0" * 40):  # fmt: skip
        answer = shop.get("/members?email=a@b.cd", Authorization=header)
        problem(answer, 401, "unauthorized")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    assert shop.get("/members?email=a@b.cd", Authorization=f"bearer {key}").status_code == 200
    api_keys.revoke(name="shop 1", at=NOON, actor="test")
    problem(shop.get("/members?email=a@b.cd"), 401, "unauthorized")


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [("members:read", "GET", "/members/M1"), ("members:read", "GET", "/members?email=a@b.cd"),
     ("members:write", "POST", "/members"), ("statement:read", "GET", "/members/M1/statement"),
     ("orders:write", "PUT", "/orders/web/1"), ("orders:write", "PUT", "/orders/web/1/refunds/R1"),
     ("events:write", "POST", "/events")],
)  # fmt: skip
def test_each_call_needs_its_scope(
    shop: Shop, make_key: Callable[..., str], scope: str, method: str, path: str
) -> None:
    """403 naming it with all other scopes; past the door with it."""
    others = [one for one in api_keys.SCOPES if one != scope]
    said = problem(shop.send(method, path, "{}", Authorization=f"Bearer {make_key(*others)}"), 403, "forbidden")
    assert scope in said["detail"]
    assert shop.send(method, path, "{}", Authorization=f"Bearer {make_key(scope)}").status_code not in (401, 403)


def test_a_key_is_shown_once_and_only_its_hash_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """The command prints the key alone; audit row without it; the key opens."""
    call_command("create_api_key", "till 3", "--scopes", "orders:write, events:write")
    key = capsys.readouterr().out.strip()
    row = ApiKey.objects.get()
    assert row.scopes == ["orders:write", "events:write"]
    assert api_keys.find(key) == row
    assert key.startswith(row.prefix) and key.encode() not in bytes(row.digest)
    audit = AuditRow.objects.get()
    assert (audit.deed, audit.actor) == ("create_api_key", "command:create_api_key")
    assert key not in str(vars(audit))
    api_keys.revoke(name="till 3", at=NOON, actor="test")
    api_keys.revoke(name="till 3", at=NOON, actor="test")
    assert AuditRow.objects.filter(deed="revoke_api_key").count() == 1
    assert api_keys.find(key) is None
    with pytest.raises(api_keys.UnknownKey):
        api_keys.revoke(name="till 4", at=NOON, actor="test")


@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [("a", "orders:read", "members:read, members:write"), ("a", "all,x", "x is no scope"),
     ("a", " , ", "needs a scope"),
     (" ", "all", "1 to 60"), ("x" * 61, "all", "1 to 60"), ("a\nb", "all", "1 to 60"), ("taken", "all", "already")],
)  # fmt: skip
def test_a_key_that_cannot_be_made_is_refused(name: str, scopes: str, said: str) -> None:
    """With the list of scopes; no key is made."""
    api_keys.create(name="taken", scopes=["all"], at=NOON, actor="test")
    with pytest.raises(CommandError, match=said):
        call_command("create_api_key", name, "--scopes", scopes)
    assert ApiKey.objects.count() == 1


# ---- bodies


def body_with(text: str) -> bytes:
    """Will return an order's body with a text put in as it is, in place of its status."""
    return json.dumps(order(status="@")).replace('"@"', text).encode()


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad_json"),
        (b"{", 400, "bad_json"),
        (b"{}{}", 400, "bad_json"),
        (b"\xff\xfe", 400, "encoding"),
        (b'{"status": "\xc3\x28"}', 400, "encoding"),
        (json.dumps(order()).encode("utf-16"), 400, "encoding"),
        (b"\xef\xbb\xbf{}", 400, "bad_json"),
        (body_with("NaN"), 400, "bad_json"),
        (body_with("Infinity"), 400, "bad_json"),
        (body_with("-Infinity"), 400, "bad_json"),
        (body_with("01"), 400, "bad_json"),
        (body_with("1e999999999"), 400, "bad_json"),
        (body_with("1" * 5000), 400, "bad_json"),
        (body_with('"a", "status": "paid"'), 400, "bad_json"),
        (body_with("'paid'"), 400, "bad_json"),
        (body_with("[" * 100_000), 400, "too_deep"),
        (body_with("[" * 100_000 + "]" * 100_000), 400, "too_deep"),
        (body_with("[" * 40 + "]" * 40), 400, "too_deep"),
        (body_with("[" * 32 + "]" * 32), 400, "too_deep"),
        (body_with('{"a":' * 500 + "1" + "}" * 500), 400, "too_deep"),
        (body_with('"\\u0000"'), 422, "characters"),
        (body_with('"\\ud800"'), 422, "characters"),
        (b" " * (6 * 1024 * 1024), 413, "too_large"),
        (b"[" + b"0," * (5 * 1024 * 1024) + b"0]", 413, "too_large"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_body_that_cannot_be_read_is_a_problem(shop: Shop, join: Any, body: bytes, status: int, code: str) -> None:
    """Nothing is stored."""
    join("ann")
    problem(shop.send("PUT", "/orders/web/1", body), status, code)
    problem(shop.send("POST", "/events", body, Idempotency_Key="k"), status, code)
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/json"]
)
def test_a_body_that_is_not_sent_as_json_is_a_problem(shop: Shop, join: Any, kind: str) -> None:
    """415; a charset beside application/json is fine."""
    join("ann")
    problem(shop.put("/orders/web/1", order(), Content_Type=kind), 415, "media_type")
    assert shop.put("/orders/web/1", order(), Content_Type="application/json; charset=utf-8").status_code == 201


def test_a_body_in_chunks_is_told_so(shop: Shop) -> None:
    """411: it arrives empty, which it is not."""
    answer = shop.send("PUT", "/orders/web/1", b"", Transfer_Encoding="chunked")
    problem(answer, 411, "length_required")


# ---- faults


def test_a_fault_of_ours_has_a_number_that_stands_in_the_log(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 as a problem without a word of what broke."""

    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("a secret")

    monkeypatch.setattr("membership_site.flows.event_received.take_event", broken)
    said = problem(shop.post("/events", event()), 500, "fault")
    assert "secret" not in str(said)
    assert said["detail"].rpartition(" ")[2].rstrip(".") in caplog.text


@pytest.mark.parametrize(("error", "status"), [(OperationalError("gone"), 503), (DatabaseError("odd"), 500)])
def test_a_database_that_does_not_answer_is_a_problem(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    """503 with when to try again."""

    def broken(*args: Any, **kwargs: Any) -> None:
        raise error

    monkeypatch.setattr("membership_site.flows.event_received.take_event", broken)
    answer = shop.post("/events", event())
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"


def test_without_a_programme_the_api_is_not_ready(key: str) -> None:
    """503: the starter has not been loaded."""
    answer = Shop(key).post("/members", {"email": "a@b.cd"})
    problem(answer, 503, "not_ready")


def test_members_names_stay_out_of_problems_of_addresses(shop: Shop) -> None:
    """What was sent is not echoed where it could be markup."""
    answer = shop.get("/<script>alert(1)</script>")
    assert b"<script>" not in answer.content
