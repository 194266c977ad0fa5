"""Who did something, in words: the staff by name, machines and the night by what they are."""

import re
from collections.abc import Iterable, Mapping

from django.utils.translation import gettext_lazy as _

from members import queries as members_queries

STAFF = re.compile(r"staff:(\d{1,18})")
OTHERS = {
    "night": _("The night"),
    "worker": _("A worker"),
    "api": _("The shop, by API"),
    "command": _("A command on the server"),
    "import": _("An import"),
    "member": _("The member"),
    "console": _("The console"),
    "preview": _("A preview"),
    "portal": _("The members’ pages"),
    "setup": _("The first set-up"),
    "demo": _("The demo"),
}


def names_of(actors: Iterable[str]) -> Mapping[str, str]:
    """Will return {actor: words} of those who did something. One query where any of the staff is among them."""
    wanted = set(actors)
    ids = {actor: int(found[1]) for actor in wanted if (found := STAFF.fullmatch(actor))}
    names = members_queries.staff_names(list(ids.values())) if ids else {}
    return {actor: names.get(ids.get(actor, 0)) or _other(actor) for actor in wanted}


def called(actor: str, staff: str) -> str:
    """Will say who did something where the name of a person of the staff is known, or that it was none. No queries."""
    return staff or _other(actor)


def _other(actor: str) -> str:
    known = OTHERS.get(actor.partition(":")[0])
    return str(known) if known else actor
