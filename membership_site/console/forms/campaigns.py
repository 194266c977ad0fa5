"""What is typed around campaigns: a form for each step of the builder, and the smaller ones of a campaign's page."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from campaigns import wording
from campaigns.enums import CampaignKind, Every, Metric, RewardKind, Trigger
from campaigns.rules import plan as plans
from campaigns.rules.buckets import BUCKETS
from campaigns.rules.recipes import RECIPES
from campaigns.wording import names
from membership_site.console.forms.policies import KNOWN_DATES
from points.wording import weekday_name

Choices = Sequence[tuple[str, str]]

LANGUAGES = (("en", "en"), ("zh_hans", "zh-hans"), ("zh_hant", "zh-hant"))
"""As fields and as plans name them."""
WHOLE: dict[str, Any] = {"invalid": gettext_lazy("Use a whole number, for example 500.")}
NUMBER: dict[str, Any] = {"invalid": gettext_lazy("Use a number, for example 12.5.")}
DATE: dict[str, Any] = dict.fromkeys(
    ("invalid", "min_value", "max_value"), gettext_lazy("Use a date, for example 2026-03-31.")
)
TIME: dict[str, Any] = {"invalid": gettext_lazy("Use a time, for example 10:00.")}
CHOSEN: dict[str, Any] = {
    "invalid_choice": gettext_lazy("This is not one of the choices any more. Choose another."),
    "required": gettext_lazy("Choose one."),
}


def _whole(label: Any, least: int, most: int, **options: Any) -> forms.IntegerField:
    options.setdefault("required", False)
    limits = {
        "min_value": gettext_lazy("Use %(limit_value)s or more."),
        "max_value": gettext_lazy("Use %(limit_value)s or less."),
        "required": gettext_lazy("Fill this in, for example 500."),
    }
    return forms.IntegerField(
        label=label, min_value=least, max_value=most, error_messages={**WHOLE, **limits}, **options
    )


def _percent(label: Any, most: int = 100, **options: Any) -> forms.DecimalField:
    options.setdefault("required", False)
    limits = {
        "min_value": gettext_lazy("Use a percentage from 0 to 100."),
        "max_value": gettext_lazy("Use %(limit_value)s or less."),
        "max_decimal_places": gettext_lazy("Use two decimals at most."),
    }
    return forms.DecimalField(
        label=label, min_value=0, max_value=most, decimal_places=2, error_messages={**NUMBER, **limits}, **options
    )


def _date(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d"],
        error_messages=DATE,
        validators=KNOWN_DATES,
        **options,
    )


def _time(label: Any, **options: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=TIME,
        **options,
    )


def _line(label: Any, longest: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=longest, **options)


def _choice(label: Any, **options: Any) -> forms.ChoiceField:
    options.setdefault("required", False)
    return forms.ChoiceField(label=label, error_messages=CHOSEN, **options)


def _boxes(label: Any, **options: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, required=False, widget=forms.CheckboxSelectMultiple, error_messages=CHOSEN, **options
    )


def _tick(label: Any, **options: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, **options)


class StepForm(forms.Form):
    """One step of the builder: reads a part of a plan into fields, and fields into changes of the plan.

    `seen` is the digest of the plan that was opened, so that nobody overwrites what somebody else saved meanwhile.
    """

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    step: ClassVar[str] = ""
    FIELD_OF: ClassVar[Mapping[str, str]] = {}
    """Which field a part of the plan stands in, by the part's path, where the names differ."""
    GROUPS: ClassVar[tuple[tuple[Any, tuple[str, ...]], ...]] = ()

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by what they are about; those that this kind of campaign has not are left out."""
        found = [(str(title), [self[name] for name in fields if name in self.fields]) for title, fields in self.GROUPS]
        return [(title, fields) for title, fields in found if fields]

    @property
    def is_read(self) -> bool:
        """Whether every field was understood; also of a form whose faults are not said yet."""
        return self.is_bound and self.is_valid() and set(self.fields) <= set(self.cleaned_data)

    def changes(self) -> dict[str, Any]:
        """Will return the parts of the plan as they were typed."""
        raise NotImplementedError

    def name(self) -> str:
        """Will return the campaign's name where the step asks it."""
        return ""

    def take_problems(self, problems: Mapping[str, str]) -> None:
        """Will put what is wrong with a plan at the fields that it stands in."""
        for path, code in problems.items():
            known = self.FIELD_OF.get(path) or self.FIELD_OF.get(path.split(".")[0]) or path.split(".")[-1]
            self.add_error(known if known in self.fields else None, wording.problem_of_plan(code))

    def _offer(self, field: str, choices: Choices, empty: Any = None) -> None:
        found = self.fields[field]
        assert isinstance(found, forms.ChoiceField)
        found.choices = [*([("", str(empty))] if empty is not None else []), *choices]


