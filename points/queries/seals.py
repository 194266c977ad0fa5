"""What nights have sealed: the published roots, and what one member needs to prove his statement by them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from kit import sql
from points.enums import Wallet
from points.models import Balance as BalanceRow
from points.models import DaySeal
from points.rules import sealing
from points.rules.sealing import PathStep


@dataclass(frozen=True, slots=True)
class SealedNight:
    """A night's root as it is published: over the root `before` it, the top of its tree, and these counts."""

    sealed_on: dt.date
    members: int
    entries: int
    before: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class MemberSeal:
    """A member's head after a night, and the way from it to that night's root; `night` is None until it has one."""

    sealed_on: dt.date
    points_seq: int
    growth_seq: int
    head: bytes
    night: SealedNight | None
    path: tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class SealedText:
    """An entry as its canonical text."""

    wallet: str
    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class BookedWallet:
    """What a wallet holds as it is booked: what its entries have to come to."""

    wallet: str
    entries: int
    available: int
    pending: int
    debt: int


@dataclass(frozen=True, slots=True)
class SealedStatement:
    """All of a member's ledger at one moment, as it can be verified elsewhere."""

    wallets: tuple[BookedWallet, ...]
    entries: tuple[SealedText, ...]
    seals: tuple[MemberSeal, ...]


def list_nights(before: dt.date | None = None, limit: int = 30) -> list[SealedNight]:
    """Will return the roots of the nights before a date, latest first. One query."""
    nights = DaySeal.objects.order_by("-sealed_on")
    if before:
        nights = nights.filter(sealed_on__lt=before)
    rows = list(nights[: limit + 1])
    return _nights(reversed(rows[:limit]), rows[limit] if len(rows) > limit else None)[::-1]


def all_nights() -> list[SealedNight]:
    """Will return all roots, oldest first. One query."""
    return _nights(DaySeal.objects.order_by("sealed_on"), None)


def _nights(rows: Iterable[DaySeal], last: DaySeal | None) -> list[SealedNight]:
    before = bytes(last.root) if last else sealing.BEGINNING
    nights = []
    for row in rows:
        nights.append(SealedNight(row.sealed_on, row.members, row.entries, before, bytes(row.root)))
        before = bytes(row.root)
    return nights


def sealed_statement(member_id: int) -> SealedStatement:
    """Will return all that a member's statement is proved with, as of one moment. Three queries.

    The balances are read first; what is booked after them is left out of entries and seals.
    """
    fields = ("wallet", "seq", "available", "pending", "debt")
    rows = BalanceRow.objects.filter(member_id=member_id).order_by("wallet").values_list(*fields)
    wallets = tuple(BookedWallet(*row) for row in rows)
    last = {wallet.wallet: wallet.entries for wallet in wallets}
    some = {f"{wallet}_seq": last.get(wallet, 0) for wallet in Wallet}
    texts = sql.fetch("points", "texts_of_member", member_id=member_id, **some)
    seals = sql.fetch("points", "nights_of_member", member_id=member_id, **some)
    return SealedStatement(wallets, tuple(SealedText(*row) for row in texts), tuple(_seal(*row) for row in seals))


def _seal(
    sealed_on: dt.date,
    points_seq: int,
    growth_seq: int,
    head: bytes,
    closed_on: dt.date | None,
    members: int,
    entries: int,
    root: bytes,
    branches: bytes,
    before: bytes | None,
    place: int,
    heads: bytes,
) -> MemberSeal:
    if closed_on is None:
        return MemberSeal(sealed_on, points_seq, growth_seq, bytes(head), None, ())
    night = SealedNight(closed_on, members, entries, bytes(before or sealing.BEGINNING), bytes(root))
    path = sealing.path_through(bytes(heads), bytes(branches), place)
    return MemberSeal(sealed_on, points_seq, growth_seq, bytes(head), night, tuple(path))
