"""Migrations after a release: each runs while the code of the release before it still serves."""

import ast
from collections.abc import Iterator

from . import house
from .tree import Finding, Source, Tree, keyword, name_of

RENAMES = {"RenameField", "RenameModel", "AlterModelTable"}
REMOVALS = {"RemoveField", "DeleteModel"}
REASONED = {"AlterField", "RunPython", "RunSQL"}
UNUSED, SAFE = "unused since", "safe:"


def migrations_roll(tree: Tree) -> Iterator[Finding]:
    """What a release brings to the tables, the code before it can live with: add first, take away a release later."""
    for source in tree.sources:
        if "/migrations/" not in source.path or _number(source) <= house.RELEASED.get(source.path.split("/")[0], 0):
            continue
        for call in _operations(source):
            if sentence := _sentence(source, call):
                yield source.finding(call, sentence)


def _number(source: Source) -> int:
    digits = source.path.rpartition("/")[2][:4]
    return int(digits) if digits.isdigit() else 0


def _operations(source: Source) -> Iterator[ast.Call]:
    """Will yield the operations of a migration that change the database; what only the state learns is left out."""
    for node in source.nodes:
        if (
            isinstance(node, ast.Assign)
            and name_of(node.targets[0]) == "operations"
            and isinstance(node.value, ast.List)
        ):
            for call in node.value.elts:
                yield from _of_database(call)


def _of_database(call: ast.expr) -> Iterator[ast.Call]:
    if not isinstance(call, ast.Call):
        return
    if name_of(call) != "SeparateDatabaseAndState":
        yield call
        return
    inner = keyword(call, "database_operations")
    for one in inner.elts if isinstance(inner, ast.List) else []:
        yield from _of_database(one)


def _sentence(source: Source, call: ast.Call) -> str:
    """Will say what the running release could not live with, and what to do instead; nothing where it can."""
    kind, said = name_of(call), source.comment_above(call.lineno)
    if kind in RENAMES:
        return (
            f"{kind} takes a name away that the running release uses. Add the new one, copy, and remove the old later."
        )
    if kind in REMOVALS and UNUSED not in said:
        return f"{kind} needs a comment above it: '# {UNUSED} <release>', of a release that is out."
    if kind in REASONED and SAFE not in said:
        return f"{kind} needs a comment above it, '# {SAFE} <why the running release does not mind>'."
    if kind == "AddField" and not _may_be_left_out(keyword(call, "field")):
        return "AddField without null=True or db_default: the running release writes rows without it. Give it one."
    if kind in ("AddIndex", "AddConstraint") and not _is_of_new_model(source, call):
        instead = {
            "AddIndex": "AddIndexConcurrently",
            "AddConstraint": "AddConstraintNotValid, then ValidateConstraint",
        }
        return f"{kind} locks a table that is in use while it reads it all. Use {instead[kind]}."
    return ""


def _may_be_left_out(field: ast.expr | None) -> bool:
    if not isinstance(field, ast.Call):
        return False
    null = keyword(field, "null")
    is_null = isinstance(null, ast.Constant) and null.value is True
    return is_null or keyword(field, "db_default") is not None or name_of(field) == "ManyToManyField"


def _is_of_new_model(source: Source, call: ast.Call) -> bool:
    """Will tell whether the table was made by the same migration, so that nobody uses it yet."""
    made = {_text(keyword(one, "name")).lower() for one in _operations(source) if name_of(one) == "CreateModel"}
    return _text(keyword(call, "model_name")).lower() in made


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


CHECKS = (migrations_roll,)
