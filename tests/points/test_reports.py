"""Reports against a naive reading of the ledger, entry by entry, on random lives: orders, returns, spending, nights."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from kit import clock, money
from members.rules import MemberReference
from membership_site.flows import nightly
from orders.models import SpendMovement
from points import queries as points_queries
from points.models import Entry
from points.rules import liability
from points.rules.breakage import CohortFlow
from points.rules.liability import Part
from tests.flows import shop
from tests.flows.shop import DAY
from tests.night import world
from tiers import queries as tiers_queries
from tiers.models import Decision

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]

NIGHTS = [nightly.find_step(name) for name in ("release_lots", "expire_lots")]
DAYS = 480
NAMES = ("ann", "bob", "cat", "dan")


def live(join: Any, seed: int, noon: dt.datetime) -> list[int]:
    """Some members' lives over sixteen months; nights run now and then, some late, the last ones not at all."""
    rng = random.Random(seed)
    start = noon - DAYS * DAY
    ids = [join(name, at=start + n * DAY, reward=n % 2 == 0).id for n, name in enumerate(NAMES)]
    orders: list[tuple[str, dict[str, int]]] = []
    for day in range(5, DAYS, 5):
        at = start + day * DAY + dt.timedelta(minutes=rng.randrange(600))
        number = rng.randrange(len(NAMES))
        who = MemberReference(external_id=f"c-{NAMES[number]}")
        chance = rng.random()
        if chance < 0.4:
            name = f"O{day}"
            lines = [(str(n), rng.randrange(1, 4), str(rng.choice([9, 40, "12.50", 150]))) for n in range(1, 3)]
            shop.place(name, lines, at, who=who)
            orders.append((name, {line: quantity for line, quantity, _price in lines}))
        elif chance < 0.55 and orders:
            name, units = rng.choice(orders[-8:])
            line = rng.choice(sorted(units))
            if units[line]:
                shop.give_back(name, f"R{day}", {line: 1}, at)
                units[line] -= 1
        elif chance < 0.7:
            shop.do(rng.choice(["review", "survey", "share"]), at, who=who)
        elif chance < 0.92:
            can = points_queries.get_balance(ids[number], at)
            if can.available and not can.debt:
                shop.use(ids[number], rng.randrange(1, can.available + 1), at)
        elif day < DAYS - 60:
            for step in NIGHTS:
                world.night(step, clock.business_date(at) - DAY)
    return ids


# ---- the naive reading


def moves(entry: Entry) -> Iterator[tuple[dt.date, dt.date, int]]:
    """What an entry did to lots: (active_on, expires_on, points), signed."""
    if entry.active_on and entry.expires_on:
        yield entry.active_on, entry.expires_on, entry.points + entry.debt_change
    sign = 1 if entry.points > 0 else -1
    for active_on, expires_on, points in zip(
        entry.lot_active_on or (), entry.lot_expires_on or (), entry.lot_points or (), strict=True
    ):
        yield active_on, expires_on, sign * points


def source_of(entry: Entry) -> str:
    """Where the points of an entry come from."""
    if entry.kind not in ("accrual", "reversal"):
        return entry.kind
    step = entry.explanation[0] if entry.explanation else {}
    return f"event:{step['type']}" if step.get("code") == "event" else entry.source_key.split(":")[0]


def tier_on(member_id: int, date: dt.date) -> str:
    """The tier of a member's last decision up to a date."""
    decided = Decision.objects.filter(member_id=member_id, business_date__lte=date).order_by("-seq").first()
    return decided.to_tier.code if decided else "member"


