"""Holding what a checkout uses until it pays for an order: coupons, their limits and budgets, quotas of benefits.

A check is made by the statement that changes the row, so that a limit of ten gives ten to any number of callers at
once. Rows are locked in one order, whatever is done: the checkout, then quotas, then coupons by id, then the counts of
members and of everybody by definition. Quotas are held by whoever calls for it, before.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q

from benefits.enums import CheckoutState, DiscountKind, SavedBy
from benefits.models import BenefitUse, Checkout, Coupon, CouponCount, Entitlement, MemberCount, Taking
from benefits.queries.checkouts import CheckoutView, checkout_id, find_checkout
from benefits.rules.returns import returned_share
from kit import audit, clock, locks


class CheckoutKeyReused(Exception):
    """The key has been used for another cart; nothing was held."""


class TakenMeanwhile(Exception):
    """Something that was quoted has been used up meanwhile, or its limit or budget; nothing was held.

    `key` is the offer's, as quoted.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"{key} is not left any more. Nothing was held; ask for a quote again.")


class NoCheckout(Exception):
    """There is no checkout of this id; nothing was changed."""


class CheckoutTaken(Exception):
    """The checkout has paid for an order; nothing was changed."""

    def __init__(self, order_key: str) -> None:
        self.order_key = order_key
        super().__init__(f"The reservation has paid for {order_key}. Nothing was changed.")


class OrderHasCheckout(Exception):
    """Another checkout has paid for the order; nothing was changed."""


class CheckoutClosed(Exception):
    """The checkout was released, or its time has run out; what it held is free again. Reserve anew."""

    def __init__(self, state: CheckoutState) -> None:
        self.state = state
        why = "was released" if state is CheckoutState.RELEASED else "ended with its time"
        super().__init__(f"The reservation {why}, and what it held is free again. Reserve anew.")


@dataclass(frozen=True, slots=True)
class Held:
    """One thing that a checkout is to hold, as quoted: of a coupon its row, its definition and its limits.

    `entitlement_id` is of a benefit with a quota, held already by whoever made it.
    """

    key: str
    kind: DiscountKind
    amount: Decimal
    shipping: Decimal
    lines: Mapping[str, Decimal]
    benefit: str = ""
    coupon_id: int | None = None
    definition_id: int | None = None
    member_max: int | None = None
    entitlement_id: int | None = None


def hold_checkout(
    *,
    member_id: int,
    source_key: str,
    asked: Mapping[str, Any],
    quote: Mapping[str, Any],
    quote_hash: str,
    held: Sequence[Held],
    points: int,
    reservation_id: uuid.UUID | None,
    expires_at: dt.datetime,
    at: dt.datetime,
    actor: str,
) -> CheckoutView:
    """Will hold what a quote uses until an instant; the same key that asks the same gives the first one again.

    Raises CheckoutKeyReused, and TakenMeanwhile where a coupon, limit, budget or quota is not there any more - then the
    caller's transaction must be rolled back.
    """
    row_id = checkout_id(member_id, source_key)
    if known := find_checkout(row_id):
        if known.request != asked:
            raise CheckoutKeyReused(f"{source_key} was used for another cart. Nothing was held.")
        return known
    row = Checkout.objects.create(
        id=row_id,
        member_id=member_id,
        source_key=source_key,
        request=dict(asked),
        quote=dict(quote),
        quote_hash=quote_hash,
        points=points,
        reservation_id=reservation_id,
        held_at=at,
        expires_at=expires_at,
    )
    _hold_all(row, held)
    return _view(row)


