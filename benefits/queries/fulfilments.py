"""What is to be sent to members: the staff's list, and a member's own."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from benefits.enums import FulfilmentState
from benefits.models import Fulfilment, FulfilmentStep
from benefits.rules.fulfilment import Address, address_from
from members import queries as members_queries


@dataclass(frozen=True, slots=True)
class FulfilmentRow:
    """A gift on its way: to whom, what, where it stands, and since when."""

    id: int
    member_id: int
    number: str
    name: str
    item: str
    names: dict[str, str]
    state: str
    address: Address | None
    carrier: str
    tracking: str
    promised_at: dt.datetime
    changed_at: dt.datetime
    address_until: dt.datetime | None
    is_redeemed: bool


@dataclass(frozen=True, slots=True)
class StepRow:
    """One change of a gift's state."""

    state: str
    at: dt.datetime
    actor: str
    note: str


def count_fulfilments() -> dict[str, int]:
    """Will return {state: how many}. One query."""
    return dict(Fulfilment.objects.values_list("state").annotate(Count("id")))


def list_fulfilments(
    state: FulfilmentState, *, text: str = "", item: str = "", after: tuple[dt.datetime, int] | None = None, limit: int
) -> list[FulfilmentRow]:
    """Will return gifts that stand in a state, longest there first, after (changed_at, id) of the page before.

    `text` is a member's number or a part of his name, or a tracking number. One query.
    """
    rows = _rows().filter(state=state)
    if text:
        rows = rows.filter(Q(member__number__iexact=text) | Q(member__name__icontains=text) | Q(tracking__iexact=text))
    if item:
        rows = rows.filter(item__code=item)
    if after:
        at, number = after
        rows = rows.filter(Q(changed_at__gt=at) | Q(changed_at=at, id__gt=number))
    return [_row(row) for row in rows.order_by("changed_at", "id")[:limit]]


def find_fulfilment(fulfilment_id: int, member_id: int | None = None) -> FulfilmentRow | None:
    """Will return a gift on its way, or None; where a member is named, his own or one merged into him. One query."""
    rows = _rows().filter(id=fulfilment_id)
    row = (rows if member_id is None else rows.filter(members_queries.of_whole(member_id))).first()
    return _row(row) if row else None


def fulfilments_of(member_id: int) -> list[FulfilmentRow]:
    """Will return the gifts of a member and of who was merged into him, latest first. One query."""
    rows = _rows().filter(members_queries.of_whole(member_id))
    return [_row(row) for row in rows.order_by("-promised_at", "-id")]


def steps_of(fulfilment_id: int) -> list[StepRow]:
    """Will return how a gift came to where it stands, first to last. One query."""
    steps = FulfilmentStep.objects.filter(fulfilment_id=fulfilment_id).order_by("id")
    return [StepRow(*row) for row in steps.values_list("state", "at", "actor", "note")]


def without_address(at: dt.datetime, *, above: int = 0, limit: int = 500) -> list[int]:
    """Will return the numbers of gifts whose time for an address ran out by an instant, in order. One query."""
    late = Fulfilment.objects.filter(state=FulfilmentState.NEEDS_ADDRESS, address_until__lte=at, id__gt=above)
    return list(late.order_by("id").values_list("id", flat=True)[:limit])


def _rows() -> "QuerySet[Fulfilment]":
    return Fulfilment.objects.select_related("member", "item")


def _row(row: Fulfilment) -> FulfilmentRow:
    return FulfilmentRow(
        id=row.id,
        member_id=row.member_id,
        number=row.member.number,
        name=row.member.name,
        item=row.item.code,
        names=row.item.names,
        state=row.state,
        address=address_from(row.address),
        carrier=row.carrier,
        tracking=row.tracking,
        promised_at=row.promised_at,
        changed_at=row.changed_at,
        address_until=row.address_until,
        is_redeemed=row.redemption_id is not None,
    )
