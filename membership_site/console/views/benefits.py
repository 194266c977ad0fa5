"""The benefits of tiers: seen by the staff; drafted cell by cell and published by those who may edit them."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits.queries import MatrixRow
from benefits.rules.coupons import BadTerms
from benefits.rules.matrix import REST, Benefit, NoSuchBenefit, row_of
from benefits.wording import matrix as wording
from kit import clock
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.benefits import (
    BenefitForm,
    CellForm,
    GiveBenefitForm,
    benefit_initial,
    cell_initial,
)
from membership_site.console.forms.policies import PublishForm
from membership_site.console.pages import benefits as pages
from membership_site.console.pages.member_benefits import choices
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show
from tiers import wording as tiers_wording


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_benefits(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the matrix in force, its versions, and whether there is a draft. At most 22 queries."""
    context = {"page": pages.benefits_page(clock.now()), "may_see_members": person.may(Capability.SEE_MEMBERS)}
    return _show(request, person, "benefits", context)


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_version(request: HttpRequest, person: Person, number: int) -> HttpResponse:
    """Will show one published version as it will stay. At most 22 queries."""
    version = benefits_queries.find_matrix_version(number)
    if version is None or version.published_at is None:
        raise Http404(_("There is no published version of this number."))
    return _show(request, person, "version", {"page": pages.version_page(version, clock.now())})


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def start_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will begin a draft, of the latest version or of the one with the number `copy`; an open one is shown instead."""
    copied = request.POST.get("copy", "")
    there = benefits_queries.find_matrix_draft()
    copy_of = int(copied) if copied.isdecimal() and len(copied) < 9 else None
    try:
        draft = benefits_actions.start_draft(copy_of=copy_of, at=clock.now(), actor=person.actor)
    except benefits_actions.NoMatrix:
        messages.error(request, _("There is no such version to begin from. Nothing was changed."))
        return redirect("console:benefits")
    if there and copied:
        messages.error(request, _("There is a draft already. Publish or discard it before you begin another one."))
    else:
        words = {"number": draft.number}
        messages.success(
            request, _("This is the draft of version %(number)s. Nothing holds until it is published.") % words
        )
    return redirect("console:benefits_draft")


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show the draft: its cells, what it changes for whom, what is wrong with it. At most 24 queries."""
    draft = benefits_queries.find_matrix_draft()
    if draft is None:
        return _no_draft(request)
    return _show(request, person, "draft", {"page": pages.draft_page(draft, clock.now())})


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def change_benefits(request: HttpRequest, person: Person) -> HttpResponse:
    """Will move, switch or remove a benefit of the draft, as the button says: `do` is up, down, on, off or remove."""
    draft = benefits_queries.find_matrix_draft()
    if draft is None:
        return _no_draft(request)
    do, _colon, code = request.POST.get("do", "").partition(":")
    common: dict[str, Any] = {"version_id": draft.id, "code": code, "at": clock.now(), "actor": person.actor}
    try:
        if do == "remove":
            benefits_actions.remove_benefit(**common)
            messages.success(request, _("The benefit is taken out of the draft."))
        elif do in ("on", "off"):
            benefits_actions.switch_benefit(is_on=do == "on", **common)
            messages.success(request, _("Saved in the draft."))
        elif do in ("up", "down"):
            benefits_actions.move_benefit(places=-1 if do == "up" else 1, **common)
            messages.success(request, _("The benefit was moved."))
    except (NoSuchBenefit, benefits_actions.NoDraft):
        messages.error(request, _("The draft has changed meanwhile, so nothing was done. Look at it again."))
    return redirect("console:benefits_draft")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_BENEFITS)
