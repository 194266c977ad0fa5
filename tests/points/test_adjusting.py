"""What the staff book by hand: within limits at once, above them by a second person, never for oneself, undone once."""

import datetime as dt
import uuid

import pytest

from kit.models import AuditRow
from members.models import Account, Member
from points import actions as points_actions
from points import queries as points_queries
from points.actions import (
    AlreadyDecided,
    BadAdjustment,
    KeyReused,
    NotEnoughPoints,
    NotForOneself,
    NothingLeft,
    NotOwed,
    NotReinstatable,
    NotUndoable,
    NotWhoAsked,
    NoWallet,
    OwnRequest,
    UnknownAdjustment,
    WindowOver,
)
from points.enums import EntryKind, RequestKind, RequestState, SecondBecause, Wallet
from points.models import Adjustment, Balance, Entry, Lot
from tests.flows.shop import DAY, do, give_back, place, purse, use
from tests.kit.broken import breaks
from tests.kit.threads import kinds, together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("balanced")]
THIRD = dt.date(2026, 3, 3)


@pytest.fixture
def ann(join):
    return join("ann").id


@pytest.fixture
def agent(db):
    return staff("agent")


@pytest.fixture
def finance(db):
    return staff("finance")


def staff(role, email=""):
    """Will open a log-in of the staff."""
    return Account.objects.create_user(email or f"{role}@staff.example", None, is_staff=True, roles=[role]).id


def books():
    """All rows of the ledger and of requests, as they stand."""
    return [list(model.objects.order_by("pk").values()) for model in (Balance, Lot, Entry, Adjustment, AuditRow)]


def ask(member_id, points, by, at, *, reason="Late delivery", note="", form_key=None):
    """Will ask for an adjustment."""
    return points_actions.request_adjustment(
        member_id=member_id,
        points=points,
        reason=reason,
        note=note,
        requested_by=by,
        form_key=form_key or uuid.uuid4(),
        at=at,
        actor=f"staff:{by}",
    )


def take_back(adjustment_id, by, at, form_key=None):
    """Will ask to undo one."""
    return points_actions.undo(
        adjustment_id=adjustment_id,
        reason="Points given by mistake",
        requested_by=by,
        form_key=form_key or uuid.uuid4(),
        at=at,
        actor=f"staff:{by}",
    )


def bring_back(member_id, key, by, at, form_key=None):
    """Will ask to reinstate an expiry."""
    return points_actions.request_reinstatement(
        member_id=member_id,
        expiry_key=key,
        reason="Goodwill",
        requested_by=by,
        form_key=form_key or uuid.uuid4(),
        at=at,
        actor=f"staff:{by}",
    )


def write_off(member_id, points, by, at, form_key=None):
    """Will ask to write off a debt."""
    return points_actions.request_write_off(
        member_id=member_id,
        points=points,
        reason="Goodwill",
        requested_by=by,
        form_key=form_key or uuid.uuid4(),
        at=at,
        actor=f"staff:{by}",
    )


def entry_of(answer):
    return Entry.objects.get(source_key=f"adjustment:{answer.id}", wallet=Wallet.POINTS)


def owing(member_id, points, at):
    """Will let a member owe points: credited, spent, and taken back again."""
    from points.actions.books import close_books, open_books
    from points.enums import RefundPolicy
    from points.rules import ledger

    deed = ledger.Deed(at, THIRD, points_queries.policy_on(THIRD).id, "test")
    state = open_books(member_id, "", "", THIRD)
    ledger.reverse(
        state.wallets[Wallet.POINTS],
        deed,
        f"debt:{uuid.uuid4()}",
        points,
        (THIRD, THIRD),
        RefundPolicy.FULL,
        [{"code": "test"}],
        THIRD,
    )
    close_books(state)


# ---- at once


def test_within_the_limit_it_is_booked_at_once_and_lasts_as_earned_points_do(ann, agent, give, noon):
    give(ann, 100)
    answer = ask(ann, 500, agent, noon, note="Called by phone")
    assert (answer.state, answer.points, answer.available, answer.second) == (RequestState.BOOKED, 500, 600, None)
    entry = entry_of(answer)
    assert (entry.kind, entry.points, entry.actor) == (EntryKind.ADJUSTMENT, 500, f"staff:{agent}")
    assert entry.expires_on == points_queries.policy_on(THIRD).expires_on(THIRD)
    assert entry.explanation == [{"code": "adjusted", "kind": "adjustment", "reason": "Late delivery"}]
    audit = AuditRow.objects.get()
    assert (audit.deed, audit.subject, audit.actor) == ("points.booked", f"member:{ann}", f"staff:{agent}")
    assert audit.was == {"available": 100, "debt": 0} and audit.reason == "Late delivery"
    assert audit.becomes["available"] == 600 and audit.becomes["points"] == 500


