"""One rule of the draft as a sentence, and what the draft would earn on an order that really happened."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kit import clock
from members import queries as members_queries
from membership_site import formats
from membership_site.console.forms.policies import RuleForm, TryEventForm, TryForm, rule_initial
from membership_site.console.pages import policies
from membership_site.console.pages.members import member_url
from membership_site.console.pages.policies import FindingRow
from membership_site.flows import policy_tried
from orders import queries as orders_queries
from orders.models import Order, ShopEvent
from points import queries as points_queries
from points import wording
from points.enums import Wallet
from points.queries import PolicyRow
from points.rules import draft as drafts
from points.rules import earning
from points.rules.earning_rules import Given
from points.rules.policy import Policy

LATEST_ORDERS = 10
LATEST_EVENTS = 10
NEW_RULE: Mapping[str, Any] = {"deed": "order", "effect": "multiply", "amount": "", "names": {}}


@dataclass(frozen=True)
class TriedLine:
    """A line of the order: what it earns on, what by itself, what each rule adds, and what all of it comes to."""

    name: str
    basis: Decimal
    base: str
    extras: tuple[str, ...]
    points: str


@dataclass(frozen=True)
class TriedRule:
    """A rule that applies to the order, with its cap where that cut it; `letter` heads its column."""

    letter: str
    name: str
    points: str
    cap: str
    is_this: bool


@dataclass(frozen=True)
class Unfired:
    """A rule that gives nothing, and why."""

    name: str
    why: str
    is_this: bool


@dataclass(frozen=True)
class Tried:
    """What an order earns by the draft and by the rules in force, with every part of it."""

    order: str
    member: str
    member_url: str
    placed_at: dt.datetime
    tier: str
    multiplier: str
    awarded: str
    desired: str
    is_cut: bool
    cap: str
    now: str
    difference: str
    lines: tuple[TriedLine, ...]
    base_total: str
    rules: tuple[TriedRule, ...]
    unfired: tuple[Unfired, ...]
    growth: str
    growth_now: str
    growth_rules: tuple[TriedRule, ...]


@dataclass(frozen=True)
class TriedEvent:
    """What an event earns by the draft and by the rules in force; `rows` sum to `awarded`.

    `is_made` marks one that never happened.
    """

    event: str
    properties: tuple[str, ...]
    member: str
    member_url: str
    at: dt.datetime
    is_made: bool
    awarded: str
    now: str
    difference: str
    growth: str
    growth_now: str
    growth_rows: tuple[tuple[str, int], ...]
    rows: tuple[tuple[str, int], ...]
    sentences: tuple[str, ...]
    unfired: tuple[str, ...]


@dataclass(frozen=True)
class EditorPage:
    """The editor as the template shows it; `sentence` says the rule as it is now in the draft."""

    id: int
    number: int
    code: str
    title: str
    sentence: str
    findings: tuple[FindingRow, ...]
    tried: Tried | None
    try_error: str
    tried_event: TriedEvent | None


def editor_page(
    draft: PolicyRow,
    code: str,
    at: dt.datetime,
    *,
    tried: Tried | None = None,
    try_error: str = "",
    tried_event: TriedEvent | None = None,
) -> EditorPage:
    """Will assemble the editor of a rule of the draft, or of a new one. Seven queries; raises drafts.NoSuchRule."""
    title, sentence = _("New rule"), ""
    findings: tuple[FindingRow, ...] = ()
    if code:
        drafts.rule_in(draft.terms, code)
        rule = next(rule for rule in draft.policy.rules if rule.code == code)
        tiers = policies.rule_names(clock.business_date(at))
        title = wording.rule_name(rule.names, rule.code)
        sentence = wording.rule_sentence(rule, formats, tiers)
        on = max(draft.effective_on, clock.business_date(at))
        findings = tuple(row for row in policies.finding_rows(draft.policy, on, tiers, at) if row.rule == title)
    return EditorPage(draft.id, draft.number, code, title, sentence, findings, tried, try_error, tried_event)


def rule_form(draft: PolicyRow, code: str, at: dt.datetime, **options: Any) -> RuleForm:
    """Will return the form of a rule of the draft, or of a new one. Three queries; raises drafts.NoSuchRule."""
    offered = policies.offered(draft.policy, clock.business_date(at))
    if "data" not in options and "initial" not in options:
        new = {**NEW_RULE, "priority": drafts.next_priority(draft.terms)}
        options["initial"] = rule_initial(drafts.rule_in(draft.terms, code) if code else new, offered)
    return RuleForm(offered=offered, **options)


# ---- trying


def try_form(data: Mapping[str, Any] | None = None) -> TryForm:
    """Will return the form that chooses an order. Two queries."""
    latest = orders_queries.list_latest_orders(LATEST_ORDERS)
    names = members_queries.names_of([order.member_id for order in latest if order.member_id])
    return TryForm(data, latest=[(str(order.id), _order_words(order, names)) for order in latest])


def _order_words(order: Order, names: Mapping[int, tuple[str, str]]) -> str:
    number = names.get(order.member_id or 0, ("", ""))[0]
    words = {"order": order.order_id, "amount": formats.money0(order.basis), "member": number}
    return _("%(order)s: %(amount)s, member %(member)s") % words


def find_order(form: TryForm) -> Order | None:
    """Will return the order that was chosen: by its number, else of the latest. One query."""
    if not form.is_valid():
        return None
    if number := form.cleaned_data["try_number"].strip():
        return next(iter(orders_queries.find_orders_by_number(number, 1)), None)
    chosen = form.cleaned_data["try_order"]
    return orders_queries.find_order_of_member(chosen) if chosen else None


def tried_on(order: Order, policy: Policy, code: str, at: dt.datetime) -> Tried:
    """Will say what an order earns by a policy, and by the rules of its date. At most 34 queries."""
    plan = policy_tried.try_order(order=order, policy=policy, at=at)
    now = policy_tried.try_order(order=order, policy=points_queries.policy_on(order.business_date), at=at)
    tiers = policies.rule_names(clock.business_date(at))
    number, name = members_queries.names_of([order.member_id or 0]).get(order.member_id or 0, ("", ""))
    given = plan.evaluation.given
    return Tried(
        order=order.order_id,
        member=" ".join(filter(None, (number, name))),
        member_url=member_url(number) if number else "",
        placed_at=order.placed_at,
        tier=tiers.get(plan.rate.tier, plan.rate.tier),
        multiplier=formats.num(plan.rate.multiplier),
        awarded=formats.num(plan.points),
        desired=formats.num(plan.desired),
        is_cut=plan.desired != plan.points,
        cap=wording.cap_words(plan.capped_by.cap, formats) if plan.capped_by else "",
        now=formats.num(now.points),
        difference=formats.signed(plan.points - now.points),
        lines=_lines(plan, policy),
        base_total=_amount(sum((_base(line, plan, policy) for line in plan.lines), Decimal(0))),
        rules=tuple(_rule(one, place, code) for place, one in enumerate(given)),
        unfired=tuple(
            Unfired(
                name=wording.rule_name(step["names"], step["rule"]),
                why=wording.why_not(step, formats, tiers),
                is_this=step["rule"] == code,
            )
            for step in (*earning.unfired_steps(plan.evaluation), *earning.unfired_steps(plan.grown))
        ),
        growth=formats.num(plan.growth),
        growth_now=formats.num(now.growth),
        growth_rules=tuple(_rule(one, place + len(given), code) for place, one in enumerate(plan.grown.given)),
    )


def _lines(plan: earning.OrderPlan, policy: Policy) -> tuple[TriedLine, ...]:
    return tuple(
        TriedLine(
            name=line.name or line.line_id,
            basis=line.basis,
            base=_amount(_base(line, plan, policy)),
            extras=tuple(_amount(one.extras[place]) for one in plan.evaluation.given),
            points=formats.num(line.points_whole),
        )
        for place, line in enumerate(plan.lines)
    )


def _base(line: earning.LinePlan, plan: earning.OrderPlan, policy: Policy) -> Decimal:
    return line.basis * policy.points_per_unit * plan.rate.multiplier


def _rule(given: Given, place: int, code: str) -> TriedRule:
    left = given.capped_by
    cut = ""
    if left:
        said = wording.cap_words(left.cap, formats, given.rule.wallet)
        words = {"cap": said, "wanted": _amount(given.wanted)}
        cut = _("cut from %(wanted)s: %(cap)s") % words
    return TriedRule(
        letter=chr(ord("A") + place % 26),
        name=wording.rule_name(given.rule.names, given.rule.code),
        points=_amount(given.total),
        cap=cut,
        is_this=given.rule.code == code,
    )


def _amount(value: Decimal) -> str:
    """Points before the one rounding: at most two decimals, without trailing noughts."""
    rounded = value.quantize(Decimal("0.01"))
    return formats.num(int(rounded) if rounded == int(rounded) else rounded)


def no_order(form: TryForm) -> str:
    """Will say why nothing could be tried, to be read at the field."""
    if form.is_valid() and form.cleaned_data["try_number"].strip():
        return _("No order of a member has this number. Check it, or choose one of the latest.")
    return _("Choose an order to try the rules on.")


# ---- trying on an event


def try_event_form(policy: Policy, data: Mapping[str, Any] | None = None) -> TryEventForm:
    """Will return the form that chooses an event or makes one. Two queries."""
    latest = orders_queries.list_latest_events(LATEST_EVENTS)
    names = members_queries.names_of([event.member_id for event in latest if event.member_id])
    types = {*policy.events, *(rule.deed for rule in policy.rules)} - {earning.ORDER, "sign_up"}
    return TryEventForm(
        data, latest=[(str(event.id), _event_words(event, names)) for event in latest], types=sorted(types)
    )


def _event_words(event: ShopEvent, names: Mapping[int, tuple[str, str]]) -> str:
    words = {
        "event": wording.event_name(event.type),
        "date": formats.cal(event.business_date),
        "member": names.get(event.member_id or 0, ("", ""))[0],
    }
    return _("%(event)s, %(date)s, member %(member)s") % words


def find_event(form: TryEventForm, at: dt.datetime) -> ShopEvent | None:
    """Will return the event that was made or chosen; what is missing stands at the form's fields. One query."""
    if not form.is_valid():
        return None
    asked = form.cleaned_data
    if not asked["try_type"]:
        return orders_queries.find_event_of_member(asked["try_event"])
    member = members_queries.find_by_number(asked["try_member"].strip())
    if member is None:
        form.add_error("try_member", _("No member has this number."))
        return None
    return policy_tried.made_event(
        member_id=member.id, kind=asked["try_type"], properties=asked["try_properties"], at=at
    )


