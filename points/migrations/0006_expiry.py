"""Wallets know how long their lots wait for a deed of their owner; deeds open and close them with it."""

from importlib import import_module

from django.db import migrations, models

LEDGER = import_module("points.migrations.0002_ledger")

OPEN_BOOKS = """
-- purpose: lock a member's wallets, then read lots, entries of some keys, and what of their lots has already expired
-- locks: points_balance rows of the member, FOR NO KEY UPDATE, in wallet order; reads follow in later statements
CREATE OR REPLACE FUNCTION points_open_books(of_member bigint, key_from text, key_to text, today date) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    wallets jsonb; lots jsonb; entries jsonb; lapsed jsonb := '[]';
BEGIN
    SELECT coalesce(jsonb_agg(jsonb_build_array(b.wallet, b.debt, b.seq, b.idle_until, b.idle_months)), '[]')
        INTO wallets FROM (
            SELECT wallet, debt, seq, idle_until, idle_months FROM points_balance
            WHERE member_id = of_member ORDER BY wallet FOR NO KEY UPDATE) b;
    SELECT coalesce(jsonb_agg(jsonb_build_array(wallet, active_on, expires_on, points, pending)), '[]') INTO lots
        FROM points_lot WHERE member_id = of_member;
    SELECT coalesce(jsonb_agg(jsonb_build_array(wallet, seq, kind, points, balance_after, source_key, active_on,
            expires_on, policy_id, explanation)), '[]') INTO entries
        FROM points_entry
        WHERE member_id = of_member AND wallet IN ('growth', 'points')
            AND source_key COLLATE "C" >= key_from COLLATE "C" AND source_key COLLATE "C" < key_to COLLATE "C";
    -- 9999-12-30 is kit.dates.WHILE_ACTIVE: such a lot may have ended whatever its date says.
    IF EXISTS (
        SELECT FROM jsonb_array_elements(entries) e WHERE (e ->> 7)::date < today OR (e ->> 7)::date = '9999-12-30'
    ) THEN
        SELECT coalesce(jsonb_agg(jsonb_build_array(l.wallet, l.active_on, l.expires_on, l.points)), '[]') INTO lapsed
        FROM (
            SELECT e.wallet, lot.active_on, lot.expires_on, sum(lot.points) AS points
            FROM points_entry e, unnest(e.lot_active_on, e.lot_expires_on, e.lot_points)
                AS lot (active_on, expires_on, points)
            WHERE e.member_id = of_member AND e.kind = 'expiry'
            GROUP BY 1, 2, 3) l;
    END IF;
    RETURN jsonb_build_object('wallets', wallets, 'lots', lots, 'entries', entries, 'lapsed', lapsed);
END $$;
"""

CLOSE_BOOKS = """
-- purpose: write what one deed changed in a member's wallets: entries, lots, balances
-- locks: none beyond those of points_open_books
CREATE OR REPLACE FUNCTION points_close_books(of_member bigint, changes jsonb) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO points_entry (member_id, wallet, seq, kind, points, debt_change, balance_after, source_key, at,
            business_date, counts_on, active_on, expires_on, lot_active_on, lot_expires_on, lot_points, policy_id,
            explanation, actor)
        SELECT of_member, e.wallet, e.seq, e.kind, e.points, e.debt_change, e.balance_after, e.source_key, e.at,
            e.business_date, e.counts_on, e.active_on, e.expires_on, e.lot_active_on, e.lot_expires_on, e.lot_points,
            e.policy_id, e.explanation, e.actor
        FROM jsonb_to_recordset(changes -> 'entries') AS e (wallet text, seq int, kind text, points bigint,
            debt_change bigint, balance_after bigint, source_key text, at timestamptz, business_date date,
            counts_on date, active_on date, expires_on date, lot_active_on date[], lot_expires_on date[],
            lot_points bigint[], policy_id bigint, explanation jsonb, actor text);
    DELETE FROM points_lot lot USING jsonb_array_elements(changes -> 'lots') AS l
        WHERE lot.member_id = of_member AND lot.wallet = l ->> 0 AND lot.active_on = (l ->> 1)::date
            AND lot.expires_on = (l ->> 2)::date AND (l ->> 3)::bigint = 0;
    INSERT INTO points_lot (member_id, wallet, active_on, expires_on, points, pending)
        SELECT of_member, l ->> 0, (l ->> 1)::date, (l ->> 2)::date, (l ->> 3)::bigint, (l ->> 4)::boolean
        FROM jsonb_array_elements(changes -> 'lots') AS l WHERE (l ->> 3)::bigint > 0
        ON CONFLICT (member_id, wallet, active_on, expires_on)
            DO UPDATE SET points = excluded.points, pending = excluded.pending;
    UPDATE points_balance b
        SET available = (w ->> 1)::bigint, pending = (w ->> 2)::bigint, debt = (w ->> 3)::bigint, seq = (w ->> 4)::int,
            idle_until = (w ->> 5)::date, idle_months = (w ->> 6)::smallint
        FROM jsonb_array_elements(changes -> 'wallets') AS w
        WHERE b.member_id = of_member AND b.wallet = w ->> 0;
END $$;
"""


def as_before(function: str) -> str:
    """Will return the statement that puts a function of 0002 back."""
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")


class Migration(migrations.Migration):
    dependencies = [("points", "0005_guards")]

    operations = [
        migrations.AddField(
            model_name="balance",
            name="idle_months",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="By how much: the longest wait promised for the lots held; 0 where none is.",
            ),
        ),
        migrations.AddConstraint(
            model_name="balance",
            constraint=models.CheckConstraint(
                condition=models.Q(("idle_until", None), ("idle_months__gt", 0), _connector="OR"),
                name="points_balance_waits_some_months",
            ),
        ),
        migrations.RunSQL(OPEN_BOOKS, as_before(LEDGER.OPEN_BOOKS)),
        migrations.RunSQL(CLOSE_BOOKS, as_before(LEDGER.CLOSE_BOOKS)),
    ]
