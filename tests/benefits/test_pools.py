"""Pools of partners' codes: given once each, soonest end first, given back only while nobody has read them."""

import datetime as dt

import pytest

from benefits import actions as benefits_actions
from benefits.models import PartnerCode
from kit.models import AuditRow
from points.actions import KeyReused
from tests.benefits.shelf import pool, take
from tests.kit.threads import kinds, together

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 3)
DAY = dt.timedelta(days=1)


@pytest.fixture
def ann(join):
    return join("ann").id


def test_the_code_that_ends_soonest_is_given_first_and_never_one_that_has_ended(ann):
    made = pool(codes=0)
    for code, ends_on in (("none", None), ("late", TODAY + DAY), ("soon", TODAY), ("over", TODAY - DAY)):
        PartnerCode.objects.create(pool=made, code=code, ends_on=ends_on)
    taken = [take(ann, f"grant:{n}") for n in range(3)]
    assert [(one.code, one.ends_on) for one in taken] == [("soon", TODAY), ("late", TODAY + DAY), ("none", None)]
    with pytest.raises(benefits_actions.PoolEmpty):
        take(ann, "grant:4")


def test_one_cause_has_one_code(ann):
    pool(), pool("spa")
    first = take(ann)
    again = take(ann)
    assert (again.id, again.code, again.is_new) == (first.id, first.code, False)
    with pytest.raises(KeyReused):
        take(ann, pool="spa")
    assert PartnerCode.objects.filter(member=ann).count() == 1


def test_there_must_be_such_a_pool(ann):
    pool("old", is_archived=True)
    for name in ("nothing", "old"):
        with pytest.raises(benefits_actions.UnknownPool):
            take(ann, pool=name)


def test_a_code_that_was_read_stays_used_and_one_that_was_not_is_free_again(ann, join, noon):
    pool(codes=2)
    one, two = take(ann, "grant:1"), take(ann, "grant:2")

    def reveal(member_id, code_id, at=noon):
        return benefits_actions.reveal_code(member_id=member_id, code_id=code_id, at=at, actor="test")

    def give_back(code_id):
        return benefits_actions.give_back_code(code_id=code_id, at=noon, actor="test")

    assert reveal(ann, one.id) == "cinema-1" == reveal(ann, one.id, noon + DAY)
    assert PartnerCode.objects.get(id=one.id).revealed_at == noon
    assert AuditRow.objects.filter(deed="code.revealed").count() == 1
    with pytest.raises(benefits_actions.NoCode):
        reveal(join("bob").id, two.id)
    assert [give_back(one.id), give_back(two.id), give_back(two.id)] == [False, True, True]
    assert PartnerCode.objects.get(id=two.id).member_id is None
    assert take(join("cid").id).code == "cinema-2"


@pytest.mark.django_db(transaction=True)
def test_thirty_two_want_one_of_ten_codes_and_ten_different_ones_are_given(join):
    pool(codes=10)
    members = [join(f"guest{n}").id for n in range(4)]
    answers = together([lambda n=n: take(members[n % 4], f"grant:{n}") for n in range(32)])
    assert kinds(answers) == {"TakenCode": 10, "PoolEmpty": 22}
    assert len({answer.code for answer in answers if hasattr(answer, "code")}) == 10
    pool("spa", codes=4)
    same = together([lambda: take(members[0], "same", "spa")] * 8)
    assert len({answer.code for answer in same}) == 1
    assert PartnerCode.objects.filter(pool__code="spa", member=None).count() == 3
