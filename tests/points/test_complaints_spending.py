"""What other shops' members complained of when they spent, gave and returned, each by its number in the research."""

import datetime as dt

import pytest

from membership_site.flows import points_given, points_reserved
from points import actions as points_actions
from points import queries as points_queries
from points.actions import NotEnoughPoints, NotPositive, ReservationLapsed
from points.enums import Wallet
from points.models import Entry, Lot, Reservation
from tests.flows.shop import DAY, give_back, place, purse, use
from tests.kit.threads import kinds, overlapping, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def ann(join, give):
    """Ann with 500 points."""
    member_id = join("ann").id
    give(member_id, 500, "first", lot=(THIRD, dt.date(2026, 12, 31)))
    return member_id


def hold(member_id, points, at, key="cart"):
    return points_actions.reserve(member_id=member_id, source_key=key, points=points, at=at, actor="test")


def pay(member_id, points, at, number="1"):
    held = hold(member_id, points, at, f"cart {number}")
    return points_reserved.confirm(reservation_id=held.id, source="web", order_id=number, at=at, actor="test")


def test_complaint_2_a_refund_of_an_order_paid_with_points_never_charges_them_again(ann, noon):
    pay(ann, 300, noon)
    place("1", [("a", 2, "50")], noon)
    assert purse(ann, noon)[0] == 200
    for turn, expected in enumerate((350, 500, 500)):
        give_back("1", f"R{turn}", {"a": 1}, noon + DAY)
        assert purse(ann, noon + DAY)[0] == expected
    assert Entry.objects.filter(kind="redemption").count() == 1


@pytest.mark.parametrize(
    ("pieces", "restored", "reversed_"),
    [
        ([{"a": 1}], [30], [10]),
        ([{"a": 1}, {"a": 2}, {"b": 1}], [30, 60, 210], [10, 20, 70]),
        ([{"b": 1}, {"a": 3}], [210, 90], [70, 30]),
        ([{"a": 3, "b": 1}], [300], [100]),
        ([{"a": 9, "b": 9}, {"a": 1}], [300, 0], [100, 0]),
    ],
)
def test_complaint_3_a_partial_return_gives_back_its_part_and_spends_nothing_anew(
    ann, noon, pieces, restored, reversed_
):
    pay(ann, 300, noon)
    place("1", [("a", 3, "10"), ("b", 1, "70")], noon)
    answers = [give_back("1", f"R{n}", units, noon + DAY) for n, units in enumerate(pieces)]
    assert [answer.restored for answer in answers] == restored
    assert [answer.reversed for answer in answers] == reversed_
    assert purse(ann, noon + DAY) == (200 + sum(restored), 100 - sum(reversed_), 0)
    assert not Entry.objects.filter(kind="redemption", points__gt=-300).exists()


def test_complaint_9_what_has_expired_cannot_be_claimed_though_no_night_has_run(ann, join, give, noon):
    bob = join("bob").id
    give(bob, 200, "old", lot=(THIRD, dt.date(2026, 3, 5)))
    last, after = dt.datetime(2026, 3, 5, 15, 59, tzinfo=dt.UTC), dt.datetime(2026, 3, 5, 16, tzinfo=dt.UTC)
    with pytest.raises(NotEnoughPoints, match="0 can be spent"):
        hold(bob, 100, after)
    with pytest.raises(NotEnoughPoints):
        points_given.give(donor_id=bob, recipient_id=ann, points=10, gift_key="k", at=after, actor="t")
    with pytest.raises(NotEnoughPoints):
        use(bob, 1, after)
    assert hold(bob, 100, last, "in time").state == "held"
    assert Lot.objects.filter(member_id=bob).get().points == 100


def test_complaint_18_points_that_were_taken_during_a_checkout_are_not_spent_by_it(ann, noon):
    held = hold(ann, 400, noon)
    with pytest.raises(NotEnoughPoints, match="101 points were asked for, 100 can be spent"):
        use(ann, 101, noon)
    done = points_actions.confirm(reservation_id=held.id, order_key="order:web:1", at=noon, actor="test")
    assert (done.state, purse(ann, noon)) == ("confirmed", (100, 0, 0))
    with pytest.raises(NotEnoughPoints):
        hold(ann, 200, noon, "second")


