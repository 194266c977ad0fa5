"""Points that paid for an order come back with its return: into their very lots, in whatever pieces, never more."""

import contextlib
import datetime as dt
import itertools
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from membership_site.flows import points_reserved
from orders import queries as orders_queries
from orders.rules import BadStatement
from points import actions as points_actions
from points.enums import EntryKind
from points.models import Entry, Lot, PolicyVersion
from points.rules import redemption, restoring
from points.rules.restoring import Kept, Step
from tests.flows.shop import DAY, give_back, place, purse, use
from tests.kit.examples import FEW, MANY
from tests.points.starter import POINTS_TERMS, policy

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)
SOON, LATE = (THIRD, dt.date(2026, 3, 10)), (THIRD, dt.date(2026, 12, 31))
LINES = [("a", 3, "33.40"), ("b", 1, "0.80"), ("c", 2, "0")]
"""101 points, and a basis of 101."""


@pytest.fixture
def ann(join, give):
    """Ann with 150 points that end soon and 300 that end late."""
    member_id = join("ann").id
    give(member_id, 150, "soon", lot=SOON)
    give(member_id, 300, "late", lot=LATE)
    return member_id


def pay(member_id, at, points=200, number="1"):
    """Will reserve points and confirm them for an order."""
    held = points_actions.reserve(member_id=member_id, source_key=f"cart {number}", points=points, at=at, actor="test")
    return points_reserved.confirm(reservation_id=held.id, source="web", order_id=number, at=at, actor="test")


def lots(member_id):
    """What is in the lots that were there at first."""
    found = Lot.objects.filter(member_id=member_id, wallet="points", expires_on__in=[SOON[1], LATE[1]])
    return dict(found.values_list("expires_on", "points"))


@pytest.mark.parametrize(
    ("pieces", "back"),
    [
        ([{"a": 3, "b": 1}], [200]),
        ([{"a": 1}, {"a": 1}, {"a": 1}, {"b": 1}, {"c": 2}], [66, 66, 66, 2, 0]),
        ([{"a": 2}, {"b": 1}, {"a": 1}, {"c": 2}], [132, 1, 67, 0]),
        ([{"c": 2}, {"b": 1}, {"a": 1}, {"a": 2}], [0, 1, 66, 133]),
        ([{"a": 3}, {"a": 3, "b": 5, "c": 9}], [198, 2]),
    ],
)
def test_returns_in_pieces_bring_back_what_was_paid_and_no_more(ann, noon, pieces, back):
    pay(ann, noon)
    place("1", LINES, noon)
    answers = [give_back("1", f"R{n}", units, noon + n * DAY) for n, units in enumerate(pieces)]
    assert [answer.restored for answer in answers] == back
    assert lots(ann) == {SOON[1]: 150, LATE[1]: 300}
    again = give_back("1", "R0", pieces[0], noon)
    assert (again.restored, again.reversed) == (answers[0].restored, answers[0].reversed)


def test_a_part_comes_back_into_what_lasts_longest(ann, noon):
    pay(ann, noon)
    place("1", [("a", 4, "25")], noon)
    assert lots(ann) == {LATE[1]: 250}
    give_back("1", "R1", {"a": 1}, noon + DAY)
    assert lots(ann) == {LATE[1]: 300}
    give_back("1", "R2", {"a": 1}, noon + DAY)
    assert lots(ann) == {SOON[1]: 50, LATE[1]: 300}


def test_the_preview_says_what_the_booking_does(ann, noon):
    pay(ann, noon)
    place("1", [("a", 4, "25")], noon)
    seen = give_back("1", "R1", {"a": 1}, noon + DAY, preview=True)
    assert (seen.restored, seen.reversed) == (50, 25) and lots(ann) == {LATE[1]: 250}
    assert give_back("1", "R1", {"a": 1}, noon + DAY) == seen
    entry = next(row for row in seen.statement if row.kind == "restoration")
    assert entry.source_key == "order:web:1:refund:R1:restored"
    assert entry.explanation == [
        {"code": "restored", "order": "1", "spent": 200, "points": 50},
        {"code": "date_kept", "points": 50, "until": "2026-12-31"},
    ]


