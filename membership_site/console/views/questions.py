"""The page of decisions that members question, and answering them in words."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kit import clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.questions import AnswerForm
from membership_site.console.pages.questions import questions_page
from membership_site.console.views.shell import show
from tiers import actions as tiers_actions
from tiers.enums import Verdict


@require_safe
@staff_page(Capability.SEE_QUESTIONS)
def show_questions(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what waits and what was answered, however much there is. At most eleven queries."""
    page = questions_page(person, request.GET.get("before", ""), clock.now())
    return show(request, person, "console/questions.html", {"page": page}, current="questions")


@require_POST
@staff_page(Capability.ANSWER_QUESTIONS)
def answer(request: HttpRequest, person: Person, challenge_id: int) -> HttpResponse:
    """Will answer a question once; what is wrong with the answer stands at its card."""
    at = clock.now()
    form = AnswerForm(request.POST, auto_id=f"answer-{challenge_id}-%s")
    if form.is_valid():
        try:
            tiers_actions.answer_challenge(
                challenge_id=challenge_id,
                verdict=Verdict(form.cleaned_data["verdict"]),
                words=form.cleaned_data["words"],
                at=at,
                actor=person.actor,
            )
        except tiers_actions.NoSuchChallenge:
            raise Http404(_("There is no such question.")) from None
        except tiers_actions.AlreadyAnswered:
            messages.error(request, _("This was answered already. Nothing was changed."))
        else:
            messages.success(request, _("Answered. The member reads it on his page."))
        return redirect("console:questions")
    page = questions_page(person, "", at, (challenge_id, form))
    return show(request, person, "console/questions.html", {"page": page}, current="questions", status=422)
