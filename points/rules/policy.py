"""What a points policy says, as plain values read from its stored terms."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from points.enums import ConditionKind, DiscountBasis, RefundPolicy, Wallet
from points.rules.caps import Cap, cap_from_terms
from points.rules.earning_rules import EarningRule, rule_from_terms
from points.rules.expiry import ExpiryTerms, expiry_terms


class BadTerms(Exception):
    """The terms of a policy cannot be read; nothing was published."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What of an order earns: its lines before or after discounts, and whether tax, shipping and paid points count."""

    discount: DiscountBasis = DiscountBasis.AFTER
    tax: bool = False
    shipping: bool = False
    points_paid: bool = True


@dataclass(frozen=True, slots=True)
class EventTerms:
    """What an event of one type earns before any rule; `day_max` counts events a business date, None is no limit.

    With `property` the amount comes from the event itself: floor(properties[property] x points_per_unit).
    """

    points: int = 0
    points_with_photo: int | None = None
    growth: int = 0
    day_max: int | None = None
    streak: tuple[int, ...] = ()
    once: bool = False
    property: str = ""
    points_per_unit: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Gifts:
    """Whether members may give points to each other, from how many at once, and how many a day at most."""

    is_on: bool = True
    points_min: int = 10
    day_max: int = 1000


@dataclass(frozen=True, slots=True)
class AdjustmentLimits:
    """What one person of the staff may book alone: so many points at once, so many altogether a business date."""

    alone_max: int = 500
    day_max: int = 2000


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of earning, keeping and spending that are in force on a date."""

    id: int
    points_per_unit: Decimal
    growth_per_unit: Decimal
    return_window_days: int
    sign_up_points: int
    events: Mapping[str, EventTerms]
    expiry: ExpiryTerms
    refund: RefundPolicy
    redemption_points_per_unit: int
    redemption_points_min: int
    redemption_share_max: Decimal
    basis: Basis = Basis()
    rules: tuple[EarningRule, ...] = ()
    caps: tuple[Cap, ...] = ()
    courtesy_days: int = 7
    reinstatement_days: int = 60
    reservation_minutes: int = 15
    notice_days: int = 30
    reminder_days: tuple[int, ...] = (30, 7, 1)
    gifts: Gifts = Gifts()
    adjustments: AdjustmentLimits = AdjustmentLimits()

    def expires_on(self, active_on: dt.date) -> dt.date:
        """Will return the last date a lot that becomes active on a date can be used."""
        return self.expiry.expires_on(active_on)

    def rules_of(self, deed: str, wallet: Wallet | None = None) -> tuple[EarningRule, ...]:
        """Will return the rules that are on for orders (`order`) or for one type of event, by priority.

        Those of both wallets, or of one: what feeds points and what feeds growth value never meet.
        """
        on = (r for r in self.rules if r.is_on and r.deed == deed and wallet in (None, r.wallet))
        return tuple(sorted(on, key=lambda r: (r.priority, r.code)))

    def segments_of(self, *deeds: str) -> tuple[str, ...]:
        """Will return the segments that rules which are on name for some deeds, each once."""
        when = (one for rule in self.rules if rule.is_on and rule.deed in deeds for one in rule.when)
        return tuple(sorted({value for one in when if one.kind is ConditionKind.SEGMENT for value in one.values}))

    def looks_at(self, deed: str) -> bool:
        """Will say whether earning asks for more than the deed itself: rules' conditions, or what caps have left."""
        return bool(self.caps) or any(rule.is_on and rule.deed == deed for rule in self.rules)


def policy_from_terms(policy_id: int, terms: Mapping[str, Any]) -> Policy:
    """Will read stored terms; raises BadTerms naming what is missing or wrong."""
    try:
        basis = terms.get("basis", {})
        return Policy(
            id=policy_id,
            points_per_unit=Decimal(terms["points_per_unit"]),
            growth_per_unit=Decimal(terms["growth_per_unit"]),
            return_window_days=int(terms["return_window_days"]),
            sign_up_points=int(terms["sign_up_points"]),
            events={name: _event_terms(event) for name, event in terms["events"].items()},
            expiry=expiry_terms(terms["expiry"]),
            refund=RefundPolicy(terms["refund"]),
            redemption_points_per_unit=int(terms["redemption"]["points_per_unit"]),
            redemption_points_min=int(terms["redemption"]["points_min"]),
            redemption_share_max=Decimal(terms["redemption"]["share_max"]),
            basis=Basis(**{**basis, "discount": DiscountBasis(basis.get("discount", DiscountBasis.AFTER))}),
            rules=tuple(rule_from_terms(rule) for rule in terms.get("rules", ())),
            caps=tuple(cap_from_terms(cap) for cap in terms.get("caps", ())),
            reminder_days=_reminder_days(terms.get("reminder_days", (30, 7, 1))),
            gifts=Gifts(**terms.get("gifts", {})),
            adjustments=AdjustmentLimits(**terms.get("adjustments", {})),
            **{name: int(terms[name]) for name in COUNTS if name in terms},
        )
    except (KeyError, ValueError, ArithmeticError, TypeError, AttributeError) as error:
        raise BadTerms(f"The policy's terms cannot be read: {error!r}. Nothing was published.") from error


REMINDER_DAYS_MAX = 366
COUNTS = ("courtesy_days", "reinstatement_days", "reservation_minutes", "notice_days")


def _reminder_days(stated: Iterable[Any]) -> tuple[int, ...]:
    """How many days before points end their owner is told, the first reminder first; none where nobody is to be."""
    days = tuple(sorted({int(number) for number in stated}, reverse=True))
    if any(not 0 <= number <= REMINDER_DAYS_MAX for number in days):
        raise ValueError(f"reminders {days} days before")
    return days


def _event_terms(event: Mapping[str, Any]) -> EventTerms:
    read = {**event, "streak": tuple(event.get("streak", ()))}
    if "points_per_unit" in event:
        read["points_per_unit"] = Decimal(event["points_per_unit"])
    return EventTerms(**read)
