"""The list of campaigns with their figures, what a new one begins with, and the days on which orders earn more."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.enums import CampaignKind, CampaignState
from campaigns.queries import CampaignRow, HeadlineView, PointDay
from campaigns.rules.recipes import RECIPES
from kit import clock
from kit.paging import Place, read_instant, read_place
from membership_site import formats
from membership_site.console.pages.members import Tab
from membership_site.console.pages.words import State

ROWS = 25
DAYS_SHOWN = 20
CALENDAR_DAYS = 180

TONES = {
    CampaignState.DRAFT: "",
    CampaignState.IN_REVIEW: "warn",
    CampaignState.APPROVED: "info",
    CampaignState.SCHEDULED: "info",
    CampaignState.RUNNING: "good",
    CampaignState.PAUSED: "warn",
    CampaignState.FINISHED: "",
    CampaignState.CANCELLED: "",
}
VIEW_WORDS: Mapping[str, object] = {
    "": gettext_lazy("All campaigns"),
    "live": gettext_lazy("Under way"),
    "planned": gettext_lazy("Planned"),
    "drafts": gettext_lazy("Drafts"),
    "review": gettext_lazy("Wait for review"),
    "ended": gettext_lazy("Ended"),
}
RECIPE_WORDS: Mapping[str, tuple[object, object]] = {
    "win_back": (gettext_lazy("Win back"), gettext_lazy("Members whose last order was 60 days to a year ago, once.")),
    "birthday": (gettext_lazy("Birthday"), gettext_lazy("Each member on his birthday, at most once a year.")),
    "welcome": (gettext_lazy("Welcome"), gettext_lazy("Each new member, an hour after joining.")),
    "upgrade": (gettext_lazy("Moved up a tier"), gettext_lazy("Each member who moves up, the next morning.")),
    "about_to_fall": (gettext_lazy("About to lose a tier"), gettext_lazy("Whoever is warned that his tier ends.")),
    "points_lapsing": (gettext_lazy("Points about to expire"), gettext_lazy("Whoever is told that points expire.")),
    "gone_quiet": (gettext_lazy("Gone quiet"), gettext_lazy("Whoever has not ordered for 60 days, day by day.")),
    "streak_broken": (
        gettext_lazy("Run of check-ins ended"),
        gettext_lazy("After seven days in a row and one missed."),
    ),
    "double_points": (gettext_lazy("Double points day"), gettext_lazy("One day on which all orders earn double.")),
    "member_day": (gettext_lazy("Member day"), gettext_lazy("Every 8th of the month orders earn double.")),
    "blank_once": (gettext_lazy("Empty, goes out once"), gettext_lazy("At once, or at a date and time.")),
    "blank_recurring": (gettext_lazy("Empty, again and again"), gettext_lazy("Daily, weekly or monthly.")),
    "blank_triggered": (gettext_lazy("Empty, when something happens"), gettext_lazy("Set going by a happening.")),
}


@dataclass(frozen=True)
class Row:
    """A campaign in the list; the figures are dashes until the night has counted them."""

    url: str
    name: str
    kind: str
    author: str
    state: State
    when: str
    reach: str
    used: str
    extra: str
    counted: str


@dataclass(frozen=True)
class ListPage:
    """The list of campaigns as the template shows it."""

    tabs: tuple[Tab, ...]
    view: str
    text: str
    rows: tuple[Row, ...]
    older: str
    is_first: bool
    is_empty: bool
    days: tuple["Day", ...]


@dataclass(frozen=True)
class Begin:
    """One thing a new campaign can begin with."""

    code: str
    name: str
    words: str
    is_chosen: bool


@dataclass(frozen=True)
class Day:
    """A coming date on which orders earn more."""

    date: dt.date
    times: str
    name: str
    url: str


def list_page(view: str, text: str, before: str, at: dt.datetime) -> ListPage:
    """Will assemble a page of the list, never working results out. Three queries."""
    view = view if view in campaigns_queries.VIEWS else ""
    place = _place(before)
    rows = campaigns_queries.list_campaigns(view, text=text, before=place, limit=ROWS + 1)
    counts = campaigns_queries.count_by_view()
    asked = {"q": text} if text else {}
    tabs = [Tab(str(VIEW_WORDS[""]), _url(asked), is_current=not view)]
    for name, number in counts.items():
        label = f"{VIEW_WORDS[name]} {formats.num(number)}" if number else str(VIEW_WORDS[name])
        tabs.append(Tab(label, _url({"view": name, **asked}), is_current=name == view))
    shown = rows[:ROWS]
    last = shown[-1] if len(rows) > ROWS else None
    older = {"view": view, **asked, "before": str(Place(last.changed_at.isoformat(), last.id))} if last else {}
    return ListPage(
        tabs=tuple(tabs),
        view=view,
        text=text,
        rows=tuple(_row(row, at) for row in shown),
        older=urlencode({name: value for name, value in older.items() if value}),
        is_first=place is None,
        is_empty=not sum(counts.values()),
        days=coming_days(at),
    )


def _place(before: str) -> Place | None:
    """Will read where the page before ended; anything else is the first page."""
    place = read_place(before)
    return place if place and read_instant(place.key) else None


def _url(asked: Mapping[str, str]) -> str:
    return f"{reverse('console:campaigns')}{'?' if asked else ''}{urlencode(asked)}"


def _row(row: CampaignRow, at: dt.datetime) -> Row:
    found = row.headline
    return Row(
        url=reverse("console:campaign", args=[row.id]),
        name=row.name,
        kind=wording.kind_name(row.kind),
        author=row.author,
        state=state_of(row.state),
        when=when_of(row.starts_at, row.ends_at),
        reach=formats.num(found.members) if found else NOTHING,
        used=used_of(found) if found else NOTHING,
        extra=extra_of(found) if found else NOTHING,
        counted=_("Counted %(when)s") % {"when": formats.ago(found.at, at)} if found else "",
    )


NOTHING = "–"


def state_of(state: str) -> State:
    """Will return a campaign's state in a word."""
    return State(wording.state_name(state), TONES[CampaignState(state)])


