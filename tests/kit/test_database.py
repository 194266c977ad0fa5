"""Kit's ways to the database: locks by name, statements from files, COPY, a limit on time, API keys."""

import datetime as dt
import threading

import pytest
from django.db import connection

from kit import api_keys, copy, locks, paging, sql
from kit.models import ApiKey, AuditRow, JobRun, SavedView


def in_a_thread(deed):
    """Will do something on a connection of its own and return its answer."""
    answers = []

    def body():
        try:
            answers.append(deed())
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    thread.join()
    return answers[0]


def alone(*names):
    """Will say whether somebody else could hold locks now."""
    try:
        with locks.alone(*names):
            return True
    except locks.AlreadyRunning as refusal:
        return str(refusal)


@pytest.mark.django_db
def test_a_name_is_held_by_one_at_a_time():
    with locks.alone("night"):
        assert "night is already running" in in_a_thread(lambda: alone("night"))
        assert in_a_thread(lambda: alone("import")) is True
    assert in_a_thread(lambda: alone("night")) is True
    with pytest.raises(KeyError), locks.alone("night"):
        raise KeyError
    assert in_a_thread(lambda: alone("night")) is True
    with locks.alone("night", "import"):
        assert str(in_a_thread(lambda: alone("import"))).startswith("import is already running.")
    with locks.alone("import"):
        # All or none: what was free is free again.
        assert "import is already" in in_a_thread(lambda: alone("night", "import"))
        assert in_a_thread(lambda: alone("night")) is True
    assert locks.key_of("night") == locks.key_of("night") != locks.key_of("import")
    assert -(2**63) <= locks.key_of("night") < 2**63


@pytest.mark.django_db
def test_statements_come_from_files_and_rows_go_in_by_copy(noon):
    assert sql.statement("orders", "parked").startswith("-- purpose:")
    assert sql.fetch("orders", "parked", most=5) == [(0, 0, None)]
    assert sql.execute("orders", "parked", most=5) == 1
    ids = copy.next_ids("kit_auditrow", 3)
    assert len(set(ids)) == 3 and ids == sorted(ids)
    columns = ("id", "at", "actor", "deed", "subject", "reason", "origin")
    copy.copy_rows("kit_auditrow", columns, [(i, noon, "test", "say", f"it:{i}", "tab\tand\n\\N", "") for i in ids])
    assert list(AuditRow.objects.order_by("id").values_list("id", "reason")) == [(i, "tab\tand\n\\N") for i in ids]
    assert AuditRow.objects.create(at=noon, actor="t", deed="d", subject="s").id > ids[-1]


@pytest.mark.django_db
def test_many_rows_are_added_or_take_other_values():
    columns = ("owner", "page", "name", "query")
    rows = [("staff:1", "members", "gold", "tier=gold"), ("staff:1", "members", "“quiet” \\ 睡", "stage=asleep")]
    copy.upsert_rows("kit_savedview", columns, columns[:3], rows)
    copy.upsert_rows("kit_savedview", columns, columns[:3], [(*rows[1][:3], ""), ("staff:2", *rows[0][1:])])
    copy.upsert_rows("kit_savedview", columns, columns[:3], [])
    assert sorted(SavedView.objects.values_list(*columns)) == [rows[0], (*rows[1][:3], ""), ("staff:2", *rows[0][1:])]
    columns_of_job = ("step", "business_date", "state", "attempts", "cursor", "rows", "detail", "error", "started_at")
    at = dt.datetime(2026, 3, 31, 12, 0, 0, 1, tzinfo=dt.UTC)
    job = ("count", at.date(), "running", 1, 2**40, 0, {"seen": 1}, "", at)
    copy.upsert_rows("kit_jobrun", columns_of_job, columns_of_job[:2], [job])
    assert list(JobRun.objects.values_list(*columns_of_job)) == [job]


@pytest.mark.django_db
def test_a_question_that_takes_too_long_is_given_up_and_the_transaction_goes_on(noon):
    AuditRow.objects.create(at=noon, actor="t", deed="d", subject="before")
    with pytest.raises(paging.TooSlow), paging.within(20), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    with paging.within(1000), connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("1s",)
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
    assert AuditRow.objects.get().subject == "before"


