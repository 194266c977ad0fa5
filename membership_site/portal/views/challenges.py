"""A member thinks that his tier is wrong: the decision with its reasons, his words, and the answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit import clock
from membership_site.portal.access import Visitor, member_page
from membership_site.portal.forms.challenges import ChallengeForm
from membership_site.portal.pages.decisions import decision_row
from tiers import actions as tiers_actions


@require_http_methods(["GET", "HEAD", "POST"])
@member_page
def challenge(request: HttpRequest, visitor: Visitor, seq: int) -> HttpResponse:
    """Will show a decision and take the member's words about it, once at a time. At most eleven queries."""
    row = decision_row(visitor.key.id, seq)
    if row is None:
        raise Http404(_("There is no such decision."))
    form = ChallengeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            tiers_actions.open_challenge(
                member_id=visitor.key.id,
                seq=seq,
                words=form.cleaned_data["words"],
                at=clock.now(),
                actor=f"member:{visitor.key.id}",
            )
        except tiers_actions.AlreadyOpen:
            form.add_error(None, _("We are looking at this already. You can add to it once it is answered."))
        else:
            messages.success(request, _("We look at it. The answer appears here."))
            return redirect("portal:challenge", seq=seq)
    is_open = row.question is not None and not row.question.verdict
    context = {"row": row, "form": form, "is_open": is_open, "tab": "tiers"}
    return render(request, "portal/challenge.html", context, status=422 if form.errors else 200)
