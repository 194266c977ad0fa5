"""Versions of the rules in words: what changes between two of them, what members are told, and what lint found."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from kit import dates
from kit.formats import Formats
from points.enums import DiscountBasis, ExpiryKind, Period, RefundPolicy, Verdict, Wallet
from points.rules.caps import Cap
from points.rules.draft import Difference, differences
from points.rules.earning_rules import EarningRule
from points.rules.expiry import ExpiryTerms
from points.rules.lint import Finding
from points.rules.policy import EventTerms, Policy
from points.wording.rules import (
    Names,
    cap_words,
    condition_words,
    deed_name,
    rule_name,
    rule_sentence,
    segment_words,
)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changes, in words: what, what it was, what it becomes, and what members make of it.

    `was` is empty for what is new, `becomes` for what goes; `is_staffs` marks what members are not told.
    """

    what: str
    was: str
    becomes: str
    verdict: Verdict
    is_staffs: bool = False


def changes(before: Policy, after: Policy, formats: Formats, tiers: Names, on: dt.date = dates.ALWAYS) -> list[Change]:
    """Will put into words what a policy changes against the one before it when it begins on a date."""
    return [_change(difference, formats, tiers) for difference in differences(before, after, on)]


def announcement(before: Policy, after: Policy, formats: Formats, tiers: Names, on: dt.date) -> str:
    """Will write what members are told of a change in their language: a line for each thing that concerns them."""
    told = [change for change in changes(before, after, formats, tiers, on) if not change.is_staffs]
    lines = [_("From %(date)s on:") % {"date": formats.cal(on)}, *(change_sentence(change) for change in told)]
    return "\n".join(lines) if told else ""


def change_sentence(change: Change) -> str:
    """Will say one change in a line."""
    words = {"what": change.what, "was": change.was, "becomes": change.becomes}
    if not change.was:
        return _("New: %(what)s. %(becomes)s") % words
    if not change.becomes:
        return _("No more: %(what)s. %(was)s") % words
    return _("%(what)s: %(becomes)s; before, %(was)s") % words


def verdict_words(verdict: Verdict) -> str:
    """Will say in a word what a change is to members."""
    return {Verdict.BETTER: _("Better"), Verdict.WORSE: _("Worse"), Verdict.SAME: _("Neither")}[verdict]


def _change(difference: Difference, formats: Formats, tiers: Names) -> Change:
    was, becomes = difference.was, difference.becomes
    if difference.what == "rule":
        return _rule_change(difference, formats, tiers)
    if difference.what == "event":
        before, after = (event_words(terms, formats) if terms else "" for terms in (was, becomes))
        return Change(_capital(deed_name(difference.subject)), before, after, difference.verdict)
    before, after = (setting_words(difference.what, value, formats) for value in (was, becomes))
    return Change(setting_name(difference.what), before, after, difference.verdict, difference.is_staffs)


def _rule_change(difference: Difference, formats: Formats, tiers: Names) -> Change:
    was, becomes = (_rule_words(rule, formats, tiers) for rule in (difference.was, difference.becomes))
    latest: EarningRule = difference.becomes or difference.was
    name = rule_name(latest.names, latest.code)
    if was == becomes:
        was, becomes = (_under_the_words(rule, formats) for rule in (difference.was, difference.becomes))
    return Change(_("Rule “%(name)s”") % {"name": name}, was, becomes, difference.verdict)


def _rule_words(rule: EarningRule | None, formats: Formats, tiers: Names) -> str:
    if rule is None:
        return ""
    sentence = rule_sentence(rule, formats, tiers)
    return sentence if rule.is_on else _("Off. %(rule)s") % {"rule": sentence}


def _under_the_words(rule: EarningRule | None, formats: Formats) -> str:
    """What may differ although the sentence is the same: the place among the rules, and the name."""
    if rule is None:
        return ""
    words = {"place": formats.num(rule.priority), "name": rule_name(rule.names, rule.code)}
    return _("“%(name)s”, priority %(place)s") % words


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# ---- settings


