"""What was asked, launched, decided and attributed is kept as it was."""

from django.db import migrations

from kit import guards

LAUNCHED = """
CREATE FUNCTION campaigns_refuse_change_of_launch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR NEW.plan IS DISTINCT FROM OLD.plan OR NEW.launched_at IS DISTINCT FROM OLD.launched_at
       OR (OLD.decided_at IS NOT NULL AND (NEW.decided_at, NEW.decision) IS DISTINCT FROM (OLD.decided_at, OLD.decision))
    THEN
        RAISE EXCEPTION 'launch % is frozen: its plan and its decision are never changed', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaigns_run_frozen BEFORE UPDATE OR DELETE ON campaigns_run
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_change_of_launch();

CREATE FUNCTION campaigns_refuse_move_of_recipient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (NEW.run_id, NEW.member_id, NEW.occasion, NEW."group")
       IS DISTINCT FROM (OLD.run_id, OLD.member_id, OLD.occasion, OLD."group")
       OR (OLD.variant <> '' AND NEW.variant <> OLD.variant) THEN
        RAISE EXCEPTION 'recipient % is frozen: nobody moves between groups or variants', OLD.id
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaigns_recipient_frozen BEFORE UPDATE OR DELETE ON campaigns_recipient
    FOR EACH ROW EXECUTE FUNCTION campaigns_refuse_move_of_recipient();
"""
NOT_LAUNCHED = """
DROP TRIGGER campaigns_run_frozen ON campaigns_run;
DROP FUNCTION campaigns_refuse_change_of_launch();
DROP TRIGGER campaigns_recipient_frozen ON campaigns_recipient;
DROP FUNCTION campaigns_refuse_move_of_recipient();
"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("kit", "0002_guards")]

    operations = [
        *(
            migrations.RunSQL(guards.append_only(table), guards.not_append_only(table))
            for table in ("campaigns_segmentversion", "campaigns_attributionrules", "campaigns_conversion")
        ),
        migrations.RunSQL(LAUNCHED, NOT_LAUNCHED),
    ]
