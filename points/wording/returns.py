"""What a return takes from which lots, and what it puts back, in words: rows whose points sum to the whole."""

import datetime as dt
from collections.abc import Iterable
from typing import Protocol

from django.utils.translation import gettext as _

from kit import dates
from kit.formats import Formats
from points.wording.entries import SumRow


class Moved(Protocol):
    """What words need of a lot that something was moved in; points.queries.LotMoved is one."""

    @property
    def active_on(self) -> dt.date:
        """The first date it can be used."""

    @property
    def expires_on(self) -> dt.date:
        """The last date it can be used."""

    @property
    def points(self) -> int:
        """How much was moved, positive."""


def taken_rows(taken: Iterable[Moved], debt: int, today: dt.date, formats: Formats) -> list[SumRow]:
    """Will say from which points a return takes its own, and what it leaves owed; the rows sum to what goes back."""
    rows = [SumRow(_lot(lot, today, formats), -lot.points) for lot in taken]
    return [*rows, SumRow(_("Used already: owed, repaid by the next points earned"), -debt)] if debt else rows


def restored_rows(restored: Iterable[Moved], today: dt.date, formats: Formats) -> list[SumRow]:
    """Will say to which points those that paid for an order go back, and until when these can be used."""
    return [SumRow(_lot(lot, today, formats), lot.points) for lot in restored]


def _lot(lot: Moved, today: dt.date, formats: Formats) -> str:
    if lot.active_on > today:
        return _("Points on hold until %(date)s") % {"date": formats.cal(lot.active_on)}
    if lot.expires_on >= dates.WHILE_ACTIVE:
        return _("Points without an expiry date")
    return _("Points that can be used through %(date)s") % {"date": formats.cal(lot.expires_on)}
