"""A question is asked once in a reading, anew in the next one and outside, and a fault is no answer."""

import threading

import pytest

from kit import once


class Counter:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.times = 0
        self.ask = once.in_a_reading(self._ask)

    def _ask(self, what: str = "", *, fail: bool = False) -> tuple[str, int]:
        self.times += 1
        if fail:
            raise ValueError(what)
        return what, self.times


def test_a_question_is_asked_once_in_a_reading() -> None:
    counter = Counter()
    with once.one_reading():
        assert counter.ask("a") == counter.ask("a") == ("a", 1)
        assert counter.ask("b") == ("b", 2)
        assert counter.ask(what="b") == counter.ask(what="b") == ("b", 3)
    with once.one_reading():
        assert counter.ask("a") == ("a", 4)


def test_outside_of_a_reading_nothing_is_kept() -> None:
    counter = Counter()
    assert [counter.ask("a")[1] for _ in range(3)] == [1, 2, 3]


def test_a_fault_is_no_answer_and_ends_the_reading() -> None:
    counter = Counter()
    with once.one_reading():
        for _try in range(2):
            with pytest.raises(ValueError, match="a"):
                counter.ask("a", fail=True)
        assert counter.times == 2
    with pytest.raises(ValueError, match="a"), once.one_reading():
        counter.ask("a", fail=True)
    assert counter.ask("a") == ("a", 4)


def test_readings_at_once_know_nothing_of_each_other() -> None:
    counter, met = Counter(), threading.Barrier(2)
    seen: list[int] = []

    def read() -> None:
        with once.one_reading():
            met.wait(5)
            seen.append(counter.ask("a")[1])
            met.wait(5)
            counter.ask("a")

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(seen) == 2
    assert counter.times == 2
