"""The approvals page: what waits for a second person, agreeing, refusing, withdrawing, and what was decided."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.adjustments import DecideForm
from membership_site.console.pages import adjustments
from membership_site.console.pages.approvals import approvals_page
from membership_site.console.pages.members import member_url
from membership_site.console.views.shell import show
from points import actions as points_actions


@require_safe
@staff_page(Capability.SEE_APPROVALS)
def show_approvals(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what waits and what was decided, however much there is. At most 16 queries."""
    page = approvals_page(person, request.GET.get("before", ""), clock.now())
    return show(request, person, "console/approvals.html", {"page": page}, current="approvals")


@require_POST
@staff_page(Capability.APPROVE)
def decide(request: HttpRequest, person: Person, adjustment_id: int) -> HttpResponse:
    """Will agree to a request, which books it, or refuse it with words; a refusal of ours stands at its card."""
    at = clock.now()
    form = DecideForm(request.POST, auto_id=f"decide-{adjustment_id}-%s")
    if form.is_valid():
        deed = points_actions.approve if form.cleaned_data["answer"] == "approve" else points_actions.refuse
        try:
            answer = deed(
                adjustment_id=adjustment_id,
                decided_by=person.id,
                note=form.cleaned_data["note"],
                at=at,
                actor=person.actor,
            )
        except points_actions.UnknownAdjustment:
            raise Http404(_("There is no such request.")) from None
        except (points_actions.AlreadyDecided, points_actions.OwnRequest, points_actions.NotForOneself) as error:
            messages.error(request, adjustments.refusal(error)[1])
            return redirect("console:approvals")
        except adjustments.REFUSALS as error:
            form.add_error("note", adjustments.refusal(error)[1])
        else:
            messages.success(request, adjustments.answer_words(answer))
            return redirect("console:approvals")
    page = approvals_page(person, "", at, (adjustment_id, form))
    return show(request, person, "console/approvals.html", {"page": page}, current="approvals", status=422)


@require_POST
@staff_page(Capability.ADJUST_POINTS)
def withdraw(request: HttpRequest, person: Person, adjustment_id: int) -> HttpResponse:
    """Will take back what this person asked for while it waits, and return to where the button was."""
    back = member_url(request.POST["member"]) if request.POST.get("member", "").isalnum() else "console:approvals"
    try:
        answer = points_actions.withdraw(
            adjustment_id=adjustment_id, withdrawn_by=person.id, at=clock.now(), actor=person.actor
        )
    except points_actions.UnknownAdjustment:
        raise Http404(_("There is no such request.")) from None
    except (points_actions.AlreadyDecided, points_actions.NotWhoAsked) as error:
        messages.error(request, adjustments.refusal(error)[1])
    else:
        messages.success(request, adjustments.answer_words(answer))
    return redirect(back)
