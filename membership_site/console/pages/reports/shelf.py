"""All reports there are: their question, who answers it, and the page around the answer."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kit import paging
from membership_site.console.access import Capability
from membership_site.console.forms import reports as forms
from membership_site.console.forms.reports import ReportForm
from membership_site.console.pages.reports.breakage import breakage_report
from membership_site.console.pages.reports.campaigns import campaigns_report
from membership_site.console.pages.reports.economics import economics_report
from membership_site.console.pages.reports.effect import effect_report
from membership_site.console.pages.reports.liability import liability_report
from membership_site.console.pages.reports.migration import migration_report
from membership_site.console.pages.reports.movement import movement_report
from membership_site.console.pages.reports.risk import risk_report
from membership_site.console.pages.reports.satisfaction import satisfaction_report
from membership_site.console.pages.reports.spending import spending_report
from membership_site.console.pages.reports.standings import standings_report
from membership_site.console.pages.reports.stays import stays_report
from membership_site.console.pages.reports.tables import Report, Table
from points import queries as points_queries
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording


@dataclass(frozen=True)
class ReportKind:
    """A report: its address, its question, what it is good for, and how it is answered.

    `needs` is what a person must be allowed besides reports: to see members, where it names them.
    """

    code: str
    name: str | Promise
    question: str | Promise
    words: str | Promise
    icon: str
    form: type[ReportForm]
    answer: Callable[[Any, dt.date], Report]
    needs: Capability | None = None


LIABILITY = "liability"
SHELF = (
    ReportKind(
        LIABILITY,
        _("Liability"),
        _("What do we owe in points?"),
        _("Points outstanding and what they are worth, now or at the end of any date, by tier, source and expiry."),
        "scale",
        forms.LiabilityForm,
        liability_report,
    ),
    ReportKind(
        "movement",
        _("Movement"),
        _("How did points come and go?"),
        _("Opening, every kind of entry and closing, by day or by month."),
        "history",
        forms.MovementForm,
        movement_report,
    ),
    ReportKind(
        "breakage",
        _("Breakage"),
        _("How many points are never used?"),
        _(
            "What became of each month’s points, what is to be expected of the open ones, and how last year’s "
            "forecast did."
        ),
        "hourglass",
        forms.BreakageForm,
        breakage_report,
    ),
    ReportKind(
        "spending",
        _("Accrual and spending"),
        _("Do members use what they earn?"),
        _("Points earned and spent, what they cost of the sales, and how many members ever spend any."),
        "percent",
        forms.SpendingForm,
        spending_report,
    ),
    ReportKind(
        "standings",
        _("Members by tier"),
        _("Where do our members stand?"),
        _("Members on each tier at the end of every month, their share, and what changed."),
        "layers",
        forms.StandingsForm,
        standings_report,
    ),
    ReportKind(
        "migration",
        _("Tier migration"),
        _("Who moved?"),
        _("From which tier to which between any two dates: up, down, the same, and who joined."),
        "chart-line",
        forms.MigrationForm,
        migration_report,
    ),
    ReportKind(
        "stays",
        _("Time on a tier"),
        _("How long do they stay?"),
        _("How many days stays on a tier last, those included that run still, and how often a tier is kept."),
        "clock",
        forms.StaysForm,
        stays_report,
    ),
    ReportKind(
        "risk",
        _("About to fall"),
        _("Who is about to fall?"),
        _("Members whose tier ends soon and is not kept yet: what they are missing, and what they spend."),
        "triangle-alert",
        forms.RiskForm,
        risk_report,
        needs=Capability.SEE_MEMBERS,
    ),
    ReportKind(
        "economics",
        _("Cost of a tier"),
        _("What does a tier cost and bring?"),
        _("Sales, orders and members by tier, against what points by base rate and multiplier are worth."),
        "coins",
        forms.EconomicsForm,
        economics_report,
    ),
    ReportKind(
        "effect",
        _("Effect of benefits"),
        _("What do benefits bring?"),
        _("Who may use each benefit and coupon, who does, what it costs, and what users spend beside the others."),
        "sparkles",
        forms.EffectForm,
        effect_report,
    ),
    ReportKind(
        "campaigns",
        _("Campaign effect"),
        _("Did our campaigns help?"),
        _("Who was reached and acted beside those kept apart, what it cost, and what was sold because of it."),
        "megaphone",
        forms.CampaignsForm,
        campaigns_report,
    ),
    ReportKind(
        "satisfaction",
        _("Satisfaction"),
        _("Are our members content?"),
        _("What members answered when messages asked how satisfied they are and whether they would recommend us."),
        "message-square",
        forms.CampaignsForm,
        satisfaction_report,
    ),
)


@dataclass(frozen=True)
class Entry:
    """A report on the index."""

    url: str
    name: str
    question: str
    words: str
    icon: str


@dataclass(frozen=True)
class ReportPage:
    """A report with its frame: `report` is empty where it took too long or nothing is published.

    `closed_on` is the latest date for which the night has counted what took too long.
    """

    code: str
    name: str
    question: str
    query: str
    report: Report | None
    is_too_slow: bool
    closed_on: dt.date | None

    @property
    def closed_url(self) -> str:
        """The address of what the night has counted, empty where it has not."""
        return f"?date={self.closed_on}" if self.closed_on else ""


def index_page(may: Callable[[Capability], bool]) -> tuple[Entry, ...]:
    """Will list the reports that a person may see. No queries."""
    return tuple(
        Entry(reverse("console:report", args=[k.code]), str(k.name), str(k.question), str(k.words), k.icon)
        for k in SHELF
        if k.needs is None or may(k.needs)
    )


def find_report(code: str) -> ReportKind | None:
    """Will return a report by its address. No queries."""
    return next((kind for kind in SHELF if kind.code == code), None)


def form_of(kind: ReportKind, data: Mapping[str, str], today: dt.date) -> ReportForm:
    """Will read what an address asks of a report. At most two queries, for the tiers to choose from."""
    try:
        tiers = [(tier.code, tiers_wording.tier_name(tier)) for tier in tiers_queries.tiers_of_ladder(today)]
    except tiers_queries.NoLadder:
        tiers = []
    return kind.form(data, today=today, tiers=tiers)


def report_page(kind: ReportKind, form: ReportForm, today: dt.date) -> ReportPage:
    """Will answer a report's question. At most 18 queries."""
    report, is_too_slow, closed = None, False, None
    try:
        report = kind.answer(form.asked(), today)
    except paging.TooSlow:
        is_too_slow, closed = True, tiers_queries.last_closed() if kind.code == LIABILITY else None
    except (points_queries.NoPolicy, tiers_queries.NoLadder):
        pass
    return ReportPage(
        code=kind.code,
        name=str(kind.name),
        question=str(kind.question),
        query=urlencode(form.query()),
        report=report,
        is_too_slow=is_too_slow,
        closed_on=closed.date if closed else None,
    )


def table_of(page: ReportPage, code: str) -> Table | None:
    """Will return a table of the page by its code. No queries."""
    return page.report.find_table(code) if page.report else None
