"""What comes back: from providers, from the shop's own gateway, from links; once, and with what follows from it."""

import base64
import datetime as dt
import json
import uuid

import pytest
from django.test import Client

from kit import api_keys
from members import queries as members_queries
from members.models import Consent
from messaging import actions, jobs, queries
from messaging.enums import Channel, MessageEventKind
from messaging.models import Message, MessageEvent, ProviderCall, Suppression, TopicChoice
from messaging.queries import Link, LinkKind
from messaging.rules.happenings import Happening
from tests.messaging.outbox import put, send, state_of

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15"


@pytest.fixture
def message(ann, words, sink):
    """An e-mail that Ann was sent."""
    one = put(ann.id, words)
    send()
    one.refresh_from_db()
    return one


def tell(noon, *happenings, provider="sink"):
    """Will tell what became of messages."""
    return actions.tell(provider=provider, happenings=happenings, at=noon, actor="provider")


def of(message, kind, at, **more):
    """Will return a happening of a message."""
    return Happening(kind, at, token=str(message.token), **more)


def consent_of(member_id, channel="email"):
    """Will say whether marketing by a channel is consented to."""
    [found] = [one for one in members_queries.consents_in_force(member_id) if one.channel == channel]
    return found.given


def test_a_happening_counts_once(message, noon):
    told = of(message, MessageEventKind.DELIVERED, noon, event_id="e1")
    assert tell(noon, told, told) == 1
    assert tell(noon, told) == 0
    without_id = of(message, MessageEventKind.OPENED, noon)
    assert tell(noon, without_id) == 1
    assert tell(noon, without_id) == 0
    assert MessageEvent.objects.count() == 2
    assert [event.kind for event in queries.events_of(message.id)] == ["delivered", "opened"]


def test_a_bounce_and_a_complaint_end_writing_to_the_address(message, ann, noon):
    hashed = queries.hash_of("email", "Ann@Example.com").hex()
    tell(noon, of(message, MessageEventKind.SOFT_BOUNCED, noon, detail={"address_hash": hashed}))
    assert not Suppression.objects.exists()
    tell(noon, of(message, MessageEventKind.BOUNCED, noon, detail={"address_hash": hashed, "text": "no user"}))
    [view] = queries.find_suppressions("email", "ann@example.com")
    assert (view.cause, view.marketing_only) == ("bounced", False)
    assert consent_of(ann.id)
    tell(noon, of(message, MessageEventKind.COMPLAINED, noon, detail={"address_hash": hashed}))
    assert not consent_of(ann.id)
    assert [one.cause for one in queries.find_suppressions("email", "ann@example.com")] == ["complained", "bounced"]
    assert "ann@example.com" not in json.dumps(list(ProviderCall.objects.values_list("happening", flat=True)))
    assert MessageEvent.objects.filter(detail__has_key="address_hash").count() == 0


def test_a_provider_may_call_before_our_own_commit(message, noon):
    early = Happening(MessageEventKind.DELIVERED, noon, provider_id="later-id", event_id="e9")
    assert tell(noon, early) == 1
    assert jobs.keep(at=noon).told == 0
    Message.objects.update(provider_id="later-id")
    assert jobs.keep(at=noon).told == 1
    assert MessageEvent.objects.get().kind == "delivered"
    tell(noon, Happening(MessageEventKind.DELIVERED, noon, provider_id="never", event_id="e10"))
    assert jobs.keep(at=noon + dt.timedelta(days=3)).told == 1
    assert not ProviderCall.objects.filter(done_at=None).exists()


def test_what_was_delivered_is_not_unknown(message, noon):
    Message.objects.update(state="unknown", sent_at=None)
    tell(noon, of(message, MessageEventKind.DELIVERED, noon))
    assert state_of(message) == "sent"
    assert message.sent_at == message.sending_at


def test_one_press_ends_it(message, ann, noon):
    """In the same transaction; a second press adds nothing; a message that waits is skipped."""
    text = "No more e-mail of this kind."
    done = actions.unsubscribe(token=message.token, text=text, at=noon, actor="member")
    assert (done.member_id, done.channel, done.is_new) == (ann.id, "email", True)
    assert not actions.unsubscribe(token=message.token, text=text, at=noon, actor="member").is_new
    assert Consent.objects.filter(given=False).get().text == text
    assert MessageEvent.objects.get().kind == "unsubscribed"
    assert consent_of(ann.id, "sms"), "the other channels were not spoken of"
    with pytest.raises(actions.UnknownMessage):
        actions.unsubscribe(token=uuid.uuid4(), text=text, at=noon, actor="member")


