"""What recipients of a campaign answered: by variant, once a recipient, of one launch or of all."""

import datetime as dt

import pytest

from campaigns import queries as campaigns_queries
from campaigns.enums import CampaignKind
from campaigns.models import Run
from messaging import actions as messaging_actions
from messaging.enums import Question
from messaging.models import Message
from tests.campaigns.cast import launched, messages, reachable, recipients, sent, started, turn, words
from tests.conftest import NOON

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("module_programme")]

DAY = dt.timedelta(days=1)


def say(message: Message, score: int, at: dt.datetime = NOON, question: Question = Question.SATISFACTION) -> None:
    messaging_actions.answer(token=message.token, question=question, score=score, at=at, actor="link")


def scores(run: Run, at: dt.datetime = NOON + DAY) -> dict[tuple[str, str], dict[int, int]]:
    found = campaigns_queries.answers_of_run(run.id, at)
    return {(one.variant, one.tally.question.value): dict(one.tally.scores) for one in found}


def test_answers_are_counted_by_variant_and_question() -> None:
    for number in range(12):
        reachable(f"m{number}")
    variants = [{"code": code, "template": words(f"Words {code}").id} for code in ("A", "B")]
    experiment = {"metric": "clicked", "horizon_hours": 24, "test_share": 10_000, "fallback": "first"}
    run = launched(variants=variants, experiment=experiment)
    sent(run, NOON)
    written = messages(run)
    variant_of = {member: one.variant for member, one in recipients(run).items()}
    assert set(variant_of.values()) == {"A", "B"}
    for member, message in written.items():
        say(message, 5 if variant_of[member] == "A" else 2)
        say(message, 9, question=Question.RECOMMENDATION)
    counts = {code: list(variant_of.values()).count(code) for code in ("A", "B")}
    assert scores(run) == {
        ("A", "satisfaction"): {5: counts["A"]},
        ("B", "satisfaction"): {2: counts["B"]},
        ("A", "recommendation"): {9: counts["A"]},
        ("B", "recommendation"): {9: counts["B"]},
    }


def test_who_answers_twice_counts_once_by_his_last_answer() -> None:
    ann = reachable("ann")
    run = launched(channels=["email", "inbox"])
    sent(run, NOON)
    by_mail, in_inbox = messages(run)[ann.id], messages(run, "inbox")[ann.id]
    say(by_mail, 1)
    say(in_inbox, 4, NOON + dt.timedelta(hours=1))
    assert scores(run) == {("A", "satisfaction"): {4: 1}}
    assert scores(run, NOON) == {("A", "satisfaction"): {1: 1}}, "later answers do not count before"


def test_launches_are_counted_alone_and_together_and_others_not() -> None:
    ann = reachable("ann")
    campaign = started(kind=CampaignKind.RECURRING, when={"every": "day", "at": "20:00"})
    for day in range(2):
        turn(campaign, NOON + day * DAY + dt.timedelta(hours=12))
    first, second = Run.objects.filter(campaign=campaign).order_by("id")
    other = launched()
    for score, run in ((1, first), (3, second), (5, other)):
        sent(run, NOON)
        say(messages(run)[ann.id], score)
    [both] = campaigns_queries.answers_of_campaign(campaign.id, NOON + DAY)
    assert dict(both.tally.scores) == {1: 1, 3: 1}
    assert scores(second) == {("A", "satisfaction"): {3: 1}}
