"""What reports make of every kind of entry, by hand: restored, given, corrected, let go, lapsed by inactivity."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from kit import dates
from kit.models import JobRun
from membership_site.flows import nightly
from points import queries as points_queries
from points.models import Balance, Entry, Lot
from points.rules.breakage import CohortFlow
from tests.night import world
from tiers import queries as tiers_queries
from tiers.models import Closing

pytestmark = pytest.mark.django_db

D = dt.date(2026, 3, 3)
DAY = dt.timedelta(days=1)
A = (dt.date(2025, 10, 5), dt.date(2026, 10, 31))
B = (dt.date(2026, 2, 20), dt.date(2026, 3, 20))

Lots = list[tuple[tuple[dt.date, dt.date], int]]


class Books:
    """Bare entries of one member, numbered as they come."""

    def __init__(self, member_id: int) -> None:
        self.member_id, self.seq = member_id, 0
        self.policy_id = points_queries.policy_on(D).id

    def book(self, kind: str, points: int, on: dt.date, key: str = "", *, debt: int = 0, **lots: Any) -> None:
        """Will write an entry: lot= for an accrual, moved= for all others."""
        self.seq += 1
        lot, moved = lots.get("lot"), lots.get("moved")
        Entry.objects.create(
            member_id=self.member_id,
            wallet="points",
            seq=self.seq,
            kind=kind,
            points=points,
            debt_change=debt,
            balance_after=0,
            source_key=f"{key or kind}:{self.seq}",
            at=world.noon(on),
            business_date=on,
            counts_on=on,
            active_on=lot[0] if lot else None,
            expires_on=lot[1] if lot else None,
            lot_active_on=[name[0] for name, _points in moved] if moved is not None else None,
            lot_expires_on=[name[1] for name, _points in moved] if moved is not None else None,
            lot_points=[part for _name, part in moved] if moved is not None else None,
            policy_id=self.policy_id,
            actor="test",
        )


@pytest.fixture
def books(programme: None) -> Books:
    """The books of a member who joined a year ago."""
    [member_id] = world.people(1, D - 365 * DAY)
    return Books(member_id)


def held(date: dt.date = D) -> dict[tuple[str, dt.date | None], int]:
    """Points by source and month of expiry at the end of a date."""
    parts = tiers_queries.outstanding(date, is_over=True)
    return {(part.source, part.lapses): part.points for part in parts}


def test_what_was_restored_belongs_to_the_sources_before(books: Books) -> None:
    """Back in its own lot it is the order's; a courtesy lot has nothing else, so there it is its own source."""
    books.book("accrual", 100, D - 150 * DAY, "order", lot=A)
    books.book("accrual", 50, D - 150 * DAY, "sign_up", lot=A)
    books.book("redemption", -90, D - 30 * DAY, moved=[(A, 90)])
    assert held() == {("order", dt.date(2026, 10, 1)): 40, ("sign_up", dt.date(2026, 10, 1)): 20}
    books.book("restoration", 40, D - 11 * DAY, moved=[(A, 30), (B, 10)])
    assert held() == {
        ("order", dt.date(2026, 10, 1)): 60,
        ("sign_up", dt.date(2026, 10, 1)): 30,
        ("restoration", dt.date(2026, 3, 1)): 10,
    }
    assert held(D - 20 * DAY) == {("order", dt.date(2026, 10, 1)): 40, ("sign_up", dt.date(2026, 10, 1)): 20}
    flows = points_queries.cohort_flows(D)
    october = [flow for flow in flows if flow.cohort == dt.date(2025, 10, 1)]
    assert [(flow.earned, flow.redeemed) for flow in october] == [(150, 0), (0, 60)]


def test_gifts_and_corrections_feed_lots_and_a_return_takes_off_its_own(books: Books) -> None:
    """A gift in and a correction up are sources; a correction down and a gift out take from all; debts stand apart."""
    books.book("accrual", 100, D - 150 * DAY, "order", lot=A)
    books.book("transfer", 60, D - 90 * DAY, moved=[(A, 60)])
    books.book("adjustment", 40, D - 80 * DAY, lot=A)
    books.book("reversal", -100, D - 70 * DAY, "order", moved=[(A, 100)])
    month = dt.date(2026, 10, 1)
    assert held() == {("transfer", month): 60, ("adjustment", month): 40}
    books.book("adjustment", -25, D - 60 * DAY, moved=[(A, 25)])
    books.book("transfer", -25, D - 50 * DAY, moved=[(A, 25)])
    assert held() == {("transfer", month): 30, ("adjustment", month): 20}
    books.book("reversal", -70, D - 40 * DAY, "order", moved=[(A, 50)], debt=20)
    assert held() == {("debt", None): -20}
    books.book("write_off", 15, D - 30 * DAY, moved=[], debt=-15)
    assert held() == {("debt", None): -5} and held(D - 31 * DAY) == {("debt", None): -20}
    books.book("accrual", 35, D - 10 * DAY, "event", lot=B, debt=-5)
    assert held() == {("event", dt.date(2026, 3, 1)): 30}
    [first, *_later] = points_queries.cohort_flows(D)
    assert (first.cohort, first.earned) == (dt.date(2025, 10, 1), 100)


