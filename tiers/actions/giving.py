"""What the staff decide by hand: tiers that are given and ended, validity that is extended as a courtesy.

Who may is the site's to say. Locks are taken in one order: the turn of the person, then the member's standing.
"""

import datetime as dt
from typing import Any

from django.db import transaction

from kit import audit, clock, locks
from tiers import queries, rules
from tiers.actions.deciding import locked, stand_of, write
from tiers.enums import DecisionKind, HoldKind, Occasion
from tiers.models import Decision, LadderVersion, Standing
from tiers.queries import DecisionView


class NoReason(Exception):
    """What a person decides needs a reason; nothing was changed."""


class NoSuchTier(Exception):
    """The ladder in force has no such tier to give; nothing was changed."""


class OtherContent(Exception):
    """The key came back with other content; nothing was changed."""


class CourtesiesUsedUp(Exception):
    """This person has extended as often this month as one may; nothing was changed."""

    def __init__(self, most: int) -> None:
        self.most = most
        super().__init__(f"You have given {most} extensions this month, which is the most. Nothing was changed.")


@transaction.atomic
def give_tier(
    *,
    member_id: int,
    tier: str,
    kind: HoldKind,
    until: dt.date,
    reason: str,
    key: str,
    at: dt.datetime,
    actor: str,
    ladder: str = queries.MAIN,
) -> DecisionView:
    """Will give a member a tier (its code) through a date, by hand, in a promotion or by invitation.

    The night leaves it alone until its last date and then sets what is earned. The same key again gives the first
    answer, with other content it raises OtherContent. Raises NoReason, NoSuchTier, rules.NotGiven, queries.NoStanding.
    Locks the standing.
    """
    today, terms, standing = _begin(member_id, reason, at, ladder)
    told = {"to_tier__code": tier, "until_date": until, "hold_kind": kind.value, "reason": reason.strip()}
    if done := _done(standing, f"give:{key}", DecisionKind.GRANTED, told):
        return done
    rung = next((rung for rung in terms.rungs if rung.code == tier and rung.rank), None)
    if rung is None:
        raise NoSuchTier(f"There is no tier {tier} to give. Nothing was changed.")
    now, own, position = _measures(standing, terms, today)
    outcome = rules.give(position, rung, kind, today, until, now, own)
    return _book(standing, (position, own.terms), outcome, now, f"give:{key}", reason, at, actor)


@transaction.atomic
def end_given(
    *, member_id: int, reason: str, key: str, at: dt.datetime, actor: str, ladder: str = queries.MAIN
) -> DecisionView:
    """Will end today what a member was given: the tier earned before where it is still valid, else what is earned now.

    Repeats as in give_tier. Raises NoReason, rules.NotGiven, queries.NoStanding. Locks the standing.
    """
    today, terms, standing = _begin(member_id, reason, at, ladder)
    if done := _done(standing, f"end:{key}", DecisionKind.ENDED, {"reason": reason.strip()}):
        return done
    now, own, position = _measures(standing, terms, today)
    what = rules.Occurrence(Occasion.EVENT, today, f"end:{key}")
    outcome = rules.end_early(position, what, now, own)
    return _book(standing, (position, own.terms), outcome, now, f"end:{key}", reason, at, actor)


@transaction.atomic
def extend_validity(
    *, member_id: int, until: dt.date, reason: str, key: str, at: dt.datetime, actor: str, ladder: str = queries.MAIN
) -> DecisionView:
    """Will let a member's earned tier be valid through a later date, as a courtesy; grace ends with it.

    Each person may do so `courtesies_a_month` times a calendar month, as the version in force says: CourtesiesUsedUp.
    Repeats as in give_tier. Raises NoReason, rules.NotGiven, queries.NoStanding. Locks the person's turn, then the
    standing.
    """
    locks.take_turns([f"tiers:courtesy:{actor}"])
    today, terms, standing = _begin(member_id, reason, at, ladder)
    told = {"until_date": until, "reason": reason.strip()}
    if done := _done(standing, f"extend:{key}", DecisionKind.EXTENDED, told):
        return done
    most = LadderVersion.objects.values_list("courtesies_a_month", flat=True).get(id=terms.version_id)
    given = Decision.objects.filter(
        business_date__gte=today.replace(day=1), business_date__lte=today, kind=DecisionKind.EXTENDED, actor=actor
    )
    if given.exclude(reason="").count() >= most:
        raise CourtesiesUsedUp(most)
    now, own, position = _measures(standing, terms, today)
    outcome = rules.extend(position, until, own)
    return _book(standing, (position, own.terms), outcome, now, f"extend:{key}", reason, at, actor)


# ---- leaves


def _begin(member_id: int, reason: str, at: dt.datetime, ladder: str) -> tuple[dt.date, rules.LadderTerms, Standing]:
    if not reason.strip():
        raise NoReason("Say why. Nothing was changed.")
    today = clock.business_date(at)
    terms = queries.terms_on(today, ladder)
    return today, terms, locked(member_id, terms.ladder_id)


def _done(standing: Standing, cause: str, kind: DecisionKind, told: dict[str, Any]) -> DecisionView | None:
    """Will return what the key has decided before, or None; raises OtherContent."""
    before = Decision.objects.filter(member_id=standing.member_id, ladder_id=standing.ladder_id, cause=cause, kind=kind)
    if not before.exists():
        return None
    same = before.filter(**told).first()
    if same is None:
        raise OtherContent("This was sent before with other content. Nothing was changed.")
    return queries.decision_of(same)


def _measures(
    standing: Standing, terms: rules.LadderTerms, today: dt.date
) -> tuple[rules.Measure, rules.Measure, rules.Position]:
    position, theirs = stand_of(standing)
    now = queries.measure_on(standing.member_id, terms, today)
    own = now if theirs.version_id == terms.version_id else queries.measure_on(standing.member_id, theirs, today)
    return now, own, position


def _book(
    standing: Standing,
    before: tuple[rules.Position, rules.LadderTerms],
    outcome: rules.Outcome,
    now: rules.Measure,
    cause: str,
    reason: str,
    at: dt.datetime,
    actor: str,
) -> DecisionView:
    today = clock.business_date(at)
    write(standing, before, outcome, now, today, cause, max(at, standing.decided_at), actor, reason.strip())
    decision = queries.decision_of(Decision.objects.get(pk=(standing.member_id, standing.ladder_id, standing.seq)))
    audit.record(
        at=at,
        actor=actor,
        deed=f"tier.{outcome.kind.value}",
        subject=f"member:{standing.member_id}",
        was={
            "tier": decision.from_tier.code if decision.from_tier else None,
            "until": str(decision.until_before or ""),
        },
        becomes={"tier": decision.to_tier.code, "until": str(decision.until_date or "")},
        reason=reason.strip()[:300],
    )
    return decision
