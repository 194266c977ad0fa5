"""What members hold: points outstanding and their worth, by tier, source and month of expiry, now or then."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import dates
from kit.money import exponent_of
from membership_site import charts, formats
from membership_site.console.forms.reports import LiabilityAsked
from membership_site.console.pages.reports import breakage as breakage_pages
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Link, Report, Row, Section
from points import queries as points_queries
from points import wording as points_wording
from points.rules import liability
from points.rules.breakage import Total, months_between
from points.rules.liability import DEBT, Held, Part
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

BARS_MAX = 24
"""So many months of expiry are drawn, soonest first; the table has all of them."""

MONTHS_MAX = 120
"""Over a longer time than this, months without any points are left out."""


@dataclass(frozen=True)
class Figures:
    """What the database was asked for, of the tier that was asked for."""

    parts: tuple[Part, ...]
    total: Held
    rate: int
    tiers: dict[str, str]
    breakage: Total | None
    counted_at: dt.datetime | None

    @property
    def exponent(self) -> int:
        """The decimals of the programme's currency."""
        return exponent_of(settings.PROGRAMME_CURRENCY)


def liability_report(asked: LiabilityAsked, today: dt.date) -> Report:
    """Will answer what the points outstanding are and are worth. At most 16 queries."""
    figures = _figures(asked, today)
    return Report(
        answer=_answer(figures, asked, today),
        sections=(
            _expected(figures),
            _by_lapse(figures),
            _by_tier(figures),
            _by_source(figures),
        ),
        definitions=_definitions(figures),
        links=_links(asked, today),
    )


def _figures(asked: LiabilityAsked, today: dt.date) -> Figures:
    """What a night has counted at the end of the date, or where none has the ledger itself."""
    date = asked.date or today
    closed = tiers_queries.outstanding_closed(date) if asked.date else None
    counted_at, parts = (closed[0].counted_at, closed[1]) if closed else (None, _count(asked, date))
    shown = tuple(part for part in parts if not asked.tier or part.tier == asked.tier)
    rate = points_queries.policy_on(date).redemption_points_per_unit
    return Figures(
        parts=shown,
        total=liability.total(shown, rate, exponent_of(settings.PROGRAMME_CURRENCY)),
        rate=rate,
        tiers={tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(date)},
        breakage=breakage_pages.of_open_points(breakage_pages.last_month_over(date, today)),
        counted_at=counted_at,
    )


def _count(asked: LiabilityAsked, date: dt.date) -> list[Part]:
    return tables.kept(
        ("liability", date, asked.date is None),
        lambda: tiers_queries.outstanding(date, is_over=asked.date is not None),
    )


def _answer(figures: Figures, asked: LiabilityAsked, today: dt.date) -> tuple[str, ...]:
    total = figures.total
    facts = {
        "date": formats.cal(asked.date or today),
        "points": formats.num(total.net),
        "worth": formats.money(total.worth),
        "lots": formats.num(total.lots),
        "debt": formats.num(total.debt),
    }
    if asked.date is None:
        said = _("Points outstanding now, %(date)s: %(points)s, worth %(worth)s.") % facts
    else:
        said = _("Points outstanding at the end of %(date)s: %(points)s, worth %(worth)s.") % facts
    owed = _("Members held %(lots)s and owed %(debt)s.") % facts if total.debt else ""
    counted = ""
    if figures.counted_at:
        moment = {"date": formats.cal(figures.counted_at), "time": formats.cal(figures.counted_at, "Hm")}
        counted = _("As the night counted it on %(date)s at %(time)s.") % moment
    return tuple(filter(None, (said, owed, counted)))


def _links(asked: LiabilityAsked, today: dt.date) -> tuple[Link, ...]:
    last = today.replace(day=1) - dt.timedelta(days=1)
    ends = [last, last.replace(day=1) - dt.timedelta(days=1), dt.date(today.year - 1, 12, 31)]
    tier = f"&tier={asked.tier}" if asked.tier else ""
    now = Link(pgettext("a date", "Now"), f"date={tier}", asked.date is None)
    past = (Link(formats.cal(end), f"date={end}{tier}", asked.date == end) for end in sorted(set(ends), reverse=True))
    return (now, *past)


