"""What is locked before wallets are: a member's orders and the events that wait, and nobody else's."""

import pytest

from members.rules import MemberReference
from membership_site.flows import event_received
from orders import actions as orders_actions
from orders.models import Order, ShopEvent
from orders.rules import EventStatement
from tests.flows.shop import ANN, do, place
from tests.kit.threads import overlapping

pytestmark = pytest.mark.django_db(transaction=True)
BOB = MemberReference(external_id="c-bob")


def test_a_members_deeds_are_locked_and_nobody_elses(join, noon):
    ann, _ = join("ann"), join("bob")
    place("A", ["10"], noon)
    place("B", ["10"], noon, who=BOB)
    do("survey", noon)
    for who, friend in ((ANN, "x"), (BOB, "y")):
        waits = EventStatement("app", friend, "referral", noon, {"friend": friend}, {})
        event_received.take_event(statement=waits, reference=who, at=noon, actor="test")

    def what_is_free():
        return [
            set(Order.objects.select_for_update(skip_locked=True).values_list("order_id", flat=True)),
            set(ShopEvent.objects.select_for_update(skip_locked=True).values_list("event_id", flat=True)) & {"x", "y"},
        ]

    locks = {"member_ids": [ann.id], "at": noon, "actor": "test"}
    assert overlapping(lambda: orders_actions.lock_deeds(**locks), what_is_free) == [None, [{"B"}, {"y"}]]
    assert overlapping(lambda: None, what_is_free) == [None, [{"A", "B"}, {"x", "y"}]]
