"""What a member types to ask for a service, a seat or a trial."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benefits.rules.matrix import NOTE_MAX


class BookForm(forms.Form):
    """When he would like it, if it matters, and what we should know; the key makes a second press no second booking."""

    wanted_at = forms.DateTimeField(
        label=_("When would you like it?"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
        help_text=_("Leave it empty if any time suits you."),
        error_messages={"invalid": _("Use a date and a time, for example 2026-12-01 10:00.")},
    )
    note = forms.CharField(
        label=_("What should we know?"),
        required=False,
        max_length=NOTE_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"max_length": _("This is too long. Use at most 500 characters.")},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["form_key"].initial = uuid.uuid4
