"""What the staff book by hand: alone within their limits, above them when a second person agrees.

Locks are taken in one order: the turn of the person who asks, the request's row, the member's wallets.
"""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.db import transaction

from kit import audit, clock, locks
from members import queries as members_queries
from points.actions.books import close_books, open_books
from points.enums import RequestKind, RequestState, SecondBecause, Wallet
from points.models import Adjustment
from points.queries import adjustments, policy_on
from points.queries.adjustments import AdjustmentRow, UnknownAdjustment
from points.rules import adjusting, ledger
from points.rules.adjusting import BadAdjustment, ByHand, Outcome
from points.rules.booking import Books
from points.rules.ledger import Deed, KeyReused
from points.rules.policy import Policy


class AlreadyDecided(Exception):
    """The request waits no longer: it was decided on, or withdrawn; nothing was changed."""

    def __init__(self, state: str) -> None:
        self.state = RequestState(state)
        super().__init__(f"This request is {state} already. Nothing was changed.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request: booked at once, or waiting and why; `points` is what the ledger says, 0 while it waits.

    `is_repeat` marks a second press of the same form, which changed nothing.
    """

    id: int
    member_id: int
    kind: RequestKind
    state: RequestState
    asked: int
    points: int
    available: int
    debt: int
    second: SecondBecause | None = None
    is_repeat: bool = False


@dataclass(frozen=True, slots=True)
class _Form:
    """What was sent: who asks for what about whom; `points` of an undo or a reinstatement is found under the lock."""

    member_id: int
    kind: RequestKind
    points: int
    reason: str
    note: str
    requested_by: int
    form_key: uuid.UUID
    undoes_id: int | None = None
    expiry_key: str = ""


@transaction.atomic
def request_adjustment(
    *,
    member_id: int,
    points: int,
    reason: str,
    note: str = "",
    requested_by: int,
    form_key: uuid.UUID,
    at: dt.datetime,
    actor: str,
) -> Answer:
    """Will add points, which last as earned ones do, or take them, those that expire soonest first; signed.

    Within the limits of one person it is booked at once, above them it waits. The same form again gives the first
    answer, with other content raises KeyReused. Raises BadAdjustment, NotForOneself, NotEnoughPoints, NoWallet,
    NoPolicy; then nothing is booked and nothing waits. Locks the person's turn, then the member's wallets.
    """
    return _request(
        _Form(member_id, RequestKind.ADJUSTMENT, points, reason.strip(), note.strip(), requested_by, form_key),
        at,
        actor,
    )


@transaction.atomic
def request_write_off(
    *,
    member_id: int,
    points: int,
    reason: str,
    note: str = "",
    requested_by: int,
    form_key: uuid.UUID,
    at: dt.datetime,
    actor: str,
) -> Answer:
    """Will ask that so many points of a debt are no longer owed; a second person always decides.

    Repeats, locks and refusals are those of request_adjustment; more than is owed raises NotOwed.
    """
    return _request(
        _Form(member_id, RequestKind.WRITE_OFF, points, reason.strip(), note.strip(), requested_by, form_key), at, actor
    )


@transaction.atomic
def request_reinstatement(
    *,
    member_id: int,
    expiry_key: str,
    reason: str,
    note: str = "",
    requested_by: int,
    form_key: uuid.UUID,
    at: dt.datetime,
    actor: str,
) -> Answer:
    """Will bring back all points of one expiry, usable for the policy's courtesy and a week at least.

    Once, and as long as the policy's reinstatement_days have not run out: raises NotReinstatable, WindowOver. Limits,
    repeats, locks and other refusals are those of request_adjustment.
    """
    form = _Form(member_id, RequestKind.REINSTATEMENT, 0, reason.strip(), note.strip(), requested_by, form_key)
    return _request(replace(form, expiry_key=expiry_key), at, actor)


@transaction.atomic
def undo(
    *,
    adjustment_id: int,
    reason: str,
    note: str = "",
    requested_by: int,
    form_key: uuid.UUID,
    at: dt.datetime,
    actor: str,
) -> Answer:
    """Will book the opposite of a booked adjustment, reinstatement or undo, naming it; each once.

    Of what it added, what has been used already stays and is said; what it took goes back to the very lots. Raises
    UnknownAdjustment, NotUndoable, NothingLeft. Limits, repeats, locks and other refusals are those of
    request_adjustment.
    """
    first = Adjustment.objects.filter(id=adjustment_id).values_list("member_id", flat=True).first()
    if first is None:
        raise UnknownAdjustment(adjustment_id)
    form = _Form(first, RequestKind.UNDO, 0, reason.strip(), note.strip(), requested_by, form_key)
    return _request(replace(form, undoes_id=adjustment_id), at, actor)


@transaction.atomic
def approve(*, adjustment_id: int, decided_by: int, note: str = "", at: dt.datetime, actor: str) -> Answer:
    """Will book a request that waits, worked out anew with the wallet as it is now.

    A repeat by the same person gives the first answer. Raises UnknownAdjustment, AlreadyDecided, OwnRequest,
    NotForOneself, and what booking it raises (NotEnoughPoints, NotOwed, NothingLeft, WindowOver, NotReinstatable): then
    it waits on. Locks the request, then the member's wallets.
    """
    row, is_repeat = _to_decide(adjustment_id, decided_by, RequestState.BOOKED)
    if is_repeat:
        return _answer(row, is_repeat=True)
    today = clock.business_date(at)
    policy, books = policy_on(today), _open(row.member_id, today)
    stored = _row(row)
    if stored.kind is RequestKind.REINSTATEMENT:
        adjustments.check_expiry(stored)
    outcome = _work_out(books, row.id, adjustments.request_of(stored), policy, at, actor)
    close_books(books)
    _decide(row, RequestState.BOOKED, decided_by, note.strip(), at)
    _audit("points.approved", row, actor, at, outcome, note.strip() or row.reason)
    return _answer(row, outcome)


@transaction.atomic
def withdraw(*, adjustment_id: int, withdrawn_by: int, note: str = "", at: dt.datetime, actor: str) -> Answer:
    """Will take back a request that waits; nothing of it is booked, and the same may be asked for again.

    Only who asked may. A repeat gives the first answer. Raises UnknownAdjustment, AlreadyDecided, NotWhoAsked. Locks
    the request.
    """
    row = _locked(adjustment_id)
    adjusting.check_withdrawal(row.requested_by_id, withdrawn_by)
    if row.state == RequestState.WITHDRAWN:
        return _answer(row, is_repeat=True)
    if row.state != RequestState.WAITING:
        raise AlreadyDecided(row.state)
    _decide(row, RequestState.WITHDRAWN, None, note.strip(), at)
    _audit("points.withdrawn", row, actor, at, None, note.strip() or row.reason)
    return _answer(row)


@transaction.atomic
def refuse(*, adjustment_id: int, decided_by: int, note: str, at: dt.datetime, actor: str) -> Answer:
    """Will refuse a request that waits; the words say why and are kept with it.

    A repeat by the same person gives the first answer. Raises UnknownAdjustment, AlreadyDecided, OwnRequest,
    NotForOneself, BadAdjustment without words. Locks the request.
    """
    row, is_repeat = _to_decide(adjustment_id, decided_by, RequestState.REFUSED)
    if is_repeat:
        return _answer(row, is_repeat=True)
    if not note.strip():
        raise BadAdjustment("Say why it is refused: who asked reads it. Nothing was changed; the request waits.")
    _decide(row, RequestState.REFUSED, decided_by, note.strip(), at)
    _audit("points.refused", row, actor, at, None, note.strip())
    return _answer(row)


# ---- leaves


def _request(form: _Form, at: dt.datetime, actor: str) -> Answer:
    """Will book a form, or let it wait; everything that decides it is read under the locks."""
    locks.take_turns([f"adjustments:{form.requested_by}"])
    if known := Adjustment.objects.filter(form_key=form.form_key).first():
        return _again(known, form)
    today = clock.business_date(at)
    policy, books = policy_on(today), _open(form.member_id, today)
    asked = _asked(form)
    own = members_queries.log_ins_of(form.member_id)
    adjusting.check_request(asked, form.requested_by, own)
    booked_alone = adjustments.booked_alone(form.requested_by, today)
    second = adjusting.needs_second(asked.kind, asked.points, policy.adjustments, booked_alone)
    row = Adjustment.objects.create(
        member_id=form.member_id,
        kind=form.kind,
        points=asked.points,
        reason=form.reason,
        note=form.note,
        undoes_id=form.undoes_id,
        expiry_key=form.expiry_key,
        state=RequestState.WAITING if second else RequestState.BOOKED,
        needs_second=bool(second),
        beneficiary_id=own[0] if own else None,
        requested_by_id=form.requested_by,
        requested_at=at,
        business_date=today,
        decided_at=None if second else at,
        form_key=form.form_key,
    )
    outcome = _work_out(books, row.id, asked, policy, at, actor)
    if second:
        _audit("points.requested", row, actor, at, None, form.reason)
        return _answer(row, second=second)
    close_books(books)
    _audit("points.booked", row, actor, at, outcome, form.reason)
    return _answer(row, outcome)


def _again(known: Adjustment, form: _Form) -> Answer:
    """Will give the first answer to a form that was sent before; raises KeyReused where it says something else."""
    fields = ("member_id", "kind", "reason", "note", "undoes_id", "expiry_key")
    same = all(getattr(known, name) == getattr(form, name) for name in fields)
    if not same or known.requested_by_id != form.requested_by or form.points not in (0, known.points):
        raise KeyReused(str(form.form_key))
    return _answer(known, is_repeat=True)


def _asked(form: _Form) -> ByHand:
    if form.undoes_id:
        return adjustments.request_of_undo(form.undoes_id, form.reason)[1]
    if form.kind is RequestKind.REINSTATEMENT:
        return adjustments.request_of_expiry(form.member_id, form.expiry_key, form.reason)
    return ByHand(form.kind, form.points, form.reason)


def _open(member_id: int, today: dt.date) -> Books:
    """Will lock the member's wallets; no entry is asked for, as a request's key is new."""
    return open_books(member_id, "", "", today)


def _work_out(books: Books, adjustment_id: int, asked: ByHand, policy: Policy, at: dt.datetime, actor: str) -> Outcome:
    deed = Deed(at, clock.business_date(at), policy.id, actor, policy.expiry.idle_months)
    state = books.wallets[Wallet.POINTS]
    ledger.settle(state, deed, clock.programme_zone())
    return adjusting.work_out(state, deed, adjusting.request_key(adjustment_id), asked, policy)


def _to_decide(adjustment_id: int, decided_by: int, state: RequestState) -> tuple[Adjustment, bool]:
    """Will lock a request and return it, and whether this person has decided so before; refuses who may not."""
    row = _locked(adjustment_id)
    if row.state != RequestState.WAITING:
        if row.state == state and row.decided_by_id == decided_by:
            return row, True
        raise AlreadyDecided(row.state)
    own = {*members_queries.log_ins_of(row.member_id), *filter(None, [row.beneficiary_id])}
    adjusting.check_decision(row.requested_by_id, decided_by, own)
    return row, False


def _locked(adjustment_id: int) -> Adjustment:
    row = Adjustment.objects.select_for_update(of=("self",)).filter(id=adjustment_id).first()
    if row is None:
        raise UnknownAdjustment(adjustment_id)
    return row


def _decide(row: Adjustment, state: RequestState, decided_by: int | None, note: str, at: dt.datetime) -> None:
    row.state, row.decided_by_id, row.decision_note, row.decided_at = state, decided_by, note, at
    row.save(update_fields=["state", "decided_by", "decision_note", "decided_at"])


def _audit(deed: str, row: Adjustment, actor: str, at: dt.datetime, outcome: Outcome | None, reason: str) -> None:
    """Will keep who did it, with what the member had and has; a request that waits changes nothing yet."""
    becomes = {"request": row.id, "kind": row.kind, "points": outcome.points if outcome else row.points}
    was = None
    if outcome:
        was = {"available": outcome.available_before, "debt": outcome.debt_before}
        becomes |= {"available": outcome.available, "debt": outcome.debt}
    audit.record(
        at=at,
        actor=actor,
        deed=deed,
        subject=f"member:{row.member_id}",
        was=was,
        becomes=becomes,
        reason=reason,
    )


def _row(row: Adjustment) -> AdjustmentRow:
    return adjustments.get_adjustment(row.id)


def _answer(
    row: Adjustment, outcome: Outcome | None = None, *, second: SecondBecause | None = None, is_repeat: bool = False
) -> Answer:
    available, debt, booked = (outcome.available, outcome.debt, outcome.points) if outcome else (0, 0, 0)
    if outcome is None:
        state = adjustments.wallet_of(row.member_id)
        available, debt = state.available, state.debt
        booked = (adjustments.get_adjustment(row.id).booked or 0) if is_repeat else 0
    return Answer(
        id=row.id,
        member_id=row.member_id,
        kind=RequestKind(row.kind),
        state=RequestState(row.state),
        asked=row.points,
        points=booked,
        available=available,
        debt=debt,
        second=second,
        is_repeat=is_repeat,
    )
