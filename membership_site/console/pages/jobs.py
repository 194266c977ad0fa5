"""The night and its steps: what stopped and why, what runs, what each date came to, and what may be run by hand."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy

from kit import clock, locks
from kit.enums import RunState
from kit.jobs import EVERYBODY
from kit.models import JobRun
from members import queries as members_queries
from membership_site import formats
from membership_site.console.access import Capability, Person
from membership_site.console.pages.words import State

PROOF = "proof"
UNDOABLE = "recalculate_tiers"
MOVES = ("upgrade", "downgrade", "grace", "renewal", "extended", "scheduled")
"""What a night may have decided that can be taken back."""
NIGHTS = 14
BUSY_SHOWN = 3
STOPS_MAX = 50
MISSED_AFTER = dt.timedelta(hours=6)
WATCHED = dt.timedelta(seconds=30)

STATES = {
    RunState.RUNNING: (gettext_lazy("Running"), "info", "refresh-cw"),
    RunState.DONE: (gettext_lazy("Done"), "good", "circle-check"),
    RunState.FAILED: (gettext_lazy("Failed"), "bad", "triangle-alert"),
    RunState.HELD: (gettext_lazy("Waits for approval"), "warn", "pause"),
}

TONES = ("bad", "warn", "info", "good")
WORST_FIRST = (RunState.FAILED, RunState.HELD, RunState.RUNNING, RunState.DONE)

CUT_OFF = (gettext_lazy("Cut off"), "bad", "triangle-alert")

STEP_WORDS = {
    "erase_members": gettext_lazy("Members who asked for it are erased"),
    "end_exports": gettext_lazy("Old copies of members’ data are thrown away"),
    "carry_over_merged": gettext_lazy("What came to merged members goes over"),
    "tell_stages": gettext_lazy("Stages of the life-cycle are told"),
    "release_lots": gettext_lazy("Points on hold become usable"),
    "expire_lots": gettext_lazy("Points expire"),
    "lapse_checkouts": gettext_lazy("Unfinished checkouts give back what they hold"),
    "lapse_reservations": gettext_lazy("Points that were held too long come back"),
    "give_up_gifts": gettext_lazy("Gifts without an address are given up"),
    "reward_yearly": gettext_lazy("Birthdays and anniversaries are rewarded"),
    "notice_expiries": gettext_lazy("Reminders before points expire are noted"),
    "settle_referrals": gettext_lazy("Referrals are rewarded"),
    "recalculate_tiers": gettext_lazy("Tiers are reviewed"),
    "grant_benefits": gettext_lazy("What tiers give is given"),
    "draw_surprises": gettext_lazy("Surprises are drawn"),
    "attribute_orders": gettext_lazy("Orders are attributed to campaigns"),
    "count_results": gettext_lazy("Campaigns’ results are counted"),
    "notice_falls": gettext_lazy("Warnings before a tier is lost are noted"),
    "tell_tier_changes": gettext_lazy("Members are told of new tiers"),
    "tell_falls": gettext_lazy("Members are warned before a tier is lost"),
    "tell_lapsing_points": gettext_lazy("Members are told of points that end soon"),
    "begin_budgets": gettext_lazy("Budgets of new rules begin"),
    "clear_old_calls": gettext_lazy("Old API calls are cleared"),
    "clear_waiting": gettext_lazy("Old codes and unfinished memberships are cleared"),
    "close_liability": gettext_lazy("What is outstanding is counted"),
    "seal_entries": gettext_lazy("New entries are sealed"),
    "proof": gettext_lazy("The books are proved"),
}

DETAIL_WORDS = {
    "points": gettext_lazy("points"),
    "members": gettext_lazy("members"),
    "entries": gettext_lazy("entries"),
    "erased": gettext_lazy("members erased"),
    "again": gettext_lazy("members erased again"),
    "ended": gettext_lazy("copies thrown away"),
    "lists": gettext_lazy("lists thrown away"),
    "carried": gettext_lazy("members carried over"),
    "changed": gettext_lazy("stages changed"),
    "settled": gettext_lazy("settled"),
    "lapsed": gettext_lazy("reservations"),
    "codes": gettext_lazy("codes"),
    "given_up": gettext_lazy("gifts given up"),
    "upgrade": pgettext_lazy("members moved", "up"),
    "renewal": gettext_lazy("kept"),
    "grace": gettext_lazy("into grace"),
    "downgrade": pgettext_lazy("members moved", "down"),
    "extended": gettext_lazy("extended"),
    "scheduled": gettext_lazy("begin later"),
    "budgets": gettext_lazy("budgets changed"),
    "closings": gettext_lazy("dates counted"),
    "claims": gettext_lazy("claims proved"),
    "violations": gettext_lazy("violations"),
}


@dataclass(frozen=True)
class Stop:
    """A step that failed, was cut off or waits for somebody; `moves` is how many members it would move if held."""

    step: str
    title: str
    date: dt.date
    cause: str
    sentences: tuple[str, ...]
    is_held: bool
    is_approved: bool
    moves: int
    rows: int
    attempts: int


@dataclass(frozen=True)
class RunRow:
    """A step's run for one date; `share` is empty where it is not known how far it is."""

    step: str
    title: str
    date: dt.date
    state: State
    icon: str
    rows: int
    seconds: float
    attempts: int
    at: dt.datetime
    share: str
    cause: str
    came_to: str
    can_be_undone: bool


