"""A programme with as many members as wanted, two years old, made by set-based SQL; the same on every run.

Each member has some eight orders, three in a hundred of them returned, with their points and growth, a sign-up reward,
two redemptions and the expiries of two years: about twenty entries. Nights are booked up to the eve of LAST; what
happened on LAST itself is booked live. It passes `manage.py verify`.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial

from django.db import connection

from bench.measure import run_sql, say, told
from kit import clock
from kit.copy import copy_rows
from members.rules import member_number
from membership_site.flows import starter
from tiers import queries as tiers_queries

LAST = dt.date(2026, 3, 31)
"""The date whose night is measured: the last of a month, when points expire."""
DAYS = 730
ORDERS_A_MEMBER = 8
TABLES = (
    "members_member",
    "members_identity",
    "orders_order",
    "orders_orderline",
    "orders_refund",
    "orders_spendmovement",
    "points_entry",
    "points_balance",
    "points_lot",
    "tiers_standing",
    "tiers_decision",
)

RANDOM = "(hashint8extended({0}, {1}) & 1073741823) / 1073741824::double precision"
"""A number from 0 to 1 that is always the same for an id and a purpose."""

HAPPENED = f"""
CREATE UNLOGGED TABLE bench_order AS
SELECT
    g AS id,
    1 + floor(%(members)s * power({RANDOM.format("g", 1)}, 1.5))::bigint AS member_id,
    date, date + 7 AS active_on,
    (date_trunc('month', date + 7) + interval '13 month' - interval '1 day')::date AS expires_on,
    round((exp(4.6 + 0.8 * sqrt(-2 * ln(1 - {RANDOM.format("g", 2)})) * cos(2 * pi() * {RANDOM.format("g", 3)})))::numeric, 2)
        AS basis,
    {RANDOM.format("g", 4)} < 0.03 AND date + 3 <= %(last)s AS returned
FROM (
    SELECT g, %(last)s - %(days)s + 1 + ((g - 1) * %(days)s / (%(members)s * %(orders)s))::int AS date
    FROM generate_series(1, %(members)s::bigint * %(orders)s) g
) dated
"""

LOTS = """
CREATE UNLOGGED TABLE bench_lot AS
WITH put AS (
    SELECT member_id, active_on, expires_on, sum(floor(basis))::bigint AS points
    FROM bench_order WHERE NOT returned AND basis >= 1
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT id, %(joined)s, (date_trunc('month', %(joined)s) + interval '13 month' - interval '1 day')::date, 100
    FROM generate_series(1, %(members)s) id
), summed AS (
    SELECT
        *,
        -- What was there to be spent on the day of the redemptions, lot by lot in the order of spending.
        sum(points) FILTER (WHERE open) OVER (PARTITION BY member_id) AS spendable,
        coalesce(sum(points) FILTER (WHERE open) OVER earlier, 0) AS before
    FROM (SELECT *, active_on <= %(spent1)s AND expires_on >= %(spent1)s AS open FROM put) lot
    WINDOW earlier AS (
        PARTITION BY member_id ORDER BY expires_on, active_on ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    )
)
SELECT
    member_id, active_on, expires_on, points,
    CASE WHEN open THEN least(points, greatest(floor(spendable * 0.2) - before, 0)) ELSE 0 END::bigint AS spent_first,
    CASE WHEN open THEN least(points, greatest(floor(spendable * 0.3) - before, 0)) ELSE 0 END::bigint AS spent
FROM summed
"""

SIGN_UP, ORDER, RETURNED, FIRST_SPENT, THEN_SPENT, EXPIRED = range(6)
TAKEN = f"""
    SELECT member_id, {EXPIRED} AS rank, expires_on AS date, active_on, expires_on, points - spent AS points
    FROM bench_lot WHERE expires_on < %(last)s AND points > spent
    UNION ALL
    SELECT member_id, {FIRST_SPENT}, %(spent1)s, active_on, expires_on, spent_first FROM bench_lot WHERE spent_first > 0
    UNION ALL
    SELECT member_id, {THEN_SPENT}, %(spent2)s, active_on, expires_on, spent - spent_first
    FROM bench_lot WHERE spent > spent_first
