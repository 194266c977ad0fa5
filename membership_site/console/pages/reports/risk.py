"""Who is about to fall: members whose tier ends soon and whose window does not keep it, by what they spend."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kit.paging import Place
from membership_site import charts, formats
from membership_site.console.forms.reports import RiskAsked
from membership_site.console.pages.members import member_url
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Pager, Report, Row, Section
from membership_site.console.pages.words import Way, amount, nearest
from tiers import queries as tiers_queries
from tiers.queries import RiskPage, RiskRow, RiskSum

ROWS = 25
WEEK_DAYS = 7


@dataclass(frozen=True)
class Sums:
    """How many members, and what they spent in a year."""

    members: int
    spend: Decimal


@dataclass(frozen=True)
class Week:
    """A week: its last date, and what is at risk in it, by tier."""

    ends_on: dt.date
    by_tier: dict[str, Sums]


def risk_report(asked: RiskAsked, today: dt.date) -> Report:
    """Will answer who is about to fall and what they spend. At most twelve queries."""
    by = today + dt.timedelta(days=asked.days)
    page = tables.anew(
        lambda: tiers_queries.at_risk(
            by, today, asked.tier, after=asked.after, before=asked.before, limit=None if asked.whole else ROWS
        )
    )
    sums = page.sums
    names = rungs.with_others(rungs.names_on(today), (row.tier for row in sums))
    whole = _together([row for row in sums if row.ends])
    return Report(
        answer=_answer(whole, sums, asked),
        sections=(_members(page, names, whole, asked), _by_tier(sums, names), _by_week(sums, names, asked, today)),
        definitions=_definitions(),
    )


def _together(rows: Sequence[RiskSum]) -> Sums:
    return Sums(sum(row.members for row in rows), sum((row.year_spend for row in rows), Decimal(0)))


def _answer(whole: Sums, sums: Sequence[RiskSum], asked: RiskAsked) -> tuple[str, ...]:
    stand = sum(row.members for row in sums if row.ends is None)
    days = {"days": formats.num(asked.days)}
    if not whole.members:
        return (_("Nobody’s tier ends within %(days)s days without being kept.") % days,)
    said = ngettext(
        "The tier of %(n)s member ends within %(days)s days and is not kept yet: %(share)s of all above the "
        "lowest tier.",
        "The tier of %(n)s members ends within %(days)s days and is not kept yet: %(share)s of all above the "
        "lowest tier.",
        whole.members,
    ) % {**days, "n": formats.num(whole.members), "share": formats.pct(tables.part(whole.members, stand) or 0)}
    return said, _("They spent %(spend)s in the last year.") % {"spend": formats.money(whole.spend)}


# ---- the list


def _members(page: RiskPage, names: dict[str, str], whole: Sums, asked: RiskAsked) -> Section:
    columns = (
        Column("member", _("Member"), is_number=False),
        Column("tier", _("Tier"), is_number=False),
        Column("ends_on", _("Ends"), is_number=False),
        Column("stage", _("What ends"), is_number=False),
        Column("metric", _("Nearest way"), is_number=False),
        Column("missing", _("Missing")),
        Column("year_spend", _("Spend of the last year")),
    )
    rows = tuple(_row(row, names) for row in page.rows)
    count = ngettext("%(n)s member", "%(n)s members", whole.members) % {"n": formats.num(whole.members)}
    return Section(
        title=_("Members"),
        words=_("Whoever spends most comes first. The file has all of them, under their numbers."),
        table=tables.Table("members", columns, rows) if rows else None,
        empty=_("Nobody is about to fall."),
        pager=Pager(count, _query(asked, "before", page.before), _query(asked, "after", page.after)),
    )


def _query(asked: RiskAsked, name: str, place: Place | None) -> str:
    if place is None:
        return ""
    given = {"days": str(asked.days), "tier": asked.tier, name: str(place)}
    return urlencode({key: value for key, value in given.items() if value})


def _row(row: RiskRow, names: dict[str, str]) -> Row:
    """A file is passed on, so it has the number where the page has the name."""
    name = f"{row.name or _('No name')} · {row.number}"
    stage = tables.words(_("Grace"), "grace") if row.in_grace else tables.words(_("Validity"), "validity")
    return Row(
        (
            tables.words(name, row.number, member_url(row.number)),
            tables.words(names.get(row.tier, row.tier), row.tier),
            tables.day(row.ends),
            stage,
            *_missing(row.keep),
            tables.money(row.year_spend),
        )
    )


def _missing(ways: tuple[Way, ...]) -> tuple[Cell, Cell]:
    """Will say which way is the nearest and what is missing of it; a dash where nothing keeps the tier."""
    if not ways:
        return tables.nothing(), tables.nothing()
    metric, _need, missing = nearest(ways)
    metrics = {"spend": _("Spend"), "orders": _("Orders"), "growth": _("Growth value")}
    value = tables.money(missing) if metric == "spend" else Cell(amount(metric, missing), str(int(missing)))
    return tables.words(metrics.get(metric, metric), metric), value


# ---- sums


def _by_tier(sums: Sequence[RiskSum], names: dict[str, str]) -> Section:
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("members", _("About to fall")),
        Column("stand", _("Stand there")),
        Column("share", pgettext("a part of the whole", "Share")),
        Column("year_spend", _("Spend of the last year")),
        Column("spend_each", _("Spend per member")),
    )
    found = {row.tier for row in sums}
    rows = [
        Row((tables.words(name, code), *_cells([row for row in sums if row.tier == code])))
        for code, name in names.items()
        if code in found
    ]
    rows.append(Row((tables.words(_("All"), "all"), *_cells(sums)), is_total=True))
    return Section(
        title=_("By tier"),
        words=_("What is at risk on each tier."),
        table=tables.Table("tier", columns, tuple(rows)),
    )


def _cells(rows: Sequence[RiskSum]) -> tuple[Cell, ...]:
    risky, stand = _together([row for row in rows if row.ends]), _together([row for row in rows if not row.ends])
    each = tables.money(risky.spend / risky.members) if risky.members else tables.nothing()
    return (
        tables.number(risky.members),
        tables.number(stand.members),
        tables.share(tables.part(risky.members, stand.members)),
        tables.money(risky.spend),
        each,
    )


def _by_week(sums: Sequence[RiskSum], names: dict[str, str], asked: RiskAsked, today: dt.date) -> Section:
    above = dict(list(names.items())[1:])
    weeks = _weeks(sums, asked, today)
    columns = (
        Column("through", _("Ends by"), is_number=False),
        *(Column(f"members_{code}", name) for code, name in above.items()),
        Column("members", _("All")),
        Column("year_spend", _("Spend of the last year")),
    )
    rows = []
    for week in weeks:
        members = [week.by_tier.get(code, Sums(0, Decimal(0))).members for code in above]
        spend = sum((part.spend for part in week.by_tier.values()), Decimal(0))
        cells = (*map(tables.number, members), tables.number(sum(members)), tables.money(spend))
        rows.append(Row((tables.day(week.ends_on), *cells)))
    drawn = rungs.drawn(above)
    return Section(
        title=_("By week"),
        words=_(
            "When validity or grace ends, week by week from today; what a late night has not decided is in the first."
        ),
        table=tables.Table("week", columns, tuple(rows)),
        chart=_chart(weeks, drawn),
        legend=tuple(Legend(f"s{place}", one.name) for place, one in enumerate(drawn, 1)),
    )


def _weeks(sums: Sequence[RiskSum], asked: RiskAsked, today: dt.date) -> list[Week]:
    last, weeks = today + dt.timedelta(days=asked.days), []
    after, ends_on = dt.date.min, today + dt.timedelta(days=WEEK_DAYS - 1)
    while after < last:
        ends_on = min(ends_on, last)
        rows = [row for row in sums if row.ends and after < row.ends <= ends_on]
        weeks.append(
            Week(ends_on, {code: _together([r for r in rows if r.tier == code]) for code in {r.tier for r in rows}})
        )
        after, ends_on = ends_on, ends_on + dt.timedelta(days=WEEK_DAYS)
    return weeks


def _chart(weeks: list[Week], drawn: list[rungs.Drawn]) -> str:
    labels = [formats.cal(week.ends_on, "MMMd") for week in weeks]
    series = [
        [float(sum(week.by_tier[code].spend for code in one.codes if code in week.by_tier)) for week in weeks]
        for one in drawn
    ]
    tips = [
        "\n".join(
            [
                label,
                *(f"{one.name}  {formats.money(values[place])}" for one, values in zip(drawn, series, strict=True)),
            ]
        )
        for place, label in enumerate(labels)
    ]
    return charts.bars(
        labels,
        series,
        label=_("The last year’s spend of members whose tier ends in each week."),
        tips=tips,
        word=formats.compact_money,
        every=tables.label_every(len(weeks)),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("About to fall"),
            _(
                "Validity, or grace once it runs, ends within so many days, and what is known today and will still "
                "count on that date meets no way to keep the tier. Validity is followed by the ladder’s days of grace."
            ),
        ),
        Definition(
            _("Nearest way"),
            _("Of the ways that keep the tier the one of which the largest share is done, and what is missing of it."),
        ),
        Definition(
            _("Spend of the last year"),
            _(
                "What counted of the member’s orders in the year up to today, less returns, whatever the ladder’s "
                "window."
            ),
        ),
        Definition(
            _("The file"),
            _("It has all rows, and names members by their number alone, for files are passed on."),
        ),
    )
