"""Giving what tiers give: an entitlement for a member, a benefit and a period, once, and what hangs on it."""

import datetime as dt
import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction

from benefits.actions.fulfilling import OutOfStock, UnknownItem, promise
from benefits.actions.issuing import Cause, NotIssued, UnknownCoupon, issue, issue_many
from benefits.actions.pools import PoolEmpty, UnknownPool, take_code
from benefits.enums import Occasion
from benefits.models import Entitlement
from benefits.queries.matrix import matrix_on
from benefits.rules.cells import Cell, Thing, ThingKind
from benefits.rules.matrix import Benefit, Matrix
from benefits.rules.periods import CALENDAR, YEARLY, Period, upgrade_period, yearly_period
from kit import audit, clock, sql
from kit.keys import source_key
from members import queries as members_queries
from members.enums import MemberStatus
from tiers import queries as tiers_queries

DAY = dt.timedelta(days=1)


class NotGiven(Exception):
    """There is nothing left to give, or it is given no more; nothing was given."""


@dataclass(frozen=True, slots=True)
class Granted:
    """An entitlement that a member has; `is_new` is False where he was given it before."""

    id: int
    benefit: str
    period: str
    is_new: bool


@dataclass(frozen=True)
class Due:
    """A benefit that a member of a tier is to be given for a period; at an instant of his own, where one is stated."""

    member_id: int
    benefit: Benefit
    cell: Cell
    tier: str
    period: Period
    stored: Mapping[str, Any]
    at: dt.datetime | None = None

    @property
    def key(self) -> tuple[int, str, str]:
        """By what it is given once."""
        return self.member_id, self.benefit.code, self.period.key

    def things(self) -> Iterator[tuple[Thing, str]]:
        """Will yield each thing that is given, with the key it is given under."""
        one_by_one = (thing for thing in self.cell.things() for _ in range(thing.count))
        for number, thing in enumerate(one_by_one, 1):
            yield thing, source_key("benefit", self.benefit.code, self.period.key, number)

    def good(self) -> tuple[dt.date | None, dt.date | None]:
        """The dates between which a coupon of it is good; without a period that ends, those of its own terms."""
        return (self.period.starts_on, self.period.ends_on) if self.period.ends_on else (None, None)


def due(member_id: int, benefit: Benefit, tier: str, period: Period) -> Due | None:
    """Will return what a member of a tier is to be given of a benefit for a period, if he has it."""
    cell = benefit.cell_of(tier)
    return Due(member_id, benefit, cell, tier, period, benefit.stored_of(tier)) if cell else None


# ---- for one member


def grant_on(*, member_id: int, occasion: Occasion, at: dt.datetime, actor: str) -> list[Granted]:
    """Will give a member what the matrix in force gives once on an occasion without a date of its own: activation.

    What cannot be given now is left out. In the caller's transaction; a repeat gives nothing more.
    """
    today = clock.business_date(at)
    matrix = matrix_on(today)
    benefits = matrix.issued_on(occasion)
    tiers = tiers_queries.held_tiers(member_id) if benefits else {}
    period = Period(occasion.value, today)
    found = [due(member_id, one, tiers[one.ladder].code, period) for one in benefits if one.ladder in tiers]
    return _give_all([one for one in found if one], matrix, at, actor)


def grant_due(*, member_id: int, at: dt.datetime, actor: str) -> list[Granted]:
    """Will give an active member everything that is due on the date of an instant and was not given yet.

    What the night does for everybody, for one: the month's, the quarter's, birthday and anniversary, and what a tier
    that he reached on the date or the eve gives. What cannot be given now stays due. In the caller's transaction.
    """
    today = clock.business_date(at)
    matrix = matrix_on(today)
    member = members_queries.get_profile(member_id)
    if member.key.status != MemberStatus.ACTIVE or member.key.joined_at is None:
        return []
    born, joined = member.birthday, clock.business_date(member.key.joined_at)
    return _give_all(list(_all_due(member_id, born, joined, matrix, today)), matrix, at, actor)


