"""Redeeming and cancelling in any order: no point is made or lost, lots and dates are as before, stocks add up."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from benefits.actions import NotCancelled, NotRedeemed
from benefits.models import Coupon, Fulfilment, GiftItem, PartnerCode, Redemption, Reward, Taken
from members.actions import NewMember
from members.rules import email_identity
from membership_site.flows import member_joined, proof
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.models import Lot
from tests.benefits.shelf import cancel, coupon, gift, pool, redeem, reward
from tests.conftest import NOON
from tests.kit.examples import FEW

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
STOCK = {"cream": 3, "ten": 4, "film": 5}
PRICE = {"cream": 70, "ten": 90, "film": 110}
FIRST = dt.date(2026, 3, 1)


class Redeeming(RuleBasedStateMachine):
    """One member with three lots, three rewards, and days that do not pass: what comes back is what went."""

    def __init__(self):
        super().__init__()
        # Each example in a transaction of its own, which is undone.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.begin()

    def begin(self):
        new = NewMember(identities=[email_identity("ann@example.com")], name="Ann")
        self.ann = member_joined.register(new=new, at=NOON - dt.timedelta(days=9), actor="test", reward=False).id
        policy = points_queries.policy_on(NOON.date())
        for days, points in ((10, 100), (40, 250), (300, 400)):
            points_actions.credit(
                member_id=self.ann, wallet=Wallet.POINTS, source_key=f"lot:{days}", points=points,
                lot=(FIRST, FIRST + dt.timedelta(days=days)), explanation=[], policy_id=policy.id, at=NOON,
                actor="test",
            )  # fmt: skip
        gift(left=STOCK["cream"]), pool(codes=STOCK["film"]), coupon()
        reward("cream", "gift", PRICE["cream"]), reward("film", "partner_code", PRICE["film"], member_max=3)
        reward("ten", "coupon", PRICE["ten"], left=STOCK["ten"])
        self.whole = self.lots()
        self.out: dict[str, tuple[str, list[tuple[dt.date, int]]]] = {}
        self.back: set[str] = set()
        self.number = 0

    def lots(self):
        rows = Lot.objects.filter(member_id=self.ann, wallet="points").values_list("expires_on", "points")
        return dict(rows)

    @rule(code=st.sampled_from(list(PRICE)))
    def redeem(self, code):
        self.number += 1
        key, before = f"k{self.number}", self.lots()
        try:
            redeem(self.ann, key, code)
        except NotRedeemed as error:
            assert self.lots() == before
            short = sum(before.values()) < PRICE[code]
            # The points are asked about last.
            assert error.refusal.code in ("sold_out", "limit", *(["not_enough"] if short else []))
            return
        after = self.lots()
        taken = [(date, points - after.get(date, 0)) for date, points in sorted(before.items())]
        self.out[key] = (code, [(date, points) for date, points in taken if points])
        assert sum(points for _date, points in taken) == PRICE[code]

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def again(self, data):
        key = data.draw(st.sampled_from(sorted(self.out)))
        before = self.lots()
        assert not redeem(self.ann, key, self.out[key][0]).is_new and self.lots() == before

    @precondition(lambda self: set(self.out) - self.back)
    @rule(data=st.data())
    def cancel(self, data):
        key = data.draw(st.sampled_from(sorted(set(self.out) - self.back)))
        before = self.lots()
        row = Redemption.objects.get(source_key=key)
        for _press in range(2):
            cancel(row.id)
        expected = dict(before)
        for date, points in self.out[key][1]:
            expected[date] = expected.get(date, 0) + points
        assert self.lots() == expected
        self.back.add(key)

    @precondition(lambda self: set(self.out) - self.back)
    @rule(data=st.data())
    def use(self, data):
        """A coupon that was used, a code that was read and a gift that was sent never come back."""
        key = data.draw(st.sampled_from(sorted(set(self.out) - self.back)))
        row, before = Redemption.objects.get(source_key=key), self.lots()
        Coupon.objects.filter(id=row.coupon_id).update(used=1)
        PartnerCode.objects.filter(id=row.partner_code_id).update(revealed_at=NOON)
        Fulfilment.objects.filter(redemption=row).update(state="shipped", carrier="SF")
        with pytest.raises(NotCancelled):
            cancel(row.id)
        assert self.lots() == before
        Coupon.objects.filter(id=row.coupon_id).update(used=0)
        PartnerCode.objects.filter(id=row.partner_code_id).update(revealed_at=None)
        Fulfilment.objects.filter(redemption=row).update(state="ready")

    @invariant()
    def points_and_stocks_add_up(self):
        done = [self.out[key] for key in set(self.out) - self.back]
        spent = sum(PRICE[code] for code, _lots in done)
        assert sum(self.lots().values()) == sum(self.whole.values()) - spent
        codes = [code for code, _lots in done]
        assert GiftItem.objects.get(code="cream").left == STOCK["cream"] - codes.count("cream")
        assert Reward.objects.get(code="ten").left == STOCK["ten"] - codes.count("ten")
        assert PartnerCode.objects.filter(member=None).count() == STOCK["film"] - codes.count("film")
        assert sum(Taken.objects.values_list("times", flat=True)) == len(done)

    def teardown(self):
        try:
            assert list(proof.violations()) == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)


def test_redeeming_and_cancelling_in_any_order(programme):
    run_state_machine_as_test(Redeeming, settings=settings(FEW, max_examples=5, stateful_step_count=14))
