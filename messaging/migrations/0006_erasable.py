"""Erasing a person may empty what providers said of his messages."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("messaging", "0005_reading"), ("kit", "0004_erasable")]

    operations = [
        migrations.RunSQL(
            guards.erasable("messaging_messageevent", "detail"), guards.not_erasable("messaging_messageevent")
        ),
    ]
