"""What may be said of an article for members: typed for one, or a file of many."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.actions import NewGoods
from benefits.enums import GoodsKind
from membership_site.console.forms.policies import number_field
from orders.models import KEY

FILE_BYTES_MAX = 10 * 1024 * 1024
KINDS: Mapping[GoodsKind, Any] = {
    GoodsKind.MEMBER_PRICE: gettext_lazy("Members’ price"),
    GoodsKind.MEMBER_ONLY: gettext_lazy("For members only"),
    GoodsKind.EARLY_ACCESS: gettext_lazy("Early access"),
}
UNREADABLE = gettext_lazy("Use a date and a time, for example 2026-12-01 10:00.")


def instant_field(label: Any, **options: Any) -> forms.DateTimeField:
    """Will return a field for an instant of the programme's zone, which browsers draw as a calendar with a clock."""
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, widget=widget, error_messages={"invalid": UNREADABLE}, **options)


class GoodsForm(forms.Form):
    """What members have of one article, from when to when."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What members have"), choices=[(k.value, text) for k, text in KINDS.items()]
    )
    sku = forms.CharField(
        label=gettext_lazy("Article (SKU)"),
        max_length=KEY,
        error_messages={"required": gettext_lazy("Name the article by its SKU.")},
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=254, required=False)
    price = number_field(gettext_lazy("Members’ price"), required=False)
    opens_at = instant_field(gettext_lazy("Everybody may buy it from"), required=False)
    starts_at = instant_field(
        gettext_lazy("This is so from"), required=False, help_text=gettext_lazy("Leave it empty for at once.")
    )
    ends_at = instant_field(gettext_lazy("until"), required=False, help_text=gettext_lazy("Leave it empty for no end."))

    def __init__(self, *args: Any, at: dt.datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.at = at

    def clean(self) -> dict[str, Any]:
        """Will refuse what does not go together, at its field."""
        clean: dict[str, Any] = super().clean() or {}
        for field, message in refused(clean, self.at).items():
            if field not in self.errors:
                self.add_error(field, message)
        return clean

    def goods(self) -> NewGoods:
        """Will return what was typed as benefits.actions.add_goods takes it."""
        return goods_of(self.cleaned_data, self.at)


def refused(clean: Mapping[str, Any], at: dt.datetime) -> dict[str, str]:
    """Will say by field what does not go together in what was read of an article."""
    kind, found = clean.get("kind"), {}
    if kind == GoodsKind.MEMBER_PRICE and clean.get("price") is None:
        found["price"] = _("State the members’ price.")
    if kind != GoodsKind.MEMBER_PRICE and clean.get("price") is not None:
        found["price"] = _("Only a members’ price has one. Leave it empty.")
    if kind == GoodsKind.EARLY_ACCESS and clean.get("opens_at") is None:
        found["opens_at"] = _("State from when on everybody may buy it.")
    if kind != GoodsKind.EARLY_ACCESS and clean.get("opens_at") is not None:
        found["opens_at"] = _("Only early access has one. Leave it empty.")
    if clean.get("ends_at") and clean["ends_at"] <= (clean.get("starts_at") or at):
        found["ends_at"] = _("It would end before it begins. Choose a later time.")
    return found


def goods_of(clean: Mapping[str, Any], at: dt.datetime) -> NewGoods:
    """Will return what was read of an article."""
    return NewGoods(
        kind=GoodsKind(clean["kind"]),
        sku=clean["sku"],
        starts_at=clean.get("starts_at") or at,
        ends_at=clean.get("ends_at"),
        name=clean.get("name") or "",
        price=clean.get("price"),
        opens_at=clean.get("opens_at"),
    )


class GoodsFileForm(forms.Form):
    """A file of articles."""

    file = forms.FileField(
        label=gettext_lazy("File of articles (CSV)"),
        help_text=gettext_lazy("Columns: kind, sku, name, price, opens_at, starts_at, ends_at."),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty. Choose another."),
        },
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Will refuse a file that is too large."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if file.size and file.size > FILE_BYTES_MAX:
            raise forms.ValidationError(_("The file is larger than 10 MB. Split it."))
        return file


COLUMNS = ("kind", "sku", "name", "price", "opens_at", "starts_at", "ends_at")
NEEDED = ("kind", "sku")


def read_row(cells: Mapping[str, str], at: dt.datetime) -> tuple[NewGoods | None, str]:
    """Will read a row of the file as the form reads what is typed: the article, or what is wrong with the row."""
    form = GoodsForm({name: cells.get(name, "").strip() for name in COLUMNS}, at=at)
    if form.is_valid():
        return form.goods(), ""
    return None, " ".join(f"{name}: {' '.join(map(str, errors))}" for name, errors in form.errors.items())
