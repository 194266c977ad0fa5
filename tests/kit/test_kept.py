"""Kit's statements that are kept planned: what they return, that all or none stands, and what they survive."""

import datetime as dt

import pytest
from django.db import DataError, OperationalError, ProgrammingError, connection, transaction

from kit import sql
from kit.models import AuditRow

pytestmark = pytest.mark.django_db(transaction=True)
ROW = """INSERT INTO kit_auditrow (at, actor, deed, subject, reason, origin)
VALUES (%(at)s::timestamptz, 't', 'd', %(subject)s::text, '', '')"""
STATEMENTS = {
    "kept": f"-- purpose: %(none)s\n{ROW}",
    "kinds": """
-- a comment with %(none)s in it
SELECT %(number)s::int + 1, %(text)s::text || ' 100%%', %(text)s::text, %(at)s::timestamptz, %(none)s::date,
    %(many)s::bytea[], %(is_so)s::boolean, '{"a": 1}'::jsonb
""",
    "size": "SELECT count(*) FROM kit_auditrow WHERE subject = %(subject)s::text",
    "halves": "SELECT 1 / %(by)s::int",
    "sleeps": "SELECT pg_sleep(%(seconds)s::float)",
    "ends": "SELECT pg_terminate_backend(pg_backend_pid())",
}


@pytest.fixture(autouse=True)
def statements(monkeypatch):
    """Statements of a room that is not there, in place of its files."""
    monkeypatch.setattr(sql, "statement", lambda room, name: STATEMENTS[name])
    sql._short.cache_clear()
    yield
    sql._short.cache_clear()


def put(subject, noon):
    return "kept", {"at": noon, "subject": subject}


def size(subject):
    return "size", {"subject": subject}


def test_values_go_and_come_as_what_they_are(noon):
    known = {"number": 4, "text": "so % 'much", "at": noon, "none": None, "many": [b"\0\xff", b""], "is_so": True}
    for _ in range(2):
        [row] = sql.fetch_prepared("none", "kinds", **known)
        assert row == (5, "so % 'much 100%", "so % 'much", noon, None, [b"\0\xff", b""], True, '{"a": 1}')
        assert row[3].utcoffset() == dt.timedelta(0)


def test_each_sees_what_the_one_before_did_and_the_same_may_come_twice(noon):
    found = sql.fetch_together("none", [size("a"), put("a", noon), size("a"), put("a", noon), size("a")])
    assert found == [[(0,)], [], [(1,)], [], [(2,)]]
    assert AuditRow.objects.filter(subject="a").count() == 2


def test_all_stand_or_none_does_and_the_next_goes_on(noon):
    for _ in range(2):
        with pytest.raises(DataError, match="division by zero"):
            sql.fetch_together("none", [put("a", noon), ("halves", {"by": 0}), put("b", noon)])
    assert not AuditRow.objects.exists()
    assert sql.fetch_together("none", [put("b", noon), ("halves", {"by": 1})]) == [[], [(1,)]]


def test_they_are_part_of_the_callers_transaction(noon):
    with pytest.raises(KeyError), transaction.atomic():
        sql.fetch_prepared("none", "kept", at=noon, subject="a")
        raise KeyError
    with transaction.atomic():
        sql.fetch_together("none", [put("b", noon), size("b")])
        with pytest.raises(DataError), transaction.atomic():
            sql.fetch_together("none", [put("c", noon), ("halves", {"by": 0})])
    assert list(AuditRow.objects.values_list("subject", flat=True)) == ["b"]


def test_a_server_that_forgot_them_is_told_them_again(noon):
    sql.fetch_prepared("none", "size", subject="a")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert sql.fetch_prepared("none", "size", subject="a") == [(0,)]


def test_a_parameter_that_is_missing_ends_it_there_and_the_connection_goes_on(noon):
    with pytest.raises(ProgrammingError, match="subject"):
        sql.fetch_together("none", [put("a", noon), ("size", {})])
    assert sql.fetch_prepared("none", "size", subject="a") == [(1,)]


def test_a_line_that_breaks_is_an_error_and_a_new_one_works():
    with pytest.raises(OperationalError):
        sql.fetch_prepared("none", "ends")
    connection.close_if_unusable_or_obsolete()
    assert sql.fetch_prepared("none", "size", subject="a") == [(0,)]
