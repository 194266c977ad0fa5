"""What a member types to log in."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Account


class LogInForm(forms.Form):
    """E-mail address and password; says the same whichever of them is wrong."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True, "inputmode": "email"}),
        error_messages={
            "required": _("Enter the e-mail address of your membership."),
            "invalid": _("Use an e-mail address such as name@example.com."),
        },
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
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
            email = cleaned["email"].lower()
            found = authenticate(self.request, email=email, password=cleaned["password"])
            self.account = found if isinstance(found, Account) else None
            if self.account is None:
                raise forms.ValidationError(_("E-mail address and password do not go together. Check both."))
        return cleaned
