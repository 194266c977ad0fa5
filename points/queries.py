"""What others may ask of points."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from kit import clock, sql
from kit.versions import Versions
from points import models
from points.enums import EntryKind, Wallet
from points.models import Balance as BalanceRow
from points.models import Earning, Entry, Lot, PolicyVersion
from points.rules.earning import EarnRate
from points.rules.policy import Policy, policy_from_terms


class NoPolicy(Exception):
    """No points policy has been published; load one with `manage.py load_starter`."""


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
class StatementRow:
    """One entry of the ledger as pages and the API show it."""

    wallet: str
    seq: int
    kind: str
    points: int
    debt_change: int
    balance_after: int
    source_key: str
    at: dt.datetime
    business_date: dt.date
    active_on: dt.date | None
    expires_on: dt.date | None
    explanation: list[dict[str, Any]]
    actor: str


def policies() -> Versions[Policy]:
    """Will return all published policies by the date they came into force. One query; NoPolicy."""
    published = PolicyVersion.objects.filter(published_at__isnull=False).order_by("effective_on", "number")
    versions = Versions((row.effective_on, policy_from_terms(row.id, row.terms)) for row in published)
    if not versions:
        raise NoPolicy("No points policy has been published. Run `manage.py load_starter`, or publish one.")
    return versions


def policy_on(date: dt.date) -> Policy:
    """Will return the policy in force on a business date (the first one before its time). One query; NoPolicy."""
    return policies().on(date)


def policy_by_id(policy_id: int) -> Policy:
    """Will return a policy by its id. One query."""
    row = PolicyVersion.objects.get(id=policy_id)
    return policy_from_terms(row.id, row.terms)


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


def growth_in_window(member_id: int, starts_on: dt.date, ends_on: dt.date) -> int:
    """Will sum the growth that counts from starts_on to ends_on, inclusive, as known at the end of ends_on.

    One query.
    """
    entries = Entry.objects.filter(
        member_id=member_id,
        wallet=Wallet.GROWTH,
        counts_on__gte=starts_on,
        counts_on__lte=ends_on,
        business_date__lte=ends_on,
    )
    return int(entries.aggregate(sum=Sum("points"))["sum"] or 0)


def list_statement(
    member_id: int,
    *,
    wallet: Wallet | None = None,
    kinds: tuple[EntryKind, ...] = (),
    before: tuple[str, int] | tuple[str, int, str] | None = None,
    as_of: dt.datetime | None = None,
    limit: int = 50,
) -> list[StatementRow]:
    """Will return entries newest first (by wallet's sequence, points before growth at the same instant). One query.

    `before` is the (instant in ISO form, sequence, wallet where both are listed) of the last row of the page before;
    `as_of` leaves out what happened later.
    """
    entries = Entry.objects.filter(member_id=member_id)
    if wallet:
        entries = entries.filter(wallet=wallet)
    if kinds:
        entries = entries.filter(kind__in=kinds)
    if as_of:
        entries = entries.filter(at__lte=as_of)
    if before:
        at, seq = dt.datetime.fromisoformat(before[0]), before[1]
        older = Q(at__lt=at) | Q(at=at, seq__lt=seq)
        if len(before) == 3:
            older |= Q(at=at, seq=seq, wallet__lt=before[2])
        entries = entries.filter(older)
    fields = StatementRow.__slots__
    rows = entries.order_by("-at", "-seq", "-wallet").values_list(*fields)[:limit]
    return [StatementRow(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class BookedRate:
    """With what an order was first booked."""

    rate: EarnRate
    policy_id: int


def entries_of(member_id: int, key: str) -> list[StatementRow]:
    """Will return the entries booked under a key or a key that continues it, in order of booking. One query."""
    entries = Entry.objects.filter(
        Q(source_key=key) | Q(source_key__gte=key + ":", source_key__lt=key + ";"),
        member_id=member_id,
        wallet__in=list(Wallet),
    )
    return [StatementRow(*row) for row in entries.order_by("wallet", "seq").values_list(*StatementRow.__slots__)]


def booked_rate(member_id: int, order_key: str) -> BookedRate | None:
    """Will return the multiplier, tier and policy an order first earned with, or None before it has. One query."""
    first = (
        Entry.objects.filter(
            member_id=member_id,
            wallet=Wallet.POINTS,
            kind=EntryKind.ACCRUAL,
            source_key__gte=order_key + ":",
            source_key__lt=order_key + ";",
        )
        .order_by("seq")
        .values_list("explanation", "policy_id")
        .first()
    )
    if first is None:
        return None
    step = first[0][0]
    return BookedRate(EarnRate(Decimal(step["multiplier"]), step["tier"]), first[1])


@dataclass(frozen=True, slots=True)
class WhyEarned:
    """How a deed that rules looked at came out: wanted, given, and the steps of the rules that gave nothing."""

    desired: int
    awarded: int
    unfired: list[dict[str, Any]]


def why_earned(member_id: int | None, deed_key: str) -> WhyEarned | None:
    """Will return how a deed was booked where rules or caps looked at it, or None. One query."""
    row = Earning.objects.filter(member_id=member_id, deed_key=deed_key).values_list("desired", "awarded", "unfired")
    return WhyEarned(*row[0]) if row else None


# ---- lists and pages of the staff


@dataclass(frozen=True, slots=True)
class MovedOnDate:
    """What a business date put into the wallet or took out of it by one kind of entry; signed."""

    date: dt.date
    kind: str
    points: int


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


def earned_by_keys(member_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Will return {key: sum of the points booked below it} for those keys that have entries. One query."""
    return dict(sql.fetch("points", "earned_by_keys", member_id=member_id, wallet=Wallet.POINTS.value, keys=list(keys)))


def list_besides_orders(member_id: int, before: dt.datetime | None = None, limit: int = 50) -> list[StatementRow]:
    """Will return points entries that no order caused, latest first: events, spending, expiries. One query."""
    entries = Entry.objects.filter(member_id=member_id, wallet=Wallet.POINTS).exclude(source_key__startswith="order:")
    if before:
        entries = entries.filter(at__lt=before)
    rows = entries.order_by("-at", "-seq").values_list(*StatementRow.__slots__)[:limit]
    return [StatementRow(*row) for row in rows]


def moved_by_date(starts_on: dt.date, ends_on: dt.date) -> list[MovedOnDate]:
    """Will return what each date from starts_on to ends_on moved in all members' points, by kind. One query."""
    rows = sql.fetch("points", "moved_by_date", wallet=Wallet.POINTS.value, starts_on=starts_on, ends_on=ends_on)
    return [MovedOnDate(*row) for row in rows]


def held_by_all() -> Held:
    """Will return what all members hold together, as it is booked. One query."""
    sums = BalanceRow.objects.filter(wallet=Wallet.POINTS).aggregate(Sum("available"), Sum("pending"), Sum("debt"))
    return Held(*(int(sums[f"{name}__sum"] or 0) for name in ("available", "pending", "debt")))
