"""Showing a message as one member would get it: a look at his data, and so a row in the audit log."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from kit import audit
from members import queries as members_queries
from messaging.enums import Channel
from messaging.queries.merging import values_for
from messaging.rules.compiling import CannotCompile, Part, compile_words
from messaging.rules.content import Words, findings_of
from messaging.rules.fields import CATALOGUE, LINKS, Group, examples
from messaging.rules.language import errors
from messaging.wording.frames import frames
from messaging.wording.rendering import MissingValue, TooLong, render

NO_PICTURE = "data:,"
"""A preview tells nobody that it was opened."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """A message written out; `missing` is the field for want of which it is not sent, `fault` why it cannot be."""

    parts: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    fault: str = ""


def preview_with_examples(*, words: Words, channel: Channel, language: str, is_marketing: bool) -> Previewed:
    """Will write words that may be a draft's with the catalogue's examples. No queries, and no audit row."""
    return _write(words, channel, language, is_marketing, {})


@transaction.atomic
def preview_as(
    *,
    member_number: str,
    words: Words,
    channel: Channel,
    language: str,
    is_marketing: bool,
    template_id: int,
    at: dt.datetime,
    actor: str,
) -> Previewed:
    """Will write words as a member would read them, and note in the audit log who looked at whom.

    What only a happening or the sender knows is taken from the catalogue's examples. Raises members' UnknownMember.
    """
    member = members_queries.get_member(member_number)
    values = values_for([member.id], {member.id: language}, at)[member.id]
    audit.record(
        at=at,
        actor=actor,
        deed="message.previewed",
        subject=f"member:{member.id}",
        becomes={"template": template_id, "channel": channel.value, "language": language},
    )
    return _write(words, channel, language, is_marketing, values)


def _write(
    words: Words, channel: Channel, language: str, is_marketing: bool, values: Mapping[str, object]
) -> Previewed:
    if errors(findings_of(channel, words)):
        return Previewed(fault="errors")
    try:
        frame = frames(is_marketing=is_marketing)[language]
        parts = compile_words(words, frame, is_marketing=is_marketing)
        return Previewed(render(parts, {**_instead(language, bool(values), parts), **values}, language))
    except MissingValue as missing:
        return Previewed(missing=missing.field)
    except (CannotCompile, TooLong) as error:
        return Previewed(fault=str(error))


def _instead(language: str, is_member: bool, parts: Mapping[str, Part]) -> dict[str, object]:
    """Will return examples of what is not the member's own, and the addresses behind the links."""
    known = examples(language)
    if is_member:
        known = {code: value for code, value in known.items() if CATALOGUE[code].group is not Group.MEMBER}
    table = parts.get("links", {})
    links = {f"l{number}": address for number, address in table.items()} if isinstance(table, dict) else {}
    return {**known, LINKS: links, "open_url": NO_PICTURE}
