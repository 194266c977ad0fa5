"""Who may know whom: imports, migrations, tables of other rooms, HTTP, the clock, signals."""

import ast
from collections.abc import Iterator

from . import house
from .house import Place
from .tree import Finding, Source, Tree, name_of

EDGE_DRAWERS = frozenset({"tasks"})


def imports_go_down(tree: Tree) -> Iterator[Finding]:
    """Rooms import only rooms below; doors are strangers; flows never import doors; the launcher imports nothing."""
    for source in tree.sources:
        if source.place is None or source.place.part == "free" or "/migrations/" in source.path:
            continue
        for found in tree.imports(source):
            target = house.place_of(found.module)
            message = target and found.module != source.module and _refusal(source.place, target, found.module)
            if message:
                yield source.finding(found.line, message)


def _refusal(here: Place, there: Place, module: str) -> str:
    if there.part == "free":
        return f"imports {module}. Tests and benches look at the product, never the other way round."
    if here.part == there.part == "launcher":
        return ""
    if "launcher" in (here.part, there.part):
        return (
            f"imports {module}. The launcher starts the product from outside and shares nothing with it; "
            "pass what it needs through the environment."
        )
    if there.part == "room":
        return _refusal_of_room(here, there, module)
    if here.part == "room":
        return f"imports {module} from inside a room. The site stands above all rooms; pass the value in."
    return _refusal_in_site(here, there, module)


def _refusal_of_room(here: Place, there: Place, module: str) -> str:
    if here.part == "room" and here.name == there.name:
        return ""
    message = _refusal_in_house(here, there.name, module) if here.part == "room" else ""
    return message if message or there.name == house.KIT else _refusal_of_drawer(here, there, module)


def _refusal_in_house(here: Place, room: str, what: str) -> str:
    mine, theirs = house.floor_of(here.name), house.floor_of(room)
    if theirs > mine:
        return (
            f"imports {what}, and {room} stands above {here.name}. Pass the value in, "
            f"or move the deed to membership_site/flows or up into {room}."
        )
    if theirs == mine and room != here.name:
        return (
            f"imports {what}, but {here.name} and {room} stand on one floor and are strangers. "
            "What needs both belongs in membership_site/flows or in a room above."
        )
    return ""


def _refusal_of_drawer(here: Place, there: Place, module: str) -> str:
    inner = module.partition(".actions.")
    if inner[1]:
        return f"imports {module}. Call deeds through the module: from {inner[0]} import actions."
    if not there.drawer:
        return f"imports {module}. Open one of its drawers instead: from {there.name} import actions (or queries)."
    allowed = house.FACE | (house.NIGHT if here.part in ("flows", "commands", "engine") else frozenset())
    allowed |= house.COLLECTED.get(here.name, frozenset())
    if there.drawer in allowed:
        return ""
    return (
        f"imports {module}, a drawer that {there.name} keeps to itself. Ask its queries, call its actions, "
        "or add there what is missing; only flows, the night and commands open jobs."
    )


def _refusal_in_site(here: Place, there: Place, module: str) -> str:
    if here.part == there.part == "doors" and here.name == there.name:
        return ""
    if there.part in house.SITE_ORDER.get(here.part, frozenset()) and {here.part, there.part} != {"doors"}:
        return ""
    if here.part == there.part == "doors":
        return (
            f"imports {module}: the doors {here.name} and {there.name} are strangers. What both show belongs in "
            "membership_site/formats.py or charts.py, what both do in membership_site/flows."
        )
    if there.part == "doors":
        return f"imports {module}. Only urls.py knows the doors; what is shared belongs in a flow or in a room."
    return f"imports {module}, which stands above it in the site. Hand the value in, or move the shared piece down."


def migrations_go_down(tree: Tree) -> Iterator[Finding]:
    """A migration depends only on migrations of its own room and of rooms below."""
    for source in tree.sources:
        if "/migrations/" not in source.path or source.place is None:
            continue
        for label, line in _dependencies(source):
            there = house.place_of(label)
            message = (
                there and there.part == "room" and _refusal_in_house(source.place, there.name, f"{label}'s tables")
            )
            if message:
                yield source.finding(line, message)


