"""Forgetting erased members: how the shop named them, and the words that came with their orders and events."""

import datetime as dt
from collections.abc import Sequence

from kit import sql
from orders.models import Order, OrderLine, Refund, ShopEvent


def forget(*, member_ids: Sequence[int], words: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will empty references, unknown columns and texts of erased members' orders, returns and events.

    Amounts, dates, and what was bought stay, and numbers and yes or no of an event; a repeat of a statement is still
    known by its digest. What is parked for one of the words is let go of too, and no event waits any more.
    """
    ShopEvent.objects.filter(member_id__in=member_ids, booked_at=None).update(booked_at=at)
    orders = Order.objects.filter(member_id__in=member_ids)
    orders.update(member_reference={})
    OrderLine.objects.filter(order__member_id__in=member_ids).exclude(attributes={}).update(attributes={})
    Refund.objects.filter(order__member_id__in=member_ids).exclude(attributes={}).update(attributes={})
    sql.execute("orders", "forget_events", members=list(member_ids))
    patterns = [f"%{word}%" for word in words]
    for table in ("orders", "events"):
        sql.execute("orders", f"forget_parked_{table}", patterns=patterns)
