"""Whom a member invites: his link, the rule in force, and how far his friends are, without their names in full."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from kit.keys import event_key
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.flows import referral_settled
from orders import queries as orders_queries
from orders.models import ShopEvent
from points import queries as points_queries
from points.rules.policy import Policy

FRIENDS_MAX = 50


@dataclass(frozen=True)
class Friend:
    """A friend as his inviter sees him: the first sign of his name, and what has become of the invitation."""

    name: str
    joined_on: dt.date
    state: str
    is_done: bool


@dataclass(frozen=True)
class InvitePage:
    """The page as the template shows it; `rule` is empty where the policy in force rewards no invitations."""

    code: str
    link: str
    rule: tuple[str, ...]
    friends: tuple[Friend, ...]
    given: int


def invite_page(key: MemberKey, code: str, link: str, at: dt.datetime) -> InvitePage:
    """Will assemble the page. At most seven queries, however many friends there are."""
    policy = points_queries.policy_on(clock.business_date(at))
    events = orders_queries.events_of(key.id, referral_settled.TYPE, FRIENDS_MAX)
    friends = tuple(_friends(key.id, events, policy, clock.business_date(at)))
    return InvitePage(code, link, _rule(policy), friends, sum(friend.is_done for friend in friends))


def _rule(policy: Policy) -> tuple[str, ...]:
    """The reward in two sentences."""
    terms = policy.events.get(referral_settled.TYPE)
    if terms is None or not terms.points:
        return ()
    days = policy.return_window_days
    points = ngettext("%(n)s point", "%(n)s points", terms.points) % {"n": formats.num(terms.points)}
    when = ngettext(
        "They come %(n)s day after your friend’s first order, when it can no longer be returned.",
        "They come %(n)s days after your friend’s first order, when it can no longer be returned.",
        days,
    ) % {"n": formats.num(days)}
    return (_("You and your friend get %(points)s each.") % {"points": points}, when)


def _friends(member_id: int, events: list[ShopEvent], policy: Policy, today: dt.date) -> list[Friend]:
    named = {event.id: str(event.properties.get("friend", "")) for event in events}
    found = members_queries.find_many(sorted(set(named.values())), "")
    names = members_queries.names_of([key.id for key in found.values()])
    orders = orders_queries.first_kept_order_dates([key.id for key in found.values()])
    keys = {event.id: event_key(event.source, event.event_id) for event in events}
    given = points_queries.keys_booked(member_id, list(keys.values()))
    shown = []
    for event in events:
        key = found.get(named[event.id])
        state = _state(event, orders.get(key.id) if key else None, policy, is_given=keys[event.id] in given)
        name = _short(names[key.id][1]) if key else _("Somebody who has not joined yet")
        shown.append(Friend(name, event.business_date, state, is_done=keys[event.id] in given))
    return shown


def _state(event: ShopEvent, ordered_on: dt.date | None, policy: Policy, *, is_given: bool) -> str:
    if is_given:
        return _("You both got your points.")
    if event.booked_at is not None:
        return _("This invitation does not count: somebody else’s came first.")
    if ordered_on is None:
        return _("Has joined; the first order is still to come.")
    due = ordered_on + dt.timedelta(days=policy.return_window_days)
    return _("Has ordered; the points come on %(date)s, unless the order is returned.") % {"date": formats.cal(due)}


def _short(name: str) -> str:
    """The first sign of a name and nothing more: a friend's purchases are his own business."""
    return f"{name.strip()[:1]}…" if name.strip() else _("A friend")
