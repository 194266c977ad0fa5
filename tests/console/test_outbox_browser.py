"""The outbox in a real browser: a decision without script on a phone, and every page for everybody."""

import pytest
from playwright.sync_api import expect

from kit import clock
from members.enums import Purpose
from messaging import actions
from messaging.enums import Channel
from messaging.jobs import send_due
from messaging.models import Message
from tests.everybody import faces, faults, walk
from tests.messaging.outbox import consent, put
from tests.messaging.outbox import words as make_words

from .conftest import Join, Look, open_staff

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OUTBOX = "/console/messages/outbox/"


@pytest.fixture
def unknown(join: Join, transactional_db: None) -> Message:
    """A message of which nobody can tell, one in an inbox, one that was not sent, and a paused dispatch."""
    now = clock.now()
    ann, bob = join("ann"), join("bob")
    consent(ann.id, at=now)
    version = make_words()
    dispatch = actions.open_dispatch(name="Spring tea", at=now, actor="staff:1")
    put(ann.id, version, key="i", channel=Channel.INBOX, purpose=Purpose.SERVICE, at=now)
    put(bob.id, version, key="s", purpose=Purpose.SERVICE, at=now)
    message = put(ann.id, version, key="u", dispatch_id=dispatch, at=now)
    Message.objects.filter(id=message.id).update(state="unknown", sending_at=now)
    send_due(clock.now)
    actions.pause(dispatch_id=dispatch, reason="A wrong price", at=now, actor="staff:1")
    return message


def test_a_decision_needs_no_scripts(look: Look, unknown: Message) -> None:
    """Filtered, opened, decided; a cap added and taken out."""
    seen = look(OUTBOX, open_staff("operator"), scripts=False, width=390)
    seen.page.get_by_label("State").select_option("unknown")
    seen.page.get_by_role("button", name="Filter").click()
    seen.page.locator("#list th a").first.click()
    seen.page.get_by_role("button", name="Mark as sent").click()
    expect(seen.page.get_by_text("It counts as sent.")).to_be_visible()
    seen.go("/console/messages/rules/")
    seen.page.get_by_label("At most: Cap 3").fill("1")
    seen.page.get_by_label("In so many days: Cap 3").fill("3")
    seen.page.get_by_role("button", name="Put them in force").click()
    expect(seen.page.get_by_text("At most 1 message in 3 days: any channel, any topic.").first).to_be_visible()
    assert seen.complaints == []


@pytest.mark.slow
@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_the_outbox_is_for_everybody(look: Look, unknown: Message, language: str, theme: str, width: int) -> None:
    """No violation, nothing sideways, no complaint of the browser."""
    letter = Message.objects.get(source_key="i")
    paths = (
        OUTBOX,
        f"{OUTBOX}?state=skipped",
        f"{OUTBOX}{unknown.id}/",
        f"{OUTBOX}{letter.id}/",
        f"/console/messages/dispatches/{unknown.dispatch_id}/",
        "/console/messages/rules/",
        "/console/messages/suppressions/",
    )
    found: list[str] = []
    account = open_staff("admin")
    for _path, visit in walk(look, paths, account, language=language, theme=theme, width=width):
        found += faults(visit)
    seen = look(f"{OUTBOX}{unknown.id}/", account, language=language, theme=theme, width=width)
    with seen.page.expect_navigation():
        seen.page.locator("form[action$='/again/'] button").click()
    found += faults(seen)
    seen.go("/console/messages/suppressions/")
    seen.page.locator("#id_address").fill("a@example.com")
    with seen.page.expect_navigation():
        seen.page.locator("button[value=look]").click()
    found += faults(seen)
    assert not found, "\n".join(found)
