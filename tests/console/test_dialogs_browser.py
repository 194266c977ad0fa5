"""Every dialog and every menu that opens, walked by keys alone: in, round, out, and back to where one was."""

import datetime as dt
import re
from pathlib import Path

import pytest
from django.conf import settings as site
from playwright.sync_api import Page, expect

from kit import clock
from members.models import Account, Member

from .conftest import Join, Look, buy, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

FIRST = {"keys": "button[data-close]", "reveal": "#id_reason", "adjust": "#adjust_points"}
"""Every dialog of the product, and what has the focus when it opens."""

AT = {"keys": "", "reveal": "?panel=profile", "adjust": ""}
"""On which panel of a member's page each is found."""

MENUS = {
    "console/members.html": ("/console/members/?ordered=never", "Columns", "Save this view"),
    "console/rewards/list.html": ("/console/rewards/", "New reward"),
}
"""Pages with menus that open under their button, and what the buttons say."""

INSIDE = """id => {
    const now = document.activeElement;
    return now === document.body || document.getElementById(id).contains(now);
}"""


def templates() -> list[tuple[str, str]]:
    """Will return (path, text) of every template."""
    folder = Path(site.BASE_DIR) / "templates"
    return [(str(path.relative_to(folder)), path.read_text()) for path in sorted(folder.rglob("*.html"))]


def test_no_dialog_and_no_menu_is_forgotten() -> None:
    """Whoever adds one names it above, and so has it walked."""
    dialogs = {found for _path, text in templates() for found in re.findall(r'<dialog id="([^"]+)"', text)}
    menus = {path for path, text in templates() if '<details class="menu' in text}
    assert dialogs == set(FIRST)
    assert menus == set(MENUS)


@pytest.fixture
def mei(join: Join, transactional_db: None) -> Member:
    """A member with points and an address."""
    now = clock.now()
    mei = join("mei", at=now - dt.timedelta(days=400), reward=True)
    buy("mei", "A-1", "1240", now - dt.timedelta(days=40))
    return mei


@pytest.fixture
def agent(transactional_db: None) -> Account:
    """A person who may open all of them."""
    return open_staff("agent")


@pytest.mark.parametrize("name", sorted(FIRST))
@pytest.mark.parametrize("width", [1440, 390])
def test_a_dialog_is_walked_by_keys(look: Look, agent: Account, mei: Member, name: str, width: int) -> None:
    """Enter opens it with the focus on its first field, Tab stays inside both ways, Esc and Cancel give it back."""
    page = look(f"/console/members/{mei.number}/{AT[name]}", agent, width=width).page
    opener, dialog = page.locator(f'[data-open="{name}"]').first, page.locator(f"dialog#{name}")
    stops = dialog.locator("a[href], button:visible, input:visible, select:visible, textarea:visible").count()
    for leave in (_by_escape, _by_button):
        opener.focus()
        page.keyboard.press("Enter")
        expect(dialog).to_be_visible()
        expect(dialog.locator(FIRST[name])).to_be_focused()
        assert page.locator(f"dialog#{name}").get_attribute("aria-labelledby") == f"h-{name}"
        for key in ["Tab"] * (stops + 6) + ["Shift+Tab"] * (stops + 6):
            page.keyboard.press(key)
            assert page.evaluate(INSIDE, name), f"{key} leads out of the dialog"
        leave(page, name)
        expect(dialog).to_be_hidden()
        expect(opener).to_be_focused()


def _by_escape(page: Page, name: str) -> None:
    page.keyboard.press("Escape")


def _by_button(page: Page, name: str) -> None:
    button = page.locator(f"dialog#{name} [data-close]")
    button.focus()
    page.keyboard.press("Enter")


def test_the_menu_of_pages_is_walked_by_keys_on_a_phone(look: Look, agent: Account, mei: Member) -> None:
    """Its button opens it, Tab goes through its pages, Esc closes it and gives the focus back."""
    page = look("/console/", agent, width=390).page
    opener, menu = page.locator(".burger"), page.locator("nav#nav")
    expect(menu).to_be_hidden()
    opener.focus()
    page.keyboard.press("Enter")
    expect(menu).to_be_visible()
    for _stop in range(4):
        page.keyboard.press("Tab")
    assert page.evaluate("() => document.getElementById('nav').contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(opener).to_be_focused()


@pytest.mark.parametrize("path", sorted(MENUS))
def test_a_menu_is_walked_by_keys(look: Look, mei: Member, path: str) -> None:
    """Enter opens what stands below the button, Tab leads into it, Enter on the button closes it."""
    address, *names = MENUS[path]
    Member.objects.create(number="M7700", name="Guest", joined_at=clock.now())
    page = look(address, open_staff("admin")).page
    for name in names:
        menu = page.locator("details.menu").filter(has_text=name)
        summary = menu.locator("summary")
        summary.focus()
        page.keyboard.press("Enter")
        expect(menu.locator(".pop")).to_be_visible()
        page.keyboard.press("Tab")
        assert menu.locator(".pop").evaluate("pop => pop.contains(document.activeElement)"), name
        summary.focus()
        page.keyboard.press("Enter")
        expect(menu.locator(".pop")).to_be_hidden()
