"""The staff's pages of messages: templates, one template, the editor of its words, the fields there are, topics."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from members.enums import Purpose
from membership_site import formats
from membership_site.console.pages import people
from messaging.enums import Channel
from messaging.queries import templates as queries
from messaging.queries.previews import Previewed
from messaging.queries.templates import TemplateRow, TopicRow, VersionRow
from messaging.rules.content import SmsContent, Words, findings, findings_of, has_errors, segments_of
from messaging.rules.fields import CATALOGUE, LANGUAGES, Group, by_language
from messaging.rules.language import Finding, Severity
from messaging.wording.fields import channel_words, example_words, field_words, group_words
from messaging.wording.findings import finding_words, part_words

LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文", "zh-hant": "繁體中文"}
HTML_LANGUAGES = {"en": "en", "zh-hans": "zh-Hans", "zh-hant": "zh-Hant"}


@dataclass(frozen=True)
class TemplateLine:
    """A template in the list."""

    url: str
    name: str
    code: str
    about: str
    channels: str
    number: int | None
    published_at: dt.datetime | None
    has_draft: bool


@dataclass(frozen=True)
class Templates:
    """The list: what the house says of itself, and offers."""

    service: tuple[TemplateLine, ...]
    offers: tuple[TemplateLine, ...]
    is_archived: bool


def templates_page(*, is_archived: bool) -> Templates:
    """Will list the templates. One query."""
    rows = queries.list_templates(is_archived=is_archived)
    return Templates(
        tuple(_line(row) for row in rows if row.purpose == Purpose.SERVICE),
        tuple(_line(row) for row in rows if row.purpose != Purpose.SERVICE),
        is_archived,
    )


def topic_name(topic: TopicRow) -> str:
    """Will name a topic in the reader's language."""
    return str(by_language(topic.names, (get_language() or "").lower()) or topic.code)


def _line(row: TemplateRow) -> TemplateLine:
    return TemplateLine(
        url=reverse("console:template", args=[row.id]),
        name=row.name,
        code=row.code,
        about=topic_name(row.topic) if row.topic else "",
        channels=formats.listing([channel_words(channel) for channel, _languages in row.places]),
        number=row.number,
        published_at=row.published_at,
        has_draft=row.draft_id is not None,
    )


# ---- one template


@dataclass(frozen=True)
class Place:
    """A channel and language: whether it has words, and whether they are in order."""

    url: str
    language: str
    is_written: bool
    tone: str
    is_current: bool = False


@dataclass(frozen=True)
class ChannelLine:
    """A channel with its languages."""

    channel: str
    name: str
    url: str
    places: tuple[Place, ...]
    is_current: bool = False


@dataclass(frozen=True)
class FoundLine:
    """Something wrong: where, what, and whether it keeps the words from being published."""

    where: str
    words: str
    is_error: bool
    url: str = ""


@dataclass(frozen=True)
class VersionLine:
    """A version in the history."""

    number: int
    is_draft: bool
    is_in_force: bool
    at: dt.datetime
    who: str


@dataclass(frozen=True)
class TemplatePage:
    """A template: where it has words, its draft with what is wrong with it, and its versions."""

    id: int
    name: str
    code: str
    about: str
    is_archived: bool
    is_draft: bool
    digest: str
    number: int
    in_force: int | None
    channels: tuple[ChannelLine, ...]
    found: tuple[FoundLine, ...]
    may_be_published: bool
    may_be_discarded: bool
    versions: tuple[VersionLine, ...]


def template_page(template_id: int) -> TemplatePage:
    """Will show a template with its latest words. Three queries; raises UnknownTemplate."""
    row = queries.get_template(template_id)
    versions = queries.list_versions(template_id)
    latest = versions[0]
    found = findings(latest.content) if latest.is_draft else {}
    who = people.names_of([version.actor for version in versions])
    return TemplatePage(
        id=row.id,
        name=row.name,
        code=row.code,
        about=topic_name(row.topic) if row.topic else "",
        is_archived=row.is_archived,
        is_draft=latest.is_draft,
        digest=latest.digest,
        number=latest.number,
        in_force=row.number,
        channels=_channels(row.id, latest, found),
        found=_found_lines(row.id, found),
        may_be_published=latest.is_draft and not has_errors(found),
        may_be_discarded=latest.is_draft and latest.number > 1,
        versions=tuple(_version(version, row, who) for version in versions),
    )


def _version(version: VersionRow, row: TemplateRow, who: Mapping[str, str]) -> VersionLine:
    return VersionLine(
        number=version.number,
        is_draft=version.is_draft,
        is_in_force=version.id == row.published_id,
        at=version.published_at or version.created_at,
        who=who.get(version.actor, version.actor),
    )


def _channels(
    template_id: int,
    version: VersionRow,
    found: Mapping[tuple[Channel | None, str], Sequence[Finding]],
    current: tuple[Channel, str] | None = None,
) -> tuple[ChannelLine, ...]:
    lines = []
    for channel in Channel:
        is_here = current is not None and current[0] is channel
        language = current[1] if current else LANGUAGES[0]
        places = tuple(
            Place(
                url=reverse("console:template_words", args=[template_id, channel.value, one]),
                language=LANGUAGE_NAMES[one],
                is_written=version.content.of(channel, one) is not None,
                tone=_tone(found.get((channel, one), ())),
                is_current=current == (channel, one),
            )
            for one in LANGUAGES
        )
        url = reverse("console:template_words", args=[template_id, channel.value, language])
        lines.append(ChannelLine(channel.value, channel_words(channel), url, places, is_here))
    return tuple(lines)


