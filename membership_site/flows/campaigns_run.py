"""Campaigns go on: once a minute whatever is due is done, one campaign after the other, each by one at a time."""

import datetime as dt
import logging
from collections.abc import Callable

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from kit import locks

logger = logging.getLogger(__name__)

TURNS_MAX = 20
ACTOR = "campaigns"


def go_on(now: Callable[[], dt.datetime]) -> int:
    """Will do what is due for every campaign, and return for how many; one that fails does not hold up the others.

    A campaign that another process is at is left to that one.
    """
    done = 0
    for campaign_id in campaigns_queries.due_campaigns(now()):
        try:
            with locks.alone(f"campaign:{campaign_id}"):
                _take_turns(campaign_id, now)
                done += 1
        except locks.AlreadyRunning:
            continue
        except Exception:
            logger.exception("campaign %s did not go on; it is tried again in a minute", campaign_id)
    return done


def _take_turns(campaign_id: int, now: Callable[[], dt.datetime]) -> None:
    for _ in range(TURNS_MAX):
        if not campaigns_actions.advance(campaign_id=campaign_id, at=now(), actor=ACTOR).is_more:
            return
