"""One member, all there is to know: header, facts, tier, ledger, timeline, profile; now, or as of a date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kit import clock, dates
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.pages.frame import initials
from membership_site.console.pages.ledger import Ledger, ledger, read_cursor, read_instant, read_wallet
from membership_site.console.pages.policies import rule_names, segment_names
from membership_site.console.pages.profile import ProfileCard, profile_card
from membership_site.console.pages.standing import StandingCard, other_cards, standing_card
from membership_site.console.pages.timeline import Show, Timeline, timeline
from membership_site.console.pages.words import State, status
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import queries as tiers_queries

FIRST_DATE = dt.date(1970, 1, 1)
PARAMETERS = ("as_of", "wallet", "before", "show", "until")


@dataclass(frozen=True)
class Facts:
    """The figures on top; what there is not is missing."""

    available: int
    pending: int
    debt: int
    expires_on: dt.date | None
    expires_points: int
    expires_in_days: int
    last_order_at: dt.datetime | None
    last_order_ago: str
    returned: Decimal | None


@dataclass(frozen=True)
class Links:
    """Addresses of this page with one thing changed, the rest kept."""

    points: str
    growth: str
    newest: str
    older: str
    latest: str
    earlier: str
    shows: tuple[tuple[str, str, bool], ...]
    today: str


@dataclass(frozen=True)
class MemberPage:
    """The page as the template shows it; `as_of` is empty where it shows the present."""

    number: str
    name: str
    initials: str
    status: State
    joined_at: dt.datetime | None
    region: str
    as_of: dt.date | None
    refused: str
    today: dt.date
    facts: Facts
    standing: StandingCard | None
    others: tuple[tuple[str, StandingCard], ...]
    ledger: Ledger
    timeline: Timeline
    profile: ProfileCard
    links: Links


def member_page(key: MemberKey, data: Mapping[str, str], at: dt.datetime, *, is_revealed: bool) -> MemberPage:
    """Will assemble the page of a member as the address asks for it. At most 37 queries with one ladder."""
    as_of, refused = read_as_of(data.get("as_of", ""), clock.business_date(at))
    moment = clock.day_end(as_of) if as_of else at
    profile = members_queries.get_profile(key.id)
    wallet, show = read_wallet(data.get("wallet", "")), Show.read(data.get("show", ""))
    until = read_instant(data.get("until", ""))
    ends = moment + dt.timedelta(microseconds=1)
    shown = timeline(key.id, show, min(until, ends) if until else ends, is_first=until is None)
    entries = ledger(key.id, wallet, read_cursor(data.get("before", "")), moment, _names(clock.business_date(at)))
    given = {name: data.get(name, "") for name in PARAMETERS if data.get(name)}
    return MemberPage(
        number=key.number,
        name=profile.name or _("No name"),
        initials=initials(profile.name),
        status=status(key.status) if key.joined_at else State(_("Not joined"), ""),
        joined_at=key.joined_at,
        region=profile.region,
        as_of=as_of,
        refused=refused,
        today=clock.business_date(at),
        facts=_facts(key.id, moment, is_past=as_of is not None),
        standing=standing_card(key.id, moment, is_past=as_of is not None),
        others=() if as_of else other_cards(key.id, moment),
        ledger=entries,
        timeline=shown,
        profile=profile_card(profile, is_revealed=is_revealed),
        links=_links(given, entries, shown),
    )


def read_as_of(text: str, today: dt.date) -> tuple[dt.date | None, str]:
    """Will read a date of the past; the present for today and for none, with the reason where it cannot be."""
    if not text.strip():
        return None, ""
    try:
        date = dt.date.fromisoformat(text.strip())
    except ValueError:
        return None, _("“%(text)s” is not a date. Use one such as 2026-03-31. The page shows today.") % {
            "text": text[:20]
        }
    if not FIRST_DATE <= date <= today:
        return None, _("%(date)s has not come yet or is too long ago. The page shows today.") % {
            "date": formats.cal(date)
        }
    return (date if date < today else None), ""


def _facts(member_id: int, at: dt.datetime, *, is_past: bool) -> Facts:
    """Will gather the figures on top. Four or five queries."""
    today = clock.business_date(at)
    balance = (points_queries.get_balance_as_of if is_past else points_queries.get_balance)(member_id, at)
    last = orders_queries.list_orders_before(member_id, at + dt.timedelta(microseconds=1), 1)
    first = next((row for row in balance.expiring if row.date != dates.NEVER), None)
    try:
        window_starts_on = tiers_queries.terms_on(today).window_start(today)
    except tiers_queries.NoLadder:
        window_starts_on = today - dt.timedelta(days=364)
    return Facts(
        available=balance.available,
        pending=balance.pending,
        debt=balance.debt,
        expires_on=first.date if first else None,
        expires_points=first.points if first else 0,
        expires_in_days=(first.date - today).days if first else 0,
        last_order_at=last[0].placed_at if last else None,
        last_order_ago=formats.ago(last[0].placed_at, at) if last else "",
        returned=orders_queries.returned_share(member_id, window_starts_on, today),
    )


def _names(today: dt.date) -> dict[str, str]:
    """Will return the names of what rules ask for."""
    try:
        return rule_names(today)
    except tiers_queries.NoLadder:
        return segment_names()


def _links(given: Mapping[str, str], entries: Ledger, shown: Timeline) -> Links:
    def link(anchor: str, **changed: str) -> str:
        kept = {name: value for name, value in {**given, **changed}.items() if value}
        return f"?{urlencode(kept)}{anchor}"

    words = {
        Show.ALL: _("All"),
        Show.ORDERS: _("Orders"),
        Show.POINTS: _("Points"),
        Show.TIER: _("Tier and stage"),
        Show.BENEFITS: _("Coupons and rewards"),
        Show.MESSAGES: _("Messages"),
        Show.CONSENTS: _("Consents"),
        Show.STAFF: _("Staff"),
    }
    return Links(
        points=link("#ledger", wallet="", before=""),
        growth=link("#ledger", wallet="growth", before=""),
        newest=link("#ledger", before=""),
        older=link("#ledger", before=entries.older) if entries.older else "",
        latest=link("#timeline", until=""),
        earlier=link("#timeline", until=shown.older) if shown.older else "",
        shows=tuple(
            (link("#timeline", show="" if show is Show.ALL else show.value, until=""), word, show is shown.show)
            for show, word in words.items()
        ),
        today=link("", as_of="", before="", until=""),
    )
