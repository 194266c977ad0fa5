"""What others may ask of segments: what they can ask, whom one means now, who is left out and why, its versions."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from heapq import nsmallest
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    FilteredRelation,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from campaigns import querysets
from campaigns.enums import CampaignState, LeftOut
from campaigns.models import Campaign, ListedMember, Segment, SegmentVersion
from campaigns.queries.controls import control_in_force
from campaigns.rules.segments import (
    LIST,
    Condition,
    Tree,
    conditions_of,
    fields_of,
    named_anywhere,
    segments_in,
    tree_from,
)
from campaigns.segment_fields import all_fields, in_first_buckets
from kit import clock, paging, sql
from kit.enums import Operator
from kit.segments import SegmentField
from members.enums import MemberStatus
from members.models import Member
from members.segment_fields import active, everybody
from messaging.enums import Channel
from messaging.segment_fields import agreed, reachable, suppressed
from points import queries as points_queries
from points.segment_fields import available_points
from tiers import queries as tiers_queries
from tiers.segment_fields import main_ladder

COUNT_MILLISECONDS = 5_000
"""So long a count may take; a question that needs longer is given up and said to be too much."""
EXAMPLES = 4
LARGEST, FEW = 1_000, 20_000
"""Examples are looked for among so many members of the largest spend, else among all where each group has few members;
else all are asked once more."""
ANSWERS_MAX = 500
OVER = (CampaignState.FINISHED, CampaignState.CANCELLED)


class TooMuch(Exception):
    """The question needs longer than a page may wait; nothing was counted."""


@dataclass(frozen=True, slots=True)
class Example:
    """A member whom a segment means."""

    id: int
    number: str
    name: str
    tier_id: int | None
    spend: Decimal | None


@dataclass(frozen=True, slots=True)
class Reach:
    """Whom a segment means at an instant.

    `count` of `everybody` who is active; by tier, None for those without one; of `left_out` the blocked and those not
    verified are not in the count, unless the segment asks for their status, and all others are.
    """

    count: int
    everybody: int
    tiers: tuple[tuple[int | None, int], ...]
    left_out: tuple[tuple[LeftOut, int], ...]
    examples: tuple[Example, ...] = ()

    @property
    def addressed(self) -> int:
        """How many of the count nothing keeps from being addressed."""
        inside = {LeftOut.CONTROL, LeftOut.NO_ADDRESS, LeftOut.NO_CONSENT, LeftOut.SUPPRESSED}
        return self.count - sum(number for reason, number in self.left_out if reason in inside)


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment or list as it is offered and listed; `tree` is None of a list."""

    id: int
    name: str
    is_list: bool
    is_shared: bool
    is_archived: bool
    owner_id: int
    owner: str
    owner_is_active: bool
    version: int
    changed_at: dt.datetime
    tree: Tree | None
    listed: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One wording of a segment."""

    number: int
    tree: Tree
    actor: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What asks a segment: campaigns that are not over, other segments, and earning rules by their names."""

    campaigns: tuple[tuple[int, str], ...] = ()
    segments: tuple[tuple[int, str], ...] = field(default=())
    rules: tuple[Mapping[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.campaigns or self.segments or self.rules)

    @property
    def names(self) -> tuple[str, ...]:
        """What all of them are called."""
        rules = (names.get("en", "") for names in self.rules)
        return (*(name for _id, name in (*self.campaigns, *self.segments)), *rules)


# ---- what can be asked


def segment_fields() -> Mapping[str, SegmentField]:
    """Will return all that segments may ask, by code, in the order in which it is offered. No query."""
    return all_fields()


def choices_of(codes: Sequence[str], today: dt.date) -> dict[str, list[tuple[str, str]]]:
    """Will return what can be chosen for some fields, (value, words) by code. One or two queries a field."""
    known = all_fields()
    asked = {code: known[code].choices for code in dict.fromkeys(codes) if code in known}
    return {code: [(v, str(words)) for v, words in choices(today)] for code, choices in asked.items() if choices}


def names_in(trees: Sequence[Tree], today: dt.date) -> dict[tuple[str, str], str]:
    """Will return what the values of trees are called, by field and value. One or two queries a field with choices."""
    asked = {condition.field for tree in trees for condition in conditions_of(tree)}
    chosen = choices_of(sorted(asked), today)
    return {(code, value): words for code, pairs in chosen.items() for value, words in pairs}


# ---- whom one means


def count_of(tree: Tree, at: dt.datetime) -> int:
    """Will count whom a tree means. One query, and those of compiling. Raises TooMuch."""
    whole = querysets.resolved(tree)
    with _enough(whole):
        return querysets.members_of(whole, at).count()


def count_everybody() -> int:
    """Will count the active members. One query."""
    return everybody().filter(active()).count()


def reach_of(
    tree: Tree, at: dt.datetime, *, channel: Channel | None = None, key: bytes = b"", examples: int = EXAMPLES
) -> Reach:
    """Will count whom a tree means, by tier, and who is left out and why: all in one pass over the members.

    With a channel, who could not be written to by it is told apart too; `key` is of the hash of suppressed addresses.
    Six queries, those of compiling and of the time-out, three for control group, ladder and suppressions. Raises
    TooMuch.
    """
    whole = querysets.resolved(tree)
    inside = querysets.base_of(whole)
    with _enough(whole):
        matched = everybody().filter(querysets.holds(whole, at))
        groups = _joined(matched).annotate(reason=_reason(at, channel, key)).values_list("standing__tier_id", "reason")
        large = Q(standing__spend__gt=0, standing__spend__gte=tiers_queries.spend_of_place(LARGEST))
        groups = groups.annotate(number=Count("pk"), first=ArrayAgg("pk", filter=large))
        found = list(groups.annotate(some=_where_few(F("pk")), spends=_where_few(_thousandths())).order_by())
        total = count_everybody()
        outside = {LeftOut.BLOCKED, LeftOut.PENDING} if inside else set()
        tiers: dict[int | None, int] = {}
        reasons: dict[str, int] = {}
        first: list[int] = []
        some: list[tuple[int, int]] = []
        for tier_id, reason, number, first_ids, ids, spends in found:
            reasons[reason] = reasons.get(reason, 0) + number
            if reason not in outside:
                tiers[tier_id] = tiers.get(tier_id, 0) + number
                first += first_ids or []
                some += zip((-spend for spend in spends or []), ids or [], strict=True)
        count = sum(tiers.values())
        meant = matched.filter(inside)
        if len(first) >= examples:
            meant = everybody().filter(pk__in=first)
        elif len(some) == count:
            meant = everybody().filter(pk__in=[one for _spend, one in nsmallest(examples, some)])
        shown = _examples(meant, examples) if count else ()
    left_out = tuple((one, reasons[one]) for one in LeftOut if one in reasons)
    return Reach(count, total, tuple(tiers.items()), left_out, shown)


def _joined(members: "QuerySet[Member]") -> "QuerySet[Member]":
    """Will join each member's standing on the main ladder, where he has one. One query for the ladder."""
    return members.alias(standing=FilteredRelation("standings", condition=Q(standings__ladder_id=main_ladder())))


def _thousandths() -> Func:
    """A member's spend as a whole number that sorts alike; those without one come last."""
    return Coalesce(Cast(F("standing__spend") * 1000, BigIntegerField()), Value(-1))


def _where_few(value: F | Func) -> Case:
    """Will gather something of each member of a group, where they are few."""
    gathered = ArrayAgg(value)
    return Case(When(number__lte=FEW, then=gathered), default=None, output_field=ArrayField(BigIntegerField()))


def _examples(members: "QuerySet[Member]", limit: int) -> tuple[Example, ...]:
    """Will return the first of some members, the largest spend first. One query, and one for the ladder."""
    spend = F("standing__spend").desc(nulls_last=True)
    columns = ("pk", "number", "name", "standing__tier_id", "standing__spend")
    rows: Any = _joined(members).order_by(spend, "pk").values_list(*columns)[:limit]
    return tuple(Example(*row) for row in rows)


def _reason(at: dt.datetime, channel: Channel | None, key: bytes) -> Case:
    """Will name the first reason for which a member is left out, empty where there is none. Two queries."""
    reasons = [
        When(status=MemberStatus.BLOCKED, then=Value(LeftOut.BLOCKED.value)),
        When(~active(), then=Value(LeftOut.PENDING.value)),
    ]
    if (control := control_in_force(at)) is not None:
        reasons.append(When(in_first_buckets(control.salt, control.share), then=Value(LeftOut.CONTROL.value)))
    if channel is not None:
        stopped = suppressed(channel, key)
        asked = ((reachable(channel), LeftOut.NO_ADDRESS), (agreed(channel), LeftOut.NO_CONSENT))
        reasons += [When(~can, then=Value(reason.value)) for can, reason in asked if can]
        reasons += [When(stopped, then=Value(LeftOut.SUPPRESSED.value))] if stopped else []
    return Case(*reasons, default=Value(""), output_field=CharField())


def ids_of(tree: Tree, at: dt.datetime) -> list[int]:
    """Will return the ids of all whom a tree means and who can be given something, in order. One query, compiling's.

    Who is not verified or blocked is left out even where the tree asks for them.
    """
    whole = querysets.resolved(tree)
    with _enough(whole):
        return list(querysets.members_of(whole, at).filter(active()).order_by("pk").values_list("pk", flat=True))


def among(tree: Tree, at: dt.datetime) -> sql.Part:
    """Will return a tree as a set of members for the list of them. No query but those of compiling."""
    return sql.question(querysets.members_of(tree, at).order_by().values("pk"), "among")


def export_of(tree: Tree, at: dt.datetime) -> Iterator[tuple[str, int | None, int | None, Decimal | None]]:
    """Will yield number, tier, points and spend of all whom a tree means, read as they are wanted.

    One query by a cursor of the server, whose result does not pass through memory, and those of compiling.
    """
    members = _joined(querysets.members_of(tree, at)).annotate(points=available_points())
    rows = members.order_by("pk").values_list("number", "standing__tier_id", "points", "standing__spend")
    yield from rows.iterator(chunk_size=2_000)


def page_of(tree: Tree, at: dt.datetime, *, after: int = 0, limit: int = 25) -> list[int]:
    """Will return the ids of the next members above an id whom a tree means. One query, and those of compiling."""
    whole = querysets.resolved(tree)
    with _enough(whole):
        found = querysets.members_of(whole, at).filter(pk__gt=after).order_by("pk")
        return list(found.values_list("pk", flat=True)[:limit])


@contextmanager
def _enough(tree: Tree) -> Iterator[None]:
    """Will let questions in the block take long enough, with memory enough to look members up in sets."""
    fields = all_fields()
    sums = any(fields[code].sums for code in fields_of(tree))
    try:
        with paging.within(COUNT_MILLISECONDS):
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL work_mem = '64MB'")
                cursor.execute("SET LOCAL jit = off")
                if sums:
                    # Each worker would make the whole sum anew.
                    cursor.execute("SET LOCAL max_parallel_workers_per_gather = 0")
            yield
    except paging.TooSlow as error:
        raise TooMuch(f"The question needs longer than {COUNT_MILLISECONDS // 1000} s.") from error


# ---- saved ones


def tree_of(segment: SegmentRow) -> Tree:
    """Will return a segment, or a list, as a question. No query."""
    return segment.tree if segment.tree is not None else tree_of_list(segment.id)


def tree_of_list(segment_id: int) -> Tree:
    """Will return the question of who is on a list. No query."""
    return Condition(LIST, Operator.YES, (str(segment_id),))


def segments_for(account_id: int, *, archived: bool = False) -> list[SegmentRow]:
    """Will return the segments and lists that a person sees: his own and shared ones, latest first. One query."""
    seen = _rows().filter(Q(owner_id=account_id) | Q(is_shared=True), is_archived=archived)
    return [_row(row) for row in seen.order_by(F("changed").desc(), "-id")[:ANSWERS_MAX]]


def find_segment(segment_id: int, account_id: int) -> SegmentRow | None:
    """Will return a segment or list that a person sees, or None. One query."""
    seen = _rows().filter(Q(owner_id=account_id) | Q(is_shared=True), id=segment_id)
    return next((_row(row) for row in seen), None)


def versions_of(segment_id: int) -> list[VersionRow]:
    """Will return the wordings of a segment, latest first. One query."""
    rows = SegmentVersion.objects.filter(segment_id=segment_id).order_by("-number")
    return [VersionRow(v.number, tree_from(v.tree, all_fields()), v.actor, v.at) for v in rows[:ANSWERS_MAX]]


def used_by(segment_id: int, at: dt.datetime) -> UsedBy:
    """Will return what asks a segment or list: campaigns that are not over, other segments, rules. Three queries.

    Rules are those in force, to come, or drafted.
    """
    plans = Campaign.objects.exclude(state__in=OVER).order_by("id").values_list("id", "name", "plan")
    campaigns = tuple((pk, name) for pk, name, plan in plans if segment_id in named_anywhere(plan))
    latest = SegmentVersion.objects.filter(segment__is_archived=False).order_by("segment_id", "-number")
    rows = latest.distinct("segment_id").values_list("segment_id", "segment__name", "tree")
    others = tuple((pk, name) for pk, name, tree in rows if pk != segment_id and segment_id in named_anywhere(tree))
    rules = points_queries.rules_naming_segment(str(segment_id), clock.business_date(at))
    return UsedBy(campaigns, others, tuple(rules))


def asks_of_all() -> dict[int, frozenset[int]]:
    """Will return which segments each segment asks in its latest version. One query."""
    rows = SegmentVersion.objects.order_by("segment_id", "-number").distinct("segment_id")
    return {pk: segments_in(tree_from(tree, all_fields())) for pk, tree in rows.values_list("segment_id", "tree")}


def _rows() -> "QuerySet[Segment]":
    latest = SegmentVersion.objects.filter(segment=OuterRef("pk")).order_by("-number")
    listed = ListedMember.objects.filter(segment=OuterRef("pk")).order_by().values("segment")
    return Segment.objects.select_related("owner").annotate(
        version=Subquery(latest.values("number")[:1]),
        stored=Subquery(latest.values("tree")[:1]),
        changed=Coalesce(Subquery(latest.values("at")[:1]), "created_at"),
        listed_count=Case(
            When(is_list=True, then=Subquery(listed.annotate(number=Count("*")).values("number"))), default=Value(0)
        ),
    )


def _row(row: Segment) -> SegmentRow:
    stored = row.stored  # type: ignore[attr-defined]  # annotated
    return SegmentRow(
        id=row.id,
        name=row.name,
        is_list=row.is_list,
        is_shared=row.is_shared,
        is_archived=row.is_archived,
        owner_id=row.owner_id,
        owner=str(row.owner),
        owner_is_active=row.owner.is_active,
        version=row.version or 0,  # type: ignore[attr-defined]
        changed_at=row.changed,  # type: ignore[attr-defined]
        tree=tree_from(stored, all_fields()) if stored is not None else None,
        listed=row.listed_count or 0,  # type: ignore[attr-defined]
    )
