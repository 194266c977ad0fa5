"""Kit's tables from files: encoding and delimiter sniffed, rows streamed, bad rows kept for a file to mend."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from defusedcsv import csv as safe_csv

SNIFFED_BYTES = 4 * 1024 * 1024
DELIMITERS = ",;\t"
FIELD_LENGTH_MAX = 1_000_000
GUARDED = {"@", "+", "-", "=", "|", "%"}


class UnreadableFile(Exception):
    """The file cannot be read as a table at all; nothing was imported."""


class Row(NamedTuple):
    """One row: its number in the file (the header is 1), its cells as they stand, and why it cannot be one."""

    number: int
    cells: list[str]
    problem: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read as a table."""

    path: Path
    encoding: str
    delimiter: str
    columns: list[str]
    digest: str
    size: int

    def rows(self) -> Iterator[Row]:
        """Will read the file's rows; one that is broken comes with its problem instead of stopping the rest."""
        with self.path.open("rb") as stream:
            reader = csv.reader(_lines(stream, self.encoding), delimiter=self.delimiter)
            number, width = 0, len(self.columns)
            while True:
                number += 1
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield Row(number, [], ("row", f"The row cannot be read: {error}."))
                    continue
                if number > 1 and cells:
                    text = "".join(cells)
                    yield Row(number, _unguarded(cells) if "'" in text else cells, _problem(cells, text, width))


def _unguarded(cells: list[str]) -> list[str]:
    """Will take off the apostrophe by which spreadsheets, and our error files, keep a cell from being a formula."""
    return [cell[1:] if cell[:1] == "'" and cell[1:2] in GUARDED else cell for cell in cells]


def _problem(cells: list[str], text: str, width: int) -> tuple[str, str] | None:
    if not text.isascii() and any("\udc80" <= char <= "\udcff" for char in text):
        return "encoding", "The row has bytes that are not text in the file's encoding."
    if "\x00" in text:
        return "characters", "The row has a NUL character, which cannot be stored."
    if len(cells) != width:
        return "columns", f"The row has {len(cells)} columns, the header has {width}."
    return None


def _lines(stream: BufferedReader, encoding: str) -> Iterator[str]:
    first = True
    for line in stream:
        text = line.decode(encoding, errors="surrogateescape")
        yield text.removeprefix("\ufeff") if first else text
        first = False


def open_table(path: Path, needed: Sequence[str]) -> Table:
    """Will sniff a file - UTF-8 (with or without BOM) or GB18030; comma, semicolon or tab - and check its header.

    Raises UnreadableFile saying what is missing.
    """
    csv.field_size_limit(FIELD_LENGTH_MAX)
    try:
        with path.open("rb") as stream:
            head = stream.read(SNIFFED_BYTES)
            digest = hashlib.sha256(head)
            size = len(head)
            while block := stream.read(1 << 20):
                digest.update(block)
                size += len(block)
    except OSError as error:
        raise UnreadableFile(f"{path} cannot be opened: {error.strerror}. Nothing was imported.") from error
    encoding = _encoding_of(head)
    first = head.split(b"\n", 1)[0].decode(encoding, errors="replace").removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=first.count)
    columns = [name.strip().lower() for name in next(csv.reader([first], delimiter=delimiter), [])]
    missing = [name for name in needed if name not in columns]
    if missing:
        raise UnreadableFile(
            f"{path.name} has no column {', '.join(missing)}: its first row must name them. Nothing was imported."
        )
    if len(set(columns)) != len(columns):
        raise UnreadableFile(f"{path.name} names a column twice. Nothing was imported.")
    return Table(path, encoding, delimiter, columns, digest.hexdigest(), size)


def _encoding_of(head: bytes) -> str:
    """UTF-8 unless more of the lines beyond ASCII are GB18030 than are UTF-8: one broken byte must not turn a file."""
    as_utf8 = as_gb = 0
    for line in head.split(b"\n")[:-1] or [head]:
        if not line.isascii():
            as_utf8 += _decodes(line, "utf-8")
            as_gb += _decodes(line, "gb18030")
    return "utf-8" if as_utf8 * 2 >= as_gb else "gb18030"


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


class ErrorFile:
    """The bad rows as they were, with error_code and error behind them: to mend and import again."""

    def __init__(self, path: Path | None, table: Table) -> None:
        self.rows = 0
        self._table = table
        self._stream = path.open("w", encoding="utf-8", newline="", errors="replace") if path else None
        self._writer = safe_csv.writer(self._stream) if self._stream else None
        if self._writer:
            self._writer.writerow([*table.columns, "error_code", "error"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._stream:
            self._stream.close()

    def add(self, row: Row, code: str, message: str) -> None:
        """Will add a bad row; its cells are padded or cut to the header, so that the file is a table again."""
        self.rows += 1
        if self._writer:
            width = len(self._table.columns)
            cells = (row.cells + [""] * width)[:width]
            self._writer.writerow([*cells, code, message])
