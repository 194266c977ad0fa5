"""Sending gifts: promised from stock, addressed by the member, sent by the staff, every step kept."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction
from django.db.models import F

from benefits.actions.recording import record_given, record_undone
from benefits.enums import FulfilmentState
from benefits.models import Entitlement, Fulfilment, FulfilmentStep, GiftItem
from benefits.queries.fulfilments import FulfilmentRow, list_fulfilments
from benefits.rules.fulfilment import ADDRESS_DAYS, NEXT, NOT_SENT, Address, WrongStep, check_address, check_step
from kit import audit, clock, files
from points.actions import KeyReused

CARRIER_MAX, TRACKING_MAX = 60, 80
"""As long as the columns are."""


class UnknownItem(Exception):
    """There is no gift of this code, or it is given no more; nothing was promised."""


class OutOfStock(Exception):
    """None of the gift is left; nothing was promised."""


class NoFulfilment(Exception):
    """There is nothing of this number to be sent, or not to this member; nothing was changed."""


class NotShipped(Exception):
    """A gift of a list cannot be sent as it stands, or there is none of its number; none of the list was marked."""

    def __init__(self, fulfilment_id: int, stands: str) -> None:
        self.fulfilment_id, self.stands = fulfilment_id, stands
        super().__init__(f"Gift {fulfilment_id} is {stands or 'unknown'}. None of the list was marked as sent.")


class BadParcelRow(Exception):
    """A row of a file says no parcel; none of the file was marked."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"Row {number} needs the number of a gift and its carrier. Nothing was marked as sent.")


@dataclass(frozen=True, slots=True)
class Promised:
    """A gift that a member gets; `is_new` is False where this cause had promised it before."""

    id: int
    state: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """How a gift is sent: its number, who carries it, and under which number of theirs."""

    fulfilment_id: int
    carrier: str
    tracking: str = ""


def promise(
    *,
    member_id: int,
    item: str,
    source_key: str,
    entitlement_id: int | None = None,
    redemption_id: uuid.UUID | None = None,
    at: dt.datetime,
    actor: str,
) -> Promised:
    """Will promise a member one of a gift for a cause and take it off the stock; the same cause gives the first again.

    From then on the cause has saved the member what the gift is worth. Raises UnknownItem, OutOfStock, and KeyReused
    where the cause promised another gift. In the caller's transaction; locks the gift's row, so two at once of the last
    one end with one, and two of one cause too.
    """
    if there := _promised_before(member_id, source_key, item):
        return there
    gift = GiftItem.objects.filter(code=item, is_archived=False).first()
    if gift is None:
        raise UnknownItem(f"There is no gift {item} to give. Nothing was promised.")
    state = FulfilmentState.NEEDS_ADDRESS if gift.needs_address else FulfilmentState.READY
    until = clock.day_start(clock.business_date(at) + dt.timedelta(days=ADDRESS_DAYS + 1))
    try:
        with transaction.atomic():
            _take_one(gift)
            row = Fulfilment.objects.create(
                member_id=member_id,
                item=gift,
                entitlement_id=entitlement_id,
                redemption_id=redemption_id,
                source_key=source_key,
                state=state,
                promised_at=at,
                address_until=until if gift.needs_address else None,
                changed_at=at,
            )
            FulfilmentStep.objects.create(fulfilment=row, state=state, at=at, actor=actor)
    except (IntegrityError, OutOfStock):
        # Whoever was first with the same cause may have taken the last one, or the cause itself.
        if there := _promised_before(member_id, source_key, item):
            return there
        raise
    given_by = Entitlement.objects.get(id=entitlement_id) if entitlement_id else None
    record_given(
        member_id=member_id,
        cause=source_key,
        entitlement=given_by,
        value=gift.value,
        cost=gift.cost,
        at=at,
        actor=actor,
    )
    return Promised(row.id, row.state, is_new=True)


def _promised_before(member_id: int, source_key: str, item: str) -> Promised | None:
    row = Fulfilment.objects.filter(member_id=member_id, source_key=source_key).select_related("item").first()
    if row is None:
        return None
    if row.item.code != item:
        raise KeyReused(source_key)
    return Promised(row.id, row.state, is_new=False)


def _take_one(gift: GiftItem) -> None:
    """Will take one off the stock; where it never runs out there is nothing to take, and nobody waits for a lock."""
    if gift.left is None:
        return
    if not GiftItem.objects.filter(id=gift.id, left__gt=0).update(left=F("left") - 1):
        raise OutOfStock(f"None of the gift {gift.code} is left. Nothing was promised.")


@transaction.atomic
def enter_address(
    *, member_id: int, fulfilment_id: int, address: Address, at: dt.datetime, actor: str
) -> FulfilmentState:
    """Will keep where a gift is to be sent, first or instead of another, as long as it is not sent.

    The audit row says that an address was entered, not which. Raises NoFulfilment, BadAddress and WrongStep; the same
    address again changes nothing. Locks the fulfilment.
    """
    kept = check_address(address).kept()
    row = _locked(fulfilment_id, member_id)
    if row.address == kept:
        return FulfilmentState(row.state)
    if row.state not in NOT_SENT:
        raise WrongStep(row.state, FulfilmentState.READY)
    row.address = kept
    _step(row, FulfilmentState.READY, at, actor, note="address")
    _audit(row, "fulfilment.addressed", at, actor)
    return FulfilmentState.READY


