"""The plan of the house: every list a check asks, each entry easy to add with its reason."""

from dataclasses import dataclass

FLOORS: tuple[tuple[str, ...], ...] = (
    ("kit",),
    ("members",),
    ("orders", "points"),
    ("tiers",),
    ("benefits", "engagement", "plans"),
    ("insights", "messaging"),
    ("campaigns",),
)
"""Rooms from the ground up. A room knows the floors below it; rooms of one floor are strangers."""

ROOMS = tuple(room for floor in FLOORS for room in floor)
KIT = "kit"
SITE = "membership_site"
FLOWS = "flows"
DOORS = ("portal", "console", "api")
LAUNCHER = "launcher"
FREE = ("tests", "bench", "tools")
"""Tests, benches and maintainers' scripts: they may look at everything, and nobody looks at them."""

RELEASED = {
    "kit": 5,
    "members": 9,
    "orders": 6,
    "points": 12,
    "tiers": 12,
    "benefits": 6,
    "insights": 2,
    "messaging": 9,
    "campaigns": 4,
}
"""The last migration of each room in the latest release, or in the first that is to come: later ones run while its code
still serves."""

FACE = frozenset({"actions", "queries", "rules", "enums", "wording", "models"})
"""The drawers of a room that everybody above may open."""

NIGHT = frozenset({"jobs", "invariants", "tasks", "segment_fields"})
"""The drawers that flows, the night and commands may open besides."""

COLLECTED = {
    "campaigns": frozenset({"segment_fields", "jobs"}),
    "messaging": frozenset({"segment_fields"}),
}
"""A room's own further rights: campaigns collects the fields that segments may ask of each room, and freezes audiences
of hundreds of thousands by messaging's job; messaging's fields say whom a message would reach by those of members."""

SITE_ORDER: dict[str, frozenset[str]] = {
    "flows": frozenset({"flows"}),
    "doors": frozenset({"flows", "furniture"}),
    "furniture": frozenset({"furniture"}),
    "commands": frozenset({"commands", "flows", "furniture", "engine"}),
    "engine": frozenset({"flows", "furniture", "engine"}),
    "urls": frozenset({"doors", "furniture"}),
}
"""Which part of the site may import which other part of it; a door always knows itself, and no other door."""

ENGINE = {
    "apps": "the site as Django knows it",
    "celery": "the Celery application",
    "checks": "system checks",
    "schedule": "the only list of periodic work",
    "settings": "all settings, from the environment",
    "wsgi": "what a web server starts",
}
"""Files of the site that start it and keep it going."""

FURNITURE = {
    "charts": "charts drawn as SVG",
    "entering": "sessions: who is let in, opening and ending them, what was shown lately",
    "factors": "what staff show besides a password",
    "faults": "the page for a fault of our own",
    "formats": "money, dates and numbers per language",
    "health": "healthz and readyz",
    "metrics": "what is told to those who watch the site",
    "middleware": "what every request passes",
    "preferences": "language and theme of a visitor",
    "setup_link": "the link to the first administrator",
    "social": "log-ins of elsewhere, as django-allauth asks for them",
    "templatetags": "tags of all doors",
}
"""Files of the site that all doors share."""

DRAWERS = {
    "__init__.py": "the room's one sentence",
    "apps.py": "the room as Django knows it",
    "enums.py": "StrEnums",
    "models": "tables",
    "querysets.py": "chainable filters",
    "rules": "pure values and functions",
    "actions": "deeds",
    "queries": "what others may ask",
    "jobs": "whole-population work",
    "tasks.py": "Celery shells",
    "segment_fields.py": "what segments may ask",
    "invariants.py": "a sentence per violation",
    "admin.py": "reference data",
    "wording": "the room's outcomes in words: codes and facts in, sentences out",
    "providers": "who takes words out of the house, behind one face",
}
"""Drawers of every room. A name without .py may be a file or a folder of files."""

KIT_DRAWERS = {
    "api_keys.py": "keys of the shop's machines",
    "audit.py": "who did what",
    "cached.py": "what may be forgotten at any moment, and is missed by nobody while the cache is away",
    "clock.py": "the one clock",
    "counters.py": "what happened how often, over all processes",
    "copy.py": "rows written in bulk by COPY",
    "dates.py": "pure calendar arithmetic",
    "expressions.py": "what segment fields are made of: a member has such rows, or sums of them",
    "files.py": "tables from files, and back",
    "formats.py": "what wording asks for numbers, amounts and dates; the site hands it in",
    "versions.py": "what was published when",
    "imports.py": "how far an imported file got",
    "memory.py": "what one piece of work asks once",
    "guards.py": "SQL of the triggers that refuse changes",
    "tables.py": "the operation that makes many tables at once",
    "keys.py": "pure source keys",
    "locks.py": "advisory locks",
    "logs.py": "log lines, and whose they are",
    "money.py": "pure amounts and sharing",
    "paging.py": "key paging",
    "segments.py": "pure: what a room offers to be asked of members, a value all rooms share",
    "sql.py": "the loader of sql files",
    "survival.py": "pure: how long things last, where some last still",
    "programme.py": "what the programme is called in a language",
    "rate.py": "how many a minute by all processes together",
    "throttle.py": "how often somebody may miss within a minute",
    "translations.py": "extracting, checking and compiling the catalogues, for its commands",
}
"""What kit, and only kit, has besides."""

PURE_KIT = frozenset({"dates", "keys", "money", "segments", "survival", "versions"})
"""Tools of kit that rules may use, and that obey the rules of rules."""

