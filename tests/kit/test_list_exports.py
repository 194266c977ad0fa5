"""Lists as files, deed by deed: asked once a form, written part after part, closed by a fault, thrown away in time."""

import datetime as dt
import uuid

import pytest

from kit import actions as kit_actions
from kit import audit
from kit.enums import ExportState
from kit.models import AuditRow, ListExport, ListExportPart

pytestmark = pytest.mark.django_db

KEY = uuid.uuid4()


def ask(noon: dt.datetime, key: uuid.UUID = KEY) -> ListExport:
    return kit_actions.ask_list_export(
        query="tier=gold", member_ids=[3, 5, 8], language="en", form_key=key, at=noon, actor="staff:1"
    )


def test_a_list_is_asked_for_once_a_form(noon: dt.datetime) -> None:
    first, again = ask(noon), ask(noon)
    assert (first.id, first.size, first.state) == (again.id, 3, ExportState.WAITING)
    assert list(ListExport.objects.filter(state="waiting").values_list("id", flat=True)) == [first.id]
    assert AuditRow.objects.get().becomes == {"members": 3, "query": "tier=gold"}


def test_parts_follow_each_other_and_the_last_one_ends_it(noon: dt.datetime) -> None:
    row = ask(noon)
    assert not kit_actions.write_list_part(export_id=row.id, made=0, count=2, text="a", at=noon, actor="worker")
    assert not kit_actions.write_list_part(export_id=row.id, made=0, count=2, text="twice", at=noon, actor="worker")
    assert kit_actions.write_list_part(export_id=row.id, made=2, count=1, text="b", at=noon, actor="worker")
    assert kit_actions.write_list_part(export_id=row.id, made=2, count=1, text="late", at=noon, actor="worker")
    assert list(row.parts.order_by("starts").values_list("text", flat=True)) == ["a", "b"]
    assert list(ListExport.objects.filter(state="waiting").values_list("id", flat=True)) == []
    with audit.coming_from("192.0.2.1"):
        kit_actions.note_list_fetched(export_id=row.id, at=noon, actor="staff:1")
    assert AuditRow.objects.get(deed="list.export_fetched").origin == "192.0.2.1"


def test_a_fault_closes_it_and_what_is_done_stays_done(noon: dt.datetime) -> None:
    row = ask(noon)
    kit_actions.write_list_part(export_id=row.id, made=0, count=2, text="a", at=noon, actor="worker")
    kit_actions.fail_list_export(export_id=row.id, error="ValueError", at=noon, actor="worker")
    row.refresh_from_db()
    assert (row.state, row.error, ListExportPart.objects.count()) == (ExportState.FAILED, "ValueError", 0)
    assert kit_actions.write_list_part(export_id=row.id, made=2, count=1, text="b", at=noon, actor="worker")
    assert not ListExportPart.objects.exists()


def test_it_is_thrown_away_after_a_week(noon: dt.datetime) -> None:
    row = ask(noon)
    kit_actions.write_list_part(export_id=row.id, made=0, count=3, text="a", at=noon, actor="worker")
    week = dt.timedelta(days=7)
    assert kit_actions.end_list_exports(at=noon + week - dt.timedelta(seconds=1), actor="night") == 0
    assert [kit_actions.end_list_exports(at=noon + week, actor="night") for _press in range(2)] == [1, 0]
    row.refresh_from_db()
    assert (row.member_ids, row.size, ListExportPart.objects.count()) == ([], 0, 0)
