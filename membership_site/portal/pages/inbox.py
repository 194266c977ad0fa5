"""The member's inbox: what lies in it, and one message."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from kit import paging
from kit.paging import Place
from membership_site.preferences import HTML_LANGUAGES
from messaging import queries as messaging_queries
from messaging.queries import InboxRow
from messaging.rules.targets import target

ROWS = 20
START_MAX = 120


@dataclass(frozen=True)
class Letter:
    """A message in the list; `start` is how it begins."""

    id: int
    title: str
    start: str
    at: dt.datetime
    is_unread: bool
    language: str


@dataclass(frozen=True)
class Inbox:
    """A page of the inbox; `older` is the address of the next one."""

    letters: tuple[Letter, ...]
    older: str
    is_first: bool


@dataclass(frozen=True)
class LetterPage:
    """One message as it was said; `button` is empty where it leads nowhere."""

    id: int
    title: str
    body: str
    button: str
    is_away: bool
    at: dt.datetime
    language: str


def inbox_page(member_id: int, data: Mapping[str, str], at: dt.datetime) -> Inbox:
    """Will assemble a page of the inbox as the address asks for it. One query."""
    after = _place(data.get("after", ""))
    rows = messaging_queries.list_inbox(member_id, at, after, ROWS + 1)
    shown = rows[:ROWS]
    more = {"after": str(Place(shown[-1].at.isoformat(), shown[-1].message_id))} if rows[ROWS:] else {}
    return Inbox(tuple(_letter(row) for row in shown), f"?{urlencode(more)}" if more else "", after is None)


def letter_page(row: InboxRow) -> LetterPage:
    """Will show one message. No queries."""
    leads = where(row)
    return LetterPage(
        id=row.message_id,
        title=row.title,
        body=row.body,
        button=row.button if leads else "",
        is_away=leads.startswith("http") and not leads.startswith(settings.PUBLIC_URL),
        at=row.at,
        language=_tag(row.language),
    )


def where(row: InboxRow) -> str:
    """Will return where a message's button leads, empty for nowhere: what we wrote, and only what may be followed."""
    return target(row.url) or ""


def _letter(row: InboxRow) -> Letter:
    text = " ".join(row.body.split())
    start = text if len(text) <= START_MAX else f"{text[:START_MAX].rstrip()}…"
    return Letter(row.message_id, row.title, start, row.at, row.read_at is None, _tag(row.language))


def _tag(language: str) -> str:
    return HTML_LANGUAGES.get(language, language)


def _place(text: str) -> Place | None:
    place = paging.read_place(text)
    return place if place and paging.read_instant(place.key) else None
