"""What tiers give: once for its period, to one as to everybody, and nothing where nothing is left."""

import pytest

pytestmark = pytest.mark.django_db


def test_newcomer(join):
    from benefits.models import Coupon

    ann = join("ann", reward=True)
    assert Coupon.objects.get(member_id=ann.id).definition.code == "newcomer"
