"""What tiers give, for everybody at night: who is due is found in sets, and where coupons are all, given in sets."""

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

from django.db import transaction

from benefits import actions, queries
from benefits.actions.granting import Due, due
from benefits.enums import BenefitKind, Occasion
from benefits.models import Draw
from benefits.rules import draws, periods
from benefits.rules.matrix import Benefit, Matrix
from benefits.rules.periods import CALENDAR, YEARLY, Period
from kit import clock, sql
from kit.jobs import Chunk, Night
from members import queries as members_queries
from tiers import queries as tiers_queries
from tiers.rules import LadderTerms

ACTOR = "night"
DAY = dt.timedelta(days=1)
MEMBERS_A_CHUNK = 5_000
SEED_BYTES = 32

Ask = Callable[[Sequence[int]], list[Due]]
"""Who of some members is due for one benefit."""


def grant_benefits(night: Night, after: int) -> Iterator[Chunk]:
    """Will give what is due on the date that follows, so that it is there from its first instant.

    The month's, the quarter's, birthdays and anniversaries of that date, by the tiers as they were then held; and what
    the tiers that were reached on the night's own date give. Each once for its period, so missed nights are made up as
    of their dates, and what could not be given before is tried again. Counts what was `given`, and what could `not`.

    Where everything up to the day before is known to be done, only those are looked at whose period begins, or on whose
    tier something was decided on the night's date.
    """
    asked = Asked.of(night.date + DAY, is_slice=night.slice_only)
    asks = list(asked.asks())
    for members in asked.members_above(after) if asks else ():
        found = [one for ask in asks for one in ask(members)]
        given = give_many(found, asked.matrix.version_id, asked.at)
        yield Chunk(members[-1], given, {"given": given, "not": len(found) - given})


def draw_surprises(night: Night, after: int) -> Iterator[Chunk]:
    """Will hold the draws of the period that the following date lies in, each once: tier by tier, from a fresh seed.

    A draw whose prizes cannot all be given is not held; the next night tries again. The seed is kept with a digest of
    the numbers that took part, so that anybody can draw again. Of a period that is over nothing is drawn any more.
    Tiers are numbered for the cursor.
    """
    asked = Asked.of(night.date + DAY)
    surprises = [
        one for one in asked.matrix.benefits if one.is_on and one.kind is BenefitKind.SURPRISE and one.occasion
    ]
    pairs = [(benefit, tier) for benefit in surprises for tier in asked.tiers_of(benefit)]
    for place, (benefit, tier) in enumerate(pairs, 1):
        if place > after:
            yield Chunk(place, asked.draw(benefit, tier), {})


