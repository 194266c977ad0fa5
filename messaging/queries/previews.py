"""How words that may be a draft's look: written out with the catalogue's examples, or with what a member has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from messaging.enums import Channel
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


def preview_with(
    values: Mapping[str, object], *, words: Words, channel: Channel, language: str, is_marketing: bool
) -> Previewed:
    """Will write words with the values of a member, or with examples alone where there are none. No queries.

    What only a happening or the sender knows is taken from the examples in either case.
    """
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