def hold_checkout_again(
    *,
    checkout: uuid.UUID,
    held: Sequence[Held],
    reservation_id: uuid.UUID | None,
    expires_at: dt.datetime,
    at: dt.datetime,
    actor: str,
) -> CheckoutView:
    """Will hold anew what a checkout held whose time ran out, until an instant.

    Raises NoCheckout, CheckoutTaken, CheckoutClosed where it was released, and TakenMeanwhile as hold_checkout does.
    Locks the checkout.
    """
    row = _locked(checkout)
    if row.state == CheckoutState.CONFIRMED:
        raise CheckoutTaken(row.order_key)
    if row.state != CheckoutState.LAPSED:
        raise CheckoutClosed(CheckoutState(row.state))
    row.takings.all().delete()
    _hold_all(row, held)
    row.state, row.closed_at = CheckoutState.HELD, None
    row.reservation_id, row.expires_at = reservation_id, expires_at
    row.save(update_fields=["state", "closed_at", "reservation_id", "expires_at"])
    return _view(row)


def extend_checkout(*, checkout: uuid.UUID, expires_at: dt.datetime, at: dt.datetime, actor: str) -> CheckoutView:
    """Will hold a checkout's things longer; an earlier end than the one it has changes nothing.

    Raises NoCheckout, CheckoutTaken, CheckoutClosed. Locks the checkout.
    """
    row = _locked(checkout)
    _refuse_closed(row, at)
    if row.state == CheckoutState.CONFIRMED:
        raise CheckoutTaken(row.order_key)
    if expires_at > row.expires_at:
        row.expires_at = expires_at
        row.save(update_fields=["expires_at"])
    return _view(row)


def confirm_checkout(
    *, checkout: uuid.UUID, order_key: str, tier: str, at: dt.datetime, actor: str
) -> tuple[CheckoutView, bool]:
    """Will let a checkout pay for an order: what it held is used. Returns it, and whether that is new.

    The same order again changes nothing. Raises NoCheckout, CheckoutTaken for another order, OrderHasCheckout, and
    CheckoutClosed where it was given up. Locks the checkout.
    """
    row = _locked(checkout)
    if row.state == CheckoutState.CONFIRMED:
        if row.order_key != order_key:
            raise CheckoutTaken(row.order_key)
        return _view(row), False
    _refuse_closed(row, at)
    # Whoever else confirms for the order at the same moment waits, and finds that it is paid for.
    locks.take_turns([f"checkout:{order_key}"])
    if Checkout.objects.filter(order_key=order_key).exists():
        raise OrderHasCheckout(f"Another reservation has paid for {order_key}. Nothing was changed.")
    takings = list(row.takings.select_related("coupon__entitlement").order_by("position"))
    used = [_Move(one, used=1, held=-1, spent=one.amount, spent_held=-one.amount) for one in takings]
    _move_all(row.member_id, used, at)
    BenefitUse.objects.bulk_create([_use(row, taking, order_key, tier, at) for taking in takings])
    row.state, row.order_key, row.closed_at = CheckoutState.CONFIRMED, order_key, at
    row.save(update_fields=["state", "order_key", "closed_at"])
    audit.record(
        at=at,
        actor=actor,
        deed="checkout.confirm",
        subject=f"member:{row.member_id}",
        becomes={"checkout": str(row.id), "order": order_key, "saved": str(sum(one.amount for one in takings))},
    )
    return _view(row), True


def release_checkout(*, checkout: uuid.UUID, at: dt.datetime, actor: str) -> tuple[CheckoutView, bool]:
    """Will give back what a checkout holds, once; returns it, and whether this call did.

    One whose time has run out lapses instead. Raises NoCheckout, CheckoutTaken. Locks the checkout.
    """
    row = _locked(checkout)
    if row.state == CheckoutState.CONFIRMED:
        raise CheckoutTaken(row.order_key)
    if row.state != CheckoutState.HELD:
        return _view(row), False
    given_back = [_Move(one, held=-1, spent_held=-one.amount) for one in row.takings.order_by("position")]
    _move_all(row.member_id, given_back, at)
    row.state = CheckoutState.LAPSED if row.expires_at <= at else CheckoutState.RELEASED
    row.closed_at = row.expires_at if row.state == CheckoutState.LAPSED else at
    row.save(update_fields=["state", "closed_at"])
    return _view(row), True


