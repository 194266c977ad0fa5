"""One campaign: its plan and reviews, how its launches get on, and what came of it beside those who were kept apart."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext
from django.utils.translation import gettext as _

from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.enums import CampaignKind, CampaignState, Goal, Group, Metric, RunState
from campaigns.queries import BudgetView, Came, CampaignView, HeadlineView, ReviewView, RunView, Taken
from campaigns.rules.experiments import Arm, wilson
from campaigns.wording import Told
from kit import cached, clock, paging
from membership_site import charts, formats
from membership_site.console.access import Capability, Person
from membership_site.console.pages.campaign_builder import (
    LackRow,
    Part,
    lack_rows,
    plan_parts,
    steps_of,
    told_of,
    url_of,
)
from membership_site.console.pages.campaigns import state_of, when_of
from membership_site.console.pages.members import member_url
from membership_site.console.pages.reports import tables
from membership_site.console.pages.reports.tables import Cell, Column, Row, Table
from membership_site.console.pages.words import State
from messaging import queries as messaging_queries
from messaging.enums import MessageState
from messaging.wording import answers as answer_words
from points import queries as points_queries

MILLISECONDS = 8_000
"""Longer than this a page does not wait for results; the night's figures are shown instead."""
CACHE_VERSION = 1
UNKNOWN_SHOWN = 20
UNDER_WAY = (CampaignState.SCHEDULED, CampaignState.RUNNING, CampaignState.PAUSED)
LEFT = (MessageState.WAITING, MessageState.QUEUED, MessageState.LEASED, MessageState.SENDING)


@dataclass(frozen=True)
class ReviewCard:
    """A review in words; `why_not` says why this person cannot answer it."""

    state: State
    asked: str
    words: str
    answered: str
    answer: str
    is_open: bool
    why_not: str


@dataclass(frozen=True)
class Figure:
    """A number with what it counts."""

    label: str
    number: int


@dataclass(frozen=True)
class UnknownRow:
    """A message of which nobody can tell whether it was sent; `name` and `url` for who may see members."""

    id: int
    url: str
    number: str
    name: str
    channel: str
    at: dt.datetime


@dataclass(frozen=True)
class Progress:
    """How a launch gets on; `share` is how much of it is done, of one."""

    words: str
    share: str
    states: tuple[Figure, ...]
    reasons: tuple[Figure, ...]
    trouble: str
    unknown: tuple[UnknownRow, ...]
    unknown_more: int


@dataclass(frozen=True)
class RunRow:
    """A launch in the list of them."""

    id: int
    label: str
    state: State
    url: str
    launched_at: dt.datetime
    treated: int
    apart: int
    is_current: bool


@dataclass(frozen=True)
class Budget:
    """A budget in words and as a share of one."""

    kind: str
    label: str
    words: str
    share: str
    most: int


@dataclass(frozen=True)
class Results:
    """What came of it; `table` is exported as it stands, but where the night counted it because now takes too long."""

    sentences: tuple[str, ...]
    table: Table | None
    chart: str
    decision: tuple[str, ...]
    counted: str
    is_late: bool = False


@dataclass(frozen=True)
class AnswersRow:
    """What the recipients of a variant answered to one question, in words."""

    variant: str
    question: str
    answers: int
    score: str
    mean: str


@dataclass(frozen=True)
class CampaignPage:
    """One campaign as the template shows it."""

    id: int
    name: str
    kind: str
    state: State
    state_reason: str
    when: str
    author: str
    digest: str
    is_editable: bool
    is_under_way: bool
    is_paused: bool
    is_point_days: bool
    first_step_url: str
    check_url: str
    parts: tuple[Part, ...]
    lacks: tuple[LackRow, ...]
    reviews: tuple[ReviewCard, ...]
    runs: tuple[RunRow, ...]
    budgets: tuple[Budget, ...]
    progress: Progress | None
    results: Results | None
    answers: tuple[AnswersRow, ...]
    run_query: str


