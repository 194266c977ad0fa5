"""What the staff booked by hand or asked for: what waits, what was decided, what may be undone or brought back."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Func, Min, OuterRef, Q, QuerySet, Sum

from kit import clock, sql
from points.enums import GIVEN_UP, EntryKind, RequestKind, RequestState, SecondBecause, Wallet
from points.models import Adjustment, Balance, Entry, Lot
from points.queries.policies import NoPolicy, policy_on
from points.rules import adjusting, ledger
from points.rules.adjusting import ByHand, Outcome, Undone, request_key
from points.rules.ledger import Deed, Holding, WalletState
from points.rules.policy import AdjustmentLimits

UNDOABLE = (RequestKind.ADJUSTMENT, RequestKind.UNDO, RequestKind.REINSTATEMENT)


class UnknownAdjustment(Exception):
    """There is no such request; nothing was changed."""

    def __init__(self, adjustment_id: int) -> None:
        super().__init__(f"There is no request {adjustment_id}. Nothing was changed.")


class NotUndoable(Exception):
    """What is to be undone was not booked, was undone before, or cannot be; nothing was booked."""


class NotReinstatable(Exception):
    """There is no such expiry, or it was brought back before; nothing was booked."""


@dataclass(frozen=True, slots=True)
class AdjustmentRow:
    """One request as pages show it. `points` is what was asked, `booked` what the ledger says, None while it waits."""

    id: int
    member_id: int
    kind: RequestKind
    points: int
    booked: int | None
    reason: str
    note: str
    undoes_id: int | None
    expiry_key: str
    state: RequestState
    needs_second: bool
    beneficiary: int | None
    requested_by: int
    requested_at: dt.datetime
    decided_by: int | None
    decided_at: dt.datetime | None
    decision_note: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many requests wait for a second person, and since when."""

    count: int
    oldest_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Alone:
    """What one person may still book alone on a date: at once, and altogether."""

    at_once: int
    left_today: int


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A request about a member that waits, and what who asked is called."""

    id: int
    kind: RequestKind
    points: int
    reason: str
    requested_by: int
    asked_by: str
    requested_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Requests:
    """What waits about a member, and what a person may still book alone of anybody's."""

    waiting: tuple[WaitingRow, ...]
    alone: Alone | None


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What booking a request would do now, and why it would need a second person, if it would."""

    outcome: Outcome
    second: SecondBecause | None
    alone: Alone


@dataclass(frozen=True, slots=True)
class Offer:
    """What may be done about an entry: undo the adjustment with this id, or reinstate the expiry."""

    kind: RequestKind
    adjustment_id: int = 0
    through: dt.date | None = None


def get_adjustment(adjustment_id: int) -> AdjustmentRow:
    """Will return one request; raises UnknownAdjustment. Two queries."""
    rows = _rows(Adjustment.objects.filter(id=adjustment_id))
    if not rows:
        raise UnknownAdjustment(adjustment_id)
    return rows[0]


def list_waiting(limit: int = 50) -> list[AdjustmentRow]:
    """Will return what waits for a second person, the longest first. One query."""
    waiting = Adjustment.objects.filter(state=RequestState.WAITING).order_by("requested_at", "id")
    return _rows(waiting[:limit], look_up=False)


def requests_about(member_id: int, account_id: int, at: dt.datetime, limit: int = 20) -> Requests:
    """Will return what waits about a member, the longest first, and what a person may still book alone.

    Two queries; who may book what is left out where no policy says it.
    """
    today = clock.business_date(at)
    rows = sql.fetch("points", "requests_about", member=member_id, account=account_id, on=today, most=limit)
    try:
        alone = _alone(policy_on(today).adjustments, rows[0][0])
    except NoPolicy:
        alone = None
    waiting = [WaitingRow(row[1], RequestKind(row[2]), *row[3:]) for row in rows if row[1]]
    return Requests(tuple(waiting), alone)


def list_decided(before: tuple[dt.datetime, int] | None = None, limit: int = 50) -> list[AdjustmentRow]:
    """Will return what was booked, refused or withdrawn, latest first, before an (instant, id). Two queries."""
    decided = Adjustment.objects.exclude(state=RequestState.WAITING)
    if before:
        at, last = before
        decided = decided.filter(Q(decided_at__lt=at) | Q(decided_at=at, id__lt=last))
    return _rows(decided.order_by("-decided_at", "-id")[:limit])


def waiting(not_of: int | None = None) -> Waiting:
    """Will count what waits, without the requests by or for one person, who cannot decide on them. One query."""
    found = _waiting(not_of).aggregate(count=Count("id"), oldest=Min("requested_at"))
    return Waiting(found["count"], found["oldest"])


def which_wait(not_of: int) -> sql.Part:
    """Will return which requests wait that one person may decide on, as a part. No query."""
    return sql.question(_waiting(not_of).values("id"), "requests")


def _waiting(not_of: int | None) -> "QuerySet[Adjustment]":
    rows = Adjustment.objects.filter(state=RequestState.WAITING)
    return rows if not_of is None else rows.exclude(requested_by=not_of).exclude(beneficiary=not_of)


def booked_alone(account_id: int, date: dt.date) -> int:
    """Will sum what one person booked alone on a business date, whether added or taken. One query."""
    rows = Adjustment.objects.filter(
        requested_by=account_id, business_date=date, state=RequestState.BOOKED, needs_second=False
    )
    return int(rows.aggregate(sum=Sum(Func(F("points"), function="abs")))["sum"] or 0)


def alone(account_id: int, at: dt.datetime) -> Alone:
    """Will return what one person may still book alone at an instant. Two queries; NoPolicy."""
    today = clock.business_date(at)
    return _alone(policy_on(today).adjustments, booked_alone(account_id, today))


def foresee(*, member_id: int, asked: ByHand, account_id: int, at: dt.datetime) -> Foreseen:
    """Will work out what booking a request would do, by the function that books it; nothing is locked or written.

    Raises what points.rules.adjusting.work_out raises, and NoPolicy. Four queries.
    """
    today = clock.business_date(at)
    policy = policy_on(today)
    state, deed = wallet_of(member_id), Deed(at, today, policy.id, "", policy.expiry.idle_months)
    ledger.settle(state, deed, clock.programme_zone())
    outcome = adjusting.work_out(state, deed, "request", asked, policy)
    booked = booked_alone(account_id, today)
    second = adjusting.needs_second(asked.kind, asked.points, policy.adjustments, booked)
    return Foreseen(outcome, second, _alone(policy.adjustments, booked))


def wallet_of(member_id: int) -> WalletState:
    """Will read a member's points wallet without locking it; an empty one where he has none. Two queries."""
    return wallets_of([member_id])[member_id]


