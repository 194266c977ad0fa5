"""What others may ask of insights."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, DateTimeField, F, Func, Q, Value

from insights.enums import Stage
from insights.models import Lifecycle, LifecycleRules, StageChange
from insights.rules import LifecycleTerms
from kit import clock, memory, sql


@dataclass(frozen=True, slots=True)
class StageView:
    """The stage of a member: since when, by which last deed, and when he falls asleep if he does nothing."""

    stage: Stage
    since: dt.date
    active_on: dt.date
    asleep_on: dt.date


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change of a stage; the first has none before."""

    on: dt.date
    was: Stage | None
    becomes: Stage


def _terms(row: LifecycleRules | None) -> LifecycleTerms:
    if row is None:
        return LifecycleTerms()
    return LifecycleTerms(row.new_days, row.sleeping_days, row.lapsed_days, row.won_back_days)


def latest_rules() -> tuple[int, LifecycleTerms]:
    """Will return the number of the latest rules and what they say; 0 and the house's own where none was set.

    One query.
    """
    row = LifecycleRules.objects.order_by("-number").first()
    return (row.number if row else 0), _terms(row)


def terms_on(date: dt.date) -> LifecycleTerms:
    """Will return the days by which the night of a date tells stages. One query."""
    return _terms(next((row for row in _versions() if row.effective_on <= date), None))


@memory.once
def _versions() -> list[LifecycleRules]:
    """Will return all rules, the latest first."""
    return list(LifecycleRules.objects.order_by("-number"))


def stages_of(member_ids: Sequence[int]) -> dict[int, StageView]:
    """Will return {id: stage} of some members; who joined since the last night has none. One query."""
    rows = Lifecycle.objects.filter(member_id__in=member_ids)
    return {row.member_id: StageView(Stage(row.stage), row.since_date, row.active_on, row.asleep_on) for row in rows}


def list_changes(member_id: int, limit: int = 20, by: dt.date | None = None) -> list[ChangeView]:
    """Will return how a member's stage changed, up to a date if one is named, latest first. One query."""
    rows = StageChange.objects.filter(member_id=member_id).order_by("-changed_on")
    rows = rows.filter(changed_on__lte=by) if by else rows
    return [ChangeView(row.changed_on, Stage(row.was) if row.was else None, Stage(row.becomes)) for row in rows[:limit]]


def stages_before(member_id: int, before: dt.datetime, limit: int) -> sql.Told[ChangeView]:
    """Will tell of the stages that nights gave a member, each at the end of its date. No query of its own."""
    told_at = Func(
        F("changed_on"),
        Value(str(clock.programme_zone())),
        template="((%(expressions)s) - interval '1 microsecond')",
        arg_joiner=" + 1)::timestamp AT TIME ZONE (",
        output_field=DateTimeField(),
    )
    changes = StageChange.objects.filter(member_id=member_id, changed_on__lte=clock.business_date(before))
    rows = changes.annotate(told_at=told_at).filter(told_at__lt=before).order_by("-changed_on")
    return sql.Told(rows.values_list("told_at", "changed_on", "was", "becomes")[:limit], _told)


def _told(_at: dt.datetime, on: dt.date, was: str, becomes: str) -> ChangeView:
    return ChangeView(on, Stage(was) if was else None, Stage(becomes))


AWAKE = ~Q(stage__in=[Stage.SLEEPING, Stage.LAPSED])


def count_stages(starts_on: dt.date, ends_on: dt.date) -> tuple[dict[Stage, int], int]:
    """Will return how many members are in each stage, empty ones left out, and who of all falls asleep between dates.

    That is if he does nothing; both dates are inclusive. One query.
    """
    drowsy = Count("member_id", filter=AWAKE & Q(asleep_on__gte=starts_on, asleep_on__lte=ends_on))
    rows = Lifecycle.objects.order_by("stage").values_list("stage").annotate(number=Count("member_id"), drowsy=drowsy)
    found = list(rows)
    return {Stage(stage): count for stage, count, _drowsy in found}, sum(drowsy for _stage, _count, drowsy in found)


def among_stage(stage: Stage) -> sql.Part:
    """Will return the members of a stage as a set for the list of members. No query."""
    rows = Lifecycle.objects.filter(stage=stage).order_by().values("member_id")
    return sql.question(rows, "stage")


def list_of_stage(stage: Stage, after: int = 0, limit: int = 25) -> list[int]:
    """Will return members of a stage above an id, by id. One query."""
    rows = Lifecycle.objects.filter(stage=stage, member_id__gt=after).order_by("member_id")
    return list(rows.values_list("member_id", flat=True)[:limit])


def list_drowsy(
    starts_on: dt.date, ends_on: dt.date, after: tuple[dt.date, int] | None = None, limit: int = 25
) -> list[tuple[dt.date, int]]:
    """Will return (date, member) of who falls asleep from one date to another if he does nothing, soonest first.

    One query.
    """
    rows = Lifecycle.objects.filter(AWAKE, asleep_on__gte=starts_on, asleep_on__lte=ends_on).order_by(
        "asleep_on", "member_id"
    )
    if after:
        rows = rows.extra(where=["(asleep_on, member_id) > (%s, %s)"], params=list(after))
    return list(rows.values_list("asleep_on", "member_id")[:limit])
