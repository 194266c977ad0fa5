"""Warnings before a tier is lost, and decisions that members question: asked for ever, answered once."""

import django.db.models.deletion
from django.db import migrations, models

CHALLENGED = """
ALTER TABLE tiers_challenge ADD CONSTRAINT tiers_challenge_decision
    FOREIGN KEY (member_id, ladder_id, seq) REFERENCES tiers_decision (member_id, ladder_id, seq)
    DEFERRABLE INITIALLY DEFERRED;
CREATE FUNCTION tiers_refuse_change_of_challenge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
        OR (NEW.id, NEW.member_id, NEW.ladder_id, NEW.seq, NEW.words, NEW.opened_at, NEW.actor)
            IS DISTINCT FROM (OLD.id, OLD.member_id, OLD.ladder_id, OLD.seq, OLD.words, OLD.opened_at, OLD.actor)
    THEN
        RAISE EXCEPTION 'challenge % is kept as it was: % is refused; it is answered once, and then stays', OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tiers_challenge_kept BEFORE UPDATE OR DELETE ON tiers_challenge
    FOR EACH ROW EXECUTE FUNCTION tiers_refuse_change_of_challenge();
CREATE TRIGGER tiers_challenge_no_truncate BEFORE TRUNCATE ON tiers_challenge
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
"""
NOT_CHALLENGED = """
DROP TRIGGER tiers_challenge_no_truncate ON tiers_challenge;
DROP TRIGGER tiers_challenge_kept ON tiers_challenge;
DROP FUNCTION tiers_refuse_change_of_challenge();
ALTER TABLE tiers_challenge DROP CONSTRAINT tiers_challenge_decision;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_finance"),
        ("tiers", "0006_ladder_previews"),
    ]

    operations = [
        migrations.CreateModel(
            name="FallNotice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "member_id",
                        "ladder_id",
                        "ends_on",
                        "days_before",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "ends_on",
                    models.DateField(
                        help_text="The last date on which it can be kept: of validity, of grace, of a gift."
                    ),
                ),
                ("days_before", models.PositiveSmallIntegerField()),
                ("due_on", models.DateField()),
                (
                    "falls_on",
                    models.DateField(help_text="The last date on which it is held, later where grace follows."),
                ),
                ("ways", models.JSONField(db_default=[], default=list)),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
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
                    "tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
                (
                    "to_tier",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.tier"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["due_on", "member"], name="tiers_fallnotice_due")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("due_on__lt", models.F("ends_on"))), name="tiers_fallnotice_before_the_end"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("falls_on__gte", models.F("ends_on"))),
                        name="tiers_fallnotice_falls_after_its_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("tier", models.F("to_tier")), _negated=True),
                        name="tiers_fallnotice_of_a_change",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Challenge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.IntegerField(help_text="The number of the decision.")),
                ("words", models.CharField(max_length=1000)),
                ("opened_at", models.DateTimeField()),
                ("actor", models.CharField(help_text="Who asked.", max_length=80)),
                (
                    "verdict",
                    models.CharField(
                        blank=True,
                        choices=[("upheld", "upheld"), ("explained", "explained")],
                        db_default="",
                        max_length=10,
                    ),
                ),
                ("answer", models.CharField(blank=True, db_default="", max_length=1000)),
                ("answered_at", models.DateTimeField(null=True)),
                ("answered_by", models.CharField(blank=True, db_default="", max_length=80)),
                (
                    "ladder",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="tiers.ladder"
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
                    models.Index(
                        fields=["opened_at", "id"],
                        name="tiers_challenge_waiting",
                        condition=models.Q(("answered_at", None)),
                    ),
                    models.Index(
                        fields=["-answered_at", "-id"],
                        name="tiers_challenge_answered",
                        condition=models.Q(("answered_at__isnull", False)),
                    ),
                    models.Index(fields=["member", "ladder", "seq"], name="tiers_challenge_of_decision"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("member", "ladder", "seq"),
                        name="tiers_challenge_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("words", ""), _negated=True), name="tiers_challenge_in_words"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer", ""), ("answered_at", None), ("answered_by", ""), ("verdict", "")),
                            models.Q(
                                ("verdict__in", ["upheld", "explained"]),
                                ("answered_at__gte", models.F("opened_at")),
                                ("answered_at__isnull", False),
                                models.Q(("answer", ""), _negated=True),
                                models.Q(("answered_by", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="tiers_challenge_answer_is_whole",
                    ),
                ],
            },
        ),
        migrations.RunSQL(CHALLENGED, NOT_CHALLENGED),
    ]
