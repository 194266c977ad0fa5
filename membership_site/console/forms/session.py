"""What a person of the staff types to log in, to show that it is he, and to choose a password."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Account
from membership_site import factors


class StaffLogInForm(forms.Form):
    """E-mail address and password of the staff; a member is told where his own log-in is."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "inputmode": "email"}),
        error_messages={
            "required": _("Enter the e-mail address of your staff log-in."),
            "invalid": _("Use an e-mail address such as name@example.com."),
        },
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
        self.is_member = False
        super().__init__(*args, **kwargs)

    def clean(self) -> dict[str, Any]:
        """Will look the account up; tries are counted and too many lock the address for a while (django-axes)."""
        cleaned = super().clean() or {}
        if "email" not in cleaned or "password" not in cleaned:
            return cleaned
        account = authenticate(self.request, email=cleaned["email"].lower(), password=cleaned["password"])
        if account is None:
            raise forms.ValidationError(_("E-mail address and password do not go together. Check both."))
        if not account.is_staff:
            self.is_member = True
            raise forms.ValidationError(_("This log-in belongs to a member. The console is for the staff."))
        self.account = account
        return cleaned


class FactorForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code of your authenticator app"),
        max_length=40,
        help_text=_("Without the app at hand a recovery code opens too, once."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        error_messages={"required": _("Enter the code.")},
    )


class ConfirmForm(forms.Form):
    """Password, or a code of the app where there is one: that it is still he who logged in."""

    def __init__(self, request: HttpRequest, account: Account, *args: Any, has_factor: bool, **kwargs: Any) -> None:
        self.request, self.account, self.has_factor = request, account, has_factor
        super().__init__(*args, **kwargs)
        if has_factor:
            self.fields["code"] = FactorForm.base_fields["code"]
        else:
            self.fields["password"] = StaffLogInForm.base_fields["password"]

    def clean(self) -> dict[str, Any]:
        """Will check what was typed; tries are counted as at the log-in."""
        cleaned = super().clean() or {}
        if "code" in cleaned and not factors.check(self.request, self.account, cleaned["code"]):
            raise forms.ValidationError(WRONG_FACTOR)
        if "password" in cleaned and self.account != authenticate(
            self.request, email=self.account.email, password=cleaned["password"]
        ):
            raise forms.ValidationError(_("This is not your password. Nothing was changed."))
        return cleaned


WRONG_FACTOR = _(
    "This code does not open. Each code opens once and is good for half a minute; after five tries wait a minute."
)


class ChoosePasswordForm(forms.Form):
    """A password, for who has none yet."""

    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1000,
        help_text=_("At least ten characters; a short sentence is good."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )

    def clean_password(self) -> str:
        """Will refuse a password that is too easy, with why."""
        password = str(self.cleaned_data["password"])
        validate_password(password, Account(email=self.data.get("email", ""), name=self.data.get("name", "")))
        return password


class FirstAdminForm(ChoosePasswordForm):
    """The first administrator."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
        error_messages={
            "required": _("Enter the e-mail address to log in with."),
            "invalid": _("Use an e-mail address such as name@example.com."),
        },
    )
    name = forms.CharField(
        label=_("Name"), required=False, max_length=120, help_text=_("As colleagues and the audit log show it.")
    )
    field_order = ("email", "name", "password")