# ---- sections


def _expected(figures: Figures) -> Section:
    columns = (
        Column("outstanding", _("Outstanding")),
        Column("breakage", _("Breakage")),
        Column("expected_redemption", _("Expected redemption")),
        Column("expected_cost", _("Expected cost")),
    )
    heading = Column("case", _("Case"), is_number=False)
    if figures.breakage is None:
        return Section(
            title=_("What of it will be used"),
            words="",
            table=None,
            empty=_("There is not enough history yet: three months’ points must have gone all the way to their end."),
        )
    low, high = figures.breakage.bounds
    cases = (
        (_("Expected"), "expected", figures.breakage.share),
        (_("Most used"), "most", low),
        (_("Least used"), "least", high),
    )
    return Section(
        title=_("What of it will be used"),
        words=_("Nine times in ten it lies between the two lower lines."),
        table=tables.Table(
            "expected",
            (heading, *columns),
            tuple(Row((tables.words(label, code), *_case(figures, rate))) for label, code, rate in cases),
        ),
    )


def _case(figures: Figures, rate: float) -> tuple[Cell, ...]:
    used = liability.expected_redemption(figures.total.lots, rate)
    cost = liability.worth_of(used, figures.rate, figures.exponent)
    return tables.number(figures.total.lots), tables.share(rate), tables.number(used), tables.money(cost)


def _by_lapse(figures: Figures) -> Section:
    held = [part for part in figures.parts if part.source != DEBT]
    months = liability.cut(held, lambda part: part.lapses, figures.rate, figures.exponent)
    columns = (
        Column("lapses_in", _("Month of expiry"), is_number=False),
        Column("available", _("Available")),
        Column("pending", _("On hold")),
        Column("points", _("Points")),
        Column("worth", _("Worth")),
    )
    months |= {month: Held(0, 0, 0, Decimal(0)) for month in _between(list(months))}
    ordered = sorted(months, key=liability.lapse_order)
    rows = tuple(
        Row(
            (
                _lapse(lapses),
                tables.number(months[lapses].available),
                tables.number(months[lapses].pending),
                tables.number(months[lapses].lots),
                tables.money(months[lapses].worth),
            )
        )
        for lapses in ordered
    )
    total = liability.total(held, figures.rate, figures.exponent)
    whole = (tables.number(n) for n in (total.available, total.pending, total.lots))
    end = Row((tables.words(_("All"), "all"), *whole, tables.money(total.worth)), is_total=True)
    return Section(
        title=_("By month of expiry"),
        words=_("Before what members owe is taken off, for a debt never expires."),
        table=tables.Table("lapse", columns, (*rows, end)),
        chart=_lapse_chart([(lapses, months[lapses]) for lapses in ordered]),
        legend=(Legend("s1", _("Available")), Legend("s4", _("On hold"))),
    )


def _between(months: list[dt.date | None]) -> list[dt.date]:
    """Will list the months without any points between those that have some, so that the time axis has no gaps."""
    dated = sorted(month for month in months if month and month < dates.WHILE_ACTIVE)
    span = months_between(dated[0], dated[-1]) if dated else 0
    every = [dates.add_months(dated[0], n) for n in range(span)] if span < MONTHS_MAX else []
    return [month for month in every if month not in dated]


def _lapse(lapses: dt.date | None) -> Cell:
    if lapses == dates.NEVER:
        return tables.words(_("Never"), "never")
    if lapses == dates.WHILE_ACTIVE:
        return tables.words(_("While the member is active"), "while_active")
    return tables.month(lapses or dates.NEVER)


def _lapse_chart(months: list[tuple[dt.date | None, Held]]) -> str:
    shown = months[:BARS_MAX]
    labels = [_lapse(lapses).text for lapses, _held in shown]
    available, pending = ([float(getattr(held, side)) for _month, held in shown] for side in ("available", "pending"))
    usable, on_hold = _("Available"), _("On hold")
    tips = [
        f"{label}\n{usable}  {formats.num(held.available)}\n{on_hold}  {formats.num(held.pending)}"
        for label, (_month, held) in zip(labels, shown, strict=True)
    ]
    said = _("Points by month of expiry: %(points)s in all.") % {
        "points": formats.num(sum(held.lots for _month, held in months))
    }
    nothing = [0.0] * len(shown)
    return charts.bars(
        labels, [available, nothing, nothing, pending], label=said, tips=tips, every=tables.label_every(len(shown))
    )


