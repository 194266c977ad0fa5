"""What the staff type about messages: a template, words of a channel in a language, a topic, whom to show it as."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from members.enums import Purpose
from membership_site.console.forms.policies import whole_field
from membership_site.console.forms.rewards import by_language, code_field, initial_texts, name_fields, text_fields
from messaging.enums import Channel, ContentFormat
from messaging.models.templates import TOPIC
from messaging.queries.templates import TopicRow
from messaging.rules.content import BODY_MAX, REQUIRED, SHAPES, BadContent, Words, words_from
from messaging.wording.findings import PARTS, problem_words

NAME_MAX = 120
POSITION_MAX = 1000
BODY_ROWS = 14
FORMATS = (
    (ContentFormat.TEXT.value, pgettext_lazy("format of an e-mail", "Text in the house’s frame")),
    (ContentFormat.MJML.value, pgettext_lazy("format of an e-mail", "MJML of your own")),
)
HELP = {
    "preheader": gettext_lazy("What most inboxes show behind the subject."),
    "body": gettext_lazy("Blank lines part paragraphs; **bold**, [words](https://…), lines with - are a list."),
    "url": gettext_lazy("https://…, a page of this site such as /coupons/, or a field such as {{ inbox_url }}."),
    "event": gettext_lazy("Small letters, like tier.raised."),
    "fields": gettext_lazy("Names of fields, apart by spaces."),
}


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("Name"),
        max_length=NAME_MAX,
        help_text=gettext_lazy("Only the staff see it."),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )


class NewTemplateForm(forms.Form):
    """A template that is to be written."""

    name = _name_field()

    def __init__(self, *args: Any, topics: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        offers = [(code, _("Offers, about: %(topic)s") % {"topic": name}) for code, name in topics.items()]
        self.fields["about"] = forms.ChoiceField(
            label=gettext_lazy("What it is"),
            choices=[*offers, ("", _("A service message, which nobody can switch off"))],
            required=False,
            help_text=gettext_lazy("Offers reach only members who agreed to them and to the topic."),
        )
        # One of service is sent by the house, or by a campaign that tells what everybody has to know.
        self.order_fields(["name", "about"])

    def purpose(self) -> Purpose:
        """Will return what it is for."""
        return Purpose.MARKETING if self.cleaned_data["about"] else Purpose.SERVICE


class NameForm(forms.Form):
    """Another name, of a template or of its copy."""

    name = _name_field()


class WordsForm(forms.Form):
    """The words of one channel in one language; `seen` says which ones were edited."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)
    use_required_attribute = False

    def __init__(self, *args: Any, channel: Channel, **options: Any) -> None:
        super().__init__(*args, **options)
        self.channel = channel
        for part in fields(SHAPES[channel]):
            self.fields[part.name] = self._field(part.name)

    def _field(self, name: str) -> forms.Field:
        label, help_text = PARTS[name], HELP.get(name, "")
        if name == "format":
            return forms.ChoiceField(label=label, choices=FORMATS)
        # The rules say how long each may be, by channel; here is only the most that is read at all.
        is_long = name in ("body", "text")
        widget = forms.Textarea(attrs={"rows": BODY_ROWS if self.channel is Channel.EMAIL else 5}) if is_long else None
        return forms.CharField(
            label=label,
            help_text=help_text,
            required=name in REQUIRED[self.channel],
            max_length=BODY_MAX,
            strip=False,
            widget=widget,
        )

    def full_clean(self) -> None:
        """Will take what a draft still lacks, which is only asked for when it is published."""
        needed = [field for field in self.fields.values() if field.required]
        for field in needed:
            field.required = False
        super().full_clean()
        for field in needed:
            field.required = True

    def words(self) -> Words | None:
        """Will return what was typed; None, with the errors at the fields, where it cannot be kept."""
        if not self.is_valid():
            return None
        try:
            return words_from(self.channel, {name: text for name, text in self.cleaned_data.items() if name != "seen"})
        except BadContent as bad:
            for name, problem in bad.problems.items():
                self.add_error(name if name in self.fields else None, problem_words(problem))
            return None

    @staticmethod
    def typed_from(channel: Channel, words: Words | None) -> dict[str, str]:
        """Will return words as the form shows them."""
        return {**asdict(words or SHAPES[channel]()), "seen": seen_of(words)}


def seen_of(words: Words | None) -> str:
    """Will return a short name of words, so that it shows when somebody changed them."""
    if words is None:
        return ""
    return hashlib.sha256(json.dumps(asdict(words), sort_keys=True).encode()).hexdigest()[:16]


class TopicForm(forms.Form):
    """A topic: what it is called and says in each language, where it stands, whether it is offered."""

    def __init__(self, *args: Any, known: TopicRow | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if known is None:
            self.fields["code"] = code_field()
            self.fields["code"].validators.append(MaxLengthValidator(TOPIC))
        self.fields |= name_fields(gettext_lazy("Say what the topic is called."))
        self.fields |= text_fields("about")
        self.fields["position"] = whole_field(
            gettext_lazy("Place in the list"), 0, POSITION_MAX, help_text=gettext_lazy("Lower ones come first.")
        )
        if known is not None:
            self.fields["is_active"] = forms.BooleanField(
                label=gettext_lazy("Members see it and can choose by it"), required=False
            )

    def terms(self) -> dict[str, Any]:
        """Will return what was typed as the deeds take it."""
        typed = self.cleaned_data
        return {
            "names": by_language(typed, "name"),
            "abouts": by_language(typed, "about"),
            "position": typed["position"],
        }

    @staticmethod
    def typed_from(known: TopicRow) -> dict[str, Any]:
        """Will return a topic as its form shows it."""
        texts = {**initial_texts(known.names, "name"), **initial_texts(known.abouts, "about")}
        return {**texts, "position": known.position, "is_active": known.is_active}


class ShownAsForm(forms.Form):
    """As which member a message is shown: his number, or nobody's for the examples."""

    member = forms.CharField(label=gettext_lazy("Show it as the member with the number"), max_length=20, required=False)


class TrialForm(forms.Form):
    """In which language, and as which member, somebody sends an e-mail to himself."""

    language = forms.ChoiceField(label=gettext_lazy("Language"))
    member = forms.CharField(
        label=gettext_lazy("Written as the member with the number"),
        max_length=20,
        required=False,
        help_text=gettext_lazy("Empty: with examples. That his data was used is noted in the audit log."),
    )

    def __init__(self, *args: Any, languages: Sequence[tuple[str, str]], names_members: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["language"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(languages)
        if not names_members:
            del self.fields["member"]
