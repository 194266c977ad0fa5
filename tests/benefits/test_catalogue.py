"""The catalogue and its stocks: kept once, changed by whoever read it last, never overwritten."""

from dataclasses import replace
from decimal import Decimal

import pytest

from benefits import actions as benefits_actions
from benefits.actions import CodeTaken, GiftTerms, PoolTerms, RewardChanged, RewardTerms, TooFew, UnknownReward
from benefits.enums import PrizeKind, RewardKind
from benefits.models import GiftItem, PartnerCode, Pool, Reward
from benefits.rules.lottery import BadPrizes, Prize
from benefits.rules.rewards import BadReward
from kit.files import UnreadableFile
from kit.models import AuditRow
from tests.benefits.shelf import CREAM, coupon, gift, pool, prizes, reward
from tests.kit.threads import kinds, together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("programme")]
TERMS = RewardTerms(RewardKind.COUPON, CREAM, {}, "ticket", {"*": 100}, gives="ten", left=5)


def save(at, terms=TERMS, revision=None, code="ten-off"):
    return benefits_actions.save_reward(code=code, terms=terms, revision=revision, at=at, actor="staff:1")


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Reward, GiftItem, Pool, PartnerCode, AuditRow)]


def test_a_reward_is_kept_once_and_changed_by_revision(noon):
    coupon()
    assert save(noon) == 1 == save(noon)
    assert AuditRow.objects.filter(deed="reward.saved").count() == 1
    with pytest.raises(CodeTaken):
        save(noon, replace(TERMS, prices={"*": 1}))
    dearer = replace(TERMS, prices={"*": 200}, left=99)
    assert save(noon, dearer, 1) == 2
    assert save(noon, dearer, 1) == 2, "the same again, from a page that is old by now, changes nothing"
    before = rows()
    with pytest.raises(RewardChanged):
        save(noon, replace(TERMS, prices={"*": 300}), 1)
    with pytest.raises(UnknownReward):
        save(noon, TERMS, 1, "none")
    assert rows() == before
    assert Reward.objects.get().left == 5, "the stock is not the form's"


@pytest.mark.parametrize(
    "terms",
    [
        replace(TERMS, gives="none"),
        replace(TERMS, prices={"iron": 5}),
        replace(TERMS, names={}),
        replace(TERMS, kind=RewardKind.DRAW, gives=""),
        replace(TERMS, kind=RewardKind.DRAW, prizes=[Prize("a", CREAM, PrizeKind.GIFT, "none", chance=5)]),
    ],
)
def test_what_does_not_go_together_is_refused_and_nothing_is_kept(noon, terms):
    coupon()
    before = rows()
    with pytest.raises((BadReward, BadPrizes)):
        save(noon, terms)
    assert rows() == before


def test_a_tier_that_the_ladder_gave_up_keeps_its_price(noon):
    coupon()
    reward("ten-off", "coupon", prices={"platinum": 5}, icon="ticket")
    assert save(noon, replace(TERMS, prices={"platinum": 5, "*": 9}), 1) == 2


def test_switching_and_ordering_are_harmless_twice(noon):
    gift()
    for code in "abc":
        reward(code, gives="cream", position=ord(code))

    def switch(is_on, code="a"):
        benefits_actions.switch_reward(code=code, is_on=is_on, at=noon, actor="staff:1")

    def order(*codes):
        benefits_actions.order_rewards(codes=codes, at=noon, actor="staff:1")
        return list(Reward.objects.order_by("position").values_list("code", flat=True))

    switch(False), switch(False)
    assert order("c") == order("c") == ["c", "a", "b"]
    assert (
        not Reward.objects.get(code="a").is_on
        and AuditRow.objects.count()
        == 2 + AuditRow.objects.exclude(deed__in=["reward.switched", "reward.ordered"]).count()
    )
    for deed in (lambda: switch(True, "none"), lambda: order("none")):
        with pytest.raises(UnknownReward):
            deed()


