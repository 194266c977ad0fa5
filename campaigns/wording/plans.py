"""A whole plan in sentences, step by step: what it is for, who gets it, what is given, what is said, and when."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _

from campaigns.enums import CampaignKind, Every, Fallback, Goal, Metric, RewardKind, Trigger
from campaigns.rules.buckets import BUCKETS
from campaigns.rules.plan import Experiment, Plan, PointDays, Reward, When, affordable
from campaigns.wording.names import channel_name
from kit.formats import Formats
from points.wording import weekday_name


@dataclass(frozen=True, slots=True)
class Told:
    """What sentences name: the audience, coupons, tiers and templates, the control group, and how many members.

    `members` is None where they were not counted. A code that has no name stands for itself.
    """

    who: str = ""
    coupons: Mapping[str, str] = field(default_factory=dict)
    tiers: Mapping[str, str] = field(default_factory=dict)
    templates: Mapping[int, str] = field(default_factory=dict)
    members: int | None = None
    has_control_group: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """What a step of a plan says."""

    step: str
    sentences: tuple[str, ...]


def plan_in_words(plan: Plan, kind: CampaignKind, told: Told, formats: Formats) -> tuple[Said, ...]:
    """Will say a whole plan, one step after the other."""
    if kind is CampaignKind.POINT_DAYS:
        return (Said("when", point_days_in_words(plan.point_days, told, formats)),)
    return (
        Said("goal", goal_in_words(plan, formats)),
        Said("who", who_in_words(plan, told, formats)),
        Said("reward", rewards_in_words(plan, told, formats)),
        Said("message", message_in_words(plan, told, formats)),
        Said("when", when_in_words(plan.when, kind, formats)),
    )


# ---- goal


def goal_in_words(plan: Plan, formats: Formats) -> tuple[str, ...]:
    """Will say what a campaign is to bring about, and what counts as having worked."""
    facts = {"days": days_words(plan.window_days, formats), "share": _share(plan.margin, formats)}
    words = {
        Goal.ORDER: _("It is to bring about orders. Whoever orders within %(days)s of it counts."),
        Goal.CHECK_IN: _("It is to bring about check-ins. Whoever checks in within %(days)s of it counts."),
        Goal.REDEMPTION: _("It is to get rewards redeemed. Whoever redeems one within %(days)s of it counts."),
        Goal.CLICK: _("It is to get a link followed. Whoever follows it within %(days)s counts."),
        Goal.INFORM: _("It is to inform. Whoever opens it within %(days)s counts."),
    }[plan.goal]
    margin = _("Of what is sold, %(share)s is reckoned as margin.")
    return words % facts, margin % facts, *([plan.note] if plan.note else [])


# ---- who


def who_in_words(plan: Plan, told: Told, formats: Formats) -> tuple[str, ...]:
    """Will say whom a campaign is for, and who of them is kept apart."""
    said = [pgettext("a sentence", "%s.") % told.who] if told.who else []
    if told.members is not None:
        now = ngettext(
            "That is %(n)s member now; they are counted anew when it goes out.",
            "That is %(n)s members now; they are counted anew when it goes out.",
            told.members,
        )
        said.append(now % {"n": formats.num(told.members)})
    share = _share(Decimal(plan.control_share) / BUCKETS, formats)
    if plan.control_share:
        said.append(_("%(share)s of them get nothing, to see what happens without it.") % {"share": share})
    else:
        said.append(_("Nobody is kept apart, so that nobody will know what happens without it."))
    if told.has_control_group:
        said.append(_("Members of the group that gets no marketing are left out as well."))
    return tuple(said)


# ---- reward


def rewards_in_words(plan: Plan, told: Told, formats: Formats) -> tuple[str, ...]:
    """Will say what each member is given, at most how much altogether, and where that does not reach."""
    if not plan.rewards:
        return (_("Nothing is given."),)
    said = [reward_in_words(reward, told, formats) for reward in plan.rewards]
    if plan.control_share:
        said.append(_("Who is kept apart gets none of it."))
    if told.members is not None:
        said += _shortages(plan, told.members, formats)
    return tuple(said)


def reward_in_words(reward: Reward, told: Told, formats: Formats) -> str:
    """Will say one gift and its budget."""
    reach = reward.most // reward.cost
    facts = {
        "points": _points(reward.points, formats),
        "coupon": told.coupons.get(reward.coupon, reward.coupon),
        "tier": told.tiers.get(reward.tier, reward.tier),
        "days": days_words(reward.days, formats),
        "tag": reward.tag,
        "most": formats.num(reward.most),
        "reach": members_words(reach, formats),
    }
    words = {
        RewardKind.POINTS: _("Each gets %(points)s, at most %(most)s altogether: enough for %(reach)s."),
        RewardKind.COUPON: _("Each gets the coupon “%(coupon)s”, at most %(most)s altogether."),
        RewardKind.TIER: _("Each holds %(tier)s for %(days)s, at most %(most)s members; a better tier is kept."),
        RewardKind.TAG: _("Each gets the tag “%(tag)s”, at most %(most)s members."),
    }[reward.kind]
    return words % facts


def gift_words(reward: Reward, told: Told, formats: Formats) -> str:
    """Will say in a few words what a member was given: 100 points; the coupon “Ten off”."""
    facts = {
        "coupon": told.coupons.get(reward.coupon, reward.coupon),
        "tier": told.tiers.get(reward.tier, reward.tier),
        "days": days_words(reward.days, formats),
        "tag": reward.tag,
    }
    return {
        RewardKind.POINTS: _points(reward.points, formats),
        RewardKind.COUPON: _("the coupon “%(coupon)s”"),
        RewardKind.TIER: _("%(tier)s for %(days)s"),
        RewardKind.TAG: _("the tag “%(tag)s”"),
    }[reward.kind] % facts


def _shortages(plan: Plan, members: int, formats: Formats) -> list[str]:
    treated = members - members * plan.control_share // BUCKETS
    short = {
        RewardKind.POINTS: _("The budget of points reaches for %(enough)s of %(all)s. Then the campaign pauses."),
        RewardKind.COUPON: _("The budget of coupons reaches for %(enough)s of %(all)s. Then the campaign pauses."),
        RewardKind.TIER: _("The budget of tiers reaches for %(enough)s of %(all)s. Then the campaign pauses."),
        RewardKind.TAG: _("The budget of tags reaches for %(enough)s of %(all)s. Then the campaign pauses."),
    }
    return [
        short[reward.kind] % {"enough": formats.num(enough), "all": members_words(treated, formats)}
        for reward, enough in affordable(plan, treated)
    ]


# ---- message


def message_in_words(plan: Plan, told: Told, formats: Formats) -> tuple[str, ...]:
    """Will say what is said, by which channels, how variants compete, and what holds messages back."""
    said = [*_variants(plan, told, formats)]
    if plan.channels:
        ways = formats.listing([channel_name(channel) for channel in plan.channels])
        said.append(_("It goes by %(ways)s: to each member by those that reach him.") % {"ways": ways})
    if len(plan.variants) > 1 and plan.experiment is not None:
        said += experiment_in_words(plan.experiment, len(plan.variants), formats)
    if plan.rate_per_minute:
        rate = ngettext("At most %(n)s message a minute.", "At most %(n)s messages a minute.", plan.rate_per_minute)
        said.append(rate % {"n": formats.num(plan.rate_per_minute)})
    if plan.obeys_caps:
        said.append(_("Who has had as many messages as are allowed is left out."))
    else:
        said.append(_("It is sent even to who has had as many messages as are allowed."))
    return tuple(said)


def _variants(plan: Plan, told: Told, formats: Formats) -> list[str]:
    names = [told.templates.get(variant.template, f"#{variant.template}") for variant in plan.variants]
    if not names:
        return []
    if len(names) == 1:
        return [_("The words are “%(name)s”.") % {"name": names[0]}]
    said = [
        pgettext("a variant and its words", "%(code)s “%(name)s”") % {"code": variant.code, "name": name}
        for variant, name in zip(plan.variants, names, strict=True)
    ]
    return [_("Variants compete: %(variants)s.") % {"variants": formats.listing(said)}]


def experiment_in_words(experiment: Experiment, variants: int, formats: Formats) -> list[str]:
    """Will say by what variants are compared, when, and what becomes of the rest of the audience."""
    metric = {
        Metric.ORDERED: _("They are compared once, after %(hours)s, by how many ordered."),
        Metric.CLICKED: _("They are compared once, after %(hours)s, by how many followed a link."),
        Metric.OPENED: _(
            "They are compared once, after %(hours)s, by how many opened it; openings by machines do not count."
        ),
    }[experiment.metric]
    said = [metric % {"hours": hours_words(experiment.horizon_hours, formats)}]
    if experiment.test_share >= BUCKETS:
        return [*said, _("Everybody is sent one of them, the same number each.")]
    share = _share(Decimal(experiment.test_share) / BUCKETS, formats)
    said.append(
        _("%(share)s are sent one of them at first; the others wait and are sent the winner.") % {"share": share}
    )
    said.append(
        {
            Fallback.FIRST: _("If no variant wins, the others are sent A."),
            Fallback.SPLIT: _("If no variant wins, the others are shared evenly among the variants."),
            Fallback.STOP: _("If no variant wins, the others are sent nothing."),
        }[experiment.fallback]
    )
    return said


# ---- when


def when_in_words(when: When, kind: CampaignKind, formats: Formats) -> tuple[str, ...]:
    """Will say when members are addressed, how often, and when it is over."""
    if kind is CampaignKind.ONCE:
        return (_once(when, formats), _("It is over when everybody’s message has been sent or left out."))
    first = _recurring(when, formats) if kind is CampaignKind.RECURRING else _triggered(when, formats)
    said = [first]
    if when.again_after_days:
        days = days_words(when.again_after_days, formats)
        said.append(_("A member is written to again after %(days)s at the earliest.") % {"days": days})
    elif kind is CampaignKind.RECURRING:
        said.append(_("A member is written to each time he is among those meant."))
    else:
        said.append(_("A member is written to as often as it happens."))
    if when.ends_on:
        said.append(_("It ends with %(date)s.") % {"date": formats.cal(when.ends_on)})
    else:
        said.append(_("It goes on until somebody ends it."))
    return tuple(said)


def _once(when: When, formats: Formats) -> str:
    if when.on is None and when.at is None:
        return _("It goes out at once when it is started.")
    facts = {"date": formats.cal(when.on) if when.on else "", "time": _time(when)}
    if when.on is None:
        return _("It goes out when it is started, at %(time)s.") % facts
    return _("It goes out on %(date)s at %(time)s.") % facts


def _recurring(when: When, formats: Formats) -> str:
    days = formats.listing([weekday_name(day + 1) for day in when.weekdays]) if when.weekdays else ""
    facts = {"time": _time(when), "days": days, "day": formats.num(when.day)}
    if when.every is Every.WEEK:
        said = _("It goes out every %(days)s at %(time)s.")
    elif when.every is Every.MONTH:
        said = _("It goes out every month on day %(day)s at %(time)s, or on the last day of a shorter month.")
    elif when.every is Every.DAY:
        said = _("It goes out every day at %(time)s.")
    else:
        return _("It has no rhythm yet.")
    first = _("The first time is not before %(date)s.") % {"date": formats.cal(when.on)} if when.on else ""
    return _joined(said % facts, first)


def _triggered(when: When, formats: Formats) -> str:
    if when.trigger is None:
        return _("It is not said yet what sets it going.")
    facts = {"days": days_words(when.days, formats), "event": when.event}
    said = {
        Trigger.WELCOME: _("It begins when a member joins."),
        Trigger.BIRTHDAY: _("It begins on a member’s birthday."),
        Trigger.ANNIVERSARY: _("It begins each year on the day on which a member joined."),
        Trigger.UPGRADE: _("It begins when a member moves up a tier."),
        Trigger.ABOUT_TO_FALL: _("It begins when a member is warned that his tier ends."),
        Trigger.POINTS_LAPSING: _("It begins when a member is told that points expire."),
        Trigger.GONE_QUIET: _("It begins when a member has not ordered for %(days)s."),
        Trigger.STREAK_BROKEN: _("It begins when a member who checked in %(days)s in a row misses one."),
        Trigger.EVENT: _("It begins when the shop tells of the event “%(event)s”."),
    }[when.trigger]
    return _joined(said % facts, _delay(when, formats))


def _delay(when: When, formats: Formats) -> str:
    facts = {"hours": hours_words(when.delay_hours, formats), "time": _time(when)}
    if when.at and when.delay_hours:
        return _("The message goes out %(hours)s later, at %(time)s.") % facts
    if when.at:
        return _("The message goes out at the next %(time)s.") % facts
    if when.delay_hours:
        return _("The message goes out %(hours)s later.") % facts
    return _("The message goes out at once.")


# ---- point days


def point_days_in_words(days: PointDays | None, told: Told, formats: Formats) -> tuple[str, ...]:
    """Will say on which days whose orders earn how much more."""
    if days is None:
        return (_("It is not said yet which days they are."),)
    name = days_name(days)
    facts = {"times": times_words(days.multiplier, formats), "days": which_days(days, formats)}
    said = [_("Orders earn %(times)s points %(days)s.") % facts]
    if name:
        said.append(_("Members read it as “%(name)s”.") % {"name": name})
    if days.tier:
        said.append(_("It is for %(tier)s and up.") % {"tier": told.tiers.get(days.tier, days.tier)})
    if days.most_per_member:
        said.append(_("A member gets at most %(points)s more.") % {"points": _points(days.most_per_member, formats)})
    said.append(_("A return later finds the same days again. Nobody is written to by this."))
    return tuple(said)


def which_days(days: PointDays, formats: Formats) -> str:
    """Will say which days of a period are point days: on 8 May 2026; every Monday from ... through ..."""
    if days.starts_on is None or days.ends_on is None:
        return _("on dates that are still to be chosen")
    facts = {
        "first": formats.cal(days.starts_on),
        "last": formats.cal(days.ends_on),
        "weekdays": formats.listing([weekday_name(day + 1) for day in days.weekdays]) if days.weekdays else "",
        "day": formats.num(days.day),
    }
    if days.weekdays:
        return _("every %(weekdays)s from %(first)s through %(last)s") % facts
    if days.day:
        return _("on day %(day)s of every month from %(first)s through %(last)s") % facts
    if days.starts_on == days.ends_on:
        return _("on %(first)s") % facts
    return _("from %(first)s through %(last)s") % facts


def days_name(days: PointDays) -> str:
    """Will return what members read of point days, in their language, else in English."""
    return name_in(days.names or {})


def name_in(names: Mapping[str, str]) -> str:
    """Will return a name in the reader's language, else in English, else nothing."""
    return names.get((get_language() or "en").lower()) or names.get("en") or ""


