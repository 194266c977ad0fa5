"""Holding points for a checkout: reserved, then confirmed for an order, released, or lapsed with its time.

A reservation is a redemption that can be taken back (docs/adr/0007): its entry takes the points from their lots at
once, a restoration puts them back into the very lots.
"""

import datetime as dt
import uuid

from kit import audit, clock
from points.actions.books import close_books, open_books
from points.enums import EntryKind, ReservationState, Wallet
from points.models import Entry
from points.models import Reservation as ReservationRow
from points.queries.policies import policy_by_id, policy_on
from points.queries.reservations import Reservation, find_reservation
from points.rules import ledger, redemption
from points.rules.booking import Books
from points.rules.ledger import Deed, KeyReused

NAMES = uuid.UUID("6d2c1c1e-61a5-5b39-9c1e-9a3f6a0f2b57")
"""Ids come from member and source key, so that the same calls into an empty database give the same ledger."""


class NoReservation(Exception):
    """There is no reservation of this id; nothing was booked."""


class ReservationTaken(Exception):
    """The reservation has paid for an order; nothing was booked."""

    def __init__(self, order_key: str) -> None:
        self.order_key = order_key
        super().__init__(f"The reservation has paid for {order_key}; its points come back with a return of that order.")


class ReservationLapsed(Exception):
    """The reservation's time has run out and its points are back; nothing was booked. Reserve again."""


class ReservationReleased(Exception):
    """The reservation was released and its points are back; nothing was booked. Reserve again."""


class OrderPaid(Exception):
    """Another reservation has paid for the order; nothing was booked."""


def reserve(
    *, member_id: int, source_key: str, points: int, minutes: int | None = None, at: dt.datetime, actor: str
) -> Reservation:
    """Will hold points for a checkout for so many minutes, those of the policy where none are stated.

    Takes them from the lots that expire soonest. The same key with the same content gives the first reservation again
    as it stands, other content raises KeyReused. Raises BelowMinimum, NotEnoughPoints (in debt too), NotPositive and
    NoWallet. Locks the member's wallets.
    """
    if minutes is not None and minutes < 1:
        raise ValueError(f"Points cannot be held for {minutes} minutes.")
    policy = policy_on(clock.business_date(at))
    reservation_id = uuid.uuid5(NAMES, f"{member_id}:{source_key}")
    key = f"reserve:{reservation_id}"
    deed = Deed(at, clock.business_date(at), policy.id, actor)
    books = open_books(member_id, key, key + "\x01", deed.today)
    if known := find_reservation(reservation_id):
        return _same(known, points, minutes)
    lasts = dt.timedelta(minutes=minutes or policy.reservation_minutes)
    if points > 0:
        redemption.check_minimum(policy, points)
    settle(books, deed, points)
    ledger.spend(books.wallets[Wallet.POINTS], deed, key, points, [{"code": "held", "points": points}])
    close_books(books)
    row = ReservationRow.objects.create(
        id=reservation_id,
        member_id=member_id,
        source_key=source_key,
        points=points,
        held_at=at,
        expires_at=at + lasts,
    )
    return _value(row)


def _same(known: Reservation, points: int, minutes: int | None) -> Reservation:
    lasts = known.expires_at - known.held_at
    if known.points != points or (minutes and lasts != dt.timedelta(minutes=minutes)):
        raise KeyReused(known.source_key)
    return known


def confirm(*, reservation_id: uuid.UUID, order_key: str, at: dt.datetime, actor: str) -> Reservation:
    """Will tie a reservation to the order it pays for; nothing moves in the ledger. The same order changes nothing.

    Raises NoReservation, ReservationTaken for another order, ReservationLapsed, ReservationReleased, and OrderPaid
    where another reservation has paid for the order. Locks the member's wallets.
    """
    row, _ = _open(reservation_id, clock.business_date(at))
    if row.state == ReservationState.CONFIRMED:
        if row.order_key != order_key:
            raise ReservationTaken(row.order_key)
        return _value(row)
    _refuse_closed(row, at)
    if ReservationRow.objects.filter(member_id=row.member_id, order_key=order_key).exists():
        raise OrderPaid(f"Another reservation has paid for {order_key}. Nothing was booked.")
    row.order_key = order_key
    _close(row, ReservationState.CONFIRMED, at)
    audit.record(
        at=at,
        actor=actor,
        deed="reservation.confirm",
        subject=f"member:{row.member_id}",
        becomes={"reservation": str(row.id), "points": row.points, "order": order_key},
    )
    return _value(row)


def _refuse_closed(row: ReservationRow, at: dt.datetime) -> None:
    if row.state == ReservationState.RELEASED:
        raise ReservationReleased("The reservation was released and its points are back. Reserve them again.")
    if _value(row).state_at(at) is ReservationState.LAPSED:
        raise ReservationLapsed(
            f"The reservation ended at {row.expires_at:%Y-%m-%d %H:%M %Z}. Its points are back; reserve them again."
        )


