"""Kit's guards: the SQL by which migrations make a table append-only or freeze what is published."""

from importlib import import_module

from django.db.migrations import RunSQL

APPEND_ONLY_FUNCTION = """
CREATE FUNCTION kit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused; a mistake is corrected by another row', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""

ERASING = "house.erasing"
"""The setting of a transaction that erases a person; without it nothing is let through."""

ERASABLE_FUNCTION = f"""
CREATE FUNCTION kit_refuse_change_but_erasure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND current_setting('{ERASING}', true) = 'on'
        AND to_jsonb(OLD) - TG_ARGV = to_jsonb(NEW) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only: % is refused; a mistake is corrected by another row', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""
"""As append-only, but a transaction that erases a person may change the columns that are named: they hold words."""

FROZEN_FUNCTION = """
CREATE FUNCTION kit_refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.published_at IS NOT NULL THEN
        RAISE EXCEPTION '% % is published: % is refused; publish a new version', TG_TABLE_NAME, OLD.id, TG_OP
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
"""


def append_only(table: str) -> str:
    """Will return SQL that makes the database refuse UPDATE, DELETE and TRUNCATE on a table."""
    return f"""
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();
CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION kit_refuse_change();
"""


def erasable(table: str, *columns: str) -> str:
    """Will return SQL by which an append-only table lets erasure, and only that, change some columns of words."""
    return f"""
DROP TRIGGER {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION kit_refuse_change_but_erasure({", ".join(f"'{column}'" for column in columns)});
"""


def not_erasable(table: str) -> str:
    """Will return SQL that undoes erasable."""
    return f"""
DROP TRIGGER {table}_append_only ON {table};
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION kit_refuse_change();
"""


def not_append_only(table: str) -> str:
    """Will return SQL that undoes append_only."""
    return f"DROP TRIGGER {table}_append_only ON {table}; DROP TRIGGER {table}_no_truncate ON {table};"


def frozen_when_published(table: str) -> str:
    """Will return SQL that makes the database refuse changes to rows whose published_at is set."""
    return f"""
CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION kit_refuse_change_of_published();
"""


def statements_of(room: str, *migrations: str) -> list[RunSQL]:
    """Will return what SQL some migrations of a room run, for the one that does all of them at once for a new database.

    Without what only brings a column over to its later shape, which a new table has from the beginning.
    """
    found = [import_module(f"{room}.migrations.{name}").Migration.operations for name in migrations]
    return [one for some in found for one in some if isinstance(one, RunSQL) and not one.state_operations]
