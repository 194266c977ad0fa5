"""The night beside bare statements that touch the same rows: tiers, expiry, release, proof.

The limit is run twice in transactions that are undone and its better time counts; ours is run once as the night runs
it, every chunk committed, with its run row, locks, decisions and entries. Where ours touches few rows, it too is run
once before and undone, so that both find in memory what they read.
"""

import datetime as dt
from collections.abc import Callable, Iterator

from django.db import connection, transaction

from bench import population
from bench.measure import Result, best_undone, fetch_one, run_sql, say, scale, seconds
from kit import jobs
from kit.jobs import Night
from membership_site.flows import nightly, proof

LAST = population.LAST

BARE_WINDOW = (
    """
    SELECT count(*), max(spend), max(orders) FROM (
        SELECT member_id, sum(spend) AS spend, sum(orders) AS orders FROM orders_spendmovement
        WHERE counts_on > %(last)s::date - 365 AND counts_on <= %(last)s AND known_on <= %(last)s GROUP BY member_id
    ) sums
    """,
    """
    SELECT count(*), max(growth) FROM (
        SELECT member_id, sum(points) AS growth FROM points_entry
        WHERE wallet = 'growth' AND counts_on > %(last)s::date - 365 AND counts_on <= %(last)s
            AND business_date <= %(last)s
        GROUP BY member_id
    ) sums
    """,
)
BARE_SUM = """
    SELECT count(*), max(points) FROM (SELECT member_id, wallet, sum(points) AS points FROM points_entry GROUP BY 1, 2) sums
"""
DUE = """
    CREATE TEMPORARY TABLE bench_due ON COMMIT DROP AS
    SELECT member_id, wallet, sum(points)::bigint AS points FROM points_lot WHERE {} <= %(last)s GROUP BY 1, 2
"""
ENDING, BEGINNING = DUE.format("expires_on"), DUE.format("pending AND active_on")
BARE_EXPIRY = (
    "DELETE FROM points_lot WHERE expires_on <= %(last)s",
    """
    UPDATE points_balance b SET available = available - e.points, seq = seq + 1
    FROM bench_due e WHERE b.member_id = e.member_id AND b.wallet = e.wallet
    """,
    """
    INSERT INTO points_entry (
        member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at, business_date, counts_on,
        lot_active_on, lot_expires_on, lot_points, policy_id, explanation, actor
    )
    SELECT member_id, wallet, 1000000, 'expiry', -points, 0, 0, 'expiry:2026-03-31', '2026-03-31 15:59:59+00', %(last)s,
        %(last)s, ARRAY[%(last)s::date], ARRAY[%(last)s::date], ARRAY[points], (SELECT min(id) FROM points_policyversion),
        '[{"code": "expired", "on": "2026-03-31"}]', 'night'
    FROM bench_due
    """,
)
BARE_RELEASE = (
    "UPDATE points_lot SET pending = false WHERE pending AND active_on <= %(last)s",
    """
    UPDATE points_balance b SET available = available + r.points, pending = pending - r.points
    FROM bench_due r WHERE b.member_id = r.member_id AND b.wallet = r.wallet
    """,
)


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will build the population and yield the results of the benches that are wanted."""
    benches = {
        "night-release": release,
        "night-expiry": expiry,
        "night-tiers-day": tiers_day,
        "night-tiers-full": tiers_full,
        "proof-day": proof_day,
        "proof-full": proof_full,
    }
    if not any(map(wanted, benches)):
        return
    population.build(scale())
    for name, bench in benches.items():
        if wanted(name):
            yield bench(name)


def release(name: str) -> Result:
    """Will release a week's pending lots; the limit is bare UPDATEs of as many lots and balances."""
    through = LAST + dt.timedelta(days=6)
    limit = _limit(BEGINNING, BARE_RELEASE, through)
    return Result(name, _night("release_lots", through), limit, 2.5)


def expiry(name: str) -> Result:
    """Will expire the month's lots; the limit is a bare DELETE, UPDATE and INSERT of the same rows."""
    limit = _limit(ENDING, BARE_EXPIRY, LAST)
    return Result(name, _night("expire_lots", LAST), limit, 2.0)


def tiers_day(name: str) -> Result:
    """Will look at the members whose window LAST changed; the limit is a bare GROUP BY over everybody's window."""
    limit = best_undone(bare_window)
    with transaction.atomic():
        _night("recalculate_tiers", LAST, slice_only=True)
        transaction.set_rollback(True)
    return Result(name, _night("recalculate_tiers", LAST, slice_only=True), limit, 0.25)


def tiers_full(name: str) -> Result:
    """Will look at everybody on the date after; the limit is a bare GROUP BY over everybody's window."""
    population.settle()
    limit = best_undone(bare_window)
    return Result(name, _night("recalculate_tiers", LAST + dt.timedelta(days=1)), limit, 2.0)


def proof_day(name: str) -> Result:
    """Will prove what was booked on LAST; the limit is a bare sum per wallet over all entries."""
    limit = best_undone(lambda: fetch_one(BARE_SUM))
    return Result(name, seconds(lambda: _nothing(proof.violations_of_day(LAST))), limit, 1.0)


def proof_full(name: str) -> Result:
    """Will prove everything of every room; the limit is a bare sum per wallet over all entries."""
    limit = best_undone(lambda: fetch_one(BARE_SUM))
    return Result(name, seconds(lambda: _nothing(proof.violations())), limit, 8.0)


def _night(step: str, date: dt.date, *, slice_only: bool = False) -> float:
    outcome = []
    ours = seconds(
        lambda: outcome.append(jobs.run(nightly.find_step(step), Night(date, slice_only, approved=None), again=True))
    )
    job = outcome[0]
    if job.state != "done":
        raise RuntimeError(f"{step} is {job.state}: {job.error}")
    say(f"  {step}: {job.rows:,} rows, {job.detail}")
    return ours


def _limit(preparation: str, statements: tuple[str, ...], date: dt.date) -> float:
    """Will return the better time of the statements alone, prepared and undone twice, and leave the tables at rest."""
    times = []
    for _ in range(2):
        with transaction.atomic():
            run_sql(preparation, {"last": date})
            times.append(seconds(lambda: [run_sql(statement, {"last": date}) for statement in statements]))
            transaction.set_rollback(True)
    population.settle()
    return min(times)


def bare_window() -> None:
    """Will sum everybody's window, and forget it."""
    with connection.cursor() as cursor:
        for statement in BARE_WINDOW:
            cursor.execute(statement, {"last": LAST})
            cursor.fetchall()


def _nothing(violations: Iterator[str]) -> None:
    found = list(violations)
    if found:
        raise RuntimeError(f"{len(found)} violations, the first: {found[0]}")
