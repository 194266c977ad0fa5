"""Dispatches: paused, resumed, cancelled and finished; pausing themselves; paced; enqueued by the hundred thousand."""

import dataclasses
import datetime as dt
import uuid
from decimal import Decimal

import pytest
from django.db import connection, transaction
from redis.exceptions import ConnectionError as Away

from kit import rate
from kit.models import AuditRow
from members.enums import Purpose
from messaging import actions, invariants, jobs, queries
from messaging.enums import MessageEventKind as Kind
from messaging.enums import MessageState
from messaging.jobs import Sender
from messaging.models import Dispatch, Message
from messaging.rules.delivery import Accepted, Deferred, Refused
from messaging.rules.happenings import Happening
from messaging.rules.sending import FIRST, BadRules
from tests.messaging.outbox import awake, consent, put, send, state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def dispatch(noon, programme):
    """A dispatch that is running, in a house without caps and quiet hours."""
    actions.publish_rules(rules=awake(), at=noon, actor="staff:1")
    return actions.open_dispatch(name="Spring", at=noon, actor="staff:1")


def test_a_pause_keeps_what_is_leased_from_being_begun(ann, words, sink, noon, dispatch):
    messages = [put(ann.id, words, key=f"k{n}", dispatch_id=dispatch) for n in range(3)]

    def pauses(outgoing):
        actions.pause(dispatch_id=dispatch, reason="Wrong picture", at=noon, actor="staff:1")
        return type(sink).deliver(sink, outgoing)

    sink.deliver = pauses
    send()
    assert [state_of(one) for one in messages] == ["sent", "queued", "queued"]
    assert queries.progress(dispatch).dispatch.state_reason == "Wrong picture"
    actions.pause(dispatch_id=dispatch, reason="Twice", at=noon, actor="staff:1")
    assert not send()
    del sink.deliver
    actions.resume(dispatch_id=dispatch, at=noon, actor="staff:1")
    actions.resume(dispatch_id=dispatch, at=noon, actor="staff:1")
    send()
    assert [state_of(one) for one in messages] == ["sent"] * 3
    assert AuditRow.objects.filter(deed__startswith="dispatch.").count() == 2
    assert jobs.keep(at=noon).finished == 1
    with pytest.raises(actions.DispatchOver):
        actions.pause(dispatch_id=dispatch, reason="", at=noon, actor="staff:1")
    more = put(ann.id, words, key="more", dispatch_id=dispatch)
    send()
    assert state_of(more) == "sent", "there was more to send, so it went on"


def test_a_cancelled_dispatch_sends_no_more(ann, words, sink, noon, dispatch):
    waiting = put(ann.id, words, key="w", dispatch_id=dispatch, state=MessageState.WAITING)
    queued = put(ann.id, words, key="q", dispatch_id=dispatch)
    assert actions.cancel(dispatch_id=dispatch, at=noon, actor="staff:1") == 2
    assert actions.cancel(dispatch_id=dispatch, at=noon, actor="staff:1") == 0
    late = put(ann.id, words, key="late", dispatch_id=dispatch)
    send()
    assert state_of(waiting) == state_of(queued) == ("skipped", "cancelled")
    assert state_of(late) == "queued"
    assert "was cancelled" in next(invariants.messages_are_where_they_say())
    for refused in (actions.resume, actions.retry_failed):
        with pytest.raises(actions.DispatchOver):
            refused(dispatch_id=dispatch, at=noon, actor="staff:1")
    assert jobs.keep(at=noon).finished == 0
    assert queries.progress(dispatch).dispatch.state == "cancelled"
    with pytest.raises(queries.UnknownDispatch):
        actions.cancel(dispatch_id=dispatch + 1, at=noon, actor="staff:1")


def test_what_is_put_off_after_a_cancellation_is_not_tried_again(ann, words, sink, noon, dispatch):
    message = put(ann.id, words, dispatch_id=dispatch)

    def cancels(outgoing):
        actions.cancel(dispatch_id=dispatch, at=noon, actor="staff:1")
        return Deferred("421 later")

    sink.deliver = cancels
    send()
    assert state_of(message) == ("skipped", "cancelled")
    assert not list(invariants.messages_are_where_they_say())


def test_finish_waits_for_the_last(ann, words, sink, noon, dispatch):
    put(ann.id, words, dispatch_id=dispatch)
    assert jobs.keep(at=noon).finished == 0
    send()
    assert jobs.keep(at=noon).finished == 1
    assert queries.progress(dispatch).dispatch.state == "finished"


def test_errors_in_a_row_pause_a_dispatch_with_a_sentence(ann, words, sink, noon, programme):
    actions.publish_rules(rules=awake(), at=noon, actor="staff:1")
    dispatch = actions.open_dispatch(name="Spring", at=noon, actor="staff:1", errors_max=3)
    for number in range(8):
        put(ann.id, words, key=f"k{number}", dispatch_id=dispatch)
    sink.answers = [
        Deferred("421 later"),
        Deferred("421 later"),
        Accepted("x"),
        Deferred("421 later"),
        Refused("554 no"),
        Deferred("421 no"),
    ]
    send()
    view = queries.progress(dispatch).dispatch
    assert (view.state, view.errors_in_row) == ("paused", 3)
    assert "3 messages in a row could not be handed over" in view.state_reason
    assert "421 no" in view.state_reason
    states = queries.progress(dispatch).by_state
    assert (states["queued"], states["sent"], states["failed"]) == (6, 1, 1)


