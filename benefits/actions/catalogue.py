"""What can be had for points: rewards made, changed, switched, put in order, and what is left of them and of gifts."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from benefits.actions.defining import CodeTaken
from benefits.enums import PrizeKind, RewardKind
from benefits.models import CouponDefinition, GiftItem, Pool, Reward
from benefits.rules import lottery
from benefits.rules.lottery import BadPrizes, Prize
from benefits.rules.rewards import ANY_TIER, BadReward, check_frame, check_prices
from kit import audit, clock, locks
from kit.models import AuditRow
from tiers import queries as tiers_queries

STOCK = "stock.changed"


class UnknownReward(Exception):
    """There is no reward of this code; nothing was changed."""


class RewardChanged(Exception):
    """Somebody else changed the reward meanwhile; nothing was kept."""


class TooFew(Exception):
    """More was to be taken off the stock than is there; nothing was changed."""

    def __init__(self, left: int) -> None:
        self.left = left
        super().__init__(f"Only {left} are left. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class RewardTerms:
    """What the staff say of a reward; `gives` is the code of the coupon, gift or pool, empty for a draw.

    `left` and the `left` of a prize are the stock of a new one; of a known one it is changed by change_stock alone.
    """

    kind: RewardKind
    names: Mapping[str, str]
    says: Mapping[str, str]
    icon: str
    prices: Mapping[str, int]
    gives: str = ""
    prizes: Sequence[Prize] = ()
    left: int | None = None
    member_max: int | None = None
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    cancel_days: int = 0


@dataclass(frozen=True, slots=True)
class GiftTerms:
    """What the staff say of a gift; its stock is changed by change_gift_stock."""

    names: Mapping[str, str]
    sku: str = ""
    value: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)
    low_water: int = 0
    needs_address: bool = True
    is_archived: bool = False


@transaction.atomic
def save_reward(*, code: str, terms: RewardTerms, revision: int | None, at: dt.datetime, actor: str) -> int:
    """Will make a reward (revision None) or change the one that was read at a revision; returns the new revision.

    Raises BadReward and BadPrizes where settings do not go together, CodeTaken for a new one of a known code,
    UnknownReward, and RewardChanged where somebody else was faster. The same again changes nothing. What is left,
    of it and of its prizes, is kept as it is: members redeem meanwhile. Takes turns by code, then locks the reward.
    """
    locks.take_turns([f"reward:{code}"])
    fields = _checked(code, terms, clock.business_date(at))
    row = Reward.objects.select_for_update().filter(code=code).first()
    if revision is None:
        if row is not None and _plain(row, fields) == _plain(row, {name: getattr(row, name) for name in fields}):
            return row.revision
        if row is not None:
            raise CodeTaken(f"There is a reward {code} already. Nothing was kept.")
        row, was = Reward(code=code, left=terms.left, position=Reward.objects.count() + 1), None
    else:
        if row is None:
            raise UnknownReward(f"There is no reward {code}. Nothing was kept.")
        fields["prizes"] = _with_stock(fields["prizes"], row.prizes)
        was = _plain(row, {name: getattr(row, name) for name in fields})
        if was == _plain(row, fields):
            return row.revision
        if row.revision != revision:
            raise RewardChanged("Somebody else changed the reward meanwhile. Nothing was kept.")
        row.revision += 1
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    audit.record(
        at=at, actor=actor, deed="reward.saved", subject=f"reward:{code}", was=was, becomes=_plain(row, fields)
    )
    return row.revision


@transaction.atomic
def switch_reward(*, code: str, is_on: bool, at: dt.datetime, actor: str) -> None:
    """Will offer a reward, or offer it no more; so already, nothing changes. Raises UnknownReward. Locks it."""
    row = _locked(code)
    if row.is_on == is_on:
        return
    row.is_on = is_on
    row.save(update_fields=["is_on"])
    becomes = {"is_on": is_on}
    audit.record(at=at, actor=actor, deed="reward.switched", subject=f"reward:{code}", becomes=becomes)


@transaction.atomic
def order_rewards(*, codes: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will show rewards in an order; those that are not named come after, as they were. The same order changes nothing.

    Raises UnknownReward. Locks all rewards, in order of their ids.
    """
    rows = list(Reward.objects.select_for_update().order_by("id"))
    known = {row.code for row in rows}
    if unknown := [code for code in codes if code not in known]:
        raise UnknownReward(f"There is no reward {unknown[0]}. Nothing was changed.")
    before = [row.code for row in sorted(rows, key=lambda row: (row.position, row.id))]
    after = [*codes, *(code for code in before if code not in codes)]
    if after == before:
        return
    places = {code: place for place, code in enumerate(after, 1)}
    for row in rows:
        row.position = places[row.code]
    Reward.objects.bulk_update(rows, ["position"])
    audit.record(at=at, actor=actor, deed="reward.ordered", subject="rewards", was=before, becomes=after)


