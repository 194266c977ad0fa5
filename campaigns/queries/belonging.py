"""Who is in which segment: what earning rules ask of a member, and of everybody when they are tried on the past."""

import datetime as dt
from collections.abc import Iterable, Sequence

from campaigns import querysets
from campaigns.models import Segment
from campaigns.rules.segments import LIST, SEGMENT, Condition, Tree
from kit.enums import Operator


def who_is_in(
    segments: Iterable[int], member_ids: Sequence[int], at: dt.datetime, *, as_of: dt.datetime | None = None
) -> dict[int, frozenset[int]]:
    """Will return which of some members are in each of some segments at an instant, by segment.

    A segment asks what its latest version asks, or with `as_of` what it asked then; who is on a list is asked now. A
    segment that is put away is asked still; one that does not exist has nobody. One query, and for each segment one
    and those of compiling.
    """
    trees = _trees(segments)
    return {
        one: frozenset(
            querysets.members_of(tree, at, as_of=as_of).filter(pk__in=member_ids).values_list("pk", flat=True)
        )
        for one, tree in trees.items()
    }


def everybody_in(
    segments: Iterable[int], at: dt.datetime, *, as_of: dt.datetime | None = None
) -> dict[int, frozenset[int]]:
    """Will return the ids of all who are in each of some segments at an instant, by segment.

    One query, and for each segment one and those of compiling.
    """
    trees = _trees(segments)
    return {
        one: frozenset(querysets.members_of(tree, at, as_of=as_of).values_list("pk", flat=True).iterator(20_000))
        for one, tree in trees.items()
    }


def segments_for_rules() -> list[tuple[int, str]]:
    """Will return the segments and lists that rules of the whole shop may name, (id, name): shared ones. One query."""
    shared = Segment.objects.filter(is_shared=True, is_archived=False).order_by("name", "id")
    return list(shared.values_list("id", "name"))


def names_of_segments() -> dict[int, str]:
    """Will return what all segments and lists are called, also those that are put away. One query."""
    return dict(Segment.objects.order_by("id").values_list("id", "name"))


def _trees(segments: Iterable[int]) -> dict[int, Tree]:
    asked = dict.fromkeys(segments)
    lists = dict(Segment.objects.filter(id__in=list(asked)).values_list("id", "is_list"))
    return {one: Condition(LIST if lists.get(one) else SEGMENT, Operator.YES, (str(one),)) for one in asked}
