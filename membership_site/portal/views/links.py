"""Links in messages: followed, opened, unsubscribed by; without a session, for whoever holds one that we signed.

A GET counts at most: scanners of mail follow links, so that only a press changes what a member gets.
"""

import base64
from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from kit.throttle import Throttle
from membership_site import entering
from membership_site.portal.forms.answers import AnswerForm
from membership_site.portal.forms.messages import PreferencesForm
from membership_site.portal.pages import preferences as pages
from messaging import actions as messaging_actions
from messaging import queries as messaging_queries
from messaging.enums import Question
from messaging.queries import Link, LinkedMessage, LinkKind
from messaging.rules.targets import target
from messaging.wording.answers import question_words

PIXEL = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
"""A picture of one pixel that nobody sees."""
ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""What a reader's mail program posts by itself (RFC 8058)."""
OF_A_MESSAGE = Throttle("message-links", 60)
FORGED = Throttle("message-links-forged", 30)
"""So many a minute: for a message's own links, and for what nobody of us signed by who sends it."""

Answer = Callable[[HttpRequest, Link, LinkedMessage], HttpResponse]


def _linked(kind: LinkKind, otherwise: Callable[[HttpRequest, int], HttpResponse]) -> Callable[[Answer], "_View"]:
    """Will call a view with what a signed link says, in its message's language; what is forged or too much otherwise.

    One query for the message.
    """

    def make(view: Answer) -> "_View":
        @never_cache
        @wraps(view)
        def answered(request: HttpRequest, signed: str) -> HttpResponse:
            link = messaging_queries.read_link(signed)
            linked = messaging_queries.find_linked(link.token) if link and link.kind is kind else None
            if link is None or linked is None:
                too_many = FORGED.admit(entering.place_of(request), 1, clock.now())
                return otherwise(request, 429 if too_many else 404)
            with translation.override(_language(linked)):
                if OF_A_MESSAGE.admit(str(link.token), 1, clock.now()):
                    return otherwise(request, 429)
                return view(request, link, linked)

        return answered

    return make


_View = Callable[[HttpRequest, str], HttpResponse]


def _language(linked: LinkedMessage) -> str:
    return linked.language if linked.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _refuse(request: HttpRequest, status: int) -> HttpResponse:
    return render(request, "portal/link_broken.html", {"is_too_often": status == 429}, status=status)


def _pixel(_request: HttpRequest, _status: int = 200) -> HttpResponse:
    return HttpResponse(PIXEL, content_type="image/gif")


# ---- what only counts


@require_safe
@_linked(LinkKind.OPEN, _pixel)
def open_message(request: HttpRequest, link: Link, _message: LinkedMessage) -> HttpResponse:
    """Will count an opening and answer with a picture of one pixel, which is all that anybody else gets too."""
    if request.method == "GET":
        messaging_actions.record_open(token=link.token, user_agent=_agent(request), at=clock.now(), actor=pages.ACTOR)
    return _pixel(request)


@require_safe
@_linked(LinkKind.CLICK, _refuse)
def follow(request: HttpRequest, link: Link, _message: LinkedMessage) -> HttpResponse:
    """Will count a click and lead to where the words that we sent lead: an address of ours, never of the link's."""
    found = messaging_queries.find_link_target(link.token, link.number)
    address = target(found) if found else None
    if address is None:
        return _refuse(request, 404)
    if request.method == "GET":
        messaging_actions.record_click(
            token=link.token, number=link.number, user_agent=_agent(request), at=clock.now(), actor=pages.ACTOR
        )
    return HttpResponseRedirect(settings.PUBLIC_URL + address if address.startswith("/") else address)


