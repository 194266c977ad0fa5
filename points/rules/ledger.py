"""The arithmetic of one wallet: lots, debt and the entries a deed will write. Pure; locks and writes are elsewhere."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kit import dates
from kit.keys import source_key
from points.enums import EntryKind, RefundPolicy, Wallet

type_of_key = tuple[dt.date, dt.date]
"""A lot's name: the first and the last date on which it can be spent."""


ALREADY_EXPIRED, NOT_TAKEN = "already_expired", "not_taken"
"""The steps of a reversal that say what was let be."""


class NotEnoughPoints(Exception):
    """The member cannot spend what was asked for; nothing was booked."""

    def __init__(self, wanted: int, spendable: int, debt: int = 0) -> None:
        self.wanted, self.spendable, self.debt = wanted, spendable, debt
        super().__init__(
            f"{wanted} points were asked for, {spendable} can be spent"
            + (f" ({debt} are owed)." if debt else ".")
            + " Nothing was booked."
        )


class NotPositive(Exception):
    """Points are moved in whole numbers from 1; nothing was booked."""

    def __init__(self, points: int) -> None:
        self.points = points
        super().__init__(f"{points} points cannot be moved; use a whole number from 1. Nothing was booked.")


class KeyReused(Exception):
    """A source key came back with other content; nothing was booked."""

    def __init__(self, source_key: str) -> None:
        self.source_key = source_key
        super().__init__(f"{source_key} is already booked with other content. Nothing was booked.")


class Deed(NamedTuple):
    """What every entry of one deed has in common; `today` is the business date of `at`.

    `idle_months` is after how many months without a deed points end where the policy says so, else 0. `is_own` marks
    what the member does himself - an order, an event - as against what is done to him; spending and giving always are.
    """

    at: dt.datetime
    today: dt.date
    policy_id: int
    actor: str
    idle_months: int = 0
    is_own: bool = False


class NewEntry(NamedTuple):
    """A line to be written; the fields are those of points.models.Entry."""

    member_id: int
    wallet: str
    seq: int
    kind: str
    points: int
    debt_change: int
    balance_after: int
    source_key: str
    at: dt.datetime
    business_date: dt.date
    counts_on: dt.date
    active_on: dt.date | None
    expires_on: dt.date | None
    lot_active_on: list[dt.date] | None
    lot_expires_on: list[dt.date] | None
    lot_points: list[int] | None
    policy_id: int
    explanation: list[dict[str, Any]]
    actor: str


@dataclass(slots=True)
class Holding:
    """What is in a lot, and whether the balance still counts it as pending."""

    points: int
    pending: bool


@dataclass(slots=True)
class WalletState:
    """One wallet in memory while a deed is worked out: what was read under the lock, and what is to be written.

    `idle_until` is through which date its lots without a date of their own (kit.dates.WHILE_ACTIVE) can be used,
    `idle_months` how far each deed of the member's own moves that on: the longest promise of those he holds.
    """

    member_id: int
    wallet: Wallet
    debt: int = 0
    seq: int = 0
    lots: dict[type_of_key, Holding] = field(default_factory=dict)
    lapsed: dict[type_of_key, int] = field(default_factory=dict)
    entries: list[NewEntry] = field(default_factory=list)
    touched: set[type_of_key] = field(default_factory=set)
    balance_after: int | None = None
    idle_until: dt.date | None = None
    idle_months: int = 0
    idle_moved: bool = False

    @property
    def available(self) -> int:
        """What the balance counts as available."""
        return sum(lot.points for lot in self.lots.values() if not lot.pending)

    @property
    def pending(self) -> int:
        """What the balance counts as pending."""
        return sum(lot.points for lot in self.lots.values() if lot.pending)

    @property
    def balance(self) -> int:
        """The sum of the entries: lots less debt."""
        return sum(lot.points for lot in self.lots.values()) - self.debt


def settle(state: WalletState, deed: Deed, zone: zoneinfo.ZoneInfo) -> None:
    """Will book what time alone has made true before `deed.today`: pending lots released, ended lots expired.

    The night does the same for everybody (sql/release_lots, sql/expire_lots); whoever comes first books it.
    """
    ended: dict[dt.date, list[type_of_key]] = {}
    for key, lot in state.lots.items():
        if lot.pending and key[0] <= deed.today:
            lot.pending = False
            state.touched.add(key)
        if (ends := ends_on(state, key)) < deed.today:
            ended.setdefault(ends, []).append(key)
    for expires_on in sorted(ended):
        expire(state, deed, expires_on, ended[expires_on], zone)
    if state.idle_until and state.idle_until < deed.today:
        stop_waiting(state)


