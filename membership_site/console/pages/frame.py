"""The frame around every page of the console: the pages that this person may see, the search, who he is."""

import re
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from membership_site.console.access import Capability, Person

IDEOGRAPH = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class _Page:
    """A page of the nav: its address by name, the capability it asks for, and the key that goes there after g."""

    name: str
    label: str | Promise
    icon: str
    key: str
    asks: Capability


GROUPS: tuple[tuple[str | Promise, tuple[_Page, ...]], ...] = (
    (
        "",
        (
            _Page("overview", _("Overview"), "layout-dashboard", "h", Capability.SEE_OVERVIEW),
            _Page("members", _("Members"), "users", "m", Capability.SEE_MEMBERS),
            _Page("stages", _("Life-cycle"), "sprout", "v", Capability.SEE_MEMBERS),
            _Page("duplicates", _("Duplicates"), "copy", "f", Capability.MERGE_MEMBERS),
            _Page("campaigns", _("Campaigns"), "megaphone", "c", Capability.SEE_CAMPAIGNS),
            _Page("segments", _("Segments"), "users-round", "u", Capability.SEE_CAMPAIGNS),
            _Page("reports", _("Reports"), "chart-line", "r", Capability.SEE_REPORTS),
        ),
    ),
    (
        _("Programme"),
        (
            _Page("tiers", _("Tiers"), "layers", "t", Capability.SEE_RULES),
            _Page("rules", _("Earning rules"), "coins", "e", Capability.SEE_RULES),
            _Page("benefits", _("Benefits"), "sparkles", "b", Capability.SEE_BENEFITS),
        ),
    ),
    (
        _("Rewards and coupons"),
        (
            _Page("rewards", _("Rewards"), "gift", "w", Capability.SEE_BENEFITS),
            _Page("coupons", _("Coupons"), "ticket", "o", Capability.SEE_BENEFITS),
            _Page("pools", _("Partner codes"), "key", "n", Capability.SEE_BENEFITS),
        ),
    ),
    (
        _("Reaching members"),
        (
            _Page("messages", _("Messages"), "mail", "l", Capability.SEE_MESSAGES),
            _Page("outbox", _("Outbox"), "send", "x", Capability.SEE_MESSAGES),
        ),
    ),
    (
        _("Running it"),
        (
            _Page("approvals", _("Approvals"), "shield-check", "p", Capability.SEE_APPROVALS),
            _Page("questions", _("Tier questions"), "circle-question-mark", "q", Capability.SEE_QUESTIONS),
            _Page("parcels", _("Gifts to send"), "package", "d", Capability.SEE_MEMBERS),
            _Page("bookings", _("Bookings"), "calendar-check", "k", Capability.SEE_MEMBERS),
            _Page("jobs", _("Jobs"), "list-checks", "j", Capability.SEE_JOBS),
            _Page("proof", _("Proof sheet"), "badge-check", "s", Capability.SEE_OVERVIEW),
            _Page("audit", _("Audit log"), "scroll-text", "a", Capability.SEE_AUDIT),
        ),
    ),
    (
        _("Settings"),
        (
            _Page("settings", _("All settings"), "settings", "z", Capability.SEE_SETTINGS),
            _Page("people", _("People"), "user", "i", Capability.MANAGE_PEOPLE),
            _Page("keys", _("API keys"), "lock", "y", Capability.MANAGE_KEYS),
        ),
    ),
)


@dataclass(frozen=True)
class Item:
    """An entry of the nav; `count` is how many things there need somebody."""

    url: str
    icon: str
    label: str
    key: str
    count: int
    current: bool


@dataclass(frozen=True)
class Group:
    """Entries of the nav that belong together."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class FramePerson:
    """Who is logged in, as the nav shows it."""

    name: str
    initials: str
    role: str
    log_out_url: str
    own_url: str


@dataclass(frozen=True)
class Needs:
    """What the nav counts, and what the last proof found, if it failed."""

    stopped_jobs: int = 0
    approvals: int = 0
    failed_proof: str = ""


@dataclass(frozen=True)
class Alarm:
    """That the books do not add up, on every page until they do; `url` is empty for who may not see the jobs."""

    words: str
    url: str


@dataclass(frozen=True)
class Frame:
    """What templates/console/base.html asks for."""

    groups: tuple[Group, ...]
    overview_url: str
    search_url: str
    search: str
    person: FramePerson
    alarm: Alarm | None = None


def frame(person: Person, current: str, needs: Needs, *, search: str = "") -> Frame:
    """Will assemble the frame of the page with a name. No queries."""
    counts = {"jobs": needs.stopped_jobs, "approvals": needs.approvals}
    groups = []
    for title, pages in GROUPS:
        items = tuple(
            Item(
                url=reverse(f"console:{page.name}"),
                icon=page.icon,
                label=str(page.label),
                key=page.key,
                count=counts.get(page.name, 0),
                current=page.name == current,
            )
            for page in pages
            if person.may(page.asks)
        )
        if items:
            groups.append(Group(str(title), items))
    return Frame(
        groups=tuple(groups),
        overview_url=reverse("console:overview"),
        search_url=reverse("console:members") if person.may(Capability.SEE_MEMBERS) else "",
        search=search,
        person=FramePerson(
            person.name, initials(person.name), person.role_names, reverse("console:logout"), reverse("console:own")
        ),
        alarm=_alarm(person, needs.failed_proof) if needs.failed_proof else None,
    )


def _alarm(person: Person, found: str) -> Alarm:
    return Alarm(found, reverse("console:jobs") if person.may(Capability.SEE_JOBS) else "")


def initials(name: str) -> str:
    """Will return what stands in a person's circle: A, AB for two words, the first sign of a Chinese name."""
    words = name.replace("@", " ").split()
    if not words:
        return "?"
    if IDEOGRAPH.match(words[0]):
        return words[0][0]
    return "".join(word[0] for word in (words[:1] if len(words) == 1 else [words[0], words[-1]])).upper()
