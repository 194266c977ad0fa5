"""The api's answers put together from what rooms and flows tell."""

import base64
import binascii
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import translation

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import Redeemed
from benefits.enums import BenefitKind
from kit import clock, dates
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.api.problems import refused_field
from membership_site.api.schemas import answers
from membership_site.api.schemas.fields import money_text
from membership_site.flows.event_received import EventAnswer
from membership_site.flows.order_paid import OrderAnswer
from membership_site.flows.order_refunded import RefundAnswer
from points import queries as points_queries
from points import wording as points_wording
from points.enums import Wallet
from points.queries import StatementRow
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.queries import NoStanding, TierAfter

AMOUNTS = frozenset({"amount", "basis", "order_basis"})
"""The facts of explanations that are money."""

Cursor = tuple[str, int, str]

ENDS_BEFORE = dt.timedelta(microseconds=1)
"""A coupon's end is the first instant at which it is over; people are told the last date on which it is good."""


@contextmanager
def in_language_of(request: HttpRequest, number: str) -> Iterator[None]:
    """Will speak the language the call asks for, else the member's own, else the site's."""
    if "Accept-Language" in request.headers or not number:
        yield
        return
    with in_language(request, members_queries.language_of(number)):
        yield


@contextmanager
def in_language(request: HttpRequest, language: str) -> Iterator[None]:
    """Will speak the language the call asks for, else a member's own, else the site's. No query."""
    if "Accept-Language" in request.headers:
        yield
        return
    with translation.override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
        yield


# ---- members


def member_answer(key: MemberKey, at: dt.datetime) -> answers.MemberAnswer:
    """Will assemble a member as he stands at an instant. Seven or eight queries."""
    balance = points_queries.get_balance(key.id, at)
    try:
        standing = tiers_queries.get_standing(key.id, at)
    except NoStanding:
        tier, growth = None, 0
    else:
        name = tiers_wording.tier_name(standing.tier)
        tier = answers.TierAnswer(code=standing.tier.code, name=name, since=standing.since, until=standing.until)
        growth = standing.facts.growth
    expiring = [
        answers.ExpiringAnswer(date=row.date, points=row.points) for row in balance.expiring if row.date != dates.NEVER
    ]
    return answers.MemberAnswer(
        number=key.number,
        status=key.status,
        joined_at=key.joined_at,
        tier=tier,
        balance=answers.BalanceAnswer(
            available=balance.available, pending=balance.pending, debt=balance.debt, expiring=expiring
        ),
        growth=growth,
    )


# ---- the statement


def statement_answer(
    member_id: int, *, cursor: str, as_of: dt.datetime | None, limit: int, at: dt.datetime
) -> answers.StatementAnswer:
    """Will assemble a page of a member's entries, newest first. Four queries."""
    before = read_cursor(cursor) if cursor else None
    rows = points_queries.list_statement(member_id, before=before, as_of=as_of, limit=limit + 1)
    names = tier_names(at)
    shown = rows[:limit]
    return answers.StatementAnswer(
        entries=[_entry(row, names) for row in shown],
        next_cursor=write_cursor(shown[-1]) if len(rows) > limit else None,
    )


def _entry(row: StatementRow, names: Mapping[str, str]) -> answers.StatementEntry:
    return answers.StatementEntry(
        id=f"{row.wallet}-{row.seq}",
        at=row.at,
        business_date=row.business_date,
        kind=row.kind,
        points=row.points,
        wallet=row.wallet,
        source_key=row.source_key,
        balance_after=row.balance_after,
        expires_on=row.expires_on if row.expires_on and row.expires_on < dates.WHILE_ACTIVE else None,
        explanation=explained([row], names),
    )


def write_cursor(row: StatementRow) -> str:
    """Will name the place in a statement after a row, in letters that an address can carry."""
    place = f"{row.at.isoformat()}~{row.seq}~{row.wallet}"
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> Cursor:
    """Will read what write_cursor wrote; anything else is a problem of the field cursor."""
    try:
        place = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode("ascii")
        instant, seq, wallet = place.split("~")
        at, number, known = dt.datetime.fromisoformat(instant), int(seq), Wallet(wallet)
        at.astimezone(dt.UTC)
    except (ValueError, OverflowError, binascii.Error) as error:
        raise refused_field("cursor", "cursor", "Take it from next_cursor of the page before.") from error
    if at.tzinfo is None or not 0 < number < 2**31:
        raise refused_field("cursor", "cursor", "Take it from next_cursor of the page before.")
    return instant, number, known.value


# ---- benefits


def entitlement_answers(member_id: int, *, sku: str, at: dt.datetime) -> list[answers.EntitlementAnswer]:
    """Will list what a member can use now, or what an article is to him. Four queries, five with an article."""
    usable = [one for one in benefits_queries.usable(member_id, at) if one.is_usable]
    if not sku:
        return [_entitlement(one) for one in usable]
    opened = benefits_queries.open_goods([(one.benefit, one.cell) for one in usable], [sku], at)
    about: dict[BenefitKind, dict[str, Any]] = {}
    if sku in opened.prices:
        about[BenefitKind.MEMBER_PRICE] = {"price": money_text(opened.prices[sku])}
    if sku in opened.member_only and sku not in opened.not_his:
        about[BenefitKind.MEMBER_GOODS] = {}
    if sku in opened.early:
        about[BenefitKind.EARLY_ACCESS] = {"opens_at": opened.not_yet.get(sku)}
    return [_entitlement(one, **about[one.benefit.kind]) for one in usable if one.benefit.kind in about]


