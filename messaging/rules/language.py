"""The language of templates: a small allow-list over Jinja2's syntax, what is wrong with a text, and running it. Pure.

Text, {{ field|filters }}, {% if %} with comparisons, and, or, not, and {% for row in list %} one level deep. Nothing
else passes, whatever Jinja2 knows besides: a syntax tree with any other node is refused before it is compiled, and the
environment that runs it has no globals, reads only keys of mappings, and calls nothing.
"""

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Any, Never

from jinja2 import Undefined, nodes
from jinja2.environment import Template
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from messaging.rules.fields import CATALOGUE, LINKS, Field, Kind

SOURCE_MAX = 50_000
COMPILED_MAX = 150_000
NESTING_MAX = 5
OUTPUT_MAX = 200_000
LIST_MAX = 50
TOKENS_MAX = 60
"""Of one tag: what bounds the depth of its syntax tree, and the work of reading it."""
TAGS_MAX = 1000
TEXT_MAX = 200
"""A text value is cut to so many characters, and a link to URL_MAX."""
URL_MAX = 1000
CONSTANT_MAX = 200
SHORTEN_MAX = 200
ESCAPED = 5
"""So many characters at most stand for one in HTML: &amp;"""
WRITTEN_MAX = 60
"""A number, an amount or a date takes so many characters at most."""

LINK_NAME = re.compile(r"l[1-9][0-9]{0,2}\Z")
ROW_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}\Z")
BAD_LINK = re.compile(r"\b(?:javascript|data|vbscript)\s*:", re.IGNORECASE)
TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


class Severity(StrEnum):
    """Whether a finding keeps words from being published."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a text: a code with its facts, and in which line of it; `part` says which text."""

    severity: Severity
    code: str
    line: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    part: str = ""


class MissingValue(Exception):
    """A template names a field that has no value here; nothing was written. `field` says which."""

    def __init__(self, field: str) -> None:
        super().__init__(f"There is no {field}. Nothing was written.")
        self.field = field


class TooLong(Exception):
    """What a template writes is longer than any message may be; nothing was written."""


class BadTemplate(Exception):
    """A source is not in the language of templates; nothing was compiled."""


class Missing(Undefined):
    """A field without a value: false where it is asked for, refused where it is written, compared or gone over."""

    __slots__ = ()

    def _fail_with_undefined_error(self, *args: Any, **kwargs: Any) -> Never:
        raise MissingValue(str(self._undefined_name))

    def __str__(self) -> str:  # noqa: PLE0307 - it never returns
        self._fail_with_undefined_error()

    def __iter__(self) -> Iterator[Any]:
        self._fail_with_undefined_error()

    def __eq__(self, other: object) -> bool:
        self._fail_with_undefined_error()

    def __ne__(self, other: object) -> bool:
        self._fail_with_undefined_error()

    def __lt__(self, other: object) -> Never:
        self._fail_with_undefined_error()

    def __le__(self, other: object) -> Never:
        self._fail_with_undefined_error()

    def __gt__(self, other: object) -> Never:
        self._fail_with_undefined_error()

    def __ge__(self, other: object) -> Never:
        self._fail_with_undefined_error()

    __hash__ = Undefined.__hash__


# ---- what is wrong with a text


def lint(source: str, *, fields: Mapping[str, Field] = CATALOGUE, source_max: int = SOURCE_MAX) -> list[Finding]:
    """Will return what is wrong with a source, errors first; empty for one that may be published."""
    try:
        tree = _parse(source, source_max)
    except _Refused as refused:
        return [refused.finding]
    found = [*_Check(fields).check(tree)]
    if not found and (size := _worst(tree, fields)) > OUTPUT_MAX:
        found.append(Finding(Severity.ERROR, "writes_too_much", 1, {"characters": size, "max": OUTPUT_MAX}))
    found += [_error("bad_link", line, text=text) for line, text in _bad_links(source)]
    return sorted(found, key=lambda one: (one.severity is not Severity.ERROR, one.line))


