"""Kit's versions: what was published when, and which of it is in force on a date. Pure."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from typing import Generic, TypeVar

Version = TypeVar("Version")


class Versions(Generic[Version]):
    """Versions of one thing in the order they came into force; of two on one date the later one holds."""

    def __init__(self, versions: Iterable[tuple[dt.date, Version]]) -> None:
        self._dates: list[dt.date] = []
        self._versions: list[Version] = []
        for date, version in versions:
            self._dates.append(date)
            self._versions.append(version)

    def __bool__(self) -> bool:
        return bool(self._versions)

    def on(self, date: dt.date) -> Version:
        """Will return the version in force on a date; before the first one came into force, the first."""
        return self._versions[max(bisect_right(self._dates, date) - 1, 0)]
