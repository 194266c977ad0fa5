"""The member's messages: the inbox, what is chosen, links in messages, and what scanners and forgers get from them."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from members import queries as members_queries
from members.enums import Purpose
from members.models import Consent, Member
from membership_site.flows import starter_templates
from messaging import queries as messaging_queries
from messaging.enums import Channel
from messaging.models import Answer, InboxItem, Message, MessageEvent, TopicChoice
from messaging.queries import Link, LinkKind
from tests.conftest import NOON
from tests.messaging.outbox import consent, put, send
from tests.messaging.outbox import words as make_words

pytestmark = pytest.mark.django_db

SETTINGS = "/messages/settings/"
BROWSER = "Mozilla/5.0 (Macintosh) AppleWebKit/605 Safari/605"
INBOX_QUERIES = 5
MOST_QUERIES = 16


def text_of(answer: Any) -> str:
    """Will return a page in one line, entities of quotes as they are read."""
    return " ".join(answer.content.decode().replace("&#x27;", "'").split())


@pytest.fixture(autouse=True)
def _fresh() -> None:
    """Nobody was counted before."""
    cache.clear()


@pytest.fixture
def words(programme: None) -> int:
    """Published words for every channel."""
    return make_words()


@pytest.fixture
def topics(programme: None) -> None:
    """The starter's topics."""
    starter_templates.load(at=NOON, actor="test")


@pytest.fixture
def letters(ann: Member, words: int) -> Callable[[int], list[int]]:
    """Puts messages into Ann's inbox: letters(3)."""

    def write(count: int) -> list[int]:
        have = InboxItem.objects.count()
        made = [
            put(ann.id, words, key=f"k{have + n}", channel=Channel.INBOX, purpose=Purpose.SERVICE) for n in range(count)
        ]
        send()
        return [message.id for message in made]

    return write


@pytest.fixture
def mail(ann: Member, words: int, monkeypatch: pytest.MonkeyPatch) -> Message:
    """An e-mail that Ann got: of marketing, with one link."""
    from tests.messaging.conftest import Sink
    from tests.messaging.outbox import give_provider

    sink = Sink()
    give_provider(monkeypatch, "email", lambda: sink)
    consent(ann.id)
    message = put(ann.id, words)
    send()
    message.refresh_from_db()
    assert message.state == "sent"
    return message


def link(message: Message, kind: LinkKind, number: int = 0) -> str:
    """Will return the path of a signed link."""
    signed = messaging_queries.sign_link(Link(kind, message.token, number))
    return messaging_queries.PATHS[kind].format(signed=signed)


# ---- the inbox


def test_an_empty_inbox_says_what_comes(browse: Client) -> None:
    page = text_of(browse.get("/messages/"))
    assert "No messages yet" in page
    assert "Messages, some unread" not in page


def test_a_message_is_unread_until_it_is_opened(browse: Client, letters: Callable[[int], list[int]]) -> None:
    """The dot stands on every page until then; it is opened once, and never by others."""
    (one,) = letters(1)
    for path in ("/", "/messages/", "/points/", "/me/"):
        assert "Messages, some unread" in text_of(browse.get(path)), path
    page = text_of(browse.get("/messages/"))
    assert "Unread" in page
    assert "Hello Ann" in page
    browse.head(f"/messages/{one}/")
    assert InboxItem.objects.get().read_at is None
    page = text_of(browse.get(f"/messages/{one}/"))
    assert "Hello Ann" in page
    assert "Messages, some unread" not in page
    assert InboxItem.objects.get().read_at == NOON
    browse.get(f"/messages/{one}/")
    assert [event.kind for event in messaging_queries.events_of(one)] == ["opened"]
    assert "Unread" not in text_of(browse.get("/messages/"))


def test_the_button_leads_where_it_was_written(browse: Client, letters: Callable[[int], list[int]]) -> None:
    """Once counted; to what was made up it never leads."""
    (one,) = letters(1)
    assert browse.get(f"/messages/{one}/go/")["Location"] == "/rewards/"
    assert browse.get(f"/messages/{one}/go/?next=https://evil.example/")["Location"] == "/rewards/"
    assert [event.kind for event in messaging_queries.events_of(one)] == ["clicked"]
    for address in ("//evil.example/", "javascript:alert(1)", "https://a@evil.example/", ""):
        InboxItem.objects.update(url=address)
        assert browse.get(f"/messages/{one}/go/").status_code == 404


