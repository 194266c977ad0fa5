"""What came of a campaign in sentences: who acted, how much of it is its doing, which variant won, what was paid."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from campaigns.enums import Fallback, Goal, Metric
from campaigns.rules.experiments import (
    Arm,
    Interval,
    Sums,
    difference,
    extra_per_member,
    incremental,
    sample_size,
    smallest_difference,
)
from campaigns.wording.plans import days_words, members_words
from kit.formats import Formats

SUMS_MIN = 100
"""Fewer members of a group than this, and nothing is said of what one spent more than another."""


def effect_in_words(treated: Arm, control: Arm | None, goal: Goal, days: int, formats: Formats) -> tuple[str, ...]:
    """Will say how many did what a campaign is for, how many without it, and what of that is its doing."""
    if not treated.n:
        return (_("Nobody has been written to yet."),)
    facts = {
        "n": members_words(treated.n, formats),
        "did": formats.num(treated.converted),
        "rate": _percent(treated.rate, formats),
        "days": days_words(days, formats),
    }
    first = _first(goal) % facts
    if control is None or not control.n:
        return (first, _("Nobody was kept apart, so what they would have done without it is not known."))
    apart = ngettext(
        "Of %(n)s who was kept apart, %(did)s did (%(rate)s).",
        "Of %(n)s who were kept apart, %(did)s did (%(rate)s).",
        control.n,
    )
    beside = apart % {
        "n": formats.num(control.n),
        "did": formats.num(control.converted),
        "rate": _percent(control.rate, formats),
    }
    return first, beside, lift_in_words(difference(treated, control), formats)


def _first(goal: Goal) -> str:
    return {
        Goal.ORDER: _("Of %(n)s who were written to, %(did)s ordered within %(days)s (%(rate)s)."),
        Goal.CHECK_IN: _("Of %(n)s who were written to, %(did)s checked in within %(days)s (%(rate)s)."),
        Goal.REDEMPTION: _("Of %(n)s who were written to, %(did)s redeemed a reward within %(days)s (%(rate)s)."),
        Goal.CLICK: _("Of %(n)s who were written to, %(did)s followed a link within %(days)s (%(rate)s)."),
        Goal.INFORM: _("Of %(n)s who were written to, %(did)s opened it within %(days)s (%(rate)s)."),
    }[goal]


def lift_in_words(lift: Interval, formats: Formats) -> str:
    """Will say how much of a difference is a campaign's doing, or that it cannot be told apart from chance."""
    low, high = _percentage_points(lift.low, formats), _percentage_points(lift.high, formats)
    if lift.low > 0:
        words = _("Between %(low)s and %(high)s percentage points of it is the campaign’s doing, in 95 of 100 cases.")
        return words % {"low": low, "high": high}
    if lift.high < 0:
        words = _("It did harm: between %(least)s and %(most)s percentage points fewer did so, in 95 of 100 cases.")
        return words % {
            "least": _percentage_points(-lift.high, formats),
            "most": _percentage_points(-lift.low, formats),
        }
    words = _(
        "The difference cannot be told apart from chance: in 95 of 100 cases it lies between %(low)s and %(high)s "
        "percentage points."
    )
    return words % {"low": low, "high": high}


def extra_in_words(treated: Arm, control: Arm, formats: Formats) -> str:
    """Will say how many did so who would not have without it, by the rate of those who were kept apart."""
    extra = incremental(treated, control)
    number = formats.num(abs(round(extra)))
    if extra >= 0:
        return _("By the rate of those kept apart, some %(n)s of them would not have done so without it.") % {
            "n": number
        }
    return _("By the rate of those kept apart, some %(n)s more would have done so without it.") % {"n": number}


def cost_in_words(cost: Decimal, formats: Formats) -> str:
    """Will say what a campaign has cost."""
    return _("It has cost %(cost)s so far.") % {"cost": formats.money(cost)}


def money_in_words(
    treated: Sums, control: Sums | None, cost: Decimal, margin: Decimal, formats: Formats
) -> tuple[str, ...]:
    """Will say what a member spent more than one who was kept apart, and what of it was left after its cost."""
    paid = cost_in_words(cost, formats)
    if control is None or min(control.n, treated.n) < SUMS_MIN:
        few = _("Fewer than %(n)s members of a group: too few to say what they spent more because of it.")
        return paid, few % {"n": formats.num(SUMS_MIN)}
    extra = extra_per_member(treated, control)
    facts = {"low": _amount(extra.low, formats), "high": _amount(extra.high, formats)}
    if extra.low <= 0 <= extra.high:
        words = _(
            "What a member spent more cannot be told apart from chance: in 95 of 100 cases it lies between %(low)s "
            "and %(high)s."
        )
        return paid, words % facts
    said = _("A member spent between %(low)s and %(high)s more because of it, in 95 of 100 cases.") % facts
    left = Decimal(str(extra.value)) * treated.n * margin - cost
    facts = {"margin": f"{formats.num((margin * 100).normalize() + 0)}%", "left": formats.money(abs(round(left, 2)))}
    if left >= 0:
        gain = _("At a margin of %(margin)s, %(left)s of that is left after its cost.")
    else:
        gain = _("At a margin of %(margin)s, that is %(left)s less than it cost.")
    return paid, said, gain % facts


