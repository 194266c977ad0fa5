"""All of 0001_initial to 0006_erasable in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import uuid

import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
from django.db import migrations, models

import messaging.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("messaging", "0001_initial"),
        ("messaging", "0002_guards"),
        ("messaging", "0003_sending"),
        ("messaging", "0004_fewer_indexes"),
        ("messaging", "0005_reading"),
        ("messaging", "0006_erasable"),
    ]

    initial = True

    dependencies = [
        ("kit", "0004_erasable"),
        ("members", "0006_entered"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="QuietTime",
            fields=[
                (
                    "member",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="members.member",
                    ),
                ),
                ("starts", models.TimeField()),
                ("ends", models.TimeField()),
                ("changed_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="SendingRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("quiet_from", models.TimeField()),
                ("quiet_until", models.TimeField(help_text="Equal to quiet_from: no quiet hours.")),
                ("caps", models.JSONField(default=list)),
                (
                    "bounces_pause_share",
                    models.DecimalField(decimal_places=4, help_text="0.05 is 5 % of what was sent.", max_digits=5),
                ),
                ("complaints_pause_share", models.DecimalField(decimal_places=4, max_digits=5)),
                (
                    "late_after_hours",
                    models.PositiveSmallIntegerField(help_text="Marketing held so long is not sent any more."),
                ),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("bounces_pause_share__gt", 0),
                            ("bounces_pause_share__lte", 1),
                            ("complaints_pause_share__gt", 0),
                            ("complaints_pause_share__lte", 1),
                        ),
                        name="messaging_sendingrules_shares_between",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("late_after_hours__gte", 1)), name="messaging_sendingrules_late_some_time"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=40, unique=True)),
                ("names", models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')),
                (
                    "abouts",
                    models.JSONField(default=dict, help_text="What is sent under it, in a sentence, by language."),
                ),
                ("position", models.PositiveSmallIntegerField(default=100)),
                ("is_active", models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name="Template",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, null=True, unique=True)),
                ("name", models.CharField(help_text="As the staff know it.", max_length=120)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("marketing", "marketing"), ("service", "service"), ("profiling", "profiling")],
                        max_length=12,
                    ),
                ),
                ("is_archived", models.BooleanField(default=False)),
                ("actor", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "topic",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.topic",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("purpose", "service"), ("topic", None)),
                            models.Q(("purpose", "marketing"), ("topic__isnull", False)),
                            _connector="OR",
                        ),
                        name="messaging_template_marketing_has_topic",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Dispatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=200)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("paused", "paused"),
                            ("cancelled", "cancelled"),
                            ("finished", "finished"),
                        ],
                        default=messaging.enums.DispatchState["RUNNING"],
                        max_length=10,
                    ),
                ),
                (
                    "state_reason",
                    models.CharField(blank=True, help_text="Why it was paused; a sentence.", max_length=300),
                ),
                (
                    "rate_per_minute",
                    models.PositiveIntegerField(help_text="Empty: as fast as its providers may.", null=True),
                ),
                (
                    "obeys_caps",
                    models.BooleanField(default=True, help_text="Whether a frequency cap holds its messages back."),
                ),
                (
                    "counts_for_caps",
                    models.BooleanField(default=True, help_text="Whether its messages count towards caps."),
                ),
                (
                    "ends_at",
                    models.DateTimeField(help_text="A message that would go out at or after it is skipped.", null=True),
                ),
                ("errors_max", models.PositiveIntegerField(default=50, help_text="So many errors in a row pause it.")),
                ("errors_in_row", models.PositiveIntegerField(default=0)),
                ("paused_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.CharField(max_length=80)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["running", "paused"])),
                        fields=["id"],
                        name="messaging_dispatch_open",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["running", "paused", "cancelled", "finished"])),
                        name="messaging_dispatch_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("rate_per_minute", None), ("rate_per_minute__gte", 1), _connector="OR"),
                        name="messaging_dispatch_rate_positive",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ProviderCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider", models.CharField(max_length=40)),
                ("call_id", models.CharField(db_collation="C", max_length=200)),
                ("happening", models.JSONField(help_text="As messaging.rules.happenings reads it.")),
                ("received_at", models.DateTimeField()),
                (
                    "done_at",
                    models.DateTimeField(help_text="Empty while the message it speaks of is not known yet.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("done_at", None)),
                        fields=["received_at"],
                        name="messaging_providercall_waiting",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("provider", "call_id"), name="messaging_providercall_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.URLField(max_length=500, unique=True)),
                ("keys", models.JSONField(help_text='{"p256dh": ..., "auth": ...}')),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(help_text="When the push service said that it is gone.", null=True)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Suppression",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "email"),
                            ("inbox", "inbox"),
                            ("sms", "sms"),
                            ("push", "push"),
                            ("webhook", "webhook"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "address_hash",
                    models.BinaryField(help_text="HMAC-SHA-256 of the normalised address.", max_length=32),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("bounced", "bounced"),
                            ("complained", "complained"),
                            ("unsubscribed", "unsubscribed"),
                            ("by_staff", "by_staff"),
                            ("erased", "erased"),
                        ],
                        max_length=12,
                    ),
                ),
                ("marketing_only", models.BooleanField(default=False, help_text="Service messages still go there.")),
                ("at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at", None)),
                        fields=("channel", "address_hash", "cause"),
                        name="messaging_suppression_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["email", "inbox", "sms", "push", "webhook"]),
                            ("cause__in", ["bounced", "complained", "unsubscribed", "by_staff", "erased"]),
                        ),
                        name="messaging_suppression_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TemplateVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("content", models.JSONField(help_text="What messaging.rules.content.content_from reads.")),
                (
                    "compiled",
                    models.JSONField(default=dict, help_text="{channel: {language: {part: template source}}}"),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "template",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="messaging.template",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("template", "number"), name="messaging_templateversion_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at", None)),
                        fields=("template",),
                        name="messaging_templateversion_one_draft",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "token",
                    models.UUIDField(
                        db_default=models.Func(function="gen_random_uuid"), default=uuid.uuid4, editable=False
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "email"),
                            ("inbox", "inbox"),
                            ("sms", "sms"),
                            ("push", "push"),
                            ("webhook", "webhook"),
                        ],
                        max_length=10,
                    ),
                ),
                ("source_key", models.CharField(db_collation="C", max_length=200)),
                (
                    "purpose",
                    models.CharField(
                        choices=[("marketing", "marketing"), ("service", "service"), ("profiling", "profiling")],
                        max_length=12,
                    ),
                ),
                ("topic", models.CharField(blank=True, db_default="", max_length=40)),
                (
                    "values",
                    models.JSONField(db_default={}, default=dict, help_text="Plain values of this message alone."),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("queued", "queued"),
                            ("leased", "leased"),
                            ("sending", "sending"),
                            ("sent", "sent"),
                            ("failed", "failed"),
                            ("skipped", "skipped"),
                            ("unknown", "unknown"),
                        ],
                        db_default="queued",
                        max_length=10,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_a_member", "not_a_member"),
                            ("no_address", "no_address"),
                            ("no_consent", "no_consent"),
                            ("topic_off", "topic_off"),
                            ("suppressed", "suppressed"),
                            ("frequency_cap", "frequency_cap"),
                            ("missing_value", "missing_value"),
                            ("expired", "expired"),
                            ("cancelled", "cancelled"),
                            ("budget_exhausted", "budget_exhausted"),
                            ("not_eligible", "not_eligible"),
                            ("no_content", "no_content"),
                            ("refused", "refused"),
                            ("tried_too_often", "tried_too_often"),
                        ],
                        db_default="",
                        max_length=20,
                    ),
                ),
                (
                    "detail",
                    models.CharField(
                        blank=True, db_default="", help_text="What the provider or a rule said.", max_length=500
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("lease", models.UUIDField(help_text="Of the sender who took it.", null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("sending_at", models.DateTimeField(null=True)),
                ("sent_at", models.DateTimeField(null=True)),
                (
                    "language",
                    models.CharField(blank=True, db_default="", help_text="In which it was sent.", max_length=10),
                ),
                ("provider", models.CharField(blank=True, db_default="", max_length=40)),
                ("provider_id", models.CharField(blank=True, db_collation="C", db_default="", max_length=200)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "dispatch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.dispatch",
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "template_version",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.templateversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        models.OrderBy(models.F("purpose"), descending=True),
                        models.F("due_at"),
                        models.F("id"),
                        condition=models.Q(("state", "queued")),
                        name="messaging_message_due",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["leased", "sending"])),
                        fields=["state", "leased_until"],
                        name="messaging_message_taken",
                    ),
                    models.Index(
                        condition=models.Q(("dispatch__isnull", False)),
                        fields=["dispatch", "state", "id"],
                        name="messaging_message_dispatched",
                    ),
                    models.Index(
                        condition=models.Q(("provider_id", ""), _negated=True),
                        fields=["provider_id"],
                        name="messaging_message_provider_id",
                    ),
                    models.Index(
                        django.db.models.functions.comparison.Coalesce("dispatch", 0),
                        models.F("due_at"),
                        models.F("id"),
                        condition=models.Q(("purpose", "marketing"), ("state", "queued")),
                        name="messaging_message_next",
                    ),
                    models.Index(
                        condition=models.Q(("state__in", ["unknown", "failed"])),
                        fields=["state", "-id"],
                        name="messaging_message_stuck",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "source_key", "channel"), name="messaging_message_once"),
                    models.UniqueConstraint(fields=("token",), name="messaging_message_token"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                ["waiting", "queued", "leased", "sending", "sent", "failed", "skipped", "unknown"],
                            )
                        ),
                        name="messaging_message_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("channel__in", ["email", "inbox", "sms", "push", "webhook"]),
                            ("purpose__in", ["marketing", "service"]),
                        ),
                        name="messaging_message_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease__isnull", False), ("leased_until__isnull", False), ("state", "leased")),
                            models.Q(("lease__isnull", False), ("sending_at__isnull", False), ("state", "sending")),
                            models.Q(("state__in", ["leased", "sending"]), _negated=True),
                            _connector="OR",
                        ),
                        name="messaging_message_taken_by_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "sent"), _negated=True), ("sent_at__isnull", False), _connector="OR"
                        ),
                        name="messaging_message_sent_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["skipped", "failed"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="messaging_message_skipped_for_a_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("purpose", "service"), models.Q(("topic", ""), _negated=True), _connector="OR"
                        ),
                        name="messaging_message_marketing_has_topic",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="TopicChoice",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("email", "email"),
                            ("inbox", "inbox"),
                            ("sms", "sms"),
                            ("push", "push"),
                            ("webhook", "webhook"),
                        ],
                        max_length=10,
                    ),
                ),
                ("topic", models.CharField(max_length=40)),
                ("wanted", models.BooleanField()),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
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
                    models.Index(
                        fields=["member", "channel", "topic", "-at", "-id"], name="messaging_topicchoice_in_force"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="InboxItem",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="messaging.message",
                    ),
                ),
                ("title", models.CharField(max_length=200)),
                ("body", models.TextField()),
                (
                    "url",
                    models.CharField(
                        blank=True, help_text="Where its button leads, on this site or the shop's.", max_length=500
                    ),
                ),
                ("button", models.CharField(blank=True, max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "ends_at",
                    models.DateTimeField(help_text="The first instant at which it is not shown any more.", null=True),
                ),
                ("read_at", models.DateTimeField(null=True)),
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
                    models.Index(fields=["member", "-at"], name="messaging_inboxitem_of_member"),
                    models.Index(
                        condition=models.Q(("read_at", None)), fields=["member"], name="messaging_inboxitem_unread"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MessageEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("delivered", "delivered"),
                            ("deferred", "deferred"),
                            ("bounced", "bounced"),
                            ("soft_bounced", "soft_bounced"),
                            ("complained", "complained"),
                            ("opened", "opened"),
                            ("machine_opened", "machine_opened"),
                            ("clicked", "clicked"),
                            ("machine_clicked", "machine_clicked"),
                            ("unsubscribed", "unsubscribed"),
                        ],
                        max_length=16,
                    ),
                ),
                ("key", models.CharField(db_collation="C", max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "detail",
                    models.JSONField(default=dict, help_text="The link that was clicked, what a provider said, ..."),
                ),
                (
                    "message",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="messaging.message",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("message", "kind", "key"), name="messaging_messageevent_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "delivered",
                                    "deferred",
                                    "bounced",
                                    "soft_bounced",
                                    "complained",
                                    "opened",
                                    "machine_opened",
                                    "clicked",
                                    "machine_clicked",
                                    "unsubscribed",
                                ],
                            )
                        ),
                        name="messaging_messageevent_kind_known",
                    ),
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("kind__in", ["bounced", "complained"])),
                        fields=["message"],
                        name="messaging_messageevent_bad",
                    )
                ],
            },
        ),
        *guards.statements_of("messaging", "0002_guards", "0006_erasable"),
    )
