"""Campaigns' rules: buckets, plans as they are kept, times of launches, and what a comparison of variants says."""

import datetime as dt
import math
import random
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.enums import CampaignKind, Every, Fallback, Goal, Metric, RewardKind, Trigger
from campaigns.rules import buckets, experiments, lacking, timing
from campaigns.rules import plan as plans
from campaigns.rules.experiments import Arm

SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
TODAY = dt.date(2026, 3, 10)
TAG = {"kind": "tag", "most": 1, "tag": "a"}
DAYS = {"starts_on": "2026-03-01", "ends_on": "2026-03-01", "multiplier": "2"}
FROM_APRIL = plans.When(every=Every.MONTH, day=5, at=dt.time(9), on=dt.date(2026, 4, 6))


def test_buckets_are_even_and_deals_independent() -> None:
    ids = range(1, 40_001)
    control = [buckets.bucket_of("campaign:1:control", member) for member in ids]
    other = [buckets.bucket_of("campaign:2:control", member) for member in ids]
    assert all(0 <= bucket < buckets.BUCKETS for bucket in control)
    apart = [a < 1000 for a in control]
    again = [b < 1000 for a, b in zip(apart, other, strict=True) if a]
    assert abs(sum(apart) / 40_000 - 0.1) < 0.006
    assert abs(sum(again) / len(again) - 0.1) < 0.02


def test_a_bucket_stays_what_it_is() -> None:
    """Members dealt long ago stay where they are: the hash is never to change."""
    found = [buckets.bucket_of("campaign:7:control", member) for member in (1, 2, 3, 1_000_000)]
    assert found == [7485, 930, 3242, 6784]


@given(st.integers(1, 8), st.integers(1, 10_000))
def test_even_shares_sum_to_the_whole(parts: int, whole: int) -> None:
    shares = buckets.even_shares(parts, whole)
    assert sum(shares) == whole
    assert max(shares) - min(shares) <= 1
    assert buckets.bounds(shares)[-1] == whole


def _plans() -> st.SearchStrategy[plans.Plan]:
    rewards = st.sampled_from(
        [
            (),
            (plans.Reward(RewardKind.POINTS, most=1000, points=50),),
            (
                plans.Reward(RewardKind.COUPON, most=10, coupon="newcomer"),
                plans.Reward(RewardKind.TIER, most=5, tier="gold", days=30),
                plans.Reward(RewardKind.TAG, most=5, tag="won back"),
            ),
        ]
    )
    when = st.builds(
        plans.When,
        on=st.none() | st.dates(),
        at=st.none() | st.sampled_from([dt.time(9), dt.time(18, 30)]),
        in_member_zone=st.booleans(),
        every=st.none() | st.sampled_from(Every),
        weekdays=st.sampled_from([(), (0,), (1, 5)]),
        day=st.integers(0, 31),
        trigger=st.none() | st.sampled_from(Trigger),
        delay_hours=st.integers(0, 48),
        ends_on=st.none() | st.dates(),
    )
    days = st.builds(
        plans.PointDays,
        starts_on=st.just(TODAY),
        ends_on=st.just(TODAY + dt.timedelta(days=9)),
        multiplier=st.sampled_from([Decimal(2), Decimal("1.5")]),
        names=st.none() | st.just({"en": "Double points", "zh-hans": "双倍积分"}),
    )
    return st.builds(
        plans.Plan,
        goal=st.sampled_from(Goal),
        window_days=st.integers(1, 90),
        margin=st.sampled_from([Decimal("0.3"), Decimal(1)]),
        tree=st.none() | st.just({"all": [{"field": "tier", "operator": "is", "value": "gold"}]}),
        control_share=st.integers(0, 5000),
        channels=st.sampled_from([("email",), ("email", "inbox"), ()]),
        rewards=rewards,
        variants=st.sampled_from([(), (plans.Variant("A", 1),), (plans.Variant("A", 1, 4), plans.Variant("B", 2))]),
        experiment=st.none() | st.just(plans.Experiment(Metric.CLICKED, 24, 2000, Fallback.STOP)),
        when=when,
        point_days=st.none() | days,
    )


@given(_plans())
def test_a_plan_is_read_back_as_it_was(plan: plans.Plan) -> None:
    assert plans.plan_from(plans.to_json(plan)) == plan
    assert plans.digest_of(plans.plan_from(plans.to_json(plan))) == plans.digest_of(plan)


def test_an_empty_plan_is_a_new_one() -> None:
    assert plans.plan_from({}) == plans.Plan()


ANYTHING = (
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([1.5, "", [], {}, [{}], [1]])
)


@given(st.dictionaries(st.sampled_from([*plans.to_json(plans.Plan())]), ANYTHING, max_size=6))
def test_whatever_is_kept_is_read_or_refused_by_its_parts(kept: dict[str, object]) -> None:
    try:
        plans.plan_from(kept)
    except plans.BadPlan as bad:
        assert bad.problems


