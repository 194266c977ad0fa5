"""Two who register as the same person, or set up the same house, at the same moment: one does, the other is told."""

import pytest

from members import actions as members_actions
from members.models import Account, Member
from tests.kit.threads import kinds, overlapping, together
from tests.members.people import person

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_person_is_registered_once(noon):
    def register(name):
        new = person(name, "+8613800138000", external=())
        return members_actions.register(new=new, joined_at=noon, at=noon, actor="test")

    ann, refusal = overlapping(lambda: register("ann"), lambda: register("bob"))
    assert isinstance(refusal, members_actions.IdentityTaken) and refusal.number == ann.number
    assert kinds(together([lambda: register("ann")] * 8)) == {"IdentityTaken": 8}
    assert Member.objects.count() == 1


def test_a_house_has_one_first_administrator(noon):
    def open_house(name):
        email = f"{name}@shop.example"
        return members_actions.open_first_admin(email=email, name=name, password="x", at=noon, actor="setup")

    first, refusal = overlapping(lambda: open_house("ann"), lambda: open_house("bob"))
    assert isinstance(first, int) and isinstance(refusal, members_actions.SetUpAlready)
    assert Account.objects.get().email == "ann@shop.example"
