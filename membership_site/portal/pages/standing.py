"""The tier card and the ways to keep a tier and to rise."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kit import clock
from membership_site import charts, formats
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules
from tiers import wording as tiers_wording
from tiers.queries import StandingView, TierView

Way = tuple[str, Decimal, Decimal]
"""A metric, its threshold and what is missing of it, as tiers.rules.gaps gives them."""

CLOSE = Decimal("0.15")
"""Growth value runs a little ahead of spend by nature; money is easier to grasp unless the lead is real."""


@dataclass(frozen=True)
class TierBadge:
    """A tier in the reader's language."""

    name: str
    look: str
    icon: str


@dataclass(frozen=True)
class Goal:
    """A sentence on the card: what is missing for what, by when."""

    icon: str
    words: str


@dataclass(frozen=True)
class WayRow:
    """One of the ways to the next tier, any of which is enough."""

    label: str
    have: str
    need: str
    share: str
    done: bool


@dataclass(frozen=True)
class TierCard:
    """Where the member stands; `until` is empty on the lowest tier, `grace` unless validity has ended."""

    tier: TierBadge
    until: dt.date | None
    grace: dt.date | None
    because: tuple[str, ...]
    now: str
    still: str
    track: str
    goals: tuple[Goal, ...]
    next_tier: TierBadge | None
    ways: tuple[WayRow, ...]


def badge(tier: TierView) -> TierBadge:
    """Will return a tier as pages show it."""
    return TierBadge(name=tiers_wording.tier_name(tier), look=tier.look, icon=tier.icon)


@dataclass(frozen=True)
class _Picture:
    """What the card is drawn from: the metric on its bar, what counts of it today and on the date that decides."""

    standing: StandingView
    tier: TierBadge
    above: TierBadge | None
    keep: Sequence[Way]
    last: dt.date | None
    metric: str
    have: Decimal
    lasting: Decimal
    window_days: int


def tier_card(member_id: int, at: dt.datetime) -> TierCard:
    """Will assemble the tier card at an instant. Six to nine queries; raises NoStanding."""
    standing = tiers_queries.get_standing(member_id, at)
    terms = tiers_queries.terms_on(clock.business_date(at))
    lasting, keep = standing.facts, standing.keep
    if standing.until and not standing.grace:
        # What counts today may have left the window on the date that decides; only the rest can keep the tier.
        lasting = tiers_queries.facts_on(member_id, terms, standing.until)
        keep = tuple(tiers_rules.gaps(terms.rungs[standing.tier.rank].keep, lasting))
    metric = _nearest(standing.reach or keep)[0]
    picture = _Picture(
        standing=standing,
        tier=badge(standing.tier),
        above=badge(standing.next_tier) if standing.next_tier else None,
        keep=keep,
        last=standing.grace or standing.until,
        metric=metric,
        have=_have(standing.facts, metric),
        lasting=_have(lasting, metric),
        window_days=terms.window_days,
    )
    return _card(picture)


def _card(picture: _Picture) -> TierCard:
    standing = picture.standing
    return TierCard(
        tier=picture.tier,
        until=standing.until,
        grace=standing.grace,
        because=tiers_wording.reasons(standing.last_decision, formats),
        now=_counted(picture.metric, picture.have, picture.window_days),
        still=_still(picture),
        track=_track(picture),
        goals=_goals(picture),
        next_tier=picture.above,
        ways=tuple(_way_row(way, _have(standing.facts, way[0])) for way in standing.reach),
    )


# ---- sentences


def amount(metric: str, value: Decimal) -> str:
    """Will return so much of a metric: CN¥1,360, 3 orders, 200 growth value."""
    return tiers_wording.amount(metric, value, formats)


def _missing(metric: str, value: Decimal) -> str:
    """Will return what is missing of a metric, as it stands before "more" in English."""
    if metric == "spend":
        return pgettext("missing spend", "%(amount)s") % {"amount": formats.money0(value)}
    return amount(metric, value)


