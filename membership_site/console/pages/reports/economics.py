"""What a tier costs and brings: sales, orders and members against the points earned by base rate and by multiplier."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from kit import dates
from kit.money import exponent_of
from membership_site import charts, formats
from membership_site.console.forms.reports import EconomicsAsked
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from points import queries as points_queries
from points.rules.liability import worth_of
from tiers import queries as tiers_queries
from tiers.queries import Economics

Key = TypeVar("Key", dt.date, str)


@dataclass(frozen=True)
class Sums:
    """What some months or tiers came to: points at the lowest tier's rate, what the multiplier added, and the rest.

    Money is in the programme's currency.
    """

    base: int = 0
    extra: int = 0
    other: int = 0
    taken_back: int = 0
    worth: Decimal = Decimal(0)
    extra_worth: Decimal = Decimal(0)
    sales: Decimal = Decimal(0)
    orders: int = 0

    @property
    def earned(self) -> int:
        """All that was earned, less what returns took back."""
        return self.base + self.extra + self.other - self.taken_back


@dataclass(frozen=True)
class Part:
    """What one month came to on one tier; there may be several of one."""

    month: dt.date
    tier: str
    sums: Sums


NONE = Sums()


def economics_report(asked: EconomicsAsked, today: dt.date) -> Report:
    """Will answer what each tier costs and brings. At most twelve queries."""
    starts_on, ends_on = asked.starts_on, min(asked.ends_on, today)
    rows = tables.kept(("economics", starts_on, ends_on), lambda: tiers_queries.tier_economics(starts_on, ends_on))
    parts = _parts(rows)
    buyers = {row.tier: row.buyers for row in rows if row.month is None}
    names = rungs.with_others(rungs.names_on(ends_on), {part.tier for part in parts})
    months = [dates.add_months(starts_on, n) for n in range(asked.months)]
    by_tier = _by(parts, lambda part: part.tier)
    return Report(
        answer=_answer(_together(part.sums for part in parts), starts_on, ends_on),
        sections=(
            _by_tier({code: by_tier[code] for code in names if code in by_tier}, names, buyers),
            _by_month(months, _by(parts, lambda part: part.month)),
        ),
        definitions=_definitions(),
    )


def _parts(rows: list[Economics]) -> list[Part]:
    """Will value each row by the rules at the end of its month, and split base points by that month's lowest tier."""
    exponent = exponent_of(settings.PROGRAMME_CURRENCY)
    policies, ladders = points_queries.policies(), tiers_queries.ladders()
    parts = []
    for row in rows:
        if row.month is None or row.tier is None:
            continue
        end = dates.last_of_month(row.month.year, row.month.month)
        extra = extra_of(row.base, row.multiplier, ladders.on(end).rungs[0].multiplier)
        rate = policies.on(end).redemption_points_per_unit
        sums = Sums(
            base=row.base - extra,
            extra=extra,
            other=row.other,
            taken_back=row.taken_back,
            worth=worth_of(row.base + row.other - row.taken_back, rate, exponent),
            extra_worth=worth_of(extra, rate, exponent),
            sales=row.sales,
            orders=row.orders,
        )
        parts.append(Part(row.month, row.tier, sums))
    return parts


def extra_of(points: int, multiplier: Decimal | None, lowest: Decimal) -> int:
    """Will return what of points earned with a multiplier the lowest tier's would not have given, rounded down."""
    return floor(points * (1 - Fraction(lowest) / Fraction(multiplier))) if multiplier else 0


def _by(parts: list[Part], key: Callable[[Part], Key]) -> dict[Key, Sums]:
    return {one: _together(part.sums for part in parts if key(part) == one) for one in dict.fromkeys(map(key, parts))}


def _together(sums: Iterable[Sums]) -> Sums:
    known = list(sums)
    return Sums(
        base=sum(row.base for row in known),
        extra=sum(row.extra for row in known),
        other=sum(row.other for row in known),
        taken_back=sum(row.taken_back for row in known),
        worth=sum((row.worth for row in known), Decimal(0)),
        extra_worth=sum((row.extra_worth for row in known), Decimal(0)),
        sales=sum((row.sales for row in known), Decimal(0)),
        orders=sum(row.orders for row in known),
    )


def _answer(whole: Sums, starts_on: dt.date, ends_on: dt.date) -> tuple[str, ...]:
    facts = {
        "first": formats.cal(starts_on),
        "last": formats.cal(ends_on),
        "earned": formats.num(whole.earned),
        "worth": formats.money(whole.worth),
        "sales": formats.money(whole.sales),
        "share": formats.pct(tables.part(whole.worth, whole.sales) or 0),
        "extra": formats.num(whole.extra),
        "extra_worth": formats.money(whole.extra_worth),
        "extra_share": formats.pct(tables.part(whole.extra_worth, whole.sales) or 0),
    }
    said = _(
        "From %(first)s to %(last)s members earned %(earned)s points, worth %(worth)s: %(share)s of sales of %(sales)s."
    )
    extra = _(
        "What tiers gave above the lowest tier’s rate were %(extra)s points, worth %(extra_worth)s: %(extra_share)s of "
        "sales."
    )
    return said % facts, extra % facts


# ---- sections


