"""Nothing is left untested by name: every public action and flow is called, every constraint broken once."""

from collections.abc import Callable, Iterator

import pytest

from . import names
from .tree import Finding, Tree


@pytest.mark.parametrize("check", names.CHECKS, ids=lambda check: check.__name__)
def test_coverage(check: Callable[[Tree], Iterator[Finding]], tree: Tree) -> None:
    found = list(check(tree))
    assert not found, "\n".join([f"{check.__doc__}", *map(str, found)])
