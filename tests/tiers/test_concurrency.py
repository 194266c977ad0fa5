"""Two evaluations of one member that cross: the second sees what the first decided."""

import datetime as dt
from decimal import Decimal

import pytest

from orders.models import SpendMovement
from tests.flows.shop import tier
from tests.kit.threads import overlapping
from tiers import actions as tiers_actions
from tiers.models import Decision

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_member_is_raised_once(join, noon):
    ann, day = join("ann").id, dt.date(2026, 3, 3)
    SpendMovement.objects.create(
        member_id=ann, source_key="k", counts_on=day, known_on=day, at=noon, spend=Decimal(1000), orders=1
    )

    def evaluate(cause):
        return tiers_actions.evaluate(member_id=ann, cause=cause, at=noon, actor="test")

    first, second = overlapping(lambda: evaluate("a"), lambda: evaluate("b"))
    assert (first.kind, second) == ("upgrade", None)
    assert tier(ann) == "silver" and Decision.objects.filter(kind="upgrade").count() == 1
