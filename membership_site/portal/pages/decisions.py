"""How a member's tier came about, decision by decision, and what he asked about it."""

import datetime as dt
from dataclasses import dataclass

from membership_site import formats
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.enums import Verdict
from tiers.queries import ChallengeView, DecisionView

ROWS = 10


@dataclass(frozen=True)
class Question:
    """What the member asked about a decision, and the answer; `verdict` is empty while it waits."""

    words: str
    asked_at: dt.datetime
    verdict: str
    answer: str
    answered_at: dt.datetime | None


@dataclass(frozen=True)
class DecisionRow:
    """One decision with its reasons."""

    seq: int
    date: dt.date
    title: str
    reasons: tuple[str, ...]
    question: Question | None


def decision_rows(member_id: int) -> tuple[DecisionRow, ...]:
    """Will assemble the latest decisions on the main ladder. Three queries."""
    decisions = tiers_queries.list_decisions(member_id, limit=ROWS)
    asked = tiers_queries.challenges_of(member_id, [decision.seq for decision in decisions])
    return tuple(_row(decision, asked.get(decision.seq)) for decision in decisions)


def decision_row(member_id: int, seq: int) -> DecisionRow | None:
    """Will assemble one decision on the main ladder, if he has it. Three queries."""
    decision = tiers_queries.find_decision(member_id, seq)
    return _row(decision, tiers_queries.challenges_of(member_id, [seq]).get(seq)) if decision else None


def _row(decision: DecisionView, asked: ChallengeView | None) -> DecisionRow:
    return DecisionRow(
        seq=decision.seq,
        date=decision.business_date,
        title=tiers_wording.decision_title(decision, formats),
        reasons=tiers_wording.reasons(decision, formats),
        question=_question(asked) if asked else None,
    )


def _question(asked: ChallengeView) -> Question:
    return Question(
        words=asked.words,
        asked_at=asked.opened_at,
        verdict=tiers_wording.verdict_words(Verdict(asked.verdict)) if asked.verdict else "",
        answer=asked.answer,
        answered_at=asked.answered_at,
    )
