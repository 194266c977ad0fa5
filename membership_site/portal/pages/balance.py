"""The points card: what can be spent, what it is worth, what expires when, what is on its way."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kit import clock, dates
from membership_site import charts
from points import queries as points_queries
from points.queries import Balance, Expiring

NAMED_EXPIRIES = 2
"""How many dates the card names; what expires after them is one row."""

SOON_DAYS = 60


@dataclass(frozen=True)
class Lapse:
    """Points that expire on a date, or after the dates named; `never` where they do not expire."""

    swatch: str
    date: dt.date | None
    points: int
    days: int | None = None
    never: bool = False


@dataclass(frozen=True)
class PointsCard:
    """What a member has; `arrivals` are (date, points) not yet to be spent, `worth` is in the programme's currency.

    `lapses` names the next dates and sums up the rest; `every` has each date of its own.
    """

    available: int
    pending: int
    debt: int
    worth: Decimal
    bar: str
    lapses: tuple[Lapse, ...]
    every: tuple[Lapse, ...]
    arrivals: tuple[Expiring, ...]


def points_card(member_id: int, at: dt.datetime) -> PointsCard:
    """Will assemble the points card at an instant. Two queries."""
    today = clock.business_date(at)
    balance = points_queries.get_balance(member_id, at)
    rate = points_queries.policy_on(today).redemption_points_per_unit
    lapses = lapses_of(balance.expiring, today)
    return PointsCard(
        available=balance.available,
        pending=balance.pending,
        debt=balance.debt,
        worth=Decimal(balance.available) / rate if rate else Decimal(0),
        bar=_bar(balance, lapses),
        lapses=lapses,
        every=tuple(_every(row) for row in balance.expiring),
        arrivals=balance.arriving,
    )


def lapses_of(expiring: Sequence[Expiring], today: dt.date) -> tuple[Lapse, ...]:
    """Will name the first dates and put what expires later into one row."""
    swatches = ("soon", "later")
    named = [row for row in expiring if row.date != dates.NEVER][:NAMED_EXPIRIES]
    rows = [_lapse(swatch, row, today) for swatch, row in zip(swatches, named, strict=False)]
    rest = expiring[len(named) :]
    if rest:
        never = all(row.date == dates.NEVER for row in rest)
        only = rest[0].date if len(rest) == 1 and not never else None
        rows.append(Lapse(swatch="rest", date=only, points=sum(row.points for row in rest), never=never))
    return tuple(rows)


def _lapse(swatch: str, row: Expiring, today: dt.date) -> Lapse:
    days = (row.date - today).days
    return Lapse(swatch=swatch, date=row.date, points=row.points, days=days if days <= SOON_DAYS else None)


def _every(row: Expiring) -> Lapse:
    never = row.date == dates.NEVER
    return Lapse(swatch="", date=None if never else row.date, points=row.points, never=never)


def _bar(balance: Balance, lapses: Sequence[Lapse]) -> str:
    if not balance.available:
        return ""
    return charts.split([(lapse.swatch, lapse.points / balance.available) for lapse in lapses])
