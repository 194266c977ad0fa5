"""The overview: what needs somebody, the key figures with their change, points by week, members by tier, jobs."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from time import perf_counter

from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from kit import clock
from membership_site import charts, formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.members import QUIET_DAYS
from membership_site.console.pages import approvals, jobs
from membership_site.console.pages.jobs import RunRow
from membership_site.console.pages.outbox import obstacles
from membership_site.console.pages.periods import RANGES, Period, period, read_range
from membership_site.console.pages.rewards import running_low
from membership_site.console.pages.words import Badge, badge, sentences
from orders import queries as orders_queries
from orders.queries import SecondOrders
from points import queries as points_queries
from points.enums import EntryKind
from points.queries import Held
from tiers import queries as tiers_queries
from tiers.enums import DecisionKind

SLOW_SECONDS = 1.0
KEPT_SECONDS = 300
CACHE_VERSION = 2
PARKED_MAX = 1_000
KINDS = (
    (EntryKind.ACCRUAL,),
    (EntryKind.REDEMPTION, EntryKind.RESTORATION),
    (EntryKind.EXPIRY, EntryKind.REINSTATEMENT),
    (EntryKind.REVERSAL,),
)
"""In the order of the chart's colours: earned, used less given back, expired less brought back, taken back.

What is of no such kind - booked by hand, written off - comes after them in the table and in every sum.
"""


@dataclass(frozen=True)
class Figures:
    """What the database was asked for; kept for some minutes where it took long. Points by bucket and kind."""

    at: dt.datetime
    moved: tuple[tuple[int, ...], ...]
    moved_before: tuple[int, ...]
    sales: tuple[Decimal, ...]
    sales_before: Decimal
    active: int
    active_before: int
    second: SecondOrders
    second_before: SecondOrders
    held: Held
    by_tier: dict[str, int]
    came: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Change:
    """How a figure moved: `tone` is good, bad or neither."""

    icon: str
    direction: str
    words: str
    tone: str


@dataclass(frozen=True)
class Kpi:
    """A key figure; `means` is what stands below it, `definition` how it is worked out."""

    label: str
    value: str
    means: str
    definition: str
    spark: str
    change: Change | None


@dataclass(frozen=True)
class Todo:
    """Something that needs a person; the button leads to where it is done."""

    tone: str
    icon: str
    title: str
    words: str
    url: str
    button: str


@dataclass(frozen=True)
class FlowRow:
    """A bucket of the chart: earned, used, expired, taken back, and what was booked by hand."""

    label: str
    points: tuple[int, ...]


@dataclass(frozen=True)
class TierRow:
    """A tier: how many stand there, and how many came up or down to it in the period."""

    tier: Badge
    members: int
    share: float
    came_up: int
    came_down: int


@dataclass(frozen=True)
class RangeLink:
    """A period to choose."""

    code: str
    label: str
    is_current: bool


@dataclass(frozen=True)
class OverviewPage:
    """The overview as the template shows it."""

    ranges: tuple[RangeLink, ...]
    starts_on: dt.date
    ends_on: dt.date
    compared_with: str
    at: dt.datetime
    todos: tuple[Todo, ...]
    kpis: tuple[Kpi, ...]
    flow_title: str
    flow_chart: str
    flow_head: str
    flow_rows: tuple[FlowRow, ...]
    tier_bar: str
    tiers: tuple[TierRow, ...]
    jobs: tuple[RunRow, ...]
    jobs_url: str


def overview_page(person: Person, range_code: str, at: dt.datetime) -> OverviewPage:
    """Will assemble the overview. At most 30 queries; figures that took long are kept for five minutes."""
    today = clock.business_date(at)
    shown = period(read_range(range_code), today)
    figures = _figures(shown, at)
    tiers = _tiers(figures, today)
    return OverviewPage(
        ranges=tuple(RangeLink(known.code, str(known.label), known is shown.range) for known in RANGES),
        starts_on=shown.starts_on,
        ends_on=shown.ends_on,
        compared_with=str(shown.range.before),
        at=figures.at,
        todos=_todos(person, at),
        kpis=_kpis(figures, shown),
        flow_title=str(shown.range.title),
        flow_chart=_flow_chart(figures, shown),
        flow_head=str(shown.range.bucket_label),
        flow_rows=tuple(FlowRow(_bucket_label(shown, index), moved) for index, moved in enumerate(figures.moved)),
        tier_bar=charts.split([(f"look-{row.tier.look}", row.share) for row in tiers]),
        tiers=tuple(reversed(tiers)),
        jobs=jobs.latest_rows(at) if person.may(Capability.SEE_JOBS) else (),
        jobs_url=_jobs_url(person),
    )


# ---- figures


def _figures(shown: Period, at: dt.datetime) -> Figures:
    """Will ask the database, or take what it answered some minutes ago where that took more than a second."""
    key = f"console:overview:{CACHE_VERSION}:{shown.range.code}:{shown.ends_on}"
    kept: Figures | None = cache.get(key)
    if kept is not None:
        return kept
    started = perf_counter()
    figures = _ask(shown, at)
    if perf_counter() - started > SLOW_SECONDS:
        cache.set(key, figures, KEPT_SECONDS)
    return figures


def _ask(shown: Period, at: dt.datetime) -> Figures:
    """Will ask for all figures of a period and the one before. Nine queries."""
    moved: list[Counter[str]] = [Counter() for _bucket in shown.buckets]
    moved_before: Counter[str] = Counter()
    for row in points_queries.moved_by_date(shown.before_starts_on, shown.ends_on):
        if row.date >= shown.starts_on:
            moved[shown.bucket_of(row.date)][row.kind] += row.points
        elif row.date <= shown.before_ends_on:
            moved_before[row.kind] += row.points
    sales = [Decimal(0) for _bucket in shown.buckets]
    sales_before = Decimal(0)
    for spend in orders_queries.spend_by_date(shown.before_starts_on, shown.ends_on):
        if spend.date >= shown.starts_on:
            sales[shown.bucket_of(spend.date)] += spend.spend
        elif spend.date <= shown.before_ends_on:
            sales_before += spend.spend
    quiet = dt.timedelta(days=QUIET_DAYS - 1)
    cohort = dt.timedelta(days=QUIET_DAYS)
    return Figures(
        at=at,
        moved=tuple(_by_column(bucket) for bucket in moved),
        moved_before=_by_column(moved_before),
        sales=tuple(sales),
        sales_before=sales_before,
        active=orders_queries.count_buyers(shown.ends_on - quiet, shown.ends_on),
        active_before=orders_queries.count_buyers(shown.before_ends_on - quiet, shown.before_ends_on),
        second=orders_queries.second_orders(shown.starts_on - cohort, shown.ends_on - cohort, QUIET_DAYS),
        second_before=orders_queries.second_orders(
            shown.before_starts_on - cohort, shown.before_ends_on - cohort, QUIET_DAYS
        ),
        held=points_queries.held_by_all(),
        by_tier=tiers_queries.count_by_tier(),
        came={
            (move.kind, move.code): move.members for move in tiers_queries.moves_between(shown.starts_on, shown.ends_on)
        },
    )


def _by_column(moved: Counter[str]) -> tuple[int, ...]:
    """Will sum what a bucket moved by the chart's series, and what is none of them behind these."""
    series = tuple(sum(moved[kind] for kind in kinds) for kinds in KINDS)
    return (*series, moved.total() - sum(series))