def campaign_page(campaign: CampaignView, person: Person, run_id: int, at: dt.datetime) -> CampaignPage:
    """Will assemble a campaign's page, of one of its launches or (0) of all together.

    At most eight queries, and those of the fields that its audience is asked by, however many launches there are.
    """
    runs = campaigns_queries.runs_of(campaign.id)
    chosen = next((run for run in runs if run.id == run_id), None)
    may_edit = campaign.is_editable and person.may(Capability.EDIT_CAMPAIGNS)
    told = told_of(campaign.plan, at)
    return CampaignPage(
        id=campaign.id,
        name=campaign.name,
        kind=wording.kind_name(campaign.kind),
        state=state_of(campaign.state),
        state_reason=reason_said(campaign.state_reason),
        when=when_of(campaign.starts_at, campaign.ends_at),
        author=campaign.author,
        digest=campaign.digest,
        is_editable=campaign.is_editable,
        is_under_way=campaign.state in UNDER_WAY,
        is_paused=campaign.state is CampaignState.PAUSED,
        is_point_days=campaign.kind is CampaignKind.POINT_DAYS,
        first_step_url=url_of(campaign.id, steps_of(campaign.kind)[0]),
        check_url=url_of(campaign.id, "check"),
        parts=plan_parts(campaign, told, linked=may_edit),
        lacks=lack_rows(campaign, at) if campaign.is_editable else (),
        reviews=tuple(review_card(one, person, at) for one in campaign.reviews),
        runs=tuple(_run(campaign, run, chosen) for run in runs),
        budgets=tuple(_budget(one) for one in campaign.budgets),
        progress=progress_of(chosen or (runs[0] if runs else None), person),
        results=results_of(campaign, runs, chosen, at),
        answers=answers_of(campaign, chosen, at) if runs else (),
        run_query=f"?run={chosen.id}" if chosen else "",
    )


# ---- reviews


def review_card(review: ReviewView, person: Person, at: dt.datetime) -> ReviewCard:
    """Will say a review in words. No query."""
    facts = {"who": review.asker, "since": formats.ago(review.asked_at, at)}
    answered = ""
    if review.decided_at is not None:
        answered = _("%(who)s, %(since)s") % {"who": review.reader, "since": formats.ago(review.decided_at, at)}
    return ReviewCard(
        state=_review_state(review),
        asked=_("%(who)s asked, %(since)s") % facts,
        words=review.words,
        answered=answered,
        answer=review.answer,
        is_open=not review.verdict and review.voided_at is None,
        why_not=why_not(review, person),
    )


def _review_state(review: ReviewView) -> State:
    if review.verdict == "refused":
        return State(_("Refused"), "bad")
    if review.voided_at is not None:
        return State(_("Void by an edit"), "")
    return State(_("Agreed"), "good") if review.verdict else State(_("Waits"), "warn")


def why_not(review: ReviewView, person: Person) -> str:
    """Will say why a person cannot answer a review, empty where he can. No query."""
    if person.id == review.asked_by:
        return _("You asked for it; another person decides.")
    if person.id == review.author:
        return _("You wrote it; another person decides.")
    if not (person.may(Capability.APPROVE) or person.may(Capability.START_CAMPAIGNS)):
        return _("Finance, operators or administrators decide.")
    return ""


def reason_said(reason: str) -> str:
    """Will return why something was paused: a person's words as they are, the house's own in the reader's language."""
    return gettext(reason) if reason else ""


# ---- launches


def _run(campaign: CampaignView, run: RunView, chosen: RunView | None) -> RunRow:
    tones = {RunState.RUNNING: "good", RunState.PAUSED: "warn"}
    return RunRow(
        id=run.id,
        label=_occasion(run),
        state=State(wording.run_state_name(run.state), tones.get(RunState(run.state), "")),
        url=f"{reverse('console:campaign', args=[campaign.id])}?run={run.id}",
        launched_at=run.launched_at,
        treated=run.treated,
        apart=run.control + run.global_control,
        is_current=chosen is not None and chosen.id == run.id,
    )


def _occasion(run: RunView) -> str:
    if run.occasion == "open":
        return _("As members enter")
    return formats.cal(dt.date.fromisoformat(run.occasion)) if run.occasion else _("The launch")


def _budget(budget: BudgetView) -> Budget:
    facts = {"spent": formats.num(budget.spent), "most": formats.num(budget.most)}
    return Budget(
        kind=budget.kind.value,
        label=wording.reward_name(budget.kind),
        words=_("%(spent)s of %(most)s given") % facts,
        share=f"{budget.spent / budget.most:.4f}",
        most=budget.most,
    )


