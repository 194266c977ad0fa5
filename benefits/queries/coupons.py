"""Coupons as the shop sees them: definitions with what became of them, their versions, batches, and one by its code."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q

from benefits.enums import BatchState, CheckoutState
from benefits.models import Coupon, CouponBatch, CouponDefinition, CouponTerms, Taking
from benefits.queries.guessing import admit_guesses, forgive_guesses
from benefits.queries.wallet import Candidate, candidates
from benefits.rules import codes
from benefits.rules.coupons import Terms, digest_of, terms_from
from kit import sql

NOBODY = 0
"""No member has this id: a coupon that is looked at for itself."""


@dataclass(frozen=True, slots=True)
class TermsView:
    """One version of a coupon's terms, draft or published; `digest` tells it from every other content."""

    number: int
    names: Mapping[str, str]
    terms: Terms
    published_at: dt.datetime | None
    created_at: dt.datetime
    actor: str
    digest: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of a definition's coupons: how many were issued and lapsed unused, uses, and what they took off."""

    issued: int = 0
    lapsed: int = 0
    used: int = 0
    held: int = 0
    spent: Decimal = Decimal(0)
    uses_max: int | None = None
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """A coupon as the shop knows it, with its versions, latest first; one of them may be a draft."""

    id: int
    code: str
    is_archived: bool
    versions: tuple[TermsView, ...]
    tally: Tally

    @property
    def draft(self) -> TermsView | None:
        """The draft, if one is open."""
        return next((one for one in self.versions if one.published_at is None), None)

    @property
    def in_force(self) -> TermsView | None:
        """The terms under which coupons are issued now, if any were published."""
        return next((one for one in self.versions if one.published_at is not None), None)

    @property
    def shown(self) -> TermsView:
        """The terms by which it is named: those in force, or the first draft."""
        return self.in_force or self.versions[0]


