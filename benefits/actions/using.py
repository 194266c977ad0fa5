"""Using what is counted: so often a period, under a lock of the row that counts, however many ask at once."""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from benefits.actions.granting import Due, due, write_entitlements
from benefits.models import Entitlement
from benefits.queries.matrix import matrix_on
from kit import clock, sql
from tiers import queries as tiers_queries


class NotTheirs(Exception):
    """The member's tier has not this benefit; nothing was used."""


class NoneLeft(Exception):
    """The quota of the period is used up; nothing was used."""


class NothingHeld(Exception):
    """There is no such use to confirm or to give back; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Used:
    """Which entitlement a use was counted on, and how many are left of it (None: always)."""

    entitlement_id: int
    left: int | None


def use(*, member_id: int, benefit: str, at: dt.datetime, actor: str) -> Used:
    """Will count one use of a benefit in the period of an instant; raises NotTheirs and NoneLeft.

    In the caller's transaction; locks the entitlement's row, which the first use writes.
    """
    return _count(member_id, benefit, at, actor, used=1, held=0)


def hold_use(*, member_id: int, benefit: str, at: dt.datetime, actor: str) -> int:
    """Will hold one use of a benefit for a checkout and return the entitlement's id; otherwise as use does."""
    return _count(member_id, benefit, at, actor, used=0, held=1).entitlement_id


def return_used(*, entitlement_id: int, at: dt.datetime, actor: str) -> None:
    """Will give a use back to the period that it was of; raises NothingHeld. One statement."""
    _move(entitlement_id, {"used__gt": 0}, held=0, used=-1)


def _move(entitlement_id: int, there: dict[str, int], *, held: int, used: int) -> None:
    rows = Entitlement.objects.filter(id=entitlement_id, **there)
    if not rows.update(held=F("held") + held, used=F("used") + used):
        raise NothingHeld(f"Nothing of entitlement {entitlement_id} is held or used. Nothing was changed.")


@transaction.atomic
def _count(member_id: int, code: str, at: dt.datetime, actor: str, *, used: int, held: int) -> Used:
    one, version_id = _his(member_id, code, at)
    write_entitlements(dues=[one], version_id=version_id, at=at, actor=actor)
    counted = sql.fetch(
        "benefits",
        "count_use",
        member=member_id,
        benefit=code,
        period=one.period.key,
        quota=one.cell.quota(),
        used=used,
        held=held,
    )
    if not counted:
        raise NoneLeft(f"{code} is used up in {one.period.key}. Nothing was used.")
    [(entitlement_id, left)] = counted
    return Used(entitlement_id, left)


def _his(member_id: int, code: str, at: dt.datetime) -> tuple[Due, int]:
    """What a member has of a benefit in the period of an instant, with the matrix's version; raises NotTheirs."""
    matrix = matrix_on(clock.business_date(at))
    found = matrix.find(code)
    tier = tiers_queries.held_tiers(member_id).get(found.ladder) if found else None
    one = due(member_id, found, tier.code, found.period(clock.business_date(at))) if found and tier else None
    if one is None:
        raise NotTheirs(f"Member {member_id} has not {code} now. Nothing was used.")
    return one, matrix.version_id


def mark_seen(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will note that a member has seen what he was given; what he saw before is left. Returns how many were new."""
    return Entitlement.objects.filter(member_id=member_id, seen_at=None).update(seen_at=at)
