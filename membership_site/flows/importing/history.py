"""Booking many orders at once: the engines that serve a live order, over members in memory, written with COPY.

What cannot be done in sets - an order already known, one that a refund waits for, one older than what is known of its
member, one that earning rules or caps look at - goes the live way, one at a time, with all other orders of that member
in the batch.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from campaigns import queries as campaigns_queries
from kit import clock
from kit.money import exponent_of
from members import actions as members_actions
from members import queries as members_queries
from members.queries import MemberKey
from membership_site.flows import order_paid
from membership_site.flows.importing.rows import Item, reference_of
from orders import actions as orders_actions
from orders import queries as orders_queries
from orders import rules as orders_rules
from orders.enums import OrderStatus, Recorded
from orders.queries import StoredOrder
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.rules import booking, earning, ledger
from points.rules.ledger import Deed, WalletState
from points.rules.policy import Policy
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules
from tiers.actions import StandingState


@dataclass(slots=True)
class Life:
    """One member while his orders are worked out."""

    key: MemberKey
    wallets: dict[Wallet, WalletState]
    standing: StandingState
    joins_at: dt.datetime | None = None


class Rulebook:
    """The published rules by business date, read once a batch."""

    def __init__(self) -> None:
        self._policies, self._ladders = points_queries.policies(), tiers_queries.ladders()
        self._point_days = campaigns_queries.point_days()
        versions = tiers_queries.versions_of()
        self._counts_one_window = (
            all(terms.is_plain for terms in versions) and len({t.window_days for t in versions}) == 1
        )

    def policy(self, date: dt.date) -> Policy:
        """Will return the points policy in force on a date."""
        return self._policies.on(date)

    def asks_more(self, at: dt.datetime) -> bool:
        """Will say whether an order of an instant meets rules, caps or a ladder that ask for more than sets keep."""
        plain = self._counts_one_window and not campaigns_queries.rules_at(self._point_days, at)
        return not plain or self.policy(clock.business_date(at)).looks_at(earning.ORDER)

    def terms(self, date: dt.date) -> tiers_rules.LadderTerms:
        """Will return the ladder in force on a date."""
        return self._ladders.on(date)


def book_orders(items: Sequence[Item], *, source: str, at: dt.datetime, actor: str) -> list[str]:
    """Will book orders of one source, in order of time, in the caller's transaction; returns what came of each.

    Outcomes are those of orders.enums.Recorded. Members' wallets and standings are locked in id order.
    """
    members = members_queries.find_many(sorted({item.reference for item in items}), source)
    ids = [item.id for item in items]
    stored = orders_queries.stored_orders(source, ids)
    outcomes = _repeats(items, members, stored)
    left = [item for item in items if item.id not in outcomes]
    known = orders_queries.orders_with_waiting_refunds(source, ids) | set(stored)
    rulebook = Rulebook()
    slow = {_who(item, members) for item in left if item.id in known or rulebook.asks_more(item.at)}
    fast = [item for item in left if _who(item, members) not in slow]
    lives = _read_lives({m.id: m for m in members.values()}, fast, members)
    late = {_who(item, members) for item in fast if _too_late(item, members, lives)}
    new: list[orders_actions.NewOrder] = []
    for item in fast:
        if _who(item, members) in late:
            continue
        member = members.get(item.reference)
        outcomes[item.id] = "new" if member else "parked"
        life = lives[member.id] if member and item.statement.status == OrderStatus.PAID else None
        new.append(_new_order(item, member, life))
        if life:
            live_through(life, new[-1], rulebook, actor)
    touched = [life for life in lives.values() if life.wallets[Wallet.POINTS].member_id not in late and _changed(life)]
    _write(new, touched, at, actor)
    for item in items:
        if item.id not in outcomes:
            outcomes[item.id] = _book_one(item, at, actor)
    return [outcomes[item.id] for item in items]


def _repeats(items: Sequence[Item], members: dict[str, MemberKey], stored: dict[str, StoredOrder]) -> dict[str, str]:
    """Orders that are stored as stated; nothing is to be done for them."""
    outcomes = {}
    for item in items:
        known = stored.get(item.id)
        if known is None or (known.parked and item.reference in members):
            continue
        if item.statement.stated_at < known.stated_at:
            outcomes[item.id] = Recorded.STALE.value
        elif orders_rules.digest(item.statement, reference_of(item.reference).stated()) == known.digest:
            outcomes[item.id] = (Recorded.PARKED if known.parked else Recorded.SAME).value
    return outcomes


def _who(item: Item, members: dict[str, MemberKey]) -> int | str:
    member = members.get(item.reference)
    return member.id if member else item.id


def _read_lives(keys: dict[int, MemberKey], items: Sequence[Item], members: dict[str, MemberKey]) -> dict[int, Life]:
    wanted = sorted({members[item.reference].id for item in items if item.reference in members})
    if not wanted:
        return {}
    first = clock.business_date(min(item.at for item in items))
    terms = tiers_queries.terms_on(first)
    wallets = points_actions.read_wallets(member_ids=wanted)
    standings = tiers_actions.read_standings(
        member_ids=wanted, ladder_id=terms.ladder_id, since=terms.window_start(first)
    )
    return {member_id: Life(keys[member_id], wallets[member_id], standings[member_id]) for member_id in wanted}


def _too_late(item: Item, members: dict[str, MemberKey], lives: dict[int, Life]) -> bool:
    """An order older than the last thing known of its member must see the past, which sets do not keep."""
    member = members.get(item.reference)
    if member is None:
        return False
    standing = lives[member.id].standing
    decided_later = standing.decided_at is not None and standing.decided_at > item.at
    is_special = standing.position is not None and (standing.position.hold or standing.position.next)
    return decided_later or bool(is_special) or standing.latest > clock.business_date(item.at)


def _changed(life: Life) -> bool:
    return life.joins_at is not None or any(state.entries or state.touched for state in life.wallets.values())


def _new_order(item: Item, member: MemberKey | None, life: Life | None) -> orders_actions.NewOrder:
    stated = item.statement
    return orders_actions.NewOrder(
        statement=stated,
        reference=reference_of(item.reference).stated(),
        member_id=member.id if member else None,
        booked=life is not None,
        bases=orders_rules.line_bases(stated.lines, stated.discount, exponent_of(stated.currency)),
    )


def live_through(life: Life, order: orders_actions.NewOrder, rulebook: Rulebook, actor: str) -> None:
    """Will work out what one paid order does to a member, as flows.order_booking does with a database under it."""
    at = order.statement.placed_at
    today = clock.business_date(at)
    terms, policy = rulebook.terms(today), rulebook.policy(today)
    standing = life.standing
    if standing.position is None:
        life.joins_at = at
        standing.decide(
            tiers_rules.join(today), standing.facts(terms.window_start(today)), terms, today, at, "join", actor
        )
    if standing.position is None:
        raise ValueError("Joining gives a position.")
    rung = standing.held if standing.held.rank else terms.rungs[0]
    deed = Deed(at, today, policy.id, actor, policy.expiry.idle_months, is_own=True)
    for state in life.wallets.values():
        ledger.settle(state, deed, clock.programme_zone())
    lines = [
        earning.LineFacts(line.line_id, basis, line.quantity, name=line.name, gross=line.quantity * line.unit_price)
        for line, basis in zip(order.statement.lines, order.bases, strict=True)
    ]
    stated = order.statement
    amounts = earning.OrderAmounts(stated.tax, stated.shipping, stated.points_paid)
    plan = earning.plan_order(policy, earning.EarnRate(rung.multiplier, rung.code), lines, today, amounts=amounts)
    books = booking.Books(life.key.id, life.wallets, [])
    booking.book_plan(books, deed, f"{order.statement.key}:line", plan, policy)
    standing.count(today, sum(order.bases, Decimal(0)), 1, plan.growth)
    standing.evaluate(terms, today, at, order.statement.key, actor)


def _write(new: Sequence[orders_actions.NewOrder], lives: Sequence[Life], at: dt.datetime, actor: str) -> None:
    joining = {life.key.id: life.joins_at for life in lives if life.joins_at and life.key.joined_at is None}
    members_actions.set_joined_many(joined_at=joining, at=at, actor=actor)
    orders_actions.insert_orders(orders=new, at=at, actor=actor)
    points_actions.write_wallets(
        states=[state for life in lives for state in life.wallets.values()], at=at, actor=actor
    )
    tiers_actions.write_standings(states=[life.standing for life in lives], at=at, actor=actor)


def _book_one(item: Item, at: dt.datetime, actor: str) -> str:
    answer = order_paid.take_order(statement=item.statement, reference=reference_of(item.reference), at=at, actor=actor)
    return answer.outcome.value
