"""Kit's memory: what is asked again and again during one piece of work, and read once."""

import functools
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_answers: ContextVar[dict[Hashable, Any] | None] = ContextVar("_answers", default=None)


@contextmanager
def kept() -> Iterator[None]:
    """Will keep the answers of what is asked `once` for the length of the block; a block within one has the same."""
    if _answers.get() is not None:
        yield
        return
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(ask: Callable[Given, Answer]) -> Callable[Given, Answer]:
    """Will make a question be asked once within `kept`, and anew each time outside of it.

    For what nobody changes for the dates that are being worked on, such as the versions that were published by then.
    """

    @functools.wraps(ask)
    def asked(*args: Given.args, **options: Given.kwargs) -> Answer:
        answers = _answers.get()
        if answers is None:
            return ask(*args, **options)
        key = (ask, args, *sorted(options.items()))
        if key not in answers:
            answers[key] = ask(*args, **options)
        return answers[key]  # type: ignore[no-any-return]

    return asked