@pytest.mark.parametrize(
    ("kept", "path", "code"),
    [
        ({"goal": "fame"}, "goal", "unknown"),
        ({"control_share": 5001}, "control_share", "out_of_range"),
        ({"control_share": "10"}, "control_share", "not_whole"),
        ({"window_days": True}, "window_days", "not_whole"),
        ({"margin": "NaN"}, "margin", "out_of_range"),
        ({"channels": ["pigeon"]}, "channels", "unknown"),
        ({"rewards": [{"kind": "points", "most": 10}]}, "rewards.0.points", "missing"),
        ({"rewards": [{"kind": "coupon", "most": 10}]}, "rewards.0.coupon", "missing"),
        ({"rewards": [TAG, TAG]}, "rewards", "twice"),
        ({"variants": [{"code": "Z", "template": 1}]}, "variants.0.code", "unknown"),
        ({"when": {"at": "25:00"}}, "when.at", "not_a_time"),
        ({"when": {"at": "10:00+02:00"}}, "when.at", "not_a_time"),
        ({"when": {"on": "2026-02-30"}}, "when.on", "not_a_date"),
        ({"when": []}, "when", "not_an_object"),
        ({"note": "a\x00"}, "note", "not_text"),
        ({"point_days": {**DAYS, "ends_on": "2026-02-01"}}, "point_days.ends_on", "before_start"),
        ({"point_days": {**DAYS, "multiplier": "1"}}, "point_days.multiplier", "out_of_range"),
    ],
)  # fmt: skip
def test_a_bad_part_is_named(kept: dict[str, object], path: str, code: str) -> None:
    with pytest.raises(plans.BadPlan) as refused:
        plans.plan_from(kept)
    assert refused.value.problems[path] == code


def test_any_edit_and_any_change_of_words_makes_another_digest() -> None:
    plan = plans.Plan(variants=(plans.Variant("A", 1),))
    digests = {
        plans.digest_of(plan),
        plans.digest_of(plans.plan_from({**plans.to_json(plan), "control_share": 999})),
        plans.digest_of(plan, {"1": {"subject": "Hello"}}),
        plans.digest_of(plan, {"1": {"subject": "Hello there"}}),
    }
    assert len(digests) == 4


READY = plans.Plan(tree={"all": []}, variants=(plans.Variant("A", 1),))


@pytest.mark.parametrize(
    ("plan", "kind", "codes"),
    [
        (plans.Plan(), CampaignKind.ONCE, ["nobody", "no_words"]),
        (READY, CampaignKind.ONCE, []),
        (READY, CampaignKind.RECURRING, ["no_rhythm"]),
        (READY, CampaignKind.TRIGGERED, ["no_trigger"]),
        (plans.Plan(), CampaignKind.POINT_DAYS, ["no_days"]),
    ],
)
def test_a_plan_says_what_it_lacks(plan: plans.Plan, kind: CampaignKind, codes: list[str]) -> None:
    assert [lack.code for lack in lacking.lacks(plan, kind, TODAY)] == codes


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({"on": "2026-03-09"}, "past"),
        ({"every": "week", "at": "09:00"}, "no_weekday"),
        ({"every": "month", "at": "09:00"}, "no_day"),
        ({"ends_on": "2026-03-09"}, "over"),
        ({"trigger": "event"}, "no_event"),
        ({"trigger": "gone_quiet"}, "no_days_counted"),
    ],
)
def test_a_time_says_what_it_lacks(when: dict[str, object], code: str) -> None:
    plan = plans.plan_from({**plans.to_json(READY), "when": when})
    kind = CampaignKind.TRIGGERED if "trigger" in when else CampaignKind.ONCE
    assert code in [lack.code for lack in lacking.lacks(plan, kind, TODAY)]


@pytest.mark.parametrize(("ends_on", "codes"), [("2026-03-12", ["no_day_left"]), ("2026-03-13", [])])
def test_a_rhythm_without_a_day_before_its_end_is_lacking_one(ends_on: str, codes: list[str]) -> None:
    """The first Friday is the thirteenth."""
    when = {"every": "week", "weekdays": [4], "at": "09:00", "ends_on": ends_on}
    plan = plans.plan_from({**plans.to_json(READY), "when": when})
    assert [lack.code for lack in lacking.lacks(plan, CampaignKind.RECURRING, TODAY)] == codes


def test_variants_without_an_experiment_and_a_rest_that_recurs_are_refused() -> None:
    two = (plans.Variant("A", 1), plans.Variant("B", 2))
    alone = plans.Plan(tree={"all": []}, variants=two)
    assert [lack.code for lack in lacking.lacks(alone, CampaignKind.ONCE, TODAY)] == ["no_experiment"]
    tested = plans.Plan(
        tree={"all": []},
        variants=two,
        experiment=plans.Experiment(Metric.CLICKED, 24, 2000),
        when=plans.When(every=Every.DAY, at=dt.time(9)),
    )
    assert [lack.code for lack in lacking.lacks(tested, CampaignKind.RECURRING, TODAY)] == ["rest_only_once"]


