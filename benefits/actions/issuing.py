"""Giving coupons: one for one member and one cause, under the terms that are in force."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from benefits.models import Coupon, CouponTerms
from benefits.rules import codes
from benefits.rules.coupons import Terms, terms_from
from kit import audit, clock, memory
from kit.copy import copy_rows

COLUMNS = (
    "code", "terms_id", "definition_id", "batch_id", "member_id", "entitlement_id", "source_key", "issued_at",
    "starts_at", "ends_at", "uses_max", "used", "held", "used_at", "voided_at", "void_reason",
)  # fmt: skip


class UnknownCoupon(Exception):
    """There is no coupon definition of this code with published terms; nothing was issued."""


class NotIssued(Exception):
    """No more of this coupon are issued, because it is archived or its dates are over; nothing was issued."""


class OtherContent(Exception):
    """The same form was sent before with other content; nothing was changed."""


class NoReason(Exception):
    """Something is done by hand without a reason; nothing was changed."""


class NotVoided(Exception):
    """This coupon cannot be made void, as `code` says: unknown, used, held; nothing was changed."""

    def __init__(self, code: str) -> None:
        super().__init__(f"The coupon is {code}. Nothing was changed.")
        self.code = code


@dataclass(frozen=True, slots=True)
class Issued:
    """A coupon that a member has; `is_new` is False where this cause had given it before."""

    id: int
    code: str
    definition: str
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    is_new: bool


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
    if there := _issued_before(member_id, source_key):
        return there
    terms = terms_in_force(definition)
    [code] = new_codes()
    cause = Cause(member_id, source_key, entitlement_id, starts_on, ends_on)
    row = _coupon(terms, terms_from(terms.terms), code, cause, at)
    Coupon.objects.bulk_create([row], ignore_conflicts=True)
    issued = _issued_before(member_id, source_key)
    if issued is None:
        # Only a code that is known already, of 10^15, can be in the way: the caller tries again.
        raise NotIssued(f"The coupon {definition} met another of its code. Nothing was issued; try again.")
    return replace(issued, is_new=issued.code == code)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one coupon of many is issued for: to whom, under which key, for which entitlement, with which dates.

    `at` is when, where it is not the instant of all.
    """

    member_id: int
    source_key: str
    entitlement_id: int | None = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    at: dt.datetime | None = None


def issue_many(*, definition: str, causes: Sequence[Cause], at: dt.datetime, actor: str) -> int:
    """Will give many members a coupon each, as issue does, for causes that nothing was issued for before.

    In one statement. Raises UnknownCoupon and NotIssued, and IntegrityError where a cause had been served.
    """
    terms = terms_in_force(definition)
    made = new_codes(count=len(causes))
    stated = terms_from(terms.terms)
    rows = [_coupon(terms, stated, code, cause, at) for code, cause in zip(made, causes, strict=True)]
    copy_rows("benefits_coupon", COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in rows))
    return len(rows)


def _coupon(terms: CouponTerms, stated: Terms, code: str, cause: Cause, at: dt.datetime) -> Coupon:
    at = cause.at or at
    starts_at, ends_at = _lifetime(terms, stated, at, cause.starts_on, cause.ends_on)
    return Coupon(
        code=code,
        terms=terms,
        definition_id=terms.definition_id,
        member_id=cause.member_id,
        entitlement_id=cause.entitlement_id,
        source_key=cause.source_key,
        issued_at=at,
        starts_at=starts_at,
        ends_at=ends_at,
        uses_max=stated.uses_per_code,
    )


@transaction.atomic
def issue_by_hand(
    *, member_id: int, definition: str, reason: str, form_key: str, at: dt.datetime, actor: str
) -> Issued:
    """Will give a member one coupon because a person of the staff says so, once for a form.

    Raises UnknownCoupon, NotIssued, NoReason, and OtherContent where the form was sent before for another coupon.
    """
    if not reason.strip():
        raise NoReason("Say why. Nothing was issued.")
    issued = issue(member_id=member_id, definition=definition, source_key=f"hand:{form_key}", at=at, actor=actor)
    if issued.definition != definition:
        raise OtherContent("This form was sent before for another coupon. Nothing was issued.")
    if issued.is_new:
        audit.record(
            at=at,
            actor=actor,
            deed="coupon.issued",
            subject=f"member:{member_id}",
            becomes={"coupon": definition, "code": issued.code},
            reason=reason.strip(),
        )
    return issued


@transaction.atomic
def void(*, coupon_id: int, reason: str, at: dt.datetime, actor: str) -> bool:
    """Will make a coupon void for good; True if it did, False where it was already. Locks the coupon.

    A shared code can be stopped as long as it has uses left. Raises NoReason and NotVoided.
    """
    if not reason.strip():
        raise NoReason("Say why. Nothing was changed.")
    row = Coupon.objects.select_for_update().filter(id=coupon_id).first()
    if row is None:
        raise NotVoided("unknown")
    if row.voided_at is not None:
        return False
    if row.uses_max is not None and row.used >= row.uses_max:
        raise NotVoided("used")
    if row.held:
        raise NotVoided("held")
    row.voided_at, row.void_reason = at, reason.strip()
    row.save(update_fields=["voided_at", "void_reason"])
    audit.record(
        at=at,
        actor=actor,
        deed="coupon.voided",
        subject=f"member:{row.member_id}" if row.member_id else f"coupon:{row.id}",
        becomes={"code": row.code},
        reason=reason.strip(),
    )
    return True


# ---- what batches share


def new_codes(prefix: str = "", count: int = 1) -> list[str]:
    """Will return codes that nobody can guess; each is free but for one chance in 10^9 with a million there."""
    return codes.codes_of(prefix, secrets.token_bytes(codes.length_after(prefix) * count))


def lifetime(terms: CouponTerms, at: dt.datetime) -> tuple[dt.datetime, dt.datetime | None]:
    """Will return from when until when a coupon issued at an instant is good; raises NotIssued where it is over."""
    return _lifetime(terms, terms_from(terms.terms), at, None, None)


def _lifetime(
    terms: CouponTerms, stated: Terms, at: dt.datetime, starts_on: dt.date | None, ends_on: dt.date | None
) -> tuple[dt.datetime, dt.datetime | None]:
    today = clock.business_date(at)
    # Days are counted from the first date where that is stated and to come.
    first, last = stated.validity.dates_of(max(today, starts_on or today))
    first, last = starts_on or first, ends_on or last
    if last is not None and last < max(first, today):
        raise NotIssued(f"The coupon {terms.definition.code} ended on {last}. Nothing was issued.")
    starts_at = max(clock.day_start(first), at) if first <= today else clock.day_start(first)
    return starts_at, clock.day_start(last + dt.timedelta(days=1)) if last else None


@memory.once
def terms_in_force(definition: str) -> CouponTerms:
    """Will return the latest published terms of a coupon; raises UnknownCoupon, NotIssued where it is archived."""
    published = CouponTerms.objects.filter(definition__code=definition, published_at__isnull=False)
    terms = published.select_related("definition").order_by("-number").first()
    if terms is None:
        raise UnknownCoupon(f"There is no coupon {definition}. Nothing was issued.")
    if terms.definition.is_archived:
        raise NotIssued(f"No more of the coupon {definition} are issued. Nothing was issued.")
    return terms


def _issued_before(member_id: int, source_key: str) -> Issued | None:
    row = Coupon.objects.select_related("definition").filter(member_id=member_id, source_key=source_key).first()
    if row is None:
        return None
    return Issued(row.id, row.code, row.definition.code, row.starts_at, row.ends_at, is_new=False)
