"""Sending as the staff see it: the outbox, dispatches, one message, the rules of sending, suppressed addresses."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from kit.models import AuditRow
from members.enums import Purpose
from members.models import Member
from messaging import actions
from messaging import queries as messaging_queries
from messaging.enums import Channel, SuppressionCause
from messaging.models import Dispatch, Message, SendingRules
from messaging.rules.delivery import Refused, Unknown
from tests.conftest import NOON
from tests.messaging.conftest import Sink
from tests.messaging.outbox import consent, give_provider, put, send
from tests.messaging.outbox import words as make_words

from .conftest import Join, queries_of, text_of

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Client]

OUTBOX = "/console/messages/outbox/"
RULES = "/console/messages/rules/"
SUPPRESSED = "/console/messages/suppressions/"
BY: dict[str, Any] = {"at": NOON, "actor": "staff:1"}
OUTBOX_QUERIES = 18


@pytest.fixture
def words(programme: None) -> int:
    """Published words for every channel."""
    return make_words()


@pytest.fixture
def ann(join: Join) -> Member:
    """A member who may be written to."""
    member = join("ann")
    consent(member.id)
    return member


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Takes the e-mails that are sent."""
    one = Sink()
    give_provider(monkeypatch, "email", lambda: one)
    return one


@pytest.fixture
def unknown(ann: Member, words: int, sink: Any) -> Message:
    """A message of which nobody can tell."""
    sink.answers = [Unknown("the line broke")]
    message = put(ann.id, words)
    send()
    message.refresh_from_db()
    assert message.state == "unknown"
    return message


@pytest.fixture
def dispatch(ann: Member, words: int, sink: Any) -> Dispatch:
    """A dispatch with a message that was sent and one that failed."""
    sink.answers = [Refused("550 no such user", is_permanent=True)]
    dispatch_id = actions.open_dispatch(name="Spring", at=NOON, actor="staff:1")
    put(ann.id, words, key="a", dispatch_id=dispatch_id)
    put(ann.id, words, key="b", channel=Channel.INBOX, dispatch_id=dispatch_id)
    send()
    return Dispatch.objects.get(id=dispatch_id)


def said(answer: Any) -> str:
    """Will return what an answer says, in one line."""
    return text_of(answer.content.decode())


@pytest.mark.parametrize("path", [OUTBOX, RULES, SUPPRESSED])
def test_every_role_sees_and_nobody_else(enter: Enter, client: Client, programme: None, path: str) -> None:
    """Who has no role is told so; strangers log in."""
    assert client.get(path).status_code == 302
    assert enter("").get(path).status_code == 403
    for role in ("operator", "agent", "auditor", "finance", "admin"):
        assert enter(role).get(path).status_code == 200


def test_deeds_are_for_who_may_send(enter: Enter, unknown: Message, dispatch: Dispatch) -> None:
    """An agent sees all of it and no button."""
    agent = enter("agent")
    for path in (
        f"{OUTBOX}{unknown.id}/resolve/",
        f"/console/messages/dispatches/{dispatch.id}/change/",
        RULES,
    ):
        assert agent.post(path, {"do": "as_sent"}).status_code == 403
    typed = {"channel": "email", "address": "x@example.com"}
    for do in ("suppress", "lift"):
        assert agent.post(SUPPRESSED, {**typed, "do": do}).status_code == 403
    assert agent.post(SUPPRESSED, typed).status_code == 200
    page = said(agent.get(OUTBOX))
    assert "1 message of which nobody can tell" in page
    assert "/resolve/" not in page
    assert "Put them in force" not in said(agent.get(RULES))
    assert "Cancel the dispatch" not in said(agent.get(f"/console/messages/dispatches/{dispatch.id}/"))


def test_the_outbox_never_shows_an_address(enter: Enter, unknown: Message, ann: Member) -> None:
    page = said(enter("operator").get(OUTBOX))
    assert f"Ann {ann.number}" in page
    assert "@example.com" not in page.replace("operator@staff.example", "")
    assert "the line broke" in page


def test_the_outbox_takes_as_many_queries_for_many(
    enter: Enter, ann: Member, words: int, dispatch: Dispatch, sink: Any
) -> None:
    client = enter("operator")
    asked = set()
    for number in range(3):
        sink.answers = [Unknown("x")]
        other = actions.open_dispatch(name=f"More {number}", at=NOON, actor="staff:1")
        message = put(ann.id, words, key=f"m{number}", dispatch_id=other)
        Message.objects.filter(id=message.id).update(state="unknown", sending_at=NOON)
        count, page = queries_of(client, OUTBOX)
        asked.add(count)
        assert f"More {number}" in page
    assert len(asked) == 1
    assert asked.pop() <= OUTBOX_QUERIES


