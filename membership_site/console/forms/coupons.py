"""What the staff type around coupons: the terms, batches and codes, one for a member, and why one is made void."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from benefits import wording as benefits_wording
from benefits.actions import SIZE_MAX
from benefits.enums import CouponKind, ValidityKind
from benefits.rules import codes
from benefits.rules.coupons import GROUP, BadTerms, Scope, Terms, stored, terms_from
from membership_site.console.forms.giving import ReasonForm
from membership_site.console.forms.policies import KNOWN_DATES
from points.wording import weekday_name

Choices = Sequence[tuple[str, Any]]

SEPARATORS = re.compile(r"[,，、;；\n]+")
RESERVED = frozenset({"new", "code", "batches", "says"})
"""Words that addresses of the console use where the code of a coupon may stand."""

LIST_BYTES_MAX = 5 * 1024 * 1024
NOT_IN_TEXT = frozenset("\ufffd\x00")
"""What stands where bytes are no UTF-8, and what UTF-16 has between its letters."""
LIST_MAX = 100_000
NUMBER = {"invalid": gettext_lazy("Use a number, for example 10.00.")}
WHOLE = {"invalid": gettext_lazy("Use a whole number, for example 100.")}
DATE = {"invalid": gettext_lazy("Use a date such as 2027-03-31.")}
TIME = {"invalid": gettext_lazy("Use a time such as 18:00.")}
FIELD_OF = {"validity": "days", "hours": "hours_from", "scope": "skus"}
"""At which field of the form a fault of the terms stands, where it has another name."""

ANY, NONE, SOME = "any", "none", "some"


class WordsField(forms.CharField):
    """Words that commas, semicolons or lines part; each is kept once."""

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """Will part them."""
        return codes.once(filter(None, (word.strip() for word in SEPARATORS.split(super().to_python(value) or ""))))

    def prepare_value(self, value: Any) -> Any:
        """Will show words that were kept in one line."""
        return ", ".join(value) if isinstance(value, list | tuple) else value


def _money(label: Any, **more: Any) -> forms.DecimalField:
    errors = {**NUMBER, **dict.fromkeys(("max_decimal_places", "max_whole_digits"), NUMBER["invalid"])}
    return forms.DecimalField(label=label, required=False, min_value=0, decimal_places=3, error_messages=errors, **more)


def _whole(label: Any, **more: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, error_messages=WHOLE, **more)


def _words(label: Any) -> WordsField:
    return WordsField(label=label, required=False, max_length=4000)


def _date(label: Any) -> forms.DateField:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    errors = dict.fromkeys(("invalid", "min_value", "max_value"), DATE["invalid"])
    return forms.DateField(label=label, required=False, widget=widget, error_messages=errors, validators=KNOWN_DATES)


def _time(label: Any) -> forms.TimeField:
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return forms.TimeField(label=label, required=False, widget=widget, error_messages=TIME)


class TermsForm(forms.Form):
    """All terms of a coupon as fields, and its name in three languages."""

    name_en = forms.CharField(
        label=gettext_lazy("Name in English"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give the coupon a name, for example “Ten off tea”.")},
    )
    name_zh_hans = forms.CharField(label=gettext_lazy("Name in Simplified Chinese"), max_length=80, required=False)
    name_zh_hant = forms.CharField(label=gettext_lazy("Name in Traditional Chinese"), max_length=80, required=False)
    kind = forms.ChoiceField(label=gettext_lazy("It takes off"))
    amount = _money(pgettext_lazy("money", "Amount"), help_text=gettext_lazy("Only where it takes off an amount."))
    percent = forms.DecimalField(
        label=gettext_lazy("Percent"),
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=2,
        error_messages=NUMBER,
        help_text=gettext_lazy("Only where it takes off a share. 15 is 15% off."),
    )
    cap = _money(gettext_lazy("At most"), help_text=gettext_lazy("Empty: without a limit."))
    gift = forms.CharField(
        label=gettext_lazy("SKU of the gift"),
        required=False,
        max_length=80,
        help_text=gettext_lazy("Only where it takes off the price of a gift."),
    )
    minimum = _money(
        gettext_lazy("From an amount of"),
        help_text=gettext_lazy("Of the goods it is for, after their own discounts, before shipping and points."),
    )
    skus = _words(gettext_lazy("Articles (SKU)"))
    categories = _words(gettext_lazy("Categories"))
    brands = _words(gettext_lazy("Brands"))
    not_skus = _words(gettext_lazy("Not these articles (SKU)"))
    not_categories = _words(gettext_lazy("Not these categories"))
    not_brands = _words(gettext_lazy("Not these brands"))
    validity = forms.ChoiceField(
        label=gettext_lazy("Good for"),
        choices=(
            (ValidityKind.DAYS.value, gettext_lazy("so many days after it is issued")),
            (ValidityKind.DATES.value, gettext_lazy("between two dates, the same for everybody")),
        ),
    )
    days = _whole(gettext_lazy("Days"), help_text=gettext_lazy("7 is seven whole days after the day it is issued."))
    starts_on = _date(gettext_lazy("First date"))
    ends_on = _date(gettext_lazy("Last date"))
    weekdays = forms.MultipleChoiceField(
        label=gettext_lazy("On weekdays"), required=False, widget=forms.CheckboxSelectMultiple
    )
    hours_from = _time(gettext_lazy("From the time"))
    hours_to = _time(gettext_lazy("To the time"))
    tiers = forms.MultipleChoiceField(
        label=gettext_lazy("For tiers"), required=False, widget=forms.CheckboxSelectMultiple
    )
    first_order = forms.BooleanField(label=gettext_lazy("For a first order only"), required=False)
    uses_per_code = _whole(
        gettext_lazy("Uses of a code"), help_text=gettext_lazy("Empty: any number, as for a shared code.")
    )
    uses_per_member = _whole(gettext_lazy("Uses of a member"), help_text=gettext_lazy("Empty: any number."))
    uses_total = _whole(
        gettext_lazy("Uses of everybody together"),
        help_text=gettext_lazy("Empty: any number. It stays as it is from the first use on."),
    )
    budget = _money(
        gettext_lazy("Budget: most it may take off altogether"),
        help_text=gettext_lazy("Empty: any amount. It stays as it is from the first use on."),
    )
    group = forms.SlugField(
        label=gettext_lazy("Group"),
        required=False,
        max_length=40,
        help_text=gettext_lazy("Of one group one coupon is used at a time. Empty: the group of all ordinary coupons."),
    )
    exclusive = forms.BooleanField(label=gettext_lazy("Used alone, with no other coupon"), required=False)
    joining = forms.ChoiceField(
        label=gettext_lazy("With coupons of other groups"),
        choices=(
            (ANY, gettext_lazy("it is used with any")),
            (NONE, gettext_lazy("it is used with none")),
            (SOME, gettext_lazy("it is used with these groups")),
        ),
    )
    joins = _words(gettext_lazy("These groups"))
    priority = _whole(
        gettext_lazy("Priority"),
        min_value=0,
        max_value=1000,
        help_text=gettext_lazy("Of equals the larger comes first."),
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    GROUPS = (
        (gettext_lazy("As members read it"), ("name_en", "name_zh_hans", "name_zh_hant")),
        (gettext_lazy("What it takes off"), ("kind", "amount", "percent", "cap", "gift", "minimum")),
        (
            gettext_lazy("Which goods it is for"),
            ("skus", "categories", "brands", "not_skus", "not_categories", "not_brands"),
        ),
        (
            gettext_lazy("When it is good"),
            ("validity", "days", "starts_on", "ends_on", "weekdays", "hours_from", "hours_to"),
        ),
        (gettext_lazy("For whom"), ("tiers", "first_order", "uses_per_code", "uses_per_member")),
        (gettext_lazy("For everybody together"), ("uses_total", "budget")),
        (gettext_lazy("Beside other coupons"), ("group", "exclusive", "joining", "joins", "priority")),
    )

    ASKED = ("amount", "percent", "gift", "days", "joins")
    """What one choice asks for; with any other it is empty, and the style sheet shows it only there (`data-only`)."""
    ONLY = {"cap": "not-amount", "starts_on": "dates", "ends_on": "dates", "joins": "some"}

    def __init__(self, *args: Any, tier_choices: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {*self.ASKED, *self.ONLY}:
            self.fields[name].widget.attrs["data-only"] = self.ONLY.get(name, name)
        for name in self.ASKED:
            self.fields[name].widget.attrs["data-asked"] = ""
        _choices(self, "kind", [(kind.value, benefits_wording.coupon_kind_words(kind)) for kind in CouponKind])
        _choices(self, "weekdays", [(str(day), weekday_name(day)) for day in range(1, 8)])
        _choices(self, "tiers", tier_choices)

    @property
    def groups(self) -> list[tuple[str, tuple[forms.BoundField, ...]]]:
        """The fields by what they are about."""
        return [(str(title), tuple(self[name] for name in names)) for title, names in self.GROUPS]

    def clean(self) -> dict[str, Any]:
        """Will let the rules of coupons read the terms, and name the field that they cannot."""
        kept = super().clean() or {}
        if bool(kept.get("hours_from")) != bool(kept.get("hours_to")) and not self.faults:
            self.add_error("hours_from", benefits_wording.terms_fault("hours"))
        if kept.get("validity") == ValidityKind.DAYS and kept.get("days") is None and "days" not in self.errors:
            self.add_error("days", _("Say how many days, for example 30."))
        if not self.faults:
            try:
                terms_from(self.terms())
            except BadTerms as error:
                dated = error.field == "validity" and kept["validity"] == ValidityKind.DATES
                field = "ends_on" if dated else FIELD_OF.get(error.field, error.field)
                self.add_error(field if field in self.fields else None, benefits_wording.terms_fault(error.field))
        return kept

    @property
    def faults(self) -> list[str]:
        """Of which fields the terms cannot be read; names and codes are not among them."""
        return [name for name in self.errors if name != "code" and not name.startswith("name_")]

    def names(self) -> dict[str, str]:
        """Will return the coupon's names by language, empty ones left out."""
        kept = self.cleaned_data
        names = {"en": kept["name_en"], "zh-hans": kept["name_zh_hans"], "zh-hant": kept["name_zh_hant"]}
        return {language: name for language, name in names.items() if name}

    def terms(self) -> dict[str, Any]:
        """Will return the terms as they are stored, from what was typed."""
        kept = self.cleaned_data
        hours = [kept["hours_from"], kept["hours_to"]]
        joins = {ANY: None, NONE: [], SOME: kept["joins"]}[kept["joining"]]
        named = ("kind", "gift", "first_order", "uses_per_code", "uses_per_member", "uses_total", "exclusive")
        return {
            **{name: kept[name] for name in named},
            **{name: _plain(kept[name]) for name in ("amount", "percent", "cap", "minimum", "budget")},
            "scope": {name: kept[name] for name in Scope.__slots__},
            "validity": _validity(kept),
            "weekdays": [int(day) for day in kept["weekdays"]],
            "hours": [f"{time:%H:%M}" for time in hours] if all(time is not None for time in hours) else None,
            "tiers": kept["tiers"],
            "group": kept["group"],
            "joins": joins,
            "priority": kept["priority"] or 0,
        }


