"""What the staff asked for and a second person decides: the requests that wait, and those that were decided."""

import copy
import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import queries as campaigns_queries
from campaigns import wording as campaigns_wording
from campaigns.queries import ReviewView
from kit import clock, sql
from kit.paging import read_row
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.adjustments import DecideForm
from membership_site.console.pages import adjustments, people
from membership_site.console.pages import campaign as campaign_pages
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import State
from points import queries as points_queries
from points import wording as points_wording
from points.enums import RequestKind, RequestState
from points.queries import AdjustmentRow, Waiting, WaitingRow
from points.rules import adjusting, ledger
from points.rules.adjusting import ByHand
from points.rules.ledger import Deed, WalletState
from points.rules.policy import Policy

CARDS = 50
ROWS = 20

STATE_WORDS = {
    RequestState.WAITING: "warn",
    RequestState.BOOKED: "good",
    RequestState.REFUSED: "bad",
    RequestState.WITHDRAWN: "",
}


@dataclass(frozen=True)
class About:
    """The member whom a request is about."""

    number: str
    name: str
    url: str


@dataclass(frozen=True)
class Card:
    """A request that waits: who asks what for whom, what it would do now, and the form; or why he cannot decide.

    Who asked may withdraw it instead.
    """

    id: int
    kind: str
    points: int
    about: About
    asked_by: str
    asked_at: dt.datetime
    since: str
    reason: str
    note: str
    change: str
    sentences: tuple[str, ...]
    problem: str
    form: DecideForm | None
    why_not: str
    may_withdraw: bool


@dataclass(frozen=True)
class Row:
    """A request that was decided or withdrawn; `decided_by` is empty where one person was enough."""

    at: dt.datetime
    kind: str
    about: About
    points: int
    reason: str
    note: str
    asked_by: str
    decided_by: str
    state: State


@dataclass(frozen=True)
class CampaignCard:
    """A campaign that waits to be read: who asks, what it would do in sentences, and where it is answered."""

    id: int
    name: str
    kind: str
    url: str
    asked_by: str
    asked_at: dt.datetime
    since: str
    words: str
    why_not: str


@dataclass(frozen=True)
class ApprovalsPage:
    """The page as the template shows it; `failed` is the form that was sent and refused."""

    campaigns: tuple[CampaignCard, ...]
    cards: tuple[Card, ...]
    is_more: bool
    rows: tuple[Row, ...]
    older: str
    is_first: bool
    failed: DecideForm | None


def approvals_page(
    person: Person, before: str, at: dt.datetime, failed: tuple[int, DecideForm] | None = None
) -> ApprovalsPage:
    """Will assemble what waits and a page of what was decided. At most eleven queries, however many there are."""
    waiting = points_queries.list_waiting(CARDS + 1)
    cursor = read_row(before)
    decided = points_queries.list_decided(
        (dt.datetime.fromisoformat(cursor[0]), cursor[1]) if cursor else None, ROWS + 1
    )
    shown, done = waiting[:CARDS], decided[:ROWS]
    names = members_queries.names_of([row.member_id for row in (*shown, *done)])
    actors = people.names_of(_actors([*shown, *done]))
    last = done[-1] if len(decided) > ROWS else None
    return ApprovalsPage(
        campaigns=tuple(_campaign(person, one, at) for one in campaigns_queries.waiting_reviews(CARDS)),
        cards=_cards(person, shown, names, actors, at, failed),
        is_more=len(waiting) > CARDS,
        rows=tuple(_row(row, _about(names, row), actors) for row in done),
        older=f"{last.decided_at.isoformat()}~{last.id}" if last and last.decided_at else "",
        is_first=cursor is None,
        failed=failed[1] if failed else None,
    )


def waiting_for(person: Person) -> Waiting:
    """Will count what this person may decide on; nothing where he may not. At most one query."""
    return points_queries.waiting(not_of=person.id) if person.may(Capability.APPROVE) else Waiting(0, None)


def count_waiting(person: Person) -> int:
    """Will count what this person may decide on, for the nav: points, and campaigns to read. At most one query."""
    may_approve = person.may(Capability.APPROVE)
    asked = [points_queries.which_wait(person.id)] if may_approve else []
    if may_approve or person.may(Capability.START_CAMPAIGNS):
        asked.append(campaigns_queries.which_wait(person.id))
    return sql.count(asked)


def _campaign(person: Person, review: ReviewView, at: dt.datetime) -> CampaignCard:
    return CampaignCard(
        id=review.campaign_id,
        name=review.campaign,
        kind=campaigns_wording.kind_name(review.kind),
        url=reverse("console:answer_campaign_review", args=[review.campaign_id]),
        asked_by=review.asker,
        asked_at=review.asked_at,
        since=formats.ago(review.asked_at, at),
        words=review.words,
        why_not=campaign_pages.why_not(review, person),
    )


