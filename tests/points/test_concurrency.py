"""Many at once on one member, with real transactions: what is spent was there, what has one name happens once."""

import datetime as dt
import uuid

import pytest

from members.models import Account
from membership_site.flows import member_erased, points_given, points_reserved
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.models import Adjustment, Entry, Reservation
from tests.flows.shop import give_back, place, purse, use
from tests.kit.threads import kinds, overlapping, together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("balanced")]
HOUR = dt.timedelta(hours=1)


def test_thirty_two_spend_at_once_and_only_what_was_there_is_spent(join, give, noon):
    ann = join("ann").id
    for month in (4, 5, 6):
        last = dt.date(2026, month, 28)
        give(ann, 35, f"gift {month}", lot=(dt.date(2026, 3, 3), last))
    answers = together([lambda n=n: use(ann, 10, noon, f"use {n}") for n in range(32)])
    assert kinds(answers) == {"NewEntry": 10, "NotEnoughPoints": 22}
    assert purse(ann, noon) == (5, 0, 0)
    assert sorted(e.seq for e in answers if hasattr(e, "seq")) == list(range(4, 14))


def test_one_name_from_sixteen_is_booked_once_and_all_are_told_the_same(join, give, noon):
    ann = join("ann").id
    answers = together([lambda: give(ann, 100, "gift")] * 16)
    assert {(a.seq, a.points, a.balance_after) for a in answers} == {(1, 100, 100)}
    answers = together([lambda: use(ann, 60, noon, "use")] * 16)
    assert {(a.seq, a.points, a.balance_after) for a in answers} == {(2, -60, 40)}
    answers = together([lambda n=n: use(ann, 10 + n % 2, noon, "other") for n in range(16)])
    assert kinds(answers)["KeyReused"] == 8 and Entry.objects.count() == 3
    assert purse(ann, noon)[0] in (29, 30)


def test_earning_spending_and_work_in_sets_do_not_lose_one_another(join, give, noon):
    ann, bob = join("ann").id, join("bob").id
    give(ann, 1000), give(bob, 1000)

    def in_a_set():
        read = points_actions.read_wallets(member_ids=[bob, ann])
        states = [state for wallets in read.values() for state in wallets.values()]
        points_actions.write_wallets(states=states, at=noon, actor="test")

    deeds = []
    for n in range(8):
        deeds += [lambda n=n: give(ann, 1, f"gift {n}"), lambda n=n: use(ann, 2, noon, f"use {n}"), in_a_set]
    assert set(kinds(together(deeds))) == {"NewEntry", "NoneType"}
    assert (purse(ann, noon), purse(bob, noon)) == ((992, 0, 0), (1000, 0, 0))


def test_both_wallets_of_one_member_at_once(join, give):
    ann = join("ann").id
    deeds = [lambda n=n: give(ann, 1, f"k{n}", wallet=Wallet.GROWTH if n % 2 else Wallet.POINTS) for n in range(20)]
    assert kinds(together(deeds)) == {"NewEntry": 20}


# ---- holds and gifts


def hold(member_id, at, key, points=100):
    return points_actions.reserve(member_id=member_id, source_key=key, points=points, at=at, actor="test")


def gift(donor, recipient, at, key, points=10):
    return points_given.give(donor_id=donor, recipient_id=recipient, points=points, gift_key=key, at=at, actor="test")


def test_thirty_two_hold_at_once_and_only_what_was_there_is_held(join, give, noon):
    ann = join("ann").id
    give(ann, 1050)
    answers = together([lambda n=n: hold(ann, noon, f"cart {n}") for n in range(32)])
    assert kinds(answers) == {"Reservation": 10, "NotEnoughPoints": 22}
    assert purse(ann, noon) == (50, 0, 0)
    same = together([lambda: hold(ann, noon + HOUR, "again")] * 16)
    assert len({answer.id for answer in same}) == 1
    assert Entry.objects.filter(kind="restoration").count() == 10, "lapsed ones came back for it, each once"
    assert purse(ann, noon + HOUR) == (950, 0, 0)


def test_confirm_release_and_lapse_at_once_decide_once(join, give, noon):
    ann = join("ann").id
    give(ann, 1000)
    for turn in range(6):
        held = hold(ann, noon, f"cart {turn}")

        def confirm(order, held=held):
            return points_actions.confirm(reservation_id=held.id, order_key=order, at=noon, actor="test")

        def release(at, held=held):
            return points_actions.release(reservation_id=held.id, at=at, actor="test")

        deeds = [lambda turn=turn: confirm(f"order:web:{turn}"), lambda turn=turn: confirm(f"order:pos:{turn}")]
        deeds += [lambda: release(noon), lambda: release(noon + HOUR)] * 2
        deeds += [lambda: points_actions.lapse(member_id=ann, at=noon + HOUR, actor="night")] * 2
        together(deeds * 2)
        over = points_queries.find_reservation(held.id)
        back = Entry.objects.filter(kind="restoration", source_key=f"reserve:{held.id}").count()
        assert (over.state, back) in {("confirmed", 0), ("released", 1), ("lapsed", 1)}
    spent = Reservation.objects.filter(state="confirmed").count() * 100
    assert purse(ann, noon) == (1000 - spent, 0, 0)


