"""What a member says of himself, and answers about what may be done with it."""

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members.enums import Channel, Purpose

FIRST_YEAR = 1900


class ProfileForm(forms.Form):
    """A member's own facts, each with why it is asked; all may be left empty."""

    name = forms.CharField(
        max_length=120, required=False, label=_("Name"), help_text=_("So that we can greet you, and put it on parcels.")
    )
    birthday = forms.DateField(
        required=False,
        label=_("Birthday"),
        help_text=_("For birthday gifts. It can be changed once a year."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
        error_messages={"invalid": _("Use a date such as 1990-03-31.")},
    )
    gender = forms.CharField(
        max_length=20, required=False, label=_("Gender"), help_text=_("As you call it; for what we suggest to you.")
    )
    region = forms.CharField(
        max_length=80, required=False, label=_("City or region"), help_text=_("For events and shops near you.")
    )
    language = forms.ChoiceField(
        required=False, label=_("Language"), help_text=_("In which we write to you."), choices=[]
    )
    time_zone = forms.CharField(
        max_length=40,
        required=False,
        label=_("Time zone"),
        help_text=_("So that nothing comes at night; for example Asia/Shanghai. Empty: the shop’s."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)
        languages = [("", _("No choice")), *settings.LANGUAGES]
        self.fields["language"].choices = languages  # type: ignore[attr-defined]
        for name, token in (("name", "name"), ("region", "address-level2")):
            self.fields[name].widget.attrs["autocomplete"] = token

    def clean_birthday(self) -> dt.date | None:
        """Will refuse a day that has not come, or is too long ago."""
        birthday: dt.date | None = self.cleaned_data["birthday"]
        if birthday and not dt.date(FIRST_YEAR, 1, 1) <= birthday <= self.today:
            raise forms.ValidationError(_("Use a date between 1900 and today."))
        return birthday

    def clean_time_zone(self) -> str:
        """Will refuse what is no time zone."""
        zone = str(self.cleaned_data["time_zone"]).strip()
        if zone and zone not in zoneinfo.available_timezones():
            raise forms.ValidationError(_("This is no time zone. Use a name such as Asia/Shanghai, or leave it empty."))
        return zone


class AnswerForm(forms.Form):
    """A yes or no to one question."""

    channel = forms.ChoiceField(choices=[(one.value, one.value) for one in Channel])
    purpose = forms.ChoiceField(choices=[(one.value, one.value) for one in (Purpose.MARKETING, Purpose.PROFILING)])
    given = forms.ChoiceField(choices=[("yes", "yes"), ("no", "no")])
