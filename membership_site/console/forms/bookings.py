"""What the staff answer to a booking."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.rules.matrix import NOTE_MAX


class BookingForm(forms.Form):
    """Yes, no or done, with words for the member; a no needs them."""

    do = forms.ChoiceField(choices=[(do, do) for do in ("confirm", "decline", "finish")])
    answer = forms.CharField(
        label=gettext_lazy("Words for the member"),
        max_length=NOTE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        """Will ask for words where the answer is no."""
        clean: dict[str, Any] = super().clean() or {}
        if clean.get("do") == "decline" and not clean.get("answer"):
            self.add_error("answer", _("Say why not; the member reads it."))
        return clean
