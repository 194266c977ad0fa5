"""Sending: each message once, to whom it may go, when it may, and a reason for each that does not."""

import dataclasses
import datetime as dt
import uuid

import pytest

from kit import sql
from kit.models import AuditRow
from members import actions as members_actions
from members.enums import Channel as MembersChannel
from members.enums import Purpose
from members.models import Identity, Member
from messaging import actions, invariants, jobs, queries
from messaging.enums import Channel, SuppressionCause
from messaging.jobs import sending
from messaging.models import InboxItem, Message, MessageEvent, Suppression
from messaging.rules.delivery import Deferred, Refused, Unknown
from messaging.wording.rendering import render
from tests.messaging.outbox import awake, consent, put, send, state_of
from tests.messaging.outbox import words as more_words

pytestmark = pytest.mark.django_db
NIGHT = dt.datetime(2026, 3, 3, 15, 0, tzinfo=dt.UTC)
"""Eleven at night in Shanghai."""


def test_a_message_goes_out_once(ann, words, sink, noon):
    message = put(ann.id, words)
    assert put(ann.id, words).id == message.id
    assert not send()
    assert not send()
    [outgoing] = sink.taken
    assert outgoing.addresses == ("ann@example.com",)
    assert outgoing.parts["subject"] == "Hello Ann"
    assert "/m/c/" in outgoing.parts["html"]
    assert state_of(message) == "sent"
    assert (message.provider, message.provider_id, message.language) == ("sink", "sink-1", "en")
    assert (message.sent_at, message.attempts) == (noon, 1)


def skipped(ann, words, reason, **more):
    """Will send one message and see that it is skipped for a reason; returns its detail."""
    message = put(ann.id, words, **more)
    send()
    assert state_of(message) == ("skipped", reason)
    return message.detail


def test_who_is_not_written_to(ann, words, sink, noon):
    Member.objects.filter(id=ann.id).update(status="blocked")
    skipped(ann, words, "not_a_member", key="blocked")
    Member.objects.filter(id=ann.id).update(status="active")
    consent(ann.id, given=False, channels=[MembersChannel.EMAIL], at=noon)
    skipped(ann, words, "no_consent", key="withdrawn")
    consent(ann.id, channels=[MembersChannel.EMAIL], at=noon + dt.timedelta(seconds=1))
    actions.choose(member_id=ann.id, channel=Channel.EMAIL, topic="offers", wanted=False, at=noon, actor="member:1")
    assert skipped(ann, words, "topic_off", key="topic") == "offers"
    actions.choose(
        member_id=ann.id, channel=Channel.EMAIL, topic="offers", wanted=True,
        at=noon + dt.timedelta(seconds=1), actor="member:1",
    )  # fmt: skip
    address = "ANN@Example.com "
    actions.suppress(channel=Channel.EMAIL, address=address, cause=SuppressionCause.COMPLAINED, at=noon, actor="t")
    assert skipped(ann, words, "suppressed", key="suppressed") == "complained"
    assert actions.lift(channel=Channel.EMAIL, address=address, at=noon, actor="staff:1") == 1
    assert actions.lift(channel=Channel.EMAIL, address=address, at=noon, actor="staff:1") == 0
    message = put(ann.id, words, key="again")
    Identity.objects.filter(member=ann, kind="email").delete()
    send()
    assert state_of(message) == ("skipped", "no_address")
    assert sink.taken == []


def test_nobody_who_was_never_asked_gets_marketing_but_in_his_inbox(join, words, sink, noon):
    bob = join("bob")
    skipped(bob, words, "no_consent")
    message = put(bob.id, words, channel=Channel.INBOX)
    send()
    assert state_of(message) == "sent"
    assert InboxItem.objects.get(message=message).title == "Hello Bob"
    actions.stop_all(member_id=bob.id, text="Nothing more, please.", at=noon, actor="member:2")
    actions.stop_all(member_id=bob.id, text="Nothing more, please.", at=noon, actor="member:2")
    skipped(bob, words, "no_consent", channel=Channel.INBOX, key="k2")
    assert sink.taken == []


def test_service_messages_go_out_whatever_a_member_chose(ann, words, sink, noon):
    actions.stop_all(member_id=ann.id, text="Nothing more, please.", at=noon, actor="member:1")
    actions.suppress(
        channel=Channel.EMAIL, address="ann@example.com", cause=SuppressionCause.COMPLAINED, at=noon, actor="t",
        marketing_only=True,
    )  # fmt: skip
    message = put(ann.id, words, purpose=Purpose.SERVICE, at=NIGHT)
    send(at=NIGHT)
    assert state_of(message) == "sent"
    assert not sink.taken[0].is_marketing
    actions.suppress(
        channel=Channel.EMAIL, address="ann@example.com", cause=SuppressionCause.BOUNCED, at=noon, actor="t"
    )
    skipped(ann, words, "suppressed", purpose=Purpose.SERVICE, key="k2")


