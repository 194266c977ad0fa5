"""Points' outcomes in words: codes and facts in, sentences out, in the reader's language."""

from points.wording.entries import SumRow, Words, by_deed, event_name, explain, explained_steps, step_text, title

__all__ = ["SumRow", "Words", "by_deed", "event_name", "explain", "explained_steps", "step_text", "title"]