def test_what_the_order_earned_is_taken_from_what_comes_back_and_is_no_debt(ann, noon):
    place("1", ["100"], noon)
    held = points_actions.reserve(member_id=ann, source_key="c", points=450, at=noon + 7 * DAY, actor="test")
    points_reserved.confirm(reservation_id=held.id, source="web", order_id="1", at=noon + 7 * DAY, actor="test")
    use(ann, 100, noon + 7 * DAY)
    back = give_back("1", "R", {"1": 1}, noon + 7 * DAY)
    assert (back.restored, back.reversed, back.debt) == (450, 100, 0)
    assert purse(ann, noon + 7 * DAY) == (350, 0, 0)


def test_a_cancellation_brings_everything_back_and_paying_after_all_takes_it_again(ann, noon):
    pay(ann, noon)
    place("1", ["100"], noon)
    for turn in range(3):
        at = noon + (turn + 1) * DAY
        place("1", ["100"], noon, status="cancelled", stated_at=at)
        assert purse(ann, at) == (450, 0, 0) and lots(ann) == {SOON[1]: 150, LATE[1]: 300}
        place("1", ["100"], noon, stated_at=at + DAY / 2)
        assert purse(ann, at) == (250, 100, 0)
    taken = Entry.objects.filter(kind="reversal", source_key__endswith=":restored")
    assert [entry.points for entry in taken] == [-200] * 3
    assert taken[0].explanation == [{"code": "taken_again", "points": 200}]
    assert place("1", ["100"], noon, stated_at=noon + 9 * DAY).points == 100


def test_what_was_used_meanwhile_is_owed_when_it_is_taken_again_and_comes_back_once_more(ann, noon):
    pay(ann, noon)
    place("1", ["100"], noon)
    place("1", ["100"], noon, status="cancelled", stated_at=noon + DAY)
    use(ann, 400, noon + 2 * DAY)
    place("1", ["100"], noon, stated_at=noon + 3 * DAY)
    assert purse(ann, noon + 3 * DAY) == (0, 0, 50)
    place("1", ["100"], noon, status="cancelled", stated_at=noon + 4 * DAY)
    assert purse(ann, noon + 4 * DAY) == (50, 0, 0)


def test_an_order_cancelled_before_it_was_paid_brings_everything_back(ann, noon):
    place("1", ["100"], noon, status="placed")
    pay(ann, noon)
    place("1", ["100"], noon, status="cancelled", stated_at=noon + DAY)
    assert lots(ann) == {SOON[1]: 150, LATE[1]: 300}
    place("1", ["100"], noon, stated_at=noon + 2 * DAY)
    assert purse(ann, noon + 2 * DAY)[0] == 250
    place("2", ["100"], noon, status="cancelled")
    assert purse(ann, noon + 2 * DAY)[0] == 250


def test_returns_that_come_before_the_confirmation_count_with_it(ann, noon):
    held = points_actions.reserve(member_id=ann, source_key="c", points=200, at=noon, actor="test")
    place("1", [("a", 4, "25")], noon)
    give_back("1", "R", {"a": 1}, noon + DAY)
    for _ in range(2):
        points_reserved.confirm(reservation_id=held.id, source="web", order_id="1", at=noon, actor="test")
        assert purse(ann, noon)[0] == 300
    assert give_back("1", "R2", {"a": 1}, noon + DAY).restored == 50


def test_a_return_before_its_order_brings_the_points_back_with_it(ann, noon):
    pay(ann, noon)
    give_back("1", "R", {"a": 4}, noon + DAY)
    place("1", [("a", 4, "25")], noon)
    assert purse(ann, noon + DAY) == (450, 0, 0)


def test_an_edit_gives_back_the_share_of_what_was_taken_out_and_a_return_never_takes_again(ann, noon):
    pay(ann, noon)
    place("1", ["50", "50"], noon)
    assert give_back("1", "R", {"1": 1}, noon + DAY).restored == 100
    place("1", [("2", 1, "50")], noon, stated_at=noon + 2 * DAY)
    assert purse(ann, noon + 2 * DAY)[0] == 350
    assert give_back("1", "R2", {"2": 1}, noon + 3 * DAY).restored == 100


