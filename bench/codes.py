"""A batch of codes beside a bare COPY of the same rows into a like table, in the same run."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator

from bench.measure import Result, run_sql, say, seconds
from benefits import actions as benefits_actions
from benefits import jobs as benefits_jobs
from benefits.models import Coupon, CouponDefinition
from kit import clock
from kit.copy import copy_rows

CODES = 1_000_000
GOAL = 3.0
"""Ours draws the codes, keeps them unique beside all others, and commits in chunks that a killed worker leaves whole."""

NAMED = ("code", "terms_id", "definition_id", "batch_id", "source_key", "issued_at", "starts_at", "ends_at", "uses_max")
COLUMNS = (*NAMED, "used", "held", "void_reason")
LIKE = "bench_coupon"


def measure(wanted: Callable[[str], bool]) -> Iterator[Result]:
    """Will make a million codes, then copy the same rows into a table with the same indexes, if that is wanted."""
    if not wanted("codes"):
        return
    at = clock.now()
    batch_id = _asked(at)
    ours = seconds(lambda: benefits_jobs.make_batch(batch_id, lambda: at))
    made = Coupon.objects.filter(batch_id=batch_id)
    if made.count() != CODES:
        raise RuntimeError(f"{made.count()} codes were made, not {CODES}.")
    rows = list(made.values_list(*COLUMNS))
    run_sql(f"CREATE TABLE {LIKE} (LIKE benefits_coupon INCLUDING ALL)")
    try:
        limit = seconds(lambda: copy_rows(LIKE, COLUMNS, rows))
    finally:
        run_sql(f"DROP TABLE {LIKE}")
    say(f"  codes: {CODES / ours:,.0f} a second, by bare COPY {CODES / limit:,.0f}")
    yield Result("codes", ours, limit, GOAL)


def _asked(at: dt.datetime) -> int:
    """Will define a coupon where there is none yet, and ask for a batch of its codes."""
    code = f"bench-{CouponDefinition.objects.count()}"
    terms = {"kind": "amount", "amount": "10", "validity": {"kind": "days", "days": 30}}
    benefits_actions.publish_first_coupon(code=code, names={"en": "Ten off"}, terms=terms, at=at, actor="bench")
    return benefits_actions.request_batch(
        definition=code, label="bench", size=CODES, prefix="B", form_key=uuid.uuid4(), at=at, actor="bench"
    )[0]