def _all_due(member_id: int, born: dt.date | None, joined: dt.date, matrix: Matrix, today: dt.date) -> Iterator[Due]:
    tiers = tiers_queries.held_tiers(member_id)
    comes_round = {Occasion.BIRTHDAY: born, Occasion.ANNIVERSARY: joined}
    raised = tiers_queries.upgrades_since(member_id, today - DAY) if matrix.issued_on(Occasion.UPGRADE) else []
    for benefit in matrix.issued_on(*CALENDAR, *YEARLY, Occasion.UPGRADE):
        if benefit.ladder not in tiers or benefit.occasion is None:
            continue
        held = tiers[benefit.ladder].code
        if benefit.occasion is Occasion.UPGRADE:
            reached = [(tier, seq, on) for ladder, tier, seq, on in raised if ladder == benefit.ladder]
            periods = [(tier, upgrade_period(tier, seq, on)) for tier, seq, on in reached if benefit.cell_of(held)]
        elif benefit.occasion in CALENDAR:
            periods = [(held, benefit.period(today))]
        else:
            first = comes_round[benefit.occasion]
            around = yearly_period(benefit.occasion, first, benefit.window, today) if first else None
            periods = [(held, around)] if around else []
        for tier, period in periods:
            if found := due(member_id, benefit, tier, period):
                yield found


def _give_all(found: Sequence[Due], matrix: Matrix, at: dt.datetime, actor: str) -> list[Granted]:
    granted = []
    for one in found:
        try:
            granted.append(give(due=one, version_id=matrix.version_id, at=at, actor=actor))
        except NotGiven:
            continue  # it stays due: the night tries again for as long as its period lasts
    return granted


@transaction.atomic
def give_by_hand(
    *, member_id: int, benefit: str, tier: str, form_key: uuid.UUID, reason: str, at: dt.datetime, actor: str
) -> Granted:
    """Will give a member what the matrix gives to a tier, whatever he holds himself; for a reason, and audited.

    The same form again gives nothing more. Raises NotGiven.
    """
    today = clock.business_date(at)
    matrix = matrix_on(today)
    found = matrix.find(benefit)
    period = Period(source_key("hand", form_key), today)
    one = due(member_id, found, tier, period) if found else None
    if one is None or not one.cell.things():
        raise NotGiven(f"{benefit} gives nothing to {tier}. Nothing was given.")
    granted = give(due=one, version_id=matrix.version_id, at=at, actor=actor, reason=reason)
    if granted.is_new:
        given = {"benefit": benefit, "tier": tier}
        subject = f"member:{member_id}"
        audit.record(at=at, actor=actor, deed="benefit.given", subject=subject, becomes=given, reason=reason)
    return granted


@transaction.atomic
def give(*, due: Due, version_id: int, at: dt.datetime, actor: str, reason: str = "") -> Granted:
    """Will write an entitlement and give what hangs on it; one that is there is left as it is.

    Raises NotGiven where anything of it cannot be given: then nothing is.
    """
    new = write_entitlements(dues=[due], version_id=version_id, at=at, actor=actor, reason=reason)
    if due.key not in new:
        member_id, benefit, period = due.key
        there = Entitlement.objects.get(member_id=member_id, benefit=benefit, period=period)
        return Granted(there.id, benefit, period, is_new=False)
    for thing, key in due.things():
        _give_thing(thing, key, due, new[due.key], at, actor)
    return Granted(new[due.key], due.benefit.code, due.period.key, is_new=True)


def _give_thing(thing: Thing, key: str, due: Due, entitlement_id: int, at: dt.datetime, actor: str) -> None:
    given: dict[str, Any] = {"member_id": due.member_id, "source_key": key, "at": at, "actor": actor}
    starts_on, ends_on = due.good()
    try:
        if thing.kind is ThingKind.COUPON:
            issue(**given, definition=thing.code, entitlement_id=entitlement_id, starts_on=starts_on, ends_on=ends_on)
        elif thing.kind is ThingKind.ITEM:
            promise(**given, item=thing.code, entitlement_id=entitlement_id)
        else:
            take_code(**given, pool=thing.code)
    except (UnknownCoupon, NotIssued, UnknownItem, OutOfStock, UnknownPool, PoolEmpty) as error:
        raise NotGiven(str(error)) from error


