"""Early access in words: what the kind is called, and what a cell of it says to members."""

from django.utils.translation import npgettext, pgettext

from benefits.kinds.early_access.rules import Cell
from benefits.wording.words import Words


def name() -> str:
    """Will return what the kind is called."""
    return pgettext("benefit kind", "Early access")


def says(cell: Cell, words: Words, tier: str) -> str:
    """Will say in few words what it is to members of a tier."""
    text = npgettext("benefits", "%(count)s hour earlier", "%(count)s hours earlier", cell.hours)
    return text % {"count": words.formats.num(cell.hours)}
