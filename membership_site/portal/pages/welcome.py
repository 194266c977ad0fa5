"""What joining gives: said before, and shown to who has joined."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from members.queries import MemberKey
from membership_site import formats
from membership_site.portal.pages.coupons import Coupon, coupons_page
from points import queries as points_queries

COUPONS_SHOWN = 3


@dataclass(frozen=True)
class WelcomePage:
    """What a new member has on his first day."""

    number: str
    points: int
    coupons: tuple[Coupon, ...]


def promise(at: dt.datetime) -> str:
    """Will say what joining gives under the policy in force, or nothing where it gives no points. One query."""
    points = points_queries.policy_on(clock.business_date(at)).sign_up_points
    if not points:
        return _("Joining is free, and you can leave at any time.")
    return ngettext(
        "Joining is free and gives you %(n)s point at once.",
        "Joining is free and gives you %(n)s points at once.",
        points,
    ) % {"n": formats.num(points)}


def welcome_page(key: MemberKey, at: dt.datetime) -> WelcomePage:
    """Will assemble the welcome. At most ten queries."""
    balance = points_queries.get_balance(key.id, at)
    return WelcomePage(key.number, balance.available, coupons_page(key.id, at).ready[:COUPONS_SHOWN])
