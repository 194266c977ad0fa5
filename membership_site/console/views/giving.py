"""Giving a tier, ending what was given, extending a validity: each a page, a form and one action."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.giving import EndForm, ExtendForm, GiveForm, ReasonForm
from membership_site.console.pages import giving
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.enums import HoldKind
from tiers.queries import DecisionView, Foretold

METHODS = ["GET", "HEAD", "POST"]
Ask = Callable[[], Foretold]
Deed = Callable[[dict[str, Any]], DecisionView]


@require_http_methods(METHODS)
@staff_page(Capability.GIVE_TIERS)
def give(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will give a member a tier through a date; refusals stand at the field. At most 25 queries."""
    key, at = _member(number), clock.now()
    today = clock.business_date(at)
    form = GiveForm(**_given(request), today=today, tiers=giving.tier_choices(today))

    def deed(sent: dict[str, Any]) -> DecisionView:
        return tiers_actions.give_tier(member_id=key.id, **{**sent, "kind": HoldKind(sent["kind"])})

    words = (
        _("Give %(name)s a tier"),
        _("It is held through its last date and leaves what was reached as it is."),
    )
    page = (words, _("Give the tier"), reverse("console:give_effect", args=[key.number]))
    return _page(request, person, key, form, page, deed, _ask_gift(form, key, at), at)


@require_http_methods(METHODS)
@staff_page(Capability.GIVE_TIERS)
def end(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will end today what a member was given. At most 25 queries."""
    key, at = _member(number), clock.now()

    def deed(sent: dict[str, Any]) -> DecisionView:
        return tiers_actions.end_given(member_id=key.id, **sent)

    words = (_("End what %(name)s was given"), _("It ends today, and the tier that was reached follows."))
    return _page(
        request,
        person,
        key,
        EndForm(**_given(request)),
        (words, _("End it today"), ""),
        deed,
        lambda: tiers_queries.foretell_end(key.id, at),
        at,
    )


@require_http_methods(METHODS)
@staff_page(Capability.EXTEND_TIERS)
def extend(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will extend a member's validity as a courtesy, so many times a month and person. At most 28 queries."""
    key, at = _member(number), clock.now()
    form = ExtendForm(**_given(request), today=clock.business_date(at))

    def deed(sent: dict[str, Any]) -> DecisionView:
        return tiers_actions.extend_validity(member_id=key.id, **sent)

    words = (_("Extend the tier of %(name)s"), giving.budget_words(person, at))
    page = (words, _("Extend the tier"), reverse("console:extend_effect", args=[key.number]))
    return _page(request, person, key, form, page, deed, _ask_extension(form, key, at), at)


@require_safe
@staff_page(Capability.GIVE_TIERS)
def show_gift(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will say what giving a tier would do, as a fragment beside the fields. At most fifteen queries."""
    key, at = _member(number), clock.now()
    today = clock.business_date(at)
    form = GiveForm(request.GET, today=today, tiers=giving.tier_choices(today))
    return _effect(request, _ask_gift(form, key, at))


@require_safe
@staff_page(Capability.EXTEND_TIERS)
def show_extension(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will say what an extension would do, as a fragment beside the field. At most fifteen queries."""
    key, at = _member(number), clock.now()
    form = ExtendForm(request.GET, today=clock.business_date(at))
    return _effect(request, _ask_extension(form, key, at))


# ---- leaves


def _page(
    request: HttpRequest,
    person: Person,
    key: MemberKey,
    form: ReasonForm,
    page: tuple[tuple[str, str], str, str],
    deed: Deed,
    ask: Ask | None,
    at: dt.datetime,
) -> HttpResponse:
    """Will do what was sent, or show the form with its effect and what is wrong with it."""
    if form.is_bound and form.is_valid() and "look" not in request.POST:
        sent = {name: value for name, value in form.cleaned_data.items() if name != "form_key"}
        sent |= {"key": str(form.cleaned_data["form_key"]), "at": at, "actor": person.actor}
        try:
            giving.check_not_own(key, person)
            decision = deed(sent)
        except (*giving.REFUSALS, giving.OwnMembership) as error:
            _refuse(form, error)
        else:
            messages.success(request, _said(decision))
            return redirect(member_url(key.number))
    effect, (field, problem) = giving.foretell(ask) if ask else ((), ("", ""))
    if problem and form.is_bound and not form.errors:
        form.add_error(field if field in form.fields else None, problem)
    is_hopeless = bool(problem) and not form.is_bound and not field
    assembled = giving.giving_page(key, *page, effect, problem if is_hopeless else "")
    context = {"page": assembled, "form": form}
    return show(request, person, "console/giving.html", context, current="members", status=422 if form.errors else 200)


def _effect(request: HttpRequest, ask: Ask | None) -> HttpResponse:
    effect, (_field, problem) = giving.foretell(ask) if ask else ((), ("", ""))
    return render(request, "console/parts/foretold.html", {"effect": effect, "problem": problem})


def _ask_gift(form: GiveForm, key: MemberKey, at: dt.datetime) -> Ask | None:
    """What to ask of the rules, once tier, kind and date can be read."""
    form.is_valid()
    read = dict(getattr(form, "cleaned_data", {}))  # what is refused later is taken out of it
    if not {"tier", "kind", "until"} <= read.keys():
        return None
    return lambda: tiers_queries.foretell_gift(key.id, read["tier"], HoldKind(read["kind"]), read["until"], at)


def _ask_extension(form: ExtendForm, key: MemberKey, at: dt.datetime) -> Ask | None:
    form.is_valid()
    read = dict(getattr(form, "cleaned_data", {}))  # what is refused later is taken out of it
    if "until" not in read:
        return None
    return lambda: tiers_queries.foretell_extension(key.id, read["until"], at)


def _given(request: HttpRequest) -> dict[str, Any]:
    if request.method == "POST":
        return {"data": request.POST, "auto_id": giving.AUTO_ID}
    return {"initial": {"form_key": giving.new_key()}, "auto_id": giving.AUTO_ID}


def _refuse(form: ReasonForm, error: Exception) -> None:
    field, words = giving.refusal(error)
    form.add_error(field if field in form.fields else None, words)
    if isinstance(error, tiers_actions.OtherContent):
        form.data = {**dict(form.data.items()), "form_key": giving.new_key()}


def _said(decision: DecisionView) -> str:
    """Will say what was decided."""
    title = tiers_wording.decision_title(decision, formats)
    if decision.until_date is None:
        return title
    return _("%(what)s, until %(date)s") % {"what": title, "date": formats.cal(decision.until_date)}


def _member(number: str) -> MemberKey:
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    return key
