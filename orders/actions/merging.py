"""What a member spent counts for the one he was merged into, and back: by movements of its own, on the same dates."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, Sum

from kit import clock
from orders.models import Order, ShopEvent, SpendMovement


@dataclass(frozen=True, slots=True)
class SpendCarried:
    """The spend and the orders that went over."""

    spend: Decimal = Decimal(0)
    orders: int = 0


Sums = Sequence[tuple[dt.date, Decimal, int]]


def lock_deeds(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will lock members' orders, and their events that are not dealt with, by id.

    To be called before their wallets are locked, as whoever books one of them does.
    """
    orders, events = Order.objects.filter(member_id__in=member_ids), ShopEvent.objects.filter(member_id__in=member_ids)
    list(orders.order_by("id").select_for_update(no_key=True).values_list("id"))
    list(events.filter(booked_at=None).order_by("id").select_for_update(no_key=True).values_list("id"))


def carry_over(*, merged_id: int, survivor_id: int, key: str, at: dt.datetime, actor: str) -> SpendCarried:
    """Will bring a merged member's spend to nought on every date it counts on, and add it to the survivor's.

    Orders stay with who placed them, so that their returns find what they earned; those that have not earned yet, and
    events that are not dealt with, are the survivor's. The caller holds both members' wallets.
    """
    Order.objects.filter(member_id=merged_id, booked_at=None).update(member_id=survivor_id)
    ShopEvent.objects.filter(member_id=merged_id, booked_at=None).update(member_id=survivor_id)
    return _move(_by_date(Q(member_id=merged_id)), merged_id, survivor_id, key, at)


def give_back(*, merged_id: int, survivor_id: int, merge_key: str, at: dt.datetime, actor: str) -> SpendCarried:
    """Will move the spend back that was carried over under a merge's key. The caller holds both members' wallets."""
    carried = Q(member_id=survivor_id, source_key__gte=f"{merge_key}:", source_key__lt=f"{merge_key};")
    return _move(_by_date(carried), survivor_id, merged_id, f"un{merge_key}", at)


def _by_date(which: Q) -> Sums:
    sums = SpendMovement.objects.filter(which).order_by("counts_on").values_list("counts_on")
    return [row for row in sums.annotate(Sum("spend"), Sum("orders")) if row[1] or row[2]]


def _move(sums: Sums, donor_id: int, recipient_id: int, key: str, at: dt.datetime) -> SpendCarried:
    today = clock.business_date(at)
    SpendMovement.objects.bulk_create(
        SpendMovement(
            member_id=member_id,
            source_key=f"{key}:{date}",
            counts_on=date,
            known_on=today,
            at=at,
            spend=sign * spend,
            orders=sign * orders,
        )
        for member_id, sign in ((donor_id, -1), (recipient_id, 1))
        for date, spend, orders in sums
    )
    return SpendCarried(sum((spend for _, spend, _ in sums), Decimal(0)), sum(orders for *_, orders in sums))
