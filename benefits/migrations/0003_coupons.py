"""One index for codes, which are kept as they are looked for; batches that are still to be made."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("benefits", "0002_guards"),
        ("members", "0003_finance"),
    ]

    operations = [
        migrations.AlterField(
            model_name="coupon",
            name="code",
            field=models.CharField(db_collation="C", help_text="In capitals.", max_length=40),
        ),
        migrations.AlterField(
            model_name="couponcount",
            name="definition",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT,
                primary_key=True,
                related_name="count",
                serialize=False,
                to="benefits.coupondefinition",
            ),
        ),
        migrations.AddIndex(
            model_name="couponbatch",
            index=models.Index(
                condition=models.Q(("state__in", ["waiting", "running"])),
                fields=["requested_at"],
                name="benefits_couponbatch_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.UniqueConstraint(fields=("code",), name="benefits_coupon_code_once"),
        ),
        migrations.AddConstraint(
            model_name="coupon",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^[0-9A-Z]+$")), name="benefits_coupon_code_as_looked_for"
            ),
        ),
    ]
