"""The list of members: views, filters, sorted columns, a page by key, and an honest count."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns import queries as campaigns_queries
from insights import queries as insights_queries
from insights import wording as insights_wording
from insights.enums import Stage
from kit import clock, paging
from kit.models import SavedView
from members import queries as members_queries
from members.enums import MemberStatus
from members.queries import MemberRow
from membership_site import formats
from membership_site.console.forms.members import COLUMNS, DROP_DAYS, QUIET_DAYS, SHOWS, Wanted, read_filters
from membership_site.console.pages.frame import initials
from membership_site.console.pages.words import Badge, Keep, State, Way, amount, badge, done, nearest, status
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers.enums import MemberSort, Ordered
from tiers.queries import StandingRow

PAGE = "members"
ROWS = 25
COUNT_MAX = 10_000
COUNT_MILLISECONDS = 400
LIST_MILLISECONDS = 8_000
HIGH_BALANCE = 10_000

BUILT_IN = (
    (gettext_lazy("All members"), ""),
    (gettext_lazy("About to drop"), "keeps=risk&sort=ends"),
    (gettext_lazy("High balance"), f"points_min={HIGH_BALANCE}&sort=points"),
    (gettext_lazy("Gone quiet"), "ordered=quiet&sort=spend"),
    (gettext_lazy("Asleep"), f"stage={Stage.SLEEPING}&sort=spend"),
)


@dataclass(frozen=True)
class Tab:
    """A view of the list; `saved_id` is set where the reader keeps it himself."""

    label: str
    url: str
    is_current: bool
    saved_id: int | None = None


@dataclass(frozen=True)
class Option:
    """One choice of a filter."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True)
class Column:
    """A heading that sorts: where it leads, and how the list is sorted by it now."""

    label: str
    url: str
    direction: str


@dataclass(frozen=True)
class Shown:
    """A column that can be hidden; the address is that of the list with it turned over."""

    label: str
    url: str
    is_shown: bool


@dataclass(frozen=True)
class Row:
    """A member in the list; what he does not have is missing."""

    url: str
    number: str
    name: str
    initials: str
    tier: Badge | None
    points: int | None
    spend: Decimal | None
    keep: Keep | None
    stage: str
    last_order: str
    status: State


@dataclass(frozen=True)
class Options:
    """What the filters offer."""

    tiers: tuple[Option, ...]
    statuses: tuple[Option, ...]
    ordered: tuple[Option, ...]
    keeps: tuple[Option, ...]
    stages: tuple[Option, ...]
    tags: tuple[Option, ...]


@dataclass(frozen=True)
class MembersPage:
    """The list as the template shows it."""

    tabs: tuple[Tab, ...]
    given: Mapping[str, str]
    query: str
    is_filtered: bool
    more_open: bool
    refused: tuple[tuple[str, str], ...]
    options: Options
    columns: Mapping[str, Column]
    choice: tuple[Shown, ...]
    hidden: frozenset[str]
    rows: tuple[Row, ...]
    count: str
    newer: str
    older: str
    is_too_slow: bool
    has_members: bool
    window_days: int
    segment: str


def members_page(data: Mapping[str, str], actor: str, account_id: int, at: dt.datetime) -> MembersPage:
    """Will assemble the list that an address asks for. At most ten queries, however many members there are.

    A segment adds one, and those of compiling it; a page before which less than a page is left, one.
    """
    today = clock.business_date(at)
    wanted, segment = in_segment(read_filters(data, today), account_id, at)
    views = SavedView.objects.filter(owner=actor, page=PAGE).order_by("name")
    before, after = (paging.read_place(data.get(name, "")) for name in ("before", "after"))
    found, count = _found(wanted, before, after)
    is_too_slow = found is None
    found = found or tiers_queries.MemberPage((), None, None)
    return MembersPage(
        tabs=_tabs(wanted, [(view.id, view.name, view.query) for view in views]),
        given=wanted.given,
        query=wanted.query,
        is_filtered=wanted.is_filtered,
        more_open=any(wanted.given[name] for name in wanted.given if name not in ("q", "tier", "segment", *SHOWS)),
        refused=wanted.refused,
        options=_options(wanted, today),
        columns=_columns(wanted),
        choice=_choice(wanted),
        hidden=wanted.hidden,
        rows=_rows(found.ids, at),
        count=count,
        newer=_page_query(wanted, "before", found.before),
        older=_page_query(wanted, "after", found.after),
        is_too_slow=is_too_slow,
        has_members=bool(found.ids) or wanted.is_filtered or is_too_slow,
        window_days=_window_days(today),
        segment=segment,
    )


