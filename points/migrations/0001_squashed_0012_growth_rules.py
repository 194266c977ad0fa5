"""All of 0001_initial to 0012_growth_rules in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import points.enums
from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("points", "0001_initial"),
        ("points", "0002_ledger"),
        ("points", "0003_night"),
        ("points", "0004_deepened"),
        ("points", "0005_guards"),
        ("points", "0006_expiry"),
        ("points", "0007_policies"),
        ("points", "0008_seal"),
        ("points", "0009_adjust"),
        ("points", "0010_returns"),
        ("points", "0011_withdrawn"),
        ("points", "0012_growth_rules"),
    ]

    initial = True

    dependencies = [
        ("kit", "0002_guards"),
        ("members", "0002_guards"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="PolicyVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(unique=True)),
                ("effective_on", models.DateField(help_text="The first business date it is in force.")),
                ("terms", models.JSONField(help_text="What points.rules.policy_from_terms reads.")),
                ("published_at", models.DateTimeField(null=True)),
                ("actor", models.CharField(max_length=80)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "note",
                    models.JSONField(default=dict, help_text="What changes, as members are told: {language: text}."),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["-effective_on", "-number"], name="points_policyversion_in_force")],
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("published_at", None)),
                        name="points_policyversion_one_draft",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "wallet", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("wallet", models.CharField(choices=[("points", "points"), ("growth", "growth")], max_length=10)),
                ("available", models.BigIntegerField(default=0)),
                ("pending", models.BigIntegerField(default=0)),
                ("debt", models.BigIntegerField(default=0)),
                ("seq", models.IntegerField(default=0)),
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
                    "idle_until",
                    models.DateField(
                        help_text="Through which date lots that expire by inactivity can be used; each deed moves it on.",
                        null=True,
                    ),
                ),
                (
                    "idle_months",
                    models.PositiveSmallIntegerField(
                        db_default=0,
                        default=0,
                        help_text="By how much: the longest wait promised for the lots held; 0 where none is.",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["wallet", "-available", "member"], name="points_balance_largest"),
                    models.Index(
                        condition=models.Q(("idle_until__isnull", False)),
                        fields=["idle_until", "member"],
                        name="points_balance_idle",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wallet__in", ["points", "growth"])), name="points_balance_wallet_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("available__gte", 0), ("debt__gte", 0), ("pending__gte", 0), ("seq__gte", 0)
                        ),
                        name="points_balance_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("debt", 0), models.Q(("available", 0), ("pending", 0)), _connector="OR"),
                        name="points_balance_debt_only_when_empty",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("idle_until", None), ("idle_months__gt", 0), _connector="OR"),
                        name="points_balance_waits_some_months",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Lot",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id",
                        "wallet",
                        "active_on",
                        "expires_on",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("wallet", models.CharField(choices=[("points", "points"), ("growth", "growth")], max_length=10)),
                ("active_on", models.DateField()),
                ("expires_on", models.DateField()),
                ("points", models.BigIntegerField()),
                (
                    "pending",
                    models.BooleanField(
                        help_text="Counted in the balance's pending; the night or the next deed books it over."
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
            options={
                "indexes": [
                    models.Index(fields=["expires_on", "member"], name="points_lot_expiring"),
                    models.Index(
                        condition=models.Q(("pending", True)), fields=["active_on", "member"], name="points_lot_pending"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wallet__in", ["points", "growth"])), name="points_lot_wallet_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("points__gt", 0)), name="points_lot_holds_something"),
                    models.CheckConstraint(
                        condition=models.Q(("active_on__lte", models.F("expires_on"))),
                        name="points_lot_active_before_expiry",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "wallet", "seq", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("wallet", models.CharField(choices=[("points", "points"), ("growth", "growth")], max_length=10)),
                ("seq", models.IntegerField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accrual", "accrual"),
                            ("redemption", "redemption"),
                            ("expiry", "expiry"),
                            ("reversal", "reversal"),
                            ("restoration", "restoration"),
                            ("transfer", "transfer"),
                            ("adjustment", "adjustment"),
                            ("reinstatement", "reinstatement"),
                            ("write_off", "write_off"),
                        ],
                        max_length=14,
                    ),
                ),
                ("points", models.BigIntegerField()),
                ("debt_change", models.BigIntegerField(default=0)),
                ("balance_after", models.BigIntegerField()),
                ("source_key", models.CharField(db_collation="C", max_length=1400)),
                ("at", models.DateTimeField()),
                ("business_date", models.DateField()),
                (
                    "counts_on",
                    models.DateField(
                        help_text="The date whose window it counts in: of the accrual that a reversal undoes."
                    ),
                ),
                ("active_on", models.DateField(null=True)),
                ("expires_on", models.DateField(null=True)),
                (
                    "lot_active_on",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), null=True, size=None),
                ),
                (
                    "lot_expires_on",
                    django.contrib.postgres.fields.ArrayField(base_field=models.DateField(), null=True, size=None),
                ),
                (
                    "lot_points",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), null=True, size=None
                    ),
                ),
                (
                    "explanation",
                    models.JSONField(default=list, help_text="Steps as codes and facts; points.wording says them."),
                ),
                ("actor", models.CharField(max_length=80)),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="points.policyversion",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("wallet", points.enums.Wallet["GROWTH"])),
                        fields=["member", "counts_on"],
                        include=("business_date", "points"),
                        name="points_entry_growth_window",
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["business_date"], name="points_entry_by_date", pages_per_range=16
                    ),
                    models.Index(
                        condition=models.Q(("wallet", "growth")),
                        fields=["counts_on", "member"],
                        name="points_entry_growth_date",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("wallet", "growth"), models.Q(("business_date", models.F("counts_on")), _negated=True)
                        ),
                        fields=["business_date", "member"],
                        name="points_entry_growth_late",
                    ),
                    models.Index(
                        condition=models.Q(("kind", "reversal")), fields=["member"], name="points_entry_reversals"
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["recorded_at"], name="points_entry_by_recorded", pages_per_range=16
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "wallet", "source_key", "kind"), name="points_entry_source_key_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("wallet__in", ["points", "growth"])), name="points_entry_wallet_known"
                    ),
                    models.CheckConstraint(condition=models.Q(("seq__gt", 0)), name="points_entry_seq_counts_up"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("active_on", None), ("expires_on", None)),
                            models.Q(
                                ("active_on__lte", models.F("expires_on")),
                                ("expires_on__isnull", False),
                                ("lot_points", None),
                                ("points__gt", 0),
                            ),
                            _connector="OR",
                        ),
                        name="points_entry_one_lot_or_list",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind__in", ["accrual", "restoration", "reinstatement", "write_off"]),
                                ("points__gt", 0),
                            ),
                            models.Q(("kind__in", ["redemption", "expiry", "reversal"]), ("points__lt", 0)),
                            models.Q(("kind__in", ["restoration", "reversal"]), ("points", 0)),
                            models.Q(("kind__in", ["transfer", "adjustment"]), models.Q(("points", 0), _negated=True)),
                            _connector="OR",
                        ),
                        name="points_entry_sign_of_kind",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Adjustment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("adjustment", "adjustment"),
                            ("undo", "undo"),
                            ("write_off", "write_off"),
                            ("reinstatement", "reinstatement"),
                        ],
                        max_length=14,
                    ),
                ),
                ("points", models.BigIntegerField(help_text="Signed, as the member's balance is to move.")),
                ("reason", models.CharField(help_text="As the member reads it.", max_length=300)),
                ("note", models.CharField(blank=True, help_text="For the staff alone.", max_length=300)),
                (
                    "expiry_key",
                    models.CharField(
                        blank=True, help_text="The expiry that a reinstatement takes back.", max_length=100
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("booked", "booked"),
                            ("refused", "refused"),
                            ("withdrawn", "withdrawn"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                ("needs_second", models.BooleanField(help_text="It is above what one person may book alone.")),
                ("requested_at", models.DateTimeField()),
                ("business_date", models.DateField(help_text="Of the request: the day whose limit it counts against.")),
                ("decided_at", models.DateTimeField(null=True)),
                ("decision_note", models.CharField(blank=True, max_length=300)),
                (
                    "form_key",
                    models.UUIDField(
                        help_text="Of the form that was sent, so that a second press is no second one.", unique=True
                    ),
                ),
                (
                    "beneficiary",
                    models.ForeignKey(
                        help_text="The member's own log-in.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="adjustments", to="members.member"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="points.adjustment"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state", points.enums.RequestState["WAITING"])),
                        fields=["requested_at"],
                        name="points_adjustment_waiting",
                    ),
                    models.Index(fields=["requested_by", "business_date"], name="points_adjustment_of_day"),
                    models.Index(
                        condition=models.Q(("state", "waiting"), _negated=True),
                        fields=["-decided_at", "-id"],
                        name="points_adjustment_decided",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("points", 0), _negated=True), name="points_adjustment_moves_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("beneficiary", None),
                            models.Q(("requested_by", models.F("beneficiary")), _negated=True),
                            _connector="OR",
                        ),
                        name="points_adjustment_not_for_oneself",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("decided_by", None),
                            models.Q(
                                models.Q(("decided_by", models.F("requested_by")), _negated=True),
                                models.Q(
                                    ("beneficiary", None),
                                    models.Q(("decided_by", models.F("beneficiary")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="points_adjustment_second_is_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", points.enums.RequestKind["UNDO"]), ("undoes__isnull", False)),
                            models.Q(
                                models.Q(("kind", points.enums.RequestKind["UNDO"]), _negated=True), ("undoes", None)
                            ),
                            _connector="OR",
                        ),
                        name="points_adjustment_undo_names_it",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", points.enums.RequestKind["REINSTATEMENT"]),
                                ("points__gt", 0),
                                models.Q(("expiry_key", ""), _negated=True),
                            ),
                            models.Q(
                                models.Q(("kind", points.enums.RequestKind["REINSTATEMENT"]), _negated=True),
                                ("expiry_key", ""),
                            ),
                            _connector="OR",
                        ),
                        name="points_adjustment_reinstates_an_expiry",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ("refused", "withdrawn")), _negated=True),
                        fields=("undoes",),
                        name="points_adjustment_undone_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            models.Q(("expiry_key", ""), _negated=True),
                            models.Q(("state__in", ("refused", "withdrawn")), _negated=True),
                        ),
                        fields=("member", "expiry_key"),
                        name="points_adjustment_reinstated_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("decided_at", None), ("decided_by", None), ("needs_second", True), ("state", "waiting")
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by", None),
                                ("needs_second", False),
                                ("state", "booked"),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by__isnull", False),
                                ("needs_second", True),
                                ("state__in", ["booked", "refused"]),
                            ),
                            models.Q(
                                ("decided_at__isnull", False),
                                ("decided_by", None),
                                ("needs_second", True),
                                ("state", "withdrawn"),
                            ),
                            _connector="OR",
                        ),
                        name="points_adjustment_decided_by_who_must",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DaySeal",
            fields=[
                ("sealed_on", models.DateField(primary_key=True, serialize=False)),
                ("members", models.PositiveIntegerField()),
                ("entries", models.PositiveBigIntegerField()),
                ("root", models.BinaryField(max_length=32)),
                ("sealed_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("branches", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Earning",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "deed_key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "deed_key",
                    models.CharField(db_collation="C", help_text="Of the order or the event.", max_length=1400),
                ),
                (
                    "facts",
                    models.JSONField(
                        help_text="What points.rules.circumstances reads: facts of the deed, what caps had left."
                    ),
                ),
                ("desired", models.BigIntegerField(help_text="What the whole deed would earn without caps.")),
                ("awarded", models.BigIntegerField(help_text="What the whole deed earns.")),
                ("unfired", models.JSONField(default=list, help_text="Steps: the rules that gave nothing, and why.")),
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
                    "policy",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="points.policyversion",
                    ),
                ),
                (
                    "grown",
                    models.JSONField(
                        default=list, help_text="Steps to its growth value, where rules of that were asked."
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("awarded__gte", 0), ("desired__gte", models.F("awarded"))),
                        name="points_earning_within_desired",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ExpiryNotice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id",
                        "expires_on",
                        "days_before",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("expires_on", models.DateField(help_text="The last date they can be used.")),
                ("days_before", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                ("points", models.BigIntegerField()),
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
                "indexes": [models.Index(fields=["due_on", "member"], name="points_expirynotice_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("points__gt", 0)), name="points_expirynotice_of_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("due_on__lte", models.F("expires_on"))),
                        name="points_expirynotice_before_the_end",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PolicyPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("months", models.PositiveSmallIntegerField(help_text="How much history is replayed.")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("running", "running"),
                            ("done", "done"),
                            ("failed", "failed"),
                        ],
                        default=points.enums.PreviewState["WAITING"],
                        max_length=10,
                    ),
                ),
                (
                    "terms_digest",
                    models.BinaryField(help_text="SHA-256 of the draft's terms that were replayed.", max_length=32),
                ),
                ("members_done", models.PositiveIntegerField(default=0)),
                ("members_total", models.PositiveIntegerField(default=0)),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("actor", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="previews", to="points.policyversion"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "-id"], name="points_policypreview_latest")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("finished_at", None),
                                (
                                    "state__in",
                                    [points.enums.PreviewState["WAITING"], points.enums.PreviewState["RUNNING"]],
                                ),
                            ),
                            models.Q(
                                ("finished_at__isnull", False),
                                ("state__in", [points.enums.PreviewState["DONE"], points.enums.PreviewState["FAILED"]]),
                            ),
                            _connector="OR",
                        ),
                        name="points_policypreview_finished_when_over",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("months__gte", 1)), name="points_policypreview_looks_back"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("source_key", models.CharField(db_collation="C", help_text="What asked for it.", max_length=1400)),
                ("points", models.BigIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("held", "held"),
                            ("confirmed", "confirmed"),
                            ("released", "released"),
                            ("lapsed", "lapsed"),
                        ],
                        default=points.enums.ReservationState["HELD"],
                        max_length=10,
                    ),
                ),
                ("held_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "order_key",
                    models.CharField(
                        blank=True, help_text="The order that it paid for, once confirmed.", max_length=1400
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True)),
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
                        condition=models.Q(("state", points.enums.ReservationState["HELD"])),
                        fields=["expires_at"],
                        name="points_reservation_lapsing",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("member", "source_key"), name="points_reservation_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("order_key", ""), _negated=True),
                        fields=("member", "order_key"),
                        name="points_reservation_one_per_order",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at__gt", models.F("held_at")), ("points__gt", 0)),
                        name="points_reservation_holds_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("closed_at", None), ("order_key", ""), ("state", points.enums.ReservationState["HELD"])
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("state", points.enums.ReservationState["CONFIRMED"]),
                                models.Q(("order_key", ""), _negated=True),
                            ),
                            models.Q(
                                ("closed_at__isnull", False),
                                ("order_key", ""),
                                (
                                    "state__in",
                                    [
                                        points.enums.ReservationState["RELEASED"],
                                        points.enums.ReservationState["LAPSED"],
                                    ],
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="points_reservation_closed_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleBudget",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "rule", "slot", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(max_length=60)),
                ("slot", models.PositiveSmallIntegerField()),
                ("limit", models.BigIntegerField()),
                ("used", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used__gte", 0), ("used__lte", models.F("limit"))),
                        name="points_rulebudget_holds",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="RuleUse",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "rule", "source_key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rule", models.CharField(max_length=60)),
                ("source_key", models.CharField(db_collation="C", max_length=1400)),
                ("counts_on", models.DateField()),
                ("points", models.BigIntegerField()),
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
                        fields=["member", "rule", "counts_on"], include=("points",), name="points_ruleuse_of_member"
                    ),
                    models.Index(fields=["rule", "counts_on"], include=("points",), name="points_ruleuse_of_rule"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("points", 0), _negated=True), name="points_ruleuse_moves_something"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "sealed_on", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("sealed_on", models.DateField(help_text="The business date whose night sealed it.")),
                ("points_seq", models.IntegerField()),
                ("growth_seq", models.IntegerField()),
                ("head", models.BinaryField(max_length=32)),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                ("marks", models.BinaryField()),
            ],
            options={
                "indexes": [models.Index(fields=["sealed_on", "member"], name="points_seal_of_night")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("growth_seq__gte", 0), ("points_seq__gte", 0)),
                        name="points_seal_covers_entries",
                    )
                ],
            },
        ),
        *guards.statements_of("points", "0002_ledger", "0005_guards", "0006_expiry", "0008_seal", "0010_returns"),
    )
