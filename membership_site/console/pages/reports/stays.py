"""How long members stay on a tier: Kaplan-Meier over stays that began in a period, and what their ends brought."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.survival import Survival, kaplan_meier
from membership_site import charts, formats
from membership_site.console.forms.reports import StaysAsked
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from tiers import queries as tiers_queries
from tiers.queries import Stays

RUNNING = "running"
QUARTILES = (0.25, 0.5, 0.75)
STEP_DAYS = 30
STEPS_MAX = 37
"""So many steps of 30 days are shown: three years."""

SWATCHES = ("s1", "s3", "s2", "s4")
"""The colours of a drawing's lines, first to fourth."""


@dataclass(frozen=True)
class Figures:
    """Stays on one tier, or on several together."""

    stays: int
    up: int
    down: int
    running: int
    kept: int
    fell: int
    survival: Survival

    @property
    def ended(self) -> int:
        """How many are over."""
        return self.stays - self.running

    @property
    def kept_share(self) -> float | None:
        """Of the ends of validity that were decided, the share that kept the tier."""
        return tables.part(self.kept, self.kept + self.fell)


def stays_report(asked: StaysAsked, today: dt.date) -> Report:
    """Will answer how long stays on a tier last. At most ten queries."""
    starts_on, ends_on = asked.starts_on, min(asked.ends_on, today)
    found = tables.kept(
        ("stays", starts_on, ends_on, today), lambda: tiers_queries.tier_stays(starts_on, ends_on, today)
    )
    names = rungs.with_others(rungs.names_on(today), (row.tier for row in found))
    by_tier = {code: _figures([row for row in found if row.tier == code]) for code in names}
    return Report(
        answer=_answer(by_tier, names, (starts_on, ends_on)),
        sections=(_lengths(by_tier, names), _curves(by_tier, names), _ends(by_tier, names)),
        definitions=_definitions(),
    )


def _figures(rows: list[Stays]) -> Figures:
    def count(*endings: str) -> int:
        return sum(row.stays for row in rows if row.ending in endings)

    return Figures(
        stays=sum(row.stays for row in rows),
        up=count("up"),
        down=count("down"),
        running=count(RUNNING),
        kept=sum(row.kept for row in rows),
        fell=sum(row.fell for row in rows),
        survival=kaplan_meier(
            (row.days, 0, row.stays) if row.ending == RUNNING else (row.days, row.stays, 0) for row in rows
        ),
    )


def _answer(by_tier: dict[str, Figures], names: dict[str, str], began: tuple[dt.date, dt.date]) -> tuple[str, ...]:
    facts = {"first": formats.cal(began[0]), "last": formats.cal(began[1])}
    medians = [
        ngettext("%(tier)s %(n)s day", "%(tier)s %(n)s days", median) % {"tier": names[code], "n": formats.num(median)}
        for code, figures in reversed(by_tier.items())
        if (median := figures.survival.quantile(0.5)) is not None
    ]
    if medians:
        said = _("Of stays that began from %(first)s to %(last)s half were over after: %(medians)s.") % {
            **facts,
            "medians": formats.listing(medians),
        }
    else:
        said = _("Of stays that began from %(first)s to %(last)s not half are over on any tier.") % facts
    kept, fell = (sum(getattr(figures, side) for figures in by_tier.values()) for side in ("kept", "fell"))
    share = tables.part(kept, kept + fell)
    if share is None:
        return (said,)
    ends = ngettext(
        "%(n)s end of validity was decided: %(share)s kept the tier.",
        "%(n)s ends of validity were decided: %(share)s kept the tier.",
        kept + fell,
    ) % {"n": formats.num(kept + fell), "share": formats.pct(share)}
    return said, ends


# ---- sections


def _lengths(by_tier: dict[str, Figures], names: dict[str, str]) -> Section:
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("stays", _("Stays")),
        Column("ended", _("Ended")),
        Column("up", _("Ended upwards")),
        Column("down", _("Ended downwards")),
        Column("running", _("Running")),
        Column("days_quarter", _("A quarter over after, days")),
        Column("days_half", _("Half over after, days")),
        Column("days_three_quarters", _("Three quarters over after, days")),
    )
    rows = tuple(Row((tables.words(names[code], code), *_length(figures))) for code, figures in by_tier.items())
    return Section(
        title=_("How long stays last"),
        words=_("Stays that run still count for as long as they have run; a dash where so many are not over yet."),
        table=tables.Table("length", columns, rows),
    )


