"""What segments may ask of benefits: coupons that are ready or were used, rewards, and what was saved."""

import datetime as dt

from django.db.models import F, Q, Sum
from django.utils.translation import gettext_lazy as _

from benefits import wording
from benefits.enums import RedemptionState
from benefits.models import BenefitUse, Coupon, Redemption, Reward
from benefits.queries import coupons_to_give
from kit.enums import Extra, FieldKind, Operator
from kit.expressions import has, often, recent, recent_date, total
from kit.segments import Asked, SegmentField

GROUP = "benefits"
YEAR = 365


def _ready(asked: Asked) -> Q:
    """Who could use a coupon now."""
    coupons = Coupon.objects.filter(
        Q(ends_at=None) | Q(ends_at__gt=asked.at),
        Q(uses_max=None) | Q(uses_max__gt=F("used") + F("held")),
        member__isnull=False,
        voided_at=None,
        starts_at__lte=asked.at,
    )
    return has(coupons.filter(definition__code__in=asked.values) if asked.values else coupons)


def _used(asked: Asked) -> Q:
    """Who used coupons so often, uses that were undone taken off."""
    uses = BenefitUse.objects.filter(recent_date("used_on", asked), definition__isnull=False)
    if asked.values:
        uses = uses.filter(definition__code__in=asked.values)
    at_least = Asked(Operator.AT_LEAST, (str(asked.times),), asked.at, asked.today)
    return total(uses, Sum("uses"), at_least)


def _redeemed(asked: Asked) -> Q:
    redemptions = Redemption.objects.filter(recent("redeemed_at", asked), state=RedemptionState.DONE)
    if asked.values:
        redemptions = redemptions.filter(reward__code__in=asked.values)
    return often(redemptions, asked.times)


def _saved(asked: Asked) -> Q:
    return total(BenefitUse.objects.filter(recent_date("used_on", asked)), Sum("saved"), asked)


def _coupons(date: dt.date) -> list[tuple[str, object]]:
    return [(code, wording.named(names, code)) for code, names in coupons_to_give()]


def _rewards(date: dt.date) -> list[tuple[str, object]]:
    rows = Reward.objects.order_by("position", "id").values_list("code", "names")
    return [(code, wording.named(names, code)) for code, names in rows]


FIELDS: tuple[SegmentField, ...] = (
    SegmentField(
        "benefits.ready",
        FieldKind.DEED,
        GROUP,
        _("Has a coupon to use"),
        _("coupon"),
        _ready,
        choices=_coupons,
        needs_value=False,
        phrases={
            Operator.DID: _("who have the coupon “%(value)s” to use"),
            Operator.DID_NOT: _("who do not have the coupon “%(value)s” to use"),
            "did_any": _("who have a coupon to use"),
            "did_not_any": _("who have no coupon to use"),
        },
    ),
    SegmentField(
        "benefits.used",
        FieldKind.DEED,
        GROUP,
        _("Used a coupon"),
        _("coupon"),
        _used,
        choices=_coupons,
        takes=(Extra.TIMES, Extra.DAYS),
        needs_value=False,
        phrases={
            Operator.DID: _("who used the coupon “%(value)s”"),
            Operator.DID_NOT: _("who did not use the coupon “%(value)s”"),
            "did_any": _("who used a coupon"),
            "did_not_any": _("who did not use a coupon"),
        },
    ),
    SegmentField(
        "benefits.redeemed",
        FieldKind.DEED,
        GROUP,
        _("Redeemed a reward"),
        _("reward"),
        _redeemed,
        choices=_rewards,
        takes=(Extra.TIMES, Extra.DAYS),
        needs_value=False,
        phrases={
            Operator.DID: _("who redeemed “%(value)s”"),
            Operator.DID_NOT: _("who did not redeem “%(value)s”"),
            "did_any": _("who redeemed a reward"),
            "did_not_any": _("who did not redeem a reward"),
        },
    ),
    SegmentField(
        "benefits.saved",
        FieldKind.MONEY,
        GROUP,
        _("Saved by benefits"),
        _("saving by benefits"),
        _saved,
        takes=(Extra.DAYS,),
        days=YEAR,
        sums=True,
    ),
)
"""What segments may ask of this room."""
