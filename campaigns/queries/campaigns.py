"""Campaigns as pages show them: the list, one with its launches, budgets and reviews, and those of a member."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject

from campaigns.enums import CampaignKind, CampaignState, Group, RewardKind
from campaigns.models import Budget, Campaign, Headline, Recipient, Review, Run
from campaigns.rules import plan as plans
from kit import sql
from kit.paging import Place

VIEWS: Mapping[str, tuple[CampaignState, ...]] = {
    "live": (CampaignState.RUNNING, CampaignState.PAUSED),
    "planned": (CampaignState.SCHEDULED, CampaignState.APPROVED),
    "drafts": (CampaignState.DRAFT,),
    "review": (CampaignState.IN_REVIEW,),
    "ended": (CampaignState.FINISHED, CampaignState.CANCELLED),
}
"""The views of the list, and the states that each shows."""


@dataclass(frozen=True, slots=True)
class HeadlineView:
    """What a campaign had come to when it was last counted."""

    at: dt.datetime
    members: int
    control_members: int
    rewarded: int
    sent: int
    delivered: int
    opened: int
    clicked: int
    unsubscribed: int
    converted: int
    control_converted: int
    orders: int
    revenue: Decimal
    cost: Decimal
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    extra: Decimal | None
    extra_low: Decimal | None
    extra_high: Decimal | None


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign in a list."""

    id: int
    name: str
    kind: CampaignKind
    state: CampaignState
    author: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    changed_at: dt.datetime
    headline: HeadlineView | None


@dataclass(frozen=True, slots=True)
class ReviewView:
    """A second person's word on a campaign, asked for or given; `verdict` is empty while it waits."""

    campaign_id: int
    campaign: str
    kind: CampaignKind
    digest: str
    words: str
    asked_by: int
    asked_at: dt.datetime
    asker: str
    author: int
    verdict: str
    answer: str
    reader: str
    decided_at: dt.datetime | None
    voided_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class CampaignView:
    """One campaign; `reviews` are the latest ones first, `budgets` what a started one may give and has given."""

    id: int
    name: str
    kind: CampaignKind
    state: CampaignState
    state_reason: str
    plan: plans.Plan
    digest: str
    author_id: int
    author: str
    starts_at: dt.datetime | None
    ends_at: dt.datetime | None
    changed_at: dt.datetime
    reviews: tuple[ReviewView, ...]
    budgets: tuple["BudgetView", ...]

    @property
    def open_review(self) -> ReviewView | None:
        """The review that waits, None where none does."""
        return next((one for one in self.reviews if not one.verdict and one.voided_at is None), None)

    @property
    def is_editable(self) -> bool:
        """Whether its plan can still be changed."""
        return self.state in (CampaignState.DRAFT, CampaignState.IN_REVIEW, CampaignState.APPROVED)


@dataclass(frozen=True, slots=True)
class RunView:
    """One launch, and how many its audience counts."""

    id: int
    occasion: str
    state: str
    dispatch_id: int | None
    launched_at: dt.datetime
    horizon_at: dt.datetime | None
    decided_at: dt.datetime | None
    decision: Mapping[str, Any]
    finished_at: dt.datetime | None
    treated: int
    control: int
    global_control: int


@dataclass(frozen=True, slots=True)
class BudgetView:
    """How much of one thing a campaign may give and has given."""

    kind: RewardKind
    most: int
    spent: int


@dataclass(frozen=True, slots=True)
class Taken:
    """That a member was in a campaign: in which group, when it reached him or would have, and what he was given."""

    campaign_id: int
    campaign: str
    group: Group
    variant: str
    due_at: dt.datetime
    rewarded_at: dt.datetime | None
    reward_refusal: str
    rewards: tuple[plans.Reward, ...]


# ---- the list


def list_campaigns(
    view: str = "", *, text: str = "", before: Place | None = None, limit: int = 25
) -> list[CampaignRow]:
    """Will return campaigns of a view, all for an empty one, changed last first, below a place. One query."""
    rows = Campaign.objects.select_related("author", "headline")
    if view:
        rows = rows.filter(state__in=VIEWS[view])
    if text:
        rows = rows.filter(name__icontains=text)
    if before is not None:
        key = dt.datetime.fromisoformat(before.key)
        rows = rows.filter(Q(changed_at__lt=key) | Q(changed_at=key, id__lt=before.id))
    return [_row(row) for row in rows.order_by("-changed_at", "-id")[:limit]]


def count_by_view() -> dict[str, int]:
    """Will count the campaigns of each view. One query."""
    states = dict(Campaign.objects.order_by().values_list("state").annotate(number=Count("*")))
    return {view: sum(states.get(state, 0) for state in wanted) for view, wanted in VIEWS.items()}


def under_way(not_of: int) -> tuple[list[CampaignRow], int]:
    """Will return the campaigns that are under way, then those that are planned, changed last first; and how many
    reviews wait that a person may answer: neither asked for nor wrote. One query.
    """
    answerable = Review.objects.filter(campaign=OuterRef("pk"), verdict="", voided_at=None)
    answerable = answerable.exclude(asked_by_id=not_of).exclude(campaign__author_id=not_of)
    rows = Campaign.objects.select_related("author", "headline").annotate(waits=Exists(answerable))
    shown = [VIEWS["live"], VIEWS["planned"]]
    asked = rows.filter(Q(state__in=[state for states in shown for state in states]) | Q(waits=True))
    found = list(asked.order_by("-changed_at", "-id"))
    return [_row(row) for states in shown for row in found if row.state in states], sum(row.waits for row in found)


