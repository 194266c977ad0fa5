from django.db import migrations, models
from django.db.models.functions import ExtractDay, ExtractMonth


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0008_keeping"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(ExtractMonth("birthday"), ExtractDay("birthday"), name="members_member_birthday"),
        ),
    ]
