"""Doing things at the same moment, each on a connection and in a transaction of its own."""

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connection, transaction


def together(deeds: Sequence[Callable[[], Any]]) -> list[Any]:
    """Will do all at once and return each one's answer, or the exception it raised."""
    start = threading.Barrier(len(deeds))
    answers: list[Any] = [None] * len(deeds)

    def body(place: int, deed: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            start.wait(30)
            with transaction.atomic():
                answers[place] = deed()
        except Exception as error:  # noqa: BLE001 (it is the answer)
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=body, args=(place, deed)) for place, deed in enumerate(deeds)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def overlapping(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Will do the second while the first is done but not committed: until the second is through, or waits for it."""
    done, through = threading.Event(), threading.Event()

    def begin() -> Any:
        answer = first()
        done.set()
        through.wait(0.3)
        return answer

    def cross() -> Any:
        done.wait(30)
        try:
            return second()
        finally:
            # Its own transaction ends just after; that the first one's ends later is what makes them cross.
            threading.Timer(0.05, through.set).start()

    return together([begin, cross])


def kinds(answers: Sequence[Any]) -> Counter[str]:
    """Will count answers by type."""
    return Counter(type(answer).__name__ for answer in answers)
