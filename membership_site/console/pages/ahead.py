"""Looking ahead for a member: what comes of his tier by itself, and what an order would change."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from membership_site import formats
from membership_site.console.pages.words import Badge, badge
from membership_site.flows import looked_ahead
from membership_site.flows.looked_ahead import Outlook
from tiers import wording as tiers_wording
from tiers.wording import Marked

ROWS = 80


@dataclass(frozen=True)
class Row:
    """A date, and what happens on it, one line each."""

    date: dt.date
    marks: tuple[Marked, ...]


@dataclass(frozen=True)
class AheadPage:
    """The page as the template shows it; `answer` says what the order would change, `outlook` what comes by itself."""

    tier: Badge
    upto: dt.date
    answer: tuple[str, ...]
    outlook: tuple[str, ...]
    end: Badge
    end_until: dt.date | None
    rows: tuple[Row, ...]
    is_more: bool


def ahead_page(
    member_id: int, at: dt.datetime, spend: Decimal | None, on: dt.date | None, upto: dt.date | None
) -> AheadPage:
    """Will look ahead as asked. At most fourteen queries; raises NoStanding."""
    outlook = looked_ahead.look(member_id=member_id, at=at, spend=spend, on=on, upto=upto)
    shown = outlook.doing or outlook.nothing
    rows = _rows(outlook)
    return AheadPage(
        tier=badge(outlook.tiers[outlook.stand.held.tier_id]),
        upto=outlook.upto,
        answer=_answer(outlook),
        outlook=tiers_wording.fall_words(outlook.fall, outlook.today, formats) if outlook.fall else (),
        end=badge(shown.tier),
        end_until=shown.grace or shown.until,
        rows=rows[:ROWS],
        is_more=len(rows) > ROWS,
    )


def _answer(outlook: Outlook) -> tuple[str, ...]:
    if outlook.answer is None:
        return ()
    held = outlook.tiers[outlook.stand.held.tier_id]
    return tiers_wording.answer_words(outlook.answer, outlook.tiers, held, formats)


def _rows(outlook: Outlook) -> tuple[Row, ...]:
    deed = (outlook.answer.deed.counts_on, outlook.answer.deed.spend) if outlook.answer else None
    by_date: dict[dt.date, list[Marked]] = {}
    for mark in tiers_wording.marks(outlook.doing or outlook.nothing, deed, formats):
        by_date.setdefault(mark.date, []).append(mark)
    return tuple(Row(date, tuple(marks)) for date, marks in by_date.items())
