"""What may be written into the draft of a ladder: its settings, one tier, and the date a preview takes it to begin."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from membership_site.console.forms.policies import date_field, number_field, whole_field
from tiers.actions import Settings, TierDraft
from tiers.enums import AtEnd, Join, Look, OnRefund, Rounding, Start, Window
from tiers.queries import LadderVersionView
from tiers.rules import METRICS, Requirement, Rung

DAYS_MAX = 3650
ICONS = (
    "leaf", "sprout", "flower-2", "medal", "award", "crown", "gem", "trophy", "star", "sparkles", "heart", "flame",
    "shield", "sun", "moon", "mountain", "zap",
)  # fmt: skip
ASKED = ("reach", "keep", "re_enter")
METRIC_LABELS: Mapping[str, Any] = {
    "spend": gettext_lazy("Spend"),
    "orders": gettext_lazy("Orders"),
    "growth": gettext_lazy("Growth value"),
    "active_days": gettext_lazy("Active days"),
    "years": gettext_lazy("Years of membership"),
    "referrals": gettext_lazy("Friends referred"),
}
LOOKS: Mapping[Look, Any] = {
    Look.BRONZE: gettext_lazy("Bronze"),
    Look.SILVER: gettext_lazy("Silver"),
    Look.GOLD: gettext_lazy("Gold"),
    Look.DIAMOND: gettext_lazy("Diamond"),
    Look.JADE: gettext_lazy("Jade"),
    Look.ROSE: gettext_lazy("Rose"),
    Look.GRAPHITE: gettext_lazy("Graphite"),
    Look.ONYX: gettext_lazy("Onyx"),
}


@dataclass(frozen=True)
class Group:
    """Fields that belong together; `name` is what findings are put beside."""

    name: str
    title: Any
    words: Any
    fields: tuple[BoundField, ...]


class NewLadderForm(forms.Form):
    """A ladder beside those that are there: what the staff call it, and its short name in addresses and files."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("For the staff. Members read the names of its tiers."),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )
    code = forms.RegexField(
        regex=r"\A[a-z][a-z0-9-]{1,39}\Z",
        label=gettext_lazy("Short name"),
        help_text=gettext_lazy("Small letters, digits and hyphens, such as “club”. It cannot be changed later."),
        error_messages={
            "required": gettext_lazy("Give it a short name."),
            "invalid": gettext_lazy("Use small letters, digits and hyphens, beginning with a letter."),
        },
    )

    def __init__(self, *args: Any, taken: Collection[str], **options: Any) -> None:
        self.taken = {*taken, "new"}
        super().__init__(*args, **options)

    def clean_code(self) -> str:
        """Will refuse a short name that another ladder has, or that is an address of the console."""
        code: str = self.cleaned_data["code"]
        if code in self.taken:
            raise forms.ValidationError(_("“%(code)s” is taken. Choose another one."), params={"code": code})
        return code


