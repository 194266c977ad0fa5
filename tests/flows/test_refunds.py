"""Returns take back what was earned, by line and unit, once, and say beforehand what they will do."""

import datetime as dt
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import connection, transaction

from orders.actions import StatementChanged
from orders.enums import Recorded
from orders.rules import BadStatement
from points import queries as points_queries
from points.actions import NotEnoughPoints
from points.enums import Wallet
from points.models import Entry
from tests.flows.shop import DAY, do, give_back, place, purse, use, worth

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
ROOMS = {"kit", "members", "orders", "points", "tiers"}
LINES = [("a", 3, "33.40"), ("b", 1, "0.80"), ("c", 2, "0")]


@pytest.fixture
def ann(join):
    return join("ann").id


def everything():
    """All rows of all our tables."""
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.split(".")[0] in ROOMS]
    with connection.cursor() as cursor:
        rows = {}
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
            rows[table] = cursor.fetchall()
    return rows


@pytest.mark.parametrize(
    ("pieces", "taken"),
    [
        ([{"a": 3, "b": 1}], [101]),
        ([{"a": 1}, {"a": 1}, {"a": 1}, {"b": 1}], [33, 33, 34, 1]),
        ([{"a": 2}, {"b": 1}, {"a": 1}], [66, 1, 34]),
        ([{"b": 1}, {"a": 1}, {"a": 2}], [1, 33, 67]),
        ([{"a": 1, "b": 1}, {"a": 5}], [34, 67]),
        ([{"c": 2}, {"a": 3, "b": 1}], [0, 101]),
    ],
)
def test_returns_in_pieces_sum_to_what_was_earned(ann, noon, pieces, taken):
    assert place("1", LINES, noon).points == 101
    answers = [give_back("1", f"R{number}", units, noon + number * DAY) for number, units in enumerate(pieces, 1)]
    assert [answer.reversed for answer in answers] == [answer.growth for answer in answers] == taken
    end = worth(ann, noon + 9 * DAY)
    assert end["purse"] == (0, 0, 0) and end["lots"] == [] and end["growth"] == 0 and end["spend"] == 0
    assert end["orders"] == (0 if {"c": 2} in pieces else 1)


def test_a_refund_twice_is_one_and_other_content_is_refused(ann, noon):
    place("1", LINES, noon)
    first = give_back("1", "R1", {"a": 1}, noon + DAY)
    before = everything()
    again = give_back("1", "R1", {"a": 1}, noon + DAY)
    assert (first.outcome, again.outcome) == (Recorded.NEW, Recorded.SAME)
    assert (again.reversed, again.growth, again.debt, again.tier, again.statement) == (
        first.reversed, first.growth, first.debt, first.tier, first.statement,
    )  # fmt: skip
    for units in ({"a": 2}, {"b": 1}):
        with pytest.raises(StatementChanged):
            give_back("1", "R1", units, noon + DAY)
    with pytest.raises(BadStatement, match="no line z"):
        give_back("1", "R2", {"z": 1}, noon + DAY)
    assert everything() == before


def test_spent_points_become_a_debt_and_the_next_earnings_repay_it_as_a_step_one_can_see(ann, noon):
    place("1", [("a", 2, "100")], noon)
    use(ann, 150, noon + 8 * DAY)
    refund = give_back("1", "R1", {"a": 2}, noon + 9 * DAY)
    assert (refund.reversed, refund.debt, refund.growth) == (200, 150, 200)
    assert purse(ann, noon + 9 * DAY) == (0, 0, 150)
    with pytest.raises(NotEnoughPoints, match="150 are owed"):
        use(ann, 1, noon + 9 * DAY)
    place("2", ["60", "50"], noon + 10 * DAY)
    do("survey", noon + 11 * DAY)
    assert purse(ann, noon + 11 * DAY) == (0, 0, 10)
    do("review", noon + 12 * DAY)
    assert purse(ann, noon + 12 * DAY) == (10, 0, 0)
    repaid = [
        (row.source_key.split(":")[0], step["points"])
        for row in reversed(points_queries.list_statement(ann, wallet=Wallet.POINTS))
        for step in row.explanation
        if step["code"] == "debt_repaid"
    ]
    assert repaid == [("order", 60), ("order", 50), ("event", 30), ("event", 10)]
    assert use(ann, 10, noon + 12 * DAY).balance_after == 0


@pytest.mark.parametrize("night_ran", [False, True])
def test_what_lapsed_is_not_asked_for_again(ann, noon, night_ran):
    place("1", [("a", 2, "100")], noon)
    use(ann, 50, noon + 8 * DAY)
    long_after = dt.datetime(2027, 4, 5, tzinfo=dt.UTC)
    if night_ran:
        do("survey", long_after - DAY)
        assert Entry.objects.filter(kind="expiry").count() == 1
    refund = give_back("1", "R1", {"a": 2}, long_after)
    assert (refund.reversed, refund.debt) == ((50, 20) if night_ran else (50, 50))
    assert said(refund)["already_expired"] == 150
    assert purse(ann, long_after) == (0, 0, 20 if night_ran else 50)


def test_a_return_told_of_late_is_spared_what_has_expired_since(ann, noon):
    place("1", [("a", 2, "100")], noon)
    last = dt.datetime(2027, 3, 31, 4, tzinfo=dt.UTC)
    do("survey", last + DAY)
    assert Entry.objects.get(kind="expiry").points == -200
    refund = give_back("1", "R1", {"a": 2}, last)
    assert (refund.reversed, refund.debt, said(refund)["already_expired"]) == (0, 0, 200)
    assert purse(ann, last + DAY) == (30, 0, 0)


def said(refund):
    """The steps of a return's last line in points."""
    entry = [row for row in refund.statement if row.wallet == "points"][-1]
    return {step["code"]: step.get("points") for step in entry.explanation}


