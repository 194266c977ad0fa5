"""Tiers that are given and not reached, ended early, and validity that is extended as a courtesy."""

import datetime as dt
from dataclasses import replace

from tiers.enums import DecisionKind, HoldKind
from tiers.rules.deciding import Measure, Occurrence, Outcome, end_hold
from tiers.rules.ladder import Rung, rank_of
from tiers.rules.position import Hold, Position, place_in


class NotGiven(Exception):
    """A tier cannot be given, ended or extended like this; `code` says why, nothing was changed."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{message} Nothing was changed.")


def give(
    position: Position, rung: Rung, kind: HoldKind, on: dt.date, until: dt.date, now: Measure, own: Measure
) -> Outcome:
    """Will give a tier of the version in force through a date; what was given before is replaced.

    Raises NotGiven where it has ended already, or is not above what the member has earned.
    """
    if until < on:
        raise NotGiven("ended", "A tier that is given must end today or later.")
    here, _ = place_in(now.terms, position, own.terms)
    lasts = here.until is not None and until > (here.grace or here.until)
    if rung.rank < here.rank or (rung.rank == here.rank and not lasts):
        raise NotGiven("not_higher", "The member has earned this tier or a higher one.")
    again = here.hold if here.hold and rank_of(now.terms, here.hold.rung) == rung.rank else None
    hold = Hold(kind, rung, again.since if again else on, until)
    return Outcome(DecisionKind.GRANTED, replace(position, hold=hold), measure=now, terms=own.terms)


def end_early(position: Position, what: Occurrence, now: Measure, own: Measure) -> Outcome:
    """Will end what was given today, as its last night would have; raises NotGiven where nothing is."""
    here, _ = place_in(now.terms, position, own.terms)
    if here.hold is None:
        raise NotGiven("nothing_given", "The member holds no tier that was given.")
    return end_hold(here, what, now)


def extend(position: Position, until: dt.date, own: Measure) -> Outcome:
    """Will let an earned tier be valid through a later date, out of grace too; no longer than reaching it again would.

    Raises NotGiven.
    """
    if position.hold:
        raise NotGiven("given", "The tier was given; give it again with another end.")
    if position.until is None:
        raise NotGiven("endless", "The lowest tier has no end.")
    if until <= (position.grace or position.until):
        raise NotGiven("not_later", "The tier is valid as long as that already.")
    if until > own.terms.valid_through(position.until):
        raise NotGiven("too_long", "That is longer than reaching the tier again would bring.")
    longer = replace(position, until=until, grace=None)
    return Outcome(DecisionKind.EXTENDED, longer, measure=own, terms=own.terms)
