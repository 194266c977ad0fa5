"""The benefits in a real browser: a cell edited without script on a phone, and every page for everybody."""

import datetime as dt
import uuid

import pytest
from playwright.sync_api import expect

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from kit import clock
from tests.benefits.matrices import publish, raised, row
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAFT = "/console/benefits/draft/"


@pytest.fixture
def draft(join: Join, transactional_db: None) -> int:
    """A member who asked for a talk, and a draft that takes something away and has something wrong."""
    now = clock.now()
    ann = raised(join("ann", at=now - dt.timedelta(days=30)), "silver", now - dt.timedelta(days=3))
    publish(row("talk", "service", {"*": {"booking": True}}))
    form = uuid.uuid4()
    benefits_actions.book(member_id=ann.id, benefit="talk", form_key=form, note="Hello", at=now, actor="member")
    begun = benefits_actions.start_draft(at=now, actor="staff:1")
    benefits_actions.save_cell(version_id=begun.id, benefit="talk", tier="gold", cell=None, at=now, actor="staff:1")
    return begun.id


def test_a_cell_is_edited_without_scripts_on_a_phone(look: Look, draft: int) -> None:
    """Opened, changed, saved; nothing is complained of."""
    seen = look(DRAFT, open_staff("operator"), scripts=False, width=390)
    seen.page.locator("a[href*='benefit=early-access&tier=gold']").click()
    seen.page.get_by_label("Members of this tier have it").check()
    seen.page.get_by_label("Hours before everybody").fill("12")
    seen.page.get_by_role("button", name="Save in the draft").click()
    expect(seen.page.get_by_text("12 hours earlier").first).to_be_visible()
    assert seen.complaints == []
    assert benefits_queries.get_matrix_version(draft).matrix.find("early-access").cell_of("gold").hours == 12


def test_a_cell_is_edited_in_its_place(look: Look, draft: int) -> None:
    """The form opens where the words stood; saved, the words are there again, with the focus; refused, it says why."""
    seen = look(DRAFT, open_staff("operator"))
    page, cell = seen.page, "#cell-early-access-gold"
    page.locator(cell).click()
    form = page.get_by_role("form", name="Early access: Gold")
    expect(form.get_by_label("Members of this tier have it")).to_be_focused()
    form.get_by_label("Members of this tier have it").check()
    form.get_by_label("Hours before everybody").fill("12")
    form.get_by_label("Hours before everybody").press("Enter")
    expect(page.locator(cell)).to_contain_text("12 hours earlier")
    expect(page.locator(cell)).to_be_focused()
    assert page.url.endswith(DRAFT)
    page.locator(cell).click()
    form.get_by_label("Hours before everybody").fill("")
    form.get_by_role("button", name="Save in the draft").click()
    expect(page.get_by_text("Say how many hours before everybody.").first).to_be_visible()
    form.get_by_role("link", name="Cancel").click()
    expect(page.locator(cell)).to_contain_text("12 hours earlier")
    assert [one for one in seen.complaints if "422" not in one] == []
    assert benefits_queries.get_matrix_version(draft).matrix.find("early-access").cell_of("gold").hours == 12


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_the_benefits_are_for_everybody(look: Look, draft: int, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    paths = (
        *("/console/benefits/", "/console/benefits/versions/1/", "/console/benefits/goods/", "/console/bookings/"),
        *(DRAFT + rest for rest in ("", "benefit/", "cell/?benefit=events&tier=gold", "publish/", "discard/")),
    )
    found: list[str] = []
    for _path, visit in walk(look, paths, open_staff("admin"), language=language, theme=theme, width=width):
        found += faults(visit)
    assert not found, "\n".join(found)
