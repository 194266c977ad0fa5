"""What a member's tier gives: what he has now and how much is left of it, and all tiers beside one another."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.urls import reverse

from benefits import queries as benefits_queries
from benefits.enums import BookingState
from benefits.queries import BookingRow, Usable
from benefits.rules.matrix import Benefit, Matrix
from benefits.wording import matrix as wording
from benefits.wording.words import Words, spoken
from kit import clock
from membership_site import formats
from membership_site.portal.pages.standing import TierBadge, badge
from tiers import queries as tiers_queries


@dataclass(frozen=True)
class Having:
    """A benefit that the member has now: what it says, how much is left, and where it is asked for."""

    name: str
    words: str
    about: str
    left: str
    is_used_up: bool
    book_url: str


@dataclass(frozen=True)
class Asked:
    """What the member asked for, and the answer."""

    id: int
    name: str
    state: str
    wanted_at: dt.datetime | None
    asked_at: dt.datetime
    note: str
    answer: str
    may_cancel: bool


@dataclass(frozen=True)
class BenefitsPage:
    """What the member has and asked for; `tier` is the name of his tier, empty where he has not joined."""

    tier: TierBadge | None
    having: tuple[Having, ...]
    asked: tuple[Asked, ...]


@dataclass(frozen=True)
class Column:
    """A tier of the comparison; on a phone only those `near` are shown: his own and the one beside it."""

    code: str
    tier: TierBadge
    is_own: bool
    is_near: bool


@dataclass(frozen=True)
class Cell:
    """What a benefit is to one tier; empty where that has it not."""

    words: str
    is_own: bool
    is_near: bool


@dataclass(frozen=True)
class Row:
    """A benefit and what it is to each tier."""

    name: str
    about: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class ComparePage:
    """All tiers of the main ladder beside one another."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    beside: str


@dataclass(frozen=True)
class BookPage:
    """A benefit that is asked for: how often still, and how many places are left for all together."""

    code: str
    name: str
    about: str
    left: str
    is_used_up: bool


# ---- pages


def benefits_page(member_id: int, at: dt.datetime) -> BenefitsPage:
    """Will assemble what a member has at an instant. At most thirteen queries."""
    today = clock.business_date(at)
    usable, matrix = benefits_queries.usable(member_id, at), benefits_queries.matrix_on(today)
    tiers = {tier.code: tier for tier in tiers_queries.tiers_of_ladder(today)}
    held = tiers_queries.held_tiers(member_id).get(tiers_queries.MAIN)
    own = tiers.get(held.code) if held else None
    words = words_of(tiers.values())
    return BenefitsPage(
        tier=badge(own) if own else None,
        having=tuple(_having(one, words) for one in usable),
        asked=tuple(_asked(row, matrix) for row in benefits_queries.bookings_of(member_id)),
    )


def compare_page(member_id: int, beside: str, at: dt.datetime) -> ComparePage:
    """Will assemble the comparison; `beside` is the tier that a phone shows beside his own. Seven queries."""
    today = clock.business_date(at)
    tiers = tiers_queries.tiers_of_ladder(today)
    held = tiers_queries.held_tiers(member_id).get(tiers_queries.MAIN)
    codes = [tier.code for tier in tiers]
    own = held.code if held and held.code in codes else codes[0]
    if beside not in codes or beside == own:
        place = codes.index(own)
        beside = codes[place + 1] if place + 1 < len(codes) else codes[max(place - 1, 0)]
    words = words_of(tiers)
    matrix = benefits_queries.matrix_on(today)
    shown = [one for one in matrix.benefits if one.ladder == tiers_queries.MAIN and _is_somebodys(one, codes)]
    return ComparePage(
        columns=tuple(Column(tier.code, badge(tier), tier.code == own, tier.code in (own, beside)) for tier in tiers),
        rows=tuple(_row(one, codes, (own, beside), words) for one in shown),
        beside=beside,
    )


def book_page(member_id: int, code: str, at: dt.datetime) -> BookPage | None:
    """Will assemble a benefit that a member may ask for; None where he may not. Seven queries."""
    found = [one for one in benefits_queries.usable(member_id, at) if one.benefit.code == code]
    if not found or not found[0].cell.is_booked():
        return None
    one = found[0]
    return BookPage(
        code=code,
        name=wording.benefit_name(one.benefit),
        about=spoken(one.benefit.says),
        left=wording.left_words(one.left, one.until, formats),
        is_used_up=not one.is_usable,
    )


def words_of(tiers: Iterable[tiers_queries.TierView]) -> Words:
    """Will return what the words of cells are made of. Three queries."""
    named = benefits_queries.nameable()
    multipliers = {tier.code: tier.multiplier for tier in tiers}
    return Words(formats, named.coupons, named.items, named.pools, multipliers)


# ---- leaves


def _having(one: Usable, words: Words) -> Having:
    benefit = one.benefit
    is_booked = one.is_usable and one.cell.is_booked()
    return Having(
        name=wording.benefit_name(benefit),
        words=wording.having_words(benefit, one.cell, one.tier, words),
        about=spoken(benefit.says),
        left=wording.left_words(one.left, one.until, formats),
        is_used_up=not one.is_usable,
        book_url=reverse("portal:book", args=[benefit.code]) if is_booked else "",
    )


def _asked(row: BookingRow, matrix: Matrix) -> Asked:
    benefit = matrix.find(row.benefit)
    return Asked(
        id=row.id,
        name=wording.benefit_name(benefit) if benefit else row.benefit,
        state=wording.booking_state(row.state),
        wanted_at=row.wanted_at,
        asked_at=row.asked_at,
        note=row.note,
        answer=row.answer,
        may_cancel=row.state is BookingState.ASKED,
    )


def _is_somebodys(benefit: Benefit, codes: Sequence[str]) -> bool:
    return any(benefit.cell_of(code) is not None for code in codes)


def _row(benefit: Benefit, codes: Sequence[str], near: tuple[str, str], words: Words) -> Row:
    about = spoken(benefit.says) or wording.when_words(benefit, formats)
    cells = tuple(Cell(wording.cell_words(benefit, code, words), code == near[0], code in near) for code in codes)
    return Row(wording.benefit_name(benefit), about, cells)
