"""What a member types to give points: to whom, and how many."""

from django import forms
from django.utils.translation import gettext_lazy as _

POINTS_MAX = 10**9


class GiftForm(forms.Form):
    """Whom and how many; whether it can be is asked of the members and the ledger afterwards."""

    recipient = forms.CharField(
        label=_("To whom"),
        max_length=120,
        help_text=_("Member number, e-mail address or phone number of an active member."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={
            "required": _("Enter a member number, an e-mail address or a phone number."),
            "max_length": _("This is too long for a member number, an e-mail address or a phone number."),
        },
    )
    points = forms.IntegerField(
        label=_("How many points"),
        min_value=1,
        max_value=POINTS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "fld num"}),
        error_messages={
            "required": _("Enter how many points you give."),
            "invalid": _("Use a whole number, for example 500."),
            "min_value": _("Use a whole number above nought, for example 500."),
            "max_value": _("Nobody has so many points. Use a smaller number."),
        },
    )
