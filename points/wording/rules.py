"""Earning rules in words: a rule as one sentence, its conditions and caps, and why one did not apply."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from kit import clock
from kit.formats import Formats
from points.enums import CapPer, ConditionKind, Effect, Stacking, Wallet
from points.rules.caps import Cap
from points.rules.conditions import Condition, number_of
from points.rules.earning import ORDER
from points.rules.earning_rules import EarningRule

Names = Mapping[str, str]
"""Names of tiers by code, in the reader's language; for the staff also of segments, by `segment_key`.

What a segment is called is not for members: it may say what the shop thinks of them.
"""


SEGMENTS = "segment:"
"""What keys of segments' names begin with."""


def segment_key(segment: str) -> str:
    """Will return the key of a segment's name among names, whichever question of it is meant."""
    return SEGMENTS + number_of(segment)


def segment_words(segment: str, names: Names, formats: Formats) -> str:
    """Will name a segment for the staff, with the instant of the question that is meant; a list has none."""
    name = names.get(segment_key(segment), number_of(segment))
    stamp = segment.partition("@")[2]
    if not stamp:
        return "“" + name + "”"
    at = dt.datetime.fromtimestamp(int(stamp) / 1_000_000, dt.UTC)
    return _("“%(name)s” (as of %(date)s, %(time)s)") % {
        "name": name,
        "date": formats.cal(clock.business_date(at)),
        "time": formats.clock(at),
    }


def rule_name(names: Names, code: str) -> str:
    """Will return a rule's name in the reader's language, else in English, else its code."""
    return names.get((get_language() or "en").lower()) or names.get("en") or code


def deed_name(deed: str) -> str:
    """Will name what a rule is for: orders, or events of a type."""
    names = {
        ORDER: _("orders"),
        "sign_up": _("joining"),
        "check_in": _("check-ins"),
        "review": _("reviews"),
        "share": _("shares"),
        "profile_completed": _("a completed profile"),
        "survey": _("surveys"),
        "referral": _("invited friends"),
        "birthday": _("birthdays"),
        "anniversary": _("anniversaries of joining"),
    }
    return names.get(deed) or "“" + deed.replace("_", " ") + "”"


def rule_sentence(rule: EarningRule, formats: Formats, tiers: Names) -> str:
    """Will say a whole rule: for what, when and for whom, what it gives, and at most how much."""
    parts = [_("For %(deed)s") % {"deed": deed_name(rule.deed)}]
    parts += [condition_words(condition, formats, tiers) for condition in rule.when]
    parts += _dates(rule, formats)
    sentence = _list(parts) + pgettext("between conditions and effect", ": ") + effect_words(rule, formats)
    caps = [cap_words(cap, formats, rule.wallet) for cap in rule.caps]
    return sentence + "".join(pgettext("before a cap", ", ") + cap for cap in caps) + pgettext("end of sentence", ".")


def effect_words(rule: EarningRule, formats: Formats) -> str:
    """Will say what a rule gives and how it meets other rules."""
    text = _growth_effect(rule, formats) if rule.wallet is Wallet.GROWTH else _points_effect(rule, formats)
    if rule.stacking is Stacking.LARGEST:
        return _("%(effect)s (only the largest of such rules)") % {"effect": text}
    if rule.stacking is Stacking.MULTIPLY:
        return _("%(effect)s (on top of earlier rules)") % {"effect": text}
    return text


def _points_effect(rule: EarningRule, formats: Formats) -> str:
    words = {"n": formats.num(rule.amount), "property": rule.property_name}
    match rule.effect:
        case Effect.MULTIPLY:
            return _("points × %(n)s") % words
        case Effect.PER_UNIT:
            return _("%(n)s points more per currency unit") % words
        case Effect.FIXED:
            count = int(rule.amount)
            return ngettext("%(n)s point more", "%(n)s points more", count) % {"n": formats.num(count)}
        case Effect.PROPERTY:
            return _("%(n)s points for each unit of “%(property)s”") % words


def _growth_effect(rule: EarningRule, formats: Formats) -> str:
    words = {"n": formats.num(rule.amount), "property": rule.property_name}
    texts = {
        Effect.MULTIPLY: _("growth value × %(n)s"),
        Effect.PER_UNIT: _("%(n)s growth value more per currency unit"),
        Effect.FIXED: _("%(n)s growth value more"),
        Effect.PROPERTY: _("%(n)s growth value for each unit of “%(property)s”"),
    }
    return texts[rule.effect] % words


def cap_words(cap: Cap, formats: Formats, wallet: str = Wallet.POINTS) -> str:
    """Will say a cap: at most 2,000 points a member and month."""
    words = {"n": formats.num(cap.points)}
    texts = {
        CapPer.DEED: _("at most %(n)s points at once"),
        CapPer.DAY: _("at most %(n)s points a member and day"),
        CapPer.MONTH: _("at most %(n)s points a member and month"),
        CapPer.EVER: _("at most %(n)s points a member in all"),
        CapPer.BUDGET: _("%(n)s points for everybody together"),
    }
    if wallet == Wallet.GROWTH:
        texts = {
            CapPer.DEED: _("at most %(n)s growth value at once"),
            CapPer.DAY: _("at most %(n)s growth value a member and day"),
            CapPer.MONTH: _("at most %(n)s growth value a member and month"),
            CapPer.EVER: _("at most %(n)s growth value a member in all"),
            CapPer.BUDGET: _("%(n)s growth value for everybody together"),
        }
    return texts[cap.per] % words


