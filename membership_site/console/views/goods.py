"""The goods that members see otherwise: listed, added one by one or by a file, and ended."""

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from benefits import actions as benefits_actions
from kit import clock
from kit.files import ErrorFile, Row, Table, UnreadableFile, open_table
from membership_site import formats
from membership_site.console.access import Capability, Person, staff_page
from membership_site.console.forms.goods import NEEDED, GoodsFileForm, GoodsForm, read_row
from membership_site.console.pages.goods import BadRow, goods_page
from membership_site.console.views.shell import show

SHOWN_MAX = 50
"""So many bad rows are shown; the file of errors has them all."""


@require_safe
@staff_page(Capability.SEE_BENEFITS)
def show_goods(request: HttpRequest, person: Person) -> HttpResponse:
    """Will show what is so or will be, searched and paged by the address. At most six queries."""
    return _show(request, person, GoodsForm(at=clock.now()), GoodsFileForm())


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def add(request: HttpRequest, person: Person) -> HttpResponse:
    """Will add what members have of one article; what is wrong stands at its field."""
    at = clock.now()
    form = GoodsForm(request.POST, at=at)
    if form.is_valid():
        try:
            benefits_actions.add_goods(goods=[form.goods()], at=at, actor=person.actor)
        except benefits_actions.GoodsThere:
            form.add_error("starts_at", _("It has something of this kind from then on already. Choose another time."))
        else:
            messages.success(request, _("“%(sku)s” is added.") % {"sku": form.cleaned_data["sku"]})
            return redirect("console:goods")
    return _show(request, person, form, GoodsFileForm(), status=422)


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def end(request: HttpRequest, person: Person, goods_id: int) -> HttpResponse:
    """Will end what members have of an article at once; one that is over stays so."""
    try:
        benefits_actions.end_goods(goods_id=goods_id, at=clock.now(), actor=person.actor)
        messages.success(request, _("It is over from now on."))
    except benefits_actions.NoGoods:
        messages.error(request, _("It is over already. Nothing was changed."))
    return redirect("console:goods")


@require_POST
@staff_page(Capability.EDIT_BENEFITS)
def upload(request: HttpRequest, person: Person) -> HttpResponse:
    """Will add all articles of a file, or none: bad rows are shown, or with `do` errors answered as a file to mend."""
    form = GoodsFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, person, GoodsForm(at=clock.now()), form, status=422)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "goods.csv"
        _keep(form.cleaned_data["file"], path)
        try:
            table = open_table(path, NEEDED)
        except UnreadableFile:
            form.add_error("file", _("The file has no columns “kind” and “sku” in its first row. Nothing was added."))
            return _show(request, person, GoodsForm(at=clock.now()), form, status=422)
        return _book(request, person, form, table, Path(folder) / "errors.csv")


def _keep(file: "UploadedFile[Any]", path: Path) -> None:
    with path.open("wb") as stream:
        for chunk in file.chunks():
            stream.write(chunk)


def _book(request: HttpRequest, person: Person, form: GoodsFileForm, table: Table, errors: Path) -> HttpResponse:
    at, good, bad = clock.now(), [], []
    with ErrorFile(errors, table) as file:
        for row in table.rows():
            one, error = (None, row.problem[1]) if row.problem else read_row(_cells(row, table), at)
            if one is None:
                file.add(row, row.problem[0] if row.problem else "goods", error)
                bad.append(BadRow(row.number, ", ".join(row.cells)[:120], error))
            else:
                good.append(one)
    if bad and request.POST.get("do") == "errors":
        answer = HttpResponse(errors.read_bytes(), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="goods-errors.csv"'
        return answer
    if not bad:
        try:
            added = benefits_actions.add_goods(goods=good, at=at, actor=person.actor)
        except benefits_actions.GoodsThere:
            form.add_error("file", _("An article has another price or date then, or stands twice. Nothing was added."))
        else:
            words = ngettext("%(count)s article is added.", "%(count)s articles are added.", added)
            messages.success(request, words % {"count": formats.num(added)})
            return redirect("console:goods")
    return _show(request, person, GoodsForm(at=at), form, tuple(bad), status=422)


def _cells(row: Row, table: Table) -> dict[str, str]:
    return dict(zip(table.columns, row.cells, strict=False))


def _show(
    request: HttpRequest,
    person: Person,
    form: GoodsForm,
    file_form: GoodsFileForm,
    bad: tuple[BadRow, ...] = (),
    status: int = 200,
) -> HttpResponse:
    after = request.GET.get("after", "")
    number = int(after) if after.isdecimal() and len(after) < 18 else 0
    context = {
        "page": goods_page(request.GET.get("sku", "")[:128], number, clock.now()),
        "form": form,
        "file_form": file_form,
        "bad": bad[:SHOWN_MAX],
        "bad_count": len(bad),
        "may_edit": person.may(Capability.EDIT_BENEFITS),
    }
    return show(request, person, "console/benefits/goods.html", context, current="benefits", status=status)