@dataclass(frozen=True)
class Night:
    """All steps of one date."""

    date: dt.date
    state: State
    summary: str
    runs: tuple[RunRow, ...]
    is_open: bool


@dataclass(frozen=True)
class Missed:
    """A night that has not been run although its date is over."""

    title: str
    cause: str


@dataclass(frozen=True)
class JobsPage:
    """The page as the template shows it; `older` is the date before which earlier nights go on."""

    stops: tuple[Stop, ...]
    missed: Missed | None
    running: tuple[RunRow, ...]
    is_watched: bool
    nights: tuple[Night, ...]
    older: str
    is_first: bool


def jobs_page(before: dt.date | None, asked_at: dt.datetime | None, at: dt.datetime) -> JobsPage:
    """Will assemble the page of nights before a date. At most eight queries.

    It is watched, and so shown anew every few seconds, while a step runs and shortly after one was asked for.
    """
    dates = JobRun.objects.order_by("-business_date").values_list("business_date", flat=True).distinct()
    shown = list((dates.filter(business_date__lt=before) if before else dates)[: NIGHTS + 1])
    runs = JobRun.objects.filter(business_date__in=shown[:NIGHTS]).order_by("-business_date", "started_at", "step")
    grouped = groupby(runs, key=lambda run: run.business_date)
    unfinished = _unfinished()
    last_id = members_queries.last_member_id() if unfinished.running else 0
    return JobsPage(
        stops=_stops(unfinished),
        missed=missed_night(at),
        running=tuple(_row(run, at, unfinished, last_id) for run in unfinished.running),
        is_watched=bool(unfinished.running) or (asked_at is not None and dt.timedelta(0) <= at - asked_at < WATCHED),
        nights=tuple(
            _night(date, list(group), at, unfinished, is_latest=index == 0)
            for index, (date, group) in enumerate(grouped)
        ),
        older=shown[NIGHTS - 1].isoformat() if len(shown) > NIGHTS else "",
        is_first=before is None,
    )


def find_held(step: str, date: dt.date) -> Stop | None:
    """Will return the step that waits for approval on a date, or None. One query."""
    run = JobRun.objects.filter(step=step, business_date=date, state=RunState.HELD).first()
    return _stop(run) if run else None


@dataclass(frozen=True)
class Stopped:
    """What every page says of the night: how many steps stopped, and what the last proof found if it failed."""

    count: int
    failed_proof: str


def stopped(person: Person) -> Stopped:
    """Will count what stopped, for the nav of who may see it; that the books do not add up is for all. One query."""
    return _stopped(person, _unfinished().stopped)


def _stopped(person: Person, stopped: Sequence[JobRun]) -> Stopped:
    proof = next((run for run in stopped if run.step == PROOF and run.state == RunState.FAILED), None)
    found = [*proof.detail.get("sentences", ()), proof.error] if proof else [""]
    return Stopped(len(stopped) if person.may(Capability.SEE_JOBS) else 0, str(found[0]))


