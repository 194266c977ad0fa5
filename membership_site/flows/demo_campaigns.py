"""The demo's campaigns: one that went out, one that goes on, days of more points to come, and a draft to be read.

All go the way that the shop's people go: planned by one, read by another, launched, given and sent by the same deeds.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.enums import CampaignKind, Verdict
from campaigns.rules.plan import CODES
from campaigns.rules.recipes import BY_CODE, changes_of
from kit import clock
from members import actions as members_actions
from members.enums import StaffRole
from membership_site.flows import demo
from messaging import actions as messaging_actions
from messaging import jobs as messaging_jobs
from messaging.queries import templates

BEGUN_DAYS_AGO = 2
BEGUN_HOUR = 11
"""Within the day, so that quiet hours keep nothing back."""
GIFT = {"en": "We have missed you", "zh-hans": "好久不见礼", "zh-hant": "好久不見禮"}
BIRTHDAY = {"en": "Birthday points", "zh-hans": "生日积分", "zh-hant": "生日積分"}
QUIET = {
    "all": [
        {"field": "orders.last", "operator": "at_least", "values": ["45"]},
        {"field": "orders.last", "operator": "at_most", "values": ["365"]},
    ]
}


@dataclass(frozen=True, slots=True)
class People:
    """Who plans and who reads."""

    author: int
    reader: int

    @property
    def actor(self) -> str:
        """The name under which the author's deeds are kept."""
        return f"staff:{self.author}"


def run_campaigns(*, at: dt.datetime) -> int:
    """Will plan the demo's campaigns, and bring those that were agreed to on their way; 0 where there are some."""
    if campaigns_queries.any_campaign():
        return 0
    people = People(*(_person(role, at) for role in (StaffRole.OPERATOR, StaffRole.ADMIN)))
    begun = clock.day_start(clock.business_date(at) - dt.timedelta(days=BEGUN_DAYS_AGO))
    begun += dt.timedelta(hours=BEGUN_HOUR)
    gift = {"kind": "points", "points": 50, "most": 200_000, "names": GIFT}
    quiet = {"tree": QUIET, "channels": ["inbox"], "rewards": [gift], "window_days": 30, **_words("win_back", begun)}
    _start(_plan("Win back quiet members", CampaignKind.ONCE, quiet, people, begun), people, begun)
    wishes = {**changes_of(BY_CODE["birthday"], clock.business_date(begun)), **_words("birthday", begun)}
    wishes["rewards"] = [{"kind": "points", "points": 30, "most": 50_000, "names": BIRTHDAY}]
    _start(_plan("Birthday wishes", CampaignKind.TRIGGERED, wishes, people, begun), people, begun)
    days = changes_of(BY_CODE["double_points"], clock.business_date(at))
    _start(_plan("Double points day", CampaignKind.POINT_DAYS, days, people, at), people, at)
    news = {"tree": {"all": []}, "channels": ["email", "inbox"], **_words("new_reward", at)}
    draft = _plan("New in the rewards", CampaignKind.ONCE, news, people, at)
    campaigns_actions.ask_review(
        campaign_id=draft, words="For all members, this week.", asked_by=people.author, at=at, actor=people.actor
    )
    for moment in (begun, at):
        _live(moment)
    return 4


def _person(role: StaffRole, at: dt.datetime) -> int:
    opened = members_actions.open_staff_account(
        email=f"{role.value}@example.com",
        name=role.value.title(),
        password=demo.PASSWORD,
        roles=[role],
        at=at,
        actor=demo.ACTOR,
    )
    return int(opened.id)


def _words(code: str, at: dt.datetime) -> dict[str, Any]:
    """Will copy the starter's words of a code for a campaign, and name them as its only variant."""
    template = templates.find_template(code)
    if template is None:
        raise ValueError(f"The starter has no words {code}.")
    copy = messaging_actions.copy_template(template_id=template.id, name=template.name, at=at, actor=demo.ACTOR)
    first = CODES[0]
    return {"variants": [{"code": first, "template": copy.id}]}


def _plan(name: str, kind: CampaignKind, parts: Mapping[str, Any], people: People, at: dt.datetime) -> int:
    made = campaigns_actions.create(name=name, kind=kind, author_id=people.author, at=at, actor=people.actor)
    campaigns_actions.save(campaign_id=made.id, changes=parts, at=at, actor=people.actor)
    return int(made.id)


def _start(campaign_id: int, people: People, at: dt.datetime) -> None:
    review = campaigns_actions.ask_review(
        campaign_id=campaign_id, words="", asked_by=people.author, at=at, actor=people.actor
    )
    campaigns_actions.answer_review(
        campaign_id=campaign_id,
        verdict=Verdict.AGREED,
        answer="",
        seen=review.digest,
        decided_by=people.reader,
        at=at,
        actor=f"staff:{people.reader}",
    )
    campaigns_actions.start(campaign_id=campaign_id, at=at, actor=people.actor)


def _live(moment: dt.datetime) -> None:
    """Will give every campaign its turns of a minute, and send what is due then, as that minute's beat would have."""
    for campaign_id in campaigns_queries.due_campaigns(moment):
        while campaigns_actions.advance(campaign_id=campaign_id, at=moment, actor=demo.ACTOR).is_more:
            pass
    while messaging_jobs.send_due(lambda: moment):
        pass