def errors(findings: list[Finding]) -> list[Finding]:
    """Will return those that keep words from being published."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def fields_of(source: str) -> frozenset[str]:
    """Will return the fields that a source names."""
    try:
        tree = _parse(source, COMPILED_MAX)
    except _Refused:
        return frozenset()
    return frozenset(name.name for name in tree.find_all(nodes.Name) if name.name in CATALOGUE)


def tested_fields_of(source: str) -> frozenset[str]:
    """Will return the fields whose values decide which parts of a source are written: those that it asks of."""
    try:
        tree = _parse(source, COMPILED_MAX)
    except _Refused:
        return frozenset()
    asked = (name for node in tree.find_all(nodes.If) for name in node.test.find_all(nodes.Name))
    tests = (node.test.name for node in tree.find_all(nodes.If) if isinstance(node.test, nodes.Name))
    return frozenset(name.name for name in asked) | frozenset(tests)


class _Refused(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


def _error(code: str, line: int = 1, **facts: Any) -> Finding:
    return Finding(Severity.ERROR, code, line, facts)


def _bad_links(source: str) -> Iterator[tuple[int, str]]:
    for match in BAD_LINK.finditer(source):
        yield source.count("\n", 0, match.start()) + 1, match[0]


def _parse(source: str, source_max: int) -> nodes.Template:
    """Will read a source whose size, tags and nesting are bounded before anything recursive looks at it."""
    if len(source) > source_max:
        raise _Refused(_error("too_long", 1, characters=len(source), max=source_max))
    try:
        _measure(source)
        return PLAIN.parse(source)
    except TemplateError as error:
        raise _Refused(_error("cannot_be_read", getattr(error, "lineno", 1) or 1)) from error
    except (RecursionError, ValueError, OverflowError, MemoryError) as error:
        raise _Refused(_error("cannot_be_read")) from error


def _measure(source: str) -> None:
    tags = tokens = depth = 0
    for line, kind, text in PLAIN.lex(source):
        if kind in ("comment_begin", "raw_begin") or text in ("{%-", "{%+", "{{-", "{{+"):
            raise _Refused(_error("not_allowed", line, what=text.strip()))
        if kind in ("block_end", "variable_end") and len(text.strip()) > 2:
            raise _Refused(_error("not_allowed", line, what=text.strip()))
        if kind in ("block_begin", "variable_begin"):
            tags, tokens = tags + 1, 0
        elif kind == "name" and text in ("if", "for") and tokens == 0:
            depth += 1
        elif kind == "name" and text in ("endif", "endfor") and tokens == 0:
            depth -= 1
        if kind not in ("data", "whitespace", "block_begin", "variable_begin"):
            tokens += 1
        is_huge = kind != "data" and len(text) > 4 * CONSTANT_MAX
        if tags > TAGS_MAX or tokens > TOKENS_MAX or depth > NESTING_MAX or is_huge:
            raise _Refused(_error("too_complicated", line, nesting=NESTING_MAX))


SAME = frozenset({"eq", "ne"})
ORDER = frozenset({"gt", "gteq", "lt", "lteq"})
FAMILY = {Kind.NUMBER: "number", Kind.AMOUNT: "number", Kind.TEXT: "text", Kind.URL: "text", Kind.DATE: "date"}
FILTERS: Mapping[str, frozenset[Kind]] = {
    "default": frozenset({Kind.TEXT, Kind.NUMBER, Kind.AMOUNT, Kind.DATE}),
    "upper": frozenset({Kind.TEXT}),
    "lower": frozenset({Kind.TEXT}),
    "shorten": frozenset({Kind.TEXT}),
    "money": frozenset({Kind.AMOUNT, Kind.NUMBER}),
    "points": frozenset({Kind.NUMBER}),
    "number": frozenset({Kind.NUMBER, Kind.AMOUNT}),
    "date": frozenset({Kind.DATE}),
    "day": frozenset({Kind.DATE}),
}
"""The filters there are, and the kinds of fields that each is for."""


class _Check:
    """Walks a syntax tree; `rows` are the fields of the loop's row while inside one."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.row = ""
        self.items: Mapping[str, Field] = {}

    def check(self, tree: nodes.Template) -> Iterator[Finding]:
        """Will yield what is wrong with a tree."""
        for node in tree.body:
            yield from self._statement(node, frozenset())

    def _statement(self, node: nodes.Node, held: AbstractSet[str]) -> Iterator[Finding]:
        """Will yield what is wrong with a statement; `held` are the fields known to have a value there."""
        if isinstance(node, nodes.Output):
            for part in node.nodes:
                if not isinstance(part, nodes.TemplateData):
                    yield from self._written(part, held)
        elif isinstance(node, nodes.If):
            yield from self._branches(node, held)
        elif isinstance(node, nodes.For):
            yield from self._loop(node, held)
        else:
            yield _error("not_allowed", node.lineno, what=type(node).__name__.lower())

    def _branches(self, node: nodes.If, held: AbstractSet[str]) -> Iterator[Finding]:
        for branch in (node, *node.elif_):
            yield from self._test(branch.test, held)
            inside = held | _guards(branch.test)
            for child in branch.body:
                yield from self._statement(child, inside)
        for child in node.else_:
            yield from self._statement(child, held)

    def _loop(self, node: nodes.For, held: AbstractSet[str]) -> Iterator[Finding]:
        what, target = node.iter, node.target
        if self.row or node.else_ or node.test is not None or node.recursive:
            yield _error("not_allowed", node.lineno, what="for")
            return
        if not isinstance(what, nodes.Name) or not isinstance(target, nodes.Name):
            yield _error("loop_over_list", node.lineno)
            return
        known = self.fields.get(what.name)
        if known is None:
            yield self._unknown(what.name, node.lineno, self.fields)
            return
        taken = target.name in self.fields or target.name in (LINKS, "loop") or not ROW_NAME.match(target.name)
        if known.kind is not Kind.LIST or taken:
            yield _error("loop_over_list", node.lineno)
            return
        self.row, self.items = target.name, {item.code: item for item in known.items}
        for child in node.body:
            yield from self._statement(child, held)
        self.row, self.items = "", {}

    def _written(self, node: nodes.Node, held: AbstractSet[str]) -> Iterator[Finding]:
        """Will yield what is wrong with {{ ... }}."""
        filters = []
        while isinstance(node, nodes.Filter):
            filters.append(node)
            if node.node is None:
                yield _error("not_allowed", node.lineno, what="filter")
                return
            node = node.node
        has_default = any(one.name == "default" for one in filters)
        yield from self._value(node, held, may_miss=has_default)
        kind = self._kind(node)
        for one in reversed(filters):
            yield from _filter(one, kind)
        if kind is Kind.LIST:
            yield _error("list_written", node.lineno)

    def _test(self, node: nodes.Node, held: AbstractSet[str]) -> Iterator[Finding]:
        """Will yield what is wrong with what an {% if %} asks."""
        if isinstance(node, nodes.And):
            yield from self._test(node.left, held)
            yield from self._test(node.right, held | _guards(node.left))
        elif isinstance(node, nodes.Or):
            yield from self._test(node.left, held)
            yield from self._test(node.right, held)
        elif isinstance(node, nodes.Not):
            yield from self._test(node.node, held)
        elif isinstance(node, nodes.Compare):
            yield from self._comparison(node, held)
        elif isinstance(node, nodes.Test):
            if node.name != "defined" or node.args or node.kwargs or node.dyn_args or node.dyn_kwargs:
                yield _error("not_allowed", node.lineno, what=f"is {node.name}")
            else:
                yield from self._value(node.node, held, may_miss=True)
        else:
            yield from self._value(node, held, may_miss=True)

    def _comparison(self, node: nodes.Compare, held: AbstractSet[str]) -> Iterator[Finding]:
        sides = [node.expr, *(operand.expr for operand in node.ops)]
        for side in sides:
            yield from self._value(side, held)
        families = {self._family(side) for side in sides}
        ops = {operand.op for operand in node.ops}
        if not ops <= SAME | ORDER:
            yield _error("not_allowed", node.lineno, what="in")
        elif len(families) > 1 or not families <= {"number", "text", "date"} or (ops & ORDER and "text" in families):
            yield _error("not_comparable", node.lineno)

    def _value(self, node: nodes.Node, held: AbstractSet[str], *, may_miss: bool = False) -> Iterator[Finding]:
        """Will yield what is wrong with a field, a row's field, a link or a constant."""
        if isinstance(node, nodes.Const):
            if not _is_plain(node.value):
                yield _error("not_allowed", node.lineno, what=type(node.value).__name__)
        elif isinstance(node, nodes.Name):
            yield from self._name(node, held, may_miss)
        elif isinstance(node, nodes.Getattr):
            yield from self._attribute(node)
        else:
            yield _error("not_allowed", node.lineno, what=type(node).__name__.lower())

    def _name(self, node: nodes.Name, held: AbstractSet[str], may_miss: bool) -> Iterator[Finding]:
        known = self.fields.get(node.name)
        if known is None:
            yield self._unknown(node.name, node.lineno, self.fields)
        elif known.can_be_missing and not may_miss and node.name not in held:
            yield Finding(Severity.WARNING, "can_be_missing", node.lineno, {"field": node.name})

    def _attribute(self, node: nodes.Getattr) -> Iterator[Finding]:
        owner = node.node.name if isinstance(node.node, nodes.Name) else ""
        if owner == LINKS and LINK_NAME.match(node.attr):
            return
        if not owner or owner != self.row:
            yield _error("not_allowed", node.lineno, what=f".{node.attr[:40]}")
        elif node.attr not in self.items:
            yield self._unknown(node.attr, node.lineno, self.items)

    def _unknown(self, name: str, line: int, known: Mapping[str, Field]) -> Finding:
        nearest = difflib.get_close_matches(name[:40], list(known), n=1)
        return _error("unknown_field", line, field=name[:40], nearest=nearest[0] if nearest else "")

    def _kind(self, node: nodes.Node) -> Kind | None:
        return _kind_of(node, self.fields, self.items)

    def _family(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Const):
            return "text" if isinstance(node.value, str) else "number"
        kind = self._kind(node)
        return FAMILY.get(kind, "") if kind else ""