"""

NUMBERED = f"""
CREATE UNLOGGED TABLE bench_entry AS
SELECT
    member_id, growth, (row_number() OVER w)::int AS seq, rank, id, points, (sum(points) OVER w)::bigint AS balance,
    date, counts_on, basis, active_on, expires_on
FROM (
    SELECT
        member_id, growth, {ORDER}::smallint AS rank, id, floor(basis)::bigint AS points, date, date AS counts_on, basis,
        CASE WHEN growth THEN '1970-01-01' ELSE active_on END AS active_on,
        CASE WHEN growth THEN '9999-12-31' ELSE expires_on END AS expires_on
    FROM bench_order CROSS JOIN (VALUES (false), (true)) wallets (growth) WHERE basis >= 1
    UNION ALL
    SELECT
        member_id, growth, {RETURNED}::smallint, id, -floor(basis), date + 3, date, basis,
        CASE WHEN growth THEN '1970-01-01' ELSE active_on END, CASE WHEN growth THEN '9999-12-31' ELSE expires_on END
    FROM bench_order CROSS JOIN (VALUES (false), (true)) wallets (growth) WHERE returned AND basis >= 1
    UNION ALL
    SELECT
        id, false, {SIGN_UP}::smallint, 0, 100, %(joined)s, %(joined)s, NULL, %(joined)s,
        (date_trunc('month', %(joined)s) + interval '13 month' - interval '1 day')::date
    FROM generate_series(1, %(members)s::bigint) id
    UNION ALL
    SELECT member_id, false, rank::smallint, 0, -sum(points), date, date, NULL, NULL, NULL
    FROM ({TAKEN}) taken GROUP BY member_id, rank, date
) happened
WINDOW w AS (PARTITION BY member_id, growth ORDER BY date, rank, id ROWS UNBOUNDED PRECEDING)
"""
"""What every wallet went through, numbered and summed; narrow rows, for they are sorted twice."""

INTO_ENTRIES = """
INSERT INTO points_entry (
    member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, counts_on,
    active_on, expires_on, lot_active_on, lot_expires_on, lot_points, policy_id, explanation, actor, recorded_at
)
"""
ENTRIES = {
    "entries of orders": f"""
{INTO_ENTRIES}
SELECT
    member_id, CASE WHEN growth THEN 'growth' ELSE 'points' END, seq,
    CASE rank WHEN {RETURNED} THEN 'reversal' ELSE 'accrual' END, points, 0, balance,
    CASE rank
        WHEN {SIGN_UP} THEN 'sign_up'
        WHEN {ORDER} THEN 'order:web:' || id || ':line:1'
        ELSE 'order:web:' || id || ':refund:R' || id || ':line:1'
    END,
    date + time '04:00' AT TIME ZONE 'UTC', date, counts_on,
    CASE WHEN rank <> {RETURNED} THEN active_on END, CASE WHEN rank <> {RETURNED} THEN expires_on END,
    CASE rank WHEN {RETURNED} THEN ARRAY[active_on] END, CASE rank WHEN {RETURNED} THEN ARRAY[expires_on] END,
    CASE rank WHEN {RETURNED} THEN ARRAY[-points] END, %(policy)s,
    CASE
        WHEN rank = {SIGN_UP} THEN jsonb_build_array(jsonb_build_object('code', 'sign_up', 'points', 100))
        WHEN rank = {RETURNED} THEN jsonb_build_array(jsonb_build_object('code', 'units_returned', 'line', '1',
            'quantity', 1, 'returned', 1, 'whole', -points, 'kept', 0))
        WHEN growth THEN jsonb_build_array(jsonb_build_object('code', 'order_line_growth', 'line', '1', 'basis',
            basis::text, 'order_basis', basis::text, 'order_growth', points, 'line_growth', points))
        ELSE jsonb_build_array(jsonb_build_object('code', 'order_line', 'line', '1', 'basis', basis::text,
            'order_basis', basis::text, 'multiplier', '1.000', 'tier', 'member', 'order_points', points,
            'line_points', points))
    END,
    'api:web', date + time '04:00' AT TIME ZONE 'UTC'
