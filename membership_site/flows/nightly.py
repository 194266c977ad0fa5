"""The night: the steps that close a business date, in their order, with what each needs done first."""

import contextlib
import datetime as dt
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from benefits import jobs as benefits_jobs
from campaigns import jobs as campaigns_jobs
from insights import jobs as insights_jobs
from kit import clock, jobs, memory
from kit.enums import RunState
from kit.jobs import Chunk, Night, Step
from kit.locks import AlreadyRunning, alone
from kit.models import JobRun
from members import jobs as members_jobs
from membership_site.flows import (
    checkout_released,
    member_erased,
    member_exported,
    member_merged,
    proof,
    referral_settled,
    told,
    yearly_rewarded,
)
from points import jobs as points_jobs
from tiers import jobs as tiers_jobs


def settle_referrals(night: Night, after: int) -> Iterator[Chunk]:
    """Will settle the referrals whose time has come by the end of a date, each in a transaction of its own."""
    for event_id in referral_settled.settle_waiting(as_of=night.date, after=after):
        yield Chunk(event_id, 1, {"settled": 1})


def lapse_checkouts(night: Night, after: int) -> Iterator[Chunk]:
    """Will give back what checkouts held whose time ran out by the end of a date; the minutely task leaves little."""
    while lapsed := checkout_released.lapse_due(at=clock.day_end(night.date), actor="night"):
        yield Chunk(after, lapsed, {"lapsed": lapsed})


STEPS: tuple[Step, ...] = (
    Step("release_lots", points_jobs.release_lots),
    Step("expire_lots", points_jobs.expire_lots, after=("release_lots",)),
    Step("lapse_checkouts", lapse_checkouts, every_date=False),
    Step("lapse_reservations", points_jobs.lapse_reservations, every_date=False),
    Step("give_up_gifts", benefits_jobs.give_up_gifts, every_date=False),
    Step("reward_yearly", yearly_rewarded.reward_yearly, after=("release_lots", "expire_lots")),
    Step("notice_expiries", points_jobs.notice_expiries, after=("expire_lots",), every_date=False),
    Step("settle_referrals", settle_referrals, every_date=False),
    Step("carry_over_merged", member_merged.carry_over_merged, every_date=False),
    Step("recalculate_tiers", tiers_jobs.recalculate_tiers),
    Step("grant_benefits", benefits_jobs.grant_benefits, after=("recalculate_tiers",)),
    Step("draw_surprises", benefits_jobs.draw_surprises, after=("recalculate_tiers",), every_date=False),
    Step("tell_stages", insights_jobs.tell_stages, after=("recalculate_tiers",)),
    Step("notice_falls", tiers_jobs.notice_falls, after=("recalculate_tiers",), every_date=False),
    Step("tell_tier_changes", told.tell_tier_changes, after=("recalculate_tiers", "grant_benefits"), every_date=False),
    Step("tell_falls", told.tell_falls, after=("notice_falls",), every_date=False),
    Step("tell_lapsing_points", told.tell_lapsing_points, after=("notice_expiries",), every_date=False),
    Step("begin_budgets", points_jobs.begin_budgets, every_date=False),
    Step("clear_old_calls", jobs.clear_old_calls, every_date=False),
    Step("erase_members", member_erased.erase_members, every_date=False),
    Step("end_exports", member_exported.end_exports, every_date=False),
    Step("clear_waiting", members_jobs.clear_waiting, every_date=False),
    Step("close_liability", tiers_jobs.close_liability, after=("expire_lots", "recalculate_tiers"), every_date=False),
    Step("attribute_orders", campaigns_jobs.attribute_orders, every_date=False),
    Step("count_results", campaigns_jobs.count_results, after=("attribute_orders",), every_date=False),
    Step("seal_entries", points_jobs.seal_entries, every_date=False),
    Step("proof", proof.prove, every_date=False),
)
logger = logging.getLogger(__name__)

WAITING = "waiting"
"""The state of a step that was not begun, because one that it needs is not done or another process is at it."""
LOCK = "night"
"""What a scheduler holds while it goes through the steps; each step has a lock of its own besides."""
PATIENCE_SECONDS = 120


class UnknownStep(Exception):
    """There is no step of that name; nothing was run."""


class NotRelived(Exception):
    """A step of a past night failed while a history was brought in; the history stops there and can be continued."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one step for one date."""

    step: str
    date: dt.date
    state: str
    rows: int
    detail: dict[str, Any]
    error: str

    @property
    def is_done(self) -> bool:
        """Whether the step is through."""
        return self.state == RunState.DONE