def test_budgets_that_do_not_reach_are_named() -> None:
    plan = plans.Plan(
        rewards=(plans.Reward(RewardKind.POINTS, 1000, points=30), plans.Reward(RewardKind.COUPON, 50, coupon="ten"))
    )
    assert [(reward.kind, enough) for reward, enough in plans.affordable(plan, 40)] == [(RewardKind.POINTS, 33)]


# ---- times


@pytest.mark.parametrize(
    ("when", "after", "starts"),
    [
        (plans.When(every=Every.DAY, at=dt.time(9)), "2026-03-10 08:59", "2026-03-10 09:00"),
        (plans.When(every=Every.DAY, at=dt.time(9)), "2026-03-10 09:00", "2026-03-11 09:00"),
        (plans.When(every=Every.WEEK, weekdays=(0, 4), at=dt.time(9)), "2026-03-10 12:00", "2026-03-13 09:00"),
        (plans.When(every=Every.MONTH, day=31, at=dt.time(9)), "2026-02-10 12:00", "2026-02-28 09:00"),
        (plans.When(every=Every.MONTH, day=31, at=dt.time(9)), "2028-02-10 12:00", "2028-02-29 09:00"),
        (FROM_APRIL, "2026-03-10 12:00", "2026-05-05 09:00"),
    ],
)  # fmt: skip
def test_the_next_launch(when: plans.When, after: str, starts: str) -> None:
    found = timing.next_start(when, _at(after, SHANGHAI), SHANGHAI)
    assert found == _at(starts, SHANGHAI)


def test_a_campaign_that_is_over_has_no_next_launch() -> None:
    when = plans.When(every=Every.WEEK, weekdays=(2,), at=dt.time(9), ends_on=dt.date(2026, 3, 10))
    assert timing.next_start(when, _at("2026-03-05 10:00", SHANGHAI), SHANGHAI) is None


def test_a_launch_in_the_hour_that_a_zone_change_skips_is_moved_on() -> None:
    when = plans.When(every=Every.DAY, at=dt.time(2, 30))
    found = timing.next_start(when, _at("2026-03-28 12:00", BERLIN), BERLIN)
    assert found is not None
    assert found.astimezone(BERLIN).isoformat() == "2026-03-29T03:30:00+02:00"


def test_a_launch_in_the_hour_that_comes_twice_is_once() -> None:
    when = plans.When(every=Every.DAY, at=dt.time(2, 30))
    first = timing.next_start(when, _at("2026-10-24 12:00", BERLIN), BERLIN)
    assert first is not None
    second = timing.next_start(when, first, BERLIN)
    assert second is not None
    assert second.astimezone(BERLIN).date() == dt.date(2026, 10, 26)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("2026-03-10 08:59", "2026-03-10 09:00"),
        ("2026-03-10 09:00", "2026-03-10 09:00"),
        ("2026-03-10 09:01", "2026-03-11 09:00"),
    ],
)
def test_the_next_time_that_clocks_show_one(after: str, found: str) -> None:
    assert timing.next_time(dt.time(9), _at(after, SHANGHAI), SHANGHAI) == _at(found, SHANGHAI)


def test_a_start_in_the_past_is_at_once() -> None:
    now = _at("2026-03-10 12:00", SHANGHAI)
    assert timing.first_start(plans.When(on=dt.date(2026, 3, 9)), now, SHANGHAI) == now
    assert timing.first_start(plans.When(), now, SHANGHAI) == now


@pytest.mark.parametrize(
    ("days", "date", "is_one"),
    [
        ({}, dt.date(2026, 3, 1), True),
        ({}, dt.date(2026, 3, 31), True),
        ({}, dt.date(2026, 4, 1), False),
        ({"weekdays": (2,)}, dt.date(2026, 3, 4), True),
        ({"weekdays": (2,)}, dt.date(2026, 3, 5), False),
        ({"day": 8}, dt.date(2026, 3, 8), True),
        ({"day": 31}, dt.date(2026, 3, 30), False),
    ],
)
def test_point_days(days: dict[str, object], date: dt.date, is_one: bool) -> None:
    march = plans.PointDays(dt.date(2026, 3, 1), dt.date(2026, 3, 31), Decimal(2), **days)  # type: ignore[arg-type]
    assert timing.is_point_day(march, date) is is_one


