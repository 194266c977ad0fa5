"""The life-cycle of all members: how many are in each stage, who they are, and who will fall asleep soon."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from insights import queries as insights_queries
from insights import wording as insights_wording
from insights.enums import Stage
from kit import clock, paging
from members import queries as members_queries
from membership_site import formats
from membership_site.console.pages.members import member_url

ROWS = 25
DROWSY_DAYS = 14
DROWSY = "drowsy"


@dataclass(frozen=True)
class StageTab:
    """A stage with its count, and where its list is."""

    label: str
    count: int
    url: str
    is_current: bool


@dataclass(frozen=True)
class StageRow:
    """A member of the list."""

    number: str
    name: str
    url: str
    stage: str
    since: dt.date
    active_on: dt.date
    asleep_on: dt.date


@dataclass(frozen=True)
class StagesPage:
    """The page as the template shows it; `older` leads to the next rows."""

    tabs: tuple[StageTab, ...]
    title: str
    rows: tuple[StageRow, ...]
    older: str
    is_first: bool
    days: tuple[tuple[str, str], ...]


def stages_page(data: Mapping[str, str], at: dt.datetime) -> StagesPage:
    """Will assemble the list that the address asks for. At most six queries."""
    today = clock.business_date(at)
    until = today + dt.timedelta(days=DROWSY_DAYS)
    shown = data.get("stage", "") if data.get("stage", "") in {one.value for one in Stage} else DROWSY
    place = paging.read_place(data.get("after", ""))
    if shown == DROWSY:
        after = _after(place)
        found = insights_queries.list_drowsy(today, until, after, ROWS + 1)
        ids, keys = [member_id for _, member_id in found], [date.isoformat() for date, _ in found]
    else:
        ids = insights_queries.list_of_stage(Stage(shown), place.id if place else 0, ROWS + 1)
        keys = ["" for _ in ids]
    older = ""
    if len(ids) > ROWS:
        older = "?" + urlencode({"stage": shown, "after": str(paging.Place(keys[ROWS - 1], ids[ROWS - 1]))})
    tabs = stage_tabs(at, shown)
    return StagesPage(
        tabs=tabs,
        title=next(tab.label for tab in tabs if tab.is_current),
        rows=_rows(ids[:ROWS]),
        older=older,
        is_first=place is None,
        days=_days(today),
    )


def stage_tabs(at: dt.datetime, shown: str = "") -> tuple[StageTab, ...]:
    """Will count the members of each stage, and those who will fall asleep soon. One query."""
    today, base = clock.business_date(at), reverse("console:stages")
    counts, drowsy = insights_queries.count_stages(today, today + dt.timedelta(days=DROWSY_DAYS))
    return (
        StageTab(_drowsy_words(), drowsy, base, shown == DROWSY),
        *(
            StageTab(insights_wording.stage_name(one), counts.get(one, 0), f"{base}?stage={one}", shown == one)
            for one in Stage
        ),
    )


def _drowsy_words() -> str:
    return _("Asleep within %(days)s days") % {"days": formats.num(DROWSY_DAYS)}


def _after(place: paging.Place | None) -> tuple[dt.date, int] | None:
    try:
        return (dt.date.fromisoformat(place.key), place.id) if place else None
    except ValueError:
        return None


def _rows(ids: list[int]) -> tuple[StageRow, ...]:
    members, stages = members_queries.rows_of(ids), insights_queries.stages_of(ids)
    return tuple(
        StageRow(
            number=members[one].number,
            name=members[one].name or _("No name"),
            url=member_url(members[one].number),
            stage=insights_wording.stage_name(stages[one].stage),
            since=stages[one].since,
            active_on=stages[one].active_on,
            asleep_on=stages[one].asleep_on,
        )
        for one in ids
    )


def _days(today: dt.date) -> tuple[tuple[str, str], ...]:
    terms = insights_queries.terms_on(today)
    labels = (
        (_("New"), terms.new_days),
        (_("Asleep"), terms.sleeping_days),
        (_("Lapsed"), terms.lapsed_days),
        (_("Won back"), terms.won_back_days),
    )
    return tuple((label, _("%(days)s days") % {"days": formats.num(days)}) for label, days in labels)