def test_taking_points_takes_those_that_expire_soonest_and_never_makes_a_debt(ann, agent, give, noon):
    give(ann, 60, "june", lot=(THIRD, dt.date(2026, 6, 30)))
    give(ann, 40, "may", lot=(THIRD, dt.date(2026, 5, 31)))
    give(ann, 999, "pending", lot=(dt.date(2026, 3, 10), dt.date(2027, 3, 31)))
    entry = entry_of(ask(ann, -50, agent, noon))
    assert list(zip(entry.lot_expires_on, entry.lot_points, strict=True)) == [
        (dt.date(2026, 5, 31), 40),
        (dt.date(2026, 6, 30), 10),
    ]
    before = books()
    with pytest.raises(NotEnoughPoints) as refusal:
        ask(ann, -51, agent, noon)
    assert (refusal.value.wanted, refusal.value.spendable) == (51, 50) and books() == before
    with pytest.raises(NotEnoughPoints):
        ask(ann, -501, agent, noon)  # above the limit too: what cannot be booked does not wait either
    assert books() == before
    assert ask(ann, -50, agent, noon).available == 0


def test_what_is_added_repays_a_debt_first(ann, agent, noon):
    owing(ann, 70, noon)
    answer = ask(ann, 100, agent, noon)
    assert (answer.available, answer.debt) == (30, 0)
    assert {"code": "debt_repaid", "points": 70} in entry_of(answer).explanation
    owing(ann, 100, noon)
    with pytest.raises(NotEnoughPoints, match="70 are owed"):
        ask(ann, -1, agent, noon)


@pytest.mark.parametrize("points", [0, 10_000_001, -10_000_001])
def test_nothing_and_slips_of_the_finger_are_refused(ann, agent, noon, points):
    before = books()
    with pytest.raises(BadAdjustment, match="no number of points"):
        ask(ann, points, agent, noon)
    with pytest.raises(BadAdjustment, match="reason is missing"):
        ask(ann, 5, agent, noon, reason="  ")
    assert books() == before


def test_who_has_not_joined_has_nothing_to_adjust(agent, programme, noon):
    with pytest.raises(NoWallet):
        ask(0, 5, agent, noon)
    assert not Adjustment.objects.exists()


# ---- limits


def test_limits_are_inclusive_and_count_what_was_booked_alone_that_day(ann, agent, finance, noon):
    assert ask(ann, 500, agent, noon).second is None
    assert ask(ann, 501, agent, noon).second is SecondBecause.ALONE
    for points in (500, -500, 499):
        assert ask(ann, points, agent, noon).second is None
    assert points_queries.alone(agent, noon) == points_queries.Alone(1, 1)
    assert ask(ann, 2, agent, noon).second is SecondBecause.DAY
    assert ask(ann, -1, agent, noon).second is None
    assert ask(ann, 1, agent, noon).second is SecondBecause.DAY
    assert points_queries.alone(agent, noon) == points_queries.Alone(0, 0)
    assert ask(ann, 1, finance, noon).second is None, "another person has a day of his own"
    midnight = dt.datetime(2026, 3, 3, 16, 0, tzinfo=dt.UTC)  # in Shanghai
    assert ask(ann, 1, agent, midnight - dt.timedelta(microseconds=1)).second is SecondBecause.DAY
    assert ask(ann, 500, agent, midnight).second is None, "the day is the programme's"


