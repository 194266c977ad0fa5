"""Any two histories made one: no point comes or goes, and undoing it gives each what he had; killed, all or nothing."""

import random
import uuid
from functools import partial

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.enums import MemberStatus
from members.models import Member, Merge
from members.rules import MemberReference
from membership_site.flows import member_merged, proof
from points import queries as points_queries
from points.enums import Wallet
from points.models import Lot
from tests.conftest import enrol
from tests.flows.shop import DAY, do, give_back, place, use, worth
from tests.kit.examples import FEW
from tests.kit.killed import killed_when

REFERENCES = {name: MemberReference(external_id=f"c-{name}") for name in ("ann", "bob")}
DEEDS = st.one_of(
    st.tuples(st.just("order"), st.integers(1, 900), st.integers(1, 3)),
    st.tuples(st.just("return"), st.integers(0, 9), st.integers(1, 3)),
    st.tuples(st.just("use"), st.integers(1, 600), st.just(0)),
    st.tuples(st.just("review"), st.just(0), st.just(0)),
)
HISTORY = st.lists(DEEDS, max_size=6)
KILLS = 10


def live(who, history, noon):
    """Lives through a history, a deed every nine days up to yesterday; what cannot be is left out."""
    member, placed = Member.objects.get(identities__value=f"c-{who}"), []
    for number, (deed, amount, units) in enumerate(history):
        at = noon - DAY - 9 * (len(history) - number - 1) * DAY
        if deed == "order":
            place(f"{who}-{number}", [("a", units, f"{amount}.30")], at, who=REFERENCES[who])
            placed.append([f"{who}-{number}", units])
        elif deed == "return" and placed and placed[amount % len(placed)][1]:
            order = placed[amount % len(placed)]
            back = min(units, order[1])
            order[1] -= back
            give_back(order[0], f"R{number}", {"a": back}, at)
        elif deed == "use":
            held = points_queries.get_balance(member.id, at)
            if held.available and not held.debt:
                use(member.id, min(amount, held.available), at, f"{who} {number}")
        elif deed == "review":
            do("review", at, event_id=f"{who}-{number}", who=REFERENCES[who])


def owned(*members):
    """What some members have together, by wallet: what lies in lots, less what is owed."""
    sums = {}
    for wallet in Wallet:
        lots = sum(Lot.objects.filter(member__in=members, wallet=wallet).values_list("points", flat=True))
        sums[wallet] = lots
    debts = [points_queries.get_balance(one.id, one.now).debt for one in members]
    return {**sums, Wallet.POINTS: sums[Wallet.POINTS] - sum(debts)}


def held(member, noon):
    """What a member has and counts for; a tier once reached stays for its time, as the ladder says of returns."""
    return {what: amount for what, amount in worth(member.id, noon).items() if what != "tier"}


@pytest.mark.django_db
@pytest.mark.usefixtures("balanced")
@settings(FEW, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ours=HISTORY, theirs=HISTORY)
def test_points_are_kept_and_undoing_restores(programme, noon, ours, theirs):
    with transaction.atomic():
        ann, bob = (enrol(name, at=noon - 200 * DAY, reward=True) for name in ("ann", "bob"))
        ann.now = bob.now = noon
        live("ann", ours, noon)
        live("bob", theirs, noon)
        before, alone = owned(ann, bob), [held(one, noon) for one in (ann, bob)]
        done = member_merged.merge(
            survivor_id=ann.id, merged_id=bob.id, reason="One person", form_key=uuid.uuid4(), at=noon, actor="staff:1"
        )
        assert owned(ann) == before
        assert worth(bob.id, noon)["lots"] == [] and worth(bob.id, noon)["purse"] == (0, 0, 0)
        assert list(proof.violations()) == []
        member_merged.unmerge(merge_id=done.merge_id, reason="Two", at=noon, actor="staff:1")
        assert owned(ann, bob) == before
        if all(one["purse"][2] == 0 for one in alone):
            assert [held(one, noon) for one in (ann, bob)] == alone
        assert list(proof.violations()) == []
        transaction.set_rollback(True)


def go_on(ann, bob, noon, told):
    """Merges and undoes again and again, each in a transaction of its own as the console's are."""
    for number in range(40):
        at = noon + number * DAY / 48
        told.value = 2 * number + 1
        done = member_merged.merge(
            survivor_id=ann, merged_id=bob, reason="One", form_key=uuid.uuid4(), at=at, actor="staff:1"
        )
        told.value = 2 * number + 2
        member_merged.unmerge(merge_id=done.merge_id, reason="Two", at=at + DAY / 96, actor="staff:1")


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("balanced")
def test_a_kill_in_the_midst_leaves_all_of_it_or_nothing(programme, noon):
    ann, bob = (enrol(name, at=noon - 100 * DAY, reward=True).id for name in ("ann", "bob"))
    place("A", ["600"], noon - 60 * DAY, who=REFERENCES["ann"])
    place("B", ["300", "310.40"], noon - 30 * DAY, who=REFERENCES["bob"])
    apart = [worth(one, noon) for one in (ann, bob)]
    chance, ends, seen = random.Random(5), [], set()
    for kill in range(KILLS):
        at = noon + kill * DAY
        due = 1 + kill % 3
        work = partial(go_on, ann, bob, at)
        ends.append(killed_when(work, lambda told, due=due: told >= due, chance, within=0.15))
        assert list(proof.violations()) == []
        member = Member.objects.get(id=bob)
        seen.add(member.status)
        if member.status == MemberStatus.MERGED:
            assert member.merged_into_id == ann and worth(bob, at + DAY)["lots"] == []
            row = Merge.objects.get(merged_id=bob, undone_at=None)
            member_merged.unmerge(merge_id=row.id, reason="Two", at=at + DAY / 2, actor="staff:1")
        assert [row["lots"] for row in (worth(ann, noon), worth(bob, noon))] == [row["lots"] for row in apart]
    assert ends.count(-9) >= KILLS - 1
    assert seen == {MemberStatus.MERGED, MemberStatus.ACTIVE}
