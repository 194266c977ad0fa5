"""Batches of coupons: asked for, watched while the worker makes them, gone on with, and downloaded."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from kombu.exceptions import OperationalError

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.queries import BatchView
from benefits.rules import codes
from kit import audit, clock
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.coupons import CodesForm, FoundForm, ListedForm, ListForm, SharedForm
from membership_site.console.forms.members import read_filters
from membership_site.console.pages import coupons as pages
from membership_site.console.pages.members import in_segment
from membership_site.console.views.downloads import csv_stream
from membership_site.console.views.shell import show
from membership_site.flows import tasks
from tiers import queries as tiers_queries

METHODS = ["GET", "HEAD", "POST"]

REFUSALS = (
    benefits_actions.BadBatch,
    benefits_actions.CodeTaken,
    benefits_actions.NotIssued,
    benefits_actions.OtherContent,
    benefits_actions.UnknownCoupon,
)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def make_codes(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will ask how many codes are made for whoever brings them, and have the worker make them. At most 16 queries."""
    form = CodesForm(request.POST or None, initial={"form_key": pages.new_key()})
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        more = {"size": sent["size"], "prefix": sent["begins"]}
        if (batch_id := _request(form, person, code, more)) is not None:
            return _started(request, batch_id)
    return _page(request, person, code, form, "codes")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def give_listed(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will take a list of member numbers, say how many get one each, and on yes give them. At most 18 queries."""
    form = ListedForm(request.POST or None, request.FILES or None, initial={"form_key": pages.new_key()})
    if not (form.is_bound and form.is_valid()):
        return _page(request, person, code, form, "members")
    ids, unknown = pages.members_listed(form.cleaned_data["listed"])
    if unknown:
        form.add_error("numbers", pages.not_listed_words(unknown))
        return _page(request, person, code, form, "members")
    # A file is not sent twice: its numbers wait in the field for the yes.
    form.data = _with(form.data, numbers="\n".join(form.cleaned_data["listed"]))
    return _give(request, person, code, form, "members", ids)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def give_found(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will say how many members a view or a segment finds, and on yes give them one each. At most 26 queries."""
    views = pages.view_choices(person.actor, person.id)
    form = FoundForm(request.POST or None, initial={"form_key": pages.new_key()}, views=views)
    if not (form.is_bound and form.is_valid()):
        return _page(request, person, code, form, "found")
    at = clock.now()
    filters = read_filters(QueryDict(form.cleaned_data["query"]).dict(), clock.business_date(at))
    wanted, _name = in_segment(filters, person.id, at)
    if wanted.refused:
        form.add_error("query", _("A filter of this view cannot be read any more. Save the view anew."))
        return _page(request, person, code, form, "found")
    ids = tiers_queries.ids_of_members(wanted.filter)
    if not ids:
        form.add_error("query", _("This view finds nobody who can be given a coupon."))
        return _page(request, person, code, form, "found")
    return _give(request, person, code, form, "found", ids)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def give_list(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say what it comes to that all in the list of members get a coupon, and on yes do it. At most 26 queries."""
    at = clock.now()
    query = request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode()
    wanted, _name = in_segment(read_filters(QueryDict(query).dict(), clock.business_date(at)), person.id, at)
    ids = [] if wanted.refused else tiers_queries.ids_of_members(wanted.filter)
    first = {"form_key": pages.new_key(), "query": wanted.query}
    form = ListForm(request.POST or None, initial=first, coupons=pages.coupon_choices())
    effect: tuple[str, ...] = ()
    confirmed = ""
    if ids and form.is_bound and form.is_valid():
        code = form.cleaned_data["coupon"]
        confirmed = f"{code}:{len(ids)}"
        if request.POST.get("confirmed") == confirmed:
            if (batch_id := _request(form, person, code, {"members": ids})) is not None:
                return _started(request, batch_id)
        else:
            effect = pages.effect_of_giving(code, ids, at)
    context = {
        "form": form,
        "found": _in_list(len(ids)),
        "problem": _not_given(ids, is_refused=bool(wanted.refused)),
        "effect": effect,
        "confirmed": confirmed,
        "button": ngettext("Give it to %(n)s member", "Give it to %(n)s members", len(ids))
        % {"n": formats.num(len(ids))},
        "back": f"{reverse('console:members')}?{wanted.query}" if wanted.query else reverse("console:members"),
    }
    status = 422 if form.errors else 200
    return show(request, person, "console/coupons/give_list.html", context, current="members", status=status)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def share_code(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will ask for one code that many may use, and make it. At most 18 queries."""
    form = SharedForm(request.POST or None, initial={"form_key": pages.new_key()})
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            benefits_actions.share_code(
                definition=code,
                code=sent["code"],
                label=sent["label"],
                form_key=sent["form_key"],
                at=clock.now(),
                actor=person.actor,
            )
        except REFUSALS as error:
            _refuse(form, error)
        else:
            shared = codes.normal(sent["code"])
            messages.success(request, _("The code %(code)s can be used.") % {"code": shared})
            return redirect(f"{reverse('console:coupon_code')}?code={shared}")
    return _page(request, person, code, form, "shared")


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_batch(request: HttpRequest, person: Person, batch_id: int) -> HttpResponse:
    """Will show how far a batch is; while it is made the page asks again. At most 14 queries."""
    context = {
        "page": pages.batch_page(_batch(batch_id), clock.now()),
        "may_edit": person.may(Capability.EDIT_BENEFITS),
    }
    return show(request, person, "console/coupons/batch.html", context, current="coupons")


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def resume(request: HttpRequest, person: Person, batch_id: int) -> HttpResponse:
    """Will let a batch that failed go on where it stopped."""
    _batch(batch_id)
    try:
        benefits_actions.resume_batch(batch_id=batch_id, at=clock.now(), actor=person.actor)
    except benefits_actions.NotFailed:
        messages.error(request, _("All coupons of this batch are made. Nothing was changed."))
        return redirect("console:coupon_batch", batch_id)
    return _started(request, batch_id)


@require_safe
@staff_page(Capability.EDIT_BENEFITS, fresh=True)
def download(request: HttpRequest, person: Person, batch_id: int) -> HttpResponse:
    """Will send the codes of a batch as a table, as they are read; who took them is in the audit log."""
    batch = _batch(batch_id)
    subject, kept = f"coupon:{batch.definition}", {"batch": batch.id}
    audit.record(at=clock.now(), actor=person.actor, deed="coupon.batch_fetched", subject=subject, becomes=kept)
    codes_read = ((code, number or "") for code, number in benefits_queries.codes_of_batch(batch.id))
    return csv_stream(f"{batch.definition}-{batch.id}", chain([(_("Code"), _("Member number"))], codes_read))


# ---- leaves


def _in_list(count: int) -> str:
    text = ngettext("%(n)s member is in this list.", "%(n)s members are in this list.", count)
    return text % {"n": formats.num(count)}


def _not_given(ids: Sequence[int], *, is_refused: bool) -> str:
    """Will say why nobody can be given a coupon by this list, if so."""
    if is_refused:
        return _("A filter of this list cannot be read. Go back and choose it anew. Nothing was made.")
    return "" if ids else _("This view finds nobody who can be given a coupon.")


def _give(
    request: HttpRequest, person: Person, code: str, form: ListedForm | FoundForm, what: str, ids: Sequence[int]
) -> HttpResponse:
    """Will ask whether so many members are meant, and give them one each where the answer names that number."""
    if request.POST.get("confirmed") != str(len(ids)):
        return _page(request, person, code, form, what, len(ids))
    if (batch_id := _request(form, person, code, {"members": ids})) is not None:
        return _started(request, batch_id)
    return _page(request, person, code, form, what)


def _request(form: Form, person: Person, code: str, more: dict[str, Any]) -> int | None:
    """Will ask for a batch and return its id, or None with the reason at the form."""
    sent = form.cleaned_data
    common = {"definition": code, "label": sent["label"], "form_key": sent["form_key"]}
    try:
        return benefits_actions.request_batch(**common, **more, at=clock.now(), actor=person.actor)[0]
    except REFUSALS as error:
        _refuse(form, error)
        return None


def _refuse(form: Form, error: Exception) -> None:
    words = {
        "size": _("From 1 to %(most)s coupons are made at once. Nothing was made.")
        % {"most": formats.num(benefits_actions.SIZE_MAX)},
        "prefix": _("Use %(most)s letters and figures at most. Nothing was made.")
        % {"most": formats.num(codes.PREFIX_MAX)},
        "code": _("Use %(least)s to %(most)s letters and figures. Nothing was made.")
        % {"least": formats.num(codes.CHOSEN_MIN), "most": formats.num(codes.CHOSEN_MAX)},
    }
    match error:
        case benefits_actions.BadBatch():
            field = "begins" if error.field == "prefix" else error.field
            form.add_error(field if field in form.fields else None, words[error.field])
        case benefits_actions.CodeTaken():
            form.add_error("code", _("There is a coupon with this code already. Choose another. Nothing was made."))
        case benefits_actions.OtherContent():
            form.add_error(None, _("This form was sent before with other content. Open it anew. Nothing was made."))
        case _:
            form.add_error(
                None, _("This coupon is not issued: it is not published, archived or over. Nothing was made.")
            )


def _started(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Will tell the worker, which finds the batch by itself within minutes where it cannot be told."""
    try:
        tasks.make_batches.delay()
    except OperationalError:
        messages.warning(
            request, _("The worker’s queue cannot be reached. The batch waits and is begun by itself later.")
        )
    return redirect("console:coupon_batch", batch_id)


def _page(
    request: HttpRequest, person: Person, code: str, form: Form, what: str, count: int | None = None
) -> HttpResponse:
    """Will show the form of a batch; `count` members are asked about where it is known."""
    at = clock.now()
    found = benefits_queries.find_definition(code, at)
    if found is None:
        raise Http404(_("There is no such coupon."))
    page = pages.definition_page(found, at)
    effect = button = ""
    if count is not None:
        words = {"n": formats.num(count), "coupon": page.name}
        effect = ngettext(
            "%(n)s member gets “%(coupon)s”. It cannot be taken back from all at once.",
            "%(n)s members get “%(coupon)s” each. It cannot be taken back from all at once.",
            count,
        )
        button = ngettext("Give it to %(n)s member", "Give it to %(n)s members", count)
        effect, button = effect % words, button % words
    context = {"page": page, "form": form, "what": what, "count": count, "effect": effect, "button": button}
    status = 422 if form.errors else 200
    return show(request, person, "console/coupons/make.html", context, current="coupons", status=status)


def _with(data: Any, **changes: str) -> QueryDict:
    changed: QueryDict = data.copy()
    for name, value in changes.items():
        changed[name] = value
    return changed


def _batch(batch_id: int) -> BatchView:
    batch = benefits_queries.find_batch(batch_id)
    if batch is None:
        raise Http404(_("There is no such batch."))
    return batch
