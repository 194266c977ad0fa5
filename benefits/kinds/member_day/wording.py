"""Member day in words: what the kind is called, and what a cell of it says to members."""

from django.utils.translation import pgettext

from benefits.kinds.member_day.rules import Cell
from benefits.wording.words import Words


def name() -> str:
    """Will return what the kind is called."""
    return pgettext("benefit kind", "Member day")


def says(cell: Cell, words: Words, tier: str) -> str:
    """Will say in few words what it is to members of a tier."""
    facts = {
        "off": words.percent_off(cell.percent),
        "days": words.formats.listing([words.formats.num(day) for day in cell.days]),
    }
    text = pgettext("benefits", "%(off)s on day %(days)s of the month") % facts
    if cell.cap is None:
        return text
    cap = pgettext("benefits", "up to %(amount)s") % {"amount": words.formats.money0(cell.cap)}
    return words.all_of([text, cap])
