"""A hostile hand at the forms: pages are walked as a reader would, and every form on them is sent what nobody should.

What a form has is read from the page and nowhere else, so that a new one is walked as soon as a page shows it. Each
request lives in a savepoint of its own that is taken back: all meet the same house. What was refused may not have
changed a row, what was taken is looked at on the page it leads to, and nothing that was typed comes back as markup.
"""

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.forms import BaseForm, Form
from django.http import Http404
from django.test import Client
from django.urls import resolve, reverse

MARK = "zqx"
MARKUP = f"""'"><{MARK} onload=alert(1)></{MARK}><!--"""
SUM = "60481729"
"""What 7777 times 7777 is: it stands on a page only where somebody has reckoned what was typed."""

Value = str | bytes

TEXTS: tuple[Value, ...] = (
    *("", " ", "x", "A" * 300, "A" * 10_000, "界" * 4000, "😀" * 60),
    *("a\x00b", b"\xed\xa0\x80", b"\xff\xfe\xfa", "\u202egnp.exe\u200b\ufeff", "\x01\x02\x1b[31m\x7f\x85\u2028"),
    *(
        MARKUP,
        "{% widthratio 7777 1 7777 %}{{ 7777*7777 }}${7777*7777}",
        '=HYPERLINK("http://x","y")',
        "'; DROP TABLE members_member; --",
    ),
    *("%s %(x)s %", "{0.__class__}", "\r\nX-Injected: yes", "../../../etc/passwd", "javascript:alert(1)", "[[[[{"),
)
NUMBERS: tuple[Value, ...] = (
    *(
        "0",
        "-1",
        "-0",
        "7",
        "0.1",
        "1e5",
        "1e400",
        "-1e400",
        "1e-400",
        "1e999999999",
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
    ),
    *(
        "9" * 30,
        "9" * 400,
        "9" * 5000,
        str(2**31),
        str(2**63 - 1),
        str(2**63),
        str(-(2**63) - 1),
        "0." + "0" * 40 + "1",
    ),
    *("1_000", "0x10", "٣", "²", "½", "1,5", "--1", "+", "−5", "true", "null"),
)
DATES: tuple[Value, ...] = (
    *("0000-01-01", "0001-01-01", "9999-12-31", "2026-02-30", "2026-13-01", "10000-01-01", "-2026-01-01", "2026-03-03"),
    *("0001-01", "9999-12", "2026-00", "2026-03", "20260303", "2026-W10-2", "0001-01-01T00:00", "9999-12-31T23:59"),
    *("24:00", "25:61", "00:00:60", "23:59", "٢٠٢٦-٠٣-٠٣"),
)
CHOICES: tuple[Value, ...] = (
    *("nonsense", "__proto__", "None", "on", "...", "1", "x" * 200),
    *("00000000-0000-0000-0000-000000000000", "M1", "operator", "member:1", "all", "*"),
)
PLACES: tuple[Value, ...] = (
    *("~", "~1", "x~1", "~999999999999999999", "NaN~1", "infinity~1", "-infinity~1", "2026-99-99~1", "0001-01-01~1"),
    *(
        "2026-03-03T04:00:00Z~1",
        "9999-12-31T23:59:59Z~1",
        "0001-01-01T00:00:00+23:59~1",
        "now~1",
        "1e400~1",
        "-~0",
        "²~²",
    ),
)
EVERYTHING = (*TEXTS, *NUMBERS, *DATES, *CHOICES, *PLACES)

