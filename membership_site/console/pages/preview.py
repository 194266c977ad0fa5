"""What a draft would have done to real history: how far it is, its sums, by month, tier, rule and named members."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kit import clock, locks
from members import queries as members_queries
from membership_site import charts, formats
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import Badge, badge, sentences
from membership_site.flows.policy_preview import lock_of
from points import queries as points_queries
from points.enums import PreviewState
from points.queries import PreviewView, VersionView
from points.rules.previews import AS_IS, DRAFT
from tiers import queries as tiers_queries

WATCHED = dt.timedelta(seconds=45)
"""A preview that nobody works on is watched for so long after it was asked for; then it counts as cut off."""

Result = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """A quantity under the rules in force and under the draft."""

    label: str
    as_is: int
    draft: int
    help: str = ""

    @property
    def difference(self) -> int:
        """What the draft changes."""
        return self.draft - self.as_is


@dataclass(frozen=True)
class Figure:
    """A key figure of the preview; `means` says against what."""

    label: str
    value: str
    means: str


@dataclass(frozen=True)
class TierRow:
    """What the draft changes for the members of a tier."""

    tier: Badge
    members: int
    winners: int
    losers: int
    as_is: int
    draft: int

    @property
    def difference(self) -> int:
        """What the draft changes."""
        return self.draft - self.as_is


@dataclass(frozen=True)
class RuleRow:
    """What a rule gives on both sides, and to how many deeds; of its budget, what would be used and what there is."""

    name: str
    as_is: int
    as_is_deeds: int
    draft: int
    draft_deeds: int
    budget_used: int
    budget: int

    @property
    def budget_share(self) -> float:
        """The share of the budget that the draft would use."""
        return self.budget_used / self.budget if self.budget else 0


@dataclass(frozen=True)
class Example:
    """A member, as one of those whom the draft changes most; `name` and `url` for who may see members."""

    number: str
    name: str
    url: str
    tier: Badge | None
    as_is: int
    draft: int

    @property
    def difference(self) -> int:
        """What the draft changes for him."""
        return self.draft - self.as_is


@dataclass(frozen=True)
class Outcome:
    """A finished preview as pages show it."""

    headline: str
    who: str
    scope: str
    figures: tuple[Figure, ...]
    month_chart: str
    months: tuple[Pair, ...]
    tier_chart: str
    tiers: tuple[TierRow, ...]
    growth: tuple[TierRow, ...]
    sums: tuple[Pair, ...]
    rules: tuple[RuleRow, ...]
    gains: tuple[Example, ...]
    losses: tuple[Example, ...]
    as_of: dt.datetime
    csv_url: str


@dataclass(frozen=True)
class PreviewCard:
    """The latest preview in short, for the page that publishes; `headline` is empty while there is no outcome."""

    url: str
    headline: str
    who: str
    figures: tuple[Figure, ...]
    state: str
    is_stale: bool
    is_open: bool
    as_of: dt.datetime
    since: str


@dataclass(frozen=True)
class PreviewPage:
    """The page; `outcome` is there once a preview is done. `is_cut_off` where nobody works on it any more."""

    version_id: int
    number: int
    effective_on: dt.date
    is_draft: bool
    is_open: bool
    is_cut_off: bool
    is_watched: bool
    is_stale: bool
    months: int
    share: str
    progress: str
    error: str
    asked_at: dt.datetime | None
    outcome: Outcome | None
    since: str


def preview_page(version_id: int, at: dt.datetime, *, names_members: bool) -> PreviewPage | None:
    """Will assemble the page of a version's latest preview, with names where the reader may see members.

    None for an unknown version. At most seven queries.
    """
    version = points_queries.find_previewed(version_id)
    if version is None:
        return None
    preview = points_queries.find_preview(version_id)
    if preview is None:
        return _nothing_yet(version)
    worked_on = bool(preview.is_open and locks.held([lock_of(version_id)]))
    fresh = at - preview.requested_at < WATCHED
    share = min(preview.members_done / preview.members_total, 1) if preview.members_total else 0
    return PreviewPage(
        version_id=version.id,
        number=version.number,
        effective_on=version.effective_on,
        is_draft=version.published_at is None,
        is_open=preview.is_open,
        is_cut_off=preview.is_open and not worked_on and not fresh,
        is_watched=preview.is_open and (worked_on or fresh),
        is_stale=preview.is_stale,
        months=preview.months,
        share=f"{share:.3f}",
        progress=_("%(share)s of all members done") % {"share": formats.pct(share, 0)},
        error=preview.error,
        asked_at=preview.requested_at,
        outcome=_outcome(preview, names_members=names_members) if preview.state is PreviewState.DONE else None,
        since=_what_happened(preview, at),
    )


def _nothing_yet(version: VersionView) -> PreviewPage:
    return PreviewPage(
        version_id=version.id,
        number=version.number,
        effective_on=version.effective_on,
        is_draft=version.published_at is None,
        is_open=False,
        is_cut_off=False,
        is_watched=False,
        is_stale=False,
        months=0,
        share="0",
        progress="",
        error="",
        asked_at=None,
        outcome=None,
        since="",
    )


def preview_card(version_id: int, at: dt.datetime) -> PreviewCard | None:
    """Will return the latest preview of a version in short, or None where none was asked for. At most two queries."""
    preview = points_queries.find_preview(version_id)
    if preview is None:
        return None
    done = preview.state is PreviewState.DONE
    return PreviewCard(
        url=reverse("console:preview", args=[version_id]),
        headline=_headline(preview.result) if done else "",
        who=_who(preview.result) if done else "",
        figures=_figures(preview.result) if done else (),
        state=preview.state.value,
        is_stale=preview.is_stale,
        is_open=preview.is_open,
        as_of=preview.requested_at,
        since=_what_happened(preview, at),
    )


# ---- an outcome in words, figures and tables


def _outcome(preview: PreviewView, *, names_members: bool) -> Outcome:
    """Will put a result into words. At most three queries."""
    result = preview.result
    tiers = {
        tier.code: badge(tier) for tier in tiers_queries.tiers_of_ladder(clock.business_date(preview.requested_at))
    }
    months = _months(result)
    rows, growth = (
        tuple(
            TierRow(shown, row["members"], row["winners"], row["losers"], row[AS_IS], row[DRAFT])
            for code, shown in reversed(tiers.items())
            if (row := result.get(name, {}).get(code))
        )
        for name in ("tiers", "growth")
    )
    names = members_queries.names_of([row[0] for row in (*result["gains"], *result["losses"])])
    return Outcome(
        headline=_headline(result),
        who=_who(result),
        scope=_scope(result),
        figures=_figures(result),
        month_chart=_month_chart(months),
        months=months,
        tier_chart=_tier_chart(rows),
        tiers=rows,
        growth=growth,
        sums=_sums(result),
        rules=_rules(result),
        gains=_examples(result["gains"], names, tiers, names_members=names_members),
        losses=_examples(result["losses"], names, tiers, names_members=names_members),
        as_of=preview.requested_at,
        csv_url=reverse("console:preview_csv", args=[preview.version_id]),
    )


def _sides(result: Result, name: str) -> tuple[int, int]:
    """Will return a sum of both sides; a preview that was made before there was such a sum has none of it."""
    sides = result["sides"]
    return int(sides[AS_IS].get(name, 0)), int(sides[DRAFT].get(name, 0))


def _headline(result: Result) -> str:
    """What the draft would have changed, in one sentence with its amount and its worth."""
    as_is, draft = _sides(result, "earned")
    cost = Decimal(result["cost"][DRAFT]) - Decimal(result["cost"][AS_IS])
    words = {
        "since": formats.cal(dt.date.fromisoformat(result["since"])),
        "until": formats.cal(dt.datetime.fromisoformat(result["until"])),
        "change": formats.num(abs(draft - as_is)),
        "share": formats.pct(abs(draft / as_is - 1)) if as_is else "–",
        "money": formats.money(abs(cost)),
    }
    if draft > as_is:
        return (
            _(
                "From %(since)s to %(until)s members would have earned %(change)s points more (%(share)s), "
                "worth %(money)s."
            )
            % words
        )
    if draft < as_is:
        return (
            _(
                "From %(since)s to %(until)s members would have earned %(change)s points less (%(share)s), "
                "worth %(money)s."
            )
            % words
        )
    return _("From %(since)s to %(until)s members would have earned exactly as many points.") % words


def _who(result: Result) -> str:
    tiers = result["tiers"].values()
    winners, losers = sum(row["winners"] for row in tiers), sum(row["losers"] for row in tiers)
    same = result["members"] - winners - losers
    more = ngettext("%(n)s member would have earned more", "%(n)s members would have earned more", winners)
    less = ngettext("%(n)s less", "%(n)s less", losers)
    equal = ngettext("%(n)s the same", "%(n)s the same", same)
    parts = [text % {"n": formats.num(count)} for text, count in ((more, winners), (less, losers), (equal, same))]
    return _("%(list)s.") % {"list": formats.listing(parts)}


def _scope(result: Result) -> str:
    members = ngettext("%(n)s member", "%(n)s members", result["members"]) % {"n": formats.num(result["members"])}
    orders = ngettext("%(n)s order", "%(n)s orders", result["orders"]) % {"n": formats.num(result["orders"])}
    events = ngettext("%(n)s event", "%(n)s events", result["events"]) % {"n": formats.num(result["events"])}
    return _("Replayed: %(list)s.") % {"list": formats.listing([members, orders, events])}


def _figures(result: Result) -> tuple[Figure, ...]:
    as_is, draft = _sides(result, "earned")
    lapsed, lapsed_draft = _sides(result, "lapsed")
    growth, growth_draft = _sides(result, "growth")
    grown = _was(formats.num(growth), formats.num(growth_draft))
    return (
        Figure(_("Points earned"), formats.signed(draft - as_is), _was(formats.num(as_is), formats.num(draft))),
        _money_figure(_("Cost"), result["cost"]),
        _money_figure(_("Liability at the end"), result["liability"]),
        Figure(
            _("Points expired"),
            formats.signed(lapsed_draft - lapsed),
            _was(formats.num(lapsed), formats.num(lapsed_draft)),
        ),
        *([Figure(_("Growth value"), formats.signed(growth_draft - growth), grown)] if growth or growth_draft else []),
    )


def _money_figure(label: str, amounts: Mapping[str, str]) -> Figure:
    as_is, draft = Decimal(amounts[AS_IS]), Decimal(amounts[DRAFT])
    change = draft - as_is
    sign = "+" if change > 0 else formats.MINUS if change < 0 else ""
    return Figure(label, sign + formats.money(abs(change)), _was(formats.money(as_is), formats.money(draft)))


def _was(as_is: str, draft: str) -> str:
    return _("%(was)s becomes %(becomes)s") % {"was": as_is, "becomes": draft}


def _months(result: Result) -> tuple[Pair, ...]:
    as_is, draft = result["sides"][AS_IS]["months"], result["sides"][DRAFT]["months"]
    return tuple(
        Pair(
            formats.cal(dt.date.fromisoformat(f"{month}-01"), "yMMM"),
            as_is.get(month, 0),
            draft.get(month, 0),
        )
        for month in sorted({*as_is, *draft})
    )


def _month_chart(months: tuple[Pair, ...]) -> str:
    if not months:
        return ""
    differences = [month.difference for month in months]
    most = max(months, key=lambda month: abs(month.difference))
    label = _("What the draft changes by month of the deed; most in %(month)s: %(points)s points.") % {
        "month": most.label,
        "points": formats.signed(most.difference),
    }
    tips = [
        "\n".join(
            [
                month.label,
                f"{_('In force')}  {formats.num(month.as_is)}",
                f"{_('Draft')}  {formats.num(month.draft)}",
                f"{_('Difference')}  {formats.signed(month.difference)}",
            ]
        )
        for month in months
    ]
    series = [[float(max(n, 0)) for n in differences], [float(min(n, 0)) for n in differences]]
    return charts.bars([month.label for month in months], series, label=label, tips=tips, word=formats.compact)


def _tier_chart(rows: tuple[TierRow, ...]) -> str:
    if not rows:
        return ""
    label = _("Members who would have earned more, upwards, and less, downwards, by the tier they hold.")
    tips = [
        "\n".join(
            [
                row.tier.name,
                f"{_('Earn more')}  {formats.num(row.winners)}",
                f"{_('Earn less')}  {formats.num(row.losers)}",
            ]
        )
        for row in rows
    ]
    series = [[float(row.winners) for row in rows], [float(-row.losers) for row in rows]]
    return charts.bars([row.tier.name for row in rows], series, label=label, tips=tips, every=1)


def _sums(result: Result) -> tuple[Pair, ...]:
    """The balances at the end of the period, and what caps, expiry and refunds made of them."""

    def pair(label: str, name: str, words: str) -> Pair:
        return Pair(label, *_sides(result, name), help=words)

    owed, owed_draft = _sides(result, "owed")
    held, held_draft = _sides(result, "outstanding")
    return (
        pair(_("Earned"), "earned", _("What orders, events and rewards earn, less what returns took back.")),
        pair(_("Cut off by caps and budgets"), "capped", _("Earned by the rules and not given.")),
        pair(_("Expired"), "lapsed", _("What ended unused in the period.")),
        Pair(
            _("Outstanding"), held - owed, held_draft - owed_draft, _("Held at the end, on hold included, less debts.")
        ),
        pair(_("Debts from refunds"), "indebted", _("What refunds took back of points that were spent already.")),
        pair(_("Left to members by the refund policy"), "not_taken", _("What refunds did not take back.")),
        pair(
            _("Spent but not there"),
            "unaffordable",
            _("What members really used in the period and would not have had."),
        ),
        pair(_("Growth value"), "growth", _("What counts towards tiers, less what returns took back.")),
    )


def _rules(result: Result) -> tuple[RuleRow, ...]:
    as_is, draft = result["sides"][AS_IS]["rules"], result["sides"][DRAFT]["rules"]
    budgets, before = result["budgets"][DRAFT], result["budgets_used_before"]
    language = get_language() or "en"
    return tuple(
        RuleRow(
            name=_rule_name(names.get(language) or names.get("en") or code, code, result),
            as_is=as_is.get(code, [0, 0])[0],
            as_is_deeds=as_is.get(code, [0, 0])[1],
            draft=draft.get(code, [0, 0])[0],
            draft_deeds=draft.get(code, [0, 0])[1],
            budget_used=draft.get(code, [0, 0])[0] + before.get(code, 0) if code in budgets else 0,
            budget=budgets.get(code, 0),
        )
        for code, names in sorted(result["names"].items())
    )


def _rule_name(name: str, code: str, result: Result) -> str:
    return _("%(rule)s (growth value)") % {"rule": name} if code in result.get("of_growth", ()) else name


def _examples(
    rows: list[list[Any]], names: Mapping[int, tuple[str, str]], tiers: Mapping[str, Badge], *, names_members: bool
) -> tuple[Example, ...]:
    return tuple(
        Example(
            number=names[member_id][0],
            name=names[member_id][1] if names_members else "",
            url=member_url(names[member_id][0]) if names_members else "",
            tier=tiers.get(tier),
            as_is=as_is,
            draft=draft,
        )
        for member_id, as_is, draft, tier in rows
        if member_id in names
    )


def _what_happened(preview: PreviewView, at: dt.datetime) -> str:
    """Will compare a published version's preview with the ledger since it came into force. One query, or none."""
    first, last = preview.effective_on, clock.last_finished_date(at)
    if preview.published_at is None or preview.state is not PreviewState.DONE or last < first:
        return ""
    days = (last - first).days + 1
    result = preview.result
    history = clock.business_date(dt.datetime.fromisoformat(result["until"])) - dt.date.fromisoformat(result["since"])
    expected = int(result["sides"][DRAFT]["earned"]) * days // (history.days + 1)
    words = {
        "since": formats.cal(first),
        "until": formats.cal(last),
        "booked": formats.num(points_queries.earned_between(first, last)),
        "expected": formats.num(expected),
        "n": formats.num(days),
    }
    return sentences(
        _("From %(since)s to %(until)s the ledger booked %(booked)s points earned, returns taken off.") % words,
        ngettext(
            "The preview expected %(expected)s for %(n)s day of the history it saw.",
            "The preview expected %(expected)s for %(n)s days of the history it saw.",
            days,
        )
        % words,
    )


