"""The log-in of a person of the staff himself: his second factor, his devices, and showing that it is he."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from members import actions as members_actions
from members.models import Account
from members.queries import entering as entering_queries
from membership_site import charts, entering, factors
from membership_site.console.access import Capability, Person, entered, staff_page
from membership_site.console.forms.session import WRONG_FACTOR, ConfirmForm, FactorForm
from membership_site.console.pages.staff import own_page
from membership_site.console.views.shell import show


@require_safe
@staff_page(Capability.SEE_OVERVIEW)
def show_own(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show a person's own log-in. Five queries and the frame's."""
    page = own_page(person.id, request.session.session_key or "")
    return show(request, person, "console/own.html", {"page": page}, current="own")


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
@entered
def factor(request: HttpRequest, person: Person) -> HttpResponse:
    """Will set up the second factor of who has none, or take it from who has not shown it in this session."""
    account = _account(person)
    target = entering.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    has_factor = factors.has_factor(person.id)
    if has_factor and factors.was_shown(request):
        return redirect(target or "console:own")
    form = FactorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        if not has_factor:
            codes = factors.enrol(request, account, form.cleaned_data["code"])
            if codes is not None:
                return render(request, "console/recovery_codes.html", {"codes": codes, "next": target})
        elif factors.check(request, account, form.cleaned_data["code"]):
            factors.note_shown(request)
            return redirect(target or "console:overview")
        form.add_error("code", WRONG_FACTOR)
    status = 422 if form.errors else 200
    if has_factor:
        return render(request, "console/login_factor.html", {"form": form, "next": target}, status=status)
    enrolment = factors.begin(request, account)
    drawing = charts.qr_code(enrolment.url, label=_("The same as a picture for the app’s camera"))
    context = {"form": form, "next": target, "drawing": drawing, "secret": enrolment.secret}
    return render(request, "console/factor.html", context, status=status)


@require_POST
@staff_page(Capability.SEE_OVERVIEW, fresh=True)
def recovery_codes(request: HttpRequest, person: Person) -> HttpResponse:
    """Will draw new recovery codes and show them once; the old ones open nothing any more."""
    codes = factors.draw_recovery_codes(request, _account(person))
    if codes is None:
        messages.error(request, _("Recovery codes stand beside a second factor. Set one up first."))
        return redirect("console:own")
    return render(request, "console/recovery_codes.html", {"codes": codes, "next": ""})


@sensitive_post_parameters("code", "password")
@require_http_methods(["GET", "HEAD", "POST"])
@entered
def confirm(request: HttpRequest, person: Person) -> HttpResponse:
    """Will take a code or the password, and go on to the page that asked."""
    target = entering.own_address(request, request.POST.get("next") or request.GET.get("next", ""))
    data = request.POST if request.method == "POST" else None
    form = ConfirmForm(request, _account(person), data, has_factor=factors.has_factor(person.id))
    if form.is_valid():
        if form.has_factor:
            factors.note_shown(request)
        entering.note_shown(request)
        return redirect(target or "console:overview")
    status = 422 if form.errors else 200
    return render(request, "console/confirm.html", {"form": form, "next": target}, status=status)


@require_POST
@staff_page(Capability.SEE_OVERVIEW)
def end_session(request: HttpRequest, person: Person, session_id: int) -> HttpResponse:
    """Will end one of a person's own sessions."""
    members_actions.end_session(account_id=person.id, session_id=session_id, at=clock.now(), actor=person.actor)
    messages.success(request, _("That device is logged out."))
    return redirect("console:own")


@require_POST
@staff_page(Capability.SEE_OVERVIEW)
def end_sessions(request: HttpRequest, person: Person) -> HttpResponse:
    """Will end all sessions of a person but this one."""
    key = request.session.session_key or ""
    members_actions.end_sessions(account_id=person.id, but=key, at=clock.now(), actor=person.actor)
    messages.success(request, _("All other devices are logged out."))
    return redirect("console:own")


def _account(person: Person) -> Account:
    account = entering_queries.find_account(person.id)
    if account is None:
        raise LookupError("Who is logged in has an account.")
    return account
