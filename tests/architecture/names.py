"""What the tests mention by name: deeds and flows through their imports, constraints by their text."""

import ast
import re
from collections.abc import Iterator

from . import deeds, house, schema
from .tree import Finding, Function, Source, Tree, keyword, name_of

NOT_A_MENTION = "tests/architecture/"


def every_deed_is_tested(tree: Tree) -> Iterator[Finding]:
    """Each public action and flow is named by at least one test.

    It does; it refuses and changes nothing; it repeats harmlessly; the same key with other content fails.
    """
    used = [dotted for source in _tests(tree) for _, dotted in source.mentions]
    for home, source, function in (*_actions(tree), *_flows(tree)):
        if not any(d.startswith(f"{home}.") and d.endswith(f".{function.name}") for d in used):
            room = source.place.name if source.place else ""
            yield source.finding(function, f"no test calls {home}.{function.name}. Its tests belong in tests/{room}/.")


def _actions(tree: Tree) -> Iterator[tuple[str, Source, Function]]:
    for source, function in deeds.actions(tree):
        yield source.module.partition(".actions")[0] + ".actions", source, function


def _flows(tree: Tree) -> Iterator[tuple[str, Source, Function]]:
    """Will yield the flows themselves: what doors and commands call, or nobody yet; not what flows share."""
    inside = {dotted for source in tree.within("flows") for _, dotted in source.mentions}
    above = {d for source in tree.within("doors", "commands", "engine", "furniture") for _, d in source.mentions}
    for source in tree.within("flows"):
        called_here = {node.id for node in source.nodes if isinstance(node, ast.Name)}
        for function in source.public_functions if source.place and source.place.drawer != "tasks" else ():
            dotted = f"{source.module}.{function.name}"
            if dotted in above or (dotted not in inside and function.name not in called_here):
                yield source.module, source, function


def every_constraint_is_broken(tree: Tree) -> Iterator[Finding]:
    """Each constraint is broken once in a test, by a bad row that expects the constraint's name in the error."""
    words = {word for source in _tests(tree) for word in re.findall(r"\w+", source.text)}
    for source, model, call in schema.declared(tree):
        name = schema.text_of(keyword(call, "name"))
        if name_of(call).endswith("Constraint") and "%" not in name and name not in words:
            room = source.place.name if source.place else ""
            yield source.finding(call, f"no test breaks {name} of {model}. Its test belongs in tests/{room}/.")


def _tests(tree: Tree) -> Iterator[Source]:
    for source in tree.sources:
        if source.path.startswith(f"{house.FREE[0]}/") and not source.path.startswith(NOT_A_MENTION):
            yield source


CHECKS = (every_deed_is_tested, every_constraint_is_broken)