def progress_of(run: RunView | None, person: Person) -> Progress | None:
    """Will say how a launch gets on; None where there is none. At most two queries."""
    if run is None or run.dispatch_id is None:
        return None
    found = messaging_queries.progress(run.dispatch_id)
    states, is_named = found.by_state, person.may(Capability.SEE_MEMBERS)
    left = sum(states[state.value] for state in LEFT)
    done = found.total - left
    unknown = states[MessageState.UNKNOWN.value]
    rows = messaging_queries.unknown_messages(dispatch_id=run.dispatch_id, limit=UNKNOWN_SHOWN) if unknown else []
    words = ngettext("%(done)s of %(all)s message dealt with", "%(done)s of %(all)s messages dealt with", found.total)
    reasons = sorted(found.by_reason.items(), key=lambda pair: (-pair[1], pair[0]))
    return Progress(
        words=words % {"done": formats.num(done), "all": formats.num(found.total)},
        share=f"{done / found.total:.4f}" if found.total else "0",
        states=tuple(Figure(wording.message_state_name(state), number) for state, number in states.items() if number),
        reasons=tuple(Figure(wording.reason_name(reason), number) for reason, number in reasons),
        trouble=reason_said(found.dispatch.state_reason) if found.dispatch.state == "paused" else "",
        unknown=tuple(
            UnknownRow(
                id=row.id,
                url=member_url(row.member_number) if is_named else "",
                number=row.member_number,
                name=(row.member_name or _("No name")) if is_named else "",
                channel=wording.channel_name(row.channel),
                at=row.sending_at or row.due_at,
            )
            for row in rows
        ),
        unknown_more=max(0, unknown - len(rows)),
    )


# ---- results


def results_of(
    campaign: CampaignView, runs: Sequence[RunView], chosen: RunView | None, at: dt.datetime
) -> Results | None:
    """Will count what came of a launch, or of all; None before the first one. Three queries at most.

    What frames the time-out is not among them.

    What took long is kept for some minutes. Where it takes too long, what the night counted last of all launches
    together.
    """
    if not runs:
        return None
    decision = _decision(campaign, chosen or (runs[0] if len(runs) == 1 else None))
    which = f"{chosen.id}" if chosen else f"all:{runs[0].launched_at.isoformat()}"
    name = f"console:campaign:{CACHE_VERSION}:{campaign.id}:{which}"
    try:
        came, counted_at = cached.if_slow(name, lambda: (_came(campaign, chosen, at), at))
    except paging.TooSlow:
        return _late(campaign, campaigns_queries.find_headline(campaign.id), decision)
    counted = _("Counted just now; figures move until the last window is over and returns are in.")
    if counted_at != at:
        words = _("Counted at %(time)s; figures move until the last window is over and returns are in.")
        counted = words % {"time": formats.clock(counted_at)}
    return Results(
        sentences=_sentences(campaign, came, at),
        table=result_table(came),
        chart=_chart(came),
        decision=decision,
        counted=counted,
    )


def _came(campaign: CampaignView, chosen: RunView | None, at: dt.datetime) -> tuple[Came, ...]:
    """What came of a launch, or of all. One query, and what frames its time-out; raises paging.TooSlow."""
    with paging.within(MILLISECONDS):
        if chosen is None:
            return campaigns_queries.came_of_campaign(campaign.id, campaign.plan, at)
        return campaigns_queries.came_of(chosen.id, campaign.plan, at)


def _late(campaign: CampaignView, kept: HeadlineView | None, decision: tuple[str, ...]) -> Results:
    """What the night counted, with the instant up to which it did, or that there is nothing to show yet. No query."""
    if kept is None:
        words = _("Counting takes too long just now, and no night has counted it yet. Come back tomorrow.")
        return Results((words,), None, "", decision, "", is_late=True)
    treated = Arm("", kept.members, kept.converted)
    apart = Arm("", kept.control_members, kept.control_converted) if kept.control_members else None
    said = [*wording.effect_in_words(treated, apart, campaign.plan.goal, campaign.plan.window_days, formats)]
    if apart is not None and campaign.plan.goal is Goal.ORDER and treated.n:
        said.append(wording.extra_in_words(treated, apart, formats))
    counted = _(
        "Counting anew takes too long just now. "
        "These figures are the night’s, of all launches together, up to %(date)s at %(time)s."
    )
    return Results(
        sentences=(*said, wording.cost_in_words(kept.cost, formats)),
        table=_late_table(kept),
        chart="",
        decision=decision,
        counted=counted % {"date": formats.cal(kept.at), "time": formats.clock(kept.at)},
        is_late=True,
    )


