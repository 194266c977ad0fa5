"""What members answered to questions of messages: one's, a member's, and what all come to by month."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import TruncMonth

from kit import clock
from messaging.enums import Question
from messaging.models import Answer
from messaging.rules.answers import Tally


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """An answer; `dispatch` names the launch whose message asked, empty for one of no dispatch."""

    question: Question
    score: int
    comment: str
    at: dt.datetime
    dispatch: str = ""


def find_answer(message_id: int, question: Question) -> AnswerRow | None:
    """Will return what was answered to a question of a message, or None. One query."""
    row = Answer.objects.filter(message_id=message_id, question=question).first()
    return AnswerRow(question, row.score, row.comment, row.at) if row else None


def answers_of_member(member_id: int, limit: int = 10) -> tuple[AnswerRow, ...]:
    """Will return a member's latest answers, the latest first. One query."""
    rows = Answer.objects.filter(message__member_id=member_id).order_by("-at", "-id")
    found = rows.values_list("question", "score", "comment", "at", "message__dispatch__name")
    return tuple(
        AnswerRow(Question(question), score, comment, at, dispatch or "")
        for question, score, comment, at, dispatch in found[:limit]
    )


def answers_by_month(since: dt.datetime, before: dt.datetime) -> dict[dt.date, dict[Question, Tally]]:
    """Will return what was answered in a period, by the month of the programme's zone and by question. One query."""
    rows = Answer.objects.filter(at__gte=since, at__lt=before).order_by()
    months = rows.annotate(month=TruncMonth("at", tzinfo=clock.programme_zone()))
    found: dict[dt.date, dict[Question, dict[int, int]]] = {}
    counted = months.values_list("month", "question", "score").annotate(number=Count("*"))
    for month, question, score, number in counted:
        found.setdefault(month.date(), {}).setdefault(Question(question), {})[score] = number
    return {
        month: {question: Tally(question, scores) for question, scores in asked.items()}
        for month, asked in sorted(found.items())
    }
