"""What the staff type about a member: notes, tags, whom to merge, why to copy or erase, and the days of life-cycles."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from insights.rules import LifecycleTerms

TAGGED_MAX = 50_000
"""So many members are tagged at once at most."""


def new_key() -> str:
    """Will make the key by which a form that is sent twice is one."""
    return str(uuid.uuid4())


class NoteForm(forms.Form):
    """A note on a member."""

    text = forms.CharField(
        max_length=2000,
        label=_("Note"),
        help_text=_("For the staff. The member gets it with a copy of his data, so write what he may read."),
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write something.")},
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open the form anew.")})


class TagForm(forms.Form):
    """A tag, and whether it is put on or taken off."""

    name = forms.CharField(
        max_length=60, label=_("Tag"), error_messages={"required": _("Say which tag, for example “vip”.")}
    )
    deed = forms.ChoiceField(
        label=_("What to do"),
        choices=[("put", _("Put it on")), ("take", _("Take it off"))],
        error_messages={"required": _("Choose."), "invalid_choice": _("Choose.")},
    )

    def clean_name(self) -> str:
        """Will take out spaces that nobody sees."""
        return " ".join(str(self.cleaned_data["name"]).split())


class ReasonForm(forms.Form):
    """Why something is done with a member's data, and the form's own key."""

    reason = forms.CharField(
        min_length=5,
        max_length=300,
        label=_("Reason"),
        help_text=_("It is kept in the audit log, and the member can read it: name nobody."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Say why."),
            "min_length": _("Say a little more: a reason that a colleague understands later."),
        },
    )
    form_key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": _("Open the form anew.")})


class MergeForm(ReasonForm):
    """Who is merged into this member, and why."""

    other = forms.CharField(
        max_length=20,
        label=_("Number of the other membership"),
        help_text=_("It is closed; this one goes on."),
        error_messages={"required": _("Enter the number of the other membership, for example M10000017.")},
    )
    field_order = ("other", "reason", "form_key")


class EraseForm(ReasonForm):
    """Why a member is erased, and his number typed, for it cannot be undone."""

    typed = forms.CharField(
        max_length=20, label=_("Member number"), help_text=_("Type it to confirm. An erasure cannot be undone.")
    )
    field_order = ("reason", "typed", "form_key")

    def __init__(self, *args: Any, number: str, **kwargs: Any) -> None:
        self.number = number
        super().__init__(*args, **kwargs)

    def clean_typed(self) -> str:
        """Will refuse another number."""
        typed = str(self.cleaned_data["typed"]).strip().upper()
        if typed != self.number:
            raise forms.ValidationError(_("This is not the number of this member. Nothing was erased."))
        return typed


def _days(label: Any, least: int) -> forms.IntegerField:
    return forms.IntegerField(min_value=least, max_value=3650, label=label)


class DaysForm(forms.Form):
    """By how many days the stages are told apart."""

    new_days = _days(_("New, days from joining"), 0)
    sleeping_days = _days(_("Asleep, days without a deed"), 1)
    lapsed_days = _days(_("Lapsed, days without a deed"), 2)
    won_back_days = _days(_("Won back, days it is called so"), 0)

    def clean(self) -> dict[str, Any]:
        """Will refuse that somebody lapses before he sleeps."""
        cleaned = super().clean() or {}
        asleep, lapsed = cleaned.get("sleeping_days"), cleaned.get("lapsed_days")
        if asleep is not None and lapsed is not None and lapsed <= asleep:
            self.add_error("lapsed_days", _("Use more days than for falling asleep."))
        return cleaned

    def terms(self) -> LifecycleTerms:
        """Will return what was typed as the rule takes it."""
        return LifecycleTerms(**self.cleaned_data)
