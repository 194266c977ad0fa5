"""What members hold: now, at a past instant, all together."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kit import clock, dates, sql
from points.enums import Wallet
from points.models import Balance as BalanceRow
from points.rules import ledger
from points.rules.ledger import Holding, WalletState


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
    """Will return what a member has at an instant, decided from the lots: late nights change nothing. One query."""
    today = clock.business_date(at)
    return _balance(*_holding(member_id, today), today)


def lots_for(member_id: int, points: int, at: dt.datetime) -> tuple[Expiring, ...]:
    """Will return which points spending so many would take at an instant, by the last date of each, soonest first.

    The rule that books says it; where there are fewer, as far as they reach, and none while in debt. One query.
    """
    today = clock.business_date(at)
    lots, debt, idle_until = _holding(member_id, today)
    state = WalletState(member_id, Wallet.POINTS, debt=debt, idle_until=idle_until)
    for active_on, expires_on, held in lots:
        state.lots[active_on, expires_on] = Holding(held, pending=active_on > today)
    taken: dict[dt.date, int] = {}
    for lot, amount in ledger.would_take(state, today, points):
        date = ledger.ends_on(state, lot)
        taken[date] = taken.get(date, 0) + amount
    return tuple(Expiring(date, amount) for date, amount in taken.items())


def _holding(member_id: int, today: dt.date) -> tuple[list[tuple[dt.date, dt.date, int]], int, dt.date | None]:
    """The lots of a member that have not ended before a date, his debt, and until when those without a date last."""
    rows = sql.fetch("points", "holding_of", member=member_id, wallet=Wallet.POINTS.value, today=today)
    lots = [(active_on, expires_on, points) for _, _, active_on, expires_on, points in rows if active_on is not None]
    return lots, rows[0][0], rows[0][1]


def get_balance_as_of(member_id: int, at: dt.datetime) -> Balance:
    """Will return what a member had at a past instant, put together again from the ledger. One query, or two.

    The second one asks until when lots without a date of their own could be used, as it was known then.
    """
    today = clock.business_date(at)
    rows = sql.fetch("points", "lots_as_of", member_id=member_id, wallet=Wallet.POINTS.value, at=at)
    debt = sum(points for active_on, _, points in rows if active_on is None)
    lots = [row for row in rows if row[0] is not None]
    idle_until = None
    if any(expires_on == dates.WHILE_ACTIVE for _, expires_on, _ in lots):
        [(idle_until,)] = sql.fetch("points", "kept_as_of", member_id=member_id, wallet=Wallet.POINTS.value, at=at)
    return _balance(lots, debt, idle_until, today)


def _balance(
    lots: Iterable[tuple[dt.date, dt.date, int]], debt: int, idle_until: dt.date | None, today: dt.date
) -> Balance:
    """Will put lots together by date; those that last while the member is active end with `idle_until`."""
    expiring: dict[dt.date, int] = {}
    arriving: dict[dt.date, int] = {}
    for active_on, expires_on, points in lots:
        ends_on = (idle_until or dates.NEVER) if expires_on == dates.WHILE_ACTIVE else expires_on
        if ends_on >= today:
            side, date = (expiring, ends_on) if active_on <= today else (arriving, active_on)
            side[date] = side.get(date, 0) + points
    return Balance(
        available=sum(expiring.values()),
        pending=sum(arriving.values()),
        debt=debt,
        expiring=tuple(Expiring(date, expiring[date]) for date in sorted(expiring)),
        arriving=tuple(Expiring(date, arriving[date]) for date in sorted(arriving)),
    )


def available_of(member_ids: Sequence[int], today: dt.date) -> dict[int, int]:
    """Will return {id: points that can be spent on a date} of those members who have any. One query."""
    wanted = {"members": list(member_ids), "wallet": Wallet.POINTS.value, "today": today}
    return dict(sql.fetch("points", "available_of", **wanted, while_active=dates.WHILE_ACTIVE))


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a member can spend on a date, his growth, and what ends first of it, if anything ends."""

    available: int = 0
    growth: int = 0
    ending: Expiring | None = None


def holdings_of(member_ids: Sequence[int], today: dt.date) -> dict[int, Holdings]:
    """Will return {id: what he holds on a date} of those members who hold anything. One query."""
    wallets = {"points": Wallet.POINTS.value, "growth": Wallet.GROWTH.value}
    ends = {"today": today, "while_active": dates.WHILE_ACTIVE, "never": dates.WHILE_ACTIVE}
    rows = sql.fetch("points", "holdings_of", members=list(member_ids), **wallets, **ends)
    return {
        member_id: Holdings(available, growth, Expiring(ends_on, points) if ends_on else None)
        for member_id, available, growth, ends_on, points in rows
    }


def merged_with_something() -> list[int]:
    """Will return the members who were merged into another and hold or owe something all the same, by id. One query."""
    rows = BalanceRow.objects.filter(member__merged_into__isnull=False)
    rows = rows.exclude(available=0, pending=0, debt=0)
    return sorted(set(rows.values_list("member_id", flat=True)))


def who_holds(member_ids: Sequence[int]) -> list[int]:
    """Will return those of some members who hold points, usable or not, by id. One query."""
    rows = BalanceRow.objects.filter(member_id__in=member_ids, wallet=Wallet.POINTS)
    return list(rows.exclude(available=0, pending=0).order_by("member_id").values_list("member_id", flat=True))