# ---- key figures


def _kpis(figures: Figures, shown: Period) -> tuple[Kpi, ...]:
    return (_active(figures), _sales(figures), _second(figures, shown), _redeemed(figures), _liability(figures, shown))


def _active(figures: Figures) -> Kpi:
    days = {"days": formats.num(QUIET_DAYS)}
    return Kpi(
        label=_("Active members"),
        value=formats.num(figures.active),
        means=_("ordered in %(days)s days") % days,
        definition=_("Members with a paid order in the %(days)s days up to the end of the period.") % days,
        spark="",
        change=_growth(figures.active, figures.active_before),
    )


def _sales(figures: Figures) -> Kpi:
    total = sum(figures.sales, Decimal(0))
    return Kpi(
        label=_("Sales from members"),
        value=formats.compact_money(total) if total >= 100_000 else formats.money0(round(total)),
        means=_("less returns"),
        definition=_(
            "Paid orders placed in the period, after discounts, before shipping and tax, less what was returned or "
            "cancelled of them since."
        ),
        spark=charts.spark([float(amount) for amount in figures.sales]),
        change=_growth(total, figures.sales_before),
    )


def _second(figures: Figures, shown: Period) -> Kpi:
    share, before = _share(figures.second), _share(figures.second_before)
    firsts = dt.timedelta(days=QUIET_DAYS)
    return Kpi(
        label=_("Second order in %(days)s days") % {"days": formats.num(QUIET_DAYS)},
        value=formats.pct(share) if share is not None else "–",
        means=_("of first-time buyers"),
        definition=_(
            "Of the members whose first order was placed from %(first)s to %(last)s, the share that ordered again "
            "within %(days)s days."
        )
        % {
            "first": formats.cal(shown.starts_on - firsts),
            "last": formats.cal(shown.ends_on - firsts),
            "days": formats.num(QUIET_DAYS),
        },
        spark="",
        change=_shift(share, before),
    )


