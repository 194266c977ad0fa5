"""Messaging's words written out: a compiled template and a member's values in, what he reads out, in his language."""

import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.utils import translation
from django.utils.translation import ngettext
from jinja2 import Undefined
from jinja2.environment import Template

from kit import formats
from messaging.rules import language as rules
from messaging.rules.fields import CATALOGUE, LANGUAGES, LINKS, read_value
from messaging.rules.language import MissingValue, TooLong

__all__ = ["MissingValue", "TooLong", "named_fields", "render", "values_in"]

KEPT_TEMPLATES = 2048
KEPT_POINTS = 4096
"""A message says its points in its subject, its text and its HTML."""
ONE_LINE = frozenset({"subject", "title", "button", "url"})
"""Parts that are one line whatever a value brings along, so that none of them can begin a header of its own."""
NOT_WRITTEN = frozenset({LINKS})


def render(parts: Mapping[str, Any], values: Mapping[str, object], language: str) -> dict[str, str]:
    """Will write the parts of one channel and language with values, as somebody reads them in a language.

    `values` are plain ones by the code of the field, as rows and queries.merging keep them, and `links`. HTML is
    escaped, anything else is as it is. Raises MissingValue where a field that is needed has none, TooLong.
    """
    spoken = language if language in LANGUAGES else LANGUAGES[0]
    named = named_fields(parts)
    with translation.override(spoken):
        known = values_in({code: value for code, value in values.items() if code in named or code == LINKS}, spoken)
        context = rules.context_of(known)
        return {name: _part(name, source, context, known) for name, source in parts.items() if name not in NOT_WRITTEN}


def named_fields(parts: Mapping[str, Any]) -> frozenset[str]:
    """Will return the fields that any of the parts names: the others need not be known to write them."""
    return frozenset().union(*(_named(name, source) for name, source in parts.items() if name not in NOT_WRITTEN))


def values_in(values: Mapping[str, object], language: str) -> dict[str, Any]:
    """Will return plain values as what their fields hold, in a language; what no template may name is left out."""
    read = {
        code: read_value(CATALOGUE[code], value, language)
        for code, value in values.items()
        if value is not None and code in CATALOGUE
    }
    links = values.get(LINKS)
    return {**read, LINKS: links} if isinstance(links, Mapping) else read


def _part(name: str, source: str, context: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    if name == "json":
        return _call(json.loads(source), values)
    written = rules.run(_compiled(source, name == "html"), context) if rules.is_dynamic(source) else source
    return " ".join(written.split()) if name in ONE_LINE else written


def _call(event: Mapping[str, Any], values: Mapping[str, Any]) -> str:
    """Will return what another system is told: the event and its fields as machines read them."""
    told = {code: _plain(values.get(code)) for code in event["fields"]}
    return json.dumps({"event": event["event"], "values": told}, ensure_ascii=False, sort_keys=True)


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return [{name: _plain(one) for name, one in row.items()} for row in value] if isinstance(value, list) else value


@lru_cache(maxsize=KEPT_TEMPLATES)
def _named(name: str, source: str) -> frozenset[str]:
    return frozenset(json.loads(source)["fields"]) if name == "json" else rules.fields_of(source)


@lru_cache(maxsize=KEPT_TEMPLATES)
def _compiled(source: str, is_html: bool) -> Template:
    return rules.compile_source(HTML if is_html else TEXT, source)


# ---- how values are written


def _written(value: Any) -> Any:
    """Will write a value by what it is; texts and what is missing as they are."""
    if isinstance(value, bool | str | Undefined):
        return value
    if isinstance(value, int):
        return formats.in_use().num(value)
    if isinstance(value, float | Decimal):
        return formats.in_use().money0(value if isinstance(value, Decimal) else Decimal(str(value)))
    return formats.in_use().cal(value) if isinstance(value, dt.date) else str(value)


def _of(*kinds: type) -> Callable[[Callable[..., str]], Callable[..., Any]]:
    """Will make a filter that leaves alone whatever is of none of these kinds: a default that came before it."""

    def make(write: Callable[..., str]) -> Callable[..., Any]:
        def filtered(value: Any, *arguments: Any) -> Any:
            return write(value, *arguments) if isinstance(value, kinds) and not isinstance(value, bool) else value

        return filtered

    return make


@_of(int)
def _points(value: int) -> str:
    return _points_in(translation.get_language(), value)


@lru_cache(maxsize=KEPT_POINTS)
def _points_in(_language: str | None, value: int) -> str:
    """Will say points in the language spoken now, which is named to tell what was said in another."""
    return ngettext("%(points)s point", "%(points)s points", value) % {"points": formats.in_use().num(value)}


@_of(str)
def _shorten(value: str, longest: int) -> str:
    return value if len(value) <= longest else value[: longest - 1].rstrip() + "…"


def _default(value: Any, instead: Any) -> Any:
    return instead if isinstance(value, Undefined) else value


FILTERS: Mapping[str, Callable[..., Any]] = {
    "default": _default,
    "upper": _of(str)(str.upper),
    "lower": _of(str)(str.lower),
    "shorten": _shorten,
    "money": _of(int, Decimal)(lambda value: formats.in_use().money(value)),
    "points": _points,
    "number": _of(int, Decimal)(lambda value: formats.in_use().num(value)),
    "date": _of(dt.date)(lambda value: formats.in_use().cal(value)),
    "day": _of(dt.date)(lambda value: formats.in_use().cal(value, "MMMd")),
}
HTML = rules.environment(_written, FILTERS, is_html=True)
TEXT = rules.environment(_written, FILTERS, is_html=False)
