"""Which dates the overview looks at, and what they are compared with; the address holds it all."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kit import dates
from membership_site.console.forms.reports import EARLIEST, day_field

LAST_YEAR = "year"
YEARS_MAX = 3


class DatesForm(forms.Form):
    """Dates of one's own, both inclusive; where the address names none it shows those of a range that ends today."""

    starts = day_field(gettext_lazy("From"))
    ends = day_field(gettext_lazy("Through"))
    vs = forms.ChoiceField(
        label=gettext_lazy("Compared with"),
        choices=[("before", gettext_lazy("the time right before")), (LAST_YEAR, gettext_lazy("the year before"))],
    )

    def __init__(self, data: Mapping[str, str], *, today: dt.date, starts_on: dt.date) -> None:
        given = {name: data.get(name, "").replace("\x00", "").strip()[:40] for name in ("starts", "ends", "vs")}
        self.today = today
        self.is_own = bool(given["starts"] or given["ends"])
        self.beside_last_year = given["vs"] == LAST_YEAR
        if not self.is_own:
            given |= {"starts": starts_on.isoformat(), "ends": today.isoformat()}
        super().__init__(given | {"vs": LAST_YEAR if self.beside_last_year else "before"}, auto_id="o-%s")

    def clean(self) -> dict[str, Any]:
        """Will refuse, at the field, dates that have not come, are turned round or lie too far back or apart."""
        said: dict[str, Any] = super().clean() or {}
        for name in ("starts", "ends"):
            if (date := said.get(name)) and date > self.today:
                self.add_error(name, _("This date has not come yet. Give today or an earlier date."))
            elif date and date < EARLIEST:
                self.add_error(name, _("There are no figures so far back. Choose a later one."))
        starts, ends = said.get("starts"), said.get("ends")
        if starts and ends and not self.errors:
            if starts > ends:
                self.add_error("ends", _("It is before the first date. Give the first date, or a later one."))
            elif starts < dates.add_months(ends, -12 * YEARS_MAX):
                words = ngettext("Look at %(n)s year at most.", "Look at %(n)s years at most.", YEARS_MAX)
                self.add_error("starts", words % {"n": YEARS_MAX})
        return said
