"""Killed at any moment: what was told again afterwards ends in the very ledger that no crash would have left."""

import random
from functools import partial

import pytest
from django.db import transaction

from membership_site.flows import points_given, points_reserved
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from tests.flows.shop import DAY, do, give_back, place, use
from tests.kit.killed import FORK, everything, killed_when
from tests.points.proof import violations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced"), pytest.mark.slow]
KILLS = 12


def deliveries(ann, bob, noon):
    """A month of Ann's: orders, edits, returns, reviews, spending, checkouts and gifts, in one order."""
    deeds = []
    for n in range(12):
        at = noon + n * DAY
        deeds += [
            lambda n=n, at=at: place(str(n), [("a", 3, "33.40"), ("b", 1, f"{n}.50")], at),
            lambda n=n, at=at: do("review", at, photo=n % 2 == 0),
            lambda n=n, at=at: give_back(str(n), "R1", {"a": 1 + n % 3}, at + DAY / 2),
            lambda n=n, at=at: use(ann, 20, at, f"use {n}") if n > 8 else do("check_in", at),
            lambda n=n, at=at: place(str(n), [("a", 3, "33.40"), ("c", 1, "9")], at, stated_at=at + DAY / 3),
            lambda n=n, at=at: checkout(ann, n, at),
            lambda n=n, at=at: points_given.give(
                donor_id=ann, recipient_id=bob, points=10 + n, gift_key=f"{n}", at=at, actor="test"
            ),
        ]
    return [lambda at=noon - DAY: start(ann, at), *deeds]


def start(ann, at):
    """Ann has points to begin with, some of which end while the month goes by."""
    for points, last in ((900, at + 6 * DAY), (5000, at + 300 * DAY)):
        points_actions.credit(
            member_id=ann, wallet=Wallet.POINTS, source_key=f"start {points}", points=points,
            lot=(at.date(), last.date()), explanation=[{"code": "test"}],
            policy_id=points_queries.policy_on(at.date()).id, at=at, actor="test",
        )  # fmt: skip


def checkout(ann, number, at):
    """Points are held for an order; every third checkout pays for it, every third is given up, the rest lapses."""
    held = points_actions.reserve(member_id=ann, source_key=f"cart {number}", points=150, at=at, actor="test")
    if number % 3 == 0:
        points_reserved.confirm(reservation_id=held.id, source="web", order_id=str(number), at=at, actor="test")
    elif number % 3 == 1:
        points_actions.release(reservation_id=held.id, at=at, actor="test")
    else:
        points_actions.lapse(member_id=ann, at=at + DAY / 2, actor="night")


def deliver(deeds, told):
    """Tells everything, each in a transaction of its own."""
    for number, deed in enumerate(deeds, 1):
        with transaction.atomic():
            deed()
        told.value = number


def test_a_storm_of_kills_leaves_the_ledger_that_no_kill_would_have(join, noon):
    deeds = deliveries(join("ann", reward=True).id, join("bob").id, noon)
    with transaction.atomic():
        for deed in deeds:
            deed()
        expected = everything()
        transaction.set_rollback(True)
    chance, survived = random.Random(7), []
    for kill in range(KILLS):
        due = (kill + 1) * len(deeds) // (KILLS + 1)
        survived.append(killed_when(partial(deliver, deeds), lambda told, due=due: told >= due, chance))
    assert list(violations()) == []
    assert survived.count(-9) >= KILLS - 1
    assert everything() != expected
    for _ in range(2):
        deliver(deeds, FORK.RawValue("i", 0))
        assert everything() == expected
