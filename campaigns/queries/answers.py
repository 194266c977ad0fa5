"""What those whom a campaign addressed answered to the questions of its messages."""

import datetime as dt
from dataclasses import dataclass

from campaigns.queries.results import launches_of
from kit import sql
from messaging.enums import Question
from messaging.rules.answers import Tally


@dataclass(frozen=True, slots=True)
class Answered:
    """What the recipients of one variant answered to one question."""

    variant: str
    tally: Tally


def answers_of_campaign(campaign_id: int, at: dt.datetime) -> tuple[Answered, ...]:
    """Will return what was answered to all launches of a campaign, by variant and question. One query."""
    return _answers(launches_of(campaign_id), at)


def answers_of_run(run_id: int, at: dt.datetime) -> tuple[Answered, ...]:
    """Will return what was answered to one launch, by variant and question. One query."""
    return _answers([run_id], at)


def _answers(runs: list[int] | sql.Part, at: dt.datetime) -> tuple[Answered, ...]:
    found: dict[tuple[str, Question], dict[int, int]] = {}
    for variant, question, score, number in sql.fetch("campaigns", "answers", runs=runs, now=at):
        found.setdefault((variant, Question(question)), {})[score] = number
    asked = list(Question)
    ordered = sorted(found.items(), key=lambda pair: (asked.index(pair[0][1]), pair[0][0]))
    return tuple(Answered(variant, Tally(question, scores)) for (variant, question), scores in ordered)
