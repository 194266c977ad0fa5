"""What was said, chosen and reported is append-only; published words are frozen."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        *(
            migrations.RunSQL(guards.append_only(table), guards.not_append_only(table))
            for table in ("messaging_messageevent", "messaging_topicchoice", "messaging_sendingrules")
        ),
        migrations.RunSQL(
            guards.frozen_when_published("messaging_templateversion"),
            "DROP TRIGGER messaging_templateversion_frozen ON messaging_templateversion;",
        ),
    ]