def test_nobody_reads_anothers_messages(
    client: Client, letters: Callable[[int], list[int]], join: Any, account_of: Any
) -> None:
    (one,) = letters(1)
    client.force_login(account_of(join("bob")), backend="allauth.account.auth_backends.AuthenticationBackend")
    for path in (f"/messages/{one}/", f"/messages/{one}/go/"):
        assert client.get(path).status_code == 404
    assert "No messages yet" in text_of(client.get("/messages/"))
    assert InboxItem.objects.get().read_at is None


def test_the_inbox_is_paged(browse: Client, letters: Callable[[int], list[int]]) -> None:
    """Each message on one page, whatever the order of instants; what is no place begins anew."""
    made = letters(23)
    first = browse.get("/messages/").content.decode()
    older = first.split('rel="next" href="')[1].split('"')[0]
    second = browse.get(f"/messages/{older}".replace("&amp;", "&")).content.decode()
    seen = [one for page in (first, second) for one in made if f"/messages/{one}/" in page]
    assert sorted(seen) == made
    assert browse.get("/messages/?after=nonsense").content.decode().count('class="go"') == 20


@pytest.mark.parametrize("count", [1, 3])
def test_pages_take_the_same_queries(browse: Client, letters: Callable[[int], list[int]], count: int) -> None:
    """However many messages there are."""
    made = letters(count)
    for path, most in (("/messages/", INBOX_QUERIES), (f"/messages/{made[0]}/", 12), (SETTINGS, MOST_QUERIES)):
        browse.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert browse.get(path).status_code == 200
        assert len(asked) <= most, (path, len(asked))


# ---- what comes


def test_switches_show_what_holds_and_are_kept(browse: Client, ann: Member, topics: None) -> None:
    """The sentence of a switch is kept with the consent; a second press adds nothing."""
    page = text_of(browse.get(SETTINGS))
    assert "You have not been asked yet." in page
    was = page.split('name="was" value="')[1].split('"')[0]
    assert "channel.inbox" in was.split()
    assert "channel.email" not in was.split()
    assert "channel.push" not in page
    boxes = dict.fromkeys(was.split(), "on")
    typed = {"was": was, **boxes, "channel.email": "on"}
    typed.pop("topic.email.news")
    for _again in range(2):
        assert browse.post(SETTINGS, typed)["Location"] == SETTINGS
    row = Consent.objects.get(member=ann)
    assert (row.channel, row.given, row.actor) == ("email", True, "member")
    assert row.text.startswith("I agree to news and offers of Fernway Circle by e-mail.")
    choice = TopicChoice.objects.get()
    assert (choice.channel, choice.topic, choice.wanted) == ("email", "news", False)
    page = text_of(browse.get(SETTINGS))
    assert "All offers by E-mail: on" in page
    assert "News by E-mail: off" in page
    assert "by you, on these pages" in page


def test_a_page_that_lay_open_switches_nothing_on_again(browse: Client, ann: Member, topics: None) -> None:
    """What was ended since, by a link or elsewhere, stays ended."""
    consent(ann.id)
    page = browse.get(SETTINGS).content.decode()
    was = page.split('name="was" value="')[1].split('"')[0]
    consent(ann.id, given=False, channels=["email"], at=NOON - dt.timedelta(minutes=1))
    browse.post(SETTINGS, {"was": was, **dict.fromkeys(was.split(), "on")})
    assert not messaging_queries.preferences_of(ann.id).wants("email", "offers")


def test_hours_are_kept_or_named_at_their_field(browse: Client, ann: Member) -> None:
    path = f"{SETTINGS}hours/"
    browse.post(path, {"quiet": "own", "starts": "21:00", "ends": "09:30", "zone": "Europe/London"})
    assert messaging_queries.preferences_of(ann.id).quiet == (dt.time(21), dt.time(9, 30))
    assert members_queries.time_zone_of(ann.id) == "Europe/London"
    assert 'value="21:00"' in browse.get(SETTINGS).content.decode()
    for typed, said in (
        ({"quiet": "own", "starts": "", "ends": "09:00"}, "Say from when until when."),
        ({"quiet": "own", "starts": "09:00", "ends": "09:00"}, "Both times are the same."),
        ({"quiet": "own", "starts": "x", "ends": "09:00"}, "Use a time such as 22:00."),
        ({"quiet": "house", "zone": "Mars/Phobos"}, "This is no time zone."),
    ):
        answer = browse.post(path, typed)
        assert answer.status_code == 422, typed
        assert said in text_of(answer)
    browse.post(path, {"quiet": "never"})
    assert messaging_queries.preferences_of(ann.id).quiet == (dt.time(0), dt.time(0))
    browse.post(path, {"quiet": "house"})
    assert messaging_queries.preferences_of(ann.id).quiet is None


