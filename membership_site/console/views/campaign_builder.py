"""The builder of a campaign: a step an address, saved by posting, with or without scripts; the check at its end."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.queries import CampaignView
from campaigns.rules import segments
from campaigns.rules.plan import BadPlan, Plan, plan_from, to_json
from campaigns.rules.segments import Tree
from kit import clock
from members import queries as members_queries
from members.enums import Purpose
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.campaigns import (
    STEP_FORMS,
    DaysForm,
    GoalForm,
    MessageForm,
    PreviewForm,
    RewardForm,
    StepForm,
    WhenForm,
    WhoForm,
    WordsForm,
)
from membership_site.console.forms.segments import Typed, pressed, read_typed, typed_of
from membership_site.console.pages import campaign_builder as pages
from membership_site.console.pages import segments as segment_pages
from membership_site.console.pages.campaign import review_card
from membership_site.console.pages.coupons import tier_names
from membership_site.console.views.shell import show
from messaging import actions as messaging_actions
from messaging.enums import Channel
from messaging.queries import templates as template_queries
from messaging.queries.previews import preview_with

METHODS = ["GET", "HEAD", "POST"]
SAVES = ("save", "next")
REFUSALS = (campaigns_actions.EditedMeanwhile, campaigns_actions.NotEditable, campaigns_actions.NameMissing)


def campaign_of(campaign_id: int) -> CampaignView:
    """Will return a campaign, or answer that there is none. Two queries."""
    found = campaigns_queries.find_campaign(campaign_id)
    if found is None:
        raise Http404(_("There is no such campaign."))
    return found


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def edit_step(request: HttpRequest, person: Person, campaign_id: int, step: str) -> HttpResponse:
    """Will show a step of the builder, and save what was typed in it; 422 with what is wrong at the field."""
    campaign = campaign_of(campaign_id)
    if step not in pages.steps_of(campaign.kind):
        raise Http404(_("There is no such step."))
    if not campaign.is_editable:
        messages.error(request, wording.refusal_words(campaigns_actions.NotEditable()))
        return redirect("console:campaign", campaign_id)
    if step == "check":
        return _check(request, person, campaign)
    if step == "who":
        return _who(request, person, campaign)
    form = _form(request, person, campaign, step)
    copied = request.POST.get("do", "").partition(":")
    if step == "message" and copied[0] == "copy":
        return _copy_words(request, person, campaign, copied[2])
    if form.is_bound and form.is_valid() and _save(form, campaign, person, form.changes()):
        return _onward(request, campaign, step)
    return _show_step(request, person, campaign, step, form)


def _form(request: HttpRequest, person: Person, campaign: CampaignView, step: str) -> StepForm:
    """Will return the form of a step, filled with the plan or with what was typed. At most four queries."""
    plan, at = campaign.plan, clock.now()
    made = STEP_FORMS[step]
    data = request.POST if request.method == "POST" else None
    options: dict[str, Any] = {}
    if made is RewardForm:
        options = pages.reward_choices(plan, at)
    elif made is MessageForm:
        kept = [str(variant.template) for variant in plan.variants]
        options = {"templates": pages.with_kept(pages.template_choices(pages.template_rows()), kept)}
    elif made is WhenForm:
        options = {"kind": campaign.kind}
    elif made is DaysForm:
        tiers = list(tier_names(clock.business_date(at)).items())
        named = [plan.point_days.tier] if plan.point_days and plan.point_days.tier else []
        options = {"tiers": pages.with_kept(tiers, named)}
    elif made is WhoForm:
        options = {"segments": pages.segment_choices(person.id, plan.segment)}
    return made(data, initial=_initial(made, campaign), **options)


def _initial(made: type[StepForm], campaign: CampaignView) -> dict[str, Any]:
    read: dict[str, Any] = made.read(campaign.plan)  # type: ignore[attr-defined]  # each step has its own
    name = {"title": campaign.name} if made in (GoalForm, DaysForm) else {}
    return {**read, **name, "seen": campaign.digest}


def _save(form: StepForm, campaign: CampaignView, person: Person, changes: dict[str, Any]) -> bool:
    """Will save a step's part of the plan; what is wrong with it is put at its field."""
    try:
        campaigns_actions.save(
            campaign_id=campaign.id,
            changes=changes,
            name=form.name(),
            seen=form.cleaned_data["seen"] or "-",
            at=clock.now(),
            actor=person.actor,
        )
    except BadPlan as error:
        form.take_problems(error.problems)
    except REFUSALS as error:
        form.add_error(None, wording.refusal_words(error))
    else:
        return True
    return False


