"""Giving what tiers give: an entitlement for a member, a benefit and a period, once, and what hangs on it."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from benefits.actions.issuing import NotIssued, UnknownCoupon
from benefits.enums import Occasion
from benefits.models import Entitlement
from benefits.queries.matrix import matrix_on
from benefits.rules.cells import Cell
from benefits.rules.matrix import Benefit
from benefits.rules.periods import Period
from kit import audit, clock
from kit.keys import source_key

DAY = dt.timedelta(days=1)


class NotGiven(Exception):
    """There is nothing left to give, or it is not given any more (`because`); nothing was given."""


class NotTheirs(Exception):
    """The member's tier has not this benefit; nothing was given or used."""


@dataclass(frozen=True, slots=True)
class Granted:
    """An entitlement that a member has; `is_new` is False where he was given it before."""

    id: int
    benefit: str
    period: str
    is_new: bool


@dataclass(frozen=True)
class Due:
    """A benefit that a member is to be given for a period."""

    benefit: Benefit
    cell: Cell
    tier: str
    period: Period


def grant_on(*, member_id: int, occasion: Occasion, at: dt.datetime, actor: str) -> list[Granted]:
    """Will give a member what the matrix in force gives once on an occasion that has no period of its own.

    What cannot be given now is left out. In the caller's transaction; a repeat gives nothing more.
    """
    matrix = matrix_on(clock.business_date(at))
    held = _tiers_of(member_id) if matrix.issued_on(occasion) else {}
    period = Period(occasion.value, clock.business_date(at))
    due = [_due(benefit, held, period) for benefit in matrix.issued_on(occasion)]
    return _give_all(member_id, matrix, [one for one in due if one], at, actor)


def grant_due(*, member_id: int, at: dt.datetime, actor: str) -> list[Granted]:
    """Will give an active member everything that is due to him on the date of an instant and was not given yet.

    What the night does for everybody, for one: the month's, the quarter's, birthday, anniversary, and what a tier that
    he reached on the date gives. What cannot be given now stays due. In the caller's transaction.
    """
    matrix = matrix_on(clock.business_date(at))
    return _give_all(member_id, matrix, list(_all_due(member_id, matrix, clock.business_date(at))), at, actor)


@transaction.atomic
def give_by_hand(
    *, member_id: int, benefit: str, form_key: uuid.UUID, reason: str, at: dt.datetime, actor: str
) -> Granted:
    """Will give a member something that the matrix issues, whatever his tier has, with a reason; audited.

    He gets what the highest tier that has it gets. The same form again gives nothing more. Raises NotGiven.
    """
    matrix = matrix_on(clock.business_date(at))
    found = matrix.find(benefit)
    cells = [(tier, cell) for tier, cell in found.cells.items() if cell and cell.prizes()] if found else []
    if found is None or not cells:
        raise NotGiven(f"{benefit} is not given by hand. Nothing was given.")
    tier, cell = cells[-1]
    due = Due(found, cell, "", Period(source_key("hand", form_key), clock.business_date(at)))
    granted = give(member_id=member_id, due=due, version_id=matrix.version_id, at=at, actor=actor, reason=reason)
    if granted.is_new:
        audit.record(
            at=at,
            actor=actor,
            deed="benefit.given",
            subject=f"member:{member_id}",
            becomes={"benefit": benefit, "cell_of": tier},
            reason=reason,
        )
    return granted


@transaction.atomic
def give(*, member_id: int, due: Due, version_id: int, at: dt.datetime, actor: str, reason: str = "") -> Granted:
    """Will write an entitlement and give what hangs on it; one that is there is left. Raises NotGiven."""
    granted = write_entitlement(member_id=member_id, due=due, version_id=version_id, at=at, actor=actor, reason=reason)
    if granted.is_new:
        give_prizes(member_id=member_id, due=due, entitlement_id=granted.id, at=at, actor=actor)
    return granted


def write_entitlement(
    *, member_id: int, due: Due, version_id: int, at: dt.datetime, actor: str, reason: str = ""
) -> Granted:
    """Will write that a member has a benefit for a period, where it is not written yet."""
    rows = Entitlement.objects.filter(member_id=member_id, benefit=due.benefit.code, period=due.period.key)
    there = rows.values_list("id", flat=True).first()
    if there is None:
        row = entitlement_row(member_id, due, version_id, at, actor)
        row.reason = reason
        written = Entitlement.objects.bulk_create([row], ignore_conflicts=True)
        mine = rows.values_list("id", "granted_at", "actor").get()
        is_new = bool(written) and (mine[1], mine[2]) == (at, actor)
        return Granted(mine[0], due.benefit.code, due.period.key, is_new)
    return Granted(there, due.benefit.code, due.period.key, is_new=False)


def entitlement_row(member_id: int, due: Due, version_id: int, at: dt.datetime, actor: str) -> Entitlement:
    """Will return the row of an entitlement, not yet written. It begins when it is given, not before its period."""
    period = due.period
    return Entitlement(
        member_id=member_id,
        benefit=due.benefit.code,
        kind=due.benefit.kind,
        period=period.key,
        version_id=version_id,
        tier=due.tier,
        terms={},
        starts_at=max(clock.day_start(period.starts_on), at)
        if due.benefit.occasion
        else clock.day_start(period.starts_on),
        ends_at=clock.day_start(period.ends_on + DAY) if period.ends_on else None,
        quota=due.cell.quota(),
        granted_at=at,
        actor=actor,
    )


def give_prizes(*, member_id: int, due: Due, entitlement_id: int, at: dt.datetime, actor: str) -> None:
    """Will give what hangs on an entitlement, each thing under a key of its own; raises NotGiven."""
    for prize, key in prizes_of(due):
        try:
            _give_prize(member_id, prize, key, due, entitlement_id, at, actor)
        except (UnknownCoupon, NotIssued) as error:
            raise NotGiven(str(error)) from error
