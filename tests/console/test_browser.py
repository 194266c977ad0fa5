"""The console in a real browser: live search, keys, dialog, language; small screens, strict policy, and no script."""

import datetime as dt
import re

import pytest
from playwright.sync_api import expect

from kit import clock
from kit.models import AuditRow, JobRun
from members.models import Account, Member
from membership_site.console.pages.member import Panel
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, buy, give_back, happen, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MEMBERS = "/console/members/"


@pytest.fixture
def admin(transactional_db: None) -> Account:
    """A person of the staff who may do everything."""
    return open_staff("admin")


@pytest.fixture
def mei(join: Join, transactional_db: None) -> Member:
    """A member with a history, among forty others; jobs of two nights, one failed, one held."""
    now = clock.now()
    mei = join("mei", at=now - dt.timedelta(days=400), reward=True)
    for index, days in enumerate((390, 200, 90, 2)):
        buy("mei", f"A-{index}", "640 99.90", now - dt.timedelta(days=days))
    give_back("A-2", "2", now - dt.timedelta(days=80))
    happen("mei", "review", now - dt.timedelta(days=20))
    mei.identities.create(kind="phone", source="", value="+85291234186")
    Member.objects.filter(id=mei.id).update(name="Mei-Ling Chan", region="Hong Kong")
    Member.objects.bulk_create(
        [Member(number=f"M77{index:02}", name=f"Guest {index}", joined_at=now) for index in range(40)]
    )
    last = clock.last_finished_date(now)
    for step, state in (("release_lots", "done"), ("expire_lots", "failed"), ("recalculate_tiers", "held")):
        JobRun.objects.create(
            step=step,
            state=state,
            business_date=last,
            started_at=now,
            finished_at=now,
            error="Why",
            detail={"moves": 3},
        )
    return mei


def test_search_is_live_and_its_state_is_in_the_address(look: Look, admin: Account, mei: Member) -> None:
    """Typing changes rows, count, tabs and address; a filter does too; a reload shows the same."""
    visit = look(MEMBERS, admin)
    page = visit.page
    expect(page.locator("#rows tbody tr")).to_have_count(25)
    page.locator("#q").press_sequentially("ling", delay=20)
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    expect(page.get_by_role("link", name="Mei-Ling Chan")).to_be_visible()
    expect(page.locator(".pager [role=status]")).to_have_text("1 member")
    page.wait_for_url(re.compile(r"\?q=ling$"))
    expect(page.locator("#q")).to_be_focused()
    expect(page.get_by_text("Save this view")).to_be_visible()
    page.locator("#f-tier").select_option("diamond")
    expect(page.get_by_text("No member matches")).to_be_visible()
    page.wait_for_url(re.compile(r"\?q=ling&tier=diamond$"))
    page.reload()
    expect(page.get_by_text("No member matches")).to_be_visible()
    page.go_back()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    assert not visit.complaints


