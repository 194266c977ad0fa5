"""What the staff type to send gifts: who carries them, and what becomes of one."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.actions import Parcel
from benefits.enums import FulfilmentState

BULK_MAX = 200


class ShipForm(forms.Form):
    """Gifts that leave with one carrier, each under its own number or none."""

    carrier = forms.CharField(
        label=gettext_lazy("Carrier"),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Say who carries them, for example SF Express.")},
    )

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.chosen = data.getlist("gift") if data is not None else []

    def clean(self) -> dict[str, Any]:
        """Will ask for a gift at least, and refuse numbers that are none."""
        typed = super().clean() or {}
        if not self.chosen:
            raise forms.ValidationError(_("Choose the gifts that were sent."))
        if len(self.chosen) > BULK_MAX or not all(one.isascii() and one.isdecimal() for one in self.chosen):
            raise forms.ValidationError(_("Open the page anew and choose again."))
        return typed

    def parcels(self) -> list[Parcel]:
        """Will return the parcels as the deed takes them."""
        carrier = self.cleaned_data["carrier"].strip()
        return [Parcel(int(one), carrier, self.data.get(f"tracking-{one}", "").strip()[:80]) for one in self.chosen]


class StepForm(forms.Form):
    """What became of a gift, with words for colleagues."""

    state = forms.ChoiceField(
        choices=[
            (state.value, state.value)
            for state in (
                FulfilmentState.DELIVERED,
                FulfilmentState.RETURNED,
                FulfilmentState.READY,
                FulfilmentState.CANCELLED,
            )
        ]
    )
    note = forms.CharField(
        label=gettext_lazy("Note for colleagues"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> dict[str, Any]:
        """Will ask why something is given up."""
        typed = super().clean() or {}
        if typed.get("state") == FulfilmentState.CANCELLED and not typed.get("note", "").strip():
            self.add_error("note", _("Say why: colleagues read it beside the decision."))
        return typed
