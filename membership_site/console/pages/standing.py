"""A member's tier as the staff see it: the bar with its marks, the ways to keep and to rise, why he stands there."""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from kit import clock
from membership_site import charts, formats
from membership_site.console.pages.words import Badge, Way, amount, badge, done, nearest, sentences
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules
from tiers import wording as tiers_wording
from tiers.enums import HoldKind
from tiers.queries import DecisionView, FullStanding


@dataclass(frozen=True)
class Goal:
    """What is missing for what, by when."""

    icon: str
    words: str
    is_urgent: bool


@dataclass(frozen=True)
class WayRow:
    """One metric: what counts of what is asked for."""

    label: str
    have: str
    keep: str
    reach: str


@dataclass(frozen=True)
class StandingCard:
    """Where a member stands at an instant; `how` is what he himself is told of it, `ladder` how the ladder works.

    `given` says what was given and what lies beneath, `is_given` and `is_extendable` what may be done about it.
    """

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
    joined_by: str
    ladder: tuple[str, ...]
    given: str
    is_given: bool
    is_extendable: bool


@dataclass(frozen=True)
class _Picture:
    """What the bar is drawn from: its metric, what counts of it today and on the date that decides."""

    standing: FullStanding
    tier: Badge
    above: Badge | None
    metric: str


