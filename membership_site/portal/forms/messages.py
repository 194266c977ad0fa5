"""What a member chooses about messages: switches, quiet hours, a time zone; and a browser that takes pushes."""

import datetime as dt
import json
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.rules import BadTimeZone, time_zone
from membership_site.portal.pages.preferences import PreferencesPage, stop_text
from messaging.actions import Wanted

HOUSE, OWN, NEVER = "house", "own", "never"
MIDNIGHT = dt.time(0)


class PreferencesForm(forms.Form):
    """The switches, and nothing else. `was` says which were on when the page was shown.

    Only what differs from that is wanted, so that a page that lay open does not switch on again what was ended since.
    """

    was = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, page: PreferencesPage, **options: Any) -> None:
        boxes = " ".join(switch.box for switch in page.switches if switch.is_on)
        options["initial"] = {"was": boxes}
        super().__init__(*args, **options)
        self.page = page

    def wanted(self) -> Wanted:
        """Will return what was changed."""
        was = set(self.cleaned_data["was"].split())
        changed = {
            switch.box: switch.box in self.data
            for switch in self.page.switches
            if (switch.box in self.data) != (switch.box in was)
        }
        channels = {one.code: changed[one.switch.box] for one in self.page.channels if one.switch.box in changed}
        texts = {
            one.code: one.text if changed.get(one.switch.box) else stop_text(one.code) for one in self.page.channels
        }
        topics = {
            (column.code, line.code): changed[switch.box]
            for line in self.page.topics
            for column, switch in line.switches
            if switch.box in changed
        }
        return Wanted(channels=channels, texts=texts, topics=topics)


class HoursForm(forms.Form):
    """When nothing is sent, and by which clock."""

    quiet = forms.ChoiceField(
        label=gettext_lazy("When offers wait"), widget=forms.RadioSelect(attrs={"class": "radio"})
    )
    starts = forms.TimeField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Use a time such as 22:00.")},
    )
    ends = forms.TimeField(
        label=gettext_lazy("Until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": gettext_lazy("Use a time such as 08:00.")},
    )
    zone = forms.CharField(
        label=gettext_lazy("Time zone"),
        required=False,
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, page: PreferencesPage, **options: Any) -> None:
        quiet = page.quiet
        known = {
            "quiet": HOUSE if quiet is None else NEVER if quiet[0] == quiet[1] else OWN,
            "starts": quiet[0] if quiet and quiet[0] != quiet[1] else None,
            "ends": quiet[1] if quiet and quiet[0] != quiet[1] else None,
            "zone": page.zone,
        }
        options["initial"] = known
        super().__init__(*args, **options)
        house = _("As for everybody: %(hours)s") % {"hours": page.house_quiet} if page.house_quiet else ""
        choice = self.fields["quiet"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = [
            (HOUSE, house or _("As for everybody: they come at any time")),
            (OWN, _("In these hours")),
            (NEVER, _("Never; they may come at any time")),
        ]
        self.fields["zone"].help_text = _("For example Europe/London. Empty: %(zone)s.") % {"zone": page.house_zone}

    def clean_zone(self) -> str:
        """Will refuse a zone that no clock knows."""
        try:
            return time_zone(self.cleaned_data["zone"])
        except BadTimeZone as error:
            raise forms.ValidationError(
                _("This is no time zone. Choose one of the list, such as Asia/Shanghai.")
            ) from error

    def clean(self) -> dict[str, Any]:
        """Will ask for both hours where they are his own."""
        typed = super().clean() or {}
        if typed.get("quiet") == OWN:
            for name in ("starts", "ends"):
                if typed.get(name) is None and name not in self.errors:
                    self.add_error(name, _("Say from when until when."))
            if typed.get("starts") is not None and typed.get("starts") == typed.get("ends"):
                self.add_error("ends", _("Both times are the same. Choose another one, or “Never”."))
        return typed

    def wanted(self) -> Wanted:
        """Will return what was typed."""
        typed = self.cleaned_data
        hours = {HOUSE: None, OWN: (typed["starts"], typed["ends"]), NEVER: (MIDNIGHT, MIDNIGHT)}
        return Wanted(has_hours=True, quiet=hours[typed["quiet"]], zone=typed["zone"])


class BrowserForm(forms.Form):
    """What a browser says of itself when it lets us push to it, as JSON."""

    subscription = forms.CharField(
        max_length=4_000,
        error_messages={
            "required": gettext_lazy("The browser did not say where to push to. Nothing was kept."),
            "max_length": gettext_lazy("The browser did not say where to push to. Nothing was kept."),
        },
    )

    def clean_subscription(self) -> dict[str, Any]:
        """Will read it: an endpoint and keys."""
        try:
            said = json.loads(self.cleaned_data["subscription"])
            endpoint, keys = str(said["endpoint"]), dict(said.get("keys") or {})
            if not all(text.isascii() and text.isprintable() for text in (endpoint, *map(str, keys.values()))):
                raise ValueError("Addresses and keys are plain ASCII.")
            return {"endpoint": endpoint, "keys": keys}
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise forms.ValidationError(_("The browser did not say where to push to. Nothing was kept.")) from error
