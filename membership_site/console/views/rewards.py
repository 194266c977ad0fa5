"""Rewards: the catalogue, one reward, its order, switch and stock; gifts and their stock."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import CodeTaken, RewardChanged, TooFew, UnknownReward
from benefits.enums import RewardKind
from benefits.queries import ShelfReward
from benefits.rules.lottery import BadPrizes
from benefits.rules.rewards import BadReward
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.rewards import GiftForm, RewardForm, StockForm, stock_words
from membership_site.console.pages import rewards
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]
REFUSALS = (BadReward, BadPrizes, CodeTaken, RewardChanged, UnknownReward)


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_rewards(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the catalogue and the gifts. At most sixteen queries."""
    context = {"page": rewards.rewards_page(clock.now()), "may_edit": person.may(Capability.EDIT_BENEFITS)}
    return show(request, person, "console/rewards/list.html", context, current="rewards")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def new_reward(request: HttpRequest, person: Person, kind: str) -> HttpResponse:
    """Will make a reward of a kind; what is wrong stands at its field. At most sixteen queries but for the deed."""
    known = {one.value: one for one in RewardKind}
    if kind not in known:
        raise Http404(_("There is no such kind of reward."))
    return _edit(request, person, known[kind], None)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def edit_reward(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will change a reward; somebody else's change meanwhile is not lost. As new_reward."""
    known = _reward(code)
    return _edit(request, person, RewardKind(known.kind), known)


def _edit(request: HttpRequest, person: Person, kind: RewardKind, known: ShelfReward | None) -> HttpResponse:
    at = clock.now()
    form = RewardForm(
        request.POST if request.method == "POST" else None,
        initial=RewardForm.typed_from(known) if known else {},
        kind=kind,
        choices=benefits_queries.choices_of_rewards(),
        tiers=rewards.tier_names(at),
        known=known,
    )
    if form.is_valid():
        revision = form.cleaned_data["revision"] if known else None
        try:
            if known and revision is None:
                raise RewardChanged
            benefits_actions.save_reward(
                code=form.short_name(), terms=form.terms(), revision=revision, at=at, actor=person.actor
            )
        except REFUSALS as error:
            _refuse(form, error)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": form.cleaned_data["name_en"]})
            return redirect("console:rewards")
    stock = StockForm(initial={"form_key": uuid.uuid4()})
    context = {"page": rewards.reward_page(kind, known), "form": form, "stock": stock}
    status = 422 if form.errors else 200
    return show(request, person, "console/rewards/reward.html", context, current="rewards", status=status)


def _refuse(form: Any, error: Exception) -> None:
    field, words = rewards.refusal(error)
    form.add_error(field if field in form.fields else None, words)


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def switch_reward(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will offer a reward, or offer it no more."""
    known = _reward(code)
    is_on = request.POST.get("on") == "1"
    benefits_actions.switch_reward(code=code, is_on=is_on, at=clock.now(), actor=person.actor)
    said = _("“%(name)s” is offered.") if is_on else _("“%(name)s” is offered no more.")
    messages.success(request, said % {"name": benefits_wording.named(known.names, code)})
    return redirect("console:rewards")


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def move_reward(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will put a reward at a place that the page names, so that a second press is harmless."""
    codes = [row.code for row in benefits_queries.list_rewards(clock.now())]
    place = request.POST.get("place", "")
    if code not in codes or not place.isascii() or not place.isdecimal():
        raise Http404(_("There is no such reward."))
    codes.remove(code)
    codes.insert(max(int(place[:6]) - 1, 0), code)
    benefits_actions.order_rewards(codes=codes, at=clock.now(), actor=person.actor)
    return redirect("console:rewards")


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def change_stock(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will add to the stock of a reward or of a prize, or take off it; a second press changes nothing more."""
    _reward(code)
    form = StockForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        by = None if typed["unlimited"] else typed["by"]
        try:
            left = benefits_actions.change_stock(
                code=code,
                by=by,
                key=str(typed["form_key"]),
                prize=typed["prize"],
                at=clock.now(),
                actor=person.actor,
            )
        except (TooFew, UnknownReward) as error:
            form.add_error(None, rewards.refusal(error)[1])
        else:
            messages.success(request, _("Left now: %(left)s.") % {"left": stock_words(left)})
    _say_errors(request, form)
    return redirect("console:reward_edit", code)


def _say_errors(request: HttpRequest, form: StockForm) -> None:
    for errors in form.errors.values():
        for error in errors:
            messages.error(request, str(error))


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def new_gift(request: HttpRequest, person: Person) -> HttpResponse:
    """Will make a gift. At most eight queries but for the deed."""
    return _edit_gift(request, person, "")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def edit_gift(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will change a gift but for its stock. As new_gift."""
    return _edit_gift(request, person, code)


def _edit_gift(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    known = benefits_queries.find_gift(code) if code else None
    if code and known is None:
        raise Http404(_("There is no such gift."))
    initial = GiftForm.typed_from(known) if known else {"needs_address": True, "low_water": 0, "value": 0, "cost": 0}
    form = GiftForm(request.POST if request.method == "POST" else None, initial=initial, known=known)
    if form.is_valid():
        try:
            benefits_actions.save_gift(
                code=form.short_name(),
                terms=form.terms(),
                left=form.cleaned_data.get("left"),
                is_new=known is None,
                at=clock.now(),
                actor=person.actor,
            )
        except REFUSALS as error:
            _refuse(form, error)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": form.cleaned_data["name_en"]})
            return redirect("console:rewards")
    context = {
        "code": code,
        "title": benefits_wording.named(known.names, code) if known else _("New gift"),
        "left": stock_words(known.left) if known else "",
        "form": form,
        "stock": StockForm(initial={"form_key": uuid.uuid4()}),
    }
    status = 422 if form.errors else 200
    return show(request, person, "console/rewards/gift.html", context, current="rewards", status=status)


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def change_gift_stock(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will add to the stock of a gift, or take off it; a second press changes nothing more."""
    if benefits_queries.find_gift(code) is None:
        raise Http404(_("There is no such gift."))
    form = StockForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data
        by = None if typed["unlimited"] else typed["by"]
        try:
            left = benefits_actions.change_gift_stock(
                code=code, by=by, key=str(typed["form_key"]), at=clock.now(), actor=person.actor
            )
        except TooFew as error:
            form.add_error(None, rewards.refusal(error)[1])
        else:
            messages.success(request, _("Left now: %(left)s.") % {"left": stock_words(left)})
    _say_errors(request, form)
    return redirect("console:gift_edit", code)


def _reward(code: str) -> ShelfReward:
    known = benefits_queries.find_shelf_reward(code, clock.now())
    if known is None:
        raise Http404(_("There is no such reward."))
    return known
