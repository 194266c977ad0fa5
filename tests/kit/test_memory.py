"""What one piece of work asks once, and what it does not keep."""

import pytest

from kit import memory


def test_answers_are_kept_for_the_length_of_a_block():
    asked = []

    @memory.once
    def double(number, *, plus=0):
        asked.append((number, plus))
        return 2 * number + plus

    assert double(1) == double(1) == 2 and len(asked) == 2
    with memory.kept():
        assert double(1) == double(1) == 2
        assert double(2, plus=1) == double(2, plus=1) == 5 and double(2) == 4
        with memory.kept():
            assert double(1) == 2
        assert double(1) == 2 and asked[2:] == [(1, 0), (2, 1), (2, 0)]
    assert double(1) == 2 and len(asked) == 6
    with memory.kept():
        assert double(1) == 2 and len(asked) == 7


def test_what_failed_is_asked_again_and_two_questions_do_not_meet():
    answers = iter([ValueError(), 1])

    @memory.once
    def ask():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @memory.once
    def other():
        return 9

    with memory.kept():
        with pytest.raises(ValueError):
            ask()
        assert (ask(), ask(), other()) == (1, 1, 9)
    with pytest.raises(KeyError), memory.kept():
        raise KeyError
    with pytest.raises(StopIteration):
        ask()
