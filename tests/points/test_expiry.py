"""How long points last: every kind of expiry by its calendar, promises that no later version shortens, and wallets that
wait for a deed of their owner, as rules and as the database keep them."""

import datetime as dt
import zoneinfo
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit import dates
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import queries as points_queries
from points.actions.books import close_books, open_books
from points.enums import EntryKind, ExpiryKind, Period, RefundPolicy, Wallet
from points.models import Balance, Entry, Lot, PolicyVersion
from points.rules import ledger
from points.rules.earning import EarnRate, EventFacts, LineFacts, plan_order
from points.rules.expiry import ExpiryTerms, expiry_terms
from points.rules.ledger import Deed, NotEnoughPoints, WalletState
from points.rules.policy import BadTerms
from tests.flows.shop import DAY, do, give_back, place, purse, use
from tests.kit.examples import MANY
from tests.points.starter import policy

ZONE = zoneinfo.ZoneInfo("Asia/Shanghai")
any_date = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


# ---- the calendar


@pytest.mark.parametrize(
    ("terms", "active_on", "expires_on"),
    [
        (("never", 0), "2026-02-28", "9999-12-31"),
        (("inactivity", 12), "2026-02-28", "9999-12-30"),
        (("days", 1), "2026-12-31", "2027-01-01"),
        (("days", 30), "2028-01-31", "2028-03-01"),
        (("days", 30), "2026-01-31", "2026-03-02"),
        (("months", 1), "2026-01-31", "2026-02-28"),
        (("months", 1), "2028-01-31", "2028-02-29"),
        (("months", 1), "2026-02-28", "2026-03-28"),
        (("months", 12), "2028-02-29", "2029-02-28"),
        (("months", 48), "2028-02-29", "2032-02-29"),
        (("end_of_month", 0), "2026-03-31", "2026-03-31"),
        (("end_of_month", 0), "2028-02-01", "2028-02-29"),
        (("end_of_month", 12), "2026-03-10", "2027-03-31"),
        (("end_of_month", 12), "2027-02-10", "2028-02-29"),
        (("end_of_month", 1), "2026-12-31", "2027-01-31"),
        (("end_of_period", 0, "month"), "2026-02-28", "2026-02-28"),
        (("end_of_period", 0, "quarter"), "2026-03-31", "2026-03-31"),
        (("end_of_period", 0, "quarter"), "2026-04-01", "2026-06-30"),
        (("end_of_period", 1, "quarter"), "2026-12-31", "2027-03-31"),
        (("end_of_period", 0, "half_year"), "2026-06-30", "2026-06-30"),
        (("end_of_period", 0, "half_year"), "2026-07-01", "2026-12-31"),
        (("end_of_period", 1, "half_year"), "2026-07-01", "2027-06-30"),
        (("end_of_period", 0, "year"), "2026-01-01", "2026-12-31"),
        (("end_of_period", 1, "year"), "2026-12-31", "2027-12-31"),
        (("end_of_period", 2, "year"), "2026-06-01", "2028-12-31"),
    ],
)
def test_every_kind_by_the_calendar(terms, active_on, expires_on):
    kind, count, *period = terms
    stated = {"kind": kind, "count": count} | ({"period": period[0]} if period else {})
    assert expiry_terms(stated).expires_on(day(active_on)) == day(expires_on)


@MANY
@given(active_on=any_date, count=st.integers(1, 60))
def test_months_end_on_the_same_day_or_the_last_of_a_shorter_month(active_on, count):
    ends = ExpiryTerms(ExpiryKind.MONTHS, count).expires_on(active_on)
    assert (ends.year - active_on.year) * 12 + ends.month - active_on.month == count
    assert ends.day == active_on.day or (ends.day < active_on.day and (ends + DAY).month != ends.month)


