"""What is put into the reference shop's cart: units by article, codes, and points to pay with."""

import re
import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from membership_site.flows import shop_tried
from membership_site.flows.checkout_quoted import MOST, Asked

UNITS_MAX = 99
CODES_MAX = 5
POINTS_MAX = 10**9


class CartForm(forms.Form):
    """A cart; each article has a field of its own, named units-<SKU>."""

    codes = forms.CharField(
        label=_("Coupon codes"),
        max_length=200,
        required=False,
        help_text=_("Your own coupons are found by themselves. Separate several codes by commas."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    points = forms.IntegerField(
        label=_("Points to pay with"),
        min_value=0,
        max_value=POINTS_MAX,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "fld num"}),
        error_messages={
            "invalid": _("Use a whole number, for example 500."),
            "min_value": _("Use a whole number, for example 500."),
            "max_value": _("Nobody has so many points. Use a smaller number."),
        },
    )
    most = forms.BooleanField(label=_("As many points as the order takes"), required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for article in shop_tried.ARTICLES:
            self.fields[f"units-{article.sku}"] = forms.IntegerField(
                min_value=0,
                max_value=UNITS_MAX,
                required=False,
                widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "fld num"}),
                error_messages={
                    "invalid": _("Use a whole number, for example 2."),
                    "min_value": _("Use a whole number, for example 2."),
                    "max_value": _("99 is the most of one article."),
                },
            )

    def clean_codes(self) -> tuple[str, ...]:
        """Will return the codes one by one; more than a few at once are refused."""
        codes = tuple(code for code in re.split(r"[,，、;\s]+", self.cleaned_data["codes"]) if code)
        if len(codes) > CODES_MAX:
            raise forms.ValidationError(_("5 codes are the most at once."))
        return codes

    @property
    def units(self) -> dict[str, int]:
        """How many units of each article, by SKU."""
        named = {article.sku: self.cleaned_data.get(f"units-{article.sku}") for article in shop_tried.ARTICLES}
        return {sku: units for sku, units in named.items() if units}

    def asked(self, member_id: int) -> Asked:
        """Will return the cart as flows take it."""
        points = MOST if self.cleaned_data["most"] else self.cleaned_data["points"] or 0
        cart = shop_tried.cart_of(self.units, settings.PROGRAMME_CURRENCY)
        return Asked(member_id, cart, self.cleaned_data["codes"], points, shop_tried.SOURCE)


class HoldForm(forms.Form):
    """The quote that was shown, and the press of its button."""

    quote_hash = forms.CharField(max_length=64)
    form_key = forms.UUIDField()


def new_key() -> uuid.UUID:
    """Will return a key for a form that is about to be shown."""
    return uuid.uuid4()