def test_messages_are_found(enter: Enter, ann: Member, join: Join, words: int, dispatch: Dispatch) -> None:
    """By state, reason, channel, dispatch and number; a skip is explained in a sentence."""
    bob = join("bob")
    put(bob.id, words, key="b1")
    send()
    client = enter("operator")
    page = said(client.get(f"{OUTBOX}?state=skipped"))
    assert "Not sent" in page
    assert "The member has not agreed to offers by this channel." in page or "no address for this channel" in page
    assert "Ann" not in page.split("<tbody>")[-1]
    for query, found in (
        ("state=failed&channel=email", 1),
        (f"dispatch={dispatch.id}", 2),
        (f"member={bob.number.lower()}", 1),
        ("reason=refused", 1),
        ("state=nonsense", 3),
        ("dispatch=x&before=y", 3),
        (f"dispatch={'9' * 30}", 3),
        ("state=unknown", 0),
    ):
        page = client.get(f"{OUTBOX}?{query}").content.decode()
        assert page.split('id="h-list"')[1].count('<th scope="row">') == found, query
    assert "No member has this number." in said(client.get(f"{OUTBOX}?member=M1"))
    assert "No message matches" in said(client.get(f"{OUTBOX}?state=unknown"))


def test_the_outbox_is_paged(enter: Enter, ann: Member, words: int) -> None:
    for number in range(53):
        put(ann.id, words, key=f"k{number}")
    client = enter("operator")
    page = client.get(OUTBOX).content.decode()
    assert page.count('<th scope="row">') == 50
    more = page.split('rel="next" href="')[1].split('"')[0]
    assert client.get(f"{OUTBOX}{more}").content.decode().count('<th scope="row">') == 3


@pytest.mark.parametrize(("do", "state"), [("as_sent", "sent"), ("send_again", "queued"), ("nonsense", "unknown")])
def test_a_person_decides_on_what_nobody_can_tell(enter: Enter, unknown: Message, do: str, state: str) -> None:
    """Once; again it says that somebody has decided."""
    client = enter("operator")
    path = f"{OUTBOX}{unknown.id}/resolve/"
    assert "the member may then get it twice" in said(client.get(f"{OUTBOX}{unknown.id}/"))
    assert client.post(path, {"do": do, "back": "list"})["Location"] == OUTBOX
    unknown.refresh_from_db()
    assert unknown.state == state
    if state != "unknown":
        assert AuditRow.objects.get(deed="message.resolve").actor.startswith("staff:")
        client.post(path, {"do": do})
        assert "Somebody decided before" in said(client.get(OUTBOX))
        assert AuditRow.objects.filter(deed="message.resolve").count() == 1


def test_a_failed_message_is_tried_once_more(enter: Enter, dispatch: Dispatch) -> None:
    client = enter("operator")
    failed = Message.objects.get(state="failed")
    page = said(client.get(f"{OUTBOX}{failed.id}/"))
    assert "The provider refused it. It said: 550 no such user" in page
    assert client.post(f"{OUTBOX}{failed.id}/resolve/", {"do": "retry"})["Location"] == f"{OUTBOX}{failed.id}/"
    failed.refresh_from_db()
    assert failed.state == "queued"


def test_a_message_says_what_it_said(enter: Enter, ann: Member, words: int, sink: Any) -> None:
    """What lies in an inbox as it lies there; an e-mail is written once more on a press, and who looked is noted."""
    letter = put(ann.id, words, key="i", channel=Channel.INBOX, purpose=Purpose.SERVICE)
    mail = put(ann.id, words, key="e")
    send()
    client = enter("agent")
    page = said(client.get(f"{OUTBOX}{letter.id}/"))
    assert "As it lies in the inbox." in page
    assert "Hello Ann" in page
    page = said(client.get(f"{OUTBOX}{mail.id}/"))
    assert "The words that went out are not kept." in page
    assert "Hello Ann" not in page
    assert AuditRow.objects.filter(deed="message.previewed").count() == 0
    answer = client.post(f"{OUTBOX}{mail.id}/again/")
    page = said(answer)
    assert "Hello Ann" in page
    assert "it may have read differently" in page
    assert "frame-src 'self'" in answer["Content-Security-Policy"]
    frame = page.split('src="/console/messages/pages/')[1].split('"')[0]
    assert "Hello Ann" in client.get(f"/console/messages/pages/{frame}").content.decode()
    assert AuditRow.objects.get(deed="message.previewed").subject == f"member:{ann.id}"
    assert client.get(f"{OUTBOX}999999/").status_code == 404
    assert client.post(f"{OUTBOX}999999/again/").status_code == 404


