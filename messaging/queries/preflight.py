"""Who of many members would miss what: the values a template needs, asked of its real audience before it is sent."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from messaging.enums import Channel
from messaging.queries.merging import values_for
from messaging.queries.templates import compiled_of
from messaging.rules.fields import CATALOGUE, LANGUAGES, Group
from messaging.rules.language import COMPILED_MAX, fields_of, lint, tested_fields_of
from messaging.wording.rendering import MissingValue, render

MEMBERS_A_CHUNK = 1000
REMEMBERED_MAX = 50_000


@dataclass(frozen=True, slots=True)
class Preflight:
    """How many members were asked, and how many of them lack which field that is needed, by channel."""

    members: int
    missing: Mapping[Channel, Mapping[str, int]]

    @property
    def is_clear(self) -> bool:
        """Whether nobody would be skipped."""
        return not any(self.missing.values())


def preflight(
    member_ids: Iterable[int], *, version_id: int, at: dt.datetime, values: Mapping[str, object] | None = None
) -> Preflight:
    """Will say whom a published version could not be written to, its own values taken from `values`.

    Only parts that need something which can be missing are written out, so that most templates cost no more than
    reading the members. One query, and those of merging.values_for for every thousand members.
    """
    needing = _needing(compiled_of([version_id]).get(version_id, {}))
    given = {**_sending(), **(values or {})}
    missing: dict[Channel, Counter[str]] = {channel: Counter() for channel in needing}
    memory = _Memory()
    members = 0
    for chunk in _chunks(member_ids):
        found = values_for(chunk, {}, at)
        members += len(found)
        if not any(any(by_language.values()) for by_language in needing.values()):
            continue
        for known in found.values():
            language = str(known["language"])
            for channel, by_language in needing.items():
                missing[channel].update(memory.missed(by_language.get(language, {}), {**known, **given}, language))
    return Preflight(members, {channel: dict(counts) for channel, counts in missing.items()})


def _chunks(member_ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(member_ids)
    while chunk := list(islice(rest, MEMBERS_A_CHUNK)):
        yield chunk


def _needing(compiled: Mapping[str, Any]) -> dict[Channel, dict[str, dict[str, str]]]:
    """Will return {channel: {language: parts that need what can be missing}}; the HTML needs what its text needs."""
    needing: dict[Channel, dict[str, dict[str, str]]] = {}
    for channel, languages in compiled.items():
        by_language: dict[str, dict[str, str]] = {}
        for language in LANGUAGES:
            parts = languages.get(language) or languages.get(LANGUAGES[0]) or {}
            by_language[language] = {
                name: source
                for name, source in parts.items()
                if isinstance(source, str) and name not in ("html", "json") and lint(source, source_max=COMPILED_MAX)
            }
        needing[Channel(channel)] = by_language
    return needing


class _Memory:
    """What parts miss, by what decides it: which of their fields have a value, and the values that they ask of."""

    def __init__(self) -> None:
        self.known: dict[tuple[object, ...], frozenset[str]] = {}
        self.asked: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}

    def missed(self, parts: Mapping[str, str], values: Mapping[str, object], language: str) -> set[str]:
        """Will return the fields for want of which parts cannot be written, one a part; none where they can."""
        found: set[str] = set()
        for source in parts.values():
            if source not in self.asked:
                self.asked[source] = (tuple(sorted(fields_of(source))), tuple(sorted(tested_fields_of(source))))
            named, tested = self.asked[source]
            key = (
                source,
                language,
                *(_is_there(values.get(name)) for name in named),
                *(str(values.get(name)) for name in tested),
            )
            if key not in self.known:
                if len(self.known) > REMEMBERED_MAX:
                    self.known.clear()
                self.known[key] = _missed(source, values, language)
            found |= self.known[key]
        return found


def _is_there(value: object) -> bool:
    return value is not None and (not isinstance(value, str) or value.strip() != "")


def _missed(source: str, values: Mapping[str, object], language: str) -> frozenset[str]:
    try:
        render({"text": source}, values, language)
    except MissingValue as missing:
        return frozenset({missing.field})
    return frozenset()


def _sending() -> dict[str, object]:
    """Will return examples of what is known only when a message is sent, its links among them."""
    links = {f"l{number}": "https://example.com/" for number in range(1, 1000)}
    fields = {code: field.example for code, field in CATALOGUE.items() if field.group is Group.SENDING}
    return {**fields, "links": links}
