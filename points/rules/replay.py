"""What one member's past would have earned, kept and owed under some policies: the engine of previews. Pure.

Orders and events are planned by the functions that book them (points.rules.earning), lots and debts are moved by those
of the ledger (points.rules.ledger), in order of time. What was spent, given by hand or transferred is taken as it
really happened.
"""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from typing import Any, Protocol

from kit import dates
from kit.versions import Versions
from points.enums import CapPer, EntryKind, ExpiryKind, RefundPolicy, Wallet
from points.rules import earning, ledger
from points.rules.budgets import within_budgets
from points.rules.caps import ALL, Allowances, Cap, Left
from points.rules.circumstances import Circumstances
from points.rules.conditions import DeedFacts
from points.rules.earning import EarnRate, EventFacts, EventPlan, LineFacts, OrderAmounts, OrderPlan
from points.rules.ledger import Deed, Holding, WalletState
from points.rules.policy import Policy

SIGN_UP = "sign_up"
REFERRAL = "referral"
"""The grants that a policy sizes although no order or event of the member's own earns them."""

Lot = tuple[dt.date, dt.date]


@dataclass(frozen=True, slots=True)
class PastReturn:
    """Units of an order that came back, by line; `cancels` takes all of it back."""

    key: str
    at: dt.datetime
    on: dt.date
    units: tuple[tuple[str, int], ...] = ()
    cancels: bool = False


@dataclass(frozen=True, slots=True)
class PastOrder:
    """An order as it was last stated, with nothing returned yet, and the returns since, in order of time."""

    key: str
    at: dt.datetime
    on: dt.date
    rate: EarnRate
    lines: tuple[LineFacts, ...]
    deed: DeedFacts
    amounts: OrderAmounts = earning.NO_AMOUNTS
    returns: tuple[PastReturn, ...] = ()


@dataclass(frozen=True, slots=True)
class PastEvent:
    """An event; `facts` without circumstances, which are asked at its place in time."""

    key: str
    at: dt.datetime
    on: dt.date
    facts: EventFacts
    deed: DeedFacts


@dataclass(frozen=True, slots=True)
class PastMove:
    """What the ledger moved besides the period's orders, events and expiry: signed points, and the lots they moved.

    `grant` names what a policy sizes anew (SIGN_UP, REFERRAL); everything else counts as it was. `takes_back` is the
    return of an order from before the period. `by_member` is a deed of the member's own, which keeps points alive that
    expire by inactivity.
    """

    key: str
    at: dt.datetime
    on: dt.date
    points: int
    lots: tuple[tuple[Lot, int], ...] = ()
    grant: str = ""
    takes_back: bool = False
    by_member: bool = False


@dataclass(frozen=True, slots=True)
class Past:
    """All that is replayed of one member: the lots and the debt he began with, and what happened since.

    `used` is what each rule had given him before, for caps that count a whole membership. A period begins with a month,
    so that caps by day and month begin with it. `idle_until` is the last date of what he began with and what expires by
    inactivity, `idle_months` how far each deed of his own moves it on.
    """

    member_id: int
    orders: tuple[PastOrder, ...] = ()
    events: tuple[PastEvent, ...] = ()
    moves: tuple[PastMove, ...] = ()
    lots: tuple[tuple[Lot, int], ...] = ()
    debt: int = 0
    used: Mapping[str, int] = field(default_factory=dict)
    idle_until: dt.date | None = None
    idle_months: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a past under some policies, in points; `growth` is the growth value kept after returns.

    `earned` counts what is kept after returns, also by month of the deed and by rule (points, deeds). `capped` is what
    caps and budgets cut off. `lapsed` expired in the period, `outstanding` is held at its end (debts not taken off),
    `owed` are the debts of the end, `indebted` all that arose by returns, `not_taken` what a refund policy let be, and
    `unaffordable` what was really spent and would not have been there.
    """

    earned: int
    deeds: int
    by_month: Mapping[str, int]
    by_rule: Mapping[str, tuple[int, int]]
    capped: int
    lapsed: int
    outstanding: int
    owed: int
    indebted: int
    not_taken: int
    unaffordable: int
    growth: int = 0


class Budgets(Protocol):
    """What rules draw on that everybody shares, date by date."""

    def draw(self, code: str, points: int, on: dt.date) -> int:
        """Will take points of a rule's budget on a date and return how many there were."""

    def give_back(self, code: str, points: int, on: dt.date) -> None:
        """Will put points back on a date."""


