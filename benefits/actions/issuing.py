"""Giving coupons: one for one member and one cause, under the terms that are in force."""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from benefits.models import Coupon, CouponCount, CouponDefinition, CouponTerms
from benefits.rules import codes
from benefits.rules.coupons import terms_from
from kit import clock

ISSUED_A_STATEMENT = 1000


class UnknownCoupon(Exception):
    """There is no coupon definition of this code with published terms; nothing was issued."""


class NotIssued(Exception):
    """No more of this coupon are issued, because it is archived or its dates are over; nothing was issued."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon that a member has; `is_new` is False where this cause had given it before."""

    id: int
    code: str
    definition: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    is_new: bool


@transaction.atomic
def publish_first_coupon(
    *, code: str, names: Mapping[str, str], terms: Mapping[str, Any], at: dt.datetime, actor: str
) -> bool:
    """Will define a coupon and publish its first terms where there is none of this code; True if it did.

    Raises benefits.rules.coupons.BadTerms.
    """
    read = terms_from(terms)
    definition, created = CouponDefinition.objects.get_or_create(code=code, defaults={"actor": actor, "created_at": at})
    if not created:
        return False
    CouponTerms.objects.create(
        definition=definition, number=1, names=dict(names), terms=dict(terms), published_at=at, actor=actor
    )
    CouponCount.objects.create(definition=definition, uses_max=read.uses_total, budget=read.budget)
    return True


def issue(
    *,
    member_id: int,
    definition: str,
    source_key: str,
    entitlement_id: int | None = None,
    starts_on: dt.date | None = None,
    ends_on: dt.date | None = None,
    at: dt.datetime,
    actor: str,
) -> Issued:
    """Will give a member one coupon for a cause; the same cause again gives the first one again.

    It is good from `starts_on` through `ends_on`, where those are stated, else as its terms say, in the programme's
    zone. Raises UnknownCoupon, NotIssued. In the caller's transaction; two at once end with one coupon.
    """
    if there := _issued_before(member_id, source_key, definition):
        return there
    terms = _terms_in_force(definition)
    first, last = _dates(terms, definition, starts_on, ends_on, at)
    row = _coupon(terms, member_id, source_key, entitlement_id, (first, last), at)
    Coupon.objects.bulk_create([row], ignore_conflicts=True)
    issued = _issued_before(member_id, source_key, definition)
    if issued is None:
        # Only a code that is known already, of 10^15, can be in the way: the caller tries again.
        raise NotIssued(f"The coupon {definition} met another of its code. Nothing was issued; try again.")
    return Issued(issued.id, issued.code, issued.definition, issued.starts_at, issued.ends_at, is_new=True)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one coupon of many is issued for: to whom, under which key, for which entitlement, with which dates."""

    member_id: int
    source_key: str
    entitlement_id: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None


def issue_many(*, definition: str, causes: Sequence[Cause], at: dt.datetime, actor: str) -> int:
    """Will give many members a coupon each, as issue does, for causes that nothing was issued for before.

    In one statement a thousand. Raises UnknownCoupon and NotIssued, and IntegrityError where a cause had been served.
    """
    terms = _terms_in_force(definition)
    rows = [
        _coupon(
            terms,
            cause.member_id,
            cause.source_key,
            cause.entitlement_id,
            _dates(terms, definition, cause.starts_on, cause.ends_on, at),
            at,
        )
        for cause in causes
    ]
    Coupon.objects.bulk_create(rows, batch_size=ISSUED_A_STATEMENT)
    return len(rows)


def new_code(*, prefix: str = "") -> str:
    """Will return a code that nobody can guess; unique but for one chance in 10^9 with a million there."""
    return codes.code_of(prefix, secrets.token_bytes(max(codes.LENGTH_MIN, codes.LENGTH_MIN + 2 - len(prefix))))


def _dates(
    terms: CouponTerms, definition: str, starts_on: dt.date | None, ends_on: dt.date | None, at: dt.datetime
) -> tuple[dt.date, dt.date | None]:
    """The first and the last date of a coupon that is issued at an instant; raises NotIssued where they are over."""
    today = clock.business_date(at)
    first, last = terms_from(terms.terms).validity.dates_of(today)
    first, last = starts_on or first, ends_on or last
    if last is not None and last < max(first, today):
        raise NotIssued(f"The coupon {definition} ended on {last}. Nothing was issued.")
    return first, last


def _coupon(
    terms: CouponTerms,
    member_id: int,
    source_key: str,
    entitlement_id: int | None,
    dates: tuple[dt.date, dt.date | None],
    at: dt.datetime,
) -> Coupon:
    first, last = dates
    return Coupon(
        code=new_code(),
        terms=terms,
        definition_id=terms.definition_id,
        member_id=member_id,
        entitlement_id=entitlement_id,
        source_key=source_key,
        issued_at=at,
        starts_at=max(clock.day_start(first), at) if first <= clock.business_date(at) else clock.day_start(first),
        ends_at=clock.day_start(last + dt.timedelta(days=1)) if last else None,
        uses_max=terms_from(terms.terms).uses_per_code,
    )


def _issued_before(member_id: int, source_key: str, definition: str) -> Issued | None:
    row = Coupon.objects.filter(member_id=member_id, source_key=source_key).first()
    return Issued(row.id, row.code, definition, row.starts_at, row.ends_at, is_new=False) if row else None


def _terms_in_force(definition: str) -> CouponTerms:
    published = CouponTerms.objects.filter(definition__code=definition, published_at__isnull=False)
    terms = published.select_related("definition").order_by("-number").first()
    if terms is None:
        raise UnknownCoupon(f"There is no coupon {definition}. Nothing was issued.")
    if terms.definition.is_archived:
        raise NotIssued(f"No more of the coupon {definition} are issued. Nothing was issued.")
    return terms
