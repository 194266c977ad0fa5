"""The staff's pages of rewards: the catalogue with its stocks, gifts, and what is running low."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from benefits.actions import CodeTaken, RewardChanged, TooFew
from benefits.enums import RewardKind
from benefits.queries import GiftRow, ShelfReward
from benefits.rules.lottery import BadPrizes
from benefits.rules.rewards import ANY_TIER, BadReward
from kit import clock
from membership_site import formats
from membership_site.console.forms.rewards import last_date, stock_words
from membership_site.console.pages.words import State
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording


@dataclass(frozen=True)
class PriceRow:
    """A price in words: for whom, how many points; `points` is None for a tier that it is not for."""

    tier: str
    points: int | None


@dataclass(frozen=True)
class PrizeStock:
    """A prize of a draw with its chance and what is left of it."""

    key: str
    name: str
    chance: str
    left: str


@dataclass(frozen=True)
class Row:
    """A reward in the list."""

    code: str
    name: str
    kind: str
    prices: tuple[PriceRow, ...]
    left: str
    can_have: int | None
    is_low: bool
    limit: int | None
    window: str
    state: State
    is_on: bool
    redeemed: int
    points: int


@dataclass(frozen=True)
class GiftLine:
    """A gift in the list."""

    code: str
    name: str
    left: str
    is_low: bool
    waiting: int
    is_archived: bool


@dataclass(frozen=True)
class RewardsPage:
    """The catalogue as the staff see it."""

    rows: tuple[Row, ...]
    gifts: tuple[GiftLine, ...]
    kinds: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RewardPage:
    """A reward to be edited; of a new one only its kind is known."""

    code: str
    title: str
    kind: str
    kind_words: str
    is_draw: bool
    left: str
    can_have: int | None
    prizes: tuple[PrizeStock, ...]


def rewards_page(at: dt.datetime) -> RewardsPage:
    """Will assemble the catalogue. At most ten queries, however many rewards there are."""
    tiers = tier_names(at)
    return RewardsPage(
        rows=tuple(_row(row, tiers, at) for row in benefits_queries.list_rewards(at)),
        gifts=tuple(_gift(row) for row in benefits_queries.list_gifts()),
        kinds=tuple((kind.value, benefits_wording.reward_kind_words(kind)) for kind in RewardKind),
    )


def tier_names(at: dt.datetime) -> list[tuple[str, str]]:
    """Will return (code, name) of the tiers, lowest first. Two queries."""
    tiers = tiers_queries.tiers_of_ladder(clock.business_date(at))
    return [(tier.code, tiers_wording.tier_name(tier)) for tier in tiers]


def _row(row: ShelfReward, tiers: list[tuple[str, str]], at: dt.datetime) -> Row:
    return Row(
        code=row.code,
        name=benefits_wording.named(row.names, row.code),
        kind=benefits_wording.reward_kind_words(row.kind),
        prices=tuple(_prices(row, tiers)),
        left=stock_words(row.left),
        can_have=row.can_have,
        is_low=row.is_on and row.is_low,
        limit=row.member_max,
        window=_window(row),
        state=_state(row, at),
        is_on=row.is_on,
        redeemed=row.redeemed,
        points=row.points,
    )


def _prices(row: ShelfReward, tiers: list[tuple[str, str]]) -> Iterator[PriceRow]:
    """Will yield what it costs whom: one row where all pay alike."""
    named = {code: price for code, price in row.prices.items() if code != ANY_TIER}
    rest = row.prices.get(ANY_TIER)
    for code, name in tiers if named else ():
        yield PriceRow(name, named.get(code, rest))
    if not named:
        yield PriceRow(_("Everybody"), rest)


def _window(row: ShelfReward) -> str:
    last = last_date(row.ends_at)
    if row.starts_at and last:
        return _("%(first)s to %(last)s") % {"first": formats.cal(row.starts_at), "last": formats.cal(last)}
    if row.starts_at:
        return _("from %(date)s") % {"date": formats.cal(row.starts_at)}
    return _("through %(date)s") % {"date": formats.cal(last)} if last else ""


def _state(row: ShelfReward, at: dt.datetime) -> State:
    if not row.is_on:
        return State(_("Off"), "")
    if row.ends_at is not None and row.ends_at <= at:
        return State(_("Over"), "")
    if row.starts_at is not None and row.starts_at > at:
        return State(_("Coming"), "info")
    if row.can_have == 0:
        return State(_("Sold out"), "warn")
    return State(_("Offered"), "good")


def _gift(row: GiftRow) -> GiftLine:
    return GiftLine(
        code=row.code,
        name=benefits_wording.named(row.names, row.code),
        left=stock_words(row.left),
        is_low=row.left is not None and row.left < row.low_water and not row.is_archived,
        waiting=row.waiting,
        is_archived=row.is_archived,
    )


def reward_page(kind: RewardKind, known: ShelfReward | None) -> RewardPage:
    """Will say what is edited. No queries."""
    words = benefits_wording.reward_kind_words(kind)
    return RewardPage(
        code=known.code if known else "",
        title=benefits_wording.named(known.names, known.code) if known else _("New reward: %(kind)s") % {"kind": words},
        kind=kind.value,
        kind_words=words,
        is_draw=kind is RewardKind.DRAW,
        left=stock_words(known.left) if known else "",
        can_have=known.can_have if known else None,
        prizes=tuple(
            PrizeStock(prize.key, benefits_wording.named(prize.names), "", stock_words(prize.left))
            for prize in (known.prizes if known else ())
        ),
    )


def refusal(error: Exception) -> tuple[str, str]:
    """Will return (field, words) of why something was not kept; no field where it is about all of it."""
    match error:
        case BadReward():
            field = error.field.replace("price_*", "price_rest")
            return field, {
                "code": _("Use small letters, digits and hyphens, such as “hand-cream”."),
                "name": _("Give it a name."),
                "window": _("It ends before it starts."),
                "no_price": _("Give a price, for every tier or for one at least."),
                "gives": _("Choose what it gives."),
            }.get(error.code, _("Use a whole number of points from 1."))
        case BadPrizes():
            return _prize_refusal(error)
        case CodeTaken():
            return "code", _("There is one of this short name already. Choose another one.")
        case RewardChanged():
            return "", _("Somebody else changed it meanwhile. Nothing was kept. Open it anew.")
        case TooFew():
            words = ngettext(
                "Only %(n)s is left. Nothing was changed.", "Only %(n)s are left. Nothing was changed.", error.left
            )
            return "by", words % {"n": formats.num(error.left)}
    return "", _("It is not there any more. Nothing was kept.")


def _prize_refusal(error: BadPrizes) -> tuple[str, str]:
    fields = {"name": "name_en", "chance": "chance", "gives": "gives"}
    field = f"prize{error.place}_{fields.get(error.code, 'gives')}" if error.place is not None else ""
    words = {
        "none": _("A draw has a prize or more."),
        "two_rests": _("Only one prize may have the rest of the chances. Give the others a chance."),
        "too_likely": _("The chances come to more than 100%. Lower one."),
        "name": _("Give it a name."),
        "chance": _("Use a percentage above nought, with four decimals at most, for example 2.5."),
        "gives": _("Choose what the prize gives; for points, say how many."),
    }
    return field, words.get(error.code, _("Check the prizes."))


# ---- what needs somebody


@dataclass(frozen=True)
class Low:
    """Something that is running out: words, and where more of it is added."""

    title: str
    words: str
    url: str


def running_low(at: dt.datetime) -> list[Low]:
    """Will name gifts and pools of which fewer are left than the staff want to be told of. One query."""
    found = []
    for low in benefits_queries.running_low(clock.business_date(at)):
        words = _("The codes of “%(name)s” are running out") if low.is_pool else _("“%(name)s” is running out")
        url = reverse("console:pools") if low.is_pool else reverse("console:gift_edit", args=[low.code])
        title = words % {"name": benefits_wording.named(low.names, low.code)}
        found.append(Low(title, _left_words(low.left), url))
    return found


def _left_words(left: int) -> str:
    return ngettext("%(n)s is left.", "%(n)s are left.", left) % {"n": formats.num(left)}
