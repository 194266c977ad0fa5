"""Empties the database after a test with real commits: of the rows that were written, not table after table.

Django truncates all tables with all their indexes and writes its own rows anew, which takes longer than most tests.
Here the rows are deleted, with keys and guards put to sleep for that one statement; what Django itself keeps stays.
"""

from django.db import connection
from django.test import TransactionTestCase

WRITTEN = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0
AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
"""
DELETE = f"""
DO $$
DECLARE
    written text;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR written IN {WRITTEN} LOOP
        EXECUTE 'DELETE FROM ' || written;
    END LOOP;
END
$$
"""
MAY = "SELECT has_parameter_privilege(current_user, 'session_replication_role', 'SET')"


truncate_everything = TransactionTestCase._fixture_teardown


def may_write_anything() -> bool:
    """Will tell whether the server's role may put keys and guards to sleep: the launcher's own servers let it."""
    with connection.cursor() as cursor:
        cursor.execute(MAY)
        return bool(cursor.fetchone()[0])


def empty(case: TransactionTestCase) -> None:
    """Will delete what a test has written; where the role may not, Django truncates."""
    if may_write_anything():
        with connection.cursor() as cursor:
            cursor.execute(DELETE)
    else:
        truncate_everything(case)
