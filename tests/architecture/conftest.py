"""The checkout, read once for all house rules."""

from pathlib import Path

import pytest

from .tree import Tree


@pytest.fixture(scope="session")
def tree() -> Tree:
    """The real checkout."""
    return Tree(Path(__file__).resolve().parents[2])