@dataclass(slots=True)
class WantedBudgets:
    """Gives whatever is asked and remembers it: what rules would draw on each date if their budgets had no end."""

    drawn: dict[str, dict[dt.date, int]] = field(default_factory=dict)
    returned: dict[str, dict[dt.date, int]] = field(default_factory=dict)

    def draw(self, code: str, points: int, on: dt.date) -> int:
        """Will give all of it."""
        _add(self.drawn.setdefault(code, {}), on, points)
        return points

    def give_back(self, code: str, points: int, on: dt.date) -> None:
        """Will remember what came back."""
        _add(self.returned.setdefault(code, {}), on, points)


@dataclass(slots=True)
class DatedBudgets:
    """Gives what `allot` has set aside for a date, to whoever comes first; a rule without allotments has no end.

    What comes back is in the allotments of later dates already.
    """

    left: dict[str, dict[dt.date, int]] = field(default_factory=dict)

    def draw(self, code: str, points: int, on: dt.date) -> int:
        """Will give what is left of the date's allotment, at most what is asked."""
        if code not in self.left:
            return points
        days = self.left[code]
        given = min(points, days.get(on, 0))
        days[on] = days.get(on, 0) - given
        return given

    def give_back(self, code: str, points: int, on: dt.date) -> None:
        """Will let it be."""


def allot(
    drawn: Mapping[dt.date, int],
    returned: Mapping[dt.date, int],
    limit_on: Callable[[dt.date], int | None],
    used: int,
) -> dict[dt.date, int]:
    """Will share a budget over the dates in their order: each gets what it would draw while there is any.

    `limit_on` is the whole budget as published for a date, None where there is none; `used` what was drawn before.
    """
    allotted: dict[dt.date, int] = {}
    for on in sorted({*drawn, *returned}):
        limit = limit_on(on)
        wanted = drawn.get(on, 0)
        allotted[on] = wanted if limit is None else min(wanted, max(limit - used, 0))
        used = max(used + allotted[on] - returned.get(on, 0), 0)
    return allotted


def replay(
    past: Past, policies: Versions[Policy], budgets: Budgets, until: dt.datetime, zone: zoneinfo.ZoneInfo
) -> Outcome:
    """Will let a past happen again under the policies of its dates, up to an instant in the programme's zone."""
    world = _World(
        member_id=past.member_id,
        policies=policies,
        budgets=budgets,
        zone=zone,
        purse=WalletState(
            past.member_id, Wallet.POINTS, past.debt, lots={lot: Holding(points, True) for lot, points in past.lots}
        ),
        ever=dict(past.used),
        idle_until=past.idle_until,
        idle_months=past.idle_months,
    )
    for _at, _rank, _key, happen in sorted(_happenings(past, world, until), key=lambda one: one[:3]):
        happen()
    world.settle(until, until.astimezone(zone).date())
    return world.outcome()


Happening = tuple[dt.datetime, int, str, Callable[[], None]]


def _happenings(past: Past, world: "_World", until: dt.datetime) -> Iterator[Happening]:
    """Will yield all that happened up to an instant; of one instant, returns come after what they take back."""
    for order in past.orders:
        if order.at <= until:
            yield order.at, 0, order.key, partial(world.order, order)
        for back in order.returns:
            if order.at <= until and back.at <= until:
                yield max(back.at, order.at), 1, back.key, partial(world.come_back, order, back)
    for event in past.events:
        if event.at <= until:
            yield event.at, 0, event.key, partial(world.event, event)
    for move in past.moves:
        if move.at <= until:
            yield move.at, 0, move.key, partial(world.move, move)


