"""What reports are asked: a date, a month, a range, a tier; the address holds it all."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kit import dates
from kit.paging import Place, read_place

MONTHS = (("12", gettext_lazy("12 months")), ("24", gettext_lazy("24 months")), ("36", gettext_lazy("36 months")))
EARLIEST = dt.date(2000, 1, 1)


def day_field(label: Any, **options: Any) -> forms.DateField:
    """Will return a field for the date of a report, drawn as a calendar; how far it may lie is for its form."""
    return forms.DateField(
        label=label,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("Write a date, for example 2026-03-31.")},
        **options,
    )


@dataclass(frozen=True)
class LiabilityAsked:
    """The date at whose end, None for now, and the tier, empty for all."""

    date: dt.date | None
    tier: str


@dataclass(frozen=True)
class MovementAsked:
    """From when to when, both inclusive, by day or by month."""

    starts_on: dt.date
    ends_on: dt.date
    by_day: bool


@dataclass(frozen=True)
class BreakageAsked:
    """The last date of the month up to which to look."""

    ends: dt.date


@dataclass(frozen=True)
class SpendingAsked:
    """So many months up to a date, both whole, and the tier, empty for all."""

    starts_on: dt.date
    ends_on: dt.date
    months: int
    tier: str


@dataclass(frozen=True)
class CampaignsAsked:
    """From when to when campaigns were started, both inclusive."""

    starts_on: dt.date
    ends_on: dt.date


class MonthField(forms.DateField):
    """A month as the address has it, 2026-03; read as its first date."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m"],
            widget=forms.DateInput(attrs={"type": "month", "placeholder": "2026-03"}, format="%Y-%m"),
            error_messages={"invalid": gettext_lazy("Write a year and a month, for example 2026-03.")},
            **options,
        )


class ReportForm(forms.Form):
    """What all reports' forms have in common: what is left out has a default, nothing lies in the future.

    `is_whole` asks for all rows of what the page shows by pages.
    """

    defaults: ClassVar[Mapping[str, str]] = {}
    is_whole = False

    def __init__(
        self, data: Mapping[str, str], *, today: dt.date, tiers: Sequence[tuple[str, str | Promise]] = ()
    ) -> None:
        self.today = today
        names = [name for name in self.base_fields if name != "tier" or tiers]
        given = {name: data.get(name, "").replace("\x00", "").strip()[:40] for name in names}
        super().__init__({name: value or self.default(name) for name, value in given.items()}, auto_id="r-%s")
        if "tier" in self.fields:
            choice = self.fields["tier"]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = [("", _("All tiers")), *tiers]

    def default(self, name: str) -> str:
        """Will return what a field says where the address says nothing."""
        return f"{self.last_month():%Y-%m}" if name == "ends" else self.defaults.get(name, "")

    def last_month(self) -> dt.date:
        """Will return the first date of the latest month that may be asked for."""
        return self.today.replace(day=1)

    def clean_date(self) -> dt.date | None:
        """Will refuse a date of which nothing can be known."""
        return self._known(self.cleaned_data.get("date"), self.today)

    def clean_ends(self) -> dt.date | None:
        """Will refuse a month of which nothing can be known."""
        return self._known(self.cleaned_data.get("ends"), self.last_month())

    def _known(self, date: dt.date | None, last: dt.date) -> dt.date | None:
        if date and date > last:
            raise forms.ValidationError(_("It is not over yet. Choose an earlier one."))
        if date and date < EARLIEST:
            raise forms.ValidationError(_("There are no figures so far back. Choose a later one."))
        return date

    def value(self, name: str) -> Any:
        """Will return what a field says, its default where that cannot be read. Validates on the first call."""
        self.is_valid()
        found = self.cleaned_data.get(name)
        return found or self.fields[name].clean(self.default(name))

    def query(self) -> dict[str, str]:
        """Will return the address of what is shown, without what cannot be read."""
        self.is_valid()
        return {name: str(self.data[name]) for name in self.fields if name not in self.errors and self.data.get(name)}

    def asked(self) -> Any:
        """Will return what is asked, as a frozen value."""
        raise NotImplementedError

    def _months(self) -> tuple[dt.date, dt.date, int]:
        ends, months = self.value("ends"), int(self.value("months"))
        return dates.add_months(ends, 1 - months), dates.last_of_month(ends.year, ends.month), months


