"""A temporary file of a file's statements, given back in order of time."""

import datetime as dt
import pickle
import tempfile
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from membership_site.flows.importing.rows import Item


class Spool:
    """Statements on disk with an index in memory: a file of any length is read once and booked in order of time."""

    def __init__(self) -> None:
        self._stream = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__
        self._index: list[tuple[dt.datetime, str, int]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def __len__(self) -> int:
        return len(self._index)

    def add(self, item: Item) -> None:
        """Will keep a statement."""
        self._index.append((item.at, item.id, self._stream.tell()))
        pickle.dump(item, self._stream, protocol=pickle.HIGHEST_PROTOCOL)

    def sort(self) -> Sequence[dt.datetime]:
        """Will put the statements in order of time, then of id, and return their times."""
        self._index.sort()
        self._stream.flush()
        return [at for at, _, _ in self._index]

    def items(self, start: int, stop: int) -> Iterator[Item]:
        """Will give back statements by their place in the order; our own pickles, never anybody else's."""
        for _, _, offset in self._index[start:stop]:
            self._stream.seek(offset)
            item: Item = pickle.load(self._stream)  # noqa: S301  # written by this very object
            yield item
