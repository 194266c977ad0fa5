"""What will come in words: what an order changes, and the dates on which something happens."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from django.utils.translation import gettext as _

from kit.formats import Formats
from tiers.enums import DecisionKind
from tiers.rules import Leaving, WhatIf
from tiers.wording.decisions import Decided, NamedTier, amount, decision_title, tier_name
from tiers.wording.falls import missing_words

Way = tuple[str, Decimal, Decimal]


class Coming(Protocol):
    """What words need of what will come; tiers.queries.Future is one."""

    @property
    def decisions(self) -> Sequence[Decided]:
        """What will be decided, in order."""

    @property
    def leaving(self) -> Sequence[Leaving]:
        """What stops counting."""

    @property
    def turns(self) -> Sequence[dt.date]:
        """When another version of the ladder begins."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A date on which something happens, in words; `tone` is good or bad for the member, or neither."""

    date: dt.date
    words: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class MarkedDate:
    """A date, and what happens on it, one line each."""

    date: dt.date
    marks: tuple[Marked, ...]


def answer_words(found: WhatIf, tiers: Mapping[int, NamedTier], held: NamedTier, formats: Formats) -> tuple[str, ...]:
    """Will say what an order changes: whether it reaches the next tier, and whether it keeps the one that is held."""
    words = {"amount": formats.money0(found.deed.spend), "date": formats.cal(found.deed.counts_on)}
    return (*_rise_words(found, tiers, words, formats), *_keep_words(found, tiers, held, formats))


def marked_dates(coming: Coming, deed: tuple[dt.date, Decimal] | None, formats: Formats) -> tuple[MarkedDate, ...]:
    """Will list the dates on which something happens, in order: orders that stop counting, ends, rises, versions."""
    found = []
    if deed:  # before what it brings
        found.append(Marked(deed[0], _("An order of %(amount)s") % {"amount": formats.money0(deed[1])}))
    found += [*_decided(coming.decisions, formats), *_left(coming.leaving, formats)]
    found += [Marked(date, _("New rules of the tiers begin")) for date in coming.turns]
    by_date = groupby(sorted(found, key=attrgetter("date")), key=attrgetter("date"))
    return tuple(MarkedDate(date, tuple(marks)) for date, marks in by_date)


# ---- leaves


def _rise_words(
    found: WhatIf, tiers: Mapping[int, NamedTier], words: Mapping[str, str], formats: Formats
) -> Iterator[str]:
    if found.rise:
        told = {**words, "tier": tier_name(tiers[found.rise.rung.tier_id]), "since": formats.cal(found.rise.since)}
        if found.rise.since == found.deed.counts_on:
            yield _("An order of %(amount)s on %(date)s brings %(tier)s at once.") % told
        else:
            yield _("An order of %(amount)s on %(date)s brings %(tier)s from %(since)s on.") % told
    elif found.above:
        told = {**words, "tier": tier_name(tiers[found.above.tier_id])}
        told["missing"] = formats.listing([missing_words(*way[::2], formats) for way in _needed(found)])
        yield _("An order of %(amount)s on %(date)s does not reach %(tier)s: %(missing)s more are needed then.") % told


def _keep_words(found: WhatIf, tiers: Mapping[int, NamedTier], held: NamedTier, formats: Formats) -> Iterator[str]:
    told = {"tier": tier_name(held)}
    if found.fall:
        told |= {"date": formats.cal(found.fall.ends_on), "to": tier_name(tiers[found.fall.to.tier_id])}
        yield _("It does not keep %(tier)s after %(date)s: %(to)s would follow.") % told
    elif found.fall_without:
        told |= {"date": formats.cal(found.fall_without.ends_on)}
        yield _("It keeps %(tier)s after %(date)s, which nothing does without it.") % told


def _needed(found: WhatIf) -> Sequence[Way]:
    """All that is missing where all is needed, or the way of which the largest share is done."""
    if found.missing_all:
        return [way for way in found.missing if way[2]]
    return sorted(found.missing, key=lambda way: way[2] / way[1] if way[1] else Decimal(0))[:1]


def _decided(decisions: Sequence[Decided], formats: Formats) -> Iterator[Marked]:
    tones = {
        DecisionKind.UPGRADE: "good",
        DecisionKind.RENEWAL: "good",
        DecisionKind.SCHEDULED: "good",
        DecisionKind.EXTENDED: "good",
        DecisionKind.GRACE: "warn",
        DecisionKind.DOWNGRADE: "bad",
    }
    for decision in decisions:
        title, until = decision_title(decision, formats), decision.grace_date or decision.until_date
        if until and decision.kind != DecisionKind.SCHEDULED:
            title = _("%(what)s, until %(date)s") % {"what": title, "date": formats.cal(until)}
        yield Marked(decision.business_date, title, tones.get(DecisionKind(decision.kind), ""))


def _left(leaving: Sequence[Leaving], formats: Formats) -> Iterator[Marked]:
    for gone in leaving:
        parts = [
            amount(metric, Decimal(getattr(gone, metric)), formats)
            for metric in ("spend", "orders", "growth")
            if getattr(gone, metric) > 0
        ]
        if parts:
            yield Marked(gone.date, _("%(amounts)s stop counting") % {"amounts": formats.listing(parts)})
