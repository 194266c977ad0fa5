"""Killed at any moment of a checkout: nothing stays held, nothing is used twice, and who asks again is answered."""

import random
from functools import partial

import pytest
from django.db import transaction

from benefits.models import BenefitUse, Checkout
from membership_site.flows import checkout_released
from points import queries as points_queries
from tests.benefits.coupons import define, give
from tests.conftest import NOON
from tests.flows import shop
from tests.flows.carts import asked, confirm, counts, reserve, rich
from tests.kit.killed import killed_when
from tests.points.proof import violations

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced"), pytest.mark.slow]
CARTS = 12
KILLS = 8


def sell(ann, told):
    """Cart after cart: held, then paid for; every third is left. Each call is a transaction, as the api's are."""
    for number in range(CARTS):
        with transaction.atomic():
            held = reserve(asked(ann, f"8{number % 10}", points=100), f"cart:{number}")
        told.value += 1
        if number % 3 < 2:
            with transaction.atomic():
                confirm(held, str(number))
        told.value += 1


def test_a_storm_of_kills_leaves_nothing_held_and_nothing_twice(join):
    ann = join("ann").id
    rich(ann, 5000)
    define(uses_per_code=None)
    give(ann)
    begun = points_queries.get_balance(ann, NOON).available
    chance = random.Random(11)
    ends = [killed_when(partial(sell, ann), lambda told, due=due: told >= due, chance) for due in range(1, KILLS + 1)]
    assert ends.count(-9) > KILLS // 2
    assert list(violations()) == []
    sell(ann, type("Told", (), {"value": 0})())
    checkout_released.lapse_due(at=NOON + shop.DAY, actor="night")
    paid = CARTS - CARTS // 3
    assert counts() == (paid, 0, 10 * paid, 0)
    assert sorted(Checkout.objects.values_list("state", flat=True)) == ["confirmed"] * paid + ["lapsed"] * (
        CARTS - paid
    )
    assert BenefitUse.objects.filter(definition__isnull=False).count() == paid
    assert points_queries.get_balance(ann, NOON + shop.DAY).available == begun - 100 * paid
    assert list(violations()) == []
