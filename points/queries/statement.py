"""What was booked: the lines of the ledger, by member, by deed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from kit import sql
from points.enums import EntryKind, Wallet
from points.models import Earning, Entry
from points.rules.earning import EarnRate


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


@dataclass(frozen=True, slots=True)
class BookedRate:
    """With what an order was first booked."""

    rate: EarnRate
    policy_id: int


@dataclass(frozen=True, slots=True)
class WhyEarned:
    """How a deed that rules looked at came out: wanted, given, and the steps of the rules that gave nothing."""

    desired: int
    awarded: int
    unfired: list[dict[str, Any]]


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


def why_earned(member_id: int, deed_key: str) -> WhyEarned | None:
    """Will return how a deed was booked where rules or caps looked at it, or None. One query."""
    row = Earning.objects.filter(member_id=member_id, deed_key=deed_key).values_list("desired", "awarded", "unfired")
    return WhyEarned(*row[0]) if row else None


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
