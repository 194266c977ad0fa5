"""The one decision: after an event, at night, and when the order that granted a tier comes back."""

import datetime as dt
from dataclasses import dataclass, field, replace
from decimal import Decimal

from tiers.enums import AtEnd, DecisionKind, Occasion, OnRefund, Start
from tiers.rules.facts import Facts
from tiers.rules.ladder import LadderTerms, Reached, Requirement, Rung, earned, met, rank_of
from tiers.rules.position import Grant, Next, Position, place_in

MORROW = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Measure:
    """A version of the ladder, what counts under it on the date, and when the member joined."""

    terms: LadderTerms
    facts: Facts
    joined: dt.date = dt.date.min

    def window_start(self, on: dt.date) -> dt.date:
        """Will return the first date that counted."""
        return self.terms.window_start(on, None if self.joined == dt.date.min else self.joined)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """On what occasion, on which date, by what cause; `returned` is the key of the order that came back."""

    occasion: Occasion
    on: dt.date
    cause: str = ""
    returned: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was decided: the new position, and what made it (nothing for a fall or grace).

    `terms` is the version that the position's ranks are of, `measure` the version that decided with what counted under
    it, and `asked` the requirement that was met, or was not.
    """

    kind: DecisionKind
    position: Position
    reached_by: str = ""
    threshold: Decimal | None = None
    asked: Requirement | None = field(default=None, compare=False)
    measure: Measure | None = field(default=None, compare=False)
    terms: LadderTerms | None = field(default=None, compare=False)


def join(on: dt.date) -> Outcome:
    """Will place a new member on the lowest tier."""
    return Outcome(DecisionKind.JOINED, Position(rank=0, since=on))


def after_event(position: Position, facts: Facts, terms: LadderTerms, on: dt.date) -> Outcome | None:
    """Will decide after an order or a growth entry, all under one version of the ladder."""
    return decide(position, Occurrence(Occasion.EVENT, on), Measure(terms, facts))


def at_night(position: Position, facts: Facts, terms: LadderTerms, on: dt.date) -> Outcome | None:
    """Will decide at the end of a business date, all under one version of the ladder."""
    return decide(position, Occurrence(Occasion.NIGHT, on), Measure(terms, facts))


def decide(position: Position, what: Occurrence, now: Measure, own: Measure | None = None) -> Outcome | None:
    """Will decide one thing, or nothing: None. To be asked again at night as long as something is due.

    `now` is the version in force on the date, `own` the one the position was granted under (and its ranks are of),
    where that is another. Everybody rises under the version in force. He keeps or loses his tier under the version in
    force too, but not before its notice has run out: until then under his own.

    An event raises, or keeps a tier in grace. A night also begins what was to begin, ends what was given, and ends
    validity and grace. A return first looks whether it takes back what it had granted.
    """
    own = own or now
    here, is_gone = place_in(now.terms, position, own.terms)
    if begun := _begin(here, what, now):
        return begun
    if what.occasion is Occasion.REFUND:
        if withdrawn := _withdraw(position, here, what, now, own):
            return withdrawn
        if fallen := _take_back(here, what, now):
            return fallen
    if risen := _rise(position, here, what, now, own):
        return risen
    if here.hold:
        return end_hold(here, what, now) if what.occasion is Occasion.NIGHT and here.hold.until <= what.on else None
    if own.terms.version_id != now.terms.version_id and what.on < now.terms.notice_ends:
        return _last(position, what, own)
    if is_gone:
        return _leave(here, what, now)
    return _last(here, what, now)


# ---- up


def _rise(position: Position, here: Position, what: Occurrence, now: Measure, own: Measure) -> Outcome | None:
    terms, on = now.terms, what.on
    if terms.start is Start.NEXT_PERIOD and what.occasion is not Occasion.NIGHT and here.due and here.due < on:
        return None  # a night is missing; it decides that first, and then sees what was reached, as of this date
    above = max(here.rank, rank_of(terms, here.next.rung) if here.next else 0)
    if here.hold:  # what is earned wins over what was given where it is higher, or as high and lasts longer
        lasts = terms.start is Start.AT_ONCE and terms.valid_through(on) > here.hold.until
        above = max(above, rank_of(terms, here.hold.rung) - lasts)
    rank, reached = earned(terms, now.facts, above, here.peak)
    if reached is None:
        return None
    if terms.start is Start.NEXT_PERIOD:
        upcoming = Next(terms.rungs[rank], terms.next_period(on, now.joined), what.cause)
        later = _outcome(DecisionKind.SCHEDULED, replace(position, next=upcoming), now, rank, reached, here.peak)
        return replace(later, terms=own.terms)
    return _outcome(DecisionKind.UPGRADE, _granted(here, rank, on, now, what.cause), now, rank, reached, here.peak)


def _granted(here: Position, rank: int, since: dt.date, now: Measure, cause: str) -> Position:
    """A tier that was reached; it restarts validity, and replaces what was given."""
    before = Grant(cause, here.rank, here.until)
    until = now.terms.valid_through(since) if rank else None
    return Position(rank, since, until, highest=max(here.peak, rank), grant=before)


def _begin(here: Position, what: Occurrence, now: Measure) -> Outcome | None:
    """An upgrade begins with its date; the night before sees to it, so that it holds from the first instant."""
    upcoming = here.next
    if upcoming is None or here.hold:
        return None
    if upcoming.on > (what.on + MORROW if what.occasion is Occasion.NIGHT else what.on):
        return None
    rank = max(rank_of(now.terms, upcoming.rung), here.rank)
    return _outcome(DecisionKind.UPGRADE, _granted(here, rank, upcoming.on, now, upcoming.cause), now)


# ---- kept, or not


def _last(here: Position, what: Occurrence, judge: Measure) -> Outcome | None:
    """Will keep, extend, give grace or let fall, under the version that judges, of which the position's ranks are."""
    if here.until is None:
        return None
    in_grace = here.grace is not None
    if what.occasion is not Occasion.NIGHT:
        return _renewal(here, what.on, judge) if here.grace is not None and what.on <= here.grace else None
    if (here.grace or here.until) > what.on and not in_grace:
        return None
    if kept := _renewal(here, what.on, judge):
        return kept
    if _is_never_lost(judge.terms, here.rank):
        return _extension(here, what.on, judge)
    if not in_grace:
        grace = judge.terms.grace_through(here.until)
        return _outcome(DecisionKind.GRACE, replace(here, grace=grace), judge, asked=_rung(judge, here).keep)
    return _fall(here, what.on, judge) if here.grace is not None and here.grace <= what.on else None


