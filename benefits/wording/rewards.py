"""Rewards in words: what one is, why it cannot be had, why it cannot be given back."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from benefits.enums import RewardKind
from benefits.rules.rewards import ANY_TIER, Refusal
from kit.formats import Formats


def named(names: Mapping[str, str], code: str = "") -> str:
    """Will return a name, or any text kept by language, in the reader's language, else in English, else the code."""
    return names.get((get_language() or "en").lower()) or names.get("en") or code


def reward_kind_words(kind: str) -> str:
    """Will say what kind of reward one is."""
    words = {
        RewardKind.COUPON: _("Coupon"),
        RewardKind.GIFT: _("Gift, sent to you"),
        RewardKind.PARTNER_CODE: _("Partner code"),
        RewardKind.DRAW: _("Lucky draw"),
    }
    return words[RewardKind(kind)]


def chance_words(share: Decimal, formats: Formats) -> str:
    """Will say a chance in percent, as exactly as it is kept: 0.05%, 12.5%."""
    return _("%(n)s%%") % {"n": formats.num((share * 100).normalize())}


def refusal_words(refusal: Refusal, formats: Formats, tiers: Mapping[str, str]) -> str:
    """Will say why a member cannot have a reward; `tiers` gives the names of tiers by code."""
    facts = refusal.facts
    match refusal.code:
        case "unknown_reward" | "off":
            return _("This reward is not offered at present.")
        case "not_joined":
            return _("Rewards can be redeemed once you have joined the programme.")
        case "not_yet":
            return _("It can be redeemed from %(date)s.") % {"date": formats.cal(facts["starts_at"])}
        case "over":
            return _("The time in which it could be redeemed is over.")
        case "not_for_tier":
            names = [tiers.get(tier, tier) for tier in facts["tiers"] if tier != ANY_TIER]
            return _("It is for %(tiers)s.") % {"tiers": formats.listing(names)}
        case "sold_out":
            return _("None is left.")
        case "limit":
            n = int(facts["most"])
            text = ngettext(
                "You have had it already; %(n)s is the most for one member.",
                "You have had it already; %(n)s are the most for one member.",
                n,
            )
            return text % {"n": formats.num(n)}
    n = int(facts["missing"])
    return ngettext("%(n)s more point is needed.", "%(n)s more points are needed.", n) % {"n": formats.num(n)}


def kept_words(refusal: Refusal) -> str:
    """Will say why a reward cannot be given back."""
    words = {
        "draw": _("A draw is final and cannot be undone."),
        "used": _("The coupon has been used, so it cannot be given back."),
        "held": _("A checkout is using the coupon just now. Finish it or give it up, then try again."),
        "sent": _("The gift is on its way already, so it cannot be given back here."),
        "read": _("The code has been shown, so it counts as used and cannot be given back."),
        "too_late": _("The days in which it could be given back are over."),
    }
    return words[refusal.code]
