"""The members' pages in a real browser: weight, accessibility, policy, narrow screens, life without scripts."""

import datetime as dt
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page

from kit import clock
from tests.browser import Open
from tests.everybody import NARROWEST, OF_COLOURS, OPEN_ALL, PHONE, RULES, TOO_WIDE, violations, walk, wear

from .conftest import FaceCast, place_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = (
    "/",
    "/points/",
    "/points/give/",
    "/coupons/",
    "/shop/?units-TEA-9=2&points=100&codes=NOBODY",
    "/orders/",
    "/programme/",
    "/tiers/",
    "/tiers/ahead/?spend=500",
    "/code/",
    "/me/",
    "/messages/",
    "/messages/settings/",
    "/proof/",
    "/offline/",
)
LANGUAGES = ("en", "zh-hans", "zh-hant")
THEMES = {"light": RULES, "dark": OF_COLOURS}
WIDTHS = (PHONE, 1440)

KB_MAX = 60
REQUESTS_MAX = 12


TOO_SMALL = """
    [...document.querySelectorAll('a, button, summary, select, input:not([type=hidden])')].filter((e) => {
      const box = e.getBoundingClientRect();
      return box.width && (box.width < 24 || box.height < 24) && !e.closest('.vh, .skip');
    }).map((e) => e.outerHTML.slice(0, 120))
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_is_shut_out(visit: Open, face_cast: FaceCast, language: str) -> None:
    """Every page, in each language: all that follows."""
    style: dict[str, Any] = {"language": language, "reduced_motion": "reduce", "width": PHONE}
    nowhere = visit("/nowhere/", None, **style)
    assert nowhere.status == 404
    walks = (
        walk(visit, (*PAGES, "/orders/web/A-103/"), face_cast.mei, **style),
        walk(visit, ["/login/"], **style),
        [("/nowhere/", nowhere)],
    )
    found: list[str] = []
    for path, seen in chain.from_iterable(walks):
        found += [f"{path}: {complaint}" for complaint in seen.complaints if "404 (Not Found)" not in complaint]
        if (
            language == "en"
        ):  # a link alone in a line of Chinese is lower, and has the space around it that axe asks for
            found += [f"{path}: {small} is too small to press" for small in seen.page.evaluate(TOO_SMALL)]
        seen.page.evaluate(OPEN_ALL)
        found += shut_out(seen.page)
    assert not found, "\n".join(found)


def shut_out(page: Page) -> list[str]:
    """No violation of WCAG 2.2 AA in any theme and width; nothing scrolls sideways down to the narrowest phone."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for theme, rules in THEMES.items():
            wear(page, theme)
            found += [f"{theme} {width}: {violation}" for violation in violations(page, rules)]
    for width in (NARROWEST, 360, 768, 1024, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        if (over := page.evaluate(TOO_WIDE)) > 0:
            found.append(f"{page.url} at {width}: {over} px too wide")
    page.set_viewport_size({"width": PHONE, "height": 900})
    return found


@pytest.mark.parametrize("who", ["neo", "tom"])
def test_few_and_owed_points_are_shown_as_well(visit: Open, face_cast: FaceCast, who: str) -> None:
    """A member of today and one who owes points see whole pages too."""
    for path, seen in walk(visit, PAGES, getattr(face_cast, who), width=PHONE):
        seen.page.evaluate(OPEN_ALL)
        assert violations(seen.page) == []
        assert seen.complaints == [], path


def test_pages_are_light(visit: Open, face_cast: FaceCast) -> None:
    """Cold, over the wire: few kilobytes, few requests - with a history that fills its page, too."""
    for number in range(30):
        place_order("mei", f"B-{number}", ["20.10", "35.20"], clock.now() - dt.timedelta(hours=6 * number))
    for path, seen in walk(visit, PAGES, face_cast.mei):
        session = seen.context.new_cdp_session(seen.page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.send("Network.setBypassServiceWorker", {"bypass": True})
        sizes: list[float] = []
        session.on("Network.loadingFinished", lambda event, sizes=sizes: sizes.append(event["encodedDataLength"]))
        seen.page.reload()
        seen.page.wait_for_load_state("networkidle")
        session.detach()
        assert 4 <= len(sizes) <= REQUESTS_MAX, path
        assert sum(sizes) / 1024 <= KB_MAX, path


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
