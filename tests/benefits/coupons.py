"""Coupons that tests define and give."""

from typing import Any

from benefits import actions as benefits_actions
from tests.conftest import NOON

NAMES = {"en": "Ten off", "zh-hans": "立减10元", "zh-hant": "減10元"}
DAYS = {"kind": "days", "days": 7}


def terms(**changes: Any) -> dict[str, Any]:
    """Terms as they are stored: ten off, for seven days after the day of issue."""
    return {"kind": "amount", "amount": "10.00", "validity": DAYS} | changes


def define(code: str = "ten", at: Any = NOON, **changes: Any) -> str:
    """Will publish a coupon and return its code."""
    benefits_actions.publish_first_coupon(code=code, names=NAMES, terms=terms(**changes), at=at, actor="test")
    return code


def give(member_id: int, code: str = "ten", source_key: str = "gift:1", at: Any = NOON, **more: Any) -> Any:
    """Will issue one coupon to a member."""
    return benefits_actions.issue(
        member_id=member_id, definition=code, source_key=source_key, at=at, actor="test", **more
    )
