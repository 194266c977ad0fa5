"""The ladders of tiers: seen by all of the staff, drafted, previewed on everybody and published by operators."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.ladder import (
    LadderSettingsForm,
    NewLadderForm,
    TierForm,
    settings_initial,
    tier_initial,
)
from membership_site.console.forms.policies import PublishForm
from membership_site.console.pages import ladder as pages
from membership_site.console.pages.ladder_preview import preview_card
from membership_site.console.pages.people import names_of
from membership_site.console.views.shell import show
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers.queries import MAIN, LadderVersionView
from tiers.rules.drafts import free_code


@require_safe
@staff_page(Capability.SEE_RULES)
def show_ladder(request: HttpRequest, person: Person, ladder: str = MAIN) -> HttpResponse:
    """Will show the ladder in force, the versions to come and the draft. At most 14 queries."""
    page = pages.ladder_page(ladder, clock.now())
    if page is None:
        raise Http404(_("There is no such ladder."))
    return _show(request, person, "ladder", {"page": page})


@require_safe
@staff_page(Capability.SEE_RULES)
def show_version(request: HttpRequest, person: Person, ladder: str, number: int) -> HttpResponse:
    """Will show one published version as it will stay. At most 14 queries."""
    version = tiers_queries.find_ladder_version(ladder, number)
    if version is None or version.published_at is None:
        raise Http404(_("There is no published version of this number."))
    return _show(request, person, "version", {"page": pages.version_page(version, clock.now())})


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def new_ladder(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask for a name, and begin the first draft of a ladder beside the others. At most 14 queries."""
    taken = [row.code for row in tiers_queries.list_ladders()]
    form = NewLadderForm(request.POST if request.method == "POST" else None, taken=taken)
    if request.method != "POST":
        return _show(request, person, "new", {"form": form})
    if not form.is_valid():
        return _show(request, person, "new", {"form": form}, 422)
    code = form.cleaned_data["code"]
    try:
        tiers_actions.start_draft(ladder=code, name=form.cleaned_data["name"], at=clock.now(), actor=person.actor)
    except tiers_queries.NoLadder:
        form.add_error(None, _("Publish the main ladder first: a new one begins with what it says. Nothing was saved."))
        return _show(request, person, "new", {"form": form}, 422)
    messages.success(request, _("This is the draft of a new ladder. Nothing holds until it is published."))
    return redirect("console:ladder_draft", code)


# ---- the draft


