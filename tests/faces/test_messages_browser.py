"""The members' messages and the outbox in a real browser: with and without scripts, in all languages, by axe."""

from typing import Any

import pytest

from members.enums import Purpose
from members.models import Consent, Member
from membership_site.flows import starter_templates
from messaging import queries as messaging_queries
from messaging.enums import Channel
from messaging.models import Answer, InboxItem, Message
from messaging.queries import Link, LinkKind
from tests.browser import Open
from tests.everybody import faces, faults, walk
from tests.messaging.outbox import consent, put
from tests.messaging.outbox import words as make_words

from .conftest import FaceCast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def mail(face_cast: FaceCast) -> Message:
    """An e-mail to Mei, and two messages in her inbox, one of them read."""
    from kit import clock
    from messaging.jobs import send_due

    now = clock.now()
    starter_templates.load(at=now, actor="test")
    mei = Member.objects.get(account=face_cast.mei)
    consent(mei.id, at=now)
    version = make_words()
    for key in ("one", "two"):
        put(mei.id, version, key=key, channel=Channel.INBOX, purpose=Purpose.SERVICE, at=now)
    mail = put(mei.id, version, key="mail", purpose=Purpose.SERVICE, at=now)
    send_due(clock.now)
    InboxItem.objects.filter(message__source_key="two").update(read_at=now)
    return Message.objects.get(id=mail.id)


def path_of(mail: Message, kind: LinkKind) -> str:
    """Will return the path of a signed link."""
    return messaging_queries.PATHS[kind].format(signed=messaging_queries.sign_link(Link(kind, mail.token)))


@faces(("en", "light", 1440), ("zh-hans", "dark", 390))
def test_messages_are_for_everybody(
    visit: Open, face_cast: FaceCast, mail: Message, language: str, theme: str, width: int
) -> None:
    """No violation, nothing sideways, no complaint of the browser; by a link too."""
    Message.objects.filter(id=mail.id).update(language=language)
    first = InboxItem.objects.order_by("message_id").first()
    assert first is not None
    style: dict[str, Any] = {"language": language, "theme": theme, "width": width, "reduced_motion": "reduce"}
    found: list[str] = []
    for _path, seen in walk(
        visit, ["/messages/", f"/messages/{first.pk}/", "/messages/settings/", "/me/"], face_cast.mei, **style
    ):
        found += faults(seen)
    kinds = (LinkKind.UNSUBSCRIBE, LinkKind.PREFERENCES, LinkKind.SATISFACTION, LinkKind.RECOMMENDATION)
    links = [path_of(mail, kind) for kind in kinds]
    for _path, seen in walk(visit, links, **style):
        found += faults(seen)
    seen = visit(links[0], **style)
    with seen.page.expect_navigation():
        seen.page.locator("main form button").first.click()
    found += faults(seen)
    assert not found, "\n".join(found)


def test_choices_need_no_scripts(visit: Open, face_cast: FaceCast, mail: Message) -> None:
    """On a phone: a message opened, a topic switched off, all stopped, unsubscribed by a link without a log-in."""
    seen = visit("/messages/", face_cast.mei, scripts=False, width=390)
    seen.page.locator("a.go").first.click()
    assert seen.page.get_by_role("heading", level=1).inner_text() == "Hello Mei-Ling Chan"
    seen.go("/messages/settings/")
    seen.page.locator("input[name='topic.email.news']").uncheck()
    seen.page.get_by_role("button", name="Keep these choices").click()
    assert not seen.page.locator("input[name='topic.email.news']").is_checked()
    seen.page.get_by_role("button", name="Stop all news and offers").click()
    assert not seen.page.locator("input[name='channel.email']").is_checked()
    seen.page.locator("input[name='channel.email']").check()
    seen.page.get_by_role("button", name="Keep these choices").click()
    assert Consent.objects.filter(channel="email").order_by("-at", "-id")[0].given
    away = visit(path_of(mail, LinkKind.UNSUBSCRIBE), scripts=False, width=390)
    away.page.get_by_role("button", name="Unsubscribe").click()
    assert "You are unsubscribed" in away.page.content()
    away.page.locator("input[name='topic.email.points']").check()
    away.page.get_by_role("button", name="Send me only these").click()
    assert "Kept. It holds from now on." in away.page.content()
    assert seen.complaints == away.complaints == []


def test_a_question_is_answered_with_the_keyboard_alone(visit: Open, face_cast: FaceCast, mail: Message) -> None:
    """From the link to the thanks, without script and without a log-in."""
    seen = visit(path_of(mail, LinkKind.SATISFACTION), scripts=False, width=390)
    page = seen.page
    page.get_by_label("Very dissatisfied").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Tea was cold")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Thank you. Your answer is kept.").wait_for()
    assert page.get_by_label("Neither").is_checked()
    answer = Answer.objects.get()
    assert (answer.score, answer.comment) == (3, "Tea was cold")
    assert seen.complaints == []


def test_a_browser_that_may_not_show_notifications_says_so(
    visit: Open, face_cast: FaceCast, mail: Message, settings: Any
) -> None:
    """The script asks, and what it is refused stands beside the button; nothing is kept."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    settings.VAPID_PUBLIC_KEY = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    settings.MESSAGE_PUSH = "vapid"
    seen = visit("/messages/settings/", face_cast.mei)
    seen.page.get_by_role("button", name="Show notifications here").click()
    refused = seen.page.get_by_text("This browser does not allow notifications of this page.")
    refused.wait_for(state="visible")
    assert messaging_queries.count_browsers(Member.objects.get(account=face_cast.mei).id) == 0
    assert seen.complaints == []