def test_service_messages_go_first(ann, words, sink, noon):
    actions.publish_rules(rules=awake(), at=noon, actor="staff:1")
    early = noon - dt.timedelta(hours=1)
    put(ann.id, words, key="offer", at=early)
    put(ann.id, words, key="code", purpose=Purpose.SERVICE)
    send()
    assert [one.is_marketing for one in sink.taken] == [False, True]


def test_quiet_hours_hold_a_message_until_they_end(ann, words, sink):
    message = put(ann.id, words, at=NIGHT)
    send(at=NIGHT)
    assert state_of(message) == "queued"
    assert message.due_at == dt.datetime(2026, 3, 4, 0, 0, tzinfo=dt.UTC)
    actions.set_quiet_time(member_id=ann.id, hours=(dt.time(1), dt.time(9, 30)), at=NIGHT, actor="member:1")
    send(at=message.due_at)
    assert state_of(message) == "queued"
    assert message.due_at == dt.datetime(2026, 3, 4, 1, 30, tzinfo=dt.UTC)
    members_actions.set_time_zone(member_id=ann.id, name="Europe/London", at=NIGHT, actor="member:1")
    actions.set_quiet_time(member_id=ann.id, hours=None, at=NIGHT, actor="member:1")
    send(at=message.due_at)
    assert state_of(message) == "queued", "half past one in London"
    assert message.due_at == dt.datetime(2026, 3, 4, 8, 0, tzinfo=dt.UTC)
    send(at=message.due_at)
    assert state_of(message) == "sent"


def test_what_comes_too_late_is_not_sent(ann, words, sink, noon):
    ends = dt.datetime(2026, 3, 3, 20, 0, tzinfo=dt.UTC)
    dispatch = actions.open_dispatch(name="Today only", at=noon, actor="staff:1", ends_at=ends)
    held = put(ann.id, words, key="held", at=NIGHT, dispatch_id=dispatch)
    send(at=NIGHT)
    assert state_of(held) == ("skipped", "expired")
    late = put(ann.id, words, key="late")
    send(at=noon + dt.timedelta(hours=72, seconds=1))
    assert state_of(late) == ("skipped", "expired")
    code = put(ann.id, words, key="code", purpose=Purpose.SERVICE)
    send(at=noon + dt.timedelta(hours=73))
    assert state_of(code) == "sent"


def test_caps_count_a_members_days(ann, words, sink, noon):
    for number in range(2):
        put(ann.id, words, key=f"k{number}")
    send()
    assert skipped(ann, words, "frequency_cap", key="third") == "email/-/2/1"
    exempt = actions.open_dispatch(name="Must", at=noon, actor="staff:1", obeys_caps=False, counts_for_caps=False)
    anyway = put(ann.id, words, key="anyway", dispatch_id=exempt)
    send()
    assert state_of(anyway) == "sent"
    tomorrow = noon + dt.timedelta(days=1)
    for number in range(2):
        put(ann.id, words, key=f"next{number}", at=tomorrow)
    after = put(ann.id, words, key="after", at=tomorrow + dt.timedelta(days=1))
    send(at=tomorrow)
    send(at=tomorrow + dt.timedelta(days=1))
    assert state_of(after) == ("skipped", "frequency_cap")
    assert after.detail == "email/-/4/7"
    assert len(sink.taken) == 5


def test_missing_words_and_values_skip_one_member_and_not_the_others(ann, join, sink, noon):
    actions.publish_rules(rules=awake(), at=noon, actor="staff:1")
    words = more_words({"email": {"en": {"subject": "{{ reward_name }}", "text": "Hello {{ name }}"}}})
    consent((bob := join("bob")).id)
    missing = put(ann.id, words)
    there = put(bob.id, words, values={"reward_name": "A cup"})
    none = put(bob.id, words, channel=Channel.SMS)
    send()
    assert state_of(missing) == ("skipped", "missing_value")
    assert missing.detail == "reward_name"
    assert state_of(there) == "sent"
    assert state_of(none) == ("skipped", "no_content")
    assert sink.taken[0].parts["subject"] == "A cup"


def test_what_comes_of_handing_over(ann, words, sink, noon):
    actions.publish_rules(rules=awake(), at=noon, actor="staff:1")
    sink.answers = [Deferred("421 later"), Refused("554 no"), Refused("550 nobody", bounces=True), Unknown("cut off")]
    deferred, refused = put(ann.id, words, key="a"), put(ann.id, words, key="b")
    bounced = put(ann.id, words, key="c")
    send()
    assert state_of(deferred) == "queued"
    assert noon + dt.timedelta(minutes=1) <= deferred.due_at <= noon + dt.timedelta(minutes=1.2)
    assert state_of(refused) == ("failed", "refused")
    assert state_of(bounced) == ("failed", "refused")
    assert MessageEvent.objects.get(message=bounced).kind == "bounced"
    assert Suppression.objects.get().cause == "bounced"
    skipped(ann, words, "suppressed", key="d")
    actions.lift(channel=Channel.EMAIL, address="ann@example.com", at=noon, actor="staff:1", reason="A new box")
    unknown = put(ann.id, words, key="e")
    send()
    assert state_of(unknown) == "unknown"
    send(at=noon + dt.timedelta(hours=1))
    assert state_of(deferred) == "sent"
    assert actions.retry_failed(message_ids=[refused.id, bounced.id, unknown.id], at=noon, actor="staff:1") == 2
    send()
    assert state_of(refused) == state_of(bounced) == "sent"
    assert state_of(unknown) == "unknown"


