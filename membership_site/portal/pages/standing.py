"""The tier card and the ways to keep a tier and to rise."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html
from django.utils.translation import gettext as _

from membership_site import charts, formats
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.enums import Start
from tiers.queries import FullStanding, TierView

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
    """What is asked for the next tier of one metric."""

    label: str
    have: str
    need: str
    share: str
    done: bool


@dataclass(frozen=True)
class TierCard:
    """Where the member stands; `until` is empty on the lowest tier, `grace` unless validity has ended.

    All of `ways` are needed where `ways_all` says so, else any of them; what is reached begins at once or later.
    """

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
    ways_all: bool
    begins_at_once: bool


def badge(tier: TierView) -> TierBadge:
    """Will return a tier as pages show it."""
    return TierBadge(name=tiers_wording.tier_name(tier), look=tier.look, icon=tier.icon)


@dataclass(frozen=True)
class _Picture:
    """What the card is drawn from: the metric on its bar, what counts of it today and on the date that decides."""

    standing: FullStanding
    tier: TierBadge
    above: TierBadge | None
    metric: str
    have: Decimal
    lasting: Decimal


def tier_card(member_id: int, at: dt.datetime, ladder: str = tiers_queries.MAIN) -> TierCard:
    """Will assemble the tier card at an instant. At most eleven queries; raises NoStanding."""
    return card_of(tiers_queries.get_full_standing(member_id, at, ladder))


def card_of(standing: FullStanding) -> TierCard:
    """Will draw a standing as a card."""
    reach, keep = standing.reach, standing.keep
    ways, together = (reach, standing.reach_all) if reach else (keep, standing.keep_all)
    metric = (_farthest(ways) if together else _nearest(ways))[0] if ways else "spend"
    picture = _Picture(
        standing=standing,
        tier=badge(standing.tier),
        above=badge(standing.next_tier) if standing.next_tier else None,
        metric=metric,
        have=standing.facts.of(metric),
        lasting=standing.lasting.of(metric),
    )
    return TierCard(
        tier=picture.tier,
        until=standing.until,
        grace=standing.grace,
        because=tiers_wording.reasons(standing.last_decision, formats),
        now=_counted(picture),
        still=_still(picture),
        track=_track(picture),
        goals=_goals(picture),
        next_tier=picture.above,
        ways=tuple(_way_row(way, standing.facts.of(way[0])) for way in reach),
        ways_all=standing.reach_all and len(reach) > 1,
        begins_at_once=standing.terms.start is Start.AT_ONCE,
    )


# ---- sentences


def amount(metric: str, value: Decimal) -> str:
    """Will return so much of a metric: CN¥1,360, 3 orders, 200 growth value."""
    return tiers_wording.amount(metric, value, formats)


def _counted(picture: _Picture) -> str:
    standing = picture.standing
    return tiers_wording.counted_words(picture.metric, picture.have, standing.terms, standing.window_starts_on, formats)


def _still(picture: _Picture) -> str:
    """Will say how much of what counts today still counts on the date that decides; nothing where it is all."""
    judged_on = picture.standing.judged_on
    if judged_on is None or picture.lasting >= picture.have:
        return ""
    words = {"amount": amount(picture.metric, picture.lasting), "date": formats.cal(judged_on)}
    return _("%(amount)s of it still counts on %(date)s") % words


def _goals(picture: _Picture) -> tuple[Goal, ...]:
    standing = picture.standing
    goals = [goal for goal in (_given_goal(picture), _keep_goal(picture)) if goal]
    if standing.upcoming and standing.upcoming_on:
        words = {"tier": tiers_wording.tier_name(standing.upcoming), "date": formats.cal(standing.upcoming_on)}
        goals.append(Goal(standing.upcoming.icon, _("%(tier)s begins on %(date)s") % words))
    if picture.above and standing.reach:
        text = _("<b>{amount}</b> more reaches {tier}")
        goals.append(Goal(picture.above.icon, format_html(text, amount=_missing(standing), tier=picture.above.name)))
    return tuple(goals)


def _missing(standing: FullStanding) -> str:
    """What is missing of the next tier: of the nearest way, or of all of them."""
    ways = [way for way in standing.reach if way[2]] if standing.reach_all else [_nearest(standing.reach)]
    return _together([(metric, missing) for metric, _need, missing in ways])


def _together(more: Sequence[tuple[str, Decimal]]) -> str:
    return formats.listing([tiers_wording.missing_words(metric, value, formats) for metric, value in more])


def _given_goal(picture: _Picture) -> Goal | None:
    """Will say what comes after a tier that was given."""
    standing = picture.standing
    if standing.earned is None or standing.until is None:
        return None
    words = {"tier": picture.tier.name, "earned": tiers_wording.tier_name(standing.earned)}
    if standing.earned == standing.tier:
        return Goal("gift", _("%(tier)s was given to you, and you have reached it yourself") % words)
    return Goal("gift", _("%(tier)s was given to you; %(earned)s is what you have reached yourself") % words)


def _keep_goal(picture: _Picture) -> Goal | None:
    """Will say what keeps the tier, the cheapest way first, or that it is kept already."""
    standing = picture.standing
    words = {"tier": picture.tier.name}
    if standing.never_lost:
        return Goal("shield-check", _("%(tier)s is not lost, even without reaching it again") % words)
    last = standing.grace or standing.until
    if last is None:
        return None
    words["date"] = formats.cal(last)
    if standing.fall is None:
        if standing.hold_kind or standing.is_due:
            return None
        return Goal("shield-check", _("Enough to keep %(tier)s after %(date)s") % words)
    if not standing.fall.ways:
        return None
    way = standing.fall.ways[0]
    text = _("<b>{amount}</b> more by {date} keeps {tier}")
    return Goal(
        "shield-check",
        format_html(text, amount=_together(way.more), date=formats.cal(way.by), tier=picture.tier.name),
    )


# ---- the bar


def _track(picture: _Picture) -> str:
    """Will draw what counts today up to the next tier's threshold, with the threshold that keeps this one."""
    metric, tier = picture.metric, picture.tier.name
    keep_at = _threshold(picture.standing.keep, metric)
    end = _threshold(picture.standing.reach, metric) or keep_at
    if not end:
        return ""
    keeping = _("Keep %(tier)s") % {"tier": tier}
    goals = [charts.Mark(1, _goal(picture.above.name if picture.above else keeping, metric, end))]
    if picture.above and keep_at and keep_at < end:
        goals.insert(0, charts.Mark(float(keep_at / end), _goal(keeping, metric, keep_at)))
    sentences = [_counted(picture), _still(picture), *(goal.text for goal in goals)]
    return charts.track(
        float(picture.have / end),
        lasting=float(min(picture.lasting, picture.have) / end),
        goals=goals,
        zero=formats.money0(0) if metric == "spend" else formats.num(0),
        label=formats.facts(sentences),
    )