def discard_draft(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask, and on yes throw the draft away. At most 24 queries."""
    draft = benefits_queries.find_matrix_draft()
    if draft is None:
        return _no_draft(request)
    if request.method != "POST":
        return _show(request, person, "discard", {"page": pages.draft_page(draft, clock.now())})
    benefits_actions.discard_draft(version_id=draft.id, at=clock.now(), actor=person.actor)
    messages.success(request, _("The draft of version %(number)s is discarded.") % {"number": draft.number})
    return redirect("console:benefits")


# ---- one benefit, and one cell


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_BENEFITS)
def edit_benefit(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show a benefit of the draft and save it; `code` in the address names it, a new one is without.

    At most twelve queries.
    """
    draft, code = benefits_queries.find_matrix_draft(), request.GET.get("code", "")
    benefit = draft.matrix.find(code) if draft else None
    if draft is None or (code and benefit is None):
        return _no_draft(request)
    ladders = [
        (one.code, one.name or _("Main ladder"))
        for one in benefits_queries.ladders_of(clock.business_date(clock.now()))
    ]
    initial = benefit_initial(benefit, benefits_queries.digest_of(row_of(draft.terms, code))) if benefit else {}
    form = BenefitForm(request.POST if request.method == "POST" else None, ladders=ladders, initial=initial)
    context = {"form": form, "code": code, "number": draft.number}
    if request.method != "POST":
        return _show(request, person, "benefit", context)
    if form.is_valid() and _saved_benefit(draft, form, code, person):
        messages.success(request, _("“%(benefit)s” is saved in the draft.") % {"benefit": form.cleaned_data["name_en"]})
        return redirect("console:benefits_draft")
    return _show(request, person, "benefit", context, 422)


def _saved_benefit(draft: MatrixRow, form: BenefitForm, code: str, person: Person) -> bool:
    """Will save a benefit, or say in the form why not."""
    try:
        benefits_actions.save_benefit(
            version_id=draft.id,
            terms=form.terms(code),
            seen=form.cleaned_data["seen"],
            at=clock.now(),
            actor=person.actor,
        )
    except (benefits_actions.NoDraft, NoSuchBenefit):
        form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
    except benefits_actions.DraftChanged:
        form.add_error(None, _("Somebody changed this benefit meanwhile. Nothing was saved; open it again to see how."))
    except BadTerms as error:
        field = "before" if error.field == "window" else error.field
        words = _("This cannot be as it stands. Nothing was saved.")
        if field not in form.fields:
            field, words = "kind", _("Its cells are of another kind. Add a new benefit instead. Nothing was saved.")
        form.add_error(field, words)
    return not form.errors


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_BENEFITS)
def edit_cell(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show one cell of the draft and save it. At most twelve queries."""
    draft, at = benefits_queries.find_matrix_draft(), clock.now()
    benefit = draft.matrix.find(request.GET.get("benefit", "")) if draft else None
    tiers = {
        tier.code: tiers_wording.tier_name(tier)
        for ladder in benefits_queries.ladders_of(clock.business_date(at))
        if benefit and ladder.code == benefit.ladder
        for tier in ladder.tiers
    }
    # A cell of a tier that the ladder has no more can still be emptied.
    tiers = {**dict.fromkeys(benefit.stored, ""), **tiers} if benefit else tiers
    tier = request.GET.get("tier", "")
    if draft is None or benefit is None or tier not in tiers:
        return _no_draft(request)
    seen = benefits_queries.digest_of(row_of(draft.terms, benefit.code))
    fields = benefit.rules.fields
    form = CellForm(
        request.POST if request.method == "POST" else None,
        fields=fields,
        named=benefits_queries.nameable(),
        initial=cell_initial(_stored(benefit, tier), fields, seen),
    )
    context = {
        "form": form,
        "benefit": wording.benefit_name(benefit),
        "kind": wording.kind_name(benefit.kind),
        "tier": tiers[tier] or tier,
        "number": draft.number,
        "here": pages.cell_url(benefit.code, tier),
        "key": pages.cell_key(benefit.code, tier),
    }
    if request.method != "POST":
        return _show(request, person, "cell", context)
    if form.is_valid() and _saved_cell(draft, form, benefit, tier, person, at):
        messages.success(request, _("Saved in the draft."))
        return redirect("console:benefits_draft")
    return _show(request, person, "cell", context, 422)


def _stored(benefit: Benefit, tier: str) -> Any:
    return benefit.stored.get(tier, benefit.stored.get(REST))


def _saved_cell(draft: MatrixRow, form: CellForm, benefit: Benefit, tier: str, person: Person, at: dt.datetime) -> bool:
    """Will save a cell, or say in the form why not."""
    try:
        benefits_actions.save_cell(
            version_id=draft.id,
            benefit=benefit.code,
            tier=tier,
            cell=form.cell(),
            seen=form.cleaned_data["seen"],
            at=at,
            actor=person.actor,
        )
    except (benefits_actions.NoDraft, NoSuchBenefit):
        form.add_error(None, _("The draft was published or discarded meanwhile. Nothing was saved."))
    except benefits_actions.DraftChanged:
        form.add_error(None, _("Somebody changed this benefit meanwhile. Nothing was saved; open it again to see how."))
    except BadTerms as error:
        form.refuse(error)
    return not form.errors


# ---- one member


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_BENEFITS)
def give(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will give a member what a tier gets, for a reason, once a form. At most thirteen queries."""
    key, at = members_queries.find_by_number(number), clock.now()
    if key is None:
        raise Http404(_("There is no such member."))
    form = GiveBenefitForm(request.POST if request.method == "POST" else None, choices=choices(at))
    if form.is_valid() and _given(form, key.id, person, at):
        messages.success(request, _("Given. The member finds it on his page."))
        return redirect(member_url(key.number, "benefits"))
    context = {"form": form, "number": key.number}
    status = 422 if form.errors else 200
    return show(request, person, "console/benefits/give.html", context, current="members", status=status)


def _given(form: GiveBenefitForm, member_id: int, person: Person, at: dt.datetime) -> bool:
    """Will give it, or say in the form why not."""
    benefit, _colon, tier = form.cleaned_data["benefit"].partition(":")
    try:
        benefits_actions.give_by_hand(
            member_id=member_id,
            benefit=benefit,
            tier=tier,
            form_key=form.cleaned_data["form_key"],
            reason=form.cleaned_data["reason"],
            at=at,
            actor=person.actor,
        )
    except benefits_actions.NotGiven:
        form.add_error("benefit", _("There is nothing left of it to give. Choose another. Nothing was given."))
    return not form.errors


# ---- publishing


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.EDIT_BENEFITS)
def publish(request: HttpRequest, person: Person) -> HttpResponse:
    """Will say what publishing the draft does, and on a typed yes publish it. At most 26 queries."""
    draft, at = benefits_queries.find_matrix_draft(), clock.now()
    if draft is None or request.POST.get("number", str(draft.number)) != str(draft.number):
        return _no_draft(request)
    if request.method != "POST":
        page = pages.draft_page(draft, at)
        form = PublishForm(
            number=draft.number, needs_note=True, initial={"effective_on": page.wished, "seen": page.digest}
        )
        return _show(request, person, "publish", {"page": page, "form": form})
    form = PublishForm(request.POST, number=draft.number, needs_note=True)
    if form.is_valid() and _published(draft, form, person, at):
        words = {"number": draft.number, "date": formats.cal(form.cleaned_data["effective_on"])}
        messages.success(request, _("Version %(number)s is published and holds from %(date)s on.") % words)
        return redirect("console:benefits")
    page = pages.draft_page(draft, at, form.cleaned_data.get("effective_on"))
    return _show(request, person, "publish", {"page": page, "form": form}, 422)


