"""What may be written into a draft of the matrix: a benefit with its names and dates, and one cell of it."""

import uuid
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from benefits import queries as benefits_queries
from benefits.enums import BenefitKind, Occasion, Per
from benefits.rules.cells import COUPONS_MAX, WHOLE_MAX, Field, Shape
from benefits.rules.coupons import BadTerms
from benefits.rules.matrix import NAME_MAX, SAYS_MAX, Benefit
from benefits.rules.periods import WINDOW_DAYS_MAX
from benefits.wording import matrix as wording
from benefits.wording.words import spoken
from membership_site.console.forms.policies import listed, number_field, whole_field

LANGUAGES = {"en": "en", "zh-hans": "zh_hans", "zh-hant": "zh_hant"}
NAMES = {
    "en": gettext_lazy("Name in English"),
    "zh-hans": gettext_lazy("Name in Simplified Chinese"),
    "zh-hant": gettext_lazy("Name in Traditional Chinese"),
}
SAYS = {
    "en": gettext_lazy("What it is, in English"),
    "zh-hans": gettext_lazy("What it is, in Simplified Chinese"),
    "zh-hant": gettext_lazy("What it is, in Traditional Chinese"),
}
FIELD_LABELS: Mapping[str, Any] = {
    "coupon": gettext_lazy("Coupon"),
    "coupons": gettext_lazy("Coupons"),
    "count": gettext_lazy("How many at once"),
    "item": gettext_lazy("Gift"),
    "pool": gettext_lazy("Partner’s codes"),
    "winners": gettext_lazy("How many win"),
    "percent": gettext_lazy("Percent"),
    "times": gettext_lazy("How often"),
    "seats": gettext_lazy("Places for all together"),
    "booking": gettext_lazy("Members ask for it and the staff answer"),
    "hours": gettext_lazy("Hours before everybody"),
    "days": gettext_lazy("Days of the month"),
    "cap": gettext_lazy("At most"),
}
HELP: Mapping[Shape, Any] = {
    Shape.LIMIT: gettext_lazy("Leave it empty for no limit."),
    Shape.CAP: gettext_lazy("Leave it empty for no limit."),
    Shape.DAYS: gettext_lazy("For example 8, 18, 28."),
    Shape.COUPONS: gettext_lazy("A line for each: its code and how many, for example “monthly 2”."),
}