def test_what_a_second_person_agreed_to_counts_for_nobodys_day(ann, agent, finance, noon):
    big = ask(ann, 5000, agent, noon)
    points_actions.approve(adjustment_id=big.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    for by in (agent, finance):
        assert points_queries.alone(by, noon) == points_queries.Alone(500, 2000)


@pytest.mark.django_db(transaction=True)
def test_sixteen_hands_of_one_person_keep_the_limit_of_the_day(ann, join, agent, noon):
    others = [join(f"m{i}").id for i in range(3)]
    people = [ann, *others] * 4
    answers = together([lambda m=m: ask(m, 300, agent, noon) for m in people])
    booked = [answer for answer in answers if answer.state is RequestState.BOOKED]
    assert kinds(answers) == {"Answer": 16} and len(booked) == 6
    assert sum(Entry.objects.filter(kind=EntryKind.ADJUSTMENT).values_list("points", flat=True)) == 1800
    assert points_queries.waiting().count == 10


@pytest.mark.django_db(transaction=True)
def test_the_same_form_sixteen_times_at_once_is_booked_once(ann, agent, noon):
    key = uuid.uuid4()
    answers = together([lambda: ask(ann, 100, agent, noon, form_key=key) for _ in range(16)])
    assert kinds(answers) == {"Answer": 16} and {answer.id for answer in answers} == {answers[0].id}
    assert sum(not answer.is_repeat for answer in answers) == 1 and purse(ann, noon) == (100, 0, 0)


def test_a_second_press_is_no_second_one_and_other_content_is_refused(ann, join, agent, finance, noon):
    key = uuid.uuid4()
    first = ask(ann, 100, agent, noon, form_key=key)
    before = books()
    again = ask(ann, 100, agent, noon + DAY, form_key=key)
    assert (again.id, again.points, again.is_repeat) == (first.id, 100, True) and books() == before
    bob = join("bob").id
    for other in (
        lambda: ask(ann, 101, agent, noon, form_key=key),
        lambda: ask(bob, 100, agent, noon, form_key=key),
        lambda: ask(ann, 100, finance, noon, form_key=key),
        lambda: ask(ann, 100, agent, noon, reason="Other", form_key=key),
        lambda: ask(ann, 100, agent, noon, note="Other", form_key=key),
        lambda: take_back(first.id, agent, noon, form_key=key),
        lambda: write_off(ann, 100, agent, noon, form_key=key),
    ):
        with pytest.raises(KeyReused):
            other()


# ---- a second person


def test_above_the_limit_it_waits_and_a_second_person_books_it(ann, agent, finance, noon):
    answer = ask(ann, 5000, agent, noon)
    assert (answer.state, answer.points, answer.available) == (RequestState.WAITING, 0, 0)
    assert not Entry.objects.exists() and points_queries.waiting().count == 1
    later = noon + DAY
    booked = points_actions.approve(
        adjustment_id=answer.id, decided_by=finance, note="Seen the parcel", at=later, actor=f"staff:{finance}"
    )
    assert (booked.state, booked.points, booked.available) == (RequestState.BOOKED, 5000, 5000)
    entry = entry_of(answer)
    assert (entry.actor, entry.at, entry.active_on) == (f"staff:{finance}", later, later.date())
    before = books()
    again = points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=later, actor=f"staff:{finance}")
    assert again.is_repeat and again.points == 5000 and books() == before
    for by, decide in (
        (staff("operator"), points_actions.approve),
        (finance, points_actions.refuse),
        (agent, points_actions.approve),
    ):
        with pytest.raises(AlreadyDecided, match="booked already"):
            decide(adjustment_id=answer.id, decided_by=by, note="x", at=later, actor=f"staff:{by}")
    deeds = list(AuditRow.objects.order_by("id").values_list("deed", "actor", "reason"))
    assert deeds == [
        ("points.requested", f"staff:{agent}", "Late delivery"),
        ("points.approved", f"staff:{finance}", "Seen the parcel"),
    ]


def test_refusing_takes_words_and_is_final(ann, agent, finance, noon):
    answer = ask(ann, 5000, agent, noon)
    with pytest.raises(BadAdjustment, match="Say why"):
        points_actions.refuse(adjustment_id=answer.id, decided_by=finance, note=" ", at=noon, actor=f"staff:{finance}")
    assert points_queries.waiting().count == 1
    refused = points_actions.refuse(
        adjustment_id=answer.id, decided_by=finance, note="No parcel was late", at=noon, actor=f"staff:{finance}"
    )
    assert refused.state is RequestState.REFUSED and purse(ann, noon) == (0, 0, 0)
    assert points_actions.refuse(
        adjustment_id=answer.id, decided_by=finance, note="x", at=noon, actor=f"staff:{finance}"
    ).is_repeat
    with pytest.raises(AlreadyDecided, match="refused already"):
        points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    with pytest.raises(UnknownAdjustment):
        points_actions.approve(adjustment_id=answer.id + 1, decided_by=finance, at=noon, actor=f"staff:{finance}")
    with pytest.raises(UnknownAdjustment):
        points_actions.refuse(
            adjustment_id=answer.id + 1, decided_by=finance, note="x", at=noon, actor=f"staff:{finance}"
        )
    row = points_queries.get_adjustment(answer.id)
    assert (row.decision_note, row.decided_by, row.booked) == ("No parcel was late", finance, None)


def withdraw(adjustment_id, by, at):
    """Will take back a request."""
    return points_actions.withdraw(adjustment_id=adjustment_id, withdrawn_by=by, at=at, actor=f"staff:{by}")