def return_shares(
    *,
    order_key: str,
    occasion: str,
    units: Mapping[str, tuple[int, int]],
    nothing_left: bool,
    exponent: int,
    tier: str,
    at: dt.datetime,
    actor: str,
) -> None:
    """Will bring what came back of an order's discounts to the returned share, with a use below nought for each change.

    `units` are (returned, bought) by line, as they stand now. The coupon, or the quota of a benefit, comes back once
    nothing is left of the order; a budget gets back what it gave. The same state again changes nothing. Locks the
    checkout, where the order has one; one query where it has none.
    """
    row = Checkout.objects.select_for_update().filter(order_key=order_key).exclude(order_key="").first()
    if row is None:
        return
    takings = row.takings.select_related("coupon__entitlement").order_by("position")
    moves = [_return_share(row, one, occasion, units, nothing_left, exponent, tier, at) for one in takings]
    _move_all(row.member_id, [move for move in moves if move is not None], at)
    if nothing_left and row.cancelled_at is None:
        row.cancelled_at = at
        row.save(update_fields=["cancelled_at"])


# ---- leaves


def _return_share(
    row: Checkout,
    taking: Taking,
    occasion: str,
    units: Mapping[str, tuple[int, int]],
    nothing_left: bool,
    exponent: int,
    tier: str,
    at: dt.datetime,
) -> "_Move | None":
    """Will write down what came back of a taking by now; returns what that changes in its counts, None for nothing."""
    lines = {line_id: Decimal(amount) for line_id, amount in taking.lines.items()}
    back = returned_share(lines, taking.shipping, taking.returned, units, nothing_left=nothing_left, exponent=exponent)
    is_back = nothing_left and not taking.is_returned
    if not back.added and not is_back:
        return None
    taking.returned = taking.returned + back.added
    taking.returned_lines = {line_id: str(amount) for line_id, amount in back.lines.items() if amount}
    taking.is_returned = taking.is_returned or is_back
    taking.save(update_fields=["returned", "returned_lines", "is_returned"])
    use = _use(row, taking, row.order_key, tier, at)
    use.cause, use.uses = f"{use.cause}:{occasion}", -1 if is_back else 0
    use.saved = use.cost = -back.added
    BenefitUse.objects.bulk_create([use])
    return _Move(taking, used=use.uses, spent=-back.added)


def _hold_all(row: Checkout, held: Sequence[Held]) -> None:
    for one in sorted(held, key=lambda one: one.coupon_id or 0):
        if one.coupon_id is not None:
            _hold_coupon(row.member_id, one, one.coupon_id)
    for one in sorted(held, key=lambda one: one.definition_id or 0):
        if one.definition_id is not None:
            _hold_counts(row.member_id, one, one.definition_id)
    Taking.objects.bulk_create([_taking(row, place, one) for place, one in enumerate(held, 1)])


def _hold_coupon(member_id: int, one: Held, coupon_id: int) -> None:
    """Will count one more holder of a coupon, where it is the member's or anybody's and has a use left."""
    mine = Q(member=None) | Q(member_id=member_id)
    free = Q(uses_max=None) | Q(uses_max__gt=F("used") + F("held"))
    there = Coupon.objects.filter(mine, free, id=coupon_id, voided_at=None)
    if not there.update(held=F("held") + 1):
        raise TakenMeanwhile(one.key)


def _hold_counts(member_id: int, one: Held, definition_id: int) -> None:
    """Will count one more use of a definition by the member and by everybody, and its amount, where limits allow."""
    MemberCount.objects.bulk_create(
        [MemberCount(member_id=member_id, definition_id=definition_id)], ignore_conflicts=True
    )
    mine = MemberCount.objects.filter(member_id=member_id, definition_id=definition_id)
    if one.member_max is not None:
        mine = mine.annotate(taken=F("used") + F("held")).filter(taken__lt=one.member_max)
    if not mine.update(held=F("held") + 1):
        raise TakenMeanwhile(one.key)
    free = Q(uses_max=None) | Q(uses_max__gt=F("used") + F("held"))
    paid = Q(budget=None) | Q(budget__gte=F("spent") + F("spent_held") + one.amount)
    there = CouponCount.objects.filter(free, paid, definition_id=definition_id)
    if not there.update(held=F("held") + 1, spent_held=F("spent_held") + one.amount):
        raise TakenMeanwhile(one.key)


