"""Campaigns: the list, a new one, and what holds for all of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns import actions as campaigns_actions
from campaigns import wording
from campaigns.rules.attribution import BadWindows
from campaigns.rules.recipes import BY_CODE, changes_of
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.campaigns import NewForm, ShareForm, WindowsForm
from membership_site.console.pages import campaigns as pages
from membership_site.console.pages.campaign_builder import steps_of, url_of
from membership_site.console.pages.campaign_settings import settings_page
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]
TEXT_MAX = 80


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_campaigns(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list campaigns of a view with the night's figures, and the point days to come. At most nine queries."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:TEXT_MAX]
    page = pages.list_page(request.GET.get("view", ""), text, request.GET.get("before", ""), clock.now())
    return _show(request, person, "list", {"page": page})


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def new_campaign(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask for a name and what to begin with, and begin a draft with its plan filled in. At most ten queries."""
    form = NewForm(request.POST or None)
    if form.is_bound and form.is_valid():
        at = clock.now()
        recipe = BY_CODE[form.cleaned_data["recipe"]]
        deed: dict[str, Any] = {"at": at, "actor": person.actor}
        name = form.cleaned_data["name"]
        campaign = campaigns_actions.create(name=name, kind=recipe.kind, author_id=person.id, **deed)
        changes = changes_of(recipe, clock.business_date(at))
        campaigns_actions.save(campaign_id=campaign.id, changes=changes, **deed)
        messages.success(request, _("The draft is saved. Nobody is written to until it is agreed to and started."))
        return redirect(url_of(campaign.id, steps_of(recipe.kind)[0]))
    context = {"form": form, "beginnings": pages.beginnings(str(form["recipe"].value() or ""))}
    return _show(request, person, "new", context, 422 if form.errors else 200)


# ---- what holds for all


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_settings(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the group that gets no marketing, and the windows of attribution. At most ten queries."""
    return _settings(request, person)


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def begin_group(request: HttpRequest, person: Person) -> HttpResponse:
    """Will draw a group that gets no marketing from now on."""
    form = ShareForm(request.POST)
    if form.is_valid():
        try:
            campaigns_actions.begin_control_group(share=form.share, at=clock.now(), actor=person.actor)
        except (campaigns_actions.BadShare, campaigns_actions.ControlGroupStands) as error:
            form.add_error("percent", wording.refusal_words(error))
        else:
            messages.success(request, _("The group is drawn. Its members get no marketing from now on."))
            return redirect("console:campaign_settings")
    return _settings(request, person, share=form)


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def end_group(request: HttpRequest, person: Person) -> HttpResponse:
    """Will end the group, whose members get marketing again; ended already, nothing is done."""
    if campaigns_actions.end_control_group(at=clock.now(), actor=person.actor):
        messages.success(request, _("The group is ended. Its members get marketing again; its history is kept."))
    else:
        messages.error(request, _("There is no such group now. Nothing was changed."))
    return redirect("console:campaign_settings")


@require_POST
@staff_page(Capability.START_CAMPAIGNS)
def publish_windows(request: HttpRequest, person: Person) -> HttpResponse:
    """Will let other windows hold for orders that are attributed from now on."""
    form = WindowsForm(request.POST, windows={})
    if form.is_valid():
        try:
            rules = campaigns_actions.publish_windows(windows=form.windows(), at=clock.now(), actor=person.actor)
        except BadWindows as error:
            for path in error.problems:
                form.add_error(path.replace(".", "_"), _("Use a whole number of hours, 2,160 at most."))
        else:
            words = _("Version %(number)s holds for orders that are attributed from now on. Earlier ones stay.")
            messages.success(request, words % {"number": rules.number})
            return redirect("console:campaign_settings")
    return _settings(request, person, windows=form)


def _settings(
    request: HttpRequest, person: Person, share: ShareForm | None = None, windows: WindowsForm | None = None
) -> HttpResponse:
    page = settings_page()
    failed = share or windows
    context = {
        "page": page,
        "share": share or ShareForm(initial={"percent": 5}),
        "windows": windows or WindowsForm(windows=page.in_force),
        "failed": failed,
        "may_change": person.may(Capability.START_CAMPAIGNS),
    }
    return _show(request, person, "settings", context, 422 if failed else 200)


def _show(request: HttpRequest, person: Person, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "may_edit": person.may(Capability.EDIT_CAMPAIGNS)}
    return show(request, person, f"console/campaigns/{name}.html", context, current="campaigns", status=status)