FROM (SELECT * FROM bench_entry WHERE rank <= {RETURNED} ORDER BY date, id, growth) in_order
""",
    "entries of spending and expiry": f"""
{INTO_ENTRIES}
SELECT
    member_id, 'points', seq, CASE rank WHEN {EXPIRED} THEN 'expiry' ELSE 'redemption' END, entry.points, 0, balance,
    CASE rank
        WHEN {EXPIRED} THEN 'expiry:' || date || ':' || seq
        WHEN {FIRST_SPENT} THEN 'redeem:1:' || member_id
        ELSE 'redeem:2:' || member_id
    END,
    booked_at, date, date, NULL, NULL, lots.starts, lots.ends, lots.points, %(policy)s,
    CASE rank
        WHEN {EXPIRED} THEN jsonb_build_array(jsonb_build_object('code', 'expired', 'on', date))
        ELSE jsonb_build_array(jsonb_build_object(
            'code', 'redeemed', 'points', -entry.points, 'reward', 'voucher',
            'names', jsonb_build_object('en', 'Voucher')
        ))
    END,
    CASE rank WHEN {EXPIRED} THEN 'night' ELSE 'api:web' END, booked_at
FROM bench_entry entry
JOIN (
    SELECT
        member_id, rank, date, array_agg(active_on ORDER BY expires_on, active_on) AS starts,
        array_agg(expires_on ORDER BY expires_on, active_on) AS ends,
        array_agg(points ORDER BY expires_on, active_on) AS points
    FROM ({TAKEN}) taken GROUP BY member_id, rank, date
) lots USING (member_id, rank, date)
CROSS JOIN LATERAL (
    SELECT CASE rank
        WHEN {EXPIRED} THEN (date + 1) + time '00:00' AT TIME ZONE %(zone)s - interval '1 microsecond'
        ELSE date + time '05:00' AT TIME ZONE 'UTC'
    END AS booked_at
) dated
ORDER BY date, member_id
""",
}

FACTS = {
    "lots": """
INSERT INTO points_lot (member_id, wallet, active_on, expires_on, points, pending)
SELECT member_id, 'points', active_on, expires_on, points - spent, active_on >= %(last)s
FROM bench_lot WHERE expires_on >= %(last)s AND points > spent
UNION ALL
SELECT member_id, 'growth', '1970-01-01', '9999-12-31', sum(floor(basis)), false
FROM bench_order WHERE NOT returned AND basis >= 1 GROUP BY member_id
ORDER BY 1
""",
    "balances": """
INSERT INTO points_balance (member_id, wallet, available, pending, debt, seq)
SELECT id, wallet, coalesce(available, 0), coalesce(pending, 0), 0, coalesce(seq, 0)
FROM generate_series(1, %(members)s) id
CROSS JOIN (VALUES ('points'), ('growth')) wallets (wallet)
LEFT JOIN (
    SELECT
        member_id AS id, wallet, sum(points) FILTER (WHERE NOT pending) AS available,
        sum(points) FILTER (WHERE pending) AS pending
    FROM points_lot GROUP BY 1, 2
) lots USING (id, wallet)
LEFT JOIN (
    SELECT member_id AS id, CASE WHEN growth THEN 'growth' ELSE 'points' END AS wallet, max(seq) AS seq
    FROM bench_entry GROUP BY 1, 2
) last USING (id, wallet)
ORDER BY 1
""",
    "orders": """
INSERT INTO orders_order (
    id, member_id, member_reference, source, order_id, status, placed_at, business_date, stated_at, currency, discount,
    shipping, tax, points_paid, basis, revision, digest, booked_at, received_at
)
SELECT
    id, member_id, jsonb_build_object('external_id', 'c' || member_id), 'web', id, 'paid',
    date + time '04:00' AT TIME ZONE 'UTC', date, date + time '04:00' AT TIME ZONE 'UTC', %(currency)s, 0, 0, 0, 0, basis, 1,
    sha256(id::text::bytea), date + time '04:00' AT TIME ZONE 'UTC', date + time '04:00' AT TIME ZONE 'UTC'
