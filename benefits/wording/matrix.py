"""The matrix in words: kinds, cells, occasions and periods; what is wrong with a draft, and what it changes."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext, pgettext

from benefits import kinds
from benefits.enums import BenefitKind, BookingState, Family, Occasion, Per
from benefits.rules.cells import Cell
from benefits.rules.changes import Change
from benefits.rules.lint import Finding
from benefits.rules.matrix import Benefit
from benefits.wording.words import Words, spoken
from kit.formats import Formats

Names = Mapping[str, str]


def kind_name(kind: BenefitKind) -> str:
    """Will return what a kind is called."""
    return kinds.KINDS[kind].name()


def benefit_name(benefit: Benefit) -> str:
    """Will return a benefit's name in the language spoken now."""
    return spoken(benefit.names)


def cell_words(benefit: Benefit, tier: str, words: Words) -> str:
    """Will say in few words what a benefit is to a tier; empty where that has it not."""
    cell = benefit.cell_of(tier)
    return kinds.KINDS[benefit.kind].says(cell, words, tier) if cell is not None else ""


def having_words(benefit: Benefit, cell: Cell, tier: str, words: Words) -> str:
    """Will say what a cell that a member was given is to him, whatever the matrix says by now."""
    return kinds.KINDS[benefit.kind].says(cell, words, tier)


OCCASIONS: Mapping[Occasion, Callable[[], str]] = {
    Occasion.ACTIVATION: lambda: pgettext("occasion", "on joining"),
    Occasion.UPGRADE: lambda: pgettext("occasion", "on reaching the tier"),
    Occasion.MONTHLY: lambda: pgettext("occasion", "every month"),
    Occasion.QUARTERLY: lambda: pgettext("occasion", "every quarter"),
    Occasion.BIRTHDAY: lambda: pgettext("occasion", "on the birthday"),
    Occasion.ANNIVERSARY: lambda: pgettext("occasion", "on the anniversary of joining"),
    Occasion.BY_HAND: lambda: pgettext("occasion", "when the staff give it"),
}
PERIODS: Mapping[Per, Callable[[], str]] = {
    Per.MONTH: lambda: pgettext("quota", "a month"),
    Per.QUARTER: lambda: pgettext("quota", "a quarter"),
    Per.YEAR: lambda: pgettext("quota", "a year"),
    Per.EVER: lambda: pgettext("quota", "in the whole membership"),
}


def when_words(benefit: Benefit, formats: Formats) -> str:
    """Will say when a benefit is given, or for which period it is counted; empty where it is simply there."""
    if benefit.occasion in (Occasion.BIRTHDAY, Occasion.ANNIVERSARY) and benefit.occasion:
        facts = {
            "occasion": OCCASIONS[benefit.occasion](),
            "before": formats.num(benefit.window.before),
            "after": formats.num(benefit.window.after),
        }
        if benefit.window.before or benefit.window.after:
            return gettext("%(occasion)s, from %(before)s days before to %(after)s days after") % facts
    if benefit.occasion:
        return OCCASIONS[benefit.occasion]()
    counted = benefit.family is Family.COUNTED or benefit.kind is BenefitKind.TRIAL
    has_quota = any(cell is not None and (cell.quota() or cell.places()) for cell in benefit.cells.values())
    return pgettext("quota", "counted %(per)s") % {"per": PERIODS[benefit.per]()} if counted and has_quota else ""


def period_words(period: str) -> str:
    """Will say for what something was given: a part of the calendar as it is written, or the occasion."""
    occasion, _colon, which = period.partition(":")
    if occasion == "hand":
        return pgettext("occasion", "by hand")
    if occasion not in set(Occasion):
        return pgettext("quota", "the whole membership") if period == "ever" else period
    said = OCCASIONS[Occasion(occasion)]()
    return f"{said}, {which}" if which.isdecimal() else said


def left_words(left: int | None, until: dt.date | None, formats: Formats) -> str:
    """Will say how often something can still be used, and through which date."""
    facts = {"left": formats.num(left or 0), "until": formats.cal(until) if until else ""}
    if left is None:
        return gettext("Through %(until)s") % facts if until else ""
    if left == 0:
        return gettext("Used up; there is more after %(until)s") % facts if until else gettext("Used up")
    if until is None:
        return ngettext("%(left)s left", "%(left)s left", left) % facts
    return ngettext("%(left)s left through %(until)s", "%(left)s left through %(until)s", left) % facts


BOOKINGS: Mapping[BookingState, Callable[[], str]] = {
    BookingState.ASKED: lambda: pgettext("booking", "Waits for an answer"),
    BookingState.CONFIRMED: lambda: pgettext("booking", "Confirmed"),
    BookingState.DECLINED: lambda: pgettext("booking", "Declined"),
    BookingState.CANCELLED: lambda: pgettext("booking", "Taken back"),
    BookingState.DONE: lambda: pgettext("booking", "Done"),
}


def booking_state(state: BookingState) -> str:
    """Will say where a booking stands."""
    return BOOKINGS[state]()


# ---- for the staff


def finding_words(found: Finding, benefit: str, tiers: Names) -> str:
    """Will say what lint found; `benefit` is the name of the one it is about, `tiers` names tiers by code."""
    facts = {
        "benefit": benefit,
        "tier": tiers.get(found.tier, found.tier),
        "below": tiers.get(str(found.facts.get("below", "")), ""),
        **{name: str(found.facts.get(name, "")) for name in ("ladder", "names", "occasion")},
    }
    return FINDINGS[found.code]() % facts


FINDINGS: Mapping[str, Callable[[], str]] = {
    "no_ladder": lambda: gettext(
        "“%(benefit)s” stands on the ladder “%(ladder)s”, which there is not. Choose another."
    ),
    "no_tier": lambda: gettext("“%(benefit)s” is for the tier “%(tier)s”, which the ladder has not. Empty that cell."),
    "for_nobody": lambda: gettext("Nobody has “%(benefit)s”. Give it to a tier, or turn it off."),
    "nothing_to_give": lambda: gettext("“%(benefit)s” gives “%(names)s”, which there is not any more. Choose another."),
    "no_occasion": lambda: gettext("“%(benefit)s” is given, but not said when. Choose an occasion."),
    "wrong_occasion": lambda: gettext("“%(benefit)s” cannot be given on that occasion. Choose another, or none."),
    "gap": lambda: gettext(
        "%(tier)s lacks “%(benefit)s”, which %(below)s has. A higher tier keeps what lower ones have."
    ),
    "less_above": lambda: gettext("%(tier)s has less of “%(benefit)s” than %(below)s."),
    "no_value": lambda: gettext("“%(benefit)s” does not say what a use is worth, so nobody learns what it saved."),
}


@dataclass(frozen=True)
class ChangeWords:
    """What becomes of a benefit for a tier: before and after, in words."""

    benefit: str
    tier: str
    was: str
    becomes: str


def change_words(
    change: Change, before: Benefit | None, after: Benefit | None, words: Words, tiers: Names
) -> ChangeWords:
    """Will say what becomes of a benefit for a tier."""
    nothing = pgettext("benefit", "nothing")
    said = []
    for one in (before, after):
        cell = cell_words(one, change.tier, words) if one else ""
        when = when_words(one, words.formats) if one and cell else ""
        said.append(words.all_of([cell, when]) or nothing)
    return ChangeWords(benefit_name(change.benefit), tiers.get(change.tier, change.tier), said[0], said[1])