def setting_name(what: str) -> str:
    """Will name a setting, by the name that points.rules.draft.SETTINGS and lint give it."""
    return NAMES[what]()


NAMES: Mapping[str, Callable[[], str]] = {
    "points_per_unit": lambda: _("Points per currency unit"),
    "growth_per_unit": lambda: _("Growth value per currency unit"),
    "basis_discount": lambda: _("What orders earn on"),
    "basis_tax": lambda: _("Tax earns points"),
    "basis_shipping": lambda: _("Shipping earns points"),
    "basis_points_paid": lambda: _("What points paid earns points"),
    "return_window_days": lambda: _("Points of an order are on hold for"),
    "sign_up_points": lambda: _("Points for joining"),
    "expiry": lambda: _("Points expire"),
    "refund": lambda: _("A return takes back"),
    "courtesy_days": lambda: _("Expired points that come back by a return last"),
    "redemption_points_per_unit": lambda: _("Points for one currency unit off"),
    "redemption_points_min": lambda: _("Fewest points to spend at once"),
    "redemption_share_max": lambda: _("Most of an order that points can pay"),
    "reservation_minutes": lambda: _("A checkout holds points for"),
    "gifts_is_on": lambda: _("Members may give points"),
    "gifts_points_min": lambda: _("Fewest points to give at once"),
    "gifts_day_max": lambda: _("Most points to give a day"),
    "caps": lambda: _("Caps on all that a member earns"),
    "notice_days": lambda: _("Notice before something gets worse"),
    "reminder_days": lambda: _("Reminders before points expire"),
    "reinstatement_days": lambda: _("Staff can bring back expired points for"),
    "adjustments_alone_max": lambda: _("Points that one person of the staff may adjust at once"),
    "adjustments_day_max": lambda: _("Points that one person of the staff may adjust a day"),
}