def _goal(name: str, metric: str, value: Decimal) -> str:
    """Will return the words under a mark; what is counted stands above the bar, so the number is enough."""
    return _("%(goal)s %(amount)s") % {"goal": name, "amount": _plain(metric, value)}


def _threshold(ways: Sequence[Way], metric: str) -> Decimal | None:
    return next((need for name, need, _gap in ways if name == metric), None)


# ---- leaves


def _nearest(ways: Sequence[Way]) -> Way:
    """Will return the way of which the largest share is done; an earlier one (spend first) if it is close to that."""
    most = max(_done(way) for way in ways)
    return next(way for way in ways if _done(way) >= most - CLOSE)


def _farthest(ways: Sequence[Way]) -> Way:
    """Will return the way of which the smallest share is done."""
    return min(ways, key=_done)


def _done(way: Way) -> Decimal:
    _metric, need, missing = way
    return 1 - missing / need if need else Decimal(1)


def _plain(metric: str, value: Decimal) -> str:
    return formats.money0(value) if metric == "spend" else formats.num(int(value))


def _way_row(way: Way, have: Decimal) -> WayRow:
    metric, need, missing = way
    return WayRow(
        label=tiers_wording.metric_label(metric),
        have=_plain(metric, have),
        need=_plain(metric, need),
        share=f"{float(min(have / need, Decimal(1))) if need else 1:.3f}",
        done=missing == 0,
    )