@dataclass(frozen=True, slots=True)
class _Move:
    """By how much the counts change that a taking is in."""

    taking: Taking
    used: int = 0
    held: int = 0
    spent: Decimal = Decimal(0)
    spent_held: Decimal = Decimal(0)


def _move_all(member_id: int, moves: Sequence[_Move], at: dt.datetime) -> None:
    """Will change the counts that takings are in, in the order in which holding them locks the rows.

    The database refuses any count below nought or above its limit.
    """
    for one in moves:
        if one.taking.entitlement_id is not None:
            quota = Entitlement.objects.filter(id=one.taking.entitlement_id)
            quota.update(used=F("used") + one.used, held=F("held") + one.held)
    for one in sorted(moves, key=lambda one: one.taking.coupon_id or 0):
        if one.taking.coupon_id is not None:
            when = {"used_at": at} if one.used > 0 else {}
            coupon = Coupon.objects.filter(id=one.taking.coupon_id)
            coupon.update(used=F("used") + one.used, held=F("held") + one.held, **when)
    for one in sorted(moves, key=lambda one: one.taking.definition_id or 0):
        if one.taking.definition_id is not None:
            _move_counts(member_id, one, one.taking.definition_id)


def _move_counts(member_id: int, one: _Move, definition_id: int) -> None:
    mine = MemberCount.objects.filter(member_id=member_id, definition_id=definition_id)
    mine.update(used=F("used") + one.used, held=F("held") + one.held)
    CouponCount.objects.filter(definition_id=definition_id).update(
        used=F("used") + one.used,
        held=F("held") + one.held,
        spent=F("spent") + one.spent,
        spent_held=F("spent_held") + one.spent_held,
    )


def _taking(row: Checkout, place: int, one: Held) -> Taking:
    return Taking(
        checkout=row,
        position=place,
        kind=one.kind,
        benefit=one.benefit,
        coupon_id=one.coupon_id,
        definition_id=one.definition_id,
        entitlement_id=one.entitlement_id,
        amount=one.amount,
        shipping=one.shipping,
        lines={line_id: str(amount) for line_id, amount in one.lines.items()},
    )


def _use(row: Checkout, taking: Taking, order_key: str, tier: str, at: dt.datetime) -> BenefitUse:
    is_shipping = taking.kind == DiscountKind.FREE_SHIPPING or taking.shipping == taking.amount != 0
    issued_by = taking.coupon.entitlement if taking.coupon else None
    return BenefitUse(
        member_id=row.member_id,
        cause=f"checkout:{row.id}:{taking.position}",
        benefit=issued_by.benefit if issued_by else taking.benefit,
        definition_id=taking.definition_id,
        kind=taking.kind,
        tier=tier,
        used_on=clock.business_date(at),
        at=at,
        uses=1,
        saved=taking.amount,
        saved_by=SavedBy.SHIPPING if is_shipping else SavedBy.DISCOUNT,
        cost=taking.amount,
        order_key=order_key,
    )


def _locked(checkout: uuid.UUID) -> Checkout:
    row = Checkout.objects.select_for_update().filter(id=checkout).first()
    if row is None:
        raise NoCheckout(f"There is no reservation {checkout}. Nothing was changed.")
    return row


def _refuse_closed(row: Checkout, at: dt.datetime) -> None:
    state = _view(row).state_at(at)
    if state in (CheckoutState.RELEASED, CheckoutState.LAPSED):
        raise CheckoutClosed(state)


def _view(row: Checkout) -> CheckoutView:
    return CheckoutView(*(getattr(row, name) for name in CheckoutView.__slots__))
