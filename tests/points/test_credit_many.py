"""Crediting many members at once comes to the same as crediting each."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members import actions as members_actions
from members.models import Tag
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.models import Balance, Entry
from tests.conftest import NOON, enrol
from tests.points.proof import balanced  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme", "balanced")]

TODAY = dt.date(2026, 3, 3)
LOT = (TODAY, dt.date(2027, 3, 31))
STEPS = [{"code": "campaign", "points": 20, "names": {}}]


def credit(ids: list[int], key: str = "campaign:1::", points: int = 20) -> list[int]:
    policy = points_queries.policy_on(TODAY)
    return points_actions.credit_many(
        member_ids=ids,
        source_key=key,
        points=points,
        lot=LOT,
        explanation=STEPS,
        policy_id=policy.id,
        at=NOON,
        actor="test",
    )


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(had=st.lists(st.sampled_from([0, 5, 300]), min_size=1, max_size=4), points=st.integers(1, 500))
def test_many_are_credited_as_one_is(had: list[int], points: int) -> None:
    run = Entry.objects.count()
    people = [enrol(f"p{run}-{place}").id for place in range(2 * len(had))]
    policy = points_queries.policy_on(TODAY)

    def alone(member_id: int, key: str, amount: int) -> None:
        points_actions.credit(
            member_id=member_id, wallet=Wallet.POINTS, source_key=key, points=amount, lot=LOT, explanation=STEPS,
            policy_id=policy.id, at=NOON, actor="test",
        )  # fmt: skip

    many, one_by_one = people[: len(had)], people[len(had) :]
    for first, second, amount in zip(many, one_by_one, had, strict=True):
        if amount:
            alone(first, "gift", amount)
            alone(second, "gift", amount)
    assert credit(many, points=points) == many
    for member_id in one_by_one:
        alone(member_id, "campaign:1::", points)
    same = ("available", "pending", "debt", "seq")
    for first, second in zip(many, one_by_one, strict=True):
        stands = [Balance.objects.values_list(*same).get(member_id=m, wallet="points") for m in (first, second)]
        assert stands[0] == stands[1]
        told = ("seq", "kind", "points", "balance_after", "source_key", "active_on", "expires_on", "explanation")
        rows = [list(Entry.objects.filter(member_id=m, wallet="points").values_list(*told)) for m in (first, second)]
        assert rows[0] == rows[1]


def test_a_repeat_credits_nobody_twice_and_newcomers_once() -> None:
    ann, bob = enrol("ann").id, enrol("bob").id
    assert credit([ann]) == [ann]
    assert credit([bob, ann]) == [bob]
    assert credit([ann, bob]) == []
    assert Entry.objects.filter(source_key="campaign:1::").count() == 2


def test_nobody_is_nobody() -> None:
    assert credit([]) == []


def test_a_tag_is_put_on_many_once() -> None:
    ann, bob = enrol("ann").id, enrol("bob").id
    members_actions.tag(member_id=ann, names=["vip"], at=NOON, actor="test")
    for _ in range(2):
        members_actions.tag_many(member_ids=[ann, bob], name="vip", at=NOON, actor="test")
    assert Tag.objects.filter(name="vip").count() == 2