@MANY
@given(active_on=any_date, count=st.integers(0, 8), period=st.sampled_from(Period))
def test_a_period_ends_on_its_last_day_and_never_before_the_points_begin(active_on, count, period):
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[period]
    ends = ExpiryTerms(ExpiryKind.END_OF_PERIOD, count, period).expires_on(active_on)
    assert ends >= active_on
    assert (ends + DAY).day == 1 and ends.month % months == 0
    begins_own = dt.date(active_on.year, (active_on.month - 1) // months * months + 1, 1)
    assert ends + DAY == dates.add_months(begins_own, months * (count + 1))


@MANY
@given(first=any_date, later=st.integers(0, 800), data=st.data())
def test_points_that_begin_later_never_end_earlier(first, later, data):
    kind = data.draw(st.sampled_from(ExpiryKind))
    terms = ExpiryTerms(kind, data.draw(st.integers(1, 36)), data.draw(st.sampled_from(Period)))
    second = first + later * DAY
    assert first <= terms.expires_on(first) <= terms.expires_on(second)
    assert (terms.idle_until(first) is None) == (kind is not ExpiryKind.INACTIVITY) == (terms.idle_months == 0)


@pytest.mark.parametrize("days", [0, 1, 30])
def test_counting_begins_when_points_become_active_not_when_they_are_earned(days):
    for terms in ({"kind": "months", "count": 1}, {"kind": "days", "count": 9}, {"kind": "end_of_month", "count": 0}):
        own = policy(return_window_days=days, expiry=terms)
        plan = plan_order(own, EarnRate(Decimal(1), "member"), [LineFacts("1", Decimal(10), 1)], day("2026-01-31"))
        assert plan.active_on == day("2026-01-31") + days * DAY
        assert plan.expires_on == own.expiry.expires_on(plan.active_on)


@pytest.mark.parametrize(
    "expiry",
    [
        {"kind": "days", "count": 0},
        {"kind": "months", "count": 0},
        {"kind": "inactivity", "count": 0},
        {"kind": "months", "count": -1},
        {"kind": "end_of_period", "count": -1},
        {"kind": "end_of_period", "count": 1, "period": "week"},
        {"kind": "sometime", "count": 1},
        {"kind": "months"},
    ],
)
def test_terms_that_last_no_time_or_say_nothing_are_refused(expiry):
    with pytest.raises(BadTerms):
        policy(expiry=expiry)


@pytest.mark.parametrize(("stated", "read"), [([30, 7, 1], (30, 7, 1)), ([1, "14", 1], (14, 1)), ([], ()), ([0], (0,))])
def test_reminders_are_read_first_one_first(stated, read):
    assert policy(reminder_days=stated).reminder_days == read
    assert policy().reminder_days == (30, 7, 1)


@pytest.mark.parametrize("stated", [[-1], [367], ["soon"], 7])
def test_reminders_that_cannot_be_are_refused(stated):
    with pytest.raises(BadTerms):
        policy(reminder_days=stated)


# ---- wallets that wait, as rules


class Waiting:
    """One wallet under versions of a policy, with deeds in order of time."""

    def __init__(self) -> None:
        self.state = WalletState(1, Wallet.POINTS)

    def deed(self, on: dt.date, months: int = 0, *, own: bool = False) -> Deed:
        """A deed of a date; what time made true before it is booked."""
        deed = Deed(dates.day_start(on, ZONE), on, 1, "test", months, own)
        ledger.settle(self.state, deed, ZONE)
        return deed

    def earn(self, on: dt.date, points: int, months: int, *, own: bool = True, wait: int = 0) -> None:
        """Will earn points that last while their owner is active."""
        deed = self.deed(on, months, own=own)
        lot = (on + wait * DAY, dates.WHILE_ACTIVE)
        ledger.credit(self.state, deed, EntryKind.ACCRUAL, f"k{self.state.seq}", points, lot, [])

    def spend(self, on: dt.date, points: int) -> None:
        """Will spend."""
        ledger.spend(self.state, self.deed(on), f"k{self.state.seq}", points, [])


def test_each_deed_of_ones_own_moves_the_end_on_and_nothing_else_does():
    ann, start = Waiting(), day("2026-01-31")
    ann.earn(start, 100, 1)
    assert ann.state.idle_until == day("2026-02-28")
    ann.earn(day("2026-02-10"), 5, 1, own=False)
    assert ann.state.idle_until == day("2026-02-28")
    ledger.reverse(
        ann.state, ann.deed(day("2026-02-11")), "r", 5, (start, dates.WHILE_ACTIVE), RefundPolicy.FULL, [], start
    )
    assert ann.state.idle_until == day("2026-02-28")
    ann.spend(day("2026-02-28"), 10)
    assert ann.state.idle_until == day("2026-03-28")
    assert ann.state.entries[-1].explanation == [{"code": "kept", "until": "2026-03-28", "months": 1}]
    assert ledger.spendable(ann.state, day("2026-03-28")) == 90
    assert ledger.spendable(ann.state, day("2026-03-29")) == 0
    with pytest.raises(NotEnoughPoints):
        ann.spend(day("2026-03-29"), 1)
    gone = ann.state.entries[-1]
    assert (gone.kind, gone.points, gone.business_date, gone.source_key) == (
        "expiry", -90, day("2026-03-28"), "expiry:2026-03-28:5",
    )  # fmt: skip
    assert gone.explanation == [{"code": "expired", "on": "2026-03-28"}, {"code": "idle", "months": 1}]
    assert (ann.state.idle_until, ann.state.idle_months, ann.state.lots) == (None, 0, {})


def test_whether_points_can_go_back_to_the_lot_they_came_from():
    ann, start = Waiting(), day("2026-01-31")
    waiting, dated = (start, dates.WHILE_ACTIVE), (start, day("2026-02-10"))
    ann.earn(start, 100, 1)
    ann.spend(start, 100)
    for on, ended in (("2026-02-10", (False, False)), ("2026-02-11", (False, True)), ("2026-03-01", (True, True))):
        ann.deed(day(on))
        assert tuple(ledger.has_ended(ann.state, lot, day(on)) for lot in (waiting, dated)) == ended


@MANY
@given(
    lived=st.lists(
        st.tuples(st.sampled_from([0, 1, 27, 28, 31, 32, 90]), st.sampled_from(["own", "given", "spend"])), max_size=25
    ),
    start=st.dates(dt.date(2026, 1, 1), dt.date(2028, 3, 1)),
)
def test_a_life_of_waiting_against_a_list_of_points(lived, start):
    """Beside it, the plainest model: a number of points, and the date of the last deed of one's own."""
    ann, today, points, until = Waiting(), start, 0, None
    for wait, what in lived:
        today += wait * DAY
        if until and until < today:
            points, until = 0, None
        if what == "spend":
            if points < 3:
                continue
            ann.spend(today, 3)
            points -= 3
        else:
            ann.earn(today, 5, 1, own=what == "own")
            points += 5
        if what != "given" or until is None:
            until = max(until or today, dates.add_months(today, 1))
        assert (ann.state.idle_until, ann.state.balance, ledger.spendable(ann.state, today)) == (until, points, points)
        assert ledger.spendable(ann.state, until) == points and ledger.spendable(ann.state, until + DAY) == 0
    assert sum(entry.points for entry in ann.state.entries) == ann.state.balance


def test_points_that_become_active_late_wait_from_then():
    ann = Waiting()
    ann.earn(day("2026-01-10"), 100, 1, wait=60)
    assert ann.state.idle_until == day("2026-04-11")
    assert ledger.spendable(ann.state, day("2026-04-11")) == 100


def test_a_wallet_that_waits_spends_first_what_really_ends_first():
    ann = Waiting()
    ann.earn(day("2026-01-10"), 50, 3)
    for name, ends in (("sooner", "2026-04-09"), ("later", "2026-04-11")):
        deed = ann.deed(day("2026-01-10"))
        ledger.credit(ann.state, deed, EntryKind.ADJUSTMENT, name, 50, (day("2026-01-10"), day(ends)), [])
    ann.spend(day("2026-01-10"), 120)
    assert [lot[1] for lot in ann.state.lots] == [day("2026-04-11")]
    moved = ann.state.entries[-1]
    assert moved.lot_expires_on == [day("2026-04-09"), dates.WHILE_ACTIVE, day("2026-04-11")]


deeds = st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["earn", "spend", "nothing"])), min_size=1, max_size=14)
months = st.integers(1, 9)