def _tone(found: Sequence[Finding]) -> str:
    if any(one.severity is Severity.ERROR for one in found):
        return "bad"
    return "warn" if found else "good"


def _found_lines(
    template_id: int, found: Mapping[tuple[Channel | None, str], Sequence[Finding]]
) -> tuple[FoundLine, ...]:
    lines = []
    for (channel, language), ones in found.items():
        where = f"{channel_words(channel)}, {LANGUAGE_NAMES[language]}" if channel else ""
        url = reverse("console:template_words", args=[template_id, channel.value, language]) if channel else ""
        lines += [FoundLine(where, finding_words(one), one.severity is Severity.ERROR, url) for one in ones]
    return tuple(sorted(lines, key=lambda line: not line.is_error))


# ---- the editor


@dataclass(frozen=True)
class Part:
    """A part of a message as it is read."""

    name: str
    text: str


@dataclass(frozen=True)
class Look:
    """What words look like: what is wrong with them, and the message; `frame_url` has the page of an e-mail."""

    found: tuple[FoundLine, ...]
    parts: tuple[Part, ...]
    frame_url: str
    frame_title: str
    trouble: str
    segments: int
    html_language: str


@dataclass(frozen=True)
class EditorPage:
    """The editor of one channel and language."""

    id: int
    name: str
    channel: str
    channel_name: str
    language: str
    language_name: str
    html_language: str
    number: int
    is_draft: bool
    tabs: tuple[ChannelLine, ...]
    places: tuple[Place, ...]
    look_url: str
    fields: tuple["FieldGroup", ...]


def editor_page(row: TemplateRow, version: VersionRow, channel: Channel, language: str) -> EditorPage:
    """Will show the editor of one place of a version. No queries."""
    tabs = _channels(row.id, version, findings(version.content), (channel, language))
    return EditorPage(
        id=row.id,
        name=row.name,
        channel=channel.value,
        channel_name=channel_words(channel),
        language=language,
        language_name=LANGUAGE_NAMES[language],
        html_language=HTML_LANGUAGES[language],
        number=version.number,
        is_draft=version.is_draft,
        tabs=tabs,
        places=next(tab.places for tab in tabs if tab.is_current),
        look_url=reverse("console:template_look", args=[row.id, channel.value, language]),
        fields=field_groups(language),
    )


def look_at(words: Words | None, shown: Previewed, channel: Channel, language: str, frame_url: str) -> Look:
    """Will say what is wrong with words and show them written out. No queries."""
    found = findings_of(channel, words) if words else []
    parts = [Part(part_words(name), text) for name, text in shown.parts.items() if name not in ("html", "links")]
    return Look(
        found=tuple(FoundLine("", finding_words(one), one.severity is Severity.ERROR) for one in found),
        parts=tuple(part for part in parts if part.text),
        frame_url=frame_url if "html" in shown.parts else "",
        frame_title=_("The e-mail as it is read"),
        trouble=trouble_words(shown),
        segments=segments_of(shown.parts["text"]) if isinstance(words, SmsContent) and "text" in shown.parts else 0,
        html_language=HTML_LANGUAGES[language],
    )


def trouble_words(shown: Previewed) -> str:
    """Will say why a message cannot be shown; empty where it is."""
    if shown.missing:
        words = _("This member has no “%(field)s”, so the message would not be sent to him.")
        return words % {"field": field_words(shown.missing) if shown.missing in CATALOGUE else shown.missing}
    if shown.fault == "errors":
        return _("The message is shown here as soon as what is wrong is mended.")
    return shown.fault


# ---- fields


@dataclass(frozen=True)
class FieldLine:
    """A field for whoever writes a template."""

    code: str
    about: str
    example: str
    can_be_missing: bool


@dataclass(frozen=True)
class FieldGroup:
    """The fields that one side knows."""

    name: str
    fields: tuple[FieldLine, ...]


def field_groups(language: str) -> tuple[FieldGroup, ...]:
    """Will list all fields with their examples in a language. No queries."""
    return tuple(
        FieldGroup(
            group_words(group),
            tuple(
                FieldLine(code, field_words(code), example_words(code, language), field.can_be_missing)
                for code, field in CATALOGUE.items()
                if field.group is group and code != "open_url"
            ),
        )
        for group in Group
    )


# ---- topics


@dataclass(frozen=True)
class TopicLine:
    """A topic in the list."""

    url: str
    name: str
    about: str
    code: str
    is_active: bool


def topics_page() -> tuple[TopicLine, ...]:
    """Will list the topics. One query."""
    language = (get_language() or "").lower()
    return tuple(
        TopicLine(
            reverse("console:topic_edit", args=[topic.code]),
            topic_name(topic),
            str(by_language(topic.abouts, language) if topic.abouts else ""),
            topic.code,
            topic.is_active,
        )
        for topic in queries.list_topics()
    )
