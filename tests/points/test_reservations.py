"""Points held for a checkout: taken at once, confirmed for one order, put back once into the very lots."""

import datetime as dt
import uuid

import pytest

from kit.jobs import Night, run
from kit.models import AuditRow
from membership_site.flows import nightly, points_reserved, tasks
from points import actions as points_actions
from points import queries as points_queries
from points.actions import (
    BelowMinimum,
    KeyReused,
    NoReservation,
    NotEnoughPoints,
    NotPositive,
    NoWallet,
    OrderPaid,
    ReservationLapsed,
    ReservationReleased,
    ReservationTaken,
)
from points.enums import Wallet
from points.models import Balance, Entry, Lot, PolicyVersion, Reservation
from tests.flows.shop import DAY, give_back, place, purse, use
from tests.kit.broken import breaks
from tests.points.starter import POINTS_TERMS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
MINUTE = dt.timedelta(minutes=1)
THIRD = dt.date(2026, 3, 3)
SOON, LATE = (THIRD, dt.date(2026, 3, 10)), (THIRD, dt.date(2026, 12, 31))


@pytest.fixture
def ann(join, give):
    """Ann with 150 points that end soon and 300 that end late."""
    member_id = join("ann").id
    give(member_id, 150, "soon", lot=SOON)
    give(member_id, 300, "late", lot=LATE)
    return member_id


def hold(member_id, points, at, key="cart", minutes=None):
    return points_actions.reserve(
        member_id=member_id, source_key=key, points=points, minutes=minutes, at=at, actor="test"
    )


def confirm(held, at, order="order:web:1"):
    return points_actions.confirm(reservation_id=held.id, order_key=order, at=at, actor="test")


def release(held, at):
    return points_actions.release(reservation_id=held.id, at=at, actor="test")


def lots(member_id):
    rows = Lot.objects.filter(member_id=member_id, wallet="points").order_by("expires_on")
    return list(rows.values_list("expires_on", "points"))


def rows():
    """The ledger and its reservations, as they stand."""
    return [list(model.objects.order_by("pk").values()) for model in (Balance, Lot, Entry, Reservation)]


def latest(member_id):
    return points_queries.list_statement(member_id, wallet=Wallet.POINTS, limit=1)[0]


# ---- reserve


def test_what_is_reserved_is_gone_at_once_and_soonest_first(ann, noon):
    held = hold(ann, 200, noon)
    assert (held.state, held.points, held.expires_at) == ("held", 200, noon + 15 * MINUTE)
    assert purse(ann, noon) == (250, 0, 0) and lots(ann) == [(LATE[1], 250)]
    entry = latest(ann)
    assert (entry.kind, entry.points, entry.source_key) == ("redemption", -200, f"reserve:{held.id}")
    assert held.state_at(noon + 14 * MINUTE) == "held" and held.state_at(noon + 15 * MINUTE) == "lapsed"
    with pytest.raises(NotEnoughPoints):
        use(ann, 251, noon)


def test_the_same_key_is_one_reservation_and_other_content_is_refused(ann, noon):
    held = hold(ann, 200, noon)
    before = rows()
    assert hold(ann, 200, noon + MINUTE) == hold(ann, 200, noon, minutes=15) == held
    for points, minutes in ((201, None), (200, 20)):
        with pytest.raises(KeyReused, match="cart is already booked"):
            hold(ann, points, noon, minutes=minutes)
    assert rows() == before
    over = release(held, noon + MINUTE)
    assert hold(ann, 200, noon + 2 * MINUTE) == over and over.state == "released"
    assert purse(ann, noon) == (450, 0, 0)


@pytest.mark.parametrize(
    ("points", "refusal"), [(99, BelowMinimum), (451, NotEnoughPoints), (0, NotPositive), (-200, NotPositive)]
)
def test_a_refused_reservation_changes_nothing(ann, noon, points, refusal):
    before = rows()
    with pytest.raises(refusal, match="Nothing was booked"):
        hold(ann, points, noon)
    assert rows() == before


