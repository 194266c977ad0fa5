"""`make torture`: ten minutes of traffic with everything killed at random, and the proof that nothing was lost.

ARGS="--seconds 60 --seed 7" makes it shorter, or the same again.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from launcher import throwaway
from launcher.places import ROOT, state_folder
from tests.torture import proof
from tests.torture.clockwork import Clock
from tests.torture.replay import STEPS
from tests.torture.stage import COPY, SENDERS, Part, Stage

SHOPS = 3
ROUND_SECONDS = 0.5
HARM_EVERY_SECONDS = (2.0, 6.0)
CHANGES = (dt.datetime(2027, 3, 28, 1, tzinfo=dt.UTC), dt.datetime(2027, 10, 31, 1, tzinfo=dt.UTC))
"""When London's clocks go forward and back; the night before ends at its midnight."""
BEFORE = dt.timedelta(seconds=5)


def main() -> int:
    """Will hold the trial and say what came of it; exit 1 if a claim does not hold."""
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="how long the traffic and the harm last")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10_000), help="of an earlier trial")
    given = parser.parse_args()
    print(f"seed {given.seed}, {given.seconds} seconds", flush=True)
    state = state_folder()
    with throwaway.folder(state) as folder, sink(folder) as (port, took):
        folder.joinpath("journals").mkdir()
        clock = Clock(folder / "clock")
        change = CHANGES[given.seed % len(CHANGES)]
        clock.leap_to(change - dt.timedelta(hours=6))
        stage = Stage(folder, state, clock, port, given.seed)
        try:
            key = settle(stage)
            stage.keep_copy()
            stage.wait_until_healthy()
            torment(stage, key, given.seconds, given.seed, change)
            found = list(judge(stage, key, took))
        finally:
            stage.close()
    for sentence in found:
        print(f"  {sentence}", flush=True)
    print(f"torture: seed {given.seed}, {sum(stage.harmed.values())} times harmed, {len(found)} claims do not hold")
    return 1 if found else 0


@contextlib.contextmanager
def sink(folder: Path) -> Iterator[tuple[int, Path]]:
    """A mail server, and the file of what it took."""
    took = folder / "took"
    took.touch()
    command = [sys.executable, "-m", "tests.messaging.sink_process", str(took)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), took
    finally:
        process.kill()
        process.wait()


def settle(stage: Stage) -> str:
    """Will make the tables and the programme, and return a key of the api."""
    for command in (["manage.py", "migrate", "--noinput"], ["-m", "tests.torture.settle"]):
        done = stage.run(*command)
        assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def torment(stage: Stage, key: str, seconds: int, seed: int, change: dt.datetime) -> None:
    """Will let shops tell of their days while everything is killed, and leap to midnight and to the zone's change."""
    chance, started = random.Random(seed), time.monotonic()
    shops = [shop(stage, key, number, seed) for number in range(SHOPS)]
    for one in shops:
        one.start()
    midnight = change - dt.timedelta(hours=1 if change.month == 3 else 2)
    leaps = [(seconds / 3, midnight - BEFORE), (seconds * 2 / 3, change - BEFORE)]
    next_harm = started + HARM_EVERY_SECONDS[0]
    while (passed := time.monotonic() - started) < seconds:
        if leaps and passed > leaps[0][0]:
            stage.clock.leap_to(leaps.pop(0)[1])
            stage.unknown_allowed += SENDERS
        if time.monotonic() > next_harm:
            what = stage.harm()
            print(f"{passed:6.1f} s  {what}", flush=True)
            next_harm = time.monotonic() + chance.uniform(*HARM_EVERY_SECONDS)
        stage.look()
        if not stage.night.alive():
            stage.night.start()
        for one in shops:
            assert one.alive(), f"a shop gave up: {one.log.read_text()[-2000:]}"
        time.sleep(ROUND_SECONDS)
    stage.wait_until_healthy()
    for one in shops:
        assert one.end(60) == 0, f"a shop did not end: {one.log.read_text()[-2000:]}"


def shop(stage: Stage, key: str, number: int, seed: int) -> Part:
    """Will return a shop that has not opened yet."""
    journal = stage.folder / "journals" / f"{number}.calls"
    command = ["tests.torture.shop", "--name", f"s{number}", "--key", key, "--journal", str(journal)]
    command += ["--clock", str(stage.folder / "clock"), "--port", str(stage.port), "--seed", str(seed * SHOPS + number)]
    return Part(f"shop {number}", command, stage.environment, stage.folder / "logs" / f"shop{number}.log")


def judge(stage: Stage, key: str, took: Path) -> Iterator[str]:
    """Will come to rest and yield a sentence for each claim that does not hold."""
    journals = proof.read_journals(stage.folder / "journals")
    tries = sum(call["tries"] > 1 for calls in journals for call in calls)
    print(f"  {sum(map(len, journals))} calls succeeded, {tries} of them after having been said again", flush=True)
    yield from proof.come_to_rest(stage)
    yield from nights(stage)
    yield from proof.verified(stage)
    yield from proof.answered_again(stage, key, journals)
    yield from proof.mail(stage, took, journals)
    yield from done_again(stage, key)


def nights(stage: Stage) -> Iterator[str]:
    """What is missing of the nights can be done."""
    stage.night.kill()
    done = stage.run("-m", "tests.torture.night")
    if done.returncode:
        yield f"nights: {done.stdout[-1000:]} {done.stderr[-1000:]}"


def done_again(stage: Stage, key: str) -> Iterator[str]:
    """The ledger is what all calls that succeeded make of an empty one."""
    fresh = stage.url_of(COPY)
    elsewhere = {"DATABASE_URL": fresh, "REDIS_URL": stage.environment["REDIS_URL"].removesuffix("/0") + "/1"}
    folder, end = str(stage.folder / "journals"), stage.clock.now().isoformat()
    Path(folder, STEPS).write_text(json.dumps(proof.steps_done(stage)))
    done = stage.run("-m", "tests.torture.replay", folder, key, end, **elsewhere)
    print(f"  {(done.stdout.strip().splitlines() or ['nothing'])[-1]}", flush=True)
    if done.returncode:
        yield f"done again: {done.stdout[-2000:]} {done.stderr[-2000:]}"
    yield from proof.differences(proof.ledger(stage.environment["DATABASE_URL"]), proof.ledger(fresh), "done again")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
