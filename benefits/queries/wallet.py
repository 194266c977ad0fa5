"""What coupons a member has, where each stands, and which of them a checkout considers."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from django.db.models import F, Q

from benefits.enums import CouponState
from benefits.models import Coupon
from benefits.rules import codes
from benefits.rules.coupons import Standing, Terms, state_of, terms_from
from kit import sql

OPEN = (CouponState.READY, CouponState.COMING, CouponState.HELD)


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
    return sorted_by_state(candidates(member_id, owner=member_id, earlier=member_id), at)


def sorted_by_state(ones: Iterable[Candidate], at: dt.datetime) -> Wallet:
    """Will put coupons where they belong at an instant. No queries."""
    by_state: dict[CouponState, list[Candidate]] = {state: [] for state in CouponState}
    for one in ones:
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
    return tuple(candidates(member_id, owner=member_id, at=at, typed=typed))


def candidates(
    member_id: int,
    *,
    owner: int | None = None,
    at: dt.datetime | None = None,
    typed: Iterable[str] = (),
    coupon: int | None = None,
    earlier: int | None = None,
    void_by: dt.datetime | None = None,
) -> list[Candidate]:
    """Will return coupons as they stand for a member, soonest end first. One query, found or not.

    They are those of the `owner` (with `at`, only what is not over by then), those of typed codes, one by its id, and
    what was used by those who were merged into a member. Void are those that are so by `void_by`, if it is given.
    """
    named = {codes.normal(one) for one in typed}
    wanted = {
        "member": member_id,
        "owner": owner,
        "at": at,
        "codes": sorted(named),
        "coupon": coupon,
        "earlier": earlier,
    }
    return [_candidate(_Row(*row), member_id, void_by) for row in sql.fetch("benefits", "candidates", **wanted)]


class _Row(NamedTuple):
    """A row of candidates.sql."""

    id: int
    code: str
    member_id: int | None
    issued_at: dt.datetime
    starts_at: dt.datetime
    ends_at: dt.datetime | None
    uses_max: int | None
    used: int
    held: int
    used_at: dt.datetime | None
    voided_at: dt.datetime | None
    void_reason: str
    definition_id: int
    definition: str
    names: str
    terms: str
    uses_of_member: int
    total_left: int | None
    budget_left: Decimal | None


def _candidate(row: _Row, member_id: int, void_by: dt.datetime | None = None) -> Candidate:
    terms = _terms(row.terms)
    most = terms.uses_per_member
    return Candidate(
        coupon_id=row.id,
        code=row.code,
        definition_id=row.definition_id,
        definition=row.definition,
        names=json.loads(row.names),
        terms=terms,
        standing=Standing(
            starts_at=row.starts_at,
            ends_at=row.ends_at,
            is_mine=row.member_id in (None, member_id),
            is_void=row.voided_at is not None and (void_by is None or row.voided_at <= void_by),
            used=row.used,
            held=row.held,
            uses_max=row.uses_max,
            member_left=None if most is None else most - row.uses_of_member,
            total_left=row.total_left,
            budget_left=row.budget_left,
        ),
        issued_at=row.issued_at,
        used_at=row.used_at,
        void_reason=row.void_reason,
    )


@lru_cache(maxsize=1024)
def _terms(text: str) -> Terms:
    """Coupons of a definition share their terms, and every checkout reads them again: one text is read once."""
    return terms_from(json.loads(text))


def _over_at(one: Candidate) -> dt.datetime:
    return one.used_at or one.standing.ends_at or one.issued_at
