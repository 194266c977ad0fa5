"""Messages sent by SMTP to a server of this machine, beside a bare loop that hands it the same bytes; and memory."""

import contextlib
import datetime as dt
import multiprocessing
import resource
import smtplib
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db import connections

from bench import crowd
from bench.measure import Result, fetch_one, say, scale, told
from kit import clock
from messaging import actions as messaging_actions
from messaging import jobs as messaging_jobs
from messaging.rules.quiet import Quiet
from messaging.rules.sending import FIRST

CLIENTS = 2
MESSAGES = 10_000
GOAL = 0.5
"""Beside the bare loop ours renders, asks eligibility and caps once more, and commits before and after every message."""
GOAL_MEMORY = 0.10
"""From ten thousand recipients to twenty times as many a sender may grow by a tenth at most."""

FORK = multiprocessing.get_context("fork")
SINK = """
import asyncio
from aiosmtpd.smtp import SMTP
class Takes:
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Takes(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will send to a sink, bare and by the outbox, and yield the speeds and what memory grew, if that is wanted."""
    if not wanted("send"):
        return
    at = clock.now()
    messaging_actions.publish_rules(rules=_awake(), at=at, actor="bench")
    many = max(2 * scale(), MESSAGES)
    with told(f"{many:,} members who may be written to"):
        crowd.gather(many, at - dt.timedelta(days=1))
    version = crowd.words()
    with _sink() as port:
        settings.MESSAGE_EMAIL, settings.MESSAGE_SMTP_URL = "smtp", f"smtp://127.0.0.1:{port}?tls=off"
        bare = _bare(port)
        started = time.perf_counter()
        crowd.write_to(MESSAGES, f"speed-{at.timestamp()}", version, at)
        say(f"  send: {MESSAGES:,} messages put into the outbox in {time.perf_counter() - started:.2f} s")
        ours, few = _sent(at)
        say(f"  send: {ours:,.0f} messages a second, bare {bare:,.0f}; a sender has {few / 1024:,.0f} MB")
        yield Result("send", ours, bare, GOAL, more_is_better=True)
        crowd.write_to(many, f"memory-{at.timestamp()}", version, at)
        speed, much = _sent(at)
        say(f"  send: {speed:,.0f} a second over {many:,} recipients; a sender has {much / 1024:,.0f} MB")
        yield Result("send-memory", much / 1024, few / 1024, 1 + GOAL_MEMORY)


def _awake() -> Any:
    """The first rules without quiet hours: a bench is run at any time of the day. Its caps are counted, none is reached."""
    return FIRST.__class__(
        quiet=Quiet(dt.time(0), dt.time(0)),
        caps=tuple(cap.__class__(1000, cap.window_days, cap.channel, cap.topic) for cap in FIRST.caps),
        bounces_pause_share=FIRST.bounces_pause_share,
        complaints_pause_share=FIRST.complaints_pause_share,
        late_after_hours=FIRST.late_after_hours,
    )


def _sent(at: dt.datetime) -> tuple[float, int]:
    """Will send all that is due by some senders and return messages a second, and the largest's resident kilobytes."""
    before = _count_sent()
    connections.close_all()
    report = FORK.SimpleQueue()
    senders = [FORK.Process(target=_send, args=(report,)) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for sender in senders:
        sender.start()
    largest = max(report.get() for _ in senders)
    for sender in senders:
        sender.join()
    seconds = time.perf_counter() - started
    return (_count_sent() - before) / seconds, largest


def _send(report: Any) -> None:
    connections["default"].connection = None
    while messaging_jobs.send_due(clock.now, seconds=20):
        pass
    report.put(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _count_sent() -> int:
    return int(str(fetch_one("SELECT count(*) FROM messaging_message WHERE state = 'sent'")[0]))


def _bare(port: int) -> float:
    """Will hand as many letters of the same size over, by as many clients, and return letters a second."""
    letter = b"Subject: An offer\r\n\r\n" + b"This week there is something for you in our shop.\r\n" * 34
    clients = [FORK.Process(target=_hand_over, args=(port, letter, MESSAGES // CLIENTS)) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return MESSAGES / (time.perf_counter() - started)


def _hand_over(port: int, letter: bytes, count: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for number in range(count):
            line.sendmail("bench@example.com", [f"b{number}@example.com"], letter)


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
