"""The control group that gets no marketing."""

import datetime as dt

from django.db.models import Q

from campaigns.models import ControlGroup


def control_in_force(at: dt.datetime) -> ControlGroup | None:
    """Will return the control group of an instant, None where there is none. One query."""
    return (
        ControlGroup.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), starts_at__lte=at).order_by("-number").first()
    )