def run(*, as_of: dt.date, dry_run: bool = False) -> list[Outcome]:
    """Will do all steps for a business date and for the dates missed before it, oldest first.

    A step that fails or is held stops itself and what needs it, for later dates too; everything else goes on. What is
    done already is left and not listed. A dry run does the same and undoes it.
    """
    return _run(STEPS, as_of, dry_run)


def run_unless_under_way(*, as_of: dt.date) -> list[Outcome]:
    """Will do what `run` does, or nothing where another scheduler's night is under way, which does it all.

    Two that went through the steps side by side would hold each other up, and leave what needs the held one undone.
    """
    try:
        with alone(LOCK):
            return run(as_of=as_of)
    except AlreadyRunning:
        return []


def run_step(*, name: str, as_of: dt.date, dry_run: bool = False) -> list[Outcome]:
    """Will do one step for a business date and for the dates it missed before; raises UnknownStep."""
    return _run([find_step(name)], as_of, dry_run)


def find_step(name: str) -> Step:
    """Will return the step of a name; raises UnknownStep."""
    for step in STEPS:
        if step.name == name:
            return step
    raise UnknownStep(f"There is no step {name}. The steps are {', '.join(step.name for step in STEPS)}.")


def relive(*, as_of: dt.date) -> None:
    """Will do a past night while a history is brought in date by date, also where that night was done before.

    To be called for every date in order, after everything of the date has been booked in order of time: then only
    what the date changed needs to be looked at, and nobody has to approve. Raises NotRelived.

    The steps are one transaction, where none of them has been begun and all succeed; otherwise each is run by itself,
    which goes on where one stopped and keeps what failed.
    """
    night = Night(as_of, slice_only=True, approved=None)
    steps = [step for step in STEPS if step.every_date]
    with memory.kept(), _in_turn(steps):
        if _done_at_once(steps, night):
            return
        for step in steps:
            done = jobs.run_alone(step, night, again=True)
            if done.state != RunState.DONE:
                raise NotRelived(f"{step.name} of {as_of} failed: {done.error} Mend it and start the import again.")


def _done_at_once(steps: Sequence[Step], night: Night) -> bool:
    """Will do steps in one transaction, and say whether it could; where it could not, nothing was done."""
    try:
        jobs.run_at_once(steps, night)
    except jobs.BegunBefore:
        return False
    except Exception:
        logger.warning("The steps of %s are done one by one, for together they failed", night.date, exc_info=True)
        return False
    return True


@contextlib.contextmanager
def _in_turn(steps: Sequence[Step]) -> Iterator[None]:
    """Will keep others from steps, waiting for whoever is at one of them just now."""
    until = time.monotonic() + PATIENCE_SECONDS
    with contextlib.ExitStack() as held:
        while True:
            try:
                held.enter_context(jobs.alone(*steps))
                break
            except AlreadyRunning:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)
        yield


def _run(steps: Sequence[Step], as_of: dt.date, dry_run: bool) -> list[Outcome]:
    if not dry_run:
        return list(_nights(steps, as_of))
    with transaction.atomic():
        outcomes = list(_nights(steps, as_of))
        transaction.set_rollback(True)
    return outcomes


def _nights(steps: Sequence[Step], as_of: dt.date) -> Iterator[Outcome]:
    missing = {step.name: jobs.missing_dates(step, as_of) for step in steps}
    stopped: dict[str, str] = {}
    for date in sorted({date for dates in missing.values() for date in dates}):
        due = [step for step in steps if date in missing[step.name]]
        # The first date looks at everybody, late deliveries included; those after it at what they change.
        nights = [(step, Night(date, slice_only=date != missing[step.name][0])) for step in due]
        with memory.kept():
            outcomes = [_attempt(step, night, stopped) for step, night in nights]
        yield from outcomes


def _attempt(step: Step, night: Night, stopped: dict[str, str]) -> Outcome:
    """Will do a step unless it, or one that it needs, was stopped; notes in `stopped` where it is."""
    because = next((stopped[name] for name in (step.name, *step.after) if name in stopped), "")
    outcome = Outcome(step.name, night.date, WAITING, 0, {}, because)
    if not because:
        try:
            outcome = _outcome(jobs.run(step, night))
        except AlreadyRunning as busy:
            outcome = replace(outcome, error=str(busy))
    if not outcome.is_done:
        stopped.setdefault(step.name, f"{step.name} of {night.date} is {outcome.state}.")
    return outcome


def _outcome(job: JobRun) -> Outcome:
    return Outcome(job.step, job.business_date, job.state, job.rows, job.detail, job.error)
