"""Who moved: from which tier to which between two dates, up, down and not at all, and who joined in between."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import dates
from membership_site import charts, formats
from membership_site.console.forms.reports import MigrationAsked
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Link, Report, Row, Section
from tiers import queries as tiers_queries
from tiers.queries import Migration

JOINED = "joined"
"""The row of those who were no members yet; a tier of that code would be told apart by its place."""


@dataclass(frozen=True)
class Moved:
    """How many of those who stood somewhere went up, down, and neither."""

    up: int
    down: int
    same: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.up + self.down + self.same


def migration_report(asked: MigrationAsked, today: dt.date) -> Report:
    """Will answer who moved between two dates. At most ten queries."""
    is_on = asked.date or today
    found = tables.kept(("migration", asked.starts, is_on), lambda: tiers_queries.tier_migration(asked.starts, is_on))
    names = rungs.with_others(rungs.names_on(is_on), {code for row in found for code in (row.was, row.tier) if code})
    return Report(
        answer=_answer(found, asked, is_on),
        sections=(_matrix(found, names), _directions(found, names)),
        definitions=_definitions(),
        links=_links(asked, today),
    )


def _moved(rows: list[Migration]) -> Moved:
    up, down, same = (sum(row.members for row in rows if row.direction == way) for way in (1, -1, 0))
    return Moved(up, down, same)


def _answer(found: list[Migration], asked: MigrationAsked, is_on: dt.date) -> tuple[str, ...]:
    moved = _moved([row for row in found if row.was])
    joined = sum(row.members for row in found if row.was is None)
    facts = {
        "n": formats.num(moved.total),
        "first": formats.cal(asked.starts),
        "last": formats.cal(is_on),
        "up": formats.num(moved.up),
        "up_share": formats.pct(tables.part(moved.up, moved.total) or 0),
        "down": formats.num(moved.down),
        "down_share": formats.pct(tables.part(moved.down, moved.total) or 0),
        "net": formats.signed(moved.up - moved.down),
        "joined": formats.num(joined),
    }
    said = (
        ngettext(
            "Of %(n)s member at the end of %(first)s, by %(last)s %(up)s stood higher (%(up_share)s) and %(down)s "
            "lower (%(down_share)s): %(net)s.",
            "Of %(n)s members at the end of %(first)s, by %(last)s %(up)s stood higher (%(up_share)s) and %(down)s "
            "lower (%(down_share)s): %(net)s.",
            moved.total,
        )
        % facts
    )
    if not joined:
        return (said,)
    return said, ngettext("%(n)s joined in between.", "%(n)s joined in between.", joined) % {"n": facts["joined"]}


def _links(asked: MigrationAsked, today: dt.date) -> tuple[Link, ...]:
    spans = ((1, _("1 month")), (3, _("3 months")), (12, _("12 months")), (24, _("24 months")))
    starts = [(dates.add_months(today, -months), label) for months, label in spans]
    return tuple(Link(label, f"starts={date}", asked.date is None and asked.starts == date) for date, label in starts)


# ---- sections


def _matrix(found: list[Migration], names: dict[str, str]) -> Section:
    columns = [Column("from", _("From"), is_number=False)]
    for code, name in names.items():
        columns += [Column(f"to_{code}", name), Column(f"share_{code}", _("%(tier)s, share") % {"tier": name})]
    columns.append(Column("all", _("All")))
    rows = [
        Row((tables.words(name, code), *_cells([row for row in found if row.was == code], names)))
        for code, name in names.items()
    ]
    joined = [row for row in found if row.was is None]
    rows.append(Row((tables.words(_("Joined in between"), JOINED), *_cells(joined, names))))
    rows.append(Row((tables.words(_("All"), "all"), *_cells(found, names)), is_total=True))
    return Section(
        title=_("From tier to tier"),
        words=_("A line is the tier on the earlier date, a column the tier on the later one; shares are of the line."),
        table=tables.Table("matrix", tuple(columns), tuple(rows)),
    )


def _cells(rows: list[Migration], names: dict[str, str]) -> list[Cell]:
    total = sum(row.members for row in rows)
    cells = []
    for code in names:
        members = sum(row.members for row in rows if row.tier == code)
        cells += [tables.number(members), tables.share(tables.part(members, total))]
    return [*cells, tables.number(total)]


def _directions(found: list[Migration], names: dict[str, str]) -> Section:
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("up", _("Up")),
        Column("up_share", _("Up, share")),
        Column("down", _("Down")),
        Column("down_share", _("Down, share")),
        Column("same", _("Same")),
        Column("same_share", _("Same, share")),
        Column("net", _("Up less down")),
    )
    by_tier = {code: _moved([row for row in found if row.was == code]) for code in names}
    rows = [Row((tables.words(names[code], code), *_direction(moved))) for code, moved in by_tier.items()]
    whole = _moved([row for row in found if row.was])
    rows.append(Row((tables.words(_("All"), "all"), *_direction(whole)), is_total=True))
    return Section(
        title=_("Up and down"),
        words=_("By the tier on the earlier date."),
        table=tables.Table("direction", columns, tuple(rows)),
        chart=_chart([(names[code], moved) for code, moved in by_tier.items()], whole),
        legend=(Legend("s1", _("Up")), Legend("s2", _("Down"))),
    )


def _direction(moved: Moved) -> tuple[Cell, ...]:
    cells: list[Cell] = []
    for members in (moved.up, moved.down, moved.same):
        cells += [tables.number(members), tables.share(tables.part(members, moved.total))]
    return (*cells, tables.signed(moved.up - moved.down))


def _chart(tiers: list[tuple[str, Moved]], whole: Moved) -> str:
    up, down = _("Up"), _("Down")
    return charts.bars(
        [name for name, _moved_ in tiers],
        [[float(moved.up) for _name, moved in tiers], [-float(moved.down) for _name, moved in tiers]],
        label=_("Members who moved, by the tier they stood on: %(up)s up, %(down)s down.")
        % {"up": formats.num(whole.up), "down": formats.num(whole.down)},
        tips=[f"{name}\n{up}  {formats.num(moved.up)}\n{down}  {formats.num(moved.down)}" for name, moved in tiers],
        every=1,
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("The tier on a date"),
            _("That of the last decision up to the end of the date; what was undone in between is not seen."),
        ),
        Definition(
            _("Up, down, same"),
            _(
                "Higher or lower by the order of the ladder on the later date. The same tier under a new version of "
                "the ladder is the same."
            ),
        ),
        Definition(
            _("Joined in between"),
            _("Who had not joined by the end of the earlier date; in no share of up or down."),
        ),
    )