def test_one_press_ends_all(browse: Client, ann: Member, words: int) -> None:
    consent(ann.id)
    assert browse.get("/messages/stop/").status_code == 405
    assert "Stop all news and offers" in text_of(browse.get(SETTINGS))
    browse.post("/messages/stop/")
    browse.post("/messages/stop/")
    assert not any(one.allowed for one in messaging_queries.preferences_of(ann.id).channels)
    assert Consent.objects.filter(member=ann, given=False).count() == 4
    assert "No news and offers come now." in text_of(browse.get(SETTINGS))


@pytest.mark.parametrize("path", ["/messages/", SETTINGS, "/messages/1/", "/messages/1/go/"])
def test_strangers_are_sent_to_the_log_in(client: Client, path: str) -> None:
    assert client.get(path)["Location"] == f"/login/?next={path}"
    for deed in ("/messages/stop/", "/messages/push/", "/messages/push/end/", f"{SETTINGS}hours/"):
        assert client.post(deed)["Location"].startswith("/login/")


# ---- browsers


@pytest.fixture
def vapid(settings: Any) -> str:
    """Keys to push with; returns the public one as a browser takes it."""
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY = private.decode(), public.decode()
    settings.MESSAGE_PUSH = "vapid"
    return messaging_queries.push_key()


def test_without_keys_there_are_no_notifications(browse: Client) -> None:
    assert "data-push-key" not in browse.get(SETTINGS).content.decode()
    assert browse.post("/messages/push/", {"subscription": "{}"}).status_code == 404


def test_a_browser_is_let_in_and_out(browse: Client, ann: Member, vapid: str) -> None:
    """By a form that a script fills; what it cannot read is said."""
    assert len(vapid) == 87
    page = browse.get(SETTINGS)
    assert f'data-push-key="{vapid}"' in page.content.decode()
    assert "channel.push" in page.content.decode()
    assert "unsafe" not in page["Content-Security-Policy"]
    worker = browse.get("/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in worker.content
    keys = '"keys": {"p256dh": "k", "auth": "a"}}'
    unkept = (f'{{"endpoint": "https://x/{sign}", {keys}' for sign in ("\\ud800", "\\u0000", "\\n", "é"))
    for wrong in (
        "",
        "{",
        "[]",
        "[" * 4000,
        '{"endpoint": "http://x/", "keys": {}}',
        '{"endpoint": "https://x/"}',
        *unkept,
    ):
        browse.post("/messages/push/", {"subscription": wrong})
        assert messaging_queries.count_browsers(ann.id) == 0
        assert "Nothing was kept" in text_of(browse.get(SETTINGS))
    said = '{"endpoint": "https://push.example.com/a", "keys": {"p256dh": "k", "auth": "a"}}'
    browse.post("/messages/push/", {"subscription": said})
    assert messaging_queries.count_browsers(ann.id) == 1
    browse.post("/messages/push/end/", {"subscription": said})
    assert messaging_queries.count_browsers(ann.id) == 0
    browse.post("/messages/push/", {"subscription": said})
    browse.post("/messages/push/end/")
    assert messaging_queries.count_browsers(ann.id) == 0


# ---- links in messages


def test_a_link_is_followed_to_its_target_and_counted_once(client: Client, mail: Message) -> None:
    """Nothing of the request can change where it leads."""
    path = link(mail, LinkKind.CLICK, 1)
    for more in ("", "?url=https://evil.example/", "?next=//evil.example"):
        answer = client.get(path + more, headers={"user-agent": BROWSER})
        assert (answer.status_code, answer["Location"]) == (302, "https://shop.example.com/offer")
    assert not answer.cookies
    client.head(path)
    assert MessageEvent.objects.count() == 1
    assert client.post(path).status_code == 405
    assert client.get(link(mail, LinkKind.CLICK, 2)).status_code == 404


@pytest.mark.parametrize("target", ["javascript:alert(1)", "//evil.example/", "https://a@evil.example/", "/\\evil"])
def test_a_target_that_may_not_be_followed_is_not(client: Client, mail: Message, target: str) -> None:
    """Even if our own words were ever to hold one."""
    from messaging.models import TemplateVersion

    compiled = {"email": {"en": {"subject": "x", "text": "x", "links": {"1": target}}}}
    version = TemplateVersion.objects.create(
        template_id=TemplateVersion.objects.get().template_id, number=2, content={}, compiled=compiled,
        published_at=NOON, actor="test",
    )  # fmt: skip
    Message.objects.filter(id=mail.id).update(template_version=version)
    answer = client.get(link(mail, LinkKind.CLICK, 1))
    assert answer.status_code == 404
    assert "Location" not in answer


def test_the_picture_counts_an_opening(client: Client, mail: Message) -> None:
    """It is the same picture for what is forged, which counts nothing."""
    answer = client.get(link(mail, LinkKind.OPEN), headers={"user-agent": BROWSER})
    assert answer["Content-Type"] == "image/gif"
    assert answer.content.startswith(b"GIF89a")
    assert "no-store" in answer["Cache-Control"]
    assert not answer.cookies
    assert MessageEvent.objects.count() == 1
    forged = client.get("/m/o/AAAA")
    assert (forged.status_code, forged.content) == (200, answer.content)
    assert MessageEvent.objects.count() == 1


def test_a_scanner_changes_nothing(client: Client, mail: Message, ann: Member) -> None:
    """However often it follows the link; the page says so."""
    path = link(mail, LinkKind.UNSUBSCRIBE)
    for _again in range(3):
        answer = client.get(path)
        assert answer.status_code == 200
    client.head(path)
    page = text_of(answer)
    assert "No more news and offers of Fernway Circle by e-mail." in page
    assert "Nothing has changed yet." in page
    assert messaging_queries.preferences_of(ann.id).wants("email", "offers")
    assert MessageEvent.objects.count() == 0


def test_one_click_needs_no_session_and_gets_no_cookie(mail: Message, ann: Member, words: int) -> None:
    """RFC 8058: a POST of its own body, answered with 200 and no way on; nothing is sent after it."""
    client = Client(enforce_csrf_checks=True)
    waiting = put(ann.id, words, key="k2")
    path = link(mail, LinkKind.UNSUBSCRIBE)
    for _again in range(2):
        answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
        assert not answer.cookies
        assert "Location" not in answer
    send()
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason) == ("skipped", "no_consent")
    rows = Consent.objects.filter(member=ann, channel="email", given=False)
    assert [(row.text, row.actor) for row in rows] == [
        ("No more news and offers of Fernway Circle by e-mail.", "member:link")
    ]
    assert [event.kind for event in messaging_queries.events_of(mail.id)] == ["unsubscribed"]


