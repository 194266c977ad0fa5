"""What coupons a member has, where each stands, and which of them a checkout considers."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import F, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from benefits.enums import CouponState
from benefits.models import Coupon, MemberCount
from benefits.rules import codes
from benefits.rules.coupons import Standing, Terms, state_of, terms_from
from members import queries as members_queries

OPEN = (CouponState.READY, CouponState.COMING, CouponState.HELD)
FOR_EVER = dt.datetime.max.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A coupon with the terms it was issued under, its names by language, and how it stands for one member."""

    coupon_id: int
    code: str
    definition_id: int
    definition: str
    names: Mapping[str, str]
    terms: Terms
    standing: Standing
    issued_at: dt.datetime
    used_at: dt.datetime | None
    void_reason: str

    def state_at(self, at: dt.datetime) -> CouponState:
        """Will return where it stands at an instant."""
        return state_of(self.standing, at)


@dataclass(frozen=True, slots=True)
class Wallet:
    """A member's own coupons by where they stand: open ones soonest end first, the others latest first."""

    ready: tuple[Candidate, ...] = ()
    coming: tuple[Candidate, ...] = ()
    held: tuple[Candidate, ...] = ()
    used: tuple[Candidate, ...] = ()
    lapsed: tuple[Candidate, ...] = ()
    void: tuple[Candidate, ...] = ()


def wallet_of(member_id: int, at: dt.datetime) -> Wallet:
    """Will return all coupons that were ever given to a member, as they stand at an instant. One query.

    Those that one who was merged into him has used are there too; what he had left of the very same is not.
    """
    by_state: dict[CouponState, list[Candidate]] = {state: [] for state in CouponState}
    for one in candidates(Q(member_id=member_id) | _used_before(member_id), member_id):
        by_state[one.state_at(at)].append(one)
    return Wallet(
        **{
            state.value: tuple(ones if state in OPEN else sorted(ones, key=_over_at, reverse=True))
            for state, ones in by_state.items()
        }
    )


@dataclass(frozen=True, slots=True)
class ReadyCoupon:
    """A coupon that a member can use, its names by language, and the first instant at which it is over."""

    names: Mapping[str, str]
    ends_at: dt.datetime | None


def ready_of(member_ids: Sequence[int], at: dt.datetime) -> dict[int, list[ReadyCoupon]]:
    """Will return {id: coupons that are ready at an instant, soonest end first} of those members who have any.

    Limits that all coupons of a definition share are not asked. One query.
    """
    good = Q(voided_at=None, starts_at__lte=at) & (Q(ends_at=None) | Q(ends_at__gt=at))
    good &= Q(uses_max=None) | Q(uses_max__gt=F("used") + F("held"))
    rows = Coupon.objects.filter(good, member_id__in=member_ids).order_by(F("ends_at").asc(nulls_last=True), "id")
    found: dict[int, list[ReadyCoupon]] = {}
    for member_id, names, ends_at in rows.values_list("member_id", "terms__names", "ends_at"):
        found.setdefault(member_id, []).append(ReadyCoupon(names, ends_at))
    return found


def candidates_of(member_id: int, at: dt.datetime, typed: Iterable[str] = ()) -> tuple[Candidate, ...]:
    """Will return the coupons that a member's checkout considers: his own that are not over, and those of typed codes.

    Soonest end first. A typed one is returned whatever its state, also another member's, so that its fault can be
    said; a code that does not exist is missing. Guessing is for the caller to throttle, by queries.guessing. One query.
    """
    open_ones = Q(member_id=member_id, voided_at=None) & (Q(ends_at=None) | Q(ends_at__gt=at))
    open_ones &= Q(uses_max=None) | Q(uses_max__gt=F("used"))
    named = {codes.normal(one) for one in typed}
    return tuple(candidates(open_ones | Q(code__in=named) if named else open_ones, member_id))


def candidates(which: Q, member_id: int) -> list[Candidate]:
    """Will return coupons as they stand for a member, soonest end first. One query, found or not."""
    uses = MemberCount.objects.filter(member_id=member_id, definition_id=OuterRef("definition_id"))
    total = Subquery(uses.values_list(F("used") + F("held")), output_field=IntegerField())
    rows = Coupon.objects.filter(which).select_related("terms", "definition__count")
    rows = rows.annotate(uses_of_member=Coalesce(total, 0))
    read: dict[int, Terms] = {}
    found = []
    for row in rows:
        terms = read[row.terms_id] = read.get(row.terms_id) or terms_from(row.terms.terms)
        found.append(_candidate(row, terms, member_id, row.uses_of_member))
    return sorted(found, key=lambda one: (one.standing.ends_at or FOR_EVER, one.coupon_id))


def _candidate(row: Coupon, terms: Terms, member_id: int, uses: int) -> Candidate:
    count = row.definition.count
    return Candidate(
        coupon_id=row.id,
        code=row.code,
        definition_id=row.definition_id,
        definition=row.definition.code,
        names=row.terms.names,
        terms=terms,
        standing=Standing(
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_mine=row.member_id in (None, member_id),
            is_void=row.voided_at is not None,
            used=row.used,
            held=row.held,
            uses_max=row.uses_max,
            member_left=None if terms.uses_per_member is None else terms.uses_per_member - uses,
            total_left=None if count.uses_max is None else count.uses_max - count.used - count.held,
            budget_left=None if count.budget is None else count.budget - count.spent - count.spent_held,
        ),
        issued_at=row.issued_at,
        used_at=row.used_at,
        void_reason=row.void_reason,
    )


def _used_before(member_id: int) -> Q:
    return members_queries.of_whole(member_id) & Q(used__gt=0)


def _over_at(one: Candidate) -> dt.datetime:
    return one.used_at or one.standing.ends_at or one.issued_at
