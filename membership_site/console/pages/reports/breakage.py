"""What is never used: cohorts by month, how they develop, what is to be expected, and how last year's forecast did."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import dates
from membership_site import charts, formats
from membership_site.console.forms.reports import BreakageAsked
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from points import queries as points_queries
from points.rules import breakage
from points.rules.breakage import INTERVAL, BackTest, Cohort, CohortFlow, Forecast, Total
from tiers import queries as tiers_queries

AGES_MAX = 24
"""So many months of age have a column of their own."""

BARS_MAX = 36
COHORTS_MAX = 60
"""So many months are listed; all of them count."""


@dataclass(frozen=True)
class Figures:
    """Cohorts at the end of a month, and what follows from them."""

    cohorts: tuple[Cohort, ...]
    forecasts: dict[dt.date, Forecast]
    rate: float | None
    total: Total | None
    tested: BackTest | None

    @property
    def listed(self) -> tuple[Cohort, ...]:
        """The cohorts that the tables show, latest first."""
        return tuple(reversed(self.cohorts))[:COHORTS_MAX]


def breakage_report(asked: BreakageAsked, today: dt.date) -> Report:
    """Will answer how many points are never used. Four queries."""
    figures = _figures(asked.ends)
    return Report(
        answer=_answer(figures, asked.ends),
        sections=(_cohorts(figures), _development(figures), _back_test(figures)),
        definitions=_definitions(),
    )


def last_month_over(date: dt.date, today: dt.date) -> dt.date:
    """Will return the last date of the last month that was over at the end of a date that is not after today."""
    ends = dates.last_of_month(date.year, date.month)
    return ends if date == ends and date < today else date.replace(day=1) - dt.timedelta(days=1)


def of_open_points(ends: dt.date) -> Total | None:
    """Will return what of the points that were open at the end of a month is expected to expire. Four queries."""
    cohorts = breakage.cohorts_at(_flows(ends), ends)
    return breakage.total_of(breakage.forecasts_of(cohorts).values())


def _flows(ends: dt.date) -> list[CohortFlow]:
    """What a night has counted, or where none has the ledger itself."""
    return tiers_queries.cohorts_closed(ends) or tables.kept(
        ("breakage", ends), lambda: points_queries.cohort_flows(ends)
    )


def _figures(ends: dt.date) -> Figures:
    flows = _flows(ends)
    cohorts = breakage.cohorts_at(flows, ends)
    forecasts = breakage.forecasts_of(cohorts)
    return Figures(
        cohorts=cohorts,
        forecasts=forecasts,
        rate=breakage.rate_of_completed(cohorts),
        total=breakage.total_of(forecasts.values()),
        tested=breakage.back_test(flows, ends),
    )


def _answer(figures: Figures, ends: dt.date) -> tuple[str, ...]:
    over = sum(cohort.is_over for cohort in figures.cohorts)
    if figures.rate is None:
        said = ngettext(
            "Not enough history: by %(date)s the points of %(n)s month have gone all the way to their end, and three "
            "are needed.",
            "Not enough history: by %(date)s the points of %(n)s months have gone all the way to their end, and three "
            "are needed.",
            over,
        ) % {"date": formats.cal(ends), "n": formats.num(over)}
        return (said,)
    known = _("Of the points of months that are over, %(share)s expired unused.") % {"share": formats.pct(figures.rate)}
    if figures.total is None:
        return (known,)
    low, high = figures.total.bounds
    expected = _(
        "Of %(open)s points open at the end of %(date)s, %(share)s are expected to expire: "
        "nine times in ten between %(low)s and %(high)s."
    ) % {
        "open": formats.num(figures.total.open),
        "date": formats.cal(ends),
        "share": formats.pct(figures.total.share),
        "low": formats.pct(low),
        "high": formats.pct(high),
    }
    return known, expected


# ---- cohorts


def _cohorts(figures: Figures) -> Section:
    columns = (
        Column("month", _("Month of accrual"), is_number=False),
        Column("accrual", _("Accrual")),
        Column("redeemed", _("Redeemed")),
        Column("redeemed_share", _("Redeemed, share")),
        Column("expired", _("Expired")),
        Column("open", _("Open")),
        Column("breakage", _("Breakage")),
        Column("breakage_low", _("At least")),
        Column("breakage_high", _("At most")),
        Column("state", _("State"), is_number=False),
    )
    rows = tuple(_cohort(cohort, figures.forecasts.get(cohort.month)) for cohort in figures.listed)
    return Section(
        title=_("By month of accrual"),
        words=_(
            "What became of the points that became usable in each month. Where some are open, breakage is forecast."
        ),
        table=tables.Table("cohorts", columns, rows) if rows else None,
        chart=_chart(figures) if rows else "",
        legend=(
            Legend("s1", _("Open, expected to be used")),
            Legend("s2", _("Redeemed")),
            Legend("s3", _("Expired")),
            Legend("s4", _("Open, expected to expire")),
        ),
        empty=_("No points have become usable yet."),
    )


def _cohort(cohort: Cohort, forecast: Forecast | None) -> Row:
    shares: tuple[Cell, ...] = (tables.nothing(),) * 3
    if cohort.is_over:
        shares = (tables.share(cohort.expired / cohort.earned), tables.nothing(), tables.nothing())
        state = tables.words(_("Over"), "over")
    elif forecast:
        shares = tuple(tables.share(n / cohort.earned) for n in (forecast.expired, forecast.low, forecast.high))
        state = tables.words(_("Forecast"), "forecast")
    else:
        state = tables.words(_("Open"), "open")
    return Row(
        (
            tables.month(cohort.month),
            tables.number(cohort.earned),
            tables.number(cohort.redeemed),
            tables.share(cohort.redeemed / cohort.earned),
            tables.number(cohort.expired),
            tables.number(cohort.open),
            *shares,
            state,
        )
    )


def _chart(figures: Figures) -> str:
    shown = tuple(reversed(figures.listed[:BARS_MAX]))
    labels = [formats.cal(cohort.month, "yMMM") for cohort in shown]
    columns = [_parts(cohort, figures.forecasts.get(cohort.month)) for cohort in shown]
    names = (_("Open, expected to be used"), _("Redeemed"), _("Expired"), _("Open, expected to expire"))
    tips = [
        "\n".join([label, *(f"{name}  {formats.pct(share)}" for name, share in zip(names, parts, strict=True))])
        for label, parts in zip(labels, columns, strict=True)
    ]
    return charts.bars(
        labels,
        [[parts[place] for parts in columns] for place in range(4)],
        label=_("Shares of each month’s points: used, open, expired."),
        tips=tips,
        word=_whole_share,
        every=tables.label_every(len(shown)),
    )


def _whole_share(value: float) -> str:
    return formats.pct(value, 0)


def _parts(cohort: Cohort, forecast: Forecast | None) -> tuple[float, float, float, float]:
    to_expire = forecast.to_expire if forecast else 0
    points = (cohort.open - to_expire, cohort.redeemed, cohort.expired, to_expire)
    kept, redeemed, expired, lapsing = (share / cohort.earned for share in points)
    return kept, redeemed, expired, lapsing


# ---- development


def _development(figures: Figures) -> Section:
    ages = range(min(max((cohort.age for cohort in figures.cohorts), default=0), AGES_MAX) + 1)
    columns = (
        Column("month", _("Month of accrual"), is_number=False),
        *(Column(f"age_{age}", _("%(n)s mo.") % {"n": formats.num(age)}) for age in ages),
    )
    rows = tuple(
        Row((tables.month(cohort.month), *(_at_age(cohort, age) for age in ages))) for cohort in figures.listed
    )
    steps = breakage.steps_of(figures.cohorts)
    factors = (
        tables.share(steps[age - 1].factor) if 0 < age <= len(steps) and steps[age - 1].cohorts else tables.nothing()
        for age in ages
    )
    end = Row((tables.words(_("Stays, on average"), "factor"), *factors), is_total=True)
    return Section(
        title=_("How it develops"),
        words=_(
            "The share of each month’s points that was not redeemed after so many months, and below what share of it "
            "stayed from one month to the next, over all months together. The forecast multiplies these."
        ),
        table=tables.Table("development", columns, (*rows, end)) if rows else None,
        empty=_("No points have become usable yet."),
    )


def _at_age(cohort: Cohort, age: int) -> Cell:
    if age > cohort.age:
        return tables.nothing()
    earned_then = cohort.unredeemed[age] + cohort.used[age]
    return tables.share(tables.part(cohort.unredeemed[age], earned_then))


# ---- last year's forecast


def _back_test(figures: Figures) -> Section:
    tested = figures.tested
    if tested is None:
        return Section(
            title=_("How last year’s forecast did"),
            words="",
            table=None,
            empty=_("There is not enough history yet to have forecast a year ago what is known today."),
        )
    columns = (
        Column("month", _("Month of accrual"), is_number=False),
        Column("forecast", _("Forecast")),
        Column("low", _("At least")),
        Column("high", _("At most")),
        Column("expired", _("Expired")),
        Column("error", _("Off by")),
        Column("within", _("Within"), is_number=False),
    )
    rows = tuple(
        Row(
            (
                tables.month(row.forecast.cohort.month),
                *(tables.number(n) for n in (row.forecast.expired, row.forecast.low, row.forecast.high, row.happened)),
                tables.signed(row.forecast.expired - row.happened),
                tables.words(_("Yes"), "yes") if row.is_within else tables.words(_("No"), "no"),
            )
        )
        for row in tested.tried
    )
    end = Row(
        (
            tables.words(_("All"), "all"),
            tables.number(tested.forecast),
            tables.nothing(),
            tables.nothing(),
            tables.number(tested.happened),
            tables.signed(tested.forecast - tested.happened),
            tables.nothing(),
        ),
        is_total=True,
    )
    return Section(
        title=_("How last year’s forecast did"),
        words=_back_words(tested),
        table=tables.Table("back_test", columns, (*rows, end)),
    )


def _back_words(tested: BackTest) -> str:
    facts = {
        "date": formats.cal(tested.made_on),
        "forecast": formats.num(tested.forecast),
        "happened": formats.num(tested.happened),
        "within": formats.num(tested.within),
        "all": formats.num(len(tested.tried)),
        "error": formats.signed_pct(tested.error or 0),
    }
    if tested.error is None:
        return (
            _(
                "The forecast of %(date)s: %(forecast)s points were to expire, and none did; %(within)s of %(all)s "
                "months came out within their bounds."
            )
            % facts
        )
    return (
        _(
            "The forecast of %(date)s: %(forecast)s points were to expire, and %(happened)s did (%(error)s); "
            "%(within)s of %(all)s months came out within their bounds."
        )
        % facts
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("Month of accrual"),
            _(
                "The month in which points became usable. Spending and expiry name the lots they took, and a lot is "
                "named by its dates, so each point is followed to its end. Points that never expire have no breakage "
                "and are left out; what repays a debt reaches no lot."
            ),
        ),
        Definition(
            _("Accrual"),
            _("What went into these lots, less what returns and corrections took back. A gift keeps its lot."),
        ),
        Definition(_("Redeemed"), _("What was spent of them, less what was restored.")),
        Definition(
            _("Breakage"),
            _(
                "What expired, as a share of accrual. For months that are open: chain ladder on the points not "
                "redeemed, each step from one month of age to the next averaged over all months that took it, three "
                "at least."
            ),
        ),
        Definition(
            _("At least, at most"),
            _(
                "Between these %(share)s of all outcomes lie: the standard error of Mack (ASTIN Bulletin 23, 1993), "
                "normal, cut at what is possible."
            )
            % {"share": formats.pct(INTERVAL, 0)},
        ),
        Definition(
            _("Last year’s forecast"),
            _("The same reckoning with nothing but what was known twelve months before, beside what happened since."),
        ),
    )
