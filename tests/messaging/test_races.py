"""What holds however many do it at once: nobody begun after he unsubscribed, no cap passed, nobody twice."""

import datetime as dt
import random
import threading
import time
import uuid
from collections import Counter

import pytest
from django.db import connection

from kit import sql
from membership_site.flows import starter
from messaging import actions, jobs
from messaging.enums import Channel, SuppressionCause
from messaging.jobs import Sender
from messaging.models import Dispatch, Message
from messaging.rules.caps import Cap
from messaging.rules.delivery import Accepted
from tests.conftest import NOON, enrol
from tests.kit.threads import overlapping, together
from tests.messaging.outbox import awake, consent, give_provider, put, words

pytestmark = pytest.mark.django_db(transaction=True)
MEMBERS = 60


class Instant:
    """Takes everything at once, and notes when each message was begun: on a clock that all threads share."""

    name = "instant"
    is_ours = False

    def __init__(self):
        self.taken = Counter()

    def deliver(self, outgoing):
        self.taken[outgoing.token] += 1
        return Accepted()

    def close(self):
        pass


@pytest.fixture
def crowd(monkeypatch):
    """Members who may be written to, the words, and the provider that all senders share."""
    starter.load(at=NOON, actor="test")
    actions.publish_rules(rules=awake(), at=NOON, actor="test")
    members = [enrol(f"m{number}") for number in range(MEMBERS)]
    for member in members:
        consent(member.id)
    instant = Instant()
    give_provider(monkeypatch, "email", lambda: instant)
    return members, words(), instant


def in_threads(deeds):
    """Will do all at once, each on a connection of its own without a transaction around it; raises what one raised."""
    faults, start = [], threading.Barrier(len(deeds))

    def body(deed):
        try:
            connection.ensure_connection()
            start.wait(30)
            deed()
        except Exception as error:  # noqa: BLE001
            faults.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults, faults


def sender():
    """Will send what is due in small batches."""
    with Sender(lambda: NOON, dt.timedelta(minutes=5), size=3) as one:
        while one.batch()[0]:
            pass


def test_many_senders_send_each_message_once(crowd):
    members, version, instant = crowd
    for member in members:
        put(member.id, version)
    in_threads([sender] * 4)
    assert set(instant.taken.values()) == {1}
    assert len(instant.taken) == MEMBERS
    assert not Message.objects.exclude(state="sent").exists()


def test_nobody_is_begun_after_he_unsubscribed(crowd, monkeypatch):
    """Whoever withdrew, was suppressed or chose before the statement that takes his message began is skipped."""
    members, version, _ = crowd
    for member in members:
        put(member.id, version)
    tokens = dict(Message.objects.values_list("member_id", "token"))
    numbers = {member.id: number for number, member in enumerate(members)}
    stopped, begun = {}, {}
    real = sql.fetch_together

    def watched(room, statements):
        asked = [more for name, more in statements if name == "begin_sending"]
        moment = time.monotonic()
        found = real(room, statements)
        if asked and found[-1] and found[-1][0][0] == "sending":
            begun[asked[0]["message"]] = moment
        return found

    monkeypatch.setattr(sql, "fetch_together", watched)

    def stops(part):
        def deed():
            chance = random.Random(part)
            # The race begins once somebody sends, or nobody would ever win it on a busy machine.
            until = time.monotonic() + 20
            while not begun and time.monotonic() < until:
                time.sleep(0.001)
            # From the end, where the senders come last: some are stopped in time, however fast they are.
            for member in reversed(members[part::3]):
                time.sleep(chance.random() * 0.01)
                if part == 0:
                    actions.unsubscribe(token=tokens[member.id], text="No more", at=NOON, actor="member")
                elif part == 1:
                    actions.suppress(
                        channel=Channel.EMAIL, address=f"m{numbers[member.id]}@example.com",
                        cause=SuppressionCause.BY_STAFF, at=NOON, actor="staff:1",
                    )  # fmt: skip
                else:
                    actions.choose(
                        member_id=member.id, channel=Channel.EMAIL, topic="offers", wanted=False, at=NOON, actor="m"
                    )
                stopped[member.id] = time.monotonic()

        return deed

    in_threads([sender, sender, stops(0), stops(1), stops(2)])
    rows = Message.objects.values_list("id", "member_id", "state")
    assert {state for _, _, state in rows} == {"sent", "skipped"}, "the race had no losers, or no winners"
    for message, member, state in rows:
        if state == "sent":
            assert begun[message] < stopped[member]


def test_a_cap_holds_however_many_send(crowd):
    members, version, _ = crowd
    actions.publish_rules(rules=awake(caps=(Cap(2, 1, "email"),)), at=NOON, actor="test")
    for member in members[:15]:
        for number in range(6):
            put(member.id, version, key=f"k{number}")
    in_threads([sender] * 4)
    sent = Counter(Message.objects.filter(state="sent").values_list("member_id", flat=True))
    assert set(sent.values()) == {2}
    assert Message.objects.filter(state="skipped", reason="frequency_cap").count() == 15 * 4


def test_a_cause_that_comes_twice_at_once_makes_one_message(crowd):
    members, version, _ = crowd
    answers = together([lambda: put(members[0].id, version)] * 6)
    assert len({answer.id for answer in answers}) == 1
    assert Message.objects.count() == 1


def test_a_dispatch_does_not_end_while_more_is_put_under_it(crowd):
    """What is not committed yet nobody sees; a dispatch that ended by then would keep it for ever."""
    members, version, _ = crowd
    dispatch = actions.open_dispatch(name="Spring", at=NOON, actor="staff:1")
    put(members[0].id, version, dispatch_id=dispatch)
    sender()
    late, _ = overlapping(
        lambda: put(members[1].id, version, dispatch_id=dispatch),
        lambda: jobs.keep(at=NOON),
    )
    assert Dispatch.objects.get(id=dispatch).state == "running"
    sender()
    late.refresh_from_db()
    assert late.state == "sent"
    assert jobs.keep(at=NOON).finished == 1


def test_what_was_begun_in_vain_is_not_settled(crowd):
    """The outcome of one message and the beginning of the next are one transaction: both stand, or neither."""
    members, version, _ = crowd
    message = put(members[0].id, version)
    lease = uuid.uuid4()
    Message.objects.filter(id=message.id).update(state="sending", lease=lease, sending_at=NOON)
    settled = {
        "message": message.id, "lease": lease, "state": "sent", "sent_at": NOON, "provider": "x", "provider_id": "",
        "due_at": None, "reason": "", "detail": "",
    }  # fmt: skip
    bad = {
        "message": message.id, "lease": lease, "at": NOON, "language": "en", "has_address": True,
        "needs_consent": True, "address_hashes": [], "caps": "no json",
    }  # fmt: skip
    with pytest.raises(Exception, match="json"):
        sql.fetch_together("messaging", [("settle", settled), ("begin_sending", bad)])
    message.refresh_from_db()
    assert message.state == "sending"
