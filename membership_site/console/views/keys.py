"""The keys of the shop's machines: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from kit import api_keys, clock
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.people import KeyForm
from membership_site.console.pages.staff import key_rows
from membership_site.console.views.shell import show


@sensitive_variables("made")
@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Capability.MANAGE_KEYS, fresh=True)
def show_keys(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the keys and make another one, shown in the answer and never again. One query and the frame's."""
    form, made = KeyForm(request.POST if request.method == "POST" else None), ""
    if form.is_valid():
        try:
            made = api_keys.create(
                name=form.cleaned_data["name"], scopes=form.cleaned_data["scopes"], at=clock.now(), actor=person.actor
            )
        except api_keys.BadKeyRequest:
            form.add_error("name", _("A key has this name already, or had it. Choose another one. No key was made."))
    status = 422 if form.errors else 200
    context = {"rows": key_rows(), "form": KeyForm() if made else form, "made": made}
    return show(request, person, "console/keys.html", context, current="keys", status=status)


@require_POST
@staff_page(Capability.MANAGE_KEYS, fresh=True)
def revoke(request: HttpRequest, person: Person, key_id: int) -> HttpResponse:
    """Will end a key at once."""
    name = next((row.name for row in key_rows() if row.id == key_id), "")
    try:
        api_keys.revoke(name=name, at=clock.now(), actor=person.actor)
    except api_keys.UnknownKey:
        messages.error(request, _("There is no such key. Nothing was revoked."))
    else:
        messages.success(request, _("%(name)s is revoked. Calls with it are refused from now on.") % {"name": name})
    return redirect("console:keys")
