"""A clock for all processes of a trial, which leaps where the trial says: it runs as fast as any, from another instant.

The offset stands in a file that all of them map, so that a leap is seen by all at the same moment.
"""

import datetime as dt
import mmap
import os
import struct
from pathlib import Path

VARIABLE = "TORTURE_CLOCK"
OFFSET = struct.Struct("d")


class Clock:
    """The offset of a trial's clock from the machine's, in seconds; the file is made where it is missing."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(OFFSET.pack(0))
        with path.open("r+b") as file:
            self.map = mmap.mmap(file.fileno(), OFFSET.size)

    def now(self) -> dt.datetime:
        """Will return the trial's present."""
        [offset] = OFFSET.unpack(self.map[:])
        return dt.datetime.now(dt.UTC) + dt.timedelta(seconds=offset)

    def leap_to(self, instant: dt.datetime) -> None:
        """Will make the trial's present another one; never an earlier one."""
        assert instant >= self.now()
        self.map[:] = OFFSET.pack((instant - dt.datetime.now(dt.UTC)).total_seconds())


def install() -> Clock:
    """Will have the site ask this clock what time it is: kit.clock is the only one it asks."""
    from kit import clock

    made = Clock(Path(os.environ[VARIABLE]))
    clock.now = made.now
    return made
