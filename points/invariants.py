"""Points' invariants: entries, lots and balances of every wallet agree, entry by entry and lot by lot; so do what was
reserved, adjusted and given by rules with what is booked, and what is booked with what nights have sealed."""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby

from kit import clock, dates, sql
from kit.invariants import DayProof, Proof
from kit.jobs import EVERYBODY
from points.enums import Wallet
from points.models import DaySeal
from points.queries.sheet import proof_sheets
from points.rules import sealing

MEMBERS_A_RANGE = 20_000
ROTATION_NIGHTS = 28

CLAIMS = {
    "sum": "The entries of every wallet sum to its available and pending units less its debt.",
    "numbers": "The entries of every wallet are numbered 1, 2, 3 ... up to the number in its balance.",
    "running": "The running balance of every entry is that of the entry before it plus its own units.",
    "debt": "The changes of debt of every wallet's entries sum to its debt.",
    "lots": "The lots of every wallet sum to its available and its pending units.",
    "lot_by_lot": "Every lot holds what its entries put into it less what they took from it.",
    "entries": "What every entry moved between lots and debt is its own units, and an expiry takes lots of its date.",
    "idle": "Every wallet with lots that last while its owner is active says through which date.",
}
SENTENCES = {
    "sum": "do not sum to its balance",
    "numbers": "are not numbered without gaps up to the number in its balance",
    "running": "do not carry the running balance on from one to the next",
    "debt": "do not sum to its debt",
    "lots": "are not what its lots hold",
    "lot_by_lot": "did not put into its lots what these hold",
    "entries": "hold one whose lots and debt do not make up its units",
    "idle": "put into lots that last while their owner is active, and its balance does not say through which date",
}


def joined_members_have_wallets() -> Iterator[str]:
    """Will yield a sentence for each member who joined but lacks a wallet."""
    for (number,) in sql.fetch("points", "members_without_wallets", wallets=len(Wallet)):
        yield f"Member {number} has joined but lacks a wallet."


def wallets_agree() -> Iterator[str]:
    """Will yield a sentence for each wallet and claim that does not hold, with the amounts that differ."""
    for number, wallet, claim, *amounts in sql.fetch("points", "broken_wallets"):
        yield f"{_sentence(number, wallet, claim)}{_difference(claim, amounts)}."


def wallets_of_day_agree(date: dt.date) -> Iterator[str]:
    """Will yield a sentence for each wallet with entries of a date that does not add up."""
    for number, wallet, claim in sql.fetch("points", "broken_wallets_of_day", date=date):
        yield f"{_sentence(number, wallet, claim)}."


def _sentence(number: str, wallet: str, claim: str) -> str:
    return f"The entries of member {number}'s {wallet} wallet {SENTENCES[claim]}"


def _difference(claim: str, amounts: list[int]) -> str:
    _, _, available, pending, debt, seq, entries, last, points, debt_booked, *_, held, held_pending = amounts
    return {
        "sum": f": {points} booked; {available} available + {pending} pending - {debt} owed",
        "numbers": f": {entries} entries, the last number {last}; the balance says {seq}",
        "debt": f": {debt_booked} booked; {debt} owed",
        "lots": f": {held} in lots, {held_pending} of them pending; {available} available + {pending} pending",
    }.get(claim, "")


def reservations_are_booked() -> Iterator[str]:
    """Will yield a sentence for each reservation whose entries do not say what its state says."""
    for number, reservation, claim, points, taken, returned in sql.fetch("points", "broken_reservations"):
        what = {
            "taken": f"holds {points} points, and the ledger took {taken} for it",
            "kept": f"is not given back, and the ledger returned {returned} of its points",
            "returned": f"is given back, and the ledger took {taken} and returned {returned}",
            "once": "paid for an order that another reservation paid for too",
        }[claim]
        yield f"Reservation {reservation} of member {number} {what}."


def adjustments_are_booked_once() -> Iterator[str]:
    """Will yield a sentence for each request of the staff that the ledger does not hold as its state says."""
    for number, adjustment, state, points, entries, booked in sql.fetch("points", "broken_adjustments"):
        holds = f"the ledger holds {entries} entries for it, of {booked} points"
        yield f"Adjustment {adjustment} of member {number} by {points} points is {state}, and {holds}."


def rules_gave_what_was_awarded() -> Iterator[str]:
    """Will yield a sentence for each deed whose rule uses do not come to what was awarded and booked."""
    for number, deed, counted, awarded, booked in sql.fetch("points", "broken_rule_uses"):
        yield (
            f"Rules are counted to have given member {number} {counted} points for {deed}; "
            f"{awarded} were awarded, {booked} are booked."
        )


