"""The programme's rules for everybody to read: what is in force, what changes when, and what was in force before."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from kit import clock, dates
from membership_site import formats
from membership_site.portal.pages.standing import TierBadge, badge
from points import queries as points_queries
from points import wording as points_wording
from points.enums import DiscountBasis, ExpiryKind, Period, RefundPolicy
from points.queries import PublishedPolicy
from points.rules.policy import EventTerms, Policy
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.queries import TierView

FROM_THE_FIRST = dt.date(1970, 1, 1)
"""The starter is in force from here on, so that a shop's history fits in: to a reader, from the beginning."""


@dataclass(frozen=True)
class Rate:
    """What a tier earns."""

    tier: TierBadge
    words: str


@dataclass(frozen=True)
class Section:
    """One subject of the rules, in sentences."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Change:
    """One subject in which a version differs from the one before it; a side that says nothing is empty."""

    what: str
    was: tuple[str, ...]
    becomes: tuple[str, ...]


@dataclass(frozen=True)
class Version:
    """A version of the rules: from when to when, what members were told, and what it changes."""

    number: int
    since: dt.date | None
    until: dt.date | None
    note: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ProgrammePage:
    """The page; `current` is missing while nothing is published."""

    current: Version | None
    rates: tuple[Rate, ...]
    sections: tuple[Section, ...]
    upcoming: tuple[Version, ...]
    past: tuple[Version, ...]


NOTHING_PUBLISHED = ProgrammePage(None, (), (), (), ())


def programme_page(at: dt.datetime) -> ProgrammePage:
    """Will assemble the page at an instant. Three queries, however many versions there are."""
    today = clock.business_date(at)
    published = _in_order(points_queries.published_policies())
    if not published:
        return NOTHING_PUBLISHED
    tiers = _tiers(today)
    names = {tier.code: tiers_wording.tier_name(tier) for tier in tiers}
    held = max((place for place, one in enumerate(published) if one.effective_on <= today), default=0)
    versions = [_version(published, place, names, today) for place in range(len(published))]
    policy = published[held].policy
    return ProgrammePage(
        current=versions[held],
        rates=tuple(Rate(badge(tier), _per_unit(tier.multiplier * policy.points_per_unit)) for tier in tiers),
        sections=_sections(policy, names, today),
        upcoming=tuple(versions[held + 1 :]),
        past=tuple(reversed(versions[:held])),
    )


def _in_order(published: Sequence[PublishedPolicy]) -> list[PublishedPolicy]:
    """Will leave out a version that another of the same date replaced before it was ever in force."""
    return list({one.effective_on: one for one in published}.values())


def _tiers(today: dt.date) -> Sequence[TierView]:
    try:
        return tiers_queries.tiers_of_ladder(today)
    except tiers_queries.NoLadder:
        return ()


def _version(published: Sequence[PublishedPolicy], place: int, tiers: Mapping[str, str], today: dt.date) -> Version:
    one = published[place]
    before = published[place - 1].policy if place else None
    last = place + 1 == len(published)
    return Version(
        number=one.number,
        since=None if one.effective_on <= FROM_THE_FIRST else one.effective_on,
        until=None if last else published[place + 1].effective_on - dt.timedelta(days=1),
        note=one.note.get((get_language() or "en").lower()) or one.note.get("en", ""),
        changes=_changes(before, one.policy, tiers, max(today, one.effective_on)) if before else (),
    )


def _changes(before: Policy, after: Policy, tiers: Mapping[str, str], on: dt.date) -> tuple[Change, ...]:
    """Will say subject by subject what a version says otherwise than the one before; examples are of the same date."""
    was, becomes = (
        {section.title: section.sentences for section in _sections(policy, tiers, on)} for policy in (before, after)
    )
    changes = []
    for title in dict.fromkeys([*was, *becomes]):
        old, new = was.get(title, ()), becomes.get(title, ())
        if old != new:
            kept = set(old) & set(new)
            changes.append(
                Change(title, tuple(s for s in old if s not in kept), tuple(s for s in new if s not in kept))
            )
    return tuple(changes)


# ---- the subjects


def _sections(policy: Policy, tiers: Mapping[str, str], today: dt.date) -> tuple[Section, ...]:
    """Will say a whole policy, subject by subject; a subject of which there is nothing to say is left out."""
    sections = (
        (_("What orders earn"), _earning(policy)),
        (_("What counts"), _basis(policy)),
        (_("What else earns"), _events(policy)),
        (_("Offers"), _rules(policy, tiers, today)),
        (_("Limits"), [_sentence_of_cap(cap) for cap in (points_wording.cap_words(c, formats) for c in policy.caps)]),
        (_("When they can be used"), _pending(policy)),
        (_("When they expire"), _expiry(policy, today)),
        (_("Spending"), _spending(policy)),
        (_("Returns"), _returns(policy)),
        (_("Gifts"), _gifts(policy)),
    )
    return tuple(Section(title, tuple(sentences)) for title, sentences in sections if sentences)


def _per_unit(points: Decimal) -> str:
    unit = formats.money0(1)
    if points == 1:
        return _("1 point per %(unit)s") % {"unit": unit}
    return _("%(points)s points per %(unit)s") % {"points": formats.num(points), "unit": unit}


def _earning(policy: Policy) -> list[str]:
    words = {"rate": _per_unit(policy.points_per_unit)}
    said = [
        _("An order earns %(rate)s, times the multiplier of the tier held when it was placed.") % words,
        _("The sum of the order is rounded down once, to whole points."),
    ]
    if policy.growth_per_unit:
        growth = {"growth": formats.num(policy.growth_per_unit), "unit": formats.money0(1)}
        said.append(_("It also earns %(growth)s growth value per %(unit)s, which counts towards your tier.") % growth)
    return said


def _basis(policy: Policy) -> list[str]:
    basis = policy.basis
    return [
        _("The price of the goods counts after all discounts.")
        if basis.discount is DiscountBasis.AFTER
        else _("The price of the goods counts before discounts."),
        _("Shipping counts.") if basis.shipping else _("Shipping does not count."),
        _("Tax that is added to the price counts.")
        if basis.tax
        else _("Tax that is added to the price does not count."),
        _("What was paid with points counts as well.")
        if basis.points_paid
        else _("What was paid with points does not count."),
    ]


def _events(policy: Policy) -> list[str]:
    said = []
    if policy.sign_up_points:
        said.append(_("Joining: %(units)s.") % {"units": _units(policy.sign_up_points)})
    for kind, terms in policy.events.items():
        words = {"event": points_wording.event_name(kind), "what": _event(terms)}
        said.append(_("%(event)s: %(what)s.") % words)
    return said


def _event(terms: EventTerms) -> str:
    """Will say what one type of event earns: the points, with a photo, in a row, by a property, and how often."""
    parts = [_event_points(terms)] if _event_points(terms) else []
    if terms.growth:
        parts.append(_("%(n)s growth value") % {"n": formats.num(terms.growth)})
    if terms.once:
        parts.append(_("once in a membership"))
    if terms.day_max is not None:
        n = terms.day_max
        parts.append(ngettext("%(n)s time a day at most", "%(n)s times a day at most", n) % {"n": formats.num(n)})
    return pgettext("between facts of an event", ", ").join(parts)


def _event_points(terms: EventTerms) -> str:
    if terms.streak:
        listed = formats.listing([formats.num(points) for points in terms.streak])
        words = {"points": listed, "days": formats.num(len(terms.streak))}
        return _("%(points)s points on %(days)s days in a row, and then again from the first") % words
    if terms.property:
        words = {"points": formats.num(terms.points_per_unit), "property": terms.property}
        return _("%(points)s points for each unit of “%(property)s”") % words
    if terms.points_with_photo is not None:
        words = {"units": _units(terms.points), "photo": formats.num(terms.points_with_photo)}
        return _("%(units)s, with a photo %(photo)s") % words
    return _units(terms.points) if terms.points else ""


def _rules(policy: Policy, tiers: Mapping[str, str], today: dt.date) -> list[str]:
    """Will say each rule that is on and not over, by its name and as one sentence."""
    said = []
    for rule in policy.rules:
        if rule.is_on and (rule.ends_on is None or rule.ends_on >= today):
            name = points_wording.rule_name(rule.names, rule.code)
            words = {"name": name, "sentence": points_wording.rule_sentence(rule, formats, tiers)}
            said.append(_("“%(name)s”. %(sentence)s") % words)
    return said


def _sentence_of_cap(words: str) -> str:
    return _("All points together: %(limit)s. What is above it is not given.") % {"limit": words}


def _pending(policy: Policy) -> list[str]:
    days = policy.return_window_days
    if not days:
        return [_("Points of an order can be used at once.")]
    text = ngettext(
        "Points of an order are on hold for %(n)s day, the time to return it, and can be used after that.",
        "Points of an order are on hold for %(n)s days, the time to return it, and can be used after that.",
        days,
    )
    return [text % {"n": formats.num(days)}, _("All other points can be used at once.")]


def _expiry(policy: Policy, today: dt.date) -> list[str]:
    terms = policy.expiry
    said = [EXPIRIES[terms.kind](terms.count, PERIODS[terms.period]())]
    if terms.kind in (ExpiryKind.NEVER, ExpiryKind.INACTIVITY):
        return said
    active_on = today + dt.timedelta(days=policy.return_window_days)
    ends = policy.expires_on(active_on)
    if ends >= dates.WHILE_ACTIVE:
        return said
    words = {"placed": formats.cal(today), "from": formats.cal(active_on), "to": formats.cal(ends)}
    return [
        *said,
        _("Example: points of an order of %(placed)s can be used from %(from)s through %(to)s.") % words,
        _("Points once earned keep their date, whatever changes later."),
    ]


def _never(_count: int, _period: str) -> str:
    return _("Points do not expire.")


def _days(count: int, _period: str) -> str:
    text = ngettext(
        "Points expire %(n)s day after they can first be used.",
        "Points expire %(n)s days after they can first be used.",
        count,
    )
    return text % {"n": formats.num(count)}


def _months(count: int, _period: str) -> str:
    text = ngettext(
        "Points expire %(n)s month after they can first be used.",
        "Points expire %(n)s months after they can first be used.",
        count,
    )
    return text % {"n": formats.num(count)}


def _end_of_month(count: int, _period: str) -> str:
    text = ngettext(
        "Points expire at the end of the month, %(n)s month after the month in which they can first be used.",
        "Points expire at the end of the month, %(n)s months after the month in which they can first be used.",
        count,
    )
    return text % {"n": formats.num(count)}


def _end_of_period(count: int, period: str) -> str:
    words = {"period": period, "n": formats.num(count)}
    if not count:
        return _("Points expire at the end of the %(period)s in which they can first be used.") % words
    return _("Points expire at the end of the %(period)s in which they can first be used, plus %(n)s more.") % words


def _inactivity(count: int, _period: str) -> str:
    text = ngettext(
        "Points expire after %(n)s month in which you neither earn nor spend any; each time you do, the time begins "
        "again.",
        "Points expire after %(n)s months in which you neither earn nor spend any; each time you do, the time begins "
        "again.",
        count,
    )
    return text % {"n": formats.num(count)}


EXPIRIES: Mapping[ExpiryKind, Callable[[int, str], str]] = {
    ExpiryKind.NEVER: _never,
    ExpiryKind.DAYS: _days,
    ExpiryKind.MONTHS: _months,
    ExpiryKind.END_OF_MONTH: _end_of_month,
    ExpiryKind.END_OF_PERIOD: _end_of_period,
    ExpiryKind.INACTIVITY: _inactivity,
}
PERIODS: Mapping[Period, Callable[[], str]] = {
    Period.MONTH: lambda: _("month"),
    Period.QUARTER: lambda: _("quarter"),
    Period.HALF_YEAR: lambda: _("half-year"),
    Period.YEAR: lambda: _("year"),
}


def _spending(policy: Policy) -> list[str]:
    words = {
        "units": _units(policy.redemption_points_per_unit),
        "worth": formats.money0(1),
        "least": _units(policy.redemption_points_min),
        "share": formats.pct(policy.redemption_share_max, 0),
    }
    return [
        _("%(units)s are worth %(worth)s.") % words,
        _("You can spend from %(least)s on, and pay %(share)s of an order with points at most.") % words,
        _("Points that expire soonest are spent first."),
    ]


def _returns(policy: Policy) -> list[str]:
    said = [_("Units that come back take their share of the points with them, never more than was earned.")]
    match policy.refund:
        case RefundPolicy.FULL:
            said.append(
                _(
                    "If these are spent already, they are owed: the next points repay them, and nothing else can "
                    "be spent until then."
                )
            )
        case RefundPolicy.WITHIN_BALANCE:
            said.append(_("If these are spent already, only what is left is taken; nothing is owed."))
        case RefundPolicy.PENDING_ONLY:
            said.append(_("Only points that are still on hold are taken; nothing is owed."))
    said.append(_("Points that paid for goods come back as points, with the expiry they had, never in money."))
    days = policy.courtesy_days
    if days:
        text = ngettext(
            "If that expiry has passed meanwhile, they can be used for %(n)s more day.",
            "If that expiry has passed meanwhile, they can be used for %(n)s more days.",
            days,
        )
        said.append(text % {"n": formats.num(days)})
    return said


def _gifts(policy: Policy) -> list[str]:
    gifts = policy.gifts
    if not gifts.is_on:
        return [_("Points cannot be given to others.")]
    words = {"least": _units(gifts.points_min), "most": formats.num(gifts.day_max)}
    return [
        _("You can give points to another member: from %(least)s on, %(most)s a day at most.") % words,
        _("They keep their expiry. Points on hold cannot be given."),
    ]


def _units(count: int) -> str:
    return ngettext("%(n)s point", "%(n)s points", count) % {"n": formats.num(count)}
