"""Contents made into what is sent: Markdown to MJML to HTML with its styles in place, links numbered. Pure.

Tags are taken out before the first stage and put back after the last one, so that no stage reads or changes them. What
looks like a tag and was none in the source is broken up, and what comes out is held to the language once more.
"""

import html
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from html.parser import HTMLParser

import css_inline
from mjml import mjml2html

from messaging.enums import ContentFormat
from messaging.rules.content import FIXED_LINK, Content, EmailContent, WebhookContent, Words
from messaging.rules.language import COMPILED_MAX, errors, lint
from messaging.rules.markdown import WORD, HasOurWord, Kept, html_of

Part = str | dict[str, str]
Compiled = dict[str, dict[str, dict[str, Part]]]
"""{channel: {language: {part: source}}}; the part "links" is {number: address}."""

HREF = re.compile(r'(<a\b[^>]*?\bhref=)"([^"]*)"')
BLOCK_IN_TEXT = re.compile(r"(?:\A|\s*\n) *((?:zqb[0-9]+qz\s*)+)(?:\n|\Z)")
BRACES = re.compile(r"\{(?=[{%#])")
BREAK = re.compile(r"\n{3,}")


class CannotCompile(Exception):
    """A content has no errors, and yet cannot be made into a message; nothing was published. Says where and why."""


@dataclass(frozen=True, slots=True)
class FrameWords:
    """What the frame around an e-mail says, in its language; `language` as HTML names it."""

    language: str
    brand: str
    why: str
    preferences: str
    unsubscribe: str


def compile_content(content: Content, frames: Mapping[str, FrameWords], *, is_marketing: bool) -> Compiled:
    """Will make a content that has no errors into what is sent; `frames` by language. Raises CannotCompile."""
    return {
        channel.value: {
            language: compile_words(words, frames[language], is_marketing=is_marketing)
            for language, words in languages.items()
        }
        for channel, languages in content.by_channel.items()
    }


def compile_words(words: Words, frame: FrameWords, *, is_marketing: bool) -> dict[str, Part]:
    """Will make the words of one channel in one language into what is sent. Raises CannotCompile."""
    if isinstance(words, EmailContent):
        return _email(words, frame, is_marketing)
    if isinstance(words, WebhookContent):
        return {"json": json.dumps({"event": words.event, "fields": words.fields.split()}, sort_keys=True)}
    return {name: text.strip() for name, text in asdict(words).items()}


def _email(words: EmailContent, frame: FrameWords, is_marketing: bool) -> dict[str, Part]:
    kept, links = Kept(), _Links()
    is_text = words.format == ContentFormat.TEXT
    try:
        source = _framed(words, frame, kept, is_marketing) if is_text else kept.take_out(words.body)
        page = mjml2html(source, disable_comments=True)
    except HasOurWord as error:
        raise CannotCompile(str(error)) from error
    except ValueError as error:
        raise CannotCompile(f"The MJML cannot be read: {str(error)[:200]}.") from error
    page = page if is_text else _with_footer(page, frame, is_marketing)
    page = INLINER.inline(HREF.sub(links.number, page))
    head, body = page.split("<body", 1)
    page = BRACES.sub("{ ", head) + "<body" + BRACES.sub("&#123;", body)
    page = page.replace("</body>", PIXEL + "</body>")
    made: dict[str, Part] = {
        "subject": " ".join(words.subject.split()),
        "html": _restored(page, kept),
        "text": _restored(_text_of(body), kept),
    }
    for part in ("subject", "html", "text"):
        if wrong := errors(lint(str(made[part]), source_max=COMPILED_MAX)):
            raise CannotCompile(f"{part}: {wrong[0].code} {dict(wrong[0].facts)}.")
    return {**made, "links": links.table}


INLINER = css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True, keep_at_rules=True)
PIXEL = '<img src="{{ open_url }}" width="1" height="1" alt="" />'


def _restored(text: str, kept: Kept) -> str:
    """Will put tags back, ours for links among them."""
    text = re.sub(r"zql([0-9]+)qz", r"{{ links.l\1 }}", text)
    text = re.sub(r"zqf([a-z_]+)qz", r"{{ \1 }}", text)
    return kept.put_back(text)


class _Links:
    """Numbers the fixed links of a page, the same address the same number; links by field stay as they are."""

    def __init__(self) -> None:
        self.table: dict[str, str] = {}
        self.numbers: dict[str, int] = {}

    def number(self, link: re.Match[str]) -> str:
        """Will return a link with its number in place of its address."""
        address = html.unescape(link[2])
        if not FIXED_LINK.match(address) or WORD.search(address):
            return link[0]
        number = self.numbers.setdefault(address, len(self.numbers) + 1)
        self.table[str(number)] = address
        return f'{link[1]}"zql{number}qz"'


# ---- the house's frame


def _framed(words: EmailContent, frame: FrameWords, kept: Kept, is_marketing: bool) -> str:
    """Will return Markdown in the house's frame, as MJML."""
    body = html_of(words.body, kept)
    button = url = ""
    if words.button.strip():
        url = html.escape(kept.take_out(words.url.strip()))
        button = BUTTON % {"url": url, "words": html.escape(kept.take_out(words.button.strip()), quote=False)}
    return FRAME % {
        "language": html.escape(frame.language),
        "brand": html.escape(frame.brand),
        "title": html.escape(frame.brand),
        "preheader": html.escape(kept.take_out(words.preheader.strip()), quote=False),
        "body": body,
        "button": button,
        "footer": _footer(frame, is_marketing),
    }


