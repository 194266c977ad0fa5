"""What several rooms tell, asked as one: the latest of all, with every value as its own room would have read it."""

import datetime as dt
import uuid
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import CharField, DecimalField, UUIDField, Value

from kit import sql
from kit.models import AuditRow

pytestmark = pytest.mark.django_db

MONDAY = dt.datetime(2026, 3, 2, 9, 30, 0, 123450, tzinfo=dt.UTC)
TOKEN = uuid.UUID(int=7)


@dataclass(frozen=True)
class Deed:
    """A row of the audit log with values of every type that pages ask for."""

    at: dt.datetime
    deed: str
    becomes: dict[str, Any]
    amount: Decimal
    token: uuid.UUID
    nothing: str | None


def told(subject: str, limit: int = 9) -> sql.Told[Deed]:
    """Will tell of what was done to a subject."""
    rows = AuditRow.objects.filter(subject=subject).annotate(
        amount=Value(Decimal("12.50"), output_field=DecimalField(max_digits=9, decimal_places=2)),
        token=Value(TOKEN, output_field=UUIDField()),
        nothing=Value(None, output_field=CharField()),
    )
    return sql.told(rows.order_by("-at", "-id")[:limit], "at", Deed, [field.name for field in fields(Deed)])


def write(subject: str, minutes: int, deed: str = "done") -> None:
    """Will write a row of the audit log, so many minutes after Monday's."""
    at = MONDAY + dt.timedelta(minutes=minutes)
    AuditRow.objects.create(at=at, actor="x", deed=deed, subject=subject, becomes={"a": [1, "2", 2.5]})


def test_the_latest_of_all_come_as_each_room_reads_them_in_one_question(django_assert_num_queries: Any) -> None:
    """Money with its cents, instants with their microseconds; each with whose it is."""
    for minutes in range(4):
        write("ann", 2 * minutes)
        write("bob", 2 * minutes + 1)
    with django_assert_num_queries(1):
        found = sql.latest([told("ann"), told("bob")], 3)
    assert [place for place, _ in found] == [1, 0, 1]
    assert [row for place, row in found if place == 1] == told("bob", 2).rows()
    assert found[0][1] == Deed(
        MONDAY + dt.timedelta(minutes=7), "done", {"a": [1, "2", 2.5]}, Decimal("12.50"), TOKEN, None
    )
    assert str(found[0][1].amount) == "12.50"


def test_what_shares_the_last_instant_comes_along_in_the_order_asked() -> None:
    """Else a page that ends there would leave something out."""
    for subject, deed in (("ann", "first"), ("bob", "second"), ("bob", "third")):
        write(subject, 5, deed)
    write("ann", 1)
    found = sql.latest([told("bob"), told("ann")], 1)
    assert [row.deed for _, row in found] == ["third", "second", "first"]


def test_each_is_asked_for_no_more_than_its_limit_and_nothing_is_nothing() -> None:
    """A percent sign in a value is no place for a parameter."""
    for minutes in range(5):
        write("50 %s off", minutes)
    assert len(sql.latest([told("50 %s off", 2), told("nobody")], 9)) == 2
    assert sql.latest([told("nobody")], 9) == []


def test_rows_of_several_questions_are_counted_together(django_assert_num_queries) -> None:
    for number, deed in enumerate(("ask", "ask", "answer")):
        AuditRow.objects.create(actor="staff:1", deed=deed, subject=str(number), at=MONDAY)
    asked = [sql.question(AuditRow.objects.filter(deed=deed).values("id"), deed) for deed in ("ask", "answer", "never")]
    with django_assert_num_queries(1):
        assert sql.count(asked) == 3
    with django_assert_num_queries(0):
        assert sql.count([]) == 0
