"""All of 0001_initial to 0006_erasable in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
from django.db import migrations, models

import benefits.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("benefits", "0001_initial"),
        ("benefits", "0002_guards"),
        ("benefits", "0003_coupons"),
        ("benefits", "0004_rewards"),
        ("benefits", "0005_matrix"),
        ("benefits", "0006_erasable"),
    ]

    initial = True

    dependencies = [
        ("kit", "0004_erasable"),
        ("members", "0003_finance"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="CouponDefinition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True)),
                (
                    "is_archived",
                    models.BooleanField(default=False, help_text="No more are issued; those that were stay good."),
                ),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("actor", models.CharField(max_length=80)),
            ],
        ),
        migrations.CreateModel(
            name="Pool",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True)),
                ("partner", models.CharField(max_length=80)),
                ("names", models.JSONField(help_text="What a code gives, by language.")),
                ("instructions", models.JSONField(default=dict, help_text="How to use one, by language.")),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="What a code is worth to the member.", max_digits=16
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="What a code costs the shop.", max_digits=16
                    ),
                ),
                ("low_water", models.PositiveIntegerField(default=0, help_text="Below it the staff are told.")),
                ("is_archived", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="BenefitVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("effective_on", models.DateField(help_text="The first business date it is in force.")),
                ("terms", models.JSONField(help_text="What benefits.rules.matrix_from_terms reads.")),
                (
                    "note",
                    models.JSONField(default=dict, help_text="What changes, as members are told: {language: text}."),
                ),
                ("published_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "indexes": [models.Index(fields=["-effective_on", "-number"], name="benefits_benefitversion_latest")],
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("published_at", None)),
                        name="benefits_benefitversion_one_draft",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Checkout",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("source_key", models.CharField(db_collation="C", help_text="What asked for it.", max_length=300)),
                ("request", models.JSONField(help_text="Cart, codes and points, as the shop asked.")),
                ("quote", models.JSONField(help_text="What was answered.")),
                ("quote_hash", models.CharField(max_length=64)),
                ("points", models.BigIntegerField(default=0)),
                ("reservation_id", models.UUIDField(help_text="Of the points that it holds.", null=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "held"),
                            ("confirmed", "confirmed"),
                            ("released", "released"),
                            ("lapsed", "lapsed"),
                        ],
                        default=benefits.enums.CheckoutState["HELD"],
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("order_key", models.CharField(blank=True, db_collation="C", max_length=1400)),
                ("closed_at", models.DateTimeField(null=True)),
                ("cancelled_at", models.DateTimeField(help_text="When all of its order had come back.", null=True)),
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
                        condition=models.Q(("state", "held")), fields=["expires_at"], name="benefits_checkout_lapsing"
                    ),
                    models.Index(fields=["member", "-held_at"], name="benefits_checkout_of_member"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "source_key"), name="benefits_checkout_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("order_key", ""), _negated=True),
                        fields=("order_key",),
                        name="benefits_checkout_one_per_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("held_at"))),
                        name="benefits_checkout_holds_for_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("closed_at", None), ("order_key", ""), ("state", "held")),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", "confirmed"),
                                models.Q(("order_key", ""), _negated=True),
                            ),
                            models.Q(
                                ("closed_at__isnull", False), ("order_key", ""), ("state__in", ["released", "lapsed"])
                            ),
                            _connector="OR",
                        ),
                        name="benefits_checkout_closed_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("points", 0), ("reservation_id", None)),
                            models.Q(("points__gt", 0), ("reservation_id__isnull", False)),
                            _connector="OR",
                        ),
                        name="benefits_checkout_points_are_reserved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponCount",
            fields=[
                (
                    "definition",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="count",
                        serialize=False,
                        to="benefits.coupondefinition",
                    ),
                ),
                ("uses_max", models.PositiveIntegerField(help_text="Empty: as many as are issued.", null=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0)),
                (
                    "budget",
                    models.DecimalField(
                        decimal_places=3,
                        help_text="How much may be taken off altogether; empty: any amount.",
                        max_digits=16,
                        null=True,
                    ),
                ),
                ("spent", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
                ("spent_held", models.DecimalField(decimal_places=3, default=0, max_digits=16)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("uses_max", None),
                            (
                                "uses_max__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("used"), "+", models.F("held")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="benefits_couponcount_uses_within_limit",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("spent__gte", 0),
                            ("spent_held__gte", 0),
                            models.Q(
                                ("budget", None),
                                (
                                    "budget__gte",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("spent"), "+", models.F("spent_held")
                                    ),
                                ),
                                _connector="OR",
                            ),
                        ),
                        name="benefits_couponcount_budget_holds",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BenefitUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "cause", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("cause", models.CharField(db_collation="C", help_text="A source key; one use each.", max_length=1400)),
                (
                    "benefit",
                    models.CharField(blank=True, db_collation="C", help_text="Its code, if of one.", max_length=60),
                ),
                ("kind", models.CharField(help_text="A BenefitKind, or coupon, or reward.", max_length=20)),
                ("tier", models.CharField(blank=True, help_text="The code of the tier held then.", max_length=40)),
                ("used_on", models.DateField()),
                ("at", models.DateTimeField()),
                (
                    "uses",
                    models.SmallIntegerField(
                        help_text="1; 0 for a part that came back; -1 where the use itself was undone."
                    ),
                ),
                (
                    "saved",
                    models.DecimalField(
                        decimal_places=3, help_text="Signed: what came back is taken off.", max_digits=16
                    ),
                ),
                (
                    "saved_by",
                    models.CharField(
                        choices=[("discount", "discount"), ("shipping", "shipping"), ("value", "value")], max_length=10
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        help_text="What it cost the shop, where that is not what it saved.",
                        max_digits=16,
                    ),
                ),
                ("order_key", models.CharField(blank=True, db_collation="C", max_length=1400)),
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
                    "definition",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupondefinition",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-used_on"], name="benefits_benefituse_of_member"),
                    models.Index(fields=["benefit", "used_on"], name="benefits_benefituse_of_benefit"),
                    models.Index(
                        condition=models.Q(("definition__isnull", False)),
                        fields=["definition", "used_on"],
                        name="benefits_benefituse_of_coupon",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("uses__in", [-1, 0, 1])), name="benefits_benefituse_counts_one"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("names", models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')),
                ("terms", models.JSONField(help_text="What benefits.rules.coupons.terms_from reads.")),
                ("published_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "definition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="benefits.coupondefinition",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("definition", "number"), name="benefits_couponterms_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("published_at", None)),
                        fields=("definition",),
                        name="benefits_couponterms_one_draft",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CouponBatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("label", models.CharField(help_text="What it is for, for the staff.", max_length=80)),
                ("prefix", models.CharField(blank=True, max_length=12)),
                ("size", models.PositiveIntegerField()),
                ("made", models.PositiveIntegerField(default=0)),
                (
                    "members",
                    models.JSONField(
                        help_text="The ids of the members who get one each; empty: for anybody.", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default=benefits.enums.BatchState["WAITING"],
                        max_length=10,
                    ),
                ),
                ("error", models.TextField(blank=True)),
                ("form_key", models.UUIDField(unique=True)),
                ("actor", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "terms",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batches",
                        to="benefits.couponterms",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["terms", "-requested_at"], name="benefits_couponbatch_of_terms"),
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        fields=["requested_at"],
                        name="benefits_couponbatch_open",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at", None),
                                (
                                    "state__in",
                                    [benefits.enums.BatchState["WAITING"], benefits.enums.BatchState["RUNNING"]],
                                ),
                            ),
                            models.Q(
                                ("finished_at__isnull", False),
                                ("state__in", [benefits.enums.BatchState["DONE"], benefits.enums.BatchState["FAILED"]]),
                            ),
                            _connector="OR",
                        ),
                        name="benefits_couponbatch_finished_when_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("made__lte", models.F("size"))), name="benefits_couponbatch_within_size"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Draw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benefit", models.CharField(db_collation="C", max_length=60)),
                ("period", models.CharField(db_collation="C", max_length=80)),
                (
                    "seed",
                    models.CharField(help_text="Hexadecimal; drawn when the draw is held, and kept.", max_length=64),
                ),
                ("members", models.PositiveIntegerField(help_text="How many took part.")),
                (
                    "digest",
                    models.CharField(help_text="SHA-256 of the member numbers that took part, by id.", max_length=64),
                ),
                ("winners", models.PositiveIntegerField()),
                ("drawn_at", models.DateTimeField()),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.benefitversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("benefit", "period"), name="benefits_draw_once_a_period"),
                    models.CheckConstraint(
                        condition=models.Q(("winners__lte", models.F("members"))),
                        name="benefits_draw_wins_within_members",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entitlement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benefit", models.CharField(db_collation="C", help_text="Its code in the matrix.", max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("coupon", "coupon"),
                            ("coupon_pack", "coupon_pack"),
                            ("free_shipping", "free_shipping"),
                            ("points_multiplier", "points_multiplier"),
                            ("member_price", "member_price"),
                            ("member_goods", "member_goods"),
                            ("early_access", "early_access"),
                            ("priority_dispatch", "priority_dispatch"),
                            ("service", "service"),
                            ("fast_refund", "fast_refund"),
                            ("birthday_gift", "birthday_gift"),
                            ("member_day", "member_day"),
                            ("surprise", "surprise"),
                            ("partner", "partner"),
                            ("gift", "gift"),
                            ("event", "event"),
                            ("trial", "trial"),
                        ],
                        max_length=20,
                    ),
                ),
                (
                    "period",
                    models.CharField(db_collation="C", help_text="2026-11, 2026Q4, birthday:2026, ...", max_length=80),
                ),
                ("tier", models.CharField(blank=True, help_text="The code of the tier that gave it.", max_length=40)),
                ("terms", models.JSONField(default=dict, help_text="The cell of the matrix as it was.")),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField(help_text="The first instant at which it is over.", null=True)),
                (
                    "quota",
                    models.PositiveIntegerField(
                        help_text="How often it can be used in the period; empty: always.", null=True
                    ),
                ),
                ("used", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0, help_text="By checkouts that are not confirmed yet.")),
                ("seen_at", models.DateTimeField(help_text="When the member first saw it.", null=True)),
                ("granted_at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("reason", models.CharField(blank=True, help_text="Why a person gave it.", max_length=300)),
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
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.benefitversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["benefit", "granted_at"], name="benefits_entitlement_given")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "benefit", "period"), name="benefits_entitlement_once_a_period"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("quota", None),
                            (
                                "quota__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("used"), "+", models.F("held")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="benefits_entitlement_within_quota",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                        name="benefits_entitlement_lasts",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Coupon",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(db_collation="C", help_text="In capitals.", max_length=40)),
                ("source_key", models.CharField(db_collation="C", help_text="What it was issued for.", max_length=300)),
                ("issued_at", models.DateTimeField()),
                ("starts_at", models.DateTimeField()),
                (
                    "ends_at",
                    models.DateTimeField(help_text="The first instant at which it is no longer good.", null=True),
                ),
                ("uses_max", models.PositiveIntegerField(default=1, help_text="Empty: any number.", null=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0)),
                ("used_at", models.DateTimeField(help_text="When it was last used.", null=True)),
                ("voided_at", models.DateTimeField(null=True)),
                ("void_reason", models.CharField(blank=True, max_length=300)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.couponbatch",
                    ),
                ),
                (
                    "definition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupondefinition",
                    ),
                ),
                (
                    "terms",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.couponterms",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.entitlement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("member__isnull", False)),
                        fields=["member", "ends_at"],
                        name="benefits_coupon_of_member",
                    ),
                    models.Index(
                        condition=models.Q(("batch__isnull", False)),
                        fields=["batch", "id"],
                        name="benefits_coupon_of_batch",
                    ),
                    models.Index(fields=["definition", "issued_at"], name="benefits_coupon_issued"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("member", "source_key"),
                        name="benefits_coupon_once_a_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("uses_max", None),
                            (
                                "uses_max__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("used"), "+", models.F("held")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="benefits_coupon_within_uses",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                        name="benefits_coupon_lasts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("void_reason", ""), ("voided_at", None)),
                            models.Q(("voided_at__isnull", False), models.Q(("void_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="benefits_coupon_void_with_reason",
                    ),
                    models.UniqueConstraint(fields=("code",), name="benefits_coupon_code_once"),
                    models.CheckConstraint(
                        condition=models.Q(("code__regex", "^[0-9A-Z]+$")), name="benefits_coupon_code_as_looked_for"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("benefit", models.CharField(db_collation="C", max_length=60)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("asked", "asked"),
                            ("confirmed", "confirmed"),
                            ("declined", "declined"),
                            ("cancelled", "cancelled"),
                            ("done", "done"),
                        ],
                        default=benefits.enums.BookingState["ASKED"],
                        max_length=10,
                    ),
                ),
                ("wanted_at", models.DateTimeField(help_text="When the member would like it.", null=True)),
                ("note", models.CharField(blank=True, help_text="What the member wrote.", max_length=500)),
                (
                    "answer",
                    models.CharField(
                        blank=True, help_text="What the staff answered; the member reads it.", max_length=500
                    ),
                ),
                (
                    "form_key",
                    models.UUIDField(help_text="Of the form, so that a second press is no second one.", unique=True),
                ),
                ("asked_at", models.DateTimeField()),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(blank=True, max_length=80)),
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
                    "entitlement",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.entitlement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-asked_at"], name="benefits_booking_of_member"),
                    models.Index(
                        condition=models.Q(("state", "asked")), fields=["asked_at"], name="benefits_booking_waiting"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("state", "asked")),
                            models.Q(models.Q(("state", "asked"), _negated=True), ("answered_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="benefits_booking_answered_whole",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="GiftItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True)),
                ("names", models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')),
                ("sku", models.CharField(blank=True, max_length=128)),
                (
                    "value",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="What it would cost a member to buy.", max_digits=16
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="What it costs the shop.", max_digits=16
                    ),
                ),
                ("left", models.IntegerField(help_text="Empty: never runs out.", null=True)),
                ("low_water", models.PositiveIntegerField(default=0, help_text="Below it the staff are told.")),
                ("needs_address", models.BooleanField(default=True)),
                ("is_archived", models.BooleanField(default=False)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("left", None), ("left__gte", 0), _connector="OR"),
                        name="benefits_giftitem_never_short",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PartnerCode",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(db_collation="C", max_length=200)),
                ("ends_on", models.DateField(help_text="The last date on which the partner takes it.", null=True)),
                (
                    "source_key",
                    models.CharField(blank=True, db_collation="C", help_text="What it was given for.", max_length=300),
                ),
                ("given_at", models.DateTimeField(null=True)),
                ("revealed_at", models.DateTimeField(help_text="When the member first read it.", null=True)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="codes",
                        to="benefits.pool",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("member", None)),
                        fields=["pool", "ends_on", "id"],
                        name="benefits_partnercode_free",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("pool", "code"), name="benefits_partnercode_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("member__isnull", False)),
                        fields=("member", "source_key"),
                        name="benefits_partnercode_once_a_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("given_at", None), ("member", None), ("revealed_at", None), ("source_key", "")),
                            models.Q(
                                ("given_at__isnull", False),
                                ("member__isnull", False),
                                models.Q(("source_key", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="benefits_partnercode_given_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.SlugField(max_length=60, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("coupon", "coupon"),
                            ("gift", "gift"),
                            ("partner_code", "partner_code"),
                            ("draw", "draw"),
                        ],
                        max_length=14,
                    ),
                ),
                ("names", models.JSONField(help_text='{"en": ..., "zh-hans": ..., "zh-hant": ...}')),
                ("says", models.JSONField(default=dict, help_text="What it is and how it is used, by language.")),
                ("icon", models.CharField(max_length=30)),
                (
                    "prices",
                    models.JSONField(help_text='Points by the code of the tier; "*" for those that are not named.'),
                ),
                ("prizes", models.JSONField(default=list, help_text="Of a draw: what benefits.rules.lottery reads.")),
                (
                    "left",
                    models.IntegerField(help_text="How many can still be redeemed; empty: any number.", null=True),
                ),
                (
                    "member_max",
                    models.PositiveIntegerField(
                        help_text="How many one member may redeem; empty: any number.", null=True
                    ),
                ),
                ("starts_at", models.DateTimeField(null=True)),
                ("ends_at", models.DateTimeField(null=True)),
                (
                    "cancel_days",
                    models.PositiveSmallIntegerField(
                        default=0, help_text="How long a member may take it back himself."
                    ),
                ),
                ("is_on", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("revision", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupondefinition",
                    ),
                ),
                (
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.giftitem",
                    ),
                ),
                (
                    "pool",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.pool",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("left", None), ("left__gte", 0), _connector="OR"),
                        name="benefits_reward_never_short",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("coupon__isnull", False), ("item", None), ("kind", "coupon"), ("pool", None)),
                            models.Q(("coupon", None), ("item__isnull", False), ("kind", "gift"), ("pool", None)),
                            models.Q(
                                ("coupon", None), ("item", None), ("kind", "partner_code"), ("pool__isnull", False)
                            ),
                            models.Q(("coupon", None), ("item", None), ("kind", "draw"), ("pool", None)),
                            _connector="OR",
                        ),
                        name="benefits_reward_gives_what_its_kind_says",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Redemption",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("source_key", models.CharField(db_collation="C", help_text="What asked for it.", max_length=300)),
                ("points", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[("done", "done"), ("cancelled", "cancelled")],
                        default=benefits.enums.RedemptionState["DONE"],
                        max_length=10,
                    ),
                ),
                ("drawn", models.JSONField(help_text="Of a draw: the seed, the number drawn, the prize.", null=True)),
                ("redeemed_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("cancel_reason", models.CharField(blank=True, max_length=300)),
                ("actor", models.CharField(max_length=80)),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupon",
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
                    "partner_code",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.partnercode",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.reward",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-redeemed_at"], name="benefits_redemption_of_member"),
                    models.Index(fields=["reward", "-redeemed_at"], name="benefits_redemption_of_reward"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "source_key"), name="benefits_redemption_once"),
                    models.CheckConstraint(
                        condition=models.Q(("points__gte", 0)), name="benefits_redemption_costs_no_less_than_nought"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cancelled_at", None), ("state", "done")),
                            models.Q(("cancelled_at__isnull", False), ("state", "cancelled")),
                            _connector="OR",
                        ),
                        name="benefits_redemption_cancelled_whole",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Fulfilment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source_key",
                    models.CharField(db_collation="C", help_text="What it was promised for.", max_length=300),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("needs_address", "needs_address"),
                            ("ready", "ready"),
                            ("shipped", "shipped"),
                            ("delivered", "delivered"),
                            ("returned", "returned"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "address",
                    models.JSONField(default=dict, help_text="{name, phone, lines, city, region, postcode}; erasable."),
                ),
                ("carrier", models.CharField(blank=True, max_length=60)),
                ("tracking", models.CharField(blank=True, max_length=80)),
                ("promised_at", models.DateTimeField()),
                (
                    "address_until",
                    models.DateTimeField(help_text="Without an address by then it is cancelled.", null=True),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.entitlement",
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
                    "item",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.giftitem",
                    ),
                ),
                (
                    "redemption",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.redemption",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["state", "changed_at"], name="benefits_fulfilment_by_state"),
                    models.Index(fields=["member", "-promised_at"], name="benefits_fulfilment_of_member"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "source_key"), name="benefits_fulfilment_once_a_cause"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["shipped", "delivered"]), _negated=True),
                            models.Q(("carrier", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="benefits_fulfilment_shipped_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FulfilmentStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("needs_address", "needs_address"),
                            ("ready", "ready"),
                            ("shipped", "shipped"),
                            ("delivered", "delivered"),
                            ("returned", "returned"),
                            ("cancelled", "cancelled"),
                        ],
                        max_length=14,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("actor", models.CharField(max_length=80)),
                ("note", models.CharField(blank=True, max_length=300)),
                (
                    "fulfilment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="benefits.fulfilment"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="MemberCount",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "definition_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("used", models.PositiveIntegerField(default=0)),
                ("held", models.PositiveIntegerField(default=0)),
                (
                    "definition",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupondefinition",
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
            ],
        ),
        migrations.CreateModel(
            name="MemberGoods",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("member_price", "member_price"),
                            ("member_only", "member_only"),
                            ("early_access", "early_access"),
                        ],
                        max_length=12,
                    ),
                ),
                ("sku", models.CharField(db_collation="C", max_length=128)),
                ("name", models.CharField(blank=True, max_length=254)),
                (
                    "price",
                    models.DecimalField(decimal_places=3, help_text="The members' price.", max_digits=16, null=True),
                ),
                ("opens_at", models.DateTimeField(help_text="When everybody may buy it.", null=True)),
                ("starts_at", models.DateTimeField(help_text="From when this is so.")),
                ("ends_at", models.DateTimeField(help_text="The first instant at which it is over.", null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["sku", "kind"], name="benefits_membergoods_of_sku")],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "sku", "starts_at"), name="benefits_membergoods_once"),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at", None), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                        name="benefits_membergoods_lasts",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "member_price"),
                                ("opens_at", None),
                                ("price__gte", 0),
                                ("price__isnull", False),
                            ),
                            models.Q(("kind", "member_only"), ("opens_at", None), ("price", None)),
                            models.Q(("kind", "early_access"), ("opens_at__isnull", False), ("price", None)),
                            _connector="OR",
                        ),
                        name="benefits_membergoods_says_what_its_kind_needs",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Taken",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "reward_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("times", models.PositiveIntegerField(default=0)),
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
                    "reward",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.reward",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Taking",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "checkout_id", "position", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("position", models.PositiveSmallIntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("member_price", "member_price"),
                            ("member_day", "member_day"),
                            ("coupon", "coupon"),
                            ("free_shipping", "free_shipping"),
                        ],
                        max_length=14,
                    ),
                ),
                ("benefit", models.CharField(blank=True, db_collation="C", max_length=60)),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="How much it takes off, shipping included.", max_digits=16
                    ),
                ),
                (
                    "shipping",
                    models.DecimalField(
                        decimal_places=3, default=0, help_text="How much of that is off the shipping.", max_digits=16
                    ),
                ),
                ("lines", models.JSONField(default=dict, help_text="{line_id: amount}")),
                (
                    "returned",
                    models.DecimalField(
                        decimal_places=3,
                        default=0,
                        help_text="How much of the amount came back with returns.",
                        max_digits=16,
                    ),
                ),
                ("returned_lines", models.JSONField(default=dict, help_text="{line_id: amount}")),
                ("is_returned", models.BooleanField(default=False, help_text="The coupon or quota itself came back.")),
                (
                    "checkout",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="takings",
                        to="benefits.checkout",
                    ),
                ),
                (
                    "coupon",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupon",
                    ),
                ),
                (
                    "definition",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.coupondefinition",
                    ),
                ),
                (
                    "entitlement",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="benefits.entitlement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("coupon__isnull", False)),
                        fields=["coupon"],
                        name="benefits_taking_of_coupon",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("amount__gte", 0),
                            ("returned__gte", 0),
                            ("shipping__gte", 0),
                            ("returned__lte", models.F("amount")),
                            ("shipping__lte", models.F("amount")),
                        ),
                        name="benefits_taking_returns_within_amount",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "coupon"), _negated=True),
                            models.Q(("coupon__isnull", False), ("definition__isnull", False)),
                            _connector="OR",
                        ),
                        name="benefits_taking_names_its_coupon",
                    ),
                ],
            },
        ),
        *guards.statements_of("benefits", "0002_guards", "0006_erasable"),
    )
