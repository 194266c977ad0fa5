"""A ladder that is being written, in words: its settings, what changes, what members are told, and what is wrong."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext, npgettext, override, pgettext

from kit.formats import Formats
from points.enums import Verdict
from tiers.enums import AtEnd, Join, OnRefund, Rounding, Start, Window
from tiers.rules import LadderTerms, Requirement, Rung
from tiers.rules.drafts import Difference, differences
from tiers.rules.lint import Finding
from tiers.wording.decisions import NamedTier, amount, tier_name

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
