"""Members read, choose and let browsers in: each deed once, again, of others, and what the database refuses."""

import datetime as dt
import uuid

import pytest

from kit.models import AuditRow
from members import queries as members_queries
from members.enums import Purpose
from messaging import actions, queries
from messaging.enums import Channel, MessageEventKind, MessageState
from messaging.models import InboxItem, MessageEvent, PushSubscription
from messaging.rules.targets import target
from tests.conftest import NOON
from tests.messaging.outbox import consent, put, send, state_of

pytestmark = pytest.mark.django_db
BY = {"at": NOON, "actor": "member"}
ENDPOINT = "https://push.example.com/abc"
KEYS = {"p256dh": "k" * 87, "auth": "a" * 22}


@pytest.fixture
def letter(ann, words):
    """A message in Ann's inbox."""
    message = put(ann.id, words, channel=Channel.INBOX, purpose=Purpose.SERVICE)
    send()
    assert state_of(message) == MessageState.SENT
    return message


def events(message):
    """Will return what became of a message."""
    return [event.kind for event in queries.events_of(message.id)]


def test_a_message_is_read_once(ann, letter, join):
    """With the event of its opening; by another member it is not."""
    bob = join("bob")
    assert queries.has_unread(ann.id, NOON)
    assert not queries.has_unread(bob.id, NOON)
    assert not actions.mark_read(member_id=bob.id, message_id=letter.id, **BY)
    assert actions.mark_read(member_id=ann.id, message_id=letter.id, **BY)
    assert not actions.mark_read(member_id=ann.id, message_id=letter.id, **BY)
    assert not queries.has_unread(ann.id, NOON)
    assert events(letter) == [MessageEventKind.OPENED]
    assert queries.find_in_inbox(ann.id, letter.id, NOON).read_at == NOON
    assert queries.find_in_inbox(bob.id, letter.id, NOON) is None


def test_a_button_counts_once(ann, letter, join):
    bob = join("bob")
    assert not actions.follow_button(member_id=bob.id, message_id=letter.id, **BY)
    assert actions.follow_button(member_id=ann.id, message_id=letter.id, **BY)
    assert not actions.follow_button(member_id=ann.id, message_id=letter.id, **BY)
    assert events(letter) == [MessageEventKind.CLICKED]


def test_what_is_over_is_not_shown(ann, letter):
    """Nor does it make the dot stand there."""
    InboxItem.objects.update(ends_at=NOON)
    assert queries.list_inbox(ann.id, NOON) == []
    assert not queries.has_unread(ann.id, NOON)
    assert queries.find_in_inbox(ann.id, letter.id, NOON) is None
    assert queries.find_said(letter.id).title == "Hello Ann"


def test_preferences_are_kept_at_once_and_again_change_nothing(ann, words):
    """Channels with the sentence that was seen, topics, hours and zone; senders see them at once."""
    wanted = actions.Wanted(
        channels={"email": False, "push": True},
        texts={"email": "No more.", "push": "Yes, please."},
        topics={("inbox", "offers"): False},
        has_hours=True,
        quiet=(dt.time(20), dt.time(9)),
        zone="Asia/Tokyo",
    )
    consent(ann.id, given=False, channels=["push"], at=NOON - dt.timedelta(hours=1))
    assert actions.keep_preferences(member_id=ann.id, wanted=wanted, **BY) == 4
    assert actions.keep_preferences(member_id=ann.id, wanted=wanted, **BY) == 0
    found = queries.preferences_of(ann.id)
    assert [one.allowed for one in found.channels if one.channel in ("email", "push")] == [False, True]
    assert not found.wants("inbox", "offers")
    assert found.quiet == (dt.time(20), dt.time(9))
    assert members_queries.time_zone_of(ann.id) == "Asia/Tokyo"
    said = {one.channel: one.text for one in members_queries.consents_in_force(ann.id)}
    assert (said["email"], said["push"]) == ("No more.", "Yes, please.")
    assert [(row.channel, row.topic, row.wanted) for row in queries.choices_of(ann.id)] == [("inbox", "offers", False)]
    message = put(ann.id, words)
    send()
    assert state_of(message) == (MessageState.SKIPPED, "no_consent")


def test_a_refused_choice_leaves_nothing_of_the_others(ann, words):
    """All of it is one transaction."""
    wanted = actions.Wanted(channels={"email": False}, texts={"email": "No."}, topics={("email", "nonsense"): False})
    with pytest.raises(actions.UnknownTopic):
        actions.keep_preferences(member_id=ann.id, wanted=wanted, **BY)
    assert all(one.allowed for one in queries.preferences_of(ann.id).channels)


def test_a_channel_without_consents_is_a_topic_choice(ann, words):
    """The shop's own system is no channel of the members' room."""
    by = {"member_id": ann.id, "channel": Channel.WEBHOOK, "text": "No.", **BY}
    assert actions.stop_channel(**by)
    assert not actions.stop_channel(**by)
    assert actions.allow_channel(**by)
    assert not actions.allow_channel(**by)


