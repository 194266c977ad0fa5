"""The reports in a real browser: without script, on a small screen, for everybody."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from kit import clock
from membership_site.console.pages import reports
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, buy, give_back, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def story(join: Join, transactional_db: None) -> None:
    """A member with orders, one of them on hold, and a return; another who is about to fall."""
    now = clock.now()
    join("lin", at=now - dt.timedelta(days=400), reward=True)
    buy("lin", "L-1", "1200", now - dt.timedelta(days=340))
    join("mei", at=now - dt.timedelta(days=120), reward=True)
    for index, days in enumerate((90, 33, 2)):
        buy("mei", f"A-{index}", "640 99.90", now - dt.timedelta(days=days))
    give_back("A-0", "2", now - dt.timedelta(days=80))


def test_a_report_is_asked_and_taken_away_without_script(look: Look, story: None) -> None:
    """The form, the links, the file."""
    visit = look("/console/reports/", open_staff("auditor"), scripts=False)
    page = visit.page
    page.get_by_role("link", name="Movement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How did points come and go?")
    page.get_by_label("By", exact=True).select_option("day")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="By day")).to_be_visible()
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV – By day").click()
    assert taken.value.suggested_filename.startswith("movement-movement-day-")
    page.get_by_role("link", name="Reports").last.click()
    page.get_by_role("link", name="Liability").click()
    page.get_by_label("At the end of").fill((clock.business_date(clock.now()) - dt.timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Points outstanding at the end of")).to_be_visible()


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_reports_are_for_everybody(look: Look, story: None, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    paths = ("/console/reports/", *(f"/console/reports/{kind.code}/" for kind in reports.SHELF))
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
