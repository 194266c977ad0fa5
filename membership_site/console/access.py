"""Who may enter the console's door, and what each role may do there: a page asks for a capability, a role grants it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Concatenate, ParamSpec

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from kit import audit, memory
from members.enums import StaffRole
from membership_site import entering, factors, formats

P = ParamSpec("P")

LOG_IN = "console:login"


class Capability(StrEnum):
    """What a page or a deed of the console asks for."""

    SEE_OVERVIEW = "see_overview"
    SEE_MEMBERS = "see_members"
    REVEAL_CONTACTS = "reveal_contacts"
    KEEP_VIEWS = "keep_views"
    ADJUST_POINTS = "adjust_points"
    SEE_APPROVALS = "see_approvals"
    APPROVE = "approve"
    GIVE_TIERS = "give_tiers"
    EXTEND_TIERS = "extend_tiers"
    SEE_QUESTIONS = "see_questions"
    ANSWER_QUESTIONS = "answer_questions"
    SEE_JOBS = "see_jobs"
    RUN_JOBS = "run_jobs"
    SEE_AUDIT = "see_audit"
    SEE_RULES = "see_rules"
    EDIT_RULES = "edit_rules"
    SEE_REPORTS = "see_reports"
    SEE_BENEFITS = "see_benefits"
    EDIT_BENEFITS = "edit_benefits"
    ISSUE_COUPONS = "issue_coupons"
    FULFIL_GIFTS = "fulfil_gifts"
    ANSWER_BOOKINGS = "answer_bookings"
    MERGE_MEMBERS = "merge_members"
    EDIT_TAGS = "edit_tags"
    WRITE_NOTES = "write_notes"
    EXPORT_MEMBER = "export_member"
    EXPORT_LISTS = "export_lists"
    ERASE_MEMBERS = "erase_members"
    SEE_CAMPAIGNS = "see_campaigns"
    EDIT_CAMPAIGNS = "edit_campaigns"
    START_CAMPAIGNS = "start_campaigns"
    SEE_MESSAGES = "see_messages"
    EDIT_MESSAGES = "edit_messages"
    SEND_MESSAGES = "send_messages"
    SEE_SETTINGS = "see_settings"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_KEYS = "manage_keys"


ROLE_NAMES: Mapping[StaffRole, str | Promise] = {
    StaffRole.OPERATOR: gettext_lazy("Operator"),
    StaffRole.AGENT: gettext_lazy("Agent"),
    StaffRole.AUDITOR: gettext_lazy("Auditor"),
    StaffRole.FINANCE: gettext_lazy("Finance"),
    StaffRole.CAMPAIGN_AUTHOR: gettext_lazy("Campaign author"),
    StaffRole.APPROVER: gettext_lazy("Approver"),
    StaffRole.INTEGRATOR: gettext_lazy("Integrator"),
    StaffRole.ADMIN: gettext_lazy("Administrator"),
}

# The auditor reads everything and changes nothing, so he reveals nothing and keeps nothing either.
GRANTS: Mapping[StaffRole, frozenset[Capability]] = {
    StaffRole.OPERATOR: frozenset(Capability)
    - {Capability.SEE_AUDIT, Capability.MANAGE_PEOPLE, Capability.MANAGE_KEYS},
    StaffRole.AGENT: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.SEE_MEMBERS,
            Capability.REVEAL_CONTACTS,
            Capability.KEEP_VIEWS,
            Capability.ADJUST_POINTS,
            Capability.EXTEND_TIERS,
            Capability.SEE_QUESTIONS,
            Capability.ANSWER_QUESTIONS,
            Capability.SEE_APPROVALS,
            Capability.SEE_RULES,
            Capability.SEE_BENEFITS,
            Capability.ISSUE_COUPONS,
            Capability.FULFIL_GIFTS,
            Capability.ANSWER_BOOKINGS,
            Capability.EDIT_TAGS,
            Capability.WRITE_NOTES,
            Capability.EXPORT_MEMBER,
            Capability.SEE_CAMPAIGNS,
            Capability.SEE_MESSAGES,
        }
    ),
    StaffRole.AUDITOR: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.SEE_MEMBERS,
            Capability.SEE_QUESTIONS,
            Capability.SEE_APPROVALS,
            Capability.SEE_RULES,
            Capability.SEE_BENEFITS,
            Capability.SEE_REPORTS,
            Capability.SEE_CAMPAIGNS,
            Capability.SEE_JOBS,
            Capability.SEE_AUDIT,
            Capability.SEE_MESSAGES,
            Capability.SEE_SETTINGS,
        }
    ),
    StaffRole.FINANCE: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.SEE_MEMBERS,
            Capability.SEE_QUESTIONS,
            Capability.SEE_APPROVALS,
            Capability.APPROVE,
            Capability.EXPORT_LISTS,
            Capability.SEE_RULES,
            Capability.SEE_BENEFITS,
            Capability.SEE_REPORTS,
            Capability.SEE_CAMPAIGNS,
            Capability.SEE_JOBS,
            Capability.SEE_AUDIT,
            Capability.SEE_MESSAGES,
        }
    ),
    # He writes what members read and sees what came of it; members' own pages are not his business.
    StaffRole.CAMPAIGN_AUTHOR: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.KEEP_VIEWS,
            Capability.SEE_RULES,
            Capability.SEE_BENEFITS,
            Capability.ISSUE_COUPONS,
            Capability.SEE_REPORTS,
            Capability.SEE_CAMPAIGNS,
            Capability.EDIT_CAMPAIGNS,
            Capability.SEE_MESSAGES,
            Capability.EDIT_MESSAGES,
        }
    ),
    # The second person: he agrees or refuses, and asks for nothing himself.
    StaffRole.APPROVER: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.SEE_MEMBERS,
            Capability.SEE_APPROVALS,
            Capability.APPROVE,
            Capability.SEE_RULES,
            Capability.SEE_BENEFITS,
            Capability.SEE_REPORTS,
            Capability.SEE_CAMPAIGNS,
            Capability.SEE_MESSAGES,
        }
    ),
    # He connects the shop's machines, and sees whether what they tell arrives.
    StaffRole.INTEGRATOR: frozenset(
        {
            Capability.SEE_OVERVIEW,
            Capability.SEE_RULES,
            Capability.SEE_JOBS,
            Capability.SEE_SETTINGS,
            Capability.MANAGE_KEYS,
        }
    ),
    StaffRole.ADMIN: frozenset(Capability),
}


@dataclass(frozen=True)
class Person:
    """The person of the staff who looks at a page."""

    id: int
    name: str
    roles: tuple[StaffRole, ...]

    @property
    def actor(self) -> str:
        """The name under which his deeds are kept."""
        return f"staff:{self.id}"

    @property
    def role_names(self) -> str:
        """His roles in words."""
        return formats.listing([str(ROLE_NAMES[role]) for role in self.roles])

    def may(self, capability: Capability) -> bool:
        """Will say whether one of his roles grants it."""
        return any(capability in GRANTS[role] for role in self.roles)


def staff_page(
    capability: Capability, *, fresh: bool = False
) -> Callable[
    [Callable[Concatenate[HttpRequest, Person, P], HttpResponse]], Callable[Concatenate[HttpRequest, P], HttpResponse]
]:
    """Will call a view with the person of the staff who is logged in and may; others are refused with who may.

    Who has not shown what the house asks of the staff shows it first; a `fresh` page asks for it every few minutes.
    The audit log says of each deed from where it came.
    Two queries: session, account.
    """

    def guard(
        view: Callable[Concatenate[HttpRequest, Person, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @never_cache
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _send(request, LOG_IN)
            person = person_of(request)
            if gate := _gate(request, fresh=fresh):
                return _send(request, gate)
            insist(person, capability)
            remembering = memory.kept() if request.method in ("GET", "HEAD") else nullcontext()
            with audit.coming_from(entering.place_of(request)), remembering:
                return view(request, person, *args, **kwargs)

        return guarded

    return guard


def entered(
    view: Callable[Concatenate[HttpRequest, Person, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Will call a view of the staff's own log-in, for whoever entered by the console, whatever his roles may."""

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _send(request, LOG_IN)
        return view(request, person_of(request), *args, **kwargs)

    return guarded