class LiabilityForm(ReportForm):
    """At the end of which date, of which tier."""

    date = day_field(gettext_lazy("At the end of"), required=False)
    tier = forms.ChoiceField(required=False, label=gettext_lazy("Tier"))

    def clean_date(self) -> dt.date | None:
        """Will refuse today, which is asked for by leaving it out, for it is not over."""
        return self._known(self.cleaned_data.get("date"), self.today - dt.timedelta(days=1))

    def asked(self) -> LiabilityAsked:
        """Will return the date and the tier."""
        return LiabilityAsked(self.value("date"), self.value("tier"))


class MovementForm(ReportForm):
    """By month over so many of them, or the days of one."""

    defaults: ClassVar[Mapping[str, str]] = {"by": "month", "months": "12"}

    by = forms.ChoiceField(
        label=gettext_lazy("By"), choices=[("month", gettext_lazy("Month")), ("day", gettext_lazy("Day"))]
    )
    ends = MonthField(label=gettext_lazy("Through the month"))
    months = forms.ChoiceField(label=gettext_lazy("Range, by month"), choices=MONTHS)

    def asked(self) -> MovementAsked:
        """Will return the period."""
        starts_on, ends_on, _months = self._months()
        by_day = self.value("by") == "day"
        return MovementAsked(ends_on.replace(day=1) if by_day else starts_on, ends_on, by_day)


class BreakageForm(ReportForm):
    """Through which month; the running one is not over, so it is left out."""

    ends = MonthField(label=gettext_lazy("Through the month"))

    def last_month(self) -> dt.date:
        """Will return the first date of the last month that is over."""
        return dates.add_months(self.today.replace(day=1), -1)

    def asked(self) -> BreakageAsked:
        """Will return the month."""
        ends = self.value("ends")
        return BreakageAsked(dates.last_of_month(ends.year, ends.month))


class SpendingForm(ReportForm):
    """So many months through one, of which tier."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "12"}

    ends = MonthField(label=gettext_lazy("Through the month"))
    months = forms.ChoiceField(label=gettext_lazy("Range"), choices=MONTHS)
    tier = forms.ChoiceField(required=False, label=gettext_lazy("Tier"))

    def asked(self) -> SpendingAsked:
        """Will return the period and the tier."""
        starts_on, ends_on, months = self._months()
        return SpendingAsked(starts_on, ends_on, months, self.value("tier"))


@dataclass(frozen=True)
class StandingsAsked:
    """The ends of so many months, and now."""

    months: int


@dataclass(frozen=True)
class MigrationAsked:
    """From the end of one date to the end of another, None for now."""

    starts: dt.date
    date: dt.date | None


@dataclass(frozen=True)
class StaysAsked:
    """The dates on which the stays began, both inclusive, so many whole months."""

    starts_on: dt.date
    ends_on: dt.date
    months: int


@dataclass(frozen=True)
class RiskAsked:
    """Within how many days validity or grace ends, of which tier, empty for all, and from which row on.

    `whole` asks for all rows.
    """

    days: int
    tier: str
    after: Place | None = None
    before: Place | None = None
    whole: bool = False


@dataclass(frozen=True)
class EconomicsAsked:
    """So many months up to a date, both whole."""

    starts_on: dt.date
    ends_on: dt.date
    months: int


@dataclass(frozen=True)
class EffectAsked:
    """From when to when, whole months, both dates inclusive; `margin` is the share of what is spent that is earned."""

    starts_on: dt.date
    ends_on: dt.date
    margin: Decimal


class StandingsForm(ReportForm):
    """Over how many months."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "12"}

    months = forms.ChoiceField(label=gettext_lazy("Range"), choices=MONTHS)

    def asked(self) -> StandingsAsked:
        """Will return how many months."""
        return StandingsAsked(int(self.value("months")))