class GoalForm(StepForm):
    """What a campaign is called and for, and what counts as having worked."""

    step = "goal"
    FIELD_OF: ClassVar[Mapping[str, str]] = {"margin": "margin_percent"}
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("For the staff, for example “Win back quiet Gold members”."),
        error_messages={"required": gettext_lazy("Give it a name. Nothing was saved.")},
    )
    goal = _choice(gettext_lazy("It has worked when"), required=True)
    window_days = _whole(
        gettext_lazy("within so many days"),
        1,
        plans.WINDOW_DAYS_MAX,
        required=True,
        help_text=gettext_lazy("Counted from the message; who is kept apart is watched as long. At most 90."),
    )
    margin_percent = _percent(
        gettext_lazy("Margin on what is sold, in %"),
        required=True,
        help_text=gettext_lazy("To tell what is left of extra sales after the campaign’s cost."),
    )
    note = _line(
        gettext_lazy("Note for colleagues"), 500, widget=forms.Textarea(attrs={"rows": 2}), strip=True
    )  # fmt: skip
    GROUPS = (
        (
            pgettext_lazy("a campaign’s step", "What it is for"),
            ("title", "goal", "window_days", "margin_percent", "note"),
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("goal", names.choices_of(names.GOALS))

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        return {
            "goal": plan.goal.value,
            "window_days": plan.window_days,
            "margin_percent": plain(plan.margin * 100),
            "note": plan.note,
        }

    def name(self) -> str:
        """Will return the campaign's name."""
        return str(self.cleaned_data["title"])

    def changes(self) -> dict[str, Any]:
        """Will return the parts of the plan as they were typed."""
        kept = self.cleaned_data
        return {
            "goal": kept["goal"],
            "window_days": kept["window_days"],
            "margin": str(kept["margin_percent"] / 100),
            "note": kept["note"],
        }


class WhoForm(StepForm):
    """Which saved segment is asked, if any, and how many are kept apart; the conditions are the segments' builder."""

    step = "who"
    FIELD_OF: ClassVar[Mapping[str, str]] = {"control_share": "control_percent"}
    segment = _choice(
        gettext_lazy("Saved segment or list"),
        help_text=gettext_lazy("It is asked as it is when the campaign goes out, in place of the conditions below."),
    )
    control_percent = _percent(
        gettext_lazy("Kept apart to measure the effect, in %"),
        50,
        required=True,
        help_text=gettext_lazy("Drawn by lot; they get no message and no gift. 10 is usual, at most 50."),
    )
    GROUPS = ((gettext_lazy("Saved segment and control group"), ("segment", "control_percent")),)

    def __init__(self, *args: Any, segments: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("segment", segments, gettext_lazy("None: the conditions below"))

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        return {
            "segment": str(plan.segment or ""),
            "control_percent": plain(Decimal(plan.control_share * 100) / BUCKETS),
        }

    def changes(self) -> dict[str, Any]:
        """Will return the parts of the plan as they were typed, but for the conditions."""
        kept = self.cleaned_data
        return {
            "segment": int(kept["segment"]) if kept["segment"] else None,
            "control_share": int(kept["control_percent"] * BUCKETS / 100),
        }


class RewardForm(StepForm):
    """What each member is given: points, a coupon, a tier for some time, a tag; each with its budget."""

    step = "reward"
    FIELD_OF: ClassVar[Mapping[str, str]] = {}
    gives_points = _tick(gettext_lazy("Points"))
    points = _whole(gettext_lazy("Points for each"), 1, 1_000_000)
    points_most = _whole(gettext_lazy("At most so many points altogether"), 1, plans.MOST)
    points_en = _line(
        gettext_lazy("What members read on their statement"),
        plans.NAME,
        help_text=gettext_lazy("For example “We miss you”. Empty: the usual words."),
    )
    points_zh_hans = _line(gettext_lazy("the same in simplified Chinese"), plans.NAME)
    points_zh_hant = _line(gettext_lazy("the same in traditional Chinese"), plans.NAME)
    gives_coupon = _tick(gettext_lazy("A coupon"))
    coupon = _choice(gettext_lazy("Coupon"))
    coupon_most = _whole(gettext_lazy("At most so many coupons altogether"), 1, plans.MOST)
    gives_tier = _tick(gettext_lazy("A tier for some time"))
    tier = _choice(gettext_lazy("Tier"), help_text=gettext_lazy("Who holds it or a better one keeps that."))
    tier_days = _whole(gettext_lazy("For so many days"), 1, 366)
    tier_most = _whole(gettext_lazy("At most so many members altogether"), 1, plans.MOST)
    gives_tag = _tick(gettext_lazy("A tag"))
    tag = _line(gettext_lazy("Tag"), 60, help_text=gettext_lazy("For the staff and segments, for example “won back”."))
    tag_most = _whole(gettext_lazy("At most so many members altogether"), 1, plans.MOST)
    use_percent = _percent(
        gettext_lazy("Likely use of coupons, in %"),
        help_text=gettext_lazy("Only for the likely cost beside; it is not kept."),
    )
    GROUPS = (
        (
            gettext_lazy("Points"),
            ("gives_points", "points", "points_most", "points_en", "points_zh_hans", "points_zh_hant"),
        ),
        (gettext_lazy("Coupon"), ("gives_coupon", "coupon", "coupon_most", "use_percent")),
        (gettext_lazy("Tier for some time"), ("gives_tier", "tier", "tier_days", "tier_most")),
        (gettext_lazy("Tag"), ("gives_tag", "tag", "tag_most")),
    )
    NEEDED: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "gives_points": ("points", "points_most"),
        "gives_coupon": ("coupon", "coupon_most"),
        "gives_tier": ("tier", "tier_days", "tier_most"),
        "gives_tag": ("tag", "tag_most"),
    }

    def __init__(self, *args: Any, coupons: Choices = (), tiers: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("coupon", coupons, gettext_lazy("Choose a coupon"))
        self._offer("tier", tiers, gettext_lazy("Choose a tier"))

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        shown: dict[str, Any] = {"use_percent": 50}
        for reward in plan.rewards:
            kind = reward.kind.value
            shown |= {f"gives_{kind}": True, f"{kind}_most": reward.most}
            if reward.kind is RewardKind.POINTS:
                shown["points"] = reward.points
                shown |= {f"points_{name}": (reward.names or {}).get(code, "") for name, code in LANGUAGES}
            shown |= {name: getattr(reward, name) for name in ("coupon", "tier", "tag") if getattr(reward, name)}
            if reward.days:
                shown["tier_days"] = reward.days
        return shown

    def clean(self) -> dict[str, Any]:
        """Will ask for what a ticked gift needs."""
        kept = super().clean() or {}
        for tick, needed in self.NEEDED.items():
            for name in needed:
                if kept.get(tick) and kept.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("Fill this in, or take the tick away."))
        return kept

    def take_problems(self, problems: Mapping[str, str]) -> None:
        """Will put what is wrong at the fields of the gift that it is wrong with."""
        given = [kind for kind in RewardKind if self.cleaned_data.get(f"gives_{kind}")]
        for path, code in problems.items():
            parts = path.split(".")
            kind = given[int(parts[1])].value if parts[0] == "rewards" and len(parts) > 2 else ""
            name = {"most": f"{kind}_most", "days": "tier_days", "names": "points_en"}.get(parts[-1], parts[-1])
            self.add_error(name if name in self.fields else None, wording.problem_of_plan(code))

    def changes(self) -> dict[str, Any]:
        """Will return the gifts as they were typed."""
        kept = self.cleaned_data
        rewards = []
        for kind in RewardKind:
            if kept[f"gives_{kind}"]:
                one: dict[str, Any] = {"kind": kind.value, "most": kept[f"{kind}_most"], kind.value: kept[kind.value]}
                if kind is RewardKind.POINTS:
                    said = {code: kept[f"points_{name}"] for name, code in LANGUAGES}
                    one["names"] = {code: text for code, text in said.items() if text} or None
                if kind is RewardKind.TIER:
                    one["days"] = kept["tier_days"]
                rewards.append(one)
        return {"rewards": rewards}


class MessageForm(StepForm):
    """By which channels what is said, in how many variants, how these compete, and what holds messages back."""

    step = "message"
    FIELD_OF: ClassVar[Mapping[str, str]] = {
        "experiment.test_share": "test_percent",
        "experiment": "metric",
        "variants": "template_A",
    }
    channels = _boxes(gettext_lazy("Channels"))
    metric = _choice(gettext_lazy("Variants are compared by"))
    horizon_hours = _whole(
        gettext_lazy("after so many hours"),
        1,
        plans.HORIZON_HOURS_MAX,
        help_text=gettext_lazy("Once, and never before: looking early finds winners that are none. 72 is usual."),
    )
    test_percent = _percent(
        gettext_lazy("Share that is sent a variant at first, in %"),
        help_text=gettext_lazy("100: everybody, nobody waits. Less only for a campaign that goes out once."),
    )
    fallback = _choice(gettext_lazy("If no variant wins"))
    usual_percent = _percent(
        gettext_lazy("Share that does so anyway, in %"),
        help_text=gettext_lazy("Your guess, to see how many members are needed; it is not kept."),
    )
    wished_percent = _percent(gettext_lazy("Share that you hope for, in %"))
    rate_per_minute = _whole(
        gettext_lazy("At most so many messages a minute"),
        1,
        1_000_000,
        help_text=gettext_lazy("Empty: as fast as the providers take them."),
    )
    obeys_caps = _tick(gettext_lazy("Leave out who has had as many messages as are allowed"))
    GROUPS = (
        (gettext_lazy("How the variants compete"), ("metric", "horizon_hours", "test_percent", "fallback")),
        (gettext_lazy("How many it takes"), ("usual_percent", "wished_percent")),
        (gettext_lazy("How it goes out"), ("channels", "rate_per_minute", "obeys_caps")),
    )

    def __init__(self, *args: Any, templates: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("channels", names.choices_of(names.CHANNELS))
        self._offer("metric", names.choices_of(names.METRICS))
        self._offer("fallback", names.choices_of(names.FALLBACKS))
        for code in plans.CODES:
            label = _("Words of variant %(code)s") % {"code": code}
            self.fields[f"template_{code}"] = _choice(label)
            self._offer(f"template_{code}", templates, _("None"))

    @property
    def variants(self) -> list[tuple[str, forms.BoundField]]:
        """The fields of the words: those that are chosen, and one more."""
        chosen = [code for code in plans.CODES if self[f"template_{code}"].value()]
        shown = max(1, min(len(plans.CODES), plans.CODES.index(chosen[-1]) + 2 if chosen else 1))
        return [(code, self[f"template_{code}"]) for code in plans.CODES[:shown]]

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        experiment = plan.experiment or plans.Experiment(Metric.ORDERED, 72)
        return {
            "channels": list(plan.channels),
            **{f"template_{variant.code}": str(variant.template) for variant in plan.variants},
            "metric": experiment.metric.value,
            "horizon_hours": experiment.horizon_hours,
            "test_percent": plain(Decimal(experiment.test_share * 100) / BUCKETS),
            "fallback": experiment.fallback.value,
            "usual_percent": 3,
            "rate_per_minute": plan.rate_per_minute,
            "obeys_caps": plan.obeys_caps,
        }

    def chosen(self) -> list[int]:
        """Will return the templates that were chosen, the first variant's first."""
        found = [self.cleaned_data.get(f"template_{code}") for code in plans.CODES]
        return [int(one) for one in found if one]

    def clean(self) -> dict[str, Any]:
        """Will ask for how variants compete where there are several."""
        kept = super().clean() or {}
        if len(self.chosen()) > 1:
            for name in ("metric", "horizon_hours", "test_percent", "fallback"):
                if kept.get(name) in (None, "") and name not in self.errors:
                    self.add_error(name, _("Fill this in: there is more than one variant."))
        return kept

    def changes(self) -> dict[str, Any]:
        """Will return the parts of the plan as they were typed; variants move up where one before them is empty."""
        kept, chosen = self.cleaned_data, self.chosen()
        experiment = {
            "metric": kept["metric"],
            "horizon_hours": kept["horizon_hours"],
            "test_share": int((kept["test_percent"] or 100) * BUCKETS / 100),
            "fallback": kept["fallback"],
        }
        return {
            "channels": kept["channels"],
            "variants": [{"code": plans.CODES[n], "template": template} for n, template in enumerate(chosen)],
            "experiment": experiment if len(chosen) > 1 else None,
            "rate_per_minute": kept["rate_per_minute"],
            "obeys_caps": kept["obeys_caps"],
        }


class WhenForm(StepForm):
    """When members are addressed; a kind of campaign has the fields that it needs."""

    step = "when"
    FIELD_OF: ClassVar[Mapping[str, str]] = {"when.at": "at_time"}
    trigger = _choice(gettext_lazy("It begins when"))
    event = _line(
        gettext_lazy("Name of the event"),
        60,
        help_text=gettext_lazy("Only for an event of the shop, as the shop sends it, for example cart_left."),
    )
    days = _whole(
        gettext_lazy("So many days"),
        0,
        3650,
        help_text=gettext_lazy("Without an order, or of check-ins in a row; for other happenings leave it empty."),
    )
    delay_hours = _whole(
        gettext_lazy("Hours to wait"), 0, plans.DELAY_HOURS_MAX, help_text=gettext_lazy("Empty: none.")
    )
    every = _choice(gettext_lazy("How often"))
    weekdays = _boxes(gettext_lazy("On weekdays"))
    day = _whole(gettext_lazy("On day of the month"), 1, 31, help_text=gettext_lazy("31 is the last day of any month."))
    on = _date(gettext_lazy("Date"), help_text=gettext_lazy("Empty: as soon as it is started."))
    at_time = _time(gettext_lazy("Time of day"), help_text=gettext_lazy("Empty: at any time."))
    in_member_zone = _tick(gettext_lazy("In each member’s own time zone"))
    again_after_days = _whole(
        gettext_lazy("Write to a member again after so many days"),
        0,
        3650,
        help_text=gettext_lazy("Empty: as often as it happens."),
    )
    ends_on = _date(gettext_lazy("Last date"), help_text=gettext_lazy("Empty: until somebody ends it."))
    GROUPS = (
        (gettext_lazy("What sets it going"), ("trigger", "event", "days", "delay_hours")),
        (gettext_lazy("Rhythm"), ("every", "weekdays", "day")),
        (gettext_lazy("Date and time"), ("on", "at_time", "in_member_zone")),
        (gettext_lazy("How often, and until when"), ("again_after_days", "ends_on")),
    )
    OF_KIND: ClassVar[Mapping[CampaignKind, frozenset[str]]] = {
        CampaignKind.ONCE: frozenset({"on", "at_time", "in_member_zone"}),
        CampaignKind.RECURRING: frozenset(
            {"every", "weekdays", "day", "on", "at_time", "in_member_zone", "again_after_days", "ends_on"}
        ),
        CampaignKind.TRIGGERED: frozenset(
            {"trigger", "event", "days", "delay_hours", "at_time", "in_member_zone", "again_after_days", "ends_on"}
        ),
    }

    def __init__(self, *args: Any, kind: CampaignKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("trigger", names.choices_of(names.TRIGGERS), gettext_lazy("Choose a happening"))
        self._offer("every", names.choices_of(names.RHYTHMS), gettext_lazy("Choose a rhythm"))
        self._offer("weekdays", [(str(day), weekday_name(day + 1)) for day in range(7)])
        for name in set(self.fields) - self.OF_KIND[kind] - {"seen"}:
            del self.fields[name]
        self.kind = kind

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        when = plan.when
        return {
            "trigger": when.trigger.value if when.trigger else "",
            "event": when.event,
            "days": when.days or None,
            "delay_hours": when.delay_hours or None,
            "every": when.every.value if when.every else "",
            "weekdays": [str(day) for day in when.weekdays],
            "day": when.day or None,
            "on": when.on,
            "at_time": when.at,
            "in_member_zone": when.in_member_zone,
            "again_after_days": when.again_after_days or None,
            "ends_on": when.ends_on,
        }

    def clean(self) -> dict[str, Any]:
        """Will ask for what the choice needs, where it is plain what that is."""
        kept = super().clean() or {}
        if kept.get("every") == Every.WEEK and not kept.get("weekdays"):
            self.add_error("weekdays", _("Tick at least one day of the week."))
        if kept.get("every") == Every.MONTH and not kept.get("day") and "day" not in self.errors:
            self.add_error("day", _("Say on which day of the month, for example 8."))
        if kept.get("trigger") == Trigger.EVENT and not kept.get("event"):
            self.add_error("event", _("Name the event as the shop sends it, for example cart_left."))
        counted = kept.get("trigger") in (Trigger.GONE_QUIET, Trigger.STREAK_BROKEN)
        if counted and not kept.get("days") and "days" not in self.errors:
            self.add_error("days", _("Say after how many days, for example 60."))
        if self.kind is CampaignKind.ONCE and kept.get("on") and not kept.get("at_time"):
            self.add_error("at_time", _("Say at what time of that date, for example 10:00."))
        first, last = kept.get("on"), kept.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("The last date is before the first one. Choose a later one."))
        return kept

    def changes(self) -> dict[str, Any]:
        """Will return when as it was typed."""
        kept = self.cleaned_data
        on, ends_on, at_time = kept.get("on"), kept.get("ends_on"), kept.get("at_time")
        return {
            "when": {
                "trigger": kept.get("trigger") or None,
                "event": kept.get("event", ""),
                "days": kept.get("days") or 0,
                "delay_hours": kept.get("delay_hours") or 0,
                "every": kept.get("every") or None,
                "weekdays": [int(day) for day in kept.get("weekdays") or ()],
                "day": kept.get("day") or 0,
                "on": on.isoformat() if on else None,
                "at": at_time.isoformat("minutes") if at_time else None,
                "in_member_zone": bool(kept.get("in_member_zone")),
                "again_after_days": kept.get("again_after_days") or 0,
                "ends_on": ends_on.isoformat() if ends_on else None,
            }
        }


class DaysForm(StepForm):
    """Days on which orders earn more: which ones, how much, for whom, and what members read."""

    step = "days"
    FIELD_OF: ClassVar[Mapping[str, str]] = {"point_days.names": "name_en"}
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("For the staff, for example “Double points in May”."),
        error_messages={"required": gettext_lazy("Give it a name. Nothing was saved.")},
    )
    name_en = _line(
        gettext_lazy("Name for members"), plans.NAME, help_text=gettext_lazy("For example “Double points day”.")
    )
    name_zh_hans = _line(gettext_lazy("the same in simplified Chinese"), plans.NAME)
    name_zh_hant = _line(gettext_lazy("the same in traditional Chinese"), plans.NAME)
    starts_on = _date(gettext_lazy("First date"))
    ends_on = _date(gettext_lazy("Last date"))
    weekdays = _boxes(gettext_lazy("Only on weekdays"))
    day = _whole(
        gettext_lazy("Only on day of the month"), 1, 31, help_text=gettext_lazy("For a member day, for example 8.")
    )
    multiplier = forms.DecimalField(
        label=gettext_lazy("Times as many points"),
        min_value=Decimal("1.01"),
        max_value=20,
        decimal_places=2,
        help_text=gettext_lazy("2 is double. From 1.01 to 20; it multiplies what the tier gives already."),
        error_messages={
            **NUMBER,
            "required": gettext_lazy("Say how many times, for example 2."),
            "min_value": gettext_lazy("Use 1.01 or more: less would give no more than usual."),
            "max_value": gettext_lazy("Use 20 or less."),
            "max_decimal_places": gettext_lazy("Use two decimals at most."),
        },
    )
    tier = _choice(gettext_lazy("From tier"))
    most_per_member = _whole(
        gettext_lazy("At most so many points more for a member"),
        1,
        1_000_000,
        help_text=gettext_lazy("Empty: no limit."),
    )
    GROUPS = (
        (pgettext_lazy("a campaign’s step", "What it is called"), ("title", "name_en", "name_zh_hans", "name_zh_hant")),
        (gettext_lazy("Which days"), ("starts_on", "ends_on", "weekdays", "day")),
        (gettext_lazy("How much, and for whom"), ("multiplier", "tier", "most_per_member")),
    )

    def __init__(self, *args: Any, tiers: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("tier", tiers, gettext_lazy("Everybody"))
        self._offer("weekdays", [(str(day), weekday_name(day + 1)) for day in range(7)])

    @staticmethod
    def read(plan: plans.Plan) -> dict[str, Any]:
        """Will return what the fields show of a plan."""
        days = plan.point_days
        if days is None:
            return {"multiplier": 2}
        return {
            **{f"name_{name}": (days.names or {}).get(code, "") for name, code in LANGUAGES},
            "starts_on": days.starts_on,
            "ends_on": days.ends_on,
            "weekdays": [str(day) for day in days.weekdays],
            "day": days.day or None,
            "multiplier": plain(days.multiplier),
            "tier": days.tier,
            "most_per_member": days.most_per_member or None,
        }

    def clean(self) -> dict[str, Any]:
        """Will ask for both dates, in their order, and for one pattern."""
        kept = super().clean() or {}
        for name in ("starts_on", "ends_on"):
            if not kept.get(name) and name not in self.errors:
                self.add_error(name, _("Use a date, for example 2026-03-31."))
        if kept.get("weekdays") and kept.get("day"):
            self.add_error("day", _("Tick weekdays or name a day of the month, not both."))
        return kept

    def name(self) -> str:
        """Will return the campaign's name."""
        return str(self.cleaned_data["title"])

    def changes(self) -> dict[str, Any]:
        """Will return the days as they were typed."""
        kept = self.cleaned_data
        said = {code: kept[f"name_{name}"] for name, code in LANGUAGES}
        dates: dict[str, dt.date] = {name: kept[name] for name in ("starts_on", "ends_on")}
        return {
            "point_days": {
                **{name: date.isoformat() for name, date in dates.items()},
                "weekdays": [int(day) for day in kept["weekdays"]],
                "day": kept["day"] or 0,
                "multiplier": str(kept["multiplier"]),
                "tier": kept["tier"],
                "most_per_member": kept["most_per_member"] or 0,
                "names": {code: text for code, text in said.items() if text},
            }
        }


# ---- beside the builder


class NewForm(forms.Form):
    """What a new campaign is called and what it begins with."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        help_text=gettext_lazy("For the staff, for example “Win back quiet Gold members”."),
        error_messages={"required": gettext_lazy("Give it a name. Nothing was saved.")},
    )
    recipe = forms.ChoiceField(
        label=gettext_lazy("It begins with"),
        choices=[(recipe.code, recipe.code) for recipe in RECIPES],
        widget=forms.RadioSelect,
        error_messages={**CHOSEN, "required": gettext_lazy("Choose what it begins with.")},
    )


class WordsForm(forms.Form):
    """A few words for a colleague: what he should look at, why something is paused or ended."""

    words = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, label: Any = "", needed: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["words"]
        field.label, field.required = label or field.label, needed
        field.error_messages["required"] = _("Say why: colleagues read it on the campaign’s page.")


class StartForm(forms.Form):
    """How many members it goes to, typed, where they are many."""

    number = _whole(gettext_lazy("Type the number of members"), 0, 10**10)


class BudgetForm(forms.Form):
    """How much a campaign may give of one kind from now on."""

    most = _whole(gettext_lazy("At most altogether"), 1, plans.MOST, required=True)


class PreviewForm(forms.Form):
    """As whom, of which variant, by which channel and in which language a message is looked at.

    Who may not see members reads it with examples, as in the editor of templates.
    """

    number = forms.CharField(
        label=gettext_lazy("Member number"),
        max_length=40,
        help_text=gettext_lazy("That you looked is noted in the audit log."),
        error_messages={"required": gettext_lazy("Say as which member, for example M0000001.")},
    )
    variant = forms.ChoiceField(label=gettext_lazy("Variant"), error_messages=CHOSEN)
    channel = forms.ChoiceField(label=gettext_lazy("Channel"), error_messages=CHOSEN)
    language = forms.ChoiceField(
        label=gettext_lazy("Language"),
        choices=(("en", "English"), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文")),
        error_messages=CHOSEN,
    )

    def __init__(self, *args: Any, plan: plans.Plan, names_members: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not names_members:
            del self.fields["number"]
        offered = {
            "variant": [(one.code, one.code) for one in plan.variants],
            "channel": [(one, wording.channel_name(one)) for one in plan.channels],
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class ShareForm(forms.Form):
    """How large the group is that gets no marketing."""

    percent = forms.DecimalField(
        label=gettext_lazy("Share of all members, in %"),
        min_value=Decimal("0.01"),
        max_value=15,
        decimal_places=2,
        help_text=gettext_lazy("From 0.01 to 15; 5 is usual. Draw it anew each quarter at most."),
        error_messages={
            **NUMBER,
            "required": gettext_lazy("Say how large it is, for example 5."),
            "min_value": gettext_lazy("Use 0.01 or more."),
            "max_value": gettext_lazy("Use 15 or less."),
            "max_decimal_places": gettext_lazy("Use two decimals at most."),
        },
    )

    @property
    def share(self) -> int:
        """The share of 10,000."""
        return int(self.cleaned_data["percent"] * BUCKETS / 100)


class WindowsForm(forms.Form):
    """How many hours after a touch an order counts as its effect, by channel; an empty field counts nothing."""

    TOUCHES: ClassVar[tuple[tuple[str, Any], ...]] = (
        ("clicked", gettext_lazy("Hours after a click")),
        ("opened", gettext_lazy("Hours after it was opened")),
        ("sent", gettext_lazy("Hours after it was sent")),
    )

    def __init__(self, *args: Any, windows: Mapping[str, Mapping[str, int]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for channel in plans.CHANNELS:
            for touch, label in self.TOUCHES:
                self.fields[f"{channel}_{touch}"] = _whole(
                    f"{wording.channel_name(channel)}: {label}", 0, 24 * 90, initial=windows.get(channel, {}).get(touch)
                )

    @property
    def rows(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each channel."""
        return [
            (wording.channel_name(channel), [self[f"{channel}_{touch}"] for touch, _label in self.TOUCHES])
            for channel in plans.CHANNELS
        ]

    def windows(self) -> dict[str, dict[str, int]]:
        """Will return the windows as they were typed."""
        kept = self.cleaned_data
        return {
            channel: {touch: kept[f"{channel}_{touch}"] or 0 for touch, _label in self.TOUCHES}
            for channel in plans.CHANNELS
        }


def plain(number: Decimal) -> str:
    """Will write a number for a field: without an exponent or needless noughts."""
    return f"{number.normalize():f}"


STEP_FORMS: Mapping[str, type[StepForm]] = {
    form.step: form for form in (GoalForm, WhoForm, RewardForm, MessageForm, WhenForm, DaysForm)
}