def _renewal(here: Position, on: dt.date, judge: Measure) -> Outcome | None:
    reached = met(_rung(judge, here).keep, judge.facts)
    if reached is None or here.until is None:
        return None
    renewed = replace(here, until=_extended(judge.terms, here.until, on), grace=None)
    return _outcome(DecisionKind.RENEWAL, renewed, judge, None, reached, asked=_rung(judge, here).keep)


def _extension(here: Position, on: dt.date, judge: Measure) -> Outcome | None:
    if here.until is None:
        return None
    longer = replace(here, until=_extended(judge.terms, here.until, on), grace=None)
    return _outcome(DecisionKind.EXTENDED, longer, judge, asked=_rung(judge, here).keep)


def _fall(here: Position, on: dt.date, judge: Measure) -> Outcome:
    """Will let a tier go that was not kept: one step or to the tier earned then, never past one that is never lost."""
    terms = judge.terms
    rank, reached = earned(terms, judge.facts)
    if terms.at_end is AtEnd.ONE_STEP:
        rank = max(rank, _step_below(terms, here.rank))
    rank = max(rank, _floor(terms, here.rank))
    if rank >= here.rank:  # asked more to keep it than to reach it, and reached it again
        again = replace(here, until=terms.valid_through(on), grace=None)
        return _outcome(DecisionKind.RENEWAL, again, judge, here.rank, reached)
    return _lower(DecisionKind.DOWNGRADE, here, rank, on, judge)


def _leave(here: Position, what: Occurrence, now: Measure) -> Outcome | None:
    """Will let a tier go that the ladder does not have any more, at the end of its validity."""
    ends = here.grace or here.until
    if ends is None or what.occasion is not Occasion.NIGHT or ends > what.on:
        return None
    return _lower(DecisionKind.DOWNGRADE, here, here.rank, what.on, now)


def _lower(kind: DecisionKind, here: Position, rank: int, on: dt.date, now: Measure) -> Outcome:
    reached = met(now.terms.rungs[rank].reach, now.facts) if rank else None
    until = now.terms.valid_through(on) if rank else None
    fallen = Position(rank, on, until, next=here.next, highest=here.peak)
    return _outcome(kind, fallen, now, rank, reached)


