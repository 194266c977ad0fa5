"""Where files lie and how they begin: the closed list of drawers, docstrings, and the length of functions."""

import ast
from collections.abc import Iterator

from . import house
from .tree import Finding, Function, Source, Tree

PRODUCT = ("room", "flows", "doors", "furniture", "engine", "urls", "commands")


def every_folder_is_known(tree: Tree) -> Iterator[Finding]:
    """A top-level folder with Python in it is a room, the site, the launcher, tests or bench."""
    known = {*house.ROOMS, house.SITE, house.LAUNCHER, *house.FREE}
    strangers = {path.split("/")[0]: path for path in tree.files if path.endswith(".py") and "/" in path}
    for folder, path in sorted(strangers.items()):
        if folder not in known:
            yield Finding(
                path, 1, f"{folder}/ is on no floor. Put the room into FLOORS of tests/architecture/house.py."
            )


def only_known_drawers(tree: Tree) -> Iterator[Finding]:
    """A room holds only the drawers of the closed list."""
    for path in tree.files:
        room, _, inside = path.partition("/")
        if room in house.ROOMS:
            message = _refusal_in_room(room, inside)
            if message:
                yield Finding(path, 1, message)


def _refusal_in_room(room: str, inside: str) -> str:
    parts = inside.split("/")
    if len(parts) > 2 and house.SUBROOMS.get(room) == parts[0]:
        parts = parts[2:]
    first, is_file = parts[0], len(parts) == 1
    stem = first.removesuffix(".py")
    if stem in house.MISNAMED:
        return f"a room has no {stem}: {house.MISNAMED[stem]}."
    if not is_file and first == "sql":
        return "" if len(parts) == 2 and inside.endswith(".sql") else "sql/ holds .sql files, one statement each."
    if first == "management" and room not in house.COMMANDS_IN:
        return "commands live in membership_site/management/commands, above all rooms (kit has those that know nobody)."
    if not inside.endswith(".py"):
        return f"a room holds Python and sql/*.sql. Pages belong in templates/, pictures in static/, not in {room}/."
    if not is_file and first in ("migrations", "management"):
        return ""
    if house.SUBROOMS.get(room) == first and inside == f"{first}/__init__.py":
        return ""
    known = house.DRAWERS | (house.KIT_DRAWERS if room == house.KIT else {})
    if first in known or (is_file and stem in known):
        return ""
    return (
        f"{first} is no drawer of a room. Deeds go into actions, questions into queries, arithmetic into rules; "
        "a new kind of drawer needs a reason in tests/architecture/house.py."
    )


def only_known_parts_of_the_site(tree: Tree) -> Iterator[Finding]:
    """The site has its few named files, flat flows, commands, and three doors with their own closed list."""
    for path in tree.files:
        if path.startswith(f"{house.SITE}/") and path.endswith(".py"):
            message = _refusal_in_site(path.split("/")[1:])
            if message:
                yield Finding(path, 1, message)


def _refusal_in_site(parts: list[str]) -> str:
    first = parts[0]
    if len(parts) == 1:
        return "" if first in house.SITE_FILES else _unknown(first, "a file of the site itself")
    if first in house.DOORS:
        known = house.DOOR_DRAWERS | (house.API_DRAWERS if first == "api" else {})
        stem = parts[1].removesuffix(".py")
        if parts[1] in ("views.py", "forms.py"):
            return f"{stem} of a door is a folder, one file a subject: membership_site/{first}/{stem}/<subject>.py."
        return "" if {parts[1], stem} & set(known) else _unknown(parts[1], f"a drawer of the door {first}")
    if first == house.FLOWS:
        if parts[1] in ("models.py", "migrations", "sql"):
            return "flows own no tables and no SQL. The table belongs in a room."
        return "" if len(parts) <= 3 else "flows are flat: a happening is one file, or one folder of files."
    return "" if first in house.SITE_FOLDERS else _unknown(f"{first}/", "a folder of the site")


def _unknown(name: str, what: str) -> str:
    return (
        f"{name} is not known as {what}. What a room could do belongs in the room, what crosses rooms in flows; "
        "else add it to tests/architecture/house.py with a reason."
    )


def modules_say_whose_they_are(tree: Tree) -> Iterator[Finding]:
    """Every module begins with one sentence that says whose it is; empty package files inside a drawer are excused."""
    for source in tree.within(*PRODUCT):
        if source.is_package and not source.text.strip() and source.path.count("/") > 1:
            continue
        docstring = ast.get_docstring(source.tree) or ""
        if not docstring.split("\n\n")[0].rstrip().endswith((".", ":", "?")):
            yield source.finding(
                1, "has no module docstring of one sentence. Say whose room it is and what is in here."
            )


def public_functions_are_explained(tree: Tree) -> Iterator[Finding]:
    """Every public function of a module says what it will do."""
    for source in tree.within(*PRODUCT):
        for function in source.public_functions:
            if not ast.get_docstring(function):
                yield source.finding(
                    function,
                    f"{function.name} has no docstring. Complete 'This will ...', with locks, exceptions, units.",
                )


def functions_are_short(tree: Tree) -> Iterator[Finding]:
    """Functions stay under 70 lines, docstring not counted; migrations are generated and excused."""
    for source in tree.sources:
        if "/migrations/" in source.path:
            continue
        for function in source.functions:
            lines = length_of(function)
            if lines > house.FUNCTION_LINES_MAX:
                yield source.finding(
                    function,
                    f"{function.name} has {lines} lines, more than {house.FUNCTION_LINES_MAX}. "
                    "Keep the ifs here and move the loops into private leaves.",
                )


def length_of(function: Function) -> int:
    """Will count the lines of a function from `def` to its end, without its docstring."""
    first = function.body[0]
    has_docstring = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if has_docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - docstring


def commands_live_in_the_commands_folder(tree: Tree) -> Iterator[Finding]:
    """A BaseCommand stands in management/commands; other modules are tools, not commands."""
    for source in tree.sources:
        if _has_command(source) and "/management/commands/" not in source.path:
            yield source.finding(1, "holds a command. Commands live in management/commands of membership_site or kit.")


def _has_command(source: Source) -> bool:
    return any(isinstance(node, ast.ClassDef) and node.name == "Command" for node in source.tree.body)


CHECKS = (
    every_folder_is_known,
    only_known_drawers,
    only_known_parts_of_the_site,
    modules_say_whose_they_are,
    public_functions_are_explained,
    functions_are_short,
    commands_live_in_the_commands_folder,
)
