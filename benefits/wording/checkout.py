"""What a checkout does, in words: codes and facts in, sentences out."""

import datetime as dt
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from benefits.enums import CheckoutState
from benefits.rules.coupons import Rejection
from kit.formats import Formats


def taken_off_words(name: str, amount: Decimal, formats: Formats) -> str:
    """Will say what a coupon or benefit takes off."""
    return _("%(name)s takes off %(amount)s.") % {"name": name, "amount": formats.money(amount)}


def goods_words(refused: Rejection, formats: Formats) -> str:
    """Will say why a member may not buy an article: it is for other tiers, or opens to him later."""
    if refused.code == "not_for_tier":
        return _("This article is for members of other tiers.")
    opens_at: dt.datetime = refused.facts["opens_at"]
    return _("This article opens to you on %(date)s at %(time)s.") % {
        "date": formats.cal(opens_at),
        "time": formats.clock(opens_at),
    }


def checkout_state_words(state: CheckoutState) -> str:
    """Will name where a checkout stands."""
    return {
        CheckoutState.HELD: pgettext("a checkout", "Held"),
        CheckoutState.CONFIRMED: pgettext("a checkout", "Paid"),
        CheckoutState.RELEASED: pgettext("a checkout", "Given up"),
        CheckoutState.LAPSED: pgettext("a checkout", "Time ran out"),
    }[state]
