"""Decisions that members question."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Min, Q, QuerySet

from tiers.models import (
    Challenge,
    Decision,
)
from tiers.queries.standing import DecisionView, decision_of
from tiers.queries.versions import MAIN


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """A decision that a member thinks is wrong, his words, and the answer; no verdict while it waits."""

    id: int
    member_id: int
    ladder: str
    decision: DecisionView
    words: str
    opened_at: dt.datetime
    verdict: str
    answer: str
    answered_at: dt.datetime | None
    answered_by: str


@dataclass(frozen=True, slots=True)
class OpenChallenges:
    """How many questions wait, and since when the oldest does."""

    count: int
    oldest_at: dt.datetime | None


def get_challenge(challenge_id: int) -> ChallengeView:
    """Will return a question by its number. Two queries."""
    return _challenges(Challenge.objects.filter(id=challenge_id))[0]


def open_challenges(limit: int) -> list[ChallengeView]:
    """Will return questions that wait, the oldest first. Two queries."""
    return _challenges(Challenge.objects.filter(answered_at=None).order_by("opened_at", "id")[:limit])


def count_open_challenges() -> OpenChallenges:
    """Will count the questions that wait. One query."""
    found = Challenge.objects.filter(answered_at=None).aggregate(count=Count("id"), oldest=Min("opened_at"))
    return OpenChallenges(found["count"], found["oldest"])


def answered_challenges(before: tuple[dt.datetime, int] | None, limit: int) -> list[ChallengeView]:
    """Will return questions that were answered, the latest first, from behind an (instant, number) on. Two queries."""
    rows = Challenge.objects.filter(answered_at__isnull=False)
    if before:
        rows = rows.filter(Q(answered_at__lt=before[0]) | Q(answered_at=before[0], id__lt=before[1]))
    return _challenges(rows.order_by("-answered_at", "-id")[:limit])


def challenges_of(member_id: int, seqs: Sequence[int], ladder: str = MAIN) -> dict[int, ChallengeView]:
    """Will return {number of the decision: the latest question about it} of a member's decisions. Two queries."""
    rows = Challenge.objects.filter(member_id=member_id, ladder__code=ladder, seq__in=seqs).order_by("id")
    return {found.decision.seq: found for found in _challenges(rows)}


def _challenges(found: "QuerySet[Challenge]") -> list[ChallengeView]:
    rows = list(found.select_related("ladder"))
    keys = [(row.member_id, row.ladder_id, row.seq) for row in rows]
    decisions = Decision.objects.filter(pk__in=keys).select_related("from_tier", "to_tier", "next_tier")
    by_key = {(row.member_id, row.ladder_id, row.seq): decision_of(row) for row in decisions} if rows else {}
    return [
        ChallengeView(
            id=row.id,
            member_id=row.member_id,
            ladder=row.ladder.code,
            decision=by_key[row.member_id, row.ladder_id, row.seq],
            words=row.words,
            opened_at=row.opened_at,
            verdict=row.verdict,
            answer=row.answer,
            answered_at=row.answered_at,
            answered_by=row.answered_by,
        )
        for row in rows
    ]
