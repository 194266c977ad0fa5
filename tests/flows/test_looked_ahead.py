"""Looking ahead tells what will be: the order really placed and every night really run come to the same."""

import datetime as dt
import random
from decimal import Decimal

import pytest
from django.db import transaction

from kit import formats
from membership_site.flows import looked_ahead, nightly
from tests.flows.shop import DAY, do, place
from tests.night import world
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording
from tiers.enums import AtEnd, HoldKind, Join, Start, Window
from tiers.models import Decision, Standing
from tiers.queries import NoStanding
from tiers.rules import Requirement

pytestmark = pytest.mark.django_db
STEP = nightly.find_step("recalculate_tiers")
TODAY = dt.date(2026, 3, 3)
LADDERS = {
    "starter": {},
    "short": {"window_days": 60, "validity_months": 2, "grace_days": 10},
    "calendar": {"window": Window.CALENDAR_YEAR, "window_days": 0, "validity_months": 3},
    "membership": {"window": Window.MEMBERSHIP_YEAR, "window_days": 0, "validity_months": 1, "at_end": AtEnd.ONE_STEP},
    "lifetime": {"window": Window.LIFETIME, "window_days": 0, "validity_months": 3, "at_end": AtEnd.NEVER},
    "next month": {"start": Start.NEXT_PERIOD, "window_days": 90, "validity_months": 2, "grace_days": 5},
    "grace to the month": {"window_days": 45, "validity_months": 1, "grace_days": 3, "grace_rounds_up": True},
}


def told(decision):
    codes = [tier and tier.code for tier in (decision.from_tier, decision.to_tier, decision.next_tier)]
    dates = (decision.until_before, decision.until_date, decision.grace_date, decision.next_date)
    sums = (decision.spend, decision.orders, decision.growth, decision.window_starts_date)
    return (decision.kind, decision.business_date, *codes, *dates, *sums, decision.reached_by, decision.threshold)


def really(member_id, upto, spend=None, on=None):
    """What is decided when the order is placed and every night is run; undone."""
    with transaction.atomic():
        before = Decision.objects.filter(member_id=member_id).count()
        for number in range((upto - TODAY).days + 1):
            date = TODAY + number * DAY
            if date == on:
                place("imagined", [str(spend)], world.noon(date))
            world.night(STEP, date, slice_only=number > 0, again=True)
        found = [told(row) for row in reversed(tiers_queries.list_decisions(member_id, limit=200))][before:]
        row = Standing.objects.select_related("tier").get(member_id=member_id)
        transaction.set_rollback(True)
    return found, (row.tier.code, row.until_date, row.grace_date)


def foretold(future):
    return [told(decision) for decision in future.decisions], (future.tier.code, future.until, future.grace)


@pytest.mark.parametrize("name", LADDERS)
@pytest.mark.parametrize("seed", range(2))
def test_the_answer_is_what_really_comes(join, noon, name, seed):
    rng = random.Random(f"{name}{seed}")
    if LADDERS[name]:
        publish(TODAY - 300 * DAY, **LADDERS[name])
    ann = join("ann", at=noon - rng.randrange(280, 360) * DAY).id
    for number in range(rng.randrange(5)):
        place(f"{number}", [str(rng.choice([300, 999, 1000, 4000]))], noon - rng.randrange(1, 270) * DAY)
    if rng.random() < 0.5:
        do("check_in", noon - DAY)
    world.night(STEP, TODAY - DAY)
    upto = TODAY + rng.choice([35, 65]) * DAY
    spend, on = Decimal(rng.choice([50, 1000, 4000, 16000])), TODAY + rng.choice([0, 1, 20, 35]) * DAY
    outlook = looked_ahead.look(member_id=ann, at=noon, upto=upto, spend=spend, on=on)
    if seed:
        assert foretold(outlook.nothing) == really(ann, upto)
    assert foretold(outlook.doing) == really(ann, upto, spend, on)