def test_bounces_and_complaints_pause_a_dispatch(ann, words, noon, dispatch):
    for number in range(100):
        put(ann.id, words, key=f"k{number}", dispatch_id=dispatch)
    Message.objects.update(state="sent", sent_at=noon)
    messages = list(Message.objects.order_by("id"))

    def tell(kind, count, first=0):
        told = [Happening(kind, noon, token=str(one.token)) for one in messages[first : first + count]]
        return actions.tell(provider="sink", happenings=told, at=noon, actor="provider")

    assert tell(Kind.BOUNCED, 5) == 5
    assert jobs.keep(at=noon).paused == 0
    assert tell(Kind.BOUNCED, 6) == 1
    put(ann.id, words, key="more", dispatch_id=dispatch)
    assert jobs.keep(at=noon).paused == 1
    assert "6 of 100 messages came back" in queries.progress(dispatch).dispatch.state_reason
    actions.publish_rules(rules=awake(bounces_pause_share=Decimal(1)), at=noon, actor="staff:1")
    actions.resume(dispatch_id=dispatch, at=noon, actor="staff:1")
    tell(Kind.COMPLAINED, 1, first=20)
    assert jobs.keep(at=noon).paused == 1
    assert "complained" in queries.progress(dispatch).dispatch.state_reason


def test_a_dispatch_keeps_its_pace_and_senders_take_turns(ann, words, sink, noon, dispatch):
    slow = actions.open_dispatch(name="Slow", at=noon, actor="staff:1", rate_per_minute=60)
    for number in range(4):
        put(ann.id, words, key=f"s{number}", dispatch_id=slow)
        put(ann.id, words, key=f"f{number}", dispatch_id=dispatch)
    with Sender(lambda: noon) as sender:
        while sender.batch()[0]:
            pass
    assert queries.progress(slow).by_state["sent"] == 1
    assert queries.progress(dispatch).by_state["sent"] == 4
    later = noon + dt.timedelta(seconds=1)
    with Sender(lambda: later) as sender:
        sender.batch()
    assert queries.progress(slow).by_state["sent"] == 2


def test_a_channel_keeps_its_pace(ann, words, sink, noon, dispatch, settings):
    settings.MESSAGE_RATES = {"email": 120}
    for number in range(4):
        put(ann.id, words, key=f"k{number}", dispatch_id=dispatch)
    at = noon + dt.timedelta(days=1)
    with Sender(lambda: at) as sender:
        assert sender.batch() == (4, 2)
        assert sender.is_throttled
        assert sender.batch() == (2, 0)
    assert queries.progress(dispatch).by_state["queued"] == 2
    later = at + dt.timedelta(seconds=1)
    consent(ann.id, given=False, at=later)
    with Sender(lambda: later) as sender:
        assert sender.batch() == (2, 2)
        put(ann.id, words, key="code", purpose=Purpose.SERVICE, at=later)
        assert sender.batch() == (1, 1), "what was skipped left its room to others"
    assert len(sink.taken) == 3


def test_nothing_is_sent_at_a_pace_that_nobody_can_count(ann, words, sink, noon, dispatch, settings, monkeypatch):
    def away():
        raise Away("no cache")

    settings.MESSAGE_RATES = {"email": 120}
    monkeypatch.setattr(rate, "_client", away)
    message = put(ann.id, words, dispatch_id=dispatch)
    with Sender(lambda: noon) as sender:
        assert sender.batch() == (1, 0)
    assert state_of(message) == "queued"


def test_an_audience_is_enqueued_in_one_statement(ann, join, words, sink, noon, dispatch):
    members = [ann.id, join("bob").id]
    consent(members[1])

    def freeze():
        with transaction.atomic():
            jobs.create_wanted()
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO messaging_wanted (member_id, channel, source_key, template_version_id, due_at) "
                    "SELECT m, 'email', 'campaign:1', %s, %s FROM unnest(%s) m",
                    [words, noon, members],
                )
            return jobs.enqueue_wanted(dispatch, Purpose.MARKETING, "offers", at=noon)

    assert freeze() == 2
    assert freeze() == 0
    first, second = Message.objects.order_by("member_id").values_list("token", flat=True)
    assert first < second and {first.version, second.version} == {8}
    assert {first.variant, second.variant} == {uuid.RFC_4122}
    send()
    assert len(sink.taken) == 2
    view = queries.progress(dispatch)
    assert (view.total, view.by_state["sent"], view.by_reason) == (2, 2, {})


def test_the_house_says_how_it_sends(noon, programme):
    assert queries.rules_in_force() == FIRST
    assert queries.find_rules().number == 1
    assert not actions.publish_first_rules(at=noon, actor="test")
    new = dataclasses.replace(FIRST, late_after_hours=24)
    assert actions.publish_rules(rules=new, at=noon, actor="staff:1") == 2
    assert queries.rules_in_force() == new
    assert [view.number for view in queries.list_rules()] == [2, 1]
    for wrong in ({"late_after_hours": 0}, {"bounces_pause_share": Decimal(0)}, {"complaints_pause_share": Decimal(2)}):
        with pytest.raises(BadRules):
            actions.publish_rules(rules=dataclasses.replace(FIRST, **wrong), at=noon, actor="staff:1")
    assert queries.find_rules().number == 2


def test_pages_of_messages(ann, words, sink, noon, dispatch):
    for number in range(3):
        put(ann.id, words, key=f"k{number}", dispatch_id=dispatch)
    first = queries.messages_of_member(ann.id, limit=2)
    rest = queries.messages_of_member(ann.id, before_id=first[-1].id, limit=2)
    assert [row.source_key for row in first + rest] == ["k2", "k1", "k0"]
    assert queries.find_by_id(first[0].id) == first[0]
    assert [view.id for view in queries.list_dispatches(states=("running",))] == [dispatch]
    assert Dispatch.objects.count() == 1