def with_headlines(since: dt.datetime | None = None) -> list[CampaignRow]:
    """Will return campaigns that were counted, started since an instant, started last first. One query."""
    rows = Campaign.objects.select_related("author", "headline").filter(headline__isnull=False)
    if since is not None:
        rows = rows.filter(starts_at__gte=since)
    return [_row(row) for row in rows.order_by("-starts_at", "-id")]


def _row(row: Campaign) -> CampaignRow:
    found = getattr(row, "headline", None)
    return CampaignRow(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        state=CampaignState(row.state),
        author=str(row.author),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        headline=_headline(found) if found else None,
    )


def find_headline(campaign_id: int) -> HeadlineView | None:
    """Will return what a campaign had come to when the night counted it last, or None. One query."""
    row = Headline.objects.filter(campaign_id=campaign_id).first()
    return _headline(row) if row else None


def _headline(row: Headline) -> HeadlineView:
    return HeadlineView(**{name: getattr(row, name) for name in HeadlineView.__slots__})


# ---- one campaign


def find_campaign(campaign_id: int) -> CampaignView | None:
    """Will return a campaign with its reviews and budgets, or None. Two queries."""
    budgets = Budget.objects.filter(campaign=OuterRef("pk")).order_by("kind")
    beside = ArraySubquery(budgets.values(row=JSONObject(kind="kind", most="most", spent="spent")))
    row = Campaign.objects.select_related("author").annotate(given=beside).filter(id=campaign_id).first()
    if row is None:
        return None
    return CampaignView(
        id=row.id,
        name=row.name,
        kind=CampaignKind(row.kind),
        state=CampaignState(row.state),
        state_reason=row.state_reason,
        plan=plans.plan_from(row.plan),
        digest=row.digest,
        author_id=row.author_id,
        author=str(row.author),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        reviews=tuple(_review(one) for one in _reviews().filter(campaign_id=campaign_id).order_by("-asked_at", "-id")),
        budgets=tuple(BudgetView(RewardKind(one["kind"]), one["most"], one["spent"]) for one in row.given),
    )


def runs_of(campaign_id: int, limit: int = 60) -> list[RunView]:
    """Will return a campaign's launches with the size of their audiences, latest first. One query."""
    counted = Recipient.objects.filter(run=OuterRef("pk")).order_by().values("group").annotate(number=Count("*"))
    sizes = ArraySubquery(counted.values(row=JSONObject(group="group", number="number")))
    rows = Run.objects.filter(campaign_id=campaign_id).annotate(sizes=sizes).order_by("-launched_at", "-id")[:limit]
    return [
        RunView(
            id=row.id,
            occasion=row.occasion,
            state=row.state,
            dispatch_id=row.dispatch_id,
            launched_at=row.launched_at,
            horizon_at=row.horizon_at,
            decided_at=row.decided_at,
            decision=dict(row.decision),
            finished_at=row.finished_at,
            **{group.value: 0 for group in Group} | {one["group"]: one["number"] for one in row.sizes},
        )
        for row in rows
    ]


# ---- reviews


def waiting_reviews(limit: int = 50) -> list[ReviewView]:
    """Will return the reviews that wait, asked for longest ago first. One query."""
    rows = _reviews().filter(verdict="", voided_at=None).order_by("asked_at", "id")
    return [_review(row) for row in rows[:limit]]


def which_wait(not_of: int) -> sql.Part:
    """Will return which reviews wait that a person may answer - neither asked for nor wrote - as a part. No query."""
    waiting = Review.objects.filter(verdict="", voided_at=None)
    return sql.question(waiting.exclude(asked_by_id=not_of).exclude(campaign__author_id=not_of).values("id"), "reviews")


def _reviews() -> "QuerySet[Review]":
    return Review.objects.select_related("campaign", "asked_by", "decided_by")


def _review(row: Review) -> ReviewView:
    return ReviewView(
        campaign_id=row.campaign_id,
        campaign=row.campaign.name,
        kind=CampaignKind(row.campaign.kind),
        digest=row.digest,
        words=row.words,
        asked_by=row.asked_by_id,
        asked_at=row.asked_at,
        asker=str(row.asked_by),
        author=row.campaign.author_id,
        verdict=row.verdict,
        answer=row.answer,
        reader=str(row.decided_by) if row.decided_by else "",
        decided_at=row.decided_at,
        voided_at=row.voided_at,
    )


# ---- a member's


def campaigns_of_member(member_id: int, limit: int = 10) -> list[Taken]:
    """Will return the campaigns that a member was in, latest first. One query."""
    rows = Recipient.objects.filter(member_id=member_id).select_related("run__campaign")
    return [
        Taken(
            campaign_id=row.run.campaign_id,
            campaign=row.run.campaign.name,
            group=Group(row.group),
            variant=row.variant,
            due_at=row.due_at,
            rewarded_at=row.rewarded_at,
            reward_refusal=row.reward_refusal,
            rewards=plans.plan_from(row.run.plan).rewards if row.rewarded_at else (),
        )
        for row in rows.order_by("-due_at", "-id")[:limit]
    ]
