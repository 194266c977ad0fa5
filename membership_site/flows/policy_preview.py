"""A draft of the policy is tried on the shop's own history: read and replayed range by range of members."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from campaigns import queries as campaigns_queries
from kit import clock, dates, locks
from kit.versions import Versions
from members import queries as members_queries
from membership_site.flows import past
from points import actions as points_actions
from points import queries as points_queries
from points.enums import Wallet
from points.queries import PreviewView
from points.rules import previews
from points.rules.budgets import limits_of
from points.rules.policy import Policy, policy_from_terms
from points.rules.previews import AS_IS, DRAFT, SIDES
from points.rules.replay import Budgets, DatedBudgets, WantedBudgets, allot, replay
from tiers import queries as tiers_queries

logger = logging.getLogger(__name__)

Now = Callable[[], dt.datetime]
"""The clock of whoever starts the work, for it takes minutes."""

RANGE_MEMBERS = 2000
ACTOR = "preview"


def lock_of(version_id: int) -> str:
    """Will return the name of the lock under which one preview of a draft at a time is worked out."""
    return f"preview:{version_id}"


def first_date(at: dt.datetime, months: int) -> dt.date:
    """Will return the first date of the history that is replayed: of a month, so many months back."""
    return dates.add_months(clock.business_date(at).replace(day=1), -months)


def run(*, preview_id: int, now: Now) -> None:
    """Will work out a preview that waits or was cut off, committing after each range of members; `now` is the clock.

    Alone per draft: while another process is at it, nothing is done. A draft that was edited since is not replayed. A
    fault closes the preview with its reason and is raised.
    """
    preview = points_queries.get_preview(preview_id)
    try:
        with locks.alone(lock_of(preview.version_id)):
            _work_out(preview_id, now)
    except locks.AlreadyRunning:
        return
    except points_actions.PreviewOver:
        logger.info("preview %s is over", preview_id)
    except Exception as error:
        logger.exception("preview %s failed", preview_id)
        points_actions.fail_preview(
            preview_id=preview_id, error=f"{type(error).__name__}: {error}", at=now(), actor=ACTOR
        )
        raise


def _work_out(preview_id: int, now: Now) -> None:
    preview = points_queries.get_preview(preview_id)
    if not preview.is_open:
        return
    if preview.is_stale:
        points_actions.fail_preview(
            preview_id=preview_id,
            error="The draft was edited before its preview was through. Ask for a new one.",
            at=now(),
            actor=ACTOR,
        )
        return
    plan = _plan(preview)
    phases = 2 if plan.budgets else 1
    total = members_queries.count_members() * phases
    kept = points_actions.begin_preview(preview_id=preview_id, members_total=total, at=now(), actor=ACTOR)
    work = _Work.of(kept, preview.members_done)
    if plan.budgets and work.phase == "count":
        _through_all(preview_id, plan, work, now)
        work.allot(plan)
    work.phase = "replay"
    _through_all(preview_id, plan, work, now)
    result = _result(plan, work)
    points_actions.finish_preview(preview_id=preview_id, result=result, at=now(), actor=ACTOR)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is compared with what, over which history; `budgets` are the codes of rules that have one on a side."""

    window: past.Window
    sides: Mapping[str, Versions[Policy]]
    budgets: tuple[str, ...]


def _plan(preview: PreviewView) -> _Plan:
    in_force = points_queries.policies()
    draft = policy_from_terms(preview.version_id, preview.terms)
    since, until = first_date(preview.requested_at, preview.months), preview.requested_at
    days = (clock.business_date(until) - since).days
    used = {p.id: p for p in (in_force.on(since + dt.timedelta(days=day)) for day in range(days + 1))}
    policies = (*used.values(), draft)
    return _Plan(
        window=past.Window(since, until, policies, tiers_queries.ladders(), _segments(policies, until)),
        sides={AS_IS: in_force, DRAFT: Versions([(dt.date.min, draft)])},
        budgets=tuple(sorted({code for policy in policies for code in limits_of(policy)})),
    )


def _segments(policies: Sequence[Policy], at: dt.datetime) -> dict[str, frozenset[int]]:
    """Will return who is in the segments that policies name: read once, for a range of members would sum anew."""
    named = {one for policy in policies for rule in policy.rules for one in policy.segments_of(rule.deed)}
    return campaigns_queries.everybody_in(sorted(named), at)


