"""What every page owes its readers: WCAG 2.2 AA as axe checks it, no sideways scrolling, nothing the browser minds.

Axe is put into a page once, however often it looks, and tells only what it finds wrong: the rest, told in full, costs
more than the looking.
"""

import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from members.models import Account
from tests.browser import Visit

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "selectors": False,
    # The only frame there is shows an e-mail, is sandboxed, and answers nobody.
    "iframes": False,
}
OF_COLOURS = RULES | {"runOnly": ["color-contrast", "link-in-text-block"]}
"""What a theme can break: its colours and nothing else. All other rules say of one theme what they say of another."""

OPEN_ALL = "document.querySelectorAll('details').forEach(d => d.open = true)"
LOOK = "options => axe.run(options).then(found => found.violations)"
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
WIDEST = """
    [...document.querySelectorAll('body *:not(.scroll *)')].filter((e) => {
      const wider = (one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5;
      return wider(e) && ![...e.children].some(wider);
    }).map((e) => e.outerHTML.slice(0, 160)).slice(0, 3)
"""
"""What reaches beyond the screen, and nothing within it does."""

NARROWEST = 320
PHONE = 390

Face = tuple[str, str, int]
EVERY_FACE = tuple(itertools.product(("en", "zh-hans", "zh-hant"), ("light", "dark"), (PHONE, 1440)))


def faces(*sample: Face) -> pytest.MarkDecorator:
    """Will let a test see its pages in some languages, themes and widths; in all of them where EVERY_FACE is set.

    Words, colours and room seldom break by meeting: the suite looks at a few, which differ in all three.
    """
    chosen = EVERY_FACE if os.environ.get("EVERY_FACE") else sample
    return pytest.mark.parametrize(("language", "theme", "width"), chosen)


def violations(page: Page, rules: dict[str, Any] = RULES) -> list[str]:
    """Will let axe look at a page as it stands, and name what it finds."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(LOOK, rules)
    return [f"{page.url} {one['id']}: {one['help']} - {one['nodes'][0]['html'][:160]}" for one in found]


def wear(page: Page, theme: str) -> None:
    """Will give a page the colours of a theme, as the server does: by one attribute."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)


def walk(
    look: Callable[..., Visit], paths: Iterable[str], account: Account | None = None, **options: Any
) -> Iterator[tuple[str, Visit]]:
    """Will open pages one after the other in one window, as one reader; each must answer."""
    visit: Visit | None = None
    for path in paths:
        if visit is None:
            visit = look(path, account, **options)
        else:
            visit.go(path)
        assert visit.status == 200, path
        yield path, visit


def faults(visit: Visit, *, opened: bool = True) -> list[str]:
    """Will look at a page with everything opened, and at the narrowest whether it fits; names all that is wrong."""
    page, size = visit.page, visit.page.viewport_size
    assert size is not None
    if opened:
        page.evaluate(OPEN_ALL)
    found = violations(page) + [f"{page.url}: {complaint}" for complaint in visit.complaints]
    page.set_viewport_size({"width": NARROWEST, "height": 800})
    if (wider := page.evaluate(TOO_WIDE)) > 0:
        found.append(f"{page.url}: {wider} px wider than the screen, by {page.evaluate(WIDEST)}")
    page.set_viewport_size(size)
    return found
