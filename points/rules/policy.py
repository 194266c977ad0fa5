"""What a points policy says, as plain values read from its stored terms."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kit import dates
from points.enums import RefundPolicy


class BadTerms(Exception):
    """The terms of a policy cannot be read; nothing was published."""


@dataclass(frozen=True, slots=True)
class EventTerms:
    """What an event of one type earns; `day_max` counts events a business date, None is no limit."""

    points: int = 0
    points_with_photo: int | None = None
    growth: int = 0
    day_max: int | None = None
    streak: tuple[int, ...] = ()
    once: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of earning, keeping and spending that are in force on a date."""

    id: int
    points_per_unit: Decimal
    growth_per_unit: Decimal
    return_window_days: int
    expiry_months: int
    sign_up_points: int
    events: Mapping[str, EventTerms]
    refund: RefundPolicy
    redemption_points_per_unit: int
    redemption_points_min: int
    redemption_share_max: Decimal

    def expires_on(self, active_on: dt.date) -> dt.date:
        """Will return the last date a lot can be used: the end of the month `expiry_months` after its month."""
        then = dates.add_months(active_on.replace(day=1), self.expiry_months)
        return dates.last_of_month(then.year, then.month)


def policy_from_terms(policy_id: int, terms: Mapping[str, Any]) -> Policy:
    """Will read stored terms; raises BadTerms naming what is missing or wrong."""
    try:
        return Policy(
            id=policy_id,
            points_per_unit=Decimal(terms["points_per_unit"]),
            growth_per_unit=Decimal(terms["growth_per_unit"]),
            return_window_days=int(terms["return_window_days"]),
            expiry_months=int(terms["expiry_months"]),
            sign_up_points=int(terms["sign_up_points"]),
            events={name: _event_terms(event) for name, event in terms["events"].items()},
            refund=RefundPolicy(terms["refund"]),
            redemption_points_per_unit=int(terms["redemption"]["points_per_unit"]),
            redemption_points_min=int(terms["redemption"]["points_min"]),
            redemption_share_max=Decimal(terms["redemption"]["share_max"]),
        )
    except (KeyError, ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise BadTerms(f"The policy's terms cannot be read: {error!r}. Nothing was published.") from error


def _event_terms(event: Mapping[str, Any]) -> EventTerms:
    return EventTerms(**{**event, "streak": tuple(event.get("streak", ()))})