def test_nothing_is_reserved_in_debt_or_without_a_wallet(ann, noon):
    place("1", ["100"], noon)
    use(ann, 550, noon + 7 * DAY)
    give_back("1", "R", {"1": 1}, noon + 7 * DAY)
    with pytest.raises(NotEnoughPoints, match="100 are owed"):
        hold(ann, 100, noon + 7 * DAY)
    with pytest.raises(NoWallet):
        hold(0, 100, noon)


def test_the_policys_minutes_and_minimum_are_kept(ann, noon):
    redemption = {**POINTS_TERMS["redemption"], "points_min": 120}
    terms = {**POINTS_TERMS, "reservation_minutes": 3, "redemption": redemption}
    PolicyVersion.objects.create(number=2, effective_on=THIRD, terms=terms, published_at=noon)
    with pytest.raises(BelowMinimum, match="119 points were asked for, 120 is the least"):
        hold(ann, 119, noon)
    assert hold(ann, 120, noon).expires_at == noon + 3 * MINUTE
    assert hold(ann, 120, noon, "other", minutes=60).expires_at == noon + 60 * MINUTE
    with pytest.raises(ValueError, match="cannot be held for -1 minutes"):
        hold(ann, 120, noon, "third", minutes=-1)


def test_money_off_keeps_the_minimum_and_other_spending_does_not(ann, noon):
    policy_id = points_queries.policy_on(THIRD).id
    deed = {"member_id": ann, "explanation": [], "policy_id": policy_id, "at": noon, "actor": "test"}
    with pytest.raises(BelowMinimum):
        points_actions.spend(points=99, source_key="a", money_off=True, **deed)
    assert points_actions.spend(points=100, source_key="a", money_off=True, **deed).points == -100
    assert points_actions.spend(points=1, source_key="b", **deed).points == -1
    for points in (0, -5):
        with pytest.raises(NotPositive):
            points_actions.spend(points=points, source_key="c", **deed)


# ---- confirm


def test_a_confirmed_reservation_pays_for_one_order_however_often_it_is_asked(ann, noon):
    held = hold(ann, 200, noon)
    entries = Entry.objects.count()
    done = confirm(held, noon + MINUTE)
    assert (done.state, done.order_key, done.closed_at) == ("confirmed", "order:web:1", noon + MINUTE)
    before = rows()
    assert confirm(held, noon + 60 * MINUTE) == done
    assert rows() == before and Entry.objects.count() == entries
    with pytest.raises(ReservationTaken, match="order:web:1"):
        confirm(held, noon + MINUTE, "order:web:2")
    with pytest.raises(ReservationTaken):
        release(held, noon + MINUTE)
    assert points_queries.reservation_of_order(ann, "order:web:1") == points_queries.find_reservation(held.id) == done
    (row,) = AuditRow.objects.filter(deed="reservation.confirm")
    assert row.becomes == {"reservation": str(held.id), "points": 200, "order": "order:web:1"}


def test_one_order_is_paid_by_one_reservation(ann, noon):
    first, second = hold(ann, 100, noon, "a"), hold(ann, 100, noon, "b")
    confirm(first, noon)
    with pytest.raises(OrderPaid, match="Another reservation"):
        confirm(second, noon)
    assert confirm(second, noon, "order:web:2").state == "confirmed"


def test_what_is_over_cannot_be_confirmed(ann, noon):
    lapsed, released = hold(ann, 100, noon, "a"), hold(ann, 100, noon, "b")
    release(released, noon + MINUTE)
    before = rows()
    with pytest.raises(ReservationReleased, match="Reserve"):
        confirm(released, noon + MINUTE)
    assert lapsed.state_at(noon + 14 * MINUTE) == "held"
    with pytest.raises(ReservationLapsed, match="reserve them again"):
        confirm(lapsed, noon + 15 * MINUTE)
    with pytest.raises(NoReservation, match="There is no reservation"):
        points_actions.confirm(reservation_id=uuid.UUID(int=1), order_key="order:web:1", at=noon, actor="test")
    with pytest.raises(NoReservation):
        points_actions.release(reservation_id=uuid.UUID(int=1), at=noon, actor="test")
    assert points_queries.find_reservation(uuid.UUID(int=1)) is None
    assert rows() == before


