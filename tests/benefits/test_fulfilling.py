"""Gifts that are sent: promised once and never more than there are, addressed, shipped, come back, given up."""

import datetime as dt

import pytest

from benefits import actions as benefits_actions
from benefits.enums import FulfilmentState
from benefits.models import Fulfilment, FulfilmentStep, GiftItem
from benefits.rules.fulfilment import NEXT, Address, BadAddress, WrongStep, address_from, check_address, check_step
from kit.jobs import Night, run
from kit.models import AuditRow
from membership_site.flows import nightly
from points.actions import KeyReused
from tests.benefits.shelf import gift, promise, redeem, reward
from tests.flows.shop import purse
from tests.kit.threads import kinds, together

pytestmark = pytest.mark.django_db
HOME = Address("Ann Lee", "+86 139 1234 5678", ("1 Garden Road", " "), "Shanghai", "", "200000")


@pytest.fixture
def ann(join):
    return join("ann").id


def left(code="cream"):
    return GiftItem.objects.get(code=code).left


def states(fulfilment_id):
    return list(FulfilmentStep.objects.filter(fulfilment=fulfilment_id).order_by("id").values_list("state", flat=True))


def address(member_id, one, at, where=HOME):
    return benefits_actions.enter_address(
        member_id=member_id, fulfilment_id=one, address=where, at=at, actor=f"member:{member_id}"
    )


def ship(at, *parcels):
    return benefits_actions.ship(parcels=[benefits_actions.Parcel(*one) for one in parcels], at=at, actor="staff:1")


def move(one, state, at):
    benefits_actions.move(fulfilment_id=one, state=FulfilmentState(state), note="", at=at, actor="staff:1")


def test_a_promise_takes_one_off_the_stock_once_a_cause(ann, noon):
    gift(left=2)
    first = promise(ann)
    assert (first.state, first.is_new, left()) == ("needs_address", True, 1)
    again = promise(ann)
    assert (again.id, again.state, again.is_new, left()) == (first.id, "needs_address", False, 1)
    row = Fulfilment.objects.get()
    assert row.address_until == dt.datetime(2026, 4, 2, 16, tzinfo=dt.UTC), "thirty whole days in Shanghai"
    assert states(first.id) == ["needs_address"]
    promise(ann, "grant:2")
    with pytest.raises(benefits_actions.OutOfStock):
        promise(ann, "grant:3")
    assert (left(), Fulfilment.objects.count()) == (0, 2)
    assert promise(ann).id == first.id, "the repeat is looked for before the stock"


def test_a_promise_refuses_what_is_not_there_and_another_gift_for_the_same_cause(ann):
    gift("never", left=None, needs_address=False), gift("old", is_archived=True)
    for item in ("nothing", "old"):
        with pytest.raises(benefits_actions.UnknownItem):
            promise(ann, item=item)
    one = promise(ann, item="never")
    assert (one.state, left("never")) == ("ready", None)
    assert Fulfilment.objects.get().address_until is None
    gift("other")
    with pytest.raises(KeyReused):
        promise(ann, item="other")
    assert (left("other"), Fulfilment.objects.count()) == (3, 1)


def test_the_way_of_a_gift_from_promise_to_door_and_back(ann, noon):
    gift()
    one = promise(ann).id
    assert address(ann, one, noon) == "ready"
    assert address(ann, one, noon) == "ready"
    kept = address_from(Fulfilment.objects.get().address)
    assert kept == Address("Ann Lee", "+86 139 1234 5678", ("1 Garden Road",), "Shanghai", "", "200000")
    assert "Garden" not in str(list(AuditRow.objects.values())), "an address is nobody's reading in the audit log"
    assert ship(noon, (one, "SF Express", "SF1")) == 1
    assert ship(noon, (one, "SF Express", "SF1")) == 0
    with pytest.raises(benefits_actions.NotShipped):
        ship(noon, (one, "Other", "X2"))
    with pytest.raises(WrongStep):
        address(ann, one, noon, Address("Bob", "123456", ("2 Road",), "Beijing"))
    move(one, "delivered", noon)
    move(one, "delivered", noon)
    move(one, "returned", noon)
    with pytest.raises(WrongStep):
        address(ann, one, noon, Address("Bob", "123456", ("2 Road",), "Beijing"))
    move(one, "ready", noon)
    assert (Fulfilment.objects.get().carrier, left()) == ("", 2)
    assert states(one) == ["needs_address", "ready", "shipped", "delivered", "returned", "ready"]
    assert benefits_actions.cancel_fulfilment(fulfilment_id=one, reason="moved", at=noon, actor="staff:1")
    assert not benefits_actions.cancel_fulfilment(fulfilment_id=one, reason="moved", at=noon, actor="staff:1")
    assert (left(), states(one)[-1]) == (3, "cancelled")


def test_parcels_go_all_or_none_and_only_what_is_ready(ann, noon):
    gift()
    one, two = promise(ann).id, promise(ann, "grant:2").id
    address(ann, one, noon)
    for other, stands in ((two, "needs_address"), (two + 1, "")):
        with pytest.raises(benefits_actions.NotShipped) as refused:
            ship(noon, (one, "SF", "1"), (other, "SF", "2"))
        assert (refused.value.fulfilment_id, refused.value.stands) == (other, stands)
    assert set(Fulfilment.objects.values_list("state", "carrier")) == {("ready", ""), ("needs_address", "")}
    with pytest.raises(WrongStep):
        move(two, "ready", noon)
    for state in ("cancelled", "shipped"):
        with pytest.raises(ValueError, match="deed of its own"):
            move(one, state, noon)


