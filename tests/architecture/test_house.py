"""The real checkout obeys the house rules; each message says what is where and where it belongs."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps

from . import borders, deeds, drawers, picture, rolling, schema, writing
from .tree import Finding, Tree

CHECKS = (
    *borders.CHECKS,
    *drawers.CHECKS,
    *deeds.CHECKS,
    *schema.CHECKS,
    *writing.CHECKS,
    *picture.CHECKS,
    *rolling.CHECKS,
)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_house(check: Callable[[Tree], Iterator[Finding]], tree: Tree) -> None:
    found = list(check(tree))
    assert not found, "\n".join([f"{check.__doc__}", *map(str, found)])


def test_foreign_keys_go_down() -> None:
    found = list(schema.relations_go_down(schema.relations(apps)))
    assert not found, "\n".join(found)