def _kind_of(node: nodes.Node, fields: Mapping[str, Field], items: Mapping[str, Field]) -> Kind | None:
    if isinstance(node, nodes.Name) and node.name in fields:
        return fields[node.name].kind
    if isinstance(node, nodes.Getattr):
        if isinstance(node.node, nodes.Name) and node.node.name == LINKS:
            return Kind.URL
        return items[node.attr].kind if node.attr in items else None
    return Kind.TEXT if isinstance(node, nodes.Const) else None


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= CONSTANT_MAX
    if isinstance(value, bool):
        return True
    return isinstance(value, int | float) and math.isfinite(value) and abs(value) < 10**15


def _filter(node: nodes.Filter, kind: Kind | None) -> Iterator[Finding]:
    allowed = FILTERS.get(node.name)
    constants = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
    if allowed is None:
        yield _error("unknown_filter", node.lineno, filter=node.name[:40])
    elif node.kwargs or node.dyn_args or node.dyn_kwargs or len(constants) != len(node.args):
        yield _error("bad_filter", node.lineno, filter=node.name)
    elif node.name == "default":
        if len(constants) != 1 or not isinstance(constants[0], str | int) or not _is_plain(constants[0]):
            yield _error("bad_filter", node.lineno, filter=node.name)
    elif node.name == "shorten":
        if len(constants) != 1 or type(constants[0]) is not int or not 1 <= constants[0] <= SHORTEN_MAX:
            yield _error("bad_filter", node.lineno, filter=node.name)
    elif constants:
        yield _error("bad_filter", node.lineno, filter=node.name)
    if allowed is not None and kind is not None and kind not in allowed:
        yield _error("filter_of_other_kind", node.lineno, filter=node.name)


