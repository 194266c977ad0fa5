"""What is published is frozen, what was used, drawn and sent is append-only."""

from django.db import migrations

from kit import guards


class Migration(migrations.Migration):
    dependencies = [("benefits", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        *(
            migrations.RunSQL(guards.append_only(table), guards.not_append_only(table))
            for table in ("benefits_benefituse", "benefits_fulfilmentstep", "benefits_draw")
        ),
        *(
            migrations.RunSQL(guards.frozen_when_published(table), f"DROP TRIGGER {table}_frozen ON {table};")
            for table in ("benefits_benefitversion", "benefits_couponterms")
        ),
    ]
