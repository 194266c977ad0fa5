"""Accrual against spending: points earned and used, what they cost of the sales, and who ever uses any."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from kit import dates
from kit.money import exponent_of
from kit.versions import Versions
from membership_site import charts, formats
from membership_site.console.forms.reports import SpendingAsked
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from points import queries as points_queries
from points.rules.liability import worth_of
from points.rules.policy import Policy
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.queries import Firsts, Turnover

Key = TypeVar("Key", dt.date, str)


@dataclass(frozen=True)
class Sums:
    """What some months or tiers came to; money in the programme's currency."""

    earned: int
    given: Decimal
    spent: int
    cost: Decimal
    sales: Decimal


@dataclass(frozen=True)
class Reached:
    """How many members had earned by the end of a month, how many had spent, and `new` for the first time in it."""

    earned: int
    spent: int
    new: int


def spending_report(asked: SpendingAsked, today: dt.date) -> Report:
    """Will answer whether members use what they earn. At most ten queries."""
    starts_on, ends_on = asked.starts_on, min(asked.ends_on, today)
    rows, firsts = tables.kept(("spending", starts_on, ends_on), lambda: tiers_queries.turnover(starts_on, ends_on))
    shown = [row for row in rows if not asked.tier or row.tier == asked.tier]
    policies = points_queries.policies()
    months = [dates.add_months(starts_on, n) for n in range(asked.months)]
    by_month = _sums(shown, lambda row: row.month, policies)
    reached = _reached(firsts, months)
    return Report(
        answer=_answer(by_month, reached[months[-1]], asked, ends_on),
        sections=(
            _by_month(months, by_month, reached),
            _by_tier(_sums(shown, lambda row: row.tier, policies), ends_on),
        ),
        definitions=_definitions(),
    )


def _sums(rows: list[Turnover], by: Callable[[Turnover], Key], policies: Versions[Policy]) -> dict[Key, Sums]:
    """Will sum by a key; each row of points is worth what the rules at the end of its month said."""
    exponent = exponent_of(settings.PROGRAMME_CURRENCY)
    groups: dict[Key, list[tuple[Turnover, int]]] = defaultdict(list)
    for row in rows:
        end = dates.last_of_month(row.month.year, row.month.month)
        groups[by(row)].append((row, policies.on(end).redemption_points_per_unit))
    return {
        key: Sums(
            earned=sum(row.earned for row, _rate in group),
            given=sum((worth_of(row.earned, rate, exponent) for row, rate in group), Decimal(0)),
            spent=sum(row.spent for row, _rate in group),
            cost=sum((worth_of(row.spent, rate, exponent) for row, rate in group), Decimal(0)),
            sales=sum((row.sales for row, _rate in group), Decimal(0)),
        )
        for key, group in groups.items()
    }


def _together(sums: list[Sums]) -> Sums:
    return Sums(
        earned=sum(row.earned for row in sums),
        given=sum((row.given for row in sums), Decimal(0)),
        spent=sum(row.spent for row in sums),
        cost=sum((row.cost for row in sums), Decimal(0)),
        sales=sum((row.sales for row in sums), Decimal(0)),
    )


NONE = _together([])


def _reached(firsts: list[Firsts], months: list[dt.date]) -> dict[dt.date, Reached]:
    """Will count up who had earned and spent by the end of each month."""
    reached, new = {}, {row.month: row.spent for row in firsts}
    for month in months:
        known = [row for row in firsts if row.month <= month]
        spent = sum(row.spent for row in known)
        reached[month] = Reached(sum(row.earned for row in known), spent, new.get(month, 0))
    return reached


def _answer(by_month: dict[dt.date, Sums], reached: Reached, asked: SpendingAsked, ends_on: dt.date) -> tuple[str, ...]:
    whole = _together(list(by_month.values()))
    used, cost = tables.part(whole.spent, whole.earned), tables.part(whole.cost, whole.sales)
    ever = tables.part(reached.spent, reached.earned)
    said = _("From %(first)s to %(last)s members earned %(earned)s points and spent %(spent)s%(share)s.") % {
        "first": formats.cal(asked.starts_on),
        "last": formats.cal(ends_on),
        "earned": formats.num(whole.earned),
        "spent": formats.num(whole.spent),
        "share": "" if used is None else _(" (%(share)s)") % {"share": formats.pct(used)},
    }
    costs = _("What was spent came to %(cost)s, %(share)s of sales of %(sales)s.") % {
        "cost": formats.money(whole.cost),
        "share": formats.pct(cost or 0),
        "sales": formats.money(whole.sales),
    }
    who = _("%(share)s of all members who ever earned points have spent some.") % {"share": formats.pct(ever or 0)}
    return (said, *((costs,) if cost is not None else ()), *((who,) if ever is not None else ()))


