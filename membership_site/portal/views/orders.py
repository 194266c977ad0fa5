"""The member's orders, and what a return would do before it is asked for."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kit import clock
from membership_site.flows import return_previewed
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.pages.orders import order_page, orders_page
from orders import queries as orders_queries


@require_safe
@member_page
def show_orders(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will list the member's orders with their points. Five queries."""
    page = orders_page(visitor.key.id, request.GET.get("before", ""))
    return render(request, "portal/orders.html", {"page": page, "tab": "points"})


@require_safe
@member_page
def show_order(request: HttpRequest, visitor: Visitor, source: str, order_id: str) -> HttpResponse:
    """Will show an order of the member's own, and what the units in the address would do if they came back.

    Nothing is booked: a preview is worked out and rolled back. Units that cannot come back are named at their field,
    with 422; an order of somebody else is not there. At most 20 queries, with a preview at most 90.
    """
    order = orders_queries.find_order_of(visitor.key.id, source, order_id, whole=True)
    if order is None:
        raise Http404(_("No order of yours has this number."))
    page = order_page(visitor.key.id, order, return_previewed.read_units(order, request.GET.dict()), clock.now())
    status = 422 if page.refused else 200
    return render(request, "portal/order.html", {"page": page, "tab": "points"}, status=status)
