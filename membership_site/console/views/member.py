"""One member's page, and showing his contacts to who says why."""

import datetime as dt
from dataclasses import replace

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit import audit, clock
from members import queries as members_queries
from members.queries import MemberKey
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.members import RevealForm
from membership_site.console.pages import adjustments
from membership_site.console.pages import campaign as campaign_pages
from membership_site.console.pages.answers import answers_of_member
from membership_site.console.pages.approvals import waiting_about
from membership_site.console.pages.coupons import member_coupons
from membership_site.console.pages.keeping import kept_card
from membership_site.console.pages.member import member_page
from membership_site.console.pages.member_benefits import benefits_card, rewards_card
from membership_site.console.pages.members import member_url
from membership_site.console.pages.outbox import messages_card
from membership_site.console.views.shell import show

REVEALED = "revealed"
REVEAL_MINUTES = 10


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_member(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will show a member, now or as of a date. At most 82 queries, however long his history is."""
    key, at = _member(number), clock.now()
    if key.number != number.strip().upper():
        messages.info(request, _("%(number)s was merged into this member.") % {"number": number.upper()})
        return redirect(member_url(key.number))
    revealed_until = _revealed_until(request, person, key, at)
    page = member_page(key, request.GET, at, is_revealed=revealed_until is not None)
    may_adjust = person.may(Capability.ADJUST_POINTS) and page.as_of is None and key.joined_at is not None
    if may_adjust:
        page = replace(page, ledger=adjustments.with_deeds(page.ledger, key, at))
    moment, is_past = (clock.day_end(page.as_of), True) if page.as_of else (at, False)
    context = {
        "page": page,
        "kept": kept_card(key, person, at) if page.as_of is None else None,
        "asked": waiting_about(key.id, person, at) if page.as_of is None else (),
        "hand": adjustments.dialog(key, person, at) if may_adjust else None,
        "may_give": person.may(Capability.GIVE_TIERS),
        "may_extend": person.may(Capability.EXTEND_TIERS),
        "coupons": member_coupons(key.id, moment, is_past=is_past),
        "rewards": rewards_card(key.id, moment),
        "may_issue": person.may(Capability.ISSUE_COUPONS) and not is_past,
        "benefits": benefits_card(key.id, at) if page.as_of is None else None,
        "campaigns": campaign_pages.of_member(key.id, at) if page.as_of is None else (),
        "answers": answers_of_member(key.id) if page.as_of is None else (),
        "may_give_benefits": person.may(Capability.EDIT_BENEFITS),
        "letters": messages_card(key.id, key.number, moment if is_past else None)
        if person.may(Capability.SEE_MESSAGES)
        else None,
        "revealed_until": revealed_until,
        "may_reveal": person.may(Capability.REVEAL_CONTACTS),
        "form": RevealForm(),
    }
    return show(request, person, "console/member.html", context, current="members")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.REVEAL_CONTACTS, fresh=True)
def reveal(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will show a member's contacts to this person for ten minutes, with the reason in the audit log."""
    key, at = _member(number), clock.now()
    form = RevealForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with transaction.atomic():
            audit.record(
                at=at,
                actor=person.actor,
                deed="member.revealed",
                subject=f"member:{key.id}",
                reason=form.cleaned_data["reason"],
                origin=request.META.get("REMOTE_ADDR", "")[:60],
            )
        until = at + dt.timedelta(minutes=REVEAL_MINUTES)
        request.session[REVEALED] = {**request.session.get(REVEALED, {}), str(key.id): until.isoformat()}
        messages.success(request, _("Shown to you for ten minutes. The reason is in the audit log."))
        return redirect(f"{member_url(key.number)}#profile")
    context = {"form": form, "number": key.number, "back": member_url(key.number)}
    status = 422 if form.errors else 200
    return show(request, person, "console/reveal.html", context, current="members", status=status)


def _member(number: str) -> MemberKey:
    key = members_queries.find_by_number(number)
    if key is None:
        raise Http404(_("No member has this number."))
    return key


def _revealed_until(request: HttpRequest, person: Person, key: MemberKey, at: dt.datetime) -> dt.datetime | None:
    text = request.session.get(REVEALED, {}).get(str(key.id))
    until = dt.datetime.fromisoformat(text) if text else None
    return until if until and until > at and person.may(Capability.REVEAL_CONTACTS) else None
