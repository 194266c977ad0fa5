"""Points' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from points.wording.by_hand import by_hand_title, common_reasons, reason_as_kept, reason_words
from points.wording.entries import SumRow, Words, by_deed, event_name, explain, explained_steps, step_text, title
from points.wording.rules import (
    cap_words,
    condition_words,
    deed_name,
    effect_words,
    month_name,
    rule_name,
    rule_sentence,
    weekday_name,
    why_not,
)

__all__ = [
    "SumRow",
    "Words",
    "by_deed",
    "by_hand_title",
    "cap_words",
    "common_reasons",
    "condition_words",
    "deed_name",
    "effect_words",
    "event_name",
    "explain",
    "explained_steps",
    "month_name",
    "reason_as_kept",
    "reason_words",
    "rule_name",
    "rule_sentence",
    "step_text",
    "title",
    "weekday_name",
    "why_not",
]