def test_who_asked_withdraws_and_nobody_else(ann, agent, finance, give, noon):
    give(ann, 100)
    answer = ask(ann, 5000, agent, noon)
    before = books()
    for by in (finance, staff("operator"), staff("finance", "ann@example.com")):
        with pytest.raises(NotWhoAsked, match="Only who asked"):
            withdraw(answer.id, by, noon)
    with pytest.raises(UnknownAdjustment):
        withdraw(answer.id + 1, agent, noon)
    assert books() == before
    done = withdraw(answer.id, agent, noon + DAY)
    assert (done.state, done.points, done.available, done.is_repeat) == (RequestState.WITHDRAWN, 0, 100, False)
    row = points_queries.get_adjustment(answer.id)
    assert (row.state, row.decided_by, row.decided_at) == (RequestState.WITHDRAWN, None, noon + DAY)
    assert points_queries.waiting().count == 0 and purse(ann, noon) == (100, 0, 0)
    assert [row.id for row in points_queries.list_decided()] == [answer.id]
    after = books()
    again = withdraw(answer.id, agent, noon + 2 * DAY)
    assert again.is_repeat and again.state is RequestState.WITHDRAWN and books() == after
    for decide in (points_actions.approve, points_actions.refuse):
        with pytest.raises(AlreadyDecided, match="withdrawn already"):
            decide(adjustment_id=answer.id, decided_by=finance, note="x", at=noon + DAY, actor=f"staff:{finance}")
    assert books() == after
    deeds = list(AuditRow.objects.order_by("id").values_list("deed", "actor", "subject", "reason"))
    assert deeds[-1] == ("points.withdrawn", f"staff:{agent}", f"member:{ann}", "Late delivery") and len(deeds) == 2


