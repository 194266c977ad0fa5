"""Notes and tags by hand: on one member, and on all that a list shows."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.queries import MemberKey, privacy
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.keeping import TAGGED_MAX, NoteForm, TagForm, new_key
from membership_site.console.forms.members import read_filters
from membership_site.console.pages.keeping import DeedPage
from membership_site.console.pages.members import in_segment, member_url
from membership_site.console.views.shell import show
from tiers import queries as tiers_queries

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@staff_page(Capability.WRITE_NOTES)
def write_note(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will keep a note on a member; an empty one is named at its field."""
    key, at = member_of(number), clock.now()
    form = NoteForm(request.POST) if request.method == "POST" else NoteForm(initial={"form_key": new_key()})
    if form.is_valid():
        members_actions.write_note(
            member_id=key.id,
            text=form.cleaned_data["text"],
            form_key=form.cleaned_data["form_key"],
            at=at,
            actor=person.actor,
        )
        return redirect(f"{member_url(key.number, 'notes')}#notes")
    page = DeedPage(key.number, _("Write a note"), "", _("Keep the note"), member_url(key.number, "notes"), ())
    return _deed(request, person, page, form)


@require_http_methods(METHODS)
@staff_page(Capability.WRITE_NOTES)
def edit_note(request: HttpRequest, person: Person, number: str, note_id: int) -> HttpResponse:
    """Will change one's own note within a day; others' and older ones are said to be kept."""
    key, at = member_of(number), clock.now()
    note = next((one for one in privacy.list_notes(key.id, person.id, at) if one.id == note_id), None)
    if note is None:
        raise Http404(_("There is no such note."))
    given = {"text": note.text, "form_key": "00000000-0000-0000-0000-000000000000"}
    form = NoteForm(request.POST) if request.method == "POST" else NoteForm(initial=given)
    if form.is_valid():
        try:
            members_actions.edit_note(note_id=note_id, text=form.cleaned_data["text"], at=at, actor=person.actor)
        except (members_actions.NotYourNote, members_actions.NoteKept):
            form.add_error(None, _("Only who wrote a note edits it, within a day. Nothing was changed; write another."))
        else:
            messages.success(request, _("The note was changed."))
            return redirect(f"{member_url(key.number, 'notes')}#notes")
    page = DeedPage(key.number, _("Edit the note"), "", _("Keep the note"), member_url(key.number, "notes"), ())
    return _deed(request, person, page, form)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_TAGS)
def change_tag(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will put a tag on a member, or take it off; a second press is as good as the first."""
    key, at = member_of(number), clock.now()
    form = TagForm(request.POST) if request.method == "POST" else TagForm()
    if form.is_valid():
        name, puts = form.cleaned_data["name"], form.cleaned_data["deed"] == "put"
        deed = members_actions.put_tags if puts else members_actions.take_tags
        deed(member_ids=[key.id], name=name, at=at, actor=person.actor)
        said = _("Tag “%(name)s” put on.") if puts else _("Tag “%(name)s” taken off.")
        messages.success(request, said % {"name": name})
        return redirect(f"{member_url(key.number, 'profile')}#kept")
    page = DeedPage(key.number, _("Change tags"), "", _("Change the tag"), member_url(key.number, "profile"), ())
    return _deed(request, person, page, form)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_TAGS)
def tag_many(request: HttpRequest, person: Person) -> HttpResponse:
    """Will put a tag on all members that a list's filters keep, or take it off, after saying how many they are."""
    query = request.GET.urlencode() if request.method != "POST" else request.POST.get("query", "")
    at = clock.now()
    wanted, _segment = in_segment(read_filters(QueryDict(query).dict(), clock.business_date(at)), person.id, at)
    if wanted.refused:
        messages.error(request, _("A filter of this list cannot be read. Nobody was tagged; mend the filter first."))
        return redirect(f"{reverse('console:members')}?{wanted.query}")
    ids = tiers_queries.ids_of_members(wanted.filter)
    back = f"{reverse('console:members')}?{wanted.query}" if wanted.query else reverse("console:members")
    form = TagForm(request.POST) if request.method == "POST" else TagForm()
    too_many = len(ids) > TAGGED_MAX
    if form.is_valid() and not too_many and "look" not in request.POST:
        name, puts = form.cleaned_data["name"], form.cleaned_data["deed"] == "put"
        deed = members_actions.put_tags if puts else members_actions.take_tags
        changed = len(deed(member_ids=ids, name=name, at=at, actor=person.actor))
        said = ngettext("%(n)s member was changed.", "%(n)s members were changed.", changed)
        messages.success(request, said % {"n": formats.num(changed)})
        return redirect(f"{reverse('console:members')}?{urlencode({'tag': name})}" if puts else back)
    effect = (
        ngettext("%(n)s member is in this list.", "%(n)s members are in this list.", len(ids))
        % {"n": formats.num(len(ids))},
        _("Who has the tag already, or lacks it already, is left as he is. Each change stands in the audit log."),
    )
    words = _("These are more than %(n)s. Narrow the list, and do it in parts.") % {"n": formats.num(TAGGED_MAX)}
    page = DeedPage("", _("Tag all in this list"), "", _("Change the tag"), back, effect, words if too_many else "")
    return _deed(request, person, page, form, query=wanted.query)


def member_of(number: str) -> MemberKey:
    """Will return the member with a number, or answer that there is none."""
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    return key


def _deed(
    request: HttpRequest, person: Person, page: DeedPage, form: NoteForm | TagForm, query: str = ""
) -> HttpResponse:
    context = {"page": page, "form": form, "query": query}
    status = 422 if form.errors else 200
    return show(request, person, "console/keeping/deed.html", context, current="members", status=status)
