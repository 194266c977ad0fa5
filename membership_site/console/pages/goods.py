"""The goods that members see otherwise, for the staff."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.queries import GoodsRow
from membership_site.console.forms.goods import KINDS
from membership_site.console.pages.words import State

ROWS = 100


@dataclass(frozen=True)
class GoodsView:
    """One article as the list shows it."""

    id: int
    sku: str
    name: str
    kind: str
    price: Decimal | None
    opens_at: dt.datetime | None
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    state: State


@dataclass(frozen=True)
class GoodsPage:
    """The list, what was searched for, and where the next rows begin."""

    rows: tuple[GoodsView, ...]
    text: str
    next_after: int
    is_first: bool


@dataclass(frozen=True)
class BadRow:
    """A row of a file that was refused."""

    number: int
    cells: str
    error: str


def goods_page(text: str, after: int, at: dt.datetime) -> GoodsPage:
    """Will assemble the list. One query."""
    found = benefits_queries.list_goods(at, text=text, after=after, limit=ROWS + 1)
    shown = found[:ROWS]
    rows = tuple(_view(row, at) for row in shown)
    return GoodsPage(rows, text, shown[-1].id if len(found) > ROWS else 0, is_first=not after)


def _view(row: GoodsRow, at: dt.datetime) -> GoodsView:
    state = State(_("In force"), "good") if row.starts_at <= at else State(_("To come"), "info")
    return GoodsView(
        row.id, row.sku, row.name, str(KINDS[row.kind]), row.price, row.opens_at, row.starts_at, row.ends_at, state
    )
