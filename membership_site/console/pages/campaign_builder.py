"""The builder of a campaign: its steps with what is still missing, whom it reaches, what it may cost, and the check."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits import wording as benefits_wording
from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.enums import CampaignKind, RewardKind
from campaigns.queries import CampaignView
from campaigns.rules import lacking
from campaigns.rules.buckets import BUCKETS, even_shares
from campaigns.rules.plan import Plan
from campaigns.rules.segments import BadTree, Tree
from campaigns.wording import Said, Told
from kit import clock
from members.enums import Purpose
from membership_site import formats
from membership_site.console.access import Person
from membership_site.console.pages import segments as segment_pages
from membership_site.console.pages.coupons import coupon_choices, tier_names
from membership_site.console.pages.segments import Live
from messaging.enums import Channel
from messaging.queries import templates as template_queries
from messaging.queries.preflight import preflight
from messaging.queries.templates import TemplateRow
from messaging.wording.fields import field_words
from points import queries as points_queries

STEPS = ("goal", "who", "reward", "message", "when")
LAST = "check"
TYPED_FROM = 10_000
"""A start that reaches more members than this asks for their number typed."""
PREFLIGHT_MAX = 2_000
"""So many members of an audience are tried with the words on a page."""


@dataclass(frozen=True)
class Step:
    """One step of the stepper."""

    code: str
    label: str
    url: str
    is_current: bool
    is_done: bool


@dataclass(frozen=True)
class LackRow:
    """What a plan lacks, with the way to the step where it is mended."""

    step: str
    url: str
    words: str


@dataclass(frozen=True)
class BuilderPage:
    """What every step of the builder shows around its form."""

    id: int
    name: str
    kind: str
    digest: str
    step: str
    steps: tuple[Step, ...]
    title: str
    next_label: str
    back_url: str
    state_words: str
    saved_at: dt.datetime


@dataclass(frozen=True)
class Part:
    """A step of a plan in sentences, with the way to it; empty for who may not edit."""

    label: str
    url: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Reached:
    """Whom a plan reaches now; `apart` is how many of them are kept apart, `cost` what its gifts may come to."""

    live: Live
    members: int | None
    apart: int
    treated: int
    cost: str = ""
    cost_words: str = ""


@dataclass(frozen=True)
class Template:
    """A template of a variant: its name, whether it can be sent, where it is edited, and sent to oneself."""

    code: str
    name: str
    state: str
    is_ready: bool
    url: str
    trial_url: str = ""


@dataclass(frozen=True)
class Tried:
    """Whom of an audience a variant's words could not be written to."""

    code: str
    words: tuple[str, ...]
    is_clear: bool


@dataclass(frozen=True)
class CheckPage:
    """The last step: everything in sentences, what is missing, and what can be done now."""

    parts: tuple[Part, ...]
    lacks: tuple[LackRow, ...]
    reached: Reached
    power: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    asks_number: bool = False
    extras: tuple[str, ...] = field(default_factory=tuple)


# ---- around a step


def steps_of(kind: CampaignKind) -> tuple[str, ...]:
    """Will return the steps of a kind of campaign: point days have one, and the check."""
    return ("days", LAST) if kind is CampaignKind.POINT_DAYS else (*STEPS, LAST)


def builder_page(campaign: CampaignView, step: str, at: dt.datetime) -> BuilderPage:
    """Will assemble what stands around a step. No query."""
    codes = steps_of(campaign.kind)
    missing = {_step_of(lack.step, campaign.kind) for lack in _lacks(campaign, at)}
    place = codes.index(step)
    following = codes[place + 1] if place + 1 < len(codes) else ""
    return BuilderPage(
        id=campaign.id,
        name=campaign.name,
        kind=wording.kind_name(campaign.kind),
        digest=campaign.digest,
        step=step,
        steps=tuple(
            Step(code, label_of(code), url_of(campaign.id, code), code == step, _is_done(campaign, code, missing))
            for code in codes
        ),
        title=label_of(step),
        next_label=_("Next: %(step)s") % {"step": label_of(following)} if following else "",
        back_url=url_of(campaign.id, codes[place - 1]) if place else "",
        state_words=wording.state_name(campaign.state),
        saved_at=campaign.changed_at,
    )


