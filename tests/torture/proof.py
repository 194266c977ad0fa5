"""What must hold once a trial is over, each claim as sentences of what does not."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.torture.shop import Line, resolved
from tests.torture.stage import Stage

QUIET_SECONDS_MAX = 180
SHOWN_MAX = 5
CLAIMS_LINE = re.compile(r"verified (\d+) claims, (\d+) violations")

ENTRIES = """
SELECT identity.value, entry.wallet, entry.kind, entry.points, entry.debt_change, entry.source_key
FROM points_entry entry JOIN members_identity identity USING (member_id) WHERE identity.kind = 'external'
"""
BALANCES = """
SELECT identity.value, balance.wallet, balance.available, balance.pending, balance.debt
FROM points_balance balance JOIN members_identity identity USING (member_id) WHERE identity.kind = 'external'
"""
TIERS = """
SELECT identity.value, tier.code, standing.until_date, standing.spend, standing.orders, standing.growth
FROM tiers_standing standing JOIN members_identity identity USING (member_id)
JOIN tiers_tier tier ON tier.id = standing.tier_id WHERE identity.kind = 'external'
"""
LEFT = {
    "messages": """
SELECT count(*) FROM messaging_message WHERE state IN ('queued', 'leased', 'sending') AND channel = 'email'
""",
    "checkouts": "SELECT count(*) FROM benefits_checkout WHERE state = 'held'",
    "reservations": "SELECT count(*) FROM points_reservation WHERE state = 'held'",
}
LETTERS = "SELECT state, token::text, detail, source_key FROM messaging_message WHERE channel = 'email'"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}")
"""Numbers that the product makes up: in another run they are others."""

Rows = Counter[tuple[Any, ...]]


def ledger(url: str) -> dict[str, Rows]:
    """Will return what members have and how they came by it, without what a run has of its own."""
    with psycopg.connect(url) as connection:
        questions = {"entries": ENTRIES, "balances": BALANCES, "tiers": TIERS}
        found = {name: connection.execute(query).fetchall() for name, query in questions.items()}
    return {name: Counter(tuple(_plain(value) for value in row) for row in rows) for name, rows in found.items()}


def _plain(value: object) -> object:
    return UUID.sub("~", value) if isinstance(value, str) else value


def differences(before: dict[str, Rows], after: dict[str, Rows], what: str) -> Iterator[str]:
    """Will say in which rows two ledgers differ."""
    for name, rows in before.items():
        gone, come = rows - after[name], after[name] - rows
        for row in list(gone)[:SHOWN_MAX]:
            yield f"{what}: {name} lack {row}"
        for row in list(come)[:SHOWN_MAX]:
            yield f"{what}: {name} have besides {row}"


def read_journals(folder: Path) -> list[list[dict[str, Any]]]:
    """Will return the calls of each shop that succeeded, in the order in which they were answered."""
    return [[json.loads(line) for line in path.read_text().splitlines()] for path in sorted(folder.glob("*.calls"))]


def steps_done(stage: Stage) -> list[tuple[str, str, str]]:
    """Will return when which steps of the nights ended, for which date, in that order."""
    done = (
        "SELECT finished_at, business_date, step FROM kit_jobrun WHERE finished_at IS NOT NULL ORDER BY finished_at, id"
    )
    with psycopg.connect(stage.environment["DATABASE_URL"]) as connection:
        return [(at.isoformat(), date.isoformat(), step) for at, date, step in connection.execute(done).fetchall()]


def verified(stage: Stage) -> Iterator[str]:
    """All invariants hold."""
    done = stage.run("manage.py", "verify")
    last = (done.stdout.strip().splitlines() or [""])[-1]
    found = CLAIMS_LINE.fullmatch(last)
    if done.returncode or not found or int(found[2]):
        yield f"verify: {done.stdout[-1500:]} {done.stderr[-500:]}"
    else:
        print(f"  {last}", flush=True)


def answered_again(stage: Stage, key: str, journals: list[list[dict[str, Any]]]) -> Iterator[str]:
    """Every call that succeeded is answered again letter by letter under its key; nothing is done a second time."""
    before, line, asked = ledger(stage.environment["DATABASE_URL"]), Line(stage.port, key), 0
    for calls in journals:
        answers: dict[int, dict[str, Any]] = {}
        for call in calls:
            answers[call["number"]] = json.loads(call["text"])
            if call["path"].endswith("/quotes") or (call["key"] is None and call["method"] != "PUT"):
                continue
            body = None if call["body"] is None else resolved(call["body"], answers)
            status, text, _ = line.until_answered(call["method"], resolved(call["path"], answers), body, call["key"])
            asked += 1
            if status >= 300 or (call["key"] and (status, text) != (call["status"], call["text"])):
                what = f"{call['method']} {call['path']} was {call['status']} {call['text']}, is {status} {text}"
                yield f"answered again: {what}"
    yield from differences(before, ledger(stage.environment["DATABASE_URL"]), "after asking again")
    print(f"  {asked} calls were asked again", flush=True)


def come_to_rest(stage: Stage) -> Iterator[str]:
    """Every reservation is settled and every message that is due has gone out, by the product's own doing."""
    stage.clock.leap_to(stage.clock.now() + dt.timedelta(days=2))
    end = time.monotonic() + QUIET_SECONDS_MAX
    while True:
        stage.look()
        _remind(stage)
        left = _left(stage)
        if not any(left.values()):
            return
        if time.monotonic() > end:
            yield f"not at rest after {QUIET_SECONDS_MAX} seconds: {left}"
            return
        time.sleep(2)


