"""Messaging's rules of what members answer: the scale of each question, and what many answers come to. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from messaging.enums import Question

SCALES: Mapping[Question, tuple[int, int]] = {Question.SATISFACTION: (1, 5), Question.RECOMMENDATION: (0, 10)}
"""The lowest and the highest answer, both included."""
SATISFIED_FROM = 4
PROMOTERS_FROM, DETRACTORS_TO = 9, 6
"""Reichheld's bounds: 9 and 10 recommend, 0 to 6 warn; 7 and 8 do neither."""
GRADES: Mapping[str, tuple[Question, int, int]] = {
    "satisfied": (Question.SATISFACTION, SATISFIED_FROM, 5),
    "neither": (Question.SATISFACTION, 3, 3),
    "dissatisfied": (Question.SATISFACTION, 1, 2),
    "promoter": (Question.RECOMMENDATION, PROMOTERS_FROM, 10),
    "passive": (Question.RECOMMENDATION, DETRACTORS_TO + 1, PROMOTERS_FROM - 1),
    "detractor": (Question.RECOMMENDATION, 0, DETRACTORS_TO),
}
"""What an answer makes of its member: to which question, from which answer to which."""
COMMENT_MAX = 1000


@dataclass(frozen=True, slots=True)
class Tally:
    """How many answered what to one question; `scores` counts answers by score."""

    question: Question
    scores: Mapping[int, int] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        """How many answered."""
        return sum(self.scores.values())

    @property
    def mean(self) -> float | None:
        """The mean answer; None where nobody answered."""
        whole = sum(score * number for score, number in self.scores.items())
        return whole / self.answers if self.answers else None

    @property
    def satisfied(self) -> float | None:
        """The share of answers of 4 and 5."""
        return self._share(lambda score: score >= SATISFIED_FROM)

    @property
    def net_promoters(self) -> float | None:
        """The share of those who recommend less that of those who warn, from -1 to 1."""
        promoters = self._share(lambda score: score >= PROMOTERS_FROM)
        detractors = self._share(lambda score: score <= DETRACTORS_TO)
        return None if promoters is None or detractors is None else promoters - detractors

    def _share(self, counts: Callable[[int], bool]) -> float | None:
        if not self.answers:
            return None
        return sum(number for score, number in self.scores.items() if counts(score)) / self.answers


def is_on_scale(question: Question, score: int) -> bool:
    """Will say whether a number is an answer to a question."""
    low, high = SCALES[question]
    return low <= score <= high
