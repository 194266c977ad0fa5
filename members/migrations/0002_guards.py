"""Consents are append-only; member numbers come from a sequence."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("members", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(guards.append_only("members_consent"), guards.not_append_only("members_consent")),
        migrations.RunSQL("CREATE SEQUENCE members_number AS bigint START 10000001", "DROP SEQUENCE members_number"),
    ]
