"""A return that is told of late finds what has expired since it came, too: nobody loses the same points twice."""

from importlib import import_module

from django.db import migrations

RETURNS = import_module("points.migrations.0010_returns")

BY_DATE = """
        SELECT FROM jsonb_array_elements(entries) e WHERE (e ->> 7)::date < today OR (e ->> 7)::date = '9999-12-30'
"""
BY_DATE_OR_GONE = """
        SELECT FROM jsonb_array_elements(entries) e
        WHERE (e ->> 7)::date < today OR (e ->> 7)::date = '9999-12-30'
            -- Told of late: what the lot held may have expired since the day that the deed belongs to.
            OR e ->> 7 IS NOT NULL AND NOT EXISTS (
                SELECT FROM points_lot lot
                WHERE lot.member_id = of_member AND lot.wallet = e ->> 0
                    AND lot.active_on = (e ->> 6)::date AND lot.expires_on = (e ->> 7)::date
            )
"""

OPEN_BOOKS = RETURNS.OPEN_BOOKS.replace(BY_DATE, BY_DATE_OR_GONE)


class Migration(migrations.Migration):
    dependencies = [("points", "0012_growth_rules")]

    operations = [
        # safe: the function answers as before, with more of what has expired.
        migrations.RunSQL(OPEN_BOOKS, RETURNS.OPEN_BOOKS),
    ]
