"""What a member types to look ahead: an order he might place, on which date, and how far to look."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from membership_site import formats
from membership_site.flows import looked_ahead

SPEND_MAX = Decimal(10_000_000)
DATE_WORDS = {"invalid": _("Use a date such as 2027-03-31.")}


def _date() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class AheadForm(forms.Form):
    """An order and two dates, all of which may be left out."""

    spend = forms.DecimalField(
        label=_("An order of"),
        required=False,
        min_value=Decimal("0.01"),
        max_value=SPEND_MAX,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("An amount that would count, for example 500."),
        error_messages={
            "invalid": _("Use an amount, for example 500."),
            "min_value": _("Use an amount above nought, for example 500."),
            "max_value": _("This is more than any order. Use a smaller amount."),
            "max_decimal_places": _("Use at most two decimal places, for example 59.90."),
            "max_digits": _("This is more than any order. Use a smaller amount."),
            "max_whole_digits": _("This is more than any order. Use a smaller amount."),
        },
    )
    on = forms.DateField(label=_("Placed on"), required=False, widget=_date(), error_messages=DATE_WORDS)
    upto = forms.DateField(label=_("Look ahead to"), required=False, widget=_date(), error_messages=DATE_WORDS)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        self.today = today
        super().__init__(*args, **kwargs)

    def clean_on(self) -> dt.date | None:
        """Will refuse a date that is over, or too far."""
        return self._within(self.cleaned_data["on"])

    def clean_upto(self) -> dt.date | None:
        """Will refuse a date that is over, or too far, or before the order."""
        upto = self._within(self.cleaned_data["upto"])
        on = self.cleaned_data.get("on")
        if upto and on and upto < on:
            raise forms.ValidationError(_("Look at least to the date of the order."))
        return upto

    def _within(self, date: dt.date | None) -> dt.date | None:
        last = looked_ahead.last_date(self.today)
        if date and not self.today <= date <= last:
            words = {"first": formats.cal(self.today), "last": formats.cal(last)}
            raise forms.ValidationError(_("Use a date from %(first)s to %(last)s.") % words)
        return date
