"""Standings and decisions: joined once, decided with reasons, never back in time, the same in sets."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction

from members import actions as members_actions
from membership_site.flows import starter
from tests.flows.shop import DAY, do, give_back, place, tier
from tests.members.people import person
from tests.tiers.ladder import facts
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules
from tiers.models import Decision, Ladder, Standing, Tier
from tiers.queries import NoLadder, NoStanding

pytestmark = pytest.mark.django_db
THIRD = dt.date(2026, 3, 3)


def evaluate(member_id, at, cause="test"):
    return tiers_actions.evaluate(member_id=member_id, cause=cause, at=at, actor="test")


def rows():
    """Standings and decisions as they stand."""
    return [list(model.objects.order_by("pk").values()) for model in (Standing, Decision)]


def test_a_member_joins_once(programme, noon):
    ann = members_actions.register(new=person("ann"), joined_at=noon, at=noon, actor="test").id
    with pytest.raises(NoStanding, match="has not joined"):
        evaluate(ann, noon)
    with pytest.raises(NoStanding):
        tiers_queries.get_standing(ann, noon)
    tiers_actions.join(member_id=ann, cause="join", at=noon, actor="test")
    before = rows()
    tiers_actions.join(member_id=ann, cause="again", at=noon + DAY, actor="test")
    assert rows() == before
    standing = tiers_queries.get_standing(ann, noon)
    assert (standing.tier.code, standing.since, standing.until, standing.keep) == ("member", THIRD, None, ())
    assert standing.last_decision.kind == "joined" and standing.next_tier.code == "silver"
    assert standing.reach[0] == ("spend", Decimal(1000), Decimal(1000))


def test_a_decision_keeps_its_reason(join, noon):
    ann = join("ann").id
    place("1", ["999.99"], noon)
    before = rows()[1]
    assert evaluate(ann, noon) is None and rows()[1] == before
    place("2", ["0.01"], noon + DAY)
    decision = tiers_queries.list_decisions(ann)[0]
    assert (decision.kind, decision.from_tier.code, decision.to_tier.code) == ("upgrade", "member", "silver")
    assert (decision.spend, decision.orders, decision.growth) == (Decimal("1000.00"), 2, 999)
    assert (decision.reached_by, decision.threshold) == ("spend", Decimal(1000))
    assert (decision.window_starts_date, decision.business_date) == (dt.date(2025, 3, 5), dt.date(2026, 3, 4))
    assert (decision.until_before, decision.until_date, decision.cause) == (None, dt.date(2027, 3, 4), "order:web:2")
    place("3", ["4000"], noon + 2 * DAY)
    decision = tiers_queries.list_decisions(ann)[0]
    assert (decision.until_before, decision.until_date) == (dt.date(2027, 3, 4), dt.date(2027, 3, 5))
    assert evaluate(ann, noon + 2 * DAY) is None
    assert [d.seq for d in tiers_queries.list_decisions(ann)] == [3, 2, 1]


def test_a_standing_shows_what_counts_even_where_nothing_is_decided(join, noon):
    ann = join("ann").id
    place("1", [("a", 2, "300")], noon)
    give_back("1", "R1", {"a": 1}, noon + DAY)
    row = Standing.objects.get(member_id=ann)
    assert (row.spend, row.orders, row.growth) == (Decimal(300), 1, 300)
    shown = tiers_queries.standings_of([ann])[ann]
    assert shown.facts == rules.Facts(Decimal(300), 1, 300) and shown.keep == ()


def test_what_falls_out_of_the_window_counts_no_more(join, noon):
    ann = join("ann", at=noon - 400 * DAY).id
    place("1", ["600"], noon - 365 * DAY)
    place("2", ["600"], noon)
    assert tier(ann) == "member"
    terms = tiers_queries.terms_on(THIRD)
    assert tiers_queries.facts_on(ann, terms, THIRD) == facts("600", 1, 600)
    assert tiers_queries.facts_on(ann, terms, dt.date(2026, 3, 2)) == facts("600", 1, 600)
    place("3", ["400"], noon - 364 * DAY)
    assert tiers_queries.facts_on(ann, terms, THIRD) == facts("1000", 2, 1000)


def test_nothing_later_than_the_evaluation_counts(join, noon):
    ann = join("ann").id
    place("1", [("a", 10, "100")], noon)
    give_back("1", "R1", {"a": 5}, noon + 5 * DAY)
    terms = tiers_queries.terms_on(THIRD)
    assert tiers_queries.facts_on(ann, terms, dt.date(2026, 3, 7)) == facts("1000", 1, 1000)
    assert tiers_queries.facts_on(ann, terms, dt.date(2026, 3, 8)) == facts("500", 1, 500)
    assert tiers_queries.facts_on(ann, terms, dt.date(2026, 3, 2)) == facts()


def test_growth_alone_raises_and_each_tier_is_told_apart_from_the_one_before(join, noon):
    ann = join("ann").id
    place("1", ["990"], noon)
    assert do("review", noon + DAY).tier == tiers_queries.TierAfter("silver", changed=True)
    assert do("review", noon + 2 * DAY).tier == tiers_queries.TierAfter("silver", changed=False)
    assert tiers_queries.list_decisions(ann)[0].reached_by == "growth"


def test_the_tier_before_is_that_of_the_moment(join, noon):
    ann = join("ann").id
    place("1", ["1000"], noon)
    place("2", ["5000"], noon + DAY)

    def before(at, cause="x"):
        return tiers_queries.tier_before(ann, at, cause).code

    instant = dt.timedelta(microseconds=1)
    assert [before(noon - instant), before(noon), before(noon, "order:web:1")] == ["member", "silver", "member"]
    assert [before(noon + DAY), before(noon + DAY, "order:web:2")] == ["gold", "silver"]
    assert before(noon - 900 * DAY) == "member"


def test_a_late_event_decides_as_of_the_latest_decision_never_before_it(join, noon):
    ann = join("ann").id
    place("1", ["1000"], noon)
    place("0", ["4000"], noon - 10 * DAY)
    decisions = [(d.kind, d.to_tier.code, d.at, d.business_date) for d in tiers_queries.list_decisions(ann)]
    assert decisions[0] == ("upgrade", "gold", noon, THIRD)
    assert decisions[1] == ("upgrade", "silver", noon, THIRD)


@pytest.mark.parametrize("gap", [1, 3, 364])
def test_a_late_order_counts_together_with_what_came_after_it(join, noon, gap):
    ann = join("ann", at=noon - 400 * DAY).id
    place("2", ["600"], noon)
    place("1", ["600"], noon - gap * DAY)
    assert tier(ann) == "silver"
    assert tiers_queries.list_decisions(ann)[0].business_date == THIRD


def test_a_ladder_is_published_once(db, noon):
    with pytest.raises(NoLadder, match="load_starter"):
        tiers_queries.terms_on(THIRD)

    def publish(tiers):
        return tiers_actions.publish_first_ladder(
            tiers=tiers, window_days=365, validity_years=1, grace_days=30, effective_on=THIRD, at=noon, actor="test"
        )

    assert publish(starter.TIERS) is True
    assert publish(starter.TIERS[:1]) is False
    assert (Ladder.objects.count(), Tier.objects.count()) == (1, 4)
    terms = tiers_queries.terms_on(dt.date(1990, 1, 1))
    assert [rung.code for rung in terms.rungs] == ["member", "silver", "gold", "diamond"]
    assert [int(rung.multiplier) for rung in terms.rungs] == [1, 2, 3, 4]
    assert terms.rungs[3].reach == terms.rungs[3].keep == rules.Requirement(Decimal(15000), None, 15000)
    assert (terms.window_days, terms.validity_years, terms.grace_days) == (365, 1, 30)
    views = tiers_queries.tiers_of_ladder(THIRD)
    assert [(v.rank, v.code) for v in views] == [(0, "member"), (1, "silver"), (2, "gold"), (3, "diamond")]
    assert views[0].names["en"] == "Member"


def test_standings_in_sets_are_decided_and_written_as_one_by_one(join, noon):
    ann, bob = join("ann").id, members_actions.register(new=person("bob"), joined_at=noon, at=noon, actor="test").id
    place("1", [("a", 10, "90")], noon)
    give_back("1", "R1", {"a": 1}, noon + DAY)
    terms = tiers_queries.terms_on(THIRD)
    on, later = dt.date(2026, 3, 6), noon + 3 * DAY

    def work():
        read = tiers_actions.read_standings(
            member_ids=[ann, bob], ladder_id=terms.ladder_id, since=terms.window_start(on)
        )
        assert (read[ann].facts(terms.window_start(on)), read[ann].latest) == (
            facts("810", 1, 810),
            dt.date(2026, 3, 4),
        )
        assert (read[bob].position, read[bob].latest, read[bob].seq) == (None, dt.date.min, 0)
        read[ann].count(on, Decimal(190), 1, 190)
        read[bob].decide(rules.join(on), facts(), terms, on, later, "join", "test")
        read[ann].evaluate(terms, on, later, "order:web:2", "test")
        tiers_actions.write_standings(states=list(read.values()), at=later, actor="test")

    with transaction.atomic():
        place("2", ["190"], later)
        tiers_actions.join(member_id=bob, cause="join", at=later, actor="test")
        expected = comparable()
        transaction.set_rollback(True)
    work()
    assert comparable() == expected
    assert tier(ann) == "silver" and tiers_queries.stand_and_moved(THIRD, THIRD)[0] == {"silver": 1, "member": 1}
    with pytest.raises(ValueError, match="after its first decision"):
        fresh = tiers_actions.StandingState(ann, terms.ladder_id)
        tiers_actions.write_standings(states=[fresh], at=later, actor="test")


def comparable():
    """Standings and decisions without the moment they were written, and what an event alone says of its date."""
    besides = ("recorded_at", "actor", "counted_on")
    return [[{k: v for k, v in row.items() if k not in besides} for row in table] for table in rows()]


def test_where_a_member_stood_can_be_had_again(join, noon):
    ann = join("ann").id
    for days, amount in [(0, "600"), (1, "400"), (2, "4000")]:
        place(str(days), [amount], noon + days * DAY)
    for days, code in [(0, "member"), (1, "silver"), (2, "gold"), (9, "gold")]:
        standing = tiers_queries.get_standing_as_of(ann, noon + days * DAY)
        assert standing.tier.code == code
    assert tiers_queries.get_standing_as_of(ann, noon + 9 * DAY) == tiers_queries.get_standing(ann, noon + 9 * DAY)
    with pytest.raises(NoStanding, match="had not joined"):
        tiers_queries.get_standing_as_of(ann, noon - 31 * DAY)
    moves = {(m.kind, m.code): m.members for m in tiers_queries.stand_and_moved(THIRD, dt.date(2026, 3, 4))[1]}
    assert moves == {("upgrade", "silver"): 1}
    older = tiers_queries.list_decisions_before(ann, noon + 2 * DAY, 9)
    assert [d.to_tier.code for d in older] == ["silver", "member"]
