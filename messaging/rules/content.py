"""What a version of a template says, by channel and language: reading it from rows, and what it lacks. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from messaging.enums import Channel, ContentFormat
from messaging.rules.fields import CATALOGUE, LANGUAGES, Kind
from messaging.rules.language import BAD_LINK, TAG, Finding, Severity, lint
from messaging.rules.markdown import addresses_with_tags

LINE_MAX = 200
BODY_MAX = 50_000
SMS_MAX = 1000
PUSH_MAX = 300
SUBJECT_LIKED = 70
"""A subject longer than this is cut off by most programmes that show it."""
SEGMENTS_LIKED = 3

FIXED_LINK = re.compile(r"(?:https?://[^\s{}<>\"']+|/(?!/)[^\s{}<>\"']*)\Z")
URL_TAG = re.compile(r"\{\{ *([a-z_]+) *\}\}\Z")
EVENT_NAME = re.compile(r"[a-z][a-z0-9_.]{0,59}\Z")

GSM_7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The signs of GSM 03.38 that take one place."""
GSM_7_TWICE = frozenset("^{}\\[~]|€\f")
"""Those of its extension, which take two."""


class BadContent(Exception):
    """What was to be kept is no content; nothing was kept. `problems` says what is wrong by channel.language.field."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(f"Not a content: {', '.join(f'{place} {what}' for place, what in problems.items())}.")
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True)
class EmailContent:
    """An e-mail: `body` is Markdown put into the house's frame, or a whole MJML document, as `format` says."""

    subject: str = ""
    preheader: str = ""
    format: str = ContentFormat.TEXT.value
    body: str = ""
    button: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class InboxContent:
    """A message on the member's own pages."""

    title: str = ""
    body: str = ""
    button: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class SmsContent:
    """A text message."""

    text: str = ""


@dataclass(frozen=True, slots=True)
class PushContent:
    """A notification of a browser."""

    title: str = ""
    body: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class WebhookContent:
    """A call of another system: the event's name, and the fields that it is told, apart by spaces."""

    event: str = ""
    fields: str = ""


Words = EmailContent | InboxContent | SmsContent | PushContent | WebhookContent
SHAPES: Mapping[Channel, type[Words]] = {
    Channel.EMAIL: EmailContent,
    Channel.INBOX: InboxContent,
    Channel.SMS: SmsContent,
    Channel.PUSH: PushContent,
    Channel.WEBHOOK: WebhookContent,
}
LONGEST = {"body": BODY_MAX, "text": SMS_MAX}
REQUIRED: Mapping[Channel, tuple[str, ...]] = {
    Channel.EMAIL: ("subject", "body"),
    Channel.INBOX: ("title", "body"),
    Channel.SMS: ("text",),
    Channel.PUSH: ("title", "body"),
    Channel.WEBHOOK: ("event",),
}


@dataclass(frozen=True, slots=True)
class Content:
    """Words by channel and language."""

    by_channel: Mapping[Channel, Mapping[str, Words]] = field(default_factory=dict)

    def of(self, channel: Channel, language: str) -> Words | None:
        """Will return the words of a channel in a language, or None."""
        return self.by_channel.get(channel, {}).get(language)

    def with_words(self, channel: Channel, language: str, words: Words | None) -> "Content":
        """Will return the content with other words in one place, or (None) with none there."""
        languages = {**self.by_channel.get(channel, {})}
        languages.pop(language, None)
        if words is not None and words != SHAPES[channel]():
            languages[language] = words
        channels = {name: by for name, by in self.by_channel.items() if name is not channel}
        return Content({**channels, channel: languages} if languages else channels)


def content_from(kept: Any) -> Content:
    """Will read a content as rows keep it: {channel: {language: {field: text}}}. Raises BadContent.

    Fields may be empty, for a draft is written bit by bit; findings says what it lacks.
    """
    problems: dict[str, str] = {}
    found: dict[Channel, dict[str, Words]] = {}
    if not isinstance(kept, Mapping):
        raise BadContent({"": "shape"})
    for name, languages in kept.items():
        if name not in set(Channel) or not isinstance(languages, Mapping):
            problems[str(name)] = "channel"
            continue
        for language, words in languages.items():
            place = f"{name}.{language}"
            if language not in LANGUAGES or not isinstance(words, Mapping):
                problems[place] = "language"
            elif wrong := _problems(Channel(name), words):
                problems |= {f"{place}.{part}": what for part, what in wrong.items()}
            else:
                found.setdefault(Channel(name), {})[language] = SHAPES[Channel(name)](**words)
    if problems:
        raise BadContent(problems)
    return Content(found)


