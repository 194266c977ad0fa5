"""The naive proof of the books: every wallet is lived through again, entry by entry, and must come out as it stands."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

import pytest

from kit.keys import order_key
from kit.money import exponent_of
from membership_site.flows import point_days, proof
from orders.models import Order, OrderLine, SpendMovement
from orders.rules import remaining_basis
from points.models import Balance, Earning, Entry, Lot
from points.queries import policy_by_id
from points.rules.booking import is_of_line
from points.rules.circumstances import thawed
from points.rules.conditions import LineTraits
from points.rules.earning import EarnRate, LineFacts, OrderAmounts, plan_order
from points.rules.earning_rules import EarningRule

LotKey = tuple[dt.date, dt.date]


def violations() -> Iterator[str]:
    """Will yield a sentence for everything that does not come out."""
    entries: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    for entry in Entry.objects.order_by("member_id", "wallet", "seq"):
        entries[entry.member_id, entry.wallet].append(entry)
    balances = {(b.member_id, b.wallet): b for b in Balance.objects.all()}
    lots: dict[tuple[int, str], dict[LotKey, Lot]] = defaultdict(dict)
    for lot in Lot.objects.all():
        lots[lot.member_id, lot.wallet][lot.active_on, lot.expires_on] = lot
    for key in {*entries, *lots} - set(balances):
        yield f"{key} has no balance"
    for key, balance in balances.items():
        for sentence in _of_wallet(balance, entries[key], lots[key]):
            yield f"{key}: {sentence}"
    for order in Order.objects.exclude(booked_at=None).prefetch_related("lines"):
        for sentence in _of_order(order, entries):
            yield f"{order}: {sentence}"


def _of_wallet(balance: Balance, entries: list[Entry], lots: dict[LotKey, Lot]) -> Iterator[str]:
    held: dict[LotKey, int] = defaultdict(int)
    debt = total = 0
    for number, entry in enumerate(entries, 1):
        if entry.seq != number:
            yield f"entry {number} has the number {entry.seq}"
        if entry.active_on and entry.expires_on:
            held[entry.active_on, entry.expires_on] += entry.points + entry.debt_change
            moved = entry.points + entry.debt_change
        else:
            sign = 1 if entry.points > 0 else -1
            listed = zip(entry.lot_active_on or [], entry.lot_expires_on or [], entry.lot_points or [], strict=True)
            moved = 0
            for active_on, expires_on, points in listed:
                held[active_on, expires_on] += sign * points
                moved += sign * points
                if points <= 0:
                    yield f"entry {number} moves {points} of a lot"
        debt += entry.debt_change
        total += entry.points
        if entry.points != moved - entry.debt_change:
            yield f"entry {number} moves {moved} and {entry.debt_change} of debt, and says {entry.points}"
        if entry.balance_after != total:
            yield f"after entry {number} the balance is {total}, and it says {entry.balance_after}"
        if any(points < 0 for points in held.values()) or debt < 0:
            yield f"after entry {number} something is below nought: {dict(held)}, debt {debt}"
    yield from _spared_more_than_lapsed(entries)
    if {key: points for key, points in held.items() if points} != {key: lot.points for key, lot in lots.items()}:
        yield f"the lots are {lots}, the entries come to {dict(held)}"
    stands = (balance.available, balance.pending, balance.debt, balance.seq)
    available = sum(lot.points for lot in lots.values() if not lot.pending)
    pending = sum(lot.points for lot in lots.values() if lot.pending)
    if stands != (available, pending, debt, len(entries)) or available + pending - debt != total:
        yield f"the balance is {stands}, the lots and entries come to {(available, pending, debt, len(entries))}"


def _of_order(order: Order, entries: dict[tuple[int, str], list[Entry]]) -> Iterator[str]:
    """An order has earned by now what its plan says, and counts for what is left of it."""
    assert order.member_id
    begins = order_key(order.source, order.order_id) + ":"
    booked: dict[tuple[str, str], int] = defaultdict(int)
    let_be: dict[tuple[str, str], int] = defaultdict(int)
    first = None
    for wallet in ("points", "growth"):
        for entry in entries[order.member_id, wallet]:
            if entry.source_key.startswith(begins) and is_of_line(entry.explanation):
                booked[wallet, entry.explanation[0]["line"]] += entry.points
                for step in entry.explanation[1:]:
                    if step["code"] in ("already_expired", "not_taken"):
                        let_be[wallet, entry.explanation[0]["line"]] += step["points"]
                if wallet == "points" and first is None:
                    first = entry
    paid, lines = order.status == "paid", list(order.lines.order_by("position"))
    known = Earning.objects.filter(member_id=order.member_id, deed_key=begins[:-1]).first()
    if first is not None and not (known and any(cap.per == "budget" for rule in _rules(known) for cap in rule.caps)):
        step = first.explanation[0]
        rate = EarnRate(Decimal(step["multiplier"]), step["tier"])
        facts = [_facts(line) for line in lines]
        around = thawed(known.facts) if known else None
        amounts = OrderAmounts(order.tax, order.shipping, order.points_paid)
        policy = point_days.with_days(policy_by_id(first.policy_id), order.placed_at)
        plan = plan_order(policy, rate, facts, order.business_date, counts=paid, amounts=amounts, around=around)
        planned = {(w, line.line_id): getattr(line, w) for line in plan.lines for w in ("points", "growth")}
        for wallet, line in {*booked, *planned}:
            over = booked[wallet, line] - planned.get((wallet, line), 0)
            if not 0 <= over <= let_be[wallet, line]:
                yield f"line {line} has earned {over} {wallet} more than planned, {let_be[wallet, line]} were let be"
    exponent = exponent_of(order.currency)
    left = [remaining_basis(line.basis, line.quantity, line.refunded_quantity, exponent) for line in lines]
    spend = sum(left, Decimal(0)) if paid else Decimal(0)
    count = int(paid and any(line.refunded_quantity < line.quantity for line in lines))
    moves = SpendMovement.objects.filter(member_id=order.member_id, source_key__startswith=begins)
    counted = (sum((m.spend for m in moves), Decimal(0)), sum(m.orders for m in moves))
    if counted != (spend, count):
        yield f"counts for {counted}, and what is left of it is {(spend, count)}"


def _rules(known: Earning) -> tuple[EarningRule, ...]:
    return policy_by_id(known.policy_id).rules


def _facts(line: OrderLine) -> LineFacts:
    traits = LineTraits(line.sku, line.category, line.brand)
    gross = line.quantity * line.unit_price
    return LineFacts(line.line_id, line.basis, line.quantity, line.refunded_quantity, gross=gross, traits=traits)


def _spared_more_than_lapsed(entries: list[Entry]) -> Iterator[str]:
    """What returns let be because it had lapsed is no more than had lapsed of the lot."""
    spared: dict[LotKey, int] = defaultdict(int)
    for entry in entries:
        for step in entry.explanation:
            if step["code"] == "already_expired":
                first, last = map(dt.date.fromisoformat, step["lot"])
                spared[first, last] += step["points"]
    for lot, points in spared.items():
        if points > _lapsed(entries, lot):
            yield f"of {lot} returns let {points} be, {_lapsed(entries, lot)} had lapsed"


def _lapsed(entries: list[Entry], lot: LotKey) -> int:
    """What lapsed of a lot."""
    return sum(
        points
        for entry in entries
        if entry.kind == "expiry"
        for active_on, expires_on, points in zip(
            entry.lot_active_on or [], entry.lot_expires_on or [], entry.lot_points or [], strict=True
        )
        if (active_on, expires_on) == lot
    )


@pytest.fixture
def balanced(db: None) -> Iterator[None]:
    """Ends a test with the proof, the naive one and the product's own."""
    yield
    found = [*violations(), *proof.violations()]
    assert found == [], found
