"""The way of a gift in words."""

from django.utils.translation import gettext as _

from benefits.enums import FulfilmentState


def parcel_state_words(state: str) -> str:
    """Will say where a gift stands."""
    words = {
        FulfilmentState.NEEDS_ADDRESS: _("Needs an address"),
        FulfilmentState.READY: _("Ready to send"),
        FulfilmentState.SHIPPED: _("On its way"),
        FulfilmentState.DELIVERED: _("Delivered"),
        FulfilmentState.RETURNED: _("Came back"),
        FulfilmentState.CANCELLED: _("Given up"),
    }
    return words[FulfilmentState(state)]


def tone(state: str) -> str:
    """Will return the tone in which a state is shown: good, warn, bad, info or none."""
    tones = {
        FulfilmentState.NEEDS_ADDRESS: "warn",
        FulfilmentState.READY: "info",
        FulfilmentState.SHIPPED: "info",
        FulfilmentState.DELIVERED: "good",
        FulfilmentState.RETURNED: "warn",
    }
    return tones.get(FulfilmentState(state), "")


def address_fault(code: str) -> str:
    """Will say what is wrong with a field of an address, and how to mend it."""
    words = {
        "missing": _("Fill this in: the parcel needs it."),
        "too_long": _("Use at most 120 characters."),
        "not_a_phone_number": _(
            "Use a phone number under which the carrier reaches you, for example +86 139 1234 5678."
        ),
    }
    return words[code]


def refused_step(stands: str) -> str:
    """Will say why a gift cannot go where somebody wanted it to go."""
    return _("It is “%(state)s” by now, so this cannot be done. Nothing was changed.") % {
        "state": parcel_state_words(stands)
    }
