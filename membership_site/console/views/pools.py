"""Partners' codes: the pools, one pool, a file of codes and the rows of it that need mending."""

import tempfile
import uuid
from pathlib import Path

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from benefits import actions as benefits_actions
from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import CodeTaken, Imported, UnknownPool
from kit import cached, clock
from kit.files import UnreadableFile
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.pools import FileForm, PoolForm
from membership_site.console.pages import pools, rewards
from membership_site.console.views.shell import show

METHODS = ["GET", "HEAD", "POST"]
KEPT_SECONDS = 24 * 3600


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_pools(request: HttpRequest, person: Person) -> HttpResponse:
    """Will list the pools with their counts. At most eight queries."""
    context = {"rows": pools.pools_page(clock.now()), "may_edit": person.may(Capability.EDIT_BENEFITS)}
    return show(request, person, "console/pools/list.html", context, current="pools")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def new_pool(request: HttpRequest, person: Person) -> HttpResponse:
    """Will make a pool; what is wrong stands at its field. At most eight queries but for the deed."""
    return _edit(request, person, "")


@require_http_methods(METHODS)
@staff_page(Capability.EDIT_BENEFITS)
def edit_pool(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will change a pool. As new_pool."""
    return _edit(request, person, code)


def _edit(request: HttpRequest, person: Person, code: str, file: FileForm | None = None) -> HttpResponse:
    known = benefits_queries.find_pool(code, clock.business_date(clock.now())) if code else None
    if code and known is None:
        raise Http404(_("There is no such pool."))
    initial = PoolForm.typed_from(known) if known else {"low_water": 0, "value": 0, "cost": 0}
    form = PoolForm(request.POST if request.method == "POST" and file is None else None, initial=initial, known=known)
    if form.is_valid():
        try:
            benefits_actions.save_pool(
                code=form.short_name(), terms=form.terms(), is_new=known is None, at=clock.now(), actor=person.actor
            )
        except (CodeTaken, UnknownPool) as error:
            field, words = rewards.refusal(error)
            form.add_error(field if field in form.fields else None, words)
        else:
            messages.success(request, _("“%(name)s” is kept.") % {"name": form.cleaned_data["name_en"]})
            return redirect("console:pool_edit", form.short_name())
    file = file or FileForm()
    context = {
        "code": code,
        "title": benefits_wording.named(known.names, code) if known else _("New pool"),
        "form": form,
        "file": file,
        "has_errors": bool(code) and cached.find(_errors_key(person, code)) is not None,
    }
    status = 422 if form.errors or file.errors else 200
    return show(request, person, "console/pools/pool.html", context, current="pools", status=status)


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def import_codes(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will add a file's codes to a pool; the rows that need mending are kept a day for who brought the file."""
    form = FileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            done = _import(request, person, code)
        except UnreadableFile:
            words = _("The file has no column “code” in its first row, or cannot be read. Nothing was imported.")
            form.add_error("file", words)
        except UnknownPool:
            form.add_error(None, _("The pool gives no more codes. Nothing was imported."))
        else:
            messages.success(request, pools.imported_words(done))
            return redirect("console:pool_edit", code)
    return _edit(request, person, code, form)


def _import(request: HttpRequest, person: Person, code: str) -> Imported:
    upload = request.FILES["file"]
    with tempfile.TemporaryDirectory() as folder:
        path, errors = Path(folder) / f"{uuid.uuid4()}.csv", Path(folder) / "errors.csv"
        with path.open("wb") as stream:
            for chunk in upload.chunks():  # type: ignore[union-attr]
                stream.write(chunk)
        done = benefits_actions.import_codes(pool=code, path=path, errors=errors, at=clock.now(), actor=person.actor)
        if done.bad:
            cached.put(_errors_key(person, code), errors.read_text(encoding="utf-8"), KEPT_SECONDS)
        else:
            cached.drop(_errors_key(person, code))
    return done


@require_safe
@staff_page(Capability.EDIT_BENEFITS)
def download_errors(request: HttpRequest, person: Person, code: str) -> HttpResponse:
    """Will answer with the rows of this person's last file that need mending, to be imported again."""
    text = cached.find(_errors_key(person, code))
    if text is None:
        raise Http404(_("There are no rows to mend."))
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{code}-to-mend.csv"'},
    )


def _errors_key(person: Person, code: str) -> str:
    return f"pool-errors:{person.id}:{code}"
