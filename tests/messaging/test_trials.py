"""Tests that people of the staff send to themselves: as they arrive, to nobody else, once, and counted nowhere."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connection, transaction

from kit.models import AuditRow
from members.enums import Purpose
from members.models import Account
from members.queries import UnknownMember
from messaging import actions, jobs, queries
from messaging.enums import Channel, MessageState
from messaging.models import Message, MessageEvent, Template, TemplateVersion, Topic, Trial
from messaging.queries import templates as template_queries
from messaging.rules.delivery import Deferred, Refused, Unknown
from tests.conftest import NOON

pytestmark = pytest.mark.django_db
WORDS = {
    "subject": "Hello {{ first_name }}",
    "body": "Look at [our shop](https://shop.example.com/).",
    "format": "text",
}
CONTENT = {"email": dict.fromkeys(("en", "zh-hans", "zh-hant"), WORDS)}


@pytest.fixture
def olga(db):
    return Account.objects.create(email="olga@staff.example", name="Olga", is_staff=True)


@pytest.fixture
def template(db):
    topic = Topic.objects.create(code="offers", names={"en": "Offers"})
    made = Template.objects.create(name="Offer", purpose=Purpose.MARKETING, topic=topic, actor="test")
    TemplateVersion.objects.create(template=made, number=1, content=CONTENT, actor="test")
    return made


def ask(olga, template, *, language="en", at=NOON, **more):
    """Will send the draft's words to Olga."""
    version = template_queries.find_version(template_queries.get_template(template.id).draft_id)
    return actions.send_trial(
        account_id=olga.id,
        template_id=template.id,
        words=version.content.of(Channel.EMAIL, language),
        language=language,
        is_marketing=True,
        at=at,
        actor=f"staff:{olga.id}",
        **more,
    )


def send(at=NOON):
    return jobs.send_trials(lambda: at)


@pytest.mark.parametrize(
    ("language", "subject"),
    [("en", "[Test] Hello Ann"), ("zh-hans", "[测试] Hello Ann"), ("zh-hant", "[測試] Hello Ann")],
)
def test_it_goes_to_who_asked_written_as_a_member_reads_it(olga, template, join, sink, language, subject):
    ann = join("ann")
    trial = ask(olga, template, language=language, member_number=ann.number)
    assert (send(), send()) == (1, 0)
    [outgoing] = sink.taken
    assert outgoing.addresses == ("olga@staff.example",)
    assert outgoing.parts["subject"] == subject
    assert not outgoing.is_marketing
    assert "https://shop.example.com/" in outgoing.parts["html"]
    assert "/m/" not in outgoing.parts["html"], "nothing that would be counted"
    trial.refresh_from_db()
    assert (trial.state, trial.parts, trial.member_id, trial.sent_at) == ("sent", {}, None, NOON)
    row = AuditRow.objects.get(deed="message.tried")
    assert (row.subject, row.actor) == (f"member:{ann.id}", f"staff:{olga.id}")


def test_without_a_member_it_is_written_with_examples(olga, template, sink):
    ask(olga, template)
    send()
    assert sink.taken[0].parts["subject"] == "[Test] Hello Wei"
    assert AuditRow.objects.get(deed="message.tried").subject == f"template:{template.id}"


def test_it_is_no_message_of_a_member(olga, template, join, sink):
    """Results, caps, experiments and histories count messages; there is none."""
    ann = join("ann")
    ask(olga, template, member_number=ann.number)
    send()
    assert not Message.objects.exists()
    assert not MessageEvent.objects.exists()
    assert not queries.messages_of_member(ann.id)


def test_what_cannot_be_written_is_refused_and_nothing_kept(olga, template, join):
    nameless = join("bob")
    type(nameless).objects.filter(id=nameless.id).update(name="")
    with pytest.raises(actions.NotToBeSent) as refused:
        ask(olga, template, member_number=nameless.number)
    assert refused.value.shown.missing == "first_name"
    with pytest.raises(UnknownMember):
        ask(olga, template, member_number="M0")
    assert not Trial.objects.exists()
    assert not AuditRow.objects.filter(deed="message.tried").exists()


def test_so_many_an_hour(olga, template):
    for _ in range(actions.TRIALS_AN_HOUR):
        ask(olga, template)
    with pytest.raises(actions.TooManyTrials) as refused:
        ask(olga, template, at=NOON + dt.timedelta(minutes=59))
    assert refused.value.again_at == NOON + dt.timedelta(hours=1)
    other = Account.objects.create(email="pia@staff.example", is_staff=True)
    ask(other, template)
    ask(olga, template, at=NOON + dt.timedelta(minutes=61))


@pytest.mark.parametrize(
    ("outcome", "state"),
    [(Deferred("421 later"), "failed"), (Refused("550 no"), "failed"), (Unknown("cut off"), "unknown")],
)
def test_what_did_not_arrive_is_said_and_not_tried_again(olga, template, sink, outcome, state):
    sink.answers = [outcome]
    ask(olga, template)
    assert (send(), send()) == (1, 0)
    [row] = queries.trials_of(olga.id, template.id, NOON)
    assert (row.state, row.detail) == (state, outcome.text)
    assert Trial.objects.get().parts == {}


def test_a_sender_that_died_leaves_it_unknown(olga, template, sink):
    ask(olga, template)
    Trial.objects.update(state=MessageState.SENDING, sending_at=NOON)
    assert send(NOON + dt.timedelta(minutes=14)) == 0
    assert Trial.objects.get().state == MessageState.SENDING
    send(NOON + dt.timedelta(minutes=16))
    assert (Trial.objects.get().state, Trial.objects.get().parts) == (MessageState.UNKNOWN, {})
    assert not sink.taken


@pytest.mark.django_db(transaction=True)
def test_two_senders_send_it_once(olga, template, sink):
    for _ in range(5):
        ask(olga, template)

    def work():
        send()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sink.taken) == 5
    assert len({one.token for one in sink.taken}) == 5


def test_who_is_erased_is_in_no_trial_that_waits(olga, template, join, sink):
    ann = join("ann")
    ask(olga, template, member_number=ann.number)
    actions.forget(member_ids=[ann.id], addresses=[], words=["nobody"], at=NOON, actor="test")
    assert send() == 0
    trial = Trial.objects.get()
    assert (trial.state, trial.parts, trial.member_id) == ("failed", {}, None)


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"state": "skipped", "parts": {}}, "messaging_trial_state_known"),
        ({"state": "failed", "parts": {"subject": "x"}}, "messaging_trial_forgets_its_words"),
        ({"state": "sent", "parts": {}}, "messaging_trial_sent_at_a_time"),
    ],
)
def test_constraints(olga, template, changes, constraint):
    ask(olga, template)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Trial.objects.update(**changes)
    token = Trial.objects.get().token
    with pytest.raises(IntegrityError, match="messaging_trial_token"), transaction.atomic():
        Trial.objects.create(account=olga, template=template, language="en", token=token, created_at=NOON)
