"""What segments may ask of campaigns, and all that they may ask of the rooms below, collected."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import Any

from django.db.models import BigIntegerField, Func, Q, TextField, Value
from django.db.models.functions import Cast, Concat
from django.db.models.lookups import LessThan
from django.utils.translation import gettext_lazy as _

from benefits import segment_fields as benefits_fields
from campaigns.enums import Group
from campaigns.models import Campaign, ListedMember, Recipient, Run, Segment
from campaigns.rules.buckets import BUCKETS
from campaigns.rules.segments import LIST, SEGMENT
from insights import segment_fields as insights_fields
from kit.enums import Extra, FieldKind, Operator
from kit.expressions import has, often
from kit.segments import Asked, Holds, SegmentField
from members import segment_fields as members_fields
from messaging import segment_fields as messaging_fields
from messaging.enums import MessageEventKind
from orders import segment_fields as orders_fields
from points import segment_fields as points_fields
from tiers import segment_fields as tiers_fields

GROUP = "campaigns"
SALT = "segments"
"""What shares are drawn by where no name is given."""


class _FirstFourBytes(Func):
    """The first four bytes of a text's SHA-256 as a number, the highest first."""

    template = (
        "('x' || encode(substring(sha256(convert_to(%(expressions)s, 'UTF8')) from 1 for 4), 'hex'))::bit(32)::bigint"
    )
    output_field = BigIntegerField()


def in_first_buckets(salt: str, buckets: int) -> Q:
    """Will keep members whose bucket under a salt is among the first so many, as campaigns.rules.buckets says."""
    seed = Concat(Value(f"{salt}:"), Cast("pk", TextField()), output_field=TextField())
    return Q(LessThan(_FirstFourBytes(seed) % Value(BUCKETS), buckets))


def _in_no_segment(asked: Asked) -> Q:
    """Segments are put in the place of their names beforehand; a name that is left is nobody's."""
    return Q(pk__in=[])


def _listed(asked: Asked) -> Q:
    return has(ListedMember.objects.filter(segment_id=_id(asked)))


def _was_in(asked: Asked) -> Q:
    return has(Recipient.objects.filter(run__campaign_id=_id(asked), group=Group.TREATED))


def _touched(event: MessageEventKind | None, asked: Asked) -> Q:
    runs = Run.objects.filter(dispatch__isnull=False)
    runs = runs.filter(campaign_id=_id(asked)) if asked.values else runs
    messages = messaging_fields.messages_that(event, asked)
    return often(messages.filter(dispatch_id__in=runs.values("dispatch_id")), asked.times)


def _share(asked: Asked) -> Q:
    return in_first_buckets(asked.name or SALT, int(asked.amount * BUCKETS / 100))


def _id(asked: Asked) -> int:
    return int(asked.value) if asked.value.isdecimal() and len(asked.value) < 19 else 0


def _segments(date: dt.date) -> list[tuple[str, object]]:
    return _named(Segment.objects.filter(is_list=False, is_archived=False).order_by("name", "id"))


def _lists(date: dt.date) -> list[tuple[str, object]]:
    return _named(Segment.objects.filter(is_list=True, is_archived=False).order_by("name", "id"))


def _campaigns(date: dt.date) -> list[tuple[str, object]]:
    return _named(Campaign.objects.filter(runs__isnull=False).distinct().order_by("-id"))


def _named(rows: "object") -> list[tuple[str, object]]:
    return [(str(row_id), name) for row_id, name in rows.values_list("id", "name")[:500]]  # type: ignore[attr-defined]


