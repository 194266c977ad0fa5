"""What the staff type about sending: the rules, an address to look up, why it is written to again."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from messaging.enums import Channel
from messaging.rules.caps import COUNT_MAX, WINDOW_DAYS_MAX, Cap
from messaging.rules.quiet import Quiet
from messaging.rules.sending import HouseRules
from messaging.wording.fields import channel_words

EMPTY_ROWS = 2
CAPS_MAX = 30
ADDRESSES = (Channel.EMAIL, Channel.SMS)


def _time(label: Any) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={
            "required": gettext_lazy("Say a time. Two equal times are no quiet hours."),
            "invalid": gettext_lazy("Use a time such as 22:00."),
        },
    )


def _share(label: Any, help_text: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        help_text=help_text,
        min_value=Decimal("0.01"),
        max_value=100,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Say a share in percent, for example 5."),
            "invalid": gettext_lazy("Use a number such as 0.3."),
            "min_value": gettext_lazy("Use 0.01 to 100 percent."),
            "max_value": gettext_lazy("Use 0.01 to 100 percent."),
            "max_decimal_places": gettext_lazy("Two digits behind the point are enough."),
        },
    )


class CapForm(forms.Form):
    """One frequency cap; a row without a number is none."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"), required=False)
    topic = forms.ChoiceField(label=gettext_lazy("Topic"), required=False)
    count = forms.IntegerField(
        label=gettext_lazy("At most"),
        required=False,
        min_value=1,
        max_value=COUNT_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    window_days = forms.IntegerField(
        label=gettext_lazy("In so many days"),
        required=False,
        min_value=1,
        max_value=WINDOW_DAYS_MAX,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, topics: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        channels = [(one.value, channel_words(one)) for one in Channel]
        self.fields["channel"].choices = [("", _("any channel")), *channels]  # type: ignore[attr-defined]
        self.fields["topic"].choices = [("", _("any topic")), *topics.items()]  # type: ignore[attr-defined]
        for name in ("count", "window_days"):
            most = COUNT_MAX if name == "count" else WINDOW_DAYS_MAX
            words = _("Use a whole number from 1 to %(most)s.") % {"most": most}
            self.fields[name].error_messages |= {"invalid": words}
            for validator in self.fields[name].validators:
                validator.message = words  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Will ask for both numbers of a row that has one."""
        typed = super().clean() or {}
        for name, other in (("count", "window_days"), ("window_days", "count")):
            if typed.get(name) is None and typed.get(other) is not None and name not in self.errors:
                self.add_error(name, _("Say this as well, or empty the row to take it out."))
        return typed

    def cap(self) -> Cap | None:
        """Will return the cap, or None for an empty row."""
        typed = self.cleaned_data
        if typed.get("count") is None:
            return None
        return Cap(typed["count"], typed["window_days"], typed["channel"] or None, typed["topic"] or None)


class SendingRulesForm(forms.Form):
    """How the house sends. `seen` is the number of the rules that were edited."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    quiet_from = _time(gettext_lazy("Offers wait from"))
    quiet_until = _time(gettext_lazy("Until"))
    late_after_hours = forms.IntegerField(
        label=gettext_lazy("An offer held so many hours is not sent any more"),
        min_value=1,
        max_value=24 * 60,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": gettext_lazy("Use 1 to 1440 hours."),
            "invalid": gettext_lazy("Use 1 to 1440 hours."),
            "min_value": gettext_lazy("Use 1 to 1440 hours."),
            "max_value": gettext_lazy("Use 1 to 1440 hours."),
        },
    )
    bounces = _share(
        gettext_lazy("Pause a dispatch when so many percent come back"),
        gettext_lazy("Mail services begin to block who sends above 5 percent."),
    )
    complaints = _share(
        gettext_lazy("Pause it when so many percent complain"),
        gettext_lazy("Mail services want less than 0.3 percent."),
    )

    def __init__(self, data: Any = None, *, rules: HouseRules, number: int, topics: Mapping[str, str]) -> None:
        known = {
            "seen": number,
            "quiet_from": rules.quiet.starts,
            "quiet_until": rules.quiet.ends,
            "late_after_hours": rules.late_after_hours,
            "bounces": _percent(rules.bounces_pause_share),
            "complaints": _percent(rules.complaints_pause_share),
        }
        super().__init__(data, initial=known)
        kept = [cap.as_stored() for cap in rules.caps]
        count = min(len(kept) + EMPTY_ROWS, CAPS_MAX)
        if data is not None:
            count = min(max(count, _rows_of(data)), CAPS_MAX)
        rows = [*kept, *({} for _row in range(count))][:count]
        self.caps = [
            CapForm(data, prefix=f"cap-{place}", initial=row, topics=topics) for place, row in enumerate(rows, 1)
        ]

    def is_valid(self) -> bool:
        """Will say whether all of it can be kept, the rows of caps too."""
        return all([super().is_valid(), *(row.is_valid() for row in self.caps)])

    def rules(self) -> HouseRules:
        """Will return what was typed."""
        typed = self.cleaned_data
        starts: dt.time = typed["quiet_from"]
        return HouseRules(
            quiet=Quiet(starts, typed["quiet_until"]),
            caps=tuple(cap for row in self.caps if (cap := row.cap()) is not None),
            bounces_pause_share=typed["bounces"] / 100,
            complaints_pause_share=typed["complaints"] / 100,
            late_after_hours=typed["late_after_hours"],
        )


def _rows_of(data: Mapping[str, str]) -> int:
    """Will count the rows that were sent."""
    return sum(name.startswith("cap-") and name.endswith("-count") for name in data)


def _percent(share: Decimal) -> str:
    return f"{(share * 100).normalize():f}"


class AddressForm(forms.Form):
    """An address that somebody asks about; it is never listed, and stands in no web address."""

    channel = forms.ChoiceField(label=gettext_lazy("Channel"))
    address = forms.CharField(
        label=gettext_lazy("E-mail address or phone number"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("Type the whole address.")},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(one.value, channel_words(one)) for one in ADDRESSES]
        self.fields["channel"].choices = choices  # type: ignore[attr-defined]

    def chosen(self) -> tuple[Channel, str]:
        """Will return what was typed."""
        return Channel(self.cleaned_data["channel"]), self.cleaned_data["address"].strip()


class ReasonForm(forms.Form):
    """Why something is done by hand."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=300,
        help_text=gettext_lazy("It is kept in the audit log."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": gettext_lazy("Say why."),
            "min_length": gettext_lazy("Say a little more: a reason that a colleague understands later."),
        },
    )
