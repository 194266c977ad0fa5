"""The database refuses changes to what is append-only."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial")]

    operations = [
        migrations.RunSQL(guards.APPEND_ONLY_FUNCTION, "DROP FUNCTION kit_refuse_change()"),
        migrations.RunSQL(guards.FROZEN_FUNCTION, "DROP FUNCTION kit_refuse_change_of_published()"),
        migrations.RunSQL(guards.append_only("kit_auditrow"), guards.not_append_only("kit_auditrow")),
    ]
