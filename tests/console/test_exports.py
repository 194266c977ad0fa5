"""Lists as files: asked for with the effect, made in parts that a kill does not double, fetched by who asked."""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.test import Client

from kit import actions as kit_actions
from kit import clock
from kit.enums import ExportState
from kit.jobs import Night
from kit.models import AuditRow, ListExport, ListExportPart
from membership_site.flows import list_exported, member_exported
from tests.kit.broken import breaks

from .conftest import Join, buy, crowd, queries_of, text_of

pytestmark = pytest.mark.django_db

ASK, FILES = "/console/members/export/", "/console/exports/"
Enter = Callable[[str], Client]


def falls_at(call: int, fault: BaseException) -> Callable[[], dt.datetime]:
    """A clock at whose so-manieth look, counted from 0, something happens to its worker."""
    looks = count()

    def now() -> dt.datetime:
        if next(looks) == call:
            raise fault
        return clock.now()

    return now


def ask(client: Client, query: str = "", form_key: uuid.UUID | None = None) -> Any:
    """Will ask for the list of an address as a file."""
    return client.post(ASK, {"query": query, "form_key": str(form_key or uuid.uuid4())})


def table_of(client: Client, export_id: int) -> list[list[str]]:
    """Will fetch a file and read it as a spreadsheet does."""
    answer = client.get(f"{FILES}{export_id}.csv")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_a_list_is_asked_for_made_and_fetched(enter: Enter, join: Join, noon: dt.datetime, monkeypatch: Any) -> None:
    """Whoever the filters keep, in parts, without a name or an address; each step stands in the audit log."""
    monkeypatch.setattr(list_exported, "MEMBERS_A_PART", 7)
    crowd(join, 30, noon)
    buy("guest001", "BIG", "1500", noon - dt.timedelta(days=1))
    client = enter("finance")
    page = text_of(client.get(f"{ASK}?spend_min=60").content.decode())
    wanted = {row.number for row in client.get("/console/members/?spend_min=60").context["page"].rows}
    assert f"{len(wanted)} members are written." in page
    assert ask(client, "spend_min=60")["Location"] == FILES
    row = ListExport.objects.get()
    assert (row.size, row.state) == (len(wanted), ExportState.WAITING)
    assert f"0 of {len(wanted)} members written" in client.get(FILES).content.decode()
    assert list_exported.make_waiting(now=clock.now) == 1
    assert list_exported.make_waiting(now=clock.now) == 0
    heads, *lines = table_of(client, row.id)
    assert heads == ["Member number", "Joined on", "Tier", "Points", "Spend", "Stage", "Last order"]
    assert {line[0] for line in lines} == wanted
    assert len(lines) == len(wanted)
    assert any(line[2] == "Silver" and line[6] == "2026-03-02" for line in lines)
    assert "guest" not in str(lines).lower()
    deeds = AuditRow.objects.filter(deed__startswith="list.").order_by("id").values_list("deed", flat=True)
    assert list(deeds) == ["list.export_asked", "list.export_fetched"]


def test_a_killed_worker_goes_on_where_it_was(enter: Enter, join: Join, noon: dt.datetime, monkeypatch: Any) -> None:
    """Nobody twice and nobody lost, wherever it was killed; a fault closes the file with its kind."""
    monkeypatch.setattr(list_exported, "MEMBERS_A_PART", 4)
    crowd(join, 15, noon)
    client = enter("operator")
    ask(client)
    row = ListExport.objects.get()
    with pytest.raises(SystemExit):
        list_exported.make_waiting(now=falls_at(4, SystemExit()))
    row.refresh_from_db()
    assert (row.made, row.state) == (8, ExportState.WAITING)
    assert not kit_actions.write_list_part(export_id=row.id, made=4, count=4, text="again", at=noon, actor="worker")
    assert list_exported.make_waiting(now=clock.now) == 1
    numbers = [line[0] for line in table_of(client, row.id)[1:]]
    assert len(numbers) == len(set(numbers)) == 15
    ask(client)
    assert list_exported.make_waiting(now=falls_at(2, ValueError("secret words"))) == 0
    failed = ListExport.objects.latest("id")
    assert (failed.state, failed.error, failed.parts.count()) == (ExportState.FAILED, "ValueError", 0)
    page = text_of(client.get(FILES).content.decode())
    assert "It could not be made (ValueError)" in page
    assert "secret words" not in page


