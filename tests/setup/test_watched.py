"""What those who run the site are told: log lines that say whose they are, and metrics that say what waits."""

import datetime as dt
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from kit import api_keys, counters, logs
from kit.models import JobRun
from members import actions as members_actions
from membership_site import celery
from membership_site.flows import tasks
from tests.conftest import NOON, enrol

pytestmark = pytest.mark.django_db

TOKEN = "watch-me-" + "x" * 24


@pytest.fixture(autouse=True)
def plain(settings: Any) -> None:
    """Static files need not be collected, passwords not be strong."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the site logs meanwhile, as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(logs.Stamp())
    handler.setFormatter(logs.Json())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


@pytest.fixture
def no_counts() -> None:
    """Nothing is counted yet."""
    counters.flush()
    counters._client().delete(counters.KEY)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def metrics(client: Client) -> dict[tuple[str, ...], float]:
    """Will read the page as Prometheus would, by name and labels."""
    text = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).content.decode()
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


# ---- whose a line is


def test_an_answer_says_its_id_and_lines_of_the_request_bear_it(client: Client, written: io.StringIO) -> None:
    answer = client.get("/api/v1/members/none", headers={"Authorization": "Bearer wrong"})
    assert logs.is_id(answer["X-Request-ID"])
    assert {line["id"] for line in lines(written)} == {answer["X-Request-ID"]}


def test_an_id_of_a_proxy_is_kept_only_where_there_is_one(client: Client, settings: Any) -> None:
    given = {"X-Request-ID": "proxy-0123456789"}
    assert client.get("/healthz", headers=given)["X-Request-ID"] != given["X-Request-ID"]
    settings.PROXY_COUNT = 1
    assert client.get("/healthz", headers=given)["X-Request-ID"] == given["X-Request-ID"]
    for odd in ("a b c d e f g h", "short", "x" * 65, '{"level": "fake"}'):
        assert client.get("/healthz", headers={"X-Request-ID": odd})["X-Request-ID"] != odd


def test_a_task_bears_the_id_of_the_request_that_set_it_going(written: io.StringIO) -> None:
    headers: dict[str, Any] = {}
    token = logs.WORKED_ON.set("request-1")
    celery._pass_on(headers)
    logs.WORKED_ON.reset(token)
    tasks.keep_messages.push_request(id="0123456789abcdef", **headers)  # type: ignore[call-arg]
    try:
        celery._begin("0123456789abcdef", tasks.keep_messages)
        logging.getLogger("trial").warning("inside")
        celery._end("0123456789abcdef")
        logging.getLogger("trial").warning("outside")
    finally:
        tasks.keep_messages.pop_request()
    inside, outside = lines(written)
    assert inside["id"] == "request-1/messaging.keep:01234567"
    assert outside["id"] != inside["id"]


def test_a_line_is_one_object_whatever_is_in_it(written: io.StringIO) -> None:
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("trial").exception("it %s\nfailed", "sadly", extra={"step": "expiry", "request": object()})
    [line] = lines(written)
    assert line["message"] == "it sadly\nfailed"
    assert (line["level"], line["logger"], line["step"]) == ("ERROR", "trial", "expiry")
    assert "request" not in line
    assert "ValueError: first" in line["traceback"]
    dt.datetime.fromisoformat(line["time"])


def test_no_line_holds_a_secret(client: Client, written: io.StringIO, programme: None) -> None:
    """Whatever is typed at the doors, what opens them stands in no line, nor does whose it is."""
    logging.getLogger().setLevel(logging.DEBUG)
    enrol("ann")
    key = api_keys.create(name="shop", scopes=["members:write"], at=NOON, actor="test")
    body = {"email": "secret-person@example.com", "phone": "nonsense", "name": "Secret Person"}
    bearer = {"Authorization": f"Bearer {key}", "Idempotency-Key": "1"}
    client.post("/api/v1/members", body, content_type="application/json", headers=bearer)
    client.get("/api/v1/members?email=secret-person@example.com", headers=bearer)
    for path in ("/login/", "/console/login/"):
        client.post(path, {"email": "ann@example.com", "login": "ann@example.com", "password": "s3cret-password"})
    said = written.getvalue()
    assert "Unprocessable" in said
    for secret in (key, key.partition("_")[2], "secret-person", "Secret Person", "s3cret-password", "ann@example.com"):
        assert secret not in said, secret


def test_log_ins_stand_in_the_log(client: Client, written: io.StringIO, join: Any) -> None:
    """Who came in by which door, and whom nobody let in, by the number of the log-in alone."""
    member = join("ann")
    account = members_actions.open_member_account(
        member_id=member.id, email="ann@example.com", password="a-long-password", at=NOON, actor="test"
    )
    for password in ("wrong-password", "a-long-password"):
        client.post("/login/", {"login": "ann@example.com", "email": "ann@example.com", "password": password})
    Client().post("/login/", {"login": "eve@example.com", "email": "eve@example.com", "password": "wrong-password"})
    said = [line["message"] for line in lines(written) if line["logger"] == "membership_site.entering"]
    assert said == [
        f"log-in refused: account {account.pk}",
        f"entered: account {account.pk} by the door portal",
        "log-in refused: nobody is known by what was typed",
    ]


def test_pages_of_whoever_is_inside_are_kept_nowhere(client: Client, join: Any) -> None:
    """Going back after leaving shows nothing; what is everybody's may be kept."""
    assert "no-store" not in client.get("/programme/").get("Cache-Control", "")
    account = members_actions.open_member_account(
        member_id=join("ann").id, email="ann@example.com", password="a-long-password", at=NOON, actor="test"
    )
    client.force_login(account, backend="membership_site.entering.Backend")
    for path in ("/", "/points/", "/programme/"):
        assert "no-store" in client.get(path)["Cache-Control"], path


