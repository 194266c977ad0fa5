"""Benefits' way of a gift to its member: which state follows which, and what an address is. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benefits.enums import FulfilmentState

ADDRESS_DAYS = 30
"""So long a member may take to say where to; without an address by then the gift is given up."""

TEXT_MAX = 120
"""The longest line of an address, in characters."""

NEXT: Mapping[FulfilmentState, frozenset[FulfilmentState]] = {
    FulfilmentState.NEEDS_ADDRESS: frozenset({FulfilmentState.READY, FulfilmentState.CANCELLED}),
    # An address that is entered again leaves it ready.
    FulfilmentState.READY: frozenset({FulfilmentState.READY, FulfilmentState.SHIPPED, FulfilmentState.CANCELLED}),
    FulfilmentState.SHIPPED: frozenset({FulfilmentState.DELIVERED, FulfilmentState.RETURNED}),
    FulfilmentState.DELIVERED: frozenset({FulfilmentState.RETURNED}),
    # What came back is sent again, or goes back on the shelf.
    FulfilmentState.RETURNED: frozenset({FulfilmentState.READY, FulfilmentState.CANCELLED}),
    FulfilmentState.CANCELLED: frozenset(),
}
"""From where to where a thing that is sent may go."""

NOT_SENT = frozenset({FulfilmentState.NEEDS_ADDRESS, FulfilmentState.READY})
"""Where the thing is still in the house, so that the member may change his mind."""


class WrongStep(Exception):
    """What is sent cannot go from where it stands to there; nothing was changed."""

    def __init__(self, stands: str, wanted: str) -> None:
        self.stands, self.wanted = FulfilmentState(stands), FulfilmentState(wanted)
        super().__init__(
            f"It is {stands.replace('_', ' ')}, and cannot become {wanted.replace('_', ' ')}. Nothing was changed."
        )


class BadAddress(Exception):
    """An address lacks something, or has too much of it; nothing was changed."""

    def __init__(self, field: str, code: str) -> None:
        self.field, self.code = field, code
        super().__init__(f"The {field} of the address is {code.replace('_', ' ')}. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Address:
    """Where something is sent; `lines` are street and house, as many as there are."""

    name: str
    phone: str
    lines: tuple[str, ...]
    city: str
    region: str = ""
    postcode: str = ""

    def kept(self) -> dict[str, Any]:
        """Will return it as a table keeps it."""
        return asdict(self) | {"lines": list(self.lines)}


def check_step(stands: str, wanted: FulfilmentState) -> None:
    """Will raise WrongStep where one state may not follow the other."""
    if wanted not in NEXT[FulfilmentState(stands)]:
        raise WrongStep(stands, wanted)


def check_address(address: Address) -> Address:
    """Will return an address without blanks around its words; raises BadAddress with the field and what it is.

    Name, phone, a line and the city must be there. What a phone number or postcode looks like differs by country, so
    only that a phone has six digits is asked: the parcel service reads it, not we.
    """
    lines = tuple(line.strip() for line in address.lines if line.strip())
    words = {name: str(getattr(address, name)).strip() for name in ("name", "phone", "city", "region", "postcode")}
    for name in ("name", "phone", "city"):
        if not words[name]:
            raise BadAddress(name, "missing")
    if not lines:
        raise BadAddress("lines", "missing")
    for name, text in [*words.items(), *(("lines", line) for line in lines)]:
        if len(text) > TEXT_MAX:
            raise BadAddress(name, "too_long")
    if sum(char.isdigit() for char in words["phone"]) < 6:
        raise BadAddress("phone", "not_a_phone_number")
    return Address(lines=lines, **words)


def address_from(kept: Mapping[str, Any]) -> Address | None:
    """Will read an address as a table keeps it; None where there is none, or it was erased."""
    if not kept:
        return None
    return Address(**{name: kept.get(name, "") for name in Address.__slots__} | {"lines": tuple(kept["lines"])})