def test_what_was_given_and_a_version_to_come_are_looked_beyond(join, noon):
    ann = join("ann").id
    place("1", ["1000"], noon - 10 * DAY)
    tiers_actions.give_tier(
        member_id=ann,
        tier="gold",
        kind=HoldKind.MANUAL,
        until=TODAY + 20 * DAY,
        reason="VIP",
        key="k",
        at=noon,
        actor="t",
    )
    publish(TODAY + 30 * DAY, rungs={"gold": {"reach": Requirement(spend=Decimal(1500))}}, window_days=30)
    upto = TODAY + 60 * DAY
    outlook = looked_ahead.look(member_id=ann, at=noon, upto=upto, spend=Decimal(600), on=TODAY + 5 * DAY)
    assert outlook.nothing.turns == (TODAY + 30 * DAY,)
    assert foretold(outlook.nothing) == really(ann, upto)
    assert foretold(outlook.doing) == really(ann, upto, 600, TODAY + 5 * DAY)


def test_what_falls_out_of_the_window_is_told_by_date(join, noon):
    ann = join("ann", at=noon - 400 * DAY).id
    place("1", ["700"], noon - 300 * DAY)
    place("2", ["500"], noon - 300 * DAY + DAY)
    outlook = looked_ahead.look(member_id=ann, at=noon, spend=Decimal(100), upto=TODAY + 370 * DAY)
    left = [(gone.date - TODAY, gone.spend, gone.orders) for gone in outlook.doing.leaving]
    assert left == [(65 * DAY, 700, 1), (66 * DAY, 500, 1), (365 * DAY, 100, 1)]
    assert outlook.fall and outlook.fall.tier.code == "silver"
    assert outlook.answer.fall_without and outlook.answer.fall  # the order alone does not keep it
    enough = looked_ahead.look(member_id=ann, at=noon, spend=Decimal(1000), on=TODAY + 60 * DAY)
    assert enough.answer.fall is None and enough.answer.rise is None and enough.answer.above.code == "gold"
    assert enough.answer.missing[0] == ("spend", 5000, 2800)
    rise = looked_ahead.look(member_id=ann, at=noon, spend=Decimal(3800)).answer.rise
    assert (rise.rung.code, rise.since) == ("gold", TODAY)


def test_an_order_that_brings_one_of_two_things_says_what_else_is_needed(join, noon):
    publish(TODAY - 300 * DAY, rungs={"silver": {"reach": Requirement(Decimal(1000), 3, join=Join.ALL)}})
    ann = join("ann").id

    def answer(spend):
        outlook = looked_ahead.look(member_id=ann, at=noon, spend=Decimal(spend))
        return tiers_wording.answer_words(outlook.answer, outlook.tiers, outlook.held, formats.in_use())

    assert answer(1200) == (
        "An order of CN¥1,200 on 3 Mar 2026 does not reach Silver: 2 orders more are needed then.",
    )  # fmt: skip
    assert "Silver: CN¥900 and 2 orders more are needed then." in answer(100)[0]
    told = tiers_queries.outlooks_of([ann], TODAY)[ann]
    assert told.next_tier.code == "silver" and told.to_next is None  # no spend brings it by itself


def test_it_looks_three_years_at_most_and_past_the_end_of_what_is_held(join, noon):
    assert looked_ahead.last_date(TODAY) == dt.date(2029, 3, 2)
    ann = join("ann").id
    assert looked_ahead.look(member_id=ann, at=noon).upto == TODAY + 365 * DAY
    place("1", ["1000"], noon)
    stand = tiers_queries.stand_of(ann)
    assert looked_ahead.default_horizon(stand, TODAY) == dt.date(2027, 4, 2)  # its grace
    assert looked_ahead.default_horizon(stand, TODAY, dt.date(2028, 1, 1)) == dt.date(2028, 1, 1)
    assert looked_ahead.growth_of(Decimal("99.99"), TODAY) == 99


def test_who_has_not_joined_looks_at_nothing(programme, noon):
    with pytest.raises(NoStanding):
        looked_ahead.look(member_id=10**9, at=noon)
