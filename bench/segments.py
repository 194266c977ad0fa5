"""Counts of segments as the ORM compiles them beside the same questions in SQL written by hand, and the live page."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.db import connection

from bench import population
from bench.measure import Result, say, scale, seconds
from campaigns import queries as campaigns_queries
from campaigns.rules.segments import Tree, tree_from
from kit import clock

GOAL = 1.5
"""Ours compiles, guards itself with a time-out and counts; by hand it is only counted."""
PAGE_SECONDS = 1.0
TIMES = 5

ACTIVE = "m.status = 'active' AND m.joined_at IS NOT NULL"
LADDER = "s.ladder_id = (SELECT id FROM tiers_ladder WHERE code = 'main')"


def _asks(field: str, operator: str, *values: str, **more: int) -> dict[str, Any]:
    return {"field": field, "operator": operator, "values": list(values), **more}


QUIET_GOLD = {"all": [_asks("tiers.tier", "is", "gold"), _asks("orders.last", "at_least", "45")]}
BIG_SPENDERS = {"all": [_asks("orders.spend", "at_least", "500", days=90)]}
HOLDS_POINTS = {
    "all": [
        _asks("points.available", "at_least", "500"),
        {"not": {"any": [_asks("tiers.tier", "is", "member"), _asks("points.debt", "at_least", "1")]}},
    ]
}
LAPSING = {
    "all": [_asks("points.lapsing", "at_least", "200", days=30), _asks("orders.count", "at_most", "4", days=365)]
}
EITHER = {
    "any": [
        {"all": [_asks("tiers.tier", "at_least", "gold"), _asks("tiers.until", "within", "60")]},
        _asks("orders.sku", "did", "S42"),
    ]
}

TREES: Mapping[str, tuple[dict[str, Any], str]] = {
    "quiet-gold": (
        QUIET_GOLD,
        f"""
        SELECT count(*) FROM members_member m
        JOIN tiers_standing s ON s.member_id = m.id AND {LADDER}
        JOIN tiers_tier t ON t.id = s.tier_id AND t.code = 'gold'
        WHERE {ACTIVE}
          AND EXISTS (SELECT FROM orders_order o WHERE o.member_id = m.id AND o.status = 'paid')
          AND NOT EXISTS (
              SELECT FROM orders_order o
              WHERE o.member_id = m.id AND o.status = 'paid' AND o.placed_at >= %(since44)s)
        """,
    ),
    "big-spenders": (
        BIG_SPENDERS,
        f"""
        SELECT count(*) FROM members_member m JOIN (
            SELECT member_id FROM orders_spendmovement
            WHERE counts_on BETWEEN %(quarter)s AND %(today)s GROUP BY 1 HAVING sum(spend) >= 500
        ) x ON x.member_id = m.id WHERE {ACTIVE}
        """,
    ),
    "holds-points": (
        HOLDS_POINTS,
        f"""
        SELECT count(*) FROM members_member m
        JOIN points_balance b ON b.member_id = m.id AND b.wallet = 'points' AND b.available >= 500 AND b.debt < 1
        LEFT JOIN tiers_standing s ON s.member_id = m.id AND {LADDER}
        LEFT JOIN tiers_tier t ON t.id = s.tier_id
        WHERE {ACTIVE} AND t.code IS DISTINCT FROM 'member'
        """,
    ),
    "lapsing": (
        LAPSING,
        f"""
        SELECT count(*) FROM members_member m JOIN (
            SELECT member_id FROM points_lot
            WHERE wallet = 'points' AND active_on <= %(today)s AND expires_on BETWEEN %(today)s AND %(month)s
            GROUP BY 1 HAVING sum(points) >= 200
        ) x ON x.member_id = m.id
        LEFT JOIN tiers_standing s ON s.member_id = m.id AND {LADDER}
        WHERE {ACTIVE} AND coalesce(s.orders, 0) <= 4
        """,
    ),
    "either": (
        EITHER,
        f"""
        SELECT count(*) FROM members_member m WHERE {ACTIVE} AND m.id IN (
            SELECT s.member_id FROM tiers_standing s JOIN tiers_tier t ON t.id = s.tier_id
            WHERE {LADDER} AND t.code IN ('gold', 'diamond') AND s.until_date BETWEEN %(today)s AND %(soon)s
            UNION
            SELECT o.member_id FROM orders_order o JOIN orders_orderline l ON l.order_id = o.id
            WHERE o.status = 'paid' AND l.sku = 'S42' AND l.refunded_quantity < l.quantity
        )
        """,
    ),
}


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will count each typical segment both ways, and time the page that shows the worst of them."""
    if not wanted("segments"):
        return
    population.build(scale())
    at = clock.day_start(population.LAST) + dt.timedelta(hours=12)
    worst = 0.0
    for name, (stored, by_hand) in TREES.items():
        ours, limit, page = _one(name, tree_from(stored, campaigns_queries.segment_fields()), by_hand, at)
        worst = max(worst, page)
        yield Result(f"segments-{name}", ours, limit, GOAL)
    yield Result("segments-page", worst, PAGE_SECONDS, 1.0)


def _one(name: str, tree: Tree, by_hand: str, at: dt.datetime) -> tuple[float, float, float]:
    facts = _facts(clock.business_date(at))
    found, known = campaigns_queries.count_of(tree, at), _counted(by_hand, facts)
    if found != known:
        raise RuntimeError(f"{name}: ours finds {found} members, by hand {known} are found.")
    ours, limit, page = [], [], []
    for _ in range(TIMES):
        ours.append(seconds(lambda: campaigns_queries.count_of(tree, at)))
        limit.append(seconds(lambda: _counted(by_hand, facts)))
        page.append(seconds(lambda: campaigns_queries.reach_of(tree, at)))
    say(
        f"  {name}: {found:,} members; ours {min(ours) * 1000:.0f} ms, by hand {min(limit) * 1000:.0f} ms, "
        f"count, tiers, left out and examples {min(page) * 1000:.0f} ms"
    )
    return min(ours), min(limit), min(page)


def _counted(statement: str, facts: dict[str, Any]) -> int:
    """By hand it has the memory that ours has."""
    with connection.cursor() as cursor:
        cursor.execute("SET work_mem = '64MB'")
        cursor.execute("SET jit = off")
        cursor.execute(statement, facts)
        row = cursor.fetchone()
        cursor.execute("RESET work_mem")
        cursor.execute("RESET jit")
    return int(row[0]) if row else 0


def _facts(today: dt.date) -> dict[str, Any]:
    return {
        "today": today,
        "quarter": today - dt.timedelta(days=89),
        "month": today + dt.timedelta(days=30),
        "soon": today + dt.timedelta(days=60),
        "since44": clock.day_start(today - dt.timedelta(days=44)),
    }
