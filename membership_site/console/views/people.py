"""The people of the staff: who is invited, what they may, who is let in no more."""

from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock, programme
from members import actions as members_actions
from members.actions import ChangeRefused
from members.enums import StaffChange
from members.models import Account
from members.queries import entering as entering_queries
from membership_site import factors
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.people import InviteForm, RolesForm
from membership_site.console.pages.staff import people_rows, person_row
from membership_site.console.views.shell import show
from membership_site.flows import staff_invited

LINK = "invitation_link"
"""In the session: the link of an invitation, shown on the next page and then forgotten."""


@require_safe
@staff_page(Capability.MANAGE_PEOPLE)
def show_people(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list everybody of the staff. Two queries and the frame's."""
    return show(request, person, "console/people.html", {"rows": people_rows(person)}, current="people")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.MANAGE_PEOPLE, fresh=True)
def invite(request: HttpRequest, person: Person) -> HttpResponse:
    """Will open a log-in without a password and send its owner a link to choose one."""
    form = InviteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            account_id = members_actions.invite_staff(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                roles=form.chosen(),
                at=clock.now(),
                actor=person.actor,
            )
        except members_actions.StaffKnown:
            form.add_error("email", _("There is a log-in with this address already. Nobody was invited."))
        else:
            _send_link(request, person, account_id)
            return redirect("console:person", account_id=account_id)
    status = 422 if form.errors else 200
    return show(request, person, "console/invite.html", {"form": form}, current="people", status=status)


@require_safe
@staff_page(Capability.MANAGE_PEOPLE)
def show_person(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Will show one person of the staff. Two queries and the frame's."""
    return _show_person(request, person, account_id, None)


@require_POST
@staff_page(Capability.MANAGE_PEOPLE, fresh=True)
def set_roles(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Will give somebody other roles; nobody changes his own, and one administrator stays."""
    _known(account_id)
    form = RolesForm(request.POST)
    if form.is_valid():
        try:
            members_actions.set_roles(
                account_id=account_id, roles=form.chosen(), by=person.id, at=clock.now(), actor=person.actor
            )
        except ChangeRefused as refusal:
            form.add_error(None, _why(refusal))
        else:
            messages.success(request, _("The roles are changed; they hold from the next page on."))
            return redirect("console:person", account_id=account_id)
    return _show_person(request, person, account_id, form)


@require_POST
@staff_page(Capability.MANAGE_PEOPLE, fresh=True)
def switch(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Will close somebody's log-in at once, or open it again."""
    _known(account_id)
    is_active = request.POST.get("on") == "1"
    try:
        members_actions.switch_staff(
            account_id=account_id, is_active=is_active, by=person.id, at=clock.now(), actor=person.actor
        )
    except ChangeRefused as refusal:
        messages.error(request, _why(refusal))
    else:
        said = _("The log-in is open again.") if is_active else _("The log-in is closed, and logged out everywhere.")
        messages.success(request, said)
    return redirect("console:person", account_id=account_id)


@require_POST
@staff_page(Capability.MANAGE_PEOPLE, fresh=True)
def make_link(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Will send another link by which somebody chooses a password; the one before is spent when it is used."""
    if not _known(account_id).is_active or account_id == person.id:
        messages.error(request, _("This log-in gets no link: it is closed, or your own. Nothing was sent."))
    else:
        _send_link(request, person, account_id)
    return redirect("console:person", account_id=account_id)


@require_POST
@staff_page(Capability.MANAGE_PEOPLE, fresh=True)
def reset_factor(request: HttpRequest, person: Person, account_id: int) -> HttpResponse:
    """Will take somebody's second factor away, so that he sets up another one."""
    _known(account_id)
    if account_id == person.id:
        messages.error(request, _("Your own second factor is for another administrator to reset. Nothing was changed."))
    else:
        factors.reset(request, account_id, actor=person.actor)
        messages.success(request, _("The second factor is reset. It is set up again at the next log-in."))
    return redirect("console:person", account_id=account_id)


def _show_person(request: HttpRequest, person: Person, account_id: int, form: RolesForm | None) -> HttpResponse:
    found = person_row(account_id, person)
    if found is None:
        raise Http404(_("There is no such person."))
    row, roles = found
    context = {"row": row, "form": form or RolesForm({"roles": roles}), "link": request.session.pop(LINK, "")}
    if form is None:
        context["form"] = RolesForm(initial={"roles": roles})
    status = 422 if form is not None else 200
    return show(request, person, "console/person.html", context, current="people", status=status)


def _known(account_id: int) -> Account:
    account = entering_queries.find_account(account_id)
    if account is None or not account.is_staff:
        raise Http404(_("There is no such person."))
    return account


def _send_link(request: HttpRequest, person: Person, account_id: int) -> None:
    """Will mail the link, and keep it for the next page, so that it can be handed over where mail does not work."""
    account = _known(account_id)
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    path = reverse("console:accept", args=(uid, default_token_generator.make_token(account)))
    link = request.build_absolute_uri(path)
    words = _(
        "%(who)s invites you to the console of %(programme)s. Choose a password here: %(link)s\n\n"
        "The link is good for three days, and once. If you did not expect it, do nothing."
    ) % {"who": person.name, "programme": programme.name(), "link": link}
    subject = _("Your log-in to the console of %(programme)s") % {"programme": programme.name()}
    request.session[LINK] = link
    is_sent = staff_invited.send_link(
        address=account.email or "",
        subject=subject,
        text=words,
        language=get_language() or "en",
        at=clock.now(),
    )
    if is_sent:
        messages.success(request, _("A mail with the link is on its way."))
    else:
        messages.error(request, _("The mail could not be sent. Hand the link over yourself."))


def _why(refusal: ChangeRefused) -> str:
    if refusal.because == StaffChange.ONESELF:
        return _("Your own roles and log-in are for another administrator to change. Nothing was changed.")
    return _("This is the last administrator. Make somebody else one first. Nothing was changed.")
