"""What the database promises of kit's tables: constraints by name, an audit log that only grows, guards for others."""

import datetime as dt

import pytest
from django.db import connection

from kit import audit, guards
from kit.enums import RunState
from kit.models import ApiKey, AuditRow, FileImport, IdempotentCall, JobRun, SavedView
from tests.kit.broken import breaks, refused, refuses_all_change, run

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 3, 3)


def test_job_runs(noon):
    JobRun.objects.create(step="tiers", business_date=DAY, state=RunState.RUNNING, started_at=noon)
    with breaks("kit_jobrun_once_per_date"):
        JobRun.objects.create(step="tiers", business_date=DAY, state=RunState.RUNNING, started_at=noon)
    with breaks("kit_jobrun_finished_when_over"):
        JobRun.objects.create(step="proof", business_date=DAY, state=RunState.DONE, started_at=noon)
    with breaks("kit_jobrun_finished_when_over"):
        JobRun.objects.create(
            step="proof", business_date=DAY, state=RunState.RUNNING, started_at=noon, finished_at=noon
        )


def test_idempotent_calls(noon):
    key = ApiKey.objects.create(name="shop", prefix="mk_1", digest=b"x", created_at=noon)
    call = {"api_key": key, "key": "k1", "fingerprint": b"x", "started_at": noon}
    IdempotentCall.objects.create(**call)
    with breaks("kit_idempotentcall_once_per_key"):
        IdempotentCall.objects.create(**call)
    for half in ({"status": 201}, {"answer": {}}):
        with breaks("kit_idempotentcall_answered_whole"):
            IdempotentCall.objects.create(**(call | {"key": "k2"}), **half)


def test_file_imports_and_saved_views():
    run_of = {"kind": "orders", "source": "web", "digest": "d", "options": {"a": 1}}
    FileImport.objects.create(**run_of)
    FileImport.objects.create(**(run_of | {"options": {"a": 2}}))
    with breaks("kit_fileimport_once"):
        FileImport.objects.create(**run_of)
    SavedView.objects.create(owner="staff:1", page="members", name="gold", query="tier=gold")
    with breaks("kit_savedview_name_once"):
        SavedView.objects.create(owner="staff:1", page="members", name="gold", query="")


def test_the_audit_log_only_grows(noon):
    audit.record(
        at=noon, actor="staff:3", deed="block", subject="member:17", was="active", becomes="blocked", reason="asked"
    )
    row = AuditRow.objects.get()
    assert (row.at, row.actor, row.deed, row.subject) == (noon, "staff:3", "block", "member:17")
    assert (row.was, row.becomes, row.reason) == ("active", "blocked", "asked")
    refuses_all_change("kit_auditrow")


def test_every_append_only_table_is_guarded_against_truncate_too():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgname ~ '_(append_only|no_truncate)$'"
        )
        found = set(cursor.fetchall())
    tables = {"kit_auditrow", "members_consent", "orders_spendmovement", "points_entry", "tiers_decision"}
    assert {(table, f"{table}_{guard}") for table in tables for guard in ("append_only", "no_truncate")} <= found
    truncated = {table for table, name in found if name.endswith("no_truncate")}
    # A question is answered once: its own trigger refuses all else.
    assert {table for table, name in found if name.endswith("append_only")} == truncated - {"tiers_challenge"}


def test_guards_can_be_set_and_taken_away():
    run("CREATE TEMPORARY TABLE note (id int, published_at timestamptz)")
    run("INSERT INTO note VALUES (1, NULL)")
    run(guards.append_only("note"))
    with refused("note is append-only: UPDATE is refused"):
        run("UPDATE note SET id = 2")
    with refused("note is append-only: TRUNCATE is refused"):
        run("TRUNCATE note")
    run(guards.not_append_only("note"))
    assert run("UPDATE note SET id = 2") == 1
    run(guards.frozen_when_published("note"))
    assert run("UPDATE note SET id = 3, published_at = now()") == 1
    with refused("note 3 is published: UPDATE is refused"):
        run("UPDATE note SET published_at = NULL")
    with refused("note 3 is published: DELETE is refused"):
        run("DELETE FROM note")
