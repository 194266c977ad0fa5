"""Messaging's answers: what members said of the questions that messages asked them."""

from django.db import models
from django.db.models import Q

from kit.models import choices
from messaging.enums import Question
from messaging.models.outbox import Message
from messaging.rules.answers import COMMENT_MAX, SCALES


def _on_scale() -> Q:
    """Will ask of each question an answer that its scale has."""
    asked = Q()
    for question, (low, high) in SCALES.items():
        asked |= Q(question=question.value, score__gte=low, score__lte=high)
    return asked


class Answer(models.Model):
    """What the member of a message answered to one question of it; where he thinks better of it, the last one holds."""

    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="answers", db_index=False)
    question = models.CharField(max_length=20, choices=choices(Question))
    score = models.PositiveSmallIntegerField()
    comment = models.CharField(max_length=COMMENT_MAX, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "question"], name="messaging_answer_once"),
            models.CheckConstraint(condition=_on_scale(), name="messaging_answer_on_scale"),
        ]
        indexes = [
            # What was answered in a period, by question.
            models.Index(fields=["question", "at"], name="messaging_answer_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.score} to {self.message_id}"
