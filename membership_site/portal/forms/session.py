"""What a member types to log in, to get a code, and to choose a password."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members import rules as members_rules
from members.models import Account
from members.queries import entering
from members.rules import BadIdentity, IdentityValue

NOT_AN_ADDRESS = _("Use an e-mail address such as name@example.com, or a phone number such as +8613800138000.")


class AddressField(forms.CharField):
    """An e-mail address or a phone number; cleaned it is an identity."""

    def __init__(self, *, is_first: bool = True, **options: Any) -> None:
        attributes: dict[str, str | bool] = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
        }
        super().__init__(
            max_length=254,
            widget=forms.TextInput(attrs=attributes | ({"autofocus": True} if is_first else {})),
            **options,
        )

    def clean(self, value: Any) -> IdentityValue:
        """Will return the identity that was typed."""
        text = super().clean(value)
        try:
            return members_rules.address_identity(text)
        except BadIdentity as error:
            raise ValidationError(NOT_AN_ADDRESS) from error


class LogInForm(forms.Form):
    """E-mail address or phone number, and password; says the same whichever of them is wrong."""

    email = AddressField(
        label=_("E-mail address or phone number"),
        error_messages={"required": _("Enter the e-mail address or phone number of your membership.")},
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter your password.")},
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        self.request = request
        self.account: Account | None = None
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Will look the account up; tries are counted and too many lock the address for a while (django-axes)."""
        cleaned = super().clean() or {}
        if "email" in cleaned and "password" in cleaned:
            found = authenticate(self.request, email=cleaned["email"].value, password=cleaned["password"])
            self.account = found if isinstance(found, Account) else None
            if self.account is None:
                raise forms.ValidationError(_("Address and password do not go together. Check both."))
        return cleaned


class AskCodeForm(forms.Form):
    """The address to which a code goes."""

    address = AddressField(
        label=_("E-mail address or phone number"),
        error_messages={"required": _("Enter the e-mail address or phone number of your membership.")},
    )


class CodeForm(forms.Form):
    """The six digits of a message; spaces between them do no harm."""

    code = forms.CharField(
        label=_("Code of six digits"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "pattern": "[0-9 ]*"}
        ),
        error_messages={"required": _("Enter the six digits of the message.")},
    )

    def clean_code(self) -> str:
        """Will return the digits alone."""
        digits = "".join(sign for sign in self.cleaned_data["code"] if sign.isdecimal() and sign.isascii())
        if len(digits) != members_rules.CODE_DIGITS:
            raise ValidationError(_("The code has six digits. Look at the message again."))
        return digits


class PasswordForm(forms.Form):
    """A new password, and the old one where no code was shown just now."""

    old = forms.CharField(
        label=_("Password until now"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Enter the password you have now, or ask for a code instead.")},
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        max_length=1000,
        help_text=_("At least ten characters; a short sentence is good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Enter a new password.")},
    )

    def __init__(self, request: HttpRequest, account: Account, *args: Any, asks_old: bool, **kwargs: Any) -> None:
        self.request, self.account = request, account
        super().__init__(*args, **kwargs)
        if not asks_old:
            del self.fields["old"]

    def clean_old(self) -> str:
        """Will check the old password; tries are counted as at the log-in."""
        old = str(self.cleaned_data["old"])
        if authenticate(self.request, email=entering.entered_by(self.account), password=old) == self.account:
            return old
        raise ValidationError(_("This is not your password. Nothing was changed."))

    def clean_new(self) -> str:
        """Will refuse a password that is too easy, with why."""
        new = str(self.cleaned_data["new"])
        validate_password(new, self.account)
        return new
