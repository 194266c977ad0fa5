"""Decisions are append-only; published ladders and their tiers are frozen."""

from django.db import migrations

from kit import guards

TIERS_FROZEN = """
CREATE FUNCTION tiers_refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    version_id bigint;
BEGIN
    SELECT v.id INTO version_id FROM tiers_ladderversion v
        WHERE v.id IN (OLD.version_id, NEW.version_id) AND v.published_at IS NOT NULL LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'ladder version % is published: % of its tiers is refused; publish a new version',
            version_id, TG_OP USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER tiers_tier_frozen BEFORE INSERT OR UPDATE OR DELETE ON tiers_tier
    FOR EACH ROW EXECUTE FUNCTION tiers_refuse_change_of_published();
"""


class Migration(migrations.Migration):
    dependencies = [("tiers", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        migrations.RunSQL(guards.append_only("tiers_decision"), guards.not_append_only("tiers_decision")),
        migrations.RunSQL(
            guards.frozen_when_published("tiers_ladderversion"),
            "DROP TRIGGER tiers_ladderversion_frozen ON tiers_ladderversion",
        ),
        migrations.RunSQL(
            TIERS_FROZEN,
            "DROP TRIGGER tiers_tier_frozen ON tiers_tier; DROP FUNCTION tiers_refuse_change_of_published()",
        ),
        migrations.RunSQL("ALTER TABLE tiers_standing SET (fillfactor = 80)", migrations.RunSQL.noop),
    ]