def _of(code: str, event: MessageEventKind | None, label: object, phrases: Mapping[str, object]) -> SegmentField:
    return SegmentField(
        code,
        FieldKind.DEED,
        GROUP,
        label,
        label,
        partial(_touched, event),
        choices=_campaigns,
        takes=(Extra.TIMES, Extra.DAYS),
        needs_value=False,
        phrases=phrases,
    )


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(
        SEGMENT,
        FieldKind.MEMBERSHIP,
        GROUP,
        _("In the segment"),
        _("segment"),
        _in_no_segment,
        choices=_segments,
        phrases={
            Operator.YES: _("who are in the segment “%(value)s”"),
            Operator.NO: _("who are not in the segment “%(value)s”"),
        },
    ),
    SegmentField(
        LIST,
        FieldKind.MEMBERSHIP,
        GROUP,
        _("On the list"),
        _("list"),
        _listed,
        choices=_lists,
        phrases={
            Operator.YES: _("who are on the list “%(value)s”"),
            Operator.NO: _("who are not on the list “%(value)s”"),
        },
    ),
    SegmentField(
        "campaigns.was_in",
        FieldKind.MEMBERSHIP,
        GROUP,
        _("Was addressed by the campaign"),
        _("campaign"),
        _was_in,
        choices=_campaigns,
        phrases={
            Operator.YES: _("whom the campaign “%(value)s” addressed"),
            Operator.NO: _("whom the campaign “%(value)s” did not address"),
        },
    ),
    _of(
        "campaigns.sent",
        None,
        _("Was sent a message of the campaign"),
        {
            Operator.DID: _("who were sent a message of the campaign “%(value)s”"),
            Operator.DID_NOT: _("who were not sent a message of the campaign “%(value)s”"),
            "did_any": _("who were sent a message of a campaign"),
            "did_not_any": _("who were not sent a message of a campaign"),
        },
    ),
    _of(
        "campaigns.opened",
        MessageEventKind.OPENED,
        _("Opened a message of the campaign"),
        {
            Operator.DID: _("who opened a message of the campaign “%(value)s”"),
            Operator.DID_NOT: _("who did not open a message of the campaign “%(value)s”"),
            "did_any": _("who opened a message of a campaign"),
            "did_not_any": _("who did not open a message of a campaign"),
        },
    ),
    _of(
        "campaigns.clicked",
        MessageEventKind.CLICKED,
        _("Clicked in a message of the campaign"),
        {
            Operator.DID: _("who clicked in a message of the campaign “%(value)s”"),
            Operator.DID_NOT: _("who did not click in a message of the campaign “%(value)s”"),
            "did_any": _("who clicked in a message of a campaign"),
            "did_not_any": _("who did not click in a message of a campaign"),
        },
    ),
    SegmentField(
        "campaigns.share",
        FieldKind.SHARE,
        GROUP,
        _("A random share, %"),
        _("share"),
        _share,
        takes=(Extra.NAME,),
        phrases={
            Operator.WITHIN: _("who are among a random %(value)s%%"),
            Operator.NOT_WITHIN: _("who are not among a random %(value)s%%"),
        },
    ),
)
"""What segments may ask of this room."""


def _kept_by_tiers(field: SegmentField, kept: Holds) -> SegmentField:
    """Will let a field of orders be answered by what standings keep, where its days are the window of the ladder.

    It is the number that the list of members shows, and needs no summing up of a year of orders. Two queries more.
    """

    def holds(asked: Asked) -> Any:
        window = tiers_fields.window_days(asked.today)
        return kept(asked) if window and asked.days == window else field.holds(asked)

    return replace(field, holds=holds)


@cache
def all_fields() -> Mapping[str, SegmentField]:
    """Will return everything that segments may ask, by code, in the order in which it is offered."""
    rooms = (
        *(tiers_fields, orders_fields, points_fields, members_fields),
        *(insights_fields, benefits_fields, messaging_fields),
    )
    offered = {field.code: field for fields in (*(room.FIELDS for room in rooms), FIELDS) for field in fields}
    kept: dict[str, Holds] = {
        "orders.spend": partial(tiers_fields.counted, "spend"),
        "orders.count": partial(tiers_fields.counted, "orders"),
        "orders.average": tiers_fields.spent_an_order,
    }
    return offered | {code: _kept_by_tiers(offered[code], holds) for code, holds in kept.items()}