def _onward(request: HttpRequest, campaign: CampaignView, step: str) -> HttpResponse:
    """Will go on to the next step, or back to this one with word that it is saved."""
    if request.POST.get("do") == "next":
        return redirect(pages.url_of(campaign.id, pages.next_step(campaign.kind, step)))
    messages.success(request, _("The draft is saved."))
    return redirect(pages.url_of(campaign.id, step))


def _show_step(
    request: HttpRequest, person: Person, campaign: CampaignView, step: str, form: StepForm, **more: Any
) -> HttpResponse:
    """Will show a step with what it says in sentences. At most 26 queries, those of the audience's fields besides."""
    at = clock.now()
    plan = _typed_plan(campaign, form)
    context = {
        "page": pages.builder_page(campaign, step, at),
        "form": form,
        "sentences": _sentences(campaign, plan, step, at),
        "count_url": reverse("console:campaign_count", args=[campaign.id]) if step != "days" else "",
        **more,
    }
    if step == "message":
        context["templates"] = pages.template_cards(plan, pages.template_rows())
        context["preview"] = PreviewForm(plan=plan, names_members=person.may(Capability.SEE_MEMBERS))
        context["can_preview"] = bool(plan.variants and plan.channels)
    status = 422 if form.is_bound and form.errors else 200
    name = f"console/campaigns/{'who' if step == 'who' else 'step'}.html"
    return show(request, person, name, context, current="campaigns", status=status)


def _typed_plan(campaign: CampaignView, form: StepForm) -> Plan:
    """Will return the plan as it would be with what was typed; as it is kept where that cannot be read."""
    if not form.is_read:
        return campaign.plan
    try:
        return plan_from({**to_json(campaign.plan), **form.changes()})
    except BadPlan:
        return campaign.plan


def _sentences(campaign: CampaignView, plan: Plan, step: str, at: dt.datetime) -> tuple[str, ...]:
    said = wording.plan_in_words(plan, campaign.kind, pages.told_of(plan, at), formats)
    return next((one.sentences for one in said if one.step == ("when" if step == "days" else step)), ())


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def say_step(request: HttpRequest, person: Person, campaign_id: int, step: str) -> HttpResponse:
    """Will say what the fields of a step mean as they stand, as a fragment beside them. Nothing is kept."""
    campaign = campaign_of(campaign_id)
    if step not in pages.steps_of(campaign.kind) or step == "check":
        raise Http404(_("There is no such step."))
    form, at = _form(request, person, campaign, step), clock.now()
    plan = _typed_plan(campaign, form)
    context: dict[str, Any] = {"sentences": _sentences(campaign, plan, step, at)}
    if isinstance(form, MessageForm) and len(plan.variants) > 1:
        usual, wished = form.cleaned_data.get("usual_percent"), form.cleaned_data.get("wished_percent")
        whom = pages.reached(plan, at)
        context["power"] = pages.power_of(plan, whom.treated, usual or Decimal(3), wished)
    return render(request, "console/campaigns/parts/says.html", context)


# ---- who


def _who(request: HttpRequest, person: Person, campaign: CampaignView) -> HttpResponse:
    """Will show the builder of the audience, change its rows, count, and save."""
    form = _form(request, person, campaign, "who")
    typed = _typed(request) if request.method == "POST" else _started(request, person, campaign)
    tree, problems = segment_pages.read_tree(typed)
    do = request.POST.get("do", "")
    if do in SAVES and form.is_valid():
        named = bool(form.cleaned_data["segment"])
        if tree is not None or named:
            asked = segments.to_json(tree) if tree is not None else campaign.plan.tree
            if not (typed.rows or typed.groups) and _is_deeper(campaign):
                # The page could not show what is kept; nothing typed is no wish to address everybody.
                asked = campaign.plan.tree
            if _save(form, campaign, person, {**form.changes(), "tree": asked}):
                return _onward(request, campaign, "who")
        else:
            form.add_error(None, _("Nothing was saved yet. Mend what is marked below."))
    return _show_who(request, person, campaign, form, typed, tree, problems)


