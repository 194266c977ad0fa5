"""An order from being placed to its last edit: what it earns, with which tier, and when it counts."""

import datetime as dt
from decimal import Decimal

import pytest

from orders import queries as orders_queries
from orders.enums import Recorded
from orders.models import Order
from orders.rules import BadStatement
from points import queries as points_queries
from points.actions import NotEnoughPoints
from points.enums import Wallet
from points.models import Entry, PolicyVersion
from tests.flows.shop import DAY, do, give_back, place, purse, tier, use, worth
from tests.flows.test_refunds import everything
from tests.points.starter import POINTS_TERMS
from tests.tiers.published import publish
from tiers import queries as tiers_queries
from tiers.models import Standing
from tiers.rules import Requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ann(join, noon):
    return join("ann", at=noon - 800 * DAY).id


def booked(since=0):
    """The points entries after a number: key, points, kind."""
    entries = Entry.objects.filter(wallet="points", seq__gt=since).order_by("seq")
    return list(entries.values_list("source_key", "points", "kind"))


def test_an_order_earns_when_it_is_paid_and_as_of_when_it_was_placed(ann, noon):
    placed = place("1", ["100.99"], noon, status="placed")
    assert (placed.outcome, placed.points, placed.growth, placed.pending_until) == (Recorded.NEW, 0, 0, None)
    assert worth(ann, noon)["spend"] == 0 and booked() == []
    paid = place("1", ["100.99"], noon, stated_at=noon + 2 * DAY)
    assert (paid.outcome, paid.points, paid.growth) == (Recorded.CHANGED, 100, 100)
    assert paid.pending_until == dt.date(2026, 3, 10)
    assert worth(ann, noon)["spend"] == Decimal("100.99")
    assert Order.objects.get().booked_at == noon
    assert booked() == [("order:web:1:line:1", 100, "accrual")]


def test_edits_book_the_difference_line_by_line(ann, noon):
    place("1", [("a", 2, "50"), ("b", 1, "33.50"), ("c", 1, "10")], noon)
    assert purse(ann, noon) == (0, 143, 0)
    edited = place("1", [("a", 1, "50"), ("b", 1, "40"), ("d", 3, "5")], noon, stated_at=noon + HOUR)
    assert edited.outcome is Recorded.CHANGED and dict(edited.lines)["d"] == 15
    assert sorted(booked(3)) == [
        ("order:web:1:edit:2:line:a", -50, "reversal"),
        ("order:web:1:edit:2:line:b", 7, "accrual"),
        ("order:web:1:edit:2:line:c", -10, "reversal"),
        ("order:web:1:edit:2:line:d", 15, "accrual"),
    ]
    end = worth(ann, noon)
    assert (end["purse"], end["spend"], end["growth"], end["orders"]) == ((0, 105, 0), 105, 105, 1)
    renamed = place(
        "1", [("a", 1, "50"), ("b", 1, "40"), ("d", 3, "5")], noon, stated_at=noon + 2 * HOUR, discount="0.40"
    )
    assert renamed.outcome is Recorded.CHANGED and purse(ann, noon) == (0, 104, 0)


def test_a_discount_of_the_order_is_shared_over_its_lines(ann, noon):
    answer = place("1", [("a", 2, "50", "10"), ("b", 1, "30")], noon, discount="12.01")
    assert answer.points == 107 and dict(answer.lines) == {"a": 80, "b": 27}
    assert worth(ann, noon)["spend"] == Decimal("107.99")
    back = give_back("1", "R1", {"a": 1}, noon)
    assert back.reversed == 40 and worth(ann, noon)["spend"] == Decimal("67.49")


def test_cancelling_takes_all_back_and_paying_again_gives_it_again(ann, noon):
    place("1", ["100", "50"], noon)
    cancelled = place("1", ["100", "50"], noon, status="cancelled", stated_at=noon + HOUR)
    assert (cancelled.points, cancelled.growth, cancelled.status) == (0, 0, "cancelled")
    assert worth(ann, noon)["lots"] == [] and worth(ann, noon)["orders"] == 0
    assert place("1", ["100", "50"], noon, stated_at=noon).outcome is Recorded.STALE
    again = place("1", ["100", "50"], noon, stated_at=noon + 2 * HOUR)
    assert again.points == 150 and purse(ann, noon) == (0, 150, 0)
    assert [key for key, _, _ in booked(4)] == ["order:web:1:edit:3:line:1", "order:web:1:edit:3:line:2"]