def test_an_order_that_grew_keeps_its_points(ann, noon):
    pay(ann, noon)
    place("1", ["50"], noon)
    place("1", ["50", "50"], noon, stated_at=noon + DAY)
    assert purse(ann, noon + DAY)[0] == 250
    assert give_back("1", "R", {"1": 1, "2": 1}, noon + DAY).restored == 200


@pytest.mark.parametrize(("days", "soon"), [(30, 30), (0, None)])
def test_what_has_lapsed_meanwhile_comes_back_for_a_courtesy_or_not_at_all(ann, noon, days, soon):
    terms = {**POINTS_TERMS, "courtesy_days": days}
    PolicyVersion.objects.create(number=2, effective_on=THIRD, terms=terms, published_at=noon)
    pay(ann, noon)
    place("1", ["100"], noon)
    at = noon + 20 * DAY
    back = give_back("1", "R", {"1": 1}, at)
    entry = next(row for row in back.statement if row.kind == "restoration")
    if soon:
        until = at.date() + dt.timedelta(days=soon)
        assert (back.restored, purse(ann, at)[0]) == (200, 450)
        assert {"code": "courtesy", "points": 150, "until": until.isoformat()} in entry.explanation
        assert purse(ann, at + soon * DAY)[0] == 450 and purse(ann, at + (soon + 1) * DAY)[0] == 300
    else:
        assert (back.restored, purse(ann, at)[0]) == (50, 300)
        assert {"code": "lapsed_meanwhile", "points": 150} in entry.explanation
    place("1", ["100"], noon, status="cancelled", stated_at=at + DAY)
    assert purse(ann, at + DAY)[0] == (450 if soon else 300), "what was given up is not given back later"


def test_orders_without_points_are_left_alone(ann, noon):
    place("1", ["100"], noon)
    assert give_back("1", "R", {"1": 1}, noon).restored == 0
    assert points_actions.restore_spent(
        member_id=ann, order_key="order:web:1", occasion="x", kept=Kept(Decimal(1), Decimal(0), True), at=noon,
        actor="test",
    ) == 0  # fmt: skip


# ---- the arithmetic


@MANY
@given(points=st.integers(1, 10**9), first=st.decimals(0, 10**6, places=2), cuts=st.lists(st.integers(0, 100)))
def test_what_is_due_only_grows_with_what_comes_back_and_ends_at_the_whole(points, first, cuts):
    left = [first] + [first * cut / 100 for cut in sorted(cuts, reverse=True)]
    dues = [restoring.due(points, Kept(first, one, nothing=False)) for one in left]
    assert dues == sorted(dues) and dues[0] == 0
    assert all(0 <= one <= points for one in dues)
    assert restoring.due(points, Kept(first, Decimal(0), nothing=True)) == points
    assert restoring.due(points, Kept(first, first + 1, nothing=False)) == 0


LOTS = st.tuples(st.sampled_from([SOON, LATE, (THIRD, THIRD)]), st.integers(1, 50))


@MANY
@given(taken=st.lists(LOTS, min_size=1), parts=st.lists(st.integers(1, 60)))
def test_what_is_still_out_is_what_was_taken_less_what_came_back(taken, parts):
    steps = [Step(EntryKind.REDEMPTION, -sum(n for _, n in taken), tuple(taken), 0, [])]
    for points in parts:
        out = restoring.still_out(steps)
        left, off = restoring.split(out, points)
        assert sum(n for _, n in left) + sum(n for _, n in off) == sum(n for _, n in out)
        came = sum(n for _, n in off)
        assert came == min(points, sum(n for _, n in out))
        if came:
            steps.append(Step(EntryKind.RESTORATION, came, tuple(off), 0, [{"code": "restored"}]))
        assert restoring.still_out(steps) == left
    assert restoring.came_back(steps) == sum(n for _, n in taken) - sum(n for _, n in restoring.still_out(steps))


