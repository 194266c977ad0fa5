"""Surprise in words: what the kind is called, and what a cell of it says to members."""

from django.utils.translation import npgettext, pgettext

from benefits.kinds.surprise.rules import Cell
from benefits.wording.words import Words


def name() -> str:
    """Will return what the kind is called."""
    return pgettext("benefit kind", "Surprise")


def says(cell: Cell, words: Words, tier: str) -> str:
    """Will say in few words what it is to members of a tier."""
    named = [(words.coupon, cell.coupon), (words.item, cell.item), (words.pool, cell.pool)]
    prize = words.all_of([name(code) for name, code in named if code])
    if cell.percent is not None:
        return pgettext("benefits", "%(percent)s%% of members win: %(prize)s") % {
            "percent": words.formats.num(cell.percent),
            "prize": prize,
        }
    winners = cell.winners or 0
    text = npgettext("benefits", "%(count)s member wins: %(prize)s", "%(count)s members win: %(prize)s", winners)
    return text % {"count": words.formats.num(winners), "prize": prize}
