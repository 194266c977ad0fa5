"""What a member has of the matrix: what can be used now, what was given to him, and what a checkout must know."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, F, Max, Q

from benefits.enums import BenefitKind, Family, GoodsKind
from benefits.kinds.early_access.rules import Cell as EarlyAccessCell
from benefits.kinds.member_day.rules import Cell as MemberDayCell
from benefits.models import Coupon, Entitlement
from benefits.queries.goods import GoodsRow, goods_of
from benefits.queries.matrix import matrix_on
from benefits.rules.cells import Cell
from benefits.rules.matrix import Benefit, Matrix
from benefits.rules.periods import Period
from kit import clock
from tiers import queries as tiers_queries

ALWAYS = 2**31


@dataclass(frozen=True)
class Usable:
    """A benefit that a member has now: its cell, how often it can still be used (None: always), through which date.

    `period` is that of what is counted or was issued; of what was issued `left` are the coupons that are ready.
    """

    benefit: Benefit
    cell: Cell
    tier: str
    left: int | None
    until: dt.date | None
    period: str = ""
    entitlement_id: int | None = None

    @property
    def is_usable(self) -> bool:
        """Whether it can be used now."""
        return self.left is None or self.left > 0


@dataclass(frozen=True, slots=True)
class GivenRow:
    """What a member was given for a period, or has used of it."""

    id: int
    benefit: str
    kind: str
    period: str
    tier: str
    quota: int | None
    used: int
    held: int
    granted_at: dt.datetime
    ends_at: dt.datetime | None
    actor: str
    reason: str


def usable(member_id: int, at: dt.datetime, held: Mapping[str, tiers_queries.HeldTier] | None = None) -> list[Usable]:
    """Will return what a member's tiers give him at an instant, in the order of the matrix, used up or not.

    Four queries, three where it is known already which tiers are held on which ladders. What is issued is there only
    once it was, with as many uses as coupons of it are ready.
    """
    today = clock.business_date(at)
    held = tiers_queries.held_tiers(member_id) if held is None else held
    matrix = matrix_on(today)
    had = matrix.of_tier({ladder: tier.code for ladder, tier in held.items()})
    rows = _entitlements(member_id, at)
    ready = _coupons_ready([row.id for row in rows.values()], at)
    found = []
    for benefit, cell in had:
        tier = held[benefit.ladder]
        if benefit.family is Family.OPEN:
            found.append(Usable(benefit, cell, tier.code, None, tier.until))
        elif benefit.family is Family.COUNTED or benefit.is_booked(tier.code):
            found.append(_counted(benefit, cell, tier, rows, benefit.period(today)))
    return found + _issued(matrix, rows, ready)


def _counted(
    benefit: Benefit,
    cell: Cell,
    tier: tiers_queries.HeldTier,
    rows: Mapping[tuple[str, str], Entitlement],
    period: Period,
) -> Usable:
    row = rows.get((benefit.code, period.key))
    quota = quota_now(row.quota if row else 0, cell.quota())
    if quota is None:
        return Usable(benefit, cell, tier.code, None, tier.until, period.key, row.id if row else None)
    taken = row.used + row.held if row else 0
    return Usable(benefit, cell, tier.code, quota - taken, period.ends_on, period.key, row.id if row else None)


def quota_now(was: int | None, is_now: int | None) -> int | None:
    """Will return the quota of a period: the larger of what was promised and what the cell says now. No query."""
    return None if was is None or is_now is None else max(was, is_now)


def _issued(
    matrix: Matrix, rows: Mapping[tuple[str, str], Entitlement], ready: Mapping[int, tuple[int, dt.date | None]]
) -> list[Usable]:
    found = []
    for row in rows.values():
        benefit = matrix.find(row.benefit)
        if row.id in ready and benefit is not None:
            count, until = ready[row.id]
            cell = benefit.rules.read(row.terms)
            found.append(Usable(benefit, cell, row.tier, count, until, row.period, row.id))
    return found


def _entitlements(member_id: int, at: dt.datetime) -> dict[tuple[str, str], Entitlement]:
    """The rows of what is counted now, and of whatever was issued and may have coupons that are still good."""
    rows = Entitlement.objects.filter(member_id=member_id).filter(Q(ends_at=None) | Q(ends_at__gt=at))
    return {(row.benefit, row.period): row for row in rows.order_by("id")}


def _coupons_ready(entitlement_ids: Sequence[int], at: dt.datetime) -> dict[int, tuple[int, dt.date | None]]:
    """{entitlement: (coupons that can be used at an instant, the last date of the last of them)}."""
    ready = Coupon.objects.filter(entitlement_id__in=entitlement_ids, voided_at=None, starts_at__lte=at)
    ready = ready.filter(Q(ends_at=None) | Q(ends_at__gt=at))
    ready = ready.filter(Q(uses_max=None) | Q(uses_max__gt=F("used") + F("held")))
    rows = ready.order_by().values_list("entitlement_id").annotate(Count("id"), Max("ends_at"))
    return {
        entitlement_id: (count, clock.business_date(ends_at - dt.timedelta(microseconds=1)) if ends_at else None)
        for entitlement_id, count, ends_at in rows
    }


def given_to(member_id: int, limit: int = 20) -> list[GivenRow]:
    """Will return what a member was given or used, the latest first. One query."""
    rows = Entitlement.objects.filter(member_id=member_id).order_by("-granted_at", "-id")[:limit]
    return [
        GivenRow(
            row.id, row.benefit, row.kind, row.period, row.tier, row.quota, row.used, row.held,
            row.granted_at, row.ends_at, row.actor, row.reason,
        )
        for row in rows
    ]  # fmt: skip


# ---- checkout


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """Free shipping that a member may use: how often still in the period (None: always)."""

    benefit: str
    names: Mapping[str, str]
    quota_left: int | None
    period: str


@dataclass(frozen=True, slots=True)
class MemberDay:
    """Today's member day: percent off the goods, up to a cap where there is one."""

    benefit: str
    names: Mapping[str, str]
    percent: Decimal
    cap: Decimal | None