LARGE = 11 * 1024 * 1024
FILES: tuple[tuple[str, bytes], ...] = (
    ("empty.csv", b""),
    ("large.csv", b"number\n" + b"M1\n" * (LARGE // 3)),
    ("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256))),
    ("nul.csv", b"number,code,date\nM1\x00,a\x00b,2026\n"),
    ("broken.csv", b"number,code\n\xff\xfe\xfa,\xed\xa0\x80\n" * 3),
    ("wide.csv", b"number,code," * 3000 + b"\n" + b'"' * 1001 + b"\n"),
    ("twice.csv", b"number,number,code,code\n1,2,3,4\n"),
    ("utf16.csv", "number,code\nM1,x\n".encode("utf-16")),
    ("../../" + "x" * 300 + f"<{MARK}>.csv", b"number,code,sku\n" + MARKUP.encode() + b",=1+1,@x\n"),
    ("long.csv", b"number,code,sku\n" + b"A" * 2_000_000 + b"," + b"9" * 400 + b",\n"),
    ("lines.csv", b"\n\r\n\r\r\n,,,\n;;;\n\t\t\n"),
)

TYPED = {
    "date": "2026-03-10", "month": "2026-03", "time": "10:00", "number": "5", "email": "some.body@example.com",
    "tel": "+8613800000000", "url": "https://example.com/", "datetime-local": "2026-03-10T10:00",
}  # fmt: skip
"""What a kind of field takes where a page leaves it empty."""

NOBODY_MINDS = {"django_session", "django_migrations", "axes_accessattempt", "axes_accesslog", "axes_accessfailurelog"}
"""Tables that answers write whatever they say: sessions, and how often somebody guessed."""

PANEL = "panel"
"""The parameter whose every value is another page."""

CHANGED = """
SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""


@dataclass
class Field:
    """A field as a page has it: what it holds, and between what one may choose."""

    kind: str
    values: list[str] = field(default_factory=list)
    options: list[str] = field(default_factory=list)


@dataclass
class Found:
    """A form on a page: where it goes, and its fields by name."""

    method: str
    path: str
    page: str
    fields: dict[str, Field]

    @property
    def name(self) -> str:
        """What its address is called."""
        return name_of(self.path)

    def filled(self) -> dict[str, list[Value]]:
        """Will return what it sends if a person fills in what is empty and presses its first button."""
        return {name: list(one.values) for name, one in self.fields.items() if one.values and one.kind != "file"}


def name_of(path: str) -> str:
    """Will return what an address is called, or nothing for one that leads nowhere."""
    try:
        return str(resolve(urlsplit(path).path).view_name)
    except Http404:
        return ""


class Reader(HTMLParser):
    """Reads links and forms of a page, and what its scripts would send of a form to another address."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.links = page, list[str]()
        self.forms, self.by_id = list[Found](), dict[str, Found]()
        self.besides = list[tuple[str, str, str]]()
        self.form: Found | None = None
        self.within: Field | None = None
        self.loose = list[tuple[str, str, dict[str, str]]]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Will note what a tag opens."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and given.get("href", "").startswith(("/", "?")):
            self.links.append(given["href"])
        if tag == "form":
            path = urljoin(self.page, given.get("action") or self.page)
            self.form = Found(given.get("method", "get").lower(), path, self.page, {})
            self.forms.append(self.form)
            self.by_id[given.get("id", "")] = self.form
        for method in ("get", "post"):
            if f"hx-{method}" in given:
                holder = given.get("hx-include", "").removeprefix("#")
                self.besides.append((method, given[f"hx-{method}"], holder))
        if tag == "button" and "formaction" in given:
            self.besides.append(("post", given["formaction"], ""))
        if tag in ("input", "select", "textarea", "button") and given.get("name"):
            self._field(tag, given)
        if tag == "option" and self.within is not None:
            value = given.get("value", "")
            self.within.options.append(value)
            if "selected" in given:
                self.within.values.append(value)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form = self.by_id.get(given["form"]) if "form" in given else self.form
        if form is None:
            self.loose.append((tag, given.get("form", ""), given))
            return
        kind = given.get("type", "text") if tag == "input" else tag
        one = form.fields.setdefault(given["name"], Field(kind))
        value = given.get("value", "on" if kind == "checkbox" else "")
        if kind in ("radio", "checkbox", "button"):
            one.options.append(value)
            if "checked" in given or (kind == "button" and not one.values):
                one.values.append(value)
        elif tag == "input":
            one.values.append(value or TYPED.get(kind, ""))
        else:
            self.within = one

    def handle_data(self, data: str) -> None:
        """Will keep what a text area holds."""
        if self.within is not None and self.within.kind == "textarea":
            self.within.values = ["".join(self.within.values) + data.removeprefix("\n")]

    def handle_endtag(self, tag: str) -> None:
        """Will note what a tag closes; a list of choices of which none is chosen sends its first."""
        if tag == "form":
            self.form = None
        if tag in ("select", "textarea") and self.within is not None:
            if tag == "select" and not self.within.values and self.within.options:
                self.within.values.append(next((one for one in self.within.options if one), ""))
            self.within.values = self.within.values or [""]
            self.within = None


def read(page: str, text: str) -> tuple[list[str], list[Found]]:
    """Will return the links of a page, and its forms, each also as what a script sends of it elsewhere."""
    reader = Reader(page)
    reader.feed(text)
    for tag, owner, given in reader.loose:
        if owner in reader.by_id:
            reader.form = reader.by_id[owner]
            reader._field(tag, given)
    for method, path, holder in reader.besides:
        source = reader.by_id.get(holder)
        forms = [source] if source else [form for form in reader.forms if form.method == "post"][:1]
        fields = forms[0].fields if forms else {}
        reader.forms.append(Found(method, urljoin(page, path), page, dict(fields)))
    return [urljoin(page, link) for link in reader.links], reader.forms


@dataclass
class Walk:
    """All that was found behind a door: pages that answered, forms, and the parameters that addresses take."""

    pages: dict[str, list[str]]
    forms: list[Found]
    parameters: dict[str, set[str]]


def walk(client: Client, starts: Iterable[str], door: str, often: Iterable[str] = ()) -> Walk:
    """Will follow all links from some pages that stay behind a door, once for each set of parameters of an address.

    Of an address that has parts two are looked at, and of those that are often another page as many as there are.
    """
    to_see = list(starts)
    seen, pages, parameters = set[tuple[Any, ...]](), defaultdict[str, list[str]](list), defaultdict[str, set[str]](set)
    forms = dict[tuple[Any, ...], Found]()
    while to_see:
        path = to_see.pop(0)
        name, asked = name_of(path), parse_qsl(urlsplit(path).query)
        parameters[name].update(key for key, _value in asked)
        key = (name, tuple(sorted({f"{key}={value}" if key == PANEL else key for key, value in asked})))
        plain, most = urlsplit(path).path, 40 if name in often else 2
        if not name.startswith(door) or (key, plain) in seen or (len(pages[name]) >= most and key in seen):
            continue
        seen |= {(key, plain), key}
        with taken_back():
            answer = client.get(path)
        if answer.status_code != 200 or "html" not in answer.get("Content-Type", ""):
            pages[name].append(path)
            continue
        pages[name].append(path)
        links, found = read(path, answer.content.decode())
        to_see += links
        for form in found:
            if form.method == "get":
                parameters[form.name].update(form.fields)
                to_see.append(form.path)
            elif form.name.startswith(door):
                forms.setdefault((form.name, *sorted(form.fields)), form)
    return Walk(pages, list(forms.values()), parameters)


@contextmanager
def taken_back() -> Iterator[None]:
    """Will take back whatever is done in the block."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Hand:
    """Sends requests as one person, each taken back, and keeps a sentence of each that was answered wrongly."""

    def __init__(self, client: Client, ignored: Iterable[str] = ()) -> None:
        self.client, self.ignored = client, {*ignored, *NOBODY_MINDS}
        self.wrong = dict[str, str]()
        self.sent, self.taken = 0, defaultdict[str, int](int)
        self._digests, self._written = dict[str, str](), dict[str, int]()
        self._cookies = client.cookies.output(header="", sep=";")

    def get(self, path: str, what: str) -> None:
        """Will ask for a page; nothing may change."""
        self._send("get", path, what, {})

    def post(self, path: str, pairs: Sequence[tuple[str, Value]], what: str) -> None:
        """Will send a form as browsers do, with whatever bytes."""
        body = urlencode(pairs)
        self._send("post", path, what, {"data": body, "content_type": "application/x-www-form-urlencoded"})

    def raw(self, path: str, body: bytes, what: str, kind: str = "application/x-www-form-urlencoded") -> None:
        """Will send bytes that are no form."""
        self._send("post", path, what, {"data": body, "content_type": kind})

    def upload(self, path: str, data: Mapping[str, Any], what: str) -> None:
        """Will send a form with files."""
        self._send("post", path, what, {"data": data})

    def _send(self, method: str, path: str, what: str, options: dict[str, Any]) -> None:
        self.sent += 1
        wrong, touched, after = "", set[str](), dict[str, str]()
        self.client.cookies.clear()
        self.client.cookies.load(self._cookies)
        with transaction.atomic():
            try:
                answer = getattr(self.client, method)(path, **options)
                wrong = self._judge(method, path, answer)
                refused = is_refused(answer)
                if not refused and not wrong:
                    name = name_of(path)
                    self.taken[name] += 1
                    wrong = self._look(answer) if self.taken[name] <= LOOKED else ""
                else:
                    touched = self._touched()
                    after = {table: digest(table) for table in touched}
            except Exception as error:  # noqa: BLE001  # whatever comes out of a view is what is looked for
                wrong = f"{type(error).__name__}: {str(error)[:300]} @ {_where(error)}"
                touched = set()
            transaction.set_rollback(True)
        for table in touched:
            if after[table] != self._digest(table):
                wrong = wrong or f"was refused ({answer.status_code}) and changed {table}"
        if wrong:
            self.wrong.setdefault(f"{method} {name_of(path) or path}: {wrong}"[:400], f"{path[:150]} {what[:200]}")

    def complaints(self) -> str:
        """Will return what was answered wrongly, a line each with the first request that was."""
        return "\n".join(f"{wrong}   [{request}]" for wrong, request in self.wrong.items())

    def _judge(self, method: str, path: str, answer: Any) -> str:
        if answer.status_code >= 500 or answer.status_code not in ALLOWED:
            return f"answers {answer.status_code}"
        return spoken_wrongly(answer)

    def _look(self, answer: Any) -> str:
        """Will look at the page that a deed leads to."""
        target = answer.get("Location", "")
        if not target.startswith("/"):
            return "" if not target else f"leads to {target[:80]}"
        after = self.client.get(target)
        if after.status_code >= 500:
            return f"its next page {name_of(target)} answers {after.status_code}"
        return spoken_wrongly(after)

    def _touched(self) -> set[str]:
        """Will return the tables that were written to since it was asked last, also by what was taken back."""
        with connection.cursor() as cursor:
            cursor.execute(CHANGED)
            before, self._written = self._written, dict(cursor.fetchall())
        return {table for table, count in self._written.items() if count != before.get(table)} - self.ignored

    def _digest(self, table: str) -> str:
        if table not in self._digests:
            self._digests[table] = digest(table)
        return self._digests[table]


LOOKED = 5
"""After so many deeds of a form the page that it leads to is known."""

ALLOWED = {200, 301, 302, 303, 400, 403, 404, 405, 409, 410, 413, 422, 429, 204, 503}


def is_refused(answer: Any) -> bool:
    """Will say whether an answer says that nothing was done: no redirect, or one with a warning."""
    if answer.status_code not in (301, 302, 303):
        return "attachment" not in answer.get("Content-Disposition", "")
    said = [message.level_tag for message in getattr(answer.wsgi_request, "_messages", [])]
    return "error" in said or "warning" in said


def spoken_wrongly(answer: Any) -> str:
    """Will say what of something that was typed came back as more than words."""
    if getattr(answer, "streaming", False):
        return ""
    if "X-Injected" in answer:
        return "has a header that was typed"
    text = answer.content
    if b"html" in answer.get("Content-Type", "").encode() and f"<{MARK}".encode() in text:
        return "gives markup back that was typed"
    return "reckons what was typed" if SUM.encode() in text else ""


def digest(table: str) -> str:
    """Will return a digest of all rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t")
        return str(cursor.fetchone()[0])


def _where(error: BaseException) -> str:
    """The last place of ours that an exception passed."""
    place, step = "", error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if "site-packages" not in file and "/tests/" not in file and "<" not in file:
            place = f"{'/'.join(file.split('/')[-3:])}:{step.tb_lineno}"
        step = step.tb_next
    return place


# ---- what is sent


def pairs_of(filled: Mapping[str, Sequence[Value]]) -> list[tuple[str, Value]]:
    """Will return a form's fields as they are sent."""
    return [(name, value) for name, values in filled.items() for value in values]


def attack(hand: Hand, form: Found, share: float, chance: random.Random) -> None:
    """Will send a form everything, or a share of it drawn by chance: one field hostile, all, and broken in shape."""
    filled = form.filled()
    names = [name for name, one in form.fields.items() if one.kind != "file"]
    hand.post(form.path, pairs_of(filled), "as filled in")
    for value in _some(EVERYTHING, share * 3, chance):
        hand.post(form.path, [(name, value) for name in names], f"all {value[:60]!r}")
    for name in names:
        for value in _some((*EVERYTHING, *form.fields[name].options), share, chance):
            hand.post(form.path, pairs_of({**filled, name: [value]}), f"{name}={value[:60]!r}")
    for name in _some(names, share * 8, chance):
        without = {other: values for other, values in filled.items() if other != name}
        hand.post(form.path, pairs_of(without), f"without {name}")
        twice = [*pairs_of(filled), (name, "7"), (name, MARKUP)]
        hand.post(form.path, twice, f"{name} three times")
    for name in names:
        if re.search(r"\d", name):
            for other in _some(("0", "7", "99", "100000", "9" * 30, "-1", "٣"), share * 4, chance):
                moved = re.sub(r"\d+", other, name, count=1)
                sent = {**filled, moved: filled.get(name, ["1"])}
                hand.post(form.path, pairs_of(sent), f"{name} as {moved}")
    hand.post(form.path, [], "empty")
    hand.raw(
        form.path, b"%FF=%FE&&=&%00=1&\xff\xfe=\xed\xa0\x80&" + urlencode(pairs_of(filled)).encode(), "broken bytes"
    )
    for body in _some((b'{"a": [', b"null"), share * 60, chance):
        hand.raw(form.path, body, "JSON", "application/json")
    for name, one in form.fields.items():
        if one.kind == "file":
            _upload(hand, form, name, share, chance)


def _upload(hand: Hand, form: Found, name: str, share: float, chance: random.Random) -> None:
    filled = form.filled()
    for file, content in _some(FILES, share * 12, chance):
        sent = SimpleUploadedFile("x", content, "text/csv")
        sent._name = file
        hand.upload(form.path, {**filled, name: sent}, f"{name}={file[:40]}")
    hand.post(form.path, [*pairs_of(filled), (name, "no file")], f"{name} without a file")


def ask(hand: Hand, path: str, parameters: Iterable[str], share: float, chance: random.Random) -> None:
    """Will ask for a page with each of its parameters hostile, and with all of them."""
    plain, names = urlsplit(path).path, sorted(parameters)
    kept = dict(parse_qsl(urlsplit(path).query))
    for value in _some(EVERYTHING, share * 2, chance):
        hand.get(f"{plain}?{urlencode([(name, value) for name in names])}", f"all {value[:60]!r}")
    for name in names:
        for value in _some(EVERYTHING, share, chance):
            hand.get(f"{plain}?{urlencode({**kept, name: value})}", f"{name}={value[:60]!r}")
    if names:
        hand.get(f"{plain}?{names[0]}=1&{names[0]}=%FF&%FF=%00&=&&", "broken query")


def strange_parts(patterns: Iterable[Any], namespace: str, number: str) -> Iterator[str]:
    """Will yield every address that has parts, with each part strange."""
    for pattern in patterns:
        kinds = {name: type(one).__name__ for name, one in pattern.pattern.converters.items()}
        usual = {name: number if (name, kind) == MEMBER else USUAL[kind] for name, kind in kinds.items()}
        for name, kind in kinds.items():
            for value in STRANGE[kind]:
                yield reverse(f"{namespace}:{pattern.name}", kwargs={**usual, name: value})


MEMBER = ("number", "SlugConverter")
USUAL = {
    "StringConverter": "x", "SlugConverter": "x", "PathConverter": "x", "IntConverter": 1,
    "UUIDConverter": "00000000-0000-0000-0000-000000000001",
}  # fmt: skip
STRANGE: Mapping[str, Sequence[Any]] = {
    "StringConverter": ("\x00", "\ud7ff", MARKUP.replace("/", ""), "A" * 3000, "{0.__class__}"),
    "SlugConverter": ("-", "__proto__", "A" * 3000, "9" * 400),
    "PathConverter": ("a\x00b", "../../x", "A" * 3000, MARKUP),
    "IntConverter": (0, 2**31, 2**63 - 1, 2**63, 10**4000),
    "UUIDConverter": ("ffffffff-ffff-ffff-ffff-ffffffffffff",),
}


def _some(values: Sequence[Any], share: float, chance: random.Random) -> Sequence[Any]:
    if share >= 1:
        return values
    exact = share * len(values)
    count = int(exact) + (chance.random() < exact - int(exact))
    return chance.sample(list(values), min(count, len(values)))


def forms_of(package: str) -> set[type[Form]]:
    """Will return every form of a door that has fields of its own or is the last of its line."""
    found, to_see = set(), [Form]
    while to_see:
        kind = to_see.pop()
        lower = kind.__subclasses__()
        to_see += lower
        if kind.__module__.startswith(package) and not kind.__name__.startswith("_") and not lower:
            found.add(kind)
    return found


@contextmanager
def forms_asked() -> Iterator[set[type]]:
    """Will note whichever form is asked in the block whether it is right."""
    asked, clean = set[type](), BaseForm.full_clean

    def noted(self: BaseForm) -> None:
        if self.is_bound:
            asked.add(type(self))
        clean(self)

    BaseForm.full_clean = noted  # type: ignore[method-assign]
    try:
        yield asked
    finally:
        BaseForm.full_clean = clean  # type: ignore[method-assign]