def test_what_was_decided_is_withdrawn_no_more(ann, agent, finance, noon):
    booked, refused, small = ask(ann, 5000, agent, noon), ask(ann, 600, agent, noon), ask(ann, 5, agent, noon)
    points_actions.approve(adjustment_id=booked.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    points_actions.refuse(adjustment_id=refused.id, decided_by=finance, note="No", at=noon, actor=f"staff:{finance}")
    before = books()
    for answer in (booked, refused, small):
        with pytest.raises(AlreadyDecided):
            withdraw(answer.id, agent, noon)
    assert books() == before


def test_what_was_withdrawn_may_be_asked_for_again(ann, agent, finance, give, noon):
    """An undo, a reinstatement and a write-off; each once at a time as before."""
    big = ask(ann, 5000, agent, noon)
    points_actions.approve(adjustment_id=big.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    first = take_back(big.id, agent, noon)
    with pytest.raises(NotUndoable):
        take_back(big.id, agent, noon)
    withdraw(first.id, agent, noon)
    assert points_queries.offers_of(ann, [f"adjustment:{big.id}"], noon)
    second = take_back(big.id, agent, noon)
    assert second.state is RequestState.WAITING and second.id != first.id
    points_actions.approve(adjustment_id=second.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    give(ann, 700, "march", lot=(THIRD, dt.date(2026, 3, 31)))
    april = dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC)
    give(ann, 1, "april", at=april)
    key = Entry.objects.get(kind=EntryKind.EXPIRY).source_key
    withdraw(bring_back(ann, key, agent, april).id, agent, april)
    assert bring_back(ann, key, agent, april).state is RequestState.WAITING
    owing(ann, 900, april)
    withdraw(write_off(ann, 10, agent, april).id, agent, april)
    assert write_off(ann, 10, agent, april).state is RequestState.WAITING


@pytest.mark.django_db(transaction=True)
def test_withdrawn_and_agreed_to_at_once_is_one_of_the_two(ann, agent, noon):
    for number in range(4):
        answer = ask(ann, 5000, agent, noon)
        by = staff("finance", f"f{number}@staff.example")
        before = purse(ann, noon)[0]
        answers = together(
            [
                lambda a=answer: withdraw(a.id, agent, noon),
                lambda a=answer, by=by: points_actions.approve(
                    adjustment_id=a.id, decided_by=by, at=noon, actor=f"staff:{by}"
                ),
            ]
        )
        assert kinds(answers) == {"Answer": 1, "AlreadyDecided": 1}
        booked = points_queries.get_adjustment(answer.id).state is RequestState.BOOKED
        assert purse(ann, noon)[0] == before + (5000 if booked else 0)


def test_requester_second_and_member_are_three_people(ann, agent, noon):
    """By the action in words; by his log-in, and by his e-mail address where the staff log-in bears it."""
    own = staff("operator", "ann@example.com")
    before = books()
    with pytest.raises(NotForOneself, match="your own"):
        ask(ann, 5, own, noon)
    assert books() == before
    answer = ask(ann, 5000, agent, noon)
    assert Adjustment.objects.get().beneficiary_id == own
    for by, error in ((agent, OwnRequest), (own, NotForOneself)):
        for decide in (points_actions.approve, points_actions.refuse):
            with pytest.raises(error):
                decide(adjustment_id=answer.id, decided_by=by, note="x", at=noon, actor=f"staff:{by}")
    assert points_queries.waiting().count == 1
    assert points_queries.waiting(not_of=agent).count == points_queries.waiting(not_of=own).count == 0
    linked = staff("finance", "other@example.com")
    Member.objects.filter(id=ann).update(account_id=linked)
    for deed in (
        lambda: ask(ann, 5, linked, noon),
        lambda: points_actions.approve(adjustment_id=answer.id, decided_by=linked, at=noon, actor=f"staff:{linked}"),
    ):
        with pytest.raises(NotForOneself):
            deed()


def test_what_has_become_impossible_meanwhile_is_refused_and_waits_on(ann, agent, finance, give, noon):
    give(ann, 1000)
    answer = ask(ann, -600, agent, noon)
    use(ann, 500, noon)
    before = books()
    with pytest.raises(NotEnoughPoints):
        points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    assert books() == before and points_queries.waiting().count == 1
    give(ann, 100, "again")
    assert (
        points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=noon, actor=f"staff:{finance}").available
        == 0
    )


@pytest.mark.django_db(transaction=True)
def test_many_second_persons_at_once_book_it_once(ann, agent, noon):
    answer = ask(ann, 5000, agent, noon)
    others = [staff("finance", f"f{i}@staff.example") for i in range(8)]
    deeds = [
        lambda by=by: points_actions.approve(adjustment_id=answer.id, decided_by=by, at=noon, actor=f"staff:{by}")
        for by in others
    ] + [
        lambda: points_actions.refuse(
            adjustment_id=answer.id, decided_by=others[0], note="x", at=noon, actor=f"staff:{others[0]}"
        )
    ]
    assert kinds(together(deeds)) == {"Answer": 1, "AlreadyDecided": 8}
    row = points_queries.get_adjustment(answer.id)
    assert purse(ann, noon)[0] == (5000 if row.state is RequestState.BOOKED else 0)


# ---- write-off


def test_a_debt_is_written_off_by_two_however_small(ann, agent, finance, noon):
    owing(ann, 300, noon)
    answer = write_off(ann, 100, agent, noon)
    assert answer.second is SecondBecause.WRITE_OFF and purse(ann, noon) == (0, 0, 300)
    done = points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    entry = entry_of(answer)
    assert (entry.kind, entry.points, entry.debt_change, entry.lot_points) == (EntryKind.WRITE_OFF, 100, -100, [])
    assert (done.points, done.debt) == (100, 200) and purse(ann, noon) == (0, 0, 200)
    with pytest.raises(NotOwed, match="201 points were to be written off, 200 are owed"):
        write_off(ann, 201, agent, noon)
    for points in (0, -5):
        with pytest.raises(BadAdjustment):
            write_off(ann, points, agent, noon)
    rest = write_off(ann, 200, agent, noon)
    ask(ann, 50, agent, noon)
    with pytest.raises(NotOwed):
        points_actions.approve(adjustment_id=rest.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    assert points_queries.waiting().count == 1
    with pytest.raises(NotUndoable, match="stays written off"):
        take_back(answer.id, agent, noon)


# ---- undo


def test_undo_takes_from_the_very_lot_and_once(ann, agent, give, noon):
    give(ann, 400, "soon", lot=(THIRD, dt.date(2026, 3, 31)))
    first = ask(ann, 500, agent, noon)
    undone = take_back(first.id, agent, noon)
    entry = entry_of(undone)
    assert (entry.kind, entry.points, entry.lot_expires_on) == (EntryKind.ADJUSTMENT, -500, [dt.date(2027, 3, 31)])
    assert purse(ann, noon) == (400, 0, 0)
    before = books()
    with pytest.raises(NotUndoable, match="undone before"):
        take_back(first.id, agent, noon)
    with pytest.raises(UnknownAdjustment):
        take_back(first.id + 99, agent, noon)
    assert books() == before


def test_undo_says_what_it_cannot_take(ann, agent, give, noon):
    first = ask(ann, 500, agent, noon)
    use(ann, 300, noon)
    undone = take_back(first.id, agent, noon)
    assert (undone.asked, undone.points, undone.available) == (-500, -200, 0)
    assert {"code": "undo_left", "points": 300} in entry_of(undone).explanation
    other = ask(ann, 500, agent, noon)
    use(ann, 500, noon)
    before = books()
    with pytest.raises(NothingLeft, match="All 500"):
        take_back(other.id, agent, noon)
    assert books() == before


def test_undo_gives_back_to_the_very_lots(ann, agent, give, noon):
    give(ann, 100, "march", lot=(THIRD, dt.date(2026, 3, 31)))
    give(ann, 100, "june", lot=(THIRD, dt.date(2026, 6, 30)))
    lots = list(Lot.objects.order_by("pk").values())
    first = ask(ann, -150, agent, noon)
    again = take_back(first.id, agent, noon)
    assert again.available == 200 and list(Lot.objects.order_by("pk").values()) == lots
    third = take_back(again.id, agent, noon)
    assert (third.points, third.available) == (-150, 50), "an undo can be undone"
    april = dt.datetime(2026, 4, 10, 4, tzinfo=dt.UTC)
    late = take_back(third.id, agent, april)
    assert {"code": "ended_meanwhile", "points": 100, "until": "2026-04-17"} in entry_of(late).explanation
    assert set(Lot.objects.filter(member_id=ann).values_list("expires_on", "points")) == {
        (dt.date(2026, 4, 17), 100),
        (dt.date(2026, 6, 30), 100),
    }


def test_undo_gives_back_to_who_owes_by_repaying_first(ann, agent, give, noon):
    give(ann, 100, "march", lot=(THIRD, dt.date(2026, 3, 31)))
    first = ask(ann, -100, agent, noon)
    owing(ann, 70, noon)
    again = take_back(first.id, agent, noon)
    assert (again.points, again.available, again.debt) == (100, 30, 0)
    assert {"code": "debt_repaid", "points": 70} in entry_of(again).explanation
    owing(ann, 230, noon)
    second = take_back(take_back_of(ann, agent, noon), agent, noon)
    assert (second.points, second.available) == (20, 0)


def take_back_of(ann, agent, noon):
    """Will take 20 from who has 30 - 230 + 220, and let him owe 20 again; returns the request."""
    ask(ann, 220, agent, noon)
    taken = ask(ann, -20, agent, noon).id
    owing(ann, 20, noon)
    return taken


def test_undo_obeys_the_limits_and_waits_without_being_asked_twice(ann, agent, finance, noon):
    big = ask(ann, 5000, agent, noon)
    with pytest.raises(NotUndoable, match="not booked"):
        take_back(big.id, agent, noon)
    points_actions.approve(adjustment_id=big.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    asked = take_back(big.id, agent, noon)
    assert asked.second is SecondBecause.ALONE and purse(ann, noon) == (5000, 0, 0)
    with pytest.raises(NotUndoable):
        take_back(big.id, finance, noon)
    points_actions.refuse(
        adjustment_id=asked.id, decided_by=finance, note="It was right", at=noon, actor=f"staff:{finance}"
    )
    again = take_back(big.id, agent, noon)
    use(ann, 1000, noon)
    done = points_actions.approve(adjustment_id=again.id, decided_by=finance, at=noon, actor=f"staff:{finance}")
    assert (done.points, done.available) == (-4000, 0)


@pytest.mark.django_db(transaction=True)
def test_many_undo_it_at_once_and_one_does(ann, noon):
    people = [staff("agent", f"a{i}@staff.example") for i in range(8)]
    first = ask(ann, 500, people[0], noon)
    answers = together([lambda by=by: take_back(first.id, by, noon) for by in people])
    assert kinds(answers) == {"Answer": 1, "NotUndoable": 7} and purse(ann, noon) == (0, 0, 0)


# ---- reinstatement


@pytest.fixture
def expired(ann, give, noon):
    """120 points of Ann's that ended with 31 March; the key of that expiry, booked on touch."""
    give(ann, 120, "march", lot=(THIRD, dt.date(2026, 3, 31)))
    give(ann, 1, "april", at=dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    return Entry.objects.get(kind=EntryKind.EXPIRY).source_key


def test_expired_points_come_back_once_with_a_fresh_validity(ann, agent, expired, noon):
    april = dt.datetime(2026, 4, 10, 4, tzinfo=dt.UTC)
    answer = bring_back(ann, expired, agent, april)
    entry = entry_of(answer)
    assert (entry.kind, entry.points) == (EntryKind.REINSTATEMENT, 120)
    assert (entry.active_on, entry.expires_on) == (dt.date(2026, 4, 10), dt.date(2026, 4, 17))
    assert entry.explanation == [
        {
            "code": "adjusted",
            "kind": "reinstatement",
            "reason": "Goodwill",
            "expired_on": "2026-03-31",
            "until": "2026-04-17",
        }
    ]
    before = books()
    with pytest.raises(NotReinstatable, match="brought back before"):
        bring_back(ann, expired, agent, april)
    for key in ("expiry:2026-03-31:99", "adjustment:1", ""):
        with pytest.raises(NotReinstatable, match="No points"):
            bring_back(ann, key, agent, april)
    assert books() == before
    assert take_back(answer.id, agent, april).points == -120


@pytest.mark.parametrize(("day", "comes"), [(dt.date(2026, 5, 30), True), (dt.date(2026, 5, 31), False)])
def test_the_window_ends_sixty_days_after_the_last_date(ann, agent, expired, day, comes):
    at = dt.datetime.combine(day, dt.time(15, 59), tzinfo=dt.UTC)  # a minute before midnight in Shanghai
    offers = points_queries.offers_of(ann, [expired], at)
    assert bool(offers) is comes
    if comes:
        assert bring_back(ann, expired, agent, at).points == 120
        assert points_queries.offers_of(ann, [expired], at) == {}
    else:
        with pytest.raises(WindowOver, match="through 2026-05-30"):
            bring_back(ann, expired, agent, at)


def test_what_can_be_done_about_entries(ann, agent, finance, expired, noon):
    """Undo for what is booked and not undone; nothing for what waits."""
    april = dt.datetime(2026, 4, 10, 4, tzinfo=dt.UTC)
    booked, waits = ask(ann, 5, agent, april), ask(ann, 5000, agent, april)
    undone = ask(ann, 7, agent, april)
    undo = take_back(undone.id, agent, april)
    keys = [f"adjustment:{a.id}" for a in (booked, waits, undone, undo)] + [expired, "order:web:1:line:1"]
    offers = points_queries.offers_of(ann, keys, april)
    assert {key: offer.kind for key, offer in offers.items()} == {
        f"adjustment:{booked.id}": RequestKind.UNDO,
        f"adjustment:{undo.id}": RequestKind.UNDO,
        expired: RequestKind.REINSTATEMENT,
    }
    assert offers[expired].through == dt.date(2026, 5, 30)


# ---- what is foretold is what is booked


def test_what_is_foretold_is_what_is_booked(ann, agent, give, noon):
    give(ann, 300, "a", lot=(THIRD, dt.date(2026, 3, 31)))
    first = ask(ann, 100, agent, noon)
    use(ann, 350, noon)
    undo = points_queries.request_of_undo(first.id, "Points given by mistake")[1]
    april = dt.datetime(2026, 4, 10, 4, tzinfo=dt.UTC)
    foreseen = points_queries.foresee(member_id=ann, asked=undo, account_id=agent, at=april)
    done = take_back(first.id, agent, april)
    assert foreseen.second is None
    assert (foreseen.outcome.points, foreseen.outcome.available, foreseen.outcome.left) == (-50, 0, 50)
    assert (done.points, done.available) == (-50, 0)


def test_lists_of_what_waits_and_what_was_decided(ann, agent, finance, noon):
    asked = [ask(ann, 501 + i, agent, noon + i * dt.timedelta(minutes=1)) for i in range(4)]
    assert [row.id for row in points_queries.list_waiting()] == [a.id for a in asked]
    assert points_queries.waiting().oldest_at == noon
    for answer in asked[:3]:
        points_actions.approve(adjustment_id=answer.id, decided_by=finance, at=noon + DAY, actor=f"staff:{finance}")
    rows = points_queries.list_decided(limit=2)
    assert [(row.id, row.booked) for row in rows] == [(asked[2].id, 503), (asked[1].id, 502)]
    older = points_queries.list_decided(before=(rows[-1].decided_at, rows[-1].id))
    assert [row.id for row in older] == [asked[0].id]
    with pytest.raises(UnknownAdjustment):
        points_queries.get_adjustment(0)


# ---- complaints of others


def test_complaint_18_points_taken_by_hand_during_a_checkout_are_not_spent_again(ann, agent, give, noon):
    """wpswings 164: the admin deducts mid-checkout and the order still goes through."""
    give(ann, 100)
    ask(ann, -80, agent, noon)
    with pytest.raises(NotEnoughPoints, match="50 points were asked for, 20 can be spent"):
        use(ann, 50, noon)


@pytest.mark.django_db(transaction=True)
def test_complaint_18_deductions_and_checkouts_at_once_never_overdraw(ann, agent, give, noon):
    give(ann, 100)
    deeds = [lambda: ask(ann, -30, agent, noon)] * 8 + [lambda i=i: use(ann, 30, noon, f"order {i}") for i in range(8)]
    answers = together(deeds)
    assert kinds(answers)["NotEnoughPoints"] == 13 and purse(ann, noon) == (10, 0, 0)


@pytest.mark.parametrize("points", [-1, 0])
def test_complaint_18_negative_values_are_accepted_nowhere_but_as_a_deduction(ann, agent, noon, points):
    """wpswings 169: a negative number where a positive one is meant turns the deed around."""
    owing(ann, 50, noon)
    before = books()
    with pytest.raises(BadAdjustment):
        write_off(ann, points, agent, noon)
    assert books() == before


def test_repairdesk_1047_a_mistaken_grant_is_voided_and_both_lines_stand(ann, agent, noon):
    grant = ask(ann, 400, agent, noon)
    take_back(grant.id, agent, noon + DAY)
    rows = points_queries.list_statement(ann, wallet=Wallet.POINTS)
    assert [(row.points, row.balance_after) for row in rows] == [(-400, 0), (400, 400)]


# ---- what the database promises


def test_requests(ann, agent, finance, noon):
    linked = Account.objects.create_user("ann-own@example.com").id
    Member.objects.filter(id=ann).update(account_id=linked)
    first, second = ask(ann, 5000, agent, noon), ask(ann, 6000, agent, noon)
    small = ask(ann, 5, agent, noon)
    row = Adjustment.objects.filter(id=first.id)
    with breaks("points_adjustment_moves_something"):
        row.update(points=0)
    with breaks("points_adjustment_not_for_oneself"):
        row.update(requested_by=linked)
    for by in (agent, linked):
        with breaks("points_adjustment_second_is_another"):
            row.update(decided_by=by, decided_at=noon, state=RequestState.BOOKED)
    for change in (
        {"state": RequestState.BOOKED},
        {"state": RequestState.BOOKED, "decided_by": finance},
        {"state": RequestState.REFUSED, "decided_at": noon},
        {"state": RequestState.WITHDRAWN},
        {"state": RequestState.WITHDRAWN, "decided_at": noon, "decided_by": finance},
        {"needs_second": False},
        {"decided_by": finance},
        {"decided_at": noon},
    ):
        with breaks("points_adjustment_decided_by_who_must"):
            row.update(**change)
    withdrawn = {"state": RequestState.WITHDRAWN}
    for change in ({"decided_by": finance}, {"state": RequestState.REFUSED}, {"needs_second": True}, withdrawn):
        with breaks("points_adjustment_decided_by_who_must"):
            Adjustment.objects.filter(id=small.id).update(**change)
    with breaks("points_adjustment_undo_names_it"):
        row.update(undoes=second.id)
    with breaks("points_adjustment_undo_names_it"):
        row.update(kind=RequestKind.UNDO)
    with breaks("points_adjustment_reinstates_an_expiry"):
        row.update(kind=RequestKind.REINSTATEMENT)
    with breaks("points_adjustment_reinstates_an_expiry"):
        row.update(expiry_key="expiry:2026-03-31:1")
    with breaks("points_adjustment_reinstates_an_expiry"):
        row.update(kind=RequestKind.REINSTATEMENT, expiry_key="expiry:2026-03-31:1", points=-5)
    both = Adjustment.objects.filter(id__in=[first.id, second.id])
    with breaks("points_adjustment_reinstated_once"):
        both.update(kind=RequestKind.REINSTATEMENT, expiry_key="expiry:2026-03-31:1")
    with breaks("points_adjustment_undone_once"):
        both.update(kind=RequestKind.UNDO, undoes=small.id)
    with breaks("points_adjustment_form_key_key"):
        both.update(form_key=uuid.uuid4())


def test_expired_points_of_an_order_that_came_back_meanwhile_do_not(ann, agent, finance, noon):
    place("1", [("a", 2, "400")], noon)
    later = dt.datetime(2027, 4, 5, 4, tzinfo=dt.UTC)
    do("survey", later)
    key = Entry.objects.get(kind=EntryKind.EXPIRY).source_key
    waits = bring_back(ann, key, agent, later)
    assert (waits.state, waits.asked) == (RequestState.WAITING, 800)
    assert give_back("1", "R1", {"a": 1}, later).reversed == 0
    before = books()
    with pytest.raises(NotReinstatable, match="returned since"):
        points_actions.approve(adjustment_id=waits.id, decided_by=finance, at=later, actor=f"staff:{finance}")
    assert books() == before and points_queries.waiting().count == 1
    points_actions.withdraw(adjustment_id=waits.id, withdrawn_by=agent, at=later, actor=f"staff:{agent}")
    assert bring_back(ann, key, agent, later).points == 400
    assert purse(ann, later) == (430, 0, 0)