@pytest.mark.django_db
def test_an_api_key_is_shown_once_found_by_itself_and_ends_when_revoked(noon):
    key = api_keys.create(name="shop", scopes=["orders:write", "orders:write"], at=noon, actor="staff:1")
    row = ApiKey.objects.get()
    assert key.encode() not in bytes(row.digest) and row.prefix == key[:12] and row.scopes == ["orders:write"]
    assert api_keys.find(key) == row
    for wrong in ("", key[:-1], key[:-1] + ("a" if key[-1] != "a" else "b"), key.replace("mk_", "mx_"), key + "a"):
        assert api_keys.find(wrong) is None
    assert api_keys.allows(row, "orders:write") and not api_keys.allows(row, "members:read")
    every = ApiKey.objects.get(prefix=api_keys.create(name="all", scopes=["all"], at=noon, actor="staff:1")[:12])
    assert all(api_keys.allows(every, scope) for scope in api_keys.SCOPES)
    api_keys.revoke(name="shop", at=noon, actor="staff:2")
    api_keys.revoke(name="shop", at=noon + dt.timedelta(days=1), actor="staff:2")
    assert api_keys.find(key) is None and ApiKey.objects.get(name="shop").revoked_at == noon
    deeds = AuditRow.objects.filter(subject=f"api_key:{row.id}").order_by("id").values_list("deed", "actor")
    assert list(deeds) == [("create_api_key", "staff:1"), ("revoke_api_key", "staff:2")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "scopes", "said"),
    [
        (" ", ["all"], "printable"),
        ("a\nb", ["all"], "printable"),
        ("x" * 61, ["all"], "60"),
        ("new", [], "needs a scope"),
        ("new", ["all", "root"], "root is no scope"),
        ("taken", ["all"], "named taken already"),
    ],
)
def test_a_key_that_cannot_be_is_refused_and_none_is_made(noon, name, scopes, said):
    api_keys.create(name="taken", scopes=["all"], at=noon, actor="test")
    with pytest.raises(api_keys.BadKeyRequest, match=said):
        api_keys.create(name=name, scopes=scopes, at=noon, actor="test")
    with pytest.raises(api_keys.UnknownKey):
        api_keys.revoke(name="nobody", at=noon, actor="test")
    assert ApiKey.objects.count() == AuditRow.objects.count() == 1


@pytest.mark.django_db
def test_a_question_and_a_statement_stand_inside_another_one(noon):
    AuditRow.objects.bulk_create(AuditRow(actor="test", deed="say 100%", subject=f"it:{i}", at=noon) for i in range(3))
    asked = AuditRow.objects.filter(deed__contains="100%", subject__in=["it:1", "it:2"]).values("subject")
    part = sql.question(asked, "asked")
    text, parameters = sql.whole(
        "SELECT count(*), 7 %% 4 FROM (%(asked)s) found WHERE subject <> %(not)s", {"asked": part, "not": "it:2"}
    )
    with connection.cursor() as cursor:
        cursor.execute(text, parameters)
        assert cursor.fetchall() == [(1, 3)]
    nobody = sql.question(AuditRow.objects.filter(pk__in=[]).values("subject"), "asked")
    with connection.cursor() as cursor:
        cursor.execute(*sql.whole("SELECT count(*) FROM (%(asked)s) found", {"asked": nobody}))
        assert cursor.fetchall() == [(0,)]


def test_a_name_means_the_same_in_a_statement_and_its_part():
    part = sql.Part("SELECT %(at)s", {"at": 1})
    assert sql.whole("SELECT (%(part)s), %(at)s", {"part": part, "at": 1}) == (
        "SELECT (SELECT %(at)s), %(at)s",
        {"at": 1},
    )
    with pytest.raises(ValueError, match="at means 2"):
        sql.whole("SELECT (%(part)s), %(at)s", {"part": part, "at": 2})