def _columns() -> tuple[Column, ...]:
    return (
        Column("orders", _("Orders")),
        Column("sales", _("Sales")),
        Column("base", _("Base points")),
        Column("extra", _("By multiplier")),
        Column("other", _("By rules and events")),
        Column("taken_back", _("Taken back")),
        Column("earned", _("Earned")),
        Column("worth", _("Worth")),
        Column("worth_share", _("Worth, of sales")),
        Column("extra_worth", _("Worth by multiplier")),
        Column("extra_share", _("By multiplier, of sales")),
    )


def _cells(sums: Sums) -> tuple[Cell, ...]:
    return (
        tables.number(sums.orders),
        tables.money(sums.sales),
        *(tables.number(n) for n in (sums.base, sums.extra, sums.other, sums.taken_back, sums.earned)),
        tables.money(sums.worth),
        tables.share(tables.part(sums.worth, sums.sales)),
        tables.money(sums.extra_worth),
        tables.share(tables.part(sums.extra_worth, sums.sales)),
    )


def _by_tier(sums: dict[str, Sums], names: dict[str, str], buyers: dict[str | None, int]) -> Section:
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("members", _("Active members")),
        Column("sales_each", _("Sales per member")),
        *_columns(),
    )
    rows = [
        Row((tables.words(names[code], code), *_members(row, buyers.get(code, 0)), *_cells(row)))
        for code, row in sums.items()
    ]
    whole = _together(sums.values())
    rows.append(
        Row((tables.words(_("All"), "all"), *_members(whole, buyers.get(None, 0)), *_cells(whole)), is_total=True)
    )
    return Section(
        title=_("By tier"),
        words=_("By the tier that the member held just before each deed."),
        table=tables.Table("tier", columns, tuple(rows)),
        chart=_tier_chart([(names[code], row) for code, row in sums.items()]),
        legend=(Legend("s1", _("At the lowest tier’s rate, of sales")), Legend("s2", _("By multiplier, of sales"))),
    )


def _members(sums: Sums, buyers: int) -> tuple[Cell, Cell]:
    return tables.number(buyers), tables.money(sums.sales / buyers) if buyers else tables.nothing()


def _tier_chart(tiers: list[tuple[str, Sums]]) -> str:
    whole = [(tables.part(sums.worth - sums.extra_worth, sums.sales) or 0.0) for _name, sums in tiers]
    extra = [(tables.part(sums.extra_worth, sums.sales) or 0.0) for _name, sums in tiers]
    plain, more = _("At the lowest tier’s rate, of sales"), _("By multiplier, of sales")
    return charts.bars(
        [name for name, _sums_ in tiers],
        [whole, extra],
        label=_("What points earned are worth of sales, by tier."),
        tips=[
            f"{name}\n{plain}  {formats.pct(whole[place])}\n{more}  {formats.pct(extra[place])}"
            for place, (name, _sums_) in enumerate(tiers)
        ],
        word=_share,
        every=1,
    )


def _share(value: float) -> str:
    return formats.pct(value)


def _by_month(months: list[dt.date], sums: dict[dt.date, Sums]) -> Section:
    shown = [sums.get(month, NONE) for month in months]
    rows = [Row((tables.month(month), *_cells(row))) for month, row in zip(months, shown, strict=True)]
    rows.append(Row((tables.words(_("All"), "all"), *_cells(_together(shown))), is_total=True))
    return Section(
        title=_("By month"),
        words=_("All tiers together."),
        table=tables.Table("month", (Column("month", _("Month"), is_number=False), *_columns()), tuple(rows)),
        chart=_month_chart(months, shown),
        legend=(
            Legend("s1", _("Base points")),
            Legend("s2", _("By multiplier")),
            Legend("s3", _("By rules and events")),
            Legend("s4", _("Taken back")),
        ),
    )


def _month_chart(months: list[dt.date], shown: list[Sums]) -> str:
    labels = [formats.cal(month, "yMMM") for month in months]
    names = (_("Base points"), _("By multiplier"), _("By rules and events"), _("Taken back"))
    columns = [(row.base, row.extra, row.other, -row.taken_back) for row in shown]
    tips = [
        "\n".join([label, *(f"{name}  {formats.num(n)}" for name, n in zip(names, column, strict=True))])
        for label, column in zip(labels, columns, strict=True)
    ]
    return charts.bars(
        labels,
        [[float(column[place]) for column in columns] for place in range(len(names))],
        label=_("Points earned by month: %(earned)s in all.")
        % {"earned": formats.num(sum(row.earned for row in shown))},
        tips=tips,
        every=tables.label_every(len(months)),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("Active members"),
            _("Who ordered in the range. Whoever ordered on two tiers counts on both, and once in all."),
        ),
        Definition(
            _("Sales"),
            _("Orders of members after discounts, before shipping and tax, less returns, in the month of each."),
        ),
        Definition(
            _("Base points, by multiplier"),
            _(
                "What an order earned without what rules added, as the entry’s own explanation has it. With the tier’s "
                "multiplier m and the lowest tier’s m0, the multiplier made 1 − m0 ÷ m of it, rounded down; the rest "
                "is what the lowest tier’s rate would have given."
            ),
        ),
        Definition(
            _("By rules and events"),
            _("What rules added to orders, and all that was earned otherwise: events, sign-up, birthdays."),
        ),
        Definition(
            _("Taken back"),
            _("By returns, cancellations and edits in the range, of whatever was earned before. Earned is less this."),
        ),
        Definition(
            _("Worth"),
            _("Points earned, at the rate of the rules in force at the end of each month, as if all were used."),
        ),
    )
