"""Tiers that are given by hand, in a promotion or by invitation, ended early, and validity extended as a courtesy."""

import datetime as dt

import pytest
from django.db import transaction

from kit.models import AuditRow
from members.rules import MemberReference
from membership_site.flows import nightly, proof
from tests.flows.shop import DAY, give_back, place, tier
from tests.kit.threads import overlapping
from tests.night import world
from tests.tiers.published import publish
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules
from tiers.enums import HoldKind, OnRefund, Start
from tiers.models import Decision, Standing
from tiers.queries import NoStanding

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 3)
MAY = dt.date(2026, 5, 31)
STEP = nightly.find_step("recalculate_tiers")


@pytest.fixture
def ann(join):
    return join("ann").id


def give(member_id, at, **changes):
    deed = {"tier": "gold", "kind": HoldKind.MANUAL, "until": MAY, "reason": "VIP of the founder", "key": "k1"}
    return tiers_actions.give_tier(**(deed | changes), member_id=member_id, at=at, actor="staff:1")


def extend(member_id, at, until, key="k1", actor="staff:1", reason="Was ill"):
    return tiers_actions.extend_validity(member_id=member_id, until=until, reason=reason, key=key, at=at, actor=actor)


def end(member_id, at, key="k2", reason="Given by mistake"):
    return tiers_actions.end_given(member_id=member_id, reason=reason, key=key, at=at, actor="staff:1")


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Standing, Decision)]


def night(date):
    world.night(STEP, date, again=True)


def test_a_tier_is_given_with_reason_and_end_and_the_night_leaves_it_alone(ann, noon):
    given = give(ann, noon)
    assert (given.kind, given.to_tier.code, given.until_date, given.hold_kind) == ("granted", "gold", MAY, "manual")
    assert (given.reason, given.actor, given.since_date) == ("VIP of the founder", "staff:1", TODAY)
    assert AuditRow.objects.get(deed="tier.granted").reason == "VIP of the founder"
    assert tiers_queries.tier_before(ann, noon + DAY, "x").code == "gold"  # an order earns with it
    assert tiers_queries.rate_now(ann, noon + DAY) == tiers_queries.Rate("gold", 3)
    night(MAY - DAY)
    assert tier(ann) == "gold"
    night(MAY)
    assert tier(ann) == "member"
    [ended, *_] = tiers_queries.list_decisions(ann)
    assert (ended.kind, ended.from_tier.code, ended.until_before, ended.until_date) == ("ended", "gold", MAY, None)
    assert not list(proof.violations())


@pytest.mark.parametrize("kind", list(HoldKind))
def test_every_kind_of_it_ends_alike(ann, noon, kind):
    assert give(ann, noon, kind=kind).hold_kind == kind
    night(MAY)
    assert tier(ann) == "member"


def test_after_it_the_tier_earned_before_goes_on_with_its_own_dates(ann, noon):
    place("1", ["1000"], noon - 20 * DAY)
    before = world.positions()[ann]
    give(ann, noon)
    night(MAY)
    assert world.positions()[ann] == before and tier(ann) == "silver"
    assert not list(proof.violations())


def test_what_was_earned_meanwhile_is_set_after_it(ann, noon):
    give(ann, noon, tier="diamond")
    place("1", ["5000"], noon + DAY)
    assert tier(ann) == "diamond"
    night(MAY)
    assert tier(ann) == "gold" and Standing.objects.get(member_id=ann).until_date == dt.date(2027, 5, 31)


def test_what_is_earned_above_it_wins_at_once(ann, noon):
    give(ann, noon, tier="silver")
    place("1", ["5000"], noon + DAY)
    row = Standing.objects.get(member_id=ann)
    assert (row.tier.code, row.hold_kind, row.earned_tier) == ("gold", "", None)
    night(MAY)
    assert tier(ann) == "gold"
    assert not list(proof.violations())


def test_two_promotions_on_one_day_replace_each_other_and_both_are_kept(ann, noon):
    give(ann, noon, tier="silver", kind=HoldKind.PROMOTION, key="spring")
    give(ann, noon, tier="diamond", kind=HoldKind.PROMOTION, until=TODAY + 7 * DAY, key="flash")
    assert tier(ann) == "diamond"
    assert [d.to_tier.code for d in tiers_queries.list_decisions(ann)] == ["diamond", "silver", "member"]
    night(TODAY + 7 * DAY)
    assert tier(ann) == "member"


