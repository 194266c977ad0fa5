"""What was published: the rules in force on a date."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from kit.versions import Versions
from points.models import PolicyVersion
from points.rules.policy import Policy, policy_from_terms


class NoPolicy(Exception):
    """No points policy has been published; load one with `manage.py load_starter`."""


def policies() -> Versions[Policy]:
    """Will return all published policies by the date they came into force. One query; NoPolicy."""
    published = PolicyVersion.objects.filter(published_at__isnull=False).order_by("effective_on", "number")
    versions = Versions((row.effective_on, policy_from_terms(row.id, row.terms)) for row in published)
    if not versions:
        raise NoPolicy("No points policy has been published. Run `manage.py load_starter`, or publish one.")
    return versions


def policy_on(date: dt.date) -> Policy:
    """Will return the policy in force on a business date (the first one before its time). One query; NoPolicy."""
    return policies().on(date)


def policy_by_id(policy_id: int) -> Policy:
    """Will return a policy by its id. One query."""
    row = PolicyVersion.objects.get(id=policy_id)
    return policy_from_terms(row.id, row.terms)


@dataclass(frozen=True, slots=True)
class PublishedPolicy:
    """A version as it was published: from when on, under which number, and what members were told of it."""

    number: int
    effective_on: dt.date
    note: Mapping[str, str]
    policy: Policy


def published_policies() -> list[PublishedPolicy]:
    """Will return all published versions, oldest first; of two of one date the later holds. One query."""
    published = PolicyVersion.objects.filter(published_at__isnull=False).order_by("effective_on", "number")
    return [
        PublishedPolicy(row.number, row.effective_on, row.note or {}, policy_from_terms(row.id, row.terms))
        for row in published
    ]
