"""What the shop has to give, written short: gifts with stock, pools with codes, coupons."""

from typing import Any

from benefits import actions as benefits_actions
from benefits.models import CouponDefinition, GiftItem, PartnerCode, Pool, Reward
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


def coupon(code: str = "ten", amount: str = "10", days: int = 60) -> bool:
    """Will publish a coupon that takes an amount off."""
    terms = {"kind": "amount", "amount": amount, "validity": {"kind": "days", "days": days}}
    return benefits_actions.publish_first_coupon(
        code=code, names={"en": f"{amount} off"}, terms=terms, at=NOON, actor="test"
    )


def promise(member_id: int, source_key: str = "grant:1", item: str = "cream", at: Any = NOON, **rest: Any) -> Any:
    """Will promise a member a gift."""
    return benefits_actions.promise(member_id=member_id, item=item, source_key=source_key, at=at, actor="test", **rest)


def take(member_id: int, source_key: str = "grant:1", pool: str = "cinema", at: Any = NOON) -> Any:
    """Will take a member a code."""
    return benefits_actions.take_code(member_id=member_id, pool=pool, source_key=source_key, at=at, actor="test")


def reward(code: str = "cream", kind: str = "gift", price: int = 2000, **rest: Any) -> Reward:
    """Will offer a reward of what is on the shelf: its gift, coupon or pool has the code `gives`, or the kind's own."""
    gives = rest.pop("gives", {"gift": "cream", "coupon": "ten", "partner_code": "cinema", "draw": ""}[kind])
    what = {
        "gift": ("item", GiftItem),
        "coupon": ("coupon", CouponDefinition),
        "partner_code": ("pool", Pool),
    }.get(kind)
    thing = {what[0]: what[1].objects.get(code=gives)} if what else {}
    fields = {"names": CREAM, "icon": "gift", "prices": {"*": price}} | thing | rest
    return Reward.objects.create(code=code, kind=kind, **fields)


def redeem(member_id: int, source_key: str = "portal:1", reward: str = "cream", at: Any = NOON, **rest: Any) -> Any:
    """Will take a member a reward."""
    return benefits_actions.redeem(
        member_id=member_id, reward=reward, source_key=source_key, at=at, actor="test", **rest
    )


def cancel(redemption_id: Any, at: Any = NOON, *, by_member: bool = False) -> Any:
    """Will take a redemption back."""
    return benefits_actions.cancel_redemption(
        redemption_id=redemption_id, reason="changed my mind", at=at, actor="test", by_member=by_member
    )


def prizes(*rows: tuple[str, str, str, Any, int | None]) -> list[dict[str, Any]]:
    """Will state the prizes of a draw: (key, kind, gives or points, chance, left)."""
    return [
        {
            "key": key,
            "names": {"en": key.title()},
            "kind": kind,
            "gives": "" if kind == "points" else gives,
            "points": int(gives) if kind == "points" else 0,
            "chance": chance,
            "left": left,
        }
        for key, kind, gives, chance, left in rows
    ]
