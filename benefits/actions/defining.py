"""Defining coupons: a draft of the terms that can be changed, and published terms that never do."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from benefits.actions.drafting import DraftChanged, NoDraft, NothingChanged
from benefits.models import CouponCount, CouponDefinition, CouponTerms
from benefits.rules.coupons import Terms, digest_of, stored, terms_from
from kit import audit

Stored = Mapping[str, Any]


class CodeTaken(Exception):
    """There is something of this code already; nothing was changed."""


class LimitsFrozen(Exception):
    """The limits for all together cannot change any more, because the coupon was used; nothing was published."""


@transaction.atomic
def publish_first_coupon(*, code: str, names: Mapping[str, str], terms: Stored, at: dt.datetime, actor: str) -> bool:
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


@transaction.atomic
def define_coupon(*, code: str, names: Mapping[str, str], terms: Stored, at: dt.datetime, actor: str) -> bool:
    """Will begin a coupon with a draft of its terms; the same again by the same person changes nothing, and is False.

    Two at once end with one. Raises CodeTaken, benefits.rules.coupons.BadTerms.
    """
    kept = stored(terms_from(terms))
    definition, created = CouponDefinition.objects.get_or_create(code=code, defaults={"actor": actor, "created_at": at})
    if not created:
        there = CouponTerms.objects.filter(definition=definition, number=1, published_at=None, actor=actor).first()
        if there is not None and digest_of(there.names, there.terms) == digest_of(names, kept):
            return False
        raise CodeTaken(f"There is a coupon {code} already. Nothing was changed.")
    CouponTerms.objects.create(
        definition=definition, number=1, names=dict(names), terms=kept, actor=actor, created_at=at
    )
    audit.record(
        at=at, actor=actor, deed="coupon.defined", subject=_subject(code), becomes={"names": dict(names), **kept}
    )
    return True


@transaction.atomic
def start_coupon_draft(*, definition: str, at: dt.datetime, actor: str) -> int:
    """Will begin a draft with the terms in force and return its number; an open draft stays as it is.

    Locks the definition; raises NoDraft where there is no such coupon.
    """
    row = _locked(definition)
    latest = CouponTerms.objects.filter(definition=row).order_by("-number").first()
    if latest is None:
        raise NoDraft(f"There is no coupon {definition} to change. Nothing was changed.")
    if latest.published_at is None:
        return latest.number
    draft = CouponTerms.objects.create(
        definition=row, number=latest.number + 1, names=latest.names, terms=latest.terms, actor=actor, created_at=at
    )
    audit.record(
        at=at, actor=actor, deed="coupon.drafted", subject=_subject(definition), becomes={"version": draft.number}
    )
    return draft.number


@transaction.atomic
def save_coupon_draft(
    *, definition: str, names: Mapping[str, str], terms: Stored, seen: str = "", at: dt.datetime, actor: str
) -> None:
    """Will write the draft of a coupon's terms. `seen` is digest_of the draft as it was when the page was opened.

    Locks the definition; raises NoDraft, DraftChanged, benefits.rules.coupons.BadTerms.
    """
    kept = stored(terms_from(terms))
    draft = _draft(_locked(definition))
    was = digest_of(draft.names, draft.terms)
    if was == digest_of(names, kept):
        return
    if seen and seen != was:
        raise DraftChanged("Somebody changed this draft meanwhile. Nothing was saved.")
    before = {"names": draft.names, **draft.terms}
    draft.names, draft.terms = dict(names), kept
    draft.save(update_fields=["names", "terms"])
    after = {"names": draft.names, **kept}
    changed = [name for name in before | after if before.get(name) != after.get(name)]
    audit.record(
        at=at,
        actor=actor,
        deed="coupon.draft_saved",
        subject=_subject(definition),
        was={name: before.get(name) for name in changed},
        becomes={name: after.get(name) for name in changed},
    )


@transaction.atomic
def discard_coupon_draft(*, definition: str, at: dt.datetime, actor: str) -> bool:
    """Will throw the draft away, and the coupon too where nothing of it was ever published; False if it was gone.

    Locks the definition.
    """
    row = CouponDefinition.objects.select_for_update().filter(code=definition).first()
    draft = CouponTerms.objects.filter(definition=row, published_at=None).first() if row else None
    if row is None or draft is None:
        return False
    audit.record(at=at, actor=actor, deed="coupon.discarded", subject=_subject(definition), was=draft.terms)
    draft.delete()
    if not CouponTerms.objects.filter(definition=row).exists():
        row.delete()
    return True


@transaction.atomic
def publish_coupon(*, definition: str, seen: str = "", at: dt.datetime, actor: str) -> int:
    """Will put the draft in force for coupons issued from now on and return its number; the database freezes it.

    Limits for all together hold for issued coupons too, and change only as long as none was used or is held. The same
    again by the same person returns the version. Locks the definition, then its count; raises NoDraft, DraftChanged,
    NothingChanged, LimitsFrozen, benefits.rules.coupons.BadTerms.
    """
    row = _locked(definition)
    versions = list(CouponTerms.objects.filter(definition=row).order_by("-number")[:2])
    latest = versions[0] if versions else None
    if latest is None or latest.published_at is not None:
        if latest is not None and latest.actor == actor and seen and seen == digest_of(latest.names, latest.terms):
            return latest.number
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was published.")
    if seen and seen != digest_of(latest.names, latest.terms):
        raise DraftChanged("Somebody changed this draft meanwhile. Nothing was published.")
    before = versions[1] if len(versions) > 1 else None
    if before is not None and digest_of(before.names, before.terms) == digest_of(latest.names, latest.terms):
        raise NothingChanged("The draft says what is in force. Nothing was published.")
    _set_limits(row, terms_from(latest.terms))
    latest.published_at, latest.actor = at, actor
    latest.save(update_fields=["published_at", "actor"])
    audit.record(
        at=at,
        actor=actor,
        deed="coupon.published",
        subject=_subject(definition),
        was={"version": before.number, **before.terms} if before else None,
        becomes={"version": latest.number, **latest.terms},
    )
    return latest.number


@transaction.atomic
def archive_coupon(*, definition: str, at: dt.datetime, actor: str) -> bool:
    """Will stop a coupon from being issued; those that were stay good. False where it was archived. Locks it."""
    return _set_archived(definition, True, at, actor)


@transaction.atomic
def unarchive_coupon(*, definition: str, at: dt.datetime, actor: str) -> bool:
    """Will let an archived coupon be issued again; False where it was not archived. Locks it."""
    return _set_archived(definition, False, at, actor)


# ---- leaves


def _set_archived(definition: str, is_archived: bool, at: dt.datetime, actor: str) -> bool:
    row = _locked(definition)
    if row.is_archived is is_archived:
        return False
    row.is_archived = is_archived
    row.save(update_fields=["is_archived"])
    deed = "coupon.archived" if is_archived else "coupon.unarchived"
    audit.record(at=at, actor=actor, deed=deed, subject=_subject(definition))
    return True


def _set_limits(definition: CouponDefinition, terms: Terms) -> None:
    count = CouponCount.objects.select_for_update().filter(definition=definition).first()
    if count is None:
        CouponCount.objects.create(definition=definition, uses_max=terms.uses_total, budget=terms.budget)
        return
    if (count.uses_max, count.budget) == (terms.uses_total, terms.budget):
        return
    if count.used or count.held:
        raise LimitsFrozen("The coupon was used, so its limits for all together stay. Nothing was published.")
    count.uses_max, count.budget = terms.uses_total, terms.budget
    count.save(update_fields=["uses_max", "budget"])


def _locked(definition: str) -> CouponDefinition:
    row = CouponDefinition.objects.select_for_update().filter(code=definition).first()
    if row is None:
        raise NoDraft(f"There is no coupon {definition}. Nothing was changed.")
    return row


def _draft(definition: CouponDefinition) -> CouponTerms:
    draft = CouponTerms.objects.filter(definition=definition, published_at=None).first()
    if draft is None:
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was changed.")
    return draft


def _subject(code: str) -> str:
    return f"coupon:{code}"
