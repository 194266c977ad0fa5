"""Kit's expressions that segment fields are made of: a member has such rows, or sums of rows that reach a value.

Every expression is true or false and never unknown, so that its opposite keeps exactly the others.
"""

import datetime as dt
import operator as op
from collections.abc import Callable
from typing import Any

from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, IContains

from kit import clock
from kit.enums import Operator
from kit.segments import Asked

LEVELS: dict[Operator, tuple[str, str, Callable[[Any, Any], bool]]] = {
    Operator.AT_LEAST: ("gte", "lt", op.ge),
    Operator.AT_MOST: ("lte", "gt", op.le),
    Operator.IS: ("exact", "", op.eq),
}
"""Lookup, the lookup of its opposite, and what they mean."""


def has(rows: QuerySet[Any]) -> Q:
    """Will keep members who have one of the rows."""
    return Q(Exists(rows.filter(member_id=OuterRef("pk"))))


def level(column: str, asked: Asked, value: Any = None) -> Q:
    """Will compare a column of the members' rows, which is never empty, with the value asked."""
    return Q(**{f"{column}__{LEVELS[asked.operator][0]}": asked.amount if value is None else value})


def held(rows: QuerySet[Any], column: str, asked: Asked) -> Q:
    """Will compare the column of the one row that a member may have; who has none has nought."""
    lookup, opposite, holds = LEVELS[asked.operator]
    value = asked.amount
    if not holds(0, value):
        return has(rows.filter(**{f"{column}__{lookup}": value}))
    return ~has(rows.filter(**{f"{column}__{opposite}": value}) if opposite else rows.exclude(**{column: value}))


def total(rows: QuerySet[Any], measure: Any, asked: Asked, value: Any = None) -> Q:
    """Will compare a sum of a member's rows; who has none has nought.

    A set of members is summed once and looked up, whichever way round: where nought will do, those who do not are
    taken away from all others.
    """
    lookup, opposite, holds = LEVELS[asked.operator]
    wanted = asked.amount if value is None else value
    if asked.among is not None:
        rows = rows.filter(member_id__in=asked.among)
    sums = rows.order_by().values("member_id").annotate(segment_total=measure)
    if not holds(0, wanted):
        return Q(pk__in=sums.filter(**{f"segment_total__{lookup}": wanted}).values("member_id"))
    others = sums.filter(**{f"segment_total__{opposite}": wanted}) if opposite else sums.exclude(segment_total=wanted)
    return ~among(rows, others.values("member_id"))


def among(rows: QuerySet[Any], ids: QuerySet[Any]) -> Q:
    """Will keep members of a set, in a form whose opposite the database can answer by one join too."""
    people = rows.model._meta.get_field("member").related_model._base_manager
    return Q(Exists(people.filter(pk=OuterRef("pk"), pk__in=ids)))


def often(rows: QuerySet[Any], times: int) -> Q:
    """Will keep members who have at least so many of the rows."""
    if times <= 1:
        return has(rows)
    counted = rows.order_by().values("member_id").annotate(segment_times=Count("*"))
    return Q(pk__in=counted.filter(segment_times__gte=times).values("member_id"))


# ---- columns of a row


def text(column: str, asked: Asked) -> Q:
    """Will compare a column of text, empty where it is not known."""
    match asked.operator:
        case Operator.KNOWN:
            return ~Q(**{column: ""})
        case Operator.CONTAINS:
            return Q(**{f"{column}__icontains": asked.value})
    return Q(**{f"{column}__in": asked.values})


def property_text(column: str, asked: Asked) -> Q:
    """Will compare what a JSON object keeps under the name asked, as text; it is not known where it is not there."""
    there = Coalesce(_property(column, asked.name), Value(""), output_field=TextField())
    match asked.operator:
        case Operator.KNOWN:
            return ~Q(Exact(there, Value("")))
        case Operator.CONTAINS:
            return Q(IContains(there, asked.value))
    return Q(Exact(there, Value(asked.value)))


def states(column: str, asked: Asked) -> Q:
    """Will keep rows whose JSON object has the name asked, and there the text asked, if one is."""
    if not asked.name:
        return Q()
    there = Coalesce(_property(column, asked.name), Value(""), output_field=TextField())
    return Q(Exact(there, Value(asked.equals))) if asked.equals else ~Q(Exact(there, Value("")))


def _property(column: str, name: str) -> Func:
    return Func(F(column), Value(name), function="jsonb_extract_path_text", output_field=TextField())


# ---- instants and dates


def ago(column: str, asked: Asked) -> Q:
    """Will compare how many dates ago an instant was; of one that is not known nothing holds but that."""
    known = Q(**{f"{column}__isnull": False})
    match asked.operator:
        case Operator.KNOWN:
            return known
        case Operator.AT_LEAST:
            return known & Q(**{f"{column}__lt": _back(asked, -1)})
    return known & Q(**{f"{column}__gte": _back(asked)})


def latest(rows: QuerySet[Any], column: str, asked: Asked) -> Q:
    """Will compare how many dates ago the last of a member's rows was, by its instant; of none nothing holds."""
    match asked.operator:
        case Operator.KNOWN:
            return has(rows)
        case Operator.AT_LEAST:
            return has(rows) & ~has(rows.filter(**{f"{column}__gte": _back(asked, -1)}))
    return has(rows.filter(**{f"{column}__gte": _back(asked)}))


def earliest(rows: QuerySet[Any], column: str, asked: Asked) -> Q:
    """Will compare how many dates ago the first of a member's rows was, by its instant; of none nothing holds."""
    match asked.operator:
        case Operator.KNOWN:
            return has(rows)
        case Operator.AT_LEAST:
            return has(rows.filter(**{f"{column}__lt": _back(asked, -1)}))
    return has(rows) & ~has(rows.filter(**{f"{column}__lt": _back(asked)}))


def recent(column: str, asked: Asked) -> Q:
    """Will keep rows whose instant is in the last so many dates, today among them; all where no days are asked."""
    return Q(**{f"{column}__gte": clock.day_start(asked.since)}) if asked.since is not None else Q()


def recent_date(column: str, asked: Asked) -> Q:
    """Will keep rows whose date is among the last so many, today being the last; all where no days are asked."""
    return Q(**{f"{column}__gte": asked.since, f"{column}__lte": asked.today}) if asked.since is not None else Q()


def _back(asked: Asked, fewer: int = 0) -> dt.datetime:
    """The first instant of the date so many days before today."""
    return clock.day_start(asked.today - dt.timedelta(days=asked.number + fewer))
