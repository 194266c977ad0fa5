"""A cart is priced for a member: what his coupons, benefits and points take off it, and what it would earn.

Nothing is written. What is quoted is what is held and used: a reservation quotes again and compares the hash.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from benefits import queries as benefits_queries
from benefits.enums import CouponKind, DiscountKind, ValidityKind
from benefits.queries import CheckoutBenefits
from benefits.rules import codes
from benefits.rules.checkout import Applied, Cart, CartLine, Combination, Offer, combine
from benefits.rules.coupons import Bearer, Rejection, Standing, Terms, Validity
from kit import clock
from kit.money import plain, share_money
from membership_site.flows import checkout_released, circumstances, point_days
from orders import queries as orders_queries
from points import queries as points_queries
from points.rules import earning, redemption
from points.rules.circumstances import Circumstances
from points.rules.conditions import LineTraits
from points.rules.policy import Policy
from tiers import queries as tiers_queries

MOST = "max"
"""Asks to use as many points as the order takes."""

MEMBER_DAY = "member_day"
"""The group of a member day: coupons may name it among those that they join."""

CART = "cart"
"""Stands where booked deeds have their source key: a cart has none yet."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a shop asks to have priced. `points` is MOST or a number; `channel` is where it is sold."""

    member_id: int
    cart: Cart
    codes: tuple[str, ...] = ()
    points: int | str = 0
    channel: str = ""

    def as_stored(self) -> dict[str, Any]:
        """Will return it as plain values, from which `asked_of` makes it again."""
        lines = [
            [line.line_id, line.quantity, plain(line.unit_price), plain(line.discount), *texts_of(line)]
            for line in self.cart.lines
        ]
        return {
            "lines": lines,
            "shipping": plain(self.cart.shipping),
            "exponent": self.cart.exponent,
            "codes": list(self.codes),
            "points": self.points,
            "channel": self.channel,
        }


def texts_of(line: CartLine) -> tuple[str, str, str, str]:
    """Will return what describes a line's article."""
    return line.sku, line.name, line.category, line.brand


def asked_of(member_id: int, stored: Mapping[str, Any]) -> Asked:
    """Will make again what was asked from what Asked.as_stored returned."""
    lines = tuple(
        CartLine(line_id, quantity, Decimal(price), Decimal(discount), *texts)
        for line_id, quantity, price, discount, *texts in stored["lines"]
    )
    cart = Cart(lines, Decimal(stored["shipping"]), stored["exponent"])
    return Asked(member_id, cart, tuple(stored["codes"]), stored["points"], stored["channel"])


@dataclass(frozen=True, slots=True)
class Source:
    """Where an offer comes from: a coupon of the wallet or of a typed code, or a benefit of the tier."""

    offer: Offer
    code: str
    names: Mapping[str, str]
    benefit: str = ""
    coupon: benefits_queries.Candidate | None = None
    is_counted: bool = False
    is_typed: bool = False


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line as it would be sold: the shop's price, what comes off by whom, and what is left to pay."""

    line_id: str
    amount: Decimal
    member_saving: Decimal
    discounts: tuple[tuple[str, Decimal], ...]
    points_amount: Decimal
    left: Decimal
    points_to_earn: int


@dataclass(frozen=True, slots=True)
class Quote:
    """What a cart comes to for a member, and why. `refused` are goods that he may not buy, by SKU."""

    asked: Asked
    tier: str
    lines: tuple[QuotedLine, ...]
    combination: Combination
    sources: Mapping[str, Source]
    price_benefit: str
    unknown: tuple[str, ...]
    refused: tuple[tuple[str, Rejection], ...]
    points: redemption.MoneyOff
    to_earn: int
    total: Decimal

    @property
    def shipping(self) -> Decimal:
        """What is left to pay for the shipping."""
        return self.combination.shipping_left

    @property
    def hash(self) -> str:
        """The SHA-256 of what was asked and what came of it, without what only explains it."""
        applied = [
            [one.offer.key, plain(one.amount), {line: plain(amount) for line, amount in sorted(one.lines.items())}]
            for one in self.combination.applied
        ]
        facts = [
            self.asked.member_id,
            self.asked.as_stored(),
            [[line.line_id, plain(line.amount), plain(line.left)] for line in self.lines],
            applied,
            [self.points.points, plain(self.points.amount)],
            [plain(self.shipping), plain(self.total), self.to_earn],
            sorted(sku for sku, _ in self.refused),
        ]
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def quote(*, asked: Asked, at: dt.datetime) -> Quote:
    """Will price a cart for a member at an instant. Some ten queries, however many lines and coupons.

    What his own earlier carts held too long counts as given back, whether that is booked yet or not: it is booked,
    priced and taken back again. So a quote does not depend on when the worker comes round.
    """
    if not benefits_queries.lapsed_of_member(asked.member_id, at):
        return _priced(asked, at)
    with transaction.atomic():
        checkout_released.lapse_own(member_id=asked.member_id, at=at, actor="quote")
        priced = _priced(asked, at)
        transaction.set_rollback(True)
    return priced


