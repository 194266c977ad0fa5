"""Points by hand in a real browser: the dialog tells the effect while one types, approvals, no script, everybody."""

import datetime as dt
import uuid
from itertools import chain

import pytest
from playwright.sync_api import expect

from kit import clock
from members.models import Account, Member
from points import actions as points_actions
from points.enums import RequestState
from points.models import Adjustment
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, buy, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

APPROVALS = "/console/approvals/"


@pytest.fixture
def agent(transactional_db: None) -> Account:
    """Who asks."""
    return open_staff("agent")


@pytest.fixture
def finance(transactional_db: None) -> Account:
    """Who decides."""
    return open_staff("finance")


@pytest.fixture
def mei(join: Join, transactional_db: None) -> Member:
    """A member with points."""
    now = clock.now()
    mei = join("mei", at=now - dt.timedelta(days=400), reward=True)
    buy("mei", "A-1", "1240", now - dt.timedelta(days=40))
    Member.objects.filter(id=mei.id).update(name="Mei-Ling Chan")
    return mei


def ask(member: Member, points: int, by: Account, reason: str = "Late delivery", note: str = "") -> int:
    """Will ask for points; returns the request's id."""
    return points_actions.request_adjustment(
        member_id=member.id,
        points=points,
        reason=reason,
        note=note,
        requested_by=by.id,
        form_key=uuid.uuid4(),
        at=clock.now(),
        actor=f"staff:{by.id}",
    ).id


def test_the_dialog_tells_the_effect_while_one_types(look: Look, agent: Account, mei: Member) -> None:
    """Numbers, limits and the button follow; Esc brings the focus back; the booking is told."""
    visit = look(f"/console/members/{mei.number}/", agent)
    page = visit.page
    opener = page.get_by_role("button", name="Adjust points")
    opener.click()
    expect(page.locator("#adjust_points")).to_be_focused()
    expect(page.locator("#adjust-effect")).to_contain_text("500 at once")
    page.locator("#adjust_points").press_sequentially("+5000", delay=20)
    expect(page.locator("#adjust-effect")).to_contain_text("1,240 → 6,240")
    expect(page.locator("#adjust-verb")).to_have_text("Ask for approval")
    page.locator("#adjust_points").fill("-40")
    expect(page.locator("#adjust-effect")).to_contain_text("1,240 → 1,200")
    expect(page.locator("#adjust-verb")).to_have_text("Take 40 points")
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    opener.click()
    page.locator("#adjust_points").fill("+60")
    page.get_by_label("What the member will read").fill("Goodwill")
    page.get_by_role("button", name="Add 60 points").click()
    expect(page.locator(".toast")).to_contain_text("The member has 1,300 now.")
    page.locator("#ledger").get_by_role("link", name="Undo").click()
    page.get_by_role("button", name="Take 60 points").click()
    expect(page.locator(".toast")).to_contain_text("The member has 1,240 now.")
    assert not visit.complaints


def test_without_script_all_of_it_works(look: Look, agent: Account, finance: Account, mei: Member) -> None:
    """The page in place of the dialog, the effect by a button, an error at the field, a decision."""
    page = look(f"/console/members/{mei.number}/", agent, scripts=False).page
    page.get_by_role("link", name="Adjust points").click()
    page.locator("#adjust_points").fill("x")
    page.get_by_label("What the member will read").fill("Goodwill")
    page.get_by_role("button", name="Book points").click()
    expect(page.locator("#adjust_points_error")).to_have_text("Use a whole number, for example 500.")
    page.locator("#adjust_points").fill("700")
    page.get_by_role("button", name="Show the effect").click()
    expect(page.locator("#adjust-effect")).to_contain_text("1,240 → 1,940")
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.locator(".toast")).to_contain_text("It waits for a second person")
    page = look(APPROVALS, finance, scripts=False).page
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator(".err")).to_have_text("Say why you refuse: who asked reads it.")
    page.get_by_role("button", name="Agree and book").click()
    expect(page.locator(".toast")).to_contain_text("Booked: +700")
    assert Adjustment.objects.get().state == RequestState.BOOKED


@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_pages_are_for_everybody(
    look: Look, agent: Account, finance: Account, mei: Member, language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser; the dialog open, a request refused by the form."""
    ask(mei, 5000, agent, note="The parcel came a week late, and the member called twice.")
    own = ask(mei, -900, finance, "Points given by mistake")
    ask(mei, 40, agent, "Points missing from an order")
    booked = Adjustment.objects.get(state=RequestState.BOOKED).id
    base, found = f"/console/members/{mei.number}/", []
    style = {"language": language, "theme": theme, "width": width}
    asked = (base, *(f"{base}{rest}" for rest in ("adjust/", "write-off/", f"undo/{booked}/", f"undo/{own}/")))
    for path, visit in chain(
        walk(look, [APPROVALS], finance, **style),
        walk(look, [*asked, f"{base}reinstate/?key=x"], agent, **style),
    ):
        if path == base:
            visit.page.locator("[data-open=adjust]").click()
            visit.page.locator("#adjust_points").fill("+5000")
            expect(visit.page.locator("#adjust-effect")).to_contain_text("6,2")
        found += faults(visit)
    assert not found, "\n".join(found)
