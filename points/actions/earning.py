"""Earning: what orders and events put into the wallets, and what their returns take out again."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kit import clock, dates
from points.actions import budgets
from points.actions.books import close_books, idle_months_of, open_books, own_deed
from points.enums import EntryKind, Wallet
from points.models import Earning
from points.rules import earning, ledger
from points.rules.booking import Books, KnownEntry, book_plan, is_of_line
from points.rules.budgets import Plan, within_budgets
from points.rules.circumstances import Circumstances, frozen, thawed
from points.rules.ledger import Deed, KeyReused, NewEntry
from points.rules.policy import Policy


@dataclass(frozen=True, slots=True)
class OrderBooked:
    """What booking an order's plan changed; `points_net` and `growth_net` are what the order has earned by now."""

    points_change: int
    growth_change: int
    points_net: int
    growth_net: int
    debt: int
    lines: tuple[tuple[str, int], ...]
    entries: tuple[NewEntry, ...]


def credit(
    *,
    member_id: int,
    wallet: Wallet,
    source_key: str,
    points: int,
    lot: tuple[dt.date, dt.date],
    explanation: list[dict[str, Any]],
    policy_id: int,
    at: dt.datetime,
    actor: str,
) -> KnownEntry | NewEntry:
    """Will put points into one lot under a source key, repaying debt first.

    The same key with the same points and lot gives the first entry again; with other content raises KeyReused.
    Locks the member's wallets; raises NoWallet.
    """
    deed = Deed(at, clock.business_date(at), policy_id, actor)
    books = open_books(member_id, source_key, source_key + "\x01", deed.today)
    if known := books.find(wallet, EntryKind.ACCRUAL, source_key):
        if (known.points, known.active_on, known.expires_on) != (points, *lot):
            raise KeyReused(source_key)
        return known
    deed = deed._replace(idle_months=idle_months_of(policy_id, lot))
    state = books.wallets[wallet]
    ledger.settle(state, deed, clock.programme_zone())
    entry = ledger.credit(state, deed, EntryKind.ACCRUAL, source_key, points, lot, explanation)
    close_books(books)
    return entry


def book_order(
    *,
    member_id: int,
    order_key: str,
    occasion: str,
    order: earning.OrderFacts,
    policy: Policy,
    at: dt.datetime,
    actor: str,
) -> OrderBooked:
    """Will bring both wallets to what an order should have earned by now: the difference to what is booked.

    Serves the first booking, edits, refunds and cancellation alike, so a repeat changes nothing. `order_key` is
    order:<source>:<id>, `occasion` tells deeds of one order apart ("" for the first, refund:<id>, edit:<revision>).
    Where the policy has rules or caps, they are asked as at the first booking. Locks the member's wallets, then the
    slots of budgets; raises NoWallet. A preview calls it and rolls back.
    """
    deed = own_deed(policy, at, actor)
    books = open_books(member_id, order_key + ":", order_key + ";", deed.today)
    for state in books.wallets.values():
        ledger.settle(state, deed, clock.programme_zone())
    prefix = f"{order_key}:{occasion}:line" if occasion else f"{order_key}:line"
    debt_before = books.wallets[Wallet.POINTS].debt
    settled = {wallet: len(state.entries) for wallet, state in books.wallets.items()}
    plan = _plan_order(books, order_key, f"{order_key}:{occasion or 'paid'}", order, policy, at)
    book_plan(books, deed, prefix, plan, policy)
    close_books(books)
    new = [entry for wallet, state in books.wallets.items() for entry in state.entries[settled[wallet] :]]
    return _booked(books, plan, new, debt_before)


@dataclass(frozen=True, slots=True)
class EventBooked:
    """What an event earned; `plan` says why, and what it would have earned without caps."""

    points: int
    growth: int
    plan: earning.EventPlan


def book_event(
    *,
    member_id: int,
    event_key: str,
    facts: earning.EventFacts,
    policy: Policy,
    at: dt.datetime,
    actor: str,
    is_own: bool = True,
) -> EventBooked:
    """Will book what an event earns in both wallets, available at once, under its key; a repeat changes nothing.

    `facts.around` gives the facts that rules ask for; what caps have left is read here, under the lock. `is_own` False
    is for what only befalls a member, as a birthday: it does not count as a deed of his. Locks the member's wallets,
    then the slots of budgets; raises NoWallet.
    """
    deed = own_deed(policy, at, actor)._replace(is_own=is_own)
    books = open_books(member_id, event_key, event_key + "\x01", deed.today)
    around = _around(member_id, event_key, policy, facts.type, facts.around)
    uses = budgets.uses_of(member_id, event_key) if around else {}

    def plan_with(circumstances: Circumstances | None) -> earning.EventPlan:
        return earning.plan_event(policy, replace(facts, around=circumstances))

    known = [entry for entry in books.known if entry.kind == EntryKind.ACCRUAL]
    if known:
        return EventBooked(_sum(known, Wallet.POINTS), _sum(known, Wallet.GROWTH), plan_with(around))
    plan = _within_budgets(policy, member_id, uses, around, plan_with, lambda plan: plan.by_rule)
    if around:
        _remember(member_id, event_key, policy, around, _Came.of_event(plan, policy), at)
        budgets.count_uses(member_id, event_key, deed.today, uses, plan.by_rule)
    lots = {Wallet.POINTS: (deed.today, policy.expires_on(deed.today)), Wallet.GROWTH: (dates.ALWAYS, dates.NEVER)}
    for wallet, units in ((Wallet.POINTS, plan.points), (Wallet.GROWTH, plan.growth)):
        if units:
            state = books.wallets[wallet]
            ledger.settle(state, deed, clock.programme_zone())
            steps = list(plan.explanation if wallet == Wallet.POINTS else plan.grown)
            ledger.credit(state, deed, EntryKind.ACCRUAL, event_key, units, lots[wallet], steps)
    close_books(books)
    return EventBooked(plan.points, plan.growth, plan)


