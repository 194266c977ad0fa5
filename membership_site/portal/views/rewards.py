"""Rewards: the catalogue, one reward and its price, what was redeemed, giving it back, where to send a gift."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import NoCode, NotCancelled, NotRedeemed
from benefits.rules.fulfilment import BadAddress, WrongStep
from benefits.rules.rewards import Refusal
from kit import clock
from kit.keys import source_key
from membership_site import formats
from membership_site.flows import reward_redeemed
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.rewards import AddressForm, RedeemForm
from membership_site.portal.pages import rewards
from points.actions import KeyReused

METHODS = ["GET", "HEAD", "POST"]
ACTOR = "member"


@require_safe
@member_page
def show_rewards(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what can be had now, and what points will reach. At most eighteen queries."""
    page = rewards.rewards_page(visitor.key.id, clock.now())
    return render(request, "portal/rewards.html", {"page": page, "tab": "rewards"})


@require_http_methods(METHODS)
@never_cache
@member_page
def show_reward(request: HttpRequest, visitor: Visitor, code: str) -> HttpResponse:
    """Will show a reward with what it takes, and redeem it; a second press of the same page shows the first again.

    At most twenty queries but for redeeming.
    """
    form = RedeemForm(request.POST if request.method == "POST" else None, initial={"form_key": uuid.uuid4()})
    if not form.is_valid():
        return _reward(request, visitor, code, form, None, 422 if form.errors else 200)
    try:
        done = reward_redeemed.redeem(
            member_id=visitor.key.id,
            reward=code,
            source_key=source_key("portal", form.cleaned_data["form_key"]),
            at=clock.now(),
            actor=ACTOR,
        )
    except NotRedeemed as error:
        return _reward(request, visitor, code, RedeemForm(initial={"form_key": uuid.uuid4()}), error.refusal, 422)
    except KeyReused:
        return redirect("portal:reward", code)
    if done.is_new:
        text = ngettext("Redeemed for %(n)s point.", "Redeemed for %(n)s points.", done.points)
        messages.success(request, text % {"n": formats.num(done.points)})
    return redirect("portal:redeemed", done.id)


def _reward(
    request: HttpRequest, visitor: Visitor, code: str, form: RedeemForm, refused: Refusal | None, status: int
) -> HttpResponse:
    page = rewards.reward_page(visitor.key.id, code, clock.now(), refused)
    if page is None:
        raise Http404(_("This reward is not offered."))
    context = {"page": page, "form": form, "is_refused": refused is not None, "tab": "rewards"}
    return render(request, "portal/reward.html", context, status=status)


@require_safe
@member_page
def show_mine(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will list what the member has redeemed and been promised. At most six queries."""
    page = rewards.mine_page(visitor.key.id, clock.now())
    return render(request, "portal/redeemed_list.html", {"page": page, "tab": "rewards"})


@require_safe
@never_cache
@member_page
def show_redeemed(request: HttpRequest, visitor: Visitor, redemption_id: uuid.UUID) -> HttpResponse:
    """Will show a redemption: its code, parcel or draw, and giving it back. At most six queries."""
    page = rewards.redeemed_page(visitor.key.id, redemption_id, clock.now())
    if page is None:
        raise Http404(_("There is no such redemption of yours."))
    return render(request, "portal/redeemed.html", {"page": page, "tab": "rewards"})


@require_POST
@member_page
def undo(request: HttpRequest, visitor: Visitor, redemption_id: uuid.UUID) -> HttpResponse:
    """Will give a reward back for its points; a second press is harmless."""
    owner_id = _owner(visitor, redemption_id)
    try:
        done = reward_redeemed.take_back(
            member_id=owner_id, redemption_id=redemption_id, at=clock.now(), actor=ACTOR, by_member=True
        )
    except NotCancelled as error:
        messages.error(request, benefits_wording.kept_words(error.refusal))
    else:
        text = ngettext("%(n)s point is back.", "%(n)s points are back.", done.points)
        messages.success(request, text % {"n": formats.num(done.points)})
    return redirect("portal:redeemed", redemption_id)


@require_POST
@member_page
def reveal(request: HttpRequest, visitor: Visitor, redemption_id: uuid.UUID) -> HttpResponse:
    """Will show a partner's code, which counts as used from then on."""
    known = benefits_queries.find_redemption(visitor.key.id, redemption_id, clock.now())
    if known is None or known.partner_code_id is None:
        raise Http404(_("There is no such redemption of yours."))
    try:
        benefits_actions.reveal_code(
            member_id=known.member_id, code_id=known.partner_code_id, at=clock.now(), actor=ACTOR
        )
    except NoCode:
        raise Http404(_("There is no such redemption of yours.")) from None
    return redirect("portal:redeemed", redemption_id)


@require_http_methods(METHODS)
@never_cache
@member_page
def show_parcel(request: HttpRequest, visitor: Visitor, fulfilment_id: int) -> HttpResponse:
    """Will show where a gift stands and ask where to send it; faults stand at their field. At most six queries."""
    row = benefits_queries.find_fulfilment(fulfilment_id, visitor.key.id)
    if row is None:
        raise Http404(_("There is no such gift of yours."))
    form = AddressForm(request.POST if request.method == "POST" else None, initial=AddressForm.typed_from(row.address))
    if form.is_valid() and _addressed(form, row.member_id, fulfilment_id):
        messages.success(request, _("Thank you. We send it there."))
        return redirect("portal:parcel", fulfilment_id)
    context = {"page": rewards.parcel_of(row), "form": form, "tab": "rewards"}
    return render(request, "portal/parcel.html", context, status=422 if form.errors else 200)


def _addressed(form: AddressForm, member_id: int, fulfilment_id: int) -> bool:
    try:
        benefits_actions.enter_address(
            member_id=member_id, fulfilment_id=fulfilment_id, address=form.address(), at=clock.now(), actor=ACTOR
        )
    except BadAddress as error:
        form.refuse(error.field, error.code)
    except WrongStep as error:
        form.add_error(None, benefits_wording.refused_step(error.stands))
    return not form.errors


def _owner(visitor: Visitor, redemption_id: uuid.UUID) -> int:
    """Whose redemption it is: the visitor's own, or of one merged into him."""
    known = benefits_queries.find_redemption(visitor.key.id, redemption_id, clock.now())
    if known is None:
        raise Http404(_("There is no such redemption of yours."))
    return known.member_id