def _is_deeper(campaign: CampaignView) -> bool:
    """Will say whether what the plan asks has more levels than the builder shows."""
    if campaign.plan.tree is None:
        return False
    return typed_of(segments.tree_from(campaign.plan.tree, campaigns_queries.segment_fields())) is None


def _typed(request: HttpRequest) -> Typed:
    fields = campaigns_queries.segment_fields()
    typed = read_typed(request.POST, fields)
    return pressed(typed, request.POST.get("do", ""), fields) or typed


def _started(request: HttpRequest, person: Person, campaign: CampaignView) -> Typed:
    """Will begin with a saved segment where the address names one, else with what the plan asks."""
    fields = campaigns_queries.segment_fields()
    given = request.GET.get("from", "")
    if given.isdecimal() and len(given) < 16 and (row := campaigns_queries.find_segment(int(given), person.id)):
        return typed_of(campaigns_queries.tree_of(row)) or Typed()
    if campaign.plan.tree is None:
        return pressed(Typed(), "add", fields) or Typed()
    return typed_of(segments.tree_from(campaign.plan.tree, fields)) or Typed()


def _show_who(
    request: HttpRequest,
    person: Person,
    campaign: CampaignView,
    form: StepForm,
    typed: Typed,
    tree: Tree | None,
    problems: dict[str, list[str]],
) -> HttpResponse:
    at = clock.now()
    do = request.POST.get("do", "")
    is_change = request.method == "POST" and do not in (*SAVES, "count")
    if request.method == "POST" and do not in SAVES:
        form.is_valid()
        form.errors.clear()
    builder = segment_pages.builder_of(
        typed,
        clock.business_date(at),
        action=request.path,
        count_url=reverse("console:campaign_who_count", args=[campaign.id]),
        problems=problems if do in (*SAVES, "count") else {},
    )
    live = segment_pages.Live() if request.htmx else _live(form, campaign, tree, at, person)  # type: ignore[attr-defined]
    more = {"builder": builder, "live": live, "saved": campaigns_queries.segments_for(person.id)}
    more["deeper"] = _is_deeper(campaign) and not (typed.rows or typed.groups)
    response = _show_step(request, person, campaign, "who", form, **more)
    return trigger_client_event(response, "segment-changed", after="settle") if is_change else response


def _live(
    form: StepForm, campaign: CampaignView, tree: Tree | None, at: dt.datetime, person: Person
) -> segment_pages.Live:
    """Will count whom the step means as it stands, and how many are kept apart."""
    plan = campaign.plan
    if form.is_bound:
        kept = {name: value for name, value in _changes(form).items() if value is not None or name == "segment"}
        plan = plan_from({**to_json(plan), **kept})
    if plan.segment is not None:
        return segment_pages.seen_by(pages.reached(plan, at).live, person)
    return segment_pages.seen_by(pages.reached_of(segment_pages.live_of(tree, at), plan, at).live, person)


