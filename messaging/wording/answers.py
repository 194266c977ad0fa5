"""Questions of messages in words: as members read them, and what their answers mean."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kit.formats import Formats
from messaging.enums import Question
from messaging.rules.answers import SCALES, Tally

QUESTIONS: Mapping[Question, str | Promise] = {
    Question.SATISFACTION: gettext_lazy("How satisfied are you with us?"),
    Question.RECOMMENDATION: gettext_lazy("How likely are you to recommend us to a friend?"),
}
NAMES: Mapping[Question, str | Promise] = {
    Question.SATISFACTION: pgettext_lazy("question of a message", "Satisfaction"),
    Question.RECOMMENDATION: pgettext_lazy("question of a message", "Recommendation"),
}
SATISFIED: Mapping[int, str | Promise] = {
    1: pgettext_lazy("how satisfied", "Very dissatisfied"),
    2: pgettext_lazy("how satisfied", "Dissatisfied"),
    3: pgettext_lazy("how satisfied", "Neither"),
    4: pgettext_lazy("how satisfied", "Satisfied"),
    5: pgettext_lazy("how satisfied", "Very satisfied"),
}
ENDS: Mapping[int, str | Promise] = {
    0: pgettext_lazy("how likely", "Not at all likely"),
    10: pgettext_lazy("how likely", "Extremely likely"),
}


GRADES: Mapping[str, str | Promise] = {
    "satisfied": pgettext_lazy("what somebody answered", "satisfied (4 or 5)"),
    "neither": pgettext_lazy("what somebody answered", "neither satisfied nor dissatisfied (3)"),
    "dissatisfied": pgettext_lazy("what somebody answered", "dissatisfied (1 or 2)"),
    "promoter": pgettext_lazy("what somebody answered", "would recommend us (9 or 10)"),
    "passive": pgettext_lazy("what somebody answered", "might recommend us (7 or 8)"),
    "detractor": pgettext_lazy("what somebody answered", "would not recommend us (0 to 6)"),
}


def question_words(question: Question) -> str:
    """Will ask a question as a member reads it."""
    return str(QUESTIONS[question])


def question_name(question: Question) -> str:
    """Will name a question for the staff."""
    return str(NAMES[question])


def choices_of(question: Question) -> list[tuple[str, str]]:
    """Will return the answers that a question has, (value, words), in the order in which they are offered."""
    low, high = SCALES[question]
    return [(str(score), _choice(question, score)) for score in range(low, high + 1)]


def _choice(question: Question, score: int) -> str:
    if question is Question.SATISFACTION:
        return str(SATISFIED[score])
    words = ENDS.get(score)
    return _("%(score)s: %(words)s") % {"score": score, "words": words} if words else str(score)


def tally_words(tally: Tally, formats: Formats) -> str:
    """Will say what many answers come to: the share that is satisfied, or the net promoter score; empty without any."""
    if tally.question is Question.SATISFACTION:
        return "" if tally.satisfied is None else _("%(share)s satisfied") % {"share": formats.pct(tally.satisfied)}
    if tally.net_promoters is None:
        return ""
    score = round(tally.net_promoters * 100)
    sign = "+" if score > 0 else "−" if score else ""
    return _("NPS %(score)s") % {"score": sign + formats.num(abs(score))}


def mean_words(tally: Tally, formats: Formats) -> str:
    """Will say the mean answer with the end of its scale; empty without any."""
    if tally.mean is None:
        return ""
    facts = {"score": formats.num(Decimal(tally.mean).quantize(Decimal("0.1"))), "most": SCALES[tally.question][1]}
    return _("%(score)s of %(most)s") % facts


def score_words(question: Question, score: int, formats: Formats) -> str:
    """Will say an answer with the end of its scale: 4 of 5."""
    return _("%(score)s of %(most)s") % {"score": formats.num(score), "most": formats.num(SCALES[question][1])}
