"""Erasing a person may empty the words of an audit row; who did what, and when, stays."""

from django.db import migrations

from kit import guards

WORDS = ("was", "becomes", "reason", "origin")


class Migration(migrations.Migration):
    dependencies = [("kit", "0003_key_used")]

    operations = [
        migrations.RunSQL(guards.ERASABLE_FUNCTION, "DROP FUNCTION kit_refuse_change_but_erasure()"),
        migrations.RunSQL(guards.erasable("kit_auditrow", *WORDS), guards.not_erasable("kit_auditrow")),
    ]
