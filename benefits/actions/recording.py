"""Recording what a use was worth where no checkout does: gifts, partners' codes, services; once for each cause."""

import datetime as dt
from decimal import Decimal

from benefits.enums import SavedBy
from benefits.models import BenefitUse, Entitlement
from benefits.queries.matrix import matrix_on
from benefits.rules.effect import REWARD
from kit import clock
from kit.keys import parts_of
from tiers import queries as tiers_queries

UNDONE = "undone"


def record_given(
    *,
    member_id: int,
    cause: str,
    entitlement: Entitlement | None,
    value: Decimal,
    cost: Decimal,
    at: dt.datetime,
    actor: str,
) -> None:
    """Will record that a member was given something of a value, by a benefit or, without an entitlement, for points.

    In the caller's transaction; the same cause again records nothing.
    """
    tier = entitlement.tier if entitlement else tiers_queries.tier_before(member_id, at, "").code
    use = BenefitUse(
        member_id=member_id,
        cause=cause,
        benefit=entitlement.benefit if entitlement else "",
        kind=entitlement.kind if entitlement else REWARD,
        tier=tier,
        used_on=clock.business_date(at),
        at=at,
        uses=1,
        saved=value,
        saved_by=SavedBy.VALUE,
        cost=cost,
    )
    BenefitUse.objects.bulk_create([use], ignore_conflicts=True)


def record_served(
    *, member_id: int, cause: str, entitlement: Entitlement, asked_on: dt.date, at: dt.datetime, actor: str
) -> None:
    """Will record that a benefit was used that is worth what the matrix of a date says, and costs what it says.

    In the caller's transaction; the same cause again records nothing.
    """
    benefit = matrix_on(asked_on).find(entitlement.benefit)
    record_given(
        member_id=member_id,
        cause=cause,
        entitlement=entitlement,
        value=(benefit.value if benefit else None) or Decimal(0),
        cost=(benefit.cost if benefit else None) or Decimal(0),
        at=at,
        actor=actor,
    )


def record_undone(*, member_id: int, cause: str, at: dt.datetime, actor: str) -> None:
    """Will take back what a cause recorded, once; a cause that recorded nothing is left alone."""
    use = BenefitUse.objects.filter(member_id=member_id, cause=cause).first()
    if use is None:
        return
    undone = BenefitUse(
        member_id=member_id,
        cause=f"{cause}:{UNDONE}",
        benefit=use.benefit,
        kind=use.kind,
        tier=use.tier,
        used_on=clock.business_date(at),
        at=at,
        uses=-use.uses,
        saved=-use.saved,
        saved_by=use.saved_by,
        cost=-use.cost,
    )
    BenefitUse.objects.bulk_create([undone], ignore_conflicts=True)


def entitlement_of(member_id: int, cause: str) -> Entitlement | None:
    """Will return the entitlement of a member whose benefit gave something under a key; None for any other key."""
    room, *rest = parts_of(cause)
    if room != "benefit" or len(rest) != 3:
        return None
    benefit, period, _number = rest
    return Entitlement.objects.filter(member_id=member_id, benefit=benefit, period=period).first()