@dataclass(frozen=True)
class Asked:
    """A request about one member, as his page shows it while it waits."""

    id: int
    kind: str
    points: int
    asked_by: str
    asked_at: dt.datetime
    since: str
    reason: str
    may_withdraw: bool


def waiting_about(rows: Sequence[WaitingRow], person: Person, at: dt.datetime) -> tuple[Asked, ...]:
    """Will say what waits about one member. No queries."""
    return tuple(
        Asked(
            id=row.id,
            kind=_kind(row),
            points=row.points,
            asked_by=row.asked_by,
            asked_at=row.requested_at,
            since=formats.ago(row.requested_at, at),
            reason=points_wording.reason_words(row.reason),
            may_withdraw=may_withdraw(person, row),
        )
        for row in rows
    )


def may_withdraw(person: Person, row: AdjustmentRow | WaitingRow) -> bool:
    """Will say whether a request is this person's own to take back."""
    return row.requested_by == person.id and person.may(Capability.ADJUST_POINTS)


# ---- leaves


def _cards(
    person: Person,
    rows: Sequence[AdjustmentRow],
    names: Mapping[int, tuple[str, str]],
    actors: Mapping[str, str],
    at: dt.datetime,
    failed: tuple[int, DecideForm] | None,
) -> tuple[Card, ...]:
    """Will work out what each request would do now. At most four queries."""
    if not rows:
        return ()
    today = clock.business_date(at)
    policy = points_queries.policy_on(today)
    wallets = points_queries.wallets_of([row.member_id for row in rows])
    asked = points_queries.requests_of(rows)
    deed = Deed(at, today, policy.id, "", policy.expiry.idle_months)
    cards = []
    for row in rows:
        change, sentences, problem = _foretold(wallets[row.member_id], deed, asked[row.id], policy)
        why_not = _why_not(person, row)
        form = failed[1] if failed and failed[0] == row.id else DecideForm(auto_id=f"decide-{row.id}-%s")
        cards.append(
            Card(
                id=row.id,
                kind=_kind(row),
                points=row.points,
                about=_about(names, row),
                asked_by=actors[_actor(row.requested_by)],
                asked_at=row.requested_at,
                since=formats.ago(row.requested_at, at),
                reason=points_wording.reason_words(row.reason),
                note=row.note,
                change=change,
                sentences=sentences,
                problem=problem,
                form=None if why_not else form,
                why_not=why_not,
                may_withdraw=may_withdraw(person, row),
            )
        )
    return tuple(cards)


def _foretold(wallet: WalletState, deed: Deed, asked: ByHand, policy: Policy) -> tuple[str, tuple[str, ...], str]:
    """Will say what booking would do to a wallet, or why it cannot be booked just now."""
    state = copy.deepcopy(wallet)
    ledger.settle(state, deed, clock.programme_zone())
    try:
        outcome = adjusting.work_out(state, deed, "request", asked, policy)
    except adjustments.REFUSALS as error:
        return "", (), adjustments.refusal(error)[1]
    return adjustments.change(outcome), tuple(adjustments.outcome_words(outcome)), ""


def _why_not(person: Person, row: AdjustmentRow) -> str:
    if row.requested_by == person.id:
        return _("You asked for it; another person decides.")
    if row.beneficiary == person.id:
        return _("These points are your own; another person decides.")
    if not person.may(Capability.APPROVE):
        return _("Finance, operators or administrators decide.")
    return ""


def _row(row: AdjustmentRow, about: About, actors: Mapping[str, str]) -> Row:
    words = {
        RequestState.BOOKED: _("Booked"),
        RequestState.REFUSED: _("Refused"),
        RequestState.WITHDRAWN: _("Withdrawn"),
        RequestState.WAITING: _("Waits"),
    }
    by = row.requested_by if row.state is RequestState.WITHDRAWN else row.decided_by
    return Row(
        at=row.decided_at or row.requested_at,
        kind=_kind(row),
        about=about,
        points=row.points if row.booked is None else row.booked,
        reason=points_wording.reason_words(row.reason),
        note=row.decision_note or row.note,
        asked_by=actors[_actor(row.requested_by)],
        decided_by=actors[_actor(by)] if by else "",
        state=State(words[row.state], STATE_WORDS[row.state]),
    )


def _kind(row: AdjustmentRow | WaitingRow) -> str:
    return {
        RequestKind.ADJUSTMENT: _("Add points") if row.points > 0 else _("Take points"),
        RequestKind.UNDO: _("Undo an adjustment"),
        RequestKind.WRITE_OFF: _("Write off a debt"),
        RequestKind.REINSTATEMENT: _("Reinstate expired points"),
    }[row.kind]


def _about(names: Mapping[int, tuple[str, str]], row: AdjustmentRow) -> About:
    number, name = names[row.member_id]
    return About(number, name or _("No name"), member_url(number))


def _actors(rows: Iterable[AdjustmentRow]) -> set[str]:
    return {_actor(account) for row in rows for account in (row.requested_by, row.decided_by) if account}


def _actor(account_id: int) -> str:
    return f"staff:{account_id}"