def times_words(multiplier: Decimal, formats: Formats) -> str:
    """Will say a multiplier: double (×2), or ×1.5."""
    usual = {2: _("double"), 3: _("triple")}
    number = formats.num(multiplier.normalize())
    known = usual.get(int(multiplier)) if multiplier == int(multiplier) else None
    return _("%(word)s (×%(n)s)") % {"word": known, "n": number} if known else f"×{number}"


# ---- small ones


def days_words(number: int, formats: Formats) -> str:
    """Will say so many days."""
    return npgettext("a stretch of time", "%(n)s day", "%(n)s days", number) % {"n": formats.num(number)}


def hours_words(number: int, formats: Formats) -> str:
    """Will say so many hours, whole days as days."""
    if number and number % 24 == 0:
        return days_words(number // 24, formats)
    return ngettext("%(n)s hour", "%(n)s hours", number) % {"n": formats.num(number)}


def members_words(number: int, formats: Formats) -> str:
    """Will say so many members."""
    return ngettext("%(n)s member", "%(n)s members", number) % {"n": formats.num(number)}


def _points(number: int, formats: Formats) -> str:
    return ngettext("%(n)s point", "%(n)s points", number) % {"n": formats.num(number)}


def _share(share: Decimal, formats: Formats) -> str:
    percent = share * 100
    return f"{formats.num(percent.normalize() if percent != int(percent) else int(percent))}%"


def _time(when: When) -> str:
    time = f"{when.at or dt.time():%H:%M}"
    return _("%(time)s in each member’s own time zone") % {"time": time} if when.in_member_zone else time


def _joined(*sentences: str) -> str:
    return pgettext("between two sentences", " ").join(filter(None, sentences))
