"""Keeping what a member answers to a question of a message."""

import datetime as dt
import uuid

from django.db import transaction

from messaging.actions.choosing import UnknownMessage
from messaging.enums import Question
from messaging.models import Answer, Message
from messaging.rules.answers import COMMENT_MAX, is_on_scale


class BadAnswer(Exception):
    """The answer is none that the question has; nothing was kept."""


@transaction.atomic
def answer(
    *, token: uuid.UUID, question: Question, score: int, comment: str = "", at: dt.datetime, actor: str
) -> Answer:
    """Will keep what a message's member answers, in the place of what he answered before; no new words keep the old.

    Whoever holds the link may answer; that he does is no deed of the member's in the audit log, for the row itself says
    it. Raises UnknownMessage and BadAnswer.
    """
    if not is_on_scale(question, score):
        raise BadAnswer(f"{score} is no answer to this question. Nothing was kept.")
    message = Message.objects.filter(token=token).first()
    if message is None:
        raise UnknownMessage("There is no such message. Nothing was kept.")
    said = {"score": score, "at": at}
    if words := comment.replace("\x00", "").strip()[:COMMENT_MAX]:
        said["comment"] = words
    kept, _ = Answer.objects.update_or_create(message=message, question=question, defaults=said)
    return kept
