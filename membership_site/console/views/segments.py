"""Segments: listed, built with a live count, saved in versions, shared, put away, filled and taken away as a file."""

import datetime as dt
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.http import trigger_client_event

from campaigns import actions as campaigns_actions
from campaigns import queries as campaigns_queries
from campaigns.queries import SegmentRow
from campaigns.rules.segments import Tree
from kit import cached, clock
from kit.files import UnreadableFile
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.segments import MembersForm, NameForm, Typed, pressed, read_typed, typed_of
from membership_site.console.pages import segments as pages
from membership_site.console.views.downloads import csv_stream
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]
KEPT_SECONDS = 86_400
"""So long the rows of a file that need mending are kept."""


# ---- the list


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_segments(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the segments that this person sees, or those put away. At most 16 queries, however many there are."""
    archived = request.GET.get("archived") == "1"
    context = {
        "rows": pages.list_page(person.id, clock.now(), archived=archived),
        "archived": archived,
        "may_edit": person.may(Capability.EDIT_CAMPAIGNS),
    }
    return show(request, person, "console/segments/list.html", context, current="segments")


# ---- the builder


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def new_segment(request: HttpRequest, person: Person) -> HttpResponse:
    """Will build a segment and save it under a name; every button works without script too."""
    form = NameForm(request.POST or None)
    form.fields["name"].widget.attrs["form"] = "segment"
    typed = _typed(request) if request.method == "POST" else _started(request, person)
    typed = pages.completed(typed, clock.business_date(clock.now()))
    tree, problems = pages.read_tree(typed)
    if request.POST.get("do") == "save" and form.is_valid() and tree is not None:
        try:
            segment_id = campaigns_actions.create_segment(
                name=form.cleaned_data["name"], tree=tree, owner_id=person.id, at=clock.now(), actor=person.actor
            )
        except campaigns_actions.SegmentNameTaken:
            form.add_error("name", _("You have a segment or list of this name. Choose another."))
        else:
            messages.success(request, _("Segment “%(name)s” saved.") % {"name": form.cleaned_data["name"]})
            return redirect("console:segment", segment_id)
    context = {"form": form, "title": _("New segment"), "back": reverse("console:segments")}
    return _build(request, person, typed, tree, problems, context)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def edit_segment(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will change what a segment asks and save it as its next version."""
    row = _row(segment_id, person)
    known = typed_of(row.tree) if row.tree is not None else None
    if row.is_list or row.is_archived or known is None:
        messages.error(request, _("This one cannot be changed here. Copy it, or build a new segment."))
        return redirect("console:segment", segment_id)
    typed = _typed(request) if request.method == "POST" else known
    typed = pages.completed(typed, clock.business_date(clock.now()))
    tree, problems = pages.read_tree(typed)
    if request.POST.get("do") == "save" and tree is not None:
        if (trouble := _save(request, person, row, tree)) is None:
            return redirect("console:segment", segment_id)
        problems = {"": [trouble]}
    context = {
        "title": row.name,
        "seen": request.POST.get("seen", "") or row.version,
        "back": reverse("console:segment", args=[segment_id]),
    }
    return _build(request, person, typed, tree, problems, context)


def _save(request: HttpRequest, person: Person, row: SegmentRow, tree: Tree) -> str | None:
    """Will save the next version, or say why not."""
    seen = request.POST.get("seen", "")
    try:
        number = campaigns_actions.save_segment(
            segment_id=row.id,
            tree=tree,
            seen=int(seen) if seen.isdecimal() and len(seen) < 9 else 0,
            at=clock.now(),
            actor=person.actor,
        )
    except campaigns_actions.SegmentChanged:
        return _("Somebody saved another version meanwhile. Open the segment anew. Nothing was saved.")
    except campaigns_actions.GoesRound:
        return _("This segment would ask itself, by way of another. Nothing was saved.")
    words = (
        _("Version %(n)s saved.") if number != row.version else _("It asks the same as before: version %(n)s stays.")
    )
    messages.success(request, words % {"n": number})
    return None


@require_POST
@staff_page(Capability.SEE_CAMPAIGNS)
def count(request: HttpRequest, person: Person) -> HttpResponse:
    """Will count whom the rows as they stand mean: what the live region asks for. At most 20 queries."""
    tree, _problems = pages.read_tree(_typed(request))
    return render(
        request, "console/segments/count.html", {"live": pages.seen_by(pages.live_of(tree, clock.now()), person)}
    )


def _typed(request: HttpRequest) -> Typed:
    """Will read the builder, changed by the button that was pressed."""
    fields = campaigns_queries.segment_fields()
    typed = read_typed(request.POST, fields)
    return pressed(typed, request.POST.get("do", ""), fields) or typed


def _started(request: HttpRequest, person: Person) -> Typed:
    """Will begin with a saved segment where the address names one, else with one condition."""
    given = request.GET.get("from", "")
    row = campaigns_queries.find_segment(int(given), person.id) if given.isdecimal() and len(given) < 16 else None
    known = typed_of(campaigns_queries.tree_of(row)) if row else None
    return known or pressed(Typed(), "add", campaigns_queries.segment_fields()) or Typed()


def _build(
    request: HttpRequest,
    person: Person,
    typed: Typed,
    tree: Tree | None,
    problems: dict[str, list[str]],
    context: dict[str, Any],
) -> HttpResponse:
    """Will show the builder; rows that only changed are not complained about yet, and htmx asks for the count."""
    at = clock.now()
    is_change = request.method == "POST" and request.POST.get("do") not in ("save", "count")
    builder = pages.builder_of(
        typed,
        clock.business_date(at),
        action=request.path,
        count_url=reverse("console:segment_count"),
        problems=problems if request.POST.get("do") in ("save", "count") else {},
    )
    form = context.get("form")
    refused = request.POST.get("do") == "save"
    if form is not None and not refused:
        form.errors.clear()
    live = pages.Live() if request.htmx else pages.seen_by(pages.live_of(tree, at), person)  # type: ignore[attr-defined]
    context |= {
        "builder": builder,
        "live": live,
        "saved": campaigns_queries.segments_for(person.id) if form is not None else [],
        "has_form_errors": refused and (builder.has_errors or bool(form is not None and form.errors)),
    }
    response = show(
        request,
        person,
        "console/segments/edit.html",
        context,
        current="segments",
        status=422 if refused else 200,
    )
    return trigger_client_event(response, "segment-changed", after="settle") if is_change else response


# ---- one segment


@require_safe
@staff_page(Capability.SEE_CAMPAIGNS)
def show_segment(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will show a segment or list: whom it means now, its versions, and what asks it. At most 36 queries."""
    return _show(request, person, _row(segment_id, person))


def _show(
    request: HttpRequest,
    person: Person,
    row: SegmentRow,
    form: NameForm | None = None,
    members: MembersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "page": pages.segment_page(row, clock.now(), person),
        "may_edit": person.may(Capability.EDIT_CAMPAIGNS),
        "form": form or NameForm(initial={"name": row.name}),
        "members": members or MembersForm(),
        "failed": form if form is not None and form.errors else members,
        "has_errors": row.is_list and cached.find(_errors_key(person, row.id)) is not None,
    }
    return show(request, person, "console/segments/segment.html", context, current="segments", status=status)


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def change_segment(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will rename, copy, share, keep to oneself or put away, as the button that was pressed says."""
    row = _row(segment_id, person)
    do = request.POST.get("do", "")
    deed: dict[str, Any] = {"segment_id": segment_id, "at": clock.now(), "actor": person.actor}
    if do in ("rename", "share", "unshare", "archive") and not pages.may_keep(row, person):
        words = _(
            "Only %(owner)s names, shares and puts it away. Copy it to have one of your own. Nothing was changed."
        )
        messages.error(request, words % {"owner": row.owner})
        return _back(segment_id, person)
    if do in ("rename", "copy"):
        return _name(request, person, row, do, deed)
    try:
        if do in ("share", "unshare"):
            campaigns_actions.share_segment(is_shared=do == "share", **deed)
            messages.success(request, _("Everybody sees it.") if do == "share" else _("Only its owner sees it."))
        elif do == "archive":
            campaigns_actions.archive_segment(**deed)
            messages.success(request, _("“%(name)s” is put away.") % {"name": row.name})
    except campaigns_actions.SegmentInUse as error:
        messages.error(request, _("It is still asked by %(users)s. Nothing was changed.") % {"users": error})
    return _back(segment_id, person)


def _name(request: HttpRequest, person: Person, row: SegmentRow, do: str, deed: dict[str, Any]) -> HttpResponse:
    form = NameForm(request.POST)
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            if do == "copy":
                copied = campaigns_actions.copy_segment(name=name, owner_id=person.id, **deed)
                messages.success(request, _("“%(name)s” is a copy of it.") % {"name": name})
                return redirect("console:segment", copied)
            campaigns_actions.rename_segment(name=name, **deed)
        except campaigns_actions.SegmentNameTaken:
            form.add_error("name", _("There is a segment or list of this name. Choose another."))
        else:
            messages.success(request, _("It is called “%(name)s” now.") % {"name": name})
            return _back(row.id, person)
    return _show(request, person, row, form, status=422)


def _back(segment_id: int, person: Person) -> HttpResponse:
    """Will go back to a segment, or to the list where this person does not see it any more."""
    row = campaigns_queries.find_segment(segment_id, person.id)
    return redirect("console:segment", segment_id) if row else redirect("console:segments")


# ---- lists


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_CAMPAIGNS)
def new_list(request: HttpRequest, person: Person) -> HttpResponse:
    """Will make an empty list under a name; members are put on it afterwards. At most nine queries."""
    form = NameForm(request.POST or None)
    if form.is_bound and form.is_valid():
        name = form.cleaned_data["name"]
        try:
            list_id = campaigns_actions.make_list(name=name, owner_id=person.id, at=clock.now(), actor=person.actor)
        except campaigns_actions.SegmentNameTaken:
            form.add_error("name", _("You have a segment or list of this name. Choose another."))
        else:
            messages.success(request, _("List “%(name)s” made. Put members on it now.") % {"name": name})
            return redirect("console:segment", list_id)
    status = 422 if form.errors else 200
    return show(request, person, "console/segments/new_list.html", {"form": form}, current="segments", status=status)


@require_POST
@staff_page(Capability.EDIT_CAMPAIGNS)
def change_members(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will put members on a list or take them off it; rows of a file that name nobody are kept for mending."""
    row = _row(segment_id, person)
    if not row.is_list or row.is_archived:
        raise Http404(_("There is no such list."))
    form = MembersForm(request.POST, request.FILES)
    if form.is_valid() and (file := form.cleaned_data["file"]):
        try:
            added = _add_file(person, row.id, file)
        except UnreadableFile:
            form.add_error(
                "file", _("The first row names no column number, email, phone or member. Nothing was added.")
            )
        else:
            messages.success(request, _added_words(added))
            return redirect("console:segment", segment_id)
    elif form.is_valid():
        found = members_queries.find_many(form.cleaned_data["members"], "")
        if unknown := [text for text in form.cleaned_data["members"] if text not in found]:
            words = _("Nobody is known by %(names)s. Nothing was changed.")
            form.add_error("members", words % {"names": formats.listing(unknown[:10])})
        else:
            _change(request, person, row.id, sorted({member.id for member in found.values()}))
            return redirect("console:segment", segment_id)
    return _show(request, person, row, members=form, status=422)


def _change(request: HttpRequest, person: Person, list_id: int, ids: Sequence[int]) -> None:
    deed: dict[str, Any] = {"list_id": list_id, "member_ids": ids, "at": clock.now(), "actor": person.actor}
    if request.POST.get("do") == "take_off":
        gone = campaigns_actions.take_off_list(**deed)
        words = ngettext("%(n)s member is taken off.", "%(n)s members are taken off.", gone)
        messages.success(request, words % {"n": formats.num(gone)})
    else:
        messages.success(request, _added_words(campaigns_actions.add_to_list(**deed)))


def _add_file(person: Person, list_id: int, file: Any) -> campaigns_actions.Added:
    with tempfile.TemporaryDirectory() as folder:
        path, errors = Path(folder) / f"{uuid.uuid4()}.csv", Path(folder) / "errors.csv"
        with path.open("wb") as stream:
            for chunk in file.chunks():
                stream.write(chunk)
        added = campaigns_actions.add_file_to_list(
            list_id=list_id, path=path, errors=errors, at=clock.now(), actor=person.actor
        )
        if added.bad:
            cached.put(_errors_key(person, list_id), errors.read_text(encoding="utf-8"), KEPT_SECONDS)
        else:
            cached.drop(_errors_key(person, list_id))
    return added


def _added_words(added: campaigns_actions.Added) -> str:
    words = ngettext("%(n)s member is new on the list.", "%(n)s members are new on the list.", added.new)
    said = [words % {"n": formats.num(added.new)}]
    if added.there:
        words = ngettext("%(n)s was on it already.", "%(n)s were on it already.", added.there)
        said.append(words % {"n": formats.num(added.there)})
    if added.bad:
        words = ngettext("%(n)s row names nobody.", "%(n)s rows name nobody.", added.bad)
        said.append(words % {"n": formats.num(added.bad)})
    return formats.prose(said)


@require_safe
@staff_page(Capability.EDIT_CAMPAIGNS)
def download_errors(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will answer with the rows of this person's last file that need mending, to be brought again."""
    text = cached.find(_errors_key(person, segment_id))
    if text is None:
        raise Http404(_("There are no rows to mend."))
    headers = {"Content-Disposition": f'attachment; filename="list-{segment_id}-to-mend.csv"'}
    return HttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)


def _errors_key(person: Person, list_id: int) -> str:
    return f"list-errors:{person.id}:{list_id}"


# ---- as a file


@require_safe
@staff_page(Capability.EDIT_CAMPAIGNS, fresh=True)
def download_members(request: HttpRequest, person: Person, segment_id: int) -> HttpResponse:
    """Will send the members of a segment without their contacts, as they are read; who took it is in the audit log."""
    row, at = _row(segment_id, person), clock.now()
    campaigns_actions.note_export(segment_id=segment_id, at=at, actor=person.actor)
    heads = (_("Member number"), _("Tier"), _("Points"), _("Spend"))
    return csv_stream(f"segment-{segment_id}", chain([heads], _lines(campaigns_queries.tree_of(row), at)))


def _lines(tree: Tree, at: dt.datetime) -> Iterator[tuple[object, ...]]:
    names: dict[int, str] = {}
    for number, tier_id, points, spend in campaigns_queries.export_of(tree, at):
        if tier_id and tier_id not in names:
            names[tier_id] = pages.tier_name_of(tier_id)
        yield number, names.get(tier_id or 0, ""), points or 0, spend if spend is not None else ""


def _row(segment_id: int, person: Person) -> SegmentRow:
    row = campaigns_queries.find_segment(segment_id, person.id)
    if row is None:
        raise Http404(_("There is no such segment, or it is not shared with you."))
    return row