def test_the_same_key_gives_the_first_answer_and_with_other_content_it_is_refused(ann, noon):
    first = give(ann, noon)
    before = rows()
    assert give(ann, noon + DAY) == first
    for change in ({"tier": "diamond"}, {"until": MAY + DAY}, {"reason": "Other"}, {"kind": HoldKind.PROMOTION}):
        with pytest.raises(tiers_actions.OtherContent):
            give(ann, noon, **change)
    assert rows() == before
    assert end(ann, noon).kind == "ended"
    before = rows()
    assert end(ann, noon).kind == "ended"
    with pytest.raises(tiers_actions.OtherContent):
        end(ann, noon, reason="Other")
    assert rows() == before


@pytest.mark.parametrize(
    ("change", "refusal", "code"),
    [
        ({"reason": "  "}, tiers_actions.NoReason, "Say why"),
        ({"tier": "jade"}, tiers_actions.NoSuchTier, "no tier jade"),
        ({"tier": "member"}, tiers_actions.NoSuchTier, "no tier member"),
        ({"until": TODAY - DAY}, rules.NotGiven, "today or later"),
        ({"tier": "silver", "until": TODAY}, rules.NotGiven, "has earned"),
    ],
)
def test_what_cannot_be_given_changes_nothing(ann, noon, change, refusal, code):
    place("1", ["1000"], noon - DAY)
    before = rows()
    with pytest.raises(refusal, match=code):
        give(ann, noon, **change)
    assert rows() == before


def test_who_has_not_joined_is_given_nothing(programme, noon):
    with pytest.raises(NoStanding):
        give(10**9, noon)


def test_it_may_be_ended_early(ann, noon):
    with pytest.raises(rules.NotGiven) as refused:
        end(ann, noon)
    assert refused.value.code == "nothing_given"
    place("1", ["1000"], noon - 20 * DAY)
    give(ann, noon)
    assert (end(ann, noon + DAY).to_tier.code, tier(ann)) == ("silver", "silver")
    night(MAY)
    assert tier(ann) == "silver"


def test_a_courtesy_extends_what_was_earned_out_of_grace_too(ann, noon):
    place("1", ["1000"], noon - 10 * DAY)
    until = Standing.objects.get(member_id=ann).until_date
    night(until)
    assert Standing.objects.get(member_id=ann).grace_date
    later = until + 60 * DAY
    extended = extend(ann, noon + 366 * DAY, later)
    assert (extended.kind, extended.until_before, extended.until_date, extended.grace_date) == (
        "extended", until, later, None,
    )  # fmt: skip
    night(later - DAY)
    assert tier(ann) == "silver"
    night(later)
    assert Standing.objects.get(member_id=ann).grace_date == later + 30 * DAY
    assert not list(proof.violations())


def test_what_cannot_be_extended_changes_nothing(ann, noon):
    def refused(code, until):
        before = rows()
        with pytest.raises(rules.NotGiven) as answer:
            extend(ann, noon, until)
        assert answer.value.code == code and rows() == before

    refused("endless", MAY)
    place("1", ["1000"], noon)
    until = Standing.objects.get(member_id=ann).until_date
    refused("not_later", until)
    refused("too_long", dt.date(until.year + 1, until.month, until.day + 1))
    give(ann, noon)
    refused("given", MAY + DAY)
    with pytest.raises(tiers_actions.NoReason):
        extend(ann, noon, until + DAY, reason="")


def test_each_of_the_staff_has_so_many_courtesies_a_month(join, noon):
    people = [join(name).id for name in ("ann", "bob")]
    for name, member_id in zip(("ann", "bob"), people, strict=True):
        place(name, ["1000"], noon, who=MemberReference(external_id=f"c-{name}"))
        assert tier(member_id) == "silver"
    publish(TODAY, courtesies_a_month=1)
    until = Standing.objects.get(member_id=people[0]).until_date
    extend(people[0], noon, until + DAY)
    extend(people[0], noon, until + DAY)  # the same form again costs nothing
    with pytest.raises(tiers_actions.CourtesiesUsedUp):
        extend(people[1], noon, until + DAY, key="k2")
    extend(people[1], noon, until + DAY, key="k3", actor="staff:2")
    extend(people[1], noon + 30 * DAY, until + 2 * DAY, key="k4")  # April


# ---- the order that granted it comes back


