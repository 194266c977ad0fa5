"""Files that are not Python: SQL statements with their heads, templates that a strict browser policy accepts."""

import re
from collections.abc import Iterator

from . import house
from .tree import Finding, Source, Tree

HEAD = ("purpose", "parameters", "locks", "plan")
TEMPLATES = (".html", ".txt", ".svg", ".mjml")
SQL_CLOCK = re.compile(
    r"\b(now\s*\(\)|clock_timestamp|statement_timestamp|current_date\b|current_timestamp\b|localtimestamp\b)",
    re.IGNORECASE,
)
SQL_PARAMETER = re.compile(r"%\((\w+)\)s")
SQL_QUIET = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|(\$\w*\$).*?\1", re.DOTALL)
TAG = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)
MARKUP: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\sstyle\s*=", re.IGNORECASE),
        "has a style attribute, which the browser policy drops. Use a class, or an SVG attribute.",
    ),
    (
        re.compile(r"\s(hx-on[\w:-]*|on[a-z]+)\s*=\s*[\"'{]", re.IGNORECASE),
        "has an inline handler. Put it into static/, bound by an attribute.",
    ),
    (
        re.compile(r"<script(?![^>]*\ssrc\s*=)", re.IGNORECASE),
        "has an inline script, which the browser policy refuses. Put it into static/.",
    ),
    (re.compile(r"<style\b", re.IGNORECASE), "has an inline style sheet. Put it into static/."),
    (re.compile(r"javascript:", re.IGNORECASE), "has a javascript: address. Use a button and a script in static/."),
)
UNSAFE = re.compile(r"\|\s*(safe|safeseq)\b|autoescape\s+off")


def statements_have_heads(tree: Tree) -> Iterator[Finding]:
    """A .sql file says purpose, parameters, locks and plan, holds one statement, and takes its time as a parameter."""
    for path in (path for path in tree.files if path.endswith(".sql")):
        text = tree.text(path)
        head = "\n".join(_comment_lines_on_top(text)).lower()
        missing = [word for word in HEAD if not re.search(rf"^--\s*{word}:\s*\S", head, re.MULTILINE)]
        if missing:
            yield Finding(
                path, 1, f"lacks {', '.join(f'-- {w}:' for w in missing)} on top. A job is read before it is run."
            )
        body = SQL_QUIET.sub(lambda found: "\n" * found[0].count("\n"), text)
        if len([part for part in body.split(";") if part.strip()]) > 1:
            yield Finding(
                path, 1, "holds more than one statement. One statement a file, so that each has its own plan."
            )
        for found in SQL_CLOCK.finditer(body):
            yield Finding(
                path, _line(body, found), f"asks the database's clock ({found[0]}). Take the time as a parameter."
            )
        for name in sorted(set(SQL_PARAMETER.findall(body))):
            if not re.search(rf"\b{name}\b", head):
                yield Finding(path, 1, f"uses the parameter {name} without naming it under -- parameters:")


def statements_in_python_ask_no_clock(tree: Tree) -> Iterator[Finding]:
    """SQL written in a room's or flow's Python takes its time as a parameter too."""
    for source in tree.within("room", "flows"):
        for string in source.strings:
            found = SQL_CLOCK.search(str(string.value))
            if found and re.search(r"\b(select|insert|update|delete|where|values)\b", str(string.value), re.IGNORECASE):
                yield source.finding(string, f"asks the database's clock ({found[0]}). Take the time as a parameter.")


def templates_obey_the_policy(tree: Tree) -> Iterator[Finding]:
    """No style=, no on*=, no inline script or style sheet, nothing marked safe in a template."""
    for path in tree.files:
        if "templates/" in path and path.endswith(TEMPLATES) and not path.startswith(house.FREE):
            text = tree.text(path)
            bare = TAG.sub(lambda found: "\n" * found[0].count("\n"), text)
            for pattern, message in MARKUP:
                for found in pattern.finditer(bare):
                    yield Finding(path, _line(bare, found, at_end=True), message)
            for found in (
                inner for tag in TAG.finditer(text) for inner in UNSAFE.finditer(text, tag.start(), tag.end())
            ):
                yield Finding(
                    path, _line(text, found), f"says {found[0].strip()}. Let Django escape; markup of ours is a tag."
                )


def markup_in_python_is_rare(tree: Tree) -> Iterator[Finding]:
    """Only charts.py and templatetags/ui.py call markup safe, and no Python writes what the policy refuses."""
    for source in tree.within("room", "flows", "doors", "furniture", "engine"):
        for node, dotted in source.mentions:
            trusted = dotted.startswith("django.utils.safestring.") or dotted == "django.utils.html.html_safe"
            if trusted and source.path not in house.MARKS_SAFE:
                yield source.finding(
                    node,
                    f"uses {dotted.rpartition('.')[2]}. Only {' and '.join(sorted(house.MARKS_SAFE))} write markup.",
                )
        yield from _markup_in(source)


def _markup_in(source: Source) -> Iterator[Finding]:
    for string in source.strings:
        text = str(string.value)
        for pattern, message in MARKUP if "<" in text else ():
            if pattern.search(text):
                yield source.finding(string, message)


def _comment_lines_on_top(text: str) -> Iterator[str]:
    for line in text.lstrip("\ufeff\n").splitlines():
        if not line.startswith("--"):
            return
        yield line


def _line(text: str, found: re.Match[str], at_end: bool = False) -> int:
    return text.count("\n", 0, found.end() if at_end else found.start()) + 1


CHECKS = (
    statements_have_heads,
    statements_in_python_ask_no_clock,
    templates_obey_the_policy,
    markup_in_python_is_rare,
)
