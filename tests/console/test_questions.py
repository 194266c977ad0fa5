"""Decisions that members question: seen with their reasons, answered once in words, by who may."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client

from tiers import actions as tiers_actions
from tiers.enums import Verdict
from tiers.models import Challenge

from .conftest import Join, buy, queries_of, text_of

pytestmark = pytest.mark.django_db
PATH = "/console/questions/"
DAY = dt.timedelta(days=1)
QUERIES = 11


def ask(join: Join, name: str, at: dt.datetime) -> int:
    """Will let a member of Silver question it."""
    member = join(name, at=at - 100 * DAY)
    buy(name, f"Q-{name}", "1100", at - 10 * DAY)
    deed = {"words": f"{name} expected Gold", "actor": f"member:{member.id}"}
    return tiers_actions.open_challenge(member_id=member.id, seq=2, at=at, **deed).id


def test_a_question_is_answered_in_words(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """The card has the reasons; the answer moves it to those answered; a second press is harmless."""
    number = ask(join, "ann", noon - DAY)
    client = enter("agent")
    assert "1 member thinks a tier is wrong" in text_of(client.get("/console/").content.decode())
    page = text_of(client.get(PATH).content.decode())
    assert "ann expected Gold" in page and "Silver begins at CN¥1,000; you had CN¥1,100" in page
    for _press in range(2):
        answer = client.post(f"{PATH}{number}/", {"words": "Gold begins at 5,000.", "verdict": "explained"})
        assert answer.status_code == 302 and answer["Location"] == PATH
    page = text_of(client.get(PATH).content.decode())
    assert "Gold begins at 5,000." in page and "Explained" in page and "Agent Person" in page
    before = Challenge.objects.values().get()
    client.post(f"{PATH}{number}/", {"words": "Other", "verdict": "upheld"})
    assert Challenge.objects.values().get() == before
    assert "was answered already" in client.get(PATH).content.decode()


@pytest.mark.parametrize(
    "sent", [{"words": "", "verdict": "upheld"}, {"words": "x", "verdict": "whim"}, {"words": "x"}]
)
def test_an_answer_needs_words_and_a_verdict(
    enter: Callable[[str], Client], join: Join, noon: dt.datetime, sent: dict[str, str]
) -> None:
    """Nothing is answered otherwise."""
    number = ask(join, "ann", noon)
    assert enter("operator").post(f"{PATH}{number}/", sent).status_code == 422
    assert not Challenge.objects.exclude(verdict="").exists()


def test_who_only_reads_cannot_answer(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """The auditor and finance see; unknown questions are not found."""
    number = ask(join, "ann", noon)
    for role in ("auditor", "finance"):
        client = enter(role)
        assert "Agents, operators or administrators answer." in client.get(PATH).content.decode()
        assert client.post(f"{PATH}{number}/", {"words": "x", "verdict": "upheld"}).status_code == 403
    assert enter("agent").post(f"{PATH}999/", {"words": "x", "verdict": "upheld"}).status_code == 404


def test_it_costs_the_same_for_one_and_many(enter: Callable[[str], Client], join: Join, noon: dt.datetime) -> None:
    """And is paged."""
    first = ask(join, "ann", noon)
    client = enter("agent")
    tiers_actions.answer_challenge(challenge_id=first, verdict=Verdict.EXPLAINED, words="x", at=noon, actor="staff:1")
    ask(join, "bob", noon)
    client.get(PATH)
    one, _page = queries_of(client, PATH)
    for name in ("cat", "dan", "eve"):
        number = ask(join, name, noon)
        if name != "eve":
            tiers_actions.answer_challenge(
                challenge_id=number, verdict=Verdict.UPHELD, words="y", at=noon, actor="staff:1"
            )
    assert queries_of(client, PATH)[0] == one <= QUERIES
