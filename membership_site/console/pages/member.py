"""One member, room by room: the head and the panels of his page, and what the first one says; now, or as of a date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kit import clock, dates
from kit.paging import read_instant, read_row
from members.queries import Face
from membership_site import formats
from membership_site.console.pages.frame import initials
from membership_site.console.pages.ledger import Ledger, ledger, read_wallet
from membership_site.console.pages.policies import rule_names, segment_names
from membership_site.console.pages.standing import StandingCard, standing_card
from membership_site.console.pages.timeline import Show, Timeline, timeline
from membership_site.console.pages.words import Badge, State, badge, status
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import queries as tiers_queries

FIRST_DATE = dt.date(1970, 1, 1)


class Panel(StrEnum):
    """The panels of the page, in the order of their tabs."""

    OVERVIEW = "overview"
    LEDGER = "ledger"
    COUPONS = "coupons"
    BENEFITS = "benefits"
    MESSAGES = "messages"
    NOTES = "notes"
    PROFILE = "profile"

    @classmethod
    def read(cls, text: str) -> "Panel":
        """Will return what an address asks for, the first where it asks for none there is."""
        return next((panel for panel in cls if panel == text), cls.OVERVIEW)

    @property
    def is_of_today(self) -> bool:
        """Whether it is known as it stands today alone."""
        return self in (Panel.BENEFITS, Panel.NOTES)


PARAMETERS: Mapping[Panel, tuple[str, ...]] = {
    Panel.OVERVIEW: ("ladder", "show", "until"),
    Panel.LEDGER: ("wallet", "before"),
}
"""What the address says of a panel, besides which one it is and the date."""


@dataclass(frozen=True)
class Tab:
    """A panel to go to."""

    url: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class MemberPage:
    """What stands around every panel; `as_of` is empty where it shows the present, `moment` is what it shows."""

    number: str
    name: str
    initials: str
    status: State
    tier: Badge | None
    joined_at: dt.datetime | None
    region: str
    erased_on: dt.date | None
    as_of: dt.date | None
    refused: str
    today: dt.date
    moment: dt.datetime
    panel: Panel
    tabs: tuple[Tab, ...]
    kept: tuple[tuple[str, str], ...]
    now_url: str

    @property
    def is_past(self) -> bool:
        """Whether it shows a past date."""
        return self.as_of is not None

    @property
    def template(self) -> str:
        """The file of the panel."""
        name = "only_now" if self.is_past and self.panel.is_of_today else self.panel.value
        return f"console/member/{name}.html"


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
class OverviewPanel:
    """The first panel: figures, the tier on one ladder, what happened lately, and addresses with one thing changed."""

    facts: Facts
    standing: StandingCard | None
    ladders: tuple[Tab, ...]
    timeline: Timeline
    shows: tuple[Tab, ...]
    latest: str
    earlier: str


@dataclass(frozen=True)
class LedgerPanel:
    """The panel of the ledger: a page of a wallet, and addresses with one thing changed."""

    ledger: Ledger
    wallets: tuple[Tab, ...]
    newest: str
    older: str


def member_page(face: Face, data: Mapping[str, str], at: dt.datetime) -> MemberPage:
    """Will assemble what stands around the panel that the address asks for. One query."""
    today = clock.business_date(at)
    as_of, refused = read_as_of(data.get("as_of", ""), today)
    moment, panel, key = clock.day_end(as_of) if as_of else at, Panel.read(data.get("panel", "")), face.key
    names = {
        Panel.OVERVIEW: _("Overview"),
        Panel.LEDGER: _("Ledger"),
        Panel.COUPONS: _("Coupons and rewards"),
        Panel.BENEFITS: _("Benefits"),
        Panel.MESSAGES: _("Messages and campaigns"),
        Panel.NOTES: _("Notes and data"),
        Panel.PROFILE: _("Profile"),
    }
    shown = as_of.isoformat() if as_of else ""
    # Another date begins with its own first page.
    kept = {name: value for name, value in _given(panel, data).items() if name not in ("before", "until")}
    return MemberPage(
        number=key.number,
        name=face.name or _("No name"),
        initials=initials(face.name),
        status=status(key.status) if key.joined_at else State(_("Not joined"), ""),
        tier=_tier(key.id, moment, is_past=as_of is not None),
        joined_at=key.joined_at,
        region=face.region,
        erased_on=face.erased_on,
        as_of=as_of,
        refused=refused,
        today=today,
        moment=moment,
        panel=panel,
        tabs=tuple(Tab(_link(one, {"as_of": shown}), name, one is panel) for one, name in names.items()),
        kept=tuple(kept.items()),
        now_url=_link(panel, kept),
    )


def overview(face: Face, page: MemberPage, data: Mapping[str, str]) -> OverviewPanel:
    """Will assemble the first panel as the address asks for it. At most nine queries."""
    member_id, given = face.key.id, _given_then(page, data)
    show, until = Show.read(data.get("show", "")), read_instant(data.get("until", ""))
    ends = page.moment + dt.timedelta(microseconds=1)
    shown = timeline(member_id, show, min(until, ends) if until else ends, is_first=until is None)
    stood = () if page.is_past else tiers_queries.stands_of(member_id)
    ladder = next((one.ladder for one in stood if one.ladder == data.get("ladder")), tiers_queries.MAIN)
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

    def link(anchor: str, **changed: str) -> str:
        return _link(Panel.OVERVIEW, {**given, **changed}) + anchor

    return OverviewPanel(
        facts=_facts(member_id, page.moment, is_past=page.is_past),
        standing=standing_card(member_id, page.moment, is_past=page.is_past, ladder=ladder),
        ladders=tuple(
            Tab(
                link("#tier", ladder="" if one.ladder == tiers_queries.MAIN else one.ladder),
                f"{one.name or _('Main ladder')}: {badge(one.tier).name}",
                one.ladder == ladder,
            )
            for one in stood
            if len(stood) > 1
        ),
        timeline=shown,
        shows=tuple(
            Tab(link("#timeline", show="" if one is Show.ALL else one.value, until=""), word, one is show)
            for one, word in words.items()
        ),
        latest=link("#timeline", until=""),
        earlier=link("#timeline", until=shown.older) if shown.older else "",
    )


def ledger_panel(face: Face, page: MemberPage, data: Mapping[str, str]) -> LedgerPanel:
    """Will assemble the panel of the ledger as the address asks for it. At most five queries."""
    given, wallet = _given_then(page, data), read_wallet(data.get("wallet", ""))
    before = read_row(data.get("before", ""))
    entries = ledger(face.key.id, wallet, before, page.moment, _names(page.today))

    def link(**changed: str) -> str:
        return _link(Panel.LEDGER, {**given, **changed}) + "#ledger"

    return LedgerPanel(
        ledger=entries,
        wallets=(
            Tab(link(wallet="", before=""), _("Points"), entries.wallet == "points"),
            Tab(link(wallet="growth", before=""), _("Growth value"), entries.wallet == "growth"),
        ),
        newest=link(before=""),
        older=link(before=entries.older) if entries.older else "",
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


# ---- leaves


def _tier(member_id: int, at: dt.datetime, *, is_past: bool) -> Badge | None:
    """Will return the tier held on the main ladder. One query."""
    if is_past:
        last = tiers_queries.decided_by(member_id, at)
        return badge(last.to_tier) if last else None
    stood = next((one for one in tiers_queries.stands_of(member_id) if one.ladder == tiers_queries.MAIN), None)
    return badge(stood.tier) if stood else None


def _facts(member_id: int, at: dt.datetime, *, is_past: bool) -> Facts:
    """Will gather the figures on top. Three or four queries."""
    today = clock.business_date(at)
    balance = (points_queries.get_balance_as_of if is_past else points_queries.get_balance)(member_id, at)
    first = next((row for row in balance.expiring if row.date != dates.NEVER), None)
    try:
        window_starts_on = tiers_queries.terms_on(today).window_start(today)
    except tiers_queries.NoLadder:
        window_starts_on = today - dt.timedelta(days=364)
    shopping = orders_queries.shopping_of(member_id, at, window_starts_on, today)
    return Facts(
        available=balance.available,
        pending=balance.pending,
        debt=balance.debt,
        expires_on=first.date if first else None,
        expires_points=first.points if first else 0,
        expires_in_days=(first.date - today).days if first else 0,
        last_order_at=shopping.last_order_at,
        last_order_ago=formats.ago(shopping.last_order_at, at) if shopping.last_order_at else "",
        returned=shopping.returned,
    )


def _names(today: dt.date) -> dict[str, str]:
    """Will return the names of what rules ask for. Two queries."""
    try:
        return rule_names(today)
    except tiers_queries.NoLadder:
        return segment_names()


def _given(panel: Panel, data: Mapping[str, str]) -> dict[str, str]:
    """What the address says of a panel."""
    return {name: data[name] for name in PARAMETERS.get(panel, ()) if data.get(name)}


def _given_then(page: MemberPage, data: Mapping[str, str]) -> dict[str, str]:
    return {"as_of": page.as_of.isoformat() if page.as_of else "", **_given(page.panel, data)}


def _link(panel: Panel, said: Mapping[str, str]) -> str:
    asked = {"panel": "" if panel is Panel.OVERVIEW else panel.value, **said}
    return f"?{urlencode({name: value for name, value in asked.items() if value})}"