def tried_on_event(event: ShopEvent, policy: Policy, at: dt.datetime) -> TriedEvent:
    """Will say what an event earns by a policy, and by the rules of its date. At most 30 queries."""
    plan = policy_tried.try_event(event=event, policy=policy, at=at)
    now = policy_tried.try_event(event=event, policy=points_queries.policy_on(event.business_date), at=at)
    tiers = policies.rule_names(clock.business_date(at))
    words = wording.explain_deed(plan.explanation, plan.desired, plan.points, formats, tiers)
    grown = wording.explain_deed(plan.grown, plan.growth_desired, plan.growth, formats, tiers, Wallet.GROWTH)
    ruled = bool(policy.rules_of(event.type, Wallet.GROWTH))
    number, name = members_queries.names_of([event.member_id or 0]).get(event.member_id or 0, ("", ""))
    return TriedEvent(
        event=wording.event_name(event.type, photo=event.properties.get("photo") is True),
        properties=tuple(f"{key} = {_plain(value)}" for key, value in event.properties.items()),
        member=" ".join(filter(None, (number, name))),
        member_url=member_url(number) if number else "",
        at=event.occurred_at,
        is_made=event.id is None,
        awarded=formats.num(plan.points),
        now=formats.num(now.points),
        difference=formats.signed(plan.points - now.points),
        growth=formats.num(plan.growth),
        growth_now=formats.num(now.growth),
        growth_rows=tuple((row.text, row.points) for row in grown.steps) if ruled else (),
        rows=tuple((row.text, row.points) for row in words.steps),
        sentences=tuple(dict.fromkeys((*words.sentences, *(grown.sentences[1:] if ruled else ())))),
        unfired=(*words.unfired, *grown.unfired) if ruled else words.unfired,
    )


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
