"""The api's answers: exactly the fields that the contract promises."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from django.http import HttpResponse
from pydantic import BaseModel, ConfigDict

from membership_site.api.schemas.fields import AnsweredInstant


class Answer(BaseModel):
    """What a call answers."""

    model_config = ConfigDict(frozen=True)


class TierAnswer(Answer):
    """The tier a member holds; `until` is null on the lowest, which has no end."""

    code: str
    name: str
    since: dt.date
    until: dt.date | None


class ExpiringAnswer(Answer):
    """Points that can be used through a date."""

    date: dt.date
    points: int


class BalanceAnswer(Answer):
    """What a member has: `available` can be spent now, `debt` is owed after returns."""

    available: int
    pending: int
    debt: int
    expiring: list[ExpiringAnswer]


class MemberAnswer(Answer):
    """A member; `tier` is null for one who has not joined yet, `growth` is what counts in the window today."""

    number: str
    status: str
    joined_at: AnsweredInstant | None
    tier: TierAnswer | None
    balance: BalanceAnswer
    growth: int


class Explained(Answer):
    """A step of how something came about: said in `text`, named by `code`, with its facts beside it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    text: str
    code: str


class StatementEntry(Answer):
    """An entry of the ledger; `expires_on` is null where nothing was put in or it never expires."""

    id: str
    at: AnsweredInstant
    business_date: dt.date
    kind: str
    points: int
    wallet: str
    source_key: str
    balance_after: int
    expires_on: dt.date | None
    explanation: list[Explained]


class StatementAnswer(Answer):
    """Entries, newest first; ask with `next_cursor` as `cursor` for older ones, null where there are none."""

    entries: list[StatementEntry]
    next_cursor: str | None


class EntitlementAnswer(Answer):
    """A benefit that can be used now: `quota_left` is null where there is no limit, `until` where there is no end.

    Of an article also its members' `price`, or the instant at which it `opens_at` to the member, if it has not yet.
    """

    kind: str
    code: str
    quota_left: int | None
    until: dt.date | None
    price: str | None = None
    opens_at: AnsweredInstant | None = None


class TierAfterAnswer(Answer):
    """The tier after it, and whether it changed it."""

    code: str
    changed: bool


class OrderStated(Answer):
    """The order as it is known now."""

    source: str
    order_id: str
    status: str


class LinePoints(Answer):
    """What a line has earned."""

    line_id: str
    points: int


class OrderPoints(Answer):
    """What an order has earned by its statements, before returns; `pending_until` is the day it becomes available."""

    awarded: int
    pending_until: dt.date | None
    lines: list[LinePoints]


class OrderAnswer(Answer):
    """What came of an order."""

    order: OrderStated
    member: str
    points: OrderPoints
    growth: int
    tier: TierAfterAnswer
    explanation: list[Explained]


class Parked(Answer):
    """It is stored and waits: for its member to join, or for its order to be paid."""

    status: Literal["parked"] = "parked"


class IgnoredStale(Answer):
    """A newer statement is known; this one changed nothing."""

    status: Literal["ignored_stale"] = "ignored_stale"


class CouponBackAnswer(Answer):
    """What came back of a coupon or benefit with a return: `amount` of its discount, and itself where `returned`."""

    code: str
    amount: str
    returned: bool
    until: dt.date | None


class RefundAnswer(Answer):
    """What a refund took back, in positive units; `debt` is what had been used already and is owed now."""

    reversed: int
    debt: int
    restored: int
    growth: int
    coupons: list[CouponBackAnswer]
    tier: TierAfterAnswer


class EventAnswer(Answer):
    """What an event earned."""

    member: str
    points: int
    growth: int
    tier: TierAfterAnswer
    explanation: list[Explained]


class MessageEventsAnswer(Answer):
    """How many of the events are new; the others were known."""

    new: int


class RewardAnswer(Answer):
    """A reward for a member: `points` is his price, null where it is not for his tier, `left` null for any number.

    Where he cannot have it now, `reason` is why as a code, `detail` in words; else null and empty.
    """

    code: str
    kind: str
    name: str
    points: int | None
    left: int | None
    can_redeem: bool
    reason: str | None
    detail: str


class RedemptionAnswer(Answer):
    """A reward that a member has; `code` is null where there is none, `prize` is what a draw gave, null for nothing."""

    redemption: str
    reward: str
    kind: str
    points: int
    state: str
    code: str | None
    prize: str | None


class CancellationAnswer(Answer):
    """A redemption that was taken back; `points` went back to their lots."""

    redemption: str
    state: str
    points: int


class FieldProblemAnswer(Answer):
    """What is wrong with one field."""

    field: str
    code: str
    message: str


class Problem(Answer):
    """Why a request was refused (RFC 9457); nothing was done."""

    model_config = ConfigDict(frozen=True, extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblemAnswer] = []


def reply(status: int, answer: Answer | Sequence[Answer]) -> HttpResponse:
    """Will write an answer as JSON."""
    if not isinstance(answer, Answer):
        text = f"[{','.join(one.model_dump_json() for one in answer)}]"
    else:
        text = answer.model_dump_json()
    return HttpResponse(text, status=status, content_type="application/json")
