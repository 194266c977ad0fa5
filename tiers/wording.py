"""Tiers' outcomes in words: why a member stands where he stands, decision by decision; values in, sentences out."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import get_language, gettext_noop, ngettext, npgettext, override, pgettext
from django.utils.translation import gettext as _

from kit import dates
from kit.formats import Formats
from points.enums import Verdict
from tiers.enums import AtEnd, DecisionKind, HoldKind, Join, OnRefund, Rounding, Start, Window
from tiers.rules import LadderTerms, Requirement, Rung
from tiers.rules.drafts import Difference, differences
from tiers.rules.lint import Finding


class NamedTier(Protocol):
    """What words need of a tier; tiers.queries.TierView is one."""

    @property
    def code(self) -> str:
        """Its code."""

    @property
    def names(self) -> Mapping[str, str]:
        """Its name by language."""


class Decided(Protocol):
    """What words need of a decision; tiers.queries.DecisionView is one."""

    @property
    def kind(self) -> str:
        """What was decided."""

    @property
    def business_date(self) -> dt.date:
        """On which date: the last of the window."""

    @property
    def window_starts_date(self) -> dt.date:
        """The first date of the window."""

    @property
    def from_tier(self) -> NamedTier | None:
        """The tier before."""

    @property
    def to_tier(self) -> NamedTier:
        """The tier after."""

    @property
    def until_before(self) -> dt.date | None:
        """The last valid date before."""

    @property
    def until_date(self) -> dt.date | None:
        """The last valid date after."""

    @property
    def grace_date(self) -> dt.date | None:
        """The last date of grace."""

    @property
    def spend(self) -> Decimal:
        """What counted of spend in the window."""

    @property
    def orders(self) -> int:
        """How many orders counted."""

    @property
    def growth(self) -> int:
        """What counted of growth value."""

    @property
    def reached_by(self) -> str:
        """The metric that reached it, empty where none did."""

    @property
    def threshold(self) -> Decimal | None:
        """What the metric had to reach."""

    @property
    def next_tier(self) -> NamedTier | None:
        """The tier that is to begin."""

    @property
    def next_date(self) -> dt.date | None:
        """When it begins."""

    @property
    def hold_kind(self) -> str:
        """Why the tier is held without having been reached, empty where it was."""

    @property
    def reason(self) -> str:
        """Why a person decided it."""

    @property
    def asked(self) -> Sequence[tuple[str, Decimal, Decimal]]:
        """(metric, threshold, had) of what the other fields do not say."""


ALL = "all"
"""What a decision says that all metrics of a requirement reached it."""


def tier_name(tier: NamedTier) -> str:
    """Will return a tier's name in the reader's language, in English where it has none, else its code."""
    return tier.names.get(get_language() or "en") or tier.names.get("en") or tier.code


def amount(metric: str, value: Decimal, formats: Formats) -> str:
    """Will return so much of a metric: CN¥1,360, 3 orders, 200 growth value."""
    if metric == "spend":
        return formats.money0(value)
    if metric == "orders":
        return ngettext("%(n)s order", "%(n)s orders", int(value)) % {"n": formats.num(int(value))}
    if metric == "active_days":
        return ngettext("%(n)s active day", "%(n)s active days", int(value)) % {"n": formats.num(int(value))}
    if metric == "years":
        return ngettext("%(n)s year of membership", "%(n)s years of membership", int(value)) % {"n": int(value)}
    if metric == "referrals":
        return ngettext("%(n)s friend referred", "%(n)s friends referred", int(value)) % {"n": int(value)}
    return _("%(n)s growth value") % {"n": formats.num(int(value))}


TITLES: Mapping[DecisionKind, str] = {
    DecisionKind.JOINED: gettext_noop("Joined as %(tier)s"),
    DecisionKind.UPGRADE: gettext_noop("Up to %(tier)s"),
    DecisionKind.WITHDRAWN: gettext_noop("The next tier was called off"),
    DecisionKind.RENEWAL: gettext_noop("%(tier)s kept"),
    DecisionKind.EXTENDED: gettext_noop("%(tier)s extended"),
    DecisionKind.GRACE: gettext_noop("%(tier)s in grace"),
    DecisionKind.DOWNGRADE: gettext_noop("Down to %(tier)s"),
    DecisionKind.RE_EVALUATED: gettext_noop("Back to %(tier)s after a return"),
    DecisionKind.GRANTED: gettext_noop("%(tier)s given"),
    DecisionKind.ENDED: gettext_noop("%(tier)s after the end of what was given"),
    DecisionKind.RESTORED: gettext_noop("Back to %(tier)s"),
}


def decision_title(decision: Decided, formats: Formats | None = None) -> str:
    """Will name a decision: Up to Gold, Gold kept, Gold in grace, Down to Silver, Joined as Member, Gold later."""
    words = {"tier": tier_name(decision.to_tier)}
    kind = DecisionKind(decision.kind)
    if kind is not DecisionKind.SCHEDULED:
        return _(TITLES[kind]) % words
    words["tier"] = tier_name(decision.next_tier or decision.to_tier)
    if formats is None or decision.next_date is None:
        return _("%(tier)s reached, begins later") % words
    return _("%(tier)s reached, begins %(date)s") % {**words, "date": formats.cal(decision.next_date)}


def reasons(decision: Decided, formats: Formats) -> tuple[str, ...]:
    """Will say why a decision was made: what counted, in which window, and what was asked for."""
    return REASONS[DecisionKind(decision.kind)](decision, formats)


def staff_reasons(decision: Decided, formats: Formats) -> tuple[str, ...]:
    """Will say the same, and what the person gave as his reason, which is not for the member."""
    said = reasons(decision, formats)
    return (*said, _("Reason: %(reason)s") % {"reason": decision.reason}) if decision.reason else said


def standing(decision: Decided, formats: Formats) -> tuple[str, ...]:
    """Will say where the last decision left a member, until when, and why."""
    words = {"tier": tier_name(decision.to_tier)}
    if decision.grace_date and decision.until_date:
        words |= {"until": formats.cal(decision.until_date), "grace": formats.cal(decision.grace_date)}
        first = _("%(tier)s ran until %(until)s and stays until %(grace)s.") % words
    elif decision.until_date:
        words["until"] = formats.cal(decision.until_date)
        first = _("%(tier)s until %(until)s.") % words
    else:
        first = _("%(tier)s, without an end.") % words
    return (first, *reasons(decision, formats))


# ---- reasons


def _joined(decision: Decided, _formats: Formats) -> tuple[str, ...]:
    return (_("Everybody begins as %(tier)s.") % {"tier": tier_name(decision.to_tier)},)


def _upgrade(decision: Decided, formats: Formats) -> tuple[str, ...]:
    if not decision.reached_by:  # it had been reached before, and was to begin with this period
        return (_("%(tier)s was reached in the period before.") % {"tier": tier_name(decision.to_tier)},)
    return (_begins(decision, decision.to_tier, formats),)


def _scheduled(decision: Decided, formats: Formats) -> tuple[str, ...]:
    tier = decision.next_tier or decision.to_tier
    reached = _begins(decision, tier, formats)
    if decision.next_date is None:
        return (reached,)
    words = {"tier": tier_name(tier), "date": formats.cal(decision.next_date)}
    return (reached, _("%(tier)s begins on %(date)s.") % words)


def _withdrawn(_decision: Decided, _formats: Formats) -> tuple[str, ...]:
    return (_("The order that had reached it was returned."),)


def _renewal(decision: Decided, formats: Formats) -> tuple[str, ...]:
    if decision.reached_by == ALL:
        sentence = _("%(tier)s is kept with all of this: %(need)s; you had %(have)s from %(first)s to %(last)s.")
    else:
        sentence = _("%(tier)s is kept with %(need)s; you had %(have)s from %(first)s to %(last)s.")
    return (sentence % _reached_words(decision, formats),)


def _extended(decision: Decided, _formats: Formats) -> tuple[str, ...]:
    words = {"tier": tier_name(decision.to_tier)}
    if decision.reason:
        return (_("%(tier)s was extended as a courtesy.") % words,)
    return (_("%(tier)s is not lost, even without reaching it again.") % words,)


def _grace(decision: Decided, formats: Formats) -> tuple[str, ...]:
    sentence = _("%(all)s from %(first)s to %(last)s were not enough to keep %(tier)s.")
    words = _window_words(decision, formats) | {"tier": tier_name(decision.to_tier)}
    return (sentence % words, _("Reach it in grace and nothing is lost."))


def _downgrade(decision: Decided, formats: Formats) -> tuple[str, ...]:
    before = tier_name(decision.from_tier or decision.to_tier)
    words = _window_words(decision, formats) | {"tier": before}
    first = _("%(all)s from %(first)s to %(last)s were not enough to keep %(tier)s.") % words
    if not decision.threshold:
        return (first,)
    return (first, _("%(tier)s begins at %(need)s.") % _reached_words(decision, formats))


def _re_evaluated(decision: Decided, _formats: Formats) -> tuple[str, ...]:
    before = tier_name(decision.from_tier or decision.to_tier)
    return (_("The order that had brought %(tier)s was returned.") % {"tier": before},)


def _granted(decision: Decided, _formats: Formats) -> tuple[str, ...]:
    words = {"tier": tier_name(decision.to_tier)}
    if decision.hold_kind == HoldKind.PROMOTION:
        return (_("%(tier)s was given to you in a promotion.") % words,)
    if decision.hold_kind == HoldKind.INVITATION:
        return (_("You were invited to %(tier)s.") % words,)
    return (_("%(tier)s was given to you by us.") % words,)


def _ended(decision: Decided, formats: Formats) -> tuple[str, ...]:
    before = tier_name(decision.from_tier or decision.to_tier)
    first = _("%(tier)s, which was given to you, ended.") % {"tier": before}
    if not decision.reached_by:
        return (first,)
    return (first, _begins(decision, decision.to_tier, formats))


def _restored(decision: Decided, _formats: Formats) -> tuple[str, ...]:
    words = {"tier": tier_name(decision.to_tier)}
    return (_("A review of tiers was taken back by us. You have %(tier)s again, as before it.") % words,)


# ---- leaves


def _begins(decision: Decided, tier: NamedTier, formats: Formats) -> str:
    if decision.reached_by == ALL:
        sentence = _("%(tier)s begins with all of this: %(need)s; you had %(have)s from %(first)s to %(last)s.")
    else:
        sentence = _("%(tier)s begins at %(need)s; you had %(have)s from %(first)s to %(last)s.")
    return sentence % (_reached_words(decision, formats) | {"tier": tier_name(tier)})


def _reached_words(decision: Decided, formats: Formats) -> dict[str, str]:
    metric = decision.reached_by
    words = _window_words(decision, formats) | {"tier": tier_name(decision.to_tier)}
    if metric == ALL:
        words["need"] = formats.listing([amount(name, need, formats) for name, need, _had in decision.asked])
        words["have"] = formats.listing([amount(name, had, formats) for name, _need, had in decision.asked])
        return words
    need = decision.threshold if decision.threshold is not None else Decimal(0)
    had = {name: had for name, _need, had in decision.asked}
    words["need"] = amount(metric, need, formats)
    words["have"] = amount(metric, had.get(metric, Decimal(getattr(decision, metric, 0))), formats)
    return words


def _window_words(decision: Decided, formats: Formats) -> dict[str, str]:
    spend = amount("spend", decision.spend, formats)
    orders = amount("orders", Decimal(decision.orders), formats)
    growth = amount("growth", Decimal(decision.growth), formats)
    is_whole_life = decision.window_starts_date == dates.ALWAYS
    return {
        "all": _("%(spend)s, %(orders)s and %(growth)s") % {"spend": spend, "orders": orders, "growth": growth},
        "first": _("the beginning") if is_whole_life else formats.cal(decision.window_starts_date),
        "last": formats.cal(decision.business_date),
    }


REASONS: Mapping[DecisionKind, Callable[[Decided, Formats], tuple[str, ...]]] = {
    DecisionKind.JOINED: _joined,
    DecisionKind.UPGRADE: _upgrade,
    DecisionKind.SCHEDULED: _scheduled,
    DecisionKind.WITHDRAWN: _withdrawn,
    DecisionKind.RENEWAL: _renewal,
    DecisionKind.EXTENDED: _extended,
    DecisionKind.GRACE: _grace,
    DecisionKind.DOWNGRADE: _downgrade,
    DecisionKind.RE_EVALUATED: _re_evaluated,
    DecisionKind.GRANTED: _granted,
    DecisionKind.ENDED: _ended,
    DecisionKind.RESTORED: _restored,
}


# ---- what is wrong with a draft


def finding(found: Finding, names: Mapping[str, str], formats: Formats) -> str:
    """Will say what a ladder says and cannot mean; `names` are those of its tiers by code."""
    facts = dict(found.facts)
    words = {"tier": names.get(found.tier, found.tier)}
    words |= {name: names.get(facts[name], facts[name]) for name in ("below", "above") if name in facts}
    metric = facts.get("metric", "")
    for name in ("need", "need_below", "than"):
        if name in facts:
            words[name] = amount(metric, facts[name], formats)
    for name in ("days", "than"):
        if found.code == "notice_shorter":
            words[name] = days(facts[name], formats)
    return _(FINDINGS[found.code]) % words


FINDINGS: Mapping[str, str] = {
    "no_tiers": gettext_noop("The ladder has no tiers."),
    "lowest_asks": gettext_noop("%(tier)s is the lowest tier, which everybody has: it cannot ask for anything."),
    "unreachable": gettext_noop("Nobody can reach %(tier)s: it has no threshold and is not by invitation."),
    "invitation_with_thresholds": gettext_noop("%(tier)s is by invitation: its thresholds would do nothing."),
    "asks_nothing": gettext_noop("%(tier)s has a threshold of nought, which everybody reaches."),
    "never_stood_on": gettext_noop("Nobody would ever be %(tier)s: whoever reaches it reaches %(above)s too."),
    "easier_than_below": gettext_noop("%(tier)s asks for %(need)s, no more than %(below)s with %(need_below)s."),
    "never_kept": gettext_noop("Nobody can keep %(tier)s: it asks for nothing to keep it."),
    "keep_above_reach": gettext_noop("To keep %(tier)s takes %(need)s, more than the %(than)s that reach it."),
    "re_enter_below_keep": gettext_noop("To keep %(tier)s takes %(need)s, more than the %(than)s to come back to it."),
    "multiplier_not_growing": gettext_noop("%(tier)s earns no more points than %(below)s."),
    "protection_without_effect": gettext_noop("The protection does nothing as long as a return leaves the tier."),
    "notice_shorter": gettext_noop("Members were promised %(than)s before a fall, and this says %(days)s."),
    "tier_gone": gettext_noop("%(tier)s is gone: who holds it goes to the tier below at the end of his validity."),
}


# ---- a version in words


class WrittenLadder(Protocol):
    """What words need of a version; tiers.queries.LadderVersionView is one."""

    @property
    def terms(self) -> LadderTerms:
        """What it asks and gives."""

    @property
    def tiers(self) -> Sequence[NamedTier]:
        """Its tiers with their names, lowest first."""

    @property
    def courtesies_a_month(self) -> int:
        """How often one of the staff may extend a validity in a month."""


@dataclass(frozen=True, slots=True)
class LadderChange:
    """One thing that a version changes, in words; `was` is empty for what is new, `becomes` for what goes.

    `is_staffs` marks what members are not told.
    """

    what: str
    was: str
    becomes: str
    verdict: Verdict
    is_staffs: bool = False


def days(count: int, formats: Formats) -> str:
    """Will return a number of days in words."""
    return npgettext("a stretch of time", "%(n)s day", "%(n)s days", count) % {"n": formats.num(count)}


def requirement_words(asked: Requirement, formats: Formats) -> str:
    """Will say what is asked: CN¥1,000, 5 orders or 1,000 growth value; nothing is no way."""
    ways = [amount(metric, need, formats) for metric, need in asked.ways()]
    if not ways:
        return _("no way")
    if len(ways) == 1:
        return ways[0]
    return formats.listing(ways, either=asked.join is Join.ANY)


def window_words(terms: LadderTerms, formats: Formats) -> str:
    """Will say which dates count."""
    if terms.window is Window.ROLLING:
        return _("the last %(days)s") % {"days": days(terms.window_days, formats)}
    return {
        Window.CALENDAR_YEAR: _("the calendar year"),
        Window.MEMBERSHIP_YEAR: _("the member’s own year, from the day of joining"),
        Window.LIFETIME: _("the whole membership"),
    }[terms.window]


def start_words(terms: LadderTerms, _formats: Formats) -> str:
    """Will say when a tier that was reached begins."""
    return {Start.AT_ONCE: pgettext("a tier begins", "at once"), Start.NEXT_PERIOD: _("with the next period")}[
        terms.start
    ]


def validity_words(terms: LadderTerms, formats: Formats) -> str:
    """Will say how long a tier is valid."""
    months = ngettext("%(n)s month", "%(n)s months", terms.validity_months) % {"n": formats.num(terms.validity_months)}
    if terms.rounding is Rounding.SAME_DATE:
        return months
    words = {
        Rounding.MONTH: _("%(months)s, to the end of the month"),
        Rounding.YEAR: _("%(months)s, to the end of the year"),
    }
    return words[terms.rounding] % {"months": months}


def at_end_words(terms: LadderTerms, _formats: Formats) -> str:
    """Will say what becomes of a tier that was not kept."""
    return {
        AtEnd.NEVER: _("it stays: no tier is lost"),
        AtEnd.ONE_STEP: _("one tier down"),
        AtEnd.TO_EARNED: _("down to the tier earned by then"),
    }[terms.at_end]


def grace_words(terms: LadderTerms, formats: Formats) -> str:
    """Will say how long a tier may be won back after its validity."""
    if not terms.grace_days and not terms.grace_rounds_up:
        return _("none")
    if terms.grace_rounds_up:
        return _("%(days)s, to the end of the month") % {"days": days(terms.grace_days, formats)}
    return days(terms.grace_days, formats)


def protection_words(terms: LadderTerms, formats: Formats) -> str:
    """Will say what the return of the order that brought a tier does to it."""
    if terms.on_refund is OnRefund.HOLD:
        return _("the tier stays to its date")
    words = {"days": days(terms.protection_days, formats)}
    return _("within %(days)s the tier is decided again") % words


def notice_words(terms: LadderTerms, formats: Formats) -> str:
    """Will say how long nobody falls under a version after it began."""
    if not terms.notice_days:
        return _("none: it may let fall from its first day on")
    return _("nobody falls in its first %(days)s") % {"days": days(terms.notice_days, formats)}


def courtesy_words(count: int, formats: Formats) -> str:
    """Will say how often one of the staff may extend a validity."""
    return _("%(n)s a month for each of the staff") % {"n": formats.num(count)}


SETTING_WORDS: Mapping[str, tuple[str, Callable[[LadderTerms, Formats], str]]] = {
    "window": (gettext_noop("Dates that count"), window_words),
    "start": (gettext_noop("A tier begins"), start_words),
    "validity": (gettext_noop("Valid for"), validity_words),
    "at_end": (gettext_noop("If it is not kept"), at_end_words),
    "grace": (gettext_noop("Grace after the end"), grace_words),
    "protection": (gettext_noop("If the order that brought it is returned"), protection_words),
    "notice": (gettext_noop("Notice before a fall"), notice_words),
}


def settings_in_words(version: WrittenLadder, formats: Formats) -> list[tuple[str, str]]:
    """Will return (name, value) of each setting of a version."""
    rows = [(_(name), words(version.terms, formats)) for name, words in SETTING_WORDS.values()]
    return [*rows, (_("Courtesies"), courtesy_words(version.courtesies_a_month, formats))]


def ladder_changes(before: WrittenLadder, after: WrittenLadder, formats: Formats) -> list[LadderChange]:
    """Will put into words what a version of a ladder changes against another."""
    names = {tier.code: tier_name(tier) for version in (before, after) for tier in version.tiers}
    found = [
        LadderChange(*_change_words(one, names, formats), one.verdict) for one in differences(before.terms, after.terms)
    ]
    was, now = ({tier.code: tier for tier in version.tiers} for version in (before, after))
    for code in now:
        if code in was and dict(was[code].names) != dict(now[code].names):
            old, new = (" / ".join(filter(None, tier.names.values())) for tier in (was[code], now[code]))
            found.append(LadderChange(_("Name of %(tier)s") % {"tier": names[code]}, old, new, Verdict.SAME))
    if before.courtesies_a_month != after.courtesies_a_month:
        old, new = (courtesy_words(one.courtesies_a_month, formats) for one in (before, after))
        found.append(LadderChange(_("Courtesies"), old, new, Verdict.SAME, is_staffs=True))
    return found


def _change_words(one: Difference, names: Mapping[str, str], formats: Formats) -> tuple[str, str, str]:
    """Will return what differs, what it was and what it becomes."""
    if one.what in SETTING_WORDS:
        name, words = SETTING_WORDS[one.what]
        return _(name), words(one.was, formats), words(one.becomes, formats)
    title, said = TIER_WORDS[one.what]
    return (
        _(title) % {"tier": names.get(one.tier, one.tier)},
        said(one.was, names, formats),
        said(one.becomes, names, formats),
    )


def _asked_words(asked: Requirement | None, _names: Mapping[str, str], formats: Formats) -> str:
    return requirement_words(asked, formats) if asked is not None else _("as to reach it")


def _rung_words(rung: Rung | None, _names: Mapping[str, str], formats: Formats) -> str:
    """A tier in short, empty for none."""
    if rung is None:
        return ""
    words = {"need": requirement_words(rung.reach, formats), "rate": rate_words(rung.multiplier, formats)}
    if rung.by_invitation:
        return _("by invitation, %(rate)s") % words
    return _("from %(need)s, %(rate)s") % words if rung.reach.ways() else words["rate"]


def _yes_or_no(is_so: bool) -> str:
    return _("yes") if is_so else _("no")


TIER_WORDS: Mapping[str, tuple[str, Callable[[Any, Mapping[str, str], Formats], str]]] = {
    "tier": (gettext_noop("Tier %(tier)s"), _rung_words),
    "order": (
        gettext_noop("Order of the tiers, lowest first"),
        lambda codes, names, formats: formats.listing([names.get(code, code) for code in codes]),
    ),
    "multiplier": (
        gettext_noop("Points as %(tier)s"),
        lambda rung, _names, formats: rate_words(rung.multiplier, formats),
    ),
    "reach": (gettext_noop("To reach %(tier)s"), _asked_words),
    "keep": (gettext_noop("To keep %(tier)s"), _asked_words),
    "re_enter": (gettext_noop("To come back to %(tier)s"), _asked_words),
    "never_lost": (
        gettext_noop("%(tier)s is never lost"),
        lambda rung, _names, _formats: _yes_or_no(rung.never_lost),
    ),
    "by_invitation": (
        gettext_noop("%(tier)s is by invitation"),
        lambda rung, _names, _formats: _yes_or_no(rung.by_invitation),
    ),
}


def rate_words(multiplier: Decimal, formats: Formats) -> str:
    """Will say how much a tier earns: × 1.5."""
    return f"× {formats.num(multiplier)}"


def ladder_announcement(
    before: WrittenLadder, after: WrittenLadder, formats: Formats, on: dt.date, language: str
) -> str:
    """Will write what members are told of a new version in one of their languages: a line for each thing."""
    with override(language):
        told = [change for change in ladder_changes(before, after, formats) if not change.is_staffs]
        if not told:
            return ""
        lines = [_("From %(date)s on:") % {"date": formats.cal(on)}, *map(_change_sentence, told)]
        lines.append(_("The tier you hold stays yours to its date."))
        return "\n".join(lines)


def _change_sentence(change: LadderChange) -> str:
    words = {"what": change.what, "was": change.was, "becomes": change.becomes}
    if not change.was:
        return _("New: %(what)s. %(becomes)s") % words
    if not change.becomes:
        return _("No more: %(what)s. %(was)s") % words
    return _("%(what)s: %(becomes)s; before, %(was)s") % words