def budgets_are_what_was_given() -> Iterator[str]:
    """Will yield a sentence for each budget that was used for something else than its rule gave."""
    for rule, used, given in sql.fetch("points", "broken_budgets"):
        yield f"The budget of rule {rule} says {used} points are used; the rule gave {given}."


def returns_take_no_more_than_was_earned() -> Iterator[str]:
    """Will yield a sentence for each line of an order of which more was taken back than it had earned."""
    for number, wallet, order, line, units in sql.fetch("points", "broken_returns"):
        yield f"Line {line} of {order} took {-units} more from member {number}'s {wallet} wallet than it had earned."


def returns_let_be_what_had_expired() -> Iterator[str]:
    """Will yield a sentence for each lot of which returns let more be, as expired, than had expired of it."""
    for number, wallet, active_on, expires_on, points, expired in sql.fetch("points", "broken_forgiveness"):
        yield (
            f"Returns let {points} {wallet} of member {number} be that lasted from {active_on} through {expires_on}; "
            f"{expired} of those had expired."
        )


def nights_book_dates_that_are_over() -> Iterator[str]:
    """Will yield a sentence for each expiry that the night booked on a date that was not over."""
    for number, wallet, seq, date in sql.fetch("points", "early_nights", zone=_zone()):
        where = f"entry {seq} of member {number}'s {wallet} wallet"
        yield f"The night expired points with {where} on {date}, which was not over."


def sheets_add_up() -> Iterator[str]:
    """Will yield a sentence for each month whose lines did something else to lots and debt, and each wallet whose last
    closing is not what its balances hold."""
    for wallet, sheet in proof_sheets(dates.ALWAYS, dates.ALWAYS).items():
        for month in sheet.breaks():
            moved = sum(month.lines.values())
            yield (
                f"In the {wallet} wallets the lines of {month.first:%Y-%m} come to {moved}; "
                f"they moved {month.lots} in lots and {month.debt} of debt."
            )
        if sheet.closing != sheet.lots - sheet.debt:
            yield (
                f"The {wallet} wallets close with {sheet.closing}; they hold {sheet.lots} in lots and owe {sheet.debt}."
            )


def _zone() -> str:
    return str(clock.programme_zone())


# ---- seals


def seals_hold() -> Iterator[str]:
    """Will yield a sentence for each entry that is not what was sealed, and each seal and root that does not follow."""
    for above, upto in _ranges():
        yield from _broken_seals(above=above, upto=upto)
        yield from _unsealed(above=above, upto=upto)
    yield from _broken_roots(None)


def seals_of_night_hold(date: dt.date) -> Iterator[str]:
    """Will yield the same for what the last night sealed, its root, and every 28th member's whole chain.

    Which members these are changes with the date, so that four weeks of nights look at everybody.
    """
    since, last = _last_two_nights()
    if last is None:
        return
    part = date.toordinal() % ROTATION_NIGHTS
    yield from _broken_seals(since=since)
    yield from _broken_seals(parts=ROTATION_NIGHTS, part=part)
    yield from _unsealed(parts=ROTATION_NIGHTS, part=part)
    yield from _broken_roots(since)


def _ranges() -> Iterator[tuple[int, int]]:
    """Will cut all members into ranges (above, upto), so that no statement holds more than one of them in memory."""
    above = 0
    for (upto,) in sql.fetch("points", "bounds_of_members", after=0, members=MEMBERS_A_RANGE):
        yield above, upto
        above = upto


def _broken_seals(
    *, above: int = 0, upto: int = EVERYBODY, since: dt.date | None = None, parts: int = 1, part: int = 0
) -> Iterator[str]:
    some = {"above": above, "upto": upto, "since": since, "parts": parts, "part": part}
    for member_id, number, sealed_on, *spans, marks in sql.fetch("points", "broken_seals", **some):
        names = dict(zip(("growth_before", "growth_seq", "points_before", "points_seq"), spans, strict=True))
        rows = sql.fetch("points", "digests_of_entries", member_id=member_id, **names)
        found = [sealing.Numbered(wallet, seq, bytes(digest)) for wallet, seq, digest in rows]
        covered = {"growth": (spans[0], spans[1]), "points": (spans[2], spans[3])}
        breaches = sealing.breaches(covered, bytes(marks), found)
        for breach in breaches:
            what = "and is missing" if breach.is_missing else "and is not what was sealed"
            yield f"Entry {breach.seq} of member {number}'s {breach.wallet} wallet was sealed on {sealed_on} {what}."
        if not breaches:
            yield (
                f"The seal of member {number} of {sealed_on} does not follow from the entries it covers and the seal "
                "before it, though no entry differs: a seal was altered."
            )


