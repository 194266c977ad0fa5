"""The earning rules and settings of the programme: seen by all of the staff, drafted and published by operators."""

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
from membership_site.console.forms.policies import (
    PublishForm,
    RuleForm,
    SettingsForm,
    TryEventForm,
    settings_initial,
    typed,
)
from membership_site.console.pages import policies, rule_editor
from membership_site.console.pages.people import names_of
from membership_site.console.pages.preview import preview_card
from membership_site.console.views.shell import show
from points import actions as points_actions
from points import queries as points_queries
from points.queries import NoPolicy, PolicyRow
from points.rules import draft as drafts
from points.rules.policy import BadTerms, policy_from_terms

NEW = "*new"
"""The code of a rule that is tried before it is saved; no saved rule has such a one."""


@require_safe
@staff_page(Capability.SEE_RULES)
def show_rules(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the rules in force, those to come and the draft. At most 12 queries."""
    page = policies.rules_page(clock.now())
    return _show(request, person, "rules", {"page": page})


@require_safe
@staff_page(Capability.SEE_RULES)
def show_version(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Will show one published version as it will stay. At most 12 queries."""
    version = points_queries.find_version(number)
    if version is None or version.published_at is None:
        raise Http404(_("There is no published version of this number."))
    return _show(request, person, "version", {"page": policies.version_page(version, clock.now())})


# ---- the draft


@require_POST
@staff_page(Capability.EDIT_RULES)
def start_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will begin a draft, of the latest version or of the one with the number `copy`; an open one is shown instead."""
    copied = request.POST.get("copy", "")
    try:
        draft = points_actions.start_draft(
            copy_of=int(copied) if copied.isdecimal() and len(copied) < 9 else None,
            at=clock.now(),
            actor=person.actor,
        )
    except NoPolicy:
        messages.error(request, _("There is no such version to begin from. Nothing was changed."))
        return redirect("console:rules")
    words = {"number": draft.number}
    messages.success(
        request, _("This is the draft of version %(number)s. Nothing holds until it is published.") % words
    )
    return redirect("console:rules_draft")


@require_safe
@staff_page(Capability.SEE_RULES)
def show_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the draft, tried on an order or event where the address names one. At most 60 queries."""
    draft = points_queries.find_draft()
    if draft is None:
        return _no_draft(request)
    at = clock.now()
    asked = any(name in request.GET for name in ("try_number", "try_order"))
    form = rule_editor.try_form(request.GET if asked else None)
    order = rule_editor.find_order(form) if asked else None
    made = rule_editor.try_event_form(draft.policy, request.GET if "try_type" in request.GET else None)
    event = rule_editor.find_event(made, at) if made.is_bound else None
    context: dict[str, Any] = {
        "page": policies.draft_page(draft, at),
        "event_form": made,
        "tried_event": rule_editor.tried_on_event(event, draft.policy, at) if event else None,
        "try_form": form,
        "tried": rule_editor.tried_on(order, draft.policy, "", at) if order else None,
        "try_error": rule_editor.no_order(form) if asked and order is None else "",
        "preview": preview_card(draft.id, at),
        "version_id": draft.id,
    }
    return _show(request, person, "draft", context)


@require_POST
@staff_page(Capability.EDIT_RULES)
def change_rules(request: HttpRequest, person: Person) -> HttpResponse:
    """Will switch, remove or move a rule of the draft, as the button says: `do` is on, off, remove, up or down."""
    draft = points_queries.find_draft()
    if draft is None:
        return _no_draft(request)
    do, _colon, code = request.POST.get("do", "").partition(":")
    common: dict[str, Any] = {"version_id": draft.id, "at": clock.now(), "actor": person.actor}
    try:
        rule = drafts.rule_in(draft.terms, code)
        name = {"rule": str(rule["names"].get("en", code))}
        if do in ("on", "off"):
            points_actions.switch_rule(code=code, is_on=do == "on", **common)
            done = _("“%(rule)s” is on in the draft.") if do == "on" else _("“%(rule)s” is off in the draft.")
        elif do == "remove":
            points_actions.remove_rule(code=code, **common)
            done = _("“%(rule)s” is taken out of the draft.")
        else:
            points_actions.order_rules(codes=_moved(draft, code, do), **common)
            done = _("“%(rule)s” was moved.")
        messages.success(request, done % name)
    except (drafts.NoSuchRule, points_actions.NoDraft):
        messages.error(request, _("The draft has changed meanwhile, so nothing was done. Look at it again."))
    return redirect("console:rules_draft")


def _moved(draft: PolicyRow, code: str, do: str) -> list[str]:
    """Will return the order of the rules with one of them a place up or down."""
    codes = [rule["code"] for rule in drafts.rules_in(draft.terms)]
    place = codes.index(code)
    codes.insert(max(place + (1 if do == "down" else -1), 0), codes.pop(place))
    return codes


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def discard_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask, and on yes throw the draft away."""
    draft = points_queries.find_draft()
    if draft is None:
        return _no_draft(request)
    if request.method != "POST":
        return _show(request, person, "discard", {"page": policies.draft_page(draft, clock.now())})
    points_actions.discard_draft(version_id=draft.id, at=clock.now(), actor=person.actor)
    messages.success(request, _("The draft of version %(number)s is discarded.") % {"number": draft.number})
    return redirect("console:rules")


# ---- one rule


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def edit_rule(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show a rule of the draft as a sentence, change the sentence, try it on an order, and save it.

    `code` in the address names the rule, a new one is without. The button pressed says what to do: add or drop a
    condition and try change nothing in the draft. At most 50 queries.
    """
    draft, at = points_queries.find_draft(), clock.now()
    if draft is None:
        return _no_draft(request)
    code = request.GET.get("code", "")
    try:
        if request.method != "POST":
            return _editor(request, person, draft, rule_editor.rule_form(draft, code, at), at)
        do = request.POST.get("do", "save")
        if do == "add" or do.startswith("drop-"):
            place = int(do[5:]) if do[5:].isdecimal() and len(do) < 9 else None
            kept = typed(request.POST, drop=place, add=request.POST.get("add_kind", "") if do == "add" else "")
            return _editor(request, person, draft, rule_editor.rule_form(draft, code, at, initial=kept), at)
        form = rule_editor.rule_form(draft, code, at, data=request.POST)
        if not form.is_valid():
            return _editor(request, person, draft, form, at, 422)
        if do in ("try", "try_event"):
            return _try_rule(request, person, draft, form, at, on_event=do == "try_event")
        return _save(request, person, draft, form, at)
    except drafts.NoSuchRule:
        messages.error(request, _("The draft has no such rule any more. Nothing was saved."))
        return redirect("console:rules_draft")


def _save(request: HttpRequest, person: Person, draft: PolicyRow, form: RuleForm, at: dt.datetime) -> HttpResponse:
    terms = form.terms(request.GET.get("code", ""))
    try:
        points_actions.save_rule(
            version_id=draft.id, terms=terms, seen=form.cleaned_data["seen"], at=at, actor=person.actor
        )
    except points_actions.NoDraft:
        form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
    except points_actions.DraftChanged:
        form.add_error(None, _("Somebody changed this rule meanwhile. Nothing was saved; open it again to see how."))
    except BadTerms:
        form.add_error(None, _("The rule cannot be read as it stands. Nothing was saved."))
    else:
        messages.success(request, _("“%(rule)s” is saved in the draft.") % {"rule": form.cleaned_data["name_en"]})
        return redirect("console:rules_draft")
    return _editor(request, person, draft, form, at, 422)


def _try_rule(
    request: HttpRequest, person: Person, draft: PolicyRow, form: RuleForm, at: dt.datetime, *, on_event: bool
) -> HttpResponse:
    """Will try the draft with the rule as it was typed, which is saved nowhere, on an order or an event."""
    code = request.GET.get("code", "") or NEW
    try:
        policy = policy_from_terms(draft.id, drafts.with_rule(draft.terms, form.terms(code)))
    except BadTerms:
        form.add_error(None, _("The rule cannot be read as it stands. Nothing was tried."))
        return _editor(request, person, draft, form, at, 422)
    if on_event:
        made = rule_editor.try_event_form(policy, request.POST)
        event = rule_editor.find_event(made, at)
        tried_event = rule_editor.tried_on_event(event, policy, at) if event else None
        status = 200 if event else 422
        return _editor(request, person, draft, form, at, status, event_form=made, tried_event=tried_event)
    chosen = rule_editor.try_form(request.POST)
    order = rule_editor.find_order(chosen)
    if order is None:
        return _editor(request, person, draft, form, at, 422, try_error=rule_editor.no_order(chosen))
    return _editor(request, person, draft, form, at, tried=rule_editor.tried_on(order, policy, code, at))


def _editor(
    request: HttpRequest,
    person: Person,
    draft: PolicyRow,
    form: RuleForm,
    at: dt.datetime,
    status: int = 200,
    *,
    event_form: TryEventForm | None = None,
    **outcome: Any,
) -> HttpResponse:
    """Will show the editor; `outcome` is what pages.rule_editor takes of a trial."""
    page = rule_editor.editor_page(draft, request.GET.get("code", ""), at, **outcome)
    given = {name: request.POST[name] for name in ("try_number", "try_order") if name in request.POST}
    made = {name: request.POST[name] for name in TryEventForm.base_fields if name in request.POST}
    context = {
        "page": page,
        "form": form,
        "try_form": rule_editor.try_form(given or None),
        "event_form": event_form or rule_editor.try_event_form(draft.policy, made or None),
    }
    return _show(request, person, "rule", context, status)


# ---- settings


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def edit_settings(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the settings of the draft and save them. At most 12 queries."""
    draft = points_queries.find_draft()
    if draft is None:
        return _no_draft(request)
    if request.method != "POST":
        form = SettingsForm(initial=settings_initial(draft.terms, draft.policy))
        return _show(request, person, "settings", {"form": form, "number": draft.number})
    form = SettingsForm(request.POST)
    if form.is_valid():
        try:
            points_actions.save_settings(
                version_id=draft.id,
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                at=clock.now(),
                actor=person.actor,
            )
        except points_actions.DraftChanged:
            form.add_error(None, _("Somebody changed these settings meanwhile. Nothing was saved; open them again."))
        except points_actions.NoDraft:
            form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
        except BadTerms:
            form.add_error(None, _("The settings cannot be read as they stand. Nothing was saved."))
        else:
            messages.success(request, _("The settings are saved in the draft."))
            return redirect("console:rules_draft")
    return _show(request, person, "settings", {"form": form, "number": draft.number}, 422)


# ---- publishing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_RULES)
def publish(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say what publishing the draft does, and on a typed yes publish it. At most 40 queries."""
    draft, at = points_queries.find_draft(), clock.now()
    if draft is None or request.POST.get("number", str(draft.number)) != str(draft.number):
        return _gone_ahead(request)
    if request.method != "POST":
        page = policies.publish_page(draft, _date(request.GET.get("on", "")), at)
        form = PublishForm(number=draft.number, initial={"effective_on": page.wished, "seen": page.digest})
        return _publishing(request, person, draft, form, page)
    form = PublishForm(request.POST, number=draft.number)
    if form.is_valid() and (version := _published(draft, form, person, at)):
        words = {"number": version.number, "date": formats.cal(version.effective_on)}
        messages.success(request, _("Version %(number)s is published and holds from %(date)s on.") % words)
        return redirect("console:rules")
    wished = form.cleaned_data.get("effective_on")
    return _publishing(request, person, draft, form, policies.publish_page(draft, wished, at), 422)


def _gone_ahead(request: HttpRequest) -> HttpResponse:
    """Will say who published the version that somebody was about to publish."""
    number = request.POST.get("number", "")
    version = points_queries.find_version(int(number)) if number.isdecimal() and len(number) < 9 else None
    if version is None or version.published_at is None:
        return _no_draft(request)
    messages.error(request, _published_before(version))
    return redirect("console:rules")


def _published_before(version: PolicyRow) -> str:
    words = {
        "who": names_of([version.actor])[version.actor],
        "number": version.number,
        "date": formats.cal(version.effective_on),
    }
    return _("%(who)s published version %(number)s just before, from %(date)s on. Nothing more was published.") % words


def _published(draft: PolicyRow, form: PublishForm, person: Person, at: dt.datetime) -> PolicyRow | None:
    """Will publish, or say at the field why not."""
    on = form.cleaned_data["effective_on"]
    before = points_queries.list_versions()[0]
    composed = policies.composed_notes(before.policy, draft.policy, on)
    note = {language: text or composed[language] for language, text in form.notes().items()}
    try:
        return points_actions.publish(
            version_id=draft.id,
            effective_on=on,
            note=note,
            known=policies.known(draft.policy, clock.business_date(at)),
            seen=form.cleaned_data["seen"],
            at=at,
            actor=person.actor,
        )
    except points_actions.TooEarly as error:
        form.add_error("effective_on", _too_early(error))
    except points_actions.AlreadyPublished as error:
        form.add_error(None, _published_before(error.version))
    except points_actions.NotReady:
        form.add_error(None, _("The draft has errors. Mend them first; nothing was published."))
    except points_actions.NothingChanged:
        form.add_error(None, _("The draft changes nothing. Nothing was published."))
    except points_actions.NoDraft:
        form.add_error(None, _("The draft was discarded meanwhile. Nothing was published."))
    except points_actions.DraftChanged:
        form.add_error(None, _("Somebody changed the draft meanwhile. Look at what it changes now, then publish it."))
    return None


def _too_early(error: points_actions.TooEarly) -> str:
    words = {"date": formats.cal(error.earliest)}
    if error.worse:
        return _("Members lose something, so notice has to run out first: %(date)s at the earliest.") % words
    return _("Choose %(date)s or later. Nothing was published.") % words


def _publishing(
    request: HttpRequest,
    person: Person,
    draft: PolicyRow,
    form: PublishForm,
    page: policies.PublishPage,
    status: int = 200,
) -> HttpResponse:
    preview = preview_card(draft.id, clock.now())
    context = {"page": page, "form": form, "number": draft.number, "preview": preview}
    return _show(request, person, "publish", context, status)


# ---- leaves


def _show(request: HttpRequest, person: Person, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "may_edit": person.may(Capability.EDIT_RULES)}
    return show(request, person, f"console/policies/{name}.html", context, current="rules", status=status)


def _no_draft(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("There is no open draft: it was published or discarded. Nothing was changed."))
    return redirect("console:rules")


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
