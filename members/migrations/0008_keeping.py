"""Members can be merged; notes, copies of their data, and erasures."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import members.enums
from kit import guards


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0004_erasable"),
        ("members", "0007_entering"),
    ]

    operations = [
        migrations.CreateModel(
            name="DataExport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why the staff asked; empty where he did.", max_length=300),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "waiting"), ("done", "done"), ("failed", "failed"), ("gone", "gone")],
                        default=members.enums.ExportState["WAITING"],
                        max_length=10,
                    ),
                ),
                ("content", models.BinaryField(help_text="A zip file; taken away when its time is over.", null=True)),
                ("error", models.CharField(blank=True, max_length=300)),
                ("actor", models.CharField(max_length=80)),
                ("asked_at", models.DateTimeField()),
                ("made_at", models.DateTimeField(null=True)),
                (
                    "ends_at",
                    models.DateTimeField(
                        help_text="The first instant at which it cannot be fetched any more.", null=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="members.member",
                    ),
                ),
                ("erased_at", models.DateTimeField()),
                ("by_request", models.BooleanField(help_text="He asked for it himself.")),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why the staff did; no personal words.", max_length=300),
                ),
                ("actor", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="ErasureRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("due_on", models.DateField(help_text="The date whose night erases.")),
                ("actor", models.CharField(max_length=80)),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                (
                    "moved",
                    models.JSONField(
                        help_text="Identities by id, tags, fields that were filled, consents; emptied by erasure."
                    ),
                ),
                (
                    "form_key",
                    models.UUIDField(help_text="Of the form, so that a second press is no second one.", unique=True),
                ),
                ("merged_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by", models.CharField(blank=True, max_length=80)),
                ("undo_reason", models.CharField(blank=True, max_length=300)),
                ("rounds", models.PositiveIntegerField(default=0, help_text="How often something was carried over.")),
            ],
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.CharField(max_length=2000)),
                ("written_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(null=True)),
                (
                    "form_key",
                    models.UUIDField(help_text="Of the form, so that a second press is no second one.", unique=True),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NotTwice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("phone", "phone"), ("email", "email"), ("name", "name")], max_length=10),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="member",
            name="members_member_status_known",
        ),
        migrations.AddField(
            model_name="member",
            name="merged_into",
            field=models.ForeignKey(
                db_index=False,
                help_text="Who goes on for him.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="members.member",
            ),
        ),
        migrations.AlterField(
            model_name="member",
            name="status",
            field=models.CharField(
                choices=[
                    ("pending", "pending"),
                    ("active", "active"),
                    ("blocked", "blocked"),
                    ("erased", "erased"),
                    ("merged", "merged"),
                ],
                default=members.enums.MemberStatus["ACTIVE"],
                max_length=10,
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)), fields=["merged_into"], name="members_member_merged"
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["pending", "active", "blocked", "erased", "merged"])),
                name="members_member_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_into__isnull", False), ("status", members.enums.MemberStatus["MERGED"])),
                    ("status", members.enums.MemberStatus["ERASED"]),
                    models.Q(
                        ("merged_into", None), models.Q(("status", members.enums.MemberStatus["MERGED"]), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="members_member_merged_names_survivor",
            ),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("merged_into", None), models.Q(("merged_into", models.F("id")), _negated=True), _connector="OR"
                ),
                name="members_member_not_merged_into_himself",
            ),
        ),
        migrations.AddField(
            model_name="dataexport",
            name="member",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="erasurerequest",
            name="member",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="merged",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="merge",
            name="survivor",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="author",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="note",
            name="member",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="nottwice",
            name="first",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
            ),
        ),
        migrations.AddField(
            model_name="nottwice",
            name="second",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"),
        ),
        migrations.AddIndex(
            model_name="dataexport",
            index=models.Index(fields=["member", "-asked_at"], name="members_dataexport_of_member"),
        ),
        migrations.AddIndex(
            model_name="dataexport",
            index=models.Index(
                condition=models.Q(
                    ("state__in", [members.enums.ExportState["WAITING"], members.enums.ExportState["DONE"]])
                ),
                fields=["state", "ends_at"],
                name="members_dataexport_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="dataexport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("content__isnull", False),
                        ("ends_at__isnull", False),
                        ("made_at__isnull", False),
                        ("state", members.enums.ExportState["DONE"]),
                    ),
                    models.Q(models.Q(("state", members.enums.ExportState["DONE"]), _negated=True), ("content", None)),
                    _connector="OR",
                ),
                name="members_dataexport_there_when_done",
            ),
        ),
        migrations.AddConstraint(
            model_name="dataexport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", members.enums.ExportState["WAITING"])),
                fields=("member", "actor"),
                name="members_dataexport_one_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="erasurerequest",
            index=models.Index(
                condition=models.Q(("cancelled_at", None), ("done_at", None)),
                fields=["due_on"],
                name="members_erasurerequest_due",
            ),
        ),
        migrations.AddConstraint(
            model_name="erasurerequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None), ("done_at", None)),
                fields=("member",),
                name="members_erasurerequest_one_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="erasurerequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("cancelled_at", None), ("done_at", None), _connector="OR"),
                name="members_erasurerequest_closed_once",
            ),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["survivor", "-merged_at"], name="members_merge_of_survivor"),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(
                condition=models.Q(("undone_at", None)), fields=("merged",), name="members_merge_one_open"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(("survivor", models.F("merged")), _negated=True), name="members_merge_of_two"
            ),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("undo_reason", ""), ("undone_at", None), ("undone_by", "")),
                    models.Q(("undone_at__isnull", False), models.Q(("undone_by", ""), _negated=True)),
                    _connector="OR",
                ),
                name="members_merge_undone_whole",
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["member", "-written_at"], name="members_note_of_member"),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("text", ""), _negated=True), name="members_note_says_something"
            ),
        ),
        migrations.AddConstraint(
            model_name="note",
            constraint=models.CheckConstraint(
                condition=models.Q(("edited_at", None), ("edited_at__gte", models.F("written_at")), _connector="OR"),
                name="members_note_edited_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="nottwice",
            constraint=models.UniqueConstraint(fields=("first", "second"), name="members_nottwice_once"),
        ),
        migrations.AddConstraint(
            model_name="nottwice",
            constraint=models.CheckConstraint(
                condition=models.Q(("first__lt", models.F("second"))), name="members_nottwice_in_order"
            ),
        ),
        migrations.RunSQL(
            guards.append_only("members_erasure") + guards.erasable("members_erasure", "reason"),
            guards.not_append_only("members_erasure"),
        ),
    ]
