"""Campaigns' chainable question: the members whom a tree means, as one expression of the ORM and never as SQL text."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import Exists, Q, QuerySet

from campaigns.models import SegmentVersion
from campaigns.rules.segments import (
    All,
    Condition,
    Not,
    Tree,
    expanded,
    fields_of,
    segments_in,
    tree_from,
)
from campaigns.segment_fields import all_fields
from kit import clock
from kit.segments import NEGATIVE, Asked, positive
from members.models import Member
from members.segment_fields import STATUS, active, everybody


def members_of(tree: Tree, at: dt.datetime, *, as_of: dt.datetime | None = None) -> QuerySet[Member]:
    """Will return the members whom a tree means at an instant: active ones, unless it asks for their status.

    With `as_of`, saved segments in it ask what they asked then. Compiling takes a query for each level of saved
    segments, and one or two for each condition on tiers.
    """
    whole = resolved(tree, as_of=as_of)
    return everybody().filter(base_of(whole) & holds(whole, at))


def base_of(tree: Tree) -> Q:
    """Will keep whom a tree is asked of: who is active, or everybody but the erased where it asks for the status."""
    return Q() if STATUS in fields_of(tree) else active()


def resolved(tree: Tree, *, as_of: dt.datetime | None = None) -> Tree:
    """Will put what saved segments ask, now or as of an instant, in the place of their names.

    One query for each level of them.
    """
    trees = trees_within(tree, as_of=as_of)
    return expanded(tree, trees) if trees or segments_in(tree) else tree


def trees_within(tree: Tree, *, as_of: dt.datetime | None = None) -> dict[int, Tree]:
    """Will return what the saved segments that a tree names ask, and those that they name. One query for each level."""
    trees: dict[int, Tree] = {}
    missing = segments_in(tree)
    while missing:
        found = latest_trees(missing, as_of=as_of)
        trees |= found
        missing = frozenset(n for one in found.values() for n in segments_in(one)) - trees.keys()
    return trees


def latest_trees(ids: Iterable[int], *, as_of: dt.datetime | None = None) -> dict[int, Tree]:
    """Will return what some segments ask in their latest version, or in that of an instant, by id. One query.

    An archived one asks still.
    """
    versions = SegmentVersion.objects.filter(segment_id__in=ids)
    if as_of is not None:
        versions = versions.filter(at__lte=as_of)
    rows = versions.order_by("segment_id", "-number").distinct("segment_id")
    return {segment_id: tree_from(tree, all_fields()) for segment_id, tree in rows.values_list("segment_id", "tree")}


def holds(tree: Tree, at: dt.datetime) -> Q:
    """Will return a tree as an expression over members; saved segments must be in their places already."""
    return _compiled(tree, at, clock.business_date(at), turned=False)


def _compiled(tree: Tree, at: dt.datetime, today: dt.date, *, turned: bool) -> Q:
    """Negations are carried down to the conditions, so that the database sees joins and anti-joins at the top."""
    match tree:
        case Condition():
            found = _condition(tree, at, today)
            return ~found if turned != (tree.operator in NEGATIVE) else found
        case Not(part):
            return _compiled(part, at, today, turned=not turned)
    if isinstance(tree, All) != turned:
        return _together(tree.parts, at, today, turned=turned)
    return _either([_compiled(part, at, today, turned=turned) for part in tree.parts])


def _either(parts: Sequence[Q]) -> Q:
    """At least one of the parts: where one looks into other tables each is a set of its own, and they are united.

    Within an OR the database would look up member by member what it can join as a set.
    """
    if len(parts) < 2 or not any(map(_looks_elsewhere, parts)):
        return Q(*parts, _connector=Q.OR) if parts else Q(pk__in=[])
    first, *others = (everybody().filter(part).order_by().values("pk") for part in parts)
    return Q(pk__in=first.union(*others))


def _looks_elsewhere(part: Q) -> bool:
    for child in part.children:
        if isinstance(child, Exists) or (isinstance(child, tuple) and isinstance(child[1], QuerySet)):
            return True
        if isinstance(child, Q) and _looks_elsewhere(child):
            return True
    return False


def _together(parts: Sequence[Tree], at: dt.datetime, today: dt.date, *, turned: bool) -> Q:
    """All of the parts: what must be summed up is summed of those members alone whom the other parts leave."""
    summed = [part for part in parts if isinstance(part, Condition) and all_fields()[part.field].sums]
    light = [part for part in parts if part not in summed]
    kept = Q(*(_compiled(part, at, today, turned=turned) for part in light))
    among = everybody().filter(kept).order_by().values("pk") if light and summed else None
    for condition in summed:
        found = _condition(condition, at, today, among)
        kept &= ~found if turned != (condition.operator in NEGATIVE) else found
    return kept


def _condition(condition: Condition, at: dt.datetime, today: dt.date, among: object = None) -> Q:
    field = all_fields()[condition.field]
    asked = Asked(
        operator=positive(condition.operator),
        values=condition.values,
        at=at,
        today=today,
        days=condition.days if condition.days is not None else field.days,
        times=condition.times or 1,
        name=condition.name,
        equals=condition.equals,
        among=among,
    )
    found: Q = field.holds(asked)
    return found
