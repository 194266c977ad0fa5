"""The demo speaks: its members answer what they were asked, and some are told what happened to them lately.

What is imported is told to nobody; so this comes afterwards, through the same deeds that a shop's days go through.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import translation

from kit import clock
from kit.keys import order_key
from members import actions as members_actions
from members import queries as members_queries
from members.actions import ConsentGiven
from members.enums import Channel, Purpose
from members.queries import MemberKey
from membership_site.flows import demo, told
from messaging import enums as messaging_enums
from messaging import jobs as messaging_jobs
from messaging.wording.asking import ask_text
from orders import queries as orders_queries
from points import queries as points_queries
from tiers import queries as tiers_queries

MOMENT = dt.timedelta(microseconds=1)
DAYS_TOLD = 2
SHARES = {Channel.EMAIL: (60, 15), Channel.SMS: (25, 10)}
"""Of a hundred members so many agreed, and so many said no; the others were not asked."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that a member is told, and when."""

    at: dt.datetime
    tell: Callable[[], None]


def speak(*, at: dt.datetime) -> int:
    """Will let the demo's members answer, and tell those with a log-in, and who bought lately, what happened to them.

    The outbox sends it, each message at its time. Once; returns how many happenings they were told of.
    """
    customers, examples = _customers(at), tiers_queries.examples()
    found = members_queries.find_many(sorted(customers), demo.SOURCE)
    if not examples or _has_spoken(found):
        return 0
    with transaction.atomic():
        answers = {key.id: _answers(customer, key.language) for customer, key in found.items()}
        members_actions.consent_many(answers=answers, at=at, actor=demo.ACTOR)
        recent = [found[customer].id for customer, bought in customers.items() if bought and customer in found]
        happenings = [one for member_id in recent for one in _latest(member_id, at, 1, since=_since(at))]
        happenings += [one for member_id in sorted({*examples.values()}) for one in _of_example(member_id, at)]
        for one in sorted(happenings, key=lambda one: one.at):
            one.tell()
    return _send(happenings, at)


def _has_spoken(found: Mapping[str, MemberKey]) -> bool:
    """Will say whether the first who answers has answered. At most one query."""
    first = next((key for customer, key in sorted(found.items()) if _answers(customer, key.language)), None)
    return first is not None and bool(members_queries.consents_in_force(first.id))


def _send(happenings: Sequence[Happening], at: dt.datetime) -> int:
    """Will send what was told, as each day's sender would have."""
    moments = sorted({one.at for one in happenings} | {at})
    for moment in moments:
        messaging_jobs.send_due(lambda moment=moment: moment)  # type: ignore[misc]
    return len(happenings)


def _since(at: dt.datetime) -> dt.datetime:
    return at - dt.timedelta(days=DAYS_TOLD)


def _customers(at: dt.datetime) -> Mapping[str, bool]:
    """Will return the sample's customers, and of each whether he bought in the last days."""
    since = clock.business_date(_since(at))
    bought: dict[str, bool] = {}
    for purchase in demo.read_purchases(clock.business_date(at), full=False):
        bought[purchase.customer] = bought.get(purchase.customer, False) or purchase.date >= since
    return bought


def _answers(customer: str, language: str) -> list[ConsentGiven]:
    """Will invent what a customer answered in his language, always the same."""
    answers = []
    for channel, (agreed, refused) in SHARES.items():
        drawn = demo.draw(customer, f"consent {channel.value}", 100)
        if drawn < agreed + refused:
            with translation.override(language or settings.LANGUAGE_CODE):
                text = ask_text(messaging_enums.Channel(channel.value))
            answers.append(ConsentGiven(channel, Purpose.MARKETING, given=drawn < agreed, text=text))
    return answers


def _of_example(member_id: int, at: dt.datetime) -> list[Happening]:
    """Will find what a member with a log-in is told: his welcome, his last orders, how his tier changed last."""
    joined = members_queries.joined_at_of(member_id)
    happenings = _latest(member_id, at, 3)
    if joined:
        by = {"member_id": member_id, "at": joined, "actor": demo.ACTOR}
        happenings.append(Happening(joined, lambda: told.joined(**by)))  # type: ignore[arg-type]
    for decision in tiers_queries.list_decisions_before(member_id, at + MOMENT, 20):
        if decision.from_tier and decision.from_tier.code != decision.to_tier.code:
            happenings.append(_changed(member_id, decision.cause, decision.at))
            break
    return happenings


def _changed(member_id: int, cause: str, at: dt.datetime) -> Happening:
    return Happening(at, lambda: told.tier_decided(member_id=member_id, cause=cause, at=at, actor=demo.ACTOR))


def _latest(member_id: int, at: dt.datetime, count: int, since: dt.datetime | None = None) -> list[Happening]:
    """Will find the receipts of a member's latest orders."""
    orders = orders_queries.list_orders_before(member_id, at + MOMENT, count)
    recent = [order for order in orders if since is None or order.placed_at > since]
    keys = {order_key(order.source, order.order_id): order for order in recent}
    earned = points_queries.earned_by_keys(member_id, [f"{key}:line" for key in keys])
    return [
        _receipt(member_id, key, order.order_id, earned.get(f"{key}:line", 0), order.placed_at)
        for key, order in keys.items()
    ]


def _receipt(member_id: int, key: str, order_id: str, points: int, at: dt.datetime) -> Happening:
    return Happening(
        at,
        lambda: told.order_earned(
            member_id=member_id, key=key, order_id=order_id, points=points, at=at, actor=demo.ACTOR
        ),
    )