FROM bench_order ORDER BY id
""",
    "lines": """
INSERT INTO orders_orderline (
    order_id, position, line_id, sku, name, category, brand, quantity, unit_price, discount, basis, refunded_quantity,
    attributes
)
SELECT id, 1, '1', 'S' || id %% 5000, '', '', '', 1, basis, 0, basis, returned::int, '{}' FROM bench_order ORDER BY id
""",
    "returns": """
INSERT INTO orders_refund (
    order_id, source, order_id_stated, refund_id, refunded_at, lines, amount, digest, booked_at, received_at,
    attributes
)
SELECT
    id, 'web', id, 'R' || id, at, '[["1", 1]]', basis, sha256(id::text::bytea), at, at, '{}'
FROM (SELECT *, date + 3 + time '04:00' AT TIME ZONE 'UTC' AS at FROM bench_order WHERE returned) r ORDER BY id
""",
    "spend": """
INSERT INTO orders_spendmovement (member_id, source_key, counts_on, known_on, at, spend, orders)
SELECT * FROM (
    SELECT
        member_id, 'order:web:' || id || ':paid', date, date AS known_on, date + time '04:00' AT TIME ZONE 'UTC', basis, 1
    FROM bench_order
    UNION ALL
    SELECT
        member_id, 'order:web:' || id || ':refund:R' || id, date, date + 3, date + 3 + time '04:00' AT TIME ZONE 'UTC',
        -basis, -1
    FROM bench_order WHERE returned
) moved
ORDER BY known_on
""",
}

STANDINGS = f"""
CREATE UNLOGGED TABLE bench_standing AS
WITH seen AS (
    SELECT id AS member_id, CASE WHEN live.member_id IS NULL THEN %(last)s - 1 ELSE %(last)s END AS on_date
    FROM generate_series(1, %(members)s) id
    LEFT JOIN (
        SELECT DISTINCT member_id FROM bench_order WHERE date = %(last)s OR returned AND date + 3 = %(last)s
    ) live ON live.member_id = id
), facts AS (
    SELECT
        member_id,
        coalesce(sum(basis) FILTER (WHERE counts), 0) AS spend,
        (count(*) FILTER (WHERE counts))::int AS orders,
        coalesce(sum(floor(basis)) FILTER (WHERE counts), 0)::bigint AS growth
    FROM (
        SELECT
            seen.member_id, basis,
            date > seen.on_date - 365 AND date <= seen.on_date AND NOT (returned AND date + 3 <= seen.on_date) AS counts
        FROM seen LEFT JOIN bench_order USING (member_id)
    ) x
    GROUP BY member_id
), earned AS (
    SELECT *, CASE
        WHEN spend >= 15000 OR growth >= 15000 THEN 3
        WHEN spend >= 5000 OR orders >= 20 OR growth >= 5000 THEN 2
        WHEN spend >= 1000 OR orders >= 5 OR growth >= 1000 THEN 1
        ELSE 0
    END AS earned
    FROM facts
), ranked AS (
    -- One in twenty stands a tier higher than the window now gives, and some of those are in grace.
    SELECT *, CASE WHEN earned < 3 AND {RANDOM.format("member_id", 5)} < 0.05 THEN earned + 1 ELSE earned END AS rank
    FROM earned
)
SELECT *, CASE
    WHEN rank = 0 THEN NULL
    WHEN rank > earned THEN %(last)s - 30 + floor(395 * {RANDOM.format("member_id", 6)})::int
    ELSE %(last)s + floor(365 * {RANDOM.format("member_id", 6)})::int
END AS until_date
FROM ranked
"""

DECIDED = {
    "decisions": """
