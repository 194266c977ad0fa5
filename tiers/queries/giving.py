"""What the staff may give, before it is given."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from kit import clock
from tiers import rules
from tiers.enums import (
    DecisionKind,
    HoldKind,
    Occasion,
)
from tiers.models import (
    Decision,
    LadderVersion,
    Tier,
)
from tiers.queries.ahead import foreseen_view, stand_of
from tiers.queries.standing import DecisionView, TierView, tier_view
from tiers.queries.versions import MAIN, terms_on
from tiers.rules.places import new_decision


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a deed of the staff would decide, and what would come of it: the tier after what is given ends."""

    decision: DecisionView
    after: TierView | None
    multiplier_before: Decimal


@dataclass(frozen=True, slots=True)
class Courtesies:
    """How often a person of the staff has extended a validity this month, and how often he may."""

    used: int
    most: int


def foretell_gift(
    member_id: int, tier: str, kind: HoldKind, until: dt.date, at: dt.datetime, ladder: str = MAIN
) -> Foretold:
    """Will say what giving a tier would do. At most nine queries; raises NoStanding, rules.NotGiven."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    now = stand.measure(today)
    rung = next((rung for rung in now.terms.rungs if rung.code == tier and rung.rank), None)
    if rung is None:
        raise rules.NotGiven("no_such_tier", "There is no such tier.")
    outcome = rules.give(stand.position, rung, kind, today, until, now, rules.own_measure(stand, today))
    return _foretold(stand, outcome, now, today)


def foretell_end(member_id: int, at: dt.datetime, ladder: str = MAIN) -> Foretold:
    """Will say what ending what was given would do today. Raises and queries as foretell_gift."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    now = stand.measure(today)
    what = rules.Occurrence(Occasion.EVENT, today)
    outcome = rules.end_early(stand.position, what, now, rules.own_measure(stand, today))
    return _foretold(stand, outcome, now, today)


def foretell_extension(member_id: int, until: dt.date, at: dt.datetime, ladder: str = MAIN) -> Foretold:
    """Will say what extending the validity would do. Raises and queries as foretell_gift."""
    today, stand = clock.business_date(at), stand_of(member_id, ladder)
    outcome = rules.extend(stand.position, until, rules.own_measure(stand, today))
    return _foretold(stand, outcome, stand.measure(today), today)


def courtesies(actor: str, at: dt.datetime, ladder: str = MAIN) -> Courtesies:
    """Will count the extensions of a person in this calendar month. Three queries."""
    today = clock.business_date(at)
    most = LadderVersion.objects.values_list("courtesies_a_month", flat=True)
    given = Decision.objects.filter(
        business_date__gte=today.replace(day=1), business_date__lte=today, kind=DecisionKind.EXTENDED, actor=actor
    )
    return Courtesies(given.exclude(reason="").count(), most.get(id=terms_on(today, ladder).version_id))


def _foretold(stand: rules.Stand, outcome: rules.Outcome, now: rules.Measure, today: dt.date) -> Foretold:
    after = rules.Stand(outcome.position, outcome.terms or stand.own, today, stand.history, stand.ladders)
    row = new_decision((stand.position, stand.own), (after.position, after.own), outcome, outcome.measure or now, today)
    end, hold = None, outcome.position.hold
    if hold:
        end = rules.look_ahead(after, today, hold.until).stand.held
    ids = [row["from_tier_id"], row["to_tier_id"], row["next_tier_id"], end and end.tier_id]
    tiers = {tier.id: tier_view(tier) for tier in Tier.objects.filter(id__in=[key for key in ids if key])}
    return Foretold(foreseen_view(row, tiers), tiers[end.tier_id] if end else None, stand.held.multiplier)
