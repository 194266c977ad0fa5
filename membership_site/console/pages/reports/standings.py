"""Where members stand: how many on each tier at the ends of past months and now, their share, and what changed."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kit import dates
from membership_site import charts, formats
from membership_site.console.forms.reports import StandingsAsked
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from tiers import queries as tiers_queries
from tiers.queries import MixChange


@dataclass(frozen=True)
class Mix:
    """How many members stood on each tier at the end of a date; `date` is None for now."""

    date: dt.date | None
    members: dict[str, int]

    @property
    def total(self) -> int:
        """All members together."""
        return sum(self.members.values())

    def share(self, *codes: str) -> float | None:
        """The share of some tiers."""
        return tables.part(sum(self.members.get(code, 0) for code in codes), self.total)


def standings_report(asked: StandingsAsked, today: dt.date) -> Report:
    """Will answer how many members stand on which tier. At most ten queries."""
    first = dates.add_months(today.replace(day=1), -asked.months)
    changes = tables.kept(("standings", first, today), lambda: tiers_queries.tier_mix(first, today))
    names = rungs.with_others(rungs.names_on(today), (change.tier for change in changes))
    mixes = _mixes(changes, first, asked.months)
    return Report(
        answer=_answer(mixes, names),
        sections=(_by_month(mixes, names), _changes(mixes, names)),
        definitions=_definitions(),
    )


def _mixes(changes: list[MixChange], first: dt.date, months: int) -> list[Mix]:
    """Will add changes up to what stood at the end of each month and, with the running one, now."""
    stood: dict[str, int] = {}
    by_month: dict[dt.date | None, list[MixChange]] = {}
    for change in changes:
        by_month.setdefault(change.month, []).append(change)
    mixes = []
    for month in (None, *(dates.add_months(first, n) for n in range(months + 1))):
        for change in by_month.get(month, ()):
            stood[change.tier] = stood.get(change.tier, 0) + change.members
        if month:
            mixes.append(Mix(dates.last_of_month(month.year, month.month), dict(stood)))
    return [*mixes[:-1], Mix(None, mixes[-1].members)]


def _answer(mixes: list[Mix], names: dict[str, str]) -> tuple[str, ...]:
    then, now = mixes[0], mixes[-1]
    if not now.total:
        return (_("Nobody has joined yet."),)
    shares = [f"{name} {formats.pct(now.share(code) or 0)}" for code, name in reversed(names.items())]
    said = ngettext("%(n)s member now: %(shares)s.", "%(n)s members now: %(shares)s.", now.total) % {
        "n": formats.num(now.total),
        "shares": formats.listing(shares),
    }
    above = list(names)[1:]
    was, is_now = then.share(*above), now.share(*above)
    if was is None or is_now is None or then.date is None:
        return (said,)
    compared = _(
        "Above the lowest tier stood %(was)s of %(members)s at the end of %(date)s, and %(now)s stand there now."
    ) % {
        "was": formats.pct(was),
        "members": formats.num(then.total),
        "date": formats.cal(then.date),
        "now": formats.pct(is_now),
    }
    return said, compared


# ---- sections


def _by_month(mixes: list[Mix], names: dict[str, str]) -> Section:
    columns = (
        Column("date", _("At the end of"), is_number=False),
        *(Column(f"members_{code}", name) for code, name in names.items()),
        Column("members", _("All")),
        *(Column(f"share_{code}", _("%(tier)s, share") % {"tier": name}) for code, name in names.items()),
    )
    rows = tuple(
        Row(
            (
                _heading(mix),
                *(tables.number(mix.members.get(code, 0)) for code in names),
                tables.number(mix.total),
                *(tables.share(mix.share(code)) for code in names),
            ),
            is_total=mix.date is None,
        )
        for mix in mixes
    )
    drawn = rungs.drawn(names)
    return Section(
        title=_("By month"),
        words=_("Members on each tier at the end of each month, and now."),
        table=tables.Table("month", columns, rows),
        chart=_chart(mixes, drawn),
        legend=tuple(Legend(f"s{place}", one.name) for place, one in enumerate(drawn, 1)),
    )


def _heading(mix: Mix) -> Cell:
    return tables.day(mix.date) if mix.date else tables.words(pgettext("a date", "Now"), "now")


def _chart(mixes: list[Mix], drawn: list[rungs.Drawn]) -> str:
    labels = [formats.cal(mix.date, "yMMM") if mix.date else pgettext("a date", "Now") for mix in mixes]
    series = [[mix.share(*one.codes) or 0.0 for mix in mixes] for one in drawn]
    tips = [
        "\n".join(
            [label, *(f"{one.name}  {formats.pct(shares[place])}" for one, shares in zip(drawn, series, strict=True))]
        )
        for place, label in enumerate(labels)
    ]
    return charts.bars(
        labels,
        series,
        label=_("Shares of the tiers at the end of each month."),
        tips=tips,
        word=_whole_share,
        every=tables.label_every(len(labels)),
    )


def _whole_share(value: float) -> str:
    return formats.pct(value, 0)


def _changes(mixes: list[Mix], names: dict[str, str]) -> Section:
    then, now = mixes[0], mixes[-1]
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("members_then", _("Members then")),
        Column("members_now", _("Members now")),
        Column("change", _("Change")),
        Column("share_then", _("Share then")),
        Column("share_now", _("Share now")),
        Column("share_change", _("Change of the share")),
    )
    rows = [
        Row((tables.words(name, code), *_moved(then.members.get(code, 0), now.members.get(code, 0), then, now)))
        for code, name in names.items()
    ]
    rows.append(Row((tables.words(_("All"), "all"), *_moved(then.total, now.total, then, now)), is_total=True))
    return Section(
        title=_("What changed"),
        words=_("Between the end of %(date)s and now.") % {"date": formats.cal(then.date)} if then.date else "",
        table=tables.Table("change", columns, tuple(rows)),
    )


def _moved(was: int, is_now: int, then: Mix, now: Mix) -> tuple[Cell, ...]:
    before, after = tables.part(was, then.total), tables.part(is_now, now.total)
    return (
        tables.number(was),
        tables.number(is_now),
        tables.signed(is_now - was),
        tables.share(before),
        tables.share(after),
        tables.signed_share(None if before is None or after is None else after - before),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("Members on a tier"),
            _(
                "All who had joined by then, each on the tier of the last decision up to the end of the date. "
                "Decisions are never changed, so the past stays as it was; what a late night decides counts on "
                "its own date."
            ),
        ),
        Definition(pgettext("a part of the whole", "Share"), _("Of all members of that date.")),
        Definition(
            _("Change of the share"),
            _("The share now less the share then, in percentage points: from 10% to 12% is +2.0%."),
        ),
    )
