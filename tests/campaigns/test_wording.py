"""Campaigns in words: every kind of plan, lack, problem, refusal and result, in three languages."""

import ast
import datetime as dt
import inspect
import re
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from campaigns import actions as campaigns_actions
from campaigns import wording
from campaigns.enums import CampaignKind, Every, Fallback, Goal, Metric, RewardKind, Trigger
from campaigns.rules import lacking
from campaigns.rules import plan as plans
from campaigns.rules.experiments import Arm, Interval, Sums, decide
from campaigns.wording import Told, faults, names
from membership_site import formats

LANGUAGES = ("en", "zh-hans", "zh-hant")
TOLD = Told(
    who="All active members",
    coupons={"ten": "Ten off"},
    tiers={"gold": "Gold"},
    templates={1: "Hello", 2: "Hi"},
    members=8_900,
    has_control_group=True,
)
REWARDS = (
    plans.Reward(RewardKind.POINTS, most=50_000, points=100),
    plans.Reward(RewardKind.COUPON, most=500, coupon="ten"),
    plans.Reward(RewardKind.TIER, most=10, tier="gold", days=30),
    plans.Reward(RewardKind.TAG, most=9_000, tag="won back"),
)
TEN = dt.time(10, 0)


def said(plan: plans.Plan, kind: CampaignKind = CampaignKind.ONCE, told: Told = TOLD, language: str = "en") -> str:
    """Will say a whole plan in one line."""
    with translation.override(language):
        return " ".join(line for part in wording.plan_in_words(plan, kind, told, formats) for line in part.sentences)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (plans.Plan(goal=Goal.CHECK_IN, window_days=1), "Whoever checks in within 1 day of it counts."),
        (plans.Plan(margin=Decimal("0.125")), "Of what is sold, 12.5% is reckoned as margin."),
        (plans.Plan(control_share=0), "Nobody is kept apart, so that nobody will know"),
        (plans.Plan(), "That is 8,900 members now; they are counted anew when it goes out."),
        (plans.Plan(), "Members of the group that gets no marketing are left out as well."),
        (plans.Plan(), "Nothing is given."),
        (plans.Plan(rewards=REWARDS), "Each gets 100 points, at most 50,000 altogether: enough for 500 members."),
        (
            plans.Plan(rewards=REWARDS),
            "The budget of points reaches for 500 of 8,010 members.",
        ),
        (plans.Plan(rewards=REWARDS), "Each gets the coupon “Ten off”, at most 500 altogether."),
        (plans.Plan(rewards=REWARDS), "Each holds Gold for 30 days, at most 10 members; a better tier is kept."),
        (plans.Plan(rewards=REWARDS), "Who is kept apart gets none of it."),
        (plans.Plan(channels=("sms",)), "It goes by Text message: to each member by those that reach him."),
        (plans.Plan(rate_per_minute=600), "At most 600 messages a minute."),
        (plans.Plan(obeys_caps=False), "It is sent even to who has had as many messages as are allowed."),
    ],
)
def test_what_a_plan_says(plan: plans.Plan, words: str) -> None:
    assert words in said(plan)


def test_a_budget_that_reaches_is_not_spoken_of() -> None:
    assert "The budget of tags" not in said(plans.Plan(rewards=REWARDS))


