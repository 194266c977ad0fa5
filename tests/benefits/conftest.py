"""Wallets to pay with, and the proof at the end."""

from tests.points.conftest import give  # noqa: F401
from tests.points.proof import balanced  # noqa: F401
