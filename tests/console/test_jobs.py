"""The jobs page: what stopped and why, what runs, every night once, and steps run and approved by hand."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from kombu.exceptions import OperationalError

from kit import clock, locks
from kit import jobs as kit_jobs
from kit.jobs import Night
from kit.models import AuditRow, JobRun
from membership_site.console.pages import jobs
from membership_site.flows import nightly, tasks
from tiers import jobs as tiers_jobs
from tiers.models import Standing

from .conftest import Join, buy, queries_of, text_of

pytestmark = pytest.mark.django_db

JOBS = "/console/jobs/"
MOST_QUERIES = 14
LAST = dt.date(2026, 3, 2)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What was sent to the worker."""
    found: list[tuple[str, str]] = []
    monkeypatch.setattr(tasks.run_step, "delay", lambda *args: found.append(args))
    return found


def run_of(step: str, state: str, date: dt.date = LAST, **fields: Any) -> JobRun:
    """Will write a run of a step."""
    at = dt.datetime(2026, 3, 3, 1, 0, tzinfo=dt.UTC)
    finished = None if state == "running" else at + dt.timedelta(seconds=90)
    return JobRun.objects.create(
        **{"step": step, "state": state, "business_date": date, "started_at": at, "finished_at": finished, **fields}
    )


def test_nights_are_shown_once_with_the_same_queries(enter: Callable[[str], Client], programme: None) -> None:
    """However many there are; the states, rows and seconds of each step."""
    client = enter("auditor")
    run_of("proof", "done", rows=3, detail={"claims": 31, "odd": "x", "violations": 0})
    one, page = queries_of(client, JOBS)
    assert "The books are proved" in page and "claims proved: 31" in page and '<td class="n">90</td>' in page
    for back in range(1, 60):
        for step in ("release_lots", "expire_lots", "recalculate_tiers"):
            run_of(step, "done", LAST - dt.timedelta(days=back), rows=back)
    many, page = queries_of(client, JOBS)
    assert one == many <= MOST_QUERIES
    found: list[str] = []
    while True:
        found += re.findall(r'<details class="night"[^>]*>\s*<summary><b class="md">([^<]+)</b>', page)
        link = re.search(r'rel="next" href="([^"]+)"', page)
        if not link:
            break
        page = client.get(JOBS + link[1]).content.decode()
    assert len(found) == len(set(found)) == 60 and found[0] == "2 Mar 2026"
    assert "Run a step now" not in page


def test_what_failed_says_why_and_can_be_resumed(
    enter: Callable[[str], Client], programme: None, sent: list[tuple[str, str]]
) -> None:
    """Until a later date has made it up; a repeat of what is done is refused with a sentence."""
    run_of("expire_lots", "failed", error="The server <went> away.", rows=31, attempts=2, detail={"sentences": ["a<b"]})
    client = enter("operator")
    page = text_of(client.get(JOBS).content.decode())
    assert "Points expire: failed, 2 Mar 2026" in page and "The server &lt;went&gt; away." in page
    assert "31 rows done" in page and "2 tries" in page and "a&lt;b" in page and "Resume" in page
    answer = client.post(JOBS + "run/", {"step": "expire_lots", "date": "2026-03-02"})
    assert answer.status_code == 302 and answer["Location"].startswith(JOBS + "?asked=")
    row = AuditRow.objects.get()
    assert (row.deed, row.subject, row.becomes) == ("job.requested", "job:expire_lots:2026-03-02", {"dates": 1})
    assert "starts in a moment for 2 Mar 2026" in client.get(answer["Location"]).content.decode()
    JobRun.objects.update(state="done")
    again = client.post(JOBS + "run/", {"step": "expire_lots", "date": "2026-03-02"})
    assert again.status_code == 422 and "is done for that date already" in again.content.decode()
    run_of("proof", "failed", LAST - dt.timedelta(days=1))
    run_of("proof", "done", LAST)
    assert "Needs you" not in client.get(JOBS).content.decode()


