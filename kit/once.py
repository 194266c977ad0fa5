"""Kit's memory of one reading: what is in force is asked once while a page is read, however many panels ask it."""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
Answer = TypeVar("Answer")

_ANSWERS: ContextVar[dict[Hashable, Any] | None] = ContextVar("once_answers", default=None)


@contextmanager
def one_reading() -> Iterator[None]:
    """Will keep the answers to questions that are asked once for as long as the block lasts; it must write nothing."""
    token = _ANSWERS.set({})
    try:
        yield
    finally:
        _ANSWERS.reset(token)


def in_a_reading(question: Callable[P, Answer]) -> Callable[P, Answer]:
    """Will ask a question once in a reading, and each time outside of one; whoever asks must not change the answer.

    For what is small, asked by many, and the same for everybody: versions in force, names, what can be chosen.
    """

    @wraps(question)
    def asked(*args: P.args, **kwargs: P.kwargs) -> Answer:
        answers = _ANSWERS.get()
        if answers is None:
            return question(*args, **kwargs)
        key = (question, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = question(*args, **kwargs)
        answer: Answer = answers[key]
        return answer

    return asked