def test_a_file_is_its_askers_alone_and_for_a_week(enter: Enter, join: Join, noon: dt.datetime) -> None:
    """Another person finds none; after seven days it is thrown away, with whom it had."""
    join("ann")
    client, key = enter("operator"), uuid.uuid4()
    for _press in range(2):
        ask(client, "", key)
    row = ListExport.objects.get()
    assert client.get(f"{FILES}{row.id}.csv").status_code == 404
    list_exported.make_waiting(now=clock.now)
    other = enter("finance")
    assert other.get(f"{FILES}{row.id}.csv").status_code == 404
    assert "No files yet" in other.get(FILES).content.decode()
    night = Night(noon.date() + dt.timedelta(days=7))
    assert sum(chunk.rows for chunk in member_exported.end_exports(Night(noon.date() + dt.timedelta(days=5)), 0)) == 0
    assert sum(chunk.rows for chunk in member_exported.end_exports(night, 0)) == 1
    assert sum(chunk.rows for chunk in member_exported.end_exports(night, 0)) == 0
    row.refresh_from_db()
    assert (row.member_ids, ListExportPart.objects.count()) == ([], 0)


def test_what_cannot_be_read_or_has_nobody_is_refused(enter: Enter, join: Join) -> None:
    """A filter that is not understood would widen the list, so it stops it."""
    join("ann")
    client = enter("operator")
    for query in ("tier=diamond", "spend_min=x", "segment=99"):
        assert "Nothing was begun" in client.get(f"{ASK}?{query}", follow=True).content.decode(), query
        ask(client, query)
    assert "1 member is written." in client.post(ASK, {"query": "", "form_key": "x"}).content.decode()
    assert not ListExport.objects.exists()


def test_an_agent_is_not_offered_files(enter: Enter, join: Join) -> None:
    """He helps one member at a time."""
    join("ann")
    assert "Take as a file" not in enter("agent").get("/console/members/").content.decode()
    assert "Take as a file" in enter("operator").get("/console/members/").content.decode()


def test_the_list_of_files_takes_the_same_queries(enter: Enter, join: Join) -> None:
    """However many there are."""
    join("ann")
    client = enter("operator")
    ask(client)
    one, _ = queries_of(client, FILES)
    for _file in range(5):
        ask(client)
    assert queries_of(client, FILES)[0] == one <= 8


def test_the_audit_log_is_a_file_too(enter: Enter, join: Join, noon: dt.datetime, monkeypatch: Any) -> None:
    """Filtered as the page is, every row once, formulas made harmless; and taking it is a deed."""
    monkeypatch.setattr("membership_site.console.pages.audit.ROWS_A_CHUNK", 3)
    for number in range(8):
        at = noon - dt.timedelta(minutes=number)
        AuditRow.objects.create(at=at, actor="night", deed="job.approve", subject=f"job:{number}", reason="=1+1")
    AuditRow.objects.create(at=noon, actor="night", deed="job.requested", subject="job:other")
    answer = enter("auditor").get("/console/audit/log.csv?deed=job.approve")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:4] == ["When", "Who", "Deed", "About"]
    assert sorted(row[3] for row in rows[1:]) == [f"job:{number}" for number in range(8)]
    assert {row[4] for row in rows[1:]} == {"'=1+1"}
    assert AuditRow.objects.get(deed="audit.exported").becomes == {"deed": "job.approve"}


def test_the_database_keeps_files_whole(noon: dt.datetime) -> None:
    """Never more made than there are, done only when all are; a part once, a form once."""
    more: dict[str, Any] = {"actor": "staff:1", "language": "en", "member_ids": [1, 2], "size": 2, "asked_at": noon}
    row = ListExport.objects.create(form_key=uuid.uuid4(), **more)
    with breaks("kit_listexport_within_size"):
        ListExport.objects.update(made=3)
    with breaks("kit_listexport_done_when_made"):
        ListExport.objects.update(state="done", made=1, done_at=noon, ends_at=noon)
    with breaks("kit_listexport_form_key_key"):
        ListExport.objects.create(form_key=row.form_key, **more)
    ListExportPart.objects.create(export=row, starts=0, text="a")
    with breaks("kit_listexportpart_pkey"):
        ListExportPart.objects.create(export=row, starts=0, text="b")
