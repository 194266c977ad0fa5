"""On point days orders earn more: what campaigns add to the policy in force when an order is placed."""

import datetime as dt
from dataclasses import replace

from campaigns import queries as campaigns_queries
from points.rules.policy import Policy


def with_days(policy: Policy, placed_at: dt.datetime) -> Policy:
    """Will return the policy as an order placed at an instant meets it. One query.

    A campaign's plan is frozen once it is started, and one that is ended early keeps its days up to then, so that a
    return finds the same rules again.
    """
    rules = campaigns_queries.rules_at(campaigns_queries.point_days(), placed_at)
    return replace(policy, rules=(*policy.rules, *rules)) if rules else policy