# ---- variants


def decision_in_words(decision: Mapping[str, Any], metric: Metric, formats: Formats) -> tuple[str, ...]:
    """Will say which variant won and by what, or that none did, and what became of the rest of the audience."""
    arms = sorted((Arm(**arm) for arm in decision["arms"]), key=lambda arm: (-arm.rate, arm.code))
    said = [_verdict(decision, arms, formats)]
    did = {
        Metric.ORDERED: _("ordered"),
        Metric.CLICKED: _("followed a link"),
        Metric.OPENED: _("opened it"),
    }[metric]
    rows = [
        pgettext("a variant's result", "%(code)s: %(rate)s of %(n)s %(did)s")
        % {"code": arm.code, "rate": _percent(arm.rate, formats), "n": formats.num(arm.n), "did": did}
        for arm in arms
    ]
    if rows:
        said.append(pgettext("a sentence", "%s.") % pgettext("between two facts", "; ").join(rows))
    if not decision["winner"] and decision["needed"]:
        needed = _("To tell the best two apart, each variant would have needed %(n)s.")
        said.append(needed % {"n": members_words(decision["needed"], formats)})
    if not decision["winner"]:
        said.append(
            {
                Fallback.FIRST: _("Who had waited was sent A, as was settled before."),
                Fallback.SPLIT: _("Who had waited was shared evenly among the variants, as was settled before."),
                Fallback.STOP: _("Who had waited was sent nothing, as was settled before."),
            }[Fallback(decision.get("fallback", Fallback.FIRST))]
        )
    return tuple(said)


def _verdict(decision: Mapping[str, Any], arms: Sequence[Arm], formats: Formats) -> str:
    chance = _percent(decision["p"], formats)
    if decision["winner"]:
        won = _("%(code)s won. Were all variants alike, chance would make such a difference in %(p)s of cases.")
        return won % {"code": decision["winner"], "p": chance}
    return {
        "not_different": _(
            "No variant won: were all alike, chance would make such differences in %(p)s of cases."
        ) % {"p": chance},
        "not_best": _("No variant won: they differ, but the best cannot be told apart from the next."),
        "too_few": _("No variant won: too few members did so to compare them."),
    }[decision["why"]]  # fmt: skip


def power_in_words(per_variant: int, usual: float, formats: Formats, wished: float | None = None) -> tuple[str, ...]:
    """Will say before a launch what difference so many members a variant would show, and how many a wish needs.

    `usual` is the rate without anything special, `wished` the one that is hoped for.
    """
    said = [*_seen(per_variant, usual, formats)]
    if wished is not None and wished != usual:
        needed = sample_size(usual, wished)
        words = _("To tell %(usual)s from %(wished)s, each variant needs %(n)s.")
        facts = {"usual": _percent(usual, formats), "wished": _percent(wished, formats)}
        said.append(words % {**facts, "n": members_words(needed, formats)})
    return tuple(said)


def _seen(per_variant: int, usual: float, formats: Formats) -> tuple[str, ...]:
    if per_variant < 1:
        return (_("Nobody would be sent a variant, so nothing would be found out."),)
    each = _("Each variant goes to some %(n)s.") % {"n": members_words(per_variant, formats)}
    least = smallest_difference(per_variant, usual)
    facts = {"usual": _percent(usual, formats), "least": _percentage_points(least, formats)}
    if usual + least >= 1:
        seen = _("Where %(usual)s do so anyway, no difference would be big enough to be seen: these are too few.")
    else:
        seen = _(
            "Where %(usual)s do so anyway, they show a rise of %(least)s percentage points or more, in 80 of 100 cases."
        )
    return each, seen % facts


# ---- leaves


def _percent(share: float, formats: Formats) -> str:
    return formats.pct(share)


def _percentage_points(share: float, formats: Formats) -> str:
    """A share of one as percentage points, without a sign of percent: −0.2."""
    return formats.pct(share).rstrip("%")


def _amount(value: float, formats: Formats) -> str:
    return formats.money(round(Decimal(str(value)), 2))