def ends_on(state: WalletState, lot: type_of_key) -> dt.date:
    """Will return the last date on which a lot of the wallet can be used, as things stand.

    One that lasts while its owner is active ends with the wallet's `idle_until`; without it, it has no end in sight.
    """
    return lot[1] if lot[1] != dates.WHILE_ACTIVE else state.idle_until or dates.WHILE_ACTIVE


def has_ended(state: WalletState, lot: type_of_key, today: dt.date) -> bool:
    """Will say of a settled wallet whether a lot that points once came from is over by a date.

    One that lasts while its owner is active is over where the wallet waits for nothing any more.
    """
    return state.idle_until is None if lot[1] == dates.WHILE_ACTIVE else lot[1] < today


def stop_waiting(state: WalletState) -> None:
    """Will forget until when the wallet waits for a deed of the member's own: that date is over, or nothing is left."""
    state.idle_until, state.idle_months, state.idle_moved = None, 0, True


def expire(
    state: WalletState, deed: Deed, expires_on: dt.date, keys: Iterable[type_of_key], zone: zoneinfo.ZoneInfo
) -> None:
    """Will book the end of lots that expire on one date as one entry at the last instant of that date."""
    moved = [(key, state.lots[key].points) for key in sorted(keys)]
    at = dates.day_end(expires_on, zone)
    own = Deed(at=at, today=expires_on, policy_id=deed.policy_id, actor="night")
    key = source_key("expiry", expires_on) + f":{state.seq + 1}"
    steps: list[dict[str, Any]] = [{"code": "expired", "on": expires_on.isoformat()}]
    if any(lot[1] == dates.WHILE_ACTIVE for lot, _ in moved):
        steps.append({"code": "idle", "months": state.idle_months})
    _take(state, own, EntryKind.EXPIRY, key, moved, 0, steps)
    for lot, points in moved:
        state.lapsed[lot] = state.lapsed.get(lot, 0) + points


def spendable(state: WalletState, today: dt.date) -> int:
    """Will return what can be spent on a date: active lots that have not ended, nothing while in debt."""
    if state.debt:
        return 0
    return sum(lot.points for key, lot in state.lots.items() if key[0] <= today <= ends_on(state, key))


def credit(
    state: WalletState,
    deed: Deed,
    kind: EntryKind,
    key: str,
    points: int,
    lot: type_of_key,
    explanation: list[dict[str, Any]],
    counts_on: dt.date | None = None,
) -> NewEntry:
    """Will put points into a lot after repaying debt with them; raises NotPositive."""
    if points < 1:
        raise NotPositive(points)
    repaid = min(points, state.debt)
    if repaid:
        explanation = [*explanation, {"code": "debt_repaid", "points": repaid}]
    state.debt -= repaid
    _promise(state, deed, lot)
    _put(state, lot, points - repaid, deed.today)
    return _append(
        state, deed, kind, key, points, -repaid, explanation, counts_on=counts_on, active_on=lot[0], expires_on=lot[1]
    )


def spend(state: WalletState, deed: Deed, key: str, points: int, explanation: list[dict[str, Any]]) -> NewEntry:
    """Will take points from the lots that expire soonest, then the oldest; raises NotEnoughPoints, NotPositive."""
    return _take(state, deed, EntryKind.REDEMPTION, key, _pick_soonest(state, deed, points), 0, explanation)


def would_take(state: WalletState, today: dt.date, points: int) -> list[tuple[type_of_key, int]]:
    """Will return which lots spending would take so many points from on a date, soonest first, as far as they reach."""
    return [] if state.debt else _pick(state, _soonest_first(state, today), points)