def test_who_may_not_see_members_sees_numbers_alone(enter: Enter, ann: Member, words: int) -> None:
    """No name, no words, no page of his; and nobody is shown anything by a press."""
    letter = put(ann.id, words, key="i", channel=Channel.INBOX, purpose=Purpose.SERVICE)
    send()
    client = enter("campaign_author")
    for path in (OUTBOX, f"{OUTBOX}{letter.id}/"):
        page = said(client.get(path))
        assert ann.number in page
        assert "Ann" not in page
        assert f"/console/members/{ann.number}/" not in page
    assert client.post(f"{OUTBOX}{letter.id}/again/").status_code == 403
    assert AuditRow.objects.filter(deed="message.previewed").count() == 0


def test_a_dispatch_is_paused_resumed_tried_again_and_cancelled(
    enter: Enter, dispatch: Dispatch, ann: Member, words: int
) -> None:
    """Stops need a reason; what is over stays over."""
    client, path = enter("operator"), f"/console/messages/dispatches/{dispatch.id}/"
    put(ann.id, words, key="c", dispatch_id=dispatch.id, due_at=NOON + dt.timedelta(days=1))
    page = said(client.get(path))
    assert "2 of 3 done with" in page
    assert "Try 1 failed message once more" in page
    assert client.post(f"{path}change/", {"do": "pause"}).status_code == 422
    client.post(f"{path}change/", {"do": "pause", "reason": "A wrong price"})
    dispatch.refresh_from_db()
    assert (dispatch.state, dispatch.state_reason) == ("paused", "A wrong price")
    assert "A wrong price" in said(client.get(path))
    client.post(f"{path}change/", {"do": "resume"})
    client.post(f"{path}change/", {"do": "retry"})
    assert Message.objects.filter(state="queued").count() == 2
    client.post(f"{path}change/", {"do": "nonsense"})
    client.post(f"{path}change/", {"do": "cancel", "reason": "A wrong price"})
    assert "Cancelled. 2 messages are not sent" in said(client.get(path))
    client.post(f"{path}change/", {"do": "resume"})
    assert "This dispatch is over." in said(client.get(path))
    for do in ("resume", "retry"):
        assert client.post("/console/messages/dispatches/999999/change/", {"do": do}).status_code == 404
    assert client.get("/console/messages/dispatches/999999/").status_code == 404


# ---- the rules of sending


def typed_rules(client: Client, **changes: str) -> dict[str, str]:
    """Will return the form as it stands, changed."""
    found = messaging_queries.find_rules()
    typed = {
        "seen": str(found.number),
        "quiet_from": "22:00",
        "quiet_until": "08:00",
        "late_after_hours": "72",
        "bounces": "5",
        "complaints": "0.3",
    }
    for place, cap in enumerate(found.rules.caps, 1):
        typed |= {
            f"cap-{place}-channel": cap.channel or "",
            f"cap-{place}-topic": cap.topic or "",
            f"cap-{place}-count": str(cap.count),
            f"cap-{place}-window_days": str(cap.window_days),
        }
    return {**typed, **changes}


def test_rules_are_put_in_force_with_their_history(enter: Enter, words: int) -> None:
    """A cap is added by an empty row and taken out by an emptied one; the same again publishes nothing."""
    SendingRules.objects.all()
    client = enter("operator")
    page = said(client.get(RULES))
    assert "At most 2 messages a day: E-mail, any topic." in page
    before = messaging_queries.find_rules().number
    changes = {"cap-1-count": "", "cap-1-window_days": "", "cap-3-count": "1", "cap-3-window_days": "3"}
    changes |= {"cap-3-channel": "sms", "cap-3-topic": "offers", "complaints": "0.1"}
    assert client.post(RULES, typed_rules(client, **changes))["Location"] == RULES
    rules = messaging_queries.rules_in_force()
    assert [(cap.channel, cap.topic, cap.count, cap.window_days) for cap in rules.caps] == [
        ("email", None, 4, 7),
        ("sms", "offers", 1, 3),
    ]
    assert rules.complaints_pause_share == Decimal("0.001")
    client.post(RULES, typed_rules(client, complaints="0.1"))
    assert messaging_queries.find_rules().number == before + 1
    assert f"Version {before + 1}," in said(client.get(RULES))
    assert AuditRow.objects.filter(deed="sending_rules.publish").last() is not None


