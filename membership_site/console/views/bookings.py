"""The page of what members asked for, and answering it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from benefits import actions as benefits_actions
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.bookings import BookingForm
from membership_site.console.pages.bookings import bookings_page
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_bookings(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what waits and what was answered, however much there is. At most eleven queries."""
    page = bookings_page(person, clock.now())
    return show(request, person, "console/bookings.html", {"page": page}, current="bookings")


@require_POST
@staff_page(Capability.ANSWER_BOOKINGS)
def answer(request: HttpRequest, person: Person, booking_id: int) -> HttpResponse:
    """Will confirm, decline or finish a booking, as the button says; what is wrong stands at its card."""
    form = BookingForm(request.POST, auto_id=f"booking-{booking_id}-%s")
    if form.is_valid() and _answered(request, form, booking_id, person):
        return redirect("console:bookings")
    page = bookings_page(person, clock.now(), (booking_id, form))
    return show(request, person, "console/bookings.html", {"page": page}, current="bookings", status=422)


def _answered(request: HttpRequest, form: BookingForm, booking_id: int, person: Person) -> bool:
    deeds: dict[str, Any] = {
        "confirm": benefits_actions.confirm_booking,
        "decline": benefits_actions.decline_booking,
        "finish": benefits_actions.finish_booking,
    }
    words = form.cleaned_data["answer"]
    try:
        deeds[form.cleaned_data["do"]](booking_id=booking_id, answer=words, at=clock.now(), actor=person.actor)
    except benefits_actions.NoBooking:
        raise Http404(_("There is no such booking.")) from None
    except benefits_actions.AlreadyAnswered:
        messages.error(request, _("This was answered meanwhile. Nothing was changed."))
    except benefits_actions.NotGiven:
        form.add_error(None, _("The product has run out. Fill its stock, or decline. Nothing was changed."))
    else:
        messages.success(request, _("Answered. The member reads it on his page."))
    return not form.errors
