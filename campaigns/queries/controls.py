"""The house's control group, and the windows of attribution: in force, and before."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q

from campaigns.models import AttributionRules, ControlGroup
from campaigns.segment_fields import in_first_buckets
from members.segment_fields import active, everybody


def control_in_force(at: dt.datetime) -> ControlGroup | None:
    """Will return the control group of an instant, None where there is none. One query."""
    return (
        ControlGroup.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at).order_by("-number").first()
    )


@dataclass(frozen=True, slots=True)
class ControlGroupView:
    """A group that gets, or got, no marketing; `members` is how many of today's active members fall into it."""

    number: int
    share: int
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    actor: str
    members: int


@dataclass(frozen=True, slots=True)
class WindowsView:
    """A version of the windows by which orders are attributed."""

    number: int
    windows: Mapping[str, Mapping[str, int]]
    actor: str
    at: dt.datetime


def control_groups(limit: int = 12) -> list[ControlGroupView]:
    """Will return the groups that got no marketing, latest first, with sizes. Two queries, one over all."""
    groups = list(ControlGroup.objects.order_by("-number")[:limit])
    if not groups:
        return []
    sizes = (
        everybody()
        .filter(active())
        .aggregate(
            **{f"g{group.number}": Count("pk", filter=in_first_buckets(group.salt, group.share)) for group in groups}
        )
    )
    return [
        ControlGroupView(
            number=group.number,
            share=group.share,
            starts_at=group.starts_at,
            ends_at=group.ends_at,
            actor=group.actor,
            members=sizes[f"g{group.number}"],
        )
        for group in groups
    ]


def attribution_windows(limit: int = 20) -> list[WindowsView]:
    """Will return the versions of the windows, the one in force first. One query."""
    rows = AttributionRules.objects.order_by("-number")[:limit]
    return [WindowsView(row.number, dict(row.windows), row.actor, row.at) for row in rows]
