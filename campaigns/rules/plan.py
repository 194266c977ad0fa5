"""A campaign's plan: goal, who, reward, message, when - as it is kept, edited, read and frozen. Pure."""

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from campaigns.enums import Every, Fallback, Goal, Metric, RewardKind, Trigger
from campaigns.rules.buckets import BUCKETS

CHANNELS = ("email", "inbox", "sms", "push", "webhook")
CODES = "ABCDEFGH"
VARIANTS_MAX = len(CODES)
CONTROL_SHARE_MAX = 5000
REWARDS_MAX = 4
NAME = 80
MOST = 10**12
WINDOW_DAYS_MAX = 90
DELAY_HOURS_MAX = 24 * 90
HORIZON_HOURS_MAX = 24 * 30

Value = TypeVar("Value")
Kind = TypeVar("Kind", bound=StrEnum)


class BadPlan(Exception):
    """A part of a plan is not of its shape; `problems` is {path: code}, and nothing was kept."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{path}: {code}" for path, code in self.problems.items()))


@dataclass(frozen=True, slots=True)
class Reward:
    """What each member who is addressed is given; `most` is the budget: points, or how many of the others.

    `names` is what members read of points on their statement, by language.
    """

    kind: RewardKind
    most: int
    points: int = 0
    coupon: str = ""
    tier: str = ""
    days: int = 0
    tag: str = ""
    names: Mapping[str, str] | None = None

    @property
    def cost(self) -> int:
        """What one member takes from the budget."""
        return self.points if self.kind is RewardKind.POINTS else 1


@dataclass(frozen=True, slots=True)
class Variant:
    """One way of saying it; `template` is the id of its words, `version` that of the words as they were launched."""

    code: str
    template: int
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """How variants compete: on which share of those addressed, by what, and when it is decided - once."""

    metric: Metric
    horizon_hours: int
    test_share: int = BUCKETS
    fallback: Fallback = Fallback.FIRST


@dataclass(frozen=True, slots=True)
class When:
    """When members are addressed.

    `at` is a local time, `on` the date of a start or None for at once. `days` is what a trigger counts: days without
    an order, days of a check-in streak. A member is addressed again after `again_after_days` at the earliest; 0 is as
    often as it happens.
    """

    on: dt.date | None = None
    at: dt.time | None = None
    in_member_zone: bool = False
    every: Every | None = None
    weekdays: tuple[int, ...] = ()
    day: int = 0
    trigger: Trigger | None = None
    event: str = ""
    days: int = 0
    delay_hours: int = 0
    again_after_days: int = 0
    ends_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class PointDays:
    """Days on which orders earn more: from a date through a date - all, or some weekdays, or a day of the month.

    A copy has no dates until they are chosen anew.
    """

    starts_on: dt.date | None
    ends_on: dt.date | None
    multiplier: Decimal
    weekdays: tuple[int, ...] = ()
    day: int = 0
    most_per_member: int = 0
    tier: str = ""
    names: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole of it. `tree` is a segment's question as kept, `segment` a saved one that is asked instead.

    `asked` is what either asked when the campaign was started, saved segments within it resolved: what was agreed to
    goes on being asked, whatever becomes of the segments.
    """

    goal: Goal = Goal.ORDER
    window_days: int = 14
    margin: Decimal = Decimal("0.3")
    note: str = ""
    tree: Mapping[str, Any] | None = None
    segment: int | None = None
    asked: Mapping[str, Any] | None = None
    control_share: int = 1000
    channels: tuple[str, ...] = ("email", "inbox")
    rewards: tuple[Reward, ...] = ()
    variants: tuple[Variant, ...] = ()
    experiment: Experiment | None = None
    when: When = When()
    rate_per_minute: int | None = None
    obeys_caps: bool = True
    point_days: PointDays | None = None


