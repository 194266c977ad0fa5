"""The api's reading of bodies: strict JSON, exact numbers, nothing that PostgreSQL or a log could not hold."""

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from membership_site.api.problems import Refusal, refused_field

MEDIA_TYPE = "application/json"
DEPTH_MAX = 32
"""How deep objects and lists may stand in each other; the deepest of the contract is 4, an event's properties aside."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class StrictParser(Parser):
    """Reads bodies for ninja, which hands on what this raises as the cause of its own error."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """Will return a body's value; raises Refusal."""
        value: DictStrAny = read_json(request)
        return value


def read_json(request: HttpRequest) -> Any:
    """Will return the value of a body: numbers with a point as Decimal, all texts storable. Raises Refusal."""
    if request.content_type != MEDIA_TYPE:
        given = request.content_type or "nothing"
        raise Refusal(415, "media_type", f"Send Content-Type: {MEDIA_TYPE}, not {given}. Nothing was done.")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(400, "encoding", f"The body is not UTF-8 at byte {error.start}. Nothing was done.") from error
    try:
        value = json.loads(text, parse_float=_number, parse_constant=_refuse_constant, object_pairs_hook=_object)
    except RecursionError as error:
        raise _too_deep() from error
    except (ValueError, InvalidOperation) as error:
        raise Refusal(400, "bad_json", f"The body is not JSON: {error}. Nothing was done.") from error
    if _may_be_amiss(text):
        _check(value)
    return value


def _number(text: str) -> Decimal:
    number = Decimal(text)
    if abs(number.adjusted()) > 400:
        raise ValueError(f"{text[:20]} has too large an exponent")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a number of JSON")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Of two fields of one name the second would win unseen, so both are refused."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field {twice[:60]!a} stands twice in one object")
    return found


def _may_be_amiss(text: str) -> bool:
    """Whether a body is to be walked through: most are plain and flat, which their text tells faster."""
    return "\\u" in text or text.count("{") + text.count("[") >= DEPTH_MAX or bool(UNSTORABLE.search(text))


def _check(value: Any) -> None:
    """Will walk through a value without recursion and refuse what is too deep or cannot be stored."""
    waiting: list[tuple[str, Any, int]] = [("", value, 1)]
    while waiting:
        path, one, depth = waiting.pop()
        if depth > DEPTH_MAX:
            raise _too_deep()
        if isinstance(one, str):
            check_text(path, one)
        waiting.extend((*inner, depth + 1) for inner in _inside(path, one))


def _inside(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            check_text(path, name)
            yield (f"{path}.{name}" if path else name), inner
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield (f"{path}.{index}" if path else str(index)), inner


def check_text(path: str, text: str) -> None:
    """Will raise a Refusal where a text has a NUL or half of a surrogate pair, which no UTF-8 database can hold."""
    if UNSTORABLE.search(text):
        raise refused_field(path or "body", "characters", "It has a character that cannot be stored.")


def _too_deep() -> Refusal:
    return Refusal(400, "too_deep", f"The body stands more than {DEPTH_MAX} levels deep. Nothing was done.")
