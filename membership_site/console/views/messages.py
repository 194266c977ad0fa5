"""Messages: templates seen by all of the staff; written, shown as a member reads them, and published by operators."""

import uuid
from collections.abc import Mapping
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import cached, clock
from members.enums import Purpose
from members.queries import UnknownMember
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.messages import (
    NameForm,
    NewTemplateForm,
    ShownAsForm,
    TopicForm,
    WordsForm,
    seen_of,
)
from membership_site.console.pages import messages as pages
from membership_site.console.views.shell import show
from messaging import actions
from messaging.enums import Channel
from messaging.queries import templates as queries
from messaging.queries.previews import Previewed, preview_with
from messaging.queries.templates import TemplateRow, VersionRow
from messaging.rules.compiling import CannotCompile
from messaging.rules.content import SHAPES, Words
from messaging.rules.fields import LANGUAGES

METHODS = ["GET", "HEAD", "POST"]
FRAMING = csp_update({"frame-src": [SELF]})
LOOK_SECONDS = 3600
LOOK_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; frame-ancestors 'self'"
"""An e-mail brings its styles along; it may run nothing, send nothing and lead nowhere."""


# ---- templates


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_templates(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the templates, or those that are archived. At most seven queries."""
    page = pages.templates_page(is_archived=request.GET.get("show") == "archived")
    return _show(request, person, "list", {"page": page})


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_MESSAGES)
def new_template(request: HttpRequest, person: Person) -> HttpResponse:
    """Will ask what a template is for and begin it with an empty draft. At most eight queries but for the deed."""
    topics = {topic.code: pages.topic_name(topic) for topic in queries.list_topics() if topic.is_active}
    form = NewTemplateForm(request.POST if request.method == "POST" else None, topics=topics)
    if form.is_bound and form.is_valid():
        typed = form.cleaned_data
        row = actions.create_template(
            name=typed["name"], purpose=form.purpose(), topic=typed["about"], at=clock.now(), actor=person.actor
        )
        messages.success(request, _("The template is begun. Write its words."))
        return redirect("console:template_words", row.id, Channel.EMAIL.value, LANGUAGES[0])
    return _show(request, person, "new", {"form": form}, 422 if form.errors else 200)


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_template(request: HttpRequest, person: Person, template_id: int) -> HttpResponse:
    """Will show a template with its draft and versions. At most nine queries."""
    return _template(request, person, template_id)


def _template(
    request: HttpRequest, person: Person, template_id: int, *, refused: str = "", name: NameForm | None = None
) -> HttpResponse:
    try:
        page = pages.template_page(template_id)
    except queries.UnknownTemplate as error:
        raise Http404(_("There is no such template.")) from error
    form = name or NameForm(initial={"name": _("%(name)s, again") % {"name": page.name}})
    context = {"page": page, "refused": refused, "form": form}
    return _show(request, person, "template", context, 422 if refused or form.errors else 200)


@require_POST
@staff_page(Capability.EDIT_MESSAGES)
def start_draft(request: HttpRequest, person: Person, template_id: int) -> HttpResponse:
    """Will begin a draft with the latest words, or with those of the version that was chosen."""
    chosen = request.POST.get("version", "")
    try:
        actions.start_template_draft(
            template_id=template_id,
            copy_of=int(chosen) if chosen.isdecimal() and len(chosen) < 9 else None,
            at=clock.now(),
            actor=person.actor,
        )
    except (queries.UnknownTemplate, actions.NoDraft) as error:
        raise Http404(_("There is no such template.")) from error
    return redirect("console:template", template_id)


@require_POST
@staff_page(Capability.EDIT_MESSAGES)
def publish(request: HttpRequest, person: Person, template_id: int) -> HttpResponse:
    """Will put the draft in force, or say beside it why not."""
    row = _row(template_id)
    try:
        actions.publish_template(
            version_id=row.draft_id or row.published_id or 0,
            seen=request.POST.get("seen", ""),
            at=clock.now(),
            actor=person.actor,
        )
    except actions.NotReady:
        return _template(request, person, template_id, refused=_("The draft has errors. Mend them, then publish it."))
    except actions.DraftChanged:
        words = _("Somebody changed the draft meanwhile. Read it again, then publish it.")
        return _template(request, person, template_id, refused=words)
    except actions.NothingChanged:
        words = _("The draft says what is in force already, so there is nothing to publish.")
        return _template(request, person, template_id, refused=words)
    except CannotCompile as error:
        return _template(request, person, template_id, refused=str(error))
    except actions.NoDraft:
        messages.warning(request, _("There is no draft any more; somebody published or discarded it."))
    else:
        messages.success(request, _("It is published. What is sent from now on says this."))
    return redirect("console:template", template_id)


@require_POST
@staff_page(Capability.EDIT_MESSAGES)
def change(request: HttpRequest, person: Person, template_id: int) -> HttpResponse:
    """Will archive a template, take it back, throw its draft away, rename it or copy it, as the button says."""
    row = _row(template_id)
    by: dict[str, Any] = {"at": clock.now(), "actor": person.actor}
    do = request.POST.get("do", "")
    if do in ("archive", "unarchive"):
        actions.archive_template(template_id=row.id, is_archived=do == "archive", **by)
    elif do == "discard":
        try:
            actions.discard_template_draft(version_id=row.draft_id or 0, **by)
        except actions.NoDraft:
            messages.warning(request, _("The first draft stays; archive the template if it is not needed."))
    elif do in ("copy", "rename"):
        return _name(request, person, row, do, by)
    return redirect("console:template", row.id)


def _name(request: HttpRequest, person: Person, row: TemplateRow, do: str, by: Mapping[str, Any]) -> HttpResponse:
    form = NameForm(request.POST)
    if not form.is_valid():
        return _template(request, person, row.id, name=form)
    name = form.cleaned_data["name"]
    if do == "rename":
        actions.rename_template(template_id=row.id, name=name, **by)
        return redirect("console:template", row.id)
    return redirect("console:template", actions.copy_template(template_id=row.id, name=name, **by).id)


# ---- the editor


@require_http_methods(METHODS)
@staff_page(Capability.SEE_MESSAGES)
def edit_words(request: HttpRequest, person: Person, template_id: int, channel: str, language: str) -> HttpResponse:
    """Will show the words of one channel and language beside what they look like, and save them. At most ten queries.

    Who may not edit, and what is published, is shown alike without fields.
    """
    row, place = _row(template_id), _place(channel, language)
    version = _latest(row)
    there = version.content.of(*place)
    may_edit = person.may(Capability.EDIT_MESSAGES) and version.is_draft
    data = request.POST if request.method == "POST" and may_edit else None
    form = WordsForm(data, channel=place[0], initial=WordsForm.typed_from(place[0], there))
    if form.is_bound and (typed := form.words()) is not None:
        try:
            _save(version, place, typed, there, form.cleaned_data["seen"], person)
        except actions.DraftChanged:
            words = _("Somebody changed these words meanwhile. Nothing was saved; open them again to see how.")
            form.add_error(None, words)
        except actions.NoDraft:
            messages.warning(request, _("There is no draft any more; somebody published or discarded it."))
            return redirect("console:template", template_id)
        else:
            messages.success(request, _("The words are saved in the draft."))
            return redirect(request.path)
    context = {
        "page": pages.editor_page(row, version, *place),
        "form": form,
        "shown_as": ShownAsForm(),
        "look": _look(request, person, row, place, there, ""),
        "may_edit": may_edit,
        "may_see_members": person.may(Capability.SEE_MEMBERS),
    }
    return may_frame(request, _show(request, person, "words", context, 422 if form.errors else 200))


def _save(
    version: VersionRow, place: tuple[Channel, str], typed: Words, there: Words | None, seen: str, person: Person
) -> None:
    if seen != seen_of(there):
        raise actions.DraftChanged("Somebody changed these words meanwhile. Nothing was saved.")
    words = typed if typed != SHAPES[place[0]]() else None
    actions.save_words(
        version_id=version.id,
        channel=place[0],
        language=place[1],
        words=words,
        was=there,
        at=clock.now(),
        actor=person.actor,
    )


@require_POST
@staff_page(Capability.SEE_MESSAGES)
def look(request: HttpRequest, person: Person, template_id: int, channel: str, language: str) -> HttpResponse:
    """Will say what is wrong with the words as they are typed and what they look like, as a fragment or a page.

    Nothing is saved. As a member reads them only for who may see members, and noted in the audit log.
    """
    row, place = _row(template_id), _place(channel, language)
    form = WordsForm(request.POST, channel=place[0])
    has_words = any(name in request.POST for name in form.fields if name != "seen")
    words = form.words() if has_words else _latest(row).content.of(*place)
    shown_as = ShownAsForm(request.POST)
    member = shown_as.cleaned_data["member"].strip() if shown_as.is_valid() else ""
    found = _look(request, person, row, place, words, member if person.may(Capability.SEE_MEMBERS) else "")
    if getattr(request, "htmx", False):
        return render(request, "console/messages/parts/look.html", {"look": found})
    page = pages.editor_page(row, _latest(row), *place)
    context = {"page": page, "look": found, "shown_as": shown_as, "member": member}
    return may_frame(request, _show(request, person, "look", context))


def _look(
    request: HttpRequest, person: Person, row: TemplateRow, place: tuple[Channel, str], words: Words | None, member: str
) -> pages.Look:
    shown = Previewed()
    told: dict[str, Any] = {
        "channel": place[0],
        "language": place[1],
        "is_marketing": row.purpose != Purpose.SERVICE,
    }
    if words is not None and member:
        try:
            shown = actions.preview_as(
                member_number=member, words=words, template_id=row.id, at=clock.now(), actor=person.actor, **told
            )
        except UnknownMember:
            shown = Previewed(fault=_("No member has this number. Check the digits; the last one is a check digit."))
    elif words is not None:
        shown = preview_with({}, words=words, **told)
    frame_url = ""
    if "html" in shown.parts:
        key = str(uuid.uuid4())
        cached.put(look_key(person, key), shown.parts["html"], LOOK_SECONDS)
        frame_url = reverse("console:message_page", args=[key])
    return pages.look_at(words, shown, *place, frame_url)


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_page(request: HttpRequest, person: Person, key: uuid.UUID) -> HttpResponse:
    """Will answer with the page of an e-mail that this person looks at, to be framed by ours and able to do nothing."""
    html = cached.find(look_key(person, str(key)))
    if html is None:
        raise Http404(_("This look is an hour old. Load the page again."))
    headers = {
        "Content-Security-Policy": LOOK_POLICY,
        "X-Frame-Options": "SAMEORIGIN",
        "Referrer-Policy": "no-referrer",
    }
    return HttpResponse(html, headers=headers)


def look_key(person: Person, key: str) -> str:
    """Will name the place where a page that this person looks at is kept."""
    return f"message-look:{person.id}:{key}"


# ---- fields and topics


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_fields(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the fields that templates may name. At most six queries."""
    language = request.GET.get("language", LANGUAGES[0])
    language = language if language in LANGUAGES else LANGUAGES[0]
    context = {"groups": pages.field_groups(language), "languages": pages.LANGUAGE_NAMES, "language": language}
    return _show(request, person, "fields", context)


@require_safe
@staff_page(Capability.SEE_MESSAGES)
def show_topics(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the topics. At most seven queries."""
    return _show(request, person, "topics", {"rows": pages.topics_page()})


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_MESSAGES)
def new_topic(request: HttpRequest, person: Person) -> HttpResponse:
    """Will make a topic; what is wrong stands at its field. At most seven queries but for the deed."""
    form = TopicForm(request.POST if request.method == "POST" else None, initial={"position": 100}, known=None)
    if form.is_bound and form.is_valid():
        try:
            actions.make_topic(code=form.cleaned_data["code"], **form.terms(), at=clock.now(), actor=person.actor)
        except actions.CodeTaken:
            form.add_error("code", _("There is a topic of this name already. Choose another."))
        else:
            messages.success(request, _("The topic is made. Members can choose by it from now on."))
            return redirect("console:topics")
    return _show(request, person, "topic", {"form": form, "title": _("New topic")}, 422 if form.errors else 200)


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_MESSAGES)
def edit_topic(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will change a topic. As new_topic."""
    known = queries.find_topic(code)
    if known is None:
        raise Http404(_("There is no such topic."))
    form = TopicForm(
        request.POST if request.method == "POST" else None, initial=TopicForm.typed_from(known), known=known
    )
    if form.is_bound and form.is_valid():
        is_active = form.cleaned_data["is_active"]
        actions.edit_topic(code=code, **form.terms(), is_active=is_active, at=clock.now(), actor=person.actor)
        messages.success(request, _("The topic is kept."))
        return redirect("console:topics")
    context = {"form": form, "title": pages.topic_name(known)}
    return _show(request, person, "topic", context, 422 if form.errors else 200)


# ---- leaves


def _show(request: HttpRequest, person: Person, page: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    context = {"may_edit": person.may(Capability.EDIT_MESSAGES), **context}
    return show(request, person, f"console/messages/{page}.html", context, current="messages", status=status)


def may_frame(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Will let a page of ours frame another one of ours."""
    FRAMING(lambda _request: answer)(request)
    return answer


def _row(template_id: int) -> TemplateRow:
    try:
        return queries.get_template(template_id)
    except queries.UnknownTemplate as error:
        raise Http404(_("There is no such template.")) from error


def _latest(row: TemplateRow) -> VersionRow:
    version = queries.find_version(row.draft_id or row.published_id or 0)
    if version is None:
        raise Http404(_("There is no such template."))
    return version


def _place(channel: str, language: str) -> tuple[Channel, str]:
    if channel not in set(Channel) or language not in LANGUAGES:
        raise Http404(_("There is no such channel or language."))
    return Channel(channel), language
