"""The overview: what needs somebody, the key figures with their change, two charts, tiers, campaigns, the night."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns import queries as campaigns_queries
from campaigns import wording as campaigns_wording
from campaigns.queries import CampaignRow
from kit import cached, clock
from membership_site import charts, formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.members import QUIET_DAYS
from membership_site.console.forms.overview import LAST_YEAR, DatesForm
from membership_site.console.pages import approvals, jobs
from membership_site.console.pages.campaigns import extra_of, state_of, used_of, when_of
from membership_site.console.pages.frame import Needs
from membership_site.console.pages.jobs import Latest, Overnight
from membership_site.console.pages.outbox import obstacles
from membership_site.console.pages.periods import MONTHS, RANGES, Period, own_period, period, read_range
from membership_site.console.pages.rewards import running_low
from membership_site.console.pages.words import Badge, State, badge, sentences
from orders import queries as orders_queries
from orders.queries import Parked, SecondOrders, Trade
from points import queries as points_queries
from points.enums import EntryKind
from points.queries import Held, Waiting
from tiers import queries as tiers_queries
from tiers.enums import DecisionKind

CACHE_VERSION = 3
PARKED_MAX = 1_000
TODOS_SHOWN = 5
CAMPAIGNS_SHOWN = 4
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
    moved_since: int
    sales: tuple[Decimal, ...]
    sales_before: tuple[Decimal, ...]
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
class SalesRow:
    """A bucket of the chart of sales, and what it is compared with."""

    label: str
    sales: Decimal
    before: Decimal


@dataclass(frozen=True)
class LiveRow:
    """A campaign that is under way or planned; the figures are dashes until the night has counted them."""

    url: str
    name: str
    kind: str
    state: State
    when: str
    used: str
    extra: str


@dataclass(frozen=True)
class Live:
    """The campaigns that are under way or planned, the first of them in rows."""

    rows: tuple[LiveRow, ...]
    more: int
    url: str
    new_url: str


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

    url: str
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
    more_todos: tuple[Todo, ...]
    kpis: tuple[Kpi, ...]
    head: str
    flow_title: str
    flow_chart: str
    flow_rows: tuple[FlowRow, ...]
    sales_title: str
    sales_chart: str
    sales_rows: tuple[SalesRow, ...]
    tier_bar: str
    tiers: tuple[TierRow, ...]
    live: Live | None
    night: Latest | None
    jobs_url: str
    needs: Needs


def overview_page(person: Person, form: DatesForm, code: str, at: dt.datetime) -> OverviewPage:
    """Will assemble the overview of the dates asked for, or of a range that ends today. At most eleven queries.

    Figures that took long are kept for five minutes; what needs somebody is as it is now.
    """
    today = clock.business_date(at)
    shown = _shown(form, code, today)
    figures, parked = _figures(shown, at)
    tiers = _tiers(figures, today)
    overnight, asked = jobs.overnight(person, at), approvals.waiting_for(person)
    live, reviews = _campaigns(person)
    todos = _todos(person, overnight, asked, parked, at)
    return OverviewPage(
        ranges=_ranges(shown, form),
        starts_on=shown.starts_on,
        ends_on=shown.ends_on,
        compared_with=str(shown.range.before),
        at=figures.at,
        todos=todos[:TODOS_SHOWN],
        more_todos=todos[TODOS_SHOWN:],
        kpis=_kpis(figures, shown),
        head=str(shown.range.cut.label),
        flow_title=str(shown.range.cut.points),
        flow_chart=_flow_chart(figures, shown),
        flow_rows=tuple(FlowRow(_bucket_label(shown, index), moved) for index, moved in enumerate(figures.moved)),
        sales_title=str(shown.range.cut.sales),
        sales_chart=_sales_chart(figures, shown),
        sales_rows=tuple(
            SalesRow(_bucket_label(shown, index), now, before)
            for index, (now, before) in enumerate(zip(figures.sales, figures.sales_before, strict=True))
        ),
        tier_bar=charts.split([(f"look-{row.tier.look}", row.share) for row in tiers]),
        tiers=tuple(reversed(tiers)),
        live=live,
        night=overnight.latest if person.may(Capability.SEE_JOBS) else None,
        jobs_url=_jobs_url(person),
        needs=Needs(overnight.stopped.count, asked.count + reviews, overnight.stopped.failed_proof),
    )


def dates_form(data: Mapping[str, str], at: dt.datetime) -> DatesForm:
    """Will read the dates that an address asks for, beside those of its range. No query."""
    today = clock.business_date(at)
    return DatesForm(data, today=today, starts_on=period(read_range(data.get("range", "")), today).starts_on)


def _shown(form: DatesForm, code: str, today: dt.date) -> Period:
    """Will return the period of the dates asked for; where they cannot be read, the range that ends today."""
    if form.is_own and form.is_valid():
        said = form.cleaned_data
        return own_period(said["starts"], said["ends"], beside_last_year=form.beside_last_year)
    return period(read_range(code), today, beside_last_year=form.beside_last_year)


def _ranges(shown: Period, form: DatesForm) -> tuple[RangeLink, ...]:
    beside = {"vs": LAST_YEAR} if form.beside_last_year else {}
    return tuple(
        RangeLink("?" + urlencode({"range": known.code, **beside}), str(known.label), known.code == shown.range.code)
        for known in RANGES
    )


def _campaigns(person: Person) -> tuple[Live | None, int]:
    """Will list what is under way or planned, to who sees it, and count reviews he may answer. At most one query."""
    may_answer = person.may(Capability.APPROVE) or person.may(Capability.START_CAMPAIGNS)
    if not (person.may(Capability.SEE_CAMPAIGNS) or may_answer):
        return None, 0
    rows, reviews = campaigns_queries.under_way(person.id)
    new = reverse("console:new_campaign") if person.may(Capability.EDIT_CAMPAIGNS) else ""
    shown = tuple(_live_row(row) for row in rows[:CAMPAIGNS_SHOWN])
    live = Live(shown, max(0, len(rows) - CAMPAIGNS_SHOWN), reverse("console:campaigns"), new)
    return live if person.may(Capability.SEE_CAMPAIGNS) else None, reviews if may_answer else 0


def _live_row(row: CampaignRow) -> LiveRow:
    return LiveRow(
        url=reverse("console:campaign", args=[row.id]),
        name=row.name,
        kind=campaigns_wording.kind_name(row.kind),
        state=state_of(row.state),
        when=when_of(row.starts_at, row.ends_at),
        used=used_of(row.headline) if row.headline else "",
        extra=extra_of(row.headline) if row.headline else "",
    )


# ---- figures


def _figures(shown: Period, at: dt.datetime) -> tuple[Figures, Parked]:
    """Will ask the database, or take what it answered some minutes ago where that took more than a second.

    What waits for its member is as it is now.
    """
    asked = (CACHE_VERSION, shown.starts_on, shown.ends_on, len(shown.buckets), shown.months_back)
    waiting: list[Parked] = []

    def ask() -> Figures:
        figures, parked = _ask(shown, at)
        waiting.append(parked)
        return figures

    figures = cached.if_slow("console:overview:" + ":".join(map(str, asked)), ask)
    return figures, waiting[0] if waiting else orders_queries.parked(PARKED_MAX + 1)


def _ask(shown: Period, at: dt.datetime) -> tuple[Figures, Parked]:
    """Will ask for all figures of a period and of what it is compared with, and what waits. Three queries."""
    today = clock.business_date(at)
    moved: list[Counter[str]] = [Counter() for _bucket in shown.buckets]
    moved_before: Counter[str] = Counter()
    moved_since = 0
    moves, held = points_queries.moved_and_held(shown.before_starts_on, today)
    for row in moves:
        if row.date > shown.ends_on:
            moved_since += row.points
        elif row.date >= shown.starts_on:
            moved[shown.bucket_of(row.date)][row.kind] += row.points
        elif row.date <= shown.before_ends_on:
            moved_before[row.kind] += row.points
    trade = _trade(shown)
    sales, sales_before = ([Decimal(0) for _bucket in shown.buckets] for _side in range(2))
    for spend in trade.dates:
        if spend.date >= shown.starts_on:
            sales[shown.bucket_of(spend.date)] += spend.spend
        elif spend.date <= shown.before_ends_on:
            sales_before[shown.bucket_beside(spend.date)] += spend.spend
    by_tier, came = tiers_queries.stand_and_moved(shown.starts_on, shown.ends_on)
    figures = Figures(
        at=at,
        moved=tuple(_by_column(bucket) for bucket in moved),
        moved_before=_by_column(moved_before),
        moved_since=moved_since,
        sales=tuple(sales),
        sales_before=tuple(sales_before),
        active=trade.buyers[0],
        active_before=trade.buyers[1],
        second=trade.second[0],
        second_before=trade.second[1],
        held=held,
        by_tier=by_tier,
        came={(move.kind, move.code): move.members for move in came},
    )
    return figures, trade.parked


def _trade(shown: Period) -> Trade:
    """Will ask for sales by date, for who bought up to the end, and for first-time buyers of the time before."""
    quiet = dt.timedelta(days=QUIET_DAYS - 1)
    cohort = dt.timedelta(days=QUIET_DAYS)
    return orders_queries.trade(
        (shown.before_starts_on, shown.ends_on),
        buyers=[(end - quiet, end) for end in (shown.ends_on, shown.before_ends_on)],
        firsts=[
            (shown.starts_on - cohort, shown.ends_on - cohort),
            (shown.before_starts_on - cohort, shown.before_ends_on - cohort),
        ],
        within_days=QUIET_DAYS,
        most=PARKED_MAX + 1,
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
        change=_growth(total, sum(figures.sales_before, Decimal(0))),
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
    held = figures.held.net - figures.moved_since
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
            "All points members hold at the end of the period, those on hold included, less what they owe, at %(rate)s "
            "points for %(unit)s. Compared with the day before the period."
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
    """Will draw what was moved; nothing where nothing was."""
    names = (_("Earned"), _("Redeemed"), _("Expired"), _("Taken back"))
    if not any(any(bucket) for bucket in figures.moved):
        return ""
    labels = [_bucket_label(shown, index) for index in range(len(shown.buckets))]
    sums = [sum(bucket[index] for bucket in figures.moved) for index in range(len(KINDS))]
    sentence = _("%(title)s: %(sums)s.") % {
        "title": shown.range.cut.points,
        "sums": formats.listing([f"{name} {formats.num(abs(total))}" for name, total in zip(names, sums, strict=True)]),
    }
    tips = [
        "\n".join([label, *(f"{name}  {formats.num(abs(n))}" for name, n in zip(names, bucket, strict=False))])
        for label, bucket in zip(labels, figures.moved, strict=True)
    ]
    series = [[float(bucket[index]) for bucket in figures.moved] for index in range(len(KINDS))]
    return charts.bars(labels, series, label=sentence, tips=tips, every=shown.range.label_every)


def _sales_chart(figures: Figures, shown: Period) -> str:
    """Will draw the sales beside those they are compared with; nothing where there are none."""
    if not any((*figures.sales, *figures.sales_before)):
        return ""
    names = (_("This period"), capfirst(str(shown.range.before)))
    labels = [_bucket_label(shown, index) for index in range(len(shown.buckets))]
    sides = (figures.sales, figures.sales_before)
    facts = [
        f"{name} {formats.money0(round(sum(amounts, Decimal(0))))}" for name, amounts in zip(names, sides, strict=True)
    ]
    sentence = _("%(title)s: %(sums)s.") % {"title": shown.range.cut.sales, "sums": formats.listing(facts)}
    tips = [
        "\n".join([label, *(f"{name}  {formats.money(amount)}" for name, amount in zip(names, pair, strict=True))])
        for label, *pair in zip(labels, *sides, strict=True)
    ]
    series = [[float(max(amount, Decimal(0))) for amount in amounts] for amounts in sides]
    return charts.lines(labels, series, label=sentence, tips=tips, every=shown.range.label_every)


def _bucket_label(shown: Period, index: int) -> str:
    first = shown.buckets[index][0]
    if shown.range.cut is MONTHS:
        return formats.cal(first, "yMMM")
    return formats.cal(first, "MMMd")


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


def _todos(person: Person, overnight: Overnight, asked: Waiting, parked: Parked, at: dt.datetime) -> tuple[Todo, ...]:
    """Will list what waits for a person, the worst first. At most three queries."""
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
        for stop in overnight.stops
    ]
    if missed := overnight.missed:
        todos.append(Todo("bad", "moon", missed.title, missed.cause, jobs_url, _("Open jobs")))
    todos += filter(None, [_asked(asked), _questions(person)])
    todos += [Todo(one.tone, one.icon, one.title, one.words, one.url, _("Look")) for one in obstacles(person)]
    todos += _running_low(person, at)
    todos += filter(None, [_parked(parked)])
    return tuple(todos)


def _running_low(person: Person, at: dt.datetime) -> list[Todo]:
    """Will name gifts and codes that are running out, to who may add some. At most one query."""
    if not person.may(Capability.EDIT_BENEFITS):
        return []
    return [Todo("warn", "package", low.title, low.words, low.url, _("Add some")) for low in running_low(at)]


def _asked(asked: Waiting) -> Todo | None:
    """Will name the requests that wait for a second person, to who may be that person. No query."""
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


def _parked(waiting: Parked) -> Todo | None:
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
