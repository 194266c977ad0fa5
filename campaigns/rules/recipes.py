"""What a new campaign can begin with: well-known ones whose plan is filled in, to be changed at will. Pure."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from campaigns.enums import CampaignKind, Every, Goal, Trigger

EVERYBODY: dict[str, Any] = {"all": []}
MORNING = "10:00"
DAYS_AHEAD = 7
"""Point days begin so many days ahead, so that they can be told of."""
MEMBER_DAY = 8


@dataclass(frozen=True, slots=True)
class Recipe:
    """A campaign to begin with: its kind and the parts of its plan; `days` of point days are filled in by date."""

    code: str
    kind: CampaignKind
    changes: Mapping[str, Any] = field(default_factory=dict)


def _when(trigger: Trigger, **more: Any) -> dict[str, Any]:
    return {"trigger": trigger.value, "at": MORNING, "in_member_zone": True, **more}


def _asked(name: str, operator: str, value: str) -> dict[str, Any]:
    return {"field": name, "operator": operator, "values": [value]}


RECIPES: tuple[Recipe, ...] = (
    Recipe(
        "win_back",
        CampaignKind.ONCE,
        {
            "tree": {"all": [_asked("orders.last", "at_least", "60"), _asked("orders.last", "at_most", "365")]},
            "window_days": 30,
        },
    ),
    Recipe(
        "birthday",
        CampaignKind.TRIGGERED,
        {"tree": EVERYBODY, "window_days": 30, "when": _when(Trigger.BIRTHDAY, again_after_days=300)},
    ),
    Recipe(
        "welcome",
        CampaignKind.TRIGGERED,
        {"tree": EVERYBODY, "window_days": 30, "when": {"trigger": Trigger.WELCOME.value, "delay_hours": 1}},
    ),
    Recipe(
        "upgrade",
        CampaignKind.TRIGGERED,
        {"tree": EVERYBODY, "window_days": 30, "when": _when(Trigger.UPGRADE)},
    ),
    Recipe(
        "about_to_fall",
        CampaignKind.TRIGGERED,
        {"tree": EVERYBODY, "window_days": 30, "when": _when(Trigger.ABOUT_TO_FALL, again_after_days=20)},
    ),
    Recipe(
        "points_lapsing",
        CampaignKind.TRIGGERED,
        {
            "tree": EVERYBODY,
            "goal": Goal.REDEMPTION.value,
            "when": _when(Trigger.POINTS_LAPSING, again_after_days=14),
        },
    ),
    Recipe(
        "gone_quiet",
        CampaignKind.TRIGGERED,
        {"tree": EVERYBODY, "window_days": 30, "when": _when(Trigger.GONE_QUIET, days=60, again_after_days=90)},
    ),
    Recipe(
        "streak_broken",
        CampaignKind.TRIGGERED,
        {
            "tree": EVERYBODY,
            "goal": Goal.CHECK_IN.value,
            "window_days": 7,
            "when": _when(Trigger.STREAK_BROKEN, days=7, again_after_days=30),
        },
    ),
    Recipe("double_points", CampaignKind.POINT_DAYS),
    Recipe("member_day", CampaignKind.POINT_DAYS),
    Recipe("blank_once", CampaignKind.ONCE),
    Recipe(
        "blank_recurring",
        CampaignKind.RECURRING,
        {"when": {"every": Every.MONTH.value, "day": 1, "at": MORNING, "again_after_days": 20}},
    ),
    Recipe("blank_triggered", CampaignKind.TRIGGERED),
)
BY_CODE: Mapping[str, Recipe] = MappingProxyType({recipe.code: recipe for recipe in RECIPES})

DAY_NAMES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "double_points": {"en": "Double points day", "zh-hans": "双倍积分日", "zh-hant": "雙倍積分日"},
        "member_day": {"en": "Member day", "zh-hans": "会员日", "zh-hant": "會員日"},
    }
)


def changes_of(recipe: Recipe, today: dt.date) -> dict[str, Any]:
    """Will return the parts of a plan that a recipe fills in on a date."""
    if recipe.kind is not CampaignKind.POINT_DAYS:
        # By way of text, so that nobody who changes a plan changes the recipe.
        return dict(json.loads(json.dumps(recipe.changes)))
    first = today + dt.timedelta(days=DAYS_AHEAD)
    days: dict[str, Any] = {"multiplier": "2", "names": dict(DAY_NAMES[recipe.code]), "starts_on": first.isoformat()}
    if recipe.code == "member_day":
        last = first + dt.timedelta(days=365)
        return {"point_days": {**days, "ends_on": last.isoformat(), "day": MEMBER_DAY}}
    return {"point_days": {**days, "ends_on": first.isoformat()}}
