"""The rules of the points: those in force on a date, all that were published, the draft, and what rules gave."""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Sum

from kit import memory, sql
from kit.versions import Versions
from points.enums import ConditionKind
from points.models import PolicyVersion, RuleBudget, RuleUse
from points.rules.conditions import number_of
from points.rules.earning_rules import EarningRule
from points.rules.policy import Policy, policy_from_terms


class NoPolicy(Exception):
    """No points policy has been published; load one with `manage.py load_starter`."""


@memory.once
def _published() -> list[tuple[dt.date, int, str, int, str]]:
    return sql.fetch("points", "published_policies")


@memory.once
def policies() -> Versions[Policy]:
    """Will return all published policies by the date they came into force. One query; NoPolicy."""
    versions = Versions((effective_on, _read(policy_id, terms)) for effective_on, policy_id, terms, *_ in _published())
    if not versions:
        raise NoPolicy("No points policy has been published. Run `manage.py load_starter`, or publish one.")
    return versions


def count_policies() -> int:
    """Will count the policies that were published, also those of one date. One query, with that of policies."""
    return len(_published())


@lru_cache(maxsize=64)
def _read(policy_id: int, terms: str) -> Policy:
    """Nearly everything asks for the policy, which hardly ever changes: one text is read once."""
    return policy_from_terms(policy_id, json.loads(terms))


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
    return [
        PublishedPolicy(number, effective_on, json.loads(note) or {}, _read(policy_id, terms))
        for effective_on, policy_id, terms, number, note in _published()
    ]


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of the rules; `published_at` is None for the draft. `terms` are as stored, `policy` as read."""

    id: int
    number: int
    effective_on: dt.date
    terms: Mapping[str, Any]
    policy: Policy
    note: Mapping[str, str]
    published_at: dt.datetime | None
    actor: str
    created_at: dt.datetime


def list_versions() -> list[PolicyRow]:
    """Will return all published versions, the one that comes into force last first. One query."""
    rows = PolicyVersion.objects.filter(published_at__isnull=False).order_by("-effective_on", "-number")
    return [_row(row) for row in rows]


def find_draft() -> PolicyRow | None:
    """Will return the draft that is open, if one is. One query."""
    row = PolicyVersion.objects.filter(published_at=None).order_by("-number").first()
    return _row(row) if row else None


def get_version(version_id: int) -> PolicyRow:
    """Will return a version by its id; raises PolicyVersion.DoesNotExist. One query."""
    return _row(PolicyVersion.objects.get(id=version_id))


def find_version(number: int) -> PolicyRow | None:
    """Will return a version by its number. One query."""
    row = PolicyVersion.objects.filter(number=number).first()
    return _row(row) if row else None


def rules_naming_segment(segment: str, today: dt.date) -> list[Mapping[str, str]]:
    """Will return the names of rules that ask for a segment: in force on a date, to come, or in the draft. One query.

    Earlier ones are not asked any more: what they gave is remembered with each deed.
    """
    rows = [_row(row) for row in PolicyVersion.objects.order_by("-effective_on", "-number")]
    names: dict[str, Mapping[str, str]] = {}
    for row in rows:
        on = (rule for rule in row.policy.rules if rule.is_on)
        names |= {rule.code: rule.names for rule in on if segment in _segments_of(rule)}
        if row.published_at is not None and row.effective_on <= today:
            break
    return list(names.values())


def _segments_of(rule: EarningRule) -> set[str]:
    asked = (one for one in rule.when if one.kind is ConditionKind.SEGMENT)
    return {number_of(value) for one in asked for value in one.values}


def codes_ever() -> set[str]:
    """Will return the codes of all rules that any version has or had, or that budgets remember. Two queries."""
    versions = PolicyVersion.objects.values_list("terms__rules", flat=True)
    budgets = RuleBudget.objects.values_list("rule", flat=True).distinct()
    return {rule["code"] for rules in versions for rule in rules or ()} | set(budgets)


def points_by_rule(starts_on: dt.date, ends_on: dt.date) -> dict[str, int]:
    """Will return {code: points} that each rule gave from a date through another, returns taken off. One query.

    The points of all rules and without any stand under points.rules.caps.ALL.
    """
    dated = RuleUse.objects.filter(counts_on__gte=starts_on, counts_on__lte=ends_on).order_by()
    return dict(dated.values_list("rule").annotate(Sum("points")))


@dataclass(frozen=True, slots=True)
class BudgetRow:
    """How much of a rule's budget is used; `limit` is what is set up by now."""

    limit: int
    used: int


def budgets_by_rule() -> dict[str, BudgetRow]:
    """Will return {code: budget} of all rules that have or had one. One query."""
    rows = RuleBudget.objects.order_by().values_list("rule").annotate(Sum("limit"), Sum("used"))
    return {rule: BudgetRow(limit, used) for rule, limit, used in rows}


def _row(row: PolicyVersion) -> PolicyRow:
    return PolicyRow(
        id=row.id,
        number=row.number,
        effective_on=row.effective_on,
        terms=row.terms,
        policy=policy_from_terms(row.id, row.terms),
        note=row.note,
        published_at=row.published_at,
        actor=row.actor,
        created_at=row.created_at,
    )