def test_what_members_choose(ann, words, noon):
    prefers = queries.preferences_of(ann.id)
    assert prefers.wants("email", "offers")
    with pytest.raises(actions.UnknownTopic):
        actions.choose(member_id=ann.id, channel=Channel.EMAIL, topic="x", wanted=False, at=noon, actor="m")
    off = {"member_id": ann.id, "channel": Channel.EMAIL, "topic": "offers", "at": noon, "actor": "m"}
    assert not actions.choose(**off, wanted=True)
    assert actions.choose(**off, wanted=False)
    assert not actions.choose(**off, wanted=False)
    actions.set_quiet_time(member_id=ann.id, hours=(dt.time(20), dt.time(9)), at=noon, actor="m")
    prefers = queries.preferences_of(ann.id)
    assert not prefers.wants("email", "offers")
    assert prefers.wants("sms", "offers")
    assert prefers.quiet == (dt.time(20), dt.time(9))
    actions.stop_all(member_id=ann.id, text="Nothing more.", at=noon, actor="m")
    actions.stop_all(member_id=ann.id, text="Nothing more.", at=noon, actor="m")
    prefers = queries.preferences_of(ann.id)
    assert not any(one.allowed for one in prefers.channels)
    assert Consent.objects.filter(given=False).count() == 4
    assert TopicChoice.objects.filter(channel="webhook").count() == 1


def test_links_are_signed(message, settings):
    for kind in LinkKind:
        link = Link(kind, message.token, 3)
        assert queries.read_link(queries.sign_link(link)) == link
    signed = queries.sign_link(Link(LinkKind.CLICK, message.token, 1))
    other = "A" if signed[5] != "A" else "B"
    for wrong in (signed[:5] + other + signed[6:], signed[:-3], "", "%%%", "ä", signed * 2):
        assert queries.read_link(wrong) is None
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert queries.read_link(signed) == Link(LinkKind.CLICK, message.token, 1)
    settings.SECRET_KEY_FALLBACKS = []
    assert queries.read_link(signed) is None
    settings.PUBLIC_URL = "https://club.example.com"
    assert queries.link_url(Link(LinkKind.UNSUBSCRIBE, message.token)).startswith("https://club.example.com/m/u/")
    assert queries.inbox_url() == "https://club.example.com/messages/"
    assert queries.find_link_target(message.token, 1) == "https://shop.example.com/offer"
    assert queries.find_link_target(message.token, 2) is None
    assert queries.find_link_target(uuid.uuid4(), 1) is None


def test_openings_and_clicks_of_people_and_machines(message, noon):
    later = noon + dt.timedelta(minutes=5)
    known = {"token": message.token, "actor": "member"}
    assert actions.record_open(**known, user_agent=PHONE, at=noon + dt.timedelta(seconds=1))
    assert actions.record_open(**known, user_agent=PHONE, at=later)
    assert actions.record_open(**known, user_agent=PHONE, at=later + dt.timedelta(minutes=1))
    assert actions.record_click(**known, number=1, user_agent="curl/8", at=later)
    assert actions.record_click(**known, number=1, user_agent=PHONE, at=later)
    assert actions.record_click(**known, number=2, user_agent=PHONE, at=later)
    kinds = sorted(MessageEvent.objects.values_list("kind", flat=True))
    assert kinds == ["clicked", "clicked", "machine_clicked", "machine_opened", "opened"]
    unknown = {"token": uuid.uuid4(), "actor": "member", "user_agent": PHONE, "at": noon}
    assert not actions.record_open(**unknown)
    assert not actions.record_click(**unknown, number=1)


# ---- the api's two ears


def test_a_gateway_of_the_shop_reports(message, noon, ann):
    key = api_keys.create(name="gateway", scopes=["messages:write"], at=noon, actor="test")
    event = {
        "kind": "complained",
        "occurred_at": "2026-03-03T12:00:00+08:00",
        "event_id": "g1",
        "token": str(message.token),
    }

    def post(body, number):
        return Client().post(
            "/api/v1/messages/events", json.dumps(body), content_type="application/json",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": f"k{number}"},
        )  # fmt: skip

    assert post({"events": [event]}, 1).json() == {"new": 1}
    assert post({"events": [event]}, 2).json() == {"new": 0}
    assert not consent_of(ann.id)
    both = post({"events": [event | {"provider_id": "x"}]}, 3)
    assert (both.status_code, both.json()["code"]) == (422, "message")


def test_an_email_provider_reports(message, noon, settings, ann):
    settings.MESSAGE_EMAIL = "anymail:postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": "user:secret"}
    Message.objects.update(provider_id="pm-1")
    event = {
        "RecordType": "Bounce", "ID": 42, "Type": "HardBounce", "TypeCode": 1, "MessageID": "pm-1",
        "Email": "Ann@Example.com", "BouncedAt": "2026-03-03T04:00:00Z", "Details": "no user",
    }  # fmt: skip

    def post(path, secret="user:secret"):
        proof = base64.b64encode(secret.encode()).decode()
        return Client().post(
            f"/api/v1/messages/tracking/{path}/", json.dumps(event), content_type="application/json",
            headers={"Authorization": f"Basic {proof}"},
        )  # fmt: skip

    assert post("postmark", "user:guess").status_code == 401
    assert post("mailgun").status_code == 404
    assert not MessageEvent.objects.exists()
    assert post("postmark").status_code == 200
    assert post("postmark").status_code == 200
    assert MessageEvent.objects.get().kind == "bounced"
    assert queries.find_suppressions("email", "ann@example.com")
    settings.MESSAGE_EMAIL = "file"
    assert post("postmark").status_code == 404
