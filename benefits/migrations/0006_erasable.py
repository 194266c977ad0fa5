"""Erasing a person may empty what was noted on the way of his gifts."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("benefits", "0005_matrix"), ("kit", "0004_erasable")]

    operations = [
        migrations.RunSQL(
            guards.erasable("benefits_fulfilmentstep", "note"), guards.not_erasable("benefits_fulfilmentstep")
        ),
    ]
