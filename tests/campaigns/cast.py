"""Members who can be written to, words to send them, and campaigns on their way."""

import datetime as dt
from typing import Any

from campaigns import actions as campaigns_actions
from campaigns.enums import CampaignKind, Verdict
from campaigns.models import Campaign, Recipient, Run
from members import actions as members_actions
from members.enums import Channel, Purpose, StaffRole
from members.models import Account, Member
from messaging.models import Message, Template, TemplateVersion, Topic
from tests.conftest import NOON, enrol

AUTHOR, READER = "author@example.com", "reader@example.com"
EVERYBODY = {"all": []}
TEXTS = {"inbox": {"en": {"title": "Hello {{ name }}", "body": "Come again.", "button": "", "url": "", "links": {}}}}


def staff(email: str = AUTHOR) -> Account:
    """Will return a person of the staff."""
    return members_actions.open_staff_account(
        email=email,
        name=email.split("@", maxsplit=1)[0].title(),
        password="x" * 12,
        roles=[StaffRole.OPERATOR],
        at=NOON,
        actor="test",
    )


def reachable(name: str, *, at: dt.datetime = NOON - dt.timedelta(days=30), zone: str = "", **more: Any) -> Member:
    """Will make a member who agreed to offers by e-mail."""
    member = enrol(name, at=at, **more)
    said = members_actions.ConsentGiven(Channel.EMAIL, Purpose.MARKETING, given=True, text="Offers by e-mail.")
    members_actions.consent(member_id=member.id, answers=[said], at=at, actor="test")
    if zone:
        Member.objects.filter(id=member.id).update(time_zone=zone)
    return member


def words(name: str = "Come back") -> Template:
    """Will return words that were published."""
    topic, _ = Topic.objects.get_or_create(code="offers", defaults={"names": {"en": "Offers"}})
    template = Template.objects.create(name=name, purpose=Purpose.MARKETING, topic=topic, actor="test")
    TemplateVersion.objects.create(
        template=template, number=1, content={"said": name}, compiled=TEXTS, published_at=NOON, actor="test"
    )
    return template


def draft(*, kind: CampaignKind = CampaignKind.ONCE, at: dt.datetime = NOON, **parts: Any) -> Campaign:
    """Will return a campaign to everybody by e-mail and inbox, without control unless asked for."""
    campaign = campaigns_actions.create(name="Come back", kind=kind, author_id=staff().id, at=at, actor="test")
    wanted: dict[str, Any] = {
        "tree": EVERYBODY,
        "control_share": 0,
        "variants": [{"code": "A", "template": words().id}],
    }
    if kind is CampaignKind.POINT_DAYS:
        wanted = {}
    return campaigns_actions.save(campaign_id=campaign.id, changes={**wanted, **parts}, at=at, actor="test")


def agreed(campaign: Campaign, at: dt.datetime = NOON) -> Campaign:
    """Will have a second person agree."""
    asker, reader = staff(), staff(READER)
    review = campaigns_actions.ask_review(
        campaign_id=campaign.id, words="Please read.", asked_by=asker.id, at=at, actor="test"
    )
    campaigns_actions.answer_review(
        campaign_id=campaign.id,
        verdict=Verdict.AGREED,
        answer="",
        seen=review.digest,
        decided_by=reader.id,
        at=at,
        actor="test",
    )
    return Campaign.objects.get(id=campaign.id)


def started(at: dt.datetime = NOON, **parts: Any) -> Campaign:
    """Will return a campaign that was agreed to and started."""
    campaign = agreed(draft(at=at, **parts), at)
    return campaigns_actions.start(campaign_id=campaign.id, at=at, actor="test")


def turn(campaign: Campaign, at: dt.datetime = NOON) -> Campaign:
    """Will give a campaign the turns of a minute, until there is no more."""
    while campaigns_actions.advance(campaign_id=campaign.id, at=at, actor="test").is_more:
        pass
    return Campaign.objects.get(id=campaign.id)


def launched(at: dt.datetime = NOON, **parts: Any) -> Run:
    """Will return the launch of a campaign that has had its first turn."""
    campaign = turn(started(at, **parts), at)
    return campaign.runs.get()


def recipients(run: Run) -> dict[int, Recipient]:
    """Will return the recipients of a launch by member."""
    return {one.member_id: one for one in Recipient.objects.filter(run=run)}


def messages(run: Run, channel: str = "email") -> dict[int, Message]:
    """Will return the messages of a launch by member."""
    return {one.member_id: one for one in Message.objects.filter(dispatch_id=run.dispatch_id, channel=channel)}


def sent(run: Run, at: dt.datetime) -> None:
    """Will make all queued messages of a launch sent at an instant."""
    Message.objects.filter(dispatch_id=run.dispatch_id, state="queued").update(state="sent", sent_at=at)