def offer(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    """Will let a field choose among these."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no choice.")
    field.choices = list(choices)


class BenefitForm(forms.Form):
    """A benefit of the draft: what it is called, what it is, and when it is given or counted."""

    kind = forms.ChoiceField(label=gettext_lazy("Kind"))
    occasion = forms.ChoiceField(
        label=gettext_lazy("It is given"),
        required=False,
        help_text=gettext_lazy("Only coupons, gifts, codes and surprises are given. Others are simply there."),
    )
    before = whole_field(gettext_lazy("Days before a birthday or anniversary"), 0, WINDOW_DAYS_MAX, required=False)
    after = whole_field(gettext_lazy("Days after a birthday or anniversary"), 0, WINDOW_DAYS_MAX, required=False)
    per = forms.ChoiceField(label=gettext_lazy("What is counted is counted"))
    ladder = forms.ChoiceField(label=gettext_lazy("Ladder"))
    value = number_field(
        gettext_lazy("What a use is worth to a member"),
        required=False,
        help_text=gettext_lazy("For what has no price of its own; members read what they saved."),
    )
    cost = number_field(gettext_lazy("What a use costs the shop"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, ladders: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        choose = ("", _("– when, if it is given –"))
        offer(self, "kind", [(kind.value, wording.kind_name(kind)) for kind in BenefitKind])
        offer(self, "occasion", [choose, *((one.value, wording.OCCASIONS[one]()) for one in Occasion)])
        offer(self, "per", [(one.value, wording.PERIODS[one]()) for one in Per])
        offer(self, "ladder", ladders)
        for language, suffix in LANGUAGES.items():
            self.fields[f"name_{suffix}"] = forms.CharField(
                label=NAMES[language],
                max_length=NAME_MAX,
                error_messages={"required": _("Give it a name in this language.")},
            )
            self.fields[f"says_{suffix}"] = forms.CharField(label=SAYS[language], max_length=SAYS_MAX, required=False)

    def names(self) -> list[forms.BoundField]:
        """Will return the fields that name it, by language."""
        return [self[f"name_{suffix}"] for suffix in LANGUAGES.values()]

    def texts(self) -> list[forms.BoundField]:
        """Will return the fields that say what it is, by language."""
        return [self[f"says_{suffix}"] for suffix in LANGUAGES.values()]

    def terms(self, code: str) -> dict[str, Any]:
        """Will return the row as benefits.actions.save_benefit takes it; without a code it is a new one."""
        clean = self.cleaned_data
        return {
            "code": code,
            "kind": clean["kind"],
            "names": {language: clean[f"name_{suffix}"] for language, suffix in LANGUAGES.items()},
            "says": {
                language: clean[f"says_{suffix}"] for language, suffix in LANGUAGES.items() if clean[f"says_{suffix}"]
            },
            "occasion": clean["occasion"] or None,
            "window": {"before": clean["before"] or 0, "after": clean["after"] or 0},
            "per": clean["per"],
            "ladder": clean["ladder"],
            "value": _written(clean["value"]),
            "cost": _written(clean["cost"]),
        }


def _written(amount: Decimal | None) -> str | None:
    return None if amount is None else format(amount, "f")


def benefit_initial(benefit: Benefit, seen: str) -> dict[str, Any]:
    """Will return what the form of a benefit begins with."""
    by_language = {
        f"{field}_{suffix}": texts.get(language, "")
        for field, texts in (("name", benefit.names), ("says", benefit.says))
        for language, suffix in LANGUAGES.items()
    }
    return {
        **by_language,
        "kind": benefit.kind.value,
        "occasion": benefit.occasion.value if benefit.occasion else "",
        "before": benefit.window.before,
        "after": benefit.window.after,
        "per": benefit.per.value,
        "ladder": benefit.ladder,
        "value": benefit.value,
        "cost": benefit.cost,
        "seen": seen,
    }


class GiveBenefitForm(forms.Form):
    """What a member is given by hand, and why; the key makes a second press no second gift."""

    benefit = forms.ChoiceField(label=gettext_lazy("What is given"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        error_messages={"required": gettext_lazy("Say why; it is kept in the audit log.")},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        offer(self, "benefit", choices)
        self.fields["form_key"].initial = uuid.uuid4


class CellForm(forms.Form):
    """One cell: whether a tier has a benefit, and what it is to that tier, as the benefit's kind asks."""

    has = forms.BooleanField(
        label=gettext_lazy("Members of this tier have it"),
        required=False,
        widget=forms.CheckboxInput(attrs={"autofocus": True}),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, fields: Sequence[Field], named: benefits_queries.Nameable, **options: Any) -> None:
        super().__init__(*args, **options)
        self.asked = tuple(fields)
        for one in self.asked:
            self.fields[one.name] = _field(one, named)

    def about(self) -> list[forms.BoundField]:
        """Will return the fields that the kind asks for."""
        return [self[one.name] for one in self.asked]

    def cell(self) -> dict[str, Any] | None:
        """Will return the cell as it is stored; None where the tier has it not."""
        if not self.cleaned_data["has"]:
            return None
        found = {one.name: _stored(one, self.cleaned_data[one.name]) for one in self.asked}
        return {name: value for name, value in found.items() if value not in (None, "", [], {}, False)}

    def refuse(self, error: BadTerms) -> None:
        """Will say beside the field what cannot be."""
        self.add_error(error.field if error.field in self.fields else None, CELL_ERRORS.get(error.field, CELL_ERROR))


CELL_ERROR = gettext_lazy("This cannot be as it stands. Nothing was saved.")
CELL_ERRORS: Mapping[str, Any] = {
    "coupon": gettext_lazy("Choose what is given: a coupon, or another of these."),
    "coupons": gettext_lazy("Write a line for each coupon: its code and how many, 20 at most."),
    "item": gettext_lazy("Choose a gift from the list."),
    "pool": gettext_lazy("Choose whose codes from the list."),
    "winners": gettext_lazy("Say how many win, or which percent of the members; one of the two."),
    "hours": gettext_lazy("Say how many hours before everybody."),
    "days": gettext_lazy("Use days of the month from 1 to 31, for example 8, 18."),
    "percent": gettext_lazy("Use percent from 1 to 100."),
}


def _field(one: Field, named: benefits_queries.Nameable) -> forms.Field:
    common: dict[str, Any] = {"label": FIELD_LABELS[one.name], "required": False, "help_text": HELP.get(one.shape, "")}
    if one.shape in (Shape.COUNT, Shape.LIMIT, Shape.HOURS):
        return whole_field(common.pop("label"), 1, WHOLE_MAX, **common)
    if one.shape is Shape.COPIES:
        return whole_field(common.pop("label"), 1, COUPONS_MAX, **common)
    if one.shape in (Shape.PERCENT, Shape.CAP):
        return number_field(common.pop("label"), **common)
    if one.shape is Shape.FLAG:
        return forms.BooleanField(**common)
    if one.shape is Shape.DAYS:
        return forms.CharField(max_length=120, **common)
    if one.shape is Shape.COUPONS:
        return forms.CharField(max_length=600, widget=forms.Textarea(attrs={"rows": 4}), **common)
    there = {Shape.COUPON: named.coupons, Shape.ITEM: named.items, Shape.POOL: named.pools}[one.shape]
    nothing = ("", str(pgettext_lazy("benefit", "– none –")))
    return forms.ChoiceField(
        choices=[nothing, *((code, f"{spoken(names)} ({code})") for code, names in there.items())], **common
    )


def _stored(one: Field, value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if one.shape is Shape.DAYS:
        return [int(day) if day.isdecimal() else day for day in listed(value)]
    if one.shape is Shape.COUPONS:
        pairs = (line.split() for line in value.splitlines() if line.strip())
        return {pair[0]: pair[1] if len(pair) > 1 else 1 for pair in pairs}
    return value


def cell_initial(stored: Mapping[str, Any] | None, fields: Sequence[Field], seen: str) -> dict[str, Any]:
    """Will return what the form of a cell begins with."""
    shown: dict[str, Any] = {"has": stored is not None, "seen": seen}
    for one in fields:
        value = (stored or {}).get(one.name, one.otherwise)
        if one.shape is Shape.DAYS:
            value = ", ".join(str(day) for day in value or ())
        elif one.shape is Shape.COUPONS:
            value = "\n".join(f"{code} {count}" for code, count in (value or {}).items())
        shown[one.name] = value
    return shown
