"""What benefits bring: who may use each and does, what that costs, and what users spend beside those who do not."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.queries import BenefitEffect, Effects
from benefits.rules.effect import Effect, is_counted
from benefits.wording import matrix as matrix_wording
from membership_site import charts, formats
from membership_site.console.forms.reports import EffectAsked
from membership_site.console.pages.reports import rungs, tables
from membership_site.console.pages.reports.tables import Cell, Column, Definition, Legend, Report, Row, Section

CHART_MOST = 8
"""So many bars have room for their names."""


def effect_report(asked: EffectAsked, today: dt.date) -> Report:
    """Will answer what each benefit and coupon brings. At most twelve queries."""
    starts_on, ends_on = asked.starts_on, min(asked.ends_on, today)
    found = tables.kept(("effect", starts_on, ends_on), lambda: benefits_queries.effects(starts_on, ends_on))
    return Report(
        answer=_answer(found, starts_on, ends_on),
        sections=(
            _benefits(found, asked.margin),
            _coupons(found, asked.margin),
            _idle(found),
            _tiers(found, ends_on, asked.margin),
        ),
        definitions=_definitions(),
    )


def _answer(found: Effects, starts_on: dt.date, ends_on: dt.date) -> tuple[str, ...]:
    times = sum(row.times for row in found.tiers)
    facts = {
        "first": formats.cal(starts_on),
        "last": formats.cal(ends_on),
        "times": formats.num(times),
        "saved": formats.money(sum((row.saved for row in found.tiers), Decimal(0))),
        "cost": formats.money(sum((row.cost for row in found.tiers), Decimal(0))),
    }
    said = ngettext(
        "From %(first)s to %(last)s benefits, coupons and rewards were used %(times)s time: they saved members "
        "%(saved)s and cost %(cost)s.",
        "From %(first)s to %(last)s benefits, coupons and rewards were used %(times)s times: they saved members "
        "%(saved)s and cost %(cost)s.",
        times,
    )
    idle = len(_idle_ones(found))
    unused = ngettext(
        "%(count)s benefit was there for members and used by nobody.",
        "%(count)s benefits were there for members and used by nobody.",
        idle,
    )
    warning = _("That users spend more does not say that the benefit made them: whoever buys much also uses much.")
    return said % facts, *([unused % {"count": formats.num(idle)}] if idle else []), warning


# ---- sections


def _columns() -> tuple[Column, ...]:
    return (
        Column("users", _("Users")),
        Column("use_rate", _("Use rate")),
        Column("times", _("Times used")),
        Column("saved", _("Saved for members")),
        Column("cost", _("Cost")),
        Column("cost_each", _("Cost of a use")),
        Column("user_orders_each", _("Orders per user")),
        Column("other_orders_each", _("Orders per non-user")),
        Column("user_spend_each", _("Spend per user")),
        Column("other_spend_each", _("Spend per non-user")),
        Column("user_margin_each", _("Margin per user")),
        Column("other_margin_each", _("Margin per non-user")),
    )


def _cells(effect: Effect, margin: Decimal) -> tuple[Cell, ...]:
    return (
        tables.number(effect.users),
        tables.share(effect.use_rate),
        tables.number(effect.times),
        tables.money(effect.saved),
        tables.money(effect.cost),
        _money(effect.cost / effect.times if effect.times > 0 else None),
        *(_decimal(group.orders_each) for group in (effect.using, effect.others)),
        *(_money(group.spend_each) for group in (effect.using, effect.others)),
        *(_margin(group.spend_each, margin) for group in (effect.using, effect.others)),
    )


def _money(value: Decimal | None) -> Cell:
    return tables.nothing() if value is None else tables.money(value)


def _margin(spend: Decimal | None, margin: Decimal) -> Cell:
    return _money(None if spend is None else spend * margin)


def _decimal(value: Decimal | None) -> Cell:
    if value is None:
        return tables.nothing()
    rounded = round(value, 2).normalize()
    return Cell(formats.num(rounded), f"{rounded:f}")


def _count(value: int | None) -> Cell:
    return tables.nothing() if value is None else tables.number(value)


def _benefits(found: Effects, margin: Decimal) -> Section:
    columns = (
        Column("benefit", _("Benefit"), is_number=False),
        Column("eligible", _("May use it")),
        Column("given", _("Given")),
        Column("seen", _("Seen")),
        *_columns(),
    )
    rows = tuple(
        Row(
            (
                tables.words(_name(one), one.benefit.code),
                tables.number(one.effect.eligible.members),
                _count(one.effect.given),
                _count(one.effect.seen),
                *(
                    _cells(one.effect, margin)
                    if is_counted(one.benefit)
                    else (tables.nothing() for _column in _columns())
                ),
            )
        )
        for one in found.benefits
    )
    return Section(
        title=_("By benefit"),
        words=_("The matrix in force at the end of the period. A dash: nobody notes when this is used."),
        table=tables.Table("benefit", columns, rows) if rows else None,
        chart=_chart(found) if any(one.effect.use_rate for one in found.benefits) else "",
        legend=(Legend("s1", _("Use rate")),),
        empty=_("No benefits yet"),
    )


def _name(one: BenefitEffect) -> str:
    return matrix_wording.benefit_name(one.benefit)


def _chart(found: Effects) -> str:
    counted = [one for one in found.benefits if is_counted(one.benefit) and one.effect.use_rate is not None]
    shown = sorted(counted, key=lambda one: -(one.effect.use_rate or 0))[:CHART_MOST]
    rates = [one.effect.use_rate or 0.0 for one in shown]
    return charts.bars(
        [_name(one) for one in shown],
        [rates],
        label=_("Share of those who may use a benefit that did, by benefit."),
        tips=[f"{_name(one)}\n{_('Use rate')}  {formats.pct(rate)}" for one, rate in zip(shown, rates, strict=True)],
        word=_share,
        every=tables.label_every(len(shown)),
    )


def _share(value: float) -> str:
    return formats.pct(value)


def _coupons(found: Effects, margin: Decimal) -> Section:
    columns = (
        Column("coupon", _("Coupon"), is_number=False),
        Column("issued_to", _("Members issued one")),
        *_columns(),
    )
    rows = tuple(
        Row(
            (
                tables.words(benefits_wording.named(one.names, one.code), one.code),
                tables.number(one.effect.eligible.members),
                *_cells(one.effect, margin),
            )
        )
        for one in found.coupons
    )
    return Section(
        title=_("By coupon"),
        words=_("Coupons that were issued or used in the period."),
        table=tables.Table("coupon", columns, rows) if rows else None,
        empty=_("No coupon was issued or used in the period"),
    )


def _idle_ones(found: Effects) -> list[BenefitEffect]:
    return [one for one in found.benefits if is_counted(one.benefit) and one.benefit.is_on and one.effect.is_idle]


def _idle(found: Effects) -> Section:
    columns = (
        Column("benefit", _("Benefit"), is_number=False),
        Column("eligible", _("May use it")),
        Column("given", _("Given")),
        Column("seen", _("Seen")),
    )
    rows = tuple(
        Row(
            (
                tables.words(_name(one), one.benefit.code),
                tables.number(one.effect.eligible.members),
                _count(one.effect.given),
                _count(one.effect.seen),
            )
        )
        for one in _idle_ones(found)
    )
    return Section(
        title=_("Used by nobody"),
        words=_("Members could have used them in the period, and none did. Explain them, or take them out."),
        table=tables.Table("unused", columns, rows) if rows else None,
        empty=_("Every benefit that members have was used"),
    )


def _tiers(found: Effects, ends_on: dt.date, margin: Decimal) -> Section:
    names = rungs.with_others(rungs.names_on(ends_on), {row.tier for row in found.tiers if row.tier})
    by_tier = {row.tier: row for row in found.tiers}
    columns = (
        Column("tier", _("Tier"), is_number=False),
        Column("members", _("Members now")),
        Column("times", _("Times used")),
        Column("saved", _("Saved for members")),
        Column("cost", _("Cost")),
        Column("cost_each", _("Cost per member")),
        Column("spend", _("Their spend")),
        Column("cost_share", _("Cost, of spend")),
        Column("margin", _("Their margin")),
    )
    rows = tuple(
        Row(
            (
                tables.words(name, code),
                tables.number(row.members.members),
                tables.number(row.times),
                tables.money(row.saved),
                tables.money(row.cost),
                _money(row.cost / row.members.members if row.members.members else None),
                tables.money(row.members.spend),
                tables.share(tables.part(row.cost, row.members.spend)),
                tables.money(row.members.spend * margin),
            )
        )
        for code, name in names.items()
        if (row := by_tier.get(code)) is not None
    )
    return Section(
        title=_("By tier"),
        words=_("Costs by the tier that was held at each use; members and their spend by the tier that is held now."),
        table=tables.Table("tier", columns, rows) if rows else None,
        empty=_("No member stands on a tier yet"),
    )


def _definitions() -> tuple[Definition, ...]:
    return (
        Definition(
            _("May use it"),
            _(
                "Active members whose tier has the benefit now; of a coupon, members who were issued one in the "
                "period. Codes that anybody may use are issued to nobody."
            ),
        ),
        Definition(
            _("Given, seen"),
            _(
                "Members who were given it in the period, and those of them who have opened the page of their benefits "
                "since. Only of benefits that are given on an occasion."
            ),
        ),
        Definition(
            _("Users, use rate"),
            _(
                "Members who used it in the period and did not give it all back. The use rate counts those of them who "
                "may use it still, of all who may."
            ),
        ),
        Definition(
            _("Saved for members, cost"),
            _(
                "What checkouts took off, less what came back with returns in the period; of gifts, codes and services "
                "their stated value and cost. A gift counts when it is promised, a code when it is read, a service "
                "when it is done."
            ),
        ),
        Definition(
            _("Orders and spend"),
            _(
                "Of the period, less returns, before shipping and tax. Users and non-users are members who may use the "
                "benefit. The difference is no effect: members who buy more anyway also use more. Only a group that is "
                "left out by lot could tell."
            ),
        ),
        Definition(
            _("Margin"),
            _(
                "Spend times the gross margin that stands above. The cost beside it is not taken off: what a checkout "
                "took off has lowered the spend already."
            ),
        ),
    )