@transaction.atomic
def change_stock(*, code: str, by: int | None, key: str, prize: str = "", at: dt.datetime, actor: str) -> int | None:
    """Will add to what is left of a reward, or of a prize by its key, or take off it; None lifts the limit.

    Adding to one without a limit begins one. Returns what is left. `key` is of the form: the same one again changes
    nothing. Raises UnknownReward and TooFew. Locks the reward, so that two people who add 100 each add 200.
    """
    row = _locked(code)
    subject = f"reward:{code}:{prize}" if prize else f"reward:{code}"
    if _is_known(subject, key):
        return row.left if not prize else next((one["left"] for one in row.prizes if one["key"] == prize), None)
    if not prize:
        was, row.left = row.left, _changed(row.left, by)
        left = row.left
    else:
        found = next((one for one in row.prizes if one["key"] == prize), None)
        if found is None:
            raise UnknownReward(f"The reward {code} has no prize {prize}. Nothing was changed.")
        was, found["left"] = found["left"], _changed(found["left"], by)
        left = found["left"]
    row.save(update_fields=["left", "prizes"])
    _record_stock(subject, was, left, key, at, actor)
    return left


@transaction.atomic
def save_gift(*, code: str, terms: GiftTerms, left: int | None, is_new: bool, at: dt.datetime, actor: str) -> None:
    """Will make a gift with its stock, or change one but for its stock; the same again changes nothing.

    Raises CodeTaken for a new one of a known code, UnknownReward for an unknown one. Takes turns by code, then locks
    the gift.
    """
    locks.take_turns([f"gift:{code}"])
    row = GiftItem.objects.select_for_update().filter(code=code).first()
    was = _gift_terms(row) if row else None
    if is_new and row is not None and was != terms:
        raise CodeTaken(f"There is a gift {code} already. Nothing was kept.")
    if not is_new and row is None:
        raise UnknownReward(f"There is no gift {code}. Nothing was kept.")
    if was == terms:
        return
    row = row or GiftItem(code=code, left=left)
    for name in GiftTerms.__slots__:
        setattr(row, name, getattr(terms, name))
    row.save()
    audit.record(
        at=at,
        actor=actor,
        deed="gift.saved",
        subject=f"gift:{code}",
        was=_plain_gift(was) if was else None,
        becomes=_plain_gift(terms),
    )


@transaction.atomic
def change_gift_stock(*, code: str, by: int | None, key: str, at: dt.datetime, actor: str) -> int | None:
    """Will add to what is left of a gift, or take off it; None lifts the limit. As change_stock."""
    row = GiftItem.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise UnknownReward(f"There is no gift {code}. Nothing was changed.")
    if _is_known(f"gift:{code}", key):
        return row.left
    was, row.left = row.left, _changed(row.left, by)
    row.save(update_fields=["left"])
    _record_stock(f"gift:{code}", was, row.left, key, at, actor)
    return row.left


# ---- leaves


def _locked(code: str) -> Reward:
    row = Reward.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise UnknownReward(f"There is no reward {code}. Nothing was changed.")
    return row