@pytest.mark.parametrize(
    ("kind", "when", "words"),
    [
        (CampaignKind.ONCE, plans.When(), "It goes out at once when it is started."),
        (CampaignKind.ONCE, plans.When(at=TEN), "It goes out when it is started, at 10:00."),
        (
            CampaignKind.ONCE,
            plans.When(on=dt.date(2026, 5, 8), at=TEN, in_member_zone=True),
            "It goes out on 8 May 2026 at 10:00 in each member’s own time zone.",
        ),
        (CampaignKind.RECURRING, plans.When(every=Every.DAY, at=TEN), "It goes out every day at 10:00."),
        (
            CampaignKind.RECURRING,
            plans.When(every=Every.WEEK, weekdays=(0, 3), at=TEN),
            "It goes out every Monday and Thursday at 10:00.",
        ),
        (CampaignKind.RECURRING, plans.When(every=Every.MONTH, day=31, at=TEN), "on the last day of a shorter month"),
        (CampaignKind.RECURRING, plans.When(again_after_days=20), "again after 20 days at the earliest."),
        (CampaignKind.RECURRING, plans.When(ends_on=dt.date(2026, 6, 1)), "It ends with 1 Jun 2026."),
        (CampaignKind.RECURRING, plans.When(), "It has no rhythm yet."),
        (CampaignKind.TRIGGERED, plans.When(), "It is not said yet what sets it going."),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.GONE_QUIET, days=60), "has not ordered for 60 days."),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.STREAK_BROKEN, days=7), "checked in 7 days in a row"),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.EVENT, event="cart_left"), "the event “cart_left”."),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.WELCOME, delay_hours=3), "goes out 3 hours later."),
        (
            CampaignKind.TRIGGERED,
            plans.When(trigger=Trigger.WELCOME, delay_hours=48, at=TEN),
            "2 days later, at 10:00",
        ),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.BIRTHDAY, at=TEN), "goes out at the next 10:00."),
        (CampaignKind.TRIGGERED, plans.When(trigger=Trigger.UPGRADE), "The message goes out at once."),
    ],
)
def test_when_a_plan_goes_out(kind: CampaignKind, when: plans.When, words: str) -> None:
    assert words in said(plans.Plan(when=when), kind)


def test_how_variants_compete() -> None:
    variants = (plans.Variant("A", 1), plans.Variant("B", 2))
    plan = plans.Plan(variants=variants, experiment=plans.Experiment(Metric.CLICKED, 72, 2000, Fallback.SPLIT))
    text = said(plan)
    assert "Variants compete: A “Hello” and B “Hi”." in text
    assert "They are compared once, after 3 days, by how many followed a link." in text
    assert "20% are sent one of them at first; the others wait and are sent the winner." in text
    assert "If no variant wins, the others are shared evenly among the variants." in text
    whole = plans.Plan(variants=variants, experiment=plans.Experiment(Metric.OPENED, 5))
    assert "Everybody is sent one of them, the same number each." in said(whole)


