"""Points' invariants: entries, lots and balances of every wallet agree, entry by entry and lot by lot."""

import datetime as dt
from collections.abc import Iterator

from kit import sql
from kit.invariants import DayProof, Proof
from points.enums import Wallet

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


PROOFS = (
    Proof(("Every member who has joined has a wallet of each kind.",), joined_members_have_wallets),
    Proof(tuple(CLAIMS.values()), wallets_agree),
)
PROOFS_OF_DAY = (
    DayProof(tuple(CLAIMS[name] for name in ("sum", "numbers", "running", "lots", "entries")), wallets_of_day_agree),
)