@dataclass(frozen=True, slots=True)
class BatchView:
    """A batch of codes and how far it is."""

    id: int
    definition: str
    version: int
    label: str
    prefix: str
    size: int
    made: int
    for_members: bool
    state: BatchState
    error: str
    actor: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be made."""
        return self.state in (BatchState.WAITING, BatchState.RUNNING)


@dataclass(frozen=True, slots=True)
class CouponView:
    """One coupon looked at for itself: whose it is, where it came from, and how it stands."""

    candidate: Candidate
    version: int
    member_id: int | None
    batch_id: int | None
    source_key: str
    voided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CouponUse:
    """A checkout that holds a coupon, has used it or gave it back."""

    checkout_id: uuid.UUID
    member_id: int
    state: CheckoutState
    amount: Decimal
    order_key: str
    held_at: dt.datetime
    closed_at: dt.datetime | None
    is_returned: bool


def list_definitions(at: dt.datetime) -> list[DefinitionView]:
    """Will return all coupons, those in use before archived ones, each by its code. Three queries."""
    return _definitions(Q(), at)


def find_definition(code: str, at: dt.datetime) -> DefinitionView | None:
    """Will return a coupon with all its versions, or None. Three queries."""
    return next(iter(_definitions(Q(code=code), at)), None)


def coupons_to_give() -> list[tuple[str, Mapping[str, str]]]:
    """Will return (code, names) of the coupons that can be issued, by code. One query."""
    published = CouponTerms.objects.filter(published_at__isnull=False, definition__is_archived=False)
    latest = published.order_by("definition__code", "-number").distinct("definition__code")
    return list(latest.values_list("definition__code", "names"))


def _definitions(which: Q, at: dt.datetime) -> list[DefinitionView]:
    rows = list(CouponDefinition.objects.filter(which).select_related("count").order_by("is_archived", "code"))
    versions: dict[int, list[TermsView]] = {row.id: [] for row in rows}
    for one in CouponTerms.objects.filter(definition_id__in=versions).order_by("-number"):
        versions[one.definition_id].append(_terms_view(one))
    issued = {row[0]: row[1:] for row in sql.fetch("benefits", "count_issued", definitions=list(versions), at=at)}
    return [
        DefinitionView(
            row.id, row.code, row.is_archived, tuple(versions[row.id]), _tally(row, *issued.get(row.id, (0, 0)))
        )
        for row in rows
    ]


def _terms_view(row: CouponTerms) -> TermsView:
    return TermsView(
        number=row.number,
        names=row.names,
        terms=terms_from(row.terms),
        published_at=row.published_at,
        created_at=row.created_at,
        actor=row.actor,
        digest=digest_of(row.names, row.terms),
    )


def _tally(row: CouponDefinition, issued: int, lapsed: int) -> Tally:
    count = getattr(row, "count", None)
    if count is None:
        return Tally(issued, lapsed)
    return Tally(issued, lapsed, count.used, count.held, count.spent, count.uses_max, count.budget)


# ---- batches


def list_batches(definition: str, limit: int = 50) -> list[BatchView]:
    """Will return the latest batches of a coupon, latest first. One query."""
    found = _batches().filter(terms__definition__code=definition).order_by("-requested_at", "-id")[:limit]
    return [_batch_view(row) for row in found]


def find_batch(batch_id: int) -> BatchView | None:
    """Will return a batch, or None. One query."""
    row = _batches().filter(id=batch_id).first()
    return _batch_view(row) if row else None


def codes_of_batch(batch_id: int) -> Iterator[tuple[str, str | None]]:
    """Will yield (code, number of the member or None) of a batch in the order they were made. One query, streamed."""
    rows = Coupon.objects.filter(batch_id=batch_id).order_by("id")
    yield from rows.values_list("code", "member__number").iterator(chunk_size=10_000)


def _batches() -> Any:
    """Batches without the list of their members, which may be long."""
    named = ExpressionWrapper(Q(members__isnull=False), output_field=BooleanField())
    return CouponBatch.objects.defer("members").select_related("terms__definition").annotate(for_members=named)


def _batch_view(row: Any) -> BatchView:
    return BatchView(
        id=row.id,
        definition=row.terms.definition.code,
        version=row.terms.number,
        label=row.label,
        prefix=row.prefix,
        size=row.size,
        made=row.made,
        for_members=row.for_members,
        state=BatchState(row.state),
        error=row.error,
        actor=row.actor,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )


# ---- one coupon


def find_by_code(typed: str, member_id: int, at: dt.datetime, *, api_key: str = "") -> Candidate | None:
    """Will return the coupon of a code, however it was typed, as it stands for a member; None where there is none.

    A code that does not exist, or is another member's, counts as a guess of the member, and of the key by which the
    shop asks; raises TooManyGuesses beyond what is allowed. One query, the same whether there is such a code or not.
    """
    admit_guesses(member_id, 1, at, api_key)
    found = candidates(member_id, typed=[typed])
    if found and found[0].standing.is_mine:
        forgive_guesses(member_id, 1, at, api_key)
    return found[0] if found else None


def find_coupon(typed: str) -> CouponView | None:
    """Will return a coupon by its code for the staff, or None. Two queries."""
    row = Coupon.objects.select_related("terms").filter(code=codes.normal(typed)).first()
    if row is None:
        return None
    [candidate] = candidates(row.member_id or NOBODY, coupon=row.id)
    return CouponView(candidate, row.terms.number, row.member_id, row.batch_id, row.source_key, row.voided_at)


def count_ready(definition: str, member_ids: Sequence[int], at: dt.datetime) -> int:
    """Will return how many of some members have a coupon of a definition that is ready at an instant. One query."""
    [(count,)] = sql.fetch("benefits", "count_ready", definition=definition, members=list(member_ids), at=at)
    return int(count)


def issued_for(source_key: str, member_ids: Sequence[int]) -> dict[int, tuple[str, dt.datetime | None]]:
    """Will return the code and the end of the coupon that each member was issued under a source key. One query."""
    issued = Coupon.objects.filter(member_id__in=member_ids, source_key=source_key)
    return {
        member_id: (code, ends_at) for member_id, code, ends_at in issued.values_list("member_id", "code", "ends_at")
    }


def uses_of_coupon(coupon_id: int, limit: int = 50) -> list[CouponUse]:
    """Will return the checkouts that a coupon was in, latest first. One query."""
    takings = Taking.objects.filter(coupon_id=coupon_id).select_related("checkout").order_by("-checkout__held_at")
    return [_use(taking) for taking in takings[:limit]]


def _use(taking: Taking) -> CouponUse:
    checkout = taking.checkout
    return CouponUse(
        checkout_id=checkout.id,
        member_id=checkout.member_id,
        state=CheckoutState(checkout.state),
        amount=taking.amount,
        order_key=checkout.order_key,
        held_at=checkout.held_at,
        closed_at=checkout.closed_at,
        is_returned=taking.is_returned,
    )