# ---- the table to take away


def csv_rows(version_id: int, at: dt.datetime) -> list[list[object]] | None:
    """Will return the tables of the latest preview as rows for a file; None while none is done. At most four queries.

    Numbers are plain, dates ISO; the first row names the columns.
    """
    preview = points_queries.find_preview(version_id)
    if preview is None or preview.state is not PreviewState.DONE:
        return None
    head: list[object] = [
        *(
            _("Table"),
            _("Name"),
            _("Members"),
            _("Earn more"),
            _("Earn less"),
            _("In force"),
            _("Draft"),
            _("Difference"),
        ),
    ]
    return [head, *_rows(preview.result, _outcome(preview, names_members=False))]


def _rows(result: Result, shown: Outcome) -> Iterator[list[object]]:
    nobody = ("", "", "")
    for sums in shown.sums:
        yield [_("Sums"), sums.label, *nobody, sums.as_is, sums.draft, sums.difference]
    for name, amounts in ((_("Cost"), result["cost"]), (_("Liability"), result["liability"])):
        was, becomes = Decimal(amounts[AS_IS]), Decimal(amounts[DRAFT])
        yield [_("Money"), name, *nobody, was, becomes, becomes - was]
    as_is, draft = (result["sides"][side]["months"] for side in (AS_IS, DRAFT))
    for month in sorted({*as_is, *draft}):
        before, after = as_is.get(month, 0), draft.get(month, 0)
        yield [_("Months"), month, *nobody, before, after, after - before]
    for row in shown.tiers:
        counts = [row.members, row.winners, row.losers]
        yield [_("Tiers"), row.tier.name, *counts, row.as_is, row.draft, row.difference]
    for row in shown.growth:
        counts = [row.members, row.winners, row.losers]
        yield [_("Growth value by tier"), row.tier.name, *counts, row.as_is, row.draft, row.difference]
    for rule in shown.rules:
        yield [_("Rules"), rule.name, *nobody, rule.as_is, rule.draft, rule.draft - rule.as_is]
    for one in (*shown.gains, *shown.losses):
        yield [_("Members"), one.number, *nobody, one.as_is, one.draft, one.difference]
