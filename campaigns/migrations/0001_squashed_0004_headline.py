"""All of 0001_initial to 0004_headline in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import campaigns.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("campaigns", "0001_initial"),
        ("campaigns", "0002_guards"),
        ("campaigns", "0003_looked"),
        ("campaigns", "0004_headline"),
    ]

    initial = True

    dependencies = [
        ("kit", "0002_guards"),
        ("members", "0005_time_zone"),
        ("messaging", "0001_initial"),
        ("orders", "0004_indexes"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="AttributionRules",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("windows", models.JSONField()),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("once", "once"),
                            ("recurring", "recurring"),
                            ("triggered", "triggered"),
                            ("point_days", "point_days"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("in_review", "in_review"),
                            ("approved", "approved"),
                            ("scheduled", "scheduled"),
                            ("running", "running"),
                            ("paused", "paused"),
                            ("finished", "finished"),
                            ("cancelled", "cancelled"),
                        ],
                        default=campaigns.enums.CampaignState["DRAFT"],
                        max_length=10,
                    ),
                ),
                ("plan", models.JSONField(default=dict)),
                ("digest", models.CharField(help_text="SHA-256 of the plan.", max_length=64)),
                (
                    "starts_at",
                    models.DateTimeField(help_text="When it is to start; empty until it is scheduled.", null=True),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        help_text="The first instant at which nobody is addressed any more.", null=True
                    ),
                ),
                ("next_at", models.DateTimeField(help_text="When the beat is to look at it next.", null=True)),
                (
                    "state_reason",
                    models.CharField(blank=True, help_text="Why it was paused; a sentence.", max_length=300),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("changed_at", models.DateTimeField()),
                (
                    "author",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["scheduled", "running"])),
                        fields=["next_at"],
                        name="campaigns_campaign_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "in_review",
                                    "approved",
                                    "scheduled",
                                    "running",
                                    "paused",
                                    "finished",
                                    "cancelled",
                                ],
                            ),
                            ("kind__in", ["once", "recurring", "triggered", "point_days"]),
                        ),
                        name="campaigns_campaign_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at", None),
                            ("starts_at", None),
                            ("ends_at__gt", models.F("starts_at")),
                            _connector="OR",
                        ),
                        name="campaigns_campaign_lasts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Budget",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("points", "points"), ("coupon", "coupon"), ("tier", "tier"), ("tag", "tag")],
                        max_length=10,
                    ),
                ),
                ("most", models.BigIntegerField(help_text="Points, or how many coupons, tiers or tags.")),
                ("spent", models.BigIntegerField(default=0)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="budgets",
                        to="campaigns.campaign",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "kind"), name="campaigns_budget_once"),
                    models.CheckConstraint(
                        condition=models.Q(("spent__gte", 0), ("spent__lte", models.F("most"))),
                        name="campaigns_budget_holds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ControlGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("share", models.PositiveSmallIntegerField(help_text="Of 10,000 members.")),
                ("salt", models.CharField(max_length=64)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1), condition=models.Q(("ends_at", None)), name="campaigns_controlgroup_one_now"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("share__gte", 1), ("share__lte", 1500)),
                        name="campaigns_controlgroup_share_within_bounds",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                        name="campaigns_controlgroup_ends_later",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("occasion", models.CharField(blank=True, db_collation="C", max_length=40)),
                ("plan", models.JSONField(help_text="Frozen at launch.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("paused", "paused"),
                            ("finished", "finished"),
                            ("cancelled", "cancelled"),
                        ],
                        default=campaigns.enums.RunState["RUNNING"],
                        max_length=10,
                    ),
                ),
                ("launched_at", models.DateTimeField()),
                ("horizon_at", models.DateTimeField(help_text="When variants are compared, once.", null=True)),
                ("decided_at", models.DateTimeField(null=True)),
                (
                    "decision",
                    models.JSONField(
                        default=dict, help_text="What campaigns.rules.experiments decided, with its numbers."
                    ),
                ),
                ("finished_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "dispatch",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="messaging.dispatch",
                    ),
                ),
                (
                    "looked_upto",
                    models.DateTimeField(help_text="What sets it going has been looked for up to here.", null=True),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("finished_at", None)), fields=["id"], name="campaigns_run_open")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("campaign", "occasion"), name="campaigns_run_once_per_occasion"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_at", None), models.Q(("decision", {}), _negated=True), _connector="OR"
                        ),
                        name="campaigns_run_decided_with_numbers",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Recipient",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("occasion", models.CharField(blank=True, db_collation="C", db_default="", max_length=80)),
                (
                    "group",
                    models.CharField(
                        choices=[("treated", "treated"), ("control", "control"), ("global_control", "global_control")],
                        max_length=14,
                    ),
                ),
                ("variant", models.CharField(blank=True, db_default="", max_length=1)),
                ("due_at", models.DateTimeField()),
                ("tier", models.CharField(blank=True, db_default="", help_text="Held at launch.", max_length=40)),
                ("rewarded_at", models.DateTimeField(null=True)),
                (
                    "reward_refusal",
                    models.CharField(blank=True, db_default="", help_text="Why nothing was given.", max_length=40),
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
                    "run",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.run",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("group", "treated"), ("reward_refusal", ""), ("rewarded_at", None)),
                        fields=["run", "due_at", "id"],
                        name="campaigns_recipient_unrewarded",
                    ),
                    models.Index(fields=["member", "-due_at"], name="campaigns_recipient_of_member"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "member", "occasion"), name="campaigns_recipient_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("group", "treated"), models.Q(("rewarded_at", None), ("variant", "")), _connector="OR"
                        ),
                        name="campaigns_recipient_control_gets_nothing",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Conversion",
            fields=[
                (
                    "order",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="orders.order",
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
                ("touch", models.CharField(help_text="coupon, clicked, opened or sent.", max_length=10)),
                ("touched_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
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
                    "rules",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="campaigns.attributionrules",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="campaigns.recipient"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("touch__in", ["coupon", "clicked", "opened", "sent"])),
                        name="campaigns_conversion_touch_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(help_text="Of the plan that was read.", max_length=64)),
                ("words", models.CharField(blank=True, help_text="What the asker says.", max_length=500)),
                ("asked_at", models.DateTimeField()),
                (
                    "verdict",
                    models.CharField(blank=True, choices=[("agreed", "agreed"), ("refused", "refused")], max_length=10),
                ),
                ("answer", models.CharField(blank=True, max_length=500)),
                ("decided_at", models.DateTimeField(null=True)),
                ("voided_at", models.DateTimeField(help_text="When an edit made it void.", null=True)),
                (
                    "asked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "campaign",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reviews",
                        to="campaigns.campaign",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["campaign", "-asked_at"], name="campaigns_review_of_campaign")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("verdict", ""), ("voided_at", None)),
                        fields=("campaign",),
                        name="campaigns_review_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(("decided_by", models.F("asked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="campaigns_review_by_a_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("decided_at", None), ("decided_by", None), ("verdict", "")),
                            models.Q(
                                models.Q(("verdict", ""), _negated=True),
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="campaigns_review_decided_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("is_list", models.BooleanField(default=False)),
                ("is_shared", models.BooleanField(default=False)),
                ("is_archived", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "owner",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_archived", False)),
                        fields=("owner", "name"),
                        name="campaigns_segment_name_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ListedMember",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "segment_id", "member_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="members.member"
                    ),
                ),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="listed",
                        to="campaigns.segment",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SegmentVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("tree", models.JSONField(help_text="What campaigns.rules.segments.tree_from reads.")),
                ("actor", models.CharField(max_length=80)),
                ("at", models.DateTimeField()),
                (
                    "segment",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="campaigns.segment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("segment", "number"), name="campaigns_segmentversion_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Headline",
            fields=[
                (
                    "campaign",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="headline",
                        serialize=False,
                        to="campaigns.campaign",
                    ),
                ),
                ("at", models.DateTimeField(help_text="Up to when it was counted.")),
                ("members", models.PositiveIntegerField(help_text="Of those treated.")),
                ("control_members", models.PositiveIntegerField()),
                ("rewarded", models.PositiveIntegerField()),
                ("sent", models.PositiveIntegerField()),
                ("delivered", models.PositiveIntegerField()),
                ("opened", models.PositiveIntegerField()),
                ("clicked", models.PositiveIntegerField()),
                ("unsubscribed", models.PositiveIntegerField()),
                ("converted", models.PositiveIntegerField()),
                ("control_converted", models.PositiveIntegerField()),
                ("orders", models.PositiveIntegerField()),
                ("revenue", models.DecimalField(decimal_places=2, max_digits=16)),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=2, help_text="Points at their worth, and coupons used.", max_digits=16
                    ),
                ),
                ("lift", models.FloatField(null=True)),
                ("lift_low", models.FloatField(null=True)),
                ("lift_high", models.FloatField(null=True)),
                ("extra", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ("extra_low", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ("extra_high", models.DecimalField(decimal_places=2, max_digits=16, null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("control_converted__lte", models.F("control_members")),
                            ("converted__lte", models.F("members")),
                        ),
                        name="campaigns_headline_some_of_all",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lift", None), ("lift_high", None), ("lift_low", None)),
                            models.Q(
                                ("lift__isnull", False),
                                ("lift_high__gte", models.F("lift")),
                                ("lift_low__lte", models.F("lift")),
                            ),
                            _connector="OR",
                        ),
                        name="campaigns_headline_lift_in_its_interval",
                    ),
                ],
            },
        ),
        *guards.statements_of("campaigns", "0002_guards"),
    )