DOOR_DRAWERS = {
    "__init__.py": "the door's one sentence",
    "urls.py": "addresses",
    "views": "one file a subject",
    "forms": "shapes of what is typed",
    "pages": "dataclasses assembled from queries",
    "access.py": "who may enter",
    "templatetags": "small tags of this door",
}

API_DRAWERS = {
    "schemas": "shapes of bodies and answers",
    "authentication.py": "keys and scopes",
    "problems.py": "problem+json",
    "idempotency.py": "the first answer again",
}

SITE_FILES = frozenset({"__init__.py", "urls.py", *(f"{name}.py" for name in ENGINE | FURNITURE)} - {"templatetags.py"})
SITE_FOLDERS = frozenset({FLOWS, "management", "templatetags", *DOORS})

COMMANDS_IN = frozenset({KIT, SITE})
SUBROOMS = {"benefits": "kinds", "messaging": "channels"}
"""Folders of small look-alike rooms, each with drawers of its own."""

MISNAMED = {
    "services": "deeds belong in actions, questions in queries, work over several rooms in membership_site/flows",
    "utils": "name the thing it does; a tool that knows nobody belongs in kit",
    "helpers": "name the thing it does; a tool that knows nobody belongs in kit",
    "common": "name the thing it does; a tool that knows nobody belongs in kit",
    "managers": "chainable filters belong in querysets.py",
    "signals": "say it aloud instead: a flow calls the action of the other room",
    "views": "pages live in the doors, membership_site/portal, console and api",
    "forms": "forms live in the doors, membership_site/portal and console",
}

WORKING_STATE = {
    "benefits/rules/checkout.py": "a cart and the best found so far while offers are weighed; never handed out",
    "points/rules/earning_rules.py": "the lines of a deed while rules are applied one by one; never handed out",
    "points/rules/ledger.py": "a wallet in memory while a deed is worked out under its lock; never handed out",
    "points/rules/booking.py": "a member's wallets in memory, as above",
    "points/rules/replay.py": "a member's wallet and caps, and the budgets, while his past happens again",
}
"""Rules whose dataclasses change while they work."""

PURE_PARTS = frozenset(
    {
        *("__future__", "abc", "bisect", "calendar", "collections", "contextlib", "dataclasses", "datetime"),
        *("decimal", "enum", "fractions", "functools", "hashlib", "heapq", "itertools", "json", "math", "numbers"),
        *("operator", "re", "statistics", "string", "types", "typing", "unicodedata", "zoneinfo"),
        *("base64", "hmac", "ipaddress"),
        *("babel", "numpy", "scipy"),
        *("css_inline", "difflib", "html", "jinja2", "markdown_it", "mjml"),
    }
)
"""What rules and enums may import from outside: values, arithmetic, tables of the world's currencies, and texts made
of texts (templates, Markdown, MJML, styles put in place with remote loading off)."""

HTTP_PARTS = (
    "django.http",
    "django.shortcuts",
    "django.urls",
    "django.views",
    "django.forms",
    "django.contrib.messages",
    "django.middleware",
    "django_htmx",
    "ninja",
)

SIGNAL_PARTS = (
    "django.db.models.signals",
    "django.dispatch",
    "django.core.signals",
    "django.contrib.auth.signals",
    "allauth.account.signals",
)

CLOCKS = frozenset(
    {
        "datetime.date.today",
        "datetime.datetime.now",
        "datetime.datetime.today",
        "datetime.datetime.utcnow",
        "django.utils.timezone.now",
        "time.gmtime",
        "time.localtime",
        "time.time",
        "time.time_ns",
    }
)
CLOCKS_WITHOUT_ARGUMENT = frozenset({"django.utils.timezone.localtime", "django.utils.timezone.localdate"})
DATABASE_CLOCK = "django.db.models.functions.Now"
OUR_CLOCK = "kit.clock.now"

MARKS_SAFE = frozenset({"membership_site/charts.py", "membership_site/templatetags/ui.py"})
"""The two places that write markup themselves and may call it safe."""

FUNCTION_LINES_MAX = 69


@dataclass(frozen=True)
class Place:
    """Where a module stands: `part` is room, doors, flows, furniture, engine, urls, commands, launcher or free."""

    part: str
    name: str
    drawer: str


def floor_of(room: str) -> int:
    """Will return how high a room stands, the ground being 0."""
    return next(height for height, floor in enumerate(FLOORS) if room in floor)


def place_of(module: str) -> Place | None:
    """Will say where a dotted module stands, or None for what is not ours."""
    top, *rest = module.split(".")
    if top in ROOMS:
        if len(rest) > 2 and SUBROOMS.get(top) == rest[0]:
            rest = rest[2:]
        return Place("room", top, rest[0] if rest else "")
    if top == SITE:
        return _place_in_site(rest)
    if top == LAUNCHER:
        return Place("launcher", top, "")
    return Place("free", top, "") if top in FREE else None


def _place_in_site(rest: list[str]) -> Place:
    first = rest[0] if rest else ""
    if first in DOORS:
        return Place("doors", first, rest[1] if len(rest) > 1 else "")
    if first == FLOWS:
        return Place("flows", FLOWS, rest[1] if len(rest) > 1 else "")
    if first == "management":
        return Place("commands", SITE, first)
    if first == "urls":
        return Place("urls", SITE, first)
    return Place("furniture" if first in FURNITURE else "engine", SITE, first)