def _unsealed(*, above: int = 0, upto: int = EVERYBODY, parts: int = 1, part: int = 0) -> Iterator[str]:
    some = {"above": above, "upto": upto, "parts": parts, "part": part}
    for number, wallet, seq in sql.fetch("points", "unsealed_entries", **some):
        yield f"Entry {seq} of member {number}'s {wallet} wallet is under no seal, though two nights have passed."


def _broken_roots(since: dt.date | None) -> Iterator[str]:
    """Will hold the roots after a date (or all) to the seals they are over, and to one another.

    One query, and one for every four weeks of nights.
    """
    nights = list(DaySeal.objects.order_by("sealed_on"))
    first = next((place for place, night in enumerate(nights) if since is None or night.sealed_on > since), len(nights))
    for start in range(first, len(nights), ROTATION_NIGHTS):
        some = nights[start : start + ROTATION_NIGHTS]
        before = nights[start - 1] if start else None
        yield from _broken_roots_of(some, before)


def _broken_roots_of(nights: list[DaySeal], last: DaySeal | None) -> Iterator[str]:
    since = last.sealed_on if last else None
    before = bytes(last.root) if last else sealing.BEGINNING
    rows = sql.fetch("points", "heads_of_nights", since=since, through=nights[-1].sealed_on)
    trees = {date: list(group) for date, group in groupby(rows, key=lambda row: row[0])}
    for night in nights:
        tree = sealing.tree_over([bytes(heads or b"") for _, _, heads, *_ in trees[night.sealed_on]])
        members, entries = (sum(row[place] for row in trees[night.sealed_on]) for place in (3, 4))
        root = sealing.root_after(before, tree.top, night.sealed_on, members, entries)
        kept = (bytes(night.root), bytes(night.branches), night.members, night.entries)
        if (root, tree.branches, members, entries) != kept:
            yield (
                f"The root of {night.sealed_on} does not follow from the {members} seals it is over and the root "
                "before it."
            )
        before = bytes(night.root)


def _last_two_nights() -> tuple[dt.date | None, dt.date | None]:
    """Will return the dates of the last root and the one before, None where there is none. One query."""
    last, before, *_ = [*DaySeal.objects.order_by("-sealed_on").values_list("sealed_on", flat=True)[:2], None, None]
    return before, last


PROOFS = (
    Proof(("Every member who has joined has a wallet of each kind.",), joined_members_have_wallets),
    Proof(tuple(CLAIMS.values()), wallets_agree),
    Proof(
        (
            "What every reservation holds was taken from the ledger, and given back once it was released or lapsed.",
            "No order is paid for by two reservations.",
        ),
        reservations_are_booked,
    ),
    Proof(
        ("Every booked request of the staff is one entry of its points; the others are none.",),
        adjustments_are_booked_once,
    ),
    Proof(
        ("What rules are counted to have given with a deed is within what it was awarded, and is what is booked.",),
        rules_gave_what_was_awarded,
    ),
    Proof(("What is used of every budget is what its rule gave.",), budgets_are_what_was_given),
    Proof(("No return takes more from a line than it had earned.",), returns_take_no_more_than_was_earned),
    Proof(
        ("What returns let be because it had expired is no more than had expired of the lot.",),
        returns_let_be_what_had_expired,
    ),
    Proof(("The night lets nothing expire on a date that is not over.",), nights_book_dates_that_are_over),
)
PROOFS_OF_DAY = (
    DayProof(tuple(CLAIMS[name] for name in ("sum", "numbers", "running", "lots", "entries")), wallets_of_day_agree),
)
SEAL_CLAIMS = (
    "Every sealed entry is byte for byte what was sealed, and none is missing.",
    "Every seal follows from its entries and the seal before it.",
    "Every root follows from the seals of its night and the root before it.",
    "Every entry is sealed by the second night after it at the latest.",
)
SHEET_CLAIM = "Opening and lines of every month are its closing, and the last closing is what the balances hold."
PROOFS_IN_DEPTH = (Proof(SEAL_CLAIMS, seals_hold), Proof((SHEET_CLAIM,), sheets_add_up))
PROOFS_OF_NIGHT = (
    DayProof(SEAL_CLAIMS, seals_of_night_hold),
    DayProof((SHEET_CLAIM,), lambda _date: sheets_add_up()),
)
