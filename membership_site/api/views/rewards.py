"""The api's calls about rewards: what a member can have for points, taking it, taking it back."""

import hashlib
import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from benefits import actions as benefits_actions
from benefits.actions import NoRedemption, NotCancelled, NotRedeemed, Redeemed
from benefits.enums import RedemptionState
from kit import clock
from kit.keys import source_key
from members import queries as members_queries
from members.queries import MemberKey
from members.rules import MemberReference
from membership_site.api import pages
from membership_site.api.authentication import actor_of, key_of, needs
from membership_site.api.idempotency import HEADER, once
from membership_site.api.problems import Refusal
from membership_site.api.schemas import answers, bodies, fields
from membership_site.flows import reward_redeemed

rewards = Router(tags=["Rewards"])
redemptions = Router(tags=["Rewards"])

SOURCE_KEY_MAX = 300


@rewards.get("", **needs("rewards:read"), response=list[answers.RewardAnswer], summary="List rewards for a member")
def list_rewards(
    request: HttpRequest,
    member: Annotated[fields.Id, Query(description="Member number, external id, e-mail address or phone number.")],
) -> HttpResponse:
    """Lists what a member may look at, with his price, what is left, and why he cannot have it now where he cannot."""
    key, at = _member(MemberReference(anything=member)), clock.now()
    with pages.in_language_of(request, key.number):
        return answers.reply(200, pages.reward_answers(key.id, at))


@redemptions.post(
    "", **needs("redemptions:write"), response={201: answers.RedemptionAnswer}, summary="Redeem a reward for points"
)
def redeem(request: HttpRequest, redemption: bodies.RedemptionBody) -> HttpResponse:
    """Takes the reward's price from the member's points and gives the reward, both or neither.

    `code` is what the member shows or types: a coupon's code, or a partner's, which counts as used from then on.
    """
    at, actor = clock.now(), actor_of(request)
    reward = redemption.reward

    def deed() -> HttpResponse:
        key = _member(redemption.member.reference())
        try:
            done = reward_redeemed.redeem(
                member_id=key.id, reward=reward, source_key=_source_key(request), at=at, actor=actor
            )
        except NotRedeemed as error:
            raise _refused(error) from error
        code = done.code
        if done.partner_code_id is not None and done.state == RedemptionState.DONE:
            code = benefits_actions.reveal_code(member_id=key.id, code_id=done.partner_code_id, at=at, actor=actor)
        with pages.in_language_of(request, key.number):
            return answers.reply(201, pages.redemption_answer(done, code))

    return once(request, deed)


@redemptions.post(
    "/{redemption_id}/cancel",
    **needs("redemptions:write"),
    response=answers.CancellationAnswer,
    summary="Cancel a redemption",
)
def cancel_redemption(request: HttpRequest, redemption_id: uuid.UUID) -> HttpResponse:
    """Takes a reward back that was not used, sent or read, and puts its points into the lots they came from.

    Again it changes nothing and answers alike. A draw is final.
    """
    at, actor = clock.now(), actor_of(request)

    def deed() -> HttpResponse:
        try:
            done: Redeemed = benefits_actions.cancel_redemption(
                redemption_id=redemption_id, reason="", at=at, actor=actor, by_member=False
            )
        except NoRedemption as error:
            raise Refusal(404, "unknown_redemption", str(error)) from error
        except NotCancelled as error:
            facts = {"reason": error.refusal.code}
            raise Refusal(409, "not_cancellable", str(error), facts=facts) from error
        return answers.reply(
            200, answers.CancellationAnswer(redemption=str(done.id), state=done.state, points=done.points)
        )

    return once(request, deed)


def _member(reference: MemberReference) -> MemberKey:
    found = members_queries.find_member(reference)
    if found is None:
        raise Refusal(404, "unknown_member", "No member is known by this. Nothing was done.")
    return found


def _source_key(request: HttpRequest) -> str:
    """Will name the call; an Idempotency-Key too long for a source key stands in it by its digest."""
    sent = request.headers[HEADER].strip()
    key = source_key("api", key_of(request).name, sent)
    if len(key) <= SOURCE_KEY_MAX:
        return key
    return source_key("api", key_of(request).name, hashlib.sha256(sent.encode()).hexdigest())


def _refused(error: NotRedeemed) -> Refusal:
    """Will say why as a problem: the reward is not there, or it and the member do not go together just now."""
    refusal = error.refusal
    facts = {"missing": refusal.facts["missing"]} if refusal.code == "not_enough" else {}
    if refusal.code == "unknown_reward":
        return Refusal(404, "unknown_reward", str(error))
    return Refusal(409, f"reward_{refusal.code}", str(error), facts=facts)
