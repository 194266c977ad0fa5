"""Erasing a person may empty what providers said of his messages."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_guards"), ("kit", "0003_erasable")]

    operations = [
        migrations.RunSQL(
            guards.erasable("messaging_messageevent", "detail"), guards.not_erasable("messaging_messageevent")
        ),
    ]
