"""The list of members and the views that people keep of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import push_url

from kit import actions as kit_actions
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.members import SaveViewForm
from membership_site.console.pages.members import PAGE, members_page
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_members(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the list that the address asks for; htmx takes its parts from the same page. At most 14 queries.

    What a time-out, a segment or the last step back adds is not among them; see members_page.
    """
    return _list(request, person)


def _list(
    request: HttpRequest, person: Person, form: SaveViewForm | None = None, status: int = 200, query: str = ""
) -> HttpResponse:
    page = members_page(QueryDict(query) if query else request.GET, person.actor, person.id, clock.now())
    context = {
        "page": page,
        "may_tag": person.may(Capability.EDIT_TAGS),
        "may_give": person.may(Capability.EDIT_BENEFITS),
        "may_export": person.may(Capability.EXPORT_LISTS),
        "segment_url": reverse("console:segment", args=[page.given["segment"]]) if page.segment else "",
        "may_keep": person.may(Capability.KEEP_VIEWS),
        "form": form or SaveViewForm(initial={"query": page.query}),
    }
    response = show(
        request, person, "console/members.html", context, current="members", search=page.given["q"], status=status
    )
    base = reverse("console:members")
    return push_url(response, f"{base}?{page.query}" if page.query else base) if request.htmx else response  # type: ignore[attr-defined]


@require_POST
@staff_page(Capability.KEEP_VIEWS)
def save_view(request: HttpRequest, person: Person) -> HttpResponse:
    """Will keep the filters that are on as a view of this person's own."""
    form = SaveViewForm(request.POST)
    if form.is_valid():
        name, query = form.cleaned_data["name"], form.cleaned_data["query"]
        try:
            kit_actions.save_view(page=PAGE, name=name, query=query, at=clock.now(), actor=person.actor)
        except kit_actions.ViewNameTaken:
            form.add_error("name", _("You have a view of this name already. Choose another name."))
        except kit_actions.TooManyViews:
            form.add_error("name", _("You keep 30 views already. Delete one that you no longer need."))
        else:
            messages.success(request, _("View “%(name)s” saved.") % {"name": name})
            return redirect(_address(query))
    return _list(request, person, form, 422, query=form.cleaned_data.get("query", "") if form.is_bound else "")


@require_POST
@staff_page(Capability.KEEP_VIEWS)
def delete_view(request: HttpRequest, person: Person, view_id: int) -> HttpResponse:
    """Will forget one of this person's own views; a second press is as good as the first."""
    name = kit_actions.forget_view(view_id=view_id, at=clock.now(), actor=person.actor)
    if name:
        messages.success(request, _("View “%(name)s” deleted.") % {"name": name})
    return redirect("console:members")


def _address(query: str) -> str:
    base = reverse("console:members")
    return f"{base}?{query}" if query else base
