"""A member thinks that his tier is wrong: he says so on the decision, and reads the answer there."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from members.models import Member
from tiers import actions as tiers_actions
from tiers.enums import Verdict
from tiers.models import Challenge

from .conftest import Buy
from .test_overview import shown

pytestmark = pytest.mark.django_db
PATH = "/tiers/decisions/2/"
DAY = dt.timedelta(days=1)


@pytest.fixture
def silver(ann: Member, buy: Buy, noon: dt.datetime) -> Member:
    """Ann on Silver, by her second decision."""
    buy("A1", ["1100"], noon - 10 * DAY)
    return ann


def test_he_asks_and_reads_the_answer(browse: Client, silver: Member, noon: dt.datetime) -> None:
    """In his own words and ours; a second press is harmless."""
    page = shown(browse, "/tiers/")
    assert "How your tier came about" in page and "Up to Silver" in page and f'href="{PATH}"' in page
    assert "Silver begins at CN¥1,000" in shown(browse, PATH)
    for _press in range(2):
        answer = browse.post(PATH, {"words": "I expected <b>Gold</b>"})
        assert answer.status_code == 302 and answer["Location"] == PATH
    page = shown(browse, PATH)
    assert "We are looking at it." in page and "I expected &lt;b&gt;Gold&lt;/b&gt;" in page and "<textarea" not in page
    assert "We are looking at it." in shown(browse, "/tiers/")
    asked = Challenge.objects.get()
    assert (asked.member_id, asked.actor) == (silver.id, f"member:{silver.id}")
    deed: dict[str, Any] = {
        "words": "Gold begins at 5,000.",
        "verdict": Verdict.EXPLAINED,
        "at": noon,
        "actor": "staff:1",
    }
    tiers_actions.answer_challenge(challenge_id=asked.id, **deed)
    page = shown(browse, PATH)
    assert "The tier is right, and this is why." in page and "Gold begins at 5,000." in page and "<textarea" in page


@pytest.mark.parametrize(
    ("words", "sentence"),
    [("", "Say what is wrong, so that we know where to look."), ("x" * 1001, "Use at most 1,000 characters.")],
)
def test_bad_words_are_named_at_the_field(browse: Client, silver: Member, words: str, sentence: str) -> None:
    """What was typed stays, and nothing is asked."""
    answer = browse.post(PATH, {"words": words})
    assert answer.status_code == 422 and sentence in answer.content.decode()
    assert not Challenge.objects.exists()


def test_one_question_at_a_time(browse: Client, silver: Member) -> None:
    """Other words wait until the first were answered."""
    browse.post(PATH, {"words": "One"})
    answer = browse.post(PATH, {"words": "Two"})
    assert answer.status_code == 422 and "We are looking at this already." in answer.content.decode()


def test_only_his_own_decisions(browse: Client, silver: Member, join: Callable[..., Member]) -> None:
    """A decision that he does not have is not found."""
    assert browse.get("/tiers/decisions/9/").status_code == 404
    assert browse.post("/tiers/decisions/9/", {"words": "x"}).status_code == 404
    assert browse.get("/tiers/decisions/99999999999999/").status_code == 404
