"""What an administrator types about the people of the staff and the keys of machines."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kit import api_keys
from members.enums import StaffRole
from membership_site.console.access import ROLE_NAMES

ROLES = [(role.value, name) for role, name in ROLE_NAMES.items()]

SCOPE_NAMES = {
    "members:read": _("Read members"),
    "members:write": _("Register members"),
    "orders:write": _("Tell of orders and returns"),
    "events:write": _("Tell of events"),
    "statement:read": _("Read statements"),
    "checkout:write": _("Quote and hold checkouts"),
    "rewards:read": _("Read rewards"),
    "redemptions:write": _("Redeem rewards"),
    api_keys.ALL: _("All of these, and what is added later"),
}
SCOPES = [(scope, SCOPE_NAMES.get(scope, scope)) for scope in (*api_keys.SCOPES, api_keys.ALL)]


class RolesForm(forms.Form):
    """Which roles a person has."""

    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=ROLES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one role. To let somebody in no more, close the log-in.")},
    )

    def chosen(self) -> list[StaffRole]:
        """Will return the roles that were ticked."""
        return [StaffRole(role) for role in self.cleaned_data["roles"]]


class InviteForm(RolesForm):
    """Who is invited, and what he may do."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Enter the e-mail address to log in with."),
            "invalid": _("Use an e-mail address such as name@example.com."),
        },
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("As colleagues and the audit log show it."),
        error_messages={"required": _("Enter a name: the audit log shows it.")},
    )
    field_order = ("email", "name", "roles")


class KeyForm(forms.Form):
    """A new key: for which machine, and what it may."""

    name = forms.CharField(
        label=_("Name"),
        max_length=api_keys.NAME_LENGTH_MAX,
        help_text=_("Of the machine, such as web shop. The audit log shows it."),
        error_messages={"required": _("Give it a name.")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may do"),
        choices=SCOPES,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what it may do.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "off"
