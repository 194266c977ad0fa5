"""The control group: begun, and ended, with its history kept."""

import datetime as dt
import secrets

from django.db import IntegrityError, transaction

from campaigns.models import ControlGroup
from kit import audit

SHARE_MIN, SHARE_MAX = 1, 1500


class ControlGroupStands(Exception):
    """There is a control group already; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("There is a control group already. End it before another one begins; its history is kept.")


class BadShare(Exception):
    """A control group is 0.01 % to 15 % of all members; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Choose a share from 0.01 % to 15 %. Nothing was changed.")


@transaction.atomic
def begin_control_group(*, share: int, at: dt.datetime, actor: str) -> ControlGroup:
    """Will keep a share (of 10,000) of all members, drawn anew, from all marketing; raises what stands above."""
    if not SHARE_MIN <= share <= SHARE_MAX:
        raise BadShare
    if ControlGroup.objects.filter(ends_at=None).exists():
        raise ControlGroupStands
    latest = ControlGroup.objects.order_by("-number").values_list("number", flat=True).first() or 0
    try:
        with transaction.atomic():
            group = ControlGroup.objects.create(
                number=latest + 1, share=share, salt=secrets.token_hex(16), starts_at=at, actor=actor
            )
    except IntegrityError as error:
        raise ControlGroupStands from error
    audit.record(at=at, actor=actor, deed="control_group.begin", subject=f"control_group:{group.number}", becomes=share)
    return group


@transaction.atomic
def end_control_group(*, at: dt.datetime, actor: str) -> ControlGroup | None:
    """Will end the control group, whose members get marketing again from then on; None where there is none."""
    group = ControlGroup.objects.select_for_update().filter(ends_at=None).first()
    if group is None:
        return None
    group.ends_at = max(at, group.starts_at)
    group.save(update_fields=["ends_at"])
    audit.record(at=at, actor=actor, deed="control_group.end", subject=f"control_group:{group.number}", was=group.share)
    return group