def test_a_stale_statement_and_a_repeat_change_nothing(ann, noon):
    answer = place("1", ["100"], noon, stated_at=noon + HOUR)
    before = everything()
    assert place("1", ["999"], noon, stated_at=noon).outcome is Recorded.STALE
    again = place("1", ["100"], noon, stated_at=noon + HOUR)
    assert again.outcome is Recorded.SAME
    assert (again.points, again.lines, again.tier, again.statement) == (
        answer.points, answer.lines, answer.tier, answer.statement,
    )  # fmt: skip
    with pytest.raises(BadStatement):
        place("1", ["100"], noon, discount="100.01", stated_at=noon + 2 * HOUR)
    assert everything() == before


def test_the_multiplier_is_that_of_the_tier_held_when_the_order_was_placed(ann, noon):
    place("1", ["1000"], noon)
    assert tier(ann) == "silver"
    assert place("before", ["100"], noon - HOUR).points == 100
    assert place("same moment", ["100"], noon).points == 200
    assert place("after", ["100"], noon + HOUR).points == 200
    assert place("2", ["4000"], noon + DAY).points == 8000
    assert tier(ann) == "gold"
    edited = place("after", ["110.50"], noon + HOUR, stated_at=noon + 2 * DAY)
    assert edited.points == 221
    assert place("3", ["100"], noon + 3 * DAY).points == 300
    assert place("late", ["100"], noon + 12 * HOUR).points == 200
    step = points_queries.entries_of(ann, "order:web:3")[1].explanation[0]
    assert (step["multiplier"], step["tier"], step["order_points"]) == ("3", "gold", 300)


def test_a_late_order_earns_what_it_would_have_earned(ann, noon):
    place("1", ["100"], noon)
    late = place("0", ["100"], noon - 30 * DAY)
    assert (late.points, late.pending_until) == (100, dt.date(2026, 2, 8))
    assert purse(ann, noon) == (100, 100, 0)
    long_ago = place("00", ["70"], noon - 500 * DAY)
    assert long_ago.points == 70 and purse(ann, noon) == (100, 100, 0)
    assert orders_queries.spent_in_window(ann, dt.date(2025, 3, 4), dt.date(2026, 3, 3)).spend == 200
    do("survey", noon)
    assert purse(ann, noon) == (130, 100, 0)
    assert Entry.objects.get(kind="expiry").points == -70


def test_orders_in_the_window_count_to_the_day(ann, noon):
    place("1", ["999"], noon - 365 * DAY)
    place("2", ["1"], noon)
    assert tier(ann) == "member"
    place("3", ["999"], noon - 364 * DAY)
    assert tier(ann) == "silver"


def test_an_order_whose_date_is_corrected_leaves_no_trace_in_any_window(ann, noon):
    place("1", ["500"], noon)
    place("1", ["520"], noon + 2 * DAY, stated_at=noon + 2 * DAY)
    windows = [(dt.date(2026, 3, first), dt.date(2026, 3, 9)) for first in range(1, 9)]
    for first, last in windows:
        assert points_queries.growth_in_window(ann, first, last) in (0, 520)
        spent = orders_queries.spent_in_window(ann, first, last)
        assert (spent.spend, spent.orders) in ((0, 0), (520, 1))
    place("1", ["520"], noon + 2 * DAY, status="cancelled", stated_at=noon + 3 * DAY)
    for first, last in windows:
        assert points_queries.growth_in_window(ann, first, last) == 0
        assert orders_queries.spent_in_window(ann, first, last) == orders_queries.Spent(Decimal(0), 0)
    assert worth(ann, noon + 9 * DAY)["lots"] == []


def test_an_order_keeps_the_policy_it_was_placed_under(ann, noon):
    place("1", ["100"], noon)
    terms = {
        **POINTS_TERMS,
        "points_per_unit": "5",
        "return_window_days": 30,
        "expiry": {"kind": "end_of_month", "count": 1},
    }
    PolicyVersion.objects.create(number=2, effective_on=dt.date(2026, 3, 4), terms=terms, published_at=noon)
    late = place("0", ["10"], noon - HOUR)
    edited = place("1", ["120"], noon, stated_at=noon + 2 * DAY)
    assert (late.points, edited.points) == (10, 120)
    fresh = place("2", ["10"], noon + DAY)
    assert (fresh.points, fresh.pending_until) == (50, dt.date(2026, 4, 3))
    points = [(first.isoformat(), last.isoformat(), held) for wallet, first, last, held in worth(ann, noon)["lots"][1:]]
    assert points == [("2026-03-10", "2027-03-31", 130), ("2026-04-03", "2026-05-31", 50)]
    assert give_back("1", "R1", {"1": 1}, noon + 3 * DAY).reversed == 120