def test_point_days() -> None:
    days = plans.PointDays(
        dt.date(2026, 5, 1),
        dt.date(2026, 6, 30),
        Decimal("1.5"),
        (4,),
        0,
        500,
        "gold",
        {"en": "Friday", "zh-hans": "周五"},
    )
    text = said(plans.Plan(point_days=days), CampaignKind.POINT_DAYS)
    assert "Orders earn ×1.5 points every Friday from 1 May 2026 through 30 Jun 2026." in text
    assert "It is for Gold and up." in text and "A member gets at most 500 points more." in text
    assert "周五" in said(plans.Plan(point_days=days), CampaignKind.POINT_DAYS, language="zh-hans")
    assert "not said yet" in said(plans.Plan(), CampaignKind.POINT_DAYS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_has_words_in_each_language(language: str) -> None:
    """No code is without words, and nothing stays English in Chinese."""
    with translation.override(language):
        texts = [
            *(str(words) for table in TABLES for words in table.values()),
            *(said_of(plan, kind, language) for plan, kind in everything()),
            *wording.effect_in_words(Arm("", 10, 2), Arm("", 10, 1), Goal.ORDER, 14, formats),
            *wording.power_in_words(2_000, 0.03, formats, 0.036),
        ]
    for text in texts:
        assert text and "%(" not in text.replace("%(date)s", "").replace("%(code)s", ""), text
        if language != "en":
            assert re.search("[\u4e00-\u9fff]", text), text
            assert not re.search("[\u4e00-\u9fff][,;]", text), text


TABLES: tuple[Any, ...] = (
    *(names.STEPS, names.KINDS, names.STATES, names.RUN_STATES, names.GOALS, names.TRIGGERS, names.RHYTHMS),
    *(names.REWARDS, names.METRICS, names.FALLBACKS, names.GROUPS, names.CHANNELS, names.MESSAGE_STATES, names.REASONS),
    *(faults.LACKS, faults.PROBLEMS, faults.REFUSALS),
)


def said_of(plan: plans.Plan, kind: CampaignKind, language: str) -> str:
    """Will say a plan in a language."""
    return said(plan, kind, language=language)


def everything() -> list[tuple[plans.Plan, CampaignKind]]:
    """Will return plans that say each thing once."""
    found = [(plans.Plan(goal=goal, rewards=REWARDS), CampaignKind.ONCE) for goal in Goal]
    for trigger in Trigger:
        when = plans.When(trigger=trigger, days=7, event="left", at=TEN, in_member_zone=True, delay_hours=2)
        found.append((plans.Plan(when=when), CampaignKind.TRIGGERED))
    for every in Every:
        when = plans.When(
            every=every, weekdays=(1,), day=3, at=TEN, on=dt.date(2026, 5, 1), ends_on=dt.date(2026, 6, 1)
        )
        found.append((plans.Plan(when=when), CampaignKind.RECURRING))
    variants = (plans.Variant("A", 1), plans.Variant("B", 2))
    for metric in Metric:
        for fallback in Fallback:
            experiment = plans.Experiment(metric, 72, 2_000, fallback)
            found.append((plans.Plan(variants=variants, experiment=experiment), CampaignKind.ONCE))
    return found


def test_each_table_names_every_code() -> None:
    for table, kinds in (
        (names.TRIGGERS, Trigger),
        (names.GOALS, Goal),
        (names.REWARDS, RewardKind),
        (names.CHANNELS, names.Channel),
        (names.REASONS, names.Reason),
        (names.MESSAGE_STATES, names.MessageState),
        (names.STATES, names.CampaignState),
        (names.RUN_STATES, names.RunState),
        (names.GROUPS, names.Group),
        (names.KINDS, CampaignKind),
    ):
        assert set(table) == set(kinds)
    assert codes_in(lacking, "Lack", 1) == set(faults.LACKS)
    assert codes_in(plans, "_wrong", 1) | {"unknown", "before_start", "twice"} == set(faults.PROBLEMS)
    refused = {
        name for name, one in vars(campaigns_actions).items() if isinstance(one, type) and issubclass(one, Exception)
    }
    of_segments = {"GoesRound", "SegmentChanged", "SegmentInUse", "SegmentNameTaken", "UnknownSegment"}
    assert refused - of_segments <= set(faults.REFUSALS)


def codes_in(module: Any, name: str, place: int) -> set[str]:
    """Will return the constants that calls of a name hand over at a place."""
    tree = ast.parse(inspect.getsource(module))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    called = [node for node in calls if getattr(node.func, "id", getattr(node.func, "attr", "")) == name]
    return {node.args[place].value for node in called if isinstance(node.args[place], ast.Constant)}


def test_refusals() -> None:
    assert "variant B" in wording.refusal_words(campaigns_actions.WordsNotReady("B"))
    assert wording.refusal_words(campaigns_actions.OwnCampaign()).startswith("Somebody else has to read it")
    assert "Nothing was changed." in wording.refusal_words(ValueError("x"))
    lack = lacking.Lack("when", "past", (("date", dt.date(2026, 1, 2)),))
    assert wording.lack_words(lack, formats) == "It was to go out on 2 Jan 2026, which is over. Choose another date."


@pytest.mark.parametrize(
    ("treated", "control", "words"),
    [
        (
            Arm("", 8_900, 412),
            Arm("", 1_000, 38),
            "The difference cannot be told apart from chance: in 95 of 100 cases it lies between −0.6 and 1.9",
        ),
        (
            Arm("", 8_900, 890),
            Arm("", 1_000, 50),
            "percentage points of it is the campaign’s doing, in 95 of 100 cases.",
        ),
        (Arm("", 8_900, 100), Arm("", 1_000, 100), "It did harm: between"),
        (Arm("", 8_900, 412), None, "Nobody was kept apart, so what they would have done without it is not known."),
        (Arm("", 0, 0), None, "Nobody has been written to yet."),
    ],
)
def test_what_came_of_it(treated: Arm, control: Arm | None, words: str) -> None:
    text = " ".join(wording.effect_in_words(treated, control, Goal.ORDER, 14, formats))
    assert words in text
    if treated.n == 8_900 and treated.converted == 412:
        assert "Of 8,900 members who were written to, 412 ordered within 14 days (4.6%)." in text


def test_lifts_and_extras() -> None:
    assert wording.lift_in_words(Interval(0.01, 0.001, 0.015), formats).startswith(
        "Between 0.1 and 1.5 percentage points"
    )
    assert "some 74 of them would not" in wording.extra_in_words(Arm("", 8_900, 412), Arm("", 1_000, 38), formats)
    assert "some 12 more would have" in wording.extra_in_words(Arm("", 1_000, 26), Arm("", 1_000, 38), formats)


def test_money() -> None:
    rich, poor = Sums(1_000, 20_000.0, 500_000.0), Sums(1_000, 10_000.0, 150_000.0)
    text = " ".join(wording.money_in_words(rich, poor, Decimal("100.50"), Decimal("0.3"), formats))
    assert "It has cost CN¥100.50 so far." in text and "more because of it, in 95 of 100 cases." in text
    assert "At a margin of 30%, CN¥2,899.50 of that is left after its cost." in text
    loss = " ".join(wording.money_in_words(rich, poor, Decimal(9_000), Decimal("0.3"), formats))
    assert "CN¥6,000.00 less than it cost" in loss
    assert "cannot be told apart from chance" in " ".join(
        wording.money_in_words(poor, poor, Decimal(1), Decimal(1), formats)
    )
    assert "too few" in " ".join(wording.money_in_words(rich, Sums(3, 1.0, 1.0), Decimal(1), Decimal(1), formats))


def _decided(*arms: Arm, fallback: Fallback = Fallback.FIRST) -> str:
    decision = decide(arms)
    kept = {
        "winner": decision.winner,
        "why": decision.why,
        "p": decision.p,
        "arms": [{"code": one.code, "n": one.n, "converted": one.converted} for one in decision.arms],
        "needed": decision.needed,
        "fallback": fallback.value,
    }
    return " ".join(wording.decision_in_words(kept, Metric.ORDERED, formats))


def test_decisions() -> None:
    won = _decided(Arm("A", 2_000, 60), Arm("B", 2_000, 120))
    assert (
        won.startswith("B won. Were all variants alike")
        and "B: 6.0% of 2,000 ordered; A: 3.0% of 2,000 ordered." in won
    )
    alike = _decided(Arm("A", 2_000, 60), Arm("B", 2_000, 66))
    assert alike.startswith("No variant won: were all alike") and "each variant would have needed" in alike
    assert alike.endswith("Who had waited was sent A, as was settled before.")
    assert _decided(Arm("A", 9, 1), Arm("B", 9, 1)).startswith("No variant won: too few")
    third = _decided(Arm("A", 2_000, 200), Arm("B", 2_000, 195), Arm("C", 2_000, 100), fallback=Fallback.STOP)
    assert third.startswith("No variant won: they differ") and third.endswith(
        "was sent nothing, as was settled before."
    )


def test_power() -> None:
    text = " ".join(wording.power_in_words(13_914, 0.03, formats, 0.036))
    assert "Each variant goes to some 13,914 members." in text and "a rise of 0.6 percentage points or more" in text
    assert "To tell 3.0% from 3.6%, each variant needs 13,914 members." in text
    assert "these are too few" in " ".join(wording.power_in_words(2, 0.03, formats))
    assert "Nobody would be sent a variant" in wording.power_in_words(0, 0.03, formats)[0]


def test_gifts_and_names() -> None:
    assert [wording.gift_words(one, TOLD, formats) for one in REWARDS] == [
        "100 points",
        "the coupon “Ten off”",
        "Gold for 30 days",
        "the tag “won back”",
    ]
    assert wording.name_in({"en": "Day"}) == "Day" and wording.name_in({}) == ""
    assert wording.times_words(Decimal(2), formats) == "double (×2)"
    assert wording.times_words(Decimal("1.20"), formats) == "×1.2"