def naive_outstanding(date: dt.date, gone: dt.date) -> dict[tuple[Any, ...], int]:
    """The same as outstanding(), lot by lot with kit.money.share."""
    lots: dict[tuple[int, dt.date, dt.date], list[Entry]] = defaultdict(list)
    held: dict[tuple[int, dt.date, dt.date], int] = defaultdict(int)
    fed: dict[tuple[int, dt.date, dt.date], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    parts: dict[tuple[Any, ...], int] = defaultdict(int)
    for entry in Entry.objects.filter(wallet="points", business_date__lte=date).order_by("member_id", "seq"):
        if entry.debt_change:
            parts[tier_on(entry.member_id, date), "debt", None, False] -= entry.debt_change
        for active_on, expires_on, points in moves(entry):
            lot = (entry.member_id, active_on, expires_on)
            lots[lot].append(entry)
            held[lot] += points
            if points > 0 or entry.kind == "reversal":
                fed[lot][source_of(entry)] += points
    for (member_id, active_on, expires_on), left in held.items():
        if not left or expires_on <= gone:
            continue
        feeders = fed[member_id, active_on, expires_on]
        if any(points > 0 for source, points in feeders.items() if source != "restoration"):
            feeders.pop("restoration", None)
        sources = sorted(source for source, points in feeders.items() if points > 0)
        for source, share in zip(
            sources, money.share(left, [Decimal(feeders[source]) for source in sources]), strict=True
        ):
            lapses = expires_on.replace(day=1)
            parts[tier_on(member_id, date), source, lapses, active_on > date] += share
    return {key: points for key, points in parts.items() if points}


def as_dict(parts: list[Part]) -> dict[tuple[Any, ...], int]:
    """Parts by everything they are cut by."""
    return {(part.tier, part.source, part.lapses, part.is_pending): part.points for part in parts}


def held_then(ids: list[int], date: dt.date) -> tuple[int, int, int]:
    """Available, pending and debt of everybody just after a date was over, by the single members' balances."""
    balances = [points_queries.get_balance_as_of(member_id, clock.day_end(date)) for member_id in ids]
    ended = sum(row.points for balance in balances for row in balance.expiring if row.date <= date)
    return (
        sum(balance.available for balance in balances) - ended,
        sum(balance.pending for balance in balances),
        sum(balance.debt for balance in balances),
    )


def sums(parts: list[Part]) -> tuple[int, int, int]:
    """The same of the report."""
    held = liability.total(parts, 100, 2)
    return held.available, held.pending, held.debt


@pytest.mark.parametrize("seed", range(2))
def test_reports_equal_the_ledger_read_entry_by_entry(join: Any, noon: dt.datetime, seed: int) -> None:
    """Outstanding, movement, cohorts and turnover of random lives, now and at past dates."""
    ids = live(join, seed, noon)
    today = noon.date()
    now = tiers_queries.outstanding(today, is_over=False)
    balances = [points_queries.get_balance(member_id, noon) for member_id in ids]
    assert sums(now) == tuple(sum(getattr(b, side) for b in balances) for side in ("available", "pending", "debt"))
    assert as_dict(now) == naive_outstanding(today, today - DAY)
    assert sum(part.points for part in now) > 0
    for back in (1, 40, 200, DAYS + 9):
        date = today - back * DAY
        then = tiers_queries.outstanding(date, is_over=True)
        assert as_dict(then) == naive_outstanding(date, date)
        assert sums(then) == held_then(ids, date)
        moved = points_queries.movement(date + DAY, today - DAY, today)
        assert moved.opening == sum(part.points for part in then)
        closing = sum(part.points for part in tiers_queries.outstanding(today - DAY, is_over=True))
        assert moved.opening + sum(row.points for row in moved.moved) == closing
    check_movement(today)
    check_cohorts(today)
    check_turnover(today)


def check_movement(today: dt.date) -> None:
    """Every entry stands on its date; what no night has booked stands there too."""
    starts_on = today - 200 * DAY
    expected: dict[tuple[dt.date, str], int] = defaultdict(int)
    for entry in Entry.objects.filter(wallet="points", business_date__gte=starts_on, business_date__lte=today):
        expected[entry.business_date, entry.kind] += entry.points
    for (_active_on, expires_on), points in lots_left().items():
        if starts_on <= expires_on < today:
            expected[expires_on, "expiry"] -= points
    moved = points_queries.movement(starts_on, today, today).moved
    assert {(row.date, row.kind): row.points for row in moved} == dict(expected)


def lots_left() -> dict[tuple[dt.date, dt.date], int]:
    """What is left by lot, everybody together, of all that was booked."""
    left: dict[tuple[dt.date, dt.date], int] = defaultdict(int)
    for entry in Entry.objects.filter(wallet="points"):
        for active_on, expires_on, points in moves(entry):
            left[active_on, expires_on] += points
    return {lot: points for lot, points in left.items() if points}


def check_cohorts(today: dt.date) -> None:
    """Earned, redeemed and expired by the month of the lots and the month it happened."""
    expected: dict[tuple[dt.date, dt.date], list[int]] = defaultdict(lambda: [0, 0, 0])
    last: dict[tuple[dt.date, dt.date], dt.date] = {}

    def add(active_on: dt.date, expires_on: dt.date, date: dt.date, place: int, points: int) -> None:
        if active_on <= today:
            key = (active_on.replace(day=1), max(date, active_on).replace(day=1))
            expected[key][place] += points if place == 0 else -points
            last[key] = max(last.get(key, expires_on), expires_on)

    places = {"redemption": 1, "restoration": 1, "expiry": 2}
    for entry in Entry.objects.filter(wallet="points", business_date__lte=today):
        for active_on, expires_on, points in moves(entry):
            add(active_on, expires_on, entry.business_date, places.get(entry.kind, 0), points)
    for (active_on, expires_on), points in lots_left().items():
        if expires_on <= today:
            add(active_on, expires_on, expires_on, 2, -points)
    flows = points_queries.cohort_flows(today)
    assert flows == [
        CohortFlow(cohort, month, earned, redeemed, expired, last[cohort, month])
        for (cohort, month), (earned, redeemed, expired) in sorted(expected.items())
    ]


def check_turnover(today: dt.date) -> None:
    """Earned, spent and sold by month and by the tier held just before each deed; members' firsts."""
    starts_on = (today - 300 * DAY).replace(day=1)
    expected: dict[tuple[dt.date, str], list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    firsts: dict[tuple[int, str], dt.date] = {}
    decisions = list(Decision.objects.order_by("member_id", "seq").select_related("to_tier"))

    def tier_at(member_id: int, at: dt.datetime) -> str:
        own = [decision for decision in decisions if decision.member_id == member_id]
        return [d for d in own if d.at < at or d is own[0]][-1].to_tier.code

    by_month: dict[tuple[int, dt.date, str], int] = defaultdict(int)
    for entry in Entry.objects.filter(wallet="points", business_date__lte=today).order_by("business_date"):
        month = entry.business_date.replace(day=1)
        side = {"accrual": "earned", "reversal": "earned", "redemption": "spent", "restoration": "spent"}.get(
            entry.kind
        )
        if side:
            points = entry.points if side == "earned" else -entry.points
            by_month[entry.member_id, month, side] += points
            if month >= starts_on:
                expected[month, tier_at(entry.member_id, entry.at)][side == "spent"] += points
    for member_id, month, side in sorted(by_month):
        if by_month[member_id, month, side] > 0:
            firsts.setdefault((member_id, side), month)
    for row in SpendMovement.objects.filter(known_on__gte=starts_on, known_on__lte=today):
        expected[row.known_on.replace(day=1), tier_at(row.member_id, row.at)][2] += row.spend
    flows, known = tiers_queries.turnover(starts_on, today)
    assert {(row.month, row.tier): [row.earned, row.spent, row.sales] for row in flows} == dict(expected)
    assert len({row.tier for row in flows}) > 1
    counted = {(row.month, "earned"): row.earned for row in known} | {(row.month, "spent"): row.spent for row in known}
    for (month, side), members in counted.items():
        assert members == sum(first == month and named == side for (_id, named), first in firsts.items())
    assert sum(counted.values()) == len(firsts)


def test_nobody_and_nothing(programme: None, noon: dt.datetime) -> None:
    """Empty books are answered with nothing, not with an error."""
    today = noon.date()
    assert tiers_queries.outstanding(today, is_over=False) == [] and points_queries.cohort_flows(today) == []
    assert tiers_queries.turnover(today, today) == ([], [])
    assert points_queries.movement(today, today, today) == points_queries.Movement(0, ())
    assert liability.total([], 100, 2) == liability.Held(0, 0, 0, Decimal("0.00"))