class LadderSettingsForm(forms.Form):
    """The settings of a ladder."""

    window = forms.ChoiceField(
        label=gettext_lazy("Dates that count"),
        choices=(
            (Window.ROLLING.value, gettext_lazy("the last so many days")),
            (Window.CALENDAR_YEAR.value, gettext_lazy("the calendar year")),
            (Window.MEMBERSHIP_YEAR.value, gettext_lazy("the member’s own year, from the day of joining")),
            (Window.LIFETIME.value, gettext_lazy("the whole membership")),
        ),
    )
    window_days = whole_field(
        gettext_lazy("Days that count"),
        1,
        DAYS_MAX,
        required=False,
        help_text=gettext_lazy("Only for the last so many days."),
    )
    start = forms.ChoiceField(
        label=gettext_lazy("A tier that was reached begins"),
        choices=(
            (Start.AT_ONCE.value, pgettext_lazy("a tier begins", "at once")),
            (Start.NEXT_PERIOD.value, gettext_lazy("with the next period")),
        ),
        help_text=gettext_lazy("The period is the year that counts, or else the month."),
    )
    validity_months = whole_field(gettext_lazy("Months that it is valid"), 1, 1200)
    rounding = forms.ChoiceField(
        label=gettext_lazy("Its last day is"),
        choices=(
            (Rounding.SAME_DATE.value, gettext_lazy("the same day so many months later")),
            (Rounding.MONTH.value, gettext_lazy("the end of that month")),
            (Rounding.YEAR.value, gettext_lazy("the end of that year")),
        ),
    )
    at_end = forms.ChoiceField(
        label=gettext_lazy("A tier that was not kept goes"),
        choices=(
            (AtEnd.TO_EARNED.value, gettext_lazy("down to the tier earned by then")),
            (AtEnd.ONE_STEP.value, gettext_lazy("one tier down")),
            (AtEnd.NEVER.value, gettext_lazy("nowhere: it stays")),
        ),
    )
    grace_days = whole_field(gettext_lazy("Days of grace"), 0, DAYS_MAX)
    grace_rounds_up = forms.BooleanField(label=gettext_lazy("Grace runs to the end of its month"), required=False)
    on_refund = forms.ChoiceField(
        label=gettext_lazy("If the order that brought it is returned, the tier"),
        choices=(
            (OnRefund.HOLD.value, gettext_lazy("stays to its date")),
            (OnRefund.RE_EVALUATE.value, gettext_lazy("is decided again")),
        ),
    )
    protection_days = whole_field(
        gettext_lazy("Days in which it is decided again"), 0, DAYS_MAX,
        help_text=gettext_lazy("Counted from the day the tier began."),
    )  # fmt: skip
    notice_days = whole_field(
        gettext_lazy("Days of notice before a fall"), 0, DAYS_MAX,
        help_text=gettext_lazy("Nobody falls under this version before so many days after it began."),
    )  # fmt: skip
    courtesies_a_month = whole_field(gettext_lazy("Courtesies a month for each of the staff"), 0, 1000)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    GROUPS: tuple[tuple[str, Any, Any, tuple[str, ...]], ...] = (
        (
            "window",
            gettext_lazy("What counts, and from when on"),
            gettext_lazy("The days that are looked at whenever a tier is decided."),
            ("window", "window_days", "start"),
        ),
        (
            "validity",
            gettext_lazy("Validity"),
            gettext_lazy("A tier that was reached is kept to its last day, whatever happens."),
            ("validity_months", "rounding"),
        ),
        (
            "at_end",
            gettext_lazy("At the end"),
            gettext_lazy("In grace the tier is still held; what keeps it then keeps it."),
            ("at_end", "grace_days", "grace_rounds_up"),
        ),
        (
            "protection_days",
            gettext_lazy("Returns"),
            gettext_lazy("So that nobody buys a tier and sends the goods back."),
            ("on_refund", "protection_days"),
        ),
        (
            "notice_days",
            gettext_lazy("Notice and courtesies"),
            gettext_lazy("Members hear of a fall before it comes."),
            ("notice_days", "courtesies_a_month"),
        ),
    )

    @property
    def groups(self) -> Iterator[Group]:
        """The fields as the page shows them."""
        for name, title, words, fields in self.GROUPS:
            yield Group(name, title, words, tuple(self[field] for field in fields))

    def clean(self) -> dict[str, Any]:
        """Will ask for days where days count."""
        kept = super().clean() or {}
        if kept.get("window") == Window.ROLLING and not kept.get("window_days") and "window_days" not in self.errors:
            self.add_error("window_days", _("Say how many days count, for example 365."))
        return kept

    def settings(self) -> Settings:
        """Will return what was found right."""
        kept = self.cleaned_data
        window = Window(kept["window"])
        return Settings(
            window=window,
            window_days=kept["window_days"] if window is Window.ROLLING else 0,
            start=Start(kept["start"]),
            validity_months=kept["validity_months"],
            rounding=Rounding(kept["rounding"]),
            at_end=AtEnd(kept["at_end"]),
            grace_days=kept["grace_days"],
            grace_rounds_up=kept["grace_rounds_up"],
            protection_days=kept["protection_days"],
            on_refund=OnRefund(kept["on_refund"]),
            notice_days=kept["notice_days"],
            courtesies_a_month=kept["courtesies_a_month"],
        )


def settings_initial(version: LadderVersionView) -> dict[str, Any]:
    """Will return what a version puts into the fields of the settings."""
    names = [name for _name, _title, _words, fields in LadderSettingsForm.GROUPS for name in fields]
    values = {name: getattr(version.terms, name) for name in names if name != "courtesies_a_month"}
    values |= {"courtesies_a_month": version.courtesies_a_month, "seen": version.settings_digest}
    return {**values, "window_days": version.terms.window_days or ""}