def label_of(step: str) -> str:
    """Will name a step."""
    return _("Days") if step == "days" else wording.step_name(step)


def url_of(campaign_id: int, step: str) -> str:
    """Will return the address of a step."""
    return reverse("console:campaign_step", args=[campaign_id, step])


def next_step(kind: CampaignKind, step: str) -> str:
    """Will return the step after one; the last one stays."""
    codes = steps_of(kind)
    return codes[min(codes.index(step) + 1, len(codes) - 1)]


def _is_done(campaign: CampaignView, code: str, missing: set[str]) -> bool:
    if code == LAST:
        return not campaign.is_editable or campaign.state == "approved"
    return code not in missing


def _lacks(campaign: CampaignView, at: dt.datetime) -> tuple[lacking.Lack, ...]:
    return lacking.lacks(campaign.plan, campaign.kind, clock.business_date(at))


def _step_of(step: str, kind: CampaignKind) -> str:
    return "days" if kind is CampaignKind.POINT_DAYS else step


def lack_rows(campaign: CampaignView, at: dt.datetime) -> tuple[LackRow, ...]:
    """Will say what a plan lacks, each with the way to its step. No query."""
    rows = []
    for lack in _lacks(campaign, at):
        step = _step_of(lack.step, campaign.kind)
        rows.append(LackRow(label_of(step), url_of(campaign.id, step), wording.lack_words(lack, formats)))
    return tuple(rows)


# ---- whom it reaches


def tree_of(plan: Plan) -> Tree | None:
    """Will return the question of a plan, None where it asks nobody or what it asked is gone. At most two queries."""
    if plan.tree is None and plan.segment is None:
        return None
    try:
        return campaigns_queries.tree_asked(plan)
    except (campaigns_queries.SegmentGone, BadTree):
        return None


def reached(plan: Plan, at: dt.datetime, use: Decimal = Decimal("0.5")) -> Reached:
    """Will count whom a plan means now and what it may cost. At most 16 queries."""
    tree = tree_of(plan)
    if tree is None:
        return Reached(Live(trouble=_("It does not say yet who gets it.")), None, 0, 0)
    return reached_of(segment_pages.live_of(tree, at), plan, at, use)


def reached_of(live: Live, plan: Plan, at: dt.datetime, use: Decimal = Decimal("0.5")) -> Reached:
    """Will say of a count how many are kept apart, and what the gifts may cost. At most one query."""
    if live.trouble:
        return Reached(live, None, 0, 0)
    apart = live.count * plan.control_share // BUCKETS
    treated = live.count - apart
    if plan.control_share:
        words = _("Kept apart to measure the effect (%(share)s)") % {"share": _share(plan.control_share)}
        live = replace(live, left_out=((words, apart), *live.left_out))
    cost, cost_words = _cost(plan, treated, at, use)
    return Reached(live, live.count, apart, treated, cost, cost_words)


def _share(share: int) -> str:
    return formats.pct(share / BUCKETS, 0 if share % 100 == 0 else 1)


def _cost(plan: Plan, treated: int, at: dt.datetime, use: Decimal) -> tuple[str, str]:
    """What the gifts come to if so many use their coupons: points at what they pay for, coupons by number."""
    points = [reward for reward in plan.rewards if reward.kind is RewardKind.POINTS]
    coupons = [reward for reward in plan.rewards if reward.kind is RewardKind.COUPON]
    if not points and not coupons:
        return "", ""
    given = sum(min(treated * reward.points, reward.most) for reward in points)
    said, cost = [], ""
    if points:
        each = points_queries.policy_on(clock.business_date(at)).redemption_points_per_unit
        cost = formats.money0(Decimal(given) / each) if each else ""
        said.append(_("%(points)s points, at what they pay for") % {"points": formats.num(given)})
    for reward in coupons:
        used = int(min(treated, reward.most) * use)
        facts = {"n": formats.num(used), "share": formats.pct(use, 0)}
        said.append(_("some %(n)s coupons used, if %(share)s use theirs") % facts)
    return cost, formats.facts(said)


