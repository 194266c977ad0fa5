"""What the staff type to give a tier, to end one that was given, and to extend a validity as a courtesy."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tiers import wording as tiers_wording
from tiers.enums import HoldKind

YEARS_MAX = 5


class ReasonForm(forms.Form):
    """Why something is decided by hand, and the form's own key."""

    reason = forms.CharField(
        min_length=3,
        max_length=300,
        label=_("Reason"),
        help_text=_("For colleagues and the audit log; the member does not read it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Say why: colleagues read it beside the decision."),
            "min_length": _("Say a little more, so that colleagues understand it."),
        },
    )
    form_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": _("Open the form anew."), "invalid": _("Open it anew.")}
    )


class _UntilForm(ReasonForm):
    until = forms.DateField(
        label=_("Through"),
        help_text=_("The last date on which it is held."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={
            "required": _("Say until when, for example 2027-03-31."),
            "invalid": _("Use a date such as 2027-03-31."),
        },
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_until(self) -> dt.date:
        """Will refuse a date so far away that it was mistyped."""
        until: dt.date = self.cleaned_data["until"]
        if until > self.today + dt.timedelta(days=366 * YEARS_MAX):
            raise forms.ValidationError(_("This is more than five years away. Use an earlier date."))
        return until


class GiveForm(_UntilForm):
    """Which tier, why, and until when."""

    tier = forms.ChoiceField(
        label=_("Tier"), error_messages={"required": _("Choose a tier."), "invalid_choice": _("Choose a tier.")}
    )
    kind = forms.ChoiceField(
        label=_("How"), error_messages={"required": _("Choose how."), "invalid_choice": _("Choose how.")}
    )
    field_order = ("tier", "kind", "until", "reason", "form_key")

    def __init__(self, *args: Any, tiers: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tier"].choices = list(tiers)  # type: ignore[attr-defined]
        kinds = [(kind.value, tiers_wording.kind_words(kind)) for kind in HoldKind]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class ExtendForm(_UntilForm):
    """Until when an earned tier is to be valid."""

    field_order = ("until", "reason", "form_key")


class EndForm(ReasonForm):
    """That what was given ends today."""
