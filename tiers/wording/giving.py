"""What the staff may give in words: why it cannot be, and what it would do."""

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kit.formats import Formats
from tiers.enums import DecisionKind, HoldKind, Verdict
from tiers.wording.decisions import Decided, NamedTier, reasons, tier_name

NOT_GIVEN: Mapping[str, str] = {
    "ended": gettext_noop("Use a date of today or later."),
    "not_higher": gettext_noop("The member has reached this tier or a higher one, for as long."),
    "no_such_tier": gettext_noop("The ladder in force has no such tier to give."),
    "nothing_given": gettext_noop("The member holds no tier that was given."),
    "given": gettext_noop("The tier was given. Give it again with another end."),
    "endless": gettext_noop("The lowest tier has no end that could be extended."),
    "not_later": gettext_noop("The tier is valid as long as that already. Use a later date."),
    "too_long": gettext_noop("That is longer than reaching the tier again would bring. Use an earlier date."),
}


class Told(Protocol):
    """What words need of what a deed would do; tiers.queries.Foretold is one."""

    @property
    def decision(self) -> Decided:
        """What would be decided."""

    @property
    def after(self) -> NamedTier | None:
        """The tier after what was given ends."""


def not_given(code: str) -> str:
    """Will say why a tier cannot be given, ended or extended like this."""
    return _(NOT_GIVEN[code])


def foretold_words(told: Told, formats: Formats) -> tuple[str, ...]:
    """Will say what a deed would change, what the member will read, and what comes after it."""
    decision = told.decision
    was, becomes = decision.from_tier or decision.to_tier, decision.to_tier
    words = {
        "was": _until(was, decision.until_before, formats),
        "becomes": _until(becomes, decision.until_date, formats),
    }
    said = [_("%(was)s becomes %(becomes)s.") % words]
    if told.after and decision.until_date:
        after = {"tier": tier_name(told.after), "date": formats.cal(decision.until_date)}
        said.append(_("After %(date)s, if nothing more counts: %(tier)s.") % after)
    if decision.kind == DecisionKind.EXTENDED:
        reads = _("%(tier)s was extended as a courtesy.") % {"tier": tier_name(becomes)}
    else:
        reads = " ".join(reasons(decision, formats))
    said.append(_("The member will read: %(words)s") % {"words": reads})
    return tuple(said)


def kind_words(kind: HoldKind) -> str:
    """Will name why a tier is given."""
    return {
        HoldKind.MANUAL: _("By hand"),
        HoldKind.PROMOTION: _("In a promotion"),
        HoldKind.INVITATION: _("By invitation"),
    }[kind]


def verdict_words(verdict: Verdict) -> str:
    """Will say what came of a member's question, to himself."""
    return {
        Verdict.UPHELD: _("You were right, and it has been put right."),
        Verdict.EXPLAINED: _("The tier is right, and this is why."),
    }[verdict]


def _until(tier: NamedTier, until: dt.date | None, formats: Formats) -> str:
    if until is None:
        return tier_name(tier)
    return _("%(tier)s until %(date)s") % {"tier": tier_name(tier), "date": formats.cal(until)}