# ---- names


def told_of(plan: Plan, at: dt.datetime, members: int | None = None) -> Told:
    """Will gather what sentences about a plan name. At most six queries, and those of the fields that it asks."""
    today = clock.business_date(at)
    tree = tree_of(plan)
    who = segment_pages.sentence_of(tree, today) if tree is not None else ""
    coupons = benefits_queries.coupons_to_give() if any(r.kind is RewardKind.COUPON for r in plan.rewards) else []
    days_tier = plan.point_days is not None and bool(plan.point_days.tier)
    tiers = tier_names(today) if days_tier or any(r.kind is RewardKind.TIER for r in plan.rewards) else {}
    return Told(
        who=who,
        coupons={code: benefits_wording.named(names, code) for code, names in coupons},
        tiers=tiers,
        templates={row.id: row.name for row in template_rows()} if plan.variants else {},
        members=members,
        has_control_group=campaigns_queries.control_in_force(at) is not None,
    )


def plan_parts(campaign: CampaignView, told: Told, *, linked: bool) -> tuple[Part, ...]:
    """Will say a plan in sentences, step by step; the steps are linked for who may change them. No query."""
    return tuple(
        _part(campaign, said, linked=linked) for said in wording.plan_in_words(*_read(campaign), told, formats)
    )


def _read(campaign: CampaignView) -> tuple[Plan, CampaignKind]:
    return campaign.plan, campaign.kind


def _part(campaign: CampaignView, said: Said, *, linked: bool) -> Part:
    step = _step_of(said.step, campaign.kind)
    return Part(label_of(step), url_of(campaign.id, step) if linked else "", said.sentences)


# ---- choices


def template_rows() -> list[TemplateRow]:
    """Will return the templates of offers. One query."""
    return template_queries.list_templates(purpose=Purpose.MARKETING)


def template_choices(rows: Sequence[TemplateRow]) -> list[tuple[str, str]]:
    """Will return the templates as a field offers them."""
    return [(str(row.id), row.name) for row in rows]


def template_cards(plan: Plan, rows: Sequence[TemplateRow]) -> tuple[Template, ...]:
    """Will say of each variant's template whether it can be sent, and where it is edited. No query."""
    known = {row.id: row for row in rows}
    return tuple(_card(variant.code, known.get(variant.template), variant.template) for variant in plan.variants)


def _card(code: str, row: TemplateRow | None, template_id: int) -> Template:
    if row is None:
        return Template(code, f"#{template_id}", _("It is put away. Choose another one."), is_ready=False, url="")
    if row.draft_id is not None:
        state = _("A draft is open; it is published when the campaign is started.")
    else:
        state = _("Published as version %(number)s.") % {"number": row.number}
    trial_url = reverse("console:template_trial", args=[row.id])
    return Template(code, row.name, state, is_ready=bool(row.places), url=template_url(row.id), trial_url=trial_url)


def template_url(template_id: int) -> str:
    """Will return the address of a template's editor, empty where the console has none."""
    try:
        return reverse("console:template", args=[template_id])
    except NoReverseMatch:
        return ""


def segment_choices(account_id: int, kept: int | None) -> list[tuple[str, str]]:
    """Will return the segments and lists to choose from; one that is chosen stays among them. One query."""
    rows = [(str(row.id), row.name) for row in campaigns_queries.segments_for(account_id)]
    if kept is not None and str(kept) not in dict(rows):
        rows.append((str(kept), _("The one chosen before, not shared with you")))
    return rows


def with_kept(choices: list[tuple[str, str]], kept: Sequence[str]) -> list[tuple[str, str]]:
    """Will add what a plan names and is offered no more, so that nothing changes unseen."""
    offered = dict(choices)
    return [*choices, *((code, _("%(value)s (gone)") % {"value": code}) for code in kept if code not in offered)]