def _counted(metric: str, value: Decimal, days: int) -> str:
    words = {"amount": amount(metric, value), "days": formats.num(days)}
    if metric == "spend":
        return _("%(amount)s spent in the last %(days)s days") % words
    return _("%(amount)s in the last %(days)s days") % words


def _still(picture: _Picture) -> str:
    """Will say how much of what counts today still counts on the date that decides; nothing where it is all."""
    if picture.last is None or picture.lasting >= picture.have:
        return ""
    words = {"amount": amount(picture.metric, picture.lasting), "date": formats.cal(picture.last)}
    return _("%(amount)s of it still counts on %(date)s") % words


def _goals(picture: _Picture) -> tuple[Goal, ...]:
    goals = []
    if picture.keep and picture.last:
        goals.append(_keep_goal(_nearest(picture.keep), picture.tier.name, picture.last))
    if picture.above and picture.standing.reach:
        metric, _need, missing = _nearest(picture.standing.reach)
        words = format_html(
            _("<b>{amount}</b> more reaches {tier}"), amount=_missing(metric, missing), tier=picture.above.name
        )
        goals.append(Goal(picture.above.icon, words))
    return tuple(goals)


def _keep_goal(way: Way, name: str, last: dt.date) -> Goal:
    metric, _need, missing = way
    if missing == 0:
        return Goal(
            "shield-check", _("Enough to keep %(tier)s after %(date)s") % {"tier": name, "date": formats.cal(last)}
        )
    text = _("<b>{amount}</b> more by {date} keeps {tier}")
    words = format_html(text, amount=_missing(metric, missing), date=formats.cal(last), tier=name)
    return Goal("shield-check", words)


# ---- the bar


def _track(picture: _Picture) -> str:
    """Will draw what counts today up to the next tier's threshold, with the threshold that keeps this one."""
    metric, tier = picture.metric, picture.tier.name
    keep_at = _threshold(picture.keep, metric)
    end = _threshold(picture.standing.reach, metric) or keep_at
    if not end:
        return ""
    keeping = _("Keep %(tier)s") % {"tier": tier}
    goals = [charts.Mark(1, _goal(picture.above.name if picture.above else keeping, metric, end))]
    if picture.above and keep_at:
        goals.insert(0, charts.Mark(float(keep_at / end), _goal(keeping, metric, keep_at)))
    sentences = [_counted(metric, picture.have, picture.window_days), _still(picture), *(goal.text for goal in goals)]
    return charts.track(
        float(picture.have / end),
        lasting=float(picture.lasting / end),
        goals=goals,
        zero=formats.money0(0) if metric == "spend" else formats.num(0),
        label=formats.facts(sentences),
    )


def _goal(name: str, metric: str, value: Decimal) -> str:
    """Will return the words under a mark; what is counted stands above the bar, so the number is enough."""
    short = formats.money0(value) if metric == "spend" else formats.num(int(value))
    return _("%(goal)s %(amount)s") % {"goal": name, "amount": short}


def _threshold(ways: Sequence[Way], metric: str) -> Decimal | None:
    return next((need for name, need, _gap in ways if name == metric), None)


# ---- leaves


def _nearest(ways: Sequence[Way]) -> Way:
    """Will return the way of which the largest share is done; an earlier one (spend first) if it is close to that."""
    most = max(_done(way) for way in ways)
    return next(way for way in ways if _done(way) >= most - CLOSE)


def _done(way: Way) -> Decimal:
    _metric, need, missing = way
    return 1 - missing / need if need else Decimal(1)


def _have(facts: tiers_rules.Facts, metric: str) -> Decimal:
    return Decimal(getattr(facts, metric))


def _way_row(way: Way, have: Decimal) -> WayRow:
    metric, need, missing = way
    labels = {"spend": _("Spend"), "orders": _("Orders"), "growth": _("Growth value")}
    return WayRow(
        label=labels[metric],
        have=formats.money0(have) if metric == "spend" else formats.num(int(have)),
        need=formats.money0(need) if metric == "spend" else formats.num(int(need)),
        share=f"{float(min(have / need, Decimal(1))) if need else 1:.3f}",
        done=missing == 0,
    )