# ---- for many


def grant_many(
    *, entered: Sequence[tuple[int, dt.datetime]], occasion: Occasion, at: dt.datetime, actor: str
) -> list[tuple[int, str, str]]:
    """Will give members, each at his own instant, what grant_on gives one; returns who was given what for which period.

    Coupons are given in sets, what has stock or codes one by one. In the caller's transaction, in which they joined.
    """
    tiers = tiers_queries.held_tiers_of([member_id for member_id, _ in entered])
    dates = {joined_at: clock.business_date(joined_at) for _, joined_at in entered}
    matrices = {date: matrix_on(date) for date in sorted(set(dates.values()))}
    alike: dict[tuple[int, str, str], list[Due]] = {}
    for member_id, joined_at in entered:
        matrix, period = matrices[dates[joined_at]], Period(occasion.value, dates[joined_at])
        for benefit in matrix.issued_on(occasion):
            held = tiers[member_id].get(benefit.ladder) if member_id in tiers else None
            if held and (one := due(member_id, benefit, held.code, period)):
                group = alike.setdefault((matrix.version_id, benefit.code, held.code), [])
                group.append(replace(one, at=joined_at))
    given = []
    for (version_id, *_), dues in alike.items():
        given += give_alike(dues=dues, version_id=version_id, at=at, actor=actor)
    return given


def give_alike(
    *, dues: Sequence[Due], version_id: int, at: dt.datetime, actor: str, stop_when_out: bool = False
) -> list[tuple[int, str, str]]:
    """Will give a benefit of one tier to many, as give does one by one; returns the keys of those that are new.

    Where it is coupons alone in sets, unless one of them cannot be issued. What cannot be given is left out; with
    `stop_when_out` the others are not tried once nothing is left.
    """
    if all(thing.kind is ThingKind.COUPON for thing in dues[0].cell.things()):
        try:
            return _give_coupons(dues, version_id, at, actor)
        except (UnknownCoupon, NotIssued):
            if stop_when_out:
                return []
    given = []
    for one in dues:
        try:
            if give(due=one, version_id=version_id, at=one.at or at, actor=actor).is_new:
                given.append(one.key)
        except NotGiven:
            if stop_when_out:
                break
    return given


@transaction.atomic
def _give_coupons(dues: Sequence[Due], version_id: int, at: dt.datetime, actor: str) -> list[tuple[int, str, str]]:
    new = write_entitlements(dues=dues, version_id=version_id, at=at, actor=actor)
    causes: dict[str, list[Cause]] = {}
    for one in dues:
        if one.key in new:
            for thing, key in one.things():
                cause = Cause(one.member_id, key, new[one.key], *one.good(), at=one.at)
                causes.setdefault(thing.code, []).append(cause)
    for definition, those in causes.items():
        issue_many(definition=definition, causes=those, at=at, actor=actor)
    return list(new)


def write_entitlements(
    *, dues: Sequence[Due], version_id: int, at: dt.datetime, actor: str, reason: str = ""
) -> dict[tuple[int, str, str], int]:
    """Will write that members have benefits for periods, in one statement; returns the ids of those that are new.

    What hangs on them is the caller's to give. One begins when it is given, not before its period does.
    """
    rows = [
        {
            "member_id": one.member_id,
            "benefit": one.benefit.code,
            "kind": one.benefit.kind,
            "period": one.period.key,
            "tier": one.tier,
            "terms": dict(one.stored),
            "starts_at": max(clock.day_start(one.period.starts_on), one.at or at).isoformat(),
            "ends_at": clock.day_start(one.period.ends_on + DAY).isoformat() if one.period.ends_on else None,
            "quota": one.cell.quota(),
            "granted_at": (one.at or at).isoformat(),
            "reason": reason,
        }
        for one in dues
    ]
    asked = {"rows": json.dumps(rows), "version": version_id, "actor": actor}
    written = sql.fetch_prepared("benefits", "write_entitlements", **asked)
    return {(member_id, benefit, period): row_id for row_id, member_id, benefit, period in written}