def _sum(known: list[KnownEntry], wallet: Wallet) -> int:
    return sum(entry.points for entry in known if entry.wallet == wallet)


def _plan_order(
    books: Books, order_key: str, key: str, order: earning.OrderFacts, policy: Policy, at: dt.datetime
) -> earning.OrderPlan:
    """Will plan an order; with rules or caps also count what each gave, and remember what they were asked with."""
    asked = Circumstances(order.deed) if order.deed else None
    around = _around(books.member_id, order_key, policy, earning.ORDER, asked)

    def plan_with(circumstances: Circumstances | None) -> earning.OrderPlan:
        return earning.plan_order(
            policy,
            order.rate,
            order.lines,
            order.placed_on,
            counts=order.counts,
            amounts=order.amounts,
            around=circumstances,
        )

    if around is None:
        return plan_with(None)
    uses = budgets.uses_of(books.member_id, order_key)
    plan = _within_budgets(policy, books.member_id, uses, around, plan_with, earning.OrderPlan.kept_by_rule)
    _remember(books.member_id, order_key, policy, around, _Came.of_order(plan, policy), at)
    budgets.count_uses(books.member_id, key, order.placed_on, uses, plan.kept_by_rule())
    return plan


def _around(
    member_id: int, deed_key: str, policy: Policy, deed: str, asked: Circumstances | None
) -> Circumstances | None:
    """Will return what rules and caps are asked with: as at the first booking, or now; None where nothing asks."""
    if asked is None or not policy.looks_at(deed):
        return None
    first = Earning.objects.filter(member_id=member_id, deed_key=deed_key).values_list("facts", flat=True).first()
    if first:
        return thawed(first)
    return replace(asked, allowances=budgets.allowances_of(member_id, policy, deed, asked.facts.on))


def _within_budgets(
    policy: Policy,
    member_id: int,
    uses: Mapping[str, int],
    around: Circumstances | None,
    plan_with: Callable[[Circumstances | None], Plan],
    by_rule: Callable[[Plan], Mapping[str, int]],
) -> Plan:
    """Will plan a deed within the budgets of its rules, drawing on their slots."""
    return within_budgets(
        policy,
        uses,
        around,
        plan_with,
        by_rule,
        draw=lambda code, points: budgets.draw(code, points, member_id),
        give_back=lambda code, points: budgets.give_back(code, points, member_id),
    )


@dataclass(frozen=True, slots=True)
class _Came:
    """What a deed came to, as it is remembered; `growth` are steps only where rules of that wallet were asked."""

    desired: int
    awarded: int
    steps: list[dict[str, Any]]
    growth: list[dict[str, Any]]

    @classmethod
    def of_order(cls, plan: earning.OrderPlan, policy: Policy) -> "_Came":
        """Will say how an order came to both."""
        steps = earning.whole_steps(plan, policy.points_per_unit)
        return cls(plan.desired, plan.points, steps, earning.whole_growth_steps(plan, policy.growth_per_unit))

    @classmethod
    def of_event(cls, plan: earning.EventPlan, policy: Policy) -> "_Came":
        """Will say how an event came to both; what it wanted and got of growth value stands in the first step."""
        growth: list[dict[str, Any]] = []
        if policy.rules_of(str(plan.explanation[0]["type"]), Wallet.GROWTH) and plan.grown:
            came = {"growth_awarded": plan.growth, "growth_wanted": plan.growth_desired}
            growth = [{**plan.grown[0], **came}, *plan.grown[1:]]
        return cls(plan.desired, plan.points, list(plan.explanation), growth)


def _remember(
    member_id: int, deed_key: str, policy: Policy, around: Circumstances, came: _Came, at: dt.datetime
) -> None:
    """Will keep how a deed was booked; the facts and the time of the first booking stay."""
    kept = {
        "desired": max(came.desired, came.awarded),
        "awarded": came.awarded,
        "unfired": came.steps,
        "grown": came.growth,
    }
    first = {**kept, "policy_id": policy.id, "facts": frozen(around), "at": at}
    Earning.objects.update_or_create(member_id=member_id, deed_key=deed_key, defaults=kept, create_defaults=first)


def _booked(books: Books, plan: earning.OrderPlan, new: list[NewEntry], debt_before: int) -> OrderBooked:
    def change(wallet: Wallet) -> int:
        return sum(entry.points for entry in new if entry.wallet == wallet)

    def before(wallet: Wallet) -> int:
        return sum(entry.points for entry in books.known if entry.wallet == wallet and is_of_line(entry.explanation))

    return OrderBooked(
        points_change=change(Wallet.POINTS),
        growth_change=change(Wallet.GROWTH),
        points_net=before(Wallet.POINTS) + change(Wallet.POINTS),
        growth_net=before(Wallet.GROWTH) + change(Wallet.GROWTH),
        debt=max(books.wallets[Wallet.POINTS].debt - debt_before, 0),
        lines=tuple((line.line_id, line.points) for line in plan.lines),
        entries=tuple(new),
    )
