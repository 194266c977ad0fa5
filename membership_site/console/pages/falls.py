"""Who would fall in a night that waits for a person, and who goes back where a night is undone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from kit import jobs as kit_jobs
from members import queries as members_queries
from membership_site import formats
from membership_site.console.pages.members import member_url
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.actions import Undone
from tiers.queries import HeldFallRow, TierView

STEP = "recalculate_tiers"
SHOWN = 50
CSV_COLUMNS = ("date", "number", "from", "to", "spend", "orders", "growth")


@dataclass(frozen=True)
class FallRow:
    """A member who would fall."""

    name: str
    number: str
    url: str
    from_tier: str
    to_tier: str
    spend: Decimal
    date: dt.date


@dataclass(frozen=True)
class Falls:
    """Who would fall: counted by where to, and the largest by name; `more` says how many are not named."""

    moves: tuple[str, ...]
    rows: tuple[FallRow, ...]
    more: str


def falls_page() -> Falls:
    """Will assemble who would fall if the night were approved. Four queries."""
    moves = tiers_queries.held_moves()
    total = sum(move.members for move in moves)
    rows = tiers_queries.held_falls(SHOWN)
    words = tuple(_move(move.from_tier, move.to_tier, move.members) for move in moves)
    more = ""
    if total > len(rows):
        more = _("The %(n)s with the largest spend are shown; the file has all %(total)s.") % {
            "n": formats.num(len(rows)),
            "total": formats.num(total),
        }
    return Falls(words, _fall_rows(rows), more)


def falls_file() -> list[list[str]]:
    """Will return everybody who would fall as bare cells of CSV_COLUMNS. Two queries."""
    rows = tiers_queries.held_falls()
    names = members_queries.names_of([row.member_id for row in rows])
    return [
        [
            row.date.isoformat(),
            names[row.member_id][0],
            row.from_tier.code,
            row.to_tier.code,
            str(row.spend),
            str(row.orders),
            str(row.growth),
        ]
        for row in rows
    ]


def since_of(date: dt.date) -> dt.date:
    """Will return the first date that the night of a date decided on: that after the last night done. One query."""
    last = kit_jobs.last_done(STEP, date)
    return last + dt.timedelta(days=1) if last else date


def undo_sentences(undone: Undone, at: dt.datetime) -> tuple[str, ...]:
    """Will say who goes back, who is left, and what happens next. Two queries."""
    names = {
        tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(clock.business_date(at))
    }
    said = [
        ngettext("%(n)s member: %(from)s back to %(to)s", "%(n)s members: %(from)s back to %(to)s", one.members)
        % {
            "n": formats.num(one.members),
            "from": names.get(one.from_tier, one.from_tier),
            "to": names.get(one.to_tier, one.to_tier),
        }
        for one in undone.returns
        if one.from_tier != one.to_tier
    ]
    same = sum(one.members for one in undone.returns if one.from_tier == one.to_tier)
    if same:
        words = ngettext(
            "%(n)s member keeps the tier and gets the earlier dates back",
            "%(n)s members keep the tier and get the earlier dates back",
            same,
        )
        said.append(words % {"n": formats.num(same)})
    if undone.left:
        words = ngettext(
            "%(n)s member is left: something was decided on him since, or he holds a tier that was given",
            "%(n)s members are left: something was decided on them since, or they hold a tier that was given",
            undone.left,
        )
        said.append(words % {"n": formats.num(undone.left)})
    return tuple(said)


# ---- leaves


def _move(above: TierView, below: TierView, members: int) -> str:
    words = {
        "n": formats.num(members),
        "from": tiers_wording.tier_name(above),
        "to": tiers_wording.tier_name(below),
    }
    return ngettext("%(n)s member: %(from)s to %(to)s", "%(n)s members: %(from)s to %(to)s", members) % words


def _fall_rows(rows: Sequence[HeldFallRow]) -> tuple[FallRow, ...]:
    names = members_queries.names_of([row.member_id for row in rows])
    return tuple(
        FallRow(
            name=names[row.member_id][1] or _("No name"),
            number=names[row.member_id][0],
            url=member_url(names[row.member_id][0]),
            from_tier=tiers_wording.tier_name(row.from_tier),
            to_tier=tiers_wording.tier_name(row.to_tier),
            spend=row.spend,
            date=row.date,
        )
        for row in rows
    )
