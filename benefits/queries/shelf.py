"""What the staff see of what can be had: rewards, gifts, and what is running low."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum

from benefits.enums import RedemptionState
from benefits.models import CouponDefinition, Fulfilment, GiftItem, Pool, Redemption, Reward
from benefits.queries.offers import offers_of, prizes_of
from benefits.rules import lottery
from benefits.rules.fulfilment import NOT_SENT
from benefits.rules.lottery import Prize
from kit import clock, sql

LATELY = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class ShelfReward:
    """A reward as the staff see it: `left` its own stock, `can_have` what gifts and codes allow besides.

    `gives` is the code of what it gives, `low_water` its mark below which the staff are told, `redeemed` and `points`
    are of the last thirty days.
    """

    code: str
    kind: str
    names: dict[str, str]
    says: dict[str, str]
    icon: str
    prices: dict[str, int]
    gives: str
    prizes: tuple[Prize, ...]
    gone: frozenset[int]
    left: int | None
    can_have: int | None
    low_water: int
    member_max: int | None
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    cancel_days: int
    is_on: bool
    revision: int
    redeemed: int
    points: int

    @property
    def is_low(self) -> bool:
        """Whether fewer can be had than the mark of what it gives."""
        return self.can_have is not None and self.can_have < self.low_water


@dataclass(frozen=True, slots=True)
class GiftRow:
    """A gift as the staff see it; `waiting` counts those that are promised and not sent."""

    code: str
    names: dict[str, str]
    sku: str
    value: Decimal
    cost: Decimal
    left: int | None
    low_water: int
    needs_address: bool
    is_archived: bool
    waiting: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What a reward may give: (code, names) by kind."""

    coupons: tuple[tuple[str, dict[str, str]], ...]
    gifts: tuple[tuple[str, dict[str, str]], ...]
    pools: tuple[tuple[str, dict[str, str]], ...]


def list_rewards(at: dt.datetime) -> list[ShelfReward]:
    """Will return all rewards in their order. Two queries, and up to five where there are pools and draws."""
    return _rewards(Reward.objects.order_by("position", "id"), at)


def names_of_rewards(codes: Sequence[str]) -> dict[str, Mapping[str, str]]:
    """Will return {code: names by language} of some rewards. One query."""
    return dict(Reward.objects.filter(code__in=codes).values_list("code", "names"))


def find_shelf_reward(code: str, at: dt.datetime) -> ShelfReward | None:
    """Will return a reward, or None. Two queries, and up to five where it has a pool or is a draw."""
    return next(iter(_rewards(Reward.objects.filter(code=code), at)), None)


def _rewards(wanted: Any, at: dt.datetime) -> list[ShelfReward]:
    rows = list(wanted.select_related("coupon", "item", "pool"))
    lately = Redemption.objects.filter(redeemed_at__gt=at - LATELY, state=RedemptionState.DONE)
    used = {one: (count, points) for one, count, points in _used(lately.filter(reward__in=rows))}
    today = clock.business_date(at)
    draws = prizes_of(rows, today)
    found = []
    for row, offer in zip(rows, offers_of(rows, today), strict=True):
        given = row.coupon or row.item or row.pool
        prizes, odds = draws.get(row.id, ((), lottery.NO_ODDS))
        redeemed, points = used.get(row.id, (0, 0))
        found.append(
            ShelfReward(
                **{name: getattr(row, name) for name in SAME},
                gives=given.code if given else "",
                prizes=prizes,
                gone=odds.gone,
                can_have=offer.left,
                low_water=getattr(given, "low_water", 0),
                redeemed=redeemed,
                points=points,
            )
        )
    return found


SAME = (
    *("code", "kind", "names", "says", "icon", "prices", "left", "member_max", "starts_at", "ends_at"),
    *("cancel_days", "is_on", "revision"),
)


def _used(redemptions: Any) -> Any:
    return redemptions.values_list("reward_id").annotate(Count("id"), Sum("points"))


def list_gifts() -> list[GiftRow]:
    """Will return all gifts, those that are given no more last. Two queries."""
    rows = GiftItem.objects.order_by("is_archived", "code")
    counts = dict(Fulfilment.objects.filter(state__in=NOT_SENT).values_list("item_id").annotate(Count("id")))
    return [GiftRow(*[*(getattr(row, name) for name in OWN), counts.get(row.id, 0)]) for row in rows]


OWN = ("code", "names", "sku", "value", "cost", "left", "low_water", "needs_address", "is_archived")
"""What a gift's own row says; those that wait are counted besides."""


def find_gift(code: str) -> GiftRow | None:
    """Will return a gift, or None. Two queries."""
    return next((row for row in list_gifts() if row.code == code), None)


@dataclass(frozen=True, slots=True)
class LowRow:
    """A gift, or a pool of partners' codes, of which fewer are left than the staff want to be told of."""

    is_pool: bool
    code: str
    names: dict[str, str]
    left: int


def running_low(today: dt.date) -> list[LowRow]:
    """Will return the gifts and then the pools of which fewer are left than their mark. One query."""
    rows = sql.fetch("benefits", "running_low", today=today)
    return [LowRow(kind == "pool", code, json.loads(names), left) for kind, code, names, left in rows]


def choices_of_rewards() -> Choices:
    """Will return what a reward may give. Three queries."""
    newest = CouponDefinition.objects.filter(is_archived=False, versions__published_at__isnull=False)
    coupons = newest.order_by("code", "versions__number").values_list("code", "versions__names")
    return Choices(
        coupons=tuple(dict(coupons).items()),
        gifts=tuple(GiftItem.objects.filter(is_archived=False).order_by("code").values_list("code", "names")),
        pools=tuple(Pool.objects.filter(is_archived=False).order_by("code").values_list("code", "names")),
    )
