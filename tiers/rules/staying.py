"""A fall that comes if nothing more counts, and the least that averts it: goal-seek on the pure decision.

What may be enough is what is missing of any threshold that could keep the tier or raise above it; each is tried by
living the nights with it, and the least that holds is kept.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal

from tiers.enums import Join
from tiers.rules.ahead import DAY, Stand, look_ahead
from tiers.rules.facts import Counted, Facts
from tiers.rules.ladder import METRICS, LadderTerms, Requirement, Rung, rank_in

WARN_DAYS = (60, 30, 7)
"""So many days before the date by which a tier can be kept its member is warned."""
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Way:
    """So much more of each of these metrics, done from one date to another."""

    more: tuple[tuple[str, Decimal], ...]
    since: dt.date
    by: dt.date

    @property
    def money(self) -> Decimal | None:
        """What it takes of money, where that is what it takes: in one order, or in as many as it says."""
        return _money(self.more)


@dataclass(frozen=True, slots=True)
class Fall:
    """A fall that comes if nothing more counts.

    `ends_on` is the last date on which the tier can be kept without a break - of its validity, of its grace, or of what
    was given; `falls_on` the night that lets it go, later where grace follows. `ways` are the least that keep it, those
    of money first: each alone is enough.
    """

    rung: Rung
    to: Rung
    ends_on: dt.date
    falls_on: dt.date
    ways: tuple[Way, ...] = ()


def ends_on(stand: Stand) -> dt.date | None:
    """Will return the last date by which the tier that is held can be kept; None for what has no end."""
    position = stand.position
    return position.hold.until if position.hold else position.grace or position.until


def foresee_fall(stand: Stand, today: dt.date, growth_per_unit: Decimal = Decimal(0)) -> Fall | None:
    """Will return the fall that comes if nothing more counts from today on, with the ways to avert it, or None.

    `growth_per_unit` is the growth value that a unit of money brings.
    """
    fall = fall_after(stand, today)
    return fall and replace(fall, ways=ways_to_stay(stand, today, fall.ends_on, growth_per_unit))


def fall_after(stand: Stand, today: dt.date, deeds: Sequence[Counted] = ()) -> Fall | None:
    """Will return the fall from the tier held today that comes in spite of some deeds, or None."""
    last = ends_on(stand)
    if last is None or last < today:
        return None
    ahead = look_ahead(stand, today, last, deeds)
    falls_on = last
    if ahead.stand.position.grace and ahead.stand.position.grace > last:
        falls_on = ahead.stand.position.grace
        ahead = look_ahead(stand, today, falls_on, deeds)
    if ahead.rank >= ahead.rank_of(stand.held, stand.own):
        return None
    return Fall(stand.held, ahead.stand.held, last, falls_on)


def ways_to_stay(stand: Stand, today: dt.date, last: dt.date, growth_per_unit: Decimal) -> tuple[Way, ...]:
    """Will return the least that keeps a tier to a date and beyond: done on its last day, or sooner where that is less.

    Of ways that are a matter of money the cheapest alone; of each other metric the least.
    """
    seek = _Seek(stand, today, last, growth_per_unit)
    late = seek.least(last)
    found = [Way(more, seek.since(more, last), last) for more in late]
    if today < last:
        sooner = (more for more in seek.least(today) if not any(_is_enough(known, more) for known in late))
        found += [Way(more, today, seek.latest(more)) for more in sooner]
    return tuple(sorted(found, key=lambda way: (way.money is None, way.money or 0, way.by)))


More = tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class _Seek:
    """What is sought: a tier kept from today to a date."""

    stand: Stand
    today: dt.date
    last: dt.date
    growth_per_unit: Decimal

    def least(self, on: dt.date) -> list[More]:
        """Will return the least that, done on a date, keeps the tier; a higher one only where it takes less money."""
        own = self._kept(self._candidates(on, above=False), on)
        higher = self._kept(self._candidates(on, above=True), on)
        cheapest = min((money for more in own + higher if (money := _money(more)) is not None), default=None)
        found = own or higher
        cheaper = [more for more in higher if _money(more) is not None and more not in found]
        return [more for more in found + cheaper if _money(more) in (None, cheapest)]

    def _kept(self, candidates: Iterable[More], on: dt.date) -> list[More]:
        """Those that are enough, but for what another makes needless."""
        kept: list[More] = []
        for more in sorted(candidates, key=lambda more: (len(more), _place(more), more)):
            if not any(_is_enough(known, more) for known in kept) and self.stays(more, on):
                kept.append(more)
        return kept

    def stays(self, more: More, on: dt.date) -> bool:
        """Will say whether so much, done on a date, keeps the tier to the end and without grace."""
        deeds = self._deeds(dict(more), on)
        if deeds is None:
            return False
        ahead = look_ahead(self.stand, self.today, self.last, deeds)
        position = ahead.stand.position
        ends = position.hold.until if position.hold else position.grace or position.until
        goes_on = ends is None or ends > self.last
        return goes_on and not position.grace and ahead.rank >= ahead.rank_of(self.stand.held, self.stand.own)

    def latest(self, more: More) -> dt.date:
        """Will return the last date on which it is still enough, of one from which on it is not."""
        first, beyond = self.today, self.last
        while (beyond - first).days > 1:
            middle = first + (beyond - first) // 2 // DAY * DAY
            first, beyond = (middle, beyond) if self.stays(more, middle) else (first, middle)
        return first

    def since(self, more: More, last: dt.date) -> dt.date:
        """Will return the first date on which it is enough already, of one that is enough on the last."""
        if self.stays(more, self.today):
            return self.today
        before, first = self.today, last
        while (first - before).days > 1:
            middle = before + (first - before) // 2 // DAY * DAY
            before, first = (before, middle) if self.stays(more, middle) else (middle, first)
        return first

    def _candidates(self, on: dt.date, *, above: bool) -> set[More]:
        """What is missing of any threshold that may matter, on the date it is done and on the last."""
        found: set[More] = set()
        for date in {on, self.last}:
            versions = (self.stand.own, self.stand.ladders.on(date), self.stand.ladders.on(self.last))
            for terms in {terms.version_id: terms for terms in versions}.values():
                facts = self.stand.history.facts(terms, date)
                for asked in _asked(self.stand, terms, above):
                    found.update(self._of(asked, facts))
        return found

    def _of(self, asked: Requirement, facts: Facts) -> Iterator[More]:
        missing = {metric: max(need - facts.of(metric), Decimal(0)) for metric, need in asked.ways()}
        if asked.join is Join.ALL and len(missing) > 1:
            yield from self._together({metric: more for metric, more in missing.items() if more})
        else:
            for metric, more in missing.items():
                if more:
                    yield from self._together({metric: more})

    def _together(self, missing: Mapping[str, Decimal]) -> Iterator[More]:
        """One way; growth value that money brings is a matter of money."""
        more = dict(missing)
        if "years" in more:
            return  # time alone brings them
        if "growth" in more and self.growth_per_unit:
            worth = (more.pop("growth") / self.growth_per_unit).quantize(CENT, ROUND_CEILING)
            more["spend"] = max(more.get("spend", Decimal(0)), worth)
        if more.get("orders") == 1 and "spend" in more:
            del more["orders"]  # what is spent is an order
        if more:
            yield tuple((metric, more[metric]) for metric in METRICS if metric in more)

    def _deeds(self, more: Mapping[str, Decimal], on: dt.date) -> list[Counted] | None:
        """What would be counted; None where there are not so many days."""
        spend = more.get("spend", Decimal(0))
        orders = max(int(more.get("orders", 0)), int(spend > 0))
        growth = int(more.get("growth", 0)) + int(spend * self.growth_per_unit)
        deeds = [Counted(on, on, spend, orders, growth, 0, int(more.get("referrals", 0)))]
        taken = {row.counts_on for row in self.stand.history.rows if row.orders or row.events}
        days = int(more.get("active_days", 0))
        date = on
        while days:
            if date < self.today:
                return None
            if date not in taken:
                deeds.append(Counted(date, date, events=1))
                days -= 1
            date -= DAY
        return deeds


def _asked(stand: Stand, terms: LadderTerms, above: bool) -> Iterator[Requirement]:
    """What keeps a tier or reaches it anew under a version; or what raises above it."""
    held, position = stand.held, stand.position
    rank, is_gone = rank_in(terms, stand.own, held.rank)
    if not above and not is_gone and not position.hold:
        yield terms.rungs[rank].keep
    peak = rank_in(terms, stand.own, position.peak)[0]
    for rung in terms.rungs[rank + 1 :] if above else terms.rungs[rank : rank + 1]:
        if rung.rank and not rung.by_invitation:
            yield rung.asked_of(peak)


def _is_enough(known: More, more: More) -> bool:
    """Whether a way is needless because another asks for no more of anything."""
    wanted = dict(more)
    return all(metric in wanted and amount <= wanted[metric] for metric, amount in known)


def _money(more: More) -> Decimal | None:
    asked = dict(more)
    return asked["spend"] if "spend" in asked and asked.keys() <= {"spend", "orders"} else None


def _place(more: More) -> int:
    return METRICS.index(more[0][0])
