"""Marketing messages are found by their dispatch, so the index of what is due keeps service messages alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("messaging", "0008_answers")]

    operations = [
        migrations.RemoveIndex(model_name="message", name="messaging_message_due"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(("purpose", "service"), ("state", "queued")),
                fields=["due_at", "id"],
                name="messaging_message_due",
            ),
        ),
    ]
