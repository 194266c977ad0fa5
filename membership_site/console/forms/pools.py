"""What the staff type about pools of partners' codes, and the files they bring."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from benefits.actions import PoolTerms
from benefits.queries import PoolRow
from membership_site.console.forms.policies import number_field, whole_field
from membership_site.console.forms.rewards import (
    COUNT_MAX,
    by_language,
    code_field,
    initial_texts,
    name_fields,
    text_fields,
)

FILE_BYTES_MAX = 20 * 1024 * 1024


class PoolForm(forms.Form):
    """A pool: whose codes, what one gives, how it is used."""

    def __init__(self, *args: Any, known: PoolRow | None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.known = known
        if known is None:
            self.fields["code"] = code_field()
        self.fields["partner"] = forms.CharField(
            label=gettext_lazy("Partner"),
            max_length=80,
            error_messages={"required": gettext_lazy("Say whose codes they are.")},
        )
        self.fields |= name_fields(gettext_lazy("Say what a code gives."))
        self.fields |= text_fields("how")
        self.fields["value"] = number_field(gettext_lazy("Worth to the member"))
        self.fields["cost"] = number_field(gettext_lazy("Cost to the shop"))
        self.fields["low_water"] = whole_field(
            gettext_lazy("Tell us when fewer are left than"), 0, COUNT_MAX, help_text=gettext_lazy("0: never.")
        )
        self.fields["is_archived"] = forms.BooleanField(label=gettext_lazy("It gives no more codes"), required=False)

    def short_name(self) -> str:
        """Will return the short name, of a pool that is known its own."""
        return self.known.code if self.known else str(self.cleaned_data["code"])

    def terms(self) -> PoolTerms:
        """Will return what was typed as the deed takes it."""
        typed = self.cleaned_data
        return PoolTerms(
            partner=typed["partner"],
            names=by_language(typed, "name"),
            instructions=by_language(typed, "how"),
            value=typed["value"].quantize(Decimal("0.001")),
            cost=typed["cost"].quantize(Decimal("0.001")),
            low_water=typed["low_water"],
            is_archived=typed["is_archived"],
        )

    @staticmethod
    def typed_from(known: PoolRow) -> dict[str, Any]:
        """Will return a pool as its form shows it."""
        return {
            "partner": known.partner,
            "low_water": known.low_water,
            "is_archived": known.is_archived,
            "value": format(known.value.normalize(), "f"),
            "cost": format(known.cost.normalize(), "f"),
            **initial_texts(known.names, "name"),
            **initial_texts(known.instructions, "how"),
        }


class FileForm(forms.Form):
    """A file with a header row."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV with a header row, at most 20 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv"}),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "missing": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
        },
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Will refuse a file that is too large to be read while somebody waits."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > FILE_BYTES_MAX:
            raise forms.ValidationError(_("The file has more than 20 MB. Split it."))
        return file
