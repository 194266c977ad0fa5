"""Decisions in words: why a member stands where he stands, decision by decision; values in, sentences out."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Protocol

from django.utils.translation import get_language, gettext_noop, ngettext
from django.utils.translation import gettext as _

from kit import dates
from kit.formats import Formats
from tiers.enums import DecisionKind, HoldKind


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
