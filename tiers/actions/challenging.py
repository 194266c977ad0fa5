"""A member questions a decision in his words, once at a time, and the staff answer it in theirs, once."""

import datetime as dt

from django.db import transaction

from kit import audit
from tiers import queries
from tiers.actions.deciding import locked
from tiers.enums import Verdict
from tiers.models import Challenge, Decision
from tiers.queries import ChallengeView

WORDS_MAX = 1000


class NoWords(Exception):
    """A question and its answer need words, and not too many; nothing was changed."""


class NoSuchDecision(Exception):
    """The member has no such decision; nothing was changed."""


class AlreadyOpen(Exception):
    """The decision is being looked at already, for other words; nothing was changed."""


class NoSuchChallenge(Exception):
    """There is no such question; nothing was changed."""


class AlreadyAnswered(Exception):
    """It was answered before, otherwise; nothing was changed."""


@transaction.atomic
def open_challenge(
    *, member_id: int, seq: int, words: str, at: dt.datetime, actor: str, ladder: str = queries.MAIN
) -> ChallengeView:
    """Will ask the staff to look at a decision of a member, by its number on a ladder.

    The same words again, while it is open, give the first answer; others raise AlreadyOpen. Raises NoWords,
    NoSuchDecision. Locks the standing.
    """
    words = _checked(words)
    decision = Decision.objects.filter(member_id=member_id, ladder__code=ladder, seq=seq).first()
    if decision is None:
        raise NoSuchDecision("There is no such decision. Nothing was changed.")
    locked(member_id, decision.ladder_id)
    asked = Challenge.objects.filter(member_id=member_id, ladder_id=decision.ladder_id, seq=seq, answered_at=None)
    if first := asked.first():
        if first.words != words:
            raise AlreadyOpen("This decision is being looked at already. Nothing was changed.")
        return queries.get_challenge(first.id)
    row = Challenge.objects.create(
        member_id=member_id, ladder_id=decision.ladder_id, seq=seq, words=words, opened_at=at, actor=actor
    )
    return queries.get_challenge(row.id)


@transaction.atomic
def answer_challenge(*, challenge_id: int, verdict: Verdict, words: str, at: dt.datetime, actor: str) -> ChallengeView:
    """Will answer a member's question: he was right, or the decision stands and is explained.

    The same answer again is the first one; another raises AlreadyAnswered. Raises NoWords, NoSuchChallenge. Locks the
    question.
    """
    words = _checked(words)
    row = Challenge.objects.select_for_update(no_key=True).filter(id=challenge_id).first()
    if row is None:
        raise NoSuchChallenge("There is no such question. Nothing was changed.")
    if row.answered_at:
        if (row.verdict, row.answer, row.answered_by) != (verdict.value, words, actor):
            raise AlreadyAnswered("This was answered already. Nothing was changed.")
        return queries.get_challenge(row.id)
    row.verdict, row.answer, row.answered_by = verdict.value, words, actor
    row.answered_at = max(at, row.opened_at)
    row.save(update_fields=["verdict", "answer", "answered_by", "answered_at"])
    audit.record(
        at=at,
        actor=actor,
        deed="tier.challenge_answered",
        subject=f"member:{row.member_id}",
        was=row.words[:300],
        becomes=verdict.value,
        reason=words[:300],
    )
    return queries.get_challenge(row.id)


def _checked(words: str) -> str:
    words = words.strip()
    if not words:
        raise NoWords("Say it in words. Nothing was changed.")
    if len(words) > WORDS_MAX:
        raise NoWords(f"Use at most {WORDS_MAX} characters. Nothing was changed.")
    return words
