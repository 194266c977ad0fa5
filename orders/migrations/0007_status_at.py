from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0006_dated"),
    ]

    operations = [
        migrations.AddField(
            model_name="order",
            name="status_at",
            field=models.DateTimeField(
                help_text="When the shop first stated the status it has; a repeat leaves it.", null=True
            ),
        ),
        # safe: the running release neither reads nor writes the column.
        migrations.RunSQL(
            "UPDATE orders_order SET status_at = greatest(stated_at, placed_at) WHERE status <> 'paid'",
            migrations.RunSQL.noop,
        ),
    ]
