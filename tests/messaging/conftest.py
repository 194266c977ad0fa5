"""Fixtures of messaging's tests."""

import pytest

from membership_site.flows import starter_templates
from tests.conftest import NOON


@pytest.fixture
def templates(db: None) -> None:
    """The starter's topics and templates, published."""
    starter_templates.load(at=NOON, actor="test")