@transaction.atomic
def ship(*, parcels: Sequence[Parcel], at: dt.datetime, actor: str) -> int:
    """Will mark gifts as sent, all or none; returns how many were not sent by these very parcels before.

    Raises NotShipped naming the first that cannot. Locks the fulfilments in order of their numbers.
    """
    sent = 0
    for parcel in sorted(parcels, key=lambda one: one.fulfilment_id):
        row = Fulfilment.objects.select_for_update().filter(id=parcel.fulfilment_id).first()
        if row is None:
            raise NotShipped(parcel.fulfilment_id, "")
        if (row.state, row.carrier, row.tracking) == (FulfilmentState.SHIPPED, parcel.carrier, parcel.tracking):
            continue
        if FulfilmentState.SHIPPED not in NEXT[FulfilmentState(row.state)]:
            raise NotShipped(row.id, row.state)
        row.carrier, row.tracking = parcel.carrier, parcel.tracking
        _step(row, FulfilmentState.SHIPPED, at, actor)
        _audit(row, "fulfilment.shipped", at, actor, carrier=parcel.carrier, tracking=parcel.tracking)
        sent += 1
    return sent


def ship_file(*, path: Path, at: dt.datetime, actor: str) -> int:
    """Will mark the gifts of a file (id, carrier, tracking) as sent, all or none; rows without a carrier are left out.

    So the packing list can be sent back with the two columns filled in. As `ship`; raises BadParcelRow and
    UnreadableFile besides.
    """
    table = files.open_table(path, ["id", "carrier", "tracking"])
    places = [table.columns.index(name) for name in ("id", "carrier", "tracking")]
    parcels = []
    for row in table.rows():
        if row.problem:
            raise BadParcelRow(row.number)
        number, carrier, tracking = (row.cells[place].strip() for place in places)
        if not number.isascii() or not number.isdecimal() or len(number) > 18:
            raise BadParcelRow(row.number)
        if len(carrier) > CARRIER_MAX or len(tracking) > TRACKING_MAX:
            raise BadParcelRow(row.number)
        if carrier:
            parcels.append(Parcel(int(number), carrier, tracking))
    return ship(parcels=parcels, at=at, actor=actor)


@transaction.atomic
def packing_list(*, limit: int, at: dt.datetime, actor: str) -> list[FulfilmentRow]:
    """Will return what is ready to be sent with its addresses, oldest first, and note who took them."""
    rows = list_fulfilments(FulfilmentState.READY, limit=limit)
    becomes = {"gifts": len(rows)}
    audit.record(at=at, actor=actor, deed="fulfilment.exported", subject="fulfilments", becomes=becomes)
    return rows


@transaction.atomic
def move(*, fulfilment_id: int, state: FulfilmentState, note: str = "", at: dt.datetime, actor: str) -> None:
    """Will note that a gift was delivered, came back, or is to be sent again; there already, nothing changes.

    Raises NoFulfilment and WrongStep. One that is cancelled goes by `cancel_fulfilment`, for its stock; one that is
    shipped by `ship`, for its carrier. Locks the fulfilment.
    """
    row = _locked(fulfilment_id)
    if row.state == state:
        return
    if state in (FulfilmentState.CANCELLED, FulfilmentState.SHIPPED):
        raise ValueError(f"{state} has a deed of its own.")
    check_step(row.state, state)
    if state is FulfilmentState.READY:
        if row.state != FulfilmentState.RETURNED:
            raise WrongStep(row.state, state)
        row.carrier = row.tracking = ""
    _step(row, state, at, actor, note)
    _audit(row, f"fulfilment.{state}", at, actor)


@transaction.atomic
def cancel_fulfilment(*, fulfilment_id: int, reason: str, at: dt.datetime, actor: str) -> bool:
    """Will give up sending a gift and put it back into stock; it has saved nothing. False where it was given up before.

    The points of a redemption come back by `cancel_redemption`, which calls this. Raises NoFulfilment and WrongStep.
    Locks the fulfilment, then the gift.
    """
    row = _locked(fulfilment_id)
    if row.state == FulfilmentState.CANCELLED:
        return False
    check_step(row.state, FulfilmentState.CANCELLED)
    _step(row, FulfilmentState.CANCELLED, at, actor, reason)
    GiftItem.objects.filter(id=row.item_id, left__isnull=False).update(left=F("left") + 1)
    record_undone(member_id=row.member_id, cause=row.source_key, at=at, actor=actor)
    _audit(row, "fulfilment.cancelled", at, actor, reason=reason)
    return True


def _locked(fulfilment_id: int, member_id: int | None = None) -> Fulfilment:
    rows = Fulfilment.objects.select_for_update().filter(id=fulfilment_id)
    row = (rows.filter(member_id=member_id) if member_id is not None else rows).first()
    if row is None:
        raise NoFulfilment(f"There is no gift {fulfilment_id} to be sent. Nothing was changed.")
    return row


def _step(row: Fulfilment, state: FulfilmentState, at: dt.datetime, actor: str, note: str = "") -> None:
    row.state, row.changed_at = state, at
    row.save(update_fields=["state", "changed_at", "address", "carrier", "tracking"])
    FulfilmentStep.objects.create(fulfilment=row, state=state, at=at, actor=actor, note=note)


def _audit(row: Fulfilment, deed: str, at: dt.datetime, actor: str, reason: str = "", **facts: str) -> None:
    becomes = {"member": row.member_id, **facts} if facts else {"member": row.member_id}
    audit.record(at=at, actor=actor, deed=deed, subject=f"fulfilment:{row.id}", becomes=becomes, reason=reason)
