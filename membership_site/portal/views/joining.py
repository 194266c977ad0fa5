"""A guest becomes a member: one page, a code, and a welcome; and whom members invite."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from kit import clock
from members import actions as members_actions
from members import rules as members_rules
from members.enums import CodePurpose
from membership_site import entering, social
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.joining import JoinForm
from membership_site.portal.pages.invite import invite_page
from membership_site.portal.pages.welcome import promise, welcome_page
from membership_site.portal.views import codes


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Will take what a guest typed and send a code; the answer is the same for an address that is a member's.

    An invitation in the address is remembered on the device. One query, for the policy.
    """
    if request.user.is_authenticated:
        return redirect("portal:overview")
    invited_by = members_rules.invite_code(request.GET.get("ref", "")) or entering.invitation_of(request)
    form = JoinForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_valid():
        identity = form.cleaned_data["address"]
        room = entering.may_ask_code(request, identity.value)
        if room is None:
            codes.ask(request, identity, CodePurpose.JOIN, target="", wishes=_wishes(form, invited_by))
            return redirect("portal:verify")
        form.add_error(None, codes.too_often(room))
        status = 429
    at = clock.now()
    context = {"form": form, "promise": promise(at), "ways": social.ways(), "is_invited": bool(invited_by)}
    status = 422 if form.errors and status == 200 else status
    response = render(request, "account/join.html", context, status=status)
    if request.GET.get("ref") and invited_by:
        entering.keep_invitation(response, invited_by)
    return response


@require_safe
@member_page
def show_welcome(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will greet a new member with what he got and what to do next. At most nine queries."""
    page = welcome_page(visitor.key, clock.now())
    return render(request, "portal/welcome.html", {"page": page, "tab": "overview"})


@require_safe
@member_page
def show_invite(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Will show a member's link and what became of whom he invited; the first look draws his code."""
    at = clock.now()
    code = members_actions.open_invitations(member_id=visitor.key.id, at=at, actor=f"member:{visitor.key.id}")
    link = request.build_absolute_uri(f"{reverse('portal:join')}?ref={code}")
    return render(request, "portal/invite.html", {"page": invite_page(visitor.key, code, link, at), "tab": "me"})


def _wishes(form: JoinForm, invited_by: str) -> dict[str, object]:
    """What is kept with the code until it is typed; the password only as its hash."""
    return {
        "name": form.cleaned_data["name"].strip(),
        "language": get_language() or "",
        "password": members_actions.hashed(password=form.cleaned_data["password"], at=clock.now(), actor="portal"),
        "consents": form.consents(),
        "invited_by": invited_by,
    }
