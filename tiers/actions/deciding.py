"""Deciding where one member stands: on joining, and after an event."""

import datetime as dt

from kit import clock
from tiers import queries, rules
from tiers.models import Decision, Standing


def join(*, member_id: int, cause: str, at: dt.datetime, actor: str) -> None:
    """Will place a member on the lowest tier of the main ladder; one who already stands is left."""
    today = clock.business_date(at)
    terms = queries.terms_on(today)
    if Standing.objects.filter(member_id=member_id, ladder_id=terms.ladder_id).exists():
        return
    outcome = rules.join(today)
    facts = queries.facts_on(member_id, terms, today)
    standing = Standing(member_id=member_id, ladder_id=terms.ladder_id, seq=0)
    _write(standing, None, outcome, facts, terms, today, cause, at, actor)


def evaluate(*, member_id: int, cause: str, at: dt.datetime, actor: str) -> rules.Outcome | None:
    """Will decide after an order or a growth entry: up, or kept while in grace; None where nothing changes.

    Locks the standing. An event that arrives late is evaluated as of the last decision, so that no decision goes
    back in time, and then as of whatever happened since, which it counts together with. Raises queries.NoStanding.
    """
    terms = queries.terms_on(clock.business_date(at))
    standing = (
        Standing.objects.select_for_update(no_key=True).filter(member_id=member_id, ladder_id=terms.ladder_id).first()
    )
    if standing is None:
        raise queries.NoStanding(f"Member {member_id} has not joined the programme.")
    at = max(at, standing.decided_at)
    outcome = _evaluate_as_of(standing, at, cause, actor)
    for later in queries.moments_after(member_id, clock.business_date(at)):
        outcome = outcome or _evaluate_as_of(standing, later, cause, actor)
    return outcome


def _evaluate_as_of(standing: Standing, at: dt.datetime, cause: str, actor: str) -> rules.Outcome | None:
    today = clock.business_date(at)
    terms = queries.terms_on(today)
    facts = queries.facts_on(standing.member_id, terms, today)
    position = rules.Position(standing.rank, standing.since_date, standing.until_date, standing.grace_date)
    outcome = rules.after_event(position, facts, terms, today)
    if outcome:
        _write(standing, position, outcome, facts, terms, today, cause, at, actor)
    elif (standing.spend, standing.orders, standing.growth) != (facts.spend, facts.orders, facts.growth):
        standing.spend, standing.orders, standing.growth = facts.spend, facts.orders, facts.growth
        standing.save(update_fields=["spend", "orders", "growth"])
    return outcome


def _write(
    standing: Standing,
    before: rules.Position | None,
    outcome: rules.Outcome,
    facts: rules.Facts,
    terms: rules.LadderTerms,
    today: dt.date,
    cause: str,
    at: dt.datetime,
    actor: str,
) -> None:
    after = outcome.position
    tier_before = standing.tier_id
    standing.tier_id, standing.rank = terms.rungs[after.rank].tier_id, after.rank
    standing.since_date, standing.until_date, standing.grace_date = after.since, after.until, after.grace
    standing.spend, standing.orders, standing.growth = facts.spend, facts.orders, facts.growth
    standing.seq += 1
    standing.decided_at = at
    standing.save(force_insert=before is None)
    Decision.objects.create(
        member_id=standing.member_id,
        ladder_id=standing.ladder_id,
        seq=standing.seq,
        kind=outcome.kind,
        at=at,
        business_date=today,
        from_tier_id=tier_before,
        to_tier_id=standing.tier_id,
        until_before=before.until if before else None,
        until_date=after.until,
        grace_date=after.grace,
        spend=facts.spend,
        orders=facts.orders,
        growth=facts.growth,
        reached_by=outcome.reached_by,
        threshold=outcome.threshold,
        window_starts_date=terms.window_start(today),
        cause=cause,
        actor=actor,
    )
