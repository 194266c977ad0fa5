"""A member's tier as the staff see it: the bar with its marks, the ways to keep and to rise, why he stands there."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kit import clock
from membership_site import charts, formats
from membership_site.console.pages.words import Badge, Way, amount, badge, done, nearest
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules
from tiers import wording as tiers_wording
from tiers.queries import DecisionView, StandingView


@dataclass(frozen=True)
class Goal:
    """What is missing for what, by when."""

    icon: str
    words: str
    is_urgent: bool


@dataclass(frozen=True)
class WayRow:
    """One way to keep the tier or to rise: what counts of what is asked for."""

    label: str
    have: str
    keep: str
    reach: str


@dataclass(frozen=True)
class StandingCard:
    """Where a member stands at an instant; `how` is what he himself is told of it."""

    tier: Badge
    since: dt.date
    until: dt.date | None
    grace: dt.date | None
    counted: str
    track: str
    goals: tuple[Goal, ...]
    ways: tuple[WayRow, ...]
    next_name: str
    window_starts_on: dt.date
    window_ends_on: dt.date
    how: tuple[str, ...]
    facts: tiers_rules.Facts


@dataclass(frozen=True)
class _Picture:
    """What the bar is drawn from: its metric, what counts of it today and on the date that decides."""

    standing: StandingView
    tier: Badge
    above: Badge | None
    keep: tuple[Way, ...]
    lasting: tiers_rules.Facts


def standing_card(member_id: int, at: dt.datetime, *, is_past: bool) -> StandingCard | None:
    """Will assemble the card at an instant; None for who has not joined. At most eleven queries."""
    today = clock.business_date(at)
    try:
        view = tiers_queries.get_standing_as_of if is_past else tiers_queries.get_standing
        standing = view(member_id, at)
    except (tiers_queries.NoStanding, tiers_queries.NoLadder):
        return None
    terms = tiers_queries.terms_on(today)
    lasting, keep = standing.facts, standing.keep
    if standing.until and not standing.grace and standing.until >= today and not is_past:
        # What counts today may have left the window on the date that decides; only the rest can keep the tier.
        lasting = tiers_queries.facts_on(member_id, terms, standing.until)
        keep = tuple(tiers_rules.gaps(terms.rungs[standing.tier.rank].keep, lasting))
    above = badge(standing.next_tier) if standing.next_tier else None
    picture = _Picture(standing, badge(standing.tier), above, keep, lasting)
    return StandingCard(
        tier=picture.tier,
        since=standing.since,
        until=standing.until,
        grace=standing.grace,
        counted=_counted(picture, terms.window_days),
        track=_track(picture),
        goals=_goals(picture),
        ways=_ways(standing, keep),
        next_name=above.name if above else "",
        window_starts_on=standing.window_starts_on,
        window_ends_on=today,
        how=tiers_wording.standing(standing.last_decision, formats),
        facts=standing.facts,
    )


def decision_words(decision: DecisionView) -> tuple[str, str]:
    """Will return a decision's title and until when it holds."""
    if decision.grace_date:
        words = _("Grace until %(date)s") % {"date": formats.cal(decision.grace_date)}
    elif decision.until_date:
        words = _("Until %(date)s") % {"date": formats.cal(decision.until_date)}
    else:
        words = ""
    return tiers_wording.decision_title(decision), words


# ---- leaves


def _metric(picture: _Picture) -> str:
    ways = picture.standing.reach or picture.keep
    return nearest(ways)[0] if ways else "spend"


def _have(facts: tiers_rules.Facts, metric: str) -> Decimal:
    return Decimal(getattr(facts, metric))


def _counted(picture: _Picture, days: int) -> str:
    metric = _metric(picture)
    now, then = _have(picture.standing.facts, metric), _have(picture.lasting, metric)
    words = {"amount": amount(metric, now), "days": formats.num(days)}
    said = _("%(amount)s counted in the last %(days)s days") % words
    if picture.standing.until and then < now:
        words = {"amount": amount(metric, then), "date": formats.cal(picture.standing.until)}
        said = formats.facts([said, _("%(amount)s of it still counts on %(date)s") % words])
    return said


def _goals(picture: _Picture) -> tuple[Goal, ...]:
    goals = []
    last = picture.standing.grace or picture.standing.until
    if picture.keep and last:
        metric, _need, missing = nearest(picture.keep)
        words = {"tier": picture.tier.name, "date": formats.cal(last), "amount": amount(metric, missing)}
        text = _("%(amount)s by %(date)s keeps %(tier)s") if missing else _("Enough to keep %(tier)s after %(date)s")
        goals.append(Goal("shield-check", text % words, is_urgent=bool(missing)))
    if picture.above and picture.standing.reach:
        metric, _need, missing = nearest(picture.standing.reach)
        words = {"tier": picture.above.name, "amount": amount(metric, missing)}
        goals.append(Goal(picture.above.icon, _("%(amount)s to %(tier)s") % words, is_urgent=False))
    return tuple(goals)


def _track(picture: _Picture) -> str:
    metric = _metric(picture)
    keep_at, reach_at = _threshold(picture.keep, metric), _threshold(picture.standing.reach, metric)
    end = reach_at or keep_at
    if not end:
        return ""
    keeping = _("Keep %(tier)s") % {"tier": picture.tier.name}
    marks = [charts.Mark(1, _mark(picture.above.name if picture.above else keeping, metric, end))]
    if reach_at and keep_at and keep_at < reach_at:
        marks.insert(0, charts.Mark(float(keep_at / end), _mark(keeping, metric, keep_at)))
    have = _have(picture.standing.facts, metric)
    return charts.track(
        float(have / end),
        lasting=float(_have(picture.lasting, metric) / end),
        goals=marks,
        zero=amount(metric, Decimal(0)),
        label=formats.facts([amount(metric, have), *(mark.text for mark in marks)]),
    )


def _mark(name: str, metric: str, value: Decimal) -> str:
    return f"{name} {amount(metric, value)}"


def _threshold(ways: Sequence[Way], metric: str) -> Decimal | None:
    return next((need for name, need, _gap in ways if name == metric), None)


def _ways(standing: StandingView, keep: Sequence[Way]) -> tuple[WayRow, ...]:
    labels = {"spend": _("Spend"), "orders": _("Orders"), "growth": _("Growth value")}
    return tuple(
        WayRow(
            label=label,
            have=_plain(metric, _have(standing.facts, metric)),
            keep=_way_words(keep, metric),
            reach=_way_words(standing.reach, metric),
        )
        for metric, label in labels.items()
    )


def _way_words(ways: Sequence[Way], metric: str) -> str:
    way = next((way for way in ways if way[0] == metric), None)
    if way is None:
        return ""
    if done(way) >= 1:
        return _("%(need)s, reached") % {"need": _plain(metric, way[1])}
    return _("%(need)s, %(missing)s missing") % {"need": _plain(metric, way[1]), "missing": _plain(metric, way[2])}


def _plain(metric: str, value: Decimal) -> str:
    """Will write a metric's number alone, where the row says what it is."""
    return formats.money0(value) if metric == "spend" else formats.num(int(value))
