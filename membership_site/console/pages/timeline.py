"""A member's timeline: what happened to him in every room of the house, in one order of time."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.queries import Happening
from benefits.wording import matrix as benefit_words
from benefits.wording.rewards import named
from benefits.wording.words import spoken
from insights import queries as insights_queries
from insights import wording as insights_wording
from insights.queries import ChangeView
from kit import clock, sql
from kit.keys import order_key, parts_of, source_key
from members import queries as members_queries
from members.enums import Channel, Purpose
from members.queries import ConsentView, merging, privacy
from members.queries.merging import MergeView
from members.queries.privacy import NoteView
from membership_site import formats
from membership_site.console.pages import outbox, people
from membership_site.console.pages.standing import decision_words
from membership_site.console.pages.words import CHANNEL_WORDS, PURPOSE_WORDS, points, sentences
from messaging import queries as messaging_queries
from messaging.queries import TopicalRow
from orders import queries as orders_queries
from orders.enums import OrderStatus
from orders.queries import OrderRow, RefundRow
from points import queries as points_queries
from points import wording as points_wording
from points.enums import EntryKind
from points.queries import StatementRow
from tiers import queries as tiers_queries
from tiers.queries import DecisionView

ITEMS = 12


class Show(StrEnum):
    """What the timeline shows."""

    ALL = "all"
    ORDERS = "orders"
    POINTS = "points"
    TIER = "tier"
    BENEFITS = "benefits"
    MESSAGES = "messages"
    CONSENTS = "consents"
    STAFF = "staff"

    @classmethod
    def read(cls, text: str) -> "Show":
        """Will return what an address asks for, all where it asks for none there is."""
        return next((show for show in cls if show == text), cls.ALL)


@dataclass(frozen=True)
class Item:
    """Something that happened; `order` is the order it belongs to, (source, number), `url` its page."""

    at: dt.datetime
    icon: str
    title: str
    words: str
    order: tuple[str, str] | None = None
    url: str = ""


@dataclass(frozen=True)
class Timeline:
    """A page of the timeline; `older` is the instant before which the next one goes on."""

    show: Show
    items: tuple[Item, ...]
    older: str
    is_first: bool


@dataclass(frozen=True)
class Source:
    """What a room tells of a member before an instant, and how a row of it is said; `earned` is points by key."""

    told: Callable[[int, dt.datetime, int], Sequence[sql.Told[Any]]]
    said: Callable[[Any, Mapping[str, int]], Item]
    keyed: Callable[[Any], str] | None = None


def timeline(member_id: int, show: Show, before: dt.datetime, *, is_first: bool) -> Timeline:
    """Will assemble what happened before an instant, latest first, of all rooms together. At most two queries."""
    asked = [(source, told) for source in SOURCES[show] for told in source.told(member_id, before, ITEMS + 1)]
    rows = [(asked[place][0], row) for place, row in sql.latest([told for _, told in asked], ITEMS + 1)]
    keys = [source.keyed(row) for source, row in rows if source.keyed]
    earned = points_queries.earned_by_keys(member_id, keys) if keys else {}
    items = [source.said(row, earned) for source, row in rows]
    if len(items) <= ITEMS:
        return Timeline(show, tuple(items), "", is_first)
    # A page ends between two instants, so that nothing of one instant is left out by the next page.
    beyond = items[ITEMS].at
    kept = [item for item in items[:ITEMS] if item.at > beyond] or items
    return Timeline(show, tuple(kept), kept[-1].at.isoformat(), is_first)


def _order_key(row: OrderRow) -> str:
    return f"{order_key(row.source, row.order_id)}:line"


def _order(row: OrderRow, earned: Mapping[str, int]) -> Item:
    words = _sum(formats.money(row.basis), earned.get(_order_key(row)))
    return Item(row.placed_at, _order_icon(row), _order_title(row), words, (row.source, row.order_id))


def _refund_key(row: RefundRow) -> str:
    return f"{order_key(row.source, row.order_id)}:{source_key('refund', row.refund_id)}"


def _refund(row: RefundRow, earned: Mapping[str, int]) -> Item:
    paid = formats.money(row.amount) if row.amount is not None else ""
    words = _sum(paid, earned.get(_refund_key(row))) if row.booked else _("Waits for its order")
    title = _("Return from order %(order)s") % {"order": row.order_id}
    order = (row.source, row.order_id) if row.booked else None
    return Item(row.refunded_at, "rotate-ccw", title, words, order)


def _order_icon(row: OrderRow) -> str:
    return "ban" if row.status == OrderStatus.CANCELLED else "shopping-bag"


def _order_title(row: OrderRow) -> str:
    words = {"order": row.order_id}
    if row.status == OrderStatus.CANCELLED:
        return _("Order %(order)s, cancelled since") % words
    return (_("Order %(order)s, not paid yet") if row.status == OrderStatus.PLACED else _("Order %(order)s")) % words


def _sum(amount: str, earned: int | None) -> str:
    said = f"{formats.signed(earned)} {_('points')}" if earned else ""
    return " · ".join(filter(None, [amount, said]))


def _entry(row: StatementRow, _earned: Mapping[str, int]) -> Item:
    icons = {
        EntryKind.ACCRUAL: "coins",
        EntryKind.REDEMPTION: "gift",
        EntryKind.EXPIRY: "hourglass",
        EntryKind.ADJUSTMENT: "pencil",
    }
    icon = icons.get(EntryKind(row.kind), "rotate-ccw")
    return Item(row.at, icon, points_wording.title(row, formats), _moved(row))


def _moved(row: StatementRow) -> str:
    """Will say how many points it moved, and why where somebody of the staff gave a reason."""
    said = f"{formats.MINUS if row.points < 0 else '+'}{points(abs(row.points))}"
    reason = next((str(step["reason"]) for step in row.explanation if step["code"] == "adjusted"), "")
    return " · ".join(filter(None, [said, points_wording.reason_words(reason)]))


def _decision(row: DecisionView, _earned: Mapping[str, int]) -> Item:
    return Item(row.at, row.to_tier.icon, *decision_words(row))


def _stage(one: ChangeView, _earned: Mapping[str, int]) -> Item:
    """A stage that a night told, at the end of its date."""
    title = _("Stage: %(stage)s") % {"stage": insights_wording.stage_name(one.becomes)}
    return Item(clock.day_end(one.on), "sprout", title, "")


def _coupon(one: Happening, _earned: Mapping[str, int]) -> Item:
    titles = {
        "given": _("Coupon given: %(name)s"),
        "used": _("Coupon used: %(name)s"),
        "void": _("Coupon made void: %(name)s"),
    }
    title = titles[one.deed] % {"name": named(one.names, one.code)}
    return Item(one.at, "ban" if one.deed == "void" else "ticket", title, one.reason or one.code, _order_of(one))


def _order_of(one: Happening) -> tuple[str, str] | None:
    parts = parts_of(one.order_key) if one.order_key else ()
    return (parts[1], parts[2]) if len(parts) == 3 else None


def _reward(one: Happening, _earned: Mapping[str, int]) -> Item:
    title = _("Redeemed: %(name)s") if one.deed == "redeemed" else _("Redemption cancelled: %(name)s")
    words = " · ".join(filter(None, [points(one.points), one.reason]))
    icon = "gift" if one.deed == "redeemed" else "undo-2"
    return Item(one.at, icon, title % {"name": named(one.names, one.code)}, words)


def _benefit(one: Happening, _earned: Mapping[str, int]) -> Item:
    title = _("Benefit given: %(name)s") % {"name": spoken(one.names) or one.code}
    words = " · ".join(filter(None, [benefit_words.period_words(one.period), one.reason]))
    return Item(one.at, "sparkles", title, words)


def _message(row: TopicalRow, _earned: Mapping[str, int]) -> Item:
    line = outbox.message_line(row.message, outbox.names_of_topics(row.topics))
    title = _("Message: %(about)s") % {"about": line.cause}
    words = sentences(f"{line.channel} · {line.state.words}", line.why)
    return Item(line.at, "mail", title, words, url=line.url)


def _consent(answer: ConsentView, _earned: Mapping[str, int]) -> Item:
    return Item(answer.at, "shield", consent_title(answer), people.called(answer.actor, answer.staff))


def _note(one: NoteView, _earned: Mapping[str, int]) -> Item:
    return Item(one.written_at, "message-square", _("Note by %(who)s") % {"who": one.author}, one.text)


def _merge(row: MergeView, _earned: Mapping[str, int]) -> Item:
    title = _("%(number)s was merged into this one") % {"number": row.merged}
    return Item(row.merged_at, "users", title, sentences(people.called(row.actor, row.staff), row.reason))


def _undoing(row: MergeView, _earned: Mapping[str, int]) -> Item:
    title = _("The merge of %(number)s was undone") % {"number": row.merged}
    return Item(row.undone_at or row.merged_at, "undo-2", title, "")


def consent_title(answer: ConsentView) -> str:
    """Will say what was agreed to or withdrawn."""
    words = {
        "purpose": str(PURPOSE_WORDS[Purpose(answer.purpose)]),
        "channel": str(CHANNEL_WORDS[Channel(answer.channel)]),
    }
    if answer.given:
        return _("Agreed to: %(purpose)s by %(channel)s") % words
    return _("Said no to: %(purpose)s by %(channel)s") % words


Tell = Callable[[int, dt.datetime, int], sql.Told[Any]]


def _alone(tell: Tell) -> Callable[[int, dt.datetime, int], Sequence[sql.Told[Any]]]:
    return lambda member_id, before, limit: (tell(member_id, before, limit),)


ORDERS = Source(_alone(orders_queries.orders_before), _order, _order_key)
REFUNDS = Source(_alone(orders_queries.refunds_before), _refund, _refund_key)
POINTS = Source(_alone(points_queries.entries_before), _entry)
DECISIONS = Source(_alone(tiers_queries.decisions_before), _decision)
STAGES = Source(_alone(insights_queries.stages_before), _stage)
COUPONS = Source(benefits_queries.coupons_before, _coupon)
REWARDS = Source(benefits_queries.rewards_before, _reward)
BENEFITS = Source(_alone(benefits_queries.benefits_before), _benefit)
MESSAGES = Source(_alone(messaging_queries.messages_before), _message)
CONSENTS = Source(_alone(members_queries.consents_before), _consent)
NOTES = Source(_alone(privacy.notes_before), _note)
MERGES = Source(_alone(merging.merges_before), _merge)
UNDONE = Source(_alone(merging.undone_before), _undoing)

SOURCES: Mapping[Show, Sequence[Source]] = {
    Show.ALL: (
        *(ORDERS, REFUNDS, POINTS, DECISIONS, STAGES, COUPONS, REWARDS, BENEFITS),
        *(MESSAGES, CONSENTS, NOTES, MERGES, UNDONE),
    ),
    Show.ORDERS: (ORDERS, REFUNDS),
    Show.POINTS: (POINTS,),
    Show.TIER: (DECISIONS, STAGES),
    Show.BENEFITS: (COUPONS, REWARDS, BENEFITS),
    Show.MESSAGES: (MESSAGES,),
    Show.CONSENTS: (CONSENTS,),
    Show.STAFF: (NOTES, MERGES, UNDONE),
}
