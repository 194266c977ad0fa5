"""Publishing the rules by which points are earned, kept and spent."""

import datetime as dt
from typing import Any

from points.models import PolicyVersion
from points.rules.policy import policy_from_terms


def publish_first_policy(*, terms: dict[str, Any], effective_on: dt.date, at: dt.datetime, actor: str) -> bool:
    """Will publish policy 1 where no policy exists yet; raises points.rules.policy.BadTerms. True if it did."""
    if PolicyVersion.objects.exists():
        return False
    policy_from_terms(0, terms)
    PolicyVersion.objects.create(number=1, effective_on=effective_on, terms=terms, published_at=at, actor=actor)
    return True
