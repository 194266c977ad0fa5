"""Policies with rules and limits for the members' pages, put into force without the console."""

import datetime as dt
from typing import Any

from django.db import transaction

from membership_site.flows.starter import POINTS_TERMS
from points.actions import budgets
from points.models import PolicyVersion
from points.rules.policy import policy_from_terms


def rule(code: str = "double", **terms: Any) -> dict[str, Any]:
    """Will state a rule that doubles orders, named in three languages, with other terms."""
    names = {"en": f"{code} points", "zh-hans": "双倍积分", "zh-hant": "雙倍積分"}
    return {"code": code, "names": names, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def publish(on: dt.date, *rules: dict[str, Any], number: int = 2, note: str = "", **terms: Any) -> PolicyVersion:
    """Will put the starter's policy with rules and other terms into force from a date on."""
    version = PolicyVersion.objects.create(
        number=number,
        effective_on=on,
        terms={**POINTS_TERMS, "rules": list(rules), **terms},
        note={"en": note} if note else {},
        published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
        actor="test",
    )
    with transaction.atomic():
        budgets.set_up_budgets(policy_from_terms(version.id, version.terms))
    return version
