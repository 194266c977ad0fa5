"""The life-cycle of all members, and the days by which its stages are told apart."""

from dataclasses import asdict

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from insights import actions as insights_actions
from insights import queries as insights_queries
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.keeping import DaysForm
from membership_site.console.pages.keeping import DeedPage
from membership_site.console.pages.stages import stages_page
from membership_site.console.views.notes import METHODS
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_stages(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the stages and the members of one. At most eleven queries."""
    context = {"page": stages_page(request.GET, clock.now()), "may_edit": person.may(Capability.EDIT_RULES)}
    return show(request, person, "console/keeping/stages.html", context, current="stages")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_RULES)
def set_days(request: HttpRequest, person: Person) -> HttpResponse:
    """Will let the nights from today's on tell stages by other days."""
    _number, terms = insights_queries.latest_rules()
    form = DaysForm(request.POST) if request.method == "POST" else DaysForm(initial=asdict(terms))
    if form.is_valid():
        insights_actions.set_lifecycle_rules(terms=form.terms(), at=clock.now(), actor=person.actor)
        messages.success(request, _("Kept. Tonight’s run tells the stages by these days."))
        return redirect("console:stages")
    lead = _("What counts is the last paid order, or what a member did himself. The night tells everybody anew.")
    page = DeedPage("", _("Days of the life-cycle"), lead, _("Keep these days"), reverse("console:stages"), ())
    context = {"page": page, "form": form}
    status = 422 if form.errors else 200
    return show(request, person, "console/keeping/deed.html", context, current="stages", status=status)
