"""A template's words are sent to whoever of the staff looks after them, to see how they arrive."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kit import clock
from members.enums import Purpose
from members.queries import UnknownMember
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.messages import TrialForm
from membership_site.console.pages import trials as pages
from membership_site.console.pages.messages import trouble_words
from membership_site.console.views.shell import show
from messaging import actions
from messaging.enums import Channel
from messaging.queries import templates as queries

METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_MESSAGES)
def send_trial(request: HttpRequest, person: Person, template_id: int) -> HttpResponse:
    """Will ask in which language and as whom, and send the e-mail to this person alone. At most ten queries.

    Written with a member's data only for who may see members, and noted in the audit log.
    """
    try:
        page = pages.trial_page(template_id, person, clock.now())
    except queries.UnknownTemplate as error:
        raise Http404(_("There is no such template.")) from error
    form = TrialForm(
        request.POST if request.method == "POST" else None,
        languages=page.languages,
        names_members=person.may(Capability.SEE_MEMBERS),
    )
    if form.is_bound and form.is_valid() and _sent(form, page, person):
        messages.success(request, _("The test is on its way to %(address)s.") % {"address": page.address})
        return redirect(request.path)
    context = {"page": page, "form": form}
    status = 422 if form.errors else 200
    return show(request, person, "console/messages/trial.html", context, current="messages", status=status)


def _sent(form: TrialForm, page: pages.TrialPage, person: Person) -> bool:
    """Will send it, or say at the fields why not."""
    language = form.cleaned_data["language"]
    words = page.content.of(Channel.EMAIL, language)
    if words is None:
        form.add_error("language", _("There are no words for e-mail in this language. Nothing was sent."))
        return False
    try:
        actions.send_trial(
            account_id=person.id,
            template_id=page.id,
            words=words,
            language=language,
            is_marketing=page.purpose != Purpose.SERVICE,
            member_number=form.cleaned_data.get("member", "").strip(),
            at=clock.now(),
            actor=person.actor,
        )
    except UnknownMember:
        form.add_error("member", _("No member has this number. Check the digits; the last one is a check digit."))
    except actions.TooManyTrials as refused:
        words_of = _("You have sent %(n)s tests within an hour. Nothing was sent. The next one can go at %(time)s.")
        form.add_error(None, words_of % {"n": actions.TRIALS_AN_HOUR, "time": formats.cal(refused.again_at, "Hm")})
    except actions.NotToBeSent as refused:
        trouble = _("The words have errors. Mend them first. Nothing was sent.")
        form.add_error("language", trouble if refused.shown.fault else trouble_words(refused.shown))
    else:
        return True
    return False
