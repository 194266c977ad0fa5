"""The members' pages in a real browser: weight, accessibility, policy, narrow screens, life without scripts."""

import datetime as dt
from itertools import product
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from kit import clock
from tests.browser import Open

from .conftest import FaceCast, place_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/",
    "/points/",
    "/points/give/",
    "/coupons/",
    "/orders/",
    "/programme/",
    "/tiers/",
    "/tiers/ahead/?spend=500",
    "/code/",
    "/me/",
)
LANGUAGES = ("en", "zh-hans", "zh-hant")
THEMES = ("light", "dark")
WIDTHS = (390, 1440)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

KB_MAX = 60
REQUESTS_MAX = 12
TARGET_PX_MIN = 24
NARROWEST = 320


def violations(page: Any) -> list[str]:
    """Will let axe look at a page with everything opened, and name what it finds."""
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]})
    return [f"{page.url} {v['id']}: {v['help']} - {v['nodes'][0]['html'][:160]}" for v in result.response["violations"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out(visit: Open, face_cast: FaceCast, language: str) -> None:
    """Every page, in each language, theme and width: no violation of WCAG 2.2 AA, no complaint of the browser."""
    found: list[str] = []
    places = [*((path, face_cast.mei) for path in PAGES), ("/login/", None), ("/nowhere/", None)]
    for theme, (path, account) in product(THEMES, places):
        seen = visit(path, account, language=language, theme=theme)
        assert seen.status == (404 if path == "/nowhere/" else 200)
        for width in WIDTHS:
            seen.page.set_viewport_size({"width": width, "height": 900})
            found += violations(seen.page)
        found += [f"{path}: {complaint}" for complaint in seen.complaints if "404 (Not Found)" not in complaint]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("who", ["neo", "tom"])
def test_few_and_owed_points_are_shown_as_well(visit: Open, face_cast: FaceCast, who: str) -> None:
    """A member of today and one who owes points see whole pages too."""
    for path in PAGES:
        seen = visit(path, getattr(face_cast, who), width=390)
        assert seen.status == 200
        assert violations(seen.page) == []
        assert seen.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light(visit: Open, face_cast: FaceCast, path: str) -> None:
    """Cold, over the wire: few kilobytes, few requests - with a history that fills its page, too."""
    for number in range(30):
        place_order("mei", f"B-{number}", ["20.10", "35.20"], clock.now() - dt.timedelta(hours=6 * number))
    seen = visit(path, face_cast.mei)
    assert seen.status == 200
    session = seen.context.new_cdp_session(seen.page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    seen.page.reload()
    seen.page.wait_for_load_state("networkidle")
    assert 4 <= len(sizes) <= REQUESTS_MAX
    assert sum(sizes) / 1024 <= KB_MAX


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nothing_scrolls_sideways(visit: Open, face_cast: FaceCast, language: str) -> None:
    """Down to 320 pixels, the narrowest phone."""
    for path in (*PAGES, "/login/"):
        page = visit(path, None if path == "/login/" else face_cast.mei, language=language).page
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        for width in (NARROWEST, 360, 768, 1024, 1920):
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{path} at {width}: {over} px too wide"


def test_everything_to_press_is_large_enough(visit: Open, face_cast: FaceCast) -> None:
    """24 pixels both ways at the least (WCAG 2.5.8)."""
    small = """
        [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')].filter((e) => {
          const box = e.getBoundingClientRect();
          return box.width && (box.width < 24 || box.height < 24) && !e.closest('.vh, .skip');
        }).map((e) => e.outerHTML.slice(0, 120))
    """
    for path in (*PAGES, "/login/"):
        page = visit(path, None if path == "/login/" else face_cast.mei, width=390).page
        assert page.evaluate(small) == []


def test_a_member_needs_no_scripts(visit: Open, face_cast: FaceCast) -> None:
    """Without JavaScript: log in, open an entry, filter, change language and theme, log out."""
    page = visit("/points/", scripts=False, width=390).page
    page.get_by_label("E-mail address").fill("mei@example.com")
    page.get_by_label("Password").fill("a-long-password")
    page.get_by_role("button", name="Log in").click()
    assert page.url.endswith("/points/")
    page.locator("details.ent summary").first.click()
    assert page.locator(".why").first.is_visible()
    page.get_by_role("link", name="Earned", exact=True).click()
    assert "show=earned" in page.url
    page.get_by_label("Colours").click()
    assert page.locator("html").get_attribute("data-theme") == "dark" or page.locator("html[data-theme]").count() == 0
    page.locator("#language-top").select_option("zh-hans")
    page.get_by_role("button", name="Change", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert "show=earned" in page.url
    page.goto(page.url.split("/points/")[0] + "/me/")
    page.locator("form[action='/logout/'] button").click()
    assert page.url.endswith("/login/")


def test_scripts_add_comfort(visit: Open, face_cast: FaceCast) -> None:
    """A chosen language needs no button, and a refused form takes the focus."""
    seen = visit("/points/", face_cast.mei)
    with seen.page.expect_navigation():
        seen.page.locator("#language-top").select_option("zh-hant")
    assert seen.page.locator("html").get_attribute("lang") == "zh-Hant"
    login = visit("/login/").page
    login.get_by_label("E-mail address").fill("mei@example.com")
    login.get_by_label("Password").fill("wrong")
    login.get_by_role("button", name="Log in").click()
    login.wait_for_load_state("networkidle")
    assert login.evaluate("document.activeElement.className") == "notice bad"
    assert login.get_by_label("E-mail address").input_value() == "mei@example.com"
