"""The pure rules of sending: quiet hours over changes of the clock, caps, tries, machines; SQL and rules agree."""

import datetime as dt
import random
import zoneinfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging import actions
from messaging.enums import MessageEventKind, Reason
from messaging.models import Message
from messaging.rules import happenings, trying
from messaging.rules.caps import BadCap, Cap, caps_from, since
from messaging.rules.machines import is_machine
from messaging.rules.quiet import Quiet, quiet_until
from messaging.rules.sending import language_for
from tests.conftest import NOON
from tests.messaging.outbox import awake, put, send, state_of

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
ZONES = [
    zoneinfo.ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai")
]


def berlin(text, fold=0):
    """Will return an instant by a clock on a wall in Berlin."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN, fold=fold).astimezone(dt.UTC)


NIGHT = (dt.time(22), dt.time(8))
NOON_REST = (dt.time(12), dt.time(14))
IN_GAP, IN_OVERLAP = (dt.time(1), dt.time(2, 30)), (dt.time(1), dt.time(2, 30))


@pytest.mark.parametrize(
    ("hours", "at", "until"),
    [
        (NIGHT, berlin("2026-06-01T21:59:59"), None),
        (NIGHT, berlin("2026-06-01T22:00"), berlin("2026-06-02T08:00")),
        (NIGHT, berlin("2026-06-02T00:00"), berlin("2026-06-02T08:00")),
        (NIGHT, berlin("2026-06-02T08:00"), None),
        (NOON_REST, berlin("2026-06-02T13:00"), berlin("2026-06-02T14:00")),
        ((dt.time(8), dt.time(8)), berlin("2026-06-02T08:00"), None),
        # Clocks go forward at 2 on 29 March 2026, back at 3 on 25 October.
        (NIGHT, berlin("2026-03-28T23:00"), berlin("2026-03-29T08:00")),
        (IN_GAP, berlin("2026-03-29T01:30"), berlin("2026-03-29T03:00")),
        ((dt.time(2, 15), dt.time(4)), berlin("2026-03-29T03:00"), berlin("2026-03-29T04:00")),
        ((dt.time(2, 15), dt.time(2, 45)), berlin("2026-03-29T03:00"), None),
        (IN_OVERLAP, berlin("2026-10-25T01:30"), berlin("2026-10-25T02:30", fold=1)),
        (IN_OVERLAP, berlin("2026-10-25T02:45"), berlin("2026-10-25T02:30", fold=1)),
        (IN_OVERLAP, berlin("2026-10-25T02:30", fold=1), None),
        ((dt.time(2, 30), dt.time(6)), berlin("2026-10-25T02:29"), None),
        ((dt.time(2, 30), dt.time(6)), berlin("2026-10-25T02:15", fold=1), berlin("2026-10-25T06:00")),
    ],
)
def test_quiet_hours(hours, at, until):
    assert quiet_until(Quiet(*hours), at, BERLIN) == until


times = st.times().map(lambda one: one.replace(second=0, microsecond=0))
instants = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2027, 1, 1), timezones=st.just(dt.UTC))


@settings(max_examples=300, deadline=None)
@given(times, times, instants, st.sampled_from(ZONES))
def test_quiet_hours_end_and_are_quiet_until_then(starts, ends, at, zone):
    quiet = Quiet(starts, ends)
    until = quiet_until(quiet, at, zone)
    if until is None:
        return
    assert starts != ends
    assert at < until <= at + dt.timedelta(hours=26)
    assert quiet_until(quiet, until, zone) is None
    between = at + (until - at) / 2
    assert quiet_until(quiet, between, zone) == until


@settings(max_examples=200, deadline=None)
@given(times, times, instants)
def test_without_changes_of_the_clock_the_wall_tells(starts, ends, at):
    wall = at.astimezone(SHANGHAI).time()
    over_midnight = starts > ends
    inside = (wall >= starts or wall < ends) if over_midnight else starts <= wall < ends
    assert (quiet_until(Quiet(starts, ends), at, SHANGHAI) is not None) == inside


def test_caps_count_days_of_the_member():
    assert since(Cap(2, 1), berlin("2026-06-02T00:30"), BERLIN) == berlin("2026-06-02T00:00")
    assert since(Cap(4, 7), berlin("2026-06-02T23:30"), BERLIN) == berlin("2026-05-27T00:00")
    assert not Cap(1, 1, "email").concerns("sms", "offers")
    assert Cap(1, 1, None, "offers").concerns("sms", "offers")


@pytest.mark.parametrize(
    "wrong",
    [
        {"count": 0, "window_days": 1},
        {"count": 1, "window_days": 91},
        {"count": True, "window_days": 1},
        {"count": "2", "window_days": 1},
        {"count": 1, "window_days": 1, "channel": "fax"},
        {"count": 1, "window_days": 1, "tag": "x"},
    ],
)
def test_caps_that_cannot_be(wrong):
    with pytest.raises(BadCap):
        caps_from([wrong])
    good = Cap(3, 7, "email", "offers")
    assert caps_from([good.as_stored()]) == (good,)


def reached(caps, channel, topic, earlier, at, zone):
    """Will return the first cap that a further message would exceed, given earlier ones (channel, topic, sent at)."""
    for cap in caps:
        first = since(cap, at, zone)
        counted = [sent for one, about, sent in earlier if cap.concerns(one, about) and sent >= first]
        if cap.concerns(channel, topic) and len(counted) >= cap.count:
            return cap
    return None


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_database_counts_as_the_rules_do(ann, words, sink, seed):
    """The statement that takes a message, and counting by hand, on the same random past."""
    chance = random.Random(seed)
    house = tuple(
        Cap(
            chance.randint(1, 4),
            chance.choice((1, 2, 7)),
            chance.choice((None, "email", "sms")),
            chance.choice((None, "offers")),
        )
        for _ in range(2)
    )
    actions.publish_rules(rules=awake(caps=house), at=NOON, actor="test")
    for trial in range(12):
        Message.objects.all().delete()
        past = [
            (chance.choice(("email", "sms", "inbox")), chance.choice(("offers", "news")),
             NOON - dt.timedelta(hours=chance.randint(0, 24 * 8)))
            for _ in range(chance.randint(0, 6))
        ]  # fmt: skip
        for number, (channel, topic, sent_at) in enumerate(past):
            Message.objects.create(
                member=ann, channel=channel, source_key=f"past:{number}", purpose="marketing", topic=topic,
                state="sent", sent_at=sent_at, due_at=sent_at,
            )  # fmt: skip
        message = put(ann.id, words, key=f"new:{trial}")
        send()
        expected = reached(house, "email", "offers", past, NOON, SHANGHAI)
        assert state_of(message) == (("skipped", "frequency_cap") if expected else "sent"), (house, past)


def test_tries_get_rarer_and_end():
    waits = [trying.next_try(attempts, NOON, 7) - NOON for attempts in range(1, 6)]
    assert waits == sorted(waits)
    assert waits[0] >= dt.timedelta(minutes=1)
    assert trying.next_try(6, NOON, 7) is None
    assert len({trying.next_try(1, NOON, seed) for seed in range(50)}) > 40


def test_what_is_too_late():
    late = NOON + dt.timedelta(hours=72)
    assert trying.too_late(NOON, None, 72, late, is_marketing=True) is None
    assert trying.too_late(NOON, None, 72, late + dt.timedelta(seconds=1), is_marketing=True) == Reason.EXPIRED
    assert trying.too_late(NOON, None, 72, late + dt.timedelta(1), is_marketing=False) is None
    assert trying.too_late(NOON, NOON, 72, NOON, is_marketing=False) == Reason.EXPIRED


@pytest.mark.parametrize(
    ("agent", "after", "machine"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", 60, False),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", 1, True),
        ("Mozilla/5.0", 600, True),
        ("", 600, True),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", 600, True),
        ("Barracuda Sentinel (EE)", 600, True),
    ],
)
def test_machines(agent, after, machine):
    assert is_machine(agent, NOON, NOON + dt.timedelta(seconds=after)) == machine


def test_happenings_are_read_as_they_were_written():
    one = happenings.Happening(MessageEventKind.BOUNCED, NOON, provider_id="x", detail={"text": "no"})
    assert happenings.happening_from(one.as_stored()) == one
    assert (
        one.key
        == happenings.happening_from(one.as_stored()).key
        != happenings.Happening(MessageEventKind.OPENED, NOON, "t").key
    )
    for wrong in ({}, {"kind": "eaten", "at": NOON.isoformat()}, {"kind": "opened", "at": "2026-01-01T00:00:00"},
                  {"kind": "opened", "at": NOON.isoformat()}):  # fmt: skip
        with pytest.raises(happenings.BadHappening):
            happenings.happening_from(wrong)
    assert happenings.kind_of("bounced", "bounced") == MessageEventKind.BOUNCED
    assert happenings.kind_of("bounced", "timed_out") == MessageEventKind.SOFT_BOUNCED
    assert happenings.kind_of("rejected", "unsubscribed") == MessageEventKind.UNSUBSCRIBED
    assert happenings.kind_of("queued", "") is None


def test_a_language_is_found_or_there_are_no_words():
    assert language_for(("en", "zh-hans"), "zh-hans", "en") == "zh-hans"
    assert language_for(("en", "zh-hans"), "fr", "en") == "en"
    assert language_for(("zh-hant", "zh-hans"), "fr", "en") == "zh-hans"
    assert language_for((), "fr", "en") is None
