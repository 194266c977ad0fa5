"""Benefits' rows of a partner's file: a code, and until when the partner takes it. Pure."""

import datetime as dt
import unicodedata
from dataclasses import dataclass

CODE_MAX = 200


class BadRow(Exception):
    """A row cannot be a partner's code; `code` is stable, the message says how to mend it."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class PoolRow:
    """A code as the partner takes it, letter by letter, and its last date, if it has one."""

    code: str
    ends_on: dt.date | None


def read_row(code: str, ends_on: str, today: dt.date) -> PoolRow:
    """Will read a row's cells; raises BadRow. A code that has ended would never be given, so it is refused."""
    code, ends_on = code.strip(), ends_on.strip()
    if not code:
        raise BadRow("missing", "The code is missing.")
    if len(code) > CODE_MAX:
        raise BadRow("too_long", f"A code has {CODE_MAX} characters at most.")
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in code):
        raise BadRow("characters", "The code has control characters.")
    if not ends_on:
        return PoolRow(code, None)
    try:
        last = dt.date.fromisoformat(ends_on)
    except ValueError:
        raise BadRow("date", "Write the last date as 2027-03-31.") from None
    if last < today:
        raise BadRow("over", "The code has ended already.")
    return PoolRow(code, last)