def setting_words(what: str, value: Any, formats: Formats) -> str:
    """Will write the value of a setting."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    match value:
        case ExpiryTerms():
            return expiry_words(value, formats)
        case RefundPolicy():
            return REFUNDS[value]()
        case DiscountBasis():
            return BASES[value]()
    if what == "caps":
        return pgettext("between caps", "; ").join(cap_words(cap, formats) for cap in value) or _("none")
    if what == "reminder_days":
        return _("%(days)s days before") % {"days": _days_list(value, formats)} if value else _("none")
    if what == "redemption_share_max":
        return _("%(n)s%%") % {"n": formats.num((value * 100).normalize())}
    if what.endswith("_days"):
        return days_words(value, formats)
    if what.endswith("_minutes"):
        return ngettext("%(n)s minute", "%(n)s minutes", value) % {"n": formats.num(value)}
    return formats.num(value)


def _days_list(days: Sequence[int], formats: Formats) -> str:
    return pgettext("between values", ", ").join(map(formats.num, days))


def days_words(count: int, formats: Formats) -> str:
    """Will write so many days."""
    return npgettext("a stretch of time", "%(n)s day", "%(n)s days", count) % {"n": formats.num(count)}


REFUNDS: Mapping[RefundPolicy, Callable[[], str]] = {
    RefundPolicy.FULL: lambda: _("all it earned; what is spent already becomes a debt"),
    RefundPolicy.WITHIN_BALANCE: lambda: _("what it earned, as far as the balance goes"),
    RefundPolicy.PENDING_ONLY: lambda: _("only points that are still on hold"),
}

BASES: Mapping[DiscountBasis, Callable[[], str]] = {
    DiscountBasis.BEFORE: lambda: _("prices before discounts"),
    DiscountBasis.AFTER: lambda: _("prices after discounts"),
}


def expiry_words(terms: ExpiryTerms, formats: Formats) -> str:
    """Will say how long points last, as it follows on “Points expire”."""
    words = {"n": formats.num(terms.count)}
    match terms.kind:
        case ExpiryKind.NEVER:
            return _("never")
        case ExpiryKind.DAYS:
            text = ngettext("%(n)s day after they can be used", "%(n)s days after they can be used", terms.count)
        case ExpiryKind.MONTHS:
            text = ngettext("%(n)s month after they can be used", "%(n)s months after they can be used", terms.count)
        case ExpiryKind.END_OF_MONTH:
            if not terms.count:
                return _("at the end of the month in which they can be used")
            text = ngettext(
                "at the end of the month, %(n)s month after they can be used",
                "at the end of the month, %(n)s months after they can be used",
                terms.count,
            )
        case ExpiryKind.END_OF_PERIOD:
            return _period_words(terms, formats)
        case ExpiryKind.INACTIVITY:
            text = ngettext(
                "after %(n)s month without an order, an event or a redemption",
                "after %(n)s months without an order, an event or a redemption",
                terms.count,
            )
    return text % words


def _period_words(terms: ExpiryTerms, formats: Formats) -> str:
    periods: Mapping[Period, Callable[[], str]] = {
        Period.MONTH: lambda: _("at the end of the month"),
        Period.QUARTER: lambda: _("at the end of the quarter"),
        Period.HALF_YEAR: lambda: _("at the end of the half-year"),
        Period.YEAR: lambda: _("at the end of the year"),
    }
    end = periods[terms.period]()
    if not terms.count:
        return end
    further = ngettext("%(end)s, %(n)s period later", "%(end)s, %(n)s periods later", terms.count)
    return further % {"end": end, "n": formats.num(terms.count)}


def event_words(terms: EventTerms, formats: Formats) -> str:
    """Will say what an event earns by itself: points, growth value, how often."""
    parts = [_event_points(terms, formats)]
    if terms.points_with_photo is not None:
        parts.append(_("%(n)s with a photo") % {"n": formats.num(terms.points_with_photo)})
    if terms.growth:
        parts.append(_("%(n)s growth value") % {"n": formats.num(terms.growth)})
    if terms.once:
        parts.append(_("once"))
    if terms.day_max is not None:
        parts.append(
            ngettext("%(n)s time a day", "%(n)s times a day", terms.day_max) % {"n": formats.num(terms.day_max)}
        )
    return pgettext("between parts of an event", ", ").join(parts)


def _event_points(terms: EventTerms, formats: Formats) -> str:
    if terms.streak:
        days = pgettext("between days of a streak", ", ").join(map(formats.num, terms.streak))
        return _("day by day %(days)s points") % {"days": days}
    if terms.property:
        words = {"n": formats.num(terms.points_per_unit), "property": terms.property}
        return _("%(n)s points for each unit of “%(property)s”") % words
    return ngettext("%(n)s point", "%(n)s points", terms.points) % {"n": formats.num(terms.points)}


# ---- what lint found


def finding_words(finding: Finding, policy: Policy, formats: Formats, tiers: Names) -> str:
    """Will say what is wrong and what to do about it."""
    wallet = next((rule.wallet for rule in policy.rules if rule.code == finding.rule), Wallet.POINTS)
    return FINDINGS[finding.code](_Saying(finding.facts, policy, formats, tiers, wallet))


@dataclass(frozen=True, slots=True)
class _Saying:
    """What a finding is said with."""

    facts: Mapping[str, Any]
    policy: Policy
    formats: Formats
    tiers: Names
    wallet: Wallet = Wallet.POINTS

    def num(self, name: str) -> str:
        """Will return a fact that is a number."""
        value = self.facts[name]
        return self.formats.num(value.normalize() if isinstance(value, Decimal) else value)

    def date(self, name: str) -> str:
        """Will return a fact that is a date."""
        return self.formats.cal(self.facts[name])

    def days(self, name: str) -> str:
        """Will return a fact that is so many days."""
        return days_words(self.facts[name], self.formats)

    def cap(self, name: str) -> str:
        """Will return a fact that is a cap."""
        cap: Cap = self.facts[name]
        return cap_words(cap, self.formats, self.wallet)

    def values(self, name: str, names: Names | None = None) -> str:
        """Will return a fact that is a list of values."""
        return _listed([(names or {}).get(value, value) for value in self.facts[name]])

    def segments(self) -> str:
        """Will name the segments that a fact lists."""
        return pgettext("between values", ", ").join(
            segment_words(value, self.tiers, self.formats) for value in self.facts["values"]
        )

    def rule(self, name: str) -> str:
        """Will return the name of a rule that a fact names by its code."""
        code = self.facts[name]
        names = next((rule.names for rule in self.policy.rules if rule.code == code), {})
        return rule_name(names, code)

    def conditions(self) -> tuple[str, str]:
        """Will return two conditions in words."""
        first, second = (condition_words(one, self.formats, self.tiers) for one in self.facts["conditions"])
        return first, second


def _listed(values: Sequence[str]) -> str:
    return pgettext("between values", ", ").join("“" + value + "”" for value in values)


LANGUAGES: Mapping[str, Callable[[], str]] = {
    "en": lambda: _("English"),
    "zh-hans": lambda: _("Simplified Chinese"),
    "zh-hant": lambda: _("Traditional Chinese"),
}

FINDINGS: Mapping[str, Callable[[_Saying], str]] = {
    "code_twice": lambda say: _("Two rules have the same code. Remove one of them."),
    "over": lambda say: (
        _("It ended on %(date)s and gives nothing any more. Remove it, or give it a later end.")
        % {"date": say.date("ended_on")}
    ),
    "no_name": lambda say: (
        _("It has no name in %(languages)s. Members who read that language see the English name.")
        % {"languages": pgettext("between values", ", ").join(LANGUAGES[one]() for one in say.facts["languages"])}
    ),
    "unknown_tier": lambda say: (
        _("The ladder has no tier %(values)s. Choose a tier that there is.")
        % {"values": say.values("values", say.tiers)}
    ),
    "unknown_segment": lambda say: (
        _(
            "The segment %(values)s is put away, or its owner keeps it to himself. Choose one that is shared, "
            "or have it shared."
        )
        % {"values": say.segments()}
    ),
    "segment_changed": lambda say: (
        _("It asks %(values)s, and the segment was changed since. Choose it anew to ask what it asks now.")
        % {"values": say.segments()}
    ),
    "unknown_value": lambda say: (
        _("None of the latest orders had %(values)s. Check the spelling, or leave it if it is to come.")
        % {"values": say.values("values")}
    ),
    "deed_without_rules": lambda say: (
        _("%(deed)s: the settings say what it gives, and no rule is asked. It never applies; change the settings.")
        % {"deed": _capital(deed_name(say.facts["deed"]))}
    ),
    "asks_of_orders": lambda say: _("It is for an event, but asks something that only orders have. It never applies."),
    "asks_of_events": lambda say: _(
        "It is for orders, but asks for a property that only events have. It never applies."
    ),
    "contradicts_itself": lambda say: (
        _("“%(first)s” and “%(second)s” never hold together. Remove one of the two.")
        % dict(zip(("first", "second"), say.conditions(), strict=True))
    ),
    "never_in_window": lambda say: _("No day between its start and its end is one it asks for. It never applies."),
    "no_more_in_window": lambda say: _("No day that is left of its time is one it asks for. It applies no more."),
    "multiplies_nothing": lambda say: (
        _("%(deed)s earn nothing by themselves: nothing to multiply. Give a fixed number instead.")
        % {"deed": _capital(deed_name(say.facts["deed"]))}
    ),
    "times_one": lambda say: _("“× 1” changes nothing. Choose another factor, or remove the rule."),
    "takes_away": lambda say: _("“× %(n)s” takes something away. Is that what is meant?") % {"n": say.num("amount")},
    "gives_nothing": lambda say: _("It gives 0. Choose how many, or remove the rule."),
    "cap_twice": lambda say: _("Two of its caps count the same. Keep one of them."),
    "cap_hidden": lambda say: (
        _("“%(cap)s” is never reached, because of “%(by)s”.") % {"cap": say.cap("cap"), "by": say.cap("by")}
    ),
    "cap_unreached": lambda say: (
        _("“%(cap)s” is never reached: it cannot give more than %(most)s.")
        % {"cap": say.cap("cap"), "most": say.num("most")}
    ),
    "cap_above_programmes": lambda say: (
        _("“%(cap)s” is above the cap on all that a member earns, “%(by)s”.")
        % {"cap": say.cap("cap"), "by": say.cap("by")}
    ),
    "budget_spent": lambda say: (
        _("Its budget of %(limit)s points is used up. Raise it, or remove the rule.") % {"limit": say.num("limit")}
    ),
    "budget_outlived": lambda say: (
        _("It gave %(a_day)s points a day lately. The %(left)s left of its budget end about %(date)s, before it does.")
        % {"a_day": say.num("a_day"), "left": say.num("left"), "date": say.date("runs_out_on")}
    ),
    "equal_priority": lambda say: (
        _("It has the same priority, %(n)s, as “%(other)s”. Say which comes first.")
        % {"n": say.num("priority"), "other": say.rule("other")}
    ),
    "excluded_by": lambda say: (
        _("“%(other)s” takes all points away where this rule gives some. Keep one of the two.")
        % {"other": say.rule("other")}
    ),
    "doubled": lambda say: (
        _("It gives the same, for the same, as “%(other)s”. Keep one of the two.") % {"other": say.rule("other")}
    ),
    "below_nothing": lambda say: _("%(what)s cannot be less than 0.") % {"what": setting_name(say.facts["setting"])},
    "share_not_a_share": lambda say: _("Points can pay from 1% to 100% of an order. Choose a share between them."),
    "rate_of_nothing": lambda say: _("One currency unit off has to cost at least 1 point."),
    "gift_min_above_day": lambda say: (
        _("The fewest points to give at once, %(least)s, are more than a day allows, %(most)s. Nobody can give any.")
        % {"least": say.num("least"), "most": say.num("most")}
    ),
    "adjust_alone_above_day": lambda say: (
        _("One person may adjust %(alone)s points at once, but only %(day)s a day. The first limit is never reached.")
        % {"alone": say.num("alone"), "day": say.num("day")}
    ),
    "nothing_taken_back": lambda say: _("Returns take back points on hold only, and no points are ever on hold."),
    "orders_earn_nothing": lambda say: _("Orders earn nothing: no points per currency unit, and no rule for orders."),
    "event_never": lambda say: (
        _("%(event)s count 0 times a day, so they never earn. Leave the limit empty for none.")
        % {"event": _capital(deed_name(say.facts["event"]))}
    ),
    "event_two_ways": lambda say: (
        _("%(event)s have a streak and a property. The streak alone counts.")
        % {"event": _capital(deed_name(say.facts["event"]))}
    ),
    "budget_for_all": lambda say: _("A budget for everybody belongs to a rule. Give one to each rule instead."),
    "expiry_within_return_window": lambda say: (
        _("Points are on hold for %(window)s and may then last only %(days)s. Let them last longer than that.")
        % {"window": say.days("window"), "days": say.days("days")}
    ),
    "courtesy_longer_than_life": lambda say: (
        _("Points that come back last %(courtesy)s, longer than new ones (%(days)s).")
        % {"courtesy": say.days("courtesy"), "days": say.days("days")}
    ),
    "reminder_before_earning": lambda say: (
        _("A reminder %(before)s before points expire comes before they can be used: they may last only %(days)s.")
        % {"before": say.days("before"), "days": say.days("days")}
    ),
}
