"""Stories end with the proof of the books."""

from tests.points.conftest import give  # noqa: F401
from tests.points.proof import balanced  # noqa: F401
