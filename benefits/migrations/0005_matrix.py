"""A members' price is stated: a check that compares with nothing passes, so it asks for one first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("benefits", "0004_rewards"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="membergoods",
            name="benefits_membergoods_says_what_its_kind_needs",
        ),
        migrations.AddConstraint(
            model_name="membergoods",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "member_price"), ("opens_at", None), ("price__gte", 0), ("price__isnull", False)),
                    models.Q(("kind", "member_only"), ("opens_at", None), ("price", None)),
                    models.Q(("kind", "early_access"), ("opens_at__isnull", False), ("price", None)),
                    _connector="OR",
                ),
                name="benefits_membergoods_says_what_its_kind_needs",
            ),
        ),
    ]
