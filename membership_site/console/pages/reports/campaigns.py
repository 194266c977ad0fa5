"""What campaigns did: who was reached, who acted beside those kept apart, what it cost and what was sold more."""

import datetime as dt
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.queries import CampaignRow, HeadlineView
from kit import clock
from membership_site import charts, formats
from membership_site.console.forms.reports import CampaignsAsked
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section

CHART_MOST = 8


def campaigns_report(asked: CampaignsAsked, today: dt.date) -> Report:
    """Will answer what the campaigns started in a period did, as the night counted them last. Four queries."""
    started = tables.anew(lambda: campaigns_queries.with_headlines(clock.day_start(asked.starts_on)))
    rows = [row for row in started if row.starts_at is not None and clock.business_date(row.starts_at) <= asked.ends_on]
    return Report(answer=_answer(rows), sections=(_section(rows),), definitions=_definitions())


def _found(rows: list[CampaignRow]) -> list[HeadlineView]:
    return [row.headline for row in rows if row.headline is not None]


def _answer(rows: list[CampaignRow]) -> tuple[str, ...]:
    found = _found(rows)
    if not found:
        return (_("No campaign was started in the period, or none was counted yet."),)
    said = ngettext(
        "%(n)s campaign reached members %(times)s times and cost %(cost)s.",
        "%(n)s campaigns reached members %(times)s times and cost %(cost)s.",
        len(found),
    )
    facts = {
        "n": formats.num(len(found)),
        "times": formats.num(sum(one.members for one in found)),
        "cost": formats.money(sum((one.cost for one in found), Decimal(0))),
    }
    sure = [one for one in found if one.lift_low is not None and one.lift_low > 0]
    measured = [one for one in found if one.lift is not None]
    helped = ngettext(
        "Of %(all)s that kept members apart, %(n)s did more than chance would.",
        "Of %(all)s that kept members apart, %(n)s did more than chance would.",
        len(sure),
    )
    return said % facts, helped % {"all": formats.num(len(measured)), "n": formats.num(len(sure))}


def _section(rows: list[CampaignRow]) -> Section:
    columns = (
        Column("campaign", _("Campaign"), is_number=False),
        Column("started", _("Started")),
        Column("members", _("Written to")),
        Column("control_members", _("Kept apart")),
        Column("converted", _("Did it")),
        Column("rate", pgettext("a part of the whole", "Share")),
        Column("control_rate", _("Share, kept apart")),
        Column("lift", _("Its doing")),
        Column("lift_low", _("at least")),
        Column("lift_high", _("at most")),
        Column("revenue", _("Spend")),
        Column("extra", _("Spend because of it")),
        Column("extra_low", _("at least")),
        Column("extra_high", _("at most")),
        Column("cost", _("Cost")),
        Column("unsubscribed", _("Unsubscribed")),
        Column("counted", _("Counted")),
    )
    made = tuple(_row(row, row.headline) for row in rows if row.headline is not None)
    return Section(
        title=_("By campaign"),
        words=_("As the night counted them last; returns are taken off."),
        table=tables.Table("campaigns", columns, made) if made else None,
        chart=_chart(rows),
        legend=(Legend("s1", _("Its doing")),),
        empty=_("No campaign was counted in the period"),
    )


def _row(row: CampaignRow, one: HeadlineView) -> Row:
    url = reverse("console:campaign", args=[row.id])
    return Row(
        (
            Cell(row.name, row.name, url),
            tables.day(clock.business_date(row.starts_at)) if row.starts_at else tables.nothing(),
            tables.number(one.members),
            tables.number(one.control_members),
            tables.number(one.converted),
            tables.share(tables.part(one.converted, one.members)),
            tables.share(tables.part(one.control_converted, one.control_members)),
            *(tables.signed_share(value) for value in (one.lift, one.lift_low, one.lift_high)),
            tables.money(one.revenue),
            *(_money(value) for value in (one.extra, one.extra_low, one.extra_high)),
            tables.money(one.cost),
            tables.number(one.unsubscribed),
            tables.day(clock.business_date(one.at - dt.timedelta(microseconds=1))),
        )
    )


def _money(value: Decimal | None) -> Cell:
    return tables.nothing() if value is None else tables.money(value)


def _chart(rows: list[CampaignRow]) -> str:
    """A bar up for what a campaign did more, down for what it did less; each interval stands in the table."""
    measured = [(row.name, row.headline.lift) for row in rows if row.headline and row.headline.lift is not None]
    shown = measured[:CHART_MOST]
    if not any(lift for _name, lift in shown):
        return ""
    return charts.bars(
        [name for name, _lift in shown],
        [[lift for _name, lift in shown]],
        label=_("By how much more of those written to did what each campaign is for, in percentage points."),
        tips=[f"{name}\n{_('Its doing')}  {formats.signed_pct(lift)}" for name, lift in shown],
        word=_share,
        every=tables.label_every(len(shown)),
    )


def _share(value: float) -> str:
    return formats.pct(value)


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            wording.group_name("treated"),
            _("Recipients of all launches of the campaign; who recurs counts each time."),
        ),
        Definition(
            _("Kept apart"),
            _(
                "Drawn by lot and watched as long, from when their message would have come. Where a campaign keeps "
                "nobody apart, the house’s group that gets no marketing."
            ),
        ),
        Definition(
            _("Did it"),
            _("Did what the campaign is for within its window: ordered and kept it, checked in, redeemed, clicked."),
        ),
        Definition(
            _("Its doing"),
            _(
                "By how many percentage points more of those written to did it. In 95 of 100 cases it lies between the "
                "two limits (Newcombe’s interval); where they are on both sides of nought, chance could have made it."
            ),
        ),
        Definition(
            _("Spend because of it"),
            _(
                "What a member spent more than one who was kept apart, times those written to, with the limits between "
                "which it lies in 95 of 100 cases (Welch)."
            ),
        ),
        Definition(_("Cost"), _("Points given at what they pay for, and what the campaign’s coupons took off orders.")),
    )
