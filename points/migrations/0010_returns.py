"""A return of which nothing is taken, or of which nothing comes back, has its line; what expired is let be only once."""

from importlib import import_module

import django.contrib.postgres.indexes
from django.db import migrations, models

EXPIRY = import_module("points.migrations.0006_expiry")

EXPIRED = """
            SELECT e.wallet, lot.active_on, lot.expires_on, sum(lot.points) AS points
            FROM points_entry e, unnest(e.lot_active_on, e.lot_expires_on, e.lot_points)
                AS lot (active_on, expires_on, points)
            WHERE e.member_id = of_member AND e.kind = 'expiry'
            GROUP BY 1, 2, 3) l;
"""
EXPIRED_LESS_LET_BE = """
            SELECT wallet, active_on, expires_on, sum(moved) AS points
            FROM (
                SELECT e.wallet, lot.active_on, lot.expires_on, lot.points AS moved
                FROM points_entry e, unnest(e.lot_active_on, e.lot_expires_on, e.lot_points)
                    AS lot (active_on, expires_on, points)
                WHERE e.member_id = of_member AND e.kind = 'expiry' AND NOT EXISTS (
                    -- The staff brought it back, and that was not undone.
                    SELECT FROM points_adjustment back
                    WHERE back.member_id = of_member AND back.expiry_key = e.source_key AND back.state = 'booked'
                        AND NOT EXISTS (
                            SELECT FROM points_adjustment undo WHERE undo.undoes_id = back.id AND undo.state = 'booked'))
                UNION ALL
                SELECT e.wallet, (step -> 'lot' ->> 0)::date, (step -> 'lot' ->> 1)::date, -(step ->> 'points')::bigint
                FROM points_entry e, jsonb_array_elements(e.explanation) AS step
                WHERE e.member_id = of_member AND e.kind = 'reversal' AND step ->> 'code' = 'already_expired'
            ) moves
            GROUP BY 1, 2, 3 HAVING sum(moved) > 0) l;
"""

OPEN_BOOKS = EXPIRY.OPEN_BOOKS.replace(EXPIRED, EXPIRED_LESS_LET_BE)


class Migration(migrations.Migration):
    dependencies = [("points", "0009_adjust")]

    operations = [
        migrations.RemoveConstraint(model_name="entry", name="points_entry_sign_of_kind"),
        migrations.AddConstraint(
            model_name="entry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["accrual", "restoration", "reinstatement", "write_off"]), ("points__gt", 0)
                )
                | models.Q(("kind__in", ["redemption", "expiry", "reversal"]), ("points__lt", 0))
                | models.Q(("kind__in", ["restoration", "reversal"]), ("points", 0))
                | models.Q(("kind__in", ["transfer", "adjustment"]), models.Q(("points", 0), _negated=True)),
                name="points_entry_sign_of_kind",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(
                condition=models.Q(("kind", "reversal")), fields=["member"], name="points_entry_reversals"
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=django.contrib.postgres.indexes.BrinIndex(
                fields=["recorded_at"], name="points_entry_by_recorded", pages_per_range=16
            ),
        ),
        migrations.RunSQL(OPEN_BOOKS, EXPIRY.OPEN_BOOKS),
    ]