class TierForm(forms.Form):
    """One tier: names, look, what it earns, and what is asked to reach, to keep and to come back to it."""

    name_en = forms.CharField(
        label=gettext_lazy("Name in English"),
        max_length=40,
        error_messages={"required": gettext_lazy("Give the tier a name, for example “Gold”.")},
    )
    name_zh_hans = forms.CharField(
        label=gettext_lazy("Name in Simplified Chinese"),
        max_length=40,
        error_messages={"required": gettext_lazy("Members read it in their own language. Give it a name there too.")},
    )
    name_zh_hant = forms.CharField(
        label=gettext_lazy("Name in Traditional Chinese"),
        max_length=40,
        error_messages={"required": gettext_lazy("Members read it in their own language. Give it a name there too.")},
    )
    look = forms.ChoiceField(
        label=gettext_lazy("Appearance"), choices=[(look.value, words) for look, words in LOOKS.items()]
    )
    icon = forms.ChoiceField(label=gettext_lazy("Sign"), choices=[(name, name) for name in ICONS])
    multiplier = forms.DecimalField(
        label=gettext_lazy("Points, times"),
        min_value=0,
        max_digits=6,
        decimal_places=3,
        error_messages={
            "invalid": gettext_lazy("Use a number, for example 1.5."),
            "required": gettext_lazy("Say how much it earns, for example 1.5."),
        },
        help_text=gettext_lazy("Times the points per currency unit of the earning rules."),
    )
    never_lost = forms.BooleanField(label=gettext_lazy("It is never lost once reached"), required=False)
    by_invitation = forms.BooleanField(label=gettext_lazy("It is by invitation alone"), required=False)
    has_re_entry = forms.BooleanField(
        label=gettext_lazy("Who held it before is asked something else to come back"), required=False
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, **options)
        joins = ((Join.ANY.value, _("any of these is enough")), (Join.ALL.value, _("all of these are needed")))
        for what in ASKED:
            for metric in METRICS:
                label = METRIC_LABELS[metric]
                self.fields[f"{what}_{metric}"] = (
                    number_field(label, required=False) if metric == "spend" else whole_field(label, 0, required=False)
                )
            self.fields[f"{what}_join"] = forms.ChoiceField(label=_("How many of them"), choices=joins)

    def asks(self, what: str) -> tuple[BoundField, ...]:
        """The fields of a requirement: metrics, and how many of them."""
        return tuple(self[f"{what}_{part}"] for part in (*METRICS, "join"))

    @property
    def groups(self) -> Iterator[Group]:
        """The three requirements as the page shows them."""
        words = {
            "reach": (_("To reach it"), _("Empty is not asked. Who has exactly this much has reached it.")),
            "keep": (_("To keep it"), _("Asked at the end of validity.")),
            "re_enter": (_("To come back to it"), _("Only where the tick above is set; else what reaches it.")),
        }
        for what, (title, said) in words.items():
            yield Group(what, title, said, self.asks(what))

    def draft(self, code: str) -> TierDraft:
        """Will return the tier from what was found right."""
        kept = self.cleaned_data
        return TierDraft(
            code=code,
            names={"en": kept["name_en"], "zh-hans": kept["name_zh_hans"], "zh-hant": kept["name_zh_hant"]},
            look=Look(kept["look"]),
            icon=kept["icon"],
            multiplier=kept["multiplier"],
            reach=self._requirement("reach"),
            keep=self._requirement("keep"),
            re_enter=self._requirement("re_enter") if kept["has_re_entry"] else None,
            never_lost=kept["never_lost"],
            by_invitation=kept["by_invitation"],
        )

    def _requirement(self, what: str) -> Requirement:
        needs = {metric: self.cleaned_data[f"{what}_{metric}"] for metric in METRICS}
        return Requirement(**needs, join=Join(self.cleaned_data[f"{what}_join"]))


def tier_initial(version: LadderVersionView, code: str) -> dict[str, Any]:
    """Will return what a tier of a version puts into the fields; a new one begins with nothing asked."""
    found = next(
        ((tier, rung) for tier, rung in zip(version.tiers, version.terms.rungs, strict=True) if tier.code == code), None
    )
    if found is None:
        return {"multiplier": "1", "look": Look.JADE.value, "icon": "star"}
    tier, rung = found
    return {
        "name_en": tier.names.get("en", ""),
        "name_zh_hans": tier.names.get("zh-hans", ""),
        "name_zh_hant": tier.names.get("zh-hant", ""),
        "look": tier.look,
        "icon": tier.icon,
        "multiplier": _plain(rung.multiplier),
        "never_lost": rung.never_lost,
        "by_invitation": rung.by_invitation,
        "has_re_entry": rung.re_enter is not None,
        "seen": version.tier_digests[code],
        **_asked_initial(rung),
    }


def _asked_initial(rung: Rung) -> dict[str, Any]:
    initial: dict[str, Any] = {}
    for what, asked in (("reach", rung.reach), ("keep", rung.keep), ("re_enter", rung.re_enter or Requirement())):
        initial |= {f"{what}_{metric}": _plain(need) for metric, need in asked.ways()}
        initial[f"{what}_join"] = asked.join.value
    return initial


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


class LadderPreviewForm(forms.Form):
    """From when on the draft is taken to be in force."""

    effective_on = date_field(
        gettext_lazy("As if it began on"),
        errors={"required": gettext_lazy("Choose the first day it would be in force.")},
    )
