"""What a member saved in a year: by coupon, benefit and reward, after what came back, and the latest uses."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.queries import SavedUse
from benefits.rules.effect import SavedRow
from benefits.rules.matrix import Matrix
from benefits.wording import effect as wording
from benefits.wording.words import Words
from kit import clock
from kit.keys import parts_of
from membership_site import formats

EARLIEST = 2000
"""No member looks further back; there are no uses from before."""


@dataclass(frozen=True)
class SavedCard:
    """The sum of a year, and where it is taken apart."""

    year: int
    total: Decimal


@dataclass(frozen=True)
class Row:
    """What one coupon, benefit or kind saved, how often it was used, and on what basis that is said."""

    name: str
    times: str
    basis: str
    saved: Decimal


@dataclass(frozen=True)
class Use:
    """One use or what came back of one; `order` is its number and `url` its page, empty where it was of none."""

    name: str
    used_on: dt.date
    note: str
    saved: Decimal
    order: str
    url: str


@dataclass(frozen=True)
class SavedPage:
    """A year, and those to choose from, latest first."""

    year: str
    years: tuple[str, ...]
    total: Decimal
    rows: tuple[Row, ...]
    uses: tuple[Use, ...]


def saved_card(member_id: int, at: dt.datetime) -> SavedCard | None:
    """Will assemble the sum of the running year; None where nothing was saved. One query."""
    year = clock.business_date(at).year
    total = benefits_queries.total_saved(member_id, year)
    return SavedCard(year, total) if total > 0 else None


def saved_page(member_id: int, asked: str, at: dt.datetime) -> SavedPage:
    """Will assemble what a member saved in a year, the running one where another is not known. Three queries."""
    today = clock.business_date(at)
    known = asked.isascii() and asked.isdecimal() and EARLIEST <= int(asked[:5]) <= today.year
    year = int(asked[:5]) if known else today.year
    saved, matrix = benefits_queries.saved_by_member(member_id, year), benefits_queries.matrix_on(today)
    return SavedPage(
        year=str(year),
        years=tuple(str(one) for one in sorted({today.year, year, *saved.years}, reverse=True)),
        total=saved.total,
        rows=tuple(_row(row, matrix) for row in saved.rows if row.uses or row.saved),
        uses=tuple(_use(use, matrix) for use in saved.latest),
    )


def _row(row: SavedRow, matrix: Matrix) -> Row:
    times = Words(formats).times(row.uses) if row.uses > 0 else _("Came back")
    return Row(wording.saved_name(row, matrix), times, wording.basis_words(row.saved_by), row.saved)


def _use(use: SavedUse, matrix: Matrix) -> Use:
    _room, source, order = parts_of(use.order_key) if use.order_key else ("", "", "")
    came_back = use.what.uses < 0 or use.what.saved < 0
    return Use(
        name=wording.saved_name(use.what, matrix),
        used_on=use.used_on,
        note=_("Came back") if came_back else "",
        saved=use.what.saved,
        order=order,
        url=reverse("portal:order", args=[source, order]) if order else "",
    )
