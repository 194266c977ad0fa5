"""What segments may ask of tiers: which one is held, until when, what is counted, and how near the next one is."""

import datetime as dt
from functools import partial

from django.db.models import DecimalField, F, Q, QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from kit.enums import FieldKind, Operator
from kit.expressions import has, held
from kit.segments import Asked, SegmentField
from tiers import wording
from tiers.models import Ladder, Standing, Tier
from tiers.queries import NoLadder, terms_on, tiers_of_ladder
from tiers.queries.versions import MAIN

GROUP = "tiers"
TIER = "tiers.tier"
MONEY = DecimalField(max_digits=20, decimal_places=3)
NOUGHT = Value(0, output_field=MONEY)


def standings() -> QuerySet[Standing]:
    """Will return where members stand on the main ladder. One query for its id."""
    return Standing.objects.filter(ladder_id=main_ladder())


def main_ladder() -> int:
    """Will return the id of the main ladder, 0 where there is none. One query."""
    return Ladder.objects.filter(code=MAIN).values_list("id", flat=True).first() or 0


def _tier(asked: Asked) -> Q:
    """Who holds a tier of a code, or one as high: every version of the ladder has rungs of its own."""
    rows = list(Tier.objects.filter(version__ladder__code=MAIN).values_list("id", "version_id", "code", "rank"))
    if asked.operator in (Operator.IS, Operator.ANY_OF):
        ids = [tier_id for tier_id, _version, code, _rank in rows if code in asked.values]
        return has(standings().filter(tier_id__in=ids))
    by_code = {(version, code): rank for _id, version, code, rank in rows}
    newest = max((version for _id, version, code, _rank in rows if code == asked.value), default=0)
    else_rank = by_code.get((newest, asked.value))
    if else_rank is None:
        return Q(pk__in=[])
    ids = []
    for tier_id, version, _code, rank in rows:
        wanted = by_code.get((version, asked.value), else_rank)
        if rank >= wanted if asked.operator is Operator.AT_LEAST else rank <= wanted:
            ids.append(tier_id)
    return has(standings().filter(tier_id__in=ids))


def _ends_soon(asked: Asked) -> Q:
    last = asked.today + dt.timedelta(days=asked.number)
    return has(standings().filter(until_date__gte=asked.today, until_date__lte=last))


def _in_grace(asked: Asked) -> Q:
    return has(standings().filter(grace_date__gte=asked.today, until_date__lt=asked.today))


def _missing(asked: Asked) -> Q:
    """Who is short of the next tier by so much spend at most: each rung is compared with the one above it."""
    rungs = {
        (version, rank): (tier_id, reach)
        for tier_id, version, rank, reach in Tier.objects.filter(version__ladder__code=MAIN).values_list(
            "id", "version_id", "rank", "reach_spend"
        )
    }
    near = Q(pk__in=[])
    for (version, rank), (tier_id, _reach) in rungs.items():
        reach = rungs.get((version, rank + 1), (0, None))[1]
        if reach is not None:
            near |= Q(tier_id=tier_id, spend__gte=reach - asked.amount, spend__lt=reach)
    return has(standings().filter(near))


def counted(column: str, asked: Asked) -> Q:
    """Will compare what counts for the tier, as it was counted last: the spend, the orders or the growth value."""
    return held(standings(), column, asked)


def spent_an_order(asked: Asked) -> Q:
    """Will compare what an order was worth on average, of what counts for the tier as it was counted last."""
    average = Coalesce(F("spend") / NullIf(F("orders"), 0), NOUGHT, output_field=MONEY)
    return held(standings().annotate(an_order=average), "an_order", asked)


def window_days(date: dt.date) -> int:
    """Will return for how many dates back the main ladder counts, 0 where its window does not roll. Two queries."""
    try:
        return terms_on(date).window_days
    except NoLadder:
        return 0


def _tiers(date: dt.date) -> list[tuple[str, object]]:
    try:
        return [(tier.code, wording.tier_name(tier)) for tier in tiers_of_ladder(date)]
    except NoLadder:
        return []


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(TIER, FieldKind.LADDER, GROUP, _("Tier"), _("tier"), _tier, choices=_tiers),
    SegmentField(
        "tiers.until",
        FieldKind.AHEAD,
        GROUP,
        _("Tier ends within days"),
        _("end of the tier"),
        _ends_soon,
    ),
    SegmentField(
        "tiers.grace",
        FieldKind.FLAG,
        GROUP,
        _("Keeps the tier in grace"),
        _("grace"),
        _in_grace,
        phrases={
            Operator.YES: _("who keep their tier in grace"),
            Operator.NO: _("who do not keep their tier in grace"),
        },
    ),
    SegmentField(
        "tiers.missing",
        FieldKind.MONEY,
        GROUP,
        _("Spend missing to the next tier"),
        _("spend missing to the next tier"),
        _missing,
        operators_offered=(Operator.AT_MOST,),
    ),
    SegmentField(
        "tiers.spend",
        FieldKind.MONEY,
        GROUP,
        _("Spend that counts for the tier"),
        _("spend that counts for the tier"),
        partial(counted, "spend"),
    ),
    SegmentField(
        "tiers.orders",
        FieldKind.NUMBER,
        GROUP,
        _("Orders that count for the tier"),
        _("number of orders that count for the tier"),
        partial(counted, "orders"),
    ),
    SegmentField(
        "tiers.growth",
        FieldKind.NUMBER,
        GROUP,
        _("Growth value that counts for the tier"),
        _("growth value that counts for the tier"),
        partial(counted, "growth"),
    ),
)
"""What segments may ask of this room."""
