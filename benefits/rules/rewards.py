"""Benefits' rewards: what one costs whom, and whether a member can have it now or take it back. Pure."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ANY_TIER = "*"
"""The key of the price that holds for every tier without one of its own."""

PRICE_MAX = 10**9
CANCEL_DAYS_MAX = 365
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class BadReward(Exception):
    """A reward's settings cannot be read or do not go together; nothing was kept. `field` says where."""

    def __init__(self, name: str, code: str, message: str) -> None:
        self.field, self.code = name, code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something cannot be had or given back: a stable code, and the facts that failed."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Offer:
    """A reward as it stands: `left` counts what stock, gifts and codes allow together, None is any number."""

    prices: Mapping[str, int]
    left: int | None = None
    member_max: int | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    is_on: bool = True


@dataclass(frozen=True, slots=True)
class Purse:
    """The member who would have it: his tier, what he can spend, what he owes, how many of it he has had."""

    tier: str
    spendable: int
    debt: int = 0
    times: int = 0


def price_for(prices: Mapping[str, int], tier: str) -> int | None:
    """Will return how many points a reward costs a tier; None where it is not for that tier."""
    return prices.get(tier, prices.get(ANY_TIER))


def fault_of(offer: Offer, purse: Purse, at: dt.datetime) -> Refusal | None:
    """Will return why a member cannot have a reward now, None where he can.

    What he can do nothing about comes first, what he lacks last: a member is not sent to collect points for something
    that is gone. Its window is half-open.
    """
    price = price_for(offer.prices, purse.tier)
    if not offer.is_on:
        return Refusal("off")
    if offer.starts_at is not None and at < offer.starts_at:
        return Refusal("not_yet", {"starts_at": offer.starts_at})
    if offer.ends_at is not None and at >= offer.ends_at:
        return Refusal("over", {"ends_at": offer.ends_at})
    if price is None:
        return Refusal("not_for_tier", {"tier": purse.tier, "tiers": tuple(offer.prices)})
    if offer.left is not None and offer.left <= 0:
        return Refusal("sold_out")
    if offer.member_max is not None and purse.times >= offer.member_max:
        return Refusal("limit", {"most": offer.member_max})
    if purse.debt or purse.spendable < price:
        return Refusal("not_enough", {"missing": price + purse.debt - purse.spendable, "price": price})
    return None


def least(*counts: int | None) -> int | None:
    """Will return the smallest of some counts of which None is any number."""
    known = [count for count in counts if count is not None]
    return min(known) if known else None


def cancels_until(redeemed_on: dt.date, cancel_days: int) -> dt.date | None:
    """Will return the last date on which a member may give a reward back himself; None where he may not at all."""
    return redeemed_on + dt.timedelta(days=cancel_days) if cancel_days else None


def check_prices(prices: Mapping[str, Any], tiers: Mapping[str, Any]) -> dict[str, int]:
    """Will return prices as they are kept; raises BadReward for one that is none, and where no tier has one."""
    kept: dict[str, int] = {}
    for tier, price in prices.items():
        if tier != ANY_TIER and tier not in tiers:
            raise BadReward(f"price_{tier}", "unknown_tier", f"There is no tier {tier}.")
        if isinstance(price, bool) or not isinstance(price, int) or not 1 <= price <= PRICE_MAX:
            raise BadReward(f"price_{tier}", "price", "A price is a whole number of points from 1.")
        kept[tier] = price
    if not kept:
        raise BadReward("price_*", "no_price", "Give a price, for all tiers or for one at least.")
    return kept


def check_frame(
    *, code: str, starts_at: dt.datetime | None, ends_at: dt.datetime | None, cancel_days: int, names: Mapping[str, str]
) -> None:
    """Will raise BadReward where what every reward has does not go together."""
    if not CODE.fullmatch(code):
        raise BadReward("code", "code", "Use small letters, figures and hyphens, for example hand-cream.")
    if not names.get("en"):
        raise BadReward("name_en", "name", "Give it a name.")
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        raise BadReward("ends_on", "window", "It ends before it starts.")
    if not 0 <= cancel_days <= CANCEL_DAYS_MAX:
        raise BadReward("cancel_days", "cancel_days", f"Use from 0 to {CANCEL_DAYS_MAX} days.")
