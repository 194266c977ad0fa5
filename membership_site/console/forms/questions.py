"""What the staff answer to a member who thinks that his tier is wrong."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tiers import actions as tiers_actions
from tiers.enums import Verdict


class AnswerForm(forms.Form):
    """The answer in words, and whether he was right."""

    words = forms.CharField(
        label=_("What the member will read"),
        max_length=tiers_actions.WORDS_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Answer in words: the member reads them."),
            "max_length": _("This is too long. Use at most 1,000 characters."),
        },
    )
    verdict = forms.ChoiceField(choices=[(verdict.value, verdict.value) for verdict in Verdict])