@pytest.mark.parametrize(
    ("zone", "placed", "usable", "lapsed"),
    [
        ("Asia/Shanghai", "2026-03-03T04:00+00:00", "2026-03-09T16:00+00:00", "2027-03-31T16:00+00:00"),
        ("Asia/Shanghai", "2028-02-21T16:00+00:00", "2028-02-28T16:00+00:00", "2029-02-28T16:00+00:00"),
        ("Asia/Shanghai", "2026-01-24T15:59+00:00", "2026-01-30T16:00+00:00", "2027-01-31T16:00+00:00"),
        ("Europe/Berlin", "2026-03-22T11:00+00:00", "2026-03-28T23:00+00:00", "2027-03-31T22:00+00:00"),
        ("Europe/Berlin", "2026-03-25T22:59+00:00", "2026-03-31T22:00+00:00", "2027-04-30T22:00+00:00"),
        ("America/Sao_Paulo", "2018-10-28T12:00+00:00", "2018-11-04T03:00+00:00", "2019-12-01T03:00+00:00"),
    ],
)
def test_points_come_and_go_at_midnight_of_the_programme(join, settings, zone, placed, usable, lapsed):
    settings.PROGRAMME_TIME_ZONE = zone
    at, first, end = (dt.datetime.fromisoformat(text) for text in (placed, usable, lapsed))
    ann = join("ann", at=at - DAY).id
    place("1", ["1000"], at)
    instant = dt.timedelta(microseconds=1)
    assert [purse(ann, when)[0] for when in (first - instant, first, end - instant, end)] == [0, 1000, 1000, 0]
    standing = tiers_queries.get_standing(ann, at)
    assert standing.until == standing.since.replace(year=standing.since.year + 1)
    with pytest.raises(NotEnoughPoints):
        use(ann, 1, first - instant)
    assert use(ann, 1000, end - instant).points == -1000
    assert tier(ann) == "silver" and worth(ann, end)["growth"] == 1000


def test_ids_as_long_as_a_shop_may_make_them(ann, noon):
    for char in ("x", ":", "订"):
        number, line, back = (char * 127 + end for end in "123")
        place(number, [(line, 2, "100")], noon)
        give_back(number, back, {line: 1}, noon + DAY)
        place(number, [(line, 2, "100")], noon, status="cancelled", stated_at=noon + 2 * DAY)
        do("review", noon + 3 * DAY, event_id=number)
    assert purse(ann, noon + 3 * DAY) == (60, 0, 0)


def test_two_shops_may_use_one_number(ann, noon):
    place("1", ["100"], noon)
    place("1", ["100"], noon, source="pos")
    place("1:line", ["100"], noon)
    give_back("1", "R1", {"1": 1}, noon)
    assert purse(ann, noon) == (0, 200, 0)
    assert [row.points for row in points_queries.entries_of(ann, "order:pos:1") if row.wallet == Wallet.POINTS] == [100]


def test_an_order_is_decided_on_every_ladder_in_force_when_it_was_placed(ann, join, noon):
    """Whoever was there before the second ladder began is placed on it by what he does; the main one multiplies."""
    today = noon.date()
    publish(today, ladder="club", rungs={"silver": {"reach": Requirement(orders=1)}})
    cat = join("cat", at=noon).id
    place("0", ["10"], noon - DAY)
    assert list(Standing.objects.filter(ladder__code="club").values_list("member_id", "rank")) == [(cat, 0)]
    place("1", ["10"], noon)
    place("2", ["10"], noon + HOUR)
    stands = Standing.objects.filter(member_id=ann).order_by("ladder_id").values_list("ladder__code", "rank", "orders")
    assert list(stands) == [("main", 0, 3), ("club", 1, 3)]
    assert booked(2)[-1] == ("order:web:2:line:1", 10, "accrual")