def _dependencies(source: Source) -> Iterator[tuple[str, int]]:
    for node in source.nodes:
        if isinstance(node, ast.Assign) and name_of(node.targets[0]) in ("dependencies", "run_before"):
            for pair in ast.walk(node.value):
                if isinstance(pair, ast.Tuple) and pair.elts and isinstance(pair.elts[0], ast.Constant):
                    yield str(pair.elts[0].value), pair.lineno


def tables_are_asked_through_queries(tree: Tree) -> Iterator[Finding]:
    """Nobody queries the tables of another room with `.objects`, but jobs, which join in SQL."""
    for source in tree.within("room", "flows", "doors", "furniture", "engine"):
        here = source.place
        if here is None or here.drawer in ("jobs", "invariants"):
            continue
        for node, dotted in source.mentions:
            there = house.place_of(dotted)
            if not dotted.endswith((".objects", "._default_manager")) or there is None or there.part != "room":
                continue
            if there.name not in (house.KIT, here.name):
                yield source.finding(
                    node,
                    f"reads the tables of {there.name} itself ({dotted}). Ask {there.name}.queries, or add the "
                    "question there: models serve foreign keys and jobs' joins.",
                )


def no_http_below_the_doors(tree: Tree) -> Iterator[Finding]:
    """Rooms and flows know no request, no response, no address and no form."""
    for source in tree.within("room", "flows"):
        for found in tree.imports(source):
            if found.module.startswith(house.HTTP_PARTS):
                yield source.finding(
                    found.line,
                    f"imports {found.module}. HTTP lives only in membership_site/portal, console and api; "
                    "take plain values here and return values or raise.",
                )
        for function in source.functions if source.place and source.place.drawer != "admin" else ():
            for argument in ast.walk(function.args):
                if isinstance(argument, ast.arg) and argument.arg == "request":
                    yield source.finding(
                        argument, f"{function.name} takes a request. The door unpacks it and passes plain values down."
                    )


def one_clock(tree: Tree) -> Iterator[Finding]:
    """Only kit/clock.py asks what time it is, and only the edge asks kit/clock.py."""
    for source in tree.within("room", "flows", "doors", "furniture", "engine", "urls", "commands"):
        if source.path == "kit/clock.py":
            continue
        for node, dotted in source.mentions:
            if dotted in house.CLOCKS or (dotted == house.DATABASE_CLOCK and not _is_row_stamp(source)):
                yield source.finding(
                    node, f"asks the clock ({dotted}). Only kit/clock.py does; take `at` as an argument."
                )
            elif dotted == house.OUR_CLOCK and not _is_edge(source):
                yield source.finding(
                    node,
                    "asks kit.clock.now() below the edge. Doors, commands and tasks ask it once and pass `at` down.",
                )
        yield from _hidden_clocks(source)


def _hidden_clocks(source: Source) -> Iterator[Finding]:
    for node in source.nodes:
        if isinstance(node, ast.Call) and not (node.args or node.keywords):
            if source.dotted(node.func) in house.CLOCKS_WITHOUT_ARGUMENT:
                yield source.finding(node, "asks the clock by leaving the instant out. Pass the instant.")
        elif isinstance(node, ast.keyword) and node.arg in ("auto_now", "auto_now_add"):
            yield source.finding(node.value, f"{node.arg} asks the clock unseen. The action passes the instant in.")


def _is_row_stamp(source: Source) -> bool:
    return source.place is not None and source.place.drawer == "models"


def _is_edge(source: Source) -> bool:
    place = source.place
    return (
        place is None or place.part not in ("room", "flows") or place.name == house.KIT or place.drawer in EDGE_DRAWERS
    )


def no_signals(tree: Tree) -> Iterator[Finding]:
    """Nothing happens behind the reader's back: no signals of Django's or our own."""
    for source in tree.within("room", "flows", "doors", "furniture", "engine", "urls", "commands"):
        for found in tree.imports(source):
            if found.module.startswith(house.SIGNAL_PARTS):
                yield source.finding(
                    found.line,
                    f"imports {found.module}. Say it aloud: the flow of this happening calls the other action.",
                )


CHECKS = (
    imports_go_down,
    migrations_go_down,
    tables_are_asked_through_queries,
    no_http_below_the_doors,
    one_clock,
    no_signals,
)
