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


def kinds(answers: Sequence[Any]) -> Counter[str]:
    """Will count answers by type."""
    return Counter(type(answer).__name__ for answer in answers)
