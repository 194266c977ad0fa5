"""A coupon in words: what it takes off, what it asks, how long it is good, where it stands, how terms are mended."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext

from benefits.enums import BatchState, CouponKind, CouponState, ValidityKind
from benefits.rules.coupons import Scope, Terms
from kit.formats import Formats
from points.wording import weekday_name

Names = Mapping[str, str]
NO_NAMES: Names = {}


def value_words(terms: Terms, formats: Formats) -> str:
    """Will say what a coupon takes off: 20% off, up to CN¥50; in Chinese a share is said by what is left of ten."""
    text = head_words(terms, formats)
    if terms.cap is None or terms.kind == CouponKind.AMOUNT:
        return text
    return _("%(value)s, up to %(most)s") % {"value": text, "most": formats.money0(terms.cap)}


def head_words(terms: Terms, formats: Formats) -> str:
    """Will say what a coupon takes off in the fewest words, without the most it takes off."""
    words = {"amount": formats.money0(terms.amount), "gift": terms.gift}
    match terms.kind:
        case CouponKind.AMOUNT:
            return _("%(amount)s off") % words
        case CouponKind.PERCENT if terms.percent == 100:
            return pgettext("a coupon takes off everything", "Free")
        case CouponKind.PERCENT:
            return pgettext("a coupon takes off a share", "%(share)s off") % {"share": formats.off(terms.percent)}
        case CouponKind.FREE_SHIPPING:
            return _("Free shipping")
        case CouponKind.GIFT:
            return _("%(gift)s as a gift") % words


def cap_words(terms: Terms, formats: Formats) -> str:
    """Will say the most that a coupon takes off, in short; empty where there is no most."""
    return _("up to %(most)s") % {"most": formats.money0(terms.cap)} if terms.cap is not None else ""


def minimum_words(terms: Terms, formats: Formats) -> str:
    """Will say from which amount on a coupon is good, in short; empty where from any."""
    return _("From %(amount)s") % {"amount": formats.money0(terms.minimum)} if terms.minimum else ""


def condition_words(terms: Terms, formats: Formats, tiers: Names = NO_NAMES) -> list[str]:
    """Will say in a sentence each what a coupon asks; `tiers` are names of tiers by code."""
    said = []
    if terms.minimum:
        said.append(_("It takes %(amount)s or more.") % {"amount": formats.money0(terms.minimum)})
    said += _scope_words(terms.scope, formats)
    if terms.tiers:
        said.append(_("It is for %(tiers)s.") % {"tiers": _listed(terms.tiers, formats, tiers)})
    if terms.first_order:
        said.append(_("It is for a first order only."))
    if terms.weekdays:
        said.append(_("It works on %(days)s.") % {"days": formats.listing([*map(weekday_name, terms.weekdays)])})
    if terms.hours:
        said.append(_("It works from %(starts)s to %(ends)s.") % hours_words(terms.hours))
    if terms.exclusive:
        said.append(_("It is used alone, with no other coupon."))
    elif terms.joins is not None:
        said.append(_joins_words(terms.joins, formats))
    return [*said, *_uses_words(terms, formats)]


def validity_words(terms: Terms, formats: Formats) -> str:
    """Will say how long coupons of these terms are good."""
    validity = terms.validity
    if validity.kind is ValidityKind.DAYS:
        if not validity.days:
            return _("Good on the day it is issued.")
        text = npgettext(
            "how long a coupon is good",
            "Good for %(n)s day after the day it is issued.",
            "Good for %(n)s days after the day it is issued.",
            validity.days,
        )
        return text % {"n": formats.num(validity.days)}
    dates = {"starts_on": validity.starts_on, "ends_on": validity.ends_on}
    words = {name: formats.cal(date) for name, date in dates.items() if date}
    if validity.starts_on and validity.ends_on:
        return _("Good from %(starts_on)s through %(ends_on)s.") % words
    if validity.ends_on:
        return _("Good through %(ends_on)s.") % words
    return _("Good from %(starts_on)s on, without an end.") % words if words else _("Good without an end.")


def limit_words(terms: Terms, formats: Formats) -> list[str]:
    """Will say the limits for everybody together, which the staff reads and members do not."""
    said = []
    if terms.uses_total is not None:
        text = ngettext("%(n)s use for everybody together.", "%(n)s uses for everybody together.", terms.uses_total)
        said.append(text % {"n": formats.num(terms.uses_total)})
    if terms.budget is not None:
        words = {"amount": formats.money0(terms.budget)}
        said.append(_("At most %(amount)s off for everybody together.") % words)
    return said


def terms_words(terms: Terms, formats: Formats, tiers: Names = NO_NAMES) -> list[str]:
    """Will say all that terms say, a sentence each."""
    value = _("%(value)s.") % {"value": value_words(terms, formats)}
    asked = condition_words(terms, formats, tiers)
    return [value, validity_words(terms, formats), *asked, *limit_words(terms, formats)]


def use_by_words(first: dt.date, last: dt.date | None, today: dt.date, formats: Formats) -> str:
    """Will say until when a coupon can be used, with the days left; or from when on, where that is to come."""
    if first > today:
        return _("From %(date)s on") % {"date": formats.cal(first)}
    if last is None:
        return _("No end date")
    words = {"date": formats.cal(last)}
    if last < today:
        return _("Expired after %(date)s") % words
    if last == today:
        return _("Use by today, %(date)s") % words
    left = (last - today).days
    text = npgettext(
        "a coupon's last date", "Use by %(date)s, %(n)s day left", "Use by %(date)s, %(n)s days left", left
    )
    return text % {**words, "n": formats.num(left)}


def coupon_state_words(state: CouponState) -> str:
    """Will name where a coupon stands."""
    return {
        CouponState.COMING: pgettext("a coupon", "To come"),
        CouponState.READY: pgettext("a coupon", "Ready"),
        CouponState.HELD: pgettext("a coupon", "In a checkout"),
        CouponState.USED: pgettext("a coupon", "Used"),
        CouponState.LAPSED: pgettext("a coupon", "Expired"),
        CouponState.VOID: pgettext("a coupon", "Void"),
    }[state]


def batch_words(state: BatchState) -> str:
    """Will name where a batch stands."""
    return {
        BatchState.WAITING: pgettext("a batch of coupons", "Waiting"),
        BatchState.RUNNING: pgettext("a batch of coupons", "Being made"),
        BatchState.DONE: pgettext("a batch of coupons", "Done"),
        BatchState.FAILED: pgettext("a batch of coupons", "Failed"),
    }[state]


def coupon_kind_words(kind: CouponKind) -> str:
    """Will name what a coupon takes off."""
    return {
        CouponKind.AMOUNT: _("An amount"),
        CouponKind.PERCENT: _("A share of the goods"),
        CouponKind.FREE_SHIPPING: _("The shipping"),
        CouponKind.GIFT: _("The price of a gift"),
    }[kind]


def terms_fault(field: str) -> str:
    """Will say how a field of terms that cannot be read, by benefits.rules.coupons.BadTerms, is mended."""
    faults = {
        "kind": _("Choose what the coupon takes off."),
        "amount": _("State how much it takes off, for example 10.00; leave it empty for another kind of coupon."),
        "percent": _("State from 1 to 100 percent; leave it empty for another kind of coupon."),
        "cap": _("Use an amount above nought, or leave it empty; a coupon for an amount has none."),
        "gift": _("Name the article by its SKU; leave it empty for another kind of coupon."),
        "minimum": _("Use an amount, for example 50.00."),
        "validity": _("Use from 0 to 3660 days, or dates of which the last is not before the first."),
        "hours": _("State from when to when, for example 18:00 and 22:00."),
        "budget": _("Use an amount, or leave it empty for any."),
        **dict.fromkeys(
            ("uses_per_code", "uses_per_member", "uses_total"),
            _("Use a whole number from 1, or leave it empty for any number."),
        ),
    }
    return faults.get(field) or _("This cannot be read. Check it.")


def hours_words(hours: tuple[dt.time, dt.time]) -> dict[str, str]:
    """Will write the two times between which a coupon works."""
    return {"starts": f"{hours[0]:%H:%M}", "ends": f"{hours[1]:%H:%M}"}


# ---- leaves


def _scope_words(scope: Scope, formats: Formats) -> list[str]:
    named = [*scope.categories, *scope.brands, *scope.skus]
    left_out = [*scope.not_categories, *scope.not_brands, *scope.not_skus]
    said = []
    if named:
        said.append(_("It is for these goods: %(goods)s.") % {"goods": formats.listing(named)})
    if left_out:
        said.append(_("It is not for these goods: %(goods)s.") % {"goods": formats.listing(left_out)})
    return said


def _joins_words(groups: Sequence[str], formats: Formats) -> str:
    if not groups:
        return _("It is not used with coupons of other groups.")
    return _("Of other groups it is used only with: %(groups)s.") % {"groups": formats.listing(list(groups))}


def _uses_words(terms: Terms, formats: Formats) -> list[str]:
    said = []
    if terms.uses_per_code is None:
        said.append(_("A code works any number of times."))
    elif terms.uses_per_code > 1:
        text = ngettext("A code works %(n)s time.", "A code works %(n)s times.", terms.uses_per_code)
        said.append(text % {"n": formats.num(terms.uses_per_code)})
    if terms.uses_per_member is not None:
        text = ngettext(
            "Each member may use it %(n)s time.", "Each member may use it %(n)s times.", terms.uses_per_member
        )
        said.append(text % {"n": formats.num(terms.uses_per_member)})
    return said


def _listed(codes: Sequence[str], formats: Formats, names: Names) -> str:
    return formats.listing([names.get(code, code) for code in codes])
