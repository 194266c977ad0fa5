"""Coupon in words: what the kind is called, and what a cell of it says to members."""

from django.utils.translation import pgettext

from benefits.kinds.coupon.rules import Cell
from benefits.wording.words import Words


def name() -> str:
    """Will return what the kind is called."""
    return pgettext("benefit kind", "Coupon")


def says(cell: Cell, words: Words, tier: str) -> str:
    """Will say in few words what it is to members of a tier."""
    coupon = words.coupon(cell.coupon)
    return coupon if cell.count == 1 else words.several(coupon, cell.count)