def wallets_of(member_ids: Sequence[int]) -> dict[int, WalletState]:
    """Will read the points wallets of some members without locking them. Two queries."""
    states = {member_id: WalletState(member_id, Wallet.POINTS) for member_id in member_ids}
    balances = Balance.objects.filter(member_id__in=states, wallet=Wallet.POINTS)
    for balance in balances:
        state = states[balance.member_id]
        state.debt, state.seq = balance.debt, balance.seq
        state.idle_until, state.idle_months = balance.idle_until, balance.idle_months
    lots = Lot.objects.filter(member_id__in=states, wallet=Wallet.POINTS)
    for lot in lots:
        states[lot.member_id].lots[lot.active_on, lot.expires_on] = Holding(lot.points, lot.pending)
    return states


def request_of_undo(adjustment_id: int, reason: str) -> tuple[AdjustmentRow, ByHand]:
    """Will return a request and what undoing it asks; raises UnknownAdjustment, NotUndoable. Three queries."""
    row = get_adjustment(adjustment_id)
    if row.state is not RequestState.BOOKED:
        raise NotUndoable("It was not booked, so there is nothing to undo. Nothing was booked.")
    if row.kind not in UNDOABLE:
        raise NotUndoable("What was written off stays written off. Nothing was booked.")
    if _undone([row.id]):
        raise NotUndoable("It was undone before, or its undoing waits for a second person. Nothing was booked.")
    entry = _entries(row.member_id).get(source_key=request_key(row.id))
    return row, _undo(entry, reason)


