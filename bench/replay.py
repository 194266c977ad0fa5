"""The replay of a draft over a year of history beside a bare read of the same rows from the database."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection

from bench import population
from bench.measure import Result, say, scale, seconds
from kit import clock, sql
from membership_site.flows import policy_preview
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import queries as points_queries
from points.models import PolicyVersion

MONTHS = 12
GOAL = 12.0
"""A replay may take so many times the bare read: both sides of each order are planned, booked and expired in Python."""

RULES = [
    {"code": "x2", "names": {"en": "Double"}, "deed": "order", "effect": "multiply", "amount": "2",
     "when": [{"what": "weekday", "is": ["6", "7"]}], "caps": [{"per": "month", "points": 500}]},
    {"code": "third", "names": {"en": "Third"}, "deed": "order", "effect": "fixed", "amount": "50",
     "when": [{"what": "every_nth_order", "is": ["3"]}]},
]  # fmt: skip


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will build the population and yield the bench of the replay, if it is wanted."""
    if not wanted("replay"):
        return
    population.build(scale())
    at = clock.day_start(population.LAST) + dt.timedelta(hours=12)
    draft = PolicyVersion.objects.create(
        number=99, effective_on=dt.date(2099, 1, 1), terms={**POINTS_TERMS, "rules": RULES}, actor="bench"
    )
    preview_id, _new = points_actions.request_preview(version_id=draft.id, months=MONTHS, at=at, actor="bench")
    bare = min(seconds(lambda: _bare_read(at)) for _ in range(2))
    ours = seconds(lambda: policy_preview.run(preview_id=preview_id, now=lambda: at))
    view = points_queries.get_preview(preview_id)
    if view.state != "done":
        raise RuntimeError(f"The preview is {view.state}: {view.error}")
    orders = view.result["orders"]
    say(f"  replay: {orders:,} orders, {orders / ours:,.0f} a second on both sides; {view.result['sides']['draft']}")
    yield Result("replay", ours, bare, GOAL)


def _bare_read(at: dt.datetime) -> None:
    """Will fetch the rows of all members' orders, returns and ledger, all at once and as tuples, and forget them."""
    since = policy_preview.first_date(at, MONTHS)
    everybody: dict[str, Any] = {
        "after": 0,
        "upto": 2**62,
        "since": since,
        "until": at,
        "starts_at": clock.day_start(since),
    }
    statements = (
        ("orders", "orders_of_range"),
        ("orders", "returns_of_range"),
        ("points", "moves_of_range"),
        ("points", "lots_of_range_as_of"),
        ("tiers", "decisions_of_range"),
    )
    for room, name in statements:
        with connection.cursor() as cursor:
            cursor.execute(sql.statement(room, name), everybody | {"at": everybody["starts_at"], "ladder": "main"})
            while cursor.fetchmany(10_000):
                pass
