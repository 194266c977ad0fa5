"""A ladder's settings in words: what counts, what a tier asks for, from when and how long it is held."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.formats import Formats
from tiers.enums import AtEnd, Join, Rounding, Start, Window
from tiers.rules import LadderTerms, Requirement
from tiers.wording.decisions import amount


def metric_label(metric: str) -> str:
    """Will name a metric."""
    return {
        "spend": _("Spend"),
        "orders": _("Orders"),
        "growth": _("Growth value"),
        "active_days": _("Active days"),
        "years": _("Years of membership"),
        "referrals": _("Friends referred"),
    }[metric]


def asked_words(asked: Requirement, formats: Formats) -> str:
    """Will say what is asked for: CN¥1,000, 5 orders or 1,000 growth value; with `and` where all of it is."""
    ways = [amount(metric, need, formats) for metric, need in asked.ways()]
    return formats.listing(ways, either=asked.join is Join.ANY)


def counted_words(metric: str, value: Decimal, terms: LadderTerms, starts_on: dt.date, formats: Formats) -> str:
    """Will say how much of a metric counts in the window: CN¥5,420 spent in the last 365 days."""
    words = {"amount": amount(metric, value, formats), "days": formats.num(terms.window_days)}
    if metric == "years":
        return words["amount"]
    if terms.window is Window.LIFETIME:
        text = _("%(amount)s spent so far") if metric == "spend" else _("%(amount)s so far")
    elif terms.window is Window.ROLLING:
        in_days = _("%(amount)s in the last %(days)s days")
        text = _("%(amount)s spent in the last %(days)s days") if metric == "spend" else in_days
    else:
        words["date"] = formats.cal(starts_on)
        text = _("%(amount)s spent since %(date)s") if metric == "spend" else _("%(amount)s since %(date)s")
    return text % words


def ladder_words(terms: LadderTerms, formats: Formats) -> tuple[str, ...]:
    """Will say how a ladder works: which dates count, when a tier begins, how long it lasts, and what comes then."""
    return (_window(terms, formats), _start(terms), _validity(terms, formats), *_end(terms, formats))


# ---- leaves


def _window(terms: LadderTerms, formats: Formats) -> str:
    if terms.window is Window.CALENDAR_YEAR:
        return _("What you did since 1 January counts.")
    if terms.window is Window.MEMBERSHIP_YEAR:
        return _("What you did since the last anniversary of your joining counts.")
    if terms.window is Window.LIFETIME:
        return _("Everything you did since you joined counts.")
    days = terms.window_days
    text = ngettext("What you did in the last %(n)s day counts.", "What you did in the last %(n)s days counts.", days)
    return text % {"n": formats.num(days)}


def _start(terms: LadderTerms) -> str:
    if terms.start is Start.AT_ONCE:
        return _("A tier that you reach is yours at once.")
    if terms.window is Window.CALENDAR_YEAR:
        return _("A tier that you reach begins with the next calendar year.")
    if terms.window is Window.MEMBERSHIP_YEAR:
        return _("A tier that you reach begins with your next year of membership.")
    return _("A tier that you reach begins with the next month.")


def _validity(terms: LadderTerms, formats: Formats) -> str:
    years, rest = divmod(terms.validity_months, 12)
    if rest:
        months = terms.validity_months
        long = ngettext("%(n)s month", "%(n)s months", months) % {"n": formats.num(months)}
    else:
        long = ngettext("%(n)s year", "%(n)s years", years) % {"n": formats.num(years)}
    words = {"long": long}
    if terms.rounding is Rounding.MONTH:
        return _("It is valid for %(long)s, to the end of that month.") % words
    if terms.rounding is Rounding.YEAR:
        return _("It is valid for %(long)s, to the end of that year.") % words
    return _("It is valid for %(long)s.") % words


def _end(terms: LadderTerms, formats: Formats) -> Iterator[str]:
    if terms.at_end is AtEnd.NEVER:
        yield _("A tier that you reached is not lost.")
        return
    if all(rung.keep == rung.reach for rung in terms.rungs):
        yield _("At its end the same amounts keep it.")
    if terms.grace_days:
        days = terms.grace_days
        text = ngettext(
            "If they are missing, it stays %(n)s day longer.", "If they are missing, it stays %(n)s days longer.", days
        )
        yield text % {"n": formats.num(days)}
        if terms.grace_rounds_up:
            yield _("These days run to the end of their month.")
    if terms.at_end is AtEnd.ONE_STEP:
        yield _("Then the next lower tier follows.")
    else:
        yield _("Then the tier that you have reached by then follows.")