def _guards(test: nodes.Node) -> frozenset[str]:
    """Will return the fields that have a value wherever a test holds."""
    if isinstance(test, nodes.Name):
        return frozenset({test.name})
    if isinstance(test, nodes.And):
        return _guards(test.left) | _guards(test.right)
    if isinstance(test, nodes.Or):
        return _guards(test.left) & _guards(test.right)
    if isinstance(test, nodes.Test) and test.name == "defined":
        return _guards(test.node)
    if isinstance(test, nodes.Compare):
        sides = [test.expr, *(operand.expr for operand in test.ops)]
        return frozenset(side.name for side in sides if isinstance(side, nodes.Name))
    return frozenset()


def _worst(tree: nodes.Template, fields: Mapping[str, Field]) -> int:
    """Will return how many characters a checked tree can write at most."""

    def size(node: nodes.Node, items: Mapping[str, Field]) -> int:
        if isinstance(node, nodes.TemplateData):
            return len(node.data)
        if isinstance(node, nodes.Output):
            return sum(size(part, items) for part in node.nodes)
        if isinstance(node, nodes.If):
            bodies = [*node.body, *node.else_, *(child for branch in node.elif_ for child in branch.body)]
            return sum(size(child, items) for child in bodies)
        if isinstance(node, nodes.For) and isinstance(node.iter, nodes.Name):
            rows = {item.code: item for item in fields[node.iter.name].items}
            return LIST_MAX * sum(size(child, rows) for child in node.body)
        return _written_max(node, fields, items)

    return sum(size(node, {}) for node in tree.body)


