"""What members answer to questions of messages: on a scale, once a message, and what many answers come to."""

import datetime as dt
import uuid

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from membership_site import formats
from messaging import actions, queries
from messaging.enums import Question
from messaging.models import Answer
from messaging.rules.answers import SCALES, Tally, is_on_scale
from messaging.wording import answers as wording
from tests.conftest import NOON
from tests.messaging.outbox import put, send

DAY = dt.timedelta(days=1)


def say(message, score, question=Question.SATISFACTION, *, comment="", at=NOON):
    return actions.answer(token=message.token, question=question, score=score, comment=comment, at=at, actor="link")


@pytest.mark.parametrize(
    ("question", "scores", "score", "mean"),
    [
        (Question.SATISFACTION, {5: 2, 4: 1, 1: 1}, "75.0% satisfied", "3.8 of 5"),
        (Question.SATISFACTION, {3: 2}, "0.0% satisfied", "3 of 5"),
        (Question.RECOMMENDATION, {10: 6, 9: 1, 8: 1, 7: 1, 6: 1}, "NPS +60", "9 of 10"),
        (Question.RECOMMENDATION, {0: 3, 10: 1}, "NPS −50", "2.5 of 10"),
        (Question.RECOMMENDATION, {}, "", ""),
    ],
)
def test_many_answers_in_words(question, scores, score, mean):
    tally = Tally(question, scores)
    assert (wording.tally_words(tally, formats), wording.mean_words(tally, formats)) == (score, mean)


@given(st.dictionaries(st.integers(0, 10), st.integers(0, 50)))
def test_a_score_is_never_beyond_its_scale(scores):
    tally = Tally(Question.RECOMMENDATION, scores)
    if tally.answers:
        assert -1 <= tally.net_promoters <= 1
        assert 0 <= tally.mean <= 10
    else:
        assert tally.net_promoters is tally.mean is tally.satisfied is None


def test_every_answer_has_words_and_no_other_is_one():
    for question, (low, high) in SCALES.items():
        offered = [int(value) for value, words in wording.choices_of(question) if words]
        assert offered == list(range(low, high + 1))
        assert not is_on_scale(question, low - 1)
        assert not is_on_scale(question, high + 1)


@pytest.mark.django_db
def test_an_answer_is_kept_once_and_the_last_one_holds(ann, words, sink):
    message = put(ann.id, words)
    send()
    say(message, 2, comment=" Late \x00")
    say(message, 5, at=NOON + DAY)
    [row] = queries.answers_of_member(ann.id)
    assert (row.question, row.score, row.comment, row.at) == ("satisfaction", 5, "Late", NOON + DAY)
    say(message, 10, Question.RECOMMENDATION)
    assert Answer.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(("question", "score"), [("satisfaction", 0), ("satisfaction", 6), ("recommendation", 11)])
def test_what_is_no_answer_is_refused_here_and_by_the_database(ann, words, question, score):
    message = put(ann.id, words)
    with pytest.raises(actions.BadAnswer):
        say(message, score, Question(question))
    with pytest.raises(IntegrityError, match="messaging_answer_on_scale"), transaction.atomic():
        Answer.objects.create(message=message, question=question, score=score, at=NOON)
    assert not Answer.objects.exists()


@pytest.mark.django_db
def test_constraints_and_strangers(ann, words):
    message = put(ann.id, words)
    say(message, 4)
    with pytest.raises(IntegrityError, match="messaging_answer_once"), transaction.atomic():
        Answer.objects.create(message=message, question="satisfaction", score=3, at=NOON)
    with pytest.raises(actions.UnknownMessage):
        actions.answer(token=uuid.uuid4(), question=Question.SATISFACTION, score=3, at=NOON, actor="link")


@pytest.mark.django_db
def test_answers_are_counted_by_month_of_the_programmes_zone(ann, words):
    """Seven in the evening of 31 March in London is 1 April in Shanghai."""
    late = dt.datetime(2026, 3, 31, 19, 0, tzinfo=dt.UTC)
    for number, (score, at) in enumerate([(5, NOON), (1, NOON), (4, late)]):
        say(put(ann.id, words, key=f"k{number}"), score, at=at)
    found = queries.answers_by_month(NOON - DAY, late + DAY)
    assert {month: asked[Question.SATISFACTION].scores for month, asked in found.items()} == {
        dt.date(2026, 3, 1): {5: 1, 1: 1},
        dt.date(2026, 4, 1): {4: 1},
    }
    assert queries.answers_by_month(NOON + DAY, late) == {}


@pytest.mark.django_db
def test_who_is_erased_leaves_a_number_and_no_words(ann, words):
    say(put(ann.id, words), 3, comment="I live in Lane 5")
    actions.forget(member_ids=[ann.id], addresses=[], words=["nobody"], at=NOON, actor="test")
    assert (Answer.objects.get().score, Answer.objects.get().comment) == (3, "")