def _redeemed(figures: Figures) -> Kpi:
    now = [sum(bucket[index] for bucket in figures.moved) for index in range(len(KINDS))]
    share, before = _used_share(now), _used_share(figures.moved_before)
    return Kpi(
        label=_("Points redeemed"),
        value=formats.pct(share) if share is not None else "–",
        means=_("of points earned"),
        definition=_("Points used in the period, as a share of the points earned in it less those taken back."),
        spark=charts.spark([float(-bucket[1]) for bucket in figures.moved]),
        change=_shift(share, before),
    )


def _liability(figures: Figures, shown: Period) -> Kpi:
    held = figures.held.net
    then = held - sum(sum(bucket) for bucket in figures.moved)
    curve = [then]
    for bucket in figures.moved:
        curve.append(curve[-1] + sum(bucket))
    try:
        rate = points_queries.policy_on(shown.ends_on).redemption_points_per_unit
    except points_queries.NoPolicy:
        rate = 0
    worth = Decimal(held) / rate if rate else None
    change = _growth(held, then)
    words = {"points": formats.compact(held)}
    text = "–" if worth is None else formats.compact_money(worth) if worth >= 100_000 else formats.money0(round(worth))
    return Kpi(
        label=_("Points liability"),
        value=text,
        means=_("%(points)s points unused") % words,
        definition=_(
            "All points members hold, those on hold included, less what they owe, at %(rate)s points for %(unit)s. "
            "Compared with the day before the period."
        )
        % {"rate": formats.num(rate), "unit": formats.money0(1)},
        spark=charts.spark([float(points) for points in curve]),
        change=Change(change.icon, change.direction, change.words, "") if change else None,
    )


def _share(second: SecondOrders) -> float | None:
    return second.seconds / second.firsts if second.firsts else None


def _used_share(moved: tuple[int, ...] | list[int]) -> float | None:
    earned = moved[0] + moved[3]
    return -moved[1] / earned if earned > 0 else None


def _growth(now: Decimal | int, before: Decimal | int) -> Change | None:
    """Will say by how much an amount grew; nothing where there was none before."""
    if not before:
        return None
    share = float(now) / float(before) - 1
    return _change(share, formats.pct(abs(share)))


def _shift(now: float | None, before: float | None) -> Change | None:
    """Will say what a share was before; a share of a share would mislead."""
    if now is None or before is None:
        return None
    return _change(now - before, _("was %(share)s") % {"share": formats.pct(before)})


def _change(by: float, words: str) -> Change:
    if abs(by) < 0.0005:
        return Change("arrow-right", _("as before"), words, "z")
    if by > 0:
        return Change("arrow-up-right", pgettext("a figure went", "up"), words, "g")
    return Change("arrow-down-right", pgettext("a figure went", "down"), words, "b")


# ---- chart and tiers


def _flow_chart(figures: Figures, shown: Period) -> str:
    names = (_("Earned"), _("Redeemed"), _("Expired"), _("Taken back"))
    labels = [_bucket_label(shown, index) for index in range(len(shown.buckets))]
    sums = [sum(bucket[index] for bucket in figures.moved) for index in range(len(KINDS))]
    sentence = _("%(title)s: %(sums)s.") % {
        "title": shown.range.title,
        "sums": formats.listing([f"{name} {formats.num(abs(total))}" for name, total in zip(names, sums, strict=True)]),
    }
    tips = [
        "\n".join([label, *(f"{name}  {formats.num(abs(n))}" for name, n in zip(names, bucket, strict=False))])
        for label, bucket in zip(labels, figures.moved, strict=True)
    ]
    series = [[float(bucket[index]) for bucket in figures.moved] for index in range(len(KINDS))]
    return charts.bars(labels, series, label=sentence, tips=tips, every=shown.range.label_every)


