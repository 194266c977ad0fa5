"""Gifts to send: the list by state, one gift, parcels sent by form or file, and the packing list."""

import tempfile
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import BadParcelRow, NotCancelled, NotShipped
from benefits.enums import FulfilmentState
from benefits.rules.fulfilment import WrongStep
from kit import clock
from kit.files import UnreadableFile
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.parcels import ShipForm, StepForm
from membership_site.console.forms.pools import FileForm
from membership_site.console.pages import parcels
from membership_site.console.views.downloads import csv_file
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]
LIST_MAX = 5_000


@require_safe
@staff_page(Capability.SEE_MEMBERS)
def show_parcels(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list gifts by state; addresses are on the page of each, and on the packing list. At most eight queries."""
    return _list(request, person, ShipForm(), FileForm())


def _list(request: HttpRequest, person: Person, form: ShipForm, file: FileForm) -> HttpResponse:
    context = {
        "page": parcels.parcels_page(request.GET),
        "form": form,
        "file": file,
        "may_send": person.may(Capability.FULFIL_GIFTS),
    }
    status = 422 if form.errors or file.errors else 200
    return show(request, person, "console/parcels/list.html", context, current="parcels", status=status)


@require_POST
@staff_page(Capability.FULFIL_GIFTS)
def ship(request: HttpRequest, person: Person) -> HttpResponse:
    """Will mark the chosen gifts as sent, all or none."""
    form = ShipForm(request.POST)
    if form.is_valid():
        try:
            sent = benefits_actions.ship(parcels=form.parcels(), at=clock.now(), actor=person.actor)
        except NotShipped as error:
            form.add_error(None, _not_shipped(error))
        else:
            return _sent(request, sent)
    return _list(request, person, form, FileForm())


@require_POST
@staff_page(Capability.FULFIL_GIFTS)
def ship_file(request: HttpRequest, person: Person) -> HttpResponse:
    """Will mark the gifts of a packing list that has carriers as sent, all or none."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "parcels.csv"
            with path.open("wb") as stream:
                for chunk in request.FILES["file"].chunks():  # type: ignore[union-attr]
                    stream.write(chunk)
            try:
                sent = benefits_actions.ship_file(path=path, at=clock.now(), actor=person.actor)
            except NotShipped as error:
                form.add_error("file", _not_shipped(error))
            except BadParcelRow as error:
                words = _("Row %(n)s needs the number of a gift and its carrier. Nothing was marked as sent.")
                form.add_error("file", words % {"n": formats.num(error.number)})
            except UnreadableFile:
                form.add_error("file", _("The file needs the columns id, carrier and tracking. Nothing was changed."))
            else:
                return _sent(request, sent)
    return _list(request, person, ShipForm(), form)


def _not_shipped(error: NotShipped) -> str:
    number = formats.num(error.fulfilment_id)
    if not error.stands:
        return _("There is no gift %(n)s. None was marked as sent.") % {"n": number}
    words = {"n": number, "state": benefits_wording.parcel_state_words(error.stands)}
    return _("Gift %(n)s is “%(state)s” and cannot be sent. None was marked as sent.") % words


def _sent(request: HttpRequest, sent: int) -> HttpResponse:
    said = ngettext("%(n)s gift is marked as sent.", "%(n)s gifts are marked as sent.", sent)
    messages.success(request, said % {"n": formats.num(sent)})
    return redirect("console:parcels")


@require_POST
@staff_page(Capability.FULFIL_GIFTS, fresh=True)
def download_list(request: HttpRequest, person: Person) -> HttpResponse:
    """Will answer with what is ready to be sent and where to, and note who took it."""
    at = clock.now()
    rows = benefits_actions.packing_list(limit=LIST_MAX, at=at, actor=person.actor)
    return csv_file(f"packing-list-{clock.business_date(at)}", parcels.HEADS, parcels.packing_rows(rows))


@require_http_methods(METHODS)
@staff_page(Capability.FULFIL_GIFTS)
def show_parcel(request: HttpRequest, person: Person, fulfilment_id: int) -> HttpResponse:
    """Will show a gift with its address and its way, and note what became of it. At most ten queries."""
    row = benefits_queries.find_fulfilment(fulfilment_id)
    if row is None:
        raise Http404(_("There is no such gift."))
    form = StepForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _moved(form, fulfilment_id, person):
        return redirect("console:parcel", fulfilment_id)
    context = {"page": parcels.parcel_page(row), "form": form}
    status = 422 if form.errors else 200
    return show(request, person, "console/parcels/parcel.html", context, current="parcels", status=status)


def _moved(form: StepForm, fulfilment_id: int, person: Person) -> bool:
    state, note, at = FulfilmentState(form.cleaned_data["state"]), form.cleaned_data["note"].strip(), clock.now()
    try:
        if state is FulfilmentState.CANCELLED:
            benefits_actions.give_up_gift(fulfilment_id=fulfilment_id, reason=note, at=at, actor=person.actor)
        else:
            benefits_actions.move(fulfilment_id=fulfilment_id, state=state, note=note, at=at, actor=person.actor)
    except WrongStep as error:
        form.add_error(None, benefits_wording.refused_step(error.stands))
    except NotCancelled as error:
        form.add_error(None, benefits_wording.kept_words(error.refusal))
    return not form.errors
