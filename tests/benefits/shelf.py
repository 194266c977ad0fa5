"""What the shop has to give, written short: gifts with stock, pools with codes, coupons."""

from typing import Any

from benefits import actions as benefits_actions
from benefits.models import GiftItem, PartnerCode, Pool
from tests.conftest import NOON

CREAM = {"en": "Hand cream", "zh-hans": "护手霜", "zh-hant": "護手霜"}


def gift(code: str = "cream", left: int | None = 3, **rest: Any) -> GiftItem:
    """Will put a gift on the shelf."""
    return GiftItem.objects.create(code=code, names=CREAM, left=left, **rest)


def pool(code: str = "cinema", codes: int = 3, ends_on: Any = None, **rest: Any) -> Pool:
    """Will make a pool with so many codes: cinema-1, cinema-2, ..."""
    made = Pool.objects.create(code=code, partner="Palace", names={"en": "Cinema ticket"}, **rest)
    PartnerCode.objects.bulk_create(
        [PartnerCode(pool=made, code=f"{code}-{n}", ends_on=ends_on) for n in range(1, codes + 1)]
    )
    return made


def coupon(code: str = "ten", amount: str = "10", days: int = 60) -> None:
    """Will publish a coupon that takes an amount off."""
    terms = {"kind": "amount", "amount": amount, "validity": {"kind": "days", "days": days}}
    benefits_actions.publish_first_coupon(code=code, names={"en": f"{amount} off"}, terms=terms, at=NOON, actor="test")


def promise(member_id: int, source_key: str = "grant:1", item: str = "cream", at: Any = NOON, **rest: Any) -> Any:
    """Will promise a member a gift."""
    return benefits_actions.promise(member_id=member_id, item=item, source_key=source_key, at=at, actor="test", **rest)


def take(member_id: int, source_key: str = "grant:1", pool: str = "cinema", at: Any = NOON) -> Any:
    """Will take a member a code."""
    return benefits_actions.take_code(member_id=member_id, pool=pool, source_key=source_key, at=at, actor="test")
