"""What a member types about rewards: that he wants one, and where a gift is to be sent."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from benefits.rules.fulfilment import TEXT_MAX, Address
from benefits.wording import address_fault


class RedeemForm(forms.Form):
    """The form's own key, so that a second press is no second reward."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput, error_messages={"required": _("Open the page anew."), "invalid": _("Open it anew.")}
    )


def _line(label: Any, autocomplete: str, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=TEXT_MAX,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete}),
        error_messages={
            "required": _("Fill this in: the parcel needs it."),
            "max_length": _("Use at most 120 characters."),
        },
    )


class AddressForm(forms.Form):
    """Where to send a gift; whether it can be one is asked of the rules."""

    name = _line(_("Name"), "name")
    phone = _line(_("Phone"), "tel")
    line1 = _line(_("Street and house"), "address-line1")
    line2 = _line(_("Floor, flat, company"), "address-line2", required=False)
    city = _line(_("City"), "address-level2")
    region = _line(_("Province or region"), "address-level1", required=False)
    postcode = _line(_("Postcode"), "postal-code", required=False)

    def address(self) -> Address:
        """Will return what was typed as the rules take it."""
        typed = self.cleaned_data
        return Address(
            name=typed["name"],
            phone=typed["phone"],
            lines=(typed["line1"], typed["line2"]),
            city=typed["city"],
            region=typed["region"],
            postcode=typed["postcode"],
        )

    def refuse(self, field: str, code: str) -> None:
        """Will say at its field what the rules found."""
        self.add_error("line1" if field == "lines" else field, address_fault(code))

    @staticmethod
    def typed_from(address: Address | None) -> dict[str, str]:
        """Will return an address that is known as the form shows it."""
        if address is None:
            return {}
        lines = (*address.lines, "", "")
        names = ("name", "phone", "city", "region", "postcode")
        return {name: getattr(address, name) for name in names} | {"line1": lines[0], "line2": lines[1]}