def _written_max(node: nodes.Node, fields: Mapping[str, Field], items: Mapping[str, Field]) -> int:
    least = 0
    while isinstance(node, nodes.Filter):
        if node.name == "default":
            least = CONSTANT_MAX * ESCAPED
        if node.node is None:
            break
        node = node.node
    kind = _kind_of(node, fields, items)
    if kind is Kind.URL:
        return URL_MAX * ESCAPED
    # Upper case can be longer than what it is made of: three letters for one at most.
    return max(least, TEXT_MAX * ESCAPED if kind is Kind.TEXT else WRITTEN_MAX)


# ---- running it


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reads keys of mappings and nothing else; calls nothing."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, Undefined):
            raise MissingValue(str(obj._undefined_name))
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        return self.getattr(obj, str(argument))

    def call(self, *args: Any, **kwargs: Any) -> Any:
        raise BadTemplate("Templates call nothing.")


Write = Callable[[Any], str]
"""Writes a value as readers of the language spoken now read it."""


def environment(write: Write, filters: Mapping[str, Callable[..., Any]], *, is_html: bool) -> _Sandbox:
    """Will return an environment that writes values with `write`, escaped for HTML or as they are for plain text."""
    made = _Sandbox(undefined=Missing, autoescape=is_html, finalize=write, cache_size=0, keep_trailing_newline=True)
    made.globals.clear()
    made.filters.clear()
    made.filters.update(filters)
    is_defined = made.tests["defined"]
    made.tests.clear()
    made.tests["defined"] = is_defined
    return made


PLAIN = environment(str, dict.fromkeys(FILTERS, str), is_html=False)
"""For reading sources only."""


def compile_source(made: _Sandbox, source: str) -> Template:
    """Will compile a source that is in the language; raises BadTemplate for any other."""
    if wrong := errors(lint(source, source_max=COMPILED_MAX)):
        raise BadTemplate(f"{wrong[0].code} in line {wrong[0].line}. Nothing was compiled.")
    return made.from_string(source)


def run(template: Template, context: Mapping[str, Any]) -> str:
    """Will write a compiled template with the values of a context; raises MissingValue and TooLong."""
    pieces, size = [], 0
    for piece in template.generate(context):
        size += len(piece)
        if size > OUTPUT_MAX:
            raise TooLong("The message would be longer than any may be. Nothing was written.")
        pieces.append(piece)
    return "".join(pieces)


def context_of(values: Mapping[str, Any], fields: Mapping[str, Field] = CATALOGUE) -> dict[str, Any]:
    """Will return values as templates get them: those that say nothing left out, texts and lists cut to their caps."""
    context: dict[str, Any] = {}
    for code, value in values.items():
        known = fields.get(code)
        held = _cut(value, known) if known else None
        if held is not None and held != "":
            context[code] = held
    links = values.get(LINKS)
    if isinstance(links, Mapping):
        context[LINKS] = {str(name): str(url)[:URL_MAX] for name, url in links.items()}
    return context


def _cut(value: Any, known: Field) -> Any:
    if isinstance(value, str):
        return value.strip()[: URL_MAX if known.kind is Kind.URL else TEXT_MAX]
    if isinstance(value, list):
        items = {item.code: item for item in known.items}
        return [context_of(row, items) for row in value[:LIST_MAX]]
    return value


@lru_cache(maxsize=512)
def is_dynamic(source: str) -> bool:
    """Will say whether a source has any tag in it."""
    return "{{" in source or "{%" in source