@pytest.mark.parametrize(
    ("changes", "words_said"),
    [
        ({"quiet_from": ""}, "Say a time."),
        ({"late_after_hours": "0"}, "Use 1 to 1440 hours."),
        ({"bounces": "0"}, "Use 0.01 to 100 percent."),
        ({"bounces": "x"}, "Use a number such as 0.3."),
        ({"cap-1-count": "0"}, "Use a whole number from 1 to 1000."),
        ({"cap-1-window_days": "91"}, "Use a whole number from 1 to 90."),
        ({"cap-1-window_days": ""}, "Say this as well, or empty the row to take it out."),
        ({"cap-1-count": "many"}, "Use a whole number from 1 to 1000."),
        ({"seen": "99"}, "Somebody changed the rules meanwhile."),
    ],
)
def test_wrong_rules_are_named_at_their_field(
    enter: Enter, words: int, changes: dict[str, str], words_said: str
) -> None:
    client = enter("operator")
    before = messaging_queries.find_rules()
    answer = client.post(RULES, typed_rules(client, **changes))
    assert answer.status_code == 422
    assert words_said in said(answer)
    assert messaging_queries.find_rules() == before


# ---- suppressed addresses


def test_an_address_is_looked_up_suppressed_and_lifted(enter: Enter, programme: None) -> None:
    """Each with a row in the audit log that holds no address."""
    client, typed = enter("operator"), {"channel": "email", "address": " Old@Example.com "}
    assert client.post(SUPPRESSED, {"channel": "email", "address": ""}).status_code == 422
    assert "Nothing keeps this address" in said(client.post(SUPPRESSED, typed))
    page = said(client.post(SUPPRESSED, {**typed, "do": "suppress"}))
    assert "Somebody of the staff put it here." in page
    actions.suppress(
        channel=Channel.EMAIL, address="old@example.com", cause=SuppressionCause.COMPLAINED, marketing_only=True, **BY
    )
    page = said(client.post(SUPPRESSED, typed))
    assert "Its owner complained of a message." in page
    assert "No offers go there; service messages do." in page
    assert client.post(SUPPRESSED, {**typed, "do": "lift", "reason": ""}).status_code == 422
    page = said(client.post(SUPPRESSED, {**typed, "do": "lift", "reason": "She asked for it by phone"}))
    assert "Lifted 3 Mar 2026." in page
    assert "Nothing keeps this address" in page
    row = AuditRow.objects.get(deed="address.lift")
    assert row.reason == "She asked for it by phone"
    assert "example.com" not in str(list(AuditRow.objects.values()))


# ---- where else messages are shown


def test_a_members_page_shows_his_messages(enter: Enter, ann: Member, join: Join, words: int) -> None:
    """In a card, and in the timeline with why one was not sent."""
    bob = join("bob")
    client = enter("agent")
    own = f"/console/members/{bob.number}/?panel=messages"
    assert "No message was written to this member yet." in said(client.get(own))
    put(bob.id, words)
    send()
    page = said(client.get(own))
    assert "Not sent" in page.split('id="messages"')[1]
    page = said(client.get(f"/console/members/{bob.number}/?show=messages"))
    timeline = page.split('id="timeline"')[1].split("</section>")[0]
    assert "Message: Offers" in timeline
    assert "E-mail · Not sent" in timeline


def test_what_stands_in_the_way_is_on_the_overview(enter: Enter, unknown: Message, dispatch: Dispatch) -> None:
    """To who may see to it."""
    cache.clear()
    actions.pause(dispatch_id=_open(dispatch), reason="Wait", **BY)
    page = said(enter("operator").get("/console/"))
    assert "Nobody can tell whether 1 message was sent" in page
    assert "1 dispatch is paused" in page
    assert "No provider takes: E-mail and Text message" in page
    page = said(enter("agent").get("/console/"))
    assert "Nobody can tell" not in page


def _open(dispatch: Dispatch) -> int:
    Dispatch.objects.filter(id=dispatch.id).update(state="running")
    return dispatch.id


@pytest.mark.parametrize("path", [OUTBOX, RULES, SUPPRESSED])
def test_pages_speak_chinese(enter: Enter, dispatch: Dispatch, path: str) -> None:
    """With full-width punctuation."""
    import re

    client = enter("operator")
    for language in ("zh-hans", "zh-hant"):
        client.cookies["django_language"] = language
        page = client.get(path).content.decode()
        assert not re.search("[\u4e00-\u9fff],", page)
        assert "发送规则" in page or "發送規則" in page or "停发地址" in page or "停發地址" in page
