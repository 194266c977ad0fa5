"""What the ledger answers: now and as of then, page by page, and what counts in a window."""

import datetime as dt

import pytest

from points import queries as points_queries
from points.enums import EntryKind, Wallet
from points.queries import Expiring
from tests.flows.shop import DAY, do, give_back, place, purse, use

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD, TENTH = dt.date(2026, 3, 3), dt.date(2026, 3, 10)


@pytest.fixture
def ann(join, noon):
    """Ann with a sign-up, an order, a review, spending, a return that makes a debt, and what repays a part of it."""
    member_id = join("ann", at=noon - 30 * DAY, reward=True).id
    place("1", [("a", 2, "150"), ("b", 1, "60.50")], noon)
    do("review", noon + DAY)
    use(member_id, 300, noon + 8 * DAY)
    give_back("1", "R1", {"a": 2}, noon + 9 * DAY)
    do("review", noon + 10 * DAY, photo=True)
    return member_id


def test_a_balance_says_what_can_be_used_until_when_and_what_arrives(ann, noon):
    balance = points_queries.get_balance(ann, noon + 2 * DAY)
    assert (balance.available, balance.pending, balance.debt) == (0, 0, 70)
    before = points_queries.get_balance_as_of(ann, noon + 2 * DAY)
    assert (before.available, before.pending, before.debt) == (120, 360, 0)
    assert before.expiring == (Expiring(dt.date(2027, 2, 28), 100), Expiring(dt.date(2027, 3, 31), 20))
    assert before.arriving == (Expiring(TENTH, 360),)


def test_the_past_can_be_had_again_at_any_instant(join, noon):
    ann, seen = join("ann", reward=True).id, []
    deeds = [
        (0, lambda at: place("1", [("a", 2, "150"), ("b", 1, "60.50")], at)),
        (1, lambda at: do("check_in", at)),
        (8, lambda at: use(ann, 300, at)),
        (9, lambda at: give_back("1", "R1", {"a": 1}, at)),
        (9, lambda at: give_back("1", "R2", {"a": 1, "b": 1}, at)),
        (20, lambda at: do("survey", at)),
        (30, lambda at: place("2", ["500"], at)),
        (430, lambda at: do("survey", at)),
        (431, lambda at: use(ann, 30, at)),
    ]
    for hour, (days, deed) in enumerate(deeds):
        at = noon + days * DAY + dt.timedelta(hours=hour)
        deed(at)
        seen.append((at, points_queries.get_balance(ann, at)))
    for at, balance in seen:
        assert points_queries.get_balance_as_of(ann, at) == balance, at
    assert points_queries.get_balance_as_of(ann, noon - 31 * DAY) == points_queries.Balance(0, 0, 0, (), ())


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize("wallet", [None, Wallet.POINTS, Wallet.GROWTH])
def test_a_statement_read_page_by_page_has_every_entry_once(ann, limit, wallet):
    whole = points_queries.list_statement(ann, wallet=wallet, limit=100)
    assert len(whole) == {None: 12, Wallet.POINTS: 7, Wallet.GROWTH: 5}[wallet]
    assert [row.at for row in whole] == sorted((row.at for row in whole), reverse=True)
    pages, before = [], None
    while page := points_queries.list_statement(ann, wallet=wallet, before=before, limit=limit):
        pages += page
        before = (page[-1].at.isoformat(), page[-1].seq, page[-1].wallet)
    assert pages == whole


def test_a_statement_keeps_to_kinds_and_to_what_had_happened(ann, noon):
    rows = points_queries.list_statement(ann, wallet=Wallet.POINTS, kinds=(EntryKind.REVERSAL,))
    assert [row.points for row in rows] == [-300]
    early = points_queries.list_statement(ann, wallet=Wallet.POINTS, as_of=noon)
    assert [row.source_key for row in early] == ["order:web:1:line:b", "order:web:1:line:a", "sign_up"]
    assert [row.points for row in points_queries.entries_of(ann, "order:web:1")] == [300, 60, -300, 300, 60, -300]
    assert points_queries.entries_of(ann, "order:web:11") == points_queries.entries_of(ann, "order:we") == []
    other = [row.source_key.split(":")[0] for row in points_queries.entries_before(ann, noon + 400 * DAY, 50).rows()]
    assert other == ["event", "use", "event", "sign_up"]
    assert len(points_queries.entries_before(ann, noon, 50).rows()) == 1


def test_growth_counts_on_the_date_it_was_earned_and_a_return_on_the_date_of_what_it_undoes(ann, noon):
    def growth(first, last):
        return points_queries.growth_in_window(ann, first, last)

    twelfth = dt.date(2026, 3, 12)
    assert growth(THIRD, dt.date(2026, 3, 4)) == 370
    assert growth(THIRD, dt.date(2026, 3, 11)) == 370
    assert growth(THIRD, twelfth) == growth(THIRD, dt.date(2026, 3, 13)) - 10 == 70
    assert growth(dt.date(2026, 3, 4), twelfth) == 10
    assert growth(dt.date(2026, 3, 5), twelfth) == 0


def test_sums_over_everybody(ann, join, give, noon):
    bob = join("bob").id
    give(bob, 25)
    give(bob, 5, "later", lot=(TENTH, dt.date(2027, 3, 31)))
    moves, held = points_queries.moved_and_held(THIRD, dt.date(2026, 3, 12))
    assert (held.available, held.pending, held.debt, held.net) == (25, 5, 70, -40)
    assert points_queries.available_of([ann, bob, 0], TENTH) == {bob: 30}
    moved = {(m.date.day, m.kind): m.points for m in moves}
    assert moved == {
        (3, "accrual"): 390,
        (4, "accrual"): 20,
        (11, "redemption"): -300,
        (12, "reversal"): -300,
    }
    assert purse(bob, noon) == (25, 5, 0)