class NewCouponForm(TermsForm):
    """The code under which a new coupon is known, and its first terms."""

    code = forms.SlugField(
        label=gettext_lazy("Code of the coupon"),
        max_length=60,
        help_text=gettext_lazy("For the staff and the shop, for example spring-tea. It stays."),
        error_messages={
            "required": gettext_lazy("Name it, for example spring-tea."),
            "invalid": gettext_lazy("Use letters, digits and hyphens, for example spring-tea."),
        },
    )

    def clean_code(self) -> str:
        """Will refuse words that addresses use."""
        code = str(self.cleaned_data["code"]).lower()
        if code in RESERVED:
            raise ValidationError(_("This word is taken. Use another, for example spring-tea."))
        return code


def terms_initial(names: Mapping[str, str], terms: Terms, digest: str = "") -> dict[str, Any]:
    """Will return what the form shows for terms."""
    kept = stored(terms)
    validity, hours = kept.pop("validity"), kept.pop("hours", None) or ["", ""]
    joins = kept.pop("joins", None)
    return {
        **kept,
        **kept.pop("scope", {}),
        "group": "" if terms.group == GROUP else terms.group,
        "weekdays": [str(day) for day in terms.weekdays],
        "validity": validity["kind"],
        **{name: validity.get(name) for name in ("days", "starts_on", "ends_on")},
        "hours_from": hours[0],
        "hours_to": hours[1],
        "joining": ANY if joins is None else SOME if joins else NONE,
        "joins": joins or [],
        "name_en": names.get("en", ""),
        "name_zh_hans": names.get("zh-hans", ""),
        "name_zh_hant": names.get("zh-hant", ""),
        "seen": digest,
    }