def in_segment(wanted: Wanted, account_id: int, at: dt.datetime) -> tuple[Wanted, str]:
    """Will keep members of the segment asked for, and name it; one that this person does not see is refused.

    One query, and those of compiling it; none where no segment is asked for.
    """
    if not wanted.segment:
        return wanted, ""
    row = campaigns_queries.find_segment(wanted.segment, account_id)
    if row is None:
        refused = (*wanted.refused, (_("Segment"), _("There is no such segment, or it is not shared with you.")))
        return replace(wanted, refused=refused), ""
    among = campaigns_queries.among(campaigns_queries.tree_of(row), at)
    return replace(wanted, filter=replace(wanted.filter, among=(*wanted.filter.among, among))), row.name


def member_url(number: str, panel: str = "") -> str:
    """Will return the address of a member's page, of its first panel or of the named one."""
    page = reverse("console:member", args=[number])
    return f"{page}?panel={panel}" if panel else page


# ---- tabs, options, columns


def _tabs(wanted: Wanted, saved: Sequence[tuple[int, str, str]]) -> tuple[Tab, ...]:
    base = reverse("console:members")
    tabs = [Tab(str(label), f"{base}?{query}" if query else base, wanted.query == query) for label, query in BUILT_IN]
    tabs += [Tab(name, f"{base}?{query}", wanted.query == query, view_id) for view_id, name, query in saved]
    if not any(tab.is_current for tab in tabs) and not wanted.is_filtered:
        tabs[0] = Tab(tabs[0].label, tabs[0].url, is_current=True)
    return tuple(tabs)


def _options(wanted: Wanted, today: dt.date) -> Options:
    try:
        tiers = [(tier.code, badge(tier).name) for tier in tiers_queries.tiers_of_ladder(today)]
    except tiers_queries.NoLadder:
        tiers = []
    days = {"days": formats.num(QUIET_DAYS)}
    ordered = [
        (Ordered.RECENTLY.value, _("In the last %(days)s days") % days),
        (Ordered.QUIET.value, _("Not for %(days)s days") % days),
        (Ordered.NEVER.value, _("Never")),
    ]
    risk = _("Tier ends within %(days)s days, not kept yet") % {"days": formats.num(DROP_DAYS)}
    tags = members_queries.list_tags()
    return Options(
        tiers=_choices(wanted, "tier", tiers),
        statuses=_choices(wanted, "status", [(s.value, status(s.value).words) for s in MemberStatus]),
        ordered=_choices(wanted, "ordered", ordered),
        keeps=_choices(wanted, "keeps", [("risk", risk)]),
        stages=_choices(wanted, "stage", [(s.value, insights_wording.stage_name(s)) for s in Stage]),
        tags=_choices(wanted, "tag", [(tag, tag) for tag in tags]),
    )


