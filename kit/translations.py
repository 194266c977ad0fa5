"""Kit's translations: messages extracted, catalogues refreshed, checked and compiled, without gettext tools installed.

The .mo files are committed, so that a fresh checkout, a container and a test run speak all languages without a step;
`check_translations` refuses them when they are older than the .po files.
"""

import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract, extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po, write_po
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import to_locale
from django.utils.translation.template import templatize

UNTRANSLATED_FOLDERS = frozenset(
    {
        "bench",
        "docs",
        "launcher",
        "locale",
        "migrations",
        "node_modules",
        "requirements",
        "static",
        "tests",
        "tools",
        "var",
    }
)
TEMPLATES = frozenset({".html", ".txt", ".svg", ".mjml"})
KEYWORDS: Mapping[str, Any] = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
STILL = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
"""The date in every compiled catalogue, so that compiling twice gives the same bytes."""

HEADER = """msgid ""
msgstr ""
"Language: {locale}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""

HAN = "\u3400-\u9fff"
PLACEHOLDER = re.compile(r"%\([^)]+\)[a-z]|%[a-z]|\{\w*\}")
MARKUP = re.compile(r"</?\w+")
ASCII_AFTER_HAN = re.compile(rf"[{HAN}）」”][,.;:!?](?![\w/])")
ASCII_BEFORE_HAN = re.compile(rf"[,;!?]\s*[{HAN}]")
SCRIPTS = {"zh_Hans": ("gb2312", "", "simplified"), "zh_Hant": ("big5", "着裏", "traditional")}
"""What encodes the characters of a script, which are fine besides, and what the script is called."""


class BrokenCatalogue(CommandError):
    """A .po file is not well formed, as after a merge."""


@dataclass(frozen=True)
class Found:
    """How many messages of a catalogue are translated, and how many there are."""

    locale: str
    translated: int
    total: int


def locales() -> tuple[str, ...]:
    """Will return the locales that need a catalogue: every language of the site but the one it is written in."""
    return tuple(to_locale(code) for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE)


def catalogue_path(root: Path, locale: str) -> Path:
    """Will return where a locale's .po file stands; the .mo stands beside it."""
    return root / "locale" / locale / "LC_MESSAGES" / "django.po"


def messages(root: Path) -> Catalog:
    """Will extract every message of the templates and the Python below a folder."""
    template = Catalog()
    for path in sorted(_sources(root)):
        method: Any = _template_messages if path.suffix in TEMPLATES else extract_python
        with path.open("rb") as file:
            for line, message, comments, context in extract(
                method, file, KEYWORDS, ["Translators:"], strip_comment_tags=True
            ):
                place = (path.relative_to(root).as_posix(), line)
                template.add(message, None, [place], auto_comments=comments, context=context)
    return template


def _sources(root: Path) -> Iterator[Path]:
    for path in root.iterdir():
        if path.is_dir() and path.name not in UNTRANSLATED_FOLDERS and not path.name.startswith("."):
            yield from _sources(path)
        elif path.suffix == ".py" or (path.suffix in TEMPLATES and "templates" in path.parts):
            yield path


def _template_messages(
    file: IO[bytes],
    keywords: Mapping[str, Any],
    comment_tags: Sequence[str],
    options: Mapping[str, Any],
) -> Iterable[Any]:
    """Will let Django turn a template into calls of gettext, one flat line each, and Babel read those as Python."""
    calls = templatize(file.read().decode("utf-8"))
    flat = "\n".join(line.strip() for line in calls.split("\n"))
    return extract_python(io.BytesIO(flat.encode("utf-8")), keywords, comment_tags, {})


def read(root: Path, locale: str) -> Catalog:
    """Will read a locale's .po file; an empty catalogue where there is none. Raises BrokenCatalogue."""
    path = catalogue_path(root, locale)
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as file:
        try:
            return read_po(file, locale=locale, abort_invalid=True)
        except (PoFileError, ValueError) as error:
            raise BrokenCatalogue(f"{path} cannot be read: {error}. Nothing was written; mend that line.") from error


def refresh(root: Path, locale: str, template: Catalog) -> Found:
    """Will bring a .po file up to the messages in use: new ones empty, unused ones dropped, translations kept."""
    catalogue = read(root, locale)
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    body = io.BytesIO()
    write_po(body, catalogue, width=110, omit_header=True, include_lineno=False)
    path = catalogue_path(root, locale)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(HEADER.format(locale=locale, plurals=catalogue.plural_forms).encode() + body.getvalue())
    entries = [message for message in catalogue if message.id]
    return Found(locale, sum(1 for message in entries if all(_forms(message))), len(entries))