def insist(person: Person, capability: Capability) -> None:
    """Will refuse a person whose roles do not grant something, with who may."""
    if not person.may(capability):
        raise PermissionDenied(_who_may(capability))


def person_of(request: HttpRequest) -> Person:
    """Will return who is logged in; refuses members and staff without a role."""
    account = request.user
    if not account.is_staff:
        raise PermissionDenied(_("The console is for the staff. This log-in belongs to a member."))
    known = {role.value for role in StaffRole}
    roles = tuple(StaffRole(role) for role in getattr(account, "roles", ()) if role in known)
    if not roles:
        raise PermissionDenied(_("This log-in has no role yet. Ask an administrator to give it one."))
    return Person(id=int(account.pk), name=str(account), roles=roles)


def _who_may(capability: Capability) -> str:
    roles = [str(ROLE_NAMES[role]) for role, granted in GRANTS.items() if capability in granted]
    return _("Open to: %(roles)s. Ask an administrator if you need it. Nothing was changed.") % {
        "roles": formats.listing(roles)
    }


def _gate(request: HttpRequest, *, fresh: bool) -> str:
    """Will name the page that comes first for who is in, or nothing: his own door, his second factor, a fresh look."""
    if request.session.get(entering.DOOR) == entering.PORTAL:
        return LOG_IN
    if factors.are_required() and not factors.was_shown(request):
        return "console:factor"
    minutes = int(settings.STAFF_STEP_UP_MINUTES)
    return "console:confirm" if fresh and minutes and not entering.has_shown_lately(request, minutes) else ""


def _send(request: HttpRequest, gate: str) -> HttpResponse:
    """Will send to a page and back; what was posted is not kept. A fragment sends the whole page there."""
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(resolve_url(gate))
    if request.method not in ("GET", "HEAD"):
        messages.info(request, _("Show first that it is you. Nothing was changed; press again afterwards."))
    return redirect_to_login(entering.way_back(request), resolve_url(gate))
