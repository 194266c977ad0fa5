"""What a guest types to become a member: an address, and what he likes besides."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit import programme
from members.enums import Channel, Purpose
from members.models import Account
from membership_site.portal.forms.session import AddressField


class JoinForm(forms.Form):
    """One step: an address and the terms; name, password and consents as he likes."""

    address = AddressField(
        label=gettext_lazy("E-mail address or phone number"),
        help_text=gettext_lazy("We send a code there, so that nobody joins in your name."),
        error_messages={"required": gettext_lazy("Enter an e-mail address or a phone number.")},
    )
    name = forms.CharField(
        label=gettext_lazy("Name"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("So that we can address you."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        required=False,
        strip=False,
        max_length=1000,
        help_text=gettext_lazy("Without one you enter by a code each time. At least ten characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    offers_email = forms.BooleanField(required=False)
    offers_sms = forms.BooleanField(required=False)
    terms = forms.BooleanField(
        error_messages={"required": gettext_lazy("Agree to the terms, or stay a guest. Nothing was kept.")}
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, text in consent_texts().items():
            self.fields[name].label = text

    def clean_password(self) -> str:
        """Will refuse a password that is too easy, with why."""
        password = str(self.cleaned_data["password"])
        if password:
            validate_password(password, Account(name=self.cleaned_data.get("name", "")))
        return password

    def consents(self) -> list[tuple[str, str, bool, str]]:
        """Will return each answer with the sentence that was read, as (channel, purpose, given, text)."""
        texts = consent_texts()
        marketing, inbox = Purpose.MARKETING.value, Channel.INBOX.value
        return [
            (Channel.EMAIL.value, marketing, bool(self.cleaned_data["offers_email"]), texts["offers_email"]),
            (Channel.SMS.value, marketing, bool(self.cleaned_data["offers_sms"]), texts["offers_sms"]),
            (inbox, Purpose.SERVICE.value, True, texts["terms"]),
        ]


def consent_texts() -> dict[str, str]:
    """Will return the sentences of the boxes, in the reader's language: what is kept is what he read."""
    name = {"name": programme.name()}
    return {
        "offers_email": _("%(name)s may send me offers by e-mail. I can stop it at any time.") % name,
        "offers_sms": _("%(name)s may send me offers by text message. I can stop it at any time.") % name,
        "terms": _("I agree to the terms of %(name)s, as the page “How the programme works” tells them.") % name,
    }