def request_of_expiry(member_id: int, expiry_key: str, reason: str) -> ByHand:
    """Will return what reinstating an expiry asks: what no return was spared meanwhile; raises NotReinstatable.

    Three queries.
    """
    entry = _entries(member_id).filter(source_key=expiry_key, kind=EntryKind.EXPIRY).first()
    if entry is None:
        raise NotReinstatable("No points of this member expired under this key. Nothing was booked.")
    if _reinstated(member_id, [expiry_key]):
        raise NotReinstatable("They were brought back before, or wait for a second person. Nothing was booked.")
    points = -entry.points - _let_be(entry)
    if not points:
        raise NotReinstatable("All of them came from orders that were returned since. Nothing was booked.")
    return ByHand(RequestKind.REINSTATEMENT, points, reason, expired_on=entry.business_date)


def check_expiry(row: AdjustmentRow) -> None:
    """Will refuse a reinstatement that waited, of more than is left of its expiry: NotReinstatable. Two queries.

    What a return was spared meanwhile had been earned by what went back.
    """
    entry = _entries(row.member_id).get(source_key=row.expiry_key, kind=EntryKind.EXPIRY)
    if row.points > -entry.points - _let_be(entry):
        raise NotReinstatable("Some of them came from orders that were returned since. Nothing was booked.")


def request_of(row: AdjustmentRow) -> ByHand:
    """Will return what a stored request asks, to be worked out anew. At most one query."""
    return requests_of([row])[row.id]


def requests_of(rows: Sequence[AdjustmentRow]) -> dict[int, ByHand]:
    """Will return {id: what it asks} of stored requests. At most one query."""
    keys: dict[tuple[int, str], AdjustmentRow] = {}
    for row in rows:
        if row.undoes_id:
            keys[row.member_id, request_key(row.undoes_id)] = row
        elif row.expiry_key:
            keys[row.member_id, row.expiry_key] = row
    found: dict[int, ByHand] = {row.id: ByHand(row.kind, row.points, row.reason) for row in rows}
    if keys:
        entries = Entry.objects.filter(
            member_id__in={member_id for member_id, _ in keys},
            wallet=Wallet.POINTS,
            source_key__in=[key for _, key in keys],
        )
        for entry in entries:
            asking = keys.get((entry.member_id, entry.source_key))
            if asking and asking.kind is RequestKind.UNDO:
                found[asking.id] = _undo(entry, asking.reason)
            elif asking:
                found[asking.id] = ByHand(asking.kind, asking.points, asking.reason, expired_on=entry.business_date)
    return found


def offers_of(member_id: int, keys: Sequence[str], at: dt.datetime) -> Mapping[str, Offer]:
    """Will return {source key: what may be done about it} of some of a member's entries. At most three queries."""
    ids = [int(key.partition(":")[2]) for key in keys if key.startswith("adjustment:")]
    expiries = [key for key in keys if key.startswith("expiry:")]
    offers: dict[str, Offer] = {}
    if ids:
        booked = Adjustment.objects.filter(id__in=ids, kind__in=UNDOABLE, state=RequestState.BOOKED)
        undoing = Adjustment.objects.filter(undoes_id=OuterRef("id")).exclude(state__in=GIVEN_UP)
        for adjustment_id in booked.filter(~Exists(undoing)).values_list("id", flat=True):
            offers[request_key(adjustment_id)] = Offer(RequestKind.UNDO, adjustment_id)
    if expiries:
        today = clock.business_date(at)
        policy = policy_on(today)
        back = Adjustment.objects.filter(member_id=member_id, expiry_key=OuterRef("source_key"))
        ended = _entries(member_id).filter(source_key__in=expiries, kind=EntryKind.EXPIRY)
        ended = ended.filter(~Exists(back.exclude(state__in=GIVEN_UP)))
        for key, expired_on in ended.values_list("source_key", "business_date"):
            through = adjusting.reinstatable_through(expired_on, policy)
            if today <= through:
                offers[key] = Offer(RequestKind.REINSTATEMENT, through=through)
    return offers