# ---- given, and taken back


def end_hold(here: Position, what: Occurrence, now: Measure) -> Outcome:
    """Will end what was given: the tier earned before, where it is still valid, else what is earned now."""
    on = what.on
    earlier = replace(here, hold=None)
    ends = here.grace or here.until
    if here.rank and (ends is None or ends < on):
        earlier = Position(0, on, highest=here.peak, next=here.next)
    if earlier.next and earlier.next.on <= on + MORROW:
        upcoming = earlier.next
        begun = max(rank_of(now.terms, upcoming.rung), earlier.rank)
        earlier = _granted(earlier, begun, upcoming.on, now, upcoming.cause)
    rank, reached = earned(now.terms, now.facts, earlier.rank, here.peak)
    if reached:
        earlier = _granted(earlier, rank, on, now, what.cause)
    return _outcome(DecisionKind.ENDED, earlier, now, rank if reached else None, reached, here.peak)


def _withdraw(position: Position, here: Position, what: Occurrence, now: Measure, own: Measure) -> Outcome | None:
    """Will call off an upgrade that has not begun and that a returned order had reached."""
    if now.terms.on_refund is not OnRefund.RE_EVALUATE or here.next is None:
        return None
    if not _is_of(here.next.cause, what.returned):
        return None
    rank, _ = earned(now.terms, now.facts, here.rank, here.peak)
    if rank >= rank_of(now.terms, here.next.rung):
        return None
    return replace(_outcome(DecisionKind.WITHDRAWN, replace(position, next=None), now), terms=own.terms)


def _take_back(here: Position, what: Occurrence, now: Measure) -> Outcome | None:
    """Will take back the tier that a returned order had raised to, inside the protection and where the ladder says so.

    What he had before comes back with its dates where it is still valid, else he stands where he has earned it now.
    """
    terms, on = now.terms, what.on
    if terms.on_refund is not OnRefund.RE_EVALUATE or here.hold:
        return None
    grant = here.grant
    if grant is None or not _is_of(grant.cause, what.returned):
        return None
    if on > here.since + dt.timedelta(days=terms.protection_days):
        return None
    rank, _ = earned(terms, now.facts)
    stood = grant.rank_before if grant.until_before is None or grant.until_before >= on else 0
    if max(rank, stood) >= here.rank:
        return None
    if stood >= rank:
        back = Position(stood, on, grant.until_before if stood else None, next=here.next, highest=here.peak)
        return _outcome(DecisionKind.RE_EVALUATED, back, now, asked=terms.rungs[here.rank].reach)
    return _lower(DecisionKind.RE_EVALUATED, here, rank, on, now)


# ---- leaves


def _outcome(
    kind: DecisionKind,
    position: Position,
    measure: Measure,
    rank: int | None = None,
    reached: Reached | None = None,
    highest: int = 0,
    asked: Requirement | None = None,
) -> Outcome:
    if asked is None and rank is not None and reached:
        asked = measure.terms.rungs[rank].asked_of(highest)
    by, threshold = (reached.by, reached.threshold) if reached else ("", None)
    return Outcome(kind, position, by, threshold, asked, measure, measure.terms)


def _extended(terms: LadderTerms, until: dt.date, on: dt.date) -> dt.date:
    """The first end, counted on from the old one, that lies behind a date: one validity later, or more if late."""
    end = terms.valid_through(until)
    while end <= on:
        end = terms.valid_through(end)
    return end


def _rung(judge: Measure, here: Position) -> Rung:
    return judge.terms.rungs[here.rank]


def _is_never_lost(terms: LadderTerms, rank: int) -> bool:
    return terms.at_end is AtEnd.NEVER or terms.rungs[rank].never_lost


def _step_below(terms: LadderTerms, rank: int) -> int:
    """The next lower rank that is not by invitation."""
    return max((rung.rank for rung in terms.rungs[:rank] if not rung.by_invitation), default=0)


def _floor(terms: LadderTerms, rank: int) -> int:
    """The highest tier below that is never lost once passed."""
    kept = (rung.rank for rung in terms.rungs[:rank] if rung.never_lost and not rung.by_invitation)
    return max(kept, default=0)


def _is_of(cause: str, order_key: str) -> bool:
    return bool(order_key) and (cause == order_key or cause.startswith(f"{order_key}:"))