def condition_words(condition: Condition, formats: Formats, tiers: Names) -> str:
    """Will say one condition, as it stands in a rule's sentence."""
    if condition.kind is ConditionKind.SEGMENT:
        return _in_segment(condition.values, formats, tiers)
    values = _values(condition.kind, condition.values, formats, tiers)
    words = {"value": _either(values), "name": condition.name}
    if condition.kind is ConditionKind.TIME:
        return _("between %(from)s and %(to)s") % {"from": condition.values[0], "to": condition.values[1]}
    return CONDITIONS[condition.kind]() % words


def _in_segment(segments: Sequence[str], formats: Formats, names: Names) -> str:
    known = [segment_words(one, names, formats) for one in segments if segment_key(one) in names]
    if not known:
        return _("for a group of members that we choose")
    return _("by members in the segment %(value)s") % {"value": _either(known)}


def why_not(step: Mapping[str, Any], formats: Formats, tiers: Names) -> str:
    """Will say why a rule gave nothing, from the step that points.rules.earning.unfired_steps left."""
    what, wanted, there = str(step["what"]), step.get("wanted"), step.get("is")
    if what == "starts":
        return _("it begins on %(date)s") % {"date": formats.cal(dt.date.fromisoformat(str(wanted)))}
    if what == "ends":
        return _("it ended on %(date)s") % {"date": formats.cal(dt.date.fromisoformat(str(wanted)))}
    if what == "larger":
        larger = rule_name(step.get("larger_names", {}), str(wanted))
        return _("only the largest applies, and “%(rule)s” gives more") % {"rule": larger}
    if what in ("property", "lines") and not wanted:
        return _("“%(name)s” was not stated") % {"name": step.get("name", "")}
    if what not in list(ConditionKind):
        return _("there was nothing it could apply to")
    kind = ConditionKind(what)
    condition = Condition(kind, tuple(str(value) for value in wanted or ()), str(step.get("name", "")))
    needs = condition_words(condition, formats, tiers)
    if kind is ConditionKind.SEGMENT and needs == _in_segment((), formats, {}):
        return _("it is only for a group of members that we choose, and you were not in it")
    found = there if isinstance(there, list) else [] if there in (None, "") else [there]
    actual = _values(kind, [str(value) for value in found], formats, tiers)
    if not actual:
        return _("it is only %(condition)s") % {"condition": needs}
    return _("it is only %(condition)s; here it was %(actual)s") % {"condition": needs, "actual": _list(actual)}


def _dates(rule: EarningRule, formats: Formats) -> list[str]:
    words = {
        "from": formats.cal(rule.starts_on) if rule.starts_on else "",
        "to": formats.cal(rule.ends_on) if rule.ends_on else "",
    }
    if rule.starts_on and rule.ends_on:
        return [_("from %(from)s to %(to)s") % words]
    if rule.starts_on:
        return [_("from %(from)s on") % words]
    return [_("through %(to)s") % words] if rule.ends_on else []


CONDITIONS: Mapping[ConditionKind, Callable[[], str]] = {
    ConditionKind.TIER_MIN: lambda: _("by %(value)s and up"),
    ConditionKind.TIER: lambda: _("by %(value)s alone"),
    ConditionKind.TAG: lambda: _("by members tagged %(value)s"),
    ConditionKind.BIRTHDAY: lambda: _("%(value)s"),
    ConditionKind.CHANNEL: lambda: _("through %(value)s"),
    ConditionKind.WEEKDAY: lambda: _("on a %(value)s"),
    ConditionKind.DAY_OF_MONTH: lambda: _("on day %(value)s of a month"),
    ConditionKind.MONTH: lambda: _("in %(value)s"),
    ConditionKind.ORDER_NUMBER: lambda: _("for a member’s order number %(value)s"),
    ConditionKind.EVERY_NTH_ORDER: lambda: _("for every order whose number divides by %(value)s"),
    ConditionKind.ORDER_MIN: lambda: _("from %(value)s on"),
    ConditionKind.PROPERTY: lambda: _("where “%(name)s” is %(value)s"),
    ConditionKind.CATEGORY: lambda: _("for goods of the category %(value)s"),
    ConditionKind.BRAND: lambda: _("for goods of the brand %(value)s"),
    ConditionKind.SKU: lambda: _("for the goods %(value)s"),
}


def _values(kind: ConditionKind, values: Sequence[str], formats: Formats, tiers: Names) -> list[str]:
    match kind:
        case ConditionKind.TIER_MIN | ConditionKind.TIER:
            return [tiers.get(value, value) for value in values]
        case ConditionKind.WEEKDAY:
            return [weekday_name(int(value)) for value in values]
        case ConditionKind.MONTH:
            return [month_name(int(value)) for value in values]
        case ConditionKind.BIRTHDAY:
            return [BIRTHDAYS[value]() if value in BIRTHDAYS else value for value in values]
        case ConditionKind.ORDER_MIN:
            return [formats.money0(Decimal(value)) for value in values]
    return list(values)


BIRTHDAYS: Mapping[str, Callable[[], str]] = {
    "day": lambda: _("on the member’s birthday"),
    "week": lambda: _("in the week around the member’s birthday"),
    "month": lambda: _("in the month of the member’s birthday"),
}


def weekday_name(number: int) -> str:
    """Will return a day of the week, Monday being 1."""
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return names[number - 1]


def month_name(number: int) -> str:
    """Will return a month's name, January being 1."""
    names = (
        *(_("January"), _("February"), _("March"), _("April"), _("May"), _("June")),
        *(_("July"), _("August"), _("September"), _("October"), _("November"), _("December")),
    )
    return names[number - 1]


def _either(values: Sequence[str]) -> str:
    return pgettext("between alternatives", " or ").join(values)


def _list(values: Sequence[str]) -> str:
    return pgettext("between parts of a rule", " ").join(values)
