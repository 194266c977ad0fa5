"""Two who register as the same person at the same moment: one does, the other is told by whom it is taken."""

import pytest

from members import actions as members_actions
from members.models import Member
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
