"""Looking ahead for a member: what comes of his tier by itself, and what an order would change."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from membership_site import formats
from membership_site.console.pages.words import Badge, badge
from membership_site.flows import looked_ahead
from tiers import wording as tiers_wording
from tiers.wording import MarkedDate

ROWS = 80


@dataclass(frozen=True)
class AheadPage:
    """The page as the template shows it; `answer` says what the order would change, `outlook` what comes by itself."""

    tier: Badge
    upto: dt.date
    answer: tuple[str, ...]
    outlook: tuple[str, ...]
    end: Badge
    end_until: dt.date | None
    rows: tuple[MarkedDate, ...]
    is_more: bool


def ahead_page(
    member_id: int, at: dt.datetime, spend: Decimal | None, on: dt.date | None, upto: dt.date | None
) -> AheadPage:
    """Will look ahead as asked. At most fourteen queries; raises NoStanding."""
    outlook = looked_ahead.look(member_id=member_id, at=at, spend=spend, on=on, upto=upto)
    shown, answer = outlook.shown, outlook.answer
    rows = tiers_wording.marked_dates(shown, outlook.order, formats)
    return AheadPage(
        tier=badge(outlook.held),
        upto=outlook.upto,
        answer=tiers_wording.answer_words(answer, outlook.tiers, outlook.held, formats) if answer else (),
        outlook=tiers_wording.fall_words(outlook.fall, outlook.today, formats) if outlook.fall else (),
        end=badge(shown.tier),
        end_until=shown.grace or shown.until,
        rows=rows[:ROWS],
        is_more=len(rows) > ROWS,
    )