@dataclass(frozen=True)
class CheckoutBenefits:
    """What a member's tiers mean to a cart: prices, what may not be bought, free shipping and member day.

    `not_his` are articles for members of other tiers, `not_yet` those that open to him later, with the instant.
    """

    tier: str
    free_shipping: FreeShipping | None = None
    member_day: MemberDay | None = None
    price_benefit: str = ""
    prices: Mapping[str, Decimal] = field(default_factory=dict)
    not_his: tuple[str, ...] = ()
    not_yet: Mapping[str, dt.datetime] = field(default_factory=dict)


def usable_at_checkout(member_id: int, skus: Iterable[str], at: dt.datetime) -> CheckoutBenefits:
    """Will return what a member's tiers mean to a cart with these articles at an instant. Four queries."""
    today = clock.business_date(at)
    held = tiers_queries.held_tiers(member_id)
    matrix = matrix_on(today)
    had = matrix.of_tier({ladder: tier.code for ladder, tier in held.items()})
    opened = open_goods(had, skus, at)
    return CheckoutBenefits(
        tier=held[tiers_queries.MAIN].code if tiers_queries.MAIN in held else "",
        free_shipping=_free_shipping(member_id, had, today),
        member_day=_member_day(had, today),
        price_benefit=next((b.code for b, _ in had if b.kind is BenefitKind.MEMBER_PRICE), ""),
        prices=opened.prices,
        not_his=opened.not_his,
        not_yet=opened.not_yet,
    )


@dataclass(frozen=True, slots=True)
class OpenGoods:
    """What some articles are to a member: his price, those he may not buy, those that open to him later.

    `member_only` and `early` are those that are so to anybody, `early` while not everybody may buy them.
    """

    prices: Mapping[str, Decimal]
    not_his: tuple[str, ...]
    not_yet: Mapping[str, dt.datetime]
    member_only: tuple[str, ...] = ()
    early: tuple[str, ...] = ()


def open_goods(had: Sequence[tuple[Benefit, Cell]], skus: Iterable[str], at: dt.datetime) -> OpenGoods:
    """Will return what articles are to whoever has these benefits at an instant. One query.

    Early access opens an article so many hours before everybody; who has none waits for everybody's instant.
    """
    kinds = {benefit.kind for benefit, _ in had}
    hours = max((cell.hours for _, cell in had if isinstance(cell, EarlyAccessCell)), default=0)
    prices: dict[str, Decimal] = {}
    not_his: list[str] = []
    not_yet: dict[str, dt.datetime] = {}
    rows = goods_of(skus, at)
    for row in rows:
        if row.kind is GoodsKind.MEMBER_PRICE and BenefitKind.MEMBER_PRICE in kinds and row.price is not None:
            prices[row.sku] = min(row.price, prices.get(row.sku, row.price))
        elif row.kind is GoodsKind.MEMBER_ONLY and BenefitKind.MEMBER_GOODS not in kinds:
            not_his.append(row.sku)
        elif row.kind is GoodsKind.EARLY_ACCESS and row.opens_at is not None:
            opens_at = row.opens_at - dt.timedelta(hours=hours)
            if at < opens_at:
                not_yet[row.sku] = opens_at
    return OpenGoods(
        prices,
        tuple(dict.fromkeys(not_his)),
        not_yet,
        member_only=_skus(rows, GoodsKind.MEMBER_ONLY),
        early=tuple(row.sku for row in rows if row.opens_at is not None and at < row.opens_at),
    )


def _skus(rows: Sequence[GoodsRow], kind: GoodsKind) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.sku for row in rows if row.kind is kind))


def _free_shipping(member_id: int, had: Sequence[tuple[Benefit, Cell]], today: dt.date) -> FreeShipping | None:
    """The one that is always there, else the one with the most uses left; None where there is none. One query."""
    of_kind = [(benefit, cell) for benefit, cell in had if benefit.kind is BenefitKind.FREE_SHIPPING]
    periods = {benefit.code: benefit.period(today).key for benefit, _ in of_kind}
    rows = Entitlement.objects.filter(member_id=member_id, benefit__in=periods, period__in=periods.values())
    taken = {(row.benefit, row.period): (row.quota, row.used + row.held) for row in rows} if periods else {}
    found = []
    for benefit, cell in of_kind:
        period = periods[benefit.code]
        was, uses = taken.get((benefit.code, period), (0, 0))
        quota = quota_now(was, cell.quota())
        left = None if quota is None else quota - uses
        if left is None or left > 0:
            found.append(FreeShipping(benefit.code, benefit.names, left, period))
    return max(found, key=lambda one: ALWAYS if one.quota_left is None else one.quota_left, default=None)


def _member_day(had: Sequence[tuple[Benefit, Cell]], today: dt.date) -> MemberDay | None:
    days = [
        MemberDay(benefit.code, benefit.names, cell.percent, cell.cap)
        for benefit, cell in had
        if isinstance(cell, MemberDayCell) and cell.is_on(today)
    ]
    return max(days, key=lambda day: day.percent, default=None)