@dataclass(slots=True)
class _Work:
    """How far a preview is, and what it came to so far: all that has to be kept to go on after a crash."""

    phase: str
    after: int
    members_done: int
    tally: dict[str, Any]
    wanted: dict[str, WantedBudgets] = field(default_factory=lambda: {side: WantedBudgets() for side in SIDES})
    dated: dict[str, DatedBudgets] = field(default_factory=lambda: {side: DatedBudgets() for side in SIDES})

    @classmethod
    def of(cls, kept: Mapping[str, Any], members_done: int) -> "_Work":
        """Will go on from what was kept, or begin."""
        work = cls(kept.get("phase", "count"), kept.get("after", 0), members_done, kept.get("tally") or {})
        work.tally = work.tally or previews.empty_tally()
        for side, sums in kept.get("budgets", {}).items():
            work.wanted[side] = WantedBudgets(_dated(sums["drawn"]), _dated(sums["returned"]))
            work.dated[side] = DatedBudgets(_dated(sums["left"]))
        return work

    def kept(self) -> dict[str, Any]:
        """Will return what is to be kept, as JSON takes it."""
        sums = {
            side: {
                "drawn": _plain(self.wanted[side].drawn),
                "returned": _plain(self.wanted[side].returned),
                "left": _plain(self.dated[side].left),
            }
            for side in SIDES
        }
        return {"phase": self.phase, "after": self.after, "tally": self.tally, "budgets": sums}

    def budgets_of(self, side: str) -> Budgets:
        """Will return what a side draws on in this phase."""
        return self.wanted[side] if self.phase == "count" else self.dated[side]

    def allot(self, plan: _Plan) -> None:
        """Will share out each side's budgets, date by date, and begin again with the first member."""
        before = points_queries.budgets_used_before(plan.budgets, plan.window.since)
        for side in SIDES:
            wanted, policies = self.wanted[side], plan.sides[side]
            self.dated[side] = DatedBudgets()
            for code in plan.budgets:
                limits = Limits(policies, code)
                drawn, returned = wanted.drawn.get(code, {}), wanted.returned.get(code, {})
                self.dated[side].left[code] = allot(drawn, returned, limits.on, before.get(code, 0))
        self.phase, self.after = "replay", 0


@dataclass(frozen=True, slots=True)
class Limits:
    """The budget of one rule in the policies of a side."""

    policies: Versions[Policy]
    code: str

    def on(self, date: dt.date) -> int | None:
        """Will return the whole budget as published for a date; None where the rule has none then."""
        cap = limits_of(self.policies.on(date)).get(self.code)
        return cap.points if cap else None


def _through_all(preview_id: int, plan: _Plan, work: _Work, now: Now) -> None:
    """Will replay all members above the last one that was kept, range by range, each kept by itself."""
    while True:
        upto, members = members_queries.end_of_range(work.after, RANGE_MEMBERS)
        if not members:
            return
        replay_range(work.after, upto, plan, work)
        work.after = upto
        work.members_done += members
        points_actions.keep_progress(
            preview_id=preview_id, members_done=work.members_done, kept=work.kept(), at=now(), actor=ACTOR
        )


def replay_range(after: int, upto: int, plan: _Plan, work: _Work) -> None:
    """Will replay the members above one id up to another on both sides, and add what came of it."""
    zone = clock.programme_zone()
    for member in past.of_range(after, upto, plan.window):
        outcomes = {
            side: replay(member.past, plan.sides[side], work.budgets_of(side), plan.window.until, zone)
            for side in SIDES
        }
        if work.phase == "replay":
            one = previews.Compared(
                member_id=member.past.member_id,
                tier=member.tier,
                orders=len(member.past.orders),
                events=len(member.past.events),
                as_is=outcomes[AS_IS],
                draft=outcomes[DRAFT],
            )
            previews.add_member(work.tally, one)


def _result(plan: _Plan, work: _Work) -> dict[str, Any]:
    """Will return what a page shows: the tally, and what it is measured against."""
    today = clock.business_date(plan.window.until)
    last = {side: plan.sides[side].on(today) for side in SIDES}
    rates = {side: policy.redemption_points_per_unit for side, policy in last.items()}
    sums = work.tally["sides"]
    rules = [rule for policy in plan.window.policies for rule in policy.rules]
    return {
        **work.tally,
        "since": plan.window.since.isoformat(),
        "until": plan.window.until.isoformat(),
        "rates": rates,
        "names": {rule.code: dict(rule.names) for rule in rules},
        "of_growth": sorted({rule.code for rule in rules if rule.wallet is Wallet.GROWTH}),
        "cost": {side: previews.worth(sums[side]["earned"], rates[side]) for side in SIDES},
        "liability": {
            side: previews.worth(sums[side]["outstanding"] - sums[side]["owed"], rates[side]) for side in SIDES
        },
        "budgets": {side: {code: cap.points for code, cap in limits_of(last[side]).items()} for side in SIDES},
        "budgets_used_before": points_queries.budgets_used_before(plan.budgets, plan.window.since),
    }


def _plain(sums: Mapping[str, Mapping[dt.date, int]]) -> dict[str, dict[str, int]]:
    return {code: {on.isoformat(): points for on, points in days.items()} for code, days in sums.items()}


def _dated(sums: Mapping[str, Mapping[str, int]]) -> dict[str, dict[dt.date, int]]:
    return {code: {dt.date.fromisoformat(on): points for on, points in days.items()} for code, days in sums.items()}
