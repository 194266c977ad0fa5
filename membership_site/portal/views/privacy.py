"""A member's own say over his data: what is held, what he agreed to, a copy, the end of it, and his profile."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from members import actions as members_actions
from members import queries as members_queries
from members.actions import ConsentGiven
from members.enums import Channel, Purpose
from members.queries import privacy
from membership_site.flows import member_erased, tasks
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.privacy import AnswerForm, ProfileForm
from membership_site.portal.pages.privacy import erase_words, privacy_page, sentence_of

METHODS = ["GET", "HEAD", "POST"]
ACTOR = "member"


@require_safe
@never_cache
@member_page
def show_privacy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show what is held of the member and what he can do about it. Twelve queries."""
    return render(request, "portal/privacy.html", {"page": privacy_page(visitor.key.id), "tab": "me"})


@require_POST
@member_page
def answer(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will keep a yes or no with the sentence that was shown; it holds at once."""
    form = AnswerForm(request.POST)
    if form.is_valid():
        channel, purpose = Channel(form.cleaned_data["channel"]), Purpose(form.cleaned_data["purpose"])
        given, text = form.cleaned_data["given"] == "yes", sentence_of(channel, purpose)
        if text:
            one = ConsentGiven(channel, purpose, given, text)
            members_actions.consent(member_id=visitor.key.id, answers=[one], at=clock.now(), actor=ACTOR)
            messages.success(request, _("Kept: you agree.") if given else _("Kept: you say no. It holds at once."))
    return redirect("portal:privacy")


@require_POST
@member_page
def ask_copy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will have a copy made of all that is held of the member; one that is being made is not asked for again."""
    with transaction.atomic():
        members_actions.request_export(member_id=visitor.key.id, reason="", at=clock.now(), actor=ACTOR)
        transaction.on_commit(tasks.make_exports.delay)
    messages.success(request, _("The copy is being made. Come back in a few minutes; it stays for seven days."))
    return redirect("portal:privacy")


@require_safe
@never_cache
@member_page
def download_copy(request: HttpRequest, visitor: Visitor, export_id: int) -> HttpResponse:
    """Will give the member a copy that he asked for, while its week lasts."""
    content = privacy.find_content(export_id, visitor.key.id, ACTOR, clock.now())
    if content is None:
        raise Http404(_("There is no such copy, or its seven days are over."))
    headers = {"Content-Disposition": f'attachment; filename="my-data-{visitor.key.number}.zip"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


@require_http_methods(METHODS)
@never_cache
@member_page
def erase(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will say what an erasure ends, and keep the wish for it: two weeks to change one's mind."""
    at = clock.now()
    if request.method == "POST":
        members_actions.request_erasure(member_id=visitor.key.id, at=at, actor=ACTOR)
        messages.success(request, _("Asked for. Until then you can change your mind on this page."))
        return redirect("portal:privacy")
    effect = erase_words(member_erased.preview(member_id=visitor.key.id, at=at))
    return render(request, "portal/erase.html", {"effect": effect, "tab": "me"})


@require_POST
@member_page
def keep(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will withdraw the wish to be erased; a second press is as good as the first."""
    try:
        members_actions.cancel_erasure(member_id=visitor.key.id, at=clock.now(), actor=ACTOR)
    except members_actions.NotOpen:
        messages.info(request, _("There was nothing to withdraw. You stay a member."))
    else:
        messages.success(request, _("Withdrawn. You stay a member, and nothing was lost."))
    return redirect("portal:privacy")


@require_http_methods(METHODS)
@never_cache
@member_page
def edit_profile(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show the member's own facts to be put right; what is wrong is named at its field."""
    at = clock.now()
    today = clock.business_date(at)
    if request.method == "POST":
        form = ProfileForm(request.POST, today=today)
        if form.is_valid():
            try:
                members_actions.edit_profile(member_id=visitor.key.id, stated=form.cleaned_data, at=at, actor=ACTOR)
            except members_actions.BirthdayChangedLately:
                words = _("You changed your birthday less than a year ago. Nothing was changed; try again later.")
                form.add_error("birthday", words)
            else:
                messages.success(request, _("Kept."))
                return redirect("portal:me")
    else:
        form = ProfileForm(initial=members_queries.own_facts(visitor.key.id), today=today)
    status = 422 if form.errors else 200
    return render(request, "portal/edit_profile.html", {"form": form, "tab": "me"}, status=status)