# ---- what waits


def test_there_are_no_metrics_without_a_token(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer other"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.usefixtures("no_counts")
def test_metrics_say_how_the_doors_answer(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    for _ in range(3):
        client.get("/api/v1/members/none", headers={"Authorization": "Bearer wrong"})
    client.get("/healthz")
    found = metrics(client)
    assert found["membership_requests_total", "api", "4xx"] == 3
    assert found["membership_requests_total", "health", "2xx"] == 1
    assert found["membership_api_refusals_total", "unauthorized"] == 3
    assert found["membership_request_seconds_count", "api"] == 3
    assert found["membership_request_seconds_bucket", "api", "+Inf"] == 3


@pytest.mark.usefixtures("no_counts")
def test_metrics_say_how_nights_went(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = TOKEN
    night = dt.date(2026, 3, 1)
    for step, state, detail in (("expiry", "done", {}), ("proof", "failed", {"violations": 2})):
        JobRun.objects.create(
            step=step, business_date=night, state=state, detail=detail, started_at=NOON,
            finished_at=NOON + dt.timedelta(seconds=40),
        )  # fmt: skip
    found = metrics(client)
    assert found["membership_step_seconds", "expiry"] == 40
    assert found["membership_step_state", "done", "expiry"] == 1
    assert found["membership_step_state", "failed", "proof"] == 1
    assert found["membership_step_days_behind", "proof"] == found["membership_step_days_behind", "expiry"] + 1
    assert found["membership_proof_violations",] == 2
    assert ("membership_tasks_waiting",) in found


@pytest.mark.usefixtures("no_counts")
def test_counts_of_several_processes_are_one_sum() -> None:
    counters.add("refusals", "a")
    counters.flush()
    counters.add("refusals", "a", amount=2)
    assert counters.read()["refusals", "a"] == 3


@pytest.mark.usefixtures("no_counts")
def test_counts_wait_while_the_cache_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cache is a real one at a port where nobody listens."""
    import redis

    here = counters._client
    monkeypatch.setattr(counters, "_client", lambda: redis.Redis(port=1))
    counters.add("refusals", "b")
    counters.flush()
    monkeypatch.setattr(counters, "_client", here)
    assert counters.read()["refusals", "b"] == 1


def test_a_plain_line_stays_one_line() -> None:
    """Whatever somebody typed: it cannot look like a line of ours. A traceback has lines of its own."""
    line = logs.Lines("%(levelname)s %(message)s")
    record = logging.LogRecord("x", logging.INFO, "", 1, "typed %s", ("a\r\nERROR b\x1b[31m\u2028",), None)
    assert line.format(record) == r"INFO typed a\r\nERROR b\x1b[31m\u2028"