def _at(text: str, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


# ---- comparisons


@pytest.mark.parametrize(
    ("statistic", "degrees", "p"),
    [  # tables of the chi-squared distribution
        (3.841459, 1, 0.05),
        (6.634897, 1, 0.01),
        (5.991465, 2, 0.05),
        (14.06714, 7, 0.05),
        (18.47531, 7, 0.01),
        (0.0, 3, 1.0),
        (1000.0, 1, 0.0),
    ],
)
def test_the_tail_of_chi_squared(statistic: float, degrees: int, p: float) -> None:
    assert math.isclose(experiments.chi_squared_tail(statistic, degrees), p, rel_tol=1e-5, abs_tol=1e-9)


@given(st.floats(0.01, 200))
def test_the_tail_with_two_degrees_is_exponential(statistic: float) -> None:
    assert math.isclose(
        experiments.chi_squared_tail(statistic, 2), math.exp(-statistic / 2), rel_tol=1e-10, abs_tol=1e-14
    )


@pytest.mark.parametrize(
    ("low", "high", "needed"), [(0.03, 0.036, 13_914), (0.10, 0.11, 14_751), (0.20, 0.22, 6_510), (0.1, 0.1, 0)]
)
def test_the_sample_that_is_needed(low: float, high: float, needed: int) -> None:
    assert experiments.sample_size(low, high) == needed


def test_the_smallest_difference_is_what_the_sample_shows() -> None:
    found = experiments.smallest_difference(13_914, 0.03)
    assert math.isclose(found, 0.006, rel_tol=1e-3)
    assert experiments.smallest_difference(0, 0.03) == 0.97


def test_holm_steps_down_and_never_falls() -> None:
    assert experiments.holm([("B", 0.04), ("C", 0.01), ("D", 0.03)]) == (("C", 0.03), ("D", 0.06), ("B", 0.06))


@pytest.mark.parametrize(
    ("arms", "winner", "why"),
    [
        ([Arm("A", 1000, 100), Arm("B", 1000, 160)], "B", "won"),
        ([Arm("A", 1000, 100), Arm("B", 1000, 105)], "", "not_different"),
        ([Arm("A", 1000, 160), Arm("B", 1000, 158), Arm("C", 1000, 90)], "", "not_best"),
        ([Arm("A", 1000, 2), Arm("B", 1000, 4)], "", "too_few"),
        ([Arm("A", 0, 0), Arm("B", 0, 0)], "", "too_few"),
        ([Arm("A", 50, 25)], "", "too_few"),
    ],
)
def test_a_decision(arms: list[Arm], winner: str, why: str) -> None:
    decision = experiments.decide(arms)
    assert (decision.winner, decision.why) == (winner, why)
    assert decision == experiments.decide(arms)


@pytest.mark.parametrize(("variants", "rate"), [(2, 0.1), (2, 0.03), (4, 0.1), (8, 0.2)])
def test_alike_variants_win_in_six_of_a_hundred_trials_at_most(variants: int, rate: float) -> None:
    """2,000 simulated A/A tests: the binomial draws are normal ones, rounded, which is exact enough at n = 2,000."""
    dice = random.Random(20_261_127 + variants)
    n, spread = 2000, math.sqrt(2000 * rate * (1 - rate))
    won = 0
    for _ in range(2000):
        arms = [Arm(code, n, min(n, max(0, round(dice.gauss(n * rate, spread))))) for code in plans.CODES[:variants]]
        won += bool(experiments.decide(arms).winner)
    assert won <= 120


def test_the_better_variant_is_found_as_often_as_the_sample_promises() -> None:
    dice = random.Random(7)
    needed = experiments.sample_size(0.10, 0.13)
    won = 0
    for _ in range(500):
        draws = [round(dice.gauss(needed * rate, math.sqrt(needed * rate * (1 - rate)))) for rate in (0.10, 0.13)]
        won += experiments.decide([Arm("A", needed, draws[0]), Arm("B", needed, draws[1])]).winner == "B"
    assert 0.75 <= won / 500 <= 0.86


def test_an_interval_of_a_difference() -> None:
    """Newcombe's example (1998): 56 of 70 against 48 of 80 is 0.20, from 0.0524 to 0.3339."""
    found = experiments.difference(Arm("treated", 70, 56), Arm("control", 80, 48))
    assert (round(found.value, 4), round(found.low, 4), round(found.high, 4)) == (0.2, 0.0524, 0.3339)


def test_incremental_conversions_scale_the_control_to_the_treated() -> None:
    assert math.isclose(experiments.incremental(Arm("treated", 9000, 900), Arm("control", 1000, 80)), 180)


def test_extra_revenue_of_a_member() -> None:
    treated, control = experiments.Sums(4, 40, 480), experiments.Sums(4, 20, 120)
    found = experiments.extra_per_member(treated, control)
    assert found.value == 5
    assert math.isclose(found.high - found.value, 1.959964 * math.sqrt(80 / 3 / 4 + 20 / 3 / 4), rel_tol=1e-6)
