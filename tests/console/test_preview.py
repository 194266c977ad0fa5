"""The page that tries a draft on real history: asked for, watched without a script, read, taken away."""

import csv
import datetime as dt
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from kombu.exceptions import OperationalError

from kit import clock, locks
from kit.models import AuditRow
from membership_site.console.pages.preview import preview_card
from membership_site.flows import policy_preview, tasks
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points.models import PolicyPreview, PolicyVersion

from .conftest import Join, Look, buy, crowd, open_staff, queries_of, text_of

pytestmark = pytest.mark.django_db

MOST_QUERIES = 11
DRAFTED = [
    {"code": "x2", "names": {"en": "Double"}, "deed": "order", "effect": "multiply", "amount": "2"},
    {
        "code": "grow",
        "names": {"en": "Growth week"},
        "deed": "order",
        "effect": "multiply",
        "amount": "3",
        "wallet": "growth",
    },
    {
        "code": "tea",
        "names": {"en": "Tea bonus"},
        "deed": "order",
        "effect": "fixed",
        "amount": "50",
        "caps": [{"per": "budget", "points": 75}],
    },
]


@pytest.fixture
def draft(programme: None) -> PolicyVersion:
    """A draft with two more rules."""
    return PolicyVersion.objects.create(
        number=2, effective_on=dt.date(2026, 4, 1), terms={**POINTS_TERMS, "rules": DRAFTED}, actor="test"
    )


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The previews that were sent to the worker."""
    found: list[int] = []
    monkeypatch.setattr(tasks.preview_policy, "delay", found.append)
    return found


def path_of(version: PolicyVersion, rest: str = "preview/") -> str:
    return f"/console/policies/{version.id}/{rest}"


def worked_out(version: PolicyVersion, noon: dt.datetime, months: int = 12) -> PolicyPreview:
    """Will ask for a preview and work it out as the worker does."""
    preview_id, _new = points_actions.request_preview(version_id=version.id, months=months, at=noon, actor="staff:1")
    policy_preview.run(preview_id=preview_id, now=lambda: noon)
    return PolicyPreview.objects.get(id=preview_id)


@pytest.mark.parametrize(
    ("role", "sees", "starts"),
    [("operator", 200, 302), ("admin", 200, 302), ("auditor", 200, 403), ("agent", 200, 403), ("", 403, 403)],
)
def test_each_role(
    enter: Callable[[str], Client], draft: PolicyVersion, sent: list[int], role: str, sees: int, starts: int
) -> None:
    """Everybody reads; those who edit rules may start one."""
    client = enter(role)
    answer = client.get(path_of(draft))
    assert answer.status_code == sees
    assert ("Months of history" in answer.content.decode()) is (starts == 302)
    assert client.post(path_of(draft, "preview/start/"), {"months": "6"}).status_code == starts
    assert client.get(path_of(draft, "preview.csv")).status_code == (404 if sees == 200 else 403)
    assert PolicyPreview.objects.count() == (starts == 302)


def test_it_is_asked_for_once_and_watched_until_it_is_done(
    enter: Callable[[str], Client],
    draft: PolicyVersion,
    join: Join,
    noon: dt.datetime,
    sent: list[int],
    django_capture_on_commit_callbacks: Any,
) -> None:
    """By reload as by polling; a second press goes on with the same one."""
    join("ann")
    buy("ann", "A1", "59.90 10", noon - dt.timedelta(days=3))
    client = enter("operator")
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(path_of(draft, "preview/start/"), {"months": "6"})["Location"] == path_of(draft)
    page = text_of(client.get(path_of(draft)).content.decode())
    assert "The preview starts in a moment." in page and 'hx-trigger="every 2s"' in page and "<progress" in page
    assert "Replaying 6 months" in page and "0% of all members done" in page
    with django_capture_on_commit_callbacks(execute=True):
        client.post(path_of(draft, "preview/start/"), {"months": "6"})
    preview = PolicyPreview.objects.get()
    assert sent == [preview.id, preview.id]
    assert "asked for already" in client.get(path_of(draft)).content.decode()
    tasks.preview_policy(preview.id)
    page = text_of(client.get(path_of(draft)).content.decode())
    assert "every 2s" not in page and "members would have earned 120 points more" in page
    assert [row.deed for row in AuditRow.objects.order_by("id")] == ["preview.request", "preview.finish"]


def test_one_that_was_cut_off_says_so_and_goes_on(
    enter: Callable[[str], Client], draft: PolicyVersion, noon: dt.datetime, sent: list[int]
) -> None:
    """While a worker holds its lock it runs; without one, some time after it was asked for, it does not."""
    asked = noon - dt.timedelta(minutes=5)
    points_actions.request_preview(version_id=draft.id, months=12, at=asked, actor="staff:1")
    client = enter("operator")
    page = text_of(client.get(path_of(draft)).content.decode())
    assert "Nobody is working on it" in page and "Go on with the preview" in page and "every 2s" not in page
    with locks.alone(policy_preview.lock_of(draft.id)):
        page = text_of(client.get(path_of(draft)).content.decode())
    assert "Nobody is working on it" not in page and "every 2s" in page


def test_the_outcome_in_figures_tables_and_names(
    enter: Callable[[str], Client], draft: PolicyVersion, join: Join, noon: dt.datetime
) -> None:
    """The same on the page, in the card and in the file; with the same queries however many members there are."""
    ann = join("ann")
    buy("ann", "A1", "100", noon - dt.timedelta(days=3))
    worked_out(draft, noon)
    client = enter("auditor")
    client.get(path_of(draft))
    one, page = queries_of(client, path_of(draft))
    assert "From 1 Mar 2025 to 3 Mar 2026 members would have earned 150 points more (150.0%), worth CN¥1.50." in page
    assert "1 member would have earned more, 0 less and 0 the same." in page
    assert "Replayed: 1 member, 1 order and 0 events." in page
    assert ann.number in page and "50 of 75 (66.7%)" in text_of(page) and "Tea bonus" in page
    unnamed = enter("campaign_author").get(path_of(draft)).content.decode()
    path = f"/console/members/{ann.number}/"
    assert path in page and path not in unnamed and ann.number in unnamed
    assert "Feb 2026" in page and "+150" in page
    assert "Growth value by tier" in page and "100 becomes 300" in page and "Growth week (growth value)" in page
    crowd(join, 30, noon)
    worked_out(draft, noon)
    many, page = queries_of(client, path_of(draft))
    assert one == many <= MOST_QUERIES
    assert "75 of 75 (100.0%)" in text_of(page)
    card = preview_card(draft.id, noon)
    assert card and card.headline in page and card.figures and not card.is_stale
    short = render_to_string("console/parts/preview.html", {"preview": card})
    assert card.headline in short and path_of(draft) in short and "{{" not in short
    assert not render_to_string("console/parts/preview.html", {"preview": None}).strip()
    answer = client.get(path_of(draft, "preview.csv"))
    assert answer["Content-Type"].startswith("text/csv") and "attachment" in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    result = PolicyPreview.objects.latest("id").result
    sums = {row[1]: row[5:] for row in rows if row[0] == "Sums"}
    as_is, then = (result["sides"][side]["earned"] for side in ("as_is", "draft"))
    assert sums["Earned"] == [str(as_is), str(then), str(then - as_is)]
    assert {len(row) for row in rows} == {8}
    grown = {side: result["sides"][side]["growth"] for side in ("as_is", "draft")}
    assert sums["Growth value"] == [str(grown["as_is"]), str(grown["draft"]), str(grown["draft"] - grown["as_is"])]
    by_tier = [row for row in rows if row[0] == "Growth value by tier"]
    assert sum(int(row[6]) for row in by_tier) == grown["draft"] and sum(int(row[2]) for row in by_tier) > 1
    months = {row[1]: int(row[7]) for row in rows if row[0] == "Months"}
    assert sum(months.values()) == then - as_is


def test_an_edit_makes_it_stale_and_a_fault_is_told(
    enter: Callable[[str], Client],
    draft: PolicyVersion,
    join: Join,
    noon: dt.datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The old outcome stays readable and says that it is old."""
    worked_out(draft, noon)
    client = enter("agent")
    assert "edited after this preview" not in client.get(path_of(draft)).content.decode()
    PolicyVersion.objects.filter(id=draft.id).update(terms={**POINTS_TERMS, "points_per_unit": "3"})
    assert "edited after this preview" in client.get(path_of(draft)).content.decode()
    card = preview_card(draft.id, noon)
    assert card and card.is_stale and card.headline

    def fail(*_args: object) -> None:
        raise ValueError("a wrong turn")

    monkeypatch.setattr(policy_preview, "replay_range", fail)
    join("ann")
    with pytest.raises(ValueError, match="a wrong turn"):
        worked_out(draft, noon)
    assert (
        "could not be finished. No points were touched. ValueError: a wrong turn"
        in client.get(path_of(draft)).content.decode()
    )