def _remind(stage: Stage) -> None:
    """Will do what beat does once a minute, so that nobody waits for the minute."""
    program = (
        "from tests.torture.tasks import app\n"
        "for name in ('benefits.lapse_checkouts', 'points.lapse_reservations', 'messaging.keep'):\n"
        "    app.send_task(name)\n"
    )
    stage.run("-c", program)


def _left(stage: Stage) -> dict[str, int]:
    with psycopg.connect(stage.environment["DATABASE_URL"]) as connection:
        return {name: int(str((connection.execute(query).fetchone() or [0])[0])) for name, query in LEFT.items()}


def mail(stage: Stage, took: Path, journals: list[list[dict[str, Any]]]) -> Iterator[str]:
    """Nobody got a message twice, nobody was lost, and no more are unknown than were taken in mid-letter."""
    taken = Counter(line.split()[0] for line in took.read_text().splitlines())
    with psycopg.connect(stage.environment["DATABASE_URL"]) as connection:
        rows = connection.execute(LETTERS).fetchall()
    states: dict[str, set[str]] = {}
    for state, token, _, _ in rows:
        states.setdefault(state, set()).add(token)
    sent, unknown = states.get("sent", set()), states.get("unknown", set())
    if twice := [token for token, count in taken.items() if count > 1]:
        yield f"mail: {len(twice)} messages were handed over twice, as {twice[0]}"
    if lost := sent - set(taken):
        yield f"mail: {len(lost)} messages are said to be sent, and nobody took them"
    if odd := set(taken) - sent - unknown:
        yield f"mail: {len(odd)} messages were taken that are neither sent nor unknown"
    if len(unknown) > stage.unknown_allowed:
        yield f"mail: {len(unknown)} are unknown, at most {stage.unknown_allowed} were under way at a kill"
    if failed := [detail for state, _, detail, _ in rows if state == "failed"]:
        yield f"mail: {len(failed)} failed: {failed[0]}"
    yield from _unwritten(journals, {key for *_, key in rows})
    print(f"  {len(taken)} messages taken, {len(unknown)} unknown (at most {stage.unknown_allowed})", flush=True)


def _unwritten(journals: list[list[dict[str, Any]]], keys: set[str]) -> Iterator[str]:
    """Every order that brought points has its receipt in the outbox."""
    for calls in journals:
        for call in calls:
            answer = json.loads(call["text"])
            if "/orders/web/" not in call["path"] or "/refunds/" in call["path"] or "points" not in answer:
                continue
            key = f"receipt:order:web:{answer['order']['order_id']}"
            if answer["points"]["awarded"] > 0 and key not in keys:
                yield f"mail: order {answer['order']['order_id']} has no receipt"
