"""A member questions a decision, once at a time; the staff answer it, once; what was said stays."""

import pytest

from kit.models import AuditRow
from tests.flows.shop import DAY, place
from tests.kit.broken import breaks, refused, run
from tests.kit.threads import overlapping
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.enums import Verdict
from tiers.models import Challenge

pytestmark = pytest.mark.django_db


@pytest.fixture
def ann(join, noon):
    """Ann on Silver, by her second decision."""
    member_id = join("ann").id
    place("1", ["1000"], noon)
    return member_id


def ask(member_id, at, words="An order is missing", seq=2):
    return tiers_actions.open_challenge(member_id=member_id, seq=seq, words=words, at=at, actor=f"member:{member_id}")


def answer(challenge_id, at, words="It was returned", verdict=Verdict.EXPLAINED, actor="staff:1"):
    deed = {"challenge_id": challenge_id, "verdict": verdict, "words": words}
    return tiers_actions.answer_challenge(**deed, at=at, actor=actor)


def rows():
    return list(Challenge.objects.order_by("id").values())


def test_a_question_waits_and_is_answered(ann, noon):
    asked = ask(ann, noon, "  An order is missing ")
    assert (asked.words, asked.verdict, asked.decision.kind) == ("An order is missing", "", "upgrade")
    assert tiers_queries.count_open_challenges().count == 1
    assert [found.id for found in tiers_queries.open_challenges(10)] == [asked.id]
    told = answer(asked.id, noon + DAY)
    assert (told.verdict, told.answer, told.answered_by, told.answered_at) == (
        "explained", "It was returned", "staff:1", noon + DAY,
    )  # fmt: skip
    assert tiers_queries.open_challenges(10) == [] and tiers_queries.answered_challenges(None, 10) == [told]
    assert tiers_queries.challenges_of(ann, [1, 2]) == {2: told}
    assert AuditRow.objects.get(deed="tier.challenge_answered").becomes == "explained"


def test_repeats_are_the_first_answer_and_other_words_are_refused(ann, noon):
    first = ask(ann, noon)
    before = rows()
    assert ask(ann, noon + DAY) == first
    with pytest.raises(tiers_actions.AlreadyOpen):
        ask(ann, noon, "Something else")
    assert rows() == before
    told = answer(first.id, noon)
    before = rows()
    assert answer(first.id, noon + DAY) == told
    for change in ({"words": "Other"}, {"verdict": Verdict.UPHELD}, {"actor": "staff:2"}):
        with pytest.raises(tiers_actions.AlreadyAnswered):
            answer(first.id, noon, **change)
    assert rows() == before
    assert ask(ann, noon + DAY, "But I kept it").id != first.id  # once answered it may be asked again


def test_what_cannot_be_asked_or_answered_changes_nothing(ann, join, noon):
    asked = ask(ann, noon)
    before = rows()
    for words in (" ", "x" * 1001):
        with pytest.raises(tiers_actions.NoWords):
            ask(ann, noon, words, seq=1)
        with pytest.raises(tiers_actions.NoWords):
            answer(asked.id, noon, words)
    with pytest.raises(tiers_actions.NoSuchDecision):
        ask(ann, noon, seq=9)
    with pytest.raises(tiers_actions.NoSuchDecision):
        ask(join("bob").id, noon, seq=2)  # another member's
    with pytest.raises(tiers_actions.NoSuchChallenge):
        answer(10**9, noon)
    assert rows() == before


def test_the_database_keeps_what_was_asked_and_answered(ann, noon):
    asked = ask(ann, noon)
    found = Challenge.objects.filter(id=asked.id)
    row = found.values().get()
    del row["id"]
    with breaks("tiers_challenge_one_open"):
        Challenge.objects.create(**row)
    with breaks("tiers_challenge_in_words"):
        Challenge.objects.create(**row | {"seq": 1, "words": ""})
    whole = {"verdict": "upheld", "answer": "Yes", "answered_at": noon, "answered_by": "staff:1"}
    for change in (
        {"verdict": ""},
        {"verdict": "whim"},
        {"answer": ""},
        {"answered_by": ""},
        {"answered_at": None},
        {"answered_at": noon - DAY},
    ):
        with breaks("tiers_challenge_answer_is_whole"):
            found.update(**whole | change)
    with breaks("tiers_challenge_decision"):
        Challenge.objects.create(**row | {"seq": 99})
        run("SET CONSTRAINTS ALL IMMEDIATE")
    for change in ({"words": "Other"}, {"seq": 1}, {"opened_at": noon - DAY}, {"actor": "x"}):
        with refused("UPDATE is refused"):
            found.update(**whole | change)
    with refused("DELETE is refused"):
        run("DELETE FROM tiers_challenge")
    assert found.update(**whole) == 1
    with refused("UPDATE is refused"):
        found.update(answer="No")
    with refused("UPDATE is refused"):
        found.update(verdict="", answer="", answered_at=None, answered_by="")


@pytest.mark.django_db(transaction=True)
def test_it_is_opened_once_by_two_at_once(join, noon):
    ann = join("ann").id
    first, second = overlapping(lambda: ask(ann, noon, seq=1), lambda: ask(ann, noon, seq=1))
    assert first == second and Challenge.objects.count() == 1
