"""The stages of a life-cycle in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from insights.enums import Stage

STAGES: Mapping[Stage, str | Promise] = {
    Stage.NEW: pgettext_lazy("stage", "New"),
    Stage.ACTIVE: pgettext_lazy("stage", "Active"),
    Stage.SLEEPING: pgettext_lazy("stage", "Asleep"),
    Stage.LAPSED: pgettext_lazy("stage", "Lapsed"),
    Stage.WON_BACK: pgettext_lazy("stage", "Won back"),
}


def stage_name(stage: Stage) -> str:
    """Will return a stage in a word."""
    return str(STAGES[stage])
