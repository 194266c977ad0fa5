"""What the database promises of earning rules: how deeds were booked, what rules gave, what budgets have left."""

import pytest
from django.db.models import F

from points.models import Earning, PolicyVersion, RuleBudget, RuleUse
from tests.flows.shop import DAY, give_back, place
from tests.flows.test_ruled_deeds import publish, rule
from tests.kit.broken import breaks, refused, refuses_all_change, run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]


@pytest.fixture
def ann(join, noon):
    """Ann with an order that earned 100 under a rule with a budget of 50, so that it was cut by 50."""
    member_id = join("ann").id
    publish(noon, rule(caps=[{"per": "budget", "points": 50}]))
    assert place("1", [("a", 2, "50")], noon).points == 150
    return member_id


def test_how_a_deed_was_booked(ann):
    kept = Earning.objects.filter(member_id=ann)
    assert kept.values_list("desired", "awarded").get() == (200, 150)
    with breaks("points_earning_within_desired"):
        kept.update(awarded=-1)
    with breaks("points_earning_within_desired"):
        kept.update(desired=F("awarded") - 1)
    with breaks("points_earning_pkey"):
        row = kept.values().get()
        Earning.objects.bulk_create([Earning(**row)])


def test_what_a_rule_gave(ann, noon):
    uses = RuleUse.objects.filter(member_id=ann, rule="x2")
    row = uses.values().get()
    with breaks("points_ruleuse_moves_something"):
        RuleUse.objects.bulk_create([RuleUse(**{**row, "source_key": "other", "points": 0})])
    with breaks("points_ruleuse_pkey"):
        RuleUse.objects.bulk_create([RuleUse(**row)])
    refuses_all_change("points_ruleuse")


def test_what_a_budget_has_left(ann):
    slots = RuleBudget.objects.filter(rule="x2")
    assert sum(slots.values_list("used", flat=True)) == 50
    with breaks("points_rulebudget_holds"):
        slots.filter(slot=0).update(used=F("limit") + 1)
    with breaks("points_rulebudget_holds"):
        slots.filter(slot=0).update(used=-1)
    with breaks("points_rulebudget_pkey"):
        RuleBudget.objects.bulk_create([RuleBudget(rule="x2", slot=0, limit=1)])


def test_what_was_published_stays(ann, noon):
    version = PolicyVersion.objects.get(number=2)
    with refused("is published"):
        PolicyVersion.objects.filter(id=version.id).update(terms={})
    with refused("is published"):
        run("DELETE FROM points_policyversion WHERE id = %s", version.id)
    assert give_back("1", "R", {"a": 2}, noon + DAY).reversed == 150
    assert sum(RuleBudget.objects.values_list("used", flat=True)) == 0