# ---- release and lapse


def test_a_reservation_is_held_longer_and_never_shorter(ann, noon):
    held = hold(ann, 100, noon, minutes=15)
    sent = {"reservation_id": held.id, "actor": "test"}
    for until in (noon + 30 * MINUTE, noon + 20 * MINUTE):
        longer = points_actions.extend(expires_at=until, at=noon + MINUTE, **sent)
        assert (longer.expires_at, longer.points, longer.state) == (noon + 30 * MINUTE, 100, "held")
    assert points_reserved.lapse_due(at=noon + 29 * MINUTE, actor="night") == 0
    with pytest.raises(ReservationLapsed):
        points_actions.extend(expires_at=noon + DAY, at=noon + 30 * MINUTE, **sent)
    confirm(held, noon + 29 * MINUTE)
    with pytest.raises(ReservationTaken):
        points_actions.extend(expires_at=noon + DAY, at=noon, **sent)
    with pytest.raises(NoReservation):
        points_actions.extend(reservation_id=uuid.uuid4(), expires_at=noon + DAY, at=noon, actor="test")
    given_up = hold(ann, 100, noon, "other")
    release(given_up, noon)
    with pytest.raises(ReservationReleased):
        points_actions.extend(reservation_id=given_up.id, expires_at=noon + DAY, at=noon, actor="test")


def test_a_release_puts_the_points_into_their_very_lots_once(ann, noon):
    at_first = lots(ann)
    held = hold(ann, 200, noon)
    over = release(held, noon + MINUTE)
    assert (over.state, over.closed_at) == ("released", noon + MINUTE)
    before = rows()
    assert release(held, noon + 2 * MINUTE) == release(held, noon + 60 * MINUTE) == over
    assert rows() == before and lots(ann) == at_first
    entry = latest(ann)
    assert (entry.kind, entry.points, entry.at) == ("restoration", 200, noon + MINUTE)


def test_lapsed_ones_come_back_once_as_of_their_own_time_whoever_comes_first(ann, noon):
    at_first = lots(ann)
    held = hold(ann, 200, noon)
    assert points_reserved.lapse_due(at=noon + 14 * MINUTE, actor="night") == 0
    assert points_reserved.lapse_due(at=noon + 90 * MINUTE, actor="night") == 1
    over = points_queries.find_reservation(held.id)
    assert (over.state, over.closed_at) == ("lapsed", noon + 15 * MINUTE)
    before = rows()
    assert points_reserved.lapse_due(at=noon + 90 * MINUTE, actor="night") == 0
    assert points_actions.lapse(member_id=ann, at=noon + 90 * MINUTE, actor="night") == 0
    assert release(held, noon + 90 * MINUTE) == over
    assert rows() == before and lots(ann) == at_first
    assert (latest(ann).at, latest(ann).points) == (noon + 15 * MINUTE, 200)


def test_a_release_that_comes_too_late_is_a_lapse(ann, noon):
    held = hold(ann, 200, noon)
    over = release(held, noon + 15 * MINUTE)
    assert (over.state, over.closed_at) == ("lapsed", noon + 15 * MINUTE)
    assert purse(ann, noon + 15 * MINUTE) == (450, 0, 0)


def test_what_has_lapsed_can_be_spent_before_any_job_has_run(ann, noon):
    held = hold(ann, 400, noon)
    with pytest.raises(NotEnoughPoints):
        use(ann, 60, noon + 14 * MINUTE)
    use(ann, 60, noon + 15 * MINUTE)
    assert points_queries.find_reservation(held.id).state == "lapsed"
    hold(ann, 390, noon + 20 * MINUTE, "again")
    assert hold(ann, 390, noon + 40 * MINUTE, "third").state == "held"
    assert purse(ann, noon + 40 * MINUTE) == (0, 0, 0)


