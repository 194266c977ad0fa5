"""Deciding where one member stands: on joining, after an event, and when what granted his tier comes back."""

import datetime as dt
import json
from decimal import Decimal

from kit import clock
from tiers import queries, rules
from tiers.enums import DecisionKind, Occasion
from tiers.models import Decision, Standing
from tiers.rules.places import PLACE, new_decision, place_of, place_row


def join_everywhere(*, member_id: int, cause: str, at: dt.datetime, actor: str) -> None:
    """Will place a member on the lowest tier of every ladder in force; where he already stands he is left."""
    for ladder in queries.ladders_in_force(clock.business_date(at)):
        join(member_id=member_id, cause=cause, at=at, actor=actor, ladder=ladder)


def join(*, member_id: int, cause: str, at: dt.datetime, actor: str, ladder: str = queries.MAIN) -> None:
    """Will place a member on the lowest tier of a ladder; one who already stands is left."""
    today = clock.business_date(at)
    terms = queries.terms_on(today, ladder)
    if Standing.objects.filter(member_id=member_id, ladder_id=terms.ladder_id).exists():
        return
    measure = queries.measure_on(member_id, terms, today)
    standing = Standing(member_id=member_id, ladder_id=terms.ladder_id, seq=0)
    write(standing, None, rules.join(today), measure, today, cause, at, actor)


def evaluate_everywhere(*, member_id: int, cause: str, at: dt.datetime, actor: str, returned: str = "") -> bool:
    """Will decide on every ladder in force as evaluate does on one, the oldest first, as their locks are always taken.

    On one that began after he joined, and on which the night has not placed him yet, he is placed first. True where he
    was raised on one.
    """
    raised = False
    for ladder in queries.ladders_in_force(clock.business_date(at)):
        if ladder != queries.MAIN:
            join(member_id=member_id, cause="join", at=at, actor=actor, ladder=ladder)
        outcome = evaluate(member_id=member_id, cause=cause, at=at, actor=actor, returned=returned, ladder=ladder)
        raised |= outcome is not None and outcome.kind is DecisionKind.UPGRADE
    return raised


def evaluate(
    *, member_id: int, cause: str, at: dt.datetime, actor: str, returned: str = "", ladder: str = queries.MAIN
) -> rules.Outcome | None:
    """Will decide after an order or a growth entry: up, or kept while in grace; None where nothing changes.

    `returned` is the key of an order of which something came back: where it had granted the tier, the ladder may say
    that it is taken back. Locks the standing. An event that arrives late is evaluated as of the last decision, so that
    no decision goes back in time, and then as of whatever happened since, which it counts together with. Raises
    queries.NoStanding.
    """
    terms = queries.terms_on(clock.business_date(at), ladder)
    standing = locked(member_id, terms.ladder_id)
    at = max(at, standing.decided_at)
    what = rules.Occurrence(Occasion.REFUND if returned else Occasion.EVENT, clock.business_date(at), cause, returned)
    outcome = _evaluate_as_of(standing, what, at, actor, ladder)
    for later in queries.moments_after(member_id, clock.business_date(at)):
        what = rules.Occurrence(Occasion.EVENT, clock.business_date(later), cause)
        outcome = outcome or _evaluate_as_of(standing, what, later, actor, ladder)
    return outcome


def locked(member_id: int, ladder_id: int) -> Standing:
    """Will lock and return a standing; raises queries.NoStanding."""
    standings = Standing.objects.select_for_update(no_key=True)
    standing = standings.filter(member_id=member_id, ladder_id=ladder_id).first()
    if standing is None:
        raise queries.NoStanding(f"Member {member_id} has not joined the programme.")
    return standing


def stand_of(standing: Standing) -> tuple[rules.Position, rules.LadderTerms]:
    """Will read a standing as a position, with the version of the ladder that its ranks are of."""
    return place_of([getattr(standing, column) for column in PLACE], queries.rung_of)


def _evaluate_as_of(
    standing: Standing, what: rules.Occurrence, at: dt.datetime, actor: str, ladder: str
) -> rules.Outcome | None:
    now = queries.measure_on(standing.member_id, queries.terms_on(what.on, ladder), what.on)
    position, terms = stand_of(standing)
    own = now if terms.version_id == now.terms.version_id else queries.measure_on(standing.member_id, terms, what.on)
    if position.next and position.next.on <= what.on and not position.hold:
        return _begin(standing, (position, terms), what, now, own, at, actor, ladder)
    outcome = rules.decide(position, what, now, own)
    if outcome:
        write(standing, (position, terms), outcome, now, what.on, what.cause, at, actor)
    elif (standing.spend, standing.orders, standing.growth) != _sums(now):
        _count(standing, now, what.on)
        standing.save(update_fields=["spend", "orders", "growth", "counted_on"])
    return outcome


def _begin(
    standing: Standing,
    before: tuple[rules.Position, rules.LadderTerms],
    what: rules.Occurrence,
    now: rules.Measure,
    own: rules.Measure,
    at: dt.datetime,
    actor: str,
    ladder: str,
) -> rules.Outcome | None:
    """Will begin what should have begun the night before, and then look at the event itself."""
    begun = rules.decide(before[0], what, now, own)
    if begun is None:
        raise ValueError("What is to begin by a date begins.")
    write(standing, before, begun, now, what.on, f"begins:{what.on}", at, actor)
    return _evaluate_as_of(standing, what, at, actor, ladder) or begun


def write(
    standing: Standing,
    before: tuple[rules.Position, rules.LadderTerms] | None,
    outcome: rules.Outcome,
    now: rules.Measure,
    today: dt.date,
    cause: str,
    at: dt.datetime,
    actor: str,
    reason: str = "",
) -> None:
    """Will write a decision and the standing that follows from it; the standing is locked, or new."""
    after = (outcome.position, outcome.terms or now.terms)
    row = new_decision(before, after, outcome, outcome.measure or now, today)
    for column, value in place_row(*after).items():
        setattr(standing, column, value)
    _count(standing, now, today)
    standing.seq += 1
    standing.decided_at = at
    standing.save(force_insert=before is None)
    row["asked"] = json.loads(row["asked"])
    Decision.objects.create(
        member_id=standing.member_id,
        ladder_id=standing.ladder_id,
        seq=standing.seq,
        at=at,
        cause=cause,
        actor=actor,
        reason=reason,
        **row,
    )


def _count(standing: Standing, now: rules.Measure, on: dt.date) -> None:
    standing.spend, standing.orders, standing.growth = _sums(now)
    standing.counted_on = on


def _sums(now: rules.Measure) -> tuple[Decimal, int, int]:
    return now.facts.spend, now.facts.orders, now.facts.growth