def _length(figures: Figures) -> tuple[Cell, ...]:
    counts = (figures.stays, figures.ended, figures.up, figures.down, figures.running)
    quartiles = (figures.survival.quantile(share) for share in QUARTILES)
    return (
        *(tables.number(count) for count in counts),
        *(tables.nothing() if days is None else tables.number(days) for days in quartiles),
    )


def _curves(by_tier: dict[str, Figures], names: dict[str, str]) -> Section:
    shown = {code: figures for code, figures in by_tier.items() if figures.stays}
    days_max = max((figures.survival.days_max for figures in shown.values()), default=0)
    days = [n * STEP_DAYS for n in range(min(days_max // STEP_DAYS + 1, STEPS_MAX))]
    columns = (Column("days", _("After days")), *(Column(f"share_{code}", names[code]) for code in shown))
    rows = tuple(
        Row(
            (
                tables.number(day),
                *(tables.share(figures.survival.share_at(day)) for figures in shown.values()),
            )
        )
        for day in days
    )
    drawn = list(reversed(shown))[: rungs.COLOURS]
    return Section(
        title=_("How many are still there"),
        words=_("The share of stays that last longer than so many days, as far as they could be followed."),
        table=tables.Table("still", columns, rows) if shown else None,
        chart=_chart(days, [(names[code], shown[code].survival) for code in drawn]) if shown else "",
        legend=tuple(Legend(swatch, names[code]) for swatch, code in zip(SWATCHES, drawn, strict=False)),
        empty=_("No stay began in this range."),
    )


def _chart(days: list[int], drawn: list[tuple[str, Survival]]) -> str:
    labels = [formats.num(day) for day in days]
    series = [[share for day in days if (share := survival.share_at(day)) is not None] for _name, survival in drawn]
    tips = [
        "\n".join(
            [
                ngettext("After %(n)s day", "After %(n)s days", day) % {"n": formats.num(day)},
                *(
                    f"{name}  {formats.pct(shares[place])}"
                    for (name, _survival), shares in zip(drawn, series, strict=True)
                    if place < len(shares)
                ),
            ]
        )
        for place, day in enumerate(days)
    ]
    return charts.lines(
        labels,
        series,
        label=_("The share of stays on each tier that last longer than so many days."),
        tips=tips,
        word=_whole_share,
        every=tables.label_every(len(days)),
        top=1,
    )


def _whole_share(value: float) -> str:
    return formats.pct(value, 0)


def _ends(by_tier: dict[str, Figures], names: dict[str, str]) -> Section:
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("decided", _("Ends of validity")),
        Column("kept", _("Kept")),
        Column("fell", _("Fell after grace")),
        Column("kept_share", _("Kept, share")),
    )
    above = dict(list(by_tier.items())[1:])
    rows = tuple(
        Row(
            (
                tables.words(names[code], code),
                *(tables.number(n) for n in (figures.kept + figures.fell, figures.kept, figures.fell)),
                tables.share(figures.kept_share),
            )
        )
        for code, figures in above.items()
    )
    return Section(
        title=_("What ends of validity brought"),
        words=_("Of the same stays, each time validity ended; one stay may be renewed several times."),
        table=tables.Table("ends", columns, rows) if rows else None,
        empty=_("The ladder has one tier, which never ends."),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("Stay"),
            _(
                "From the decision that brought a member to a tier to the one that brought him to another. Renewals "
                "and grace are part of it. On the lowest tier it begins with joining."
            ),
        ),
        Definition(
            _("Half over after"),
            _(
                "By Kaplan and Meier: the share that lasts longer than t days is the product, over all days up to t on "
                "which stays ended, of 1 − ended ÷ (ended and running still just before). A stay that runs today is "
                "censored: it counts among the running up to its length and says nothing of what comes after."
            ),
        ),
        Definition(_("Kept"), _("Renewed at the end of validity, or within grace.")),
        Definition(
            _("Fell after grace"),
            _("Came to a lower tier when validity and grace were over. Who is in grace now is not decided yet."),
        ),
    )
