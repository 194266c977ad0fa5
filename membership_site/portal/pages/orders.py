"""The member's orders: what each earned, what was debited for it, and what a return of units would do."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kit import clock
from kit.keys import order_key
from kit.paging import read_instant
from membership_site import formats
from membership_site.flows import return_previewed
from membership_site.flows.return_previewed import ReturnPreview, UnitsTyped
from membership_site.portal.pages.statement import Entry, read_entries
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.queries import LineView, OrderRow, OrderView
from points import queries as points_queries
from points import wording as points_wording
from points.enums import Wallet
from points.queries import StatementRow
from tiers import wording as tiers_wording
from tiers.queries import StandingView

ROWS_MAX = 30


@dataclass(frozen=True)
class OrderListed:
    """An order in the list; `points` is what it has earned by now, after returns."""

    source: str
    order_id: str
    placed_at: dt.datetime
    basis: Decimal
    state: str
    points: int


@dataclass(frozen=True)
class OrdersPage:
    """A page of the list, latest first; `older` is the instant before which the next one goes on."""

    orders: tuple[OrderListed, ...]
    older: str
    is_first: bool


@dataclass(frozen=True)
class LineShown:
    """A line with what it has earned by now, and the control for the units that would come back."""

    position: int
    name: str
    quantity: int
    returned: int
    returnable: int
    basis: Decimal
    points: int
    typed: str
    error: str


@dataclass(frozen=True)
class Row:
    """A row of a sum."""

    words: str
    points: int


@dataclass(frozen=True)
class Effect:
    """What the return would do; `taken` sums to minus `back`. Nothing of it is booked."""

    back: int
    taken: tuple[Row, ...]
    restored: tuple[Row, ...]
    restored_sum: int
    growth: int
    available: int
    available_after: int
    debt_after: int
    tier: str


@dataclass(frozen=True)
class OrderPage:
    """One order; `effect` is missing until units are chosen, `refused` says that some cannot come back."""

    source: str
    order_id: str
    placed_at: dt.datetime
    state: str
    basis: Decimal
    points_paid: int
    spent: int
    points: int
    may_be_returned: bool
    is_merged: bool
    lines: tuple[LineShown, ...]
    entries: tuple[Entry, ...]
    growth: int
    growth_entries: tuple[Entry, ...]
    effect: Effect | None
    refused: bool
    chose_nothing: bool


def orders_page(member_id: int, before: str) -> OrdersPage:
    """Will assemble a page of the member's orders. Two queries, one more for each who was merged into him."""
    ends = read_instant(before)
    rows = orders_queries.list_orders_before(member_id, ends, ROWS_MAX + 1, whole=True)
    # A page ends between two instants, so that nothing of one instant is left out by the next page.
    shown = [row for row in rows if row.placed_at > rows[ROWS_MAX].placed_at] if len(rows) > ROWS_MAX else rows
    earned: dict[str, int] = {}
    for owner in sorted({row.member_id or member_id for row in shown}):
        keys = [order_key(row.source, row.order_id) for row in shown if row.member_id == owner]
        earned |= points_queries.earned_by_keys(owner, keys)
    return OrdersPage(
        orders=tuple(_listed(row, earned.get(order_key(row.source, row.order_id), 0)) for row in shown),
        older=shown[-1].placed_at.isoformat() if shown and len(rows) > ROWS_MAX else "",
        is_first=ends is None,
    )