def answers_of(campaign: CampaignView, chosen: RunView | None, at: dt.datetime) -> tuple[AnswersRow, ...]:
    """Will say what those who were written to answered, of one launch or of all. One query."""
    found = (
        campaigns_queries.answers_of_run(chosen.id, at)
        if chosen is not None
        else campaigns_queries.answers_of_campaign(campaign.id, at)
    )
    return tuple(
        AnswersRow(
            variant=one.variant,
            question=answer_words.question_name(one.tally.question),
            answers=one.tally.answers,
            score=answer_words.tally_words(one.tally, formats),
            mean=answer_words.mean_words(one.tally, formats),
        )
        for one in found
    )


def _sentences(campaign: CampaignView, came: tuple[Came, ...], at: dt.datetime) -> tuple[str, ...]:
    plan = campaign.plan
    treated, control = campaigns_queries.sides_of(came)
    apart = control if control.members else None
    said = [*wording.effect_in_words(treated.arm, apart.arm if apart else None, plan.goal, plan.window_days, formats)]
    if apart is not None and plan.goal is Goal.ORDER and treated.members:
        said.append(wording.extra_in_words(treated.arm, apart.arm, formats))
    given = campaigns_queries.cost_of(came).points
    worth = points_queries.policy_on(clock.business_date(at)).redemption_points_per_unit if given else 0
    paid = campaigns_queries.figures_of(came, worth, at).cost
    sums = apart.sums if apart else None
    return (*said, *wording.money_in_words(treated.sums, sums, paid, Decimal(plan.margin), formats))


def _decision(campaign: CampaignView, run: RunView | None) -> tuple[str, ...]:
    experiment = campaign.plan.experiment
    if run is None or experiment is None or len(campaign.plan.variants) < 2:
        return ()
    if run.decided_at is not None:
        return wording.decision_in_words(run.decision, Metric(experiment.metric), formats)
    if run.horizon_at is None:
        return (_("Variants are compared only of campaigns that go out once."),)
    facts = {"date": formats.cal(run.horizon_at), "time": formats.clock(run.horizon_at)}
    return (_("Variants are compared on %(date)s at %(time)s, not before.") % facts,)


def result_table(came: tuple[Came, ...]) -> Table:
    """Will return what came of each group and variant, and of all who were treated. No query."""
    rows = [_row(one) for one in came]
    treated = [one for one in came if one.group is Group.TREATED]
    if len(treated) > 1:
        rows.append(_total(treated))
    return Table("results", _columns(), tuple(rows))


def _late_table(kept: HeadlineView) -> Table:
    """What the night keeps of those written to and of those kept apart; of the rest it keeps nothing."""
    told = (kept.rewarded, kept.sent, kept.delivered, kept.opened, None, kept.clicked, kept.unsubscribed, None, None)
    between = wilson(kept.converted, kept.members)
    rows = [
        Row(
            (
                tables.words(_("All written to"), "treated"),
                tables.number(kept.members),
                *(tables.nothing() if number is None else tables.number(number) for number in told),
                tables.number(kept.converted),
                *(tables.share(value) for value in (between.value, between.low, between.high)),
                tables.number(kept.orders),
                tables.money(kept.revenue),
            )
        )
    ]
    if kept.control_members:
        beside = wilson(kept.control_converted, kept.control_members)
        rows.append(
            Row(
                (
                    tables.words(_("Kept apart"), "control"),
                    tables.number(kept.control_members),
                    *(tables.nothing() for _number in told),
                    tables.number(kept.control_converted),
                    *(tables.share(value) for value in (beside.value, beside.low, beside.high)),
                    tables.nothing(),
                    tables.nothing(),
                )
            )
        )
    return Table("results", _columns(), tuple(rows))


def _columns() -> tuple[Column, ...]:
    return (
        Column("group", _("Group"), is_number=False),
        Column("members", _("Members")),
        Column("rewarded", _("Given to")),
        Column("sent", _("Sent")),
        Column("delivered", _("Delivered")),
        Column("opened", _("Opened")),
        Column("machine_opened", _("Opened by machines only")),
        Column("clicked", _("Followed a link")),
        Column("unsubscribed", _("Unsubscribed")),
        Column("failed", _("Failed")),
        Column("skipped", _("Left out")),
        Column("converted", _("Did it")),
        Column("rate", pgettext("a part of the whole", "Share")),
        Column("rate_low", _("at least")),
        Column("rate_high", _("at most")),
        Column("orders", _("Orders")),
        Column("revenue", _("Spend")),
    )


