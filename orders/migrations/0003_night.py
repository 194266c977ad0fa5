"""The indexes by which the night finds what became known later than it counts, and events that wait."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0002_guards"), ("orders", "0002_guards")]

    operations = [
        migrations.AddIndex(
            model_name="spendmovement",
            index=models.Index(
                fields=["known_on", "member"],
                name="orders_spendmovement_late",
                condition=~models.Q(known_on=models.F("counts_on")),
            ),
        ),
        migrations.AddIndex(
            model_name="shopevent",
            index=models.Index(
                fields=["type", "id"], name="orders_shopevent_waiting", condition=models.Q(booked_at=None)
            ),
        ),
    ]