def test_a_browser_is_let_in_once_and_moves_with_who_is_logged_in(ann, join):
    bob = join("bob")
    by = {"endpoint": ENDPOINT, "keys": KEYS, **BY}
    assert actions.subscribe_push(member_id=ann.id, **by)
    assert not actions.subscribe_push(member_id=ann.id, **by)
    assert queries.count_browsers(ann.id) == 1
    assert actions.subscribe_push(member_id=bob.id, **by)
    assert (queries.count_browsers(ann.id), queries.count_browsers(bob.id)) == (0, 1)
    assert not actions.end_push(member_id=ann.id, endpoint=ENDPOINT, **BY)
    assert actions.end_push(member_id=bob.id, endpoint=ENDPOINT, **BY)
    assert not actions.end_push(member_id=bob.id, endpoint=ENDPOINT, **BY)
    assert actions.subscribe_push(member_id=bob.id, **by)
    assert actions.end_all_pushes(member_id=bob.id, **BY) == 1
    assert actions.end_all_pushes(member_id=bob.id, **BY) == 0


@pytest.mark.parametrize(
    ("endpoint", "keys"),
    [
        ("http://push.example.com/a", KEYS),
        ("javascript:alert(1)", KEYS),
        ("https://push.example.com/" + "a" * 500, KEYS),
        (ENDPOINT, {}),
        (ENDPOINT, {"p256dh": 1, "auth": "x"}),
        (ENDPOINT, {"p256dh": "", "auth": "x"}),
    ],
)
def test_what_is_no_subscription_is_refused(ann, endpoint, keys):
    with pytest.raises(actions.BadSubscription):
        actions.subscribe_push(member_id=ann.id, endpoint=endpoint, keys=keys, **BY)
    assert PushSubscription.objects.count() == 0


def test_browsers_are_not_let_in_without_end(ann):
    for number in range(20):
        actions.subscribe_push(member_id=ann.id, endpoint=f"{ENDPOINT}{number}", keys=KEYS, **BY)
    with pytest.raises(actions.TooManyBrowsers):
        actions.subscribe_push(member_id=ann.id, endpoint=f"{ENDPOINT}21", keys=KEYS, **BY)
    assert not actions.subscribe_push(member_id=ann.id, endpoint=f"{ENDPOINT}1", keys=KEYS, **BY)


def test_a_message_is_shown_again_and_who_looked_is_noted(ann, words, sink):
    message = put(ann.id, words)
    send()
    shown = actions.show_again(message_id=message.id, **BY)
    assert shown.parts["subject"] == "Hello Ann"
    assert "https://shop.example.com/offer" in shown.parts["text"]
    row = AuditRow.objects.get(deed="message.previewed")
    assert row.subject == f"member:{ann.id}"
    with pytest.raises(actions.NothingToShow):
        actions.show_again(message_id=10**9, **BY)
    assert MessageEvent.objects.count() == 0


@pytest.mark.parametrize(
    ("address", "leads"),
    [
        ("https://shop.example.com/offer?a=1&b=2#c", True),
        ("http://127.0.0.1:8000/x", True),
        ("/rewards/", True),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("https:\\\\evil.example", False),
        ("https://good.example@evil.example/", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("ftp://x/", False),
        ("https:///x", False),
        ("/a\nb", False),
        ("", False),
    ],
)
def test_where_a_link_may_lead(address, leads):
    assert (target(address) == address) is leads
    assert target(address) in (None, address)


def test_lists_of_the_outbox(ann, join, words):
    """Filters, pages, progress, and what waits for a person."""
    bob = join("bob")
    dispatch = actions.open_dispatch(name="Spring", at=NOON, actor="test")
    first = put(ann.id, words, channel=Channel.INBOX, dispatch_id=dispatch)
    second = put(bob.id, words, key="k2")
    send()
    ids = lambda **wanted: [row.id for row in queries.list_messages(queries.MessageFilter(**wanted))]  # noqa: E731
    assert ids() == [second.id, first.id]
    assert ids(state="sent") == [first.id]
    assert ids(reason="no_address") + ids(reason="no_consent") == [second.id]
    assert ids(channel="inbox") == ids(dispatch_id=dispatch) == ids(member_id=ann.id) == [first.id]
    assert [row.id for row in queries.list_messages(queries.MessageFilter(), before_id=second.id)] == [first.id]
    assert queries.progress_of([dispatch]) == {dispatch: {"sent": 1}}
    later = NOON + dt.timedelta(seconds=1)
    assert [row.message.id for row in queries.messages_before(ann.id, later, 5).rows()] == [first.id]
    assert queries.messages_before(ann.id, NOON, 5).rows() == []
    channels = frozenset({"email", "inbox", "sms", "push", "webhook"})
    assert queries.waiting_for_somebody() == queries.Waiting(unknown=0, paused=0, channels=channels)
    assert queries.find_linked(first.token).member_id == ann.id


def test_what_links_tell_is_kept_once_an_hour(ann, words, sink):
    """An opening and a click of a message, a machine's apart; of no message nothing is kept."""
    message = put(ann.id, words)
    send()
    later = {"at": NOON + dt.timedelta(minutes=5), "actor": "member:link"}
    for _again in range(2):
        assert actions.record_open(token=message.token, user_agent="Mozilla/5.0 Firefox/130", **later)
        assert actions.record_click(token=message.token, number=1, user_agent="Mozilla/5.0 Firefox/130", **later)
    assert events(message) == [MessageEventKind.OPENED, MessageEventKind.CLICKED]
    assert actions.record_click(token=message.token, number=1, user_agent="curl/8", **later)
    assert MessageEventKind.MACHINE_CLICKED in events(message)
    assert not actions.record_open(token=uuid.uuid4(), user_agent="x", **later)
    assert not actions.record_click(token=uuid.uuid4(), number=1, user_agent="x", **later)
