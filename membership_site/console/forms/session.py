"""What a person of the staff types to log in."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Account


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
