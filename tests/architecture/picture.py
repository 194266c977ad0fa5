"""The house as drawn for people and for import-linter: both must show the floors of house.py."""

import re
from collections.abc import Iterator

from . import house
from .tree import Finding, Tree

PAGE = "docs/architecture.md"
CONTRACT = ".importlinter"
DRAWN_BESIDE = frozenset({house.SITE, house.FLOWS, *house.DOORS, house.LAUNCHER, *house.FREE})
DRAWN_BESIDE_TOO = frozenset({"templates", "static", "docs", "requirements", "locale"})
FLOOR_LINE = re.compile(r"^\s*((?:\w+/[\s|,]*)+)")


def picture_agrees(tree: Tree) -> Iterator[Finding]:
    """The picture in docs/architecture.md draws every built room, each on its floor, the ground last."""
    if not (tree.root / PAGE).exists():
        yield Finding(PAGE, 1, "is not there. It draws the floors of tests/architecture/house.py for people.")
        return
    drawn: list[str] = []
    above = len(house.FLOORS)
    for line, rooms in _drawn_floors(tree.text(PAGE)):
        unknown = [room for room in rooms if room not in house.ROOMS]
        if unknown:
            yield Finding(PAGE, line, f"draws {', '.join(unknown)}, which no floor of tests/architecture/house.py has.")
            continue
        heights = {house.floor_of(room) for room in rooms}
        if len(heights) > 1 or max(heights) >= above:
            yield Finding(PAGE, line, f"draws {' | '.join(rooms)} on another floor than tests/architecture/house.py.")
        above = min(heights)
        drawn += rooms
    missing = [room for room in tree.rooms if room not in drawn]
    if missing:
        yield Finding(PAGE, 1, f"does not draw {', '.join(missing)}. Draw each room as `room/` on its floor.")


def _drawn_floors(text: str) -> Iterator[tuple[int, list[str]]]:
    inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("```"):
            if inside:
                return
            inside = True
            continue
        found = FLOOR_LINE.match(line) if inside else None
        rooms = re.findall(r"(\w+)/", found[1]) if found else []
        if rooms and not set(rooms) <= DRAWN_BESIDE | DRAWN_BESIDE_TOO:
            yield number, rooms


def contract_agrees(tree: Tree) -> Iterator[Finding]:
    """`.importlinter` is what house.py says, for the rooms that are built; it also follows chains of imports."""
    wanted = contract(tree)
    found = tree.text(CONTRACT) if (tree.root / CONTRACT).exists() else ""
    if found.split() != wanted.split():
        yield Finding(CONTRACT, 1, f"is behind tests/architecture/house.py. It should read:\n{wanted}")


def contract(tree: Tree) -> str:
    """Will return the text of import-linter's contract for the rooms that are built."""
    doors = " | ".join(f"{house.SITE}.{door}" for door in house.DOORS)
    floors = [" | ".join(room for room in floor if room in tree.rooms) for floor in house.FLOORS]
    layers = [house.SITE, *reversed([floor for floor in floors if floor])]
    return "\n".join(
        [
            "; Follows tests/architecture/house.py, as a test proves; this also catches chains of imports.",
            "[importlinter]",
            "root_packages =",
            *(f"    {package}" for package in (*tree.rooms, house.SITE)),
            "",
            "[importlinter:contract:floors]",
            "name = A room knows only the rooms below it; rooms of one floor are strangers",
            "type = layers",
            "layers =",
            *(f"    {layer}" for layer in layers),
            "",
            "[importlinter:contract:site]",
            "name = Doors are strangers and stand above the flows",
            "type = layers",
            "layers =",
            f"    {doors}",
            f"    {house.SITE}.{house.FLOWS}",
            "",
        ]
    )


CHECKS = (picture_agrees, contract_agrees)
