"""What a return of units would do: booked by the function that books it, looked at, and rolled back."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from kit.keys import order_key, source_key
from membership_site.flows import order_refunded
from orders.queries import OrderView
from orders.rules import RefundStatement
from points import queries as points_queries
from points.enums import EntryKind
from points.queries import Balance, LotMoved
from tiers import queries as tiers_queries
from tiers.queries import StandingView


@dataclass(frozen=True, slots=True)
class ReturnPreview:
    """What a return would leave behind; all amounts are positive.

    `taken` are the lots that points would be taken from, `restored` those that points which paid for the order would
    go back to. `standing_after` is None where the member stands on no ladder.
    """

    answer: order_refunded.RefundAnswer
    taken: tuple[LotMoved, ...]
    restored: tuple[LotMoved, ...]
    before: Balance
    after: Balance
    standing_before: StandingView | None
    standing_after: StandingView | None


def preview(*, member_id: int, order: OrderView, units: Mapping[str, int], at: dt.datetime) -> ReturnPreview:
    """Will work out what a return of units by line would do now; nothing is kept.

    It calls order_refunded.take_refund and rolls back, so what is shown is what would be booked. Locks as a return
    does, for as long as it takes. Raises orders.rules.BadStatement for a line that the order does not have.
    """
    refund_id = f"preview {at.isoformat()}"
    lines = tuple((line_id, quantity) for line_id, quantity in units.items() if quantity)
    statement = RefundStatement(order.source, order.order_id, refund_id, at, lines)
    key = f"{order_key(order.source, order.order_id)}:{source_key('refund', refund_id)}"
    with transaction.atomic():
        balance, standing = points_queries.get_balance(member_id, at), _standing(member_id, at)
        answer = order_refunded.take_refund(statement=statement, at=at, actor="preview")
        moved = points_queries.lots_moved(member_id, key)
        shown = ReturnPreview(
            answer=answer,
            taken=tuple(lot for lot in moved if lot.kind == EntryKind.REVERSAL),
            restored=tuple(lot for lot in moved if lot.kind == EntryKind.RESTORATION),
            before=balance,
            after=points_queries.get_balance(member_id, at),
            standing_before=standing,
            standing_after=_standing(member_id, at),
        )
        transaction.set_rollback(True)
    return shown


def _standing(member_id: int, at: dt.datetime) -> StandingView | None:
    try:
        return tiers_queries.get_standing(member_id, at)
    except (tiers_queries.NoStanding, tiers_queries.NoLadder):
        return None


UNITS = "units-"
"""What a page calls the number of units of a line: units-1 for the first line."""


@dataclass(frozen=True, slots=True)
class UnitsTyped:
    """How many units of each line come back as somebody typed it; `refused` are the positions that cannot be.

    `asked` is False where nothing was typed at all.
    """

    units: Mapping[str, int]
    typed: Mapping[int, str]
    refused: frozenset[int]
    asked: bool


def read_units(order: OrderView, data: Mapping[str, str]) -> UnitsTyped:
    """Will read the units of each line from what was typed; a whole number from 0 to what can still come back."""
    typed = {line.position: str(data.get(f"{UNITS}{line.position}", "")).strip() for line in order.lines}
    units, refused = {}, set()
    for line in order.lines:
        text = typed[line.position] or "0"
        number = int(text) if text.isascii() and text.isdecimal() and len(text) < 8 else -1
        if 0 <= number <= line.returnable:
            units[line.line_id] = number
        else:
            refused.add(line.position)
    return UnitsTyped(units, typed, frozenset(refused), asked=any(name.startswith(UNITS) for name in data))