def test_what_lapsed_is_spared_one_return_of_those_that_share_the_lot(ann, noon):
    place("1", [("a", 1, "100")], noon)
    place("2", [("a", 1, "100")], noon)
    use(ann, 80, noon + 8 * DAY)
    long_after = dt.datetime(2027, 4, 5, tzinfo=dt.UTC)
    first = give_back("1", "R1", {"a": 1}, long_after)
    assert (first.reversed, first.debt, said(first)["already_expired"]) == (0, 0, 100)
    second = give_back("2", "R1", {"a": 1}, long_after)
    assert (second.reversed, second.debt, said(second)["already_expired"]) == (80, 80, 20)


def test_a_return_of_which_nothing_is_taken_has_its_line_and_nobody_asks_twice(ann, noon):
    place("1", [("a", 2, "100")], noon)
    do("survey", dt.datetime(2027, 4, 5, tzinfo=dt.UTC))
    before = Entry.objects.count()
    later = dt.datetime(2027, 4, 6, tzinfo=dt.UTC)
    refund = give_back("1", "R1", {"a": 1}, later)
    assert (refund.reversed, refund.debt) == (0, 0)
    line = Entry.objects.get(member_id=ann, wallet="points", kind="reversal")
    assert (line.points, line.lot_points, line.balance_after) == (0, [], 30)
    assert give_back("1", "R2", {"a": 1}, later).reversed == 0
    place("1", [("a", 2, "100")], noon, status="cancelled", stated_at=later)
    lines = Entry.objects.filter(member_id=ann, wallet="points", kind="reversal")
    assert [(entry.points, entry.explanation[1]["points"]) for entry in lines.order_by("seq")] == [(0, 100), (0, 100)]
    assert Entry.objects.count() == before + 4, "two lines in points, two in growth"


def test_the_tier_holds_and_growth_and_spend_go_back_at_once(ann, noon):
    assert place("1", [("a", 2, "600")], noon).tier.code == "silver"
    refund = give_back("1", "R1", {"a": 1}, noon + DAY)
    assert (refund.tier.code, refund.tier.changed) == ("silver", False)
    end = worth(ann, noon + DAY)
    assert (end["tier"], end["spend"], end["growth"], end["orders"]) == ("silver", Decimal(600), 600, 1)
    assert place("2", ["10"], noon + 2 * DAY).points == 20


BIG = [("a", 3, "500"), ("b", 1, "501.99")]

SCENES = {
    "fresh": lambda ann, noon: None,
    "partly back": lambda ann, noon: give_back("1", "R0", {"a": 1}, noon + DAY),
    "spent": lambda ann, noon: use(ann, 1900, noon + 8 * DAY),
    "in debt": lambda ann, noon: (use(ann, 2000, noon + 8 * DAY), give_back("1", "R0", {"b": 1}, noon + 8 * DAY)),
    "lapsed": lambda ann, noon: do("survey", dt.datetime(2027, 4, 5, tzinfo=dt.UTC)),
    "cancelled": lambda ann, noon: place("1", BIG, noon, status="cancelled", stated_at=noon + DAY),
    "booked already": lambda ann, noon: give_back("1", "R1", {"a": 2, "b": 1}, dt.datetime(2027, 4, 6, tzinfo=dt.UTC)),
}


@pytest.mark.parametrize("scene", SCENES)
def test_a_preview_is_what_the_booking_does_and_writes_nothing(ann, noon, scene):
    place("1", BIG, noon)
    SCENES[scene](ann, noon)
    before, at = everything(), dt.datetime(2027, 4, 6, tzinfo=dt.UTC)
    seen = give_back("1", "R1", {"a": 2, "b": 1}, at, preview=True)
    assert everything() == before
    done = give_back("1", "R1", {"a": 2, "b": 1}, at)
    assert done == seen
    assert (everything() == before) == (scene == "booked already")


def test_a_preview_of_an_order_nobody_knows_parks_nothing(ann, noon):
    before = everything()
    assert give_back("9", "R1", {"a": 1}, noon, preview=True).outcome == Recorded.PARKED
    assert everything() == before


def test_a_refund_before_its_order_is_booked_with_it(ann, noon):
    assert give_back("1", "R1", {"a": 2}, noon + DAY).outcome == Recorded.PARKED
    assert give_back("1", "R1", {"a": 2}, noon + DAY).outcome == Recorded.PARKED
    with pytest.raises(StatementChanged):
        give_back("1", "R1", {"a": 1}, noon + DAY)
    place("1", LINES, noon, status="placed")
    assert give_back("1", "R2", {"b": 1}, noon + 2 * DAY).outcome == Recorded.PARKED
    paid = place("1", LINES, noon, stated_at=noon + 3 * DAY)
    assert paid.points == 101 and purse(ann, noon + 3 * DAY) == (0, 34, 0)
    told = give_back("1", "R1", {"a": 2}, noon + DAY)
    assert (told.outcome, told.reversed) == (Recorded.SAME, 66)


def test_a_refund_that_fails_leaves_nothing_half_done(ann, noon):
    place("1", LINES, noon)
    before = everything()
    with pytest.raises(RuntimeError), transaction.atomic(), connection.execute_wrapper(fails_at("tiers_standing")):
        give_back("1", "R1", {"a": 1}, noon + DAY)
    assert everything() == before
    assert give_back("1", "R1", {"a": 1}, noon + DAY).reversed == 33


def fails_at(table):
    """A connection that breaks when the tier is evaluated, after the points were booked."""

    def wrapper(execute, sql, params, many, context):
        if table in sql:
            raise RuntimeError
        return execute(sql, params, many, context)

    return wrapper