def _priced(asked: Asked, at: dt.datetime) -> Quote:
    today = clock.business_date(at)
    usable = benefits_queries.usable_at_checkout(
        asked.member_id, [line.sku for line in asked.cart.lines if line.sku], at
    )
    sources = _sources(asked, usable, at)
    bearer = Bearer(
        at=at.astimezone(clock.programme_zone()),
        tier=usable.tier,
        has_ordered=_has_ordered(asked.member_id, sources, at),
    )
    combination = combine(asked.cart, [source.offer for source in sources], bearer, usable.prices)
    policy = point_days.with_days(points_queries.policy_on(today), at)
    points = _points(asked, policy, combination.basis, at)
    lines, to_earn = _lines(asked, combination, points, policy, at)
    known = {source.code for source in sources}
    return Quote(
        asked=asked,
        tier=usable.tier,
        lines=lines,
        combination=combination,
        sources={source.offer.key: source for source in sources},
        price_benefit=usable.price_benefit,
        unknown=tuple(code for code in asked.codes if codes.normal(code) not in known),
        refused=_refused(usable),
        points=points,
        to_earn=to_earn,
        total=combination.basis + combination.shipping_left - points.amount,
    )


def quote_guessed(*, asked: Asked, api_key: str = "", at: dt.datetime) -> Quote:
    """Will price a cart, and count typed codes that are nobody's or another's as guesses, of member and shop's key.

    Raises benefits.queries.TooManyGuesses.
    """
    tries = len(asked.codes)
    if tries:
        benefits_queries.admit_guesses(asked.member_id, tries, at, api_key)
    priced = quote(asked=asked, at=at)
    if tries:
        others = sum(1 for _, why in priced.combination.rejected if why.code == "not_yours")
        benefits_queries.forgive_guesses(asked.member_id, tries - len(priced.unknown) - others, at, api_key)
    return priced


def _has_ordered(member_id: int, sources: Sequence[Source], at: dt.datetime) -> bool:
    """Asked only where a coupon is for first orders."""
    if not any(source.offer.terms.first_order for source in sources):
        return False
    return orders_queries.count_paid_before(member_id, at, 0) > 0


def _sources(asked: Asked, usable: CheckoutBenefits, at: dt.datetime) -> list[Source]:
    typed = {codes.normal(code) for code in asked.codes}
    coupons = [
        Source(
            offer=Offer(f"coupon:{one.coupon_id}", DiscountKind.COUPON, one.terms, one.standing),
            code=one.code,
            names=one.names,
            coupon=one,
            is_typed=one.code in typed,
        )
        for one in benefits_queries.candidates_of(asked.member_id, at, asked.codes)
    ]
    return [*coupons, *_of_tier(usable)]


ALWAYS_GOOD = Standing(starts_at=dt.datetime.min.replace(tzinfo=dt.UTC), ends_at=None, uses_max=None)
"""How a benefit of the tier stands: it is there because the tier is held."""

NO_END = Validity(ValidityKind.DATES)


