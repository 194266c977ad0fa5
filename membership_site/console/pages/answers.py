"""What a member answered to questions of messages, on his page."""

import datetime as dt
from dataclasses import dataclass

from membership_site import formats
from messaging import queries as messaging_queries
from messaging.wording.answers import question_name, score_words


@dataclass(frozen=True)
class AnswerLine:
    """An answer in words."""

    question: str
    score: str
    comment: str
    asked_by: str
    at: dt.datetime


def answers_of_member(member_id: int) -> tuple[AnswerLine, ...]:
    """Will say a member's latest answers. One query."""
    return tuple(
        AnswerLine(
            question_name(one.question),
            score_words(one.question, one.score, formats),
            one.comment,
            one.dispatch,
            one.at,
        )
        for one in messaging_queries.answers_of_member(member_id)
    )