@dataclass(frozen=True)
class Asked:
    """What is asked of everybody on a date: the matrix in force, and who holds a tier at the date's first instant.

    In a slice of a matrix that is not new, members are asked about on whose tier something was decided `since`.
    """

    date: dt.date
    at: dt.datetime
    matrix: Matrix
    tier_codes: Mapping[int, str]
    ladders: Mapping[str, LadderTerms]
    since: dt.datetime | None = None

    @classmethod
    def of(cls, date: dt.date, *, is_slice: bool = False) -> "Asked":
        """Will read what is in force on a date. Two queries, one more for a slice, and one or three a ladder."""
        matrix = queries.matrix_on(date)
        is_known = is_slice and queries.matrix_on(date - DAY).version_id == matrix.version_id
        since = clock.day_start(date - DAY) if is_known else None
        ladders = {code: tiers_queries.terms_on(date, code) for code in {one.ladder for one in matrix.benefits}}
        return cls(date, clock.day_start(date), matrix, tiers_queries.tier_codes(), ladders, since)

    def members_above(self, after: int) -> Iterator[list[int]]:
        """Will yield the ids of those who are asked about, by id and in chunks. One query a chunk; two in a slice.

        In a slice those on whom something was decided and around whose day a window begins, unless a period of the
        calendar begins for everybody.
        """
        begins = [one.period(self.date).starts_on == self.date for one in self.matrix.issued_on(*CALENDAR)]
        if self.since is None or any(begins):
            while members := members_queries.ids_above(after, MEMBERS_A_CHUNK):
                yield members
                if len(members) < MEMBERS_A_CHUNK:
                    return
                after = members[-1]
            return
        touched = set(tiers_queries.decided_since(self.date - DAY))
        days = {self.date + one.window.before * DAY for one in self.matrix.issued_on(*YEARLY)}
        touched.update(members_queries.celebrating(sorted(days)) if days else ())
        few = sorted(member_id for member_id in touched if member_id > after)
        for first in range(0, len(few), MEMBERS_A_CHUNK):
            yield few[first : first + MEMBERS_A_CHUNK]

    def ask(self, name: str, about: Mapping[str, Any], **more: Any) -> list[tuple[Any, ...]]:
        """Will run one of the statements that say who is due; a slice's is asked date after date, and kept planned."""
        fetch = sql.fetch if self.since is None else sql.fetch_prepared
        return fetch("benefits", name, **about, **more)

    def asks(self) -> Iterator[Ask]:
        """Will yield a question for each benefit that may be due."""
        for benefit in self.matrix.issued_on(*CALENDAR, *YEARLY, Occasion.UPGRADE):
            about = self.about(benefit)
            if benefit.occasion in CALENDAR:
                yield partial(self.by_calendar, about, benefit)
            elif benefit.occasion in YEARLY:
                yield partial(self.by_day, about, benefit)
            else:
                yield partial(self.by_upgrade, about, benefit)

    def about(self, benefit: Benefit, *tiers: str) -> dict[str, Any]:
        """Will return the parameters that all questions have: of one tier, or of all that have the benefit."""
        codes = tiers or {code for code in self.tier_codes.values() if benefit.cell_of(code) is not None}
        return {
            "ladder": self.ladders[benefit.ladder].ladder_id,
            "tiers": [tier_id for tier_id, code in self.tier_codes.items() if code in codes],
            "benefit": benefit.code,
            "at": self.at,
        }

    def tiers_of(self, benefit: Benefit) -> list[str]:
        """Will return the tiers of the ladder in force that have a benefit, lowest first."""
        rungs = self.ladders[benefit.ladder].rungs
        return [rung.code for rung in rungs if benefit.cell_of(rung.code) is not None]

    def by_calendar(self, about: Mapping[str, Any], benefit: Benefit, members: Sequence[int]) -> list[Due]:
        """Will find who has not had the month's or the quarter's. One query."""
        period = benefit.period(self.date)
        since = None if period.starts_on == self.date else self.since
        rows = self.ask("due_by_calendar", about, period=period.key, since=since, members=list(members))
        return self.dues(benefit, [(member_id, tier_id, period) for member_id, tier_id in rows])

    def by_day(self, about: Mapping[str, Any], benefit: Benefit, members: Sequence[int]) -> list[Due]:
        """Will find who celebrates about now. One query."""
        days = periods.days_due(benefit.window, self.date)
        occasion = Occasion(benefit.occasion or "")
        rows = self.ask(
            "due_by_day",
            about,
            occasion=occasion,
            days=list(days),
            dates=list(days.values()),
            zone=clock.programme_zone().key,
            since=self.since,
            begins=self.date + benefit.window.before * DAY,
            members=list(members),
        )
        around = [(member_id, tier, periods.celebrated(occasion, day, benefit.window)) for member_id, tier, day in rows]
        return self.dues(benefit, around)

    def by_upgrade(self, about: Mapping[str, Any], benefit: Benefit, members: Sequence[int]) -> list[Due]:
        """Will find who was raised on the night's own date. One query."""
        date = self.date - DAY
        rows = self.ask("due_by_upgrade", about, date=date, members=list(members))
        raised = [
            (member_id, tier_id, periods.upgrade_period(self.tier_codes[tier_id], seq, date))
            for member_id, tier_id, seq in rows
        ]
        return self.dues(benefit, raised)

    def dues(self, benefit: Benefit, rows: Sequence[tuple[int, int, Period]]) -> list[Due]:
        """Will say of each what his tier gives."""
        found = (due(member_id, benefit, self.tier_codes[tier_id], period) for member_id, tier_id, period in rows)
        return [one for one in found if one]

    @transaction.atomic
    def draw(self, benefit: Benefit, tier: str) -> int:
        """Will hold one draw, where it was not held, whole or not at all; returns how many won."""
        period = benefit.period(self.date)
        key = f"{period.key}:{tier}"
        if Draw.objects.filter(benefit=benefit.code, period=key).exists():
            return 0
        everybody = members_queries.ids_above(0, members_queries.last_member_id())
        found = self.by_calendar(self.about(benefit, tier), benefit, everybody)
        names = members_queries.names_of([one.member_id for one in found])
        numbers = {names[one.member_id][0]: one for one in found}
        cell = benefit.cell_of(tier)
        seed, winners = secrets.token_hex(SEED_BYTES), cell.draws(len(numbers)) if cell else 0
        won = draws.draw(seed, list(numbers), winners)
        Draw.objects.create(
            benefit=benefit.code,
            period=key,
            version_id=self.matrix.version_id,
            seed=seed,
            members=len(numbers),
            digest=draws.digest_of(list(numbers)),
            winners=len(won),
            drawn_at=self.at,
        )
        given = give_many([numbers[number] for number in won], self.matrix.version_id, self.at)
        if given < len(won):
            transaction.set_rollback(True)
            return 0
        return given


# ---- giving


def give_many(dues: Sequence[Due], version_id: int, at: dt.datetime) -> int:
    """Will give what is due, as actions.give does one by one; returns how much was given.

    Coupons in sets, by benefit and tier; what has stock or codes one by one, until none is left.
    """
    given = 0
    by_cell = sorted(dues, key=lambda one: (one.benefit.code, one.tier))
    for _, group in groupby(by_cell, key=lambda one: (one.benefit.code, one.tier)):
        # Where none is left the others of this tier would find none either.
        new = actions.give_alike(dues=list(group), version_id=version_id, at=at, actor=ACTOR, stop_when_out=True)
        given += len(new)
    return given