def reward_choices(plan: Plan, at: dt.datetime) -> dict[str, list[tuple[str, str]]]:
    """Will return the coupons and tiers to choose from. Three queries."""
    tiers = list(tier_names(clock.business_date(at)).items())
    return {
        "coupons": with_kept(coupon_choices(), [reward.coupon for reward in plan.rewards if reward.coupon]),
        "tiers": with_kept(tiers, [reward.tier for reward in plan.rewards if reward.tier]),
    }


# ---- the check


def check_page(campaign: CampaignView, at: dt.datetime, person: Person) -> CheckPage:
    """Will assemble the last step. At most 36 queries, and those of the fields that the audience is asked by."""
    is_days = campaign.kind is CampaignKind.POINT_DAYS
    whom = Reached(Live(), None, 0, 0) if is_days else reached(campaign.plan, at)
    told = told_of(campaign.plan, at, whom.members)
    return CheckPage(
        parts=plan_parts(campaign, told, linked=True),
        lacks=lack_rows(campaign, at),
        reached=replace(whom, live=segment_pages.seen_by(whom.live, person)),
        power=power_of(campaign.plan, whom.treated),
        templates=template_cards(campaign.plan, template_rows()) if campaign.plan.variants else (),
        asks_number=asks_number(campaign, whom),
    )


def asks_number(campaign: CampaignView, whom: Reached) -> bool:
    """Will say whether a start asks for the number of members typed: where it goes to many at once."""
    return campaign.kind is not CampaignKind.TRIGGERED and (whom.members or 0) > TYPED_FROM


def power_of(plan: Plan, treated: int, usual: Decimal = Decimal(3), wished: Decimal | None = None) -> tuple[str, ...]:
    """Will say what difference the variants of a plan would show; nothing where there is one. Rates in percent."""
    if len(plan.variants) < 2 or plan.experiment is None:
        return ()
    tested = treated * plan.experiment.test_share // BUCKETS
    each = min(even_shares(len(plan.variants), tested), default=0)
    hope = float(wished / 100) if wished else None
    return wording.power_in_words(each, float(usual / 100), formats, hope)


# ---- preflight


def tried(plan: Plan, at: dt.datetime) -> tuple[Tried, ...]:
    """Will try the published words on the first members of the audience. Six queries for each thousand of them."""
    tree = tree_of(plan)
    if tree is None:
        return ()
    ids = campaigns_queries.page_of(tree, at, limit=PREFLIGHT_MAX)
    known = {row.id: row for row in template_rows()}
    found = []
    for variant in plan.variants:
        row = known.get(variant.template)
        if row is None or row.published_id is None:
            found.append(Tried(variant.code, (_("Not published yet, so it was not tried."),), is_clear=False))
            continue
        came = preflight(ids, version_id=row.published_id, at=at, values=_promised(plan))
        found.append(Tried(variant.code, _tried_words(came.members, came.missing), came.is_clear))
    return tuple(found)


def _promised(plan: Plan) -> Mapping[str, object]:
    """What the launch will put into the words besides: as examples."""
    values: dict[str, object] = {}
    for reward in plan.rewards:
        if reward.kind is RewardKind.POINTS:
            values |= {"points_given": reward.points, "points_given_until": "2030-01-01"}
        if reward.kind is RewardKind.COUPON:
            values |= {"coupon_code": "ABCDEFGHJK", "coupon_until": "2030-01-01", "coupon": reward.coupon}
        if reward.kind is RewardKind.TIER:
            values |= {"tier_given": reward.tier, "tier_given_until": "2030-01-01"}
    return values


def _tried_words(members: int, missing: Mapping[Channel, Mapping[str, int]]) -> tuple[str, ...]:
    said = [_("Tried on the first %(n)s.") % {"n": wording.members_words(members, formats)}]
    for channel, fields in missing.items():
        for code, number in fields.items():
            facts = {
                "channel": wording.channel_name(str(channel)),
                "n": formats.num(number),
                "field": field_words(code),
            }
            said.append(_("%(channel)s: %(n)s would be left out, because “%(field)s” is not known of them.") % facts)
    if len(said) == 1:
        said.append(_("Nobody would be left out for want of a value."))
    return tuple(said)
