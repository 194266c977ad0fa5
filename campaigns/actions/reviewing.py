"""Reviewing: a second person reads what is to be sent, and agrees or refuses; what he read is what counts."""

import datetime as dt

from django.db import IntegrityError, transaction

from campaigns.actions.planning import EditedMeanwhile, editable
from campaigns.enums import CampaignKind, CampaignState, Verdict
from campaigns.models import Campaign, Review
from campaigns.queries.plans import digest_now
from campaigns.rules import lacking
from campaigns.rules import plan as plans
from kit import audit, clock


class NotReady(Exception):
    """The plan still lacks something; `lacks` says what. Nobody was asked."""

    def __init__(self, lacks: tuple[lacking.Lack, ...]) -> None:
        self.lacks = lacks
        super().__init__("It is not complete yet. Nobody was asked.")


class NothingToReview(Exception):
    """Nobody has asked for this campaign to be read, or it has been answered; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("There is nothing to answer: it was answered, or edited since. Nothing was changed.")


class OwnCampaign(Exception):
    """Who asked does not answer; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Somebody else has to read it: not who asked, and not its author. Nothing was changed.")


class WordsMissing(Exception):
    """Whoever refuses says why; nothing was changed."""

    def __init__(self) -> None:
        super().__init__("Say what should be changed. Nothing was sent back.")


@transaction.atomic
def ask_review(*, campaign_id: int, words: str, asked_by: int, at: dt.datetime, actor: str) -> Review:
    """Will ask for a second person's word on the campaign as it is now; again gives the open one.

    Raises UnknownCampaign, NotEditable, and NotReady naming what the plan lacks.
    """
    campaign = editable(campaign_id)
    plan = plans.plan_from(campaign.plan)
    if lacks := lacking.lacks(plan, CampaignKind(campaign.kind), clock.business_date(at)):
        raise NotReady(lacks)
    digest = digest_now(plan)
    known = campaign.reviews.filter(verdict="", voided_at=None).first()
    if known and known.digest == digest:
        return known
    campaign.reviews.filter(verdict="", voided_at=None).update(voided_at=at)
    review = Review.objects.create(
        campaign=campaign, digest=digest, words=words.strip()[:500], asked_by_id=asked_by, asked_at=at
    )
    campaign.state, campaign.digest, campaign.changed_at = CampaignState.IN_REVIEW, digest, at
    campaign.save(update_fields=["state", "digest", "changed_at"])
    _audit("campaign.ask_review", campaign, words, at, actor)
    return review


@transaction.atomic
def answer_review(
    *, campaign_id: int, verdict: Verdict, answer: str, seen: str, decided_by: int, at: dt.datetime, actor: str
) -> Review:
    """Will keep a second person's word; `seen` is the digest that he read. The same word again changes nothing.

    Raises UnknownCampaign, NotEditable, NothingToReview, EditedMeanwhile, OwnCampaign and, where he refuses without a
    word, WordsMissing.
    """
    campaign = editable(campaign_id)
    review = campaign.reviews.filter(voided_at=None).order_by("-asked_at").first()
    if review is None:
        raise NothingToReview
    if review.verdict:
        if (review.verdict, review.decided_by_id) == (verdict, decided_by):
            return review
        raise NothingToReview
    if decided_by in (review.asked_by_id, campaign.author_id):
        raise OwnCampaign
    if review.digest != seen or digest_now(plans.plan_from(campaign.plan)) != seen:
        raise EditedMeanwhile
    if verdict is Verdict.REFUSED and not answer.strip():
        raise WordsMissing
    review.verdict, review.answer, review.decided_by_id, review.decided_at = verdict, answer.strip(), decided_by, at
    try:
        review.save()
    except IntegrityError as error:
        raise OwnCampaign from error
    campaign.state = CampaignState.APPROVED if verdict is Verdict.AGREED else CampaignState.DRAFT
    campaign.save(update_fields=["state"])
    _audit(f"campaign.{verdict}", campaign, answer, at, actor)
    return review


def approved_digest(campaign: Campaign) -> str:
    """Will return the digest that a second person agreed to, empty where none is in force. One query."""
    agreed = campaign.reviews.filter(verdict=Verdict.AGREED, voided_at=None).order_by("-asked_at")
    return agreed.values_list("digest", flat=True).first() or ""


def _audit(deed: str, campaign: Campaign, words: str, at: dt.datetime, actor: str) -> None:
    subject = f"campaign:{campaign.id}"
    audit.record(
        at=at, actor=actor, deed=deed, subject=subject, reason=words.strip(), becomes={"read": campaign.digest}
    )