def test_a_message_that_is_put_off_again_and_again_is_given_up(ann, words, sink, noon):
    sink.answers = [Deferred("421 later")] * 6
    message, at = put(ann.id, words, purpose=Purpose.SERVICE), noon
    for _ in range(6):
        send(at=at)
        message.refresh_from_db()
        at = message.due_at
    assert state_of(message) == ("failed", "tried_too_often")
    assert (message.attempts, message.detail) == (6, "421 later")


def test_a_person_decides_of_the_unknown(ann, words, sink, noon):
    sink.answers = [Unknown("cut off"), Unknown("cut off")]
    first, second = (put(ann.id, words, key=key) for key in "ab")
    send()
    assert [one.id for one in queries.unknown_messages()] == [first.id, second.id]
    actions.resolve_unknown(message_id=first.id, decision=actions.Decision.AS_SENT, at=noon, actor="staff:1")
    assert state_of(first) == "sent"
    assert first.sent_at == first.sending_at
    with pytest.raises(actions.NotUnknown):
        actions.resolve_unknown(message_id=first.id, decision=actions.Decision.SEND_AGAIN, at=noon, actor="staff:1")
    actions.resolve_unknown(message_id=second.id, decision=actions.Decision.SEND_AGAIN, at=noon, actor="staff:1")
    send()
    assert state_of(second) == "sent"
    assert AuditRow.objects.filter(deed="message.resolve").count() == 2


def test_a_message_that_cannot_be_made_does_not_hold_up_the_others(ann, words, sink, noon, monkeypatch):
    def breaks_for_one(parts, values, language):
        if values.get("bad"):
            raise RuntimeError("a fault of ours")
        return render(parts, values, language)

    monkeypatch.setattr(sending, "render", breaks_for_one)
    bad = put(ann.id, words, key="a", values={"bad": True})
    good = put(ann.id, words, key="b")
    send()
    assert state_of(bad) == ("failed", "refused")
    assert "a fault of ours" in bad.detail
    assert state_of(good) == "sent"


def test_a_provider_that_breaks_leaves_a_message_unknown(ann, words, sink, monkeypatch):
    def breaks(outgoing):
        raise RuntimeError("out of order")

    monkeypatch.setattr(sink, "deliver", breaks)
    message = put(ann.id, words)
    send()
    assert state_of(message) == "unknown"
    assert "out of order" in message.detail


def test_the_inbox_gets_a_message_exactly_once(ann, words, noon, monkeypatch):
    message = put(ann.id, words, channel=Channel.INBOX)
    monkeypatch.setattr(sending, "_settle", lambda begun: (_ for _ in ()).throw(RuntimeError("killed")))
    with pytest.raises(RuntimeError):
        send()
    assert not InboxItem.objects.exists()
    assert state_of(message) == "leased"
    monkeypatch.undo()
    jobs.keep(at=noon + dt.timedelta(minutes=6))
    send(at=noon + dt.timedelta(minutes=6))
    assert state_of(message) == "sent"
    assert InboxItem.objects.count() == 1
    assert list(invariants.messages_are_where_they_say()) == []
    InboxItem.objects.all().delete()
    assert "not in it" in next(invariants.messages_are_where_they_say())


def test_leases_that_run_out_go_back_and_dead_senders_leave_the_unknown(ann, words, noon):
    leased, dead = (put(ann.id, words, key=key) for key in "ab")
    lease = uuid.uuid4()
    Message.objects.filter(id=leased.id).update(state="leased", lease=lease, leased_until=noon)
    Message.objects.filter(id=dead.id).update(state="sending", lease=lease, sending_at=noon)
    assert not any(dataclasses.astuple(jobs.keep(at=noon - dt.timedelta(seconds=1))))
    kept = jobs.keep(at=noon + dt.timedelta(minutes=16))
    assert (kept.returned, kept.unknown) == (1, 1)
    assert state_of(leased) == "queued"
    assert state_of(dead) == "unknown"
    late = {"sent_at": noon, "provider": "sink", "provider_id": "", "due_at": None, "reason": "", "detail": ""}
    sql.fetch_prepared("messaging", "settle", message=dead.id, lease=lease, state="sent", **late)
    assert state_of(dead) == "sent", "who was taken for dead lives"


def test_the_same_key_for_something_else_is_refused(ann, words, noon):
    message = put(ann.id, words)
    with pytest.raises(actions.MessageKeyReused):
        put(ann.id, words, purpose=Purpose.SERVICE)
    assert Message.objects.get() == message
