"""What a member types to see what a code gives."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """A code as it was printed or read out."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        help_text=_("Capitals, blanks and hyphens make no difference."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("Type a code, for example WELCOME10.")},
    )