@pytest.mark.parametrize(
    ("months", "words"), [("", "for example 12"), ("0", "At least"), ("37", "At most"), ("x", "whole")]
)
def test_bad_months_are_refused_at_the_field(
    enter: Callable[[str], Client], draft: PolicyVersion, sent: list[int], months: str, words: str
) -> None:
    """With what was typed kept, and nothing started."""
    answer = enter("admin").post(path_of(draft, "preview/start/"), {"months": months})
    page = answer.content.decode()
    assert (
        answer.status_code == 422 and words in page and 'role="alert"' in page and f'value="{months}"' in page
    ) or not months
    assert not sent and not PolicyPreview.objects.exists()


def test_what_cannot_be_started_says_why(
    enter: Callable[[str], Client], draft: PolicyVersion, noon: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A published version, one that does not exist, terms that cannot be read, a queue that is down."""
    client = enter("admin")
    first = PolicyVersion.objects.get(number=1)
    assert "Months of history" not in client.get(path_of(first)).content.decode()
    client.post(path_of(first, "preview/start/"), {"months": "12"})
    assert "published or gone" in client.get(path_of(first)).content.decode()
    for rest in ("preview/", "preview.csv"):
        assert client.get(f"/console/policies/999999/{rest}").status_code == 404
    assert client.post("/console/policies/999999/preview/start/", {"months": "12"}).status_code == 404
    assert client.get(path_of(draft, "preview/start/")).status_code == 405

    def refuse(*_args: object) -> None:
        raise OperationalError("no broker")

    from django.db import transaction

    with monkeypatch.context() as patched:
        patched.setattr(tasks.preview_policy, "delay", refuse)
        patched.setattr(transaction, "on_commit", lambda call: call())
        client.post(path_of(draft, "preview/start/"), {"months": "12"})
    assert "queue cannot be reached" in client.get(path_of(draft)).content.decode()
    PolicyVersion.objects.filter(id=draft.id).update(terms={})
    client.post(path_of(draft, "preview/start/"), {"months": "3"})
    assert "cannot be read" in client.get(path_of(draft)).content.decode()


def test_after_publishing_it_is_compared_with_what_happened(
    enter: Callable[[str], Client], draft: PolicyVersion, join: Join, noon: dt.datetime
) -> None:
    """The ledger of the dates in force beside what the preview expected for as many."""
    join("ann")
    buy("ann", "A1", "100", noon - dt.timedelta(days=33))
    worked_out(draft, noon - dt.timedelta(days=32), 1)
    PolicyVersion.objects.filter(id=draft.id).update(
        effective_on=noon.date() - dt.timedelta(days=30), published_at=noon
    )
    buy("ann", "A2", "10", noon - dt.timedelta(days=5))
    page = text_of(enter("auditor").get(path_of(draft)).content.decode())
    assert "What happened since" in page and "the ledger booked 20 points earned" in page
    result = PolicyPreview.objects.get().result
    days = (dt.date(2026, 1, 30) - dt.date.fromisoformat(result["since"])).days + 1
    assert f"The preview expected {250 * 30 // days} for 30 days" in page


@pytest.mark.parametrize("language", ["en", "zh-hans", "zh-hant"])
def test_it_speaks_every_language(
    enter: Callable[[str], Client], draft: PolicyVersion, join: Join, noon: dt.datetime, language: str
) -> None:
    """And renders with nothing earned at all."""
    client = enter("operator")
    client.cookies["django_language"] = language
    assert client.get(path_of(draft)).status_code == 200
    worked_out(draft, noon)
    page = client.get(path_of(draft)).content.decode()
    assert re.search(r'<html lang="[^"]+"', page) and "h-outcome" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_watched_in_a_browser(look: Look, programme: None, join: Join, noon: dt.datetime, scripts: bool) -> None:
    """The outcome appears by itself where there is a script, and after a reload where there is none."""
    draft = PolicyVersion.objects.create(
        number=2, effective_on=dt.date(2027, 4, 1), terms={**POINTS_TERMS, "rules": DRAFTED}, actor="test"
    )
    now = clock.now()
    join("ann", at=now - dt.timedelta(days=30))
    buy("ann", "A1", "100", now - dt.timedelta(days=3))
    preview_id, _new = points_actions.request_preview(version_id=draft.id, months=2, at=now, actor="staff:1")
    visit = look(path_of(draft), open_staff("operator"), scripts=scripts, width=390)
    assert "Replaying 2 months" in visit.page.inner_text("main")
    policy_preview.run(preview_id=preview_id, now=lambda: now)
    if scripts:
        visit.page.wait_for_selector("#h-outcome", timeout=15_000)
    else:
        visit.page.reload()
    assert "150 points more" in visit.page.inner_text("#h-outcome")
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 390 if scripts else True
    assert not visit.complaints