def transfer(
    donor: WalletState,
    recipient: WalletState,
    deed: Deed,
    key: str,
    points: int,
    words: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> tuple[NewEntry, NewEntry]:
    """Will move points that can be spent from one member to another, each lot with its dates, soonest first.

    The recipient's debt is repaid first. `words` explain the donor's entry and the recipient's. Raises
    NotEnoughPoints and NotPositive.
    """
    moved = _pick_soonest(donor, deed, points)
    # What lasts while the donor is active keeps the date it had with him: the recipient's deeds are not his.
    dated = [((lot[0], ends_on(donor, lot)), amount) for lot, amount in moved]
    taken = _take(donor, deed, EntryKind.TRANSFER, key, moved, 0, words[0])
    return taken, _give(recipient, deed, EntryKind.TRANSFER, key, dated, words[1])


def restore(
    state: WalletState,
    deed: Deed,
    key: str,
    moved: Sequence[tuple[type_of_key, int]],
    courtesy_days: int,
    explanation: list[dict[str, Any]],
) -> NewEntry:
    """Will put points that a debit took back into the very lots they came from, after repaying debt with them.

    What belongs to a lot that has ended by now can be used through `courtesy_days` after today; with 0 it does not
    come back. Either stands in the explanation; where nothing comes back, the entry is one of no points.
    """
    courtesy = (deed.today, deed.today + dt.timedelta(days=courtesy_days))
    back: dict[type_of_key, int] = {}
    lost = late = 0
    for lot, points in moved:
        if not has_ended(state, lot, deed.today):
            back[lot] = back.get(lot, 0) + points
        elif courtesy_days:
            late += points
        else:
            lost += points
    steps = list(explanation)
    if late:
        back[courtesy] = back.get(courtesy, 0) + late
        steps.append({"code": "courtesy", "points": late, "until": courtesy[1].isoformat()})
    if lost:
        steps.append({"code": "lapsed_meanwhile", "points": lost})
    return _give(state, deed, EntryKind.RESTORATION, key, list(back.items()), steps)


def reverse(
    state: WalletState,
    deed: Deed,
    key: str,
    points: int,
    home: type_of_key,
    policy: RefundPolicy,
    explanation: list[dict[str, Any]],
    counts_on: dt.date,
) -> NewEntry:
    """Will take back points of an accrual: from its own lot, then from others as spending would, then as debt.

    What had already expired of the own lot is not asked for again; what the policy does not allow to take is left.
    Both stand in the explanation, so that neither is let be a second time: where nothing remains to be taken, the
    entry is one of no points.
    """
    forgiven = min(points, state.lapsed.get(home, 0))
    state.lapsed[home] = state.lapsed.get(home, 0) - forgiven
    wanted = points - forgiven
    order = sorted(
        (lot for lot in state.lots if ends_on(state, lot) >= deed.today),
        key=lambda lot: (lot != home, ends_on(state, lot), lot[0]),
    )
    if policy is RefundPolicy.PENDING_ONLY:
        order = [lot for lot in order if lot == home and state.lots[lot].pending]
    moved = _pick(state, order, wanted)
    taken = sum(amount for _, amount in moved)
    owed = wanted - taken if policy is RefundPolicy.FULL else 0
    steps = list(explanation)
    if forgiven:
        steps.append({"code": ALREADY_EXPIRED, "points": forgiven, "lot": [home[0].isoformat(), home[1].isoformat()]})
    if owed:
        steps.append({"code": "debt", "points": owed})
    if wanted - taken - owed:
        steps.append({"code": NOT_TAKEN, "points": wanted - taken - owed, "policy": policy.value})
    return _take(state, deed, EntryKind.REVERSAL, key, moved, owed, steps, counts_on)


def let_be(explanation: Sequence[Mapping[str, Any]]) -> int:
    """Will return the points that an entry says were asked for and not taken."""
    return sum(int(step["points"]) for step in explanation if step["code"] in (ALREADY_EXPIRED, NOT_TAKEN))


def _pick_soonest(state: WalletState, deed: Deed, points: int) -> list[tuple[type_of_key, int]]:
    if points < 1:
        raise NotPositive(points)
    can = spendable(state, deed.today)
    if points > can:
        raise NotEnoughPoints(points, can, state.debt)
    return _pick(state, _soonest_first(state, deed.today), points)


def _end_then_age(lot: type_of_key) -> tuple[dt.date, dt.date]:
    return lot[1], lot[0]


def _pick(state: WalletState, order: Sequence[type_of_key], points: int) -> list[tuple[type_of_key, int]]:
    moved: list[tuple[type_of_key, int]] = []
    for key in order:
        if not points:
            break
        amount = min(points, state.lots[key].points)
        moved.append((key, amount))
        points -= amount
    return moved


def _promise(state: WalletState, deed: Deed, lot: type_of_key) -> None:
    """Will let each deed move `idle_until` on by the months promised for a lot, if no lot held was promised more."""
    if lot[1] == dates.WHILE_ACTIVE:
        held = any(key[1] == dates.WHILE_ACTIVE for key in state.lots)
        state.idle_months = max(deed.idle_months, state.idle_months if held or not deed.idle_months else 0)
        state.idle_moved = True


def _kept(
    state: WalletState, deed: Deed, kind: EntryKind, points: int, lot: tuple[dt.date | None, dt.date | None]
) -> list[dict[str, Any]]:
    """Will move `idle_until` on where an entry is a deed of the member's own, and say so; it never moves back.

    What is put in by others only starts the time of a wallet that has none yet. Time runs from when points are active.
    """
    is_own = (
        kind is EntryKind.REDEMPTION
        or (kind is EntryKind.ACCRUAL and deed.is_own)
        or (kind is EntryKind.TRANSFER and points < 0)
    )
    active_on = lot[0] if lot[0] and lot[1] == dates.WHILE_ACTIVE else None
    starts = active_on is not None and (state.idle_until is None or state.idle_until < active_on)
    if not state.idle_months or not (is_own or starts):
        return []
    start = max(deed.today, active_on) if active_on else deed.today
    return keep_until(state, dates.add_months(start, state.idle_months))


def keep_until(state: WalletState, date: dt.date) -> list[dict[str, Any]]:
    """Will let lots without a date of their own be used through a date, if it is later, and return the step of it."""
    if state.idle_until and date <= state.idle_until:
        return []
    state.idle_until, state.idle_moved = date, True
    return [{"code": "kept", "until": date.isoformat(), "months": state.idle_months}]


def _put(state: WalletState, key: type_of_key, points: int, today: dt.date) -> None:
    if not points:
        return
    state.touched.add(key)
    lot = state.lots.get(key)
    if lot:
        lot.points += points
    else:
        state.lots[key] = Holding(points, pending=key[0] > today)


def _give(
    state: WalletState,
    deed: Deed,
    kind: EntryKind,
    key: str,
    moved: Sequence[tuple[type_of_key, int]],
    explanation: list[dict[str, Any]],
) -> NewEntry:
    """Will put points into lots; debt is repaid first, with those that expire soonest."""
    total = sum(points for _, points in moved)
    repaid = owed = min(state.debt, total)
    put: list[tuple[type_of_key, int]] = []
    for lot, points in sorted(moved, key=lambda one: _end_then_age(one[0])):
        used = min(owed, points)
        owed -= used
        if points > used:
            put.append((lot, points - used))
            _put(state, lot, points - used, deed.today)
    state.debt -= repaid
    steps = [*explanation, {"code": "debt_repaid", "points": repaid}] if repaid else explanation
    return _append(state, deed, kind, key, total, -repaid, steps, moved=put)


def _take(
    state: WalletState,
    deed: Deed,
    kind: EntryKind,
    key: str,
    moved: list[tuple[type_of_key, int]],
    owed: int,
    explanation: list[dict[str, Any]],
    counts_on: dt.date | None = None,
) -> NewEntry:
    for lot, amount in moved:
        state.touched.add(lot)
        state.lots[lot].points -= amount
        if not state.lots[lot].points:
            del state.lots[lot]
    state.debt += owed
    taken = sum(amount for _, amount in moved)
    return _append(state, deed, kind, key, -taken - owed, owed, explanation, counts_on=counts_on, moved=moved)


def _append(
    state: WalletState,
    deed: Deed,
    kind: EntryKind,
    key: str,
    points: int,
    debt_change: int,
    explanation: list[dict[str, Any]],
    *,
    counts_on: dt.date | None = None,
    active_on: dt.date | None = None,
    expires_on: dt.date | None = None,
    moved: list[tuple[type_of_key, int]] | None = None,
) -> NewEntry:
    explanation = [*explanation, *_kept(state, deed, kind, points, (active_on, expires_on))]
    state.seq += 1
    before = state.balance_after
    state.balance_after = state.balance if before is None else before + points
    entry = NewEntry(
        member_id=state.member_id,
        wallet=state.wallet.value,
        seq=state.seq,
        kind=kind.value,
        points=points,
        debt_change=debt_change,
        balance_after=state.balance_after,
        source_key=key,
        at=deed.at,
        business_date=deed.today,
        counts_on=counts_on or deed.today,
        active_on=active_on,
        expires_on=expires_on,
        lot_active_on=[lot[0] for lot, _ in moved] if moved is not None else None,
        lot_expires_on=[lot[1] for lot, _ in moved] if moved is not None else None,
        lot_points=[amount for _, amount in moved] if moved is not None else None,
        policy_id=deed.policy_id,
        explanation=explanation,
        actor=deed.actor,
    )
    state.entries.append(entry)
    return entry


# ---- by hand: what the staff book, see points.rules.adjusting


def adjust(
    state: WalletState, deed: Deed, key: str, points: int, lot: type_of_key, explanation: list[dict[str, Any]]
) -> NewEntry:
    """Will add points to a lot, repaying debt first, or take them as spending would: never more than can be spent.

    `points` is signed and not nought; raises NotEnoughPoints. Nothing done by hand makes a debt.
    """
    if points > 0:
        return credit(state, deed, EntryKind.ADJUSTMENT, key, points, lot, explanation)
    can = spendable(state, deed.today)
    if -points > can:
        raise NotEnoughPoints(-points, can, state.debt)
    moved = _pick(state, _soonest_first(state, deed.today), -points)
    return _take(state, deed, EntryKind.ADJUSTMENT, key, moved, 0, explanation)


def write_off(state: WalletState, deed: Deed, key: str, points: int, explanation: list[dict[str, Any]]) -> NewEntry:
    """Will lower the debt by so many points, of which there are at least as many; no lot is touched."""
    state.debt -= points
    return _append(state, deed, EntryKind.WRITE_OFF, key, points, -points, explanation, moved=[])


def reinstate(
    state: WalletState, deed: Deed, key: str, points: int, lot: type_of_key, explanation: list[dict[str, Any]]
) -> NewEntry:
    """Will bring expired points back in a fresh lot, repaying debt first."""
    return credit(state, deed, EntryKind.REINSTATEMENT, key, points, lot, explanation)


def take_back(
    state: WalletState, deed: Deed, key: str, points: int, homes: Sequence[type_of_key], steps: list[dict[str, Any]]
) -> NewEntry | None:
    """Will take back points that were added by hand: from the lots they went to, then as spending would.

    What has been used already stays used and is said; None where nothing is left. No debt is made.
    """
    taken = min(points, spendable(state, deed.today))
    if not taken:
        return None
    if taken < points:
        steps = [*steps, {"code": "undo_left", "points": points - taken}]
    order = sorted(_soonest_first(state, deed.today), key=lambda lot: lot not in homes)
    return _take(state, deed, EntryKind.ADJUSTMENT, key, _pick(state, order, taken), 0, steps)


def give_back(
    state: WalletState,
    deed: Deed,
    key: str,
    moved: Sequence[tuple[type_of_key, int]],
    fresh: type_of_key,
    steps: list[dict[str, Any]],
) -> NewEntry:
    """Will put points that were taken by hand back into the very lots, repaying debt first.

    What would lie in lots that have ended meanwhile goes to the fresh one, on a step that says until when.
    """
    points = sum(amount for _, amount in moved)
    repaid = owed = min(points, state.debt)
    back: dict[type_of_key, int] = {}
    late = 0
    for lot, amount in sorted(moved, key=lambda part: (part[0][1], part[0][0])):
        paid = min(amount, owed)
        owed -= paid
        if amount == paid:
            continue
        home = fresh if has_ended(state, lot, deed.today) else lot
        late += amount - paid if home == fresh and lot != fresh else 0
        back[home] = back.get(home, 0) + amount - paid
    if repaid:
        steps = [*steps, {"code": "debt_repaid", "points": repaid}]
    if late:
        steps = [*steps, {"code": "ended_meanwhile", "points": late, "until": fresh[1].isoformat()}]
    state.debt -= repaid
    for home, amount in back.items():
        _put(state, home, amount, deed.today)
    return _append(state, deed, EntryKind.ADJUSTMENT, key, points, -repaid, steps, moved=sorted(back.items()))


def _soonest_first(state: WalletState, today: dt.date) -> list[type_of_key]:
    """Will return the lots that can be spent on a date, in the order in which spending takes them."""
    usable = (lot for lot in state.lots if lot[0] <= today <= ends_on(state, lot))
    return sorted(usable, key=lambda lot: (ends_on(state, lot), lot[0]))


# ---- two memberships made one, and two again


def hand_over(
    donor: WalletState,
    recipient: WalletState,
    deed: Deed,
    key: str,
    words: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> tuple[NewEntry, NewEntry] | None:
    """Will move all that a settled wallet holds to another of the same person, what waits too, each lot with its dates.

    What it owes goes over as a debt, taken from what the other holds first. What lasts while its owner is active lasts
    on, through the later of the two dates. None where there is nothing.
    """
    if donor.debt:
        owed = donor.debt
        donor.debt = 0
        paid = _append(donor, deed, EntryKind.TRANSFER, key, owed, -owed, words[0], moved=[])
        return paid, charge(recipient, deed, key, owed, words[1])
    moved = [(lot, donor.lots[lot].points) for lot in sorted(donor.lots, key=_end_then_age)]
    if not moved:
        return None
    if any(lot[1] == dates.WHILE_ACTIVE for lot, _ in moved):
        _wait_as_long(donor, recipient)
    taken = _take(donor, deed, EntryKind.TRANSFER, key, moved, 0, words[0])
    return taken, _give(recipient, deed, EntryKind.TRANSFER, key, moved, words[1])


def hand_back(
    holder: WalletState,
    owner: WalletState,
    deed: Deed,
    key: str,
    carried: Mapping[type_of_key, int],
    words: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> int:
    """Will move back of each lot what of it is still there, and return how many points that were."""
    moved = [
        (lot, min(points, holder.lots[lot].points)) for lot, points in sorted(carried.items()) if lot in holder.lots
    ]
    if not moved:
        return 0
    if any(lot[1] == dates.WHILE_ACTIVE for lot, _ in moved):
        _wait_as_long(holder, owner)
    _take(holder, deed, EntryKind.TRANSFER, key, moved, 0, words[0])
    _give(owner, deed, EntryKind.TRANSFER, key, moved, words[1])
    return sum(points for _, points in moved)


def unburden(
    holder: WalletState,
    owner: WalletState,
    deed: Deed,
    key: str,
    burden: tuple[Sequence[tuple[type_of_key, int]], int],
    words: tuple[list[dict[str, Any]], list[dict[str, Any]]],
) -> int:
    """Will take a debt that was carried over off a wallet again, and return how much of it.

    `burden` are the lots that paid for it and what was owed for the rest: the former go back into lots that have not
    ended, the latter as far as it is still owed.
    """
    lots = [(lot, points) for lot, points in burden[0] if not has_ended(holder, lot, deed.today)]
    owed = min(burden[1], holder.debt)
    if owed:
        holder.debt -= owed
        _append(holder, deed, EntryKind.TRANSFER, f"{key}:owed", owed, -owed, words[0], moved=[])
        charge(owner, deed, f"{key}:owed", owed, words[1])
    paid = sum(points for _, points in lots)
    if paid:
        _give(holder, deed, EntryKind.TRANSFER, f"{key}:paid", lots, words[0])
        charge(owner, deed, f"{key}:paid", paid, words[1])
    return owed + paid


def shift(
    state: WalletState,
    deed: Deed,
    key: str,
    units: int,
    lot: type_of_key,
    counts_on: dt.date,
    explanation: list[dict[str, Any]],
) -> NewEntry:
    """Will add or take units that count on a date of their own, as growth value does."""
    if units < 0:
        return charge(state, deed, key, -units, explanation, counts_on)
    repaid = min(units, state.debt)
    state.debt -= repaid
    _put(state, lot, units - repaid, deed.today)
    put = [(lot, units - repaid)] if units > repaid else []
    return _append(state, deed, EntryKind.TRANSFER, key, units, -repaid, explanation, counts_on=counts_on, moved=put)


def charge(
    state: WalletState,
    deed: Deed,
    key: str,
    units: int,
    explanation: list[dict[str, Any]],
    counts_on: dt.date | None = None,
) -> NewEntry:
    """Will take units from all lots, those that end soonest first, and make a debt of the rest."""
    moved = _pick(state, sorted(state.lots, key=lambda lot: (ends_on(state, lot), lot[0])), units)
    owed = units - sum(points for _, points in moved)
    return _take(state, deed, EntryKind.TRANSFER, key, moved, owed, explanation, counts_on)


def forfeit(state: WalletState, deed: Deed, key: str, explanation: list[dict[str, Any]]) -> NewEntry | None:
    """Will let all that a settled wallet holds go, what waits too; None where it holds nothing. A debt stays."""
    moved = [(lot, state.lots[lot].points) for lot in sorted(state.lots, key=_end_then_age)]
    return _take(state, deed, EntryKind.ADJUSTMENT, key, moved, 0, explanation) if moved else None


def _wait_as_long(donor: WalletState, recipient: WalletState) -> None:
    """Will let the recipient's wallet wait for a deed as long as either of the two would."""
    recipient.idle_months = max(donor.idle_months, recipient.idle_months)
    until = [date for date in (donor.idle_until, recipient.idle_until) if date]
    recipient.idle_until = max(until) if until else None
    recipient.idle_moved = True
