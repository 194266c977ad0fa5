"""What may be written into the draft of the rules: a rule as one sentence, the settings, and when it begins."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kit.money import plain
from points.enums import (
    CapPer,
    ConditionKind,
    DiscountBasis,
    Effect,
    ExpiryKind,
    Period,
    RefundPolicy,
    Stacking,
    Wallet,
)
from points.rules import draft as drafts
from points.rules.conditions import WHOLE_NUMBERS
from points.wording import deed_name, month_name, weekday_name

LANGUAGES = (("en", gettext_lazy("English")), ("zh-hans", "简体中文"), ("zh-hant", "繁體中文"))
EVENT_TYPE = re.compile(r"[a-z][a-z0-9_]{0,59}")
SEPARATORS = re.compile(r"[,，、;；\n]+")
OTHER = "…"
POINTS_MAX = 10**9

Choices = Sequence[tuple[str, Any]]

CONDITION_WORDS: Mapping[ConditionKind, Any] = {
    ConditionKind.TIER_MIN: gettext_lazy("by members of at least"),
    ConditionKind.TIER: gettext_lazy("by members of exactly"),
    ConditionKind.TAG: gettext_lazy("by members tagged"),
    ConditionKind.SEGMENT: gettext_lazy("by members in the segment"),
    ConditionKind.BIRTHDAY: gettext_lazy("around the member’s birthday"),
    ConditionKind.CHANNEL: gettext_lazy("through the channel"),
    ConditionKind.WEEKDAY: gettext_lazy("on weekdays"),
    ConditionKind.DAY_OF_MONTH: gettext_lazy("on days of the month"),
    ConditionKind.MONTH: gettext_lazy("in months"),
    ConditionKind.TIME: gettext_lazy("between the times"),
    ConditionKind.ORDER_NUMBER: gettext_lazy("if it is the member’s order number"),
    ConditionKind.EVERY_NTH_ORDER: gettext_lazy("on every n-th order, n being"),
    ConditionKind.ORDER_MIN: gettext_lazy("if it comes to at least"),
    ConditionKind.PROPERTY: gettext_lazy("where the property"),
    ConditionKind.CATEGORY: gettext_lazy("on goods of the category"),
    ConditionKind.BRAND: gettext_lazy("on goods of the brand"),
    ConditionKind.SKU: gettext_lazy("on the goods with SKU"),
}
"""How each condition begins in the sentence; its values follow."""

BIRTHDAYS: Choices = (
    ("day", gettext_lazy("on the day")),
    ("week", gettext_lazy("in the week")),
    ("month", gettext_lazy("in the month")),
)
EFFECTS: Choices = (
    (Effect.MULTIPLY.value, gettext_lazy("multiplied by")),
    (Effect.PER_UNIT.value, gettext_lazy("more per currency unit:")),
    (Effect.FIXED.value, gettext_lazy("more, in all:")),
    (Effect.PROPERTY.value, gettext_lazy("for each unit of a property:")),
)
WALLETS: Choices = (
    (Wallet.POINTS.value, gettext_lazy("points")),
    (Wallet.GROWTH.value, gettext_lazy("growth value")),
)
"""What a rule feeds, as it stands before the effect."""
STACKINGS: Choices = (
    (Stacking.ADD.value, gettext_lazy("is added to the others, on the base alone")),
    (Stacking.MULTIPLY.value, gettext_lazy("works on what earlier rules made of it")),
    (Stacking.LARGEST.value, gettext_lazy("applies only if it gives the most of such rules")),
)
CAPS: Choices = (
    (CapPer.DEED.value, gettext_lazy("at once")),
    (CapPer.DAY.value, gettext_lazy("a member a day")),
    (CapPer.MONTH.value, gettext_lazy("a member a month")),
    (CapPer.EVER.value, gettext_lazy("a member in all")),
    (CapPer.BUDGET.value, gettext_lazy("for everybody together")),
)
MEMBER_CAPS: Choices = CAPS[:-1]

WHOLE = {"invalid": gettext_lazy("Use a whole number, for example 500.")}
NUMBER = {"invalid": gettext_lazy("Use a number, for example 1.5.")}
DATE = dict.fromkeys(("invalid", "min_value", "max_value"), gettext_lazy("Use a date such as 2026-12-31."))

# Beyond these the programme's time zone has no day, and none has a day after it.
KNOWN_DATES = [MinValueValidator(dt.date(1970, 1, 1)), MaxValueValidator(dt.date(9000, 1, 1))]


def date_field(label: Any, **options: Any) -> forms.DateField:
    """Will return a field for a date, which browsers draw as a calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    errors = {**DATE, **options.pop("errors", {})}
    return forms.DateField(label=label, widget=widget, error_messages=errors, validators=KNOWN_DATES, **options)


def whole_field(label: Any, least: int = 0, most: int = POINTS_MAX, **options: Any) -> forms.IntegerField:
    """Will return a field for a whole number."""
    errors = {**WHOLE, **options.pop("errors", {})}
    return forms.IntegerField(label=label, min_value=least, max_value=most, error_messages=errors, **options)