def _footer(frame: FrameWords, is_marketing: bool) -> str:
    preferences = f'<a href="zqfpreferences_urlqz">{html.escape(frame.preferences)}</a>'
    unsubscribe = f' · <a href="zqfunsubscribe_urlqz">{html.escape(frame.unsubscribe)}</a>' if is_marketing else ""
    return f"<p>{html.escape(frame.why)}</p><p>{preferences}{unsubscribe}</p>"


def _with_footer(page: str, frame: FrameWords, is_marketing: bool) -> str:
    """Will put the frame's footer under an operator's own page, for its links are owed to whoever reads it."""
    return page.replace("</body>", f'<div class="house-footer">{_footer(frame, is_marketing)}</div></body>')


BUTTON = """<mj-button href="%(url)s" background-color="#1f5f4a" color="#ffffff" border-radius="8px"
 font-size="16px" font-weight="600" align="left" inner-padding="12px 22px"
 padding="8px 28px 28px">%(words)s</mj-button>"""

FRAME = """<mjml lang="%(language)s"><mj-head><mj-title>%(title)s</mj-title><mj-preview>%(preheader)s</mj-preview>
<mj-raw><meta name="color-scheme" content="light dark" />
<meta name="supported-color-schemes" content="light dark" />
</mj-raw><mj-attributes>
<mj-all font-family="-apple-system, 'Segoe UI', 'PingFang SC', 'Microsoft YaHei', Arial, sans-serif" />
<mj-text font-size="16px" line-height="1.55" color="#22302b" padding="0 28px" /></mj-attributes>
<mj-style>
.card p { margin: 0 0 14px; }
.card h1 { margin: 0 0 14px; font-size: 22px; line-height: 1.3; }
.card h2 { margin: 18px 0 10px; font-size: 18px; }
.card ul { margin: 0 0 14px; padding-left: 22px; }
.card a { color: #1f5f4a; }
.foot p { margin: 0 0 6px; }
.foot a { color: #55635d; }
@media (prefers-color-scheme: dark) {
.page, .page > table { background: #14201b !important; }
.card, .card > table { background: #1d2b25 !important; }
.card div, .card p, .card h1, .card h2, .card li { color: #e8efe9 !important; }
.card a { color: #9fd6bf !important; }
.foot div, .foot a { color: #b5c2bb !important; }
}
</mj-style></mj-head><mj-body background-color="#f2f0ea" css-class="page">
<mj-section padding="24px 0 12px"><mj-column><mj-text font-size="18px" font-weight="700">%(brand)s</mj-text>
</mj-column></mj-section>
<mj-section css-class="card" background-color="#ffffff" border-radius="12px" padding="28px 0 12px">
<mj-column><mj-text>%(body)s</mj-text>%(button)s</mj-column></mj-section>
<mj-section css-class="foot" padding="16px 0 28px"><mj-column>
<mj-text font-size="13px" color="#55635d">%(footer)s</mj-text></mj-column></mj-section></mj-body></mjml>"""


# ---- the same in plain text


def _text_of(body: str) -> str:
    """Will return a page as plain text, its links spelled out behind their words."""
    reader = _Text()
    reader.feed("<body" + body)
    reader.close()
    lines = ["" if not line.strip() else " ".join(line.split()) for line in "".join(reader.pieces).split("\n")]
    text = BLOCK_IN_TEXT.sub(lambda blocks: "\n\n" + "".join(blocks[1].split()), "\n".join(lines))
    text = BREAK.sub("\n\n", text).strip() + "\n"
    return BRACES.sub('{{ "{" }}', text)


class _Text(HTMLParser):
    """Collects what a page says; what only programmes read (styles, the hidden first line) is left out."""

    BLOCKS = frozenset({"p", "div", "tr", "h1", "h2", "h3", "ul", "ol", "li", "table"})
    SILENT = frozenset({"style", "script", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Will begin a line with a block, remember where a link leads, and leave out what is hidden."""
        given = dict(attrs)
        if self.silent:
            self.silent.append(tag) if tag == self.silent[0] else None
        elif tag in self.SILENT or "display:none" in (given.get("style") or "").replace(" ", ""):
            self.silent.append(tag)
        elif tag == "a":
            self.links.append(given.get("href") or "")
        elif tag == "br":
            self.pieces.append("\n")
        elif tag in self.BLOCKS:
            self.pieces.append("\n- " if tag == "li" else "\n\n" if tag in ("p", "h1", "h2", "h3") else "\n")

    def handle_endtag(self, tag: str) -> None:
        """Will end a block with a line, and write where a link leads."""
        if self.silent:
            self.silent.pop() if tag == self.silent[0] else None
        elif tag == "a" and self.links:
            self.pieces.append(f": {self.links.pop()} ")
        elif tag in self.BLOCKS and tag != "li":
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        """Will keep what is said."""
        if not self.silent:
            self.pieces.append(" ".join(data.split("\n")))
