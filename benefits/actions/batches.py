"""Asking for many coupons at once: codes for anybody, one for each member of a list, or one code for many."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction

from benefits.actions.defining import CodeTaken
from benefits.actions.issuing import OtherContent, lifetime, terms_in_force
from benefits.enums import BatchState
from benefits.models import Coupon, CouponBatch, CouponTerms
from benefits.rules import codes
from benefits.rules.coupons import terms_from
from kit import audit, locks

SIZE_MAX = 1_000_000


class BadBatch(Exception):
    """So many coupons, or with such a code, are not made, as `field` says; nothing was made."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class NotFailed(Exception):
    """This batch has not failed, so there is nothing to go on with; nothing was changed."""


@transaction.atomic
def request_batch(
    *,
    definition: str,
    label: str,
    size: int = 0,
    prefix: str = "",
    members: Sequence[int] | None = None,
    form_key: uuid.UUID,
    at: dt.datetime,
    actor: str,
) -> tuple[int, bool]:
    """Will ask for a batch under the terms in force; returns its id and whether it is new. Jobs make the coupons.

    With `members`, their ids, each gets one; otherwise `size` codes are for whoever brings them. The same form again
    returns the first batch. Raises UnknownCoupon, NotIssued, BadBatch, and OtherContent for the same form with
    something else.
    """
    wanted = list(dict.fromkeys(members)) if members is not None else None
    size, prefix = len(wanted) if wanted is not None else size, codes.normal(prefix)
    there = _sent_before(form_key)
    if there is not None:
        if (there.terms.definition.code, there.size, there.prefix, there.members) != (definition, size, prefix, wanted):
            raise OtherContent("This form was sent before with other content. Nothing was made.")
        return there.id, False
    if not 1 <= size <= SIZE_MAX:
        raise BadBatch("size", f"From 1 to {SIZE_MAX} coupons are made at once. Nothing was made.")
    if len(prefix) > codes.PREFIX_MAX:
        raise BadBatch("prefix", f"A prefix has {codes.PREFIX_MAX} characters at most. Nothing was made.")
    terms = terms_in_force(definition)
    lifetime(terms, at)
    batch = CouponBatch.objects.create(
        terms=terms,
        label=label,
        prefix=prefix,
        size=size,
        members=wanted,
        form_key=form_key,
        actor=actor,
        requested_at=at,
    )
    audit.record(
        at=at,
        actor=actor,
        deed="coupon.batch_requested",
        subject=f"coupon:{definition}",
        becomes={"batch": batch.id, "label": label, "size": size, "for_members": wanted is not None},
    )
    return batch.id, True


@transaction.atomic
def share_code(
    *, definition: str, code: str, label: str, form_key: uuid.UUID, at: dt.datetime, actor: str
) -> tuple[int, bool]:
    """Will make one code of the shop's choosing that many may use; returns the coupon's id and whether it is new.

    How often it may be used stands in the terms: for each code, each member and altogether. The same form again
    returns the first one. Raises UnknownCoupon, NotIssued, BadBatch, CodeTaken, OtherContent.
    """
    chosen = codes.normal(code)
    there = _sent_before(form_key)
    if there is not None:
        coupon = Coupon.objects.filter(batch=there, code=chosen).first()
        if coupon is None or there.terms.definition.code != definition:
            raise OtherContent("This form was sent before with other content. Nothing was made.")
        return coupon.id, False
    if not codes.CHOSEN_MIN <= len(chosen) <= codes.CHOSEN_MAX:
        raise BadBatch("code", f"Use {codes.CHOSEN_MIN} to {codes.CHOSEN_MAX} letters and figures. Nothing was made.")
    terms = terms_in_force(definition)
    batch = CouponBatch.objects.create(
        terms=terms,
        label=label,
        size=1,
        made=1,
        state=BatchState.DONE,
        form_key=form_key,
        actor=actor,
        requested_at=at,
        finished_at=at,
    )
    coupon_id = _shared(chosen, terms, batch, at)
    audit.record(
        at=at,
        actor=actor,
        deed="coupon.code_shared",
        subject=f"coupon:{definition}",
        becomes={"batch": batch.id, "label": label, "code": chosen},
    )
    return coupon_id, True


def _shared(code: str, terms: CouponTerms, batch: CouponBatch, at: dt.datetime) -> int:
    starts_at, ends_at = lifetime(terms, at)
    coupon = Coupon(
        code=code,
        terms=terms,
        definition_id=terms.definition_id,
        batch=batch,
        source_key=f"batch:{batch.id}",
        issued_at=at,
        starts_at=starts_at,
        ends_at=ends_at,
        uses_max=terms_from(terms.terms).uses_per_code,
    )
    Coupon.objects.bulk_create([coupon], ignore_conflicts=True)
    made = Coupon.objects.filter(code=code, batch=batch).values_list("id", flat=True).first()
    if made is None:
        raise CodeTaken(f"There is a coupon with the code {code} already. Nothing was made.")
    return made


@transaction.atomic
def resume_batch(*, batch_id: int, at: dt.datetime, actor: str) -> None:
    """Will let a batch that failed go on where it stopped; one that goes on stays so. Locks it; raises NotFailed."""
    batch = CouponBatch.objects.select_for_update(of=("self",)).select_related("terms__definition").get(id=batch_id)
    if batch.state == BatchState.DONE:
        raise NotFailed("All coupons of this batch are made. Nothing was changed.")
    if batch.state != BatchState.FAILED:
        return
    batch.state, batch.error, batch.finished_at = BatchState.WAITING, "", None
    batch.save(update_fields=["state", "error", "finished_at"])
    subject = f"coupon:{batch.terms.definition.code}"
    audit.record(at=at, actor=actor, deed="coupon.batch_resumed", subject=subject, becomes={"batch": batch.id})


def _sent_before(form_key: uuid.UUID) -> CouponBatch | None:
    """The batch that this form asked for before; whoever sends it at the same moment waits for the first."""
    locks.take_turns([f"coupon-batch:{form_key}"])
    return CouponBatch.objects.select_related("terms__definition").filter(form_key=form_key).first()