@dataclass(slots=True)
class _Booked:
    """An order of the replay: what it was planned with, and what it has kept so far."""

    policy: Policy
    around: Circumstances | None
    lines: tuple[LineFacts, ...]
    plan: OrderPlan
    uses: Mapping[str, int]
    cancelled: bool = False

    @property
    def kept(self) -> int:
        return sum(line.points for line in self.plan.lines)

    @property
    def grown(self) -> int:
        return sum(line.growth for line in self.plan.lines)


@dataclass(slots=True)
class _World:
    """One member's wallet, caps and deeds while his past happens again."""

    member_id: int
    policies: Versions[Policy]
    budgets: Budgets
    zone: zoneinfo.ZoneInfo
    purse: WalletState
    ever: dict[str, int]
    by_day: dict[tuple[str, dt.date], int] = field(default_factory=dict)
    by_month_used: dict[tuple[str, dt.date], int] = field(default_factory=dict)
    booked: dict[str, _Booked] = field(default_factory=dict)
    by_month: dict[str, int] = field(default_factory=dict)
    by_rule: dict[str, tuple[int, int]] = field(default_factory=dict)
    idle_until: dt.date | None = None
    idle_months: int = 0
    due_on: dt.date = dt.date.min
    earned: int = 0
    deeds: int = 0
    capped: int = 0
    lapsed: int = 0
    indebted: int = 0
    not_taken: int = 0
    unaffordable: int = 0
    growth: int = 0

    # ---- what happens

    def order(self, order: PastOrder) -> None:
        policy = self.policies.on(order.on)
        around = self._around(policy, earning.ORDER, order.deed)
        self._plan(order, _Booked(policy, around, order.lines, NO_PLAN, {}), order.on)
        booked = self.booked[order.key]
        self.deeds += 1
        self.capped += max(booked.plan.desired - booked.plan.points, 0)
        deed = self.settle(order.at, order.on, policy)
        self._credit(deed, booked.kept, (booked.plan.active_on, booked.plan.expires_on), policy, is_own=True)

    def come_back(self, order: PastOrder, back: PastReturn) -> None:
        before = self.booked[order.key]
        lines = before.lines if back.cancels else _with_returned(before.lines, back.units)
        self._plan(order, replace(before, lines=lines, cancelled=before.cancelled or back.cancels), back.on)
        now = self.booked[order.key]
        deed = self.settle(back.at, back.on, now.policy)
        home = (now.plan.active_on, now.plan.expires_on)
        self._reverse(deed, before.kept - now.kept, home, now.policy, order.on)

    def event(self, event: PastEvent) -> None:
        policy = self.policies.on(event.on)
        around = self._around(policy, event.facts.type, event.deed)

        def plan_with(circumstances: Circumstances | None) -> EventPlan:
            return earning.plan_event(policy, replace(event.facts, around=circumstances))

        draw, give_back = partial(self._draw, on=event.on), partial(self._give_back, on=event.on)
        plan = within_budgets(policy, {}, around, plan_with, lambda plan: plan.by_rule, draw, give_back)
        if around:
            self._count(event.on, {}, plan.by_rule)
        self.deeds += 1
        self.capped += max(plan.desired - plan.points, 0) if around else 0
        self._earn(event.on, plan.points, plan.by_rule)
        self.growth += plan.growth
        deed = self.settle(event.at, event.on, policy)
        self._credit(deed, plan.points, (event.on, policy.expires_on(event.on)), policy, is_own=True)

    def move(self, move: PastMove) -> None:
        policy = self.policies.on(move.on)
        deed = self.settle(move.at, move.on, policy)
        if move.grant:
            points = _granted(policy, move.grant)
            self._earn(move.on, points, {})
            self._credit(deed, points, (move.on, policy.expires_on(move.on)), policy)
        elif move.takes_back:
            home = move.lots[0][0] if move.lots else (move.on, move.on)
            ledger.reverse(self.purse, deed, move.key, -move.points, home, RefundPolicy.FULL, [], move.on)
        elif move.points < 0:
            self._spend(deed, -move.points)
        elif move.lots:
            # What repaid a debt moved no lot; under other rules there may be none to repay.
            self._credit(deed, move.points - sum(points for _, points in move.lots), move.lots[0][0], policy)
            for lot, points in move.lots:
                self._credit(deed, points, lot, policy)
        else:
            self.purse.debt -= min(move.points, self.purse.debt)
        if move.by_member:
            self._stir(move.on)
        self.purse.entries.clear()

    def _spend(self, deed: Deed, points: int) -> None:
        """What was really spent is spent again, soonest end first, as far as it is there."""
        there = min(points, ledger.spendable(self.purse, deed.today))
        self.unaffordable += points - there
        if there:
            ledger.spend(self.purse, deed, "", there, [])

    def outcome(self) -> Outcome:
        """Will sum up, once everything has happened."""
        for booked in self.booked.values():
            self._earn(booked.plan.placed_on, booked.kept, booked.uses)
            self.growth += booked.grown
        return Outcome(
            earned=self.earned,
            deeds=self.deeds,
            by_month=self.by_month,
            by_rule=self.by_rule,
            capped=self.capped,
            lapsed=self.lapsed,
            outstanding=self.purse.available + self.purse.pending,
            owed=self.purse.debt,
            indebted=self.indebted,
            not_taken=self.not_taken,
            unaffordable=self.unaffordable,
            growth=self.growth,
        )

    # ---- planning and caps

    def _plan(self, order: PastOrder, booked: _Booked, on: dt.date) -> None:
        """Will plan an order as it stands by a date, within budgets, and count what its rules use by now."""

        def plan_with(circumstances: Circumstances | None) -> OrderPlan:
            return earning.plan_order(
                booked.policy,
                order.rate,
                booked.lines,
                order.on,
                counts=not booked.cancelled,
                amounts=order.amounts,
                around=circumstances,
            )

        draw, give_back = partial(self._draw, on=on), partial(self._give_back, on=on)
        around = booked.around
        plan = within_budgets(booked.policy, booked.uses, around, plan_with, OrderPlan.kept_by_rule, draw, give_back)
        uses = plan.kept_by_rule() if around else {}
        self._count(order.on, booked.uses, uses)
        self.booked[order.key] = replace(booked, plan=plan, uses=uses)

    def _draw(self, code: str, points: int, *, on: dt.date) -> int:
        return self.budgets.draw(code, points, on)

    def _give_back(self, code: str, points: int, *, on: dt.date) -> None:
        self.budgets.give_back(code, points, on)

    def _around(self, policy: Policy, deed: str, facts: DeedFacts) -> Circumstances | None:
        if not policy.looks_at(deed):
            return None
        return Circumstances(facts, self._allowances(policy, deed, facts.on))

    def _allowances(self, policy: Policy, deed: str, on: dt.date) -> Allowances:
        """What is left on a date of the caps that a deed meets, as points.actions.budgets asks the database."""
        left: dict[str, tuple[Left, ...]] = {}
        for code, caps in ((ALL, policy.caps), *((rule.code, rule.caps) for rule in policy.rules_of(deed))):
            counted = tuple(Left(cap, cap.points - self._used(code, cap, on)) for cap in caps if cap.per in COUNTED)
            if counted:
                left[code] = counted
        return left

    def _used(self, code: str, cap: Cap, on: dt.date) -> int:
        match cap.per:
            case CapPer.DAY:
                return self.by_day.get((code, on), 0)
            case CapPer.MONTH:
                return self.by_month_used.get((code, on.replace(day=1)), 0)
            case _:
                return self.ever.get(code, 0)

    def _count(self, on: dt.date, before: Mapping[str, int], now: Mapping[str, int]) -> None:
        for code in {*before, *now}:
            change = now.get(code, 0) - before.get(code, 0)
            if change:
                _add(self.by_day, (code, on), change)
                _add(self.by_month_used, (code, on.replace(day=1)), change)
                _add(self.ever, code, change)

    def _earn(self, on: dt.date, points: int, by_rule: Mapping[str, int]) -> None:
        self.earned += points
        if points:
            _add(self.by_month, on.isoformat()[:7], points)
        for code, given in by_rule.items():
            if given and code != ALL:
                before = self.by_rule.get(code, (0, 0))
                self.by_rule[code] = (before[0] + given, before[1] + 1)

    # ---- the wallet

    def settle(self, at: dt.datetime, on: dt.date, policy: Policy | None = None) -> Deed:
        """Will book what time has made true before a deed, and return the deed."""
        deed = Deed(at, on, policy.id if policy else 0, "preview")
        if on < self.due_on:
            return deed
        if self.idle_until and self.idle_until < on:
            idle = [lot for lot in self.purse.lots if lot[1] == dates.WHILE_ACTIVE]
            if idle:
                ledger.expire(self.purse, deed, self.idle_until, idle, self.zone)
            self.idle_until = None
        ledger.settle(self.purse, deed, self.zone)
        for entry in self.purse.entries:
            if entry.kind == EntryKind.EXPIRY:
                self.lapsed -= entry.points
        self.purse.entries.clear()
        self.due_on = min((self._due(lot) for lot in self.purse.lots), default=dt.date.max)
        return deed

    def _due(self, lot: Lot) -> dt.date:
        """The next date on which time alone changes a lot: it becomes active, or has ended."""
        if self.purse.lots[lot].pending:
            return lot[0]
        ends = self.idle_until or lot[1] if lot[1] == dates.WHILE_ACTIVE else lot[1]
        return ends + DAY if ends < dates.WHILE_ACTIVE else ends

    def _stir(self, on: dt.date) -> None:
        """A deed of the member's own keeps alive what expires by inactivity; it never shortens."""
        if self.idle_months and self.idle_until:
            self.idle_until = max(self.idle_until, dates.add_months(on, self.idle_months))

    def _credit(self, deed: Deed, points: int, lot: Lot, policy: Policy, *, is_own: bool = False) -> None:
        if points:
            ledger.credit(self.purse, deed, EntryKind.ACCRUAL, "", points, lot, [])
            self.purse.entries.clear()
        start = max(deed.today, lot[0]) if lot[1] == dates.WHILE_ACTIVE and points else deed.today
        if lot[1] == dates.WHILE_ACTIVE and points:
            self._promise(policy, start)
        if is_own:
            self._stir(start)
        if lot in self.purse.lots:
            self.due_on = min(self.due_on, self._due(lot))

    def _promise(self, policy: Policy, start: dt.date) -> None:
        """Points that expire by inactivity begin to wait, as long as the longest promise of those that are held."""
        if policy.expiry.kind is ExpiryKind.INACTIVITY:
            self.idle_months = max(self.idle_months if self.idle_until else 0, policy.expiry.count)
        if self.idle_months and (self.idle_until is None or self.idle_until < start):
            self.idle_until = dates.add_months(start, self.idle_months)

    def _reverse(self, deed: Deed, points: int, home: Lot, policy: Policy, counts_on: dt.date) -> None:
        if points <= 0:
            return
        forgiven = min(points, self.purse.lapsed.get(home, 0))
        entry = ledger.reverse(self.purse, deed, "", points, home, policy.refund, [], counts_on)
        self.indebted += entry.debt_change
        self.not_taken += points - forgiven + entry.points
        self.purse.entries.clear()


DAY = dt.timedelta(days=1)
COUNTED = (CapPer.DAY, CapPer.MONTH, CapPer.EVER)
NO_PLAN = OrderPlan(
    basis=Decimal(0),
    spend=Decimal(0),
    rate=EarnRate(Decimal(0), ""),
    points=0,
    growth=0,
    lines=(),
    placed_on=dt.date.min,
    active_on=dt.date.min,
    expires_on=dt.date.min,
)


def _granted(policy: Policy, grant: str) -> int:
    if grant == SIGN_UP:
        return policy.sign_up_points
    terms = policy.events.get(grant)
    return terms.points if terms else 0


def _with_returned(lines: Sequence[LineFacts], units: Sequence[tuple[str, int]]) -> tuple[LineFacts, ...]:
    """Will count more units as returned, never more than were sold; a line that is gone is left out."""
    back: dict[str, int] = {}
    for line_id, quantity in units:
        _add(back, line_id, quantity)
    return tuple(
        replace(line, refunded_quantity=min(line.refunded_quantity + back[line.line_id], line.quantity))
        if line.line_id in back
        else line
        for line in lines
    )


def _add(sums: dict[Any, int], key: Any, points: int) -> None:
    sums[key] = sums.get(key, 0) + points
