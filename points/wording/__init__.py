"""Points' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from points.wording.entries import (
    DeedWords,
    SumRow,
    Words,
    by_deed,
    deed_key,
    event_name,
    explain,
    explain_deed,
    explained_steps,
    step_text,
    title,
)
from points.wording.returns import restored_rows, taken_rows
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
    "DeedWords",
    "SumRow",
    "Words",
    "by_deed",
    "cap_words",
    "condition_words",
    "deed_key",
    "deed_name",
    "effect_words",
    "event_name",
    "explain",
    "explain_deed",
    "explained_steps",
    "month_name",
    "restored_rows",
    "rule_name",
    "rule_sentence",
    "step_text",
    "taken_rows",
    "title",
    "weekday_name",
    "why_not",
]
