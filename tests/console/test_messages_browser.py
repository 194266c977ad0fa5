"""Messages in a real browser: written with and without script, shown in a frame, for everybody, on a phone too."""

import pytest
from playwright.sync_api import expect

from kit import clock
from members.models import Member
from membership_site.flows import starter_templates
from messaging import actions
from messaging.queries import templates as queries
from tests.everybody import faces, faults, walk

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LIST = "/console/messages/templates/"


@pytest.fixture
def draft(join: Join, transactional_db: None) -> int:
    """The id of the welcome's template, which has a draft."""
    starter_templates.load(at=clock.now(), actor="test")
    row = queries.find_template("welcome")
    assert row is not None
    actions.start_template_draft(template_id=row.id, at=clock.now(), actor="staff:1")
    return row.id


def test_an_email_is_written_in_a_browser(look: Look, draft: int) -> None:
    """With scripts what is wrong and the page follow what is typed; without, a button shows both."""
    operator = open_staff("operator")
    path = f"{LIST}{draft}/email/en/"
    seen = look(path, operator, width=1440)
    page = seen.page
    frame = page.frame_locator("iframe.mailpage")
    expect(frame.get_by_text("You are a member now")).to_be_visible()
    page.get_by_label("Subject").fill("Hello {{ nmae }}")
    expect(page.locator("#look").get_by_text("Did you mean “name”?")).to_be_visible()
    page.get_by_label("Subject").fill("Hello")
    page.locator("#id_body").fill("Tea **today**.\n\n[Look](https://shop.example/tea)")
    expect(frame.get_by_text("today")).to_be_visible()
    page.get_by_role("button", name="Save in the draft").click()
    expect(page.get_by_text("The words are saved in the draft.")).to_be_visible()
    assert seen.complaints == []
    seen = look(path, operator, scripts=False, width=390)
    page = seen.page
    page.locator("#id_body").fill("Coffee {{ pionts }}.")
    page.get_by_role("button", name="Look at it").click()
    expect(page.get_by_text("Did you mean “points”?")).to_be_visible()
    assert seen.complaints == []


@faces(("en", "light", 1440), ("zh-hant", "dark", 390))
def test_its_pages_are_for_everybody(look: Look, draft: int, join: Join, language: str, theme: str, width: int) -> None:
    ann: Member = join("ann")
    assert ann.number
    paths = [
        LIST,
        f"{LIST}new/",
        f"{LIST}{draft}/",
        f"{LIST}{draft}/email/en/",
        f"{LIST}{draft}/sms/zh-hans/",
        "/console/messages/fields/",
        "/console/messages/topics/",
        "/console/messages/topics/new/",
        "/console/messages/topics/offers/",
    ]
    found = []
    for _path, seen in walk(look, paths, open_staff("operator"), language=language, theme=theme, width=width):
        found += faults(seen)
    assert found == []
