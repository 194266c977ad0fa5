"""Campaigns' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from campaigns.wording.segments import (
    differences,
    group_words,
    left_out_words,
    operator_words,
    problem_words,
    sentence,
)

__all__ = ["differences", "group_words", "left_out_words", "operator_words", "problem_words", "sentence"]