INSERT INTO tiers_decision (
    member_id, ladder_id, seq, kind, at, business_date, from_tier_id, to_tier_id, until_before, until_date, grace_date,
    spend, orders, growth, reached_by, threshold, window_starts_date, cause, actor, recorded_at
)
SELECT
    member_id, %(ladder)s, seq, kind, at, date, before.id, after.id, until_before, until_date, grace_date,
    CASE kind WHEN 'joined' THEN 0 ELSE spend END, CASE kind WHEN 'joined' THEN 0 ELSE orders END,
    CASE kind WHEN 'joined' THEN 0 ELSE growth END, CASE kind WHEN 'upgrade' THEN 'spend' ELSE '' END,
    CASE kind WHEN 'upgrade' THEN after.reach_spend END, date - 364,
    CASE kind WHEN 'joined' THEN 'join' WHEN 'upgrade' THEN 'order:web:bench' ELSE 'night:' || date END,
    CASE kind WHEN 'grace' THEN 'night' ELSE 'api:web' END, at
FROM (
    SELECT member_id, 1 AS seq, 'joined' AS kind, %(joined)s AS date, NULL::int AS before, 0 AS after,
        %(joined)s + time '04:00' AT TIME ZONE 'UTC' AS at, NULL::date AS until_before, NULL::date AS until_date,
        NULL::date AS grace_date, spend, orders, growth
    FROM bench_standing
    UNION ALL
    SELECT member_id, 2, 'upgrade', (until_date - interval '1 year')::date, 0, rank,
        (until_date - interval '1 year')::date + time '04:00' AT TIME ZONE 'UTC', NULL, until_date, NULL, spend, orders,
        growth
    FROM bench_standing WHERE rank > 0
    UNION ALL
    SELECT member_id, 3, 'grace', until_date, rank, rank,
        (until_date + 1) + time '00:00' AT TIME ZONE %(zone)s - interval '1 microsecond', until_date, until_date,
        until_date + 30, spend, orders, growth
    FROM bench_standing WHERE until_date < %(last)s
) made
JOIN tiers_tier after ON after.version_id = %(version)s AND after.rank = made.after
LEFT JOIN tiers_tier before ON before.version_id = %(version)s AND before.rank = made.before
ORDER BY date, member_id
""",
    "standings": """
INSERT INTO tiers_standing (
    member_id, ladder_id, tier_id, rank, since_date, until_date, grace_date, spend, orders, growth, counted_on, seq, decided_at
)
SELECT DISTINCT ON (member_id)
    member_id, %(ladder)s, to_tier_id, rank,
    max(business_date) FILTER (WHERE kind <> 'grace') OVER (PARTITION BY member_id),
    s.until_date, d.grace_date, s.spend, s.orders, s.growth,
    CASE WHEN member_id IN (SELECT member_id FROM orders_spendmovement WHERE known_on = %(last)s) THEN %(last)s::date END,
    seq, at
