"""The figures that stand for a whole campaign, counted live or as the night does."""

import datetime as dt
from decimal import Decimal
from typing import Any

from campaigns.enums import Group
from campaigns.queries.campaigns import HeadlineView
from campaigns.queries.results import Came, cost_of
from campaigns.rules.experiments import Interval
from campaigns.rules.headlines import Side, in_money, lifts, together

CENT = Decimal("0.01")


def side_of(one: Came) -> Side:
    """Will return what came of one group and variant as headlines add it up. No query."""
    return Side(one.members, one.converted, float(one.revenue), float(one.revenue_squares))


def sides_of(came: tuple[Came, ...]) -> tuple[Side, Side]:
    """Will return the treated, and who was kept apart by the campaign - or, where nobody was, by the house. No query.

    Both were dealt by lot; but the house's group gets no other marketing either, so a campaign's own goes before it.
    """
    sides = {group: together(side_of(one) for one in came if one.group is group) for group in Group}
    own = sides[Group.CONTROL]
    return sides[Group.TREATED], own if own.members else sides[Group.GLOBAL_CONTROL]


def figures_of(came: tuple[Came, ...], points_per_unit: int, at: dt.datetime) -> HeadlineView:
    """Will return a campaign's figures of what came of its groups. No query."""
    cost = cost_of(came)
    treated, control = sides_of(came)
    found = lifts(treated, control)
    told = [one for one in came if one.group is Group.TREATED]
    counted: dict[str, Any] = {
        name: sum(getattr(one, name) for one in told)
        for name in ("rewarded", "sent", "delivered", "opened", "clicked", "unsubscribed", "orders")
    }
    return HeadlineView(
        at=at,
        members=treated.members,
        control_members=control.members,
        converted=treated.converted,
        control_converted=control.converted,
        revenue=sum((one.revenue for one in told), Decimal(0)),
        cost=in_money(cost.points, cost.coupons, points_per_unit),
        lift=found.rate.value if found.rate else None,
        lift_low=found.rate.low if found.rate else None,
        lift_high=found.rate.high if found.rate else None,
        **_extra(found.extra),
        **counted,
    )


def _extra(extra: Interval | None) -> dict[str, Any]:
    if extra is None:
        return {"extra": None, "extra_low": None, "extra_high": None}
    amounts = {"extra": extra.value, "extra_low": extra.low, "extra_high": extra.high}
    return {name: Decimal(str(value)).quantize(CENT) for name, value in amounts.items()}
