"""What was booked: the lines of the ledger, by member, by deed."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q

from kit import sql
from points.enums import EntryKind, ReservationState, Wallet
from points.models import Earning, Entry, Reservation
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
    policy_id: int = 0


@dataclass(frozen=True, slots=True)
class BookedRate:
    """With what an order was first booked."""

    rate: EarnRate
    policy_id: int


@dataclass(frozen=True, slots=True)
class WhyEarned:
    """How a deed that rules looked at came out: wanted, given, and the steps of the whole deed.

    `unfired` begins with the deed's own sum and ends with the rules that gave nothing; `grown` says the same of its
    growth value, where rules of that were asked. `facts` are what rules and caps were asked with, as
    points.rules.circumstances.frozen wrote them.
    """

    desired: int
    awarded: int
    unfired: list[dict[str, Any]]
    facts: dict[str, Any] = field(default_factory=dict)
    policy_id: int = 0
    grown: list[dict[str, Any]] = field(default_factory=list)


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


def keys_booked(member_id: int, keys: Sequence[str]) -> set[str]:
    """Will return those of some keys under which a member has an entry of points. One query."""
    entries = Entry.objects.filter(member_id=member_id, wallet=Wallet.POINTS, source_key__in=keys)
    return set(entries.values_list("source_key", flat=True))


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
    return whys_earned(member_id, [deed_key]).get(deed_key)


def whys_earned(member_id: int, deed_keys: Sequence[str]) -> dict[str, WhyEarned]:
    """Will return {key: how it was booked} of those deeds that rules or caps looked at. One query."""
    rows = Earning.objects.filter(member_id=member_id, deed_key__in=list(deed_keys))
    return {row[0]: WhyEarned(*row[1:]) for row in rows.values_list("deed_key", *WhyEarned.__slots__)}


def keys_with_entries(member_id: int, keys: Sequence[str]) -> frozenset[str]:
    """Will return those deeds, of orders and events, that have put points into the wallet or taken some. One query."""
    rows = sql.fetch("points", "keys_with_entries", member_id=member_id, wallet=Wallet.POINTS.value, keys=list(keys))
    return frozenset(row[0] for row in rows)


@dataclass(frozen=True, slots=True)
class LotMoved:
    """What entries of one kind moved in one lot, as a positive amount; both dates are inclusive."""

    kind: str
    active_on: dt.date
    expires_on: dt.date
    points: int


def lots_moved(member_id: int, key: str) -> list[LotMoved]:
    """Will return which lots the points entries below a key moved, by kind, the soonest to end first. One query."""
    rows = sql.fetch("points", "lots_moved", member_id=member_id, wallet=Wallet.POINTS.value, key=key)
    return [LotMoved(*row) for row in rows]


def spent_on_order(member_id: int, order_key: str) -> list[StatementRow]:
    """Will return what was debited for an order: the entries of its confirmed reservation. Two queries."""
    held = Reservation.objects.filter(member_id=member_id, order_key=order_key, state=ReservationState.CONFIRMED)
    keys = [f"reserve:{reservation}" for reservation in held.values_list("id", flat=True)]
    entries = Entry.objects.filter(
        member_id=member_id, wallet=Wallet.POINTS, kind=EntryKind.REDEMPTION, source_key__in=keys
    )
    rows = entries.order_by("seq").values_list(*StatementRow.__slots__) if keys else []
    return [StatementRow(*row) for row in rows]


def earned_by_keys(member_id: int, keys: Sequence[str]) -> dict[str, int]:
    """Will return {key: sum of the points booked below it} for those keys that have entries. One query."""
    return dict(sql.fetch("points", "earned_by_keys", member_id=member_id, wallet=Wallet.POINTS.value, keys=list(keys)))


def entries_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[StatementRow]:
    """Will tell of points entries that no order caused: events, spending, expiries. No query of its own."""
    entries = Entry.objects.filter(member_id=member_id, wallet=Wallet.POINTS, at__lt=before)
    rows = entries.exclude(source_key__startswith="order:").order_by("-at", "-seq")
    return sql.told(rows[:limit], "at", StatementRow, StatementRow.__slots__)