def test_a_press_ends_it_and_offers_fewer(mail: Message, ann: Member, topics: None) -> None:
    """The topics that are ticked come again, with the sentence that stood there; the others do not."""
    client = Client()
    page = text_of(client.post(link(mail, LinkKind.UNSUBSCRIBE)))
    assert "You are unsubscribed" in page
    assert "Or only fewer?" in page
    assert not messaging_queries.preferences_of(ann.id).wants("email", "points")
    was = page.split('name="was" value="')[1].split('"')[0]
    path = link(mail, LinkKind.PREFERENCES)
    assert path in page
    client.post(path, {"was": was, "channel.email": "on", "topic.email.points": "on"})
    found = messaging_queries.preferences_of(ann.id)
    assert found.wants("email", "points")
    assert not found.wants("email", "offers")
    assert found.wants("sms", "offers")


def test_choices_by_a_link_show_nothing_of_a_person(client: Client, mail: Message, ann: Member, topics: None) -> None:
    """Nor hours, zone and history; all of it can be stopped there."""
    path = link(mail, LinkKind.PREFERENCES)
    page = text_of(client.get(path))
    for hidden in ("Ann", ann.number, "ann@example.com", "Time zone", "What you answered"):
        assert hidden not in page, hidden
    assert client.post(path, {"do": "stop"})["Location"] == f"{path}?kept=1"
    assert "Kept. It holds from now on." in text_of(client.get(f"{path}?kept=1"))
    assert not any(one.allowed for one in messaging_queries.preferences_of(ann.id).channels)


@pytest.mark.parametrize(("language", "said"), [("zh-hans", "退订"), ("zh-hant", "取消訂閱")])
def test_links_speak_the_language_of_their_message(client: Client, mail: Message, language: str, said: str) -> None:
    """Whatever the browser would like."""
    Message.objects.filter(id=mail.id).update(language=language)
    page = client.get(link(mail, LinkKind.UNSUBSCRIBE), headers={"accept-language": "en"}).content.decode()
    assert said in page
    assert 'lang="zh-Han' in page


