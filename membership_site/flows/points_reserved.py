"""Points held for a checkout pay for its order, or come back once their time has run out."""

import datetime as dt
import logging
import uuid

from django.db import transaction

from kit.keys import order_key as key_of_order
from membership_site.flows import order_booking
from orders import queries as orders_queries
from points import actions as points_actions
from points import queries as points_queries

logger = logging.getLogger(__name__)


@transaction.atomic
def confirm(
    *, reservation_id: uuid.UUID, source: str, order_id: str, at: dt.datetime, actor: str
) -> points_queries.Reservation:
    """Will tie a reservation to the order that it pays for, however often it is asked.

    Where the order is known already and units of it have come back, or it was cancelled, their share of the points
    comes back at once. Raises what points.actions.confirm raises.
    """
    reservation = points_actions.confirm(
        reservation_id=reservation_id, order_key=key_of_order(source, order_id), at=at, actor=actor
    )
    order = orders_queries.find_order(source, order_id)
    if order and order.member_id == reservation.member_id:
        order_booking.restore_spent(order=order, occasion="confirm", at=at, actor=actor)
    return reservation


def lapse_due(*, at: dt.datetime, actor: str) -> int:
    """Will give back what reservations held whose time ran out by an instant, a transaction a member; returns how many.

    A member for whom it fails is logged and left to the next time; the others go on.
    """
    lapsed = 0
    for member_id in points_queries.members_with_lapsed(at):
        try:
            with transaction.atomic():
                lapsed += points_actions.lapse(member_id=member_id, at=at, actor=actor)
        except Exception:
            logger.exception("The reservations of member %s could not be given back", member_id)
    return lapsed