def _year_before(text: str, today: dt.date) -> str:
    """Will return the date a year before one in an address, before today where it cannot be read."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        date = today
    return dates.add_years(max(date, dates.add_years(EARLIEST, 1)), -1).isoformat()


class MigrationForm(ReportForm):
    """From the end of which date to the end of which other one."""

    starts = day_field(gettext_lazy("From the end of"))
    date = day_field(gettext_lazy("To the end of"), required=False, help_text=gettext_lazy("Empty is now."))

    def __init__(self, data: Mapping[str, str], *, today: dt.date, **options: Any) -> None:
        given = {name: value for name, value in data.items() if value}
        super().__init__({"starts": _year_before(data.get("date", ""), today), **given}, today=today, **options)

    def default(self, name: str) -> str:
        """Will look from a year before today."""
        return _year_before("", self.today) if name == "starts" else super().default(name)

    def clean_starts(self) -> dt.date | None:
        """Will refuse a date of which nothing can be known."""
        return self._known(self.cleaned_data.get("starts"), self.today - dt.timedelta(days=1))

    def clean_date(self) -> dt.date | None:
        """Will refuse today, which is asked for by leaving it out, and what is not later than the other date."""
        date = self._known(self.cleaned_data.get("date"), self.today - dt.timedelta(days=1))
        starts = self.cleaned_data.get("starts")
        if date and starts and date <= starts:
            raise forms.ValidationError(_("Choose a date after the one from which to look."))
        return date

    def asked(self) -> MigrationAsked:
        """Will return both dates."""
        return MigrationAsked(self.value("starts"), self.value("date"))


class StaysForm(ReportForm):
    """In which months the stays began."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "36"}

    ends = MonthField(label=gettext_lazy("Began through the month"))
    months = forms.ChoiceField(label=gettext_lazy("Range"), choices=MONTHS)

    def asked(self) -> StaysAsked:
        """Will return the period."""
        return StaysAsked(*self._months())


class RiskForm(ReportForm):
    """Within how many days, of which tier; `is_whole` is set for a file, which has all rows."""

    defaults: ClassVar[Mapping[str, str]] = {"days": "60"}

    days = forms.ChoiceField(
        label=gettext_lazy("Ends within"),
        choices=(("30", gettext_lazy("30 days")), ("60", gettext_lazy("60 days")), ("90", gettext_lazy("90 days"))),
    )
    tier = forms.ChoiceField(required=False, label=gettext_lazy("Tier"))

    def __init__(self, data: Mapping[str, str], **options: Any) -> None:
        super().__init__(data, **options)
        self.after, self.before = (read_place(data.get(name, "")) for name in ("after", "before"))

    def asked(self) -> RiskAsked:
        """Will return the days and the tier, and the place unless all rows are asked for."""
        days, tier = int(self.value("days")), self.value("tier")
        return RiskAsked(days, tier, whole=True) if self.is_whole else RiskAsked(days, tier, self.after, self.before)


class EconomicsForm(ReportForm):
    """So many months through one."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "12"}

    ends = MonthField(label=gettext_lazy("Through the month"))
    months = forms.ChoiceField(label=gettext_lazy("Range"), choices=MONTHS)

    def asked(self) -> EconomicsAsked:
        """Will return the period."""
        return EconomicsAsked(*self._months())


class EffectForm(ReportForm):
    """So many months through one, as few as one, and the gross margin to reckon with."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "3", "margin": "30"}

    ends = MonthField(label=gettext_lazy("Through the month"))
    months = forms.ChoiceField(
        label=gettext_lazy("Range"),
        choices=(
            ("1", gettext_lazy("1 month")),
            ("3", gettext_lazy("3 months")),
            ("6", gettext_lazy("6 months")),
            ("12", gettext_lazy("12 months")),
        ),
    )
    margin = forms.IntegerField(
        label=gettext_lazy("Gross margin, %"),
        min_value=1,
        max_value=100,
        error_messages=dict.fromkeys(
            ("invalid", "min_value", "max_value"), gettext_lazy("Write a whole number from 1 to 100.")
        ),
    )

    def asked(self) -> EffectAsked:
        """Will return the period and the margin as a share."""
        starts_on, ends_on, _months = self._months()
        return EffectAsked(starts_on, ends_on, Decimal(self.value("margin")) / 100)


class CampaignsForm(ReportForm):
    """Started in so many months through one."""

    defaults: ClassVar[Mapping[str, str]] = {"months": "12"}

    ends = MonthField(label=gettext_lazy("Through the month"))
    months = forms.ChoiceField(label=gettext_lazy("Range"), choices=MONTHS)

    def asked(self) -> CampaignsAsked:
        """Will return the period."""
        starts_on, ends_on, _months = self._months()
        return CampaignsAsked(starts_on, ends_on)