def release(*, reservation_id: uuid.UUID, at: dt.datetime, actor: str) -> Reservation:
    """Will put the points of a reservation back into their lots, once; again changes nothing.

    One whose time has run out lapses instead. Raises NoReservation, and ReservationTaken where it has paid for an
    order. Locks the member's wallets.
    """
    deed = _deed(at, actor)
    row, books = _open(reservation_id, deed.today)
    if row.state == ReservationState.CONFIRMED:
        raise ReservationTaken(row.order_key)
    if row.state == ReservationState.HELD:
        if row.expires_at <= at:
            _lapse(books, row)
        else:
            _give_back(books, row, deed, ReservationState.RELEASED)
        ledger.settle(books.wallets[Wallet.POINTS], deed, clock.programme_zone())
        close_books(books)
    return _value(row)


def extend(*, reservation_id: uuid.UUID, expires_at: dt.datetime, at: dt.datetime, actor: str) -> Reservation:
    """Will hold a reservation's points until an instant; an earlier one than it has changes nothing.

    Raises NoReservation, ReservationTaken where it has paid for an order, ReservationLapsed, ReservationReleased.
    Locks the member's wallets.
    """
    row, _ = _open(reservation_id, clock.business_date(at))
    if row.state == ReservationState.CONFIRMED:
        raise ReservationTaken(row.order_key)
    _refuse_closed(row, at)
    if expires_at > row.expires_at:
        row.expires_at = expires_at
        row.save(update_fields=["expires_at"])
    return _value(row)


def lapse(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will put back what a member's reservations held whose time has run out by an instant; returns how many lapsed.

    Each as of the end of its own time, whoever comes first. Locks the member's wallets; raises NoWallet.
    """
    deed = _deed(at, actor)
    books = open_books(member_id, "", "", deed.today)
    lapsed = _lapse_all(books, at)
    ledger.settle(books.wallets[Wallet.POINTS], deed, clock.programme_zone())
    close_books(books)
    return lapsed


def settle(books: Books, deed: Deed, points: int) -> None:
    """Will book what time has made true of a wallet that so many points are to leave: lots begun and ended.

    Where they do not suffice, reservations whose time ran out are booked too, so that nobody has to wait for the job.
    """
    state = books.wallets[Wallet.POINTS]
    ledger.settle(state, deed, clock.programme_zone())
    if ledger.spendable(state, deed.today) < points and _lapse_all(books, deed.at):
        ledger.settle(state, deed, clock.programme_zone())


def _lapse_all(books: Books, at: dt.datetime) -> int:
    held = ReservationRow.objects.filter(
        member_id=books.member_id, state=ReservationState.HELD, expires_at__lte=at
    ).order_by("expires_at", "id")
    rows = list(held)
    for row in rows:
        _lapse(books, row)
    return len(rows)


def _lapse(books: Books, row: ReservationRow) -> None:
    deed = Deed(row.expires_at, clock.business_date(row.expires_at), 0, "night")
    _give_back(books, row, deed, ReservationState.LAPSED)


def _give_back(books: Books, row: ReservationRow, deed: Deed, state: ReservationState) -> None:
    taken = Entry.objects.get(
        member_id=row.member_id, wallet=Wallet.POINTS, source_key=f"reserve:{row.id}", kind=EntryKind.REDEMPTION
    )
    policy = policy_by_id(taken.policy_id)
    wallet = books.wallets[Wallet.POINTS]
    steps = [{"code": "hold_released" if state == ReservationState.RELEASED else "hold_lapsed", "points": row.points}]
    ledger.restore(
        wallet, deed._replace(policy_id=policy.id), taken.source_key, lots_of(taken), policy.courtesy_days, steps
    )
    _close(row, state, deed.at)


def lots_of(entry: Entry) -> list[tuple[tuple[dt.date, dt.date], int]]:
    """Will return which lots an entry took from or put into, with how many of each."""
    starts, ends, points = entry.lot_active_on or [], entry.lot_expires_on or [], entry.lot_points or []
    return [((first, last), moved) for first, last, moved in zip(starts, ends, points, strict=True)]


def _deed(at: dt.datetime, actor: str) -> Deed:
    today = clock.business_date(at)
    return Deed(at, today, policy_on(today).id, actor)


def _open(reservation_id: uuid.UUID, today: dt.date) -> tuple[ReservationRow, Books]:
    """Will lock the wallets of a reservation's member, then read it: whoever holds the lock alone changes it."""
    member_id = ReservationRow.objects.filter(id=reservation_id).values_list("member_id", flat=True).first()
    if member_id is None:
        raise NoReservation(f"There is no reservation {reservation_id}. Nothing was booked.")
    key = f"reserve:{reservation_id}"
    books = open_books(member_id, key, key + "\x01", today)
    return ReservationRow.objects.get(id=reservation_id), books


def _close(row: ReservationRow, state: ReservationState, at: dt.datetime) -> None:
    row.state, row.closed_at = state, at
    row.save(update_fields=["state", "closed_at", "order_key"])


def _value(row: ReservationRow) -> Reservation:
    return Reservation(*(getattr(row, name) for name in Reservation.__slots__))
