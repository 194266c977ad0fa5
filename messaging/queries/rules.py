"""What others may ask of how the house sends."""

import datetime as dt
from dataclasses import dataclass

from messaging.models import SendingRules
from messaging.rules.caps import caps_from
from messaging.rules.quiet import Quiet
from messaging.rules.sending import FIRST, HouseRules


@dataclass(frozen=True, slots=True)
class RulesView:
    """The rules of sending in force, with who set them; number 0 where nobody has yet."""

    number: int
    rules: HouseRules
    actor: str
    at: dt.datetime | None


def rules_in_force() -> HouseRules:
    """Will return how the house sends now. One query."""
    return find_rules().rules


def find_rules() -> RulesView:
    """Will return the rules in force and where they come from. One query."""
    row = SendingRules.objects.order_by("-number").first()
    return _view(row) if row else RulesView(0, FIRST, "", None)


def list_rules(limit: int = 50) -> list[RulesView]:
    """Will return the rules that were ever in force, latest first. One query."""
    return [_view(row) for row in SendingRules.objects.order_by("-number")[:limit]]


def _view(row: SendingRules) -> RulesView:
    rules = HouseRules(
        quiet=Quiet(row.quiet_from, row.quiet_until),
        caps=caps_from(row.caps),
        bounces_pause_share=row.bounces_pause_share,
        complaints_pause_share=row.complaints_pause_share,
        late_after_hours=row.late_after_hours,
    )
    return RulesView(row.number, rules, row.actor, row.at)
