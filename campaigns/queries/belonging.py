"""Who is in which segment: what earning rules ask of a member, and of everybody when they are tried on the past.

A rule writes a segment as its number and, after @, which question of it is meant: that of the instant at which it, or
one within it, was saved last, in microseconds. A list has no question, so whoever is on it counts.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import QuerySet

from campaigns import querysets
from campaigns.models import Segment, SegmentVersion
from campaigns.rules.segments import LIST, SEGMENT, Condition, segments_in, tree_from
from campaigns.segment_fields import all_fields
from kit.enums import Operator
from members.models import Member

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
MICROSECOND = dt.timedelta(microseconds=1)


def who_is_in(segments: Iterable[str], member_ids: Sequence[int], at: dt.datetime) -> dict[str, frozenset[int]]:
    """Will return which of some members are in each of some segments at an instant, as rules write them.

    A segment that is put away is asked still; one that does not exist has nobody. For each segment one query, and those
    of compiling.
    """
    return {
        one: frozenset(found.filter(pk__in=member_ids).values_list("pk", flat=True))
        for one, found in _members(segments, at)
    }


def everybody_in(segments: Iterable[str], at: dt.datetime) -> dict[str, frozenset[int]]:
    """Will return the ids of all who are in each of some segments, as rules write them. Queries as in who_is_in."""
    return {
        one: frozenset(found.values_list("pk", flat=True).iterator(20_000)) for one, found in _members(segments, at)
    }


def segments_for_rules() -> list[tuple[str, str]]:
    """Will return the segments and lists that rules may name, (as rules write them now, name): shared ones.

    Two queries.
    """
    shared = Segment.objects.filter(is_shared=True, is_archived=False).order_by("name", "id")
    rows = list(shared.values_list("id", "name", "is_list"))
    latest = SegmentVersion.objects.order_by("segment_id", "-number").distinct("segment_id")
    saved = {one: (at, tree) for one, at, tree in latest.values_list("segment_id", "at", "tree")}
    return [(str(one) if is_list else f"{one}@{_stamp(one, saved)}", name) for one, name, is_list in rows]


def names_of_segments() -> dict[int, str]:
    """Will return what all segments and lists are called, also those that are put away. One query."""
    return dict(Segment.objects.order_by("id").values_list("id", "name"))


def _members(segments: Iterable[str], at: dt.datetime) -> Iterator[tuple[str, QuerySet[Member]]]:
    for one in dict.fromkeys(segments):
        number, _at, stamp = one.partition("@")
        tree = Condition(SEGMENT if stamp else LIST, Operator.YES, (number,))
        yield one, querysets.members_of(tree, at, as_of=EPOCH + int(stamp) * MICROSECOND if stamp else None)


def _stamp(segment_id: int, saved: Mapping[int, tuple[dt.datetime, object]]) -> int:
    """Will return when a segment or one within it was saved last, in microseconds."""
    seen: set[int] = set()
    waiting = [segment_id]
    while waiting:
        one = waiting.pop()
        if one in saved and one not in seen:
            seen.add(one)
            waiting += segments_in(tree_from(saved[one][1], all_fields()))
    return max((saved[one][0] - EPOCH) // MICROSECOND for one in seen)