def number_field(label: Any, **options: Any) -> forms.DecimalField:
    """Will return a field for a number with up to four decimals, at least 0."""
    errors = {**NUMBER, **options.pop("errors", {})}
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=4, error_messages=errors, **options
    )


def listed(text: str) -> list[str]:
    """Will split what was typed at commas of any writing."""
    return [stripped for part in SEPARATORS.split(text) if (stripped := part.strip())]


@dataclass(frozen=True)
class Offered:
    """What a rule may name: tiers, types of events, segments, and goods and channels as suggestions."""

    tiers: Choices = ()
    events: Sequence[str] = ()
    suggestions: Mapping[ConditionKind, Sequence[str]] | None = None
    segments: Choices = ()


@dataclass(frozen=True)
class ConditionRow:
    """A condition in the sentence: how it begins, its fields, and the button that takes it out."""

    words: str
    kind: BoundField
    fields: tuple[BoundField, ...]
    drop: str
    is_choice: bool


@dataclass(frozen=True)
class CapRow:
    """A cap in the sentence."""

    points: BoundField
    per: BoundField


class RuleForm(forms.Form):
    """A rule as one sentence. Conditions stand in numbered fields; the last cap is always an empty one."""

    deed = forms.ChoiceField(label=gettext_lazy("For"))
    deed_other = forms.CharField(
        label=gettext_lazy("Type of the event"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"size": 14}),
    )
    wallet = forms.ChoiceField(label=gettext_lazy("Gives"), choices=WALLETS, required=False)
    effect = forms.ChoiceField(label=gettext_lazy("How"), choices=EFFECTS)
    amount = number_field(gettext_lazy("How much"), errors={"required": gettext_lazy("Say how much, for example 2.")})
    property_name = forms.CharField(label=gettext_lazy("Property"), required=False, max_length=60)
    starts_on = date_field(gettext_lazy("From"), required=False)
    ends_on = date_field(gettext_lazy("Through"), required=False)
    name_en = forms.CharField(
        label=gettext_lazy("Name in English"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give the rule a name, for example “Tea week”.")},
    )
    name_zh_hans = forms.CharField(label=gettext_lazy("Name in Simplified Chinese"), max_length=80, required=False)
    name_zh_hant = forms.CharField(label=gettext_lazy("Name in Traditional Chinese"), max_length=80, required=False)
    stacking = forms.ChoiceField(label=gettext_lazy("With other rules it"), choices=STACKINGS)
    priority = whole_field(gettext_lazy("Priority"), 1, 10_000, help_text=gettext_lazy("Smaller numbers come first."))
    is_on = forms.BooleanField(label=gettext_lazy("The rule is on"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    add_kind = forms.ChoiceField(label=gettext_lazy("Add a condition"), required=False)

    def __init__(self, data: QueryDict | None = None, *, offered: Offered, **options: Any) -> None:
        super().__init__(data, **options)
        self.offered = offered
        raw: Mapping[str, Any] = data if data is not None else self.initial
        self.kinds = _kinds_in(raw)
        self.cap_count = 1 + max((int(found[1]) for name in raw if (found := CAP_FIELD.fullmatch(name))), default=-1)
        self._choice("deed").choices = [
            *((name, deed_name(name)) for name in ("order", *offered.events)),
            (OTHER, _("another event")),
        ]
        self._choice("add_kind").choices = [("", _("Choose a condition")), *CONDITION_WORDS.items()]
        for place, kind in enumerate(self.kinds):
            self._add_condition(place, kind)
        for place in range(self.cap_count + (data is None)):
            self.fields[f"k{place}_points"] = whole_field(_("At most"), 1, required=False)
            self.fields[f"k{place}_per"] = forms.ChoiceField(label=_("Counted"), choices=CAPS, required=False)

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def _add_condition(self, place: int, kind: ConditionKind) -> None:
        self.fields[f"w{place}_kind"] = forms.CharField(widget=forms.HiddenInput, initial=kind.value)
        if kind is ConditionKind.PROPERTY:
            self.fields[f"w{place}_name"] = forms.CharField(label=_("Name of the property"), max_length=60)
        self.fields[f"w{place}_values"] = _values_field(kind, self.offered)
        if kind is ConditionKind.TIME:
            self.fields[f"w{place}_until"] = _time_field(_("To"))

    @property
    def conditions(self) -> Iterator[ConditionRow]:
        """The conditions as the sentence shows them."""
        for place, kind in enumerate(self.kinds):
            names = [f"w{place}_{part}" for part in ("name", "values", "until")]
            yield ConditionRow(
                words=str(CONDITION_WORDS[kind]),
                kind=self[f"w{place}_kind"],
                fields=tuple(self[name] for name in names if name in self.fields),
                drop=f"drop-{place}",
                is_choice=kind in MANY_CHOICES,
            )

    @property
    def caps(self) -> Iterator[CapRow]:
        """The caps as the sentence shows them."""
        place = 0
        while f"k{place}_points" in self.fields:
            yield CapRow(self[f"k{place}_points"], self[f"k{place}_per"])
            place += 1

    @property
    def suggestions(self) -> list[tuple[str, Sequence[str]]]:
        """Lists of values to choose from while typing, by the id that fields name."""
        return [(f"known-{kind.value}", values) for kind, values in (self.offered.suggestions or {}).items() if values]

    def clean(self) -> dict[str, Any]:
        """Will check what only several fields together can say."""
        kept = super().clean() or {}
        if kept.get("deed") == OTHER and not EVENT_TYPE.fullmatch(kept.get("deed_other", "")):
            self.add_error("deed_other", _("Name the event as the shop sends it: small letters, digits and _."))
        effect, amount = kept.get("effect"), kept.get("amount")
        if effect == Effect.FIXED and amount is not None and amount != int(amount):
            self.add_error("amount", _("Points and growth value are whole. Use a whole number, for example 500."))
        if effect == Effect.PROPERTY and not kept.get("property_name"):
            self.add_error("property_name", _("Name the property that says how much, for example amount."))
        if effect == Effect.PROPERTY and kept.get("deed") == "order":
            self.add_error("effect", _("Orders have no properties. Choose another effect, or an event."))
        first, last = kept.get("starts_on"), kept.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", _("It would end before it starts. Choose a later date."))
        self._check_caps(kept)
        return kept

    def _check_caps(self, kept: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for place in range(self.cap_count + 1):
            per = kept.get(f"k{place}_per", "")
            if kept.get(f"k{place}_points") and per in seen:
                self.add_error(f"k{place}_per", _("There is such a cap already. Keep one of the two."))
            elif kept.get(f"k{place}_points"):
                seen.add(per)

    def terms(self, code: str) -> dict[str, Any]:
        """Will return the rule as it is stored, from what was found right."""
        kept = self.cleaned_data
        names = {"en": kept["name_en"], "zh-hans": kept["name_zh_hans"], "zh-hant": kept["name_zh_hant"]}
        terms: dict[str, Any] = {
            "code": code,
            "names": {language: name for language, name in names.items() if name},
            "deed": kept["deed_other"] if kept["deed"] == OTHER else kept["deed"],
            "effect": kept["effect"],
            "amount": plain(kept["amount"]),
            "stacking": kept["stacking"],
            "priority": kept["priority"],
            "is_on": kept["is_on"],
            "when": [self._condition(place, kind) for place, kind in enumerate(self.kinds)],
            "caps": [
                {"per": kept[f"k{place}_per"], "points": points}
                for place in range(self.cap_count + 1)
                if (points := kept.get(f"k{place}_points"))
            ],
        }
        if kept["effect"] == Effect.PROPERTY:
            terms["property"] = kept["property_name"]
        if kept["wallet"] == Wallet.GROWTH:
            terms["wallet"] = Wallet.GROWTH.value
        dates = {name: kept[name].isoformat() for name in ("starts_on", "ends_on") if kept[name]}
        return terms | dates

    def _condition(self, place: int, kind: ConditionKind) -> dict[str, Any]:
        kept = self.cleaned_data
        value = kept[f"w{place}_values"]
        values = value if isinstance(value, list) else [str(value)]
        if kind is ConditionKind.TIME:
            values = [kept[f"w{place}_{part}"].strftime("%H:%M") for part in ("values", "until")]
        elif kind is ConditionKind.ORDER_MIN:
            values = [plain(value)]
        named = {"name": kept[f"w{place}_name"]} if kind is ConditionKind.PROPERTY else {}
        return {"what": kind.value, "is": values, **named}


CONDITION_FIELD = re.compile(r"w(\d{1,3})_kind")
CAP_FIELD = re.compile(r"k(\d{1,2})_points")
MANY_CHOICES = frozenset({ConditionKind.TIER, ConditionKind.WEEKDAY, ConditionKind.MONTH, ConditionKind.BIRTHDAY})
SINGLE = frozenset(
    {ConditionKind.TIER_MIN, ConditionKind.SEGMENT, ConditionKind.ORDER_MIN, ConditionKind.EVERY_NTH_ORDER}
)
CONDITIONS_MAX = 30


def _kinds_in(raw: Mapping[str, Any]) -> list[ConditionKind]:
    """Will return the kinds of the conditions that fields state, in the order of their numbers."""
    places = sorted(int(found[1]) for name in raw if (found := CONDITION_FIELD.fullmatch(name)))
    kinds = [raw.get(f"w{place}_kind") for place in range(len(places[:CONDITIONS_MAX]))]
    return [ConditionKind(kind) if kind in set(ConditionKind) else ConditionKind.CATEGORY for kind in kinds]


class ValuesField(forms.CharField):
    """Values with commas between them; whole numbers where the kind of condition counts."""

    def __init__(self, kind: ConditionKind, **options: Any) -> None:
        super().__init__(**options)
        self.kind = kind

    def clean(self, value: Any) -> list[str]:
        """Will return the values as a list."""
        values = list(dict.fromkeys(listed(super().clean(value))))
        if not values:
            raise ValidationError(self.error_messages["required"])
        low, high = WHOLE_NUMBERS.get(self.kind, (0, 0))
        for one in values if high else ():
            if not (one.isascii() and one.isdigit() and low <= int(one) <= high):
                raise ValidationError(
                    _("Use whole numbers from %(low)s to %(high)s, for example 1, 15.") % {"low": low, "high": high}
                )
        return values


def _values_field(kind: ConditionKind, offered: Offered) -> forms.Field:
    """Will return the field for the values of a kind of condition."""
    label, missing = str(CONDITION_WORDS[kind]), {"required": _("Say which, or take the condition out.")}
    if kind is ConditionKind.TIER_MIN:
        return forms.ChoiceField(label=label, choices=offered.tiers, error_messages=missing)
    if kind is ConditionKind.SEGMENT:
        errors = {"required": _("Choose a segment, or take the condition out. Only shared segments can be chosen.")}
        choices_of = [("", _("Choose a segment")), *offered.segments]
        return forms.ChoiceField(label=label, choices=choices_of, error_messages=errors)
    if kind in MANY_CHOICES:
        choices: Mapping[ConditionKind, Choices] = {
            ConditionKind.TIER: offered.tiers,
            ConditionKind.WEEKDAY: [(str(day), weekday_name(day)) for day in range(1, 8)],
            ConditionKind.MONTH: [(str(month), month_name(month)) for month in range(1, 13)],
            ConditionKind.BIRTHDAY: BIRTHDAYS,
        }
        return forms.MultipleChoiceField(
            label=label, choices=choices[kind], widget=forms.CheckboxSelectMultiple, error_messages=missing
        )
    if kind is ConditionKind.TIME:
        return _time_field(_("From"))
    if kind is ConditionKind.ORDER_MIN:
        return number_field(label, errors=missing)
    if kind is ConditionKind.EVERY_NTH_ORDER:
        return whole_field(label, 1, 1_000_000, errors=missing)
    attrs = {"size": 24, "autocomplete": "off", "placeholder": _("several with commas")}
    if (offered.suggestions or {}).get(kind):
        attrs["list"] = f"known-{kind.value}"
    return ValuesField(kind, label=label, max_length=2000, widget=forms.TextInput(attrs=attrs), error_messages=missing)


def _time_field(label: str) -> forms.TimeField:
    errors = {"required": _("Use a time such as 18:30."), "invalid": _("Use a time such as 18:30.")}
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, widget=widget, error_messages=errors)


def rule_initial(terms: Mapping[str, Any], offered: Offered) -> dict[str, Any]:
    """Will return what a stored rule puts into the fields of its sentence."""
    names = terms.get("names", {})
    known = terms["deed"] in ("order", *offered.events)
    initial: dict[str, Any] = {
        "deed": terms["deed"] if known else OTHER,
        "deed_other": "" if known else terms["deed"],
        "wallet": terms.get("wallet", Wallet.POINTS.value),
        "effect": terms["effect"],
        "amount": terms["amount"],
        "property_name": terms.get("property", ""),
        "starts_on": terms.get("starts_on"),
        "ends_on": terms.get("ends_on"),
        "name_en": names.get("en", ""),
        "name_zh_hans": names.get("zh-hans", ""),
        "name_zh_hant": names.get("zh-hant", ""),
        "stacking": terms.get("stacking", Stacking.ADD),
        "priority": terms.get("priority", 100),
        "is_on": terms.get("is_on", True),
        "seen": drafts.digest_of(dict(terms)) if terms.get("code") else "",
    }
    for place, condition in enumerate(terms.get("when", ())):
        initial |= _condition_initial(place, condition)
    for place, cap in enumerate(terms.get("caps", ())):
        initial |= {f"k{place}_points": cap["points"], f"k{place}_per": cap["per"]}
    return initial


def _condition_initial(place: int, condition: Mapping[str, Any]) -> dict[str, Any]:
    kind, values = ConditionKind(condition["what"]), [str(value) for value in condition["is"]]
    initial: dict[str, Any] = {f"w{place}_kind": kind.value, f"w{place}_name": condition.get("name", "")}
    if kind is ConditionKind.TIME:
        return initial | {f"w{place}_values": values[0], f"w{place}_until": values[1]}
    whole = kind in MANY_CHOICES
    return initial | {f"w{place}_values": values if whole else values[0] if kind in SINGLE else ", ".join(values)}


def typed(data: QueryDict, *, drop: int | None = None, add: str = "") -> dict[str, Any]:
    """Will return what was typed so far as initial values, with a condition taken out or added; nothing is checked."""
    kinds = _kinds_in(data)
    kept: dict[str, Any] = {}
    for name in data:
        if not name.startswith("w") or not name[1:2].isdigit():
            many = name in data and len(data.getlist(name)) > 1
            kept[name] = data.getlist(name) if many else data[name]
    kept["is_on"] = bool(data.get("is_on"))
    places = [place for place in range(len(kinds)) if place != drop]
    for new, old in enumerate(places):
        for part in ("kind", "name", "values", "until"):
            if f"w{old}_{part}" in data:
                multiple = kinds[old] in MANY_CHOICES and part == "values"
                kept[f"w{new}_{part}"] = data.getlist(f"w{old}_{part}") if multiple else data[f"w{old}_{part}"]
    if add in set(ConditionKind) and len(places) < CONDITIONS_MAX:
        kept[f"w{len(places)}_kind"] = add
    kept.pop("add_kind", None)
    empty = [name for name in kept if CAP_FIELD.fullmatch(name) and not kept[name]]
    return {name: value for name, value in kept.items() if name not in empty}


# ---- the settings


@dataclass(frozen=True)
class Group:
    """Settings that belong together."""

    title: str
    words: str
    fields: tuple[BoundField, ...]


@dataclass(frozen=True)
class EventRow:
    """What one type of event earns."""

    title: str
    type: BoundField
    fields: tuple[BoundField, ...]


EVENT_PARTS = ("points", "points_with_photo", "growth", "day_max", "streak", "once", "property", "points_per_unit")


class DaysField(forms.CharField):
    """Whole numbers with commas between them: a streak, or days before."""

    def clean(self, value: Any) -> list[int]:
        """Will return the numbers as a list."""
        values = listed(super().clean(value))
        if not all(one.isascii() and one.isdigit() and len(one) < 7 for one in values):
            raise ValidationError(_("Use whole numbers with commas between them, for example 5, 5, 10."))
        return [int(one) for one in values]


class SettingsForm(forms.Form):
    """All settings of the programme but its rules."""

    points_per_unit = number_field(
        gettext_lazy("Points per currency unit"), help_text=gettext_lazy("Times the tier’s multiplier.")
    )
    growth_per_unit = number_field(gettext_lazy("Growth value per currency unit"))
    sign_up_points = whole_field(gettext_lazy("Points for joining"))
    basis_discount = forms.ChoiceField(
        label=gettext_lazy("Orders earn on"),
        choices=(
            (DiscountBasis.AFTER.value, gettext_lazy("prices after discounts")),
            (DiscountBasis.BEFORE.value, gettext_lazy("prices before discounts")),
        ),
    )
    basis_tax = forms.BooleanField(label=gettext_lazy("Tax earns points"), required=False)
    basis_shipping = forms.BooleanField(label=gettext_lazy("Shipping earns points"), required=False)
    basis_points_paid = forms.BooleanField(label=gettext_lazy("What points paid earns points"), required=False)
    cap_deed = whole_field(gettext_lazy("At most at once"), 1, required=False)
    cap_day = whole_field(gettext_lazy("At most a member a day"), 1, required=False)
    cap_month = whole_field(gettext_lazy("At most a member a month"), 1, required=False)
    cap_ever = whole_field(gettext_lazy("At most a member in all"), 1, required=False)
    return_window_days = whole_field(gettext_lazy("Days that points of an order are on hold"), 0, 365)
    refund = forms.ChoiceField(
        label=gettext_lazy("A return takes back"),
        choices=(
            (RefundPolicy.FULL.value, gettext_lazy("all it earned; what is spent already becomes a debt")),
            (RefundPolicy.WITHIN_BALANCE.value, gettext_lazy("what it earned, as far as the balance goes")),
            (RefundPolicy.PENDING_ONLY.value, gettext_lazy("only points that are still on hold")),
        ),
    )
    courtesy_days = whole_field(gettext_lazy("Days that expired points last when a return brings them back"), 0, 30)
    expiry_kind = forms.ChoiceField(
        label=gettext_lazy("Points expire"),
        choices=(
            (ExpiryKind.NEVER.value, gettext_lazy("never")),
            (ExpiryKind.DAYS.value, gettext_lazy("so many days after they can be used")),
            (ExpiryKind.MONTHS.value, gettext_lazy("so many months after they can be used")),
            (ExpiryKind.END_OF_MONTH.value, gettext_lazy("at the end of the month, so many months after")),
            (ExpiryKind.END_OF_PERIOD.value, gettext_lazy("at the end of a period, so many periods later")),
            (ExpiryKind.INACTIVITY.value, gettext_lazy("after so many months without a deed of the member’s own")),
        ),
    )
    expiry_count = whole_field(gettext_lazy("How many"), 0, 1200, required=False)
    expiry_period = forms.ChoiceField(
        label=gettext_lazy("Period"),
        choices=(
            (Period.MONTH.value, gettext_lazy("month")),
            (Period.QUARTER.value, gettext_lazy("quarter")),
            (Period.HALF_YEAR.value, gettext_lazy("half-year")),
            (Period.YEAR.value, gettext_lazy("year")),
        ),
        help_text=gettext_lazy("Only for the end of a period."),
    )
    reminder_days = DaysField(
        label=gettext_lazy("Remind so many days before"),
        required=False,
        help_text=gettext_lazy("For example 30, 7, 1."),
    )
    reinstatement_days = whole_field(gettext_lazy("Days that staff can bring back expired points"), 0, 3650)
    redemption_points_per_unit = whole_field(gettext_lazy("Points for one currency unit off"), 1)
    redemption_points_min = whole_field(gettext_lazy("Fewest points to spend at once"))
    redemption_share_max = forms.DecimalField(
        label=gettext_lazy("Most of an order that points can pay, in %"),
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        error_messages=NUMBER,
    )
    reservation_minutes = whole_field(gettext_lazy("Minutes that a checkout holds points"), 1, 1440)
    gifts_is_on = forms.BooleanField(label=gettext_lazy("Members may give points"), required=False)
    gifts_points_min = whole_field(gettext_lazy("Fewest points to give at once"), 1)
    gifts_day_max = whole_field(gettext_lazy("Most points to give a day"), 1)
    adjustments_alone_max = whole_field(gettext_lazy("Points one person may adjust at once"))
    adjustments_day_max = whole_field(gettext_lazy("Points one person may adjust a day"))
    notice_days = whole_field(
        gettext_lazy("Days of notice before something gets worse"),
        0,
        365,
        help_text=gettext_lazy("The notice in force holds until a shorter one is in force itself."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    GROUPS: tuple[tuple[Any, Any, tuple[str, ...]], ...] = (
        (
            gettext_lazy("Earning"),
            gettext_lazy("What every order earns before any rule, and on which amount."),
            (
                *("points_per_unit", "growth_per_unit", "sign_up_points", "basis_discount"),
                *("basis_tax", "basis_shipping", "basis_points_paid"),
            ),
        ),
        (
            gettext_lazy("Caps on all that a member earns"),
            gettext_lazy("They cut off what is above them, never an order. Empty is no cap."),
            ("cap_deed", "cap_day", "cap_month", "cap_ever"),
        ),
        (
            gettext_lazy("Returns"),
            gettext_lazy("Loyalty never blocks a return; this says what happens to its points."),
            ("return_window_days", "refund", "courtesy_days"),
        ),
        (
            gettext_lazy("Expiry"),
            gettext_lazy("Points already earned keep the date they were promised."),
            ("expiry_kind", "expiry_count", "expiry_period", "reminder_days", "reinstatement_days"),
        ),
        (
            gettext_lazy("Spending"),
            gettext_lazy("What points are worth at the checkout."),
            ("redemption_points_per_unit", "redemption_points_min", "redemption_share_max", "reservation_minutes"),
        ),
        (
            gettext_lazy("Gifts between members"),
            gettext_lazy("Points given keep their expiry."),
            ("gifts_is_on", "gifts_points_min", "gifts_day_max"),
        ),
        (
            gettext_lazy("Staff and notice"),
            gettext_lazy("Above these limits a second person has to agree."),
            ("adjustments_alone_max", "adjustments_day_max", "notice_days"),
        ),
    )

    def __init__(self, data: QueryDict | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        raw: Mapping[str, Any] = data if data is not None else self.initial
        self.event_count = min(sum(1 for name in raw if re.fullmatch(r"e\d{1,3}_type", name)), 200)
        for place in range(self.event_count + (data is None)):
            for name, field in _event_fields().items():
                self.fields[f"e{place}_{name}"] = field

    @property
    def groups(self) -> list[Group]:
        """The settings by what they are about."""
        return [
            Group(str(title), str(words), tuple(self[name] for name in names)) for title, words, names in self.GROUPS
        ]

    @property
    def events(self) -> Iterator[EventRow]:
        """What events earn, and an empty row for a new type."""
        place = 0
        while f"e{place}_type" in self.fields:
            kind = str(self[f"e{place}_type"].value() or "")
            title = deed_name(kind) if kind else _("Another event")
            fields = tuple(self[f"e{place}_{part}"] for part in (*EVENT_PARTS, *(("gone",) if kind else ())))
            yield EventRow(title[:1].upper() + title[1:], self[f"e{place}_type"], fields)
            place += 1

    def clean(self) -> dict[str, Any]:
        """Will check what only several fields together can say."""
        kept = super().clean() or {}
        kind, count = kept.get("expiry_kind"), kept.get("expiry_count")
        if kind in (ExpiryKind.DAYS, ExpiryKind.MONTHS, ExpiryKind.INACTIVITY) and not count:
            self.add_error("expiry_count", _("Say how many, for example 12."))
        if kept.get("gifts_is_on") and (kept.get("gifts_points_min") or 0) > (kept.get("gifts_day_max") or POINTS_MAX):
            self.add_error("gifts_points_min", _("This is more than may be given a day. Nobody could give any."))
        self._check_events(kept)
        return kept

    def _check_events(self, kept: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for place in range(self.event_count):
            kind = kept.get(f"e{place}_type", "")
            if kind and not EVENT_TYPE.fullmatch(kind):
                self.add_error(f"e{place}_type", _("Name the event as the shop sends it: small letters, digits and _."))
            elif kind in seen:
                self.add_error(f"e{place}_type", _("This event stands above already."))
            seen.add(kind or "\x00")
            if not kind and any(kept.get(f"e{place}_{part}") for part in ("points", "growth", "streak", "property")):
                self.add_error(f"e{place}_type", _("Name the event, for example unboxing."))

    def terms(self) -> dict[str, Any]:
        """Will return the settings as they are stored, from what was found right."""
        kept = self.cleaned_data
        expiry: dict[str, Any] = {"kind": kept["expiry_kind"]}
        if expiry["kind"] != ExpiryKind.NEVER:
            expiry["count"] = kept["expiry_count"] or 0
        if expiry["kind"] == ExpiryKind.END_OF_PERIOD:
            expiry["period"] = kept["expiry_period"]
        share = plain(kept["redemption_share_max"] / 100)
        return {
            "points_per_unit": plain(kept["points_per_unit"]),
            "growth_per_unit": plain(kept["growth_per_unit"]),
            **{name: kept[name] for name in COUNTS},
            "refund": kept["refund"],
            "expiry": expiry,
            "reminder_days": sorted(set(kept["reminder_days"]), reverse=True),
            "basis": {name: kept[f"basis_{name}"] for name in ("discount", "tax", "shipping", "points_paid")},
            "caps": [{"per": per, "points": kept[f"cap_{per}"]} for per, _words in MEMBER_CAPS if kept[f"cap_{per}"]],
            "redemption": {
                "points_per_unit": kept["redemption_points_per_unit"],
                "points_min": kept["redemption_points_min"],
                "share_max": share,
            },
            "gifts": {name: kept[f"gifts_{name}"] for name in ("is_on", "points_min", "day_max")},
            "adjustments": {name: kept[f"adjustments_{name}"] for name in ("alone_max", "day_max")},
            "events": dict(self._events()),
        }

    def _events(self) -> Iterator[tuple[str, dict[str, Any]]]:
        kept = self.cleaned_data
        for place in range(self.event_count):
            if not kept[f"e{place}_type"] or kept.get(f"e{place}_gone"):
                continue
            parts = {part: kept[f"e{place}_{part}"] for part in EVENT_PARTS}
            if parts["points_per_unit"] is not None:
                parts["points_per_unit"] = plain(parts["points_per_unit"])
            yield kept[f"e{place}_type"], {name: value for name, value in parts.items() if _says(name, value)}


COUNTS = (
    *("return_window_days", "sign_up_points", "courtesy_days", "reinstatement_days", "reservation_minutes"),
    "notice_days",
)


def _says(name: str, value: Any) -> bool:
    """Whether a part of an event says anything: 0 times a day and 0 points with a photo do."""
    return value is not None if name in ("day_max", "points_with_photo") else bool(value)


def _event_fields() -> dict[str, forms.Field]:
    return {
        "type": forms.CharField(label=_("Type of the event"), max_length=60, required=False),
        "points": whole_field(_("Points"), required=False),
        "points_with_photo": whole_field(_("With a photo"), required=False),
        "growth": whole_field(_("Growth value"), required=False),
        "day_max": whole_field(_("Times a day"), 1, 1000, required=False),
        "streak": DaysField(label=_("Day by day, for a streak"), required=False, max_length=400),
        "once": forms.BooleanField(label=_("Once a member"), required=False),
        "property": forms.CharField(label=_("Property that counts"), max_length=60, required=False),
        "points_per_unit": number_field(_("Points for each unit of it"), required=False),
        "gone": forms.BooleanField(label=_("Take out"), required=False),
    }


def settings_initial(terms: Mapping[str, Any], policy: Any) -> dict[str, Any]:
    """Will return what a version puts into the fields of the settings; what it leaves out is the policy's default."""
    initial: dict[str, Any] = {
        **{name: getattr(policy, name) for name in COUNTS},
        "points_per_unit": plain(policy.points_per_unit),
        "growth_per_unit": plain(policy.growth_per_unit),
        "refund": policy.refund.value,
        "expiry_kind": policy.expiry.kind.value,
        "expiry_count": policy.expiry.count,
        "expiry_period": policy.expiry.period.value,
        "reminder_days": ", ".join(map(str, terms.get("reminder_days", (30, 7, 1)))),
        "redemption_points_per_unit": policy.redemption_points_per_unit,
        "redemption_points_min": policy.redemption_points_min,
        "redemption_share_max": plain(policy.redemption_share_max * 100),
        "seen": drafts.digest_of(drafts.settings_in(terms)),
    }
    for part, names in (
        ("basis", ("discount", "tax", "shipping", "points_paid")),
        ("gifts", ("is_on", "points_min", "day_max")),
        ("adjustments", ("alone_max", "day_max")),
    ):
        initial |= {f"{part}_{name}": getattr(getattr(policy, part), name) for name in names}
    initial |= {f"cap_{cap.per.value}": cap.points for cap in policy.caps}
    for place, (kind, event) in enumerate(terms["events"].items()):
        initial[f"e{place}_type"] = kind
        for part in EVENT_PARTS:
            value = event.get(part)
            initial[f"e{place}_{part}"] = ", ".join(map(str, value)) if isinstance(value, list) else value
    return initial


# ---- publishing, and trying


class PublishForm(forms.Form):
    """From when the draft holds, what members are told, and the number of the version typed as a yes."""

    effective_on = date_field(
        gettext_lazy("In force from"), errors={"required": gettext_lazy("Choose the first day it is in force.")}
    )
    note_en = forms.CharField(
        label=gettext_lazy("Note in English"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    note_zh_hans = forms.CharField(
        label=gettext_lazy("Note in Simplified Chinese"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    note_zh_hant = forms.CharField(
        label=gettext_lazy("Note in Traditional Chinese"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    confirmed = forms.CharField(
        label=gettext_lazy("Type the number of this version"),
        max_length=10,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Type the number of the version to say that you mean it.")},
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    NOTES = {"en": "note_en", "zh-hans": "note_zh_hans", "zh-hant": "note_zh_hant"}

    def __init__(self, data: QueryDict | None = None, *, number: int, needs_note: bool = False, **options: Any) -> None:
        super().__init__(data, **options)
        self.number = number
        for name in self.NOTES.values() if needs_note else ():
            self.fields[name].required = True
            self.fields[name].error_messages["required"] = _(
                "Write what members are told, in each language. Nothing was published."
            )

    def clean_confirmed(self) -> str:
        """Will take the number of the version and nothing else."""
        text: str = self.cleaned_data["confirmed"].strip()
        if text != str(self.number):
            raise ValidationError(_("Type %(number)s, the number of this version.") % {"number": self.number})
        return text

    def notes(self) -> dict[str, str]:
        """Will return what was written for members, by language; empty where nothing was."""
        return {language: self.cleaned_data[name].strip() for language, name in self.NOTES.items()}


class TryForm(forms.Form):
    """The order that rules are tried on: by its number, or one of the latest."""

    try_number = forms.CharField(label=gettext_lazy("Order number"), required=False, max_length=128)
    try_order = forms.TypedChoiceField(
        label=gettext_lazy("or one of the latest"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, latest: Choices = (), **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["try_order"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", pgettext_lazy("no order chosen", "Choose")), *latest]


PROPERTIES_MAX = 20


class PropertiesField(forms.CharField):
    """Properties of an event as one types them: amount = 120, photo = true; commas or lines between them."""

    def to_python(self, value: Any) -> Any:
        """Will return them by name; true and false as such, all else as text."""
        text = super().to_python(value) or ""
        properties: dict[str, Any] = {}
        for part in listed(text):
            name, equals, stated = (piece.strip() for piece in part.replace("＝", "=").partition("="))
            if not (name and equals):
                raise ValidationError(_("Write each property as name = value, for example amount = 120."))
            properties[name] = {"true": True, "false": False}.get(stated.lower(), stated)
        if len(properties) > PROPERTIES_MAX:
            raise ValidationError(_("State at most 20 properties."))
        return properties


class TryEventForm(forms.Form):
    """The event that rules are tried on: one of the latest, or one that is made up of type, member and properties."""

    try_event = forms.TypedChoiceField(
        label=gettext_lazy("One of the latest events"), required=False, coerce=int, empty_value=None
    )
    try_type = forms.RegexField(
        rf"\A{EVENT_TYPE.pattern}\Z",
        label=gettext_lazy("or make one of the type"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"list": "event-types", "autocomplete": "off"}),
        error_messages={"invalid": gettext_lazy("Name the event as the shop sends it: small letters, digits and _.")},
    )
    try_member = forms.CharField(label=gettext_lazy("of the member with number"), required=False, max_length=40)
    try_properties = PropertiesField(
        label=gettext_lazy("with the properties"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("For example: amount = 120, photo = true"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, latest: Choices = (), types: Sequence[str] = (), **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.types = types
        field = self.fields["try_event"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", pgettext_lazy("no event chosen", "Choose")), *latest]

    def clean(self) -> dict[str, Any]:
        """Will ask for the member where an event is made up, and for one of the two."""
        kept = super().clean() or {}
        if kept.get("try_type") and not kept.get("try_member", "").strip():
            self.add_error("try_member", _("Say whose event it is: his tier, tags and limits count."))
        if not self.errors and not kept.get("try_type") and not kept.get("try_event"):
            self.add_error("try_event", _("Choose an event, or make one."))
        return kept
