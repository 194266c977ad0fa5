"""A draft tried on real history: the engine agrees with the ledger, the work survives a kill, budgets and caps hold."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from django.db import transaction

from members.rules import MemberReference
from membership_site.flows import policy_preview
from membership_site.flows.starter import POINTS_TERMS
from points import actions as points_actions
from points import queries as points_queries
from points.actions import budgets
from points.models import Entry, PolicyVersion
from points.rules.policy import policy_from_terms
from tests.flows.shop import DAY, do, give_back, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]


def rule(code: str = "x2", **terms: Any) -> dict[str, Any]:
    return {"code": code, "names": {"en": code}, "deed": "order", "effect": "multiply", "amount": "2", **terms}


def publish(noon: dt.datetime, **terms: Any) -> None:
    """Will put other terms into force since long ago."""
    version = PolicyVersion.objects.create(
        number=2, effective_on=dt.date(2020, 1, 1), terms={**POINTS_TERMS, **terms}, published_at=noon
    )
    with transaction.atomic():
        budgets.set_up_budgets(policy_from_terms(version.id, version.terms))


def draft(number: int = 9, **terms: Any) -> PolicyVersion:
    """Will write a draft that says what is in force now, but for some terms."""
    latest = PolicyVersion.objects.filter(published_at__isnull=False).order_by("-number").first()
    assert latest
    return PolicyVersion.objects.create(
        number=number, effective_on=dt.date(2027, 1, 1), terms={**latest.terms, **terms}, actor="test"
    )


def preview(version: PolicyVersion, at: dt.datetime, months: int = 12) -> Mapping[str, Any]:
    """Will ask for a preview, work it out and return its result."""
    preview_id, _ = points_actions.request_preview(version_id=version.id, months=months, at=at, actor="staff:1")
    policy_preview.run(preview_id=preview_id, at=at)
    view = points_queries.get_preview(preview_id)
    assert view.state == "done", view.error
    return view.result


def person(name: str) -> MemberReference:
    return MemberReference(external_id=f"c-{name}")


def test_a_draft_of_the_same_terms_changes_nothing_and_equals_the_ledger(join, noon):
    join("ann", reward=True)
    join("bob", reward=True)
    publish(noon, rules=[rule(caps=[{"per": "month", "points": 150}])], caps=[{"per": "day", "points": 250}])
    place("1", [("a", 2, "50"), ("b", 1, "33.5")], noon)
    place("2", ["100"], noon + DAY)
    do("review", noon + DAY, photo=True)
    give_back("1", "R1", {"a": 1}, noon + 2 * DAY)
    place("3", ["70"], noon + 3 * DAY)
    place("4", ["70"], noon + 3 * DAY, who=person("bob"))
    place("4", ["70"], noon + 3 * DAY, who=person("bob"), status="cancelled", stated_at=noon + 4 * DAY)
    for day in range(3):
        do("check_in", noon + day * DAY, who=person("bob"))
    result = preview(draft(), noon + 20 * DAY)
    booked = sum(Entry.objects.filter(wallet="points").values_list("points", flat=True))
    as_is, then = result["sides"]["as_is"], result["sides"]["draft"]
    assert as_is == then
    assert as_is["earned"] == booked == as_is["outstanding"]
    assert (result["members"], result["orders"], result["events"]) == (2, 4, 4)
    assert result["gains"] == result["losses"] == []
    assert as_is["rules"]["x2"][1] == 3
