"""What a member writes where he thinks that his tier is wrong."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tiers import actions as tiers_actions


class ChallengeForm(forms.Form):
    """His words."""

    words = forms.CharField(
        label=_("What is wrong"),
        max_length=tiers_actions.WORDS_MAX,
        help_text=_("Say what you expected and why, for example an order that is missing."),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={
            "required": _("Say what is wrong, so that we know where to look."),
            "max_length": _("This is too long. Use at most 1,000 characters."),
        },
    )