def when_of(starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> str:
    """Will say from when to when a campaign goes; empty before it is started."""
    if starts_at is None:
        return ""
    first = formats.cal(starts_at)
    if ends_at is None:
        return _("from %(first)s") % {"first": first}
    last = formats.cal(ends_at - dt.timedelta(microseconds=1))
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def used_of(found: HeadlineView) -> str:
    """Will say how many did what a campaign is for, and which share of those written to."""
    if not found.members:
        return NOTHING
    return f"{formats.num(found.converted)} ({formats.pct(found.converted / found.members)})"


def extra_of(found: HeadlineView) -> str:
    """Will say what was sold more because of a campaign, or that chance could have made it."""
    if found.extra is None or found.extra_low is None or found.extra_high is None:
        return NOTHING
    if found.extra_low <= 0 <= found.extra_high:
        return _("as by chance")
    return formats.money0(round(found.extra))


def coming_days(at: dt.datetime) -> tuple[Day, ...]:
    """Will list the point days to come. One query."""
    today = clock.business_date(at)
    last = today + dt.timedelta(days=CALENDAR_DAYS)
    found = campaigns_queries.point_days_between(campaigns_queries.point_days(), today, last)
    return tuple(_day(day) for day in found[:DAYS_SHOWN])


def _day(day: PointDay) -> Day:
    return Day(
        date=day.date,
        times=wording.times_words(day.multiplier, formats),
        name=wording.name_in(day.names),
        url=reverse("console:campaign", args=[day.campaign_id]),
    )


def beginnings(chosen: str) -> tuple[tuple[str, tuple[Begin, ...]], ...]:
    """Will list what a new campaign can begin with, by kind. No query."""
    groups: dict[CampaignKind, list[Begin]] = {}
    for recipe in RECIPES:
        name, words = RECIPE_WORDS[recipe.code]
        one = Begin(recipe.code, str(name), str(words), recipe.code == chosen)
        groups.setdefault(recipe.kind, []).append(one)
    return tuple((wording.kind_name(kind), tuple(found)) for kind, found in groups.items())


def members_words(number: int) -> str:
    """Will say how many members there are."""
    return ngettext("%(n)s member", "%(n)s members", number) % {"n": formats.num(number)}
