"""What the staff say to have a step of the night run."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit import clock, jobs
from membership_site import formats
from membership_site.console.pages.jobs import step_title
from membership_site.flows import nightly

DATES_MAX = 400
"""So many nights may be made up from a page; more are a matter for the command line."""


class RunStepForm(forms.Form):
    """A step and the date up to which it is to be done."""

    step = forms.ChoiceField(label=_("Step"), error_messages={"required": _("Choose a step.")})
    date = forms.DateField(
        label=_("Up to the night of"),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Dates missed before it are made up first. A step that is done already changes nothing."),
        error_messages={
            "required": _("Choose a date."),
            "invalid": _("Use a date such as 2026-03-31."),
        },
    )

    def __init__(self, *args: Any, at: dt.datetime, **kwargs: Any) -> None:
        self.last = clock.last_finished_date(at)
        self.missing: list[dt.date] = []
        super().__init__(*args, **kwargs)
        field = self.fields["step"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(step.name, step_title(step.name)) for step in nightly.STEPS]
        self.fields["date"].widget.attrs["max"] = self.last.isoformat()

    def clean_date(self) -> dt.date:
        """Will refuse a date that is not over, or that lies so far back that it is a slip."""
        date: dt.date = self.cleaned_data["date"]
        if date > self.last:
            raise forms.ValidationError(
                _("%(date)s is not over yet. The latest night that can be run is %(last)s."),
                params={"date": formats.cal(date), "last": formats.cal(self.last)},
            )
        if (self.last - date).days > DATES_MAX:
            raise forms.ValidationError(_("This is too long ago. Use manage.py run_job for it."))
        return date

    def clean(self) -> dict[str, Any]:
        """Will work out which dates are to be done; refuses where there are none. Two queries."""
        cleaned = super().clean() or {}
        if "step" in cleaned and "date" in cleaned:
            self.missing = jobs.missing_dates(nightly.find_step(cleaned["step"]), cleaned["date"])
            if not self.missing:
                self.add_error("date", _("This step is done for that date already. There is nothing to run."))
        return cleaned


class ApproveForm(forms.Form):
    """Which held step is let pass, and why."""

    step = forms.CharField(max_length=60, widget=forms.HiddenInput)
    date = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)


class UndoForm(forms.Form):
    """Which night is undone and why, with the form's own key."""

    date = forms.DateField(input_formats=["%Y-%m-%d"], widget=forms.HiddenInput)
    form_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": _("Open the form anew."), "invalid": _("Open it anew.")}
    )
    reason = forms.CharField(
        min_length=3,
        max_length=300,
        label=_("Reason"),
        help_text=_("It is kept with every member’s decision, for the staff to read."),
        error_messages={"required": _("Say why."), "min_length": _("Say a little more.")},
    )