def test_another_members_gift_is_not_there(ann, join, noon):
    gift()
    one = promise(ann).id
    with pytest.raises(benefits_actions.NoFulfilment):
        address(join("bob").id, one, noon)
    assert Fulfilment.objects.get().address == {}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"name": " "}, "name", "missing"),
        ({"phone": ""}, "phone", "missing"),
        ({"phone": "12345"}, "phone", "not_a_phone_number"),
        ({"lines": (" ", "")}, "lines", "missing"),
        ({"city": ""}, "city", "missing"),
        ({"region": "x" * 121}, "region", "too_long"),
        ({"lines": ("ok", "x" * 121)}, "lines", "too_long"),
    ],
)
def test_an_address_says_what_is_wrong_with_it(changes, field, code):
    whole = {name: getattr(HOME, name) for name in Address.__slots__} | changes
    with pytest.raises(BadAddress) as refused:
        check_address(Address(**whole))
    assert (refused.value.field, refused.value.code) == (field, code)
    assert address_from({}) is None


@pytest.mark.parametrize("stands", FulfilmentState)
@pytest.mark.parametrize("wanted", FulfilmentState)
def test_every_step_is_in_the_table_or_refused(stands, wanted):
    if wanted in NEXT[stands]:
        check_step(stands, wanted)
    else:
        with pytest.raises(WrongStep) as refused:
            check_step(stands, wanted)
        assert (refused.value.stands, refused.value.wanted) == (stands, wanted)


@pytest.mark.django_db(transaction=True)
def test_thirty_two_want_one_of_ten_and_ten_get_one(join):
    gift(left=10)
    members = [join(f"guest{n}").id for n in range(4)]
    answers = together([lambda n=n: promise(members[n % 4], f"grant:{n}") for n in range(32)])
    assert kinds(answers) == {"Promised": 10, "OutOfStock": 22}
    assert (left(), Fulfilment.objects.count()) == (0, 10)
    gift("last", left=1)
    same = together([lambda: promise(members[0], "same", "last")] * 8)
    assert len({answer.id for answer in same}) == 1 and left("last") == 0


def test_the_night_gives_up_what_nobody_said_where_to_send(ann, give, noon):
    """Back on the shelf, with the points of what was redeemed; what has an address by then stays."""
    gift(left=5)
    reward(price=100)
    give(ann, 200)
    promise(ann), redeem(ann, "1"), redeem(ann, "2")
    kept, *_ = Fulfilment.objects.filter(redemption__isnull=False).order_by("id").values_list("id", flat=True)
    address(ann, kept, noon)
    step = nightly.find_step("give_up_gifts")
    first = dt.date(2026, 4, 2)
    assert run(step, Night(first - dt.timedelta(days=1))).rows == 0, "2 April is the last day for an address"
    assert run(step, Night(first)).rows == 2
    assert run(step, Night(first), again=True).rows == 2, "again it finds nothing more"
    assert set(Fulfilment.objects.values_list("id", "state")) == {
        (one, "ready" if one == kept else "cancelled") for one in Fulfilment.objects.values_list("id", flat=True)
    }
    assert left() == 4 and purse(ann, noon + dt.timedelta(days=30))[0] == 100


def test_who_was_faster_than_the_night_keeps_his_gift(ann, noon):
    gift()
    one = promise(ann).id
    address(ann, one, noon)

    def lapse():
        return benefits_actions.lapse_gift(fulfilment_id=one, at=noon, actor="night")

    assert not lapse() and (states(one)[-1], left()) == ("ready", 2)
    ship(noon, (one, "SF", "1"))
    assert not lapse()


def test_a_packing_list_goes_out_and_comes_back_with_carriers(ann, noon, tmp_path):
    gift()
    one, two = promise(ann).id, promise(ann, "grant:2").id
    address(ann, one, noon)
    rows = benefits_actions.packing_list(limit=9, at=noon, actor="staff:1")
    assert [(row.id, row.address.city) for row in rows] == [(one, "Shanghai")]
    assert AuditRow.objects.get(deed="fulfilment.exported").actor == "staff:1"
    path = tmp_path / "list.csv"

    def bring(text):
        path.write_text(text)
        return benefits_actions.ship_file(path=path, at=noon, actor="staff:1")

    for row in ("x,SF,1", f"{'9' * 19},SF,1", f"{one},{'S' * 61},1", f"{one},SF,{'1' * 81}", f"{one},SF"):
        with pytest.raises(benefits_actions.BadParcelRow) as refused:
            bring(f"id,carrier,tracking\n{row}\n")
        assert refused.value.number == 2
    assert bring(f"id,carrier,tracking\n{one},SF,1\n{two},,\n") == 1
    assert bring(f"id,carrier,tracking\n{one},SF,1\n{two},,\n") == 0
    assert dict(Fulfilment.objects.values_list("id", "state")) == {one: "shipped", two: "needs_address"}