@MANY
@given(
    basis=st.decimals(0, 10**5, places=2),
    wanted=st.none() | st.integers(-10, 10**7),
    rate=st.integers(1, 1000),
    least=st.integers(0, 500),
    percent=st.integers(0, 100),
    exponent=st.sampled_from([0, 2, 3]),
)
def test_money_off_is_within_what_is_wanted_the_share_and_the_rate(basis, wanted, rate, least, percent, exponent):
    terms = {"points_per_unit": rate, "points_min": least, "share_max": str(Decimal(percent) / 100)}
    rules = policy(redemption=terms)
    off = redemption.points_for(rules, basis, wanted, exponent)
    assert 0 <= off.amount <= basis * percent / 100
    assert off.points == 0 or off.points >= least
    assert wanted is None or off.points <= max(wanted, 0)
    assert off.amount * rate <= off.points < off.amount * rate + 1
    assert off.amount == round(off.amount, exponent)
    codes = {step["code"] for step in off.why}
    assert wanted is None or off.points == wanted or codes or wanted <= 0
    more = redemption.points_for(rules, basis, None, exponent)
    assert off.amount <= more.amount


def test_money_off_in_the_starter():
    rules = policy()
    assert redemption.points_for(rules, Decimal(100), 1234) == redemption.MoneyOff(1234, Decimal("12.34"))
    share = redemption.points_for(rules, Decimal(100), 9000)
    assert (share.points, share.amount) == (5000, Decimal(50))
    assert share.why == ({"code": "share_max", "percent": "50", "amount": "50.00", "points": 5000},)
    assert redemption.points_for(rules, Decimal(100), None).points == 5000
    few = redemption.points_for(rules, Decimal(100), 99)
    assert (few.points, few.why) == (0, ({"code": "below_minimum", "minimum": 100},))
    yen = redemption.points_for(rules, Decimal(1000), 1250, exponent=0)
    assert (yen.points, yen.amount, yen.why) == (1200, 12, ({"code": "coin", "points": 1200, "wanted": 1250},))


LIVES = st.lists(
    st.one_of(
        st.tuples(st.just("return"), st.sampled_from("ab"), st.integers(1, 3)),
        st.tuples(
            st.just("state"), st.sampled_from(["paid", "cancelled"]), st.sampled_from([("a", "b"), ("a",), ("b",)])
        ),
        st.tuples(st.just("confirm")),
    ),
    min_size=3,
    max_size=8,
)


def test_whatever_happens_to_an_order_its_points_are_where_the_facts_put_them(join, give, noon):
    """Returns, edits, cancellations and the confirmation in any order: what came back is what is due at the end."""
    ann, numbers = join("ann").id, itertools.count()
    give(ann, 10_000, "enough", lot=LATE)

    @settings(FEW, max_examples=8)
    @given(life=LIVES)
    def live(life):
        number = f"n{next(numbers)}"
        held = points_actions.reserve(member_id=ann, source_key=number, points=101, at=noon, actor="test")
        before, confirmed = purse(ann, noon)[0] + 101, False
        place(number, [("a", 3, "20"), ("b", 2, "20")], noon)
        for turn, (what, *facts) in enumerate([*life, ("confirm",)], 1):
            at = noon + turn * dt.timedelta(minutes=1)
            if what == "return":
                with contextlib.suppress(BadStatement):
                    give_back(number, f"R{turn}", {facts[0]: facts[1]}, at)
            elif what == "state":
                lines = [line for line in (("a", 3, "20"), ("b", 2, "20")) if line[0] in facts[1]]
                place(number, lines, noon, status=facts[0], stated_at=at)
            else:
                confirmed = True
                points_reserved.confirm(reservation_id=held.id, source="web", order_id=number, at=noon, actor="test")
            order = orders_queries.find_order("web", number)
            kept = orders_queries.kept_of(order)
            due = restoring.due(101, Kept(kept.first, kept.left, kept.nothing)) if confirmed else 0
            assert purse(ann, noon)[0] == before - 101 + due, (what, facts)

    live()
