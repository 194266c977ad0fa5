"""Answers on topics go over with a merge, and come back when it is undone."""

import datetime as dt

from messaging.models import TopicChoice

Asked = tuple[str, str]
"""Channel and topic."""


def carry_over(*, merged_id: int, survivor_id: int, at: dt.datetime, actor: str) -> int:
    """Will repeat to the survivor what the merged member answered later than he; returns how many, a repeat none.

    The latest answer wins, so each is repeated with its own time. Both members are locked (members.actions.merge).
    """
    own = _in_force(survivor_id)
    later = [row for asked, row in _in_force(merged_id).items() if asked not in own or own[asked].at < row.at]
    return len(TopicChoice.objects.bulk_create([_repeated(row, survivor_id) for row in later]))


def give_back(*, merged_id: int, survivor_id: int, since: dt.datetime, at: dt.datetime, actor: str) -> int:
    """Will give the survivor back the answers he had before a merge of an instant; returns how many rows that took.

    What he answered since holds for both. Both members are locked (members.actions.unmerge).
    """
    mine = list(TopicChoice.objects.filter(member_id=survivor_id).order_by("at", "id"))
    said_since = [row for row in mine if row.at > since]
    theirs = {(row.channel, row.topic, row.at) for row in TopicChoice.objects.filter(member_id=merged_id)}
    rows = [_repeated(row, merged_id) for row in said_since if (row.channel, row.topic, row.at) not in theirs]
    known = [row for row in mine if row.at <= since]
    in_force = {_asked(row): row for row in known}
    before = {_asked(row): row.wanted for row in known if (*_asked(row), row.at) not in theirs}
    for asked in in_force.keys() - {_asked(row) for row in said_since}:
        # Whoever never said anything wants a topic, as messaging.queries.choices has it.
        wanted = before.get(asked, True)
        if wanted != in_force[asked].wanted:
            channel, topic = asked
            rows.append(
                TopicChoice(member_id=survivor_id, channel=channel, topic=topic, wanted=wanted, at=at, actor=actor)
            )
    return len(TopicChoice.objects.bulk_create(rows))


def _in_force(member_id: int) -> dict[Asked, TopicChoice]:
    rows = TopicChoice.objects.filter(member_id=member_id).order_by("channel", "topic", "-at", "-id")
    return {_asked(row): row for row in rows.distinct("channel", "topic")}


def _asked(row: TopicChoice) -> Asked:
    return row.channel, row.topic


def _repeated(row: TopicChoice, member_id: int) -> TopicChoice:
    return TopicChoice(
        member_id=member_id, channel=row.channel, topic=row.topic, wanted=row.wanted, at=row.at, actor=row.actor
    )
