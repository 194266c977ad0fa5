"""A shop's weeks, lived with nights on time, with none until the end, and with every one twice: the same comes out."""

import csv
import datetime as dt
import io
import random
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from kit.models import JobRun
from members.models import Identity, Member
from members.rules import MemberReference
from membership_site.flows import nightly, proof
from points.models import Balance, Entry
from tests.flows import shop
from tests.night import world
from tests.night.world import DAY
from tiers import queries as tiers_queries
from tiers.models import Decision, Standing

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIRST, DATES = dt.date(2026, 3, 12), 24
LAST = FIRST + (DATES - 1) * DAY
PEOPLE = 5
COLUMNS = "number,external_id,tier,tier_since,tier_until,available,pending,debt,growth,spend_365,orders_365"
POINTS = ("available", "pending", "debt", "growth", "spend_365", "orders_365")


def happenings(rng: random.Random, date: dt.date) -> None:
    """One day of the shop; what is drawn does not depend on nights."""
    in_debt(date)
    placed = [(number, line) for number, line in ORDERS if line[0] <= date]
    for minute in range(rng.randrange(4)):
        who, at = rng.randrange(1, PEOPLE), world.noon(date, minute)
        reference = MemberReference(number=f"M{who:07d}")
        match rng.randrange(6):
            case 0 | 1 | 2:
                number = str(len(ORDERS))
                units = rng.randrange(1, 4)
                ORDERS.append((number, (date, units)))
                shop.place(number, [("1", units, str(rng.randrange(1, 900))), "9.99"], at, who=reference)
            case 3 if placed:
                number, (_, units) = rng.choice(placed)
                shop.give_back(number, f"R{date}{minute}", {"1": rng.randrange(1, units + 1)}, at)
            case 4:
                member_id = Member.objects.get(number=f"M{who:07d}").id
                world.give(member_id, rng.randrange(1, 300), (date + 2 * DAY, date + rng.randrange(2, 9) * DAY), date)
            case 5:
                member_id = Member.objects.get(number=f"M{who:07d}").id
                if available := shop.purse(member_id, at)[0]:
                    shop.use(member_id, rng.randrange(available // 2, available) + 1, at)


def in_debt(date: dt.date) -> None:
    """The last of the people spends what an order gave him, returns it, and earns again."""
    who, at = MemberReference(number=f"M{PEOPLE:07d}"), world.noon(date)
    match (date - FIRST).days:
        case 0:
            shop.place("debt", ["500"], at, who=who)
        case 8:
            shop.use(Member.objects.get(number=who.number).id, 450, at)
        case 9:
            shop.give_back("debt", "R", {"1": 1}, at)
        case 15:
            shop.place("again", ["700"], at, who=who)


ORDERS: list[tuple[str, tuple[dt.date, int]]] = []


def live(way: str) -> dict[dt.date, list[dict[str, Any]]]:
    """Will live all dates; returns how everybody stood at the end of each, as the tables then said."""
    rng, ended = random.Random(3), {}
    ORDERS.clear()
    world.people(PEOPLE, FIRST - 9 * DAY)
    for number in range(DATES):
        date = FIRST + number * DAY
        happenings(rng, date)
        if way in ("on time", "twice"):
            assert all(outcome.is_done for outcome in nightly.run(as_of=date))
            ended[date] = stood(date)
        if way == "twice" and number % 3 == 0:
            nightly.run(as_of=date)
            for step in nightly.STEPS:
                world.night(step, date, again=True)
    if way == "late":
        for step in nightly.STEPS:
            world.night(step, FIRST - DAY)
        assert all(outcome.is_done for outcome in nightly.run(as_of=LAST))
    if way == "once":
        nightly.run(as_of=LAST)
    return ended


def stood(date: dt.date) -> list[dict[str, Any]]:
    """How everybody stands just after the night of a date, from the tables of the present."""
    rows = []
    for member in Member.objects.order_by("id"):
        points = Balance.objects.get(member_id=member.id, wallet="points")
        standing = Standing.objects.select_related("tier").get(member_id=member.id)
        facts = tiers_queries.facts_on(member.id, tiers_queries.terms_on(date), date)
        rows.append(
            {
                "number": member.number,
                "external_id": member.number,
                "tier": standing.tier.code,
                "tier_since": str(standing.since_date),
                "tier_until": str(standing.until_date or ""),
                "available": str(points.available),
                "pending": str(points.pending),
                "debt": str(points.debt),
                "growth": str(Balance.objects.get(member_id=member.id, wallet="growth").available),
                "spend_365": f"{facts.spend:.2f}",
                "orders_365": str(facts.orders),
            }
        )
    return rows


def export(path: Path, *options: str) -> list[dict[str, str]]:
    """Will export and read back."""
    call_command("export_members", str(path / "members.csv"), *options, stdout=io.StringIO())
    text = (path / "members.csv").read_text(encoding="utf-8")
    assert text.splitlines()[0] == COLUMNS
    return list(csv.DictReader(text.splitlines()))


def ledger() -> list[tuple[Any, ...]]:
    """Every entry, as what it says."""
    fields = [field.name for field in Entry._meta.concrete_fields if field.name not in ("member", "recorded_at")]
    return list(Entry.objects.order_by("member__number", "wallet", "seq").values_list("member__number", *fields))


def test_four_ways_to_live_the_same_weeks(programme, tmp_path, capsys):
    lived = {}
    for way in ("on time", "twice", "late", "once"):
        with transaction.atomic():
            ended = live(way)
            assert not list(proof.violations())
            exported = {}
            for number in range(0, DATES, 1 if way == "on time" else 6):
                date = FIRST + number * DAY
                exported[date] = export(tmp_path, "--as-of", str(date))
            lived[way] = (ended, exported, ledger(), stood(LAST))
            transaction.set_rollback(True)
    ended, exported, entries, last = lived["on time"]
    assert any(entry[3] == "expiry" for entry in entries) and any(
        row["debt"] != "0" for row in chain.from_iterable(exported.values())
    )
    for date, rows in ended.items():
        assert exported[date] == rows
    for way in ("twice", "late", "once"):
        assert lived[way][2] == entries, way
        assert lived[way][3] == last, way
        for date, rows in lived[way][1].items():
            assert [[row[name] for name in POINTS] for row in rows] == [
                [row[name] for name in POINTS] for row in exported[date]
            ], (way, date)


def test_an_export_before_anything_and_of_the_present(programme, tmp_path, time_machine):
    time_machine.move_to(world.noon(LAST))
    [ann] = world.people(1, LAST - 30 * DAY)
    Identity.objects.filter(member_id=ann).update(value="=1+1")
    world.give(ann, 100, (LAST, LAST), LAST - 5 * DAY)
    world.give(ann, 30, (LAST + DAY, LAST + 9 * DAY), LAST - 5 * DAY)
    [row] = export(tmp_path)
    assert (row["external_id"], row["available"], row["pending"]) == ("'=1+1", "100", "30")
    [row] = export(tmp_path, "--as-of", str(LAST))  # at its end the lot of the day is gone
    assert (row["available"], row["pending"], row["tier_since"]) == ("0", "30", str(LAST - 30 * DAY))
    [row] = export(tmp_path, "--as-of", str(LAST - 60 * DAY))
    assert [row[name] for name in ("tier", "tier_since", "tier_until", *POINTS)] == [
        "member", "", "", "0", "0", "0", "0", "0.00", "0",
    ]  # fmt: skip
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("export_members", str(tmp_path / "nowhere" / "x.csv"))


def test_an_export_counts_the_queries_of_one(programme, tmp_path, django_assert_max_num_queries):
    world.people(3, LAST)
    with django_assert_max_num_queries(8):
        assert len(export(tmp_path, "--as-of", str(LAST))) == 3


def test_the_year_of_the_export_is_that_of_its_date(programme, tmp_path):
    [ann] = world.people(1, LAST - 400 * DAY)
    for number, days in enumerate((365, 364, 0)):
        date = LAST - days * DAY
        world.happen(ann, number, world.Happening(date, date, Decimal("1.50"), 1), evaluate=False)
    world.happen(ann, 9, world.Happening(LAST, LAST + DAY, Decimal("-1.50"), -1), evaluate=False)
    [row] = export(tmp_path, "--as-of", str(LAST))
    assert (row["spend_365"], row["orders_365"]) == ("3.00", "2")
    [row] = export(tmp_path, "--as-of", str(LAST + DAY))
    assert (row["spend_365"], row["orders_365"]) == ("0.00", "0")


def test_the_commands(programme, capsys, monkeypatch):
    [ann] = world.people(1, LAST - 30 * DAY)
    world.give(ann, 40, (LAST - DAY, LAST), LAST - 5 * DAY)
    call_command("nightly", "--as-of", str(LAST), "--dry-run")
    dry = capsys.readouterr().out.splitlines()
    assert dry[1] == f"{LAST} expire_lots: would be done, 2 rows (lots 1, points 40, entries 1)"
    assert not JobRun.objects.exists()
    call_command("run_job", "expire_lots", "--as-of", str(LAST))
    assert capsys.readouterr().out == f"{LAST} expire_lots: done, 2 rows (lots 1, points 40, entries 1)\n"
    call_command("run_job", "expire_lots", "--as-of", str(LAST))
    assert capsys.readouterr().out == f"expire_lots is done for {LAST}.\n"
    call_command("nightly", "--as-of", str(LAST))
    assert len(capsys.readouterr().out.splitlines()) == len(nightly.STEPS) - 1
    call_command("nightly", "--as-of", str(LAST))
    assert capsys.readouterr().out == f"Every step is done for {LAST}.\n"
    monkeypatch.setattr(proof, "violations", lambda: iter(["Two and two are five."]))
    with pytest.raises(CommandError, match=f"1 of {len(nightly.STEPS)} steps are not done"):
        call_command("nightly", "--as-of", str(LAST + DAY))
    assert f"{LAST + DAY} proof: FAILED, 0 rows" in capsys.readouterr().out
    with pytest.raises(CommandError, match="proof is not done for"):
        call_command("run_job", "proof", "--as-of", str(LAST + DAY))
    with pytest.raises(CommandError, match="does not wait for anybody"):
        call_command("run_job", "proof", "--as-of", str(LAST + DAY), "--approve", "ada")
    with pytest.raises(CommandError, match="invalid fromisoformat value"):
        call_command("nightly", "--as-of", "yesterday")
    assert Decision.objects.count() == 1
