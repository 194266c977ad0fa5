"""What rules gave and what nights sealed is append-only; terms say how points expire in the words of points.rules."""

from django.db import migrations

from kit import guards

TERMS = """
ALTER TABLE points_policyversion DISABLE TRIGGER points_policyversion_frozen;
UPDATE points_policyversion
SET terms = (terms - 'expiry_months')
    || jsonb_build_object('expiry', jsonb_build_object('kind', 'end_of_month', 'count', terms -> 'expiry_months'))
WHERE terms ? 'expiry_months';
ALTER TABLE points_policyversion ENABLE TRIGGER points_policyversion_frozen;
"""


class Migration(migrations.Migration):
    dependencies = [("points", "0004_deepened"), ("kit", "0002_guards")]

    operations = [
        *(
            migrations.RunSQL(guards.append_only(table), guards.not_append_only(table))
            for table in ("points_ruleuse", "points_seal", "points_dayseal")
        ),
        migrations.RunSQL(TERMS, migrations.RunSQL.noop),
    ]
