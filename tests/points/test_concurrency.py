"""Many at once on one member, with real transactions: what is spent was there, what has one name happens once."""

import datetime as dt

import pytest

from points import actions as points_actions
from points.enums import Wallet
from points.models import Entry
from tests.flows.shop import purse, use
from tests.kit.threads import kinds, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]


def test_thirty_two_spend_at_once_and_only_what_was_there_is_spent(join, give, noon):
    ann = join("ann").id
    for month in (4, 5, 6):
        last = dt.date(2026, month, 28)
        give(ann, 35, f"gift {month}", lot=(dt.date(2026, 3, 3), last))
    answers = together([lambda n=n: use(ann, 10, noon, f"use {n}") for n in range(32)])
    assert kinds(answers) == {"NewEntry": 10, "NotEnoughPoints": 22}
    assert purse(ann, noon) == (5, 0, 0)
    assert sorted(e.seq for e in answers if hasattr(e, "seq")) == list(range(4, 14))


def test_one_name_from_sixteen_is_booked_once_and_all_are_told_the_same(join, give, noon):
    ann = join("ann").id
    answers = together([lambda: give(ann, 100, "gift")] * 16)
    assert {(a.seq, a.points, a.balance_after) for a in answers} == {(1, 100, 100)}
    answers = together([lambda: use(ann, 60, noon, "use")] * 16)
    assert {(a.seq, a.points, a.balance_after) for a in answers} == {(2, -60, 40)}
    answers = together([lambda n=n: use(ann, 10 + n % 2, noon, "other") for n in range(16)])
    assert kinds(answers)["KeyReused"] == 8 and Entry.objects.count() == 3
    assert purse(ann, noon)[0] in (29, 30)


def test_earning_spending_and_work_in_sets_do_not_lose_one_another(join, give, noon):
    ann, bob = join("ann").id, join("bob").id
    give(ann, 1000), give(bob, 1000)

    def in_a_set():
        read = points_actions.read_wallets(member_ids=[bob, ann])
        states = [state for wallets in read.values() for state in wallets.values()]
        points_actions.write_wallets(states=states, at=noon, actor="test")

    deeds = []
    for n in range(8):
        deeds += [lambda n=n: give(ann, 1, f"gift {n}"), lambda n=n: use(ann, 2, noon, f"use {n}"), in_a_set]
    assert set(kinds(together(deeds))) == {"NewEntry", "NoneType"}
    assert (purse(ann, noon), purse(bob, noon)) == ((992, 0, 0), (1000, 0, 0))


def test_both_wallets_of_one_member_at_once(join, give):
    ann = join("ann").id
    deeds = [lambda n=n: give(ann, 1, f"k{n}", wallet=Wallet.GROWTH if n % 2 else Wallet.POINTS) for n in range(20)]
    assert kinds(together(deeds)) == {"NewEntry": 20}