@dataclass(frozen=True)
class Latest:
    """The latest date that has any steps, in a sentence, and its steps: first those that need somebody or run.

    `more` are those that did something and find no room, `idle` had nothing to do.
    """

    date: dt.date
    ended_at: dt.datetime
    words: str
    tone: str
    icon: str
    rows: tuple[RunRow, ...]
    more: tuple[RunRow, ...]
    idle: tuple[RunRow, ...]


@dataclass(frozen=True)
class Overnight:
    """What the overview says of the nights; `latest` is missing before the first one."""

    stops: tuple[Stop, ...]
    missed: Missed | None
    latest: Latest | None
    stopped: Stopped


def overnight(person: Person, at: dt.datetime) -> Overnight:
    """Will gather what stopped, and the steps of the latest date that has any. One query."""
    dates = JobRun.objects.order_by("-business_date").values("business_date")
    unfinished, runs = _open_runs(Q(business_date=Subquery(dates[:1])))
    latest = max((run.business_date for run in runs), default=None)
    night = sorted((run for run in runs if run.business_date == latest), key=lambda run: (run.started_at, run.step))
    return Overnight(
        stops=_stops(unfinished),
        missed=_missed(latest, at),
        latest=_latest(night, at, unfinished) if night else None,
        stopped=_stopped(person, unfinished.stopped),
    )


def missed_night(at: dt.datetime) -> Missed | None:
    """Will say that the last finished date has no run at all, once it has been over for six hours. One query."""
    return _missed(JobRun.objects.order_by("-business_date").values_list("business_date", flat=True).first(), at)


def _missed(latest: dt.date | None, at: dt.datetime) -> Missed | None:
    date = clock.last_finished_date(at)
    if at - clock.day_end(date) < MISSED_AFTER or (latest is not None and latest >= date):
        return None
    return Missed(
        _("The night of %(date)s has not been run") % {"date": formats.cal(date)},
        _(
            "Balances are right all the same, but tiers and lists are those of the day before. "
            "Run it, or start the worker."
        ),
    )


def step_title(step: str) -> str:
    """Will say what a step does to the world; one we have no words for keeps its name."""
    words = STEP_WORDS.get(step)
    return str(words) if words else step.replace("_", " ").capitalize()


# ---- leaves


@dataclass(frozen=True)
class _Unfinished:
    """Runs that are not done and not made up by a later date."""

    running: tuple[JobRun, ...]
    stopped: tuple[JobRun, ...]


def _unfinished() -> _Unfinished:
    """Will tell what runs from what stopped; whose worker is gone does not hold its lock. One query."""
    return _open_runs()[0]


def _open_runs(others: Q | None = None) -> tuple[_Unfinished, Sequence[JobRun]]:
    """Will tell what is not done, and return it with the other runs that are asked for. One query."""
    made_up = JobRun.objects.filter(
        step=OuterRef("step"), business_date__gt=OuterRef("business_date"), state=RunState.DONE
    )
    rows = JobRun.objects.annotate(held=locks.held_beside()).order_by("-business_date", "step")
    asked = rows.filter(~Exists(made_up), state__in=set(RunState) - {RunState.DONE})[:STOPS_MAX]
    found = asked.union(rows.filter(others)).order_by("-business_date", "step") if others else asked
    # A lock that is let go meanwhile makes two rows of one run; either is good.
    read = list({run.id: run for run in found}.values())
    runs = [run for run in read if run.state != RunState.DONE]
    running = tuple(
        run for run in runs if run.state == RunState.RUNNING and locks.key_of(f"job:{run.step}") in run.held
    )
    return _Unfinished(running, tuple(run for run in runs if run not in running)), read


def _stops(unfinished: _Unfinished) -> tuple[Stop, ...]:
    return tuple(sorted((_stop(run) for run in unfinished.stopped), key=lambda stop: stop.is_held))