def to_json(content: Content) -> dict[str, dict[str, dict[str, str]]]:
    """Will return a content as rows keep it."""
    return {
        channel.value: {language: asdict(words) for language, words in languages.items()}
        for channel, languages in content.by_channel.items()
    }


def words_from(channel: Channel, typed: Mapping[str, str]) -> Words:
    """Will read the words of one channel and language; raises BadContent by field."""
    if wrong := _problems(channel, typed):
        raise BadContent(wrong)
    return SHAPES[channel](**{name: text.replace("\r\n", "\n") for name, text in typed.items()})


def _problems(channel: Channel, words: Mapping[str, Any]) -> dict[str, str]:
    known = {one.name for one in fields(SHAPES[channel])}
    problems = {name: "unknown" for name in words if name not in known}
    for name in known & set(words):
        text = words[name]
        longest = PUSH_MAX if channel is Channel.PUSH else LONGEST.get(name, 500 if name == "url" else LINE_MAX)
        if not isinstance(text, str):
            problems[name] = "shape"
        elif len(text) > longest:
            problems[name] = "too_long"
        elif "\x00" in text:
            problems[name] = "shape"
    if words.get("format", ContentFormat.TEXT) not in set(ContentFormat):
        problems["format"] = "format"
    return problems


# ---- what it lacks


def findings(content: Content) -> dict[tuple[Channel | None, str], list[Finding]]:
    """Will return what is wrong with a content by channel and language; (None, "") has what is wrong with all of it."""
    found: dict[tuple[Channel | None, str], list[Finding]] = {}
    if not content.by_channel:
        found[None, ""] = [Finding(Severity.ERROR, "says_nothing")]
    for channel, languages in content.by_channel.items():
        for language in LANGUAGES:
            words = languages.get(language)
            if words is not None:
                place = findings_of(channel, words)
            elif channel is Channel.WEBHOOK:
                place = []
            else:
                place = [Finding(Severity.WARNING, "no_language", facts={"language": language})]
            if place:
                found[channel, language] = place
    return found


def has_errors(found: Mapping[Any, Sequence[Finding]]) -> bool:
    """Will say whether anything found keeps the words from being published."""
    return any(one.severity is Severity.ERROR for place in found.values() for one in place)


def findings_of(channel: Channel, words: Words) -> list[Finding]:
    """Will return what is wrong with the words of one channel in one language, errors first."""
    texts: dict[str, str] = asdict(words)
    found = [_at(name, "empty") for name in REQUIRED[channel] if not texts[name].strip()]
    if channel is Channel.WEBHOOK:
        return found + _webhook_findings(texts)
    for name, text in texts.items():
        if name == "url":
            found += _url_findings(text)
        elif name != "format":
            found += [Finding(one.severity, one.code, one.line, one.facts, name) for one in lint(text)]
    if isinstance(words, EmailContent | InboxContent) and bool(words.button.strip()) != bool(words.url.strip()):
        found.append(_at("button", "button_without_url" if words.button.strip() else "url_without_button"))
    if isinstance(words, EmailContent):
        found += _email_findings(words)
    if isinstance(words, SmsContent) and (segments := segments_of(words.text)) > SEGMENTS_LIKED:
        found.append(Finding(Severity.WARNING, "many_segments", 0, {"segments": segments}, "text"))
    return sorted(found, key=lambda one: one.severity is not Severity.ERROR)


def _at(part: str, code: str, severity: Severity = Severity.ERROR, line: int = 0, **facts: Any) -> Finding:
    return Finding(severity, code, line, facts, part)


def _url_findings(url: str) -> list[Finding]:
    if not url or FIXED_LINK.match(url):
        return []
    named = URL_TAG.match(url)
    if named and named[1] in CATALOGUE and CATALOGUE[named[1]].kind is Kind.URL:
        return []
    return [_at("url", "bad_url")]


def _webhook_findings(texts: Mapping[str, str]) -> list[Finding]:
    found = [] if EVENT_NAME.match(texts["event"]) or not texts["event"] else [_at("event", "bad_event")]
    return found + [
        _at("fields", "unknown_field", field=name[:40], nearest="")
        for name in texts["fields"].split()
        if name not in CATALOGUE
    ]


