"""Erasing a person may empty the words of decisions and of questions about them; what was decided stays."""

from django.db import migrations

from kit import guards

FUNCTION = """
CREATE OR REPLACE FUNCTION tiers_refuse_change_of_challenge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    {passes}IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
        OR (NEW.id, NEW.member_id, NEW.ladder_id, NEW.seq, NEW.words, NEW.opened_at, NEW.actor)
            IS DISTINCT FROM (OLD.id, OLD.member_id, OLD.ladder_id, OLD.seq, OLD.words, OLD.opened_at, OLD.actor)
    THEN
        RAISE EXCEPTION 'challenge % is kept as it was: % is refused; it is answered once, and then stays', OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
PASSES = f"""IF TG_OP = 'UPDATE' AND current_setting('{guards.ERASING}', true) = 'on'
        AND to_jsonb(OLD) - ARRAY['words', 'answer'] = to_jsonb(NEW) - ARRAY['words', 'answer'] THEN
        RETURN NEW;
    END IF;
    """


class Migration(migrations.Migration):
    dependencies = [("tiers", "0011_standings"), ("kit", "0004_erasable")]

    operations = [
        migrations.RunSQL(guards.erasable("tiers_decision", "reason"), guards.not_erasable("tiers_decision")),
        migrations.RunSQL(FUNCTION.format(passes=PASSES), FUNCTION.format(passes="")),
    ]