def test_the_worker_is_sent_a_step_and_its_date(
    enter: Callable[[str], Client],
    programme: None,
    sent: list[tuple[str, str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Once the audit row is kept; dates missed before are named."""
    run_of("proof", "done", LAST - dt.timedelta(days=1))
    run_of("release_lots", "done", LAST - dt.timedelta(days=4))
    client = enter("admin")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(JOBS + "run/", {"step": "release_lots", "date": "2026-03-02"})
    assert sent == [("release_lots", "2026-03-02")]
    assert "for 4 dates up to 2 Mar 2026" in client.get(answer["Location"]).content.decode()


def test_a_queue_that_cannot_be_reached_is_told(
    enter: Callable[[str], Client],
    programme: None,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    """And is no fault of the page; the callback is run inside the view outside of tests."""
    from django.db import transaction

    def refuse(*_args: str) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.run_step, "delay", refuse)
    monkeypatch.setattr(transaction, "on_commit", lambda call: call())
    client = enter("admin")
    client.post(JOBS + "run/", {"step": "release_lots", "date": "2026-03-02"})
    assert "queue cannot be reached" in client.get(JOBS).content.decode()


def test_a_held_step_is_looked_at_and_approved(
    enter: Callable[[str], Client],
    programme: None,
    sent: list[tuple[str, str]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """With its effect in numbers; a second press approves nothing more."""
    run_of("recalculate_tiers", "held", error="12 members would fall.", detail={"moves": 12, "limit": 3})
    client = enter("operator")
    page = client.get(JOBS).content.decode()
    link = re.search(r'href="(/console/jobs/approve/\?[^"]+)"', page)
    assert link is not None
    question = text_of(client.get(link[1].replace("&amp;", "&")).content.decode())
    assert "may move 12 members. Your name is kept" in question and "Approve 12 moves and run" in question
    data = {"step": "recalculate_tiers", "date": "2026-03-02"}
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(JOBS + "approve/", data).status_code == 302
    assert sent == [("recalculate_tiers", "2026-03-02")]
    assert JobRun.objects.get().detail["approved"]["by"].startswith("staff:")
    assert "approved, not run yet" in client.get(JOBS).content.decode()
    JobRun.objects.update(state="done")
    client.post(JOBS + "approve/", data)
    assert "does not wait for anybody" in client.get(JOBS).content.decode() and len(sent) == 1


def test_an_approved_step_is_really_run(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """The page and the night mean the same by step, date and approval."""
    join("ann", at=noon - dt.timedelta(days=40))
    buy("ann", "A1", "1500", noon - dt.timedelta(days=20))
    assert all(outcome.is_done for outcome in nightly.run(as_of=LAST))
    page = text_of(enter("auditor").get(JOBS).content.decode())
    count = len(nightly.STEPS)
    assert f"{count} of {count} steps done" in page
    for step in nightly.STEPS:
        assert jobs.step_title(step.name) in page and step.name in jobs.STEP_WORDS, step.name


def test_a_run_without_its_lock_was_cut_off(enter: Callable[[str], Client], programme: None) -> None:
    """Only who holds the lock is at work; the other can be resumed."""
    run_of("expire_lots", "running", rows=5, cursor=7)
    client = enter("operator")
    page = text_of(client.get(JOBS).content.decode())
    assert "Points expire: cut off, 2 Mar 2026" in page and "Its worker is gone" in page and "every 4s" not in page
    with locks.alone("job:expire_lots"):
        page = text_of(client.get(JOBS).content.decode())
    assert "cut off" not in page and "<progress" in page and 'hx-trigger="every 4s"' in page


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"step": "drop_tables", "date": "2026-03-02"},
        {"step": "proof", "date": "<b>x"},
        {"step": "proof", "date": "2026-03-03"},
        {"step": "proof", "date": "9999-12-31"},
        {"step": "proof", "date": "0001-01-01"},
        {"step": "\x00", "date": "\x00"},
    ],
)
def test_bad_forms_are_refused_at_the_field(
    enter: Callable[[str], Client], programme: None, sent: list[tuple[str, str]], data: dict[str, str]
) -> None:
    """With what was typed kept, and nothing started."""
    answer = enter("admin").post(JOBS + "run/", data)
    assert answer.status_code == 422 and not sent and not AuditRow.objects.exists()
    assert 'role="alert"' in answer.content.decode() and "<b>x" not in answer.content.decode()
    assert enter("admin").post(JOBS + "approve/", data).status_code == 302
    assert enter("admin").get(JOBS + "approve/", data).status_code == 302


@pytest.mark.parametrize("query", ["before=x", "before=0001-01-01", "before=9999-12-31", "before=%00", "asked=x"])
def test_bad_addresses_are_never_a_fault(enter: Callable[[str], Client], programme: None, query: str) -> None:
    """They show the latest nights."""
    run_of("proof", "done")
    assert enter("auditor").get(f"{JOBS}?{query}").status_code == 200


def test_an_auditor_runs_nothing(enter: Callable[[str], Client], programme: None, sent: list[tuple[str, str]]) -> None:
    """He sees what failed, and no button."""
    run_of("expire_lots", "failed", error="x")
    client = enter("auditor")
    page = client.get(JOBS).content.decode()
    assert "Points expire: failed" in page and "Resume" not in page and "approve" not in page
    for path in ("run/", "approve/"):
        assert client.post(JOBS + path, {"step": "expire_lots", "date": "2026-03-02"}).status_code == 403
    assert not sent


def fallen(join: Join, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch) -> tuple[int, dt.date]:
    """Ann and Bob, whose Silver ended with the last date of grace; the night of that date waits for a person."""
    monkeypatch.setattr(tiers_jobs, "FALLS_UNASKED", 1)
    reached, due = dt.date(2025, 1, 20), dt.date(2026, 2, 19)
    for number, name in enumerate(("ann", "bob")):
        join(name, at=clock.day_start(reached))
        buy(name, name, "1500", clock.day_start(reached) + dt.timedelta(hours=9 + number))
    ends = reached + dt.timedelta(days=365)
    assert kit_jobs.run(nightly.find_step("recalculate_tiers"), Night(ends)).state == "done"
    assert kit_jobs.run(nightly.find_step("recalculate_tiers"), Night(due)).state == "held"
    return 2, due


def test_who_would_fall_is_named_before_anybody_approves(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By where from and where to, by name, and all of them in a file."""
    _members, due = fallen(join, noon, monkeypatch)
    client = enter("operator")
    page = text_of(client.get(f"{JOBS}approve/?step=recalculate_tiers&date={due}").content.decode())
    assert "2 members: Silver to Member" in page and "Ann" in page and "Bob" in page
    lines = client.get(JOBS + "falls.csv").content.decode("utf-8-sig").splitlines()
    assert lines[0] == "date,number,from,to,spend,orders,growth" and len(lines) == 3
    assert lines[1].startswith("2026-02-19,M") and ",silver,member," in lines[1]
    assert enter("auditor").get(JOBS + "falls.csv").status_code == 403


def test_a_night_is_undone_with_a_reason_and_once(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page says who goes back before anybody does; bad input is refused at the field and changes nothing."""
    _members, due = fallen(join, noon, monkeypatch)
    step = nightly.find_step("recalculate_tiers")
    kit_jobs.approve(step=step.name, date=due, at=noon, actor="staff:1")
    assert kit_jobs.run(step, Night(due)).detail["downgrade"] == 2
    client = enter("operator")
    link = f"{JOBS}undo/?date={due}"
    assert link in client.get(JOBS).content.decode()
    page = client.get(link).content.decode()
    assert "2 members: Member back to Silver" in text_of(page) and "Put 2 members back" in text_of(page)
    assert set(Standing.objects.values_list("rank", flat=True)) == {0}
    key = re.search(r'name="form_key" value="([^"]+)"', page)[1]
    sent = {"date": str(due), "form_key": key, "reason": ""}
    refused = client.post(JOBS + "undo/", sent)
    assert refused.status_code == 422 and "Say why." in refused.content.decode()
    assert set(Standing.objects.values_list("rank", flat=True)) == {0}
    for form_key in (key, key):
        assert (
            client.post(JOBS + "undo/", sent | {"reason": "A file was cut off.", "form_key": form_key}).status_code
            == 302
        )
    assert set(Standing.objects.values_list("rank", flat=True)) == {1}
    page = client.get(JOBS).content.decode()
    assert "2 members are back where they stood." in page and "Nobody stands where this night left him" in page
    assert AuditRow.objects.filter(deed="tiers.undone").count() == 1
    for query, status in (("", 404), ("?date=x", 404), ("?date=2999-01-01", 404), (f"?date={due}", 302)):
        assert client.get(JOBS + "undo/" + query).status_code == status
    assert enter("auditor").get(link).status_code == 403
    assert "undo/" not in enter("auditor").get(JOBS).content.decode()
