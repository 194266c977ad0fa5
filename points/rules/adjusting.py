"""What the staff may book by hand: how much alone, who may decide, and what it does to a wallet. Pure."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from points.enums import RequestKind, SecondBecause
from points.rules import ledger
from points.rules.ledger import Deed, NewEntry, WalletState, type_of_key
from points.rules.policy import AdjustmentLimits, Policy

POINTS_MAX = 10_000_000
"""More than that at once is a slip of the finger."""

FRESH_DAYS_MIN = 7
"""Points that come back are usable for a week at least, however short the policy's courtesy is."""


class BadAdjustment(Exception):
    """The request says nothing that could be booked; nothing was booked."""


class NotForOneself(Exception):
    """Nobody books, or agrees to, points of his own; nothing was booked."""

    def __init__(self) -> None:
        super().__init__("These points are your own. Another person has to do it. Nothing was booked.")


class OwnRequest(Exception):
    """Who asked cannot be the second person; the request waits on."""

    def __init__(self) -> None:
        super().__init__("You asked for this yourself. Another person decides. Nothing was booked; it waits.")


class NotWhoAsked(Exception):
    """Only who asked can withdraw a request; it waits on."""

    def __init__(self) -> None:
        super().__init__("Somebody else asked for this. Only who asked can withdraw it. It waits on.")


class NotOwed(Exception):
    """The member owes less than is to be written off; nothing was booked."""

    def __init__(self, wanted: int, debt: int) -> None:
        self.wanted, self.debt = wanted, debt
        super().__init__(f"{wanted} points were to be written off, {debt} are owed. Nothing was booked.")


class NothingLeft(Exception):
    """All that was added has been used already, so that there is nothing to take back; nothing was booked."""

    def __init__(self, points: int) -> None:
        self.points = points
        super().__init__(f"All {points} points have been used already. Nothing is left to take back.")


class WindowOver(Exception):
    """The points expired too long ago to come back; nothing was booked."""

    def __init__(self, expired_on: dt.date, through: dt.date) -> None:
        self.expired_on, self.through = expired_on, through
        super().__init__(
            f"Points that expired on {expired_on} could be reinstated through {through}. Nothing was booked."
        )


@dataclass(frozen=True, slots=True)
class Undone:
    """What the booking that is undone did: it added points to lots, or took them from lots."""

    points: int
    lots: tuple[tuple[type_of_key, int], ...]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What is to be booked by hand; `points` is signed as the balance is to move."""

    kind: RequestKind
    points: int
    reason: str
    undone: Undone | None = None
    expired_on: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What booking it does to the wallet; `left` is what an undo cannot take back, as it has been used already."""

    entry: NewEntry
    available_before: int
    available: int
    debt_before: int
    debt: int
    left: int

    @property
    def points(self) -> int:
        """What is booked; signed."""
        return self.entry.points


def request_key(adjustment_id: int) -> str:
    """Will return the source key of a request's entry: adjustment:<id>."""
    return f"adjustment:{adjustment_id}"


def needs_second(kind: RequestKind, points: int, limits: AdjustmentLimits, booked_alone: int) -> SecondBecause | None:
    """Will say why a second person has to agree, or None where one may do it alone.

    `booked_alone` is what this person has booked alone on the date so far; limits are inclusive. Giving up what is
    owed is never one person's decision.
    """
    if kind is RequestKind.WRITE_OFF:
        return SecondBecause.WRITE_OFF
    if abs(points) > limits.alone_max:
        return SecondBecause.ALONE
    if booked_alone + abs(points) > limits.day_max:
        return SecondBecause.DAY
    return None


def check_request(asked: ByHand, requested_by: int, own: Collection[int]) -> None:
    """Will refuse what says nothing, more than anybody means, or one's own points: BadAdjustment, NotForOneself.

    `own` are the log-ins of the member himself.
    """
    if requested_by in own:
        raise NotForOneself
    if not asked.points or abs(asked.points) > POINTS_MAX:
        raise BadAdjustment(f"{asked.points} is no number of points to book: 1 to {POINTS_MAX}. Nothing was booked.")
    if asked.kind is RequestKind.WRITE_OFF and asked.points < 0:
        raise BadAdjustment("A write-off lowers what is owed; it takes nothing. Nothing was booked.")
    if not asked.reason.strip():
        raise BadAdjustment("A reason is missing: the member reads it in the statement. Nothing was booked.")


def check_decision(requested_by: int, decided_by: int, own: Collection[int]) -> None:
    """Will refuse a second person who is the first one, or the member himself: OwnRequest, NotForOneself."""
    if decided_by == requested_by:
        raise OwnRequest
    if decided_by in own:
        raise NotForOneself


def check_withdrawal(requested_by: int, withdrawn_by: int) -> None:
    """Will refuse anybody but the person who asked: NotWhoAsked."""
    if withdrawn_by != requested_by:
        raise NotWhoAsked


def reinstatable_through(expired_on: dt.date, policy: Policy) -> dt.date:
    """Will return the last date on which points that expired on a date can be brought back."""
    return expired_on + dt.timedelta(days=policy.reinstatement_days)


def fresh_until(today: dt.date, policy: Policy) -> dt.date:
    """Will return through which date points that come back on a date can be used: the courtesy, a week at least."""
    return today + dt.timedelta(days=max(policy.courtesy_days, FRESH_DAYS_MIN))


def check_window(expired_on: dt.date, today: dt.date, policy: Policy) -> None:
    """Will refuse points that expired longer ago than the policy lets them come back: WindowOver."""
    if today > reinstatable_through(expired_on, policy):
        raise WindowOver(expired_on, reinstatable_through(expired_on, policy))


def work_out(state: WalletState, deed: Deed, key: str, asked: ByHand, policy: Policy) -> Outcome:
    """Will book a request in a settled wallet in memory; what a page foretells is worked out by the same function.

    Raises NotEnoughPoints, NotOwed, NothingLeft, WindowOver.
    """
    available, debt = ledger.spendable(state, deed.today), state.debt
    entry = _entry(state, deed, key, asked, policy)
    left = sum(int(step["points"]) for step in entry.explanation if step["code"] == "undo_left")
    return Outcome(entry, available, ledger.spendable(state, deed.today), debt, state.debt, left)


def _entry(state: WalletState, deed: Deed, key: str, asked: ByHand, policy: Policy) -> NewEntry:
    fresh = (deed.today, fresh_until(deed.today, policy))
    step: dict[str, Any] = {"code": "adjusted", "kind": asked.kind.value, "reason": asked.reason}
    match asked.kind:
        case RequestKind.ADJUSTMENT:
            lot = (deed.today, policy.expires_on(deed.today))
            return ledger.adjust(state, deed, key, asked.points, lot, [step])
        case RequestKind.WRITE_OFF:
            if asked.points > state.debt:
                raise NotOwed(asked.points, state.debt)
            return ledger.write_off(state, deed, key, asked.points, [step])
        case RequestKind.REINSTATEMENT:
            assert asked.expired_on is not None
            check_window(asked.expired_on, deed.today, policy)
            step |= {"expired_on": asked.expired_on.isoformat(), "until": fresh[1].isoformat()}
            return ledger.reinstate(state, deed, key, asked.points, fresh, [step])
        case RequestKind.UNDO:
            assert asked.undone is not None
            if asked.undone.points < 0:
                return ledger.give_back(state, deed, key, asked.undone.lots, fresh, [step])
            homes = [lot for lot, _ in asked.undone.lots]
            entry = ledger.take_back(state, deed, key, asked.undone.points, homes, [step])
            if entry is None:
                raise NothingLeft(asked.undone.points)
            return entry
