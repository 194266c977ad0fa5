"""What the staff type around members: filters of the list, a view's name, the reason for a reveal."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from insights import queries as insights_queries
from insights.enums import Stage
from members.enums import MemberStatus
from tiers.enums import MemberSort, Ordered
from tiers.queries import MemberFilter

QUIET_DAYS = 90
"""So long without an order is quiet; an order within it makes a member active."""

DROP_DAYS = 60
"""Whose tier ends within so many days, without what keeps it, is about to drop."""

AMOUNT_MAX = Decimal(10) ** 12
PARAMETERS = (
    *("q", "tier", "status", "spend_min", "spend_max", "points_min", "points_max"),
    *("ordered", "keeps", "stage", "tag", "segment", "sort", "hide"),
)
SHOWS = ("sort", "hide")
"""What changes how the list looks, and keeps nobody out of it."""

COLUMNS = ("tier", "points", "spend", "keeps", "stage", "last", "status")
"""The columns that can be hidden, in their order."""


class MemberFilterForm(forms.Form):
    """The filters as the address has them. A field that cannot be read is named, and the rest still holds."""

    q = forms.CharField(required=False, max_length=100, strip=True, label=_("Name, number, e-mail, phone or order"))
    tier = forms.SlugField(required=False, max_length=40, label=_("Tier"))
    status = forms.ChoiceField(required=False, label=_("Status"), choices=[(s.value, s.value) for s in MemberStatus])
    spend_min = forms.DecimalField(
        required=False, min_value=0, max_value=AMOUNT_MAX, decimal_places=3, label=_("Spend, from")
    )
    spend_max = forms.DecimalField(
        required=False, min_value=0, max_value=AMOUNT_MAX, decimal_places=3, label=_("Spend, to")
    )
    points_min = forms.IntegerField(required=False, min_value=0, max_value=10**12, label=_("Points, from"))
    points_max = forms.IntegerField(required=False, min_value=0, max_value=10**12, label=_("Points, to"))
    ordered = forms.ChoiceField(required=False, label=_("Last order"), choices=[(o.value, o.value) for o in Ordered])
    keeps = forms.ChoiceField(required=False, label=_("Keeps tier"), choices=[("risk", "risk")])
    stage = forms.ChoiceField(required=False, label=_("Stage"), choices=[(s.value, s.value) for s in Stage])
    tag = forms.CharField(required=False, max_length=60, label=_("Tag"))
    segment = forms.IntegerField(required=False, min_value=1, max_value=10**15, label=_("Segment"))


@dataclass(frozen=True)
class Wanted:
    """What an address asks of the list: its own words for the form, filter, sort, and what was not understood."""

    given: dict[str, str]
    filter: MemberFilter
    sort: MemberSort
    turned: bool
    refused: tuple[tuple[str, str], ...] = field(default=())
    segment: int = 0

    @property
    def query(self) -> str:
        """The address' query in its shortest form: the state of the list without its page."""
        return urlencode({name: self.given[name] for name in PARAMETERS if self.given.get(name)})

    @property
    def is_filtered(self) -> bool:
        """Whether anything is asked besides how the list looks."""
        return any(self.given.get(name) for name in PARAMETERS if name not in SHOWS)

    @property
    def hidden(self) -> frozenset[str]:
        """The columns that are not shown."""
        return frozenset(self.given["hide"].split("-")) & set(COLUMNS)


def read_filters(data: Mapping[str, str], today: dt.date) -> Wanted:
    """Will read the filters of an address; what cannot be read is left out and named with the reason."""
    given = {name: data.get(name, "").replace("\x00", "").strip()[:200] for name in PARAMETERS}
    form = MemberFilterForm(given)
    form.is_valid()
    kept: dict[str, Any] = form.cleaned_data
    refused = tuple(
        (str(form.fields[name].label), " ".join(str(error) for error in errors))
        for name, errors in form.errors.items()
        if name in form.fields
    )
    ordered = Ordered(kept["ordered"]) if kept.get("ordered") else None
    sort = given["sort"].removeprefix("-")
    known = sort in {s.value for s in MemberSort}
    given["sort"] = given["sort"] if known and given["sort"] != MemberSort.NEWEST else ""
    given["hide"] = "-".join(column for column in COLUMNS if column in given["hide"].split("-"))
    wanted = MemberFilter(
        text=kept.get("q", ""),
        tier=kept.get("tier", ""),
        status=kept.get("status", ""),
        spend_min=kept.get("spend_min"),
        spend_max=kept.get("spend_max"),
        points_min=kept.get("points_min"),
        points_max=kept.get("points_max"),
        ordered=ordered,
        quiet_since=today - dt.timedelta(days=QUIET_DAYS) if ordered else None,
        drops_by=today + dt.timedelta(days=DROP_DAYS) if kept.get("keeps") else None,
        today=today,
        tag=kept.get("tag", ""),
        among=(insights_queries.among_stage(Stage(kept["stage"])),) if kept.get("stage") else (),
    )
    return Wanted(
        given=given,
        filter=wanted,
        sort=MemberSort(sort) if known else MemberSort.NEWEST,
        turned=known and given["sort"].startswith("-"),
        refused=refused,
        segment=kept.get("segment") or 0,
    )


class SaveViewForm(forms.Form):
    """A name for the filters that are on."""

    name = forms.CharField(
        max_length=60,
        label=_("Name of the view"),
        error_messages={"required": _("Give the view a name, for example “Gold in Shanghai”.")},
    )
    query = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)

    def clean_query(self) -> str:
        """Will keep only what the list understands, in its shortest form."""
        try:
            given = QueryDict(self.cleaned_data["query"]).dict()
        except ValueError as error:
            raise ValidationError(_("These filters cannot be kept. Set them again.")) from error
        return urlencode({name: str(given[name]) for name in PARAMETERS if given.get(name)})


class RevealForm(forms.Form):
    """Why somebody wants to see a member's e-mail address and phone number."""

    reason = forms.CharField(
        max_length=300,
        min_length=5,
        label=_("Reason"),
        help_text=_("For example: the member asks by phone about an order. It is kept in the audit log."),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Say why you need to see it."),
            "min_length": _("Say a little more: a reason that a colleague understands later."),
        },
    )
