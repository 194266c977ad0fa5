"""A member's timeline: what happened to him in every room of the house, in one order of time."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.queries import Happening
from benefits.rules.matrix import Matrix
from benefits.wording import matrix as benefit_words
from benefits.wording.rewards import named
from insights import queries as insights_queries
from insights import wording as insights_wording
from kit import clock
from kit.keys import order_key, parts_of, source_key
from members import queries as members_queries
from members.enums import Channel, Purpose
from members.queries import ConsentView, merging, privacy
from membership_site import formats
from membership_site.console.pages import outbox, people
from membership_site.console.pages.standing import decision_words
from membership_site.console.pages.words import CHANNEL_WORDS, PURPOSE_WORDS, points, sentences
from messaging import queries as messaging_queries
from orders import queries as orders_queries
from orders.enums import OrderStatus
from points import queries as points_queries
from points import wording as points_wording
from points.enums import EntryKind
from tiers import queries as tiers_queries

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


Source = Callable[[int, dt.datetime, int], list[Item]]


def timeline(member_id: int, show: Show, before: dt.datetime, *, is_first: bool) -> Timeline:
    """Will assemble what happened before an instant, latest first. At most 21 queries."""
    items = [item for source in SOURCES[show] for item in source(member_id, before, ITEMS + 1)]
    items.sort(key=lambda item: item.at, reverse=True)
    if len(items) <= ITEMS:
        return Timeline(show, tuple(items), "", is_first)
    # A page ends between two instants, so that nothing of one instant is left out by the next page.
    beyond = items[ITEMS].at
    kept = [item for item in items[:ITEMS] if item.at > beyond] or items
    return Timeline(show, tuple(kept), kept[-1].at.isoformat(), is_first)


def _orders(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    orders = orders_queries.list_orders_before(member_id, before, limit)
    refunds = orders_queries.list_refunds_before(member_id, before, limit)
    order_keys = {row: f"{order_key(row.source, row.order_id)}:line" for row in orders}
    refund_keys = {
        row: f"{order_key(row.source, row.order_id)}:{source_key('refund', row.refund_id)}" for row in refunds
    }
    earned = points_queries.earned_by_keys(member_id, [*order_keys.values(), *refund_keys.values()])
    items = [
        Item(
            row.placed_at,
            _order_icon(row),
            _order_title(row),
            _sum(formats.money(row.basis), earned.get(key)),
            (row.source, row.order_id),
        )
        for row, key in order_keys.items()
    ]
    for refund, key in refund_keys.items():
        paid = formats.money(refund.amount) if refund.amount is not None else ""
        words = _sum(paid, earned.get(key)) if refund.booked else _("Waits for its order")
        title = _("Return from order %(order)s") % {"order": refund.order_id}
        order = (refund.source, refund.order_id) if refund.booked else None
        items.append(Item(refund.refunded_at, "rotate-ccw", title, words, order))
    return items


def _order_icon(row: orders_queries.OrderRow) -> str:
    return "ban" if row.status == OrderStatus.CANCELLED else "shopping-bag"


def _order_title(row: orders_queries.OrderRow) -> str:
    words = {"order": row.order_id}
    if row.status == OrderStatus.CANCELLED:
        return _("Order %(order)s, cancelled since") % words
    return (_("Order %(order)s, not paid yet") if row.status == OrderStatus.PLACED else _("Order %(order)s")) % words


def _sum(amount: str, earned: int | None) -> str:
    said = f"{formats.signed(earned)} {_('points')}" if earned else ""
    return " · ".join(filter(None, [amount, said]))


def _points(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    icons = {
        EntryKind.ACCRUAL: "coins",
        EntryKind.REDEMPTION: "gift",
        EntryKind.EXPIRY: "hourglass",
        EntryKind.ADJUSTMENT: "pencil",
    }
    return [
        Item(
            row.at,
            icons.get(EntryKind(row.kind), "rotate-ccw"),
            points_wording.title(row, formats),
            _moved(row),
        )
        for row in points_queries.list_besides_orders(member_id, before, limit)
    ]


def _moved(row: points_queries.StatementRow) -> str:
    """Will say how many points it moved, and why where somebody of the staff gave a reason."""
    said = f"{formats.MINUS if row.points < 0 else '+'}{points(abs(row.points))}"
    reason = next((str(step["reason"]) for step in row.explanation if step["code"] == "adjusted"), "")
    return " · ".join(filter(None, [said, points_wording.reason_words(reason)]))


def _decisions(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    rows = tiers_queries.list_decisions_before(member_id, before, limit)
    return [Item(row.at, row.to_tier.icon, *decision_words(row)) for row in rows]


def _stages(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    """The stages that nights told, each at the end of its date."""
    changes = insights_queries.list_changes(member_id, limit + 1, clock.business_date(before))
    told = [(clock.day_end(one.on), one) for one in changes]
    return [
        Item(at, "sprout", _("Stage: %(stage)s") % {"stage": insights_wording.stage_name(one.becomes)}, "")
        for at, one in told
        if at < before
    ][:limit]


def _coupons(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    titles = {
        "given": _("Coupon given: %(name)s"),
        "used": _("Coupon used: %(name)s"),
        "void": _("Coupon made void: %(name)s"),
    }
    return [
        Item(
            one.at,
            "ban" if one.deed == "void" else "ticket",
            titles[one.deed] % {"name": named(one.names, one.code)},
            one.reason or one.code,
            _order_of(one),
        )
        for one in benefits_queries.coupons_before(member_id, before, limit)
    ]


def _order_of(one: Happening) -> tuple[str, str] | None:
    parts = parts_of(one.order_key) if one.order_key else ()
    return (parts[1], parts[2]) if len(parts) == 3 else None


def _rewards(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    return [
        Item(
            one.at,
            "gift" if one.deed == "redeemed" else "undo-2",
            (_("Redeemed: %(name)s") if one.deed == "redeemed" else _("Redemption cancelled: %(name)s"))
            % {"name": named(one.names, one.code)},
            " · ".join(filter(None, [points(one.points), one.reason])),
        )
        for one in benefits_queries.rewards_before(member_id, before, limit)
    ]


def _benefits(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    rows = benefits_queries.benefits_before(member_id, before, limit)
    if not rows:
        return []
    matrix = benefits_queries.matrix_on(clock.business_date(before))
    return [
        Item(
            one.at,
            "sparkles",
            _("Benefit given: %(name)s") % {"name": _benefit(one.code, matrix)},
            " · ".join(filter(None, [benefit_words.period_words(one.period), one.reason])),
        )
        for one in rows
    ]


def _benefit(code: str, matrix: Matrix) -> str:
    found = matrix.find(code)
    return benefit_words.benefit_name(found) if found else code


def _messages(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    names = outbox.topic_names()
    lines = [outbox.message_line(row, names) for row in messaging_queries.messages_before(member_id, before, limit)]
    return [
        Item(
            line.at,
            "mail",
            _("Message: %(about)s") % {"about": line.cause},
            sentences(f"{line.channel} · {line.state.words}", line.why),
            url=line.url,
        )
        for line in lines
    ]


def _consents(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    answers = members_queries.list_consents(member_id, before, limit)
    names = people.names_of(answer.actor for answer in answers)
    return [Item(answer.at, "shield", consent_title(answer), names[answer.actor]) for answer in answers]


def _notes(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    return [
        Item(one.written_at, "message-square", _("Note by %(who)s") % {"who": one.author}, one.text)
        for one in privacy.notes_before(member_id, before, limit)
    ]


def _merges(member_id: int, before: dt.datetime, limit: int) -> list[Item]:
    """Merges, and their undoing, which is later than its merge and so among the same rows."""
    rows = merging.merges_before(member_id, before, limit)
    names = people.names_of(row.actor for row in rows)
    items = []
    for row in rows:
        words = {"number": row.merged}
        said = sentences(names[row.actor], row.reason)
        items.append(Item(row.merged_at, "users", _("%(number)s was merged into this one") % words, said))
        if row.undone_at and row.undone_at < before:
            items.append(Item(row.undone_at, "undo-2", _("The merge of %(number)s was undone") % words, ""))
    return items


def consent_title(answer: ConsentView) -> str:
    """Will say what was agreed to or withdrawn."""
    words = {
        "purpose": str(PURPOSE_WORDS[Purpose(answer.purpose)]),
        "channel": str(CHANNEL_WORDS[Channel(answer.channel)]),
    }
    if answer.given:
        return _("Agreed to: %(purpose)s by %(channel)s") % words
    return _("Said no to: %(purpose)s by %(channel)s") % words


SOURCES: Mapping[Show, Sequence[Source]] = {
    Show.ALL: (
        *(_orders, _points, _decisions, _stages, _coupons, _rewards, _benefits),
        *(_messages, _consents, _notes, _merges),
    ),
    Show.ORDERS: (_orders,),
    Show.POINTS: (_points,),
    Show.TIER: (_decisions, _stages),
    Show.BENEFITS: (_coupons, _rewards, _benefits),
    Show.MESSAGES: (_messages,),
    Show.CONSENTS: (_consents,),
    Show.STAFF: (_notes, _merges),
}
