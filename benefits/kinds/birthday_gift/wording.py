"""Birthday gift in words: what the kind is called, and what a cell of it says to members."""

from django.utils.translation import pgettext

from benefits.kinds.birthday_gift.rules import Cell
from benefits.wording.words import Words


def name() -> str:
    """Will return what the kind is called."""
    return pgettext("benefit kind", "Birthday gift")


def says(cell: Cell, words: Words, tier: str) -> str:
    """Will say in few words what it is to members of a tier."""
    named = [(words.coupon, cell.coupon), (words.item, cell.item)]
    return words.all_of([name(code) for name, code in named if code])
