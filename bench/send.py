"""Messages sent by SMTP to a server of this machine, beside a bare loop that hands it the same bytes; and memory.

The bare loop is smtplib's `sendmail` and no more: it hands over one letter that ours wrote, byte for byte, again and
again, and only the address differs. As many clients do either, in turns, so that both meet the same machine. What else
ours does besides: lease, look up the member, write subject, text and HTML with his values and links signed for him, ask once
more whether it may go out, and commit before and after every message. The server takes commands in a pipeline, as mail
servers do; ours uses that, smtplib does not. Letters in a second by processors that others use too say little: what of
a processor either took is told beside.
"""

import contextlib
import datetime as dt
import multiprocessing
import os
import resource
import smtplib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

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
TURNS = 4
GOAL = 0.5
"""Beside the bare loop ours renders, asks eligibility and caps once more, and commits before and after every message."""
GOAL_MEMORY = 0.10
"""From ten thousand recipients to twenty times as many a sender may grow by a tenth at most."""

FORK = multiprocessing.get_context("fork")
SINK = """
import asyncio
from aiosmtpd.smtp import SMTP
class Takes:
    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return [*responses[:1], "250-PIPELINING", *responses[1:]]
    async def handle_DATA(self, server, session, envelope):
        return "250 taken"
async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Takes(), loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()
asyncio.run(main())
"""


class Spent(NamedTuple):
    """What handing over so many messages took: seconds by the clock, and processor seconds of both sides."""

    messages: int
    seconds: float
    client: float
    server: float
    kilobytes: int = 0

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.messages / self.seconds

    def __str__(self) -> str:
        client, server = (1000 * one / self.messages for one in (self.client, self.server))
        return (
            f"{self.rate:,.0f} a second; of a processor {client:.2f} ms a message, and {server:.2f} ms of PostgreSQL's"
        )


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
    letter = _letter(version, at)
    say(f"  send: a letter of ours has {len(letter):,} bytes in {len(letter.splitlines()):,} lines")
    with _sink() as port:
        settings.MESSAGE_EMAIL, settings.MESSAGE_SMTP_URL = "smtp", f"smtp://127.0.0.1:{port}?tls=off"
        bare, ours = [], []
        for turn in range(TURNS):
            bare.append(_bare(port, letter, MESSAGES // TURNS))
            crowd.write_to(MESSAGES // TURNS, f"speed-{turn}-{at.timestamp()}", version, at)
            ours.append(_ours())
            say(f"  send: turn {turn + 1}, bare: {bare[-1]}")
            say(f"  send: turn {turn + 1}, ours: {ours[-1]}")
        yield Result("send", _rate(ours), _rate(bare), GOAL, more_is_better=True)
        crowd.write_to(MESSAGES, f"few-{at.timestamp()}", version, at)
        few = _ours()
        crowd.write_to(many, f"many-{at.timestamp()}", version, at)
        much = _ours()
        for one in (few, much):
            say(
                f"  send: a sender has {one.kilobytes / 1024:,.0f} MB after {one.messages:,} messages by {CLIENTS}; {one}"
            )
        yield Result("send-memory", much.kilobytes / 1024, few.kilobytes / 1024, 1 + GOAL_MEMORY)


def _awake() -> Any:
    """The first rules without quiet hours: a bench is run at any time of the day. Its caps are counted, none is reached."""
    return FIRST.__class__(
        quiet=Quiet(dt.time(0), dt.time(0)),
        caps=tuple(cap.__class__(1000, cap.window_days, cap.channel, cap.topic) for cap in FIRST.caps),
        bounces_pause_share=FIRST.bounces_pause_share,
        complaints_pause_share=FIRST.complaints_pause_share,
        late_after_hours=FIRST.late_after_hours,
    )


def _letter(version: int, at: dt.datetime) -> bytes:
    """Will return a letter as ours hands it over, written into a folder instead."""
    with tempfile.TemporaryDirectory() as folder:
        settings.MESSAGE_EMAIL, settings.MESSAGE_FOLDER = "file", folder
        crowd.write_to(1, f"letter-{at.timestamp()}", version, at)
        messaging_jobs.send_due(clock.now)
        [written] = Path(folder).rglob("*.eml")
        return written.read_bytes()


def _rate(turns: list[Spent]) -> float:
    return sum(one.messages for one in turns) / sum(one.seconds for one in turns)


def _bare(port: int, letter: bytes, count: int) -> Spent:
    """Will hand the letter over so many times, by all clients together."""
    return _in_clients(count, _hand_over, port, letter, count // CLIENTS)


def _ours() -> Spent:
    """Will send all that is due by as many senders."""
    before = _count_sent()
    spent = _in_clients(0, _send)
    return spent._replace(messages=_count_sent() - before)


def _in_clients(messages: int, work: Callable[..., tuple[float, float, int]], *arguments: Any) -> Spent:
    """Will have all clients work at once, and return what they took together, and the larger one's memory."""
    connections.close_all()
    report = FORK.SimpleQueue()
    clients = [FORK.Process(target=_told, args=(report, work, arguments)) for _ in range(CLIENTS)]
    started = time.perf_counter()
    for client in clients:
        client.start()
    took = [report.get() for _ in clients]
    seconds = time.perf_counter() - started
    for client in clients:
        client.join()
    of_clients, of_servers, largest = zip(*took, strict=True)
    return Spent(messages, seconds, sum(of_clients), sum(of_servers), max(largest))


def _told(report: Any, work: Callable[..., object], arguments: tuple[Any, ...]) -> None:
    report.put(work(*arguments))


def _hand_over(port: int, letter: bytes, count: int) -> tuple[float, float, int]:
    started = time.process_time()
    with smtplib.SMTP("127.0.0.1", port) as line:
        for number in range(count):
            line.sendmail("bench@example.com", [f"b{number}@example.com"], letter)
    return time.process_time() - started, 0.0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _send() -> tuple[float, float, int]:
    """Will send until nothing is due; returns its own seconds, its server's, and the kilobytes it had at most."""
    connections["default"].connection = None
    backend = int(str(fetch_one("SELECT pg_backend_pid()")[0]))
    started = time.process_time()
    while messaging_jobs.send_due(clock.now, seconds=20):
        pass
    spent = time.process_time() - started
    return spent, _spent_by(backend), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _spent_by(process: int) -> float:
    """Will return the processor seconds of a process of this machine; 0 where the system does not tell."""
    try:
        numbers = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(numbers[11]) + int(numbers[12])) / os.sysconf("SC_CLK_TCK")


def _count_sent() -> int:
    return int(str(fetch_one("SELECT count(*) FROM messaging_message WHERE state = 'sent'")[0]))


@contextlib.contextmanager
def _sink() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", SINK], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