def _published(draft: MatrixRow, form: PublishForm, person: Person, at: dt.datetime) -> bool:
    """Will publish, or say at the field why not."""
    try:
        benefits_actions.publish_matrix(
            version_id=draft.id,
            effective_on=form.cleaned_data["effective_on"],
            note=form.notes(),
            seen=form.cleaned_data["seen"],
            at=at,
            actor=person.actor,
        )
    except benefits_actions.TooEarly as error:
        words = {"date": formats.cal(error.earliest)}
        form.add_error("effective_on", _("Choose %(date)s or later. Nothing was published.") % words)
    except benefits_actions.NotReady:
        form.add_error(None, _("The draft has errors. Mend them first; nothing was published."))
    except benefits_actions.NothingChanged:
        form.add_error(None, _("The draft changes nothing. Nothing was published."))
    except benefits_actions.NoteMissing:
        form.add_error("note_en", _("Write what members are told, in each language. Nothing was published."))
    except benefits_actions.NoDraft:
        form.add_error(None, _("The draft was discarded meanwhile. Nothing was published."))
    except benefits_actions.DraftChanged:
        form.add_error(None, _("Somebody changed the draft meanwhile. Look at what it changes now, then publish it."))
    return not form.errors


# ---- leaves


def _show(request: HttpRequest, person: Person, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {**context, "may_edit": person.may(Capability.EDIT_BENEFITS)}
    return show(request, person, f"console/benefits/{name}.html", context, current="benefits", status=status)


def _no_draft(request: HttpRequest) -> HttpResponse:
    messages.error(request, _("There is no open draft: it was published or discarded. Nothing was changed."))
    return redirect("console:benefits")
