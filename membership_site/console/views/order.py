"""One order of a member: lines, entries, how it earned, and what a return would do."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kit import clock
from members import queries as members_queries
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.pages.order import order_page
from membership_site.console.views.shell import show
from membership_site.flows import return_previewed
from orders import queries as orders_queries


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_order(request: HttpRequest, person: Person, number: str, source: str, order_id: str) -> HttpResponse:
    """Will show an order of a member, and what the units in the address would do if they came back.

    Nothing is booked. Units that cannot come back are named at their field, with 422; an order of another member is
    not there. At most 20 queries, with a preview at most 90.
    """
    key = members_queries.find_by_number(number)
    order = orders_queries.find_order_of(key.id, source, order_id) if key else None
    if key is None or order is None:
        raise Http404(_("This member has no order of this number."))
    page = order_page(key, order, return_previewed.read_units(order, request.GET.dict()), clock.now())
    status = 422 if page.refused else 200
    return show(request, person, "console/order.html", {"page": page}, current="members", status=status)