def test_inactivity_and_what_no_night_has_booked_count_on_their_dates(books: Books) -> None:
    """Lots without an end of their own end with the balance's date; late nights change no figure."""
    idle, ended = (dt.date(2025, 11, 1), dates.WHILE_ACTIVE), (dt.date(2025, 12, 1), D - 9 * DAY)
    forever = (dt.date(2025, 11, 1), dates.NEVER)
    for lot, points in ((idle, 70), (ended, 20), (forever, 5)):
        books.book("accrual", points, lot[0], "order", lot=lot)
        Lot.objects.create(
            member_id=books.member_id,
            wallet="points",
            active_on=lot[0],
            expires_on=lot[1],
            points=points,
            pending=False,
        )
    balance = Balance.objects.filter(member_id=books.member_id, wallet="points")
    balance.update(available=95, seq=3, idle_until=D - 2 * DAY, idle_months=3)
    assert held(D - 10 * DAY) == {
        ("order", dt.date(2026, 2, 1)): 20,
        ("order", dates.WHILE_ACTIVE): 70,
        ("order", dates.NEVER): 5,
    }
    assert held(D - 3 * DAY) == {("order", dates.WHILE_ACTIVE): 70, ("order", dates.NEVER): 5}
    assert held(D - 2 * DAY) == {("order", dates.NEVER): 5}
    moved = points_queries.movement(D - 20 * DAY, D, D)
    assert moved.opening == 95
    assert [(row.date, row.kind, row.points) for row in moved.moved] == [
        (D - 9 * DAY, "expiry", -20),
        (D - 2 * DAY, "expiry", -70),
    ]
    assert points_queries.movement(D - 5 * DAY, D - 3 * DAY, D) == points_queries.Movement(75, ())
    november, november_end, december, december_end = points_queries.cohort_flows(D)
    assert november == CohortFlow(idle[0], idle[0], 70, 0, 0, dates.WHILE_ACTIVE)
    assert (november_end.month, november_end.expired) == (dt.date(2026, 3, 1), 70)
    assert december.earned == december_end.expired == 20


def test_restored_points_are_taken_off_what_was_spent(books: Books) -> None:
    """In the month they came back; who got all of it back the same month has not spent."""
    books.book("accrual", 100, dt.date(2025, 12, 10), "order", lot=A)
    books.book("redemption", -80, dt.date(2026, 1, 10), moved=[(A, 80)])
    books.book("restoration", 80, dt.date(2026, 1, 12), moved=[(A, 80)])
    books.book("redemption", -50, dt.date(2026, 2, 10), moved=[(A, 50)])
    rows, firsts = tiers_queries.turnover(dt.date(2026, 1, 1), D)
    assert [(row.month.month, row.tier, row.earned, row.spent) for row in rows] == [
        (1, "member", 0, 0),
        (2, "member", 0, 50),
    ]
    assert [(row.month.month, row.earned, row.spent) for row in firsts] == [(12, 1, 0), (2, 0, 1)]


# ---- closings


def close(date: dt.date) -> int:
    """Will close a date as its night does; returns how many closings were counted."""
    JobRun.objects.all().delete()
    return int(world.night(nightly.find_step("close_liability"), date).detail.get("closings", 0))


def closed(date: dt.date) -> list[Any]:
    """What a night has counted at the end of a date."""
    found = tiers_queries.outstanding_closed(date)
    assert found is not None and found[0].date == date
    return found[1]


def test_a_night_counts_its_date_and_the_ends_of_thirteen_months(books: Books) -> None:
    books.book("accrual", 100, D - 60 * DAY, "order:web:1", lot=A)
    assert close(D) == 14
    ends = sorted(Closing.objects.values_list("date", flat=True))
    assert ends[-2:] == [dt.date(2026, 2, 28), D] and ends[0] == dt.date(2025, 2, 28) and len(ends) == 14
    for end in ends:
        assert closed(end) == tiers_queries.outstanding(end, is_over=True)
        flows = points_queries.cohort_flows(end)
        assert tiers_queries.cohorts_closed(end) == (flows if end != D else [])
    assert [part.points for part in closed(D)] == [100] and closed(dt.date(2025, 12, 31)) == []
    assert tiers_queries.last_closed() == tiers_queries.outstanding_closed(D)[0]


def test_only_what_changed_is_counted_anew(books: Books) -> None:
    books.book("accrual", 100, D - 60 * DAY, "order:web:1", lot=A)
    close(D)
    long_ago = "UPDATE points_entry SET recorded_at = now() - interval '2 days'"
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE points_entry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE tiers_decision DISABLE TRIGGER USER")
        cursor.execute(long_ago)
        cursor.execute(long_ago.replace("points_entry", "tiers_decision"))
    assert close(D) == 0, "nothing was booked since"
    assert close(D + DAY) == 1, "the new date alone; the one before is no end of a month"
    assert not Closing.objects.filter(date=D).exists()
    books.book("accrual", 7, dt.date(2026, 1, 15), "order:web:late", lot=A)
    assert close(D + DAY) == 3, "January, February and the date itself"
    assert [part.points for part in closed(dt.date(2026, 1, 31))] == [107]
    assert [part.points for part in closed(dt.date(2025, 12, 31))] == []


def test_before_there_was_a_ladder_nothing_is_counted(db: None) -> None:
    assert close(D) == 0 and tiers_queries.last_closed() is None
    assert tiers_queries.outstanding_closed(D) is None and tiers_queries.cohorts_closed(D) == []
