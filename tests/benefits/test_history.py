"""What a member had at a past instant equals what was read at that instant, and nothing that happened is left out."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.models import Coupon
from tests.benefits.coupons import define, give
from tests.benefits.shelf import cancel, coupon, redeem, reward
from tests.benefits.test_checkouts import back, confirm, hold

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
Story = list[tuple[dt.datetime, Callable[[], object]]]


def codes_of(wallet: benefits_queries.Wallet) -> dict[str, list[str]]:
    """Will return which coupon stands where."""
    places = ("ready", "coming", "held", "used", "lapsed", "void")
    return {place: [one.code for one in getattr(wallet, place)] for place in places}


def test_coupons_as_of_a_date_are_what_was_read_then(join: Any, noon: dt.datetime) -> None:
    """Given, used, come back with its order, made void, over, used twice: each evening read live, and again later."""
    ann = join("ann").id
    define(uses_per_member=9, validity={"kind": "days", "days": 4})
    one, two, three = (Coupon.objects.get(id=give(ann, source_key=f"gift:{n}").id) for n in range(3))
    Coupon.objects.filter(id=three.id).update(uses_max=2)
    story: Story = [
        (noon, lambda: confirm(hold(one, noon, "c1").id, noon)),
        (noon + DAY, lambda: back({"1": (3, 3), "2": (1, 1)}, noon + DAY, "refund:1", nothing_left=True)),
        (noon + DAY, lambda: confirm(hold(three, noon + DAY, "c3").id, noon + DAY, "order:web:3")),
        (
            noon + 2 * DAY,
            lambda: benefits_actions.void(coupon_id=two.id, reason="by mistake", at=noon + 2 * DAY, actor="test"),
        ),
        (noon + 3 * DAY, lambda: confirm(hold(three, noon + 3 * DAY, "c4").id, noon + 3 * DAY, "order:web:4")),
        (noon + 3 * DAY, lambda: give(ann, source_key="gift:late", at=noon + 3 * DAY)),
    ]
    seen = {}
    for day in range(8):
        evening = noon + day * DAY + dt.timedelta(hours=1)
        for at, deed in story:
            if at.date() == evening.date():
                deed()
        seen[evening] = codes_of(benefits_queries.wallet_of(ann, evening))
    assert [len(seen[noon + dt.timedelta(hours=1)][place]) for place in ("ready", "used")] == [2, 1]
    for evening, then in seen.items():
        assert codes_of(benefits_queries.wallet_as_of(ann, evening)) == then, evening
    assert codes_of(benefits_queries.wallet_as_of(ann, noon - DAY)) == codes_of(benefits_queries.Wallet())


def test_what_happened_is_told_once_and_only_before_its_instant(join: Any, noon: dt.datetime) -> None:
    """Coupons given, used and void; rewards redeemed and cancelled; as they are known at each instant."""
    ann = join("ann", reward=True).id
    coupon()
    reward("tenner", "coupon", price=50)
    taken = redeem(ann, reward="tenner", at=noon + DAY)
    cancel(taken.id, at=noon + 2 * DAY)
    define("five")
    given = Coupon.objects.get(id=give(ann, "five", at=noon + 3 * DAY).id)
    confirm(hold(given, noon + 4 * DAY).id, noon + 4 * DAY)

    def told(at: dt.datetime) -> set[tuple[str, str]]:
        told = benefits_queries.coupons_before(ann, at, 20) + benefits_queries.rewards_before(ann, at, 20)
        rows = [row for one in told for row in one.rows()]
        assert all(row.at < at for row in rows)
        return {(row.deed, row.code) for row in rows if row.at > noon}

    ten = Coupon.objects.get(definition__code="ten").code
    redeemed = {("redeemed", "tenner"), ("given", ten)}
    assert told(noon + DAY) == set()
    assert told(noon + 2 * DAY) == redeemed
    assert told(noon + 3 * DAY) == redeemed | {("cancelled", "tenner"), ("void", ten)}
    everything = redeemed | {("cancelled", "tenner"), ("void", ten), ("given", given.code), ("used", given.code)}
    assert told(noon + 5 * DAY) == everything
    [used] = benefits_queries.coupons_before(ann, noon + 5 * DAY, 20)[1].rows()
    assert used.order_key == "order:web:1"
    then = benefits_queries.redeemed_by(ann, noon + DAY)
    assert [(row.reward, row.points, row.is_cancelled) for row in then] == [("tenner", 50, False)]
    assert benefits_queries.redeemed_by(ann, noon + 2 * DAY)[0].is_cancelled
    assert benefits_queries.redeemed_by(ann, noon) == []
