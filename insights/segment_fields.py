"""What segments may ask of insights: the stage of a member's life-cycle, since when, and when he falls asleep."""

import datetime as dt

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from insights.enums import Stage
from insights.models import Lifecycle
from insights.wording import STAGES
from kit.enums import FieldKind, Operator
from kit.expressions import has
from kit.segments import Asked, SegmentField

GROUP = "insights"
ASLEEP = (Stage.SLEEPING, Stage.LAPSED)


def _stage(asked: Asked) -> Q:
    return has(Lifecycle.objects.filter(stage__in=asked.values))


def _since(asked: Asked) -> Q:
    """Who came to his stage so many dates ago; of whom no night has told yet nothing holds."""
    day = asked.today - dt.timedelta(days=asked.number)
    lookup = "lte" if asked.operator is Operator.AT_LEAST else "gte"
    return has(Lifecycle.objects.filter(**{f"since_date__{lookup}": day}))


def _drowsy(asked: Asked) -> Q:
    last = asked.today + dt.timedelta(days=asked.number)
    awake = Lifecycle.objects.exclude(stage__in=ASLEEP)
    return has(awake.filter(asleep_on__gte=asked.today, asleep_on__lte=last))


def _stages(date: dt.date) -> list[tuple[str, object]]:
    return [(stage.value, STAGES[stage]) for stage in Stage]


FIELDS: tuple[SegmentField, ...] = (
    SegmentField("insights.stage", FieldKind.CHOICE, GROUP, _("Stage"), _("stage"), _stage, choices=_stages),
    SegmentField(
        "insights.since",
        FieldKind.AGO,
        GROUP,
        _("Days in the stage"),
        _("present stage"),
        _since,
        operators_offered=(Operator.AT_LEAST, Operator.AT_MOST),
        phrases={
            Operator.AT_LEAST: _("who came to their stage at least %(value)s ago"),
            Operator.AT_MOST: _("who came to their stage at most %(value)s ago"),
        },
    ),
    SegmentField(
        "insights.asleep",
        FieldKind.AHEAD,
        GROUP,
        _("Falls asleep within days"),
        _("falling asleep"),
        _drowsy,
        phrases={
            Operator.WITHIN: _("who fall asleep within %(value)s if they do nothing"),
            Operator.NOT_WITHIN: _("who do not fall asleep within %(value)s"),
        },
    ),
)
"""What segments may ask of this room."""
