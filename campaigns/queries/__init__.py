"""What others may ask of campaigns."""

from campaigns.queries.controls import (
    control_in_force,
)
from campaigns.queries.plans import (
    digest_now,
)
from campaigns.queries.point_days import (
    PointDaysInForce,
    point_days,
    rules_at,
)
from campaigns.queries.results import (
    Came,
    Cost,
    came_of,
    cost_of,
)
from campaigns.queries.segments import (
    Example,
    Reach,
    SegmentRow,
    TooMuch,
    UsedBy,
    VersionRow,
    among,
    choices_of,
    count_everybody,
    count_of,
    export_of,
    find_segment,
    ids_of,
    names_in,
    page_of,
    reach_of,
    segment_fields,
    segments_for,
    tree_of,
    used_by,
    versions_of,
)

__all__ = [
    "Came",
    "Cost",
    "Example",
    "PointDaysInForce",
    "Reach",
    "SegmentRow",
    "TooMuch",
    "UsedBy",
    "VersionRow",
    "among",
    "came_of",
    "choices_of",
    "control_in_force",
    "cost_of",
    "count_everybody",
    "count_of",
    "digest_now",
    "export_of",
    "find_segment",
    "ids_of",
    "names_in",
    "page_of",
    "point_days",
    "reach_of",
    "rules_at",
    "segment_fields",
    "segments_for",
    "tree_of",
    "used_by",
    "versions_of",
]
