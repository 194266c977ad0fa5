"""The worker's part: as many senders as set, woken when there is something to send; paces; settings refused."""

import datetime as dt
import os
import subprocess
import sys

import pytest
from django.db import connection
from kombu.exceptions import OperationalError

from kit import locks
from kit.rate import Rate
from members import actions as members_actions
from members.enums import Purpose
from members.models import Member
from members.rules import BadTimeZone
from membership_site import schedule
from membership_site.celery import app
from membership_site.flows import messages_sent, tasks
from tests.kit.threads import together
from tests.messaging.outbox import put, state_of

pytestmark = pytest.mark.django_db


def test_a_message_wakes_a_sender_once_it_is_committed(
    ann, words, noon, monkeypatch, django_capture_on_commit_callbacks
):
    woken = []
    monkeypatch.setattr("messaging.actions.enqueuing.current_app.send_task", lambda name, **more: woken.append(name))
    with django_capture_on_commit_callbacks(execute=True):
        put(ann.id, words, key="a")
        put(ann.id, words, key="b")
        put(ann.id, words, key="later", due_at=noon + dt.timedelta(days=1))
        assert woken == []
    assert woken == ["messaging.send"]
    assert {"messaging.send", "messaging.keep"} <= set(app.tasks)
    assert tasks.send_messages.name == "messaging.send"
    assert schedule.BEAT["messages"]["task"] == "messaging.keep"


def test_a_broker_that_is_away_loses_no_message(ann, words, monkeypatch, django_capture_on_commit_callbacks):
    def away(name, **more):
        raise OperationalError("no broker")

    monkeypatch.setattr("messaging.actions.enqueuing.current_app.send_task", away)
    with django_capture_on_commit_callbacks(execute=True):
        message = put(ann.id, words)
    assert state_of(message) == "queued"


def test_senders_are_started_where_there_is_something_to_send(ann, words, sink, noon, settings):
    settings.MESSAGE_SENDERS = 2
    started = []
    assert messages_sent.start_senders(lambda: noon, lambda: started.append(1)) == 0
    message = put(ann.id, words, purpose=Purpose.SERVICE)
    assert messages_sent.start_senders(lambda: noon, lambda: started.append(1)) == 2
    assert len(started) == 2
    again = []
    messages_sent.send(lambda: noon, lambda: again.append(1))
    assert state_of(message) == "sent"
    assert again == []
    with locks.alone("messaging.sender:0"):
        assert locks.held(["messaging.sender:0", "messaging.sender:1"]) == {"messaging.sender:0"}
    put(ann.id, words, key="more", purpose=Purpose.SERVICE)
    messages_sent.send(lambda: noon, lambda: again.append(1), seconds=0)
    assert again == [1], "more is due than there was time for"


@pytest.mark.django_db(transaction=True)
def test_a_pace_holds_for_all_together():
    rate = Rate(f"test.{os.getpid()}", 600)
    at = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
    assert sum(together([lambda: rate.take(3, at)] * 8)) == 10
    assert rate.take(5, at + dt.timedelta(seconds=0.3)) == 3
    rate.give_back(2)
    assert rate.take(5, at + dt.timedelta(seconds=0.3)) == 2
    assert rate.take(100, at + dt.timedelta(minutes=5)) == 10
    assert rate.take(0, at) == 0
    assert rate.take(1, at) == 0, "a clock that goes back gives nothing"
    connection.close()


def test_a_members_zone(ann, noon):
    members_actions.set_time_zone(member_id=ann.id, name=" Europe/London ", at=noon, actor="m")
    assert Member.objects.get(id=ann.id).time_zone == "Europe/London"
    for wrong in ("Mars/Olympus", "x" * 90, "../etc/passwd"):
        with pytest.raises(BadTimeZone):
            members_actions.set_time_zone(member_id=ann.id, name=wrong, at=noon, actor="m")
    assert Member.objects.get(id=ann.id).time_zone == "Europe/London"
    members_actions.set_time_zone(member_id=ann.id, name="", at=noon, actor="m")
    assert Member.objects.get(id=ann.id).time_zone == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"MESSAGE_EMAIL": "pigeon"}, "Choose of smtp"),
        ({"MESSAGE_EMAIL": "smtp"}, "MESSAGE_SMTP_URL"),
        ({"MESSAGE_EMAIL": "anymail:pigeon"}, "names no provider"),
        ({"MESSAGE_EMAIL": "anymail:mailgun"}, "ANYMAIL_WEBHOOK_SECRET"),
        ({"MESSAGE_FROM": "nobody"}, "is no sender"),
        ({"MESSAGE_SMS": "http"}, "MESSAGE_SMS_URL"),
        ({"MESSAGE_RATES": "email=fast"}, "email=600"),
        ({"MESSAGE_WEBHOOK_URL": "https://shop.example.com/in"}, "MESSAGE_WEBHOOK_SECRETS"),
        ({"VAPID_PRIVATE_KEY": "x"}, "VAPID_PUBLIC_KEY"),
        ({"PUBLIC_URL": "club.example.com"}, "is not an address"),
        ({"MESSAGE_EMAIL": "anymail:mailgun", "ANYMAIL_WEBHOOK_SECRET": "a:b"}, ""),
    ],
)
def test_settings_that_cannot_be_are_refused_at_the_start(given, said):
    command = [sys.executable, "-c", "import membership_site.settings"]
    done = subprocess.run(command, env=os.environ | given, capture_output=True, text=True, check=False)
    assert (done.returncode == 0) == (not said), done.stderr[-500:]
    assert said in done.stderr