def test_links_are_of_one_kind(client: Client, mail: Message) -> None:
    """One that counts does not unsubscribe where it is put into another address."""
    signed = messaging_queries.sign_link(Link(LinkKind.CLICK, mail.token, 1))
    for kind in ("u", "p"):
        assert client.post(f"/m/{kind}/{signed}").status_code == 404
    assert Consent.objects.filter(given=False).count() == 0
    nobody = messaging_queries.sign_link(Link(LinkKind.UNSUBSCRIBE, uuid.uuid4()))
    answer = client.post(f"/m/u/{nobody}")
    assert answer.status_code == 404
    assert "This link does not work" in text_of(answer)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_link_that_was_tampered_with_does_nothing(mail: Message, data: st.DataObject) -> None:
    """Whatever character is changed, dropped or added."""
    cache.clear()
    signed = messaging_queries.sign_link(Link(LinkKind.UNSUBSCRIBE, mail.token))
    place = data.draw(st.integers(0, len(signed) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_.%=") | st.just(""))
    forged = signed[:place] + letter + signed[place + 1 :]
    read = messaging_queries.read_link(forged)
    assume(read != Link(LinkKind.UNSUBSCRIBE, mail.token))  # the same bytes, written otherwise, are the same link
    assert read is None
    answer = Client().post(f"/m/u/{forged}")
    assert answer.status_code in (404, 301)
    assert not MessageEvent.objects.exists()
    assert not Consent.objects.filter(given=False).exists()


def test_links_are_not_followed_without_end(client: Client, mail: Message) -> None:
    """A message's own sixty times a minute, what is forged thirty times; then it says so and does nothing."""
    path = link(mail, LinkKind.CLICK, 1)
    answers = [client.get(path).status_code for _ in range(61)]
    assert answers == [302] * 60 + [429]
    forged = [client.get("/m/u/AAAA").status_code for _ in range(31)]
    assert forged == [404] * 30 + [429]
    assert "Wait a minute" in text_of(client.get("/m/u/AAAA"))


# ---- what a message asks


@pytest.mark.parametrize(
    ("kind", "question", "good", "bad"),
    [
        (LinkKind.SATISFACTION, "How satisfied are you with us?", "4", "6"),
        (LinkKind.RECOMMENDATION, "How likely are you to recommend us to a friend?", "0", "11"),
    ],
)
def test_a_question_is_answered_by_a_press_alone(
    client: Client, mail: Message, kind: LinkKind, question: str, good: str, bad: str
) -> None:
    path = link(mail, kind)
    for _ in range(3):
        page = text_of(client.get(path))
        assert question in page
        assert "Nothing is sent before you press the button." in page
    client.head(path)
    assert not Answer.objects.exists(), "a scanner that follows links answers nothing"
    for typed in ({}, {"score": bad}, {"score": ""}):
        refused = client.post(path, typed)
        assert refused.status_code == 422
    assert not Answer.objects.exists()
    kept = client.post(path, {"score": good, "comment": "Because of <b>tea</b>"}, follow=True)
    page = text_of(kept)
    assert "Thank you. Your answer is kept." in page
    assert "Because of" not in page, "a link may have been passed on"
    answer = Answer.objects.get()
    assert (answer.message_id, answer.score, answer.comment) == (mail.id, int(good), "Because of <b>tea</b>")
    client.post(path, {"score": "1", "comment": ""})
    answer.refresh_from_db()
    assert (answer.score, answer.comment) == (1, "Because of <b>tea</b>")


def test_a_question_is_answered_by_its_own_link_alone(client: Client, mail: Message) -> None:
    """In the message's language; a link of another kind, or one that nobody signed, asks nothing."""
    Message.objects.filter(id=mail.id).update(language="zh-hant")
    assert "您對我們滿意嗎？" in text_of(client.get(link(mail, LinkKind.SATISFACTION)))
    signed = messaging_queries.sign_link(Link(LinkKind.UNSUBSCRIBE, mail.token))
    for path in (f"/m/s/{signed}", f"/m/r/{signed}", "/m/s/nonsense"):
        assert client.post(path, {"score": "5"}).status_code == 404
    stranger = messaging_queries.sign_link(Link(LinkKind.SATISFACTION, uuid.uuid4()))
    assert client.post(f"/m/s/{stranger}", {"score": "5"}).status_code == 404
    assert not Answer.objects.exists()
