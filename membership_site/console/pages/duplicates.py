"""Memberships that may be one person's, side by side."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.enums import DuplicateKind
from members.queries import merging
from membership_site.console.pages.members import member_url

PAIRS = 25
WHY: dict[str, str | Promise] = {
    DuplicateKind.PHONE: _("Same phone number, written differently"),
    DuplicateKind.EMAIL: _("Same e-mail address but for dots and what follows a plus"),
    DuplicateKind.NAME: _("Same name and birthday"),
}


@dataclass(frozen=True)
class Pair:
    """Two memberships, and why they may be one."""

    kind: str
    why: str
    first: str
    first_name: str
    first_url: str
    second: str
    second_name: str
    second_url: str


@dataclass(frozen=True)
class DuplicatesPage:
    """A page of pairs; `after` is where the next one begins."""

    pairs: tuple[Pair, ...]
    after: str
    is_first: bool


def read_place(text: str) -> tuple[str, int, int] | None:
    """Will read where a page begins; None for the first."""
    kind, _sep, rest = text.partition("~")
    first, _sep, second = rest.partition("~")
    if kind in WHY and first.isdecimal() and second.isdecimal() and len(rest) < 40:
        return kind, int(first), int(second)
    return None


def duplicates_page(after: tuple[str, int, int] | None) -> DuplicatesPage:
    """Will assemble a page of pairs. One query."""
    found = merging.list_suspects(after, PAIRS + 1)
    shown = found[:PAIRS]
    last = shown[-1] if len(found) > PAIRS else None
    return DuplicatesPage(
        pairs=tuple(
            Pair(
                kind=one.kind,
                why=str(WHY[one.kind]),
                first=one.first,
                first_name=one.first_name,
                first_url=member_url(one.first),
                second=one.second,
                second_name=one.second_name,
                second_url=member_url(one.second),
            )
            for one in shown
        ),
        after=f"{last.kind}~{last.first_id}~{last.second_id}" if last else "",
        is_first=after is None,
    )
