"""One campaign: its page, its reviews, and the deeds on it - start, pause, resume, cancel, raise, resolve, copy."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.enums import CampaignKind, CampaignState, RewardKind, Verdict
from campaigns.queries import CampaignView
from kit import clock
from membership_site import formats
from membership_site.console.access import Capability, Person, insist, staff_page
from membership_site.console.forms.campaigns import BudgetForm, StartForm, WordsForm
from membership_site.console.pages import campaign as pages
from membership_site.console.pages import campaign_builder as builder_pages
from membership_site.console.views.campaign_builder import campaign_of, show_check
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries

METHODS = ["GET", "HEAD", "POST"]
MOVING = (CampaignState.SCHEDULED, CampaignState.RUNNING)


def _run_of(request: HttpRequest) -> int:
    text = request.GET.get("run", "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_campaign(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will show a campaign: its plan, its reviews, how it gets on and what came of it. At most 14 queries.

    Those of the fields that its audience is asked by, of unknown messages and of a plan not yet started come besides.
    """
    return _show(request, person, campaign_of(campaign_id))


def _show(
    request: HttpRequest, person: Person, campaign: CampaignView, failed: Any = None, status: int = 200
) -> HttpResponse:
    page = pages.campaign_page(campaign, person, _run_of(request), clock.now())
    context = {
        "page": page,
        "failed": failed,
        "moves": campaign.state in MOVING,
        "budget_form": BudgetForm(),
        "may_edit": person.may(Capability.EDIT_CAMPAIGNS),
        "may_start": person.may(Capability.START_CAMPAIGNS),
    }
    return show(request, person, "console/campaigns/campaign.html", context, current="campaigns", status=status)


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_progress(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will show how a campaign's launch gets on, as a fragment that asks again while it moves. At most nine queries."""
    campaign = campaign_of(campaign_id)
    runs = campaigns_queries.runs_of(campaign_id)
    chosen = next((run for run in runs if run.id == _run_of(request)), runs[0] if runs else None)
    context = {
        "progress": pages.progress_of(chosen, person),
        "id": campaign_id,
        "moves": campaign.state in MOVING,
        "query": f"?run={_run_of(request)}" if _run_of(request) else "",
        "may_start": person.may(Capability.START_CAMPAIGNS),
    }
    return render(request, "console/campaigns/parts/progress.html", context)


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def download_results(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will send what came of a campaign, or of one launch, by group and variant: bare values under stable names."""
    campaign = campaign_of(campaign_id)
    runs = campaigns_queries.runs_of(campaign_id)
    chosen = next((run for run in runs if run.id == _run_of(request)), None)
    found = pages.results_of(campaign, runs, chosen, clock.now())
    if found is None:
        raise Http404(_("There are no results yet. Nothing was sent."))
    if found.table is None or found.is_late:
        raise Http404(_("Counting takes too long just now. Nothing was sent. Try again in some minutes."))
    heads = ["campaign", *(column.code for column in found.table.columns)]
    rows = [[campaign.name, *(cell.bare for cell in row.cells)] for row in found.table.rows]
    return csv_file(f"campaign-{campaign_id}", heads, rows)


# ---- reviews


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def ask_review(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will ask for a second person's word on the campaign as it is now."""
    form = WordsForm(request.POST, label=_("What your colleague should look at"))
    if form.is_valid():
        try:
            campaigns_actions.ask_review(
                campaign_id=campaign_id,
                words=form.cleaned_data["words"],
                asked_by=person.id,
                at=clock.now(),
                actor=person.actor,
            )
        except campaigns_actions.UnknownCampaign as error:
            raise Http404(_("There is no such campaign.")) from error
        except (campaigns_actions.NotReady, campaigns_actions.NotEditable) as error:
            words = wording.refusal_words(error)
            return show_check(request, person, campaign_of(campaign_id), form, refused=words, status=422)
        messages.success(request, _("A colleague is asked to read it. An edit meanwhile takes the question back."))
        return redirect("console:campaign", campaign_id)
    return show_check(request, person, campaign_of(campaign_id), form, status=422)


@require_http_methods(METHODS)
@staff_page(Capability.SEE_CAMPAIGNS)
def answer_review(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will show what is to be read, and keep a second person's word on it: agree, or refuse with words."""
    if not person.may(Capability.APPROVE):
        insist(person, Capability.START_CAMPAIGNS)
    campaign, at = campaign_of(campaign_id), clock.now()
    form = WordsForm(request.POST or None, label=_("Answer"))
    refused = ""
    if request.method == "POST" and form.is_valid():
        verdict = Verdict.AGREED if request.POST.get("answer") == "agree" else Verdict.REFUSED
        try:
            campaigns_actions.answer_review(
                campaign_id=campaign_id,
                verdict=verdict,
                answer=form.cleaned_data["words"],
                seen=request.POST.get("seen", ""),
                decided_by=person.id,
                at=at,
                actor=person.actor,
            )
        except campaigns_actions.WordsMissing as error:
            form.add_error("words", wording.refusal_words(error))
        except ANSWER_REFUSALS as error:
            refused = wording.refusal_words(error)
        else:
            agreed = _("You agreed. It can be started now.")
            messages.success(request, agreed if verdict is Verdict.AGREED else _("It is sent back with your words."))
            return redirect("console:campaign", campaign_id)
    context = {
        "check": builder_pages.check_page(campaign, at, person),
        "campaign": campaign,
        "review": pages.review_card(campaign.open_review, person, at) if campaign.open_review else None,
        "digest": campaign.open_review.digest if campaign.open_review else "",
        "form": form,
        "refused": refused,
    }
    status = 422 if refused or form.errors else 200
    return show(request, person, "console/campaigns/review.html", context, current="approvals", status=status)


ANSWER_REFUSALS = (
    campaigns_actions.NothingToReview,
    campaigns_actions.EditedMeanwhile,
    campaigns_actions.OwnCampaign,
    campaigns_actions.NotEditable,
)


# ---- deeds


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def start(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will start an approved campaign; where it reaches more than 10,000 members their number has to be typed."""
    campaign, at = campaign_of(campaign_id), clock.now()
    words = WordsForm(label=_("What your colleague should look at"))
    if campaign.state is CampaignState.APPROVED and (fault := _fault_of_number(request, campaign)):
        return show_check(request, person, campaign, words, refused=fault, status=422)
    try:
        campaigns_actions.start(campaign_id=campaign_id, at=at, actor=person.actor)
    except (campaigns_actions.NotApproved, campaigns_actions.WordsNotReady, campaigns_actions.NoDayLeft) as error:
        if not campaign.is_editable:
            messages.error(request, wording.refusal_words(error))
            return redirect("console:campaign", campaign_id)
        return show_check(request, person, campaign, words, refused=wording.refusal_words(error), status=422)
    messages.success(request, _("It is started. You can pause it at any time."))
    return redirect("console:campaign", campaign_id)


def _fault_of_number(request: HttpRequest, campaign: CampaignView) -> str:
    """Will say why the number that was typed is not that of the members now; empty where all is well."""
    if campaign.kind is CampaignKind.POINT_DAYS:
        return ""
    whom = builder_pages.reached(campaign.plan, clock.now())
    if not builder_pages.asks_number(campaign, whom):
        return ""
    form = StartForm(request.POST)
    if form.is_valid() and form.cleaned_data["number"] == whom.members:
        return ""
    words = _("It goes to %(n)s now. Type that number to start it. Nothing was started.")
    return words % {"n": wording.members_words(whom.members or 0, formats)}


@require_http_methods(METHODS)
@staff_page(Capability.START_CAMPAIGNS)
def pause(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will ask why, and stop a campaign's launches and sends."""
    return _with_reason(request, person, campaign_id, "pause")


@require_http_methods(METHODS)
@staff_page(Capability.START_CAMPAIGNS)
def cancel(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will say in numbers what cancelling does, ask why, and end a campaign for good."""
    return _with_reason(request, person, campaign_id, "cancel")


def _with_reason(request: HttpRequest, person: Person, campaign_id: int, deed: str) -> HttpResponse:
    campaign = campaign_of(campaign_id)
    form = WordsForm(request.POST or None, label=_("Reason"), needed=True)
    if form.is_bound and form.is_valid():
        done = campaigns_actions.pause if deed == "pause" else campaigns_actions.cancel
        try:
            done(campaign_id=campaign_id, reason=form.cleaned_data["words"], at=clock.now(), actor=person.actor)
        except campaigns_actions.NotUnderWay as error:
            messages.error(request, wording.refusal_words(error))
        else:
            paused = _("It is paused. What a sender has begun is finished; nothing else goes out.")
            messages.success(request, paused if deed == "pause" else _("It is cancelled."))
        return redirect("console:campaign", campaign_id)
    effect: tuple[str, ...] = (_("Nothing goes out until you resume it. What is due meanwhile goes out then."),)
    if deed == "cancel":
        effect = pages.cancel_effect(campaign, campaigns_queries.runs_of(campaign_id))
    context = {"campaign": campaign, "form": form, "deed": deed, "effect": effect}
    status = 422 if form.errors else 200
    return show(request, person, "console/campaigns/deed.html", context, current="campaigns", status=status)


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def resume(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will let a paused campaign go on."""
    campaign_of(campaign_id)
    try:
        campaigns_actions.resume(campaign_id=campaign_id, at=clock.now(), actor=person.actor)
    except campaigns_actions.NotUnderWay as error:
        messages.error(request, wording.refusal_words(error))
    else:
        messages.success(request, _("It goes on."))
    return redirect("console:campaign", campaign_id)


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def raise_budget(request: HttpRequest, person: Person, campaign_id: int, kind: str) -> HttpResponse:
    """Will raise what a campaign may give of one kind."""
    campaign = campaign_of(campaign_id)
    budget = next((one for one in campaign.budgets if one.kind == kind), None)
    if budget is None or kind not in list(RewardKind):
        raise Http404(_("There is no such budget."))
    form = BudgetForm(request.POST)
    if form.is_valid() and form.cleaned_data["most"] <= budget.most:
        words = _("It is %(most)s now. Say more than that; a budget is only raised.")
        form.add_error("most", words % {"most": formats.num(budget.most)})
    if not form.is_valid():
        return _show(request, person, campaign, failed=form, status=422)
    try:
        campaigns_actions.raise_budget(
            campaign_id=campaign_id,
            kind=kind,
            most=form.cleaned_data["most"],
            at=clock.now(),
            actor=person.actor,
        )
    except campaigns_actions.NotUnderWay as error:
        messages.error(request, wording.refusal_words(error))
    else:
        messages.success(request, _("The budget is raised. Resume the campaign if it was paused for it."))
    return redirect("console:campaign", campaign_id)


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def resolve(request: HttpRequest, person: Person, campaign_id: int, message_id: int) -> HttpResponse:
    """Will take a message of which nobody can tell as sent, or have it sent again although it may have been."""
    runs = campaigns_queries.runs_of(campaign_id)
    found = messaging_queries.find_by_id(message_id)
    if found is None or found.dispatch_id is None or found.dispatch_id not in {run.dispatch_id for run in runs}:
        raise Http404(_("There is no such message in this campaign."))
    again = request.POST.get("do") == "send_again"
    decision = messaging_actions.Decision.SEND_AGAIN if again else messaging_actions.Decision.AS_SENT
    try:
        messaging_actions.resolve_unknown(
            message_id=message_id, decision=decision, at=clock.now(), actor=person.actor, reason=""
        )
    except messaging_actions.NotUnknown:
        messages.error(request, _("Somebody has decided this already, or it was cancelled. Nothing was changed."))
    else:
        messages.success(request, _("It is sent again.") if again else _("It is taken as sent."))
    return redirect("console:campaign", campaign_id)


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def copy(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will begin a draft with the plan of a campaign, its dates left out."""
    campaign = campaign_of(campaign_id)
    name = _("%(name)s, copy") % {"name": campaign.name}
    copied = campaigns_actions.copy(
        campaign_id=campaign_id, name=name, author_id=person.id, at=clock.now(), actor=person.actor
    )
    messages.success(request, _("A draft with the same plan is begun. Look at its dates."))
    return redirect(builder_pages.url_of(copied.id, builder_pages.steps_of(campaign.kind)[0]))


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def discard(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will ask, and on yes throw a campaign away that was never started."""
    campaign = campaign_of(campaign_id)
    if request.method == "POST":
        try:
            campaigns_actions.discard(campaign_id=campaign_id, at=clock.now(), actor=person.actor)
        except campaigns_actions.NotEditable as error:
            messages.error(request, wording.refusal_words(error))
        else:
            messages.success(request, _("It is thrown away. It stays in the list of the ended ones."))
        return redirect("console:campaigns")
    context = {"campaign": campaign, "deed": "discard", "form": None, "effect": (_("It cannot be started any more."),)}
    return show(request, person, "console/campaigns/deed.html", context, current="campaigns")