def compile_catalogue(root: Path, locale: str) -> Path:
    """Will write the .mo file beside a locale's .po file, fuzzy entries left out, and return its path."""
    path = catalogue_path(root, locale).with_suffix(".mo")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_compiled(read(root, locale)))
    return path


def findings(root: Path, locale: str, template: Catalog) -> Iterator[str]:
    """Will yield a sentence for whatever keeps a locale from being complete and right."""
    catalogue = read(root, locale)
    for wanted in template:
        if wanted.id:
            yield from _missing(wanted, catalogue)
    for message in catalogue:
        if not message.id:
            continue
        if template.get(message.id, message.context) is None:
            yield f"{_name(message)} is used nowhere. Run manage.py update_translations, which drops it."
        for text in _forms(message):
            if text:
                yield from (f"{_name(message)}: {fault}" for fault in faults(message, text, locale))
    yield from _stale(root, locale, catalogue)


def _missing(wanted: Message, catalogue: Catalog) -> Iterator[str]:
    found = catalogue.get(wanted.id, wanted.context)
    used = f"{_name(wanted)} of {', '.join(sorted({path for path, _ in wanted.locations})[:3])}"
    key = catalogue._key_for(wanted.id, wanted.context)
    if found is None and key in catalogue.obsolete:
        yield f"{used} is commented out in the catalogue though it is used. Run manage.py update_translations."
    elif found is None:
        yield f"{used} is not in the catalogue. Run manage.py update_translations, then translate it."
    elif found.fuzzy:
        yield f"{used} is marked fuzzy. Check the translation and remove the mark."
    elif not all(_forms(found)):
        yield f"{used} is not translated."


def faults(message: Message, text: str, locale: str) -> Iterator[str]:
    """Will yield what is wrong with one translated text: placeholders, markup, edges, punctuation, script."""
    original = message.id if isinstance(message.id, str) else message.id[-1]
    for what, pattern in (("the placeholders", PLACEHOLDER), ("the markup", MARKUP)):
        wanted, given = _parts(pattern, original), _parts(pattern, text)
        if wanted != given:
            yield f"{what} of {text!r} differ: wanted {' '.join(wanted) or 'none'}, found {' '.join(given) or 'none'}."
    if (original[:1].isspace(), original[-1:].isspace()) != (text[:1].isspace(), text[-1:].isspace()):
        yield f"{text!r} begins or ends with a space where the original does not, or the reverse."
    bare = MARKUP.sub("", text)
    if ASCII_AFTER_HAN.search(bare) or ASCII_BEFORE_HAN.search(bare):
        yield f"{text!r} has ASCII punctuation beside a Chinese character. Use the full-width sign."
    codec, besides, script = SCRIPTS.get(locale, ("utf-8", "", ""))
    foreign = sorted(
        {sign for sign in text if re.match(f"[{HAN}]", sign) and sign not in besides and not _in(sign, codec)}
    )
    if foreign:
        yield f"{text!r} has {''.join(foreign)}, which is not {script} Chinese."


def _parts(pattern: re.Pattern[str], text: str) -> list[str]:
    """Will return what must be the same in both languages; what has a name may stand there more than once."""
    found = pattern.findall(text)
    named = {part for part in found if part[:2] == "%(" or (part[0] == "{" and part != "{}")}
    return sorted([part for part in found if part not in named] + list(named))


def _in(sign: str, codec: str) -> bool:
    try:
        sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return True


def _stale(root: Path, locale: str, catalogue: Catalog) -> Iterator[str]:
    path = catalogue_path(root, locale).with_suffix(".mo")
    if not path.exists() or path.read_bytes() != _compiled(catalogue):
        yield f"{path.relative_to(root)} is not what the .po file says. Run manage.py compile_translations, commit it."


def _compiled(catalogue: Catalog) -> bytes:
    catalogue.creation_date = catalogue.revision_date = STILL
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    return compiled.getvalue()


def _forms(message: Message) -> tuple[str, ...]:
    text = message.string
    return (text or "",) if isinstance(text, str) or text is None else tuple(form or "" for form in text)


def _name(message: Message) -> str:
    text = message.id if isinstance(message.id, str) else message.id[0]
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
