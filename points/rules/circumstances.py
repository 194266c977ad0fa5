"""What rules and caps asked for when a deed was first booked, kept as plain text so that a return asks again alike."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from points.enums import CapPer
from points.rules.caps import Allowances, Cap, Left
from points.rules.conditions import DeedFacts


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts of a deed and its member, and what was left of the caps before it."""

    facts: DeedFacts
    allowances: Allowances = field(default_factory=dict)

    def allowing(self, left: Mapping[str, Left]) -> "Circumstances":
        """Will return the same with one more allowance for some rules: what their budgets gave."""
        more = {code: (*self.allowances.get(code, ()), one) for code, one in left.items()}
        return replace(self, allowances={**self.allowances, **more})


def frozen(around: Circumstances) -> dict[str, Any]:
    """Will write circumstances as JSON takes them; properties of an event are left with the event itself."""
    facts = around.facts
    return {
        "on": facts.on.isoformat(),
        "time": facts.time.isoformat("minutes"),
        "channel": facts.channel,
        "tier": facts.tier,
        "tiers": list(facts.tiers),
        "tags": list(facts.tags),
        "segments": dict(facts.segments),
        "birthday": facts.birthday.isoformat() if facts.birthday else None,
        "number": facts.number,
        "amount": str(facts.amount),
        "left": {
            code: [[left.cap.per.value, left.cap.points, left.points] for left in allowances]
            for code, allowances in around.allowances.items()
        },
    }


def thawed(stored: Mapping[str, Any]) -> Circumstances:
    """Will read circumstances as `frozen` wrote them."""
    facts = DeedFacts(
        on=dt.date.fromisoformat(stored["on"]),
        time=dt.time.fromisoformat(stored["time"]),
        channel=stored["channel"],
        tier=stored["tier"],
        tiers=tuple(stored["tiers"]),
        tags=tuple(stored["tags"]),
        segments=stored.get("segments", {}),
        birthday=dt.date.fromisoformat(stored["birthday"]) if stored["birthday"] else None,
        number=stored["number"],
        amount=Decimal(stored["amount"]),
    )
    allowances = {
        code: tuple(Left(Cap(CapPer(per), points), left) for per, points, left in rows)
        for code, rows in stored["left"].items()
    }
    return Circumstances(facts, allowances)
