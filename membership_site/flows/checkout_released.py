"""A checkout gives back what it holds: when it is given up, and when its time is over."""

import datetime as dt
import logging
import uuid

from django.db import transaction

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.enums import CheckoutState
from benefits.queries import CheckoutView
from points import actions as points_actions

logger = logging.getLogger(__name__)


class StillHeld(Exception):
    """The checkout's time is not over, for it was held longer meanwhile; nothing was given back."""


@transaction.atomic
def release(*, checkout: uuid.UUID, at: dt.datetime, actor: str) -> CheckoutView:
    """Will give back what a checkout holds, once; again changes nothing.

    Raises benefits.actions.NoCheckout, and CheckoutTaken where it has paid for an order.
    """
    return _give_back(checkout, at, actor)[0]


@transaction.atomic
def lapse(*, checkout: uuid.UUID, at: dt.datetime, actor: str) -> bool:
    """Will give back what a checkout holds whose time ran out by an instant; says whether this call did.

    Raises what release raises, and StillHeld where somebody held it longer before it was locked.
    """
    view, is_new = _give_back(checkout, at, actor)
    if is_new and view.state != CheckoutState.LAPSED:
        raise StillHeld(f"The reservation {checkout} is held until later. Nothing was given back.")
    return is_new


def lapse_due(*, at: dt.datetime, actor: str) -> int:
    """Will give back what checkouts held whose time ran out by an instant, a transaction each; returns how many.

    One for which it fails is logged and left to the next time; the others go on.
    """
    return _lapse(benefits_queries.lapsed_checkouts(at), at, actor)


def lapse_own(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will do the same for one member's checkouts."""
    return _lapse(benefits_queries.lapsed_of_member(member_id, at), at, actor)


def get(checkout: uuid.UUID) -> CheckoutView:
    """Will return a checkout; raises benefits.actions.NoCheckout."""
    known = benefits_queries.find_checkout(checkout)
    if known is None:
        raise benefits_actions.NoCheckout(f"There is no reservation {checkout}. Nothing was changed.")
    return known


# ---- leaves


def _give_back(checkout: uuid.UUID, at: dt.datetime, actor: str) -> tuple[CheckoutView, bool]:
    """Will give back points first, for wallets are locked first; returns the checkout, and whether this call did."""
    known = get(checkout)
    if known.state == CheckoutState.HELD and known.reservation_id:
        try:
            points_actions.release(reservation_id=known.reservation_id, at=at, actor=actor)
        except points_actions.ReservationTaken as taken:
            raise benefits_actions.CheckoutTaken(taken.order_key) from None
    return benefits_actions.release_checkout(checkout=checkout, at=at, actor=actor)


def _lapse(checkouts: list[uuid.UUID], at: dt.datetime, actor: str) -> int:
    lapsed = 0
    for checkout in checkouts:
        try:
            lapsed += lapse(checkout=checkout, at=at, actor=actor)
        except (benefits_actions.CheckoutTaken, StillHeld):
            continue  # Its order came meanwhile, or somebody held it longer.
        except Exception:
            logger.exception("What checkout %s holds could not be given back", checkout)
    return lapsed
