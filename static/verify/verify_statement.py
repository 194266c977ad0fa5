"""Verifies a downloaded points statement, offline, with nothing but Python 3.8 or later.

    python3 verify_statement.py statement.json [--roots roots.json]

statement.json   "Download my statement" on the points page
roots.json       the published roots, from the page /proof/; keep older copies, and hold new statements against them

Exit code 0: everything holds. 1: something does not; each line says what. 2: a file cannot be read.
The rules are those of docs/proof.md. This file knows nothing of the shop's software: read it before you run it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    Json = dict[str, Any]
    Entries = dict[str, list[tuple[str, Json]]]  # of each wallet: canonical text, what it says

STATEMENT, ROOTS = "membership-statement/1", "membership-roots/1"
WALLETS = ("growth", "points")  # the order in which a seal takes its entries
BEGINNING = bytes(32)


class Unreadable(Exception):
    """The file is not one of ours."""


class Check:
    """What was looked at, and what was found not to hold."""

    def __init__(self) -> None:
        self.looked: list[str] = []
        self.problems: list[str] = []

    def claim(self, what: str, problems: Iterator[str]) -> None:
        """Will note a claim, or the problems that break it."""
        found = list(problems)
        self.problems += found
        self.looked.append(("NO  " if found else "ok  ") + what)


def sha256(data: bytes) -> bytes:
    """Will return the digest of bytes."""
    return hashlib.sha256(data).digest()


# ---- entries


def read_entries(statement: Json) -> Entries:
    """Will return each wallet's entries as (canonical text, what it says), as they stand in the file."""
    wallets: Entries = {wallet: [] for wallet in WALLETS}
    for entry in statement["entries"]:
        says = json.loads(entry["text"])
        if says["version"] != 1 or says["wallet"] not in wallets:
            raise Unreadable("An entry is of a version that this script does not know. Get the current script.")
        wallets[says["wallet"]].append((entry["text"], says))
    return wallets


def numbers(statement: Json, wallets: Entries) -> Iterator[str]:
    """Entries are the member's own and numbered 1, 2, 3 ... up to the last one."""
    expected = {row["wallet"]: row["entries"] for row in statement["wallets"]}
    for wallet, entries in wallets.items():
        if len(entries) != expected.get(wallet, 0):
            yield f"{wallet}: the file holds {len(entries)} entries, the wallet says {expected.get(wallet, 0)}."
        for place, (_, says) in enumerate(entries, 1):
            if says["seq"] != place:
                yield f"{wallet}: entry {says['seq']} stands where entry {place} belongs."
            if says["member"] != statement["member"]["id"]:
                yield f"{wallet}: entry {says['seq']} is another member's."


def sums(statement: Json, wallets: Entries) -> Iterator[str]:
    """Every entry carries the balance on, says where its points went, and all of them make the balance."""
    held = {row["wallet"]: row for row in statement["wallets"]}
    for wallet, entries in wallets.items():
        balance = debt = 0
        for _, says in entries:
            balance += says["points"]
            debt += says["debt_change"]
            if says["balance_after"] != balance:
                stated = says["balance_after"]
                yield f"{wallet}: after entry {says['seq']} the balance is {balance}, and it says {stated}."
                balance = says["balance_after"]
            if says["points"] + says["debt_change"] != moved_in_lots(says):
                yield f"{wallet}: entry {says['seq']} moves other lots and debts than its points."
        row = held.get(wallet, {"available": 0, "pending": 0, "debt": 0})
        if (balance, debt) != (row["available"] + row["pending"] - row["debt"], row["debt"]):
            yield (
                f"{wallet}: the entries come to {balance} and a debt of {debt}; the wallet holds {row['available']} "
                f"and {row['pending']} on hold, and owes {row['debt']}."
            )


def moved_in_lots(says: Json) -> int:
    """Will return what an entry put into lots, or took from them (negative)."""
    if says["lot_points"] is None:
        return int(says["points"] + says["debt_change"]) if says["active_on"] else 0
    return sum(says["lot_points"]) * (1 if says["points"] > 0 else -1)


# ---- seals


