"""Stories end with the proof of the books."""

from tests.points.proof import balanced  # noqa: F401
