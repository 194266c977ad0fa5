"""Messaging's words of one message: sources and values in, text out."""

import re
from collections.abc import Mapping

FIELD = re.compile(r"{{\s*([\w.]+)\s*}}")


class MissingValue(Exception):
    """A value is missing that a message cannot do without; nothing was rendered."""

    def __init__(self, field: str) -> None:
        self.field = field
        super().__init__(f"{field} is missing.")


def render(parts: Mapping[str, str], values: Mapping[str, object], language: str) -> dict[str, str]:
    """Will return the parts with values in place of their names; raises MissingValue."""

    def value(found: re.Match[str]) -> str:
        here: object = values
        for name in found[1].split("."):
            here = here.get(name) if isinstance(here, Mapping) else None
        if here in (None, ""):
            raise MissingValue(found[1])
        return str(here)

    return {name: FIELD.sub(value, source) for name, source in parts.items()}
