"""Spend movements are append-only."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(guards.append_only("orders_spendmovement"), guards.not_append_only("orders_spendmovement")),
    ]