def _row(one: Came) -> Row:
    return Row((tables.words(_side_name(one), f"{one.group}-{one.variant}".strip("-")), *_cells([one])))


def _side_name(one: Came) -> str:
    if one.group is not Group.TREATED:
        return wording.group_name(one.group)
    return _("Variant %(code)s") % {"code": one.variant} if one.variant else _("Waiting for the winner")


def _total(treated: Sequence[Came]) -> Row:
    return Row((tables.words(_("All written to"), "treated"), *_cells(treated)), is_total=True)


def _cells(parts: Sequence[Came]) -> tuple[Cell, ...]:
    is_treated = parts[0].group is Group.TREATED
    members = sum(one.members for one in parts)
    converted = sum(one.converted for one in parts)
    between = wilson(converted, members)
    told = (
        *("rewarded", "sent", "delivered", "opened", "machine_opened"),
        *("clicked", "unsubscribed", "failed", "skipped"),
    )
    numbers = (sum(getattr(one, name) for one in parts) for name in told)
    return (
        tables.number(members),
        *(tables.number(number) if is_treated else tables.nothing() for number in numbers),
        tables.number(converted),
        *(tables.share(value) for value in (between.value, between.low, between.high)),
        tables.number(sum(one.orders for one in parts)),
        tables.money(sum((one.revenue for one in parts), Decimal(0))),
    )


def _chart(came: tuple[Came, ...]) -> str:
    shown = [one for one in came if one.members]
    if not any(one.converted for one in shown):
        return ""
    labels = [_side_name(one) for one in shown]
    rates = [one.arm.rate for one in shown]
    name = pgettext("a part of the whole", "Share")
    return charts.bars(
        labels,
        [rates],
        label=_("Share that did what the campaign is for, by group."),
        tips=[f"{label}\n{name}  {formats.pct(rate)}" for label, rate in zip(labels, rates, strict=True)],
        word=_share,
        every=1 if len(shown) < 5 else tables.label_every(len(shown)),
    )


def _share(value: float) -> str:
    return formats.pct(value)


# ---- deeds foretold


def cancel_effect(campaign: CampaignView, runs: Sequence[RunView]) -> tuple[str, ...]:
    """Will say in numbers what cancelling does. Two queries for each launch that is under way."""
    if campaign.kind is CampaignKind.POINT_DAYS:
        return (_("Orders placed from now on earn as usual. Those placed before keep what they earned."),)
    left = sent = 0
    for run in runs:
        if run.dispatch_id is not None and run.finished_at is None:
            states = messaging_queries.progress(run.dispatch_id).by_state
            left += sum(states[state.value] for state in LEFT)
            sent += states[MessageState.SENT.value]
    stay = ngettext("%(n)s message has been sent and stays sent.", "%(n)s messages have been sent and stay sent.", sent)
    go = ngettext(
        "%(n)s message has not gone out and will not be sent, nor its gift given.",
        "%(n)s messages have not gone out and will not be sent, nor their gifts given.",
        left,
    )
    return (
        go % {"n": formats.num(left)},
        stay % {"n": formats.num(sent)},
        _("A cancelled campaign cannot go on; copy it to send something else."),
    )


# ---- of a member


@dataclass(frozen=True)
class MemberCampaign:
    """A campaign that a member was in, and what he got."""

    url: str
    name: str
    group: State
    got: str
    at: dt.datetime


def of_member(member_id: int, at: dt.datetime) -> tuple[MemberCampaign, ...]:
    """Will list the campaigns that a member was in, latest first. One query."""
    return tuple(_taken(one, at) for one in campaigns_queries.campaigns_of_member(member_id))


def _taken(one: Taken, at: dt.datetime) -> MemberCampaign:
    tone = "good" if one.group is Group.TREATED else ""
    label = wording.group_name(one.group)
    if one.variant:
        label = _("%(group)s, variant %(code)s") % {"group": label, "code": one.variant}
    told = Told()
    got = formats.facts([wording.gift_words(reward, told, formats) for reward in one.rewards])
    return MemberCampaign(
        url=reverse("console:campaign", args=[one.campaign_id]),
        name=one.campaign,
        group=State(label, tone),
        got=got,
        at=one.due_at,
    )