# ---- leaves


def _alone(limits: AdjustmentLimits, booked: int) -> Alone:
    left = max(limits.day_max - booked, 0)
    return Alone(min(limits.alone_max, left), left)


def _rows(rows: "QuerySet[Adjustment]", *, look_up: bool = True) -> list[AdjustmentRow]:
    found = list(rows)
    booked: dict[str, int] = {}
    if look_up:
        keys = [request_key(row.id) for row in found]
        members = {row.member_id for row in found}
        entries = Entry.objects.filter(member_id__in=members, wallet=Wallet.POINTS, source_key__in=keys)
        booked = dict(entries.values_list("source_key", "points"))
    return [_row(row, booked.get(request_key(row.id))) for row in found]


def _row(row: Adjustment, booked: int | None) -> AdjustmentRow:
    return AdjustmentRow(
        id=row.id,
        member_id=row.member_id,
        kind=RequestKind(row.kind),
        points=row.points,
        booked=booked,
        reason=row.reason,
        note=row.note,
        undoes_id=row.undoes_id,
        expiry_key=row.expiry_key,
        state=RequestState(row.state),
        needs_second=row.needs_second,
        beneficiary=row.beneficiary_id,
        requested_by=row.requested_by_id,
        requested_at=row.requested_at,
        decided_by=row.decided_by_id,
        decided_at=row.decided_at,
        decision_note=row.decision_note,
    )


def _entries(member_id: int) -> "QuerySet[Entry]":
    return Entry.objects.filter(member_id=member_id, wallet=Wallet.POINTS)


def _undo(entry: Entry, reason: str) -> ByHand:
    named = zip(entry.lot_active_on or (), entry.lot_expires_on or (), strict=True)
    lots = tuple(zip(named, entry.lot_points or (), strict=True))
    if entry.active_on and entry.expires_on:
        lots = (((entry.active_on, entry.expires_on), entry.points + entry.debt_change),)
    return ByHand(RequestKind.UNDO, -entry.points, reason, undone=Undone(entry.points, lots))


def _undone(ids: Sequence[int]) -> set[int]:
    undoing = Adjustment.objects.filter(undoes_id__in=ids).exclude(state__in=GIVEN_UP)
    return set(undoing.values_list("undoes_id", flat=True))


def _let_be(expiry: Entry) -> int:
    """What of an expiry returns did not ask for again: what went back had earned it, so it is not brought back."""
    lots = zip(expiry.lot_active_on or (), expiry.lot_expires_on or (), strict=True)
    ended = dict(zip(lots, expiry.lot_points or (), strict=True))
    let_be: dict[tuple[dt.date, dt.date], int] = {}
    reversals = _entries(expiry.member_id).filter(kind=EntryKind.REVERSAL, seq__gt=expiry.seq)
    for steps in reversals.values_list("explanation", flat=True):
        for step in steps:
            if step["code"] == ledger.ALREADY_EXPIRED and "lot" in step:  # older steps do not name it
                lot = (dt.date.fromisoformat(step["lot"][0]), dt.date.fromisoformat(step["lot"][1]))
                let_be[lot] = let_be.get(lot, 0) + int(step["points"])
    return sum(min(points, let_be.get(lot, 0)) for lot, points in ended.items())


def _reinstated(member_id: int, keys: Sequence[str]) -> set[str]:
    back = Adjustment.objects.filter(member_id=member_id, expiry_key__in=keys).exclude(state__in=GIVEN_UP)
    return set(back.values_list("expiry_key", flat=True))