def to_json(plan: Plan) -> dict[str, Any]:
    """Will return a plan as it is kept; plan_from reads it back the same."""
    return {name: _plain(value) for name, value in asdict(plan).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("minutes")
    return str(value) if isinstance(value, Decimal | StrEnum) else value


def digest_of(plan: Plan, contents: Any = None) -> str:
    """Will return what a review is bound to: SHA-256 of the plan, and of the words and the segment it points to."""
    kept = {name: value for name, value in to_json(plan).items() if name != "asked"}
    whole = json.dumps([kept, contents], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()


def plan_from(kept: Mapping[str, Any]) -> Plan:
    """Will read a plan as it is kept; what is absent is as in a new one. Raises BadPlan naming every part."""
    read = _Reader(kept)
    plan = Plan(
        goal=read.choice("goal", Goal, Goal.ORDER),
        window_days=read.whole("window_days", 14, 1, WINDOW_DAYS_MAX),
        margin=read.decimal("margin", Decimal("0.3"), Decimal(0), Decimal(1)),
        note=read.text("note", 500),
        tree=read.mapping("tree"),
        segment=read.optional_whole("segment", 1, MOST),
        asked=read.mapping("asked"),
        control_share=read.whole("control_share", 1000, 0, CONTROL_SHARE_MAX),
        channels=read.choices("channels", CHANNELS, ("email", "inbox")),
        rewards=tuple(read.each("rewards", _reward, REWARDS_MAX)),
        variants=tuple(read.each("variants", _variant, VARIANTS_MAX)),
        experiment=read.part("experiment", _experiment),
        when=read.part("when", _when) or When(),
        rate_per_minute=read.optional_whole("rate_per_minute", 1, 1_000_000),
        obeys_caps=read.flag("obeys_caps", default=True),
        point_days=read.part("point_days", _point_days),
    )
    read.twice("rewards", [reward.kind for reward in plan.rewards])
    read.twice("variants", [variant.code for variant in plan.variants])
    read.finish()
    return plan


def with_version(plan: Plan, versions: Mapping[int, int]) -> Plan:
    """Will return the plan with the versions of words that its variants are launched with, by template."""
    return replace(
        plan, variants=tuple(replace(variant, version=versions[variant.template]) for variant in plan.variants)
    )


def with_question(plan: Plan, asked: Mapping[str, Any] | None) -> Plan:
    """Will return the plan with the question that it goes on asking once it is started."""
    return replace(plan, asked=asked)


def _reward(read: "_Reader") -> Reward:
    kind = read.choice("kind", RewardKind, RewardKind.POINTS)
    is_points, is_tier = kind is RewardKind.POINTS, kind is RewardKind.TIER
    return Reward(
        kind=kind,
        most=read.whole("most", None, 1, MOST),
        points=read.whole("points", None, 1, 1_000_000) if is_points else 0,
        coupon=read.text("coupon", 60, needed=True) if kind is RewardKind.COUPON else "",
        tier=read.text("tier", 40, needed=True) if is_tier else "",
        days=read.whole("days", None, 1, 366) if is_tier else 0,
        tag=read.text("tag", 60, needed=True) if kind is RewardKind.TAG else "",
        names=read.names("names"),
    )


def _variant(read: "_Reader") -> Variant:
    code = read.text("code", 1, needed=True)
    if code not in CODES:
        read.problems[f"{read.path}code"] = "unknown"
    return Variant(code, read.whole("template", None, 1, MOST), read.optional_whole("version", 1, MOST))


def _experiment(read: "_Reader") -> Experiment:
    return Experiment(
        metric=read.choice("metric", Metric, Metric.ORDERED),
        horizon_hours=read.whole("horizon_hours", None, 1, HORIZON_HOURS_MAX),
        test_share=read.whole("test_share", BUCKETS, 100, BUCKETS),
        fallback=read.choice("fallback", Fallback, Fallback.FIRST),
    )


def _when(read: "_Reader") -> When:
    return When(
        on=read.date("on"),
        at=read.time("at"),
        in_member_zone=read.flag("in_member_zone", default=False),
        every=read.optional_choice("every", Every),
        weekdays=read.days("weekdays", 0, 6),
        day=read.whole("day", 0, 0, 31),
        trigger=read.optional_choice("trigger", Trigger),
        event=read.text("event", 60),
        days=read.whole("days", 0, 0, 3650),
        delay_hours=read.whole("delay_hours", 0, 0, DELAY_HOURS_MAX),
        again_after_days=read.whole("again_after_days", 0, 0, 3650),
        ends_on=read.date("ends_on"),
    )


def _point_days(read: "_Reader") -> PointDays:
    starts_on, ends_on = read.date("starts_on"), read.date("ends_on")
    if starts_on and ends_on and ends_on < starts_on:
        read.problems[f"{read.path}ends_on"] = "before_start"
    return PointDays(
        starts_on=starts_on,
        ends_on=ends_on,
        multiplier=read.decimal("multiplier", None, Decimal("1.01"), Decimal(20)),
        weekdays=read.days("weekdays", 0, 6),
        day=read.whole("day", 0, 0, 31),
        most_per_member=read.whole("most_per_member", 0, 0, 1_000_000),
        tier=read.text("tier", 40),
        names=read.names("names"),
    )


class _Reader:
    """Reads the parts of one mapping and keeps what is wrong with each; `path` is where the mapping stands."""

    def __init__(self, kept: Mapping[str, Any], path: str = "", problems: dict[str, str] | None = None) -> None:
        self.kept = kept
        self.path = path
        self.problems: dict[str, str] = {} if problems is None else problems

    def finish(self) -> None:
        if self.problems:
            raise BadPlan(self.problems)

    def _wrong(self, name: str, code: str, instead: Value) -> Value:
        self.problems[f"{self.path}{name}"] = code
        return instead

    def choice(self, name: str, kinds: type[Kind], default: Kind) -> Kind:
        return self.optional_choice(name, kinds) or default

    def optional_choice(self, name: str, kinds: type[Kind]) -> Kind | None:
        value = self.kept.get(name)
        if value in (None, ""):
            return None
        try:
            return kinds(value)
        except ValueError:
            return self._wrong(name, "unknown", None)

    def choices(self, name: str, known: Sequence[str], default: tuple[str, ...]) -> tuple[str, ...]:
        value = self.kept.get(name)
        if value is None:
            return default
        if not isinstance(value, list | tuple) or not all(one in known for one in value):
            return self._wrong(name, "unknown", default)
        return tuple(one for one in known if one in value)

    def whole(self, name: str, default: int | None, least: int, most: int) -> int:
        value = self.kept.get(name)
        if value is None and default is not None:
            return default
        if value is None or value == "":
            return self._wrong(name, "missing", least)
        if not isinstance(value, int) or isinstance(value, bool):
            return self._wrong(name, "not_whole", least)
        return value if least <= value <= most else self._wrong(name, "out_of_range", least)

    def optional_whole(self, name: str, least: int, most: int) -> int | None:
        return None if self.kept.get(name) is None else self.whole(name, None, least, most)

    def days(self, name: str, least: int, most: int) -> tuple[int, ...]:
        value = self.kept.get(name) or ()
        whole = isinstance(value, list | tuple) and all(type(one) is int and least <= one <= most for one in value)
        return tuple(sorted(set(value))) if whole else self._wrong(name, "unknown", ())

    def decimal(self, name: str, default: Decimal | None, least: Decimal, most: Decimal) -> Decimal:
        value = self.kept.get(name)
        if value is None:
            return default if default is not None else self._wrong(name, "missing", least)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            return self._wrong(name, "not_a_number", least)
        return number if number.is_finite() and least <= number <= most else self._wrong(name, "out_of_range", least)

    def text(self, name: str, longest: int, *, needed: bool = False) -> str:
        value = self.kept.get(name) or ""
        if not isinstance(value, str) or "\x00" in value:
            return self._wrong(name, "not_text", "")
        value = value.strip()
        if needed and not value:
            return self._wrong(name, "missing", "")
        return value if len(value) <= longest else self._wrong(name, "too_long", "")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.kept.get(name)
        if value is None:
            return default
        return value if isinstance(value, bool) else self._wrong(name, "not_yes_or_no", default)

    def date(self, name: str, *, needed: bool = False) -> dt.date | None:
        value = self.kept.get(name)
        if not value:
            return self._wrong(name, "missing", None) if needed else None
        try:
            return dt.date.fromisoformat(value)
        except (TypeError, ValueError):
            return self._wrong(name, "not_a_date", None)

    def time(self, name: str) -> dt.time | None:
        value = self.kept.get(name)
        if not value:
            return None
        try:
            time = dt.time.fromisoformat(value)
        except (TypeError, ValueError):
            return self._wrong(name, "not_a_time", None)
        return time if time.tzinfo is None else self._wrong(name, "not_a_time", None)

    def mapping(self, name: str) -> Mapping[str, Any] | None:
        value = self.kept.get(name)
        return value if value is None or isinstance(value, dict) else self._wrong(name, "not_an_object", None)

    def names(self, name: str) -> Mapping[str, str] | None:
        value = self.mapping(name)
        if not value:
            return None
        if not all(isinstance(text, str) and len(text) <= NAME and "\x00" not in text for text in value.values()):
            return self._wrong(name, "not_text", None)
        return dict(value)

    def part(self, name: str, make: Callable[["_Reader"], Value]) -> Value | None:
        value = self.mapping(name)
        return None if value is None else make(_Reader(value, f"{self.path}{name}.", self.problems))

    def each(self, name: str, make: Callable[["_Reader"], Value], most: int) -> list[Value]:
        value = self.kept.get(name) or []
        if not isinstance(value, list | tuple) or not all(isinstance(one, dict) for one in value):
            return self._wrong(name, "not_a_list", [])
        if len(value) > most:
            return self._wrong(name, "too_many", [])
        return [make(_Reader(one, f"{self.path}{name}.{place}.", self.problems)) for place, one in enumerate(value)]

    def twice(self, name: str, values: Sequence[str]) -> None:
        if len(set(values)) < len(values):
            self.problems[f"{self.path}{name}"] = "twice"


def affordable(plan: Plan, members: int) -> tuple[tuple[Reward, int], ...]:
    """Will return the rewards whose budgets do not reach for so many members, each with how many they reach for."""
    reach = [(reward, reward.most // reward.cost) for reward in plan.rewards]
    return tuple((reward, enough) for reward, enough in reach if enough < members)