@pytest.mark.parametrize("points", [-500, -1, 0])
def test_complaint_18_negative_amounts_are_refused_wherever_points_are_moved(ann, join, noon, points):
    bob = join("bob").id
    for deed in (
        lambda: use(ann, points, noon),
        lambda: hold(ann, points, noon),
        lambda: points_actions.spend(
            member_id=ann, source_key="k", points=points, explanation=[], policy_id=1, at=noon, actor="t"
        ),
    ):
        with pytest.raises(NotPositive, match="use a whole number from 1"):
            deed()
    with pytest.raises(points_actions.GiftTooSmall):
        points_given.give(donor_id=ann, recipient_id=bob, points=points, gift_key="k", at=noon, actor="t")
    assert purse(ann, noon) == (500, 0, 0) and purse(bob, noon) == (0, 0, 0)


def test_complaint_19_points_of_a_lapsed_payment_return_once(ann, noon):
    held = hold(ann, 400, noon)
    later = noon + HOUR
    deeds = [lambda: points_actions.lapse(member_id=ann, at=later, actor="night")] * 6
    deeds += [lambda: points_actions.release(reservation_id=held.id, at=later, actor="test")] * 6
    deeds += [lambda: points_reserved.lapse_due(at=later, actor="night")] * 4
    assert "Exception" not in kinds(together(deeds))
    assert purse(ann, later) == (500, 0, 0)
    assert Entry.objects.filter(kind="restoration").count() == 1
    with pytest.raises(ReservationLapsed):
        points_reserved.confirm(reservation_id=held.id, source="web", order_id="1", at=later, actor="test")
    place("1", ["100"], noon)
    place("1", ["100"], noon, status="cancelled", stated_at=later)
    give_back("1", "R", {"1": 1}, later)
    assert purse(ann, later) == (500, 0, 0), "the order was never paid with them, so its end brings nothing"


def test_complaint_19_cancelling_over_and_over_makes_no_points(ann, noon):
    pay(ann, 400, noon)
    place("1", ["100"], noon)
    for turn in range(1, 6):
        for status in ("cancelled", "paid"):
            at = noon + turn * DAY + (HOUR if status == "paid" else 0 * HOUR)
            place("1", ["100"], noon, status=status, stated_at=at)
            place("1", ["100"], noon, status=status, stated_at=at)
            assert purse(ann, at) == ((500, 0, 0) if status == "cancelled" else (100, 100, 0))


def test_complaint_20_points_come_back_as_points_and_never_as_money(ann, noon):
    pay(ann, 500, noon)
    place("1", [("a", 2, "50")], noon, discount="5")
    back = give_back("1", "R", {"a": 1}, noon + DAY)
    assert (back.restored, back.reversed) == (250, 47)
    rows = points_queries.list_statement(ann, wallet=Wallet.POINTS)
    restored = next(row for row in rows if row.kind == "restoration")
    said = [
        {"code": "restored", "order": "1", "spent": 500, "points": 250},
        {"code": "date_kept", "points": 250, "until": "2026-12-31"},
    ]
    assert (restored.points, restored.explanation) == (250, said)
    assert Lot.objects.get(member_id=ann, wallet="points", expires_on=dt.date(2026, 12, 31)).points == 250


def test_complaint_23_two_that_check_first_and_write_later_do_not_both_pass(ann, join, noon):
    bob = join("bob").id

    def gift(key):
        return points_given.give(donor_id=ann, recipient_id=bob, points=400, gift_key=key, at=noon, actor="t")

    assert kinds(overlapping(lambda: gift("a"), lambda: gift("b"))) == {"NewEntry": 1, "NotEnoughPoints": 1}
    both = overlapping(lambda: hold(ann, 100, noon, "a"), lambda: use(ann, 100, noon))
    assert kinds(both) == {"Reservation": 1, "NotEnoughPoints": 1}
    crossed = overlapping(
        lambda: points_given.give(donor_id=bob, recipient_id=ann, points=300, gift_key="c", at=noon, actor="t"),
        lambda: hold(bob, 200, noon),
    )
    assert kinds(crossed) == {"NewEntry": 1, "NotEnoughPoints": 1}
    assert purse(ann, noon)[0] + purse(bob, noon)[0] + sum(Reservation.objects.values_list("points", flat=True)) == 500
