"""By what days the stages of a life-cycle are told apart. Pure; sql/tell_stages.sql does the same for everybody."""

import datetime as dt
from dataclasses import dataclass

from insights.enums import Stage


@dataclass(frozen=True, slots=True)
class LifecycleTerms:
    """New for so many days from joining; asleep and lapsed after so many without a deed; won back for so many more."""

    new_days: int = 30
    sleeping_days: int = 90
    lapsed_days: int = 180
    won_back_days: int = 60


def stage_on(
    terms: LifecycleTerms,
    date: dt.date,
    joined_on: dt.date,
    last_on: dt.date | None,
    before: Stage | None = None,
    since: dt.date | None = None,
) -> Stage:
    """Will tell a member's stage at the end of a date from his last deed, and from the stage he had before.

    Who had lapsed and does something is won back, and is called so for a while.
    """
    idle = (date - (last_on or joined_on)).days
    if idle >= terms.lapsed_days:
        return Stage.LAPSED
    if idle >= terms.sleeping_days:
        return Stage.SLEEPING
    if before is Stage.LAPSED:
        return Stage.WON_BACK
    if before is Stage.WON_BACK and since is not None and (date - since).days < terms.won_back_days:
        return Stage.WON_BACK
    if last_on is None or (date - joined_on).days < terms.new_days:
        return Stage.NEW
    return Stage.ACTIVE