def _of_tier(usable: CheckoutBenefits) -> Iterator[Source]:
    """Will yield what the tier takes off by itself: on its member day, and the shipping, which goes with everything."""
    if day := usable.member_day:
        terms = Terms(CouponKind.PERCENT, NO_END, percent=day.percent, cap=day.cap, group=MEMBER_DAY)
        offer = Offer(f"benefit:{day.benefit}", DiscountKind.MEMBER_DAY, terms, ALWAYS_GOOD)
        yield Source(offer, day.benefit, day.names, benefit=day.benefit)
    if free := usable.free_shipping:
        terms = Terms(CouponKind.FREE_SHIPPING, NO_END)
        offer = Offer(f"benefit:{free.benefit}", DiscountKind.FREE_SHIPPING, terms, ALWAYS_GOOD, stands_apart=True)
        counted = free.quota_left is not None
        yield Source(offer, free.benefit, free.names, benefit=free.benefit, is_counted=counted)


def _refused(usable: CheckoutBenefits) -> tuple[tuple[str, Rejection], ...]:
    """Will say which goods of the cart the member may not buy, and why."""
    not_his = [(sku, Rejection("not_for_tier", {"is": usable.tier})) for sku in usable.not_his]
    not_yet = [(sku, Rejection("not_open_yet", {"opens_at": opens_at})) for sku, opens_at in usable.not_yet.items()]
    return (*not_his, *not_yet)


def _points(asked: Asked, policy: Policy, basis: Decimal, at: dt.datetime) -> redemption.MoneyOff:
    """Will work out the money off by points: as many as asked, at most what the member has."""
    if not asked.points:
        return redemption.MoneyOff(0, Decimal(0))
    balance = points_queries.get_balance(asked.member_id, at)
    has = 0 if balance.debt else balance.available
    wanted = has if asked.points == MOST else min(int(asked.points), has)
    return redemption.points_for(policy, basis, wanted, asked.cart.exponent)


def _lines(
    asked: Asked, combination: Combination, points: redemption.MoneyOff, policy: Policy, at: dt.datetime
) -> tuple[tuple[QuotedLine, ...], int]:
    lefts = [line.left for line in combination.lines]
    paid = share_money(points.amount, lefts, asked.cart.exponent)
    plan = _plan(asked, lefts, points.points, policy, at)
    earned = {line.line_id: line.points for line in plan.lines}
    lines = tuple(
        QuotedLine(
            line_id=line.line_id,
            amount=line.amount,
            member_saving=line.member_saving,
            discounts=tuple(
                (one.offer.key, one.lines[line.line_id]) for one in combination.applied if line.line_id in one.lines
            ),
            points_amount=part,
            left=line.left - part,
            points_to_earn=earned[line.line_id],
        )
        for line, part in zip(combination.lines, paid, strict=True)
    )
    return lines, plan.points


def _plan(
    asked: Asked, lefts: Sequence[Decimal], points_paid: int, policy: Policy, at: dt.datetime
) -> earning.OrderPlan:
    """Will work out what the cart would earn as an order placed now, by the function that books orders."""
    tier = tiers_queries.rate_now(asked.member_id, at)
    lines = [
        earning.LineFacts(
            line_id=line.line_id,
            basis=left,
            quantity=line.quantity,
            refunded_quantity=0,
            name=line.name,
            gross=line.quantity * line.unit_price,
            traits=LineTraits(line.sku, line.category, line.brand),
        )
        for line, left in zip(asked.cart.lines, lefts, strict=True)
    ]
    around = None
    if policy.looks_at(earning.ORDER):
        basis = sum(lefts, Decimal(0))
        segments = circumstances.segments_of(asked.member_id, policy, at, earning.ORDER)
        facts = circumstances.of_cart(asked.member_id, at, asked.channel, tier.code, basis, segments)
        left = points_queries.allowances_without(asked.member_id, policy, earning.ORDER, facts.on, CART)
        around = Circumstances(facts, left)
    return earning.plan_order(
        policy,
        earning.EarnRate(tier.multiplier, tier.code),
        lines,
        clock.business_date(at),
        amounts=earning.OrderAmounts(Decimal(0), asked.cart.shipping, points_paid),
        around=around,
    )


def applied_of(quote: Quote) -> list[tuple[Source, Applied]]:
    """Will return what is used, each with where it comes from."""
    return [(quote.sources[one.offer.key], one) for one in quote.combination.applied]


def rejected_of(quote: Quote) -> list[tuple[Source, Rejection]]:
    """Will return what was considered and is not used, with why."""
    return [(quote.sources[offer.key], rejection) for offer, rejection in quote.combination.rejected]
