"""What the audit log is filtered by."""

from collections.abc import Mapping

from django import forms
from django.utils.translation import gettext_lazy as _

from membership_site.console.forms.policies import KNOWN_DATES

FIELDS = ("who", "deed", "about", "first", "last")


class AuditFilterForm(forms.Form):
    """The filters as the address has them; what cannot be read is named and left out."""

    who = forms.CharField(required=False, max_length=80, label=_("Who"))
    deed = forms.CharField(required=False, max_length=60, label=_("Deed"))
    about = forms.CharField(required=False, max_length=120, label=_("About"))
    first = forms.DateField(required=False, label=_("From"), input_formats=["%Y-%m-%d"], validators=KNOWN_DATES)
    last = forms.DateField(required=False, label=_("Through"), input_formats=["%Y-%m-%d"], validators=KNOWN_DATES)


def given_filters(data: Mapping[str, str]) -> dict[str, str]:
    """Will take the filters out of an address, without signs that no database keeps."""
    return {name: data.get(name, "").replace("\x00", "").strip()[:120] for name in FIELDS}