def test_a_return_of_the_granting_order_inside_the_protection_takes_the_tier_back(ann, noon):
    publish(TODAY - 40 * DAY, protection_days=14, on_refund=OnRefund.RE_EVALUATE)
    place("1", ["1000"], noon - 20 * DAY)
    before = Standing.objects.get(member_id=ann).until_date
    place("2", [("a", 4, "1000")], noon)
    assert tier(ann) == "gold"
    with transaction.atomic():
        assert give_back("2", "R", {"a": 4}, noon + 15 * DAY).tier.code == "gold"
        transaction.set_rollback(True)
    answer = give_back("2", "R", {"a": 4}, noon + 14 * DAY, preview=True)
    assert (answer.tier.code, answer.tier.changed, tier(ann)) == ("silver", True, "gold")
    assert give_back("2", "R", {"a": 4}, noon + 14 * DAY).tier.code == "silver"
    row = Standing.objects.get(member_id=ann)
    assert (row.tier.code, row.until_date) == ("silver", before)
    [last, *_] = tiers_queries.list_decisions(ann)
    assert (last.kind, last.from_tier.code, last.cause) == ("revalued", "gold", "order:web:2:refund:R")
    assert not list(proof.violations())


def test_by_default_a_return_leaves_the_tier_to_its_date(ann, noon):
    place("1", [("a", 5, "1000")], noon)
    give_back("1", "R", {"a": 5}, noon + DAY)
    assert tier(ann) == "gold"


def test_an_upgrade_that_begins_next_month_is_held_by_orders_of_its_first_day(ann, noon):
    publish(TODAY - 40 * DAY, start=Start.NEXT_PERIOD)
    place("1", ["1000"], noon)
    april = dt.date(2026, 4, 1)
    row = Standing.objects.get(member_id=ann)
    assert (row.tier.code, row.next_tier.code, row.next_date) == ("member", "silver", april)
    [later, *_] = tiers_queries.list_decisions(ann)
    assert (later.kind, later.next_tier.code, later.next_date) == ("scheduled", "silver", april)
    before = world.noon(april - DAY)
    assert tiers_queries.tier_before(ann, before, "x").code == "member"
    # the night has not been yet, and the first order of April counts all the same
    assert tiers_queries.tier_before(ann, world.noon(april), "x").code == "silver"
    assert place("2", ["10"], world.noon(april)).points == 20
    row = Standing.objects.get(member_id=ann)
    assert (row.tier.code, row.since_date, row.until_date, row.next_tier) == (
        "silver", april, dt.date(2027, 4, 1), None,
    )  # fmt: skip
    assert not list(proof.violations())


def test_the_night_before_begins_what_begins(ann, noon):
    publish(TODAY - 40 * DAY, start=Start.NEXT_PERIOD)
    place("1", ["1000"], noon)
    night(dt.date(2026, 3, 30))
    assert tier(ann) == "member"
    assert tiers_queries.rate_now(ann, world.noon(dt.date(2026, 4, 1))).code == "silver"
    assert tiers_queries.rate_now(ann, world.noon(dt.date(2026, 3, 31))).code == "member"
    night(dt.date(2026, 3, 31))
    assert tier(ann) == "silver"
    assert tiers_queries.tier_before(ann, world.noon(dt.date(2026, 4, 1)), "x").code == "silver"
    assert tiers_queries.tier_before(ann, world.noon(dt.date(2026, 3, 31)), "x").code == "member"
    assert tiers_queries.get_standing_as_of(ann, world.noon(dt.date(2026, 4, 2))).since == dt.date(2026, 4, 1)
    assert not list(proof.violations())


# ---- complaints of others


def test_changelog_e_what_does_not_concern_a_tier_does_not_make_it_a_manual_one(ann, noon):
    """Open Loyalty: editing a profile silently set a manual level and so switched tier changes off."""
    place("1", ["1000"], noon)
    assert Standing.objects.get(member_id=ann).hold_kind == ""
    place("2", ["4000"], noon + DAY)
    assert tier(ann) == "gold"


def test_complaint_16_the_tier_follows_what_was_earned_never_the_balance(ann, noon):
    from tests.flows.shop import use

    place("1", ["1000"], noon)
    use(ann, 900, noon + 10 * DAY)
    night(TODAY + 11 * DAY)
    assert tier(ann) == "silver"


@pytest.mark.django_db(transaction=True)
def test_a_tier_is_given_once_by_two_at_once(join, noon):
    ann = join("ann").id
    first, second = overlapping(lambda: give(ann, noon), lambda: give(ann, noon))
    assert first == second and Decision.objects.filter(kind="granted").count() == 1
