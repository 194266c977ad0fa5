"""All of 0001_initial to 0005_happenings in one step, for a new database: tables as they are by then, and the SQL of the older files."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from kit import guards
from kit.tables import at_once


class Migration(migrations.Migration):
    replaces = [
        ("orders", "0001_initial"),
        ("orders", "0002_guards"),
        ("orders", "0003_night"),
        ("orders", "0004_indexes"),
        ("orders", "0005_happenings"),
    ]

    initial = True

    dependencies = [
        ("kit", "0002_guards"),
        ("members", "0006_entered"),
    ]

    operations = at_once(
        migrations.CreateModel(
            name="Order",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_reference", models.JSONField(default=dict, help_text="How the shop named the member.")),
                ("source", models.CharField(max_length=40)),
                ("order_id", models.CharField(max_length=128)),
                (
                    "status",
                    models.CharField(
                        choices=[("placed", "placed"), ("paid", "paid"), ("cancelled", "cancelled")], max_length=10
                    ),
                ),
                ("placed_at", models.DateTimeField()),
                ("business_date", models.DateField(help_text="The programme's date of placed_at.")),
                ("stated_at", models.DateTimeField(help_text="updated_at of the shop; an older statement is ignored.")),
                ("currency", models.CharField(max_length=3)),
                (
                    "discount",
                    models.DecimalField(
                        decimal_places=3, help_text="Of the whole order, shared over its lines.", max_digits=16
                    ),
                ),
                ("shipping", models.DecimalField(decimal_places=3, max_digits=16)),
                ("tax", models.DecimalField(decimal_places=3, max_digits=16)),
                ("points_paid", models.PositiveIntegerField(default=0)),
                ("basis", models.DecimalField(decimal_places=3, help_text="Sum of the lines' basis.", max_digits=16)),
                ("revision", models.PositiveIntegerField(default=1, help_text="How many statements changed it.")),
                ("digest", models.BinaryField(help_text="SHA-256 of the statement.", max_length=32)),
                (
                    "booked_at",
                    models.DateTimeField(help_text="When it first earned; empty while placed or parked.", null=True),
                ),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="orders",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "-placed_at"], name="orders_order_of_member"),
                    models.Index(condition=models.Q(("member", None)), fields=["id"], name="orders_order_parked"),
                    models.Index(fields=["order_id"], name="orders_order_by_number"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "order_id"), name="orders_order_once"),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["placed", "paid", "cancelled"])),
                        name="orders_order_status_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("basis__gte", 0), ("discount__gte", 0), ("shipping__gte", 0), ("tax__gte", 0)
                        ),
                        name="orders_order_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("booked_at", None), ("member__isnull", False), _connector="OR"),
                        name="orders_order_booked_for_a_member",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrderLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("line_id", models.CharField(max_length=128)),
                ("sku", models.CharField(blank=True, max_length=128)),
                ("name", models.CharField(blank=True, max_length=254)),
                ("category", models.CharField(blank=True, max_length=128)),
                ("brand", models.CharField(blank=True, max_length=128)),
                ("quantity", models.PositiveIntegerField()),
                ("unit_price", models.DecimalField(decimal_places=3, max_digits=16)),
                ("discount", models.DecimalField(decimal_places=3, help_text="The line's total.", max_digits=16)),
                ("basis", models.DecimalField(decimal_places=3, max_digits=16)),
                (
                    "attributes",
                    models.JSONField(default=dict, help_text="Columns of an imported file that we do not know."),
                ),
                ("refunded_quantity", models.PositiveIntegerField(default=0)),
                (
                    "order",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="lines",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("order", "line_id"), name="orders_orderline_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("basis__gte", 0), ("discount__gte", 0), ("quantity__gte", 1), ("unit_price__gte", 0)
                        ),
                        name="orders_orderline_amounts_not_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("refunded_quantity__lte", models.F("quantity"))),
                        name="orders_orderline_refund_within_quantity",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Refund",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40)),
                ("order_id_stated", models.CharField(max_length=128)),
                ("refund_id", models.CharField(max_length=128)),
                ("refunded_at", models.DateTimeField()),
                ("lines", models.JSONField(help_text="[[line_id, quantity], ...] as stated.")),
                (
                    "amount",
                    models.DecimalField(
                        decimal_places=3, help_text="What the shop paid back, for the record.", max_digits=16, null=True
                    ),
                ),
                ("attributes", models.JSONField(default=dict)),
                ("digest", models.BinaryField(max_length=32)),
                ("booked_at", models.DateTimeField(help_text="When it was taken off; empty while parked.", null=True)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "order",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="refunds",
                        to="orders.order",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("source", "order_id_stated", "refund_id"), name="orders_refund_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("booked_at", None), ("order__isnull", False), _connector="OR"),
                        name="orders_refund_booked_on_an_order",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ShopEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("member_reference", models.JSONField(default=dict)),
                ("source", models.CharField(max_length=40)),
                ("event_id", models.CharField(max_length=128)),
                ("type", models.CharField(max_length=60)),
                ("occurred_at", models.DateTimeField()),
                ("business_date", models.DateField()),
                ("properties", models.JSONField(default=dict)),
                ("attributes", models.JSONField(default=dict)),
                ("digest", models.BinaryField(max_length=32)),
                ("booked_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shop_events",
                        to="members.member",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["member", "type", "-business_date"], name="orders_shopevent_of_member"),
                    models.Index(condition=models.Q(("member", None)), fields=["id"], name="orders_shopevent_parked"),
                    models.Index(
                        condition=models.Q(("booked_at", None)), fields=["type", "id"], name="orders_shopevent_waiting"
                    ),
                    django.contrib.postgres.indexes.BrinIndex(
                        fields=["received_at"], name="orders_shopevent_received", pages_per_range=16
                    ),
                    models.Index(
                        condition=models.Q(("member__isnull", False), ("type", "check_in")),
                        fields=["business_date", "member"],
                        name="orders_shopevent_checked_in",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "event_id"), name="orders_shopevent_once"),
                    models.CheckConstraint(
                        condition=models.Q(("booked_at", None), ("member__isnull", False), _connector="OR"),
                        name="orders_shopevent_booked_for_a_member",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SpendMovement",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id", "source_key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("source_key", models.CharField(db_collation="C", max_length=1400)),
                ("counts_on", models.DateField()),
                ("known_on", models.DateField()),
                ("at", models.DateTimeField()),
                ("spend", models.DecimalField(decimal_places=3, max_digits=16)),
                ("orders", models.SmallIntegerField()),
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
                        fields=["member", "counts_on"],
                        include=("known_on", "spend", "orders"),
                        name="orders_spendmovement_window",
                    ),
                    models.Index(fields=["counts_on", "member"], name="orders_spendmovement_date"),
                    models.Index(
                        condition=models.Q(("known_on", models.F("counts_on")), _negated=True),
                        fields=["known_on", "member"],
                        name="orders_spendmovement_late",
                    ),
                ],
            },
        ),
        *guards.statements_of("orders", "0002_guards"),
    )