def test_keys_lead_to_search_and_pages(look: Look, admin: Account, mei: Member) -> None:
    """`/` is the search, `g` and a letter a page; inside a field they are letters."""
    visit = look("/console/", admin)
    page = visit.page
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.keyboard.type("gm/")
    expect(page.locator("#search")).to_have_value("gm/")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/console/members/\?q=gm%2F"))
    page.locator("h1").click()
    for key, path in (("h", "/console/"), ("m", MEMBERS), ("j", "/console/jobs/"), ("a", "/console/audit/")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(re.compile(re.escape(path) + "$"))
    assert not visit.complaints


def test_the_keys_are_listed_and_can_be_switched_off(look: Look, admin: Account, mei: Member) -> None:
    """`?` opens the list with the focus inside, Esc closes it and gives the focus back; off is off."""
    visit = look("/console/", admin)
    page = visit.page
    dialog = page.locator("dialog#keys")
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button", name="Close")).to_be_focused()
    assert dialog.locator("dl > div").count() == 3 + page.locator("nav [data-go]").count()
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    opener = page.get_by_role("button", name="Keys")
    opener.click()
    dialog.get_by_role("button", name="Switch the keys off").click()
    expect(page.locator("html")).to_have_attribute("data-keys", "off")
    for key in ("?", "/", "g", "m"):
        page.keyboard.press(key)
    expect(dialog).to_be_hidden()
    assert page.url.endswith("/console/")
    opener.click()
    dialog.get_by_role("button", name="Switch the keys on").click()
    expect(page.locator("html")).not_to_have_attribute("data-keys", "off")
    page.wait_for_load_state()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    assert not visit.complaints


def test_contacts_are_shown_by_a_dialog(look: Look, admin: Account, mei: Member) -> None:
    """Focus goes in, Esc closes and brings it back; an empty reason is kept by the browser, a good one shows."""
    visit = look(f"{MEMBERS}{mei.number}/?panel=profile", admin)
    page = visit.page
    opener = page.locator("#profile").get_by_role("button", name="Show")
    opener.click()
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#reveal")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.locator("#reveal").get_by_role("button", name="Cancel").click()
    expect(page.locator("dialog#reveal")).to_be_hidden()
    opener.click()
    page.get_by_label("Reason").fill("She asks about her order")
    page.get_by_role("button", name="Show for ten minutes").click()
    expect(page.get_by_text("+85291234186")).to_be_visible()
    expect(page.locator(".toast").first).to_be_visible()
    assert AuditRow.objects.get(deed="member.revealed").reason == "She asks about her order" and not visit.complaints


def test_a_view_is_kept_and_the_language_changed(look: Look, admin: Account, mei: Member) -> None:
    """The small form opens below its button; the page stays the same in another language."""
    visit = look(f"{MEMBERS}?ordered=never", admin)
    page = visit.page
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Never ordered")
    page.get_by_role("button", name="Save view").click()
    expect(page.locator(".views a[aria-current]")).to_have_text("Never ordered")
    page.locator("header .lang select").select_option("zh-hans")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.wait_for_url(re.compile(r"ordered=never"))
    assert not visit.complaints


def paths(mei: Member) -> list[str]:
    """Will return every page of the console, some in several states."""
    last = clock.last_finished_date(clock.now())
    return [
        "/console/",
        "/console/?range=12m",
        MEMBERS,
        f"{MEMBERS}?ordered=never&tag=x",
        f"{MEMBERS}?hide=spend-status",
        f"{MEMBERS}export/",
        "/console/exports/",
        "/console/settings/",
        f"{MEMBERS}{mei.number}/",
        *(f"{MEMBERS}{mei.number}/?panel={panel}" for panel in list(Panel)[1:]),
        f"{MEMBERS}{mei.number}/?as_of={last}&show=orders",
        f"{MEMBERS}{mei.number}/?panel=ledger&as_of={last}&wallet=growth",
        f"{MEMBERS}{mei.number}/?panel=notes&as_of={last}",
        f"{MEMBERS}{mei.number}/reveal/",
        f"{MEMBERS}{mei.number}/ahead/?spend=500",
        f"{MEMBERS}{mei.number}/tier/give/",
        f"{MEMBERS}{mei.number}/tier/extend/",
        "/console/questions/",
        "/console/jobs/",
        f"/console/jobs/approve/?step=recalculate_tiers&date={last}",
        "/console/audit/",
        f"{MEMBERS}{mei.number}/orders/web/A-0/",
        f"{MEMBERS}coupon/",
        "/console/proof/",
    ]


TRANSFERRED = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(entry => entry.encodedBodySize)"""
REQUESTS_MAX, BYTES_MAX = 12, 60_000


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_pages_are_for_everybody(
    look: Look, admin: Account, mei: Member, language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser, with everything opened; and each page is light."""
    style = {"language": language, "theme": theme, "width": width}
    found = faults(look("/console/login/", None, **style))
    for path, visit in walk(look, paths(mei), admin, **style):
        loaded = visit.page.evaluate(TRANSFERRED)
        if len(loaded) > REQUESTS_MAX or sum(loaded) > BYTES_MAX:
            found.append(f"{path}: {len(loaded)} requests, {sum(loaded)} bytes")
        found += faults(visit)
    assert not found, "\n".join(found)


def test_everything_works_without_script(look: Look, admin: Account, mei: Member) -> None:
    """Search, filters, a view, the reveal and a job by plain forms and links."""
    visit = look(MEMBERS, admin, scripts=False)
    page = visit.page
    page.locator("#q").fill("ling")
    page.locator("#filters").get_by_role("button", name="Search").click()
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.get_by_text("Save this view").click()
    page.get_by_label("Name of the view").fill("Mine")
    page.get_by_role("button", name="Save view").click()
    expect(page.locator(".views a[aria-current]")).to_have_text("Mine")
    page.get_by_role("link", name="Mei-Ling Chan").click()
    page.get_by_role("link", name="Profile").click()
    page.locator("#profile").get_by_role("link", name="Show").click()
    page.get_by_label("Reason").fill("She asks about her order")
    page.get_by_role("button", name="Show for ten minutes").click()
    expect(page.get_by_text("+85291234186")).to_be_visible()
    page.goto(page.url.split("/console/")[0] + "/console/jobs/")
    page.get_by_role("link", name="Look and approve").click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
