"""Seals keep what names a broken entry; the database writes an entry's canonical text as points.rules.sealing does."""

from django.db import migrations, models

ENTRY_TEXT = """
-- purpose: the canonical text of an entry, all of it, whatever the session's time zone and style of dates
-- locks: none; it looks at nothing but the row it is given
CREATE FUNCTION points_entry_text(entry points_entry) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT concat(
        '{"version": 1, "member": ', entry.member_id,
        ', "wallet": ', to_json(entry.wallet::text),
        ', "seq": ', entry.seq,
        ', "kind": ', to_json(entry.kind::text),
        ', "points": ', entry.points,
        ', "debt_change": ', entry.debt_change,
        ', "balance_after": ', entry.balance_after,
        ', "source_key": ', to_json(entry.source_key::text),
        ', "at": "', to_char(entry.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '"',
        ', "business_date": ', to_json(entry.business_date),
        ', "counts_on": ', to_json(entry.counts_on),
        ', "active_on": ', coalesce(to_json(entry.active_on)::text, 'null'),
        ', "expires_on": ', coalesce(to_json(entry.expires_on)::text, 'null'),
        ', "lot_active_on": ', coalesce(to_jsonb(entry.lot_active_on)::text, 'null'),
        ', "lot_expires_on": ', coalesce(to_jsonb(entry.lot_expires_on)::text, 'null'),
        ', "lot_points": ', coalesce(to_jsonb(entry.lot_points)::text, 'null'),
        ', "policy": ', entry.policy_id,
        ', "explanation": ', entry.explanation,
        ', "actor": ', to_json(entry.actor::text),
        ', "recorded_at": "', to_char(entry.recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '"}'
    )
$$;
"""
NO_ENTRY_TEXT = "DROP FUNCTION points_entry_text(points_entry)"


class Migration(migrations.Migration):
    dependencies = [("points", "0007_policies")]

    operations = [
        migrations.AddField("seal", "marks", models.BinaryField(default=b""), preserve_default=False),
        migrations.AddField("dayseal", "branches", models.BinaryField(default=b""), preserve_default=False),
        migrations.RunSQL(ENTRY_TEXT, NO_ENTRY_TEXT),
    ]
