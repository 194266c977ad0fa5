"""Asking for a service, a seat or a trial, and answering: a place is taken when asked, and comes back when refused."""

import datetime as dt
import uuid

from django.db import transaction

from benefits.actions.fulfilling import OutOfStock, UnknownItem, promise
from benefits.actions.granting import NotGiven
from benefits.actions.recording import record_served
from benefits.actions.using import NotTheirs, return_used, use
from benefits.enums import BenefitKind, BookingState
from benefits.kinds.trial.rules import Cell as TrialCell
from benefits.models import Booking
from benefits.queries.bookings import TAKES
from benefits.queries.matrix import matrix_on
from benefits.rules.matrix import NOTE_MAX, Benefit
from kit import audit, clock, locks
from kit.keys import source_key
from points.actions import KeyReused
from tiers import queries as tiers_queries


class NoPlaces(Exception):
    """All places are taken; nothing was booked."""


class NoBooking(Exception):
    """There is no such booking, or it is not this member's; nothing was changed."""


class AlreadyAnswered(Exception):
    """Somebody answered or cancelled it meanwhile, as `state` says; nothing was changed."""

    def __init__(self, state: BookingState) -> None:
        self.state = state
        super().__init__(f"This booking is {state.value} already. Nothing was changed.")


class InThePast(Exception):
    """The time that is asked for is over already; nothing was booked."""


@transaction.atomic
def book(
    *,
    member_id: int,
    benefit: str,
    form_key: uuid.UUID,
    wanted_at: dt.datetime | None = None,
    note: str = "",
    at: dt.datetime,
    actor: str,
) -> int:
    """Will book a service, a seat or a trial for a member, to be answered by the staff; returns the booking's id.

    A use of his quota is counted, and given back where it is declined or cancelled. The same form again returns the
    first booking. Raises NotTheirs, NoneLeft, NoPlaces, InThePast, and KeyReused for the same form with other content.
    Whoever asks for the same thing waits, so that places are never overdrawn.
    """
    locks.take_turns([f"booking:{benefit}"])
    if there := Booking.objects.filter(form_key=form_key).first():
        if (there.member_id, there.benefit, there.note) != (member_id, benefit, note[:NOTE_MAX]):
            raise KeyReused(str(form_key))
        return there.id
    if wanted_at is not None and wanted_at <= at:
        raise InThePast("The time that is asked for is over. Nothing was booked.")
    found = _booked(member_id, benefit, at)
    used = use(member_id=member_id, benefit=benefit, at=at, actor=actor)
    _check_places(member_id, found, at)
    row = Booking.objects.create(
        member_id=member_id,
        benefit=benefit,
        entitlement_id=used.entitlement_id,
        wanted_at=wanted_at,
        note=note[:NOTE_MAX],
        form_key=form_key,
        asked_at=at,
    )
    return row.id


def _booked(member_id: int, code: str, at: dt.datetime) -> Benefit:
    found = matrix_on(clock.business_date(at)).find(code)
    tier = tiers_queries.held_tiers(member_id).get(found.ladder) if found else None
    if found is None or tier is None or not found.is_booked(tier.code):
        raise NotTheirs(f"Member {member_id} cannot book {code}. Nothing was booked.")
    return found


def _check_places(member_id: int, benefit: Benefit, at: dt.datetime) -> None:
    """Will raise NoPlaces where all places that the member's tier may have are taken in the period."""
    cell = benefit.cell_of(tiers_queries.held_tiers(member_id)[benefit.ladder].code)
    places = cell.places() if cell else None
    if places is None:
        return
    period = benefit.period(clock.business_date(at)).key
    taken = Booking.objects.filter(benefit=benefit.code, entitlement__period=period, state__in=TAKES).count()
    if taken >= places:
        raise NoPlaces(f"All {places} places of {benefit.code} are taken. Nothing was booked.")