FROM bench_standing s
JOIN tiers_decision d USING (member_id)
ORDER BY member_id, seq DESC
""",
}


def build(members: int) -> None:
    """Will publish the starter programme in an empty database and fill it; where it is filled already, nothing."""
    starter.load(at=clock.day_start(dt.date(2020, 1, 1)), actor="bench")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM members_member")
        known = cursor.fetchone()
    if known and known[0]:
        return
    say(f"making {members:,} members")
    facts = parameters(members)
    with bare_tables():
        with generous(), told("members"):
            people(members)
        _run({"what happened": HAPPENED, "lots of all time": LOTS, "what was booked": NUMBERED}, facts)
        side_by_side(
            lambda: _run(ENTRIES, facts),
            lambda: _run(
                FACTS | {"standings of all time": STANDINGS, "decisions": DECIDED["decisions"]},
                facts,
            ),
        )
    run_sql("ANALYZE tiers_decision, bench_standing")
    _run({"standings": DECIDED["standings"]}, facts)
    run_sql("DROP TABLE bench_order, bench_lot, bench_entry, bench_standing")
    settle()


def _run(statements: Mapping[str, str], facts: dict[str, object]) -> None:
    with generous():
        for name, statement in statements.items():
            with told(name):
                run_sql(statement, facts)


@contextmanager
def generous() -> Iterator[None]:
    """Will let this connection sort and build in memory, and not wait for the disk."""
    for setting in ("work_mem = '2GB'", "maintenance_work_mem = '1GB'", "synchronous_commit = off"):
        run_sql(f"SET {setting}")
    yield
    for setting in ("work_mem", "maintenance_work_mem", "synchronous_commit"):
        run_sql(f"RESET {setting}")


def side_by_side(*works: Callable[[], None]) -> None:
    """Will do several things at once, each on a connection of its own; tables that grow should have one writer."""

    def one(work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        for done in [threads.submit(one, work) for work in works]:
            done.result()


def parameters(members: int) -> dict[str, object]:
    """Will return what the statements need to know."""
    terms = tiers_queries.terms_on(LAST)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM points_policyversion")
        row = cursor.fetchone()
    assert row is not None
    return {
        "members": members,
        "orders": ORDERS_A_MEMBER,
        "last": LAST,
        "days": DAYS,
        "joined": LAST - dt.timedelta(days=DAYS + 10),
        "spent1": LAST - dt.timedelta(days=20),
        "spent2": LAST - dt.timedelta(days=5),
        "policy": row[0],
        "zone": clock.programme_zone().key,
        "currency": "CNY",
        "ladder": terms.ladder_id,
        "version": terms.version_id,
    }


def people(members: int) -> None:
    """Will write so many members, each with a number in the shop."""
    joined = clock.day_start(LAST - dt.timedelta(days=DAYS + 10)) + dt.timedelta(hours=12)
    columns = ("id", "number", "status", "name", "gender", "region", "language", "attributes", "source", "joined_at")
    rows = (
        (id_, member_number(10_000_000 + id_), "active", f"Member {id_}", "", "", "", "{}", "web", joined)
        for id_ in range(1, members + 1)
    )
    copy_rows("members_member", columns, rows)
    named = ((id_, "external", "web", f"c{id_}") for id_ in range(1, members + 1))
    copy_rows("members_identity", ("member_id", "kind", "source", "value"), named)
    run_sql("SELECT setval('members_number', %(next)s)", {"next": 10_000_001 + members})
    run_sql("SELECT setval(pg_get_serial_sequence('members_member', 'id'), %(next)s)", {"next": members + 1})


def settle() -> None:
    """Will vacuum, analyse and write everything out, so that what is measured begins at rest."""
    with told("vacuum"):
        run_sql("VACUUM (ANALYZE)")


@contextmanager
def bare_tables() -> Iterator[None]:
    """Will take keys and indexes off the tables while they are filled, and put them back, checked, afterwards."""
    constraints = _rows(
        """
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), contype = 'f'
        FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND conrelid = ANY(%(tables)s::regclass[])
        ORDER BY contype = 'f' DESC
        """
    )
    for table, name, _, _ in constraints:
        run_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}" CASCADE')
    indexes = _rows(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
        "WHERE indrelid = ANY(%(tables)s::regclass[])"
    )
    for name, _ in indexes:
        run_sql(f"DROP INDEX {name}")
    yield
    added = [
        (f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}', foreign)
        for table, name, definition, foreign in constraints
    ]
    own = [definition for _, definition in indexes] + [statement for statement, foreign in added if not foreign]
    with told("indexes and keys"):
        for statements in (own, [statement for statement, foreign in added if foreign]):
            # The entries are as much work as all other tables.
            entries = [statement for statement in statements if "points_entry" in statement]
            others = [statement for statement in statements if statement not in entries]
            side_by_side(partial(_all, entries), partial(_all, others))


def _all(statements: Sequence[str]) -> None:
    with generous():
        for statement in statements:
            run_sql(statement)


def _rows(statement: str) -> list[tuple[str, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"tables": list(TABLES)})
        return [tuple(row) for row in cursor.fetchall()]