# ---- many at once


class _BatchForm(forms.Form):
    label = forms.CharField(
        label=gettext_lazy("What they are for"),
        max_length=80,
        help_text=gettext_lazy("For the staff, for example “Leaflet in May”."),
        error_messages={"required": gettext_lazy("Say what they are for, for example “Leaflet in May”.")},
    )
    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Open the form anew."), "invalid": gettext_lazy("Open it anew.")},
    )


class CodesForm(_BatchForm):
    """Codes for whoever brings them."""

    size = forms.IntegerField(
        label=gettext_lazy("How many codes"),
        min_value=1,
        max_value=SIZE_MAX,
        error_messages={**WHOLE, "required": gettext_lazy("Say how many, for example 5000.")},
    )
    begins = forms.CharField(
        label=gettext_lazy("They begin with"),
        required=False,
        max_length=20,
        help_text=gettext_lazy("At least ten characters that nobody can guess follow."),
    )
    field_order = ("label", "size", "begins", "form_key")


class ListedForm(_BatchForm):
    """One coupon each for members whose numbers are listed."""

    numbers = forms.CharField(
        label=gettext_lazy("Member numbers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        help_text=gettext_lazy("Paste them, with a blank, comma or line between."),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file of them"),
        required=False,
        help_text=gettext_lazy("CSV or text: the first column, or the one that is called number."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    field_order = ("label", "numbers", "file", "form_key")

    def clean(self) -> dict[str, Any]:
        """Will gather the numbers of both, each once."""
        kept = super().clean() or {}
        given = [*codes.listed(kept.get("numbers", "")), *self._from_file(kept.get("file"))]
        listed = kept["listed"] = codes.once(number.upper() for number in given)
        if not listed and not self.errors:
            self.add_error("numbers", _("Name at least one member, or choose a file."))
        if len(listed) > LIST_MAX:
            self.add_error("numbers", _("These are too many at once. Use a view of the list of members instead."))
        return kept

    def _from_file(self, file: Any) -> list[str]:
        if file is None:
            return []
        if file.size > LIST_BYTES_MAX:
            self.add_error("file", _("The file is larger than 5 MB. Divide it."))
            return []
        text = file.read().decode("utf-8-sig", errors="replace")
        if not NOT_IN_TEXT.isdisjoint(text):
            self.add_error("file", _("The file is not text in UTF-8. Save it as CSV in UTF-8."))
            return []
        rows = [
            [cell.strip().strip("\"'") for cell in re.split(r"[,;\t]", line)]
            for line in text.splitlines()
            if line.strip()
        ]
        heads = [head.lower() for head in rows[0]] if rows else []
        column = heads.index("number") if "number" in heads else 0
        body = rows[1:] if "number" in heads else rows
        return [row[column] for row in body if len(row) > column and row[column]]


class FoundForm(_BatchForm):
    """One coupon each for everybody whom a view of the list of members, or a segment, finds."""

    query = forms.ChoiceField(
        label=gettext_lazy("View of the list of members, or segment"),
        help_text=gettext_lazy("Everybody whom it finds now. Who has not joined or is blocked is left out."),
        error_messages={
            "required": gettext_lazy("Choose a view or a segment."),
            "invalid_choice": gettext_lazy("This view or segment is gone. Choose another."),
        },
    )
    field_order = ("label", "query", "form_key")

    def __init__(self, *args: Any, views: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "query", views)


class ListForm(_BatchForm):
    """Which coupon everybody in the list of members gets; `query` is the list's address."""

    coupon = forms.ChoiceField(
        label=gettext_lazy("Coupon"),
        error_messages={
            "required": gettext_lazy("Choose a coupon."),
            "invalid_choice": gettext_lazy("This coupon is not issued any more. Choose another."),
        },
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=4000)
    field_order = ("coupon", "label", "query", "form_key")

    def __init__(self, *args: Any, coupons: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "coupon", coupons)


class SharedForm(_BatchForm):
    """One code of the shop's own choosing for many."""

    code = forms.CharField(
        label=gettext_lazy("Code"),
        max_length=60,
        help_text=gettext_lazy("For example WELCOME10. Capitals, blanks and hyphens make no difference."),
        error_messages={"required": gettext_lazy("Choose a code, for example WELCOME10.")},
    )
    field_order = ("label", "code", "form_key")


# ---- one coupon


class IssueForm(ReasonForm):
    """Which coupon a member is given, and why."""

    coupon = forms.ChoiceField(
        label=gettext_lazy("Coupon"),
        error_messages={
            "required": gettext_lazy("Choose a coupon."),
            "invalid_choice": gettext_lazy("This coupon is not issued any more. Choose another."),
        },
    )
    field_order = ("coupon", "reason", "form_key")

    def __init__(self, *args: Any, coupons: Choices = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "coupon", coupons)


class VoidForm(forms.Form):
    """Why a coupon is made void."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=3,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Say why: colleagues read it beside the coupon."),
            "min_length": gettext_lazy("Say a little more, so that colleagues understand it."),
        },
    )


# ---- leaves


def _choices(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


def _validity(kept: Mapping[str, Any]) -> dict[str, Any]:
    if kept["validity"] == ValidityKind.DAYS:
        return {"kind": kept["validity"], "days": kept["days"]}
    dates: dict[str, dt.date | None] = {name: kept[name] for name in ("starts_on", "ends_on")}
    return {"kind": kept["validity"], **{name: date.isoformat() for name, date in dates.items() if date}}


def _plain(value: Any) -> str:
    return f"{value:f}" if value is not None else ""
