"""What a membership holds goes over to the one it was merged into, and back; and is let go when its owner is erased."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Sum

from kit import clock, dates
from points.actions.books import close_books, open_books
from points.enums import EntryKind, Wallet
from points.models import Balance, Entry
from points.queries.policies import policy_on
from points.rules import ledger
from points.rules.booking import Books
from points.rules.ledger import Deed, type_of_key

GROWTH_LOT = (dates.ALWAYS, dates.NEVER)


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What went over: points that can be spent or wait, what was owed, growth value."""

    points: int = 0
    owed: int = 0
    growth: int = 0


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What went back, and of what had been carried over what could not: used, lapsed or repaid meanwhile."""

    points: int = 0
    owed: int = 0
    growth: int = 0
    points_kept: int = 0
    owed_kept: int = 0


def lock_wallets(*, member_ids: Sequence[int], at: dt.datetime, actor: str) -> None:
    """Will lock some members' wallets in order of their ids, before a deed that touches them all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM points_balance WHERE member_id = ANY(%s) ORDER BY member_id, wallet FOR NO KEY UPDATE",
            [list(member_ids)],
        )


def carry_over(
    *, merged_id: int, survivor_id: int, key: str, numbers: tuple[str, str], at: dt.datetime, actor: str
) -> CarriedOver:
    """Will bring a merged member's wallets to nought: lots with their dates, debt, and growth value by date, go over.

    `numbers` are the merged one's and the survivor's, for the words. Both have visible entries of one key. Locks both
    members' wallets, in order of their ids; raises NoWallet.
    """
    deed, merged, survivor = _opened(merged_id, survivor_id, key, at, actor)
    words = _words(("merged_to", numbers[1]), ("merged_from", numbers[0]))
    points, owed = merged.wallets[Wallet.POINTS].balance, merged.wallets[Wallet.POINTS].debt
    ledger.hand_over(merged.wallets[Wallet.POINTS], survivor.wallets[Wallet.POINTS], deed, key, words)
    growth = _growth_by_date(merged_id)
    _shift_growth(merged, survivor, deed, key, growth, words)
    for books in sorted((merged, survivor), key=lambda one: one.member_id):
        close_books(books)
    return CarriedOver(max(points, 0), owed, sum(growth.values()))


def give_back(
    *, merged_id: int, survivor_id: int, merge_key: str, numbers: tuple[str, str], at: dt.datetime, actor: str
) -> GivenBack:
    """Will undo what was carried over under a merge's key, by entries of its own, as far as it is still there.

    Growth value goes back whole. Locks both members' wallets, in order of their ids; raises NoWallet.
    """
    key = f"un{merge_key}"
    deed, merged, survivor = _opened(merged_id, survivor_id, key, at, actor)
    words = _words(("unmerged_to", numbers[0]), ("unmerged_from", numbers[1]))
    carried, burden, repaid = _carried(survivor_id, merge_key)
    holder, owner = survivor.wallets[Wallet.POINTS], merged.wallets[Wallet.POINTS]
    back = ledger.hand_back(holder, owner, deed, key, carried, words)
    unburdened = ledger.unburden(holder, owner, deed, key, burden, words)
    growth = _growth_by_date(survivor_id, merge_key)
    _shift_growth(survivor, merged, deed, key, growth, words)
    for books in sorted((merged, survivor), key=lambda one: one.member_id):
        close_books(books)
    return GivenBack(
        points=back,
        owed=unburdened,
        growth=sum(growth.values()),
        points_kept=sum(carried.values()) + repaid - back,
        owed_kept=sum(points for _, points in burden[0]) + burden[1] - unburdened,
    )


def forfeit(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will let all points of a member go who is erased, and return how many; a repeat finds none. Growth value stays.

    Locks the wallets; one who has none has nothing to lose.
    """
    if not Balance.objects.filter(member_id=member_id).exists():
        return 0
    today = clock.business_date(at)
    deed = Deed(at, today, policy_on(today).id, actor)
    books = open_books(member_id, "erasure", "erasure\x01", today)
    state = books.wallets[Wallet.POINTS]
    ledger.settle(state, deed, clock.programme_zone())
    held = state.available + state.pending
    ledger.forfeit(state, deed, f"erasure:{state.seq + 1}", [{"code": "forfeited", "points": -held}])
    close_books(books)
    return held


# ---- leaves


def _opened(merged_id: int, survivor_id: int, key: str, at: dt.datetime, actor: str) -> tuple[Deed, Books, Books]:
    today = clock.business_date(at)
    deed = Deed(at, today, policy_on(today).id, actor)
    books = {one: open_books(one, key, key + "\x01", today) for one in sorted((merged_id, survivor_id))}
    for one in books.values():
        for state in one.wallets.values():
            ledger.settle(state, deed, clock.programme_zone())
    return deed, books[merged_id], books[survivor_id]


def _words(first: tuple[str, str], second: tuple[str, str]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return [{"code": first[0], "member": first[1]}], [{"code": second[0], "member": second[1]}]


def _growth_by_date(member_id: int, merge_key: str = "") -> dict[dt.date, int]:
    """Will sum a member's growth value by the date it counts on; with a key only what that carried. One query."""
    entries = Entry.objects.filter(member_id=member_id, wallet=Wallet.GROWTH)
    if merge_key:
        entries = entries.filter(source_key__gte=f"{merge_key}:", source_key__lt=f"{merge_key};")
    sums = entries.order_by("counts_on").values_list("counts_on").annotate(sum=Sum("points"))
    return {date: units for date, units in sums if units}


def _shift_growth(
    donor: Books,
    recipient: Books,
    deed: Deed,
    key: str,
    growth: Mapping[dt.date, int],
    words: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> None:
    """What adds to the donor comes first, so that what it takes back is not made a debt in between."""
    for date, units in sorted(growth.items(), key=lambda one: (one[1] < 0, one[0])):
        ledger.shift(recipient.wallets[Wallet.GROWTH], deed, f"{key}:{date}", units, GROWTH_LOT, date, words[1])
    for date, units in sorted(growth.items(), key=lambda one: (one[1] > 0, one[0])):
        ledger.shift(donor.wallets[Wallet.GROWTH], deed, f"{key}:{date}", -units, GROWTH_LOT, date, words[0])


Burden = tuple[list[tuple[type_of_key, int]], int]


def _carried(survivor_id: int, merge_key: str) -> tuple[dict[type_of_key, int], Burden, int]:
    """Will read what a merge put into a survivor's lots, what it burdened him with, and what of it repaid a debt.

    One query.
    """
    entries = Entry.objects.filter(
        member_id=survivor_id,
        wallet=Wallet.POINTS,
        kind=EntryKind.TRANSFER,
        source_key__gte=f"{merge_key}:",
        source_key__lt=f"{merge_key};",
    )
    carried: dict[type_of_key, int] = {}
    paid: list[tuple[type_of_key, int]] = []
    owed = repaid = 0
    for entry in entries:
        lots = list(
            zip(
                zip(entry.lot_active_on or [], entry.lot_expires_on or [], strict=True),
                entry.lot_points or [],
                strict=True,
            )
        )
        if entry.points < 0:
            paid += lots
            owed += entry.debt_change
            continue
        repaid -= entry.debt_change
        for lot, points in lots:
            carried[lot] = carried.get(lot, 0) + points
    return carried, (paid, owed), repaid
