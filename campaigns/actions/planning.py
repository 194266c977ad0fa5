"""Planning: campaigns are made, edited, copied and thrown away; an edit makes every review of it void."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from campaigns.enums import CampaignKind, CampaignState
from campaigns.models import Campaign
from campaigns.queries.plans import digest_now
from campaigns.rules import plan as plans
from kit import audit

EDITABLE = (CampaignState.DRAFT, CampaignState.IN_REVIEW, CampaignState.APPROVED)


class UnknownCampaign(Exception):
    """There is no such campaign; nothing was done."""


class NotEditable(Exception):
    """The campaign has been started or is over; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("It has been started, so it is not changed any more. Copy it to send something else.")


class EditedMeanwhile(Exception):
    """Somebody else edited the campaign after the page was opened; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Somebody else has changed this campaign meanwhile. Nothing was saved; look at the new one.")


class NameMissing(Exception):
    """A campaign needs a name; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Give it a name. Nothing was saved.")


@transaction.atomic
def create(*, name: str, kind: CampaignKind, author_id: int, at: dt.datetime, actor: str) -> Campaign:
    """Will begin a campaign with an empty plan; raises NameMissing."""
    return _create(_checked(name), kind, plans.Plan(), author_id, at, actor)


@transaction.atomic
def copy(*, campaign_id: int, name: str, author_id: int, at: dt.datetime, actor: str) -> Campaign:
    """Will begin a campaign with the plan of another, its dates left out; raises UnknownCampaign and NameMissing."""
    other = Campaign.objects.filter(id=campaign_id).first()
    if other is None:
        raise UnknownCampaign(f"There is no campaign {campaign_id}. Nothing was copied.")
    kept = {**other.plan, "asked": None, "when": {**other.plan.get("when", {}), "on": None, "ends_on": None}}
    if days := kept.get("point_days"):
        kept["point_days"] = {**days, "starts_on": None, "ends_on": None}
    kept["variants"] = [{**variant, "version": None} for variant in kept.get("variants", [])]
    return _create(_checked(name), CampaignKind(other.kind), plans.plan_from(kept), author_id, at, actor)


def _create(name: str, kind: CampaignKind, plan: plans.Plan, author_id: int, at: dt.datetime, actor: str) -> Campaign:
    campaign = Campaign.objects.create(
        name=name,
        kind=kind,
        plan=plans.to_json(plan),
        digest=digest_now(plan),
        author_id=author_id,
        changed_at=at,
        created_at=at,
    )
    subject = f"campaign:{campaign.id}"
    audit.record(at=at, actor=actor, deed="campaign.create", subject=subject, becomes={"name": name, "kind": kind})
    return campaign


@transaction.atomic
def save(
    *, campaign_id: int, changes: Mapping[str, Any], name: str = "", seen: str = "", at: dt.datetime, actor: str
) -> Campaign:
    """Will take over parts of a plan, and make every review of it void; `seen` is the digest that was edited.

    Raises UnknownCampaign, NotEditable, EditedMeanwhile, and plans.BadPlan naming the parts that do not fit. Nothing
    changes where nothing was changed.
    """
    campaign = editable(campaign_id)
    if seen and seen != campaign.digest:
        raise EditedMeanwhile
    plan = plans.plan_from({**campaign.plan, **changes})
    kept, digest = plans.to_json(plan), digest_now(plan)
    was = {part: campaign.plan.get(part) for part in kept if campaign.plan.get(part) != kept[part]}
    named = name.strip() or campaign.name
    if not was and digest == campaign.digest and named == campaign.name:
        return campaign
    becomes = {part: kept[part] for part in was}
    if named != campaign.name:
        was["name"], becomes["name"] = campaign.name, named
    if digest != campaign.digest:
        void_reviews(campaign, at)
    campaign.name, campaign.plan, campaign.digest, campaign.changed_at = named, kept, digest, at
    campaign.save(update_fields=["name", "plan", "digest", "changed_at", "state"])
    subject = f"campaign:{campaign.id}"
    audit.record(at=at, actor=actor, deed="campaign.edit", subject=subject, was=was, becomes=becomes)
    return campaign


@transaction.atomic
def discard(*, campaign_id: int, at: dt.datetime, actor: str) -> None:
    """Will throw a campaign away that was never started: it is cancelled, and stays in the list of the ended ones.

    Raises UnknownCampaign and NotEditable; again changes nothing.
    """
    campaign = locked(campaign_id)
    if campaign.state == CampaignState.CANCELLED:
        return
    campaign = editable(campaign_id)
    void_reviews(campaign, at)
    campaign.state, campaign.changed_at = CampaignState.CANCELLED, at
    campaign.save(update_fields=["state", "changed_at"])
    audit.record(at=at, actor=actor, deed="campaign.discard", subject=f"campaign:{campaign.id}")


def locked(campaign_id: int) -> Campaign:
    """Will lock a campaign's row; raises UnknownCampaign."""
    campaign = Campaign.objects.select_for_update().filter(id=campaign_id).first()
    if campaign is None:
        raise UnknownCampaign(f"There is no campaign {campaign_id}. Nothing was changed.")
    return campaign


def editable(campaign_id: int) -> Campaign:
    """Will lock a campaign that can still be edited; raises UnknownCampaign and NotEditable."""
    campaign = locked(campaign_id)
    if campaign.state not in EDITABLE:
        raise NotEditable
    return campaign


def void_reviews(campaign: Campaign, at: dt.datetime) -> None:
    """Will make reviews void that were asked for or given; the caller has locked the campaign and saves its state."""
    campaign.reviews.filter(voided_at=None).update(voided_at=at)
    campaign.state = CampaignState.DRAFT


def _checked(name: str) -> str:
    if not (name := name.strip()):
        raise NameMissing
    return name[:120]
