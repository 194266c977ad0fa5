"""The ladder in a real browser: edited without script, on a small screen, for everybody."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from kit import clock
from membership_site.flows import ladder_preview
from tests.everybody import faces, faults, walk
from tests.tiers.published import tier_drafts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.rules import Requirement

from .conftest import Join, Look, buy, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DRAFT = "/console/tiers/main/draft/"
PREVIEW = "/console/tiers/main/versions/2/preview/"


@pytest.fixture
def draft(join: Join, transactional_db: None) -> int:
    """Two members, one of whom a draft lifts, and one tier of it that lint finds fault with."""
    now = clock.now()
    for name, amount in (("lin", "300"), ("mei", "1200")):
        join(name, at=now - dt.timedelta(days=90))
        buy(name, f"{name}-1", amount, now - dt.timedelta(days=30))
    draft_id = tiers_actions.start_draft(at=now, actor="staff:1")
    silver = Requirement(spend=200)  # type: ignore[arg-type]
    gold = Requirement(spend=6000)  # type: ignore[arg-type]
    rungs = {"silver": {"reach": silver, "keep": silver}, "gold": {"keep": gold, "never_lost": True}}
    tiers_actions.save_tiers(version_id=draft_id, tiers=tier_drafts(rungs), at=now, actor="staff:1")
    return draft_id


def test_a_tier_is_edited_and_the_preview_watched_in_a_browser(look: Look, draft: int) -> None:
    """With scripts and without; nothing is complained of, nothing is wider than the phone."""
    account = open_staff("operator")
    for scripts, width, theme in ((True, 1440, "light"), (False, 390, "dark")):
        seen = look(DRAFT, account, scripts=scripts, width=width, theme=theme)
        page = seen.page
        page.locator("a[href$='?code=silver']").first.click()
        page.get_by_label("Points, times").fill("2.5" if scripts else "2.25")
        page.get_by_role("button", name="Save in the draft").click()
        page.wait_for_url("**/draft/")
        expect(page.get_by_text("is saved in the draft")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert seen.complaints == []
    version = tiers_queries.get_ladder_version(draft)
    assert str(version.terms.rungs[1].multiplier) == "2.250"
    now = clock.now()
    preview_id, _new = tiers_actions.request_preview(
        version_id=draft, effective_on=clock.business_date(now), at=now, actor="staff:1"
    )
    seen = look(PREVIEW, account)
    expect(seen.page.get_by_role("heading", name="Counting everybody")).to_be_visible()
    ladder_preview.run(preview_id=preview_id, now=lambda: now)
    seen.page.wait_for_selector("#h-outcome", timeout=15_000)
    assert "The draft lifts 1 member" in seen.page.inner_text("#h-outcome")
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_the_ladder_is_for_everybody(look: Look, draft: int, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    now = clock.now()
    preview_id, _new = tiers_actions.request_preview(
        version_id=draft, effective_on=clock.business_date(now), at=now, actor="staff:1"
    )
    ladder_preview.run(preview_id=preview_id, now=lambda: now)
    paths = (
        *("/console/tiers/", "/console/tiers/new/", "/console/tiers/main/", "/console/tiers/main/versions/1/"),
        *(DRAFT, PREVIEW),
        *(DRAFT + rest for rest in ("tier/?code=gold", "tier/", "settings/", "publish/", "discard/")),
    )
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
