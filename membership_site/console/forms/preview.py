"""How much history a draft is to be tried on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from points.rules.previews import MONTHS_MAX

MONTHS = 12


class PreviewForm(forms.Form):
    """The number of months."""

    months = forms.IntegerField(
        label=_("Months of history"),
        min_value=1,
        max_value=MONTHS_MAX,
        initial=MONTHS,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        help_text=_("From 1 to 36. The history begins with the first day of a month."),
        error_messages={
            "required": _("Say how many months, for example 12."),
            "invalid": _("Use a whole number, for example 12."),
            "min_value": _("At least 1 month."),
            "max_value": _("At most 36 months."),
        },
    )
