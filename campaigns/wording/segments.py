"""What a segment asks, in a sentence; what changed between two; what is wrong with one; who is left out and why."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import reduce

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, npgettext, pgettext

from campaigns.enums import LeftOut
from campaigns.rules.segments import All, Condition, Not, Problem, Tree, canonical
from kit.enums import Extra, FieldKind, Operator
from kit.formats import Formats
from kit.segments import COUNTED, SegmentField

Fields = Mapping[str, SegmentField]
Names = Mapping[tuple[str, str], str]
"""What values are called, by field and value."""

GROUPS: Mapping[str, object] = {
    "tiers": gettext_lazy("Tier"),
    "orders": gettext_lazy("Orders and events"),
    "points": gettext_lazy("Points"),
    "members": gettext_lazy("Person"),
    "insights": gettext_lazy("Life-cycle"),
    "benefits": gettext_lazy("Benefits"),
    "messaging": gettext_lazy("Messages"),
    "campaigns": gettext_lazy("Campaigns and segments"),
}

OPERATORS: Mapping[Operator, object] = {
    Operator.IS: gettext_lazy("is"),
    Operator.IS_NOT: gettext_lazy("is not"),
    Operator.ANY_OF: gettext_lazy("is one of"),
    Operator.NONE_OF: gettext_lazy("is none of"),
    Operator.ALL_OF: gettext_lazy("is each of"),
    Operator.CONTAINS: gettext_lazy("contains"),
    Operator.AT_LEAST: gettext_lazy("is at least"),
    Operator.AT_MOST: gettext_lazy("is at most"),
    Operator.FROM: gettext_lazy("is on or after"),
    Operator.UNTIL: gettext_lazy("is on or before"),
    Operator.WITHIN: gettext_lazy("is within"),
    Operator.NOT_WITHIN: gettext_lazy("is not within"),
    Operator.KNOWN: gettext_lazy("is known"),
    Operator.UNKNOWN: gettext_lazy("is not known"),
    Operator.YES: gettext_lazy("yes"),
    Operator.NO: gettext_lazy("no"),
    Operator.DID: gettext_lazy("yes"),
    Operator.DID_NOT: gettext_lazy("no"),
}

CLAUSES: Mapping[Operator, object] = {
    Operator.IS: gettext_lazy("whose %(field)s is %(value)s"),
    Operator.IS_NOT: gettext_lazy("whose %(field)s is not %(value)s"),
    Operator.ANY_OF: gettext_lazy("whose %(field)s is %(value)s"),
    Operator.NONE_OF: gettext_lazy("whose %(field)s is not %(value)s"),
    Operator.CONTAINS: gettext_lazy("whose %(field)s contains “%(value)s”"),
    Operator.AT_LEAST: gettext_lazy("whose %(field)s is at least %(value)s"),
    Operator.AT_MOST: gettext_lazy("whose %(field)s is at most %(value)s"),
    Operator.FROM: gettext_lazy("whose %(field)s is on or after %(value)s"),
    Operator.UNTIL: gettext_lazy("whose %(field)s is on or before %(value)s"),
    Operator.KNOWN: gettext_lazy("whose %(field)s is known"),
    Operator.UNKNOWN: gettext_lazy("whose %(field)s is not known"),
}
CLAUSES_OF_KIND: Mapping[tuple[FieldKind, Operator], object] = {
    (FieldKind.AGO, Operator.AT_LEAST): gettext_lazy("whose %(field)s was at least %(value)s ago"),
    (FieldKind.AGO, Operator.AT_MOST): gettext_lazy("whose %(field)s was at most %(value)s ago"),
    (FieldKind.AHEAD, Operator.WITHIN): gettext_lazy("whose %(field)s comes within %(value)s"),
    (FieldKind.AHEAD, Operator.NOT_WITHIN): gettext_lazy("whose %(field)s does not come within %(value)s"),
    (FieldKind.TAGS, Operator.ANY_OF): gettext_lazy("who have the tag %(value)s"),
    (FieldKind.TAGS, Operator.ALL_OF): gettext_lazy("who have the tags %(value)s"),
    (FieldKind.TAGS, Operator.NONE_OF): gettext_lazy("who do not have the tag %(value)s"),
}

LEFT_OUT: Mapping[LeftOut, object] = {
    LeftOut.BLOCKED: gettext_lazy("Blocked members, never included"),
    LeftOut.PENDING: gettext_lazy("Not joined or not verified, never included"),
    LeftOut.CONTROL: gettext_lazy("Left out to measure effect"),
    LeftOut.NO_ADDRESS: gettext_lazy("No address for this channel"),
    LeftOut.NO_CONSENT: gettext_lazy("Did not agree to offers by this channel"),
    LeftOut.SUPPRESSED: gettext_lazy("Address is written to no more"),
}

PROBLEMS: Mapping[str, object] = {
    "no_tree": gettext_lazy("This cannot be read as a question about members."),
    "too_deep": gettext_lazy("Groups stand in one another more than %(most)s deep. Take one away."),
    "too_many": gettext_lazy("There are more than %(most)s conditions. Take some away."),
    "empty_group": gettext_lazy("This group is empty. Add a condition, or take the group away."),
    "unknown_key": gettext_lazy("Something here is not known. Take it away."),
    "unknown_field": gettext_lazy("This field is not known. Choose another."),
    "unknown_operator": gettext_lazy("This field is not compared so. Choose another comparison."),
    "no_value_wanted": gettext_lazy("No value belongs here. Empty it."),
    "value_missing": gettext_lazy("Say a value."),
    "too_many_values": gettext_lazy("At most %(most)s values. Take some away."),
    "bad_value": gettext_lazy("This value cannot be read. Say another."),
    "bad_date": gettext_lazy("Use a date, for example 2026-03-31."),
    "bad_days": gettext_lazy("Use a whole number of days from 0 to %(most)s, for example 45."),
    "bad_percent": gettext_lazy("Use a number up to 100, for example 12.5."),
    "bad_whole": gettext_lazy("Use a whole number, for example 500."),
    "bad_amount": gettext_lazy("Use an amount, for example 6000 or 59.90."),
    "bad_text": gettext_lazy("Use a text of one line, not too long."),
    "bad_count": gettext_lazy("Use a whole number from 1 to %(most)s."),
    "not_asked_here": gettext_lazy("This field does not ask it. Empty it."),
    "name_missing": gettext_lazy("Say the name of the property, for example “size”."),
    "goes_round": gettext_lazy("This segment asks itself, by way of another. Choose another segment."),
}


def group_words(group: str) -> str:
    """Will name a group of fields."""
    return str(GROUPS[group])


def operator_words(field: SegmentField, operator: Operator) -> str:
    """Will say how a field is compared, as it stands between the field and its value."""
    if field.kind is FieldKind.SHARE:
        return _("belongs to it") if operator is Operator.WITHIN else _("does not belong to it")
    return str(OPERATORS[operator])


def left_out_words(reason: LeftOut) -> str:
    """Will say why some of a segment are not addressed."""
    return str(LEFT_OUT[reason])


def problem_words(problem: Problem, formats: Formats) -> str:
    """Will say what is wrong at one place of a question, and how to mend it."""
    facts = {name: formats.num(value) if isinstance(value, int) else value for name, value in problem.facts}
    words = str(PROBLEMS[problem.code])
    return words % facts if "%(" in words else words


# ---- a question as a sentence


def sentence(tree: Tree, fields: Fields, names: Names, formats: Formats) -> str:
    """Will say whom a tree means: Members whose tier is Gold and whose last order was at least 45 days ago."""
    if tree == All():
        return _("All active members")
    return _("Members %(clauses)s") % {"clauses": _clauses(tree, fields, names, formats, outermost=True)}


def _clauses(tree: Tree, fields: Fields, names: Names, formats: Formats, *, outermost: bool = False) -> str:
    match tree:
        case Condition():
            return clause(tree, fields[tree.field], names, formats)
        case Not(part):
            inside = _clauses(part, fields, names, formats, outermost=True)
            return pgettext("not (…)", "for whom it is not so that (%(clauses)s)") % {"clauses": inside}
    if not tree.parts:
        return _("who are active") if isinstance(tree, All) else _("who do not exist")
    join = _("%(before)s and %(after)s") if isinstance(tree, All) else _("%(before)s or %(after)s")
    said = [_clauses(part, fields, names, formats) for part in tree.parts]
    joined = reduce(lambda before, after: join % {"before": before, "after": after}, said)
    return joined if outermost or len(tree.parts) == 1 else pgettext("clauses in brackets", "(%s)") % joined


def clause(condition: Condition, field: SegmentField, names: Names, formats: Formats) -> str:
    """Will say one condition: whose last order was at least 45 days ago."""
    words = _template(field, condition)
    said = words % {
        "field": _noun(field, condition),
        "value": _value(field, condition, names, formats),
        "days": _days(condition.days or field.days or 1, formats),
    }
    if not field.takes or field.kind is FieldKind.TEXT:
        return said
    return _with_extras(said, condition, field, formats, has_days="%(days)s" in words)


def _template(field: SegmentField, condition: Condition) -> str:
    operator = condition.operator
    empty = f"{operator}_any" if not condition.values else operator.value
    for words in (
        field.phrases.get(empty),
        field.phrases.get(operator),
        CLAUSES_OF_KIND.get((field.kind, operator)),
        CLAUSES.get(operator),
    ):
        if words is not None:
            return str(words)
    return f"{field.label} %(value)s"


def _noun(field: SegmentField, condition: Condition) -> str:
    return f"“{condition.name}”" if field.kind is FieldKind.TEXT and condition.name else str(field.noun)


def _value(field: SegmentField, condition: Condition, names: Names, formats: Formats) -> str:
    said = [_one(field, value, names, formats) for value in condition.values]
    return formats.listing(said, either=condition.operator is not Operator.ALL_OF) if said else ""


def _one(field: SegmentField, value: str, names: Names, formats: Formats) -> str:
    if (field.code, value) in names:
        return names[field.code, value]
    match field.kind:
        case FieldKind.MONEY:
            return formats.money0(Decimal(value))
        case FieldKind.AGO | FieldKind.AHEAD:
            return _days(int(value), formats)
        case FieldKind.PERCENT:
            return f"{formats.num(Decimal(value))}%"
        case FieldKind.DATE:
            return formats.cal(dt.date.fromisoformat(value))
    return formats.num(Decimal(value)) if field.kind in COUNTED else value


def _days(number: int, formats: Formats) -> str:
    return npgettext("a stretch of time", "%(n)s day", "%(n)s days", number) % {"n": formats.num(number)}


def _with_extras(said: str, condition: Condition, field: SegmentField, formats: Formats, *, has_days: bool) -> str:
    """Will add how often, in which time and with which property; what is usual is not said."""
    times = name = days = ""
    if (condition.times or 1) > 1:
        often = ngettext("at least %(n)s time", "at least %(n)s times", condition.times or 1)
        times = often % {"n": formats.num(condition.times or 1)}
    since = condition.days or field.days
    if since and not has_days and Extra.DAYS in field.takes:
        days = _("in the last %(days)s") % {"days": _days(since, formats)}
    if condition.name and field.kind is not FieldKind.SHARE:
        facts = {"name": condition.name, "value": condition.equals}
        name = (_("with %(name)s “%(value)s”") if condition.equals else _("with %(name)s")) % facts
    facts = {"said": said, "times": times, "name": name, "days": days}
    whole = pgettext("a clause with what is added to it", "%(said)s %(name)s %(times)s %(days)s") % facts
    return re.sub(" +", " ", whole).strip()


# ---- what changed


def differences(
    before: Tree, after: Tree, fields: Fields, names: Names, formats: Formats
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Will say which parts of a question are gone and which are new, each as a clause."""
    was, becomes = (_parts(tree) for tree in (before, after))
    gone = [part for part in was if part not in becomes]
    new = [part for part in becomes if part not in was]
    return tuple(_said(gone, fields, names, formats)), tuple(_said(new, fields, names, formats))


def _parts(tree: Tree) -> Sequence[Tree]:
    tree = canonical(tree)
    return tree.parts if isinstance(tree, All) else (tree,)


def _said(parts: Sequence[Tree], fields: Fields, names: Names, formats: Formats) -> list[str]:
    return [_clauses(part, fields, names, formats, outermost=True) for part in parts]
