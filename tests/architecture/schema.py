"""Names in the database: constraints and indexes say room, model and what they claim or serve."""

import ast
import re
from collections.abc import Iterator

from django.apps.registry import Apps

from . import house
from .tree import Finding, Source, Tree, keyword, name_of

NAME_MAX = {"Index": 30, "Constraint": 63}
"""Django's limit for an index, PostgreSQL's for any name."""


def constraints_and_indexes_are_named(tree: Tree) -> Iterator[Finding]:
    """Each is named <room>_<model>_<claim or query>, once; an index says above itself which query it serves."""
    seen: dict[str, str] = {}
    for source, model, call in declared(tree):
        room = source.place.name if source.place else ""
        kind = "Index" if name_of(call).endswith("Index") else "Constraint"
        name = text_of(keyword(call, "name"))
        if not _well_named(name, room, model):
            claim = "query" if kind == "Index" else "claim"
            yield source.finding(
                call,
                f"{name_of(call)} of {model} is named {name or 'nothing'!r}. Name it {room}_{model.lower()}_<{claim}>.",
            )
        elif len(name) > NAME_MAX[kind]:
            yield source.finding(
                call, f"{name} is longer than {NAME_MAX[kind]} characters, which the database cuts off."
            )
        elif name in seen:
            yield source.finding(
                call, f"{name} is the name of another one, at {seen[name]}. A name is broken once, by name."
            )
        seen.setdefault(name, f"{source.path}:{call.lineno}")
        if kind == "Index" and not source.comment_above(call.lineno):
            yield source.finding(
                call,
                f"the index {name} does not say what it is for. Put the query it serves in a comment line above it.",
            )


def no_unnamed_rules(tree: Tree) -> Iterator[Finding]:
    """No unique_together, index_together or db_index: what cannot be named cannot be broken by name."""
    for source in tree.drawer("models"):
        for node in source.nodes:
            unnamed = isinstance(node, ast.Assign) and name_of(node.targets[0]) in ("unique_together", "index_together")
            hidden = isinstance(node, ast.keyword) and node.arg == "db_index" and not _is_false(node.value)
            if unnamed or hidden:
                yield source.finding(
                    node.value,
                    "has no name and no reason. Write it in Meta.constraints or Meta.indexes, named, with its query.",
                )


def declared(tree: Tree) -> Iterator[tuple[Source, str, ast.Call]]:
    """Will yield every constraint and index in a model's Meta, with the model's name."""
    for source in tree.drawer("models"):
        for model in source.nodes:
            metas = [n for n in model.body if isinstance(n, ast.ClassDef)] if isinstance(model, ast.ClassDef) else []
            for call in (node for meta in metas if meta.name == "Meta" for node in ast.walk(meta)):
                if isinstance(call, ast.Call) and name_of(call).endswith(("Constraint", "Index")):
                    yield source, model.name, call


def text_of(node: ast.expr | None) -> str:
    """Will return a string constant's text, or nothing."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def _well_named(name: str, room: str, model: str) -> bool:
    snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", model).lower()
    models = "|".join({snake, model.lower(), "%\\(class\\)s"})
    return re.fullmatch(rf"({room}|%\(app_label\)s)_({models})_[a-z0-9]+(_[a-z0-9]+)*", name) is not None


def relations(registry: Apps) -> Iterator[tuple[str, str, str]]:
    """Will yield (room, field, room it points to) of every relation that a model of the registry declares."""
    for model in registry.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = field.related_model
            if field.is_relation and not field.auto_created and isinstance(target, type):
                yield model._meta.app_label, f"{model._meta.label}.{field.name}", target._meta.app_label


def relations_go_down(relations: Iterator[tuple[str, str, str]]) -> Iterator[str]:
    """Foreign keys follow imports: given (room, field, room it points to), a key up or sideways is refused."""
    for room, field, target in relations:
        if room not in house.ROOMS or target not in house.ROOMS or room == target:
            continue
        mine, theirs = house.floor_of(room), house.floor_of(target)
        if theirs >= mine:
            relation = "stands above" if theirs > mine else "stands on the same floor as"
            yield (
                f"{field} points to {target}, which {relation} {room}. Keep a source key or a code instead, "
                "or move the table up; a page joins the names."
            )


CHECKS = (constraints_and_indexes_are_named, no_unnamed_rules)
