"""Small worlds for the night: members by the dozen, what happened to them, and how they stand, as plain values."""

import datetime as dt
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from kit import clock
from kit.jobs import Night, Step, run
from kit.models import JobRun
from members.models import Identity, Member
from orders.models import SpendMovement
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.models import Balance, Entry, Lot
from points.rules import ledger
from points.rules.ledger import Deed, Holding, WalletState
from tiers import actions as tiers_actions
from tiers.models import Decision, Standing
from tiers.rules import Facts, LadderTerms, Outcome, Position, after_event, at_night

DAY = dt.timedelta(days=1)


def noon(date: dt.date, minutes: int = 0) -> dt.datetime:
    """Noon of a date in the programme's zone."""
    return clock.day_start(date) + dt.timedelta(hours=12, minutes=minutes)


def people(count: int, joined: dt.date, start: int = 1) -> list[int]:
    """Will make members who joined on a date, with wallets and the lowest tier, and return their ids."""
    ids = holders(count, joined, start)
    for member_id in ids:
        tiers_actions.join(member_id=member_id, cause="join", at=noon(joined), actor="test")
    return ids


def holders(count: int, joined: dt.date, start: int = 1) -> list[int]:
    """Will make members with wallets alone, where nobody asks for tiers, and return their ids."""
    members = Member.objects.bulk_create(
        Member(number=f"M{number:07d}", name="", joined_at=noon(joined)) for number in range(start, start + count)
    )
    ids = [member.id for member in members]
    Identity.objects.bulk_create(
        Identity(member=member, kind="external", source="test", value=member.number) for member in members
    )
    points_actions.open_wallets(member_ids=ids, at=noon(joined), actor="test")
    return ids


def give(
    member_id: int, points: int, lot: tuple[dt.date, dt.date], on: dt.date, wallet: Wallet = Wallet.POINTS
) -> None:
    """Will put points into a lot on a date."""
    count = Entry.objects.filter(member_id=member_id, kind="accrual").count()
    points_actions.credit(
        member_id=member_id,
        wallet=wallet,
        source_key=f"gift:{on}:{count}",
        points=points,
        lot=lot,
        explanation=[{"code": "gift"}],
        policy_id=points_queries.policy_on(on).id,
        at=noon(on),
        actor="test",
    )


def night(
    step: Step, date: dt.date, *, slice_only: bool = False, approved: int | None = None, again: bool = False
) -> JobRun:
    """Will run one step for one date, whatever was missed, and insist that it is done."""
    job = run(step, Night(date, slice_only, approved), again=again)
    assert job.state == "done", job.error
    return job


def work(step: Step, date: dt.date, *, slice_only: bool = False) -> None:
    """Will do the work of one step for one date, without the book that is kept of runs."""
    with transaction.atomic():
        for _chunk in step.work(Night(date, slice_only, None), 0):
            pass


# ---- wallets


def wallet_states() -> dict[tuple[int, str], WalletState]:
    """Every wallet as the rules see it."""
    states = {}
    for balance in Balance.objects.all():
        wallet = Wallet(balance.wallet)
        states[balance.member_id, balance.wallet] = WalletState(
            balance.member_id,
            wallet,
            debt=balance.debt,
            seq=balance.seq,
            idle_until=balance.idle_until,
            idle_months=balance.idle_months,
        )
    for lot in Lot.objects.all():
        states[lot.member_id, lot.wallet].lots[lot.active_on, lot.expires_on] = Holding(lot.points, lot.pending)
    return states


def close_one_by_one(states: dict[tuple[int, str], WalletState], date: dt.date) -> list[dict[str, Any]]:
    """The reference: the night of a date, wallet by wallet with the rules; returns the entries it would write."""
    zone, entries = clock.programme_zone(), []
    for state in states.values():
        deed = Deed(clock.day_end(date), date, points_queries.policy_on(date).id, "night")
        ledger.settle(state, deed, zone)
        ending = [key for key in state.lots if ledger.ends_on(state, key) == date]
        if ending:
            ledger.expire(state, deed, date, ending, zone)
        if state.idle_until == date:
            ledger.stop_waiting(state)
        entries += [entry._asdict() for entry in state.entries]
        state.entries.clear()
    return sorted(entries, key=lambda entry: (entry["member_id"], entry["wallet"], entry["seq"]))


IDLE = ("idle_until", "idle_months")


def ledger_now() -> dict[str, Any]:
    """Lots and balances as plain values."""
    lots = Lot.objects.order_by("member_id", "wallet", "active_on", "expires_on")
    balances = Balance.objects.order_by("member_id", "wallet")
    return {
        "lots": list(lots.values_list("member_id", "wallet", "active_on", "expires_on", "points", "pending")),
        "balances": list(balances.values_list("member_id", "wallet", "available", "pending", "debt", "seq", *IDLE)),
    }


def ledger_of(states: dict[tuple[int, str], WalletState]) -> dict[str, Any]:
    """The same of the reference."""
    return {
        "lots": sorted(
            (*key, *lot, held.points, held.pending) for key, state in states.items() for lot, held in state.lots.items()
        ),
        "balances": sorted(
            (*key, s.available, s.pending, s.debt, s.seq, s.idle_until, s.idle_months) for key, s in states.items()
        ),
    }


