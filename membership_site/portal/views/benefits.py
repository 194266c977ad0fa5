"""What a member's tier gives: his benefits, all tiers beside one another, and asking for what is booked."""

import datetime as dt

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from kit import clock
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.benefits import BookForm
from membership_site.portal.pages import benefits as pages
from membership_site.portal.pages.saved import saved_page
from points.actions import KeyReused


@require_safe
@member_page
def show_benefits(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what the member has now, and note that he has seen it. At most seventeen queries."""
    at = clock.now()
    page = pages.benefits_page(visitor.key.id, at)
    benefits_actions.mark_seen(member_id=visitor.key.id, at=at, actor=_actor(visitor))
    return render(request, "portal/benefits.html", {"page": page, "tab": "tiers"})


@require_safe
@member_page
def show_comparison(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the tiers beside one another; `beside` is the one that a phone shows. At most twelve queries."""
    page = pages.compare_page(visitor.key.id, request.GET.get("beside", ""), clock.now())
    return render(request, "portal/compare.html", {"page": page, "tab": "tiers"})


@require_safe
@member_page
def show_saved(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what the member saved in a year of his choice, this one without. At most eight queries."""
    page = saved_page(visitor.key.id, request.GET.get("year", ""), clock.now())
    return render(request, "portal/saved.html", {"page": page, "tab": "tiers"})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page
def book(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Will ask when and what for, and book it once; what is wrong stands at its field with 422."""
    at = clock.now()
    page = pages.book_page(visitor.key.id, code, at)
    if page is None:
        raise Http404(_("Your tier does not have this benefit now."))
    form = BookForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _booked(form, visitor, code, at):
        messages.success(request, _("We have your request. The answer appears here."))
        return redirect("portal:benefits")
    context = {"page": page, "form": form, "tab": "tiers"}
    return render(request, "portal/book.html", context, status=422 if form.errors else 200)


def _booked(form: BookForm, visitor: Visitor, code: str, at: dt.datetime) -> bool:
    """Will book, or say in the form why not."""
    try:
        benefits_actions.book(
            member_id=visitor.key.id,
            benefit=code,
            form_key=form.cleaned_data["form_key"],
            wanted_at=form.cleaned_data["wanted_at"],
            note=form.cleaned_data["note"],
            at=at,
            actor=_actor(visitor),
        )
    except benefits_actions.InThePast:
        form.add_error("wanted_at", _("This is over already. Choose a later time."))
    except benefits_actions.NoneLeft:
        form.add_error(None, _("You have used all of it in this period. Nothing was booked."))
    except benefits_actions.NoPlaces:
        form.add_error(None, _("All places are taken. Nothing was booked; look again later, for places come back."))
    except KeyReused:
        form.add_error(None, _("This form was sent already with other words. Open it again to ask for something else."))
    return not form.errors


@require_POST
@member_page
def cancel(request: HttpRequest, visitor: Visitor, booking_id: int) -> HttpResponse:
    """Will take back what the member asked for, while nobody has answered."""
    try:
        benefits_actions.cancel_booking(
            booking_id=booking_id, member_id=visitor.key.id, at=clock.now(), actor=_actor(visitor)
        )
    except benefits_actions.NoBooking:
        raise Http404(_("There is no such booking.")) from None
    except benefits_actions.AlreadyAnswered:
        messages.error(request, _("It was answered meanwhile, so it was not taken back. Call us to change it."))
    else:
        messages.success(request, _("Taken back. You can ask again."))
    return redirect("portal:benefits")


def _actor(visitor: Visitor) -> str:
    return f"member:{visitor.key.id}"