def _email_findings(words: EmailContent) -> list[Finding]:
    found = []
    if len(TAG.sub("", words.subject)) > SUBJECT_LIKED:
        found.append(_at("subject", "long_subject", Severity.WARNING, max=SUBJECT_LIKED))
    if "\n" in words.subject.strip():
        found.append(_at("subject", "several_lines"))
    if words.format == ContentFormat.MJML:
        found += markup_findings(words.body)
    else:
        wrong = [text for text in addresses_with_tags(words.body) if _url_findings(text)]
        found += [_at("body", "bad_link", line=_line_of(words.body, text), text=text[:80]) for text in wrong]
    return found


def _line_of(body: str, text: str) -> int:
    return body.count("\n", 0, max(body.find(text), 0)) + 1


# ---- an operator's own MJML

MARKUP = re.compile(r"<!--.*?-->|<[^<>]*>|<", re.DOTALL)
ELEMENT = re.compile(r"</?\s*([A-Za-z][\w:-]*)")
ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
TEXTUAL = frozenset(
    {
        *("a", "b", "br", "em", "h1", "h2", "h3", "hr", "i", "li", "ol", "p", "small", "span", "strong", "sub", "sup"),
        *("table", "tbody", "td", "th", "thead", "tr", "u", "ul", "mjml"),
    }
)
"""Elements of HTML that may stand in a text of MJML; those of MJML all begin with mj-."""
REFUSED = frozenset({"mj-include", "mj-raw", "mj-html-attributes", "mj-style", "mj-font"})
"""Of those: what brings in other files, or markup and styles that nobody has checked."""


def markup_findings(body: str) -> list[Finding]:
    """Will return what an MJML document has that it may not: other elements, handlers, tags where no value is safe."""
    found = []
    protected = TAG.sub(lambda tag: tag[0].replace("<", "\x01").replace(">", "\x02"), body)
    for match in MARKUP.finditer(protected):
        line = protected.count("\n", 0, match.start()) + 1
        found += _element_findings(match[0].replace("\x01", "<").replace("\x02", ">"), line)
    if not re.search(r"<mjml[\s>]", body):
        found.append(_at("body", "not_mjml", line=1))
    return found


def _element_findings(markup: str, line: int) -> list[Finding]:
    if markup == "<" or markup.startswith(("<!", "<?")):
        return [_at("body", "markup_not_allowed", line=line, what=markup[:20])]
    named = ELEMENT.match(markup)
    name = named[1].lower() if named else ""
    if name in REFUSED or not (name.startswith("mj-") or name in TEXTUAL):
        return [_at("body", "markup_not_allowed", line=line, what=f"<{name}>" if name else markup[:20])]
    found, rest = [], markup
    for attribute in ATTRIBUTE.finditer(markup):
        rest = rest.replace(attribute[0], "", 1)
        found += _attribute_findings(attribute[1].lower(), attribute[2] or attribute[3] or "", line)
    if "{{" in rest or "{%" in rest:
        found.append(_at("body", "tag_in_markup", line=line))
    return found


def _attribute_findings(name: str, value: str, line: int) -> list[Finding]:
    if name.startswith("on") or name in ("style", "srcset", "srcdoc", "formaction"):
        return [_at("body", "markup_not_allowed", line=line, what=name)]
    if name in ("href", "src", "background-url"):
        if name == "href" and not _url_findings(value):
            return []
        fits = re.match(r"https://[^\s{}]+\Z" if name != "href" else r"(?:https?://|mailto:|/(?!/))[^\s{}]+\Z", value)
        return [] if fits else [_at("body", "bad_link", line=line, text=value[:80])]
    if "{{" in value or "{%" in value:
        return [_at("body", "tag_in_markup", line=line)]
    return [_at("body", "bad_link", line=line, text=value[:80])] if BAD_LINK.search(value) else []


# ---- text messages


def segments_of(text: str) -> int:
    """Will return in how many segments a text message goes out: 160 signs of GSM-7 or 70 of UCS-2, fewer of many."""
    if all(sign in GSM_7 or sign in GSM_7_TWICE for sign in text):
        places, one, many = sum(1 + (sign in GSM_7_TWICE) for sign in text), 160, 153
    else:
        places, one, many = len(text.encode("utf-16-be")) // 2, 70, 67
    return 1 if places <= one else -(-places // many)
