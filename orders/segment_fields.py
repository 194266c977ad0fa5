"""What segments may ask of orders: how much, how often, how long ago, of what, and what else members did."""

from functools import partial

from django.db.models import DecimalField, Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from kit.enums import Extra, FieldKind, Operator
from kit.expressions import earliest, latest, often, recent, recent_date, states, total
from kit.segments import Asked, SegmentField
from orders.enums import OrderStatus
from orders.models import Order, OrderLine, ShopEvent, SpendMovement

GROUP = "orders"
YEAR = 365
MONEY = DecimalField(max_digits=20, decimal_places=3)
NOUGHT = Value(0, output_field=MONEY)


def paid() -> QuerySet[Order]:
    """Will return the paid orders of members."""
    return Order.objects.filter(status=OrderStatus.PAID, member__isnull=False)


def _movements(asked: Asked) -> QuerySet[SpendMovement]:
    """What counts in the last so many dates, as it is known today."""
    return SpendMovement.objects.filter(recent_date("counts_on", asked))


def _count(asked: Asked) -> Q:
    return total(_movements(asked), Sum("orders"), asked)


def _spend(asked: Asked) -> Q:
    return total(_movements(asked), Sum("spend"), asked)


def _average(asked: Asked) -> Q:
    average = Sum("spend") / NullIf(Sum("orders"), 0)
    return total(_movements(asked), Coalesce(average, NOUGHT, output_field=MONEY), asked)


def _returned(asked: Asked) -> Q:
    bought, returned = Sum("spend", filter=Q(spend__gt=0)), Sum("spend", filter=Q(spend__lt=0))
    share = Coalesce(-returned * 100 / NullIf(bought, NOUGHT), NOUGHT, output_field=MONEY)
    return total(_movements(asked), share, asked)


def _bought(column: str, asked: Asked) -> Q:
    """Who ordered so many times with a line of it that did not come back altogether."""
    lines = OrderLine.objects.filter(**{column: asked.value}, order=OuterRef("pk"), refunded_quantity__lt=F("quantity"))
    return often(paid().filter(recent("placed_at", asked)).filter(Exists(lines)), asked.times)


def _event(asked: Asked) -> Q:
    events = ShopEvent.objects.filter(states("properties", asked), type=asked.value, member__isnull=False)
    return often(events.filter(recent_date("business_date", asked)), asked.times)


def _of(column: str, code: str, label: object, did: object, did_not: object) -> SegmentField:
    return SegmentField(
        code,
        FieldKind.DEED,
        GROUP,
        label,
        label,
        partial(_bought, column),
        takes=(Extra.TIMES, Extra.DAYS),
        phrases={Operator.DID: did, Operator.DID_NOT: did_not},
    )


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(
        "orders.last",
        FieldKind.AGO,
        GROUP,
        _("Days since last order"),
        _("last order"),
        lambda asked: latest(paid(), "placed_at", asked),
        phrases={Operator.KNOWN: _("who have ordered"), Operator.UNKNOWN: _("who have never ordered")},
    ),
    SegmentField(
        "orders.first",
        FieldKind.AGO,
        GROUP,
        _("Days since first order"),
        _("first order"),
        lambda asked: earliest(paid(), "placed_at", asked),
        operators_offered=(Operator.AT_LEAST, Operator.AT_MOST),
    ),
    SegmentField(
        "orders.spend",
        FieldKind.MONEY,
        GROUP,
        _("Spend"),
        _("spend"),
        _spend,
        takes=(Extra.DAYS,),
        days=YEAR,
        sums=True,
    ),
    SegmentField(
        "orders.count",
        FieldKind.NUMBER,
        GROUP,
        _("Number of orders"),
        _("number of orders"),
        _count,
        takes=(Extra.DAYS,),
        days=YEAR,
        sums=True,
    ),
    SegmentField(
        "orders.average",
        FieldKind.MONEY,
        GROUP,
        _("Average order"),
        _("average order"),
        _average,
        takes=(Extra.DAYS,),
        days=YEAR,
        sums=True,
    ),
    SegmentField(
        "orders.returned",
        FieldKind.PERCENT,
        GROUP,
        _("Share returned, %"),
        _("returned share"),
        _returned,
        takes=(Extra.DAYS,),
        days=YEAR,
        sums=True,
    ),
    _of(
        "category",
        "orders.category",
        _("Bought from the category"),
        _("who bought from the category “%(value)s”"),
        _("who did not buy from the category “%(value)s”"),
    ),
    _of(
        "brand",
        "orders.brand",
        _("Bought of the brand"),
        _("who bought of the brand “%(value)s”"),
        _("who did not buy of the brand “%(value)s”"),
    ),
    _of(
        "sku",
        "orders.sku",
        _("Bought the article"),
        _("who bought the article “%(value)s”"),
        _("who did not buy the article “%(value)s”"),
    ),
    SegmentField(
        "orders.event",
        FieldKind.DEED,
        GROUP,
        _("Event"),
        _("event"),
        _event,
        takes=(Extra.TIMES, Extra.DAYS, Extra.NAME, Extra.EQUALS),
        phrases={
            Operator.DID: _("of whom the shop told “%(value)s”"),
            Operator.DID_NOT: _("of whom the shop did not tell “%(value)s”"),
        },
    ),
)
"""What segments may ask of this room."""