def order_page(member_id: int, order: OrderView, typed: UnitsTyped, at: dt.datetime) -> OrderPage:
    """Will assemble an order's page, with what the typed units would do. At most 20 queries, a preview's own besides.

    A preview takes what a return takes, some sixty queries whatever the order's size, and rolls back.
    """
    today = clock.business_date(at)
    owner = order.member_id or member_id
    is_merged, may_be_returned = owner != member_id, order.may_be_returned and owner == member_id
    booked = points_queries.entries_of(owner, order.key)
    rows = [row for row in booked if row.wallet == Wallet.POINTS]
    grown = [row for row in booked if row.wallet == Wallet.GROWTH]
    spent = points_queries.spent_on_order(owner, order.key)
    by_line: dict[str, int] = {}
    for row in rows:
        line_id = str(row.explanation[0].get("line", "")) if row.explanation else ""
        by_line[line_id] = by_line.get(line_id, 0) + row.points
    chosen = typed.asked and not typed.refused and may_be_returned
    effect = None
    if chosen and any(typed.units.values()):
        effect = _effect(return_previewed.preview(member_id=member_id, order=order, units=typed.units, at=at), today)
    newest_first, grown = (sorted(some, key=_moment, reverse=True) for some in ([*rows, *spent], grown))
    entries, growth_entries = read_entries(owner, newest_first, grown, today)
    return OrderPage(
        source=order.source,
        order_id=order.order_id,
        placed_at=order.placed_at,
        state=_state(order.status, any(line.refunded_quantity for line in order.lines)),
        basis=order.basis,
        points_paid=order.points_paid,
        spent=-sum(row.points for row in spent),
        points=sum(points for line_id, points in by_line.items() if line_id),
        may_be_returned=may_be_returned,
        is_merged=is_merged,
        lines=tuple(_line(line, by_line.get(line.line_id, 0), typed) for line in order.lines),
        entries=entries,
        growth=sum(row.points for row in grown),
        growth_entries=growth_entries,
        effect=effect,
        refused=typed.asked and bool(typed.refused),
        chose_nothing=chosen and not any(typed.units.values()),
    )


# ---- leaves


def _moment(row: StatementRow) -> tuple[dt.datetime, int]:
    return row.at, row.seq


def _listed(row: OrderRow, points: int) -> OrderListed:
    return OrderListed(row.source, row.order_id, row.placed_at, row.basis, _state(row.status, row.refunded), points)


def _state(status: str, is_returned: bool) -> str:
    """Will say what became of an order, where it is more than paid."""
    if status == OrderStatus.CANCELLED:
        return _("Cancelled")
    if status == OrderStatus.PLACED:
        return _("Not paid yet")
    return _("Partly or wholly returned") if is_returned else ""


def _line(line: LineView, points: int, typed: UnitsTyped) -> LineShown:
    error = ""
    if typed.asked and line.position in typed.refused:
        words = {"most": formats.num(line.returnable)}
        error = _("Use a whole number from 0 to %(most)s, the units that have not come back yet.") % words
    return LineShown(
        position=line.position,
        name=line.name or line.sku or _("Line %(line)s") % {"line": line.line_id},
        quantity=line.quantity,
        returned=line.refunded_quantity,
        returnable=line.returnable,
        basis=line.basis,
        points=points,
        typed=typed.typed.get(line.position, ""),
        error=error,
    )


def _effect(shown: ReturnPreview, today: dt.date) -> Effect:
    taken = points_wording.taken_rows(shown.taken, shown.answer.debt, today, formats)
    restored = points_wording.restored_rows(shown.restored, today, formats)
    return Effect(
        back=shown.answer.reversed,
        taken=_rows(taken),
        restored=_rows(restored),
        restored_sum=sum(row.points for row in restored),
        growth=shown.answer.growth,
        available=shown.before.available,
        available_after=shown.after.available,
        debt_after=shown.after.debt,
        tier=tier_words(shown.standing_before, shown.standing_after),
    )


def _rows(rows: Sequence[points_wording.SumRow]) -> tuple[Row, ...]:
    return tuple(Row(row.text, row.points) for row in rows)


def tier_words(before: StandingView | None, after: StandingView | None) -> str:
    """Will say what a return does to the member's tier: it stays, until when; or it changes."""
    if before is None or after is None:
        return ""
    words = {"tier": tiers_wording.tier_name(after.tier), "before": tiers_wording.tier_name(before.tier)}
    last = after.grace or after.until
    if before.tier.code != after.tier.code:
        return _("Your tier changes from %(before)s to %(tier)s.") % words
    if last:
        return _("%(tier)s stays yours until %(date)s.") % {**words, "date": formats.cal(last)}
    return _("%(tier)s stays yours.") % words
