"""What segments may ask of points: what members hold and owe, what lapses soon, when they earned last."""

import datetime as dt
from functools import partial

from django.db.models import Exists, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from kit import dates
from kit.enums import Extra, FieldKind, Operator
from kit.expressions import has, held, total
from kit.segments import Asked, SegmentField
from points.enums import EntryKind, Wallet
from points.models import Balance, Entry, Lot

GROUP = "points"
SOON = 30


def available_points() -> Subquery:
    """Will return what a member can spend as it is booked, for a list of members."""
    return Subquery(Balance.objects.filter(member_id=OuterRef("pk"), wallet=Wallet.POINTS).values("available")[:1])


def _held(wallet: Wallet, column: str, asked: Asked) -> Q:
    return held(Balance.objects.filter(wallet=wallet), column, asked)


def _lapsing(asked: Asked) -> Q:
    """Whose points that can be used today come to so many of those that cannot after so many days."""
    last = asked.today + dt.timedelta(days=asked.days or SOON)
    idle = Balance.objects.filter(
        member_id=OuterRef("member_id"), wallet=Wallet.POINTS, idle_until__gte=asked.today, idle_until__lte=last
    )
    dated = Q(expires_on__gte=asked.today, expires_on__lte=last)
    lots = Lot.objects.filter(
        dated | (Q(expires_on=dates.WHILE_ACTIVE) & Q(Exists(idle))),
        wallet=Wallet.POINTS,
        active_on__lte=asked.today,
    )
    return total(lots, Sum("points"), asked)


def _earned(asked: Asked) -> Q:
    """How many dates ago points were earned last; the ledger's dates are looked up, which it is ordered by."""
    entries = Entry.objects.filter(wallet=Wallet.POINTS, kind=EntryKind.ACCRUAL)
    match asked.operator:
        case Operator.KNOWN:
            return has(entries)
        case Operator.AT_LEAST:
            since = asked.today - dt.timedelta(days=asked.number - 1)
            return has(entries) & ~has(entries.filter(business_date__gte=since))
    return has(entries.filter(business_date__gte=asked.today - dt.timedelta(days=asked.number)))


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(
        "points.available",
        FieldKind.NUMBER,
        GROUP,
        _("Points"),
        _("points to spend"),
        partial(_held, Wallet.POINTS, "available"),
    ),
    SegmentField(
        "points.lapsing",
        FieldKind.NUMBER,
        GROUP,
        _("Points that lapse within days"),
        _("points that lapse soon"),
        _lapsing,
        takes=(Extra.DAYS,),
        days=SOON,
        sums=True,
        phrases={
            Operator.AT_LEAST: _("of whose points at least %(value)s lapse within %(days)s"),
            Operator.AT_MOST: _("of whose points at most %(value)s lapse within %(days)s"),
            Operator.IS: _("of whose points exactly %(value)s lapse within %(days)s"),
        },
    ),
    SegmentField(
        "points.pending",
        FieldKind.NUMBER,
        GROUP,
        _("Points on hold"),
        _("points on hold"),
        partial(_held, Wallet.POINTS, "pending"),
    ),
    SegmentField(
        "points.debt",
        FieldKind.NUMBER,
        GROUP,
        _("Points owed"),
        _("points owed"),
        partial(_held, Wallet.POINTS, "debt"),
    ),
    SegmentField(
        "points.growth",
        FieldKind.NUMBER,
        GROUP,
        _("Growth value"),
        _("growth value"),
        partial(_held, Wallet.GROWTH, "available"),
    ),
    SegmentField("points.earned", FieldKind.AGO, GROUP, _("Days since last earning"), _("last earning"), _earned),
)
"""What segments may ask of this room."""