def _entitlement(one: benefits_queries.Usable, **about: Any) -> answers.EntitlementAnswer:
    benefit = one.benefit
    return answers.EntitlementAnswer(
        kind=benefit.kind.value, code=benefit.code, quota_left=one.left, until=one.until, **about
    )


# ---- what came of orders, refunds and events


def order_answer(done: OrderAnswer, at: dt.datetime) -> answers.OrderAnswer:
    """Will assemble what a shop is told of an order. Two queries."""
    return answers.OrderAnswer(
        order=answers.OrderStated(source=done.source, order_id=done.order_id, status=done.status),
        member=done.member_number,
        points=answers.OrderPoints(
            awarded=done.points,
            pending_until=done.pending_until,
            lines=[answers.LinePoints(line_id=line_id, points=points) for line_id, points in done.lines],
        ),
        growth=done.growth,
        tier=_tier_after(done.tier),
        explanation=explained(_points_first(done.statement), tier_names(at)),
    )


def refund_answer(done: RefundAnswer) -> answers.RefundAnswer:
    """Will assemble what a shop is told of a refund. No query."""
    return answers.RefundAnswer(
        reversed=done.reversed,
        debt=done.debt,
        restored=done.restored,
        growth=done.growth,
        coupons=[
            answers.CouponBackAnswer(
                code=back.code,
                amount=money_text(back.amount),
                returned=back.is_back,
                until=clock.business_date(back.ends_at - ENDS_BEFORE) if back.ends_at else None,
            )
            for back in done.discounts
        ],
        tier=_tier_after(done.tier),
    )


def event_answer(done: EventAnswer, at: dt.datetime) -> answers.EventAnswer:
    """Will assemble what a shop is told of an event. Two queries."""
    explanation = explained(_points_first(done.statement), tier_names(at))
    for step in done.unearned:
        explanation.append(_explained({"text": points_wording.step_text(step, formats), **step}))
    return answers.EventAnswer(
        member=done.member_number,
        points=done.points,
        growth=done.growth,
        tier=_tier_after(done.tier),
        explanation=explanation,
    )


def _tier_after(tier: TierAfter | None) -> answers.TierAfterAnswer:
    if tier is None:
        raise ValueError("Whoever is answered has a tier.")
    return answers.TierAfterAnswer(code=tier.code, changed=tier.changed)


# ---- rewards


def reward_answers(member_id: int, at: dt.datetime) -> list[answers.RewardAnswer]:
    """Will assemble the catalogue for a member. At most fifteen queries."""
    names = tier_names(at)
    return [
        answers.RewardAnswer(
            code=row.code,
            kind=row.kind,
            name=benefits_wording.named(row.names, row.code),
            points=row.price,
            left=row.left,
            can_redeem=row.refusal is None,
            reason=row.refusal.code if row.refusal else None,
            detail=benefits_wording.refusal_words(row.refusal, formats, names) if row.refusal else "",
        )
        for row in benefits_queries.catalogue(member_id, at).rewards
    ]


def redemption_answer(done: Redeemed, code: str) -> answers.RedemptionAnswer:
    """Will assemble what a shop is told of a redemption. No query."""
    drawn = done.drawn or {"place": None}
    prize = drawn["prizes"][drawn["place"]]["names"] if drawn["place"] is not None else None
    return answers.RedemptionAnswer(
        redemption=str(done.id),
        reward=done.reward,
        kind=done.kind,
        points=done.points,
        state=done.state,
        code=code or None,
        prize=benefits_wording.named(prize) if prize else None,
    )


# ---- words


def tier_names(at: dt.datetime) -> dict[str, str]:
    """Will return the names of tiers by code in the language spoken now. Two queries."""
    tiers = tiers_queries.tiers_of_ladder(clock.business_date(at))
    return {tier.code: tiers_wording.tier_name(tier) for tier in tiers}


def explained(rows: Iterable[StatementRow], names: Mapping[str, str]) -> list[answers.Explained]:
    """Will say how entries came about, step by step, with the facts beside the words."""
    return [_explained(step) for row in rows for step in points_wording.explained_steps(row, formats, names)]


def _explained(step: Mapping[str, Any]) -> answers.Explained:
    facts = {name: money_text(Decimal(str(fact))) if name in AMOUNTS else fact for name, fact in step.items()}
    if "multiplier" in facts:
        facts["multiplier"] = format(Decimal(facts["multiplier"]).normalize(), "f")
    return answers.Explained.model_validate(facts)


def _points_first(rows: Iterable[StatementRow]) -> list[StatementRow]:
    return sorted(rows, key=lambda row: (row.wallet != Wallet.POINTS, row.seq))