@require_POST
@staff_page(Capability.EDIT_RULES)
def start_draft(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will begin a draft, of the latest version or of the one with the number `copy`; an open one is shown instead."""
    copied = request.POST.get("copy", "")
    if all(row.code != ladder for row in tiers_queries.list_ladders()):
        raise Http404(_("There is no such ladder."))
    there = tiers_queries.find_ladder_draft(ladder)
    try:
        draft_id = tiers_actions.start_draft(
            ladder=ladder,
            copy_of=int(copied) if copied.isdecimal() and len(copied) < 9 else None,
            at=clock.now(),
            actor=person.actor,
        )
    except tiers_queries.NoLadder:
        messages.error(request, _("There is no such version to begin from. Nothing was changed."))
        return redirect("console:ladder", ladder)
    if there and copied:
        messages.error(request, _("There is a draft already. Publish or discard it before you begin another one."))
    else:
        words = {"number": tiers_queries.get_ladder_version(draft_id).number}
        messages.success(
            request, _("This is the draft of version %(number)s. Nothing holds until it is published.") % words
        )
    return redirect("console:ladder_draft", ladder)


@require_safe
@staff_page(Capability.SEE_RULES)
def show_draft(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will show the draft: its columns, what it changes, what is wrong with it. At most 18 queries."""
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        return _no_draft(request, ladder)
    at = clock.now()
    context = {"page": pages.draft_page(draft, at), "preview": preview_card(draft)}
    return _show(request, person, "draft", context)


@require_POST
@staff_page(Capability.EDIT_RULES)
def change_tiers(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will remove or move a tier of the draft, as the button says: `do` is remove, up or down."""
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        return _no_draft(request, ladder)
    do, _colon, code = request.POST.get("do", "").partition(":")
    common: dict[str, Any] = {"version_id": draft.id, "at": clock.now(), "actor": person.actor}
    try:
        if do == "remove":
            tiers_actions.remove_tier(code=code, **common)
            messages.success(request, _("The tier is taken out of the draft. Who holds it keeps it to its date."))
        else:
            tiers_actions.order_tiers(codes=_moved(draft, code, do), **common)
            messages.success(request, _("The tier was moved."))
    except tiers_actions.BadSettings:
        messages.error(request, _("A ladder has at least one tier. Nothing was changed."))
    except (tiers_actions.NoSuchTierInDraft, tiers_actions.NoDraft):
        messages.error(request, _("The draft has changed meanwhile, so nothing was done. Look at it again."))
    return redirect("console:ladder_draft", ladder)


def _moved(draft: LadderVersionView, code: str, do: str) -> list[str]:
    """Will return the tiers with one of them a place up or down."""
    codes = [tier.code for tier in draft.tiers]
    if code not in codes or do not in ("up", "down"):
        raise tiers_actions.NoSuchTierInDraft(code)
    place = codes.index(code)
    codes.insert(max(place + (1 if do == "up" else -1), 0), codes.pop(place))
    return codes


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def discard_draft(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will ask, and on yes throw the draft away."""
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        return _no_draft(request, ladder)
    if request.method != "POST":
        return _show(request, person, "discard", {"page": pages.draft_page(draft, clock.now())})
    tiers_actions.discard_draft(version_id=draft.id, at=clock.now(), actor=person.actor)
    messages.success(request, _("The draft of version %(number)s is discarded.") % {"number": draft.number})
    return redirect("console:ladder", ladder)


# ---- one tier, and the settings


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def edit_tier(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will show a tier of the draft and save it; `code` in the address names it, a new one is without.

    At most 18 queries.
    """
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        return _no_draft(request, ladder)
    code = request.GET.get("code", "")
    if code and all(tier.code != code for tier in draft.tiers):
        messages.error(request, _("The draft has no such tier any more. Nothing was saved."))
        return redirect("console:ladder_draft", ladder)
    if request.method != "POST":
        return _tier_editor(request, person, draft, TierForm(initial=tier_initial(draft, code)))
    form = TierForm(request.POST)
    if form.is_valid() and _saved(draft, form, code, person):
        messages.success(request, _("“%(tier)s” is saved in the draft.") % {"tier": form.cleaned_data["name_en"]})
        return redirect("console:ladder_draft", ladder)
    return _tier_editor(request, person, draft, form, 422)


def _saved(draft: LadderVersionView, form: TierForm, code: str, person: Person) -> bool:
    """Will save a tier, or say in the form why not."""
    taken = [
        *(tier.code for tier in draft.tiers),
        *(tier.code for tier in tiers_queries.tiers_besides(draft.ladder, [tier.code for tier in draft.tiers])),
    ]
    kept = form.draft(code or free_code(form.cleaned_data["name_en"], taken))
    try:
        tiers_actions.save_tier(
            version_id=draft.id,
            tier=kept,
            replaces=code,
            seen=form.cleaned_data["seen"],
            at=clock.now(),
            actor=person.actor,
        )
    except (tiers_actions.NoDraft, tiers_actions.NoSuchTierInDraft):
        form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
    except tiers_actions.DraftChanged:
        form.add_error(None, _("Somebody changed this tier meanwhile. Nothing was saved; open it again to see how."))
    except tiers_actions.BadSettings:
        form.add_error(None, _("The tier cannot be as it stands. Nothing was saved."))
    return not form.errors


def _tier_editor(
    request: HttpRequest, person: Person, draft: LadderVersionView, form: TierForm, status: int = 200
) -> HttpResponse:
    page = pages.editor_page(draft, request.GET.get("code", ""))
    return _show(request, person, "tier", {"page": page, "form": form}, status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def edit_settings(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will show the settings of the draft and save them. At most 16 queries."""
    draft = tiers_queries.find_ladder_draft(ladder)
    if draft is None:
        return _no_draft(request, ladder)
    page = pages.settings_page(draft)
    if request.method != "POST":
        form = LadderSettingsForm(initial=settings_initial(draft))
        return _show(request, person, "settings", {"page": page, "form": form})
    form = LadderSettingsForm(request.POST)
    if form.is_valid():
        try:
            tiers_actions.save_settings(
                version_id=draft.id,
                settings=form.settings(),
                seen=form.cleaned_data["seen"],
                at=clock.now(),
                actor=person.actor,
            )
        except tiers_actions.DraftChanged:
            form.add_error(None, _("Somebody changed these settings meanwhile. Nothing was saved; open them again."))
        except tiers_actions.NoDraft:
            form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
        except tiers_actions.BadSettings:
            form.add_error(None, _("The settings cannot be as they stand. Nothing was saved."))
        else:
            messages.success(request, _("The settings are saved in the draft."))
            return redirect("console:ladder_draft", ladder)
    return _show(request, person, "settings", {"page": page, "form": form}, 422)


# ---- publishing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def publish(request: HttpRequest, person: Person, ladder: str) -> HttpResponse:
    """Will say what publishing the draft does, and on a typed yes publish it. At most 24 queries."""
    draft, at = tiers_queries.find_ladder_draft(ladder), clock.now()
    if draft is None or request.POST.get("number", str(draft.number)) != str(draft.number):
        return _gone_ahead(request, ladder)
    if request.method != "POST":
        preview = tiers_queries.find_ladder_preview(draft.id)
        wished = _date(request.GET.get("on", "")) or (preview.effective_on if preview else None)
        page = pages.publish_page(draft, wished, at)
        form = PublishForm(
            number=draft.number,
            needs_note=draft.number == 1,
            initial={"effective_on": page.wished, "seen": page.digest},
        )
        return _publishing(request, person, draft, form, page)
    form = PublishForm(request.POST, number=draft.number, needs_note=draft.number == 1)
    if form.is_valid() and _published(draft, form, person, at):
        words = {"number": draft.number, "date": formats.cal(form.cleaned_data["effective_on"])}
        messages.success(request, _("Version %(number)s is published and holds from %(date)s on.") % words)
        return redirect("console:ladder", ladder)
    page = pages.publish_page(draft, form.cleaned_data.get("effective_on"), at)
    return _publishing(request, person, draft, form, page, 422)


def _gone_ahead(request: HttpRequest, ladder: str) -> HttpResponse:
    """Will say who published the version that somebody was about to publish."""
    number = request.POST.get("number", "")
    version = tiers_queries.find_ladder_version(ladder, int(number)) if number.isdecimal() and len(number) < 9 else None
    if version is None or version.published_at is None:
        return _no_draft(request, ladder)
    words = {
        "who": names_of([version.actor])[version.actor],
        "number": version.number,
        "date": formats.cal(version.effective_on),
    }
    messages.error(
        request,
        _("%(who)s published version %(number)s just before, from %(date)s on. Nothing more was published.") % words,
    )
    return redirect("console:ladder", ladder)


def _published(draft: LadderVersionView, form: PublishForm, person: Person, at: dt.datetime) -> bool:
    """Will publish, or say at the field why not."""
    on = form.cleaned_data["effective_on"]
    page = pages.publish_page(draft, on, at)
    note = {language: text or page.notes.get(language, "") for language, text in form.notes().items()}
    try:
        tiers_actions.publish(
            version_id=draft.id,
            effective_on=on,
            note=note,
            seen=form.cleaned_data["seen"],
            is_previewed=page.follows > 0,
            at=at,
            actor=person.actor,
        )
    except tiers_actions.TooEarly as error:
        words = {"date": formats.cal(error.earliest)}
        form.add_error("effective_on", _("Choose %(date)s or later. Nothing was published.") % words)
    except tiers_actions.NotReady:
        form.add_error(None, _("The draft has errors. Mend them first; nothing was published."))
    except tiers_actions.NothingChanged:
        form.add_error(None, _("The draft changes nothing. Nothing was published."))
    except tiers_actions.NoteMissing:
        form.add_error("note_en", _("Write what members are told, in each language. Nothing was published."))
    except tiers_actions.NotPreviewed:
        form.add_error(None, _("Preview the draft on all members first, as it stands now. Nothing was published."))
    except tiers_actions.NoDraft:
        form.add_error(None, _("The draft was discarded meanwhile. Nothing was published."))
    except tiers_actions.DraftChanged:
        form.add_error(None, _("Somebody changed the draft meanwhile. Look at what it changes now, then publish it."))
    return not form.errors


def _publishing(
    request: HttpRequest,
    person: Person,
    draft: LadderVersionView,
    form: PublishForm,
    page: pages.PublishPage,
    status: int = 200,
) -> HttpResponse:
    context = {"page": page, "form": form, "preview": preview_card(draft)}
    return _show(request, person, "publish", context, status)


# ---- leaves


def _show(request: HttpRequest, person: Person, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "may_edit": person.may(Capability.EDIT_RULES)}
    return show(request, person, f"console/ladder/{name}.html", context, current="tiers", status=status)


def _no_draft(request: HttpRequest, ladder: str) -> HttpResponse:
    messages.error(request, _("There is no open draft: it was published or discarded. Nothing was changed."))
    return redirect("console:ladder", ladder)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
