"""Why a coupon is not used, in a sentence with the fact that failed: codes and facts in, words out."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from benefits.rules.coupons import Rejection
from benefits.wording.coupons import NO_NAMES, Names
from kit.formats import Formats
from points.wording import weekday_name

INSTANT = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class _Facts:
    """The facts of a rejection as they are written; they may come from where they were kept as text."""

    kept: Mapping[str, Any]
    formats: Formats
    names: Names

    def date(self, name: str, *, last: bool = False) -> str:
        """Will write the date of an instant; of an end the last date before it."""
        value = self.kept[name]
        moment = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
        return self.formats.cal(moment - INSTANT if last else moment)

    def money(self, name: str) -> str:
        """Will write an amount."""
        return self.formats.money(Decimal(str(self.kept[name])))

    def named(self, name: str) -> str:
        """Will write a name, or several, by what the codes are called."""
        value = self.kept[name]
        words = [value] if isinstance(value, str) else list(value)
        return self.formats.listing([self.names.get(str(word), str(word)) for word in words])


def rejection_words(rejection: Rejection, formats: Formats, names: Names = NO_NAMES) -> str:
    """Will say why a coupon is not used. `names` says what the codes of tiers and coupons in its facts are called."""
    facts = _Facts(rejection.facts, formats, names)
    if rejection.code in PLAIN:
        return _(PLAIN[rejection.code])
    return WITH_FACTS[rejection.code](facts)


def _not_started(facts: _Facts) -> str:
    return _("It can be used from %(date)s on.") % {"date": facts.date("starts_at")}


def _lapsed(facts: _Facts) -> str:
    return _("It could be used through %(date)s.") % {"date": facts.date("ends_at", last=True)}


def _tier(facts: _Facts) -> str:
    return _("It is for %(tiers)s.") % {"tiers": facts.named("tiers")}


def _weekday(facts: _Facts) -> str:
    days = facts.formats.listing([weekday_name(int(day)) for day in facts.kept["weekdays"]])
    return _("It works on %(days)s.") % {"days": days}


def _hour(facts: _Facts) -> str:
    return _("It works from %(starts)s to %(ends)s.") % {
        "starts": facts.kept["starts"],
        "ends": facts.kept["ends"],
    }


def _member_limit(facts: _Facts) -> str:
    uses = int(facts.kept["uses"])
    text = ngettext(
        "Each member may use it %(n)s time, and that is used up.",
        "Each member may use it %(n)s times, and that is used up.",
        uses,
    )
    return text % {"n": facts.formats.num(uses)}


def _below_minimum(facts: _Facts) -> str:
    return _("It needs %(amount)s more.") % {"amount": facts.money("missing")}


def _gift_not_in_cart(facts: _Facts) -> str:
    return _("Put the gift, %(sku)s, into the cart.") % {"sku": facts.kept["sku"]}


def _not_combined(facts: _Facts) -> str:
    return _("It cannot be used together with %(coupons)s.") % {"coupons": facts.named("with")}


def _exclusive(facts: _Facts) -> str:
    return _("It cannot be used beside %(coupons)s, for one of them is used alone.") % {"coupons": facts.named("with")}


PLAIN: Mapping[str, str] = {
    "unknown": gettext_noop("There is no such coupon. Check the code."),
    "not_yours": gettext_noop("It belongs to another member."),
    "void": gettext_noop("It was made void."),
    "used": gettext_noop("It was used."),
    "held": gettext_noop("A checkout holds it just now. It is free again when that is given up."),
    "not_first_order": gettext_noop("It is for a first order only."),
    "total_limit": gettext_noop("All its uses are taken."),
    "budget": gettext_noop("What was set aside for it is used up."),
    "nothing_in_scope": gettext_noop("Nothing in the cart is what it is for."),
    "no_effect": gettext_noop("It would take nothing off."),
}
WITH_FACTS: Mapping[str, Callable[[_Facts], str]] = {
    "not_started": _not_started,
    "lapsed": _lapsed,
    "tier": _tier,
    "weekday": _weekday,
    "hour": _hour,
    "member_limit": _member_limit,
    "below_minimum": _below_minimum,
    "gift_not_in_cart": _gift_not_in_cart,
    "not_combined": _not_combined,
    "exclusive": _exclusive,
}
CODES = frozenset({*PLAIN, *WITH_FACTS})
"""Every reason there are words for."""