def _bucket_label(shown: Period, index: int) -> str:
    first = shown.buckets[index][0]
    return formats.cal(first, "yMMM" if shown.range.months else "MMMd")


def _tiers(figures: Figures, today: dt.date) -> list[TierRow]:
    try:
        tiers = tiers_queries.tiers_of_ladder(today)
    except tiers_queries.NoLadder:
        return []
    everybody = sum(figures.by_tier.values())
    return [
        TierRow(
            tier=badge(tier),
            members=figures.by_tier.get(tier.code, 0),
            share=figures.by_tier.get(tier.code, 0) / everybody if everybody else 0.0,
            came_up=figures.came.get((DecisionKind.UPGRADE, tier.code), 0),
            came_down=figures.came.get((DecisionKind.DOWNGRADE, tier.code), 0),
        )
        for tier in tiers
    ]


# ---- what needs somebody


def _todos(person: Person, at: dt.datetime) -> tuple[Todo, ...]:
    """Will list what waits for a person, the worst first. At most twelve queries."""
    jobs_url = _jobs_url(person)
    todos = [
        Todo(
            tone="warn" if stop.is_held else "bad",
            icon="pause" if stop.is_held else "triangle-alert",
            title=stop.title,
            words=stop.cause,
            url=jobs_url,
            button=_("Look") if stop.is_held else _("Open jobs"),
        )
        for stop in jobs.stops()
    ]
    if missed := jobs.missed_night(at):
        todos.append(Todo("bad", "moon", missed.title, missed.cause, jobs_url, _("Open jobs")))
    if asked := _asked(person):
        todos.append(asked)
    if asked := _questions(person):
        todos.append(asked)
    todos += [Todo(one.tone, one.icon, one.title, one.words, one.url, _("Look")) for one in obstacles(person)]
    todos += _running_low(person, at)
    if parked := _parked():
        todos.append(parked)
    return tuple(todos)


def _running_low(person: Person, at: dt.datetime) -> list[Todo]:
    """Will name gifts and codes that are running out, to who may add some. At most three queries."""
    if not person.may(Capability.EDIT_BENEFITS):
        return []
    return [Todo("warn", "package", low.title, low.words, low.url, _("Add some")) for low in running_low(at)]


def _asked(person: Person) -> Todo | None:
    """Will name the requests that wait for a second person, to who may be that person. At most one query."""
    asked = approvals.waiting_for(person)
    if not asked.count or asked.oldest_at is None:
        return None
    title = ngettext("%(n)s request waits for approval", "%(n)s requests wait for approval", asked.count)
    words = _("Points booked by hand, above what one person may do. The oldest waits since %(date)s.")
    return Todo(
        "warn",
        "shield-check",
        title % {"n": formats.num(asked.count)},
        words % {"date": formats.cal(asked.oldest_at)},
        reverse("console:approvals"),
        _("Look"),
    )


def _questions(person: Person) -> Todo | None:
    """Will name the decisions that members question, to who may answer. At most one query."""
    if not person.may(Capability.ANSWER_QUESTIONS):
        return None
    found = tiers_queries.count_open_challenges()
    if not found.count or found.oldest_at is None:
        return None
    title = ngettext("%(n)s member thinks a tier is wrong", "%(n)s members think a tier is wrong", found.count)
    return Todo(
        "warn",
        "circle-question-mark",
        title % {"n": formats.num(found.count)},
        _("The oldest question waits since %(date)s.") % {"date": formats.cal(found.oldest_at)},
        reverse("console:questions"),
        _("Look"),
    )


def _jobs_url(person: Person) -> str:
    return reverse("console:jobs") if person.may(Capability.SEE_JOBS) else ""


def _parked() -> Todo | None:
    waiting = orders_queries.parked(PARKED_MAX + 1)
    if not waiting.orders:
        return None
    shown = formats.num(min(waiting.orders, PARKED_MAX)) + ("+" if waiting.orders > PARKED_MAX else "")
    title = ngettext("%(n)s order waits for its member", "%(n)s orders wait for their members", waiting.orders) % {
        "n": shown
    }
    words = _("The shop named members nobody knows. An order earns as soon as its member joins or is imported.")
    if waiting.oldest_order_at:
        since = _("The oldest was placed on %(date)s.") % {"date": formats.cal(waiting.oldest_order_at)}
        words = sentences(words, since)
    return Todo("warn", "package", title, words, "", "")
