"""What a sender asks for a batch of messages at once: members, words, rules."""

import datetime as dt
import json
import uuid
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings

from kit import clock, sql
from members.enums import Purpose
from messaging.channels import CHANNELS, Reachable
from messaging.queries.merging import values_for
from messaging.queries.suppressions import hash_of
from messaging.queries.templates import compiled_of
from messaging.rules import caps as cap_rules
from messaging.rules.quiet import Quiet
from messaging.rules.sending import HouseRules, language_for
from messaging.wording.rendering import named_fields

Compiled = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""The words of a version: {channel: {language: {part: source}}}."""


class Held(NamedTuple):
    """A message that a sender holds."""

    id: int
    token: uuid.UUID
    member_id: int
    channel: str
    source_key: str
    dispatch_id: int | None
    version_id: int | None
    purpose: str
    topic: str
    values: Any
    due_at: dt.datetime
    attempts: int
    obeys_caps: bool
    ends_at: dt.datetime | None
    errors_in_row: int

    @property
    def is_marketing(self) -> bool:
        """Whether rules of marketing hold it back."""
        return self.purpose == Purpose.MARKETING.value


@dataclass(frozen=True, slots=True)
class Person:
    """What sending asks of a member."""

    reachable: Reachable
    language: str
    zone: zoneinfo.ZoneInfo
    quiet: Quiet | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is asked for a batch: people by id, words by version, what the words say of people by language."""

    rules: HouseRules
    people: Mapping[int, Person]
    compiled: Mapping[int, Compiled]
    values: Mapping[tuple[int, str], Mapping[str, object]] = field(default_factory=dict)

    def language(self, row: Held) -> str | None:
        """Will return in which language a message is written, or None where its template has no words for it."""
        offered = self.compiled.get(row.version_id or 0, {}).get(row.channel, {})
        return language_for(tuple(offered), self.people[row.member_id].language, settings.LANGUAGE_CODE)

    def parts(self, row: Held, language: str) -> Mapping[str, Any]:
        """Will return the sources of a message's parts."""
        return self.compiled[row.version_id or 0][row.channel][language]

    def caps(self, row: Held, at: dt.datetime) -> list[dict[str, Any]]:
        """Will return the caps that hold a message back, each with the instant from which it counts."""
        if not row.is_marketing or not row.obeys_caps:
            return []
        zone = self.people[row.member_id].zone
        return [
            cap.as_stored() | {"since": cap_rules.since(cap, at, zone).isoformat(), "text": cap_text(cap)}
            for cap in self.rules.caps
            if cap.concerns(row.channel, row.topic)
        ]


def cap_text(cap: cap_rules.Cap) -> str:
    """Will return a cap as a message's detail keeps it: channel/topic/count/days; messaging.wording says it."""
    return f"{cap.channel or '-'}/{cap.topic or '-'}/{cap.count}/{cap.window_days}"


def held(lease: uuid.UUID, message_ids: Sequence[int]) -> list[Held]:
    """Will return what a sender holds, in the order of sending. One query."""
    rows = sql.fetch_prepared("messaging", "leased", lease=lease, messages=list(message_ids))
    # Django has psycopg hand JSON over as text.
    return [Held._make((*row[:9], json.loads(row[9]), *row[10:])) for row in rows]


def facts_of(rows: Sequence[Held], rules: HouseRules, words: dict[int, Compiled], at: dt.datetime) -> Facts:
    """Will gather what a batch needs: members, words, and what the words say of them.

    `words` are those that a sender has read before, to which those that are new are added: what is published is frozen.
    """
    people = _people(sorted({row.member_id for row in rows}))
    if new := {row.version_id for row in rows if row.version_id} - words.keys():
        words |= compiled_of(new)
    found = Facts(rules, people, words)
    wanted: dict[str, set[int]] = {}
    fields: dict[str, set[str]] = {}
    for row in rows:
        if language := found.language(row):
            wanted.setdefault(language, set()).add(row.member_id)
            fields.setdefault(language, set()).update(named_fields(found.parts(row, language)))
    values = {
        (member_id, language): said
        for language, members in wanted.items()
        for member_id, said in values_for(
            sorted(members), dict.fromkeys(members, language), at, fields[language]
        ).items()
    }
    return Facts(rules, people, words, values)


def _people(member_ids: list[int]) -> dict[int, Person]:
    people = {}
    for row in sql.fetch_prepared("messaging", "people", members=member_ids):
        member_id, number, _status, language, zone, email, phone, pushes, starts, ends = row
        quiet = Quiet(starts, ends) if starts is not None else None
        people[member_id] = Person(Reachable(number, email, phone, tuple(pushes)), language, zone_of(zone), quiet)
    return people


@lru_cache(maxsize=700)
def zone_of(name: str) -> zoneinfo.ZoneInfo:
    """Will return a member's zone: the programme's where he named none, or one that this machine does not know."""
    try:
        return zoneinfo.ZoneInfo(name) if name else clock.programme_zone()
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return clock.programme_zone()


def addresses(row: Held, person: Person) -> tuple[str, ...]:
    """Will return where a message goes; nothing where its member cannot be reached so."""
    return CHANNELS[row.channel].addresses(person.reachable)


def hashes(channel: str, found: Sequence[str]) -> list[bytes]:
    """Will return under which hashes addresses are suppressed."""
    if not CHANNELS[channel].is_suppressed_by_address:
        return []
    return [hash_of(channel, one) for one in found]


def as_json(value: object) -> str:
    """Will return what a statement takes as jsonb."""
    return json.dumps(value)