@transaction.atomic
def confirm_booking(*, booking_id: int, answer: str = "", at: dt.datetime, actor: str) -> None:
    """Will say yes to a booking; the product of a trial is promised. Locks it; a repeat changes nothing.

    Raises NoBooking, AlreadyAnswered, NotGiven where the product has run out.
    """
    row = _locked(booking_id)
    if row.state == BookingState.CONFIRMED and row.answered_by == actor:
        return
    _answer(row, {BookingState.ASKED}, BookingState.CONFIRMED, answer, at, actor)
    if row.entitlement.kind == BenefitKind.TRIAL:
        _send(row, at, actor)


def _send(row: Booking, at: dt.datetime, actor: str) -> None:
    found = matrix_on(clock.business_date(row.asked_at)).find(row.benefit)
    cell = found.rules.read(row.entitlement.terms) if found else None
    if not isinstance(cell, TrialCell):
        raise NotGiven(f"{row.benefit} sends nothing. Nothing was changed.")
    key = source_key("booking", row.id)
    try:
        promise(
            member_id=row.member_id,
            item=cell.item,
            source_key=key,
            entitlement_id=row.entitlement_id,
            at=at,
            actor=actor,
        )
    except (OutOfStock, UnknownItem) as error:
        raise NotGiven(str(error)) from error


@transaction.atomic
def decline_booking(*, booking_id: int, answer: str, at: dt.datetime, actor: str) -> None:
    """Will say no to a booking, with words for the member; his use comes back.

    Locks it; a repeat changes nothing. Raises NoBooking, AlreadyAnswered.
    """
    row = _locked(booking_id)
    if row.state == BookingState.DECLINED and row.answered_by == actor:
        return
    _answer(row, {BookingState.ASKED}, BookingState.DECLINED, answer, at, actor)
    return_used(entitlement_id=row.entitlement_id, at=at, actor=actor)


@transaction.atomic
def finish_booking(*, booking_id: int, answer: str = "", at: dt.datetime, actor: str) -> None:
    """Will note that what was booked is done, and what it was worth; of a trial its product has said so.

    Locks it; a repeat changes nothing. Raises NoBooking, AlreadyAnswered.
    """
    row = _locked(booking_id)
    if row.state == BookingState.DONE:
        return
    _answer(row, {BookingState.CONFIRMED}, BookingState.DONE, answer or row.answer, at, actor)
    if row.entitlement.kind != BenefitKind.TRIAL:
        record_served(
            member_id=row.member_id,
            cause=source_key("booking", row.id),
            entitlement=row.entitlement,
            asked_on=clock.business_date(row.asked_at),
            at=at,
            actor=actor,
        )


@transaction.atomic
def cancel_booking(*, booking_id: int, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will let a member take back what he asked for and nobody confirmed yet; his use comes back.

    Locks it; a repeat changes nothing. Raises NoBooking, AlreadyAnswered.
    """
    row = _locked(booking_id, member_id)
    if row.state == BookingState.CANCELLED:
        return
    _answer(row, {BookingState.ASKED}, BookingState.CANCELLED, "", at, actor)
    return_used(entitlement_id=row.entitlement_id, at=at, actor=actor)


def _locked(booking_id: int, member_id: int | None = None) -> Booking:
    rows = Booking.objects.select_for_update(of=("self",)).select_related("entitlement").filter(id=booking_id)
    row = rows.filter(member_id=member_id).first() if member_id else rows.first()
    if row is None:
        raise NoBooking(f"There is no booking {booking_id}. Nothing was changed.")
    return row


def _answer(
    row: Booking, allowed: set[BookingState], state: BookingState, answer: str, at: dt.datetime, actor: str
) -> None:
    was = BookingState(row.state)
    if was not in allowed:
        raise AlreadyAnswered(was)
    row.state, row.answer, row.answered_at, row.answered_by = state, answer[:NOTE_MAX], at, actor
    row.save(update_fields=["state", "answer", "answered_at", "answered_by"])
    audit.record(
        at=at,
        actor=actor,
        deed=f"booking.{state.value}",
        subject=f"member:{row.member_id}",
        was={"booking": row.id, "state": was.value},
        becomes={"benefit": row.benefit, "state": state.value},
    )
