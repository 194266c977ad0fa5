"""What moved all members' points, by day or by month: opening, every kind of entry, closing."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from kit import dates
from membership_site import charts, formats
from membership_site.console.forms.reports import MovementAsked
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section
from points import queries as points_queries
from points.enums import EntryKind
from points.queries import Movement

KINDS = tuple(EntryKind)
DRAWN = (EntryKind.ACCRUAL, EntryKind.REDEMPTION, EntryKind.EXPIRY)


@dataclass(frozen=True)
class Bucket:
    """A day or a month: what was held before it, what moved by kind, what was held after it."""

    first: dt.date
    opening: int
    moved: dict[str, int]

    @property
    def closing(self) -> int:
        """What was held at its end."""
        return self.opening + sum(self.moved.values())

    @property
    def others(self) -> int:
        """What kinds moved that the drawing has no colour for."""
        return sum(points for kind, points in self.moved.items() if kind not in DRAWN)


def movement_report(asked: MovementAsked, today: dt.date) -> Report:
    """Will answer how points moved. Four queries."""
    starts_on, ends_on = asked.starts_on, min(asked.ends_on, today)
    moved = tables.kept(
        ("movement", starts_on, ends_on, today), lambda: points_queries.movement(starts_on, ends_on, today)
    )
    buckets = _buckets(moved, _firsts(starts_on, ends_on, by_day=asked.by_day), by_day=asked.by_day)
    return Report(
        answer=_answer(buckets, starts_on, ends_on),
        sections=(_section(buckets, asked),),
        definitions=_definitions(),
    )


def _firsts(starts_on: dt.date, ends_on: dt.date, *, by_day: bool) -> list[dt.date]:
    if by_day:
        return [starts_on + dt.timedelta(days=n) for n in range((ends_on - starts_on).days + 1)]
    months = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month
    return [dates.add_months(starts_on, n) for n in range(months + 1)]


def _buckets(moved: Movement, firsts: Iterable[dt.date], *, by_day: bool) -> list[Bucket]:
    sums: dict[dt.date, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in moved.moved:
        sums[row.date if by_day else row.date.replace(day=1)][row.kind] += row.points
    buckets, opening = [], moved.opening
    for first in firsts:
        bucket = Bucket(first, opening, dict(sums[first]))
        buckets.append(bucket)
        opening = bucket.closing
    return buckets


def _answer(buckets: list[Bucket], starts_on: dt.date, ends_on: dt.date) -> tuple[str, ...]:
    opening, closing = buckets[0].opening, buckets[-1].closing
    said = _("From %(first)s to %(last)s points went from %(opening)s to %(closing)s (%(change)s).") % {
        "first": formats.cal(starts_on),
        "last": formats.cal(ends_on),
        "opening": formats.num(opening),
        "closing": formats.num(closing),
        "change": formats.signed(closing - opening),
    }
    names = kind_names()
    sums = [(kind, sum(bucket.moved.get(kind, 0) for bucket in buckets)) for kind in KINDS]
    moved = formats.listing([f"{names[kind]} {formats.signed(points)}" for kind, points in sums if points])
    return (said, _("Together: %(moved)s.") % {"moved": moved}) if moved else (said,)


def kind_names() -> dict[EntryKind, str]:
    """Will name every kind of entry as finance does."""
    return {
        EntryKind.ACCRUAL: _("Accrual"),
        EntryKind.REDEMPTION: _("Redemption"),
        EntryKind.EXPIRY: _("Expiry"),
        EntryKind.REVERSAL: _("Reversal"),
        EntryKind.RESTORATION: _("Restoration"),
        EntryKind.TRANSFER: _("Transfer"),
        EntryKind.ADJUSTMENT: _("Adjustment"),
        EntryKind.REINSTATEMENT: _("Reinstatement"),
        EntryKind.WRITE_OFF: _("Write-off"),
    }


def _section(buckets: list[Bucket], asked: MovementAsked) -> Section:
    names = kind_names()
    columns = (
        Column("date", _("Day"), is_number=False) if asked.by_day else Column("month", _("Month"), is_number=False),
        Column("opening", _("Opening")),
        *(Column(kind.value, names[kind]) for kind in KINDS),
        Column("closing", _("Closing")),
    )
    rows = [
        Row(
            (
                _heading(bucket, asked),
                tables.number(bucket.opening),
                *(_moved(bucket.moved.get(kind, 0)) for kind in KINDS),
                tables.number(bucket.closing),
            )
        )
        for bucket in buckets
    ]
    whole = (_moved(sum(bucket.moved.get(kind, 0) for bucket in buckets)) for kind in KINDS)
    rows.append(
        Row(
            (
                tables.words(_("All"), "all"),
                tables.number(buckets[0].opening),
                *whole,
                tables.number(buckets[-1].closing),
            ),
            is_total=True,
        )
    )
    return Section(
        title=_("By day") if asked.by_day else _("By month"),
        words=_("Opening and all columns make the closing, which is the next line’s opening."),
        table=tables.Table("movement", columns, tuple(rows)),
        chart=_chart(buckets, asked),
        legend=(
            Legend("s1", _("Accrual")),
            Legend("s2", _("Redemption")),
            Legend("s3", _("Expiry")),
            Legend("s4", _("All others")),
        ),
    )


def _heading(bucket: Bucket, asked: MovementAsked) -> Cell:
    if asked.by_day:
        return tables.day(bucket.first)
    return tables.month(bucket.first, url=f"?by=day&ends={bucket.first:%Y-%m}")


def _moved(points: int) -> Cell:
    return tables.signed(points) if points else Cell(tables.NOTHING, "0")


def _chart(buckets: list[Bucket], asked: MovementAsked) -> str:
    labels = [formats.cal(bucket.first, "MMMd" if asked.by_day else "yMMM") for bucket in buckets]
    columns = [(*(bucket.moved.get(kind, 0) for kind in DRAWN), bucket.others) for bucket in buckets]
    names = (*(kind_names()[kind] for kind in DRAWN), _("All others"))
    tips = [
        "\n".join([label, *(f"{name}  {formats.signed(n)}" for name, n in zip(names, column, strict=True))])
        for label, column in zip(labels, columns, strict=True)
    ]
    return charts.bars(
        labels,
        [[float(column[place]) for column in columns] for place in range(len(names))],
        label=_("Points that came and went, from %(opening)s to %(closing)s.")
        % {"opening": formats.num(buckets[0].opening), "closing": formats.num(buckets[-1].closing)},
        tips=tips,
        every=tables.label_every(len(buckets)),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("Opening, closing"),
            _(
                "All points of all members, those on hold included, less what members owe. It is worked out from what "
                "they hold now and every entry since, so it is what the report on liability says for the same date."
            ),
        ),
        Definition(_("Accrual, redemption"), _("Earned; spent by members.")),
        Definition(
            _("Expiry"),
            _("Points whose last date has passed, on that date, whether a night has booked it or not."),
        ),
        Definition(
            _("Reversal, restoration"),
            _("Taken back by a return, cancellation or edit; given back of what paid for something returned."),
        ),
        Definition(
            _("Transfer"), _("Gifts between members: what one gives another gets, so all together it is nought.")
        ),
        Definition(
            _("Adjustment, reinstatement, write-off"),
            _("Booked by the staff: a correction, expired points given again, a debt let go."),
        ),
    )
