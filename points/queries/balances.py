"""What members hold: now, at a past instant, all together."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Sum

from kit import clock, sql
from points import models
from points.enums import Wallet
from points.models import Balance as BalanceRow
from points.models import Lot


@dataclass(frozen=True, slots=True)
class Expiring:
    """Points that can be used through a date."""

    date: dt.date
    points: int


@dataclass(frozen=True, slots=True)
class Balance:
    """What a member has at an instant; `available` can be spent now, `debt` is owed after refunds."""

    available: int
    pending: int
    debt: int
    expiring: tuple[Expiring, ...]
    arriving: tuple[Expiring, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """What all members hold together, as it is booked."""

    available: int
    pending: int
    debt: int

    @property
    def net(self) -> int:
        """What they hold less what they owe: the sum of all entries."""
        return self.available + self.pending - self.debt


def get_balance(member_id: int, at: dt.datetime) -> Balance:
    """Will return what a member has at an instant, decided from the lots: late nights change nothing. Two queries."""
    today = clock.business_date(at)
    owed = models.Balance.objects.filter(member_id=member_id, wallet=Wallet.POINTS).values_list("debt", flat=True)
    debt = owed.first() or 0
    lots = Lot.objects.filter(member_id=member_id, wallet=Wallet.POINTS, expires_on__gte=today)
    expiring: dict[dt.date, int] = {}
    arriving: dict[dt.date, int] = {}
    for active_on, expires_on, points in lots.values_list("active_on", "expires_on", "points"):
        side, date = (expiring, expires_on) if active_on <= today else (arriving, active_on)
        side[date] = side.get(date, 0) + points
    return Balance(
        available=sum(expiring.values()),
        pending=sum(arriving.values()),
        debt=debt,
        expiring=tuple(Expiring(date, expiring[date]) for date in sorted(expiring)),
        arriving=tuple(Expiring(date, arriving[date]) for date in sorted(arriving)),
    )


def get_balance_as_of(member_id: int, at: dt.datetime) -> Balance:
    """Will return what a member had at a past instant, put together again from the ledger. One query."""
    today = clock.business_date(at)
    debt = 0
    sides: dict[bool, dict[dt.date, int]] = {True: {}, False: {}}
    rows = sql.fetch("points", "lots_as_of", member_id=member_id, wallet=Wallet.POINTS.value, at=at)
    for active_on, expires_on, points in rows:
        if active_on is None:
            debt = points
        elif expires_on >= today:
            active = active_on <= today
            date = expires_on if active else active_on
            sides[active][date] = sides[active].get(date, 0) + points
    expiring, arriving = (tuple(Expiring(date, side[date]) for date in sorted(side)) for side in sides.values())
    return Balance(
        available=sum(row.points for row in expiring),
        pending=sum(row.points for row in arriving),
        debt=debt,
        expiring=expiring,
        arriving=arriving,
    )


def available_of(member_ids: Sequence[int], today: dt.date) -> dict[int, int]:
    """Will return {id: points that can be spent on a date} of those members who have any. One query."""
    return dict(sql.fetch("points", "available_of", members=list(member_ids), wallet=Wallet.POINTS.value, today=today))


def held_by_all() -> Held:
    """Will return what all members hold together, as it is booked. One query."""
    sums = BalanceRow.objects.filter(wallet=Wallet.POINTS).aggregate(Sum("available"), Sum("pending"), Sum("debt"))
    return Held(*(int(sums[f"{name}__sum"] or 0) for name in ("available", "pending", "debt")))
