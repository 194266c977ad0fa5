"""Refunds of a tier are paid at once. Pure."""

from collections.abc import Mapping
from typing import Any

from benefits.enums import Family
from benefits.rules import cells
from benefits.rules.cells import KindRules

FIELDS: tuple[cells.Field, ...] = ()


def read(stored: Mapping[str, Any]) -> cells.Cell:
    """Will read a stored cell: a tick is all; raises BadTerms naming what stands in it."""
    cells.read(stored, FIELDS)
    return cells.CELL


RULES = KindRules(Family.OPEN, FIELDS, read)
