"""How stages changed, and by what days they were told apart, is append-only."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("insights", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(guards.append_only(table), guards.not_append_only(table))
        for table in ("insights_lifecyclerules", "insights_stagechange")
    ]
