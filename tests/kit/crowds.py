"""A house of so many members with two years behind them, committed, vacuumed and thrown away again: for plans.

The members are those of the benches. With few rows a planner reads whole tables because that is right; here they have
some tens of thousands, and one member has what he has whether there are many others or few.
"""

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import time_machine
from django.conf import settings as site
from django.db import connection
from django.test import override_settings

from bench import pages, population
from bench.measure import fetch_one, run_sql
from benefits import actions as benefits_actions
from benefits.models import CouponTerms
from kit import clock
from membership_site.flows import starter
from tests.emptying import WRITTEN

LAST = population.LAST
AT = clock.day_start(LAST) + dt.timedelta(hours=12)
TERMS = {"kind": "amount", "amount": "10.00", "validity": {"kind": "days", "days": 60}}

COUPONS = """
INSERT INTO benefits_coupon (
    code, terms_id, definition_id, member_id, source_key, issued_at, starts_at, ends_at, uses_max, used, held,
    void_reason
)
SELECT
    'PLAN' || id || 'X' || n, %(terms)s, %(definition)s, id, 'plan:' || n, %(at)s::timestamptz, %(at)s::timestamptz,
    %(at)s::timestamptz + interval '30 days', 1, 0, 0, ''
FROM members_member CROSS JOIN generate_series(1, 2) n
"""
CHECK_INS = """
INSERT INTO orders_shopevent (
    member_id, member_reference, source, event_id, type, occurred_at, business_date, properties, attributes, digest,
    booked_at, received_at
)
SELECT
    id, '{}', 'app', id || ':' || n, 'check_in', at, %(last)s::date - n, '{}', '{}', sha256(id::text::bytea), at, at
FROM generate_series(39, 0, -1) n
JOIN members_member ON id %% 60 = 0
CROSS JOIN LATERAL (SELECT %(at)s::timestamptz - make_interval(days => n) AS at) happened
ORDER BY n DESC, id
"""
TYPICAL = """
SELECT member_id FROM points_entry JOIN members_member ON members_member.id = member_id
GROUP BY member_id HAVING count(*) = 20 ORDER BY member_id LIMIT 1
"""


@contextmanager
def crowd(members: int) -> Iterator[int]:
    """Will fill an empty database, go to noon of its last date, and empty it; gives a member with twenty entries."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    with (
        tempfile.TemporaryDirectory() as folder,
        time_machine.travel(AT, tick=False),
        override_settings(
            STATIC_ROOT=site.BASE_DIR / "static",
            STORAGES={**site.STORAGES, "staticfiles": plain},
            DEMO_SHOP=True,
            MESSAGE_EMAIL="file",
            MESSAGE_FOLDER=folder,
        ),
    ):
        try:
            _fill(members)
            yield int(str(fetch_one(TYPICAL)[0]))
        finally:
            _empty()


def _fill(members: int) -> None:
    starter.load(at=clock.day_start(dt.date(2020, 1, 1)), actor="test")
    facts = population.parameters(members)
    population.people(members)
    booked = (*population.ENTRIES.values(), *population.FACTS.values(), population.STANDINGS)
    for statement in (
        *(population.HAPPENED, population.LOTS, population.NUMBERED, *booked),
        *population.DECIDED.values(),
    ):
        run_sql(statement, facts)
    run_sql("SELECT setval(pg_get_serial_sequence('orders_order', 'id'), max(id)) FROM orders_order")
    run_sql("DROP TABLE bench_order, bench_lot, bench_entry, bench_standing")
    run_sql(pages.ADDRESSES)
    run_sql(pages.CONSENTS, {"at": AT - dt.timedelta(days=1)})
    benefits_actions.publish_first_coupon(code="plan", names={"en": "Plan"}, terms=TERMS, at=AT, actor="test")
    terms = CouponTerms.objects.get(definition__code="plan")
    run_sql(COUPONS, {"terms": terms.id, "definition": terms.definition_id, "at": AT})
    run_sql(CHECK_INS, {"last": LAST, "at": AT})
    run_sql("VACUUM (ANALYZE)")


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(WRITTEN)
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