def test_stocks_are_added_to_and_taken_from(noon):
    gift(left=None)
    reward("wheel", "draw", prizes=prizes(("cream", "gift", "cream", "0.5", None)), left=3)

    def change(by, key, prize="", code="wheel"):
        return benefits_actions.change_stock(code=code, by=by, key=key, prize=prize, at=noon, actor="staff:1")

    def change_gift(by, key, code="cream"):
        return benefits_actions.change_gift_stock(code=code, by=by, key=key, at=noon, actor="staff:1")

    assert (change(5, "1"), change(5, "1"), change(-8, "2"), change(None, "3")) == (8, 8, 0, None)
    assert (change(4, "4", "cream"), change(4, "4", "cream"), change(None, "5", "cream")) == (4, 4, None)
    assert (change_gift(7, "1"), change_gift(7, "1"), change_gift(-7, "2")) == (7, 7, 0)
    before = rows()
    for deed in (lambda: change_gift(-1, "9"), lambda: change(-1, "9"), lambda: change(-1, "9", "cream")):
        with pytest.raises(TooFew) as refused:
            deed()
        assert refused.value.left == 0
    for deed in (
        lambda: change(1, "9", "none"), lambda: change(1, "9", code="none"), lambda: change_gift(1, "9", "none"),
    ):  # fmt: skip
        with pytest.raises(UnknownReward):
            deed()
    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_two_who_add_at_once_add_both(noon):
    gift(left=0)
    deeds = [
        lambda n=n: benefits_actions.change_gift_stock(code="cream", by=10, key=str(n // 2), at=noon, actor="staff:1")
        for n in range(16)
    ]
    assert kinds(together(deeds)) == {"int": 16}
    assert GiftItem.objects.get(code="cream").left == 80, "eight forms, each pressed twice"


@pytest.mark.django_db(transaction=True)
def test_what_is_new_is_made_once_by_eight_presses_at_once(noon):
    coupon()
    gift_terms, pool_terms = GiftTerms(CREAM), PoolTerms("Palace", CREAM, {})
    more = {"is_new": True, "at": noon, "actor": "staff:1"}
    made = (
        lambda: save(noon),
        lambda: benefits_actions.save_gift(code="cream", terms=gift_terms, left=5, **more),
        lambda: benefits_actions.save_pool(code="cinema", terms=pool_terms, **more),
    )
    assert [kinds(together([deed] * 8)) for deed in made] == [{"int": 8}, {"NoneType": 8}, {"NoneType": 8}]
    kept = {Reward: "ten-off", GiftItem: "cream", Pool: "cinema"}
    assert [model.objects.filter(code=code).count() for model, code in kept.items()] == [1, 1, 1]
    assert AuditRow.objects.filter(deed__in=["reward.saved", "gift.saved", "pool.saved"]).count() == 3


def test_gifts_and_pools_are_kept_once_and_keep_their_stock(noon):
    terms = GiftTerms(CREAM, value=Decimal(5))
    pooled = PoolTerms("Palace", CREAM, {})

    def save_gift(terms, is_new, code="cream"):
        benefits_actions.save_gift(code=code, terms=terms, left=5, is_new=is_new, at=noon, actor="staff:1")

    def save_pool(terms, is_new, code="cinema"):
        benefits_actions.save_pool(code=code, terms=terms, is_new=is_new, at=noon, actor="staff:1")

    save_gift(terms, True), save_gift(terms, True), save_pool(pooled, True), save_pool(pooled, True)
    assert AuditRow.objects.filter(deed__in=["gift.saved", "pool.saved"]).count() == 2
    GiftItem.objects.update(left=2)
    save_gift(replace(terms, sku="S"), False), save_pool(replace(pooled, partner="Roxy"), False)
    assert (GiftItem.objects.get(code="cream").left, Pool.objects.get().partner) == (2, "Roxy")
    before = rows()
    for deed, refusal in (
        (lambda: save_gift(terms, True), CodeTaken),
        (lambda: save_pool(pooled, True), CodeTaken),
        (lambda: save_gift(terms, False, "none"), UnknownReward),
        (lambda: save_pool(pooled, False, "none"), benefits_actions.UnknownPool),
    ):
        with pytest.raises(refusal):
            deed()
    assert rows() == before


def test_a_partners_file_is_imported_once(noon, tmp_path):
    pool(codes=0), pool("old", codes=0, is_archived=True)
    path, errors = tmp_path / "codes.csv", tmp_path / "errors.csv"
    path.write_bytes("code\tends_on\nA\t2027-01-01\nB\t\n\t\nA\t\n".encode("gb18030"))

    def bring(name="cinema"):
        return benefits_actions.import_codes(pool=name, path=path, errors=errors, at=noon, actor="staff:1")

    done, again = bring(), bring()
    assert (done.new, done.known, done.bad) == (2, 1, 1)
    assert (again.new, again.known, again.bad) == (0, 3, 1)
    assert errors.read_text().splitlines() == ["code,ends_on,error_code,error", ",,missing,The code is missing."]
    for name in ("none", "old"):
        with pytest.raises(benefits_actions.UnknownPool):
            bring(name)
    path.write_text("number\n1\n")
    with pytest.raises(UnreadableFile):
        bring()
    assert PartnerCode.objects.count() == 2
