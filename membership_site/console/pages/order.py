"""One order as the staff see it: lines, every entry with its reason, how it earned, and what a return would do."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.pages.ledger import LedgerRow, ledger_rows
from membership_site.console.pages.policies import rule_names, segment_names
from membership_site.console.pages.why import Why, deed_of, growth_of
from membership_site.flows import return_previewed
from membership_site.flows.return_previewed import ReturnPreview, UnitsTyped
from orders.enums import OrderStatus
from orders.queries import LineView, OrderView
from points import queries as points_queries
from points import wording as points_wording
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.queries import StandingView


@dataclass(frozen=True)
class LineShown:
    """A line with what it has earned by now, and the control for the units that would come back."""

    position: int
    line_id: str
    name: str
    traits: str
    quantity: int
    returned: int
    returnable: int
    basis: Decimal
    points: int
    typed: str
    error: str


@dataclass(frozen=True)
class Effect:
    """What the return would do; `taken` sums to minus `back`. Nothing of it is booked."""

    back: int
    taken: tuple[tuple[str, int], ...]
    restored: tuple[tuple[str, int], ...]
    restored_sum: int
    growth: int
    was: tuple[int, int, int]
    becomes: tuple[int, int, int]
    tier: str


@dataclass(frozen=True)
class OrderPage:
    """One order; `why` is how it earned where rules or limits looked at it, `effect` is there once units are chosen."""

    number: str
    name: str
    source: str
    order_id: str
    placed_at: dt.datetime
    state: str
    basis: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    points_paid: int
    spent: int
    points: int
    may_be_returned: bool
    lines: tuple[LineShown, ...]
    rows: tuple[LedgerRow, ...]
    why: Why | None
    growth: Why | None
    effect: Effect | None
    refused: bool
    chose_nothing: bool


def order_page(key: MemberKey, order: OrderView, typed: UnitsTyped, at: dt.datetime) -> OrderPage:
    """Will assemble an order's page, with what the typed units would do. At most 16 queries, a preview's own besides.

    A preview takes what a return takes, some sixty queries whatever the order's size, and rolls back.
    """
    today, tiers = clock.business_date(at), _names(clock.business_date(at))
    entries = points_queries.entries_of(key.id, order.key)
    spent = points_queries.spent_on_order(key.id, order.key)
    why = points_queries.whys_earned(key.id, [order.key]).get(order.key)
    policies = {one.policy.id: one for one in points_queries.published_policies()} if why else {}
    by_line: dict[str, int] = {}
    for row in entries:
        if row.wallet == "points" and row.explanation and "line" in row.explanation[0]:
            line_id = str(row.explanation[0]["line"])
            by_line[line_id] = by_line.get(line_id, 0) + row.points
    chosen = typed.asked and not typed.refused and order.may_be_returned
    effect = None
    if chosen and any(typed.units.values()):
        effect = _effect(return_previewed.preview(member_id=key.id, order=order, units=typed.units, at=at), today)
    newest_first = sorted([*entries, *spent], key=lambda row: (row.at, row.wallet, row.seq), reverse=True)
    return OrderPage(
        number=key.number,
        name=members_queries.names_of([key.id])[key.id][1] or _("No name"),
        source=order.source,
        order_id=order.order_id,
        placed_at=order.placed_at,
        state=_state(order),
        basis=order.basis,
        discount=order.discount,
        shipping=order.shipping,
        tax=order.tax,
        points_paid=order.points_paid,
        spent=-sum(row.points for row in spent),
        points=sum(by_line.values()),
        may_be_returned=order.may_be_returned,
        lines=tuple(_line(line, by_line.get(line.line_id, 0), typed) for line in order.lines),
        rows=ledger_rows(key.id, newest_first, today, tiers),
        why=deed_of(why, policies.get(why.policy_id), tiers) if why else None,
        growth=growth_of(why, tiers) if why else None,
        effect=effect,
        refused=typed.asked and bool(typed.refused),
        chose_nothing=chosen and not any(typed.units.values()),
    )


# ---- leaves


def _names(today: dt.date) -> dict[str, str]:
    """Will return the names of what rules ask for."""
    try:
        return rule_names(today)
    except tiers_queries.NoLadder:
        return segment_names()


def _state(order: OrderView) -> str:
    if order.status == OrderStatus.CANCELLED:
        return _("Cancelled")
    if not order.is_booked:
        return _("Not paid yet")
    back = sum(line.refunded_quantity for line in order.lines)
    if not back:
        return _("Paid")
    words = {"n": formats.num(back), "all": formats.num(sum(line.quantity for line in order.lines))}
    return _("%(n)s of %(all)s units returned") % words


def _line(line: LineView, points: int, typed: UnitsTyped) -> LineShown:
    error = ""
    if typed.asked and line.position in typed.refused:
        words = {"most": formats.num(line.returnable)}
        error = _("Use a whole number from 0 to %(most)s, the units that have not come back yet.") % words
    return LineShown(
        position=line.position,
        line_id=line.line_id,
        name=line.name or line.sku or _("Line %(line)s") % {"line": line.line_id},
        traits=" · ".join(filter(None, [line.sku, line.category, line.brand])),
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
        taken=tuple((row.text, row.points) for row in taken),
        restored=tuple((row.text, row.points) for row in restored),
        restored_sum=sum(row.points for row in restored),
        growth=shown.answer.growth,
        was=(shown.before.available, shown.before.pending, shown.before.debt),
        becomes=(shown.after.available, shown.after.pending, shown.after.debt),
        tier=_tier_words(shown.standing_before, shown.standing_after),
    )


def _tier_words(before: StandingView | None, after: StandingView | None) -> str:
    if before is None or after is None:
        return ""
    words = {"tier": tiers_wording.tier_name(after.tier), "before": tiers_wording.tier_name(before.tier)}
    last = after.grace or after.until
    if before.tier.code != after.tier.code:
        return _("The tier changes from %(before)s to %(tier)s.") % words
    if last:
        return _("%(tier)s stays until %(date)s.") % {**words, "date": formats.cal(last)}
    return _("%(tier)s stays.") % words