# ---- sections


def _columns() -> tuple[Column, ...]:
    return (
        Column("earned", _("Earned")),
        Column("spent", _("Spent")),
        Column("spent_share", _("Spent of earned")),
        Column("sales", _("Sales")),
        Column("given_share", _("Given, of sales")),
        Column("cost", _("Cost")),
        Column("cost_share", _("Cost, of sales")),
    )


def _cells(sums: Sums) -> tuple[Cell, ...]:
    return (
        tables.number(sums.earned),
        tables.number(sums.spent),
        tables.share(tables.part(sums.spent, sums.earned)),
        tables.money(sums.sales),
        tables.share(tables.part(sums.given, sums.sales)),
        tables.money(sums.cost),
        tables.share(tables.part(sums.cost, sums.sales)),
    )


def _by_month(months: list[dt.date], sums: dict[dt.date, Sums], reached: dict[dt.date, Reached]) -> Section:
    columns = (
        Column("month", _("Month"), is_number=False),
        *_columns(),
        Column("first_spending", _("Spent for the first time")),
        Column("ever_spent_share", _("Ever spent")),
    )
    rows = [
        Row(
            (
                tables.month(month),
                *_cells(sums.get(month, NONE)),
                tables.number(reached[month].new),
                tables.share(tables.part(reached[month].spent, reached[month].earned)),
            )
        )
        for month in months
    ]
    last = reached[months[-1]]
    rows.append(
        Row(
            (
                tables.words(_("All"), "all"),
                *_cells(_together(list(sums.values()))),
                tables.number(sum(row.new for row in reached.values())),
                tables.share(tables.part(last.spent, last.earned)),
            ),
            is_total=True,
        )
    )
    return Section(
        title=_("By month"),
        words=_("The two columns about members count everybody, whatever tier is chosen."),
        table=tables.Table("month", columns, tuple(rows)),
        chart=_chart(months, sums),
        legend=(Legend("s1", _("Earned")), Legend("s2", _("Spent"))),
    )


def _chart(months: list[dt.date], sums: dict[dt.date, Sums]) -> str:
    labels = [formats.cal(month, "yMMM") for month in months]
    shown = [sums.get(month, NONE) for month in months]
    earned, spent = _("Earned"), _("Spent")
    tips = [
        f"{label}\n{earned}  {formats.num(row.earned)}\n{spent}  {formats.num(row.spent)}"
        for label, row in zip(labels, shown, strict=True)
    ]
    whole = _together(shown)
    said = _("Points by month: earned %(earned)s, spent %(spent)s.") % {
        "earned": formats.num(whole.earned),
        "spent": formats.num(whole.spent),
    }
    series = [[float(row.earned) for row in shown], [-float(row.spent) for row in shown]]
    return charts.bars(labels, series, label=said, tips=tips, every=tables.label_every(len(months)))


def _by_tier(sums: dict[str, Sums], ends_on: dt.date) -> Section:
    names = {tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(ends_on)}
    known = [code for code in names if code in sums]
    ordered = (*known, *sorted(set(sums) - set(known)))
    rows = [Row((tables.words(names.get(code, code), code), *_cells(sums[code]))) for code in ordered]
    rows.append(Row((tables.words(_("All"), "all"), *_cells(_together(list(sums.values())))), is_total=True))
    return Section(
        title=_("By tier"),
        words=_("By the tier that the member held just before each deed."),
        table=tables.Table("tier", (Column("tier", _("Tier"), is_number=False), *_columns()), tuple(rows)),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(_("Earned"), _("Points accrued in the month, less what returns took back in it.")),
        Definition(_("Spent"), _("Points redeemed in the month, less what was restored in it.")),
        Definition(
            _("Sales"),
            _("Orders of members after discounts, before shipping and tax, less returns, in the month of each."),
        ),
        Definition(
            _("Cost"),
            _(
                "Points spent, at the rate of the rules in force at the end of the month. “Given” is the same of "
                "points earned."
            ),
        ),
        Definition(
            _("Spent for the first time"),
            _("Members in whose ledger this is the first month in which they spent more than came back."),
        ),
        Definition(
            _("Ever spent"),
            _("Of all members who had earned points by the end of the month, the share that had spent."),
        ),
    )