def _by_tier(figures: Figures) -> Section:
    cut = liability.cut(figures.parts, lambda part: part.tier, figures.rate, figures.exponent)
    known = [code for code in figures.tiers if code in cut]
    others = sorted(set(cut) - set(known))
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("available", _("Available")),
        Column("pending", _("On hold")),
        Column("debt", _("Owed")),
        Column("net", _("Outstanding")),
        Column("worth", _("Worth")),
    )
    rows = (_held(tables.words(figures.tiers.get(code, code), code), cut[code]) for code in (*known, *others))
    return Section(
        title=_("By tier"),
        words=_("By the tier that each member held on that date."),
        table=tables.Table("tier", columns, (*rows, _held(tables.words(_("All"), "all"), figures.total, total=True))),
    )


def _held(heading: Cell, held: Held, *, total: bool = False) -> Row:
    cells = (tables.number(n) for n in (held.available, held.pending, held.debt, held.net))
    return Row((heading, *cells, tables.money(held.worth)), is_total=total)


def _by_source(figures: Figures) -> Section:
    cut = liability.cut(figures.parts, lambda part: part.source, figures.rate, figures.exponent)
    columns = (
        Column("source", _("Source"), is_number=False),
        Column("points", _("Points")),
        Column("share", pgettext("a part of the whole", "Share")),
        Column("worth", _("Worth")),
    )
    ordered = sorted(cut, key=lambda source: (source == DEBT, -cut[source].net, source))
    rows = tuple(
        Row(
            (
                tables.words(source_name(source), source),
                tables.number(cut[source].net),
                tables.share(None if source == DEBT else tables.part(cut[source].lots, figures.total.lots)),
                tables.money(cut[source].worth),
            )
        )
        for source in ordered
    )
    whole = (tables.number(figures.total.net), tables.nothing(), tables.money(figures.total.worth))
    return Section(
        title=_("By source"),
        words=_("What is left of points that lapse together is shared over what they came from, by largest remainder."),
        table=tables.Table("source", columns, (*rows, Row((tables.words(_("All"), "all"), *whole), is_total=True))),
    )


def source_name(source: str) -> str:
    """Will say where points came from."""
    known = {
        "order": _("Orders"),
        "sign_up": _("Sign-up"),
        "transfer": _("Gifts from other members"),
        "adjustment": _("Adjustments"),
        "restoration": _("Restored after a return"),
        "reinstatement": _("Reinstated after expiry"),
        DEBT: _("Owed after returns"),
    }
    return known.get(source) or points_wording.event_name(source.removeprefix("event:"))


def _definitions(figures: Figures) -> tuple[Definition, ...]:
    rate = {"rate": formats.num(figures.rate), "unit": formats.money0(Decimal(1))}
    return (
        Definition(
            _("Outstanding"),
            _(
                "All points that can be used now or later, those on hold included, less what members owe after "
                "returns. What ended on or before the date is not in it, whether a night has booked it or not."
            ),
        ),
        Definition(
            _("Worth"),
            _(
                "At %(rate)s points for %(unit)s, the rate of the rules in force on that date. The whole is rounded "
                "once and shared over the lines, so that they add up."
            )
            % rate,
        ),
        Definition(
            _("Breakage"),
            _(
                "What of the points that are open is expected never to be used, from the report on breakage at the "
                "end of the last month that was over. It is taken for all tiers alike."
            ),
        ),
        Definition(_("Expected redemption"), _("Outstanding points before debts, times one less breakage.")),
        Definition(
            _("Source"),
            _(
                "An order, an event, a sign-up, a gift, a correction. What a return took back is taken off its "
                "source; what was restored belongs to the sources before."
            ),
        ),
    )
