"""Kit's enums."""

from enum import StrEnum


class RunState(StrEnum):
    """Where a job run stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    HELD = "held"
