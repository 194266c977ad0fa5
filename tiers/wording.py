"""Tiers' outcomes in words: why a member stands where he stands, decision by decision; values in, sentences out."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Protocol

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kit.formats import Formats
from tiers.enums import DecisionKind


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


def tier_name(tier: NamedTier) -> str:
    """Will return a tier's name in the reader's language, in English where it has none, else its code."""
    return tier.names.get(get_language() or "en") or tier.names.get("en") or tier.code


def amount(metric: str, value: Decimal, formats: Formats) -> str:
    """Will return so much of a metric: CN¥1,360, 3 orders, 200 growth value."""
    if metric == "spend":
        return formats.money0(value)
    if metric == "orders":
        return ngettext("%(n)s order", "%(n)s orders", int(value)) % {"n": formats.num(int(value))}
    return _("%(n)s growth value") % {"n": formats.num(int(value))}


def decision_title(decision: Decided) -> str:
    """Will name a decision: Up to Gold, Gold kept, Gold in grace, Down to Silver, Joined as Member."""
    words = {"tier": tier_name(decision.to_tier)}
    if decision.kind == DecisionKind.JOINED:
        return _("Joined as %(tier)s") % words
    if decision.kind == DecisionKind.UPGRADE:
        return _("Up to %(tier)s") % words
    if decision.kind == DecisionKind.RENEWAL:
        return _("%(tier)s kept") % words
    if decision.kind == DecisionKind.GRACE:
        return _("%(tier)s in grace") % words
    return _("Down to %(tier)s") % words


def reasons(decision: Decided, formats: Formats) -> tuple[str, ...]:
    """Will say why a decision was made: what counted, in which window, and what was asked for."""
    return REASONS[DecisionKind(decision.kind)](decision, formats)


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
    sentence = _("%(tier)s begins at %(need)s; you had %(have)s from %(first)s to %(last)s.")
    return (sentence % _reached_words(decision, formats),)


def _renewal(decision: Decided, formats: Formats) -> tuple[str, ...]:
    sentence = _("%(tier)s is kept with %(need)s; you had %(have)s from %(first)s to %(last)s.")
    return (sentence % _reached_words(decision, formats),)


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


# ---- leaves


def _reached_words(decision: Decided, formats: Formats) -> dict[str, str]:
    metric = decision.reached_by
    need = decision.threshold if decision.threshold is not None else Decimal(0)
    return _window_words(decision, formats) | {
        "tier": tier_name(decision.to_tier),
        "need": amount(metric, need, formats),
        "have": amount(metric, Decimal(getattr(decision, metric, 0)), formats),
    }


def _window_words(decision: Decided, formats: Formats) -> dict[str, str]:
    spend = amount("spend", decision.spend, formats)
    orders = amount("orders", Decimal(decision.orders), formats)
    growth = amount("growth", Decimal(decision.growth), formats)
    return {
        "all": _("%(spend)s, %(orders)s and %(growth)s") % {"spend": spend, "orders": orders, "growth": growth},
        "first": formats.cal(decision.window_starts_date),
        "last": formats.cal(decision.business_date),
    }


REASONS: Mapping[DecisionKind, Callable[[Decided, Formats], tuple[str, ...]]] = {
    DecisionKind.JOINED: _joined,
    DecisionKind.UPGRADE: _upgrade,
    DecisionKind.RENEWAL: _renewal,
    DecisionKind.GRACE: _grace,
    DecisionKind.DOWNGRADE: _downgrade,
}