def _choices(wanted: Wanted, name: str, pairs: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    return tuple(Option(value, label, wanted.given[name] == value) for value, label in pairs)


def _columns(wanted: Wanted) -> dict[str, Column]:
    labels = {
        MemberSort.NEWEST: _("Member"),
        MemberSort.POINTS: _("Points"),
        MemberSort.SPEND: _("Spend"),
        MemberSort.ENDS: _("Keeps tier"),
    }
    return {sort.value: _column(wanted, sort, label) for sort, label in labels.items()}


def _column(wanted: Wanted, sort: MemberSort, label: str) -> Column:
    """Will lead to the natural direction first, from there to the other and back."""
    is_sorted = wanted.sort is sort
    target = f"-{sort}" if is_sorted and not wanted.turned else sort.value
    given = wanted.given | {"sort": "" if target == MemberSort.NEWEST else target}
    query = urlencode({name: value for name, value in given.items() if value})
    falls = (sort is not MemberSort.ENDS) != wanted.turned
    return Column(label, f"?{query}", ("descending" if falls else "ascending") if is_sorted else "")


def _choice(wanted: Wanted) -> tuple[Shown, ...]:
    """Will lead to the same list with one column more, or less."""
    labels = {
        "tier": _("Tier"),
        "points": _("Points"),
        "spend": _("Spend"),
        "keeps": _("Keeps tier"),
        "stage": _("Stage"),
        "last": _("Last order"),
        "status": _("Status"),
    }
    shown = []
    for column in COLUMNS:
        hide = "-".join(one for one in COLUMNS if (one in wanted.hidden) != (one == column))
        query = urlencode({name: value for name, value in (wanted.given | {"hide": hide}).items() if value})
        shown.append(Shown(labels[column], f"{reverse('console:members')}?{query}", column not in wanted.hidden))
    return tuple(shown)


def _page_query(wanted: Wanted, name: str, place: paging.Place | None) -> str:
    if place is None:
        return ""
    return "?" + "&".join(filter(None, [wanted.query, urlencode({name: str(place)})]))


# ---- rows


def _rows(ids: Sequence[int], at: dt.datetime) -> tuple[Row, ...]:
    """Will ask each room once for all members of the page. Five queries."""
    if not ids:
        return ()
    members = members_queries.rows_of(ids)
    standings = tiers_queries.standings_of(ids)
    available = points_queries.available_of(ids, clock.business_date(at))
    last_orders = orders_queries.last_orders_of(ids)
    stages = insights_queries.stages_of(ids)
    rows = (
        _row(members[member_id], standings.get(member_id), available.get(member_id, 0), last_orders.get(member_id), at)
        for member_id in ids
    )
    return tuple(
        replace(row, stage=insights_wording.stage_name(stages[member_id].stage) if member_id in stages else "")
        for member_id, row in zip(ids, rows, strict=True)
    )


def _row(
    member: MemberRow, standing: StandingRow | None, available: int, last_order: dt.datetime | None, at: dt.datetime
) -> Row:
    return Row(
        url=member_url(member.number),
        number=member.number,
        name=member.name or _("No name"),
        initials=initials(member.name),
        tier=badge(standing.tier) if standing else None,
        points=available if standing else None,
        spend=standing.facts.spend if standing else None,
        keep=keep_of(standing.keep) if standing and standing.keep else None,
        stage="",
        last_order=formats.ago(last_order, at) if last_order else "",
        status=status(member.status) if member.joined_at else State(_("Not joined"), ""),
    )


def keep_of(ways: tuple[Way, ...]) -> Keep:
    """Will say how far the nearest of the ways is that keep a tier."""
    way = nearest(ways)
    metric, _need, missing = way
    if not missing:
        return Keep("1", _("Kept"), is_kept=True)
    return Keep(f"{done(way):.3f}", _("%(amount)s short") % {"amount": amount(metric, missing)}, is_kept=False)


# ---- how many


def _found(
    wanted: Wanted, before: paging.Place | None, after: paging.Place | None
) -> tuple[tiers_queries.MemberPage | None, str]:
    """Will return the page, or None where it takes too long, and how many members the filters keep.

    They are counted exactly while that is cheap; then it is said that there are more, or about how many.
    """
    found = None
    try:
        with paging.within(LIST_MILLISECONDS):
            found = tiers_queries.list_members(
                wanted.filter, wanted.sort, turned=wanted.turned, after=after, before=before, limit=ROWS
            )
            if not (before or after or found.after):
                return found, _members(len(found.ids))
            paging.tighten(COUNT_MILLISECONDS)
            if wanted.is_filtered:
                count, estimate = tiers_queries.count_members(wanted.filter, COUNT_MAX + 1), 0
            else:
                count, estimate = members_queries.count_about(COUNT_MAX + 1)
    except paging.TooSlow:
        return found, _("More members than could be counted quickly") if found else ""
    if count <= COUNT_MAX:
        return found, _members(count)
    if estimate > COUNT_MAX:
        return found, _("About %(n)s members") % {"n": formats.compact(estimate)}
    return found, _("More than %(n)s members") % {"n": formats.num(COUNT_MAX)}


def _members(count: int) -> str:
    return ngettext("%(n)s member", "%(n)s members", count) % {"n": formats.num(count)}


def _window_days(today: dt.date) -> int:
    try:
        return tiers_queries.terms_on(today).window_days
    except tiers_queries.NoLadder:
        return 0
