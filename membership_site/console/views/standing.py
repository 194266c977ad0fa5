"""A member's tier: looking ahead of it."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.ahead import AheadForm
from membership_site.console.pages.ahead import ahead_page
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show
from tiers import queries as tiers_queries


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_ahead(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will look ahead of a member's tier as the address asks; bad input is named at its field. At most 21 queries."""
    key, at = _member(number), clock.now()
    form = AheadForm(request.GET, today=clock.business_date(at))
    page = None
    if form.is_valid():
        try:
            page = ahead_page(key.id, at, **form.cleaned_data)
        except (tiers_queries.NoStanding, tiers_queries.NoLadder):
            page = None
    context = {"page": page, "form": form, "number": key.number, "back": member_url(key.number), "name": _name(key)}
    return show(request, person, "console/ahead.html", context, current="members", status=422 if form.errors else 200)


def _member(number: str) -> MemberKey:
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    return key


def _name(key: MemberKey) -> str:
    return members_queries.names_of([key.id])[key.id][1] or _("No name")
