"""Giving points: what can be given today, what a gift would take, and why one cannot be."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock, dates
from members import queries as members_queries
from members.enums import MemberStatus
from members.queries import MemberKey
from members.rules import MemberReference
from membership_site import formats
from points import actions as points_actions
from points import queries as points_queries
from points.queries import Balance, Expiring

DOTS = "•••"
IDEOGRAPH = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class GivePage:
    """What stands above the form; `closed` says why nothing can be given at all, empty where something can."""

    available: int
    pending: int
    least: int
    most: int
    day_max: int
    left_today: int
    closed: str


@dataclass(frozen=True)
class Confirm:
    """A gift before it is given: to whom (masked), what it takes, what it leaves."""

    to: str
    points: int
    available: int
    leaves: int
    takes: tuple[Expiring, ...]
    never: int


def give_page(member_id: int, at: dt.datetime) -> GivePage:
    """Will assemble what a member can give at an instant. Three queries."""
    today = clock.business_date(at)
    gifts = points_queries.policy_on(today).gifts
    balance = points_queries.get_balance(member_id, at)
    left = max(gifts.day_max - points_queries.given_on(member_id, today), 0) if gifts.is_on else 0
    most = min(left, balance.available)
    return GivePage(
        available=balance.available,
        pending=balance.pending,
        least=gifts.points_min,
        most=most,
        day_max=gifts.day_max,
        left_today=left,
        closed=_closed(balance, left, gifts.points_min, is_on=gifts.is_on),
    )


def confirm(recipient: MemberKey, points: int, member_id: int, at: dt.datetime) -> Confirm:
    """Will say what a gift would take from which points, the soonest to expire first. Three queries."""
    balance = points_queries.get_balance(member_id, at)
    takes = taken_first(balance.expiring, points)
    return Confirm(
        to=masked_name(members_queries.names_of([recipient.id])[recipient.id][1], recipient.number),
        points=points,
        available=balance.available,
        leaves=balance.available - points,
        takes=tuple(row for row in takes if row.date < dates.WHILE_ACTIVE),
        never=sum(row.points for row in takes if row.date >= dates.WHILE_ACTIVE),
    )


def taken_first(expiring: Sequence[Expiring], points: int) -> tuple[Expiring, ...]:
    """Will say which points go when some are given: those that expire soonest, the ones without an end last."""
    rows, left = [], points
    for row in expiring:
        if left > 0:
            rows.append(Expiring(row.date, min(row.points, left)))
            left -= row.points
    return tuple(rows)


def find_recipient(text: str) -> MemberKey | None:
    """Will return the active member whom somebody means, or None: nothing tells a stranger from one who left.

    One to four queries.
    """
    found = members_queries.find_member(MemberReference(anything=text))
    return found if found and found.status == MemberStatus.ACTIVE and found.joined_at else None


def masked_name(name: str, number: str) -> str:
    """Will return enough of a name for a friend to know him by, and too little to learn it: M••• C•••."""
    words = name.split()
    if not words:
        return _("the member whose number ends in %(digits)s") % {"digits": number[-3:]}
    if IDEOGRAPH.match(name):
        return f"{name[0]}{DOTS}"
    return " ".join(f"{word[0]}{DOTS}" for word in words)


def refusal(error: Exception) -> tuple[str, str]:
    """Will say why a gift was refused: the field it is about (empty for none) and the sentence."""
    match error:
        case points_actions.GiftToOneself():
            return "recipient", _("This is you. Points can be given to another member only.")
        case points_actions.GiftsOff():
            return "", _("Points cannot be given at present. Nothing was given.")
        case points_actions.GiftTooSmall():
            return "points", too_small(error.minimum)
        case points_actions.GiftCapReached():
            return "points", over_the_day(error.left, error.day_max)
        case points_actions.NotEnoughPoints():
            return "points", _("You do not have so many points to spend any more. Nothing was given.")
    return "recipient", _("This member cannot receive points now. Nothing was given.")


def too_small(least: int) -> str:
    """Will say what a gift has at least."""
    text = ngettext("A gift is %(n)s point or more.", "A gift is %(n)s points or more.", least)
    return text % {"n": formats.num(least)}


def over_the_day(left: int, day_max: int) -> str:
    """Will say what can still be given today."""
    words = {"left": formats.num(left), "most": formats.num(day_max)}
    return _("You can give %(left)s more today; %(most)s a day is the most.") % words


def over_the_balance(available: int) -> str:
    """Will say what can be spent."""
    text = ngettext("You can spend %(n)s point.", "You can spend %(n)s points.", available)
    return text % {"n": formats.num(available)}


def _closed(balance: Balance, left: int, least: int, *, is_on: bool) -> str:
    if not is_on:
        return _("The programme does not let members give points away at present.")
    if balance.debt:
        text = ngettext(
            "%(n)s point is owed after a return. You can give points once it is repaid.",
            "%(n)s points are owed after a return. You can give points once they are repaid.",
            balance.debt,
        )
        return text % {"n": formats.num(balance.debt)}
    if left < least:
        return _("You have given as many points today as one day allows. You can give again tomorrow.")
    if balance.available < least:
        return formats.prose([too_small(least), over_the_balance(balance.available)])
    return ""