def test_the_night_and_the_minute_do_the_same(ann, join, give, noon):
    bob = join("bob").id
    give(bob, 100)
    hold(ann, 200, noon), hold(ann, 100, noon, "b"), hold(bob, 100, noon)
    hold(ann, 100, noon, "long", minutes=3 * 24 * 60)
    step = nightly.find_step("lapse_reservations")
    job = run(step, Night(THIRD))
    assert (job.state, job.rows, job.detail) == ("done", 3, {"lapsed": 3})
    assert run(step, Night(THIRD), again=True).rows == 3
    assert purse(ann, noon)[0] == 350 and purse(bob, noon)[0] == 100
    tasks.lapse_reservations()
    assert set(Reservation.objects.values_list("state", flat=True)) == {"lapsed"}


def test_a_lot_that_ends_while_points_are_held_comes_back_with_a_courtesy(ann, noon):
    held = hold(ann, 200, noon, minutes=10 * 24 * 60)
    at = noon + 8 * DAY
    assert release(held, at).state == "released"
    assert lots(ann) == [(dt.date(2026, 3, 18), 150), (LATE[1], 300)]
    steps = {step["code"]: step for step in latest(ann).explanation}
    assert steps["courtesy"] == {"code": "courtesy", "points": 150, "until": "2026-03-18"}


def test_a_hold_that_lapses_on_the_last_day_of_its_lot_expires_with_it(ann, noon):
    last_evening = dt.datetime(2026, 3, 10, 15, 50, tzinfo=dt.UTC)
    hold(ann, 200, last_evening, minutes=9)
    points_actions.lapse(member_id=ann, at=noon + 30 * DAY, actor="night")
    kinds = [(row.kind, row.points) for row in points_queries.list_statement(ann, wallet=Wallet.POINTS)]
    assert sorted(kinds[:2]) == [("expiry", -150), ("restoration", 200)]
    assert lots(ann) == [(LATE[1], 300)]


def test_without_courtesy_what_ended_is_lost_and_the_ledger_says_so(ann, noon):
    PolicyVersion.objects.create(
        number=2, effective_on=THIRD, terms={**POINTS_TERMS, "courtesy_days": 0}, published_at=noon
    )
    some, all_of_it = hold(ann, 100, noon, "a", minutes=10 * 24 * 60), hold(ann, 100, noon, "b", minutes=10 * 24 * 60)
    for held in (some, all_of_it):
        release(held, noon + 8 * DAY)
    assert lots(ann) == [(LATE[1], 300)]
    lines = Entry.objects.filter(member_id=ann, kind="restoration").order_by("seq")
    assert [(line.points, line.explanation[-1]["points"]) for line in lines] == [(0, 100), (50, 50)]
    assert {line.explanation[-1]["code"] for line in lines} == {"lapsed_meanwhile"}
    assert Reservation.objects.filter(state="released").count() == 2


def test_what_comes_back_in_debt_repays_it_first(ann, noon):
    place("1", ["100"], noon)
    held = hold(ann, 200, noon + 7 * DAY)
    use(ann, 350, noon + 7 * DAY)
    assert give_back("1", "R", {"1": 1}, noon + 7 * DAY).debt == 100
    release(held, noon + 7 * DAY + MINUTE)
    assert purse(ann, noon + 7 * DAY + MINUTE) == (100, 0, 0)
    assert latest(ann).explanation[-1] == {"code": "debt_repaid", "points": 100}


# ---- what the database promises


def test_reservations_keep_their_constraints(ann, noon):
    held = hold(ann, 100, noon)
    other = hold(ann, 100, noon, "other")
    confirm(held, noon)
    row = Reservation.objects.filter(id=other.id)
    with breaks("points_reservation_once"):
        row.update(source_key="cart")
    with breaks("points_reservation_one_per_order"):
        row.update(state="confirmed", order_key="order:web:1", closed_at=noon)
    for change in ({"points": 0}, {"expires_at": noon}):
        with breaks("points_reservation_holds_something"):
            row.update(**change)
    for change in (
        {"state": "confirmed", "closed_at": noon},
        {"state": "released"},
        {"state": "lapsed", "closed_at": noon, "order_key": "order:web:2"},
        {"closed_at": noon},
        {"order_key": "order:web:2"},
    ):
        with breaks("points_reservation_closed_once"):
            row.update(**change)
