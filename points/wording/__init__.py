"""Points' outcomes in words: codes and facts in, sentences out, in the reader's language."""

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
    "cap_words",
    "condition_words",
    "deed_name",
    "effect_words",
    "event_name",
    "explain",
    "explained_steps",
    "month_name",
    "rule_name",
    "rule_sentence",
    "step_text",
    "title",
    "weekday_name",
    "why_not",
]
