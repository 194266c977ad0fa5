"""Reports on tiers against a naive reading of decisions, standings and entries, one by one, on random lives."""

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from kit import dates
from kit.paging import Place
from membership_site.flows import nightly
from orders.models import SpendMovement
from points import queries as points_queries
from points.models import Entry
from tests.flows import shop
from tests.night import world
from tests.night.world import DAY
from tests.points.test_reports import live as live_orders
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules
from tiers.enums import AtEnd, HoldKind, Join, Window
from tiers.models import Decision, Ladder, LadderVersion, Standing, Tier
from tiers.queries import Economics, MixChange
from tiers.rules import Requirement

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

STEP = nightly.find_step("recalculate_tiers")
JOINED = dt.date(2023, 5, 20)
D = dt.date(2026, 3, 31)
PEOPLE = 20


@pytest.fixture(scope="module")
def lived(module_programme: None) -> list[int]:
    """Members who joined in two throngs and lived for years of which the ladder had two versions."""
    rng = random.Random(5)
    ids = [*world.people(PEOPLE // 2, JOINED), *world.people(PEOPLE // 2, JOINED + 300 * DAY, start=100)]
    happened = [
        (h.known_on, member_id, number, h)
        for place, member_id in enumerate(ids)
        for number, h in enumerate(world.random_life(rng, JOINED + (place >= PEOPLE // 2) * 300 * DAY, D))
    ]
    republish(JOINED + 500 * DAY)
    nights = [JOINED + back * DAY for back in range(90, (D - JOINED).days, 90)]
    for known_on, member_id, number, happening in sorted(happened, key=lambda row: row[:3]):
        while nights and nights[0] < known_on:
            world.night(STEP, nights.pop(0))
        world.happen(member_id, number, happening, evaluate=True)
    return ids


def republish(effective_on: dt.date) -> None:
    """Will publish the ladder again, with a tier more between silver and gold."""
    ladder = Ladder.objects.get(code="main")
    old = ladder.versions.get()
    version = LadderVersion.objects.create(
        ladder=ladder, number=2, effective_on=effective_on, window_days=old.window_days,
        validity_months=old.validity_months, grace_days=old.grace_days, actor="test",
    )  # fmt: skip
    for tier in old.tiers.order_by("rank"):
        tier.id, tier.version, tier.rank = None, version, tier.rank + (tier.rank > 1)
        tier.save(force_insert=True)
    between = Tier.objects.get(version=version, rank=1)
    between.id, between.rank, between.code = None, 2, "jade"
    between.reach_spend = between.keep_spend = Decimal(4000)
    between.reach_orders = between.keep_orders = between.reach_growth = between.keep_growth = None
    between.save(force_insert=True)
    LadderVersion.objects.filter(id=version.id).update(published_at=world.noon(JOINED))


def decisions_of(member_id: int, upto: dt.date = D) -> list[Decision]:
    """A member's decisions up to a date, first one first."""
    found = Decision.objects.filter(member_id=member_id, business_date__lte=upto)
    return list(found.order_by("seq").select_related("from_tier", "to_tier"))


def tier_at(member_id: int, date: dt.date) -> Tier | None:
    """The tier of the last decision up to a date."""
    decided = decisions_of(member_id, date)
    return decided[-1].to_tier if decided else None


def test_lives_are_full_enough_to_prove_something(lived: list[int]) -> None:
    """Every kind of decision, both versions, every tier."""
    assert set(Decision.objects.values_list("kind", flat=True)) >= {
        "joined",
        "upgrade",
        "renewal",
        "grace",
        "downgrade",
    }
    assert set(Decision.objects.values_list("to_tier__code", flat=True)) >= {"member", "silver", "jade", "gold"}
    assert set(Decision.objects.values_list("to_tier__version__number", flat=True)) == {1, 2}


def test_the_mix_is_the_last_decision_of_each(lived: list[int]) -> None:
    """At the end of every month, whatever the first one asked for; now it is what standings say."""
    for back in (0, 3, 400, 3000):
        check_mix(lived, back)


def check_mix(lived: list[int], back: int) -> None:
    """Twelve months up to some days ago, and all before."""
    ends_on = D - back * DAY
    first = dates.add_months(ends_on.replace(day=1), -11)
    changes = tiers_queries.tier_mix(first, ends_on)
    assert all(change.month is None or first <= change.month <= ends_on for change in changes)
    for month in [None, *(dates.add_months(first, n) for n in range(12))]:
        date = min(dates.last_of_month(month.year, month.month), ends_on) if month else first - DAY
        expected: dict[str, int] = defaultdict(int)
        for member_id in lived:
            if tier := tier_at(member_id, date):
                expected[tier.code] += 1
        assert sums_up_to(changes, month) == dict(expected), date
    if not back:
        assert sums_up_to(changes, D) == {code: n for code, n in tiers_queries.stand_and_moved(D, D)[0].items() if n}


def sums_up_to(changes: list[MixChange], month: dt.date | None) -> dict[str, int]:
    """Members by tier at the end of a month."""
    found: dict[str, int] = defaultdict(int)
    for change in changes:
        if change.month is None or (month and change.month <= month):
            found[change.tier] += change.members
    return {tier: members for tier, members in found.items() if members}


def test_who_moved_is_each_members_tier_then_and_later(lived: list[int]) -> None:
    """From, to, direction; whoever joined in between comes from nowhere."""
    for was, back in ((90, 0), (365, 0), (800, 10), (5000, 0), (5000, 4000)):
        check_migration(lived, was, back)


def check_migration(lived: list[int], was: int, back: int) -> None:
    """Between the ends of two dates, so many days ago."""
    expected: dict[tuple[Any, ...], int] = defaultdict(int)
    for member_id in lived:
        before, now = tier_at(member_id, D - was * DAY), tier_at(member_id, D - back * DAY)
        if now is None:
            continue
        expected[before and before.code, now.code, direction(before, now)] += 1
    found = tiers_queries.tier_migration(D - was * DAY, D - back * DAY)
    assert {(row.was, row.tier, row.direction): row.members for row in found} == dict(expected)


def direction(before: Tier | None, now: Tier) -> int:
    """1 up, -1 down, 0 neither, by the ranks of the later tier's version."""
    if before is None or before.code == now.code:
        return 0
    since = Tier.objects.filter(version=now.version, code=before.code).first() or before
    return (now.rank > since.rank) - (now.rank < since.rank)


def naive_stays(ids: list[int], starts_on: dt.date, ends_on: dt.date) -> dict[tuple[str, int, str], list[int]]:
    """Stays one by one: how many, kept, fell; by tier, days and ending."""
    found: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0, 0])

    def close(stay: list[Decision], ending: str, ended: dt.date, *, fell: bool) -> None:
        if starts_on <= stay[0].business_date <= ends_on:
            row = found[stay[0].to_tier.code, (ended - stay[0].business_date).days, ending]
            row[0] += 1
            row[1] += sum(decision.kind == "renewal" for decision in stay[1:])
            row[2] += fell

    def is_over(decision: Decision) -> bool:
        return decision.until_before is not None and decision.until_before <= decision.business_date

    for member_id in ids:
        stay: list[Decision] = []
        for decision in decisions_of(member_id):
            if stay and decision.from_tier.code != decision.to_tier.code:
                ending = {1: "up", -1: "down", 0: "other"}[direction(decision.from_tier, decision.to_tier)]
                close(stay, ending, decision.business_date, fell=ending == "down" and is_over(decision))
                stay = []
            stay.append(decision)
        close(stay, "running", D, fell=False)
    return dict(found)


def test_stays_are_followed_to_their_end_or_to_today(lived: list[int]) -> None:
    """Those that began in the period, each from coming to going, renewals within; what runs is not yet ended."""
    for since in (5000, 900, 200):
        check_stays(lived, since)


def check_stays(lived: list[int], since: int) -> None:
    """Of a period that began so many days ago."""
    starts_on, ends_on = D - since * DAY, D - 20 * DAY
    found = tiers_queries.tier_stays(starts_on, ends_on, D)
    expected = naive_stays(lived, starts_on, ends_on)
    assert {(row.tier, row.days, row.ending): [row.stays, row.kept, row.fell] for row in found} == expected
    if since == 5000:
        assert {row.ending for row in found} >= {"up", "down", "running"}
        assert sum(row.kept for row in found) > 1 < sum(row.fell for row in found)


# ---- about to fall


def year_spend(member_id: int) -> Decimal:
    """What counted of a member's spend in the year up to D."""
    rows = SpendMovement.objects.filter(member_id=member_id, counts_on__gt=dt.date(2025, 3, 31), counts_on__lte=D)
    return sum((row.spend for row in rows if row.known_on <= D), Decimal(0))


def naive_risk(days: int, tier: str = "") -> list[tuple[int, str, dt.date, Decimal]]:
    """Standings one by one whose end is near and which the rules would not renew, by spend of the year."""
    versions = {terms.version_id: terms for terms in map(tiers_queries.terms_on, (JOINED, D))}
    found = []
    for standing in Standing.objects.select_related("tier"):
        ends = standing.grace_date or standing.until_date
        if ends is None or ends > D + days * DAY or tier not in ("", standing.tier.code):
            continue
        terms = versions[standing.tier.version_id]
        decides_on = D if standing.grace_date else max(ends, D)
        facts = tiers_queries.facts_on(standing.member_id, terms, decides_on)
        if not rules.met(terms.rungs[standing.rank].keep, facts):
            found.append((standing.member_id, standing.tier.code, ends, year_spend(standing.member_id)))
    return sorted(found, key=lambda row: (-row[3], row[0]))


def test_who_is_about_to_fall(lived: list[int]) -> None:
    """Exactly those, dearest first; the ways are what is missing; the sums are theirs."""
    for days, tier in ((30, ""), (90, ""), (365, ""), (365, "silver"), (365, "none")):
        check_risk(days, tier)


def check_risk(days: int, tier: str) -> None:
    """Within so many days, of a tier or all."""
    by = D + days * DAY
    page = tiers_queries.at_risk(by, D, tier)
    expected = naive_risk(days, tier)
    assert [(row.member_id, row.tier, row.ends, row.year_spend) for row in page.rows] == expected
    assert page.before is page.after is None and (len(expected) > 3 or days < 365 or tier)
    for row in page.rows:
        assert row.keep and all(missing > 0 for _metric, _need, missing in row.keep)
        assert row.in_grace == (Standing.objects.get(member_id=row.member_id).grace_date is not None)
    sums: dict[tuple[str, dt.date], list[Any]] = defaultdict(lambda: [0, Decimal(0)])
    for _member, code, ends, spend in expected:
        sums[code, ends][0] += 1
        sums[code, ends][1] += spend
    found = page.sums
    assert {(row.tier, row.ends): [row.members, row.year_spend] for row in found if row.ends} == dict(sums)
    stand = {
        code: n for code, n in tiers_queries.stand_and_moved(D, D)[0].items() if code != "member" and tier in ("", code)
    }
    assert {row.tier: row.members for row in found if row.ends is None} == stand


@pytest.mark.parametrize("joins", ["nestloop", "hashjoin"])
def test_the_list_is_walked_by_key_both_ways(lived: list[int], joins: str) -> None:
    """Page by page it is the whole; back again the same pages; a place from elsewhere is the beginning.

    However the database joins: the order of a page is ours.
    """
    by = D + 365 * DAY
    with connection.cursor() as cursor:
        for other in {"nestloop", "hashjoin", "mergejoin"} - {joins}:
            cursor.execute(f"SET LOCAL enable_{other} = off")
    whole = [row.member_id for row in tiers_queries.at_risk(by, D, "").rows]
    assert len(whole) > 3
    page, walked, pages = tiers_queries.at_risk(by, D, "", limit=2), [], []
    assert page.before is None
    while True:
        ids = [row.member_id for row in page.rows]
        walked += ids
        pages.append(ids)
        if page.after is None:
            break
        page = tiers_queries.at_risk(by, D, "", after=page.after, limit=2)
    assert walked == whole
    for earlier in reversed(pages[:-1]):
        page = tiers_queries.at_risk(by, D, "", before=page.before, limit=2)
        assert [row.member_id for row in page.rows] == earlier
    assert page.before is None and page.after is not None
    for odd in (Place("", 1), Place("x", 1), Place("NaN", 1), Place("1E40", 1)):
        assert [row.member_id for row in tiers_queries.at_risk(by, D, "", after=odd, limit=2).rows] == whole[:2]
        assert [row.member_id for row in tiers_queries.at_risk(by, D, "", before=odd, limit=2).rows] == whole[:2]


def about_to_fall(today: dt.date) -> list[Any]:
    """Will return what those lack who fall within sixty days."""
    return [row.keep for row in tiers_queries.at_risk(today + 60 * DAY, today, "").rows]


@pytest.mark.parametrize(
    ("settings_", "rungs", "lacks"),
    [
        ({}, {"keep": Requirement(spend=Decimal(300), orders=2, join=Join.ALL)}, [(("orders", 2, 1),)]),
        ({}, {"keep": Requirement(spend=Decimal(300), orders=1, join=Join.ALL)}, []),
        ({}, {"keep": Requirement(spend=Decimal(300), years=9, join=Join.ALL)}, [()]),
        ({}, {"never_lost": True, "keep": Requirement(orders=9)}, []),
        ({"at_end": AtEnd.NEVER}, {"keep": Requirement(orders=9)}, []),
        ({"window": Window.CALENDAR_YEAR, "window_days": 0}, {"keep": Requirement(orders=1)}, [(("orders", 1, 1),)]),
        ({"window": Window.MEMBERSHIP_YEAR, "window_days": 0}, {"keep": Requirement(orders=2)}, [(("orders", 2, 2),)]),
        ({"window": Window.LIFETIME, "window_days": 0}, {"keep": Requirement(orders=2)}, []),
    ],
)
def test_about_to_fall_under_other_settings(
    join: Any, noon: dt.datetime, settings_: dict[str, Any], rungs: dict[str, Any], lacks: list[Any]
) -> None:
    """Windows of every kind, all or any, and what is never lost; who was given a tier falls to what he earned."""
    third = noon.date()
    publish(third - 20 * DAY, rungs={"silver": rungs}, **settings_)
    ann = join("ann", at=noon - 20 * DAY).id
    shop.place("1", ["1100"], noon - 10 * DAY)
    shop.place("2", ["400"], noon + 300 * DAY)  # in 2026, and in her first year
    today = third + 320 * DAY
    assert about_to_fall(today) == lacks
    tiers_actions.give_tier(
        member_id=ann, tier="gold", kind=HoldKind.MANUAL, until=today + DAY, reason="VIP", key="k",
        at=noon + 320 * DAY, actor="t",
    )  # fmt: skip
    assert len(about_to_fall(today)) == 1


# ---- cost and revenue


def naive_economics(starts_on: dt.date, ends_on: dt.date) -> dict[tuple[Any, ...], list[Any]]:
    """Entries and movements one by one: base, other, taken back, sales, orders, buyers; by month, tier, multiplier."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, Decimal(0), 0, 0])
    buyers: dict[Any, set[int]] = defaultdict(set)

    def held(member_id: int, at: dt.datetime) -> str:
        own = list(Decision.objects.filter(member_id=member_id).order_by("seq").select_related("to_tier"))
        return [d for d in own if d.at < at or d is own[0]][-1].to_tier.code if own else "member"

    for entry in Entry.objects.filter(wallet="points", business_date__range=(starts_on, ends_on)):
        key = (entry.business_date.replace(day=1), held(entry.member_id, entry.at))
        first = entry.explanation[0] if entry.explanation else {"code": ""}
        if entry.kind == "reversal":
            found[*key, None][2] -= entry.points
        elif entry.kind == "accrual" and first["code"] == "order_line":
            ruled = sum(step["points"] for step in entry.explanation if step["code"] == "rule")
            base = entry.points * (first["line_points"] - ruled) // first["line_points"]
            found[*key, Decimal(first["multiplier"])][0] += base
            found[*key, Decimal(first["multiplier"])][1] += entry.points - base
        elif entry.kind == "accrual":
            found[*key, None][1] += entry.points
    for row in SpendMovement.objects.filter(known_on__range=(starts_on, ends_on)):
        code = held(row.member_id, row.at)
        sums = found[row.known_on.replace(day=1), code, None]
        sums[3] += row.spend
        sums[4] += row.orders
    for code, members in buyers_of(starts_on, ends_on, held).items():
        buyers[code] |= members
        buyers[None] |= members
    for code, members in (buyers or {None: set()}).items():
        found[None, code, None][5] = len(members)
    return dict(found)


def buyers_of(starts_on: dt.date, ends_on: dt.date, held: Any) -> dict[str, set[int]]:
    """Who ordered on which tier: in a month in which more orders came than went, or any came at all."""
    found: dict[str, set[int]] = defaultdict(set)
    for row in SpendMovement.objects.filter(known_on__range=(starts_on, ends_on), orders__gt=0):
        found[held(row.member_id, row.at)].add(row.member_id)
    return found


def as_sums(rows: list[Economics]) -> dict[tuple[Any, ...], list[Any]]:
    """The same of the report; several rows of one key are one."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, 0, Decimal(0), 0, 0])
    for row in rows:
        sums = found[row.month, row.tier, row.multiplier]
        for place, value in enumerate((row.base, row.other, row.taken_back, row.sales, row.orders, row.buyers)):
            sums[place] += value
    return dict(found)


@pytest.mark.parametrize("seed", range(2))
def test_cost_and_revenue_are_entries_and_orders_by_the_tier_held(join: Any, noon: dt.datetime, seed: int) -> None:
    """Orders, returns and events over sixteen months; a period and all of it."""
    live_orders(join, seed, noon)
    today = noon.date()
    for starts_on in (today - 100 * DAY, today - 600 * DAY):
        found = as_sums(tiers_queries.tier_economics(starts_on, today))
        assert found == naive_economics(starts_on, today)
    assert len({multiplier for _month, _tier, multiplier in found if multiplier}) > 1
    assert tiers_queries.tier_economics(today + DAY, today + DAY)[-1].buyers == 0


def test_what_rules_added_is_no_base(programme: None) -> None:
    """A line of 300 of which a rule gave 101, booked whole, and half of it booked again after an edit."""
    [member_id] = world.people(1, D - 60 * DAY)
    steps = [
        {"code": "order_line", "multiplier": "1.5", "line": "1", "line_points": 300},
        {"code": "rule", "rule": "double", "points": 101},
        {"code": "rule_not_applied", "rule": "other"},
    ]
    for seq, points in ((1, 300), (2, 150)):
        Entry.objects.create(
            member_id=member_id, wallet="points", seq=seq, kind="accrual", points=points, balance_after=0,
            source_key=f"order:web:1:{seq}", at=world.noon(D), business_date=D, counts_on=D, active_on=D,
            expires_on=D + 90 * DAY, policy_id=points_queries.policy_on(D).id, explanation=steps, actor="test",
        )  # fmt: skip
    found = as_sums(tiers_queries.tier_economics(D - DAY, D))
    assert found == naive_economics(D - DAY, D)
    base = 199 + 150 * 199 // 300
    assert found[D.replace(day=1), "member", Decimal("1.5")][:3] == [base, 450 - base, 0]
