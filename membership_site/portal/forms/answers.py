"""What a member answers to a question of a message."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.enums import Question
from messaging.rules.answers import COMMENT_MAX
from messaging.wording.answers import choices_of, question_words


class AnswerForm(forms.Form):
    """One press for the answer, and room for words."""

    score = forms.ChoiceField(widget=forms.RadioSelect)
    comment = forms.CharField(
        label=gettext_lazy("What is the reason?"),
        required=False,
        max_length=COMMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, question: Question, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["score"]
        assert isinstance(field, forms.ChoiceField)
        field.label, field.choices = question_words(question), choices_of(question)
        field.error_messages = {
            "required": _("Choose an answer. Nothing was sent."),
            "invalid_choice": _("Choose one of the answers. Nothing was sent."),
        }
