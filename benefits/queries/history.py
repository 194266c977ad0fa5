"""What happened to a member's coupons, rewards and benefits before an instant, and what he had at one."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Func, JSONField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import JSONObject

from benefits.enums import CheckoutState, RedemptionState
from benefits.models import BenefitVersion, Coupon, Entitlement, Redemption, Taking
from benefits.queries.wallet import Candidate, Wallet, candidates, sorted_by_state
from kit import clock, sql


@dataclass(frozen=True, slots=True)
class Happening:
    """A thing that happened: to a coupon (`given`, `used`, `void`), a reward (`redeemed`, `cancelled`) or a benefit.

    `code` is that of the coupon or benefit; `points` are what a reward cost; `order_key` is the order a coupon paid,
    `period` that of a benefit.
    """

    at: dt.datetime
    deed: str
    code: str
    names: Mapping[str, str]
    points: int = 0
    reason: str = ""
    order_key: str = ""
    period: str = ""


def coupons_before(member_id: int, before: dt.datetime, limit: int) -> tuple[sql.Told[Happening], ...]:
    """Will tell of what happened to a member's coupons before an instant, by kind. No query of its own.

    A coupon that came back with its order counts as used all the same: it was.
    """
    rows = Coupon.objects.filter(member_id=member_id)
    given = rows.filter(issued_at__lt=before).order_by("-issued_at", "-id")
    void = rows.filter(voided_at__lt=before).order_by("-voided_at", "-id")
    used = Taking.objects.filter(
        checkout__member_id=member_id,
        checkout__state=CheckoutState.CONFIRMED,
        checkout__closed_at__lt=before,
        coupon__isnull=False,
    ).order_by("-checkout__closed_at", "position")
    uses = ("checkout__closed_at", "coupon__code", "coupon__terms__names", "checkout__order_key")
    return (
        _told(given[:limit], "given", ("issued_at", "code", "terms__names")),
        _told(used[:limit], "used", uses, "order_key"),
        _told(void[:limit], "void", ("voided_at", "code", "terms__names", "void_reason"), "reason"),
    )


def _told(rows: "QuerySet[Any]", deed: str, fields: Sequence[str], *more: str) -> sql.Told[Happening]:
    """Rows of (instant, code, names), and of what more a deed has."""

    def read(at: dt.datetime, code: str, names: Mapping[str, str] | None, *values: Any) -> Happening:
        return Happening(at, deed, code, names or {}, **dict(zip(more, values, strict=True)))

    return sql.Told(rows.values_list(*fields), read)


def rewards_before(member_id: int, before: dt.datetime, limit: int) -> tuple[sql.Told[Happening], ...]:
    """Will tell of what a member redeemed, and gave back, before an instant. No query of its own."""
    rows = Redemption.objects.filter(member_id=member_id)
    taken = rows.filter(redeemed_at__lt=before).order_by("-redeemed_at", "id")
    back = rows.filter(cancelled_at__lt=before).order_by("-cancelled_at", "id")
    named = ("reward__code", "reward__names", "points")
    return (
        _told(taken[:limit], "redeemed", ("redeemed_at", *named), "points"),
        _told(back[:limit], "cancelled", ("cancelled_at", *named, "cancel_reason"), "points", "reason"),
    )


def benefits_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[Happening]:
    """Will tell of what a member's tiers, or the staff, gave him before an instant. No query of its own.

    A row that only counts uses of a period was nothing given, unless a person gave it. It is named as the matrix in
    force names it.
    """
    rows = Entitlement.objects.filter(Q(quota=None) | ~Q(reason=""), member_id=member_id, granted_at__lt=before)
    names = Func(
        "terms",
        Value("$.benefits[*] ? (@.code == $code).names"),
        JSONObject(code=OuterRef("benefit")),
        function="jsonb_path_query_first",
        output_field=JSONField(),
    )
    published = BenefitVersion.objects.filter(
        published_at__isnull=False, effective_on__lte=clock.business_date(before)
    ).order_by("-effective_on", "-number")
    rows = rows.annotate(names=Subquery(published.values(found=names)[:1])).order_by("-granted_at", "-id")
    fields = ("granted_at", "benefit", "names", "reason", "period")
    return _told(rows[:limit], "granted", fields, "reason", "period")


@dataclass(frozen=True, slots=True)
class RedeemedThen:
    """A reward that a member had redeemed by an instant, and whether it had been cancelled by then."""

    at: dt.datetime
    reward: str
    names: Mapping[str, str]
    points: int
    is_cancelled: bool


def redeemed_by(member_id: int, at: dt.datetime, limit: int = 12) -> list[RedeemedThen]:
    """Will return what a member had redeemed by an instant, latest first. One query."""
    rows = Redemption.objects.filter(member_id=member_id, redeemed_at__lte=at).order_by("-redeemed_at", "id")
    shown = rows.values_list("redeemed_at", "reward__code", "reward__names", "points", "state", "cancelled_at")
    return [
        RedeemedThen(
            redeemed_at,
            code,
            names,
            points,
            state == RedemptionState.CANCELLED and cancelled_at is not None and cancelled_at <= at,
        )
        for redeemed_at, code, names, points, state, cancelled_at in shown[:limit]
    ]


def wallet_as_of(member_id: int, at: dt.datetime) -> Wallet:
    """Will return the coupons a member had at a past instant, as each stood then. Two queries.

    Uses are counted from the checkouts that were confirmed by then, and what came back with its order by then is taken
    off; what a checkout only held for a quarter of an hour is left out.
    """
    confirmed = Q(checkout__state=CheckoutState.CONFIRMED, checkout__closed_at__lte=at)
    still = Q(is_returned=False) | Q(checkout__cancelled_at=None) | Q(checkout__cancelled_at__gt=at)
    of_member = Taking.objects.filter(confirmed & still, coupon__member_id=member_id)
    uses = dict(of_member.order_by().values_list("coupon_id").annotate(n=Count("coupon_id")))
    found = [one for one in candidates(member_id, owner=member_id, void_by=at) if one.issued_at <= at]
    return sorted_by_state((_as_of(one, uses.get(one.coupon_id, 0), at) for one in found), at)


def _as_of(one: Candidate, used: int, at: dt.datetime) -> Candidate:
    used_at = one.used_at if one.used_at and one.used_at <= at else None
    return replace(one, used_at=used_at, standing=replace(one.standing, used=used, held=0))