def _changes(form: StepForm) -> dict[str, Any]:
    return form.changes() if form.is_read else {}


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def count_who(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will count whom the step's rows mean as they stand: what its live region asks for. At most 24 queries."""
    campaign = campaign_of(campaign_id)
    form = _form(request, person, campaign, "who")
    tree, _problems = segment_pages.read_tree(_typed(request))
    return render(request, "console/segments/count.html", {"live": _live(form, campaign, tree, clock.now(), person)})


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def count(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will count whom a campaign reaches now, and what it may cost, as a fragment; as a page without scripts."""
    campaign = campaign_of(campaign_id)
    use = request.GET.get("use_percent", "")
    share = Decimal(use) / 100 if use.isdecimal() and len(use) < 4 else Decimal("0.5")
    whom = pages.reached(campaign.plan, clock.now(), min(share, Decimal(1)))
    context: dict[str, Any] = {"whom": replace(whom, live=segment_pages.seen_by(whom.live, person))}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/campaigns/parts/reached.html", context)
    context |= {"name": campaign.name, "back": reverse("console:campaign", args=[campaign_id])}
    return show(request, person, "console/campaigns/count.html", context, current="campaigns")


# ---- message


def _copy_words(request: HttpRequest, person: Person, campaign: CampaignView, code: str) -> HttpResponse:
    """Will copy the template of a variant for this campaign alone, and put the copy in its place."""
    form = _form(request, person, campaign, "message")
    if form.is_valid():
        template = form.cleaned_data.get(f"template_{code}")
        if not template:
            form.add_error(None, _("Choose a template for this variant first. Nothing was copied."))
        else:
            at = clock.now()
            name = f"{campaign.name} {code}"
            copied = messaging_actions.copy_template(template_id=int(template), name=name, at=at, actor=person.actor)
            form.cleaned_data[f"template_{code}"] = str(copied.id)
            if _save(form, campaign, person, form.changes()):
                words = _("“%(name)s” is copied for variant %(code)s. Change its words in their editor.")
                messages.success(request, words % {"name": copied.name, "code": code})
                return redirect(pages.url_of(campaign.id, "message"))
    return _show_step(request, person, campaign, "message", form)


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def preview(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will write a variant's words as a member would read them, and note in the audit log who looked at whom."""
    campaign = campaign_of(campaign_id)
    form = PreviewForm(request.POST, plan=campaign.plan, names_members=person.may(Capability.SEE_MEMBERS))
    written = _written(form, campaign, person) if form.is_valid() else None
    context = {
        "form": form,
        "written": written,
        "page": pages.builder_page(campaign, _message_step(campaign), clock.now()),
    }
    status = 422 if form.errors else 200
    return show(request, person, "console/campaigns/preview.html", context, current="campaigns", status=status)


def _message_step(campaign: CampaignView) -> str:
    return "message" if "message" in pages.steps_of(campaign.kind) else "days"


def _written(form: PreviewForm, campaign: CampaignView, person: Person) -> Any:
    kept = form.cleaned_data
    template_id = next(one.template for one in campaign.plan.variants if one.code == kept["variant"])
    latest = next(iter(template_queries.list_versions(template_id, limit=1)), None)
    words = latest.content.of(Channel(kept["channel"]), kept["language"]) if latest else None
    if words is None:
        form.add_error("channel", _("There are no words for this channel in this language."))
        return None
    told: dict[str, Any] = {
        "words": words,
        "channel": Channel(kept["channel"]),
        "language": kept["language"],
        "is_marketing": template_queries.get_template(template_id).purpose == Purpose.MARKETING,
    }
    if "number" not in kept:
        return preview_with({}, **told)
    try:
        return messaging_actions.preview_as(
            member_number=kept["number"], template_id=template_id, at=clock.now(), actor=person.actor, **told
        )
    except members_queries.UnknownMember:
        form.add_error("number", _("There is no member of this number. Look at the list of members."))
    return None


@require_safe
@staff_page(Capability.EDIT_CAMPAIGNS)
def try_words(request: HttpRequest, person: Person, campaign_id: int) -> HttpResponse:
    """Will say of how many members of the audience the words need something that is not known."""
    campaign = campaign_of(campaign_id)
    context = {"tried": pages.tried(campaign.plan, clock.now()), "name": campaign.name, "id": campaign_id}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "console/campaigns/parts/tried.html", context)
    return show(request, person, "console/campaigns/tried.html", context, current="campaigns")


# ---- check


def _check(request: HttpRequest, person: Person, campaign: CampaignView) -> HttpResponse:
    """Will show the whole plan in sentences with what is missing, and what can be done with it now."""
    return show_check(request, person, campaign, WordsForm(label=_("What your colleague should look at")))


def show_check(
    request: HttpRequest,
    person: Person,
    campaign: CampaignView,
    words: WordsForm,
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    """Will show the last step; `refused` says why what was asked for was not done."""
    at = clock.now()
    review = campaign.open_review
    context = {
        "page": pages.builder_page(campaign, "check", at),
        "check": pages.check_page(campaign, at, person),
        "words": words,
        "refused": refused,
        "review": review_card(review, person, at) if review else None,
        "agreed": next((review_card(one, person, at) for one in campaign.reviews if _is_agreed(one)), None),
        "may_start": person.may(Capability.START_CAMPAIGNS),
        "state": campaign.state.value,
    }
    return show(request, person, "console/campaigns/check.html", context, current="campaigns", status=status)


def _is_agreed(review: Any) -> bool:
    return review.verdict == "agreed" and review.voided_at is None