def _changed(left: int | None, by: int | None) -> int | None:
    if by is None:
        return None
    if (left or 0) + by < 0:
        raise TooFew(left or 0)
    return (left or 0) + by


def _is_known(subject: str, key: str) -> bool:
    """Will say whether a form has changed a stock already; the audit log remembers, and its row is under our lock."""
    return AuditRow.objects.filter(subject=subject, deed=STOCK, becomes__key=key).exists()


def _record_stock(subject: str, was: int | None, left: int | None, key: str, at: dt.datetime, actor: str) -> None:
    becomes = {"left": left, "key": key}
    audit.record(at=at, actor=actor, deed=STOCK, subject=subject, was={"left": was}, becomes=becomes)


def _checked(code: str, terms: RewardTerms, today: dt.date) -> dict[str, Any]:
    """Will return the columns that the terms of a reward stand for; raises BadReward and BadPrizes."""
    check_frame(
        code=code, starts_at=terms.starts_at, ends_at=terms.ends_at, cancel_days=terms.cancel_days, names=terms.names
    )
    tiers = {tier.code: tier for tier in tiers_queries.tiers_of_ladder(today)}
    known = Reward.objects.filter(code=code).values_list("prices", flat=True).first() or {}
    return {
        "kind": terms.kind.value,
        "names": dict(terms.names),
        "says": dict(terms.says),
        "icon": terms.icon,
        # A tier that the ladder has given up keeps its price, until somebody takes it away.
        "prices": check_prices(terms.prices, tiers | {tier: None for tier in known if tier != ANY_TIER}),
        "member_max": terms.member_max,
        "starts_at": terms.starts_at,
        "ends_at": terms.ends_at,
        "cancel_days": terms.cancel_days,
        **_given(terms),
    }


def _given(terms: RewardTerms) -> dict[str, Any]:
    """Will look up what a reward gives, by its code; the other columns are empty."""
    columns: dict[str, Any] = {"coupon_id": None, "item_id": None, "pool_id": None, "prizes": []}
    if terms.kind is RewardKind.DRAW:
        return columns | {"prizes": _prizes(terms.prizes)}
    found = _ids(KINDS[terms.kind.value], [terms.gives])
    if not found:
        raise BadReward("gives", "gives", "Choose what it gives.")
    column = {RewardKind.COUPON: "coupon_id", RewardKind.GIFT: "item_id", RewardKind.PARTNER_CODE: "pool_id"}
    return columns | {column[terms.kind]: found[terms.gives]}


KINDS: Mapping[str, Any] = {
    PrizeKind.COUPON.value: CouponDefinition,
    PrizeKind.GIFT.value: GiftItem,
    PrizeKind.PARTNER_CODE.value: Pool,
}


def _ids(model: Any, codes: Iterable[str]) -> dict[str, int]:
    return dict(model.objects.filter(code__in=codes, is_archived=False).values_list("code", "id"))


def _prizes(prizes: Sequence[Prize]) -> list[dict[str, Any]]:
    """Will check prizes together, and each against what there is; returns them as they are kept."""
    kept = [lottery.stored_prize(prize) for prize in prizes]
    lottery.prizes_from(kept)
    for place, prize in enumerate(prizes):
        if prize.kind is not PrizeKind.POINTS and not _ids(KINDS[prize.kind.value], [prize.gives]):
            raise BadPrizes("gives", "Choose what the prize gives.", place)
    return kept


def _with_stock(kept: list[dict[str, Any]], known: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Will give prizes that are known what is left of them, whatever the form thought it was."""
    left = {one["key"]: one["left"] for one in known}
    return [one | {"left": left.get(one["key"], one["left"])} for one in kept]


def _plain(row: Reward, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Will write columns for the audit log."""
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value for name, value in sorted(fields.items())
    } | {"code": row.code}


def _gift_terms(row: GiftItem) -> GiftTerms:
    return GiftTerms(**{name: getattr(row, name) for name in GiftTerms.__slots__})


def _plain_gift(terms: GiftTerms) -> dict[str, Any]:
    return asdict(terms) | {"value": str(terms.value), "cost": str(terms.cost)}
