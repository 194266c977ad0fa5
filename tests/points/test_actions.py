"""The ledger's deeds: each does, refuses and changes nothing, repeats harmlessly, and fails where content differs."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from kit import clock
from points import actions as points_actions
from points import queries as points_queries
from points.actions import KeyReused, NotEnoughPoints, NotPositive, NoWallet
from points.enums import EntryKind, Wallet
from points.models import Balance, Entry, Lot, PolicyVersion
from points.rules import earning, ledger
from points.rules.earning import EarnRate, LineFacts
from points.rules.policy import BadTerms
from tests.flows.shop import DAY, purse, use
from tests.points.starter import POINTS_TERMS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)


@pytest.fixture
def ann(join):
    return join("ann").id


def books():
    """All rows of the ledger, as they stand."""
    return [list(model.objects.order_by("pk").values()) for model in (Balance, Lot, Entry)]


def held(member_id):
    """What is in the lots, by the day they lapse."""
    lots = Lot.objects.filter(member_id=member_id, wallet="points").order_by("expires_on", "active_on")
    return [(lot.expires_on.isoformat(), lot.points) for lot in lots]


def test_the_same_credit_twice_is_one_and_other_content_is_refused(ann, give):
    first = give(ann, 100, "gift")
    before = books()
    again = give(ann, 100, "gift")
    assert (again.seq, again.points, again.balance_after) == (first.seq, 100, 100)
    with pytest.raises(KeyReused, match="gift is already booked"):
        give(ann, 101, "gift")
    with pytest.raises(KeyReused):
        give(ann, 100, "gift", lot=(THIRD, dt.date(2027, 4, 30)))
    assert books() == before
    assert give(ann, 100, "gift", wallet=Wallet.GROWTH).wallet == "growth"
    assert give(ann, 7, "gif").points == give(ann, 7, "gift2").points == 7


def test_spending_takes_what_lapses_soonest_then_the_oldest(ann, give, noon):
    may, june = dt.date(2026, 5, 31), dt.date(2026, 6, 30)
    give(ann, 10, "never", lot=(THIRD, dt.date(9999, 12, 31)))
    give(ann, 20, "june", lot=(THIRD, june))
    give(ann, 30, "june, older", lot=(dt.date(2026, 3, 1), june))
    give(ann, 40, "may", lot=(THIRD, may))
    give(ann, 50, "later", lot=(dt.date(2026, 3, 4), may))
    entry = use(ann, 75, noon)
    moved = list(zip(entry.lot_active_on, entry.lot_expires_on, entry.lot_points, strict=True))
    assert moved == [(THIRD, may, 40), (dt.date(2026, 3, 1), june, 30), (THIRD, june, 5)]
    assert purse(ann, noon) == (25, 50, 0)
    with pytest.raises(NotEnoughPoints) as refusal:
        use(ann, 26, noon)
    assert (refusal.value.wanted, refusal.value.spendable) == (26, 25)
    use(ann, 75, noon + DAY)
    assert purse(ann, noon + DAY) == (0, 0, 0) and not Lot.objects.filter(wallet="points").exists()


def test_the_same_spending_twice_is_one_and_other_content_is_refused(ann, give, noon):
    give(ann, 100)
    first = use(ann, 60, noon, "order 7")
    before = books()
    again = use(ann, 60, noon + DAY, "order 7")
    assert (again.seq, again.points, again.balance_after) == (first.seq, -60, 40)
    for points in (59, 40, 1000):
        with pytest.raises(KeyReused):
            use(ann, points, noon, "order 7")
    with pytest.raises(NotEnoughPoints):
        use(ann, 41, noon, "order 8")
    assert books() == before
    give(ann, 5, "order 7")
    assert purse(ann, noon) == (45, 0, 0)


@pytest.mark.parametrize("points", [0, -1, -50])
def test_nobody_spends_or_earns_nothing_or_less(ann, give, noon, points):
    give(ann, 100)
    before = books()
    with pytest.raises(NotPositive):
        use(ann, points, noon)
    with pytest.raises(DatabaseError), transaction.atomic():
        give(ann, points)
    assert books() == before


def test_a_stranger_has_no_wallet(programme, give, noon):
    plan = earning.plan_order(points_queries.policy_on(THIRD), EarnRate(Decimal(1), "member"), [], THIRD)
    for deed in (
        lambda: use(17, 1, noon),
        lambda: give(17, 1),
        lambda: book(17, plan, noon),
    ):
        with pytest.raises(NoWallet, match="Member 17 has not joined"):
            deed()
    assert books() == [[], [], []]


def test_wallets_are_opened_once(ann, join, give, noon):
    give(ann, 100)
    before = books()
    points_actions.open_wallets(member_ids=[ann], at=noon, actor="test")
    assert books() == before
    assert set(Balance.objects.values_list("wallet", flat=True)) == {"points", "growth"}


def test_points_can_be_used_from_their_first_day_through_their_last_with_or_without_the_night(ann, give, noon):
    first, last = dt.date(2026, 3, 10), dt.date(2027, 3, 31)
    give(ann, 100, lot=(first, last))
    starts, ends = dt.datetime(2026, 3, 9, 16, tzinfo=dt.UTC), dt.datetime(2027, 3, 31, 16, tzinfo=dt.UTC)
    instant = dt.timedelta(microseconds=1)
    for at, can in [(noon, 0), (starts - instant, 0), (starts, 100), (ends - instant, 100), (ends, 0)]:
        for night in (False, True):
            with transaction.atomic():
                if night:
                    settle(ann, at)
                    booked = Balance.objects.get(member_id=ann, wallet="points")
                    assert (booked.available, booked.pending) == (can, 100 if at < starts else 0)
                assert points_queries.get_balance(ann, at).available == can
                assert points_queries.available_of([ann], clock.business_date(at)) == ({ann: can} if can else {})
                with pytest.raises(NotEnoughPoints) as refusal:
                    use(ann, can + 1, at)
                assert refusal.value.spendable == can
                if can:
                    assert use(ann, can, at).balance_after == 0
                transaction.set_rollback(True)


def settle(member_id, at):
    """What the night does for one member."""
    wallets = points_actions.read_wallets(member_ids=[member_id])[member_id].values()
    today = clock.business_date(at)
    deed = ledger.Deed(at, today, points_queries.policy_on(today).id, "night")
    for state in wallets:
        ledger.settle(state, deed, clock.programme_zone())
    points_actions.write_wallets(states=list(wallets), at=at, actor="night")


@pytest.mark.parametrize(("deed", "left"), [("give", 31), ("use", 29)])
def test_what_time_has_made_true_is_booked_by_the_next_deed_at_the_moment_it_became_true(ann, give, deed, left):
    give(ann, 10, lot=(THIRD, dt.date(2026, 3, 31)))
    give(ann, 20, lot=(THIRD, dt.date(2026, 4, 30)))
    give(ann, 30, lot=(dt.date(2026, 5, 1), dt.date(2026, 5, 31)))
    at = dt.datetime(2026, 5, 5, tzinfo=dt.UTC)
    assert purse(ann, at) == (30, 0, 0)
    give(ann, 1, at=at) if deed == "give" else use(ann, 1, at)
    entries = Entry.objects.filter(member_id=ann, kind="expiry").order_by("seq")
    assert [(e.points, e.business_date.isoformat(), e.at.isoformat()) for e in entries] == [
        (-10, "2026-03-31", "2026-03-31T15:59:59.999999+00:00"),
        (-20, "2026-04-30", "2026-04-30T15:59:59.999999+00:00"),
    ]
    assert purse(ann, at) == (left, 0, 0)
    balance = Balance.objects.get(member_id=ann, wallet="points")
    assert (balance.available, balance.pending) == (left, 0)


def plan_of(*lines, counts=True, multiplier="1", placed_on=THIRD):
    return earning.OrderFacts(EarnRate(Decimal(multiplier), "member"), lines, placed_on, counts=counts)


def book(member_id, order, at, occasion=""):
    return points_actions.book_order(
        member_id=member_id,
        order_key="order:web:1",
        occasion=occasion,
        order=order,
        policy=points_queries.policy_on(THIRD),
        at=at,
        actor="test",
    )


def test_an_order_is_booked_by_line_and_a_repeat_changes_nothing(ann, noon):
    lines = [LineFacts("a", Decimal("60.50"), 2), LineFacts("b", Decimal("39.75"), 1)]
    done = book(ann, plan_of(*lines, multiplier="2"), noon)
    assert (done.points_change, done.growth_change, done.points_net, done.debt) == (200, 100, 200, 0)
    assert done.lines == (("a", 121), ("b", 79))
    keys = Entry.objects.filter(wallet="points").order_by("seq").values_list("source_key", "points", "active_on")
    assert list(keys) == [
        ("order:web:1:line:a", 121, dt.date(2026, 3, 10)),
        ("order:web:1:line:b", 79, dt.date(2026, 3, 10)),
    ]
    before = books()
    again = book(ann, plan_of(*lines, multiplier="2"), noon)
    assert (again.points_change, again.points_net, again.entries) == (0, 200, ()) and books() == before
    half = [LineFacts("a", Decimal("60.50"), 2, 1), lines[1]]
    back = book(ann, plan_of(*half, multiplier="2"), noon, "refund:R1")
    assert (back.points_change, back.growth_change, back.points_net) == (-60, -30, 140)
    assert purse(ann, noon) == (0, 140, 0)
    assert points_queries.booked_rate(ann, "order:web:1").rate == EarnRate(Decimal(2), "member")
    assert points_queries.booked_rate(ann, "order:web:2") is None
    assert points_queries.earned_by_keys(ann, ["order:web:1", "order:web:11"]) == {"order:web:1": 140}


def test_points_that_were_spent_become_a_debt_which_the_next_earnings_repay_first(ann, give, noon):
    book(ann, plan_of(LineFacts("a", Decimal(300), 3)), noon)
    week = noon + 7 * DAY
    use(ann, 250, week)
    back = book(ann, plan_of(LineFacts("a", Decimal(300), 3, 3)), week, "refund:R1")
    assert (back.points_change, back.debt, back.points_net) == (-300, 250, 0)
    assert {(entry.counts_on, entry.business_date) for entry in back.entries} == {(THIRD, dt.date(2026, 3, 10))}
    assert purse(ann, week) == (0, 0, 250)
    (entry,) = [e for e in back.entries if e.wallet == "points"]
    assert {"code": "debt", "points": 250} in entry.explanation and entry.lot_points == [50]
    with pytest.raises(NotEnoughPoints, match="250 are owed"):
        use(ann, 1, week)
    assert book(ann, plan_of(LineFacts("a", Decimal(300), 3, 3)), week, "edit:2").debt == 0
    first = give(ann, 100, "one", at=week)
    assert {"code": "debt_repaid", "points": 100} in first.explanation
    assert purse(ann, week) == (0, 0, 150)
    second = give(ann, 180, "two", at=week)
    assert (second.points, second.debt_change, second.balance_after) == (180, -150, 30)
    assert purse(ann, week) == (30, 0, 0)
    assert use(ann, 30, week, "again").points == -30


def test_policies_are_published_once_and_only_where_they_can_be_read(db, noon):
    with pytest.raises(points_queries.NoPolicy, match="load_starter"):
        points_queries.policy_on(THIRD)

    def publish(terms):
        return points_actions.publish_first_policy(terms=terms, effective_on=dt.date(2026, 1, 1), at=noon, actor="test")

    with pytest.raises(BadTerms):
        publish({})
    assert not PolicyVersion.objects.exists()
    assert publish(POINTS_TERMS) is True
    assert publish({**POINTS_TERMS, "sign_up_points": 7}) is False
    assert PolicyVersion.objects.count() == 1 and points_queries.policy_on(THIRD).sign_up_points == 100
    for number, day, points in [(2, 5, 200), (3, 5, 300), (4, 9, 400)]:
        PolicyVersion.objects.create(
            number=number,
            effective_on=dt.date(2026, 3, day),
            terms={**POINTS_TERMS, "sign_up_points": points},
            published_at=None if number == 4 else noon,
        )
    days = [dt.date(2025, 1, 1), dt.date(2026, 3, 4), dt.date(2026, 3, 5), dt.date(2026, 3, 30)]
    assert [points_queries.policy_on(day).sign_up_points for day in days] == [100, 100, 300, 300]


def test_wallets_read_and_written_in_sets_are_those_of_single_deeds(ann, join, give, noon):
    bob, stranger = join("bob").id, join("cat").id
    Balance.objects.filter(member_id=stranger).delete()
    give(ann, 100, lot=(THIRD, dt.date(2026, 3, 31)))
    states = points_actions.read_wallets(member_ids=[ann, bob, stranger])
    assert set(states) == {ann, bob, stranger}
    assert states[ann][Wallet.POINTS].balance == 100 and states[ann][Wallet.POINTS].seq == 1
    policy = points_queries.policy_on(THIRD)
    deed = ledger.Deed(noon, THIRD, policy.id, "test")
    ledger.spend(states[ann][Wallet.POINTS], deed, "use", 100, [])
    for member_id in (bob, stranger):
        state = states[member_id][Wallet.POINTS]
        lot = (dt.date(2026, 3, 10), dt.date(2027, 3, 31))
        ledger.credit(state, deed, EntryKind.ACCRUAL, "in a set", 7, lot, [{"code": "test"}])
    points_actions.write_wallets(
        states=[state for both in states.values() for state in both.values()], at=noon, actor="test"
    )
    assert [purse(m, noon) for m in (ann, bob, stranger)] == [(0, 0, 0), (0, 7, 0), (0, 7, 0)]
    assert held(ann) == [] and held(bob) == [("2027-03-31", 7)]
    assert give(bob, 7, "in a set", lot=(dt.date(2026, 3, 10), dt.date(2027, 3, 31))).seq == 1
    points_actions.write_wallets(states=[], at=noon, actor="test")
