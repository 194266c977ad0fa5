"""Points against money: how many points take how much off an order. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Any

from points.rules.policy import Policy


class BelowMinimum(Exception):
    """Fewer points than the programme takes off an order were asked for; nothing was booked."""

    def __init__(self, points: int, minimum: int) -> None:
        self.points, self.minimum = points, minimum
        super().__init__(f"{points} points were asked for, {minimum} is the least. Nothing was booked.")


@dataclass(frozen=True, slots=True)
class MoneyOff:
    """How many points an order takes, what they take off it, and as steps why it is not what was wanted."""

    points: int
    amount: Decimal
    why: tuple[Mapping[str, Any], ...] = ()


def check_minimum(policy: Policy, points: int) -> None:
    """Will raise BelowMinimum where points are fewer than the policy takes off an order."""
    if points < policy.redemption_points_min:
        raise BelowMinimum(points, policy.redemption_points_min)


def points_for(policy: Policy, basis: Decimal, wanted: int | None, exponent: int = 2) -> MoneyOff:
    """Will work out the money off an order: the rate, the smallest number of points, the largest share of the basis.

    `wanted` is how many points the member wants to use (what he has, where he wants the most), None is as many as the
    order takes. The amount is rounded down to the currency's smallest coin (`exponent` decimals), and no more points
    are used than it costs: 137 points at 3 a coin take 45 coins and 135 points.
    """
    coin = Decimal(1).scaleb(-exponent)
    most = (basis * policy.redemption_share_max).quantize(coin, rounding=ROUND_DOWN)
    rate = policy.redemption_points_per_unit
    asked = most if wanted is None else (Decimal(max(wanted, 0)) / rate).quantize(coin, rounding=ROUND_DOWN)
    amount = min(asked, most)
    points = int((amount * rate).to_integral_value(rounding=ROUND_CEILING))
    why: list[Mapping[str, Any]] = []
    if asked > most:
        share, limit = _percent(policy.redemption_share_max), str(most)
        why.append({"code": "share_max", "percent": share, "amount": limit, "points": points})
    elif wanted is not None and points < wanted:
        why.append({"code": "coin", "points": points, "wanted": wanted})
    if points < policy.redemption_points_min:
        return MoneyOff(0, Decimal(0), (*why, {"code": "below_minimum", "minimum": policy.redemption_points_min}))
    return MoneyOff(points, amount, tuple(why))


def _percent(share: Decimal) -> str:
    return format((share * 100).normalize(), "f")