def standing_card(
    member_id: int, at: dt.datetime, *, is_past: bool, ladder: str = tiers_queries.MAIN
) -> StandingCard | None:
    """Will assemble the card at an instant; None for who has not joined. At most five queries."""
    try:
        if is_past:
            standing = tiers_queries.get_full_standing_as_of(member_id, at)
        else:
            standing = tiers_queries.get_full_standing(member_id, at, ladder)
    except (tiers_queries.NoStanding, tiers_queries.NoLadder):
        return None
    above = badge(standing.next_tier) if standing.next_tier else None
    picture = _Picture(standing, badge(standing.tier), above, _metric(standing))
    return StandingCard(
        tier=picture.tier,
        since=standing.since,
        until=standing.until,
        grace=standing.grace,
        counted=_counted(picture),
        track=_track(picture),
        goals=_goals(picture, is_past=is_past),
        ways=_ways(standing),
        next_name=above.name if above else "",
        window_starts_on=standing.window_starts_on,
        window_ends_on=clock.business_date(at),
        how=tiers_wording.standing(standing.last_decision, formats),
        facts=standing.facts,
        joined_by=_joined_by(standing),
        ladder=tiers_wording.ladder_words(standing.terms, formats),
        given=_given(standing),
        is_given=bool(standing.hold_kind),
        is_extendable=standing.until is not None and not standing.hold_kind,
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


def _metric(standing: FullStanding) -> str:
    ways, together = (standing.reach, standing.reach_all) if standing.reach else (standing.keep, standing.keep_all)
    if not ways:
        return "spend"
    return min(ways, key=done)[0] if together else nearest(ways)[0]


def _counted(picture: _Picture) -> str:
    standing, metric = picture.standing, picture.metric
    now, then = standing.facts.of(metric), standing.lasting.of(metric)
    said = tiers_wording.counted_words(metric, now, standing.terms, standing.window_starts_on, formats)
    if standing.judged_on and then < now:
        words = {"amount": amount(metric, then), "date": formats.cal(standing.judged_on)}
        said = formats.facts([said, _("%(amount)s of it still counts on %(date)s") % words])
    return said


def _goals(picture: _Picture, *, is_past: bool) -> tuple[Goal, ...]:
    standing = picture.standing
    goals = [] if is_past else list(_keep_goals(picture))
    if standing.upcoming and standing.upcoming_on:
        words = {"tier": badge(standing.upcoming).name, "date": formats.cal(standing.upcoming_on)}
        goals.append(Goal(standing.upcoming.icon, _("%(tier)s begins on %(date)s") % words, is_urgent=False))
    if picture.above and standing.reach:
        ways = [way for way in standing.reach if way[2]] if standing.reach_all else [nearest(standing.reach)]
        missing = formats.listing([amount(metric, more) for metric, _need, more in ways])
        words = {"tier": picture.above.name, "amount": missing}
        goals.append(Goal(picture.above.icon, _("%(amount)s to %(tier)s") % words, is_urgent=False))
    return tuple(goals)


def _keep_goals(picture: _Picture) -> Iterator[Goal]:
    """What keeps the tier, the cheapest way first; or that it is kept."""
    standing = picture.standing
    last = standing.grace or standing.until
    words = {"tier": picture.tier.name, "date": formats.cal(last) if last else ""}
    if standing.never_lost:
        yield Goal("shield-check", _("%(tier)s is never lost") % words, is_urgent=False)
    elif standing.fall:
        for way in standing.fall.ways:
            words["amount"] = formats.listing([amount(metric, more) for metric, more in way.more])
            words["date"] = formats.cal(way.by)
            yield Goal("shield-check", _("%(amount)s by %(date)s keeps %(tier)s") % words, is_urgent=True)
        if not standing.fall.ways:
            yield Goal("shield-check", _("%(tier)s ends on %(date)s") % words, is_urgent=True)
    elif last and not standing.hold_kind and not standing.is_due:
        yield Goal("shield-check", _("Enough to keep %(tier)s after %(date)s") % words, is_urgent=False)


def _given(standing: FullStanding) -> str:
    """Will say why a tier that was not reached is held, and what lies beneath it."""
    if not standing.hold_kind or standing.until is None:
        return ""
    words = {"tier": badge(standing.tier).name, "date": formats.cal(standing.until)}
    said = {
        HoldKind.MANUAL: _("%(tier)s was given by hand, through %(date)s."),
        HoldKind.PROMOTION: _("%(tier)s was given in a promotion, through %(date)s."),
        HoldKind.INVITATION: _("%(tier)s was given by invitation, through %(date)s."),
    }[HoldKind(standing.hold_kind)] % words
    if standing.earned is None:
        return said
    words = {"earned": badge(standing.earned).name}
    if standing.earned_until is None:
        return sentences(said, _("Beneath it: %(earned)s.") % words)
    words["date"] = formats.cal(standing.earned_until)
    return sentences(said, _("Beneath it: %(earned)s, until %(date)s.") % words)


def _joined_by(standing: FullStanding) -> str:
    """Will say whether one way is enough."""
    if standing.keep_all and (standing.reach_all or not standing.reach):
        return _("All of it is needed.")
    if standing.keep_all:
        return _("To keep the tier all of it is needed, to rise one way is enough.")
    if standing.reach_all:
        return _("To rise all of it is needed, to keep the tier one way is enough.")
    return _("One way is enough.")


def _track(picture: _Picture) -> str:
    standing, metric = picture.standing, picture.metric
    keep_at, reach_at = _threshold(standing.keep, metric), _threshold(standing.reach, metric)
    end = reach_at or keep_at
    if not end:
        return ""
    keeping = _("Keep %(tier)s") % {"tier": picture.tier.name}
    marks = [charts.Mark(1, _mark(picture.above.name if picture.above and reach_at else keeping, metric, end))]
    if reach_at and keep_at and keep_at < reach_at:
        marks.insert(0, charts.Mark(float(keep_at / end), _mark(keeping, metric, keep_at)))
    have = standing.facts.of(metric)
    return charts.track(
        float(have / end),
        lasting=float(min(standing.lasting.of(metric), have) / end),
        goals=marks,
        zero=amount(metric, Decimal(0)),
        label=formats.facts([_counted(picture), *(mark.text for mark in marks)]),
    )


def _mark(name: str, metric: str, value: Decimal) -> str:
    return f"{name} {amount(metric, value)}"


def _threshold(ways: Sequence[Way], metric: str) -> Decimal | None:
    return next((need for name, need, _gap in ways if name == metric), None)


def _ways(standing: FullStanding) -> tuple[WayRow, ...]:
    """What counts, metric by metric: those that lists show, and what else the tiers ask for."""
    asked = {way[0] for way in (*standing.keep, *standing.reach)} | tiers_rules.PLAIN
    return tuple(
        WayRow(
            label=tiers_wording.metric_label(metric),
            have=_plain(metric, standing.facts.of(metric)),
            keep=_way_words(standing.keep, metric),
            reach=_way_words(standing.reach, metric),
        )
        for metric in tiers_rules.METRICS
        if metric in asked
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
