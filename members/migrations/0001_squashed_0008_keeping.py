"""All of 0001_initial to 0008_keeping in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.operations
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import members.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("members", "0001_initial"),
        ("members", "0002_guards"),
        ("members", "0003_finance"),
        ("members", "0004_birthday"),
        ("members", "0005_time_zone"),
        ("members", "0006_entered"),
        ("members", "0007_entering"),
        ("members", "0008_keeping"),
    ]

    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("kit", "0004_erasable"),
    ]

    operations = at_once(
        django.contrib.postgres.operations.TrigramExtension(),
        migrations.CreateModel(
            name="Account",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        help_text="Empty: a member's, by phone alone.", max_length=254, null=True, unique=True
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=120)),
                ("is_staff", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("operator", "operator"),
                                ("agent", "agent"),
                                ("auditor", "auditor"),
                                ("finance", "finance"),
                                ("campaign_author", "campaign_author"),
                                ("approver", "approver"),
                                ("integrator", "integrator"),
                                ("admin", "admin"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("language", models.CharField(blank=True, max_length=10)),
                ("date_joined", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("email", django.db.models.functions.text.Lower("email"))),
                        name="members_account_email_in_lower_case",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_staff", True), ("roles", []), _connector="OR"),
                        name="members_account_roles_for_staff_only",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("is_staff", False), ("email__isnull", False), _connector="OR"),
                        name="members_account_staff_have_an_address",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Member",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.CharField(max_length=20, unique=True)),
                (
                    "status",
                    models.CharField(
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
                ("name", models.CharField(blank=True, max_length=120)),
                ("birthday", models.DateField(null=True)),
                ("gender", models.CharField(blank=True, max_length=20)),
                ("region", models.CharField(blank=True, max_length=80)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("attributes", models.JSONField(blank=True, default=dict)),
                ("source", models.CharField(blank=True, help_text="Where the member came from.", max_length=40)),
                (
                    "joined_at",
                    models.DateTimeField(
                        help_text="Empty until the first order of a member imported without.", null=True
                    ),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "account",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="member",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "birthday_changed_at",
                    models.DateTimeField(help_text="When another birthday was last stated.", null=True),
                ),
                (
                    "time_zone",
                    models.CharField(
                        blank=True, db_default="", help_text="An IANA name; empty: the programme's.", max_length=40
                    ),
                ),
                (
                    "invite_code",
                    models.CharField(
                        help_text="By which his friends join; empty until asked.", max_length=12, null=True
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        db_index=False,
                        help_text="Who goes on for him.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("joined_at"), descending=True, nulls_last=True),
                        models.OrderBy(models.F("id"), descending=True),
                        name="members_member_newest",
                    ),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Lower("name"), name="gin_trgm_ops"
                        ),
                        name="members_member_name_part",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["created_at"], name="members_member_entered", pages_per_range=16
                    ),
                    models.Index(
                        condition=models.Q(("merged_into__isnull", False)),
                        fields=["merged_into"],
                        name="members_member_merged",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("invite_code",), name="members_member_invite_code"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["pending", "active", "blocked", "erased", "merged"])),
                        name="members_member_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("merged_into__isnull", False), ("status", members.enums.MemberStatus["MERGED"])),
                            ("status", members.enums.MemberStatus["ERASED"]),
                            models.Q(
                                ("merged_into", None),
                                models.Q(("status", members.enums.MemberStatus["MERGED"]), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="members_member_merged_names_survivor",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(("merged_into", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="members_member_not_merged_into_himself",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Identity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("email", "email"), ("phone", "phone"), ("external", "external")], max_length=10
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="The system of an external id; empty otherwise.", max_length=40
                    ),
                ),
                (
                    "value",
                    models.CharField(help_text="Normalised: e-mail in lower case, phone as +digits.", max_length=254),
                ),
                ("verified_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="identities", to="members.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["value"], name="members_identity_value")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "source", "value"), name="members_identity_one_member"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["email", "phone", "external"]), models.Q(("value", ""), _negated=True)
                        ),
                        name="members_identity_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind", members.enums.IdentityKind["EXTERNAL"]), ("source", ""), _connector="OR"
                        ),
                        name="members_identity_source_of_external",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[("email", "email"), ("sms", "sms"), ("inbox", "inbox"), ("push", "push")],
                        max_length=10,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[("marketing", "marketing"), ("service", "service"), ("profiling", "profiling")],
                        max_length=12,
                    ),
                ),
                ("given", models.BooleanField()),
                ("text", models.TextField(help_text="The sentence the member saw.")),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="members.member"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "channel", "purpose", "-at"], name="members_consent_in_force")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["email", "sms", "inbox", "push"]),
                            ("purpose__in", ["marketing", "service", "profiling"]),
                        ),
                        name="members_consent_question_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tags", to="members.member"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["name", "member"], name="members_tag_members")],
                "constraints": [models.UniqueConstraint(fields=("member", "name"), name="members_tag_once")],
            },
        ),
        migrations.CreateModel(
            name="AddressCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("ticket", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("join", "join"), ("enter", "enter"), ("password", "password")], max_length=10
                    ),
                ),
                ("digest", models.BinaryField(help_text="HMAC-SHA-256 of ticket and code.", max_length=32)),
                (
                    "wishes",
                    models.JSONField(
                        default=dict, help_text="What was typed to join: name, language, hashed password, ..."
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
                (
                    "identity",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.identity",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["identity", "created_at"], name="members_addresscode_lately"),
                    models.Index(fields=["created_at"], name="members_addresscode_oldest"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("purpose__in", ["join", "enter", "password"])),
                        name="members_addresscode_purpose_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tries__lte", 5)), name="members_addresscode_tries_limited"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("used_at", None), ("identity__isnull", False), _connector="OR"),
                        name="members_addresscode_decoys_open_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OpenSession",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("session_key", models.CharField(max_length=40, unique=True)),
                ("device", models.CharField(blank=True, help_text="What the browser calls itself.", max_length=300)),
                ("opened_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(help_text="To within ten minutes.")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="open_sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
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
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-asked_at"], name="members_dataexport_of_member"),
                    models.Index(
                        condition=models.Q(
                            ("state__in", [members.enums.ExportState["WAITING"], members.enums.ExportState["DONE"]])
                        ),
                        fields=["state", "ends_at"],
                        name="members_dataexport_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("content__isnull", False),
                                ("ends_at__isnull", False),
                                ("made_at__isnull", False),
                                ("state", members.enums.ExportState["DONE"]),
                            ),
                            models.Q(
                                models.Q(("state", members.enums.ExportState["DONE"]), _negated=True), ("content", None)
                            ),
                            _connector="OR",
                        ),
                        name="members_dataexport_there_when_done",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", members.enums.ExportState["WAITING"])),
                        fields=("member", "actor"),
                        name="members_dataexport_one_waiting",
                    ),
                ],
            },
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
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("cancelled_at", None), ("done_at", None)),
                        fields=["due_on"],
                        name="members_erasurerequest_due",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("cancelled_at", None), ("done_at", None)),
                        fields=("member",),
                        name="members_erasurerequest_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cancelled_at", None), ("done_at", None), _connector="OR"),
                        name="members_erasurerequest_closed_once",
                    ),
                ],
            },
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
                (
                    "merged",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "survivor",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["survivor", "-merged_at"], name="members_merge_of_survivor")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)), fields=("merged",), name="members_merge_one_open"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("survivor", models.F("merged")), _negated=True), name="members_merge_of_two"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undo_reason", ""), ("undone_at", None), ("undone_by", "")),
                            models.Q(("undone_at__isnull", False), models.Q(("undone_by", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="members_merge_undone_whole",
                    ),
                ],
            },
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
                (
                    "author",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["member", "-written_at"], name="members_note_of_member")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("text", ""), _negated=True), name="members_note_says_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("edited_at", None), ("edited_at__gte", models.F("written_at")), _connector="OR"
                        ),
                        name="members_note_edited_later",
                    ),
                ],
            },
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
                (
                    "first",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="members_nottwice_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="members_nottwice_in_order"
                    ),
                ],
            },
        ),
        *guards.statements_of("members", "0002_guards", "0008_keeping"),
    )
