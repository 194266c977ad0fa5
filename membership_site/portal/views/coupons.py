"""The member's coupons, and what a code gives."""

import math

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from benefits.queries import TooManyGuesses
from kit import clock
from membership_site import formats
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.coupons import CodeForm
from membership_site.portal.pages import coupons


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page
def show_coupons(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will list the member's coupons, and beside them what a code gives that he typed. Nothing is kept or used.

    A code that does not exist is named at its field with 422; too many of them rest with 429. At most 18 queries.
    """
    at = clock.now()
    form = CodeForm(request.POST or None)
    found, status = None, 200
    if form.is_bound and form.is_valid():
        try:
            found = coupons.look_up(form.cleaned_data["code"], visitor.key.id, at)
        except TooManyGuesses as error:
            minutes = math.ceil((error.again_at - at).total_seconds() / 60)
            words = ngettext(
                "Too many codes were wrong. Wait %(n)s minute, then try again.",
                "Too many codes were wrong. Wait %(n)s minutes, then try again.",
                minutes,
            )
            form.add_error("code", words % {"n": formats.num(minutes)})
            status = 429
        else:
            if found is None:
                form.add_error("code", _("There is no such coupon. Check the code."))
    if form.errors and status == 200:
        status = 422
    context = {"page": coupons.coupons_page(visitor.key.id, at), "form": form, "found": found, "tab": "coupons"}
    return render(request, "portal/coupons.html", context, status=status)
