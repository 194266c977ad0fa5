"""Previews of a draft on everybody, kept with the version: what is over is not changed, what is published not at all."""

import django.db.models.deletion
from django.db import migrations, models

import points.enums

FROZEN = """
CREATE FUNCTION tiers_refuse_change_of_preview() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    published_id bigint;
BEGIN
    SELECT v.id INTO published_id FROM tiers_ladderversion v
        WHERE v.id IN (OLD.version_id, NEW.version_id) AND v.published_at IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ladder version % is published: % of its previews is refused', published_id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.finished_at IS NOT NULL THEN
        RAISE EXCEPTION 'preview % is over: UPDATE is refused; ask for a new one', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER tiers_ladderpreview_frozen BEFORE INSERT OR UPDATE OR DELETE ON tiers_ladderpreview
    FOR EACH ROW EXECUTE FUNCTION tiers_refuse_change_of_preview();
"""


class Migration(migrations.Migration):
    dependencies = [("tiers", "0005_indexes")]

    operations = [
        migrations.CreateModel(
            name="LadderPreview",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("effective_on", models.DateField(help_text="The date on which the draft was taken to begin.")),
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
                    models.BinaryField(help_text="SHA-256 of what the draft asked and gave.", max_length=32),
                ),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                ("actor", models.CharField(max_length=80)),
                ("requested_at", models.DateTimeField()),
                ("finished_at", models.DateTimeField(null=True)),
                (
                    "version",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="previews",
                        to="tiers.ladderversion",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["version", "-id"], name="tiers_ladderpreview_latest")],
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
                        name="tiers_ladderpreview_finished_when_over",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("state__in", [points.enums.PreviewState["WAITING"], points.enums.PreviewState["RUNNING"]])
                        ),
                        fields=("version",),
                        name="tiers_ladderpreview_one_open",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            FROZEN,
            "DROP TRIGGER tiers_ladderpreview_frozen ON tiers_ladderpreview;"
            " DROP FUNCTION tiers_refuse_change_of_preview()",
        ),
    ]
