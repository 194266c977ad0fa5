"""Coupons: seen by all of the staff; their terms drafted, published and archived by operators."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.queries import DefinitionView
from benefits.rules.coupons import terms_from
from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.coupons import NewCouponForm, TermsForm, terms_initial
from membership_site.console.pages import coupons as pages
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_coupons(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list all coupons with what became of them. At most ten queries."""
    return _show(request, person, "list", {"rows": pages.coupons_page(clock.now())})


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_coupon(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will show one coupon: what it says, its versions, its batches. At most 16 queries."""
    at = clock.now()
    return _show(request, person, "coupon", {"page": pages.definition_page(_definition(code, at), at)})


# ---- the terms


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def new_coupon(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask for a code and terms, and begin a coupon with a draft of them. At most 14 queries."""
    at = clock.now()
    tiers = list(pages.tier_names(clock.business_date(at)).items())
    initial = {"uses_per_code": 1, "validity": "days", "days": 30, "joining": "any"}
    form = NewCouponForm(request.POST or None, initial=initial, tier_choices=tiers)
    if form.is_bound and form.is_valid():
        code = form.cleaned_data["code"]
        try:
            benefits_actions.define_coupon(code=code, names=form.names(), terms=form.terms(), at=at, actor=person.actor)
        except benefits_actions.CodeTaken:
            form.add_error("code", _("There is a coupon of this code already. Choose another."))
        else:
            messages.success(request, _("The draft is saved. Nothing is issued until it is published."))
            return redirect("console:coupon", code)
    return _editor(request, person, form, None, at)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def edit_draft(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will show the draft of a coupon's terms as fields, and save them. At most 16 queries."""
    at = clock.now()
    found = _definition(code, at)
    if found.draft is None:
        return _no_draft(request, code)
    tiers = list(pages.tier_names(clock.business_date(at)).items())
    tiers += [(tier, tier) for tier in found.draft.terms.tiers if tier not in dict(tiers)]
    initial = terms_initial(found.draft.names, found.draft.terms, found.draft.digest)
    form = TermsForm(request.POST or None, initial=initial, tier_choices=tiers)
    if form.is_bound and form.is_valid():
        try:
            benefits_actions.save_coupon_draft(
                definition=code,
                names=form.names(),
                terms=form.terms(),
                seen=form.cleaned_data["seen"],
                at=at,
                actor=person.actor,
            )
        except benefits_actions.NoDraft:
            return _no_draft(request, code)
        except benefits_actions.DraftChanged:
            form.add_error(
                None, _("Somebody changed this draft meanwhile. Nothing was saved; open it again to see how.")
            )
        else:
            messages.success(request, _("The draft is saved. Nothing holds until it is published."))
            return redirect("console:coupon", code)
    return _editor(request, person, form, found, at)


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def say_terms(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say what the fields of the editor mean as they stand, as a fragment beside them. At most six queries.

    Posted because lists of goods may be longer than an address; nothing is kept.
    """
    today = clock.business_date(clock.now())
    tiers = list(pages.tier_names(today).items())
    form = TermsForm(request.POST, tier_choices=tiers)
    form.is_valid()
    said = pages.sentences(terms_from(form.terms()), today) if form.says_terms else ()
    return render(request, "console/coupons/parts/says.html", {"sentences": said})


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def start_draft(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will begin a draft with the terms in force; an open one is shown instead."""
    try:
        benefits_actions.start_coupon_draft(definition=code, at=clock.now(), actor=person.actor)
    except benefits_actions.NoDraft as error:
        raise Http404(_("There is no such coupon.")) from error
    return redirect("console:coupon_draft", code)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def publish(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will show what the draft says beside what is in force, and on yes put it in force. At most 16 queries."""
    at = clock.now()
    found, refused = _definition(code, at), ""
    if request.method == "POST":
        try:
            number = benefits_actions.publish_coupon(
                definition=code, seen=request.POST.get("seen", ""), at=at, actor=person.actor
            )
        except benefits_actions.NoDraft:
            return _no_draft(request, code)
        except benefits_actions.DraftChanged:
            refused = _("Somebody changed the draft meanwhile. Read it again, then publish it.")
        except benefits_actions.NothingChanged:
            refused = _("The draft says what is in force already, so there is nothing to publish.")
        except benefits_actions.LimitsFrozen:
            refused = _(
                "The coupon was used, so uses and budget of everybody together stay as they are."
                " Set them back in the draft, or begin another coupon. Nothing was published."
            )
        else:
            messages.success(
                request, _("Version %(number)s is in force for coupons issued from now on.") % {"number": number}
            )
            return redirect("console:coupon", code)
    if found.draft is None:
        return _no_draft(request, code)
    context = {"page": pages.definition_page(found, at), "refused": refused}
    return _show(request, person, "publish", context, 422 if refused else 200)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def discard_draft(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will ask, and on yes throw the draft away, and with the first draft the coupon. At most 16 queries."""
    at = clock.now()
    if request.method == "POST":
        benefits_actions.discard_coupon_draft(definition=code, at=at, actor=person.actor)
        messages.success(request, _("The draft is discarded."))
        return redirect("console:coupons")
    found = _definition(code, at)
    if found.draft is None:
        return _no_draft(request, code)
    return _show(request, person, "discard", {"page": pages.definition_page(found, at)})


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def archive(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will stop a coupon from being issued, or with `do=unarchive` let it be issued again."""
    back = request.POST.get("do") == "unarchive"
    deed = benefits_actions.unarchive_coupon if back else benefits_actions.archive_coupon
    try:
        deed(definition=code, at=clock.now(), actor=person.actor)
    except benefits_actions.NoDraft as error:
        raise Http404(_("There is no such coupon.")) from error
    if back:
        messages.success(request, _("It can be issued again."))
    else:
        messages.success(request, _("No more of it are issued. Those that members have stay good."))
    return redirect("console:coupon", code)


# ---- leaves


def _editor(
    request: HttpRequest, person: Person, form: TermsForm, found: DefinitionView | None, at: dt.datetime
) -> HttpResponse:
    """Will show the fields with what they say: what was typed if it can be read, else what is kept."""
    today = clock.business_date(at)
    if form.is_bound and form.is_valid():
        said = pages.sentences(terms_from(form.terms()), today)
    else:
        said = pages.sentences(found.draft.terms, today) if found and found.draft and not form.is_bound else ()
    context = {
        "form": form,
        "sentences": said,
        "code": found.code if found else "",
        "name": pages.name_of(found) if found else "",
    }
    return _show(request, person, "editor", context, 422 if form.errors else 200)


def _definition(code: str, at: dt.datetime) -> DefinitionView:
    found = benefits_queries.find_definition(code, at)
    if found is None:
        raise Http404(_("There is no such coupon."))
    return found


def _no_draft(request: HttpRequest, code: str) -> HttpResponse:
    messages.error(request, _("There is no open draft: it was published or discarded. Nothing was changed."))
    return redirect("console:coupon", code)


def _show(request: HttpRequest, person: Person, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "may_edit": person.may(Capability.EDIT_BENEFITS)}
    return show(request, person, f"console/coupons/{name}.html", context, current="coupons", status=status)