def entries_since(seqs: dict[tuple[int, str], int]) -> list[dict[str, Any]]:
    """The entries written after these numbers, as the reference writes them."""
    fields = ledger.NewEntry._fields
    rows = Entry.objects.order_by("member_id", "wallet", "seq").values(*fields)
    return [dict(row) for row in rows if row["seq"] > seqs.get((row["member_id"], row["wallet"]), 0)]


# ---- tiers


@dataclass(frozen=True, slots=True)
class Happening:
    """Spend, orders or growth that counts on one date and became known on another."""

    counts_on: dt.date
    known_on: dt.date
    spend: Decimal = Decimal(0)
    orders: int = 0
    growth: int = 0


def happen(member_id: int, number: int, what: Happening, *, evaluate: bool) -> None:
    """Will book a happening, bare, and evaluate the tier as the flow of an order would."""
    at = noon(what.known_on, number % 600)
    if what.spend or what.orders:
        SpendMovement.objects.create(
            member_id=member_id,
            source_key=f"test:{number}",
            counts_on=what.counts_on,
            known_on=what.known_on,
            at=at,
            spend=what.spend,
            orders=what.orders,
        )
    if what.growth:
        seq = Entry.objects.filter(member_id=member_id, wallet=Wallet.GROWTH).count() + 1
        Entry.objects.create(
            member_id=member_id,
            wallet=Wallet.GROWTH,
            seq=seq,
            kind="accrual" if what.growth > 0 else "reversal",
            points=what.growth,
            balance_after=0,
            source_key=f"test:{number}",
            at=at,
            business_date=what.known_on,
            counts_on=what.counts_on,
            policy_id=points_queries.policy_on(what.known_on).id,
            actor="test",
        )
    if evaluate:
        tiers_actions.evaluate(member_id=member_id, cause=f"test:{number}", at=at, actor="test")


def facts_of(happened: Iterable[Happening], terms: LadderTerms, on: dt.date) -> Facts:
    """What counts in the window that ends on a date, as known at its end."""
    seen = [h for h in happened if terms.window_start(on) <= h.counts_on <= on and h.known_on <= on]
    return Facts(sum((h.spend for h in seen), Decimal(0)), sum(h.orders for h in seen), sum(h.growth for h in seen))


def live_one_by_one(
    happened: Sequence[Happening], terms: LadderTerms, joined: dt.date, last: dt.date, *, nights: bool = True
) -> tuple[Position, list[tuple[dt.date, Outcome]]]:
    """The reference: one member's life date by date - events, then the night - with the pure rules."""
    position, decisions = Position(0, joined), []
    by_date: dict[dt.date, list[Happening]] = {}
    for happening in happened:
        by_date.setdefault(happening.known_on, []).append(happening)
    known: list[Happening] = []
    for number in range((last - joined).days + 1):
        date = joined + number * DAY
        for happening in by_date.get(date, ()):
            known.append(happening)
            if outcome := after_event(position, facts_of(known, terms, date), terms, date):
                position = outcome.position
                decisions.append((date, outcome))
        while nights and (outcome := at_night(position, facts_of(known, terms, date), terms, date)):
            position = outcome.position
            decisions.append((date, outcome))
            if position.until is None or (position.grace or position.until) > date:
                break
    return position, decisions


def positions() -> dict[int, Position]:
    """Where everybody stands."""
    fields = ("member_id", "rank", "since_date", "until_date", "grace_date")
    return {row[0]: Position(*row[1:]) for row in Standing.objects.values_list(*fields)}


def sums() -> dict[int, Facts]:
    """The sums that lists show."""
    return {row[0]: Facts(*row[1:]) for row in Standing.objects.values_list("member_id", "spend", "orders", "growth")}


DECIDED = (
    "member_id", "seq", "kind", "at", "business_date", "from_tier__rank", "to_tier__rank", "until_before", "until_date",
    "grace_date", "spend", "orders", "growth", "reached_by", "threshold", "window_starts_date", "actor",
)  # fmt: skip


def decisions(*more: str) -> list[tuple[Any, ...]]:
    """Every decision, as plain values."""
    return list(Decision.objects.order_by("member_id", "seq").values_list(*DECIDED, *more))


def random_life(rng: random.Random, joined: dt.date, last: dt.date) -> list[Happening]:
    """Spurts of purchases, reviews and returns, in order of the dates they became known."""
    lived: list[Happening] = []
    date = joined + rng.randrange(40) * DAY
    while date <= last:
        for _ in range(rng.choice([1, 1, 2, 6])):
            spend = Decimal(rng.choice([100, 250, 999, 1000, 1001, 4000, 16000])) / rng.choice([1, 1, 1, 3])
            lived.append(Happening(date, date, spend.quantize(Decimal("0.01")), 1, rng.choice([0, 0, 10, int(spend)])))
            if rng.random() < 0.25:
                back = lived[-1]
                lived.append(Happening(date, date + rng.randrange(1, 6) * DAY, -back.spend, -1, -back.growth))
            date += rng.randrange(12) * DAY
            if date > last:
                break
        date += rng.choice([20, 90, 200, 400]) * DAY
    return sorted((h for h in lived if h.known_on <= last), key=lambda h: h.known_on)