@MANY
@given(lived=deeds, before=months, after=months, change=st.integers(0, 400))
def test_no_later_version_shortens_what_an_earlier_one_promised(lived, before, after, change):
    """What was earned before the change can be used as long as if it had never come, whatever it says."""
    start = day("2026-01-31")
    alone, both = Waiting(), Waiting()
    alone.earn(start, 1000, before)
    both.earn(start, 1000, before)
    today = start
    for wait, what in lived:
        today += wait * DAY
        changed = today >= start + change * DAY
        for wallet in (alone, both):
            wallet.deed(today)
        alive = ledger.spendable(alone.state, today) > 0
        if what == "earn" and alive:
            alone.earn(today, 1, before)
            both.earn(today, 1, after if changed else before)
        elif what == "spend" and alive:
            alone.spend(today, 1)
            both.spend(today, 1)
        for later in (0, 20, 100, 300):
            assert ledger.spendable(both.state, today + later * DAY) >= ledger.spendable(
                alone.state, today + later * DAY
            )


@MANY
@given(
    earned=any_date,
    window=st.integers(0, 40),
    first=st.sampled_from(["months", "days", "end_of_month", "never"]),
    second=st.sampled_from(["months", "days", "end_of_month", "inactivity"]),
    counts=st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_a_lot_with_a_date_keeps_it_whatever_is_published_later(earned, window, first, second, counts):
    """A later version's deeds - earning, spending, nights - leave the end of what was earned where it was."""
    old = ExpiryTerms(ExpiryKind(first), counts[0])
    new = ExpiryTerms(ExpiryKind(second), counts[1])
    active_on = earned + window * DAY
    lot = (active_on, old.expires_on(active_on))
    state = WalletState(1, Wallet.POINTS)
    ledger.credit(state, Deed(dates.day_start(earned, ZONE), earned, 1, "test"), EntryKind.ACCRUAL, "a", 10, lot, [])
    deed = Deed(dates.day_start(active_on, ZONE), active_on, 2, "test", new.idle_months, is_own=True)
    ledger.settle(state, deed, ZONE)
    ledger.credit(state, deed, EntryKind.ACCRUAL, "b", 10, (active_on, new.expires_on(active_on)), [])
    assert lot in state.lots and ledger.ends_on(state, lot) == lot[1]
    last = min(lot[1], active_on + 4000 * DAY)
    ledger.settle(state, deed._replace(today=last), ZONE)
    assert state.lots[lot].points >= 10


# ---- wallets that wait, as booked


IDLE = {"kind": "inactivity", "count": 6}


@pytest.fixture
def idle(programme: None, noon: dt.datetime) -> PolicyVersion:
    """A policy under which points last while their owner does something every six months."""
    return publish(noon, 2, noon.date() - 400 * DAY, expiry=IDLE)


def publish(noon: dt.datetime, number: int, on: dt.date, **terms: object) -> PolicyVersion:
    """Will publish the starter's policy with other terms."""
    return PolicyVersion.objects.create(
        number=number, effective_on=on, terms={**POINTS_TERMS, **terms}, published_at=noon, actor="test"
    )


def waits(member_id: int) -> tuple[dt.date | None, int]:
    """Until when and by how many months a member's points wait."""
    return Balance.objects.values_list("idle_until", "idle_months").get(member_id=member_id, wallet="points")


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
class TestBooked:
    """The same, through the flows and the database."""

    def test_a_life_with_orders_events_spending_and_returns(self, idle, join, noon):
        ann = join("ann", at=noon, reward=True).id
        today = noon.date()
        assert waits(ann) == (day("2026-09-03"), 6)
        place("1", ["200"], noon)
        assert waits(ann) == (day("2026-09-10"), 6)  # six months from the day on which its points become active
        give_back("1", "R", {"1": 1}, noon + 100 * DAY)
        assert waits(ann) == (day("2026-09-10"), 6)
        do("review", noon + 120 * DAY)
        assert waits(ann) == (dates.add_months(today + 120 * DAY, 6), 6)
        use(ann, 50, noon + 150 * DAY)
        until = dates.add_months(today + 150 * DAY, 6)
        assert waits(ann) == (until, 6)
        last = noon + (until - today).days * DAY
        assert purse(ann, last) == (70, 0, 0)
        assert [(row.date, row.points) for row in points_queries.get_balance(ann, last).expiring] == [(until, 70)]
        assert points_queries.available_of([ann], until) == {ann: 70}
        assert purse(ann, last + DAY) == (0, 0, 0)
        assert points_queries.available_of([ann], until + DAY) == {}
        with pytest.raises(NotEnoughPoints):
            use(ann, 1, last + DAY)
        do("survey", last + 2 * DAY)  # settles first: what had ended stays ended
        assert purse(ann, last + 2 * DAY) == (30, 0, 0)
        gone = Entry.objects.get(member_id=ann, kind="expiry")
        assert (gone.points, gone.business_date, set(gone.lot_expires_on)) == (-70, until, {dates.WHILE_ACTIVE})

    def test_what_a_member_had_then_is_put_together_from_the_ledger(self, idle, join, noon):
        ann = join("ann", at=noon, reward=True).id
        do("review", noon + 30 * DAY)
        do("survey", noon + 90 * DAY)
        ends = dates.add_months(noon.date() + 90 * DAY, 6)
        moments = [noon + days * DAY for days in (0, 30, 60, 90, 200, (ends - noon.date()).days, 300)]
        then = [(100, "2026-09-03"), (120, "2026-10-02"), (120, "2026-10-02"), *[(150, str(ends))] * 3, (0, "")]
        for booked in (False, True):
            if booked:
                do("share", noon + 400 * DAY)
                assert Entry.objects.filter(member_id=ann, kind="expiry", points=-150).exists()
            for at, (points, until) in zip(moments, then, strict=True):
                seen = points_queries.get_balance_as_of(ann, at)
                assert (seen.available, "".join(str(row.date) for row in seen.expiring)) == (points, until), (
                    booked,
                    at,
                )

    def test_a_shorter_version_keeps_the_longer_wait_until_those_points_are_gone(self, idle, join, noon):
        ann = join("ann", at=noon, reward=True).id
        publish(noon, 3, noon.date() + 10 * DAY, expiry={"kind": "inactivity", "count": 2})
        do("survey", noon + 20 * DAY)
        assert waits(ann) == (dates.add_months(noon.date() + 20 * DAY, 6), 6)
        use(ann, 130, noon + 30 * DAY)
        do("survey", noon + 200 * DAY)
        assert waits(ann)[1] == 2
        assert waits(ann)[0] == max(
            dates.add_months(noon.date() + 30 * DAY, 6), dates.add_months(noon.date() + 200 * DAY, 2)
        )

    def test_a_version_that_lets_points_end_by_date_still_lets_the_old_ones_wait(self, idle, join, noon):
        ann = join("ann", at=noon, reward=True).id
        publish(noon, 3, noon.date() + 10 * DAY, expiry={"kind": "months", "count": 1})
        do("survey", noon + 20 * DAY)
        until = dates.add_months(noon.date() + 20 * DAY, 6)
        assert waits(ann) == (until, 6)
        assert {lot.expires_on for lot in Lot.objects.filter(member_id=ann, wallet="points")} == {
            dates.WHILE_ACTIVE, dates.add_months(noon.date() + 20 * DAY, 1),
        }  # fmt: skip

    def test_points_put_in_by_others_start_the_time_once(self, idle, join, give, noon):
        ann = join("ann").id
        assert waits(ann) == (None, 0)
        give(ann, 10, at=noon)
        assert waits(ann) == (day("2026-09-03"), 6)
        give(ann, 10, at=noon + 30 * DAY)
        assert waits(ann) == (day("2026-09-03"), 6)

    def test_a_lot_that_came_without_its_months_still_waits(self, idle, join, noon):
        def by_hand(member_id: int, policy_id: int, at: dt.datetime) -> None:
            books = open_books(member_id, "hand", "hand~", at.date())
            deed = Deed(at, at.date(), policy_id, "test")
            lot = (at.date(), dates.WHILE_ACTIVE)
            ledger.credit(books.wallets[Wallet.POINTS], deed, EntryKind.ADJUSTMENT, "hand", 10, lot, [])
            close_books(books)

        ann, bob = join("ann").id, join("bob").id
        by_hand(ann, idle.id, noon)
        assert waits(ann) == (day("2026-09-03"), 6)
        assert Entry.objects.get(member_id=ann).explanation == [{"code": "kept", "until": "2026-09-03", "months": 6}]
        later = publish(noon, 3, noon.date(), expiry={"kind": "months", "count": 1})
        by_hand(bob, later.id, noon)
        assert waits(bob) == (day("2026-09-03"), 6)

    def test_returned_after_the_end_is_not_asked_for_again(self, idle, join, noon):
        ann = join("ann").id
        place("1", ["200"], noon)
        after = noon + 300 * DAY
        answer = give_back("1", "R", {"1": 1}, after)
        assert (answer.debt, purse(ann, after)) == (0, (0, 0, 0))
        line = Entry.objects.get(member_id=ann, wallet="points", kind="reversal")
        assert (line.points, line.explanation[1]["code"]) == (0, "already_expired")

    def test_an_event_is_a_deed_of_ones_own_unless_it_only_befalls_one(self, idle, join, noon):
        ann, rules = join("ann", at=noon, reward=True).id, replace(policy(expiry=IDLE), id=idle.id)

        def book(key: str, at: dt.datetime, kind: str = "survey", **how: bool) -> int:
            facts = EventFacts(kind)
            return points_actions.book_event(
                member_id=ann, event_key=key, facts=facts, policy=rules, at=at, actor="test", **how
            ).points

        assert book("event:app:1", noon + 10 * DAY, is_own=False) == 30
        assert waits(ann) == (day("2026-09-03"), 6)
        assert book("event:app:2", noon + 10 * DAY) == 30
        assert waits(ann) == (day("2026-09-13"), 6)
        assert book("event:app:2", noon + 90 * DAY) == 30  # told again: the first answer, and nothing moves
        assert book("event:app:3", noon + 90 * DAY, "unheard_of") == 0
        assert waits(ann) == (day("2026-09-13"), 6) and purse(ann, noon + 90 * DAY) == (160, 0, 0)
        with pytest.raises(points_actions.NoWallet):
            points_actions.book_event(
                member_id=0, event_key="k", facts=EventFacts("survey"), policy=rules, at=noon, actor="test"
            )

    def test_in_bulk_as_one_by_one(self, idle, join, noon):
        ann = join("ann", at=noon, reward=True).id
        states = points_actions.read_wallets(member_ids=[ann])
        state = states[ann][Wallet.POINTS]
        assert (state.idle_until, state.idle_months) == (day("2026-09-03"), 6)
        deed = Deed(noon + 30 * DAY, noon.date() + 30 * DAY, idle.id, "test", 6, is_own=True)
        ledger.settle(state, deed, ZONE)
        ledger.credit(state, deed, EntryKind.ACCRUAL, "bulk", 7, (deed.today, dates.WHILE_ACTIVE), [{"code": "test"}])
        points_actions.write_wallets(states=list(states[ann].values()), at=noon, actor="test")
        assert waits(ann) == (day("2026-10-02"), 6)
        assert purse(ann, noon + 30 * DAY) == (107, 0, 0)