def _stop(run: JobRun) -> Stop:
    words = {"step": step_title(run.step), "date": formats.cal(run.business_date)}
    titles = {
        RunState.HELD: _("%(step)s: waits for approval, %(date)s"),
        RunState.FAILED: _("%(step)s: failed, %(date)s"),
        RunState.RUNNING: _("%(step)s: cut off, %(date)s"),
    }
    cut_off = _("Its worker is gone. What was done is kept; it goes on where it stopped.")
    held = run.state == RunState.HELD
    return Stop(
        step=run.step,
        title=titles[RunState(run.state)] % words,
        date=run.business_date,
        cause=cut_off if run.state == RunState.RUNNING else run.error or _("No cause was kept."),
        sentences=tuple(str(sentence) for sentence in run.detail.get("sentences", ())),
        is_held=held,
        is_approved="approved" in run.detail,
        moves=int(run.detail.get("moves", 0)) if held else 0,
        rows=run.rows,
        attempts=run.attempts,
    )


def _latest(night: Sequence[JobRun], at: dt.datetime, unfinished: _Unfinished) -> Latest:
    """Will say in a sentence what a night came to, and part the steps that did something from those that did not."""
    trouble = [run for run in night if run.state != RunState.DONE]
    busy = [run for run in night if run.state == RunState.DONE and run.rows]
    idle = [run for run in night if run.state == RunState.DONE and not run.rows]
    facts = {"n": formats.num(len(night)), "done": formats.num(len(busy) + len(idle))}
    if not trouble:
        words = ngettext("The only step went well.", "All %(n)s steps went well.", len(night))
        tone, icon = "good", "circle-check"
    else:
        words = ngettext("%(done)s of %(n)s step is done.", "%(done)s of %(n)s steps are done.", len(night))
        worst = min((_row(run, at, unfinished) for run in trouble), key=lambda row: TONES.index(row.state.tone))
        tone, icon = worst.state.tone, worst.icon
    room = max(0, BUSY_SHOWN - len(trouble))
    trouble.sort(key=lambda run: WORST_FIRST.index(RunState(run.state)))
    return Latest(
        date=night[0].business_date,
        ended_at=max(run.finished_at or run.started_at for run in night),
        words=words % facts,
        tone=tone,
        icon=icon,
        rows=tuple(_row(run, at, unfinished) for run in (*trouble, *busy[:room])),
        more=tuple(_row(run, at, unfinished) for run in busy[room:]),
        idle=tuple(_row(run, at, unfinished) for run in idle),
    )


def _row(run: JobRun, at: dt.datetime, unfinished: _Unfinished, last_id: int = 0) -> RunRow:
    is_cut_off = run.state == RunState.RUNNING and run not in unfinished.running
    words, tone, icon = CUT_OFF if is_cut_off else STATES[RunState(run.state)]
    began = 0 < run.cursor < EVERYBODY and last_id
    counted = [
        _("%(what)s: %(n)s") % {"what": word, "n": formats.num(run.detail[name])}
        for name, word in DETAIL_WORDS.items()
        if isinstance(run.detail.get(name), int) and run.detail[name]
    ]
    return RunRow(
        step=run.step,
        title=step_title(run.step),
        date=run.business_date,
        state=State(str(words), tone),
        icon=icon,
        rows=run.rows,
        seconds=round(((run.finished_at or at) - run.started_at).total_seconds(), 1),
        attempts=run.attempts,
        at=run.finished_at or run.started_at,
        share=f"{min(run.cursor / last_id, 1):.3f}" if began else "",
        cause=run.error,
        came_to=" · ".join(counted),
        can_be_undone=run.step == UNDOABLE
        and run.state == RunState.DONE
        and any(run.detail.get(kind) for kind in MOVES),
    )


def _night(
    date: dt.date, runs: Sequence[JobRun], at: dt.datetime, unfinished: _Unfinished, *, is_latest: bool
) -> Night:
    states = {RunState(run.state) for run in runs}
    state = min(states, key=WORST_FIRST.index)
    is_cut_off = state is RunState.RUNNING and any(run in unfinished.stopped for run in runs)
    words, tone, _icon = CUT_OFF if is_cut_off else STATES[state]
    done = sum(run.state == RunState.DONE for run in runs)
    rows = tuple(_row(run, at, unfinished) for run in runs)
    summary = ngettext("%(done)s of %(n)s step done", "%(done)s of %(n)s steps done", len(runs)) % {
        "done": formats.num(done),
        "n": formats.num(len(runs)),
    }
    return Night(date, State(str(words), tone), summary, rows, is_latest or state is not RunState.DONE)