def chain(statement: Json, wallets: Entries) -> Iterator[str]:
    """Every seal follows from its entries and the seal before it."""
    before = BEGINNING
    last = dict.fromkeys(WALLETS, 0)
    sealed_on = ""
    for seal in statement["seals"]:
        covered = []
        for wallet in WALLETS:
            upto = seal[f"{wallet}_seq"]
            if upto < last[wallet] or seal["sealed_on"] <= sealed_on:
                yield f"The seal of {seal['sealed_on']} stands in the wrong place."
            covered += [text for text, says in wallets[wallet] if last[wallet] < says["seq"] <= upto]
            last[wallet] = upto
        head = sha256(before + b"".join(sha256(text.encode()) for text in covered))
        if head.hex() != seal["head"]:
            yield (
                f"The seal of {seal['sealed_on']} does not follow from the {len(covered)} entries it covers: one of "
                "them, or the seal, was changed."
            )
        before, sealed_on = bytes.fromhex(seal["head"]), seal["sealed_on"]


def inclusion(statement: Json) -> Iterator[str]:
    """Every seal is under the root of its night."""
    for seal in statement["seals"]:
        night = seal["night"]
        if night is None:
            continue
        node = sha256(b"\x00" + bytes.fromhex(seal["head"]))
        for side, neighbour in seal["path"]:
            other = bytes.fromhex(neighbour)
            node = sha256(b"\x01" + (other + node if side == "left" else node + other))
        facts = f"{night['sealed_on']} {night['members']} {night['entries']}"
        root = sha256(bytes.fromhex(night["before"]) + node + facts.encode())
        if root.hex() != night["root"]:
            yield f"The seal of {seal['sealed_on']} is not under the root of {night['sealed_on']}."


def published(statement: Json, roots: Json) -> Iterator[str]:
    """The roots of the statement are those that were published, and these follow one another."""
    known: dict[str, Json] = {}
    before = BEGINNING.hex()
    for row in roots["roots"]:
        if row["before"] != before:
            yield f"The published root of {row['sealed_on']} does not name the one before it."
        before = row["root"]
        known[row["sealed_on"]] = row
    for seal in statement["seals"]:
        night = seal["night"]
        if night is not None and night["sealed_on"] not in known:
            yield f"The root of {night['sealed_on']} was not published in the file of roots. Get a newer one."
        elif night is not None and known[night["sealed_on"]] != night:
            yield f"The root of {night['sealed_on']} is not the one that was published."


# ---- the whole


def read(path: str, kind: str) -> Json:
    """Will read a file of ours; raises Unreadable."""
    try:
        found = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Unreadable(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict) or found.get("format") != kind:
        raise Unreadable(f"{path} is not a file of the format {kind}.")
    return found


def verify(statement: Json, roots: Json | None) -> Check:
    """Will hold a statement to all its claims."""
    check = Check()
    wallets = read_entries(statement)
    count = sum(map(len, wallets.values()))
    check.claim(f"{count} entries are yours and numbered without gaps", numbers(statement, wallets))
    check.claim("every entry carries the balance on, and all of them make it", sums(statement, wallets))
    check.claim(f"{len(statement['seals'])} seals follow from the entries and one another", chain(statement, wallets))
    check.claim("every seal is under the root of its night", inclusion(statement))
    if roots is not None:
        check.claim("the roots are the published ones", published(statement, roots))
    return check


def unsealed(statement: Json) -> int:
    """Will count the entries that are too new for a seal, or whose night has no root yet."""
    rooted = [seal for seal in statement["seals"] if seal["night"] is not None]
    last = rooted[-1] if rooted else {"growth_seq": 0, "points_seq": 0}
    return sum(row["entries"] - last[f"{row['wallet']}_seq"] for row in statement["wallets"])


def main(arguments: list[str] | None = None) -> int:
    """Will verify the files of the command line and say what was found."""
    parser = argparse.ArgumentParser(description="Verifies a downloaded points statement, offline.")
    parser.add_argument("statement")
    parser.add_argument("--roots", help="the published roots, so that the statement is held to them")
    options = parser.parse_args(arguments)
    try:
        statement = read(options.statement, STATEMENT)
        roots = read(options.roots, ROOTS) if options.roots else None
        check = verify(statement, roots)
        newer = unsealed(statement)
    except Unreadable as error:
        sys.stdout.write(f"{error}\n")
        return 2
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        sys.stdout.write(f"The file is damaged: {type(error).__name__}: {error}\n")
        return 2
    sys.stdout.write("\n".join([*check.looked, *check.problems]) + "\n")
    if newer:
        sys.stdout.write(f"not sealed yet: {newer}; the root of the coming night will cover them\n")
    if roots is None:
        sys.stdout.write("not held against the published roots: give them with --roots\n")
    sys.stdout.write(f"verified {len(check.looked)} claims, {len(check.problems)} problems\n")
    return 1 if check.problems else 0


if __name__ == "__main__":
    sys.exit(main())
