"""A member's tier is looked at after an event: decided on every ladder; what a higher tier gives is given at once."""

import datetime as dt

from benefits import actions as benefits_actions
from membership_site.flows import told
from tiers import actions as tiers_actions


def evaluate(*, member_id: int, cause: str, at: dt.datetime, actor: str, returned: str = "") -> None:
    """Will decide as tiers.actions.evaluate_everywhere does; whoever is raised is given what is due to him by then.

    Whom it moves on the main ladder is told. In the caller's transaction. What cannot be given now stays due for the
    night.
    """
    if tiers_actions.evaluate_everywhere(member_id=member_id, cause=cause, at=at, actor=actor, returned=returned):
        benefits_actions.grant_due(member_id=member_id, at=at, actor=actor)
    told.tier_decided(member_id=member_id, cause=cause, at=at, actor=actor)
