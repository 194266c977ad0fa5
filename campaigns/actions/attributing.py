"""The rules of attribution: published anew, never changed, so that what was attributed stays as it was."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.models import AttributionRules
from campaigns.rules.attribution import STARTER, windows_from
from campaigns.rules.plan import CHANNELS
from kit import audit, locks


@transaction.atomic
def publish_windows(*, windows: Mapping[str, Any], at: dt.datetime, actor: str) -> AttributionRules:
    """Will let other windows hold for orders that are attributed from now on; the same again changes nothing.

    Raises BadWindows. What was attributed before keeps the rules it was attributed by.
    """
    locks.take_turns(["campaigns:attribution"])
    checked = windows_from(windows, CHANNELS)
    latest = AttributionRules.objects.order_by("-number").first()
    if latest and latest.windows == checked:
        return latest
    number = latest.number + 1 if latest else 1
    rules = AttributionRules.objects.create(number=number, windows=checked, actor=actor, at=at)
    was = latest.windows if latest else None
    audit.record(
        at=at, actor=actor, deed="attribution.publish", subject=f"attribution:{number}", was=was, becomes=checked
    )
    return rules


def publish_first_windows(*, at: dt.datetime, actor: str) -> AttributionRules:
    """Will let the starter's windows hold where none were published; otherwise those that hold are returned."""
    latest = AttributionRules.objects.order_by("-number").first()
    if latest:
        return latest
    starter = windows_from(STARTER, CHANNELS)
    return AttributionRules.objects.create(number=1, windows=starter, actor=actor, at=at)