def test_one_order_is_paid_once_by_sixteen_reservations(join, give, noon):
    ann = join("ann").id
    give(ann, 1600)
    held = [hold(ann, noon, f"cart {n}") for n in range(16)]
    answers = together(
        [lambda one=one: points_actions.confirm(
            reservation_id=one.id, order_key="order:web:1", at=noon, actor="test"
        ) for one in held]
    )  # fmt: skip
    assert kinds(answers) == {"Reservation": 1, "OrderPaid": 15}


def test_gifts_in_a_ring_never_stop_one_another_and_lose_nothing(join, give, noon):
    ring = [join(f"guest{n}").id for n in range(8)]
    for member_id in ring:
        give(member_id, 60)
    deeds = []
    for turn in range(4):
        for seat, donor in enumerate(ring):
            step = 1 if turn % 2 else -1
            recipient = ring[(seat + step) % len(ring)]
            deeds.append(lambda d=donor, r=recipient, t=turn: gift(d, r, noon, f"{d}:{r}:{t}", 30))
    answers = together(deeds)
    assert set(kinds(answers)) <= {"NewEntry", "NotEnoughPoints"}
    assert kinds(answers)["NewEntry"] >= 16
    assert sum(purse(member_id, noon)[0] for member_id in ring) == 8 * 60


def test_sixteen_gifts_at_once_never_pass_the_days_limit(join, give, noon):
    ann, bob = join("ann").id, join("bob").id
    give(ann, 5000)
    answers = together([lambda n=n: gift(ann, bob, noon, f"{n}", 150) for n in range(16)])
    assert kinds(answers) == {"NewEntry": 6, "GiftCapReached": 10}
    assert (purse(ann, noon)[0], purse(bob, noon)[0]) == (4100, 900)
    same = together([lambda: gift(bob, ann, noon, "back", 100)] * 8)
    assert {answer.seq for answer in same} == {7} and purse(ann, noon)[0] == 4200


def test_everything_at_once_on_three_members(join, give, noon):
    """Thirty-two deeds of all kinds; what each was told adds up to what is there, and nothing waits for ever."""
    members = [join(name).id for name in ("ann", "bob", "cid")]
    for member_id in members:
        give(member_id, 400)
    held = [hold(member_id, noon, "first") for member_id in members]
    deeds = []
    for n in range(8):
        one, other = members[n % 3], members[(n + 1 + n // 4) % 3]
        deeds += [
            lambda n=n, a=one, b=other: gift(a, b, noon, f"g{n}", 90),
            lambda n=n, a=one: use(a, 70, noon, f"u{n}"),
            lambda n=n, a=other: hold(a, noon + HOUR, f"h{n}"),
            lambda n=n: points_actions.release(reservation_id=held[n % 3].id, at=noon, actor="test"),
        ]
    answers = together(deeds)
    assert set(kinds(answers)) <= {"NewEntry", "Reservation", "NotEnoughPoints"}
    spent = sum(-a.points for a in answers if kinds([a]) == {"NewEntry": 1} and a.kind == "redemption")
    on_hold = sum(Reservation.objects.filter(state="held").values_list("points", flat=True))
    assert sum(purse(member_id, noon)[0] for member_id in members) == 1200 - spent - on_hold
    assert Entry.objects.filter(kind="restoration", source_key__in=[f"reserve:{one.id}" for one in held]).count() == 3


def test_returns_and_a_confirmation_at_once_bring_the_points_back_once(join, give, noon):
    ann = join("ann").id
    give(ann, 1200)
    for turn in range(6):
        held, number = hold(ann, noon, f"cart {turn}"), f"o{turn}"
        place(number, [("a", 4, "25")], noon)
        deeds = [
            lambda n=number, held=held: points_reserved.confirm(
                reservation_id=held.id, source="web", order_id=n, at=noon, actor="test"
            )
        ]
        deeds += [lambda n=number, unit=unit: give_back(n, f"R{unit}", {"a": 1}, noon) for unit in range(4)]
        answers = together(deeds)
        assert kinds(answers) == {"Reservation": 1, "RefundAnswer": 4}
        assert purse(ann, noon) == (1200, 0, 0)


def test_nobody_gives_to_who_is_erased_meanwhile(join, give, noon):
    ann, bob = join("ann").id, join("bob").id
    give(ann, 100)
    answers = overlapping(
        lambda: member_erased.erase(member_id=bob, reason="", by_request=True, at=noon, actor="member"),
        lambda: gift(ann, bob, noon, "late"),
    )
    assert kinds(answers) == {"Erased": 1, "NotAMember": 1}
    assert purse(ann, noon) == (100, 0, 0)


def test_what_waits_about_a_member_is_locked_and_nothing_elses(join, noon):
    ann, bob = join("ann").id, join("bob").id
    agent = Account.objects.create_user("agent@staff.example", None, is_staff=True, roles=["agent"]).id
    asked = {
        who: points_actions.request_adjustment(
            member_id=who, points=5000, reason="Goodwill", requested_by=agent, form_key=uuid.uuid4(), at=noon, actor="t"
        ).id
        for who in (ann, bob)
    }
    answers = overlapping(
        lambda: points_actions.lock_requests(member_ids=[ann], at=noon, actor="test"),
        lambda: list(Adjustment.objects.select_for_update(skip_locked=True).values_list("id", flat=True)),
    )
    assert answers == [None, [asked[bob]]]
