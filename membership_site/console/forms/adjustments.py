"""What the staff type to book points by hand, and to decide on what others asked for."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from membership_site import formats
from points import wording as points_wording
from points.rules.adjusting import POINTS_MAX

WHOLE = re.compile(r"[+-]?[0-9]{1,12}")
SIGNS = str.maketrans(
    {"−": "-", "－": "-", "＋": "+", ",": None, "，": None, "\u00a0": None, "\u202f": None, " ": None}
)


class PointsField(forms.CharField):
    """A whole number of points as people write it: +500, −2,000, 40."""

    default_error_messages = {
        "required": _("Use a whole number, for example 500."),
        "whole": _("Use a whole number, for example 500."),
        "nothing": _("Nought changes nothing. Use a whole number, for example 500."),
        "positive": _("Use a number above nought, for example 500."),
        "most": _("This is more than %(most)s at once. Check the number."),
    }

    def __init__(self, *, is_signed: bool, **kwargs: Any) -> None:
        self.is_signed = is_signed
        attrs = {"inputmode": "text" if is_signed else "numeric", "autocomplete": "off"}
        super().__init__(max_length=30, widget=forms.TextInput(attrs=attrs), **kwargs)

    def clean(self, value: Any) -> int:
        """Will read the number; refuses nought, fractions, words, and what is beyond any meaning."""
        text = str(super().clean(value)).translate(SIGNS)
        if not WHOLE.fullmatch(text):
            raise forms.ValidationError(self.error_messages["whole"])
        points = int(text)
        if points < 0 and not self.is_signed:
            raise forms.ValidationError(self.error_messages["positive"])
        if points == 0:
            raise forms.ValidationError(self.error_messages["nothing" if self.is_signed else "positive"])
        if abs(points) > POINTS_MAX:
            raise forms.ValidationError(self.error_messages["most"], params={"most": formats.num(POINTS_MAX)})
        return points


class ByHandForm(forms.Form):
    """Why something is booked by hand: words for the member, words for the staff, and the form's own key."""

    reason = forms.CharField(
        min_length=3,
        max_length=300,
        label=_("What the member will read"),
        help_text=_("Choose a common one, which members read in their own language, or write your own words."),
        widget=forms.TextInput(attrs={"list": "common-reasons", "autocomplete": "off"}),
        error_messages={
            "required": _("Say why: the member reads it beside the points."),
            "min_length": _("Say a little more, so that the member understands it."),
        },
    )
    note = forms.CharField(
        required=False,
        max_length=300,
        label=_("Note for colleagues"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    form_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": _("Open the form anew."), "invalid": _("Open it anew.")}
    )

    def clean_reason(self) -> str:
        """Will keep a common reason as such, in whichever language it was chosen."""
        return points_wording.reason_as_kept(self.cleaned_data["reason"])


class AdjustForm(ByHandForm):
    """Points to add or take."""

    points = PointsField(is_signed=True, label=_("Points"), help_text=_("Use minus to take points away."))
    field_order = ("points", "reason", "note", "form_key")


class WriteOffForm(ByHandForm):
    """Points that are no longer to be owed."""

    points = PointsField(is_signed=False, label=_("Points that are no longer owed"))
    field_order = ("points", "reason", "note", "form_key")


class DecideForm(forms.Form):
    """A second person's answer, with words: needed to refuse."""

    note = forms.CharField(
        required=False,
        max_length=300,
        label=_("Words for who asked"),
        help_text=_("Needed to refuse."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    answer = forms.ChoiceField(choices=[("approve", "approve"), ("refuse", "refuse")])

    def clean(self) -> dict[str, Any]:
        """Will ask for words where something is refused."""
        cleaned = super().clean() or {}
        if cleaned.get("answer") == "refuse" and not cleaned.get("note", "").strip():
            self.add_error("note", _("Say why you refuse: who asked reads it."))
        return cleaned
