"""Kit's segment fields: what a room offers to be asked about its members, as a value that all rooms share. Pure."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from kit.enums import Extra, FieldKind, Operator

LEVELS = (Operator.AT_LEAST, Operator.AT_MOST, Operator.IS)
CHOSEN = (Operator.IS, Operator.IS_NOT, Operator.ANY_OF, Operator.NONE_OF)

OPERATORS: Mapping[FieldKind, tuple[Operator, ...]] = {
    FieldKind.CHOICE: CHOSEN,
    FieldKind.LADDER: (Operator.IS, Operator.AT_LEAST, Operator.AT_MOST, *CHOSEN[1:]),
    FieldKind.TEXT: (Operator.IS, Operator.IS_NOT, Operator.CONTAINS, Operator.KNOWN, Operator.UNKNOWN),
    FieldKind.NUMBER: LEVELS,
    FieldKind.MONEY: LEVELS,
    FieldKind.PERCENT: LEVELS[:2],
    FieldKind.DATE: (Operator.FROM, Operator.UNTIL, Operator.KNOWN, Operator.UNKNOWN),
    FieldKind.AGO: (*LEVELS[:2], Operator.KNOWN, Operator.UNKNOWN),
    FieldKind.AHEAD: (Operator.WITHIN, Operator.NOT_WITHIN),
    FieldKind.FLAG: (Operator.YES, Operator.NO),
    FieldKind.TAGS: (Operator.ANY_OF, Operator.ALL_OF, Operator.NONE_OF),
    FieldKind.DEED: (Operator.DID, Operator.DID_NOT),
    FieldKind.MEMBERSHIP: (Operator.YES, Operator.NO),
    FieldKind.SHARE: (Operator.WITHIN, Operator.NOT_WITHIN),
}
"""What each kind of field may be asked; the first is what a new condition begins with."""

WITHOUT_VALUE = frozenset({Operator.KNOWN, Operator.UNKNOWN})
MANY = frozenset({Operator.ANY_OF, Operator.NONE_OF, Operator.ALL_OF})
"""Operators that take several values; all others take one."""

WHOLE = frozenset({FieldKind.NUMBER, FieldKind.AGO, FieldKind.AHEAD})
"""Kinds whose value is a whole number."""

COUNTED = WHOLE | {FieldKind.MONEY, FieldKind.PERCENT, FieldKind.SHARE}
"""Kinds whose value is a number of some sort."""

NEGATIVE = frozenset(
    {
        Operator.IS_NOT,
        Operator.NONE_OF,
        Operator.UNKNOWN,
        Operator.NO,
        Operator.DID_NOT,
        Operator.NOT_WITHIN,
    }
)
"""Operators that keep exactly whom their opposite does not."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One condition as a room is asked it: the operator without its negation, typed values, and the present.

    `among` are the ids of the members for whom the answer matters, as a queryset, or None for everybody: sums need
    not be made of others.
    """

    operator: Operator
    values: tuple[str, ...]
    at: dt.datetime
    today: dt.date
    days: int | None = None
    times: int = 1
    name: str = ""
    equals: str = ""
    among: Any = None

    @property
    def value(self) -> str:
        """The one value, empty where there is none."""
        return self.values[0] if self.values else ""

    @property
    def amount(self) -> Decimal:
        """The value as a number."""
        return Decimal(self.value)

    @property
    def number(self) -> int:
        """The value as a whole number."""
        return int(self.value)

    @property
    def since(self) -> dt.date | None:
        """The first date of the last so many days, today being the last; None where all time is asked."""
        return self.today - dt.timedelta(days=self.days - 1) if self.days is not None else None


Choices = Callable[[dt.date], Sequence[tuple[str, object]]]
"""Will return (value, words) of what can be chosen on a date, from the database where it is kept there."""

Holds = Callable[[Asked], Any]
"""Will return a Django expression over members that is true or false, never unknown."""


@dataclass(frozen=True, slots=True)
class SegmentField:
    """Something that can be asked of all members at once.

    `label` heads it in a list; `noun` stands in a sentence ("last order"); `phrases` are whole clauses for operators
    that need their own, and with _any behind it for one without a value. `needs_value` is off where an empty value
    means any. `sums` is on where many rows of everybody are summed up. Texts are translated when they are read.
    """

    code: str
    kind: FieldKind
    group: str
    label: object
    noun: object
    holds: Holds
    choices: Choices | None = None
    takes: tuple[Extra, ...] = ()
    days: int | None = None
    needs_value: bool = True
    sums: bool = False
    operators_offered: tuple[Operator, ...] = ()
    phrases: Mapping[str, object] = field(default_factory=dict)

    @property
    def operators(self) -> tuple[Operator, ...]:
        """What it may be asked, the usual first."""
        return self.operators_offered or OPERATORS[self.kind]

    def wants_value(self, operator: Operator) -> bool:
        """Will say whether the operator has a value beside it on this field."""
        return self.kind is not FieldKind.FLAG and operator not in WITHOUT_VALUE


def positive(operator: Operator) -> Operator:
    """Will return the operator of which a negative one is the opposite; any other as it is."""
    return {
        Operator.IS_NOT: Operator.IS,
        Operator.NONE_OF: Operator.ANY_OF,
        Operator.UNKNOWN: Operator.KNOWN,
        Operator.NO: Operator.YES,
        Operator.DID_NOT: Operator.DID,
        Operator.NOT_WITHIN: Operator.WITHIN,
    }.get(operator, operator)