def _agent(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_USER_AGENT", ""))[:500]


# ---- what a press changes


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@_linked(LinkKind.UNSUBSCRIBE, _refuse)
def unsubscribe(request: HttpRequest, link: Link, message: LinkedMessage) -> HttpResponse:
    """Will say what a press would end, and end it on a press: the member's, or that of his mail program (RFC 8058).

    Whoever holds the link may press it, with no session and no cookie; again it changes nothing more.
    """
    sentence = pages.stop_text(message.channel)
    context = {
        "sentence": sentence,
        "channel": pages.by_channel(message.channel),
        "preferences_url": _preferences_url(link),
    }
    if request.method != "POST":
        return render(request, "portal/unsubscribe.html", context)
    messaging_actions.unsubscribe(token=link.token, text=sentence, at=clock.now(), actor=pages.ACTOR)
    if request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]:
        return HttpResponse(sentence, content_type="text/plain; charset=utf-8")
    page = pages.preferences_page(message.member_id, clock.now())
    fewer = pages.fewer(page, message.channel)
    return render(request, "portal/unsubscribed.html", {**context, "fewer": fewer})


def _preferences_url(link: Link) -> str:
    signed = messaging_queries.sign_link(Link(LinkKind.PREFERENCES, link.token))
    return messaging_queries.PATHS[LinkKind.PREFERENCES].format(signed=signed)


@require_http_methods(["GET", "HEAD", "POST"])
@_linked(LinkKind.PREFERENCES, _refuse)
def choose(request: HttpRequest, link: Link, message: LinkedMessage) -> HttpResponse:
    """Will show and keep what a member gets, to whoever holds a link of a message to him; nothing else of him."""
    at = clock.now()
    page = pages.preferences_page(message.member_id, at)
    if request.POST.get("do") == "stop":
        messaging_actions.stop_all(member_id=message.member_id, text=pages.stop_all_text(), at=at, actor=pages.ACTOR)
        return redirect(f"{request.path}?kept=1")
    form = PreferencesForm(request.POST if request.method == "POST" else None, page=page)
    if form.is_bound and form.is_valid():
        messaging_actions.keep_preferences(member_id=message.member_id, wanted=form.wanted(), at=at, actor=pages.ACTOR)
        return redirect(f"{request.path}?kept=1")
    context = {"page": page, "form": form, "is_kept": "kept" in request.GET}
    return render(request, "portal/linked_preferences.html", context, status=422 if form.errors else 200)


# ---- what a message asks


@require_http_methods(["GET", "HEAD", "POST"])
@_linked(LinkKind.SATISFACTION, _refuse)
def say_satisfied(request: HttpRequest, link: Link, message: LinkedMessage) -> HttpResponse:
    """Will ask how satisfied the member is, and keep his answer on a press."""
    return _ask(request, link, message, Question.SATISFACTION)


@require_http_methods(["GET", "HEAD", "POST"])
@_linked(LinkKind.RECOMMENDATION, _refuse)
def say_recommend(request: HttpRequest, link: Link, message: LinkedMessage) -> HttpResponse:
    """Will ask whether the member would recommend us, and keep his answer on a press."""
    return _ask(request, link, message, Question.RECOMMENDATION)


def _ask(request: HttpRequest, link: Link, message: LinkedMessage, question: Question) -> HttpResponse:
    known = messaging_queries.find_answer(message.message_id, question)
    # What he wrote is not shown again: a link may have been passed on.
    before = {"score": str(known.score)} if known else {}
    form = AnswerForm(request.POST if request.method == "POST" else None, question=question, initial=before)
    if form.is_bound and form.is_valid():
        messaging_actions.answer(
            token=link.token,
            question=question,
            score=int(form.cleaned_data["score"]),
            comment=form.cleaned_data["comment"],
            at=clock.now(),
            actor=pages.ACTOR,
        )
        return redirect(f"{request.path}?kept=1")
    context = {
        "form": form,
        "question": question_words(question),
        "has_answered": known is not None,
        "is_kept": known is not None and "kept" in request.GET,
    }
    return render(request, "portal/answer.html", context, status=422 if form.errors else 200)
