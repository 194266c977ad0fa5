"""One member's page, panel by panel, and showing his contacts to who says why."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from kit import audit, clock
from members import queries as members_queries
from members.queries import Face, MemberKey
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.members import RevealForm
from membership_site.console.pages import adjustments, member
from membership_site.console.pages import campaign as campaign_pages
from membership_site.console.pages.answers import answers_of_member
from membership_site.console.pages.approvals import waiting_about
from membership_site.console.pages.coupons import member_coupons
from membership_site.console.pages.keeping import kept_card, tags_card
from membership_site.console.pages.member import MemberPage, Panel, member_page
from membership_site.console.pages.member_benefits import benefits_card, rewards_card
from membership_site.console.pages.members import member_url
from membership_site.console.pages.outbox import messages_card
from membership_site.console.pages.profile import profile_card
from membership_site.console.views.shell import show
from points import queries as points_queries

REVEALED = "revealed"
REVEAL_MINUTES = 10


@dataclass(frozen=True)
class Asked:
    """A panel that was asked for: by whom, of whom, when, and the page around it."""

    request: HttpRequest
    person: Person
    face: Face
    at: dt.datetime
    page: MemberPage

    @property
    def id(self) -> int:
        """The member's."""
        return self.face.key.id

    @property
    def may_adjust(self) -> bool:
        """Whether points may be booked for him here."""
        may = self.person.may(Capability.ADJUST_POINTS)
        return may and not self.page.is_past and self.face.key.joined_at is not None


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_member(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will show a panel of a member's page, now or as of a date. At most 14 queries, however long his history is.

    The frame asks one more while a step of the night is running, as on every page.
    """
    face, at = members_queries.find_face(number), clock.now()
    if face is None:
        raise Http404(_("No member has this number."))
    if face.key.number != number.strip().upper():
        messages.info(request, _("%(number)s was merged into this member.") % {"number": number.upper()})
        return redirect(member_url(face.key.number))
    page = member_page(face, request.GET, at)
    asked = Asked(request, person, face, at, page)
    panel = {} if page.is_past and page.panel.is_of_today else PANELS[page.panel](asked)
    context = {"page": page, "may_adjust": asked.may_adjust, **panel}
    return show(request, person, "console/member.html", context, current="members")


def _overview(asked: Asked) -> dict[str, Any]:
    """What he has, where he stands, what waits and what happened. At most ten queries."""
    panel = member.overview(asked.face, asked.page, asked.request.GET)
    requests = None if asked.page.is_past else points_queries.requests_about(asked.id, asked.person.id, asked.at)
    alone = requests.alone if requests and asked.may_adjust else None
    return {
        "panel": panel,
        "asked": waiting_about(requests.waiting, asked.person, asked.at) if requests else (),
        "hand": adjustments.dialog(asked.face.key, alone) if alone else None,
        "may_give": asked.person.may(Capability.GIVE_TIERS),
        "may_extend": asked.person.may(Capability.EXTEND_TIERS),
    }


def _ledger(asked: Asked) -> dict[str, Any]:
    """Every entry, and what may be done about it. At most eight queries."""
    panel = member.ledger_panel(asked.face, asked.page, asked.request.GET)
    if not asked.may_adjust:
        return {"panel": panel}
    deeds = adjustments.with_deeds(panel.ledger, asked.face.key, asked.at)
    hand = adjustments.dialog(asked.face.key, adjustments.alone(asked.person, asked.at))
    return {"panel": replace(panel, ledger=deeds), "hand": hand}


def _coupons(asked: Asked) -> dict[str, Any]:
    """What he can use or has used, and what he redeemed. Two or three queries."""
    return {
        "coupons": member_coupons(asked.id, asked.page.moment, is_past=asked.page.is_past),
        "rewards": rewards_card(asked.id, asked.page.moment),
        "may_issue": asked.person.may(Capability.ISSUE_COUPONS) and not asked.page.is_past,
    }


def _benefits(asked: Asked) -> dict[str, Any]:
    """What his tiers give him, and what was given by hand. Eight queries."""
    return {
        "benefits": benefits_card(asked.id, asked.at),
        "may_give_benefits": asked.person.may(Capability.EDIT_BENEFITS),
    }


def _messages(asked: Asked) -> dict[str, Any]:
    """What was written to him, by which campaigns, and what he answered. At most four queries."""
    past = asked.page.moment if asked.page.is_past else None
    may = asked.person.may(Capability.SEE_MESSAGES)
    return {
        "letters": messages_card(asked.id, asked.face.key.number, past) if may else None,
        "campaigns": campaign_pages.of_member(asked.id, asked.at) if past is None else (),
        "answers": answers_of_member(asked.id) if past is None else (),
    }


def _notes(asked: Asked) -> dict[str, Any]:
    """What the staff wrote down, merges, and what can be done with his data. At most three queries."""
    return {"kept": kept_card(asked.face.key, asked.person, asked.at)}


def _profile(asked: Asked) -> dict[str, Any]:
    """What he is known by, tags, stage, consents. At most seven queries."""
    revealed_until = _revealed_until(asked.request, asked.person, asked.face.key, asked.at)
    profile = members_queries.get_profile(asked.id)
    return {
        "profile": profile_card(profile, is_revealed=revealed_until is not None),
        "tags": None if asked.page.is_past else tags_card(asked.id, profile.tags, asked.person),
        "revealed_until": revealed_until,
        "may_reveal": asked.person.may(Capability.REVEAL_CONTACTS),
        "form": RevealForm(),
    }


PANELS: Mapping[Panel, Callable[[Asked], dict[str, Any]]] = {
    Panel.OVERVIEW: _overview,
    Panel.LEDGER: _ledger,
    Panel.COUPONS: _coupons,
    Panel.BENEFITS: _benefits,
    Panel.MESSAGES: _messages,
    Panel.NOTES: _notes,
    Panel.PROFILE: _profile,
}


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.REVEAL_CONTACTS, fresh=True)
def reveal(request: HttpRequest, person: Person, number: str) -> HttpResponse:
    """Will show a member's contacts to this person for ten minutes, with the reason in the audit log."""
    key, at = _member(number), clock.now()
    form = RevealForm(request.POST if request.method == "POST" else None)
    back = member_url(key.number, Panel.PROFILE)
    if form.is_valid():
        with transaction.atomic():
            audit.record(
                at=at,
                actor=person.actor,
                deed="member.revealed",
                subject=f"member:{key.id}",
                reason=form.cleaned_data["reason"],
            )
        until = at + dt.timedelta(minutes=REVEAL_MINUTES)
        request.session[REVEALED] = {**request.session.get(REVEALED, {}), str(key.id): until.isoformat()}
        messages.success(request, _("Shown to you for ten minutes. The reason is in the audit log."))
        return redirect(f"{back}#profile")
    context = {"form": form, "number": key.number, "back": back}
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
