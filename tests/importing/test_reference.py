"""The programme as its terms read, written once more the simple way, against a real history lived night by night."""

import calendar
import csv
import datetime as dt
import math
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from kit import clock
from membership_site.flows import demo
from orders.models import Order

AT = dt.datetime(2026, 6, 30, 8, 0, tzinfo=dt.UTC)
CUSTOMERS = 300
TIERS = [
    ("member", 1, None),
    ("silver", 2, (1000, 5, 1000)),
    ("gold", 3, (5000, 20, 5000)),
    ("diamond", 4, (15000, None, 15000)),
]


@dataclass
class Naive:
    """One member, day by day, with nothing remembered but what happened."""

    orders: list[tuple[dt.date, Decimal]] = field(default_factory=list)
    lots: list[list[Any]] = field(default_factory=list)
    rank: int = 0
    since: dt.date | None = None
    until: dt.date | None = None
    grace: dt.date | None = None
    lapsed: int = 0

    def buy(self, date, amount):
        """An order: earn with the tier held before it, then see whether it moves up or keeps."""
        self.since = self.since or date
        active = date + dt.timedelta(days=7)
        year, month = active.year + 1, active.month
        expires = dt.date(year, month, calendar.monthrange(year, month)[1])
        self.lots.append([active, expires, math.floor(amount * TIERS[self.rank][1])])
        self.orders.append((date, amount))
        best = self.reached(date)
        if best > self.rank:
            self.rank, self.since, self.until, self.grace = best, date, next_year(date), None
        elif self.grace and best >= self.rank:
            self.until, self.grace = next_year(self.until), None

    def reached(self, date):
        """The highest tier that the 365 dates up to a date reach."""
        window = [amount for day, amount in self.orders if date - dt.timedelta(days=365) < day <= date]
        have = (sum(window), len(window), sum(math.floor(amount) for amount in window))
        ranks = [
            rank
            for rank, (_, _, needs) in enumerate(TIERS)
            if needs is None or any(need is not None and got >= need for got, need in zip(have, needs, strict=True))
        ]
        return max(ranks)

    def night(self, date):
        """The end of a date: what lapses, and the tier."""
        self.lapsed += sum(points for _, expires, points in self.lots if expires == date)
        self.lots = [lot for lot in self.lots if lot[1] > date]
        best = self.reached(date)
        if best > self.rank:
            self.rank, self.since, self.until, self.grace = best, date, next_year(date), None
        elif self.grace and best >= self.rank:
            self.until, self.grace = next_year(self.until), None
        elif self.grace == date:
            self.rank, self.since, self.until, self.grace = best, date, next_year(date) if best else None, None
        elif self.until == date and not self.grace:
            if best >= self.rank:
                self.until = next_year(self.until)
            else:
                self.grace = date + dt.timedelta(days=30)

    def row(self, date):
        """What export_members says of him at the end of a date."""
        window = [amount for day, amount in self.orders if date - dt.timedelta(days=365) < day <= date]
        return {
            "tier": TIERS[self.rank][0],
            "tier_since": self.since.isoformat(),
            "tier_until": self.until.isoformat() if self.until else "",
            "available": sum(points for active, _, points in self.lots if active <= date),
            "pending": sum(points for active, _, points in self.lots if active > date),
            "debt": 0,
            "growth": sum(math.floor(amount) for _, amount in self.orders),
            "spend_365": sum(window, Decimal(0)),
            "orders_365": len(window),
        }


def next_year(date):
    """The same date of the next year; 28 February for the 29th."""
    last = calendar.monthrange(date.year + 1, date.month)[1]
    return dt.date(date.year + 1, date.month, min(date.day, last))


def exported(path, as_of):
    """The export by external id, numbers as numbers."""
    call_command("export_members", str(path), "--as-of", as_of.isoformat())
    with path.open(encoding="utf-8", newline="") as stream:
        rows = {row["external_id"]: row for row in csv.DictReader(stream)}
    for row in rows.values():
        del row["number"], row["external_id"]
        row |= {name: int(row[name]) for name in ("available", "pending", "debt", "growth", "orders_365")}
        row["spend_365"] = Decimal(row["spend_365"])
    return rows


def lived(purchases, dates, times):
    """The same history the simple way; yields everybody at the end of each of some dates, in order."""
    members, happened = {}, defaultdict(list)
    for _, purchase in sorted(purchases, key=lambda numbered: (times[numbered[0]], numbered[0])):
        happened[purchase.date].append(purchase)
    date = min(happened)
    for as_of in sorted(dates):
        while date <= as_of:
            for purchase in happened[date]:
                members.setdefault(purchase.customer, Naive()).buy(date, purchase.amount)
            for member in members.values():
                member.night(date)
            date += dt.timedelta(days=1)
        yield as_of, members


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_demo_is_lived_as_the_terms_say_and_loaded_once(programme, tmp_path, capsys):
    said = []
    demo.load(full=False, at=AT, say=said.append, customers_max=CUSTOMERS)
    everything = list(demo.read_purchases(clock.business_date(AT), full=False))
    customers = set(sorted({purchase.customer for purchase in everything})[:CUSTOMERS])
    purchases = list(enumerate([p for p in everything if p.customer in customers], 1))
    times = {int(row[0]): row[1] for row in demo.order_rows(purchases, AT)}
    yesterday = clock.business_date(AT) - dt.timedelta(days=1)
    for as_of, final in lived(purchases, [yesterday - dt.timedelta(days=days) for days in (0, 100, 333)], times):
        expected = {name: member.row(as_of) for name, member in final.items()}
        found = {name: row for name, row in exported(tmp_path / "export.csv", as_of).items() if name in expected}
        assert found == expected
    assert {member.rank for member in final.values()} >= {0, 1} and sum(member.lapsed for member in final.values())
    assert any(member.grace for member in final.values())
    call_command("verify")
    assert capsys.readouterr().out.splitlines()[-1].endswith(", 0 violations")
    orders = list(Order.objects.order_by("order_id").values_list("order_id", "placed_at", "booked_at"))
    assert len(orders) == len(purchases) and all(at <= AT and booked for _, at, booked in orders)
    demo.load(full=False, at=AT + dt.timedelta(days=3), say=said.append, customers_max=CUSTOMERS)
    assert list(Order.objects.order_by("order_id").values_list("order_id", "placed_at", "booked_at")) == orders
    assert len({purchase.customer for purchase in everything}) == 2357
