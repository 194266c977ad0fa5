"""Points' sealing: the canonical text of an entry, the chain over a member's entries, the tree over a night's heads.

Everything is SHA-256 over bytes that a stranger can put together with this page alone; docs/proof.md says it in words,
static/verify/verify_statement.py does it without this house. SQL seals at night; tests hold it to these functions.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

TEXT_VERSION = 1
"""The version of the canonical text, its first member; another set of fields is another version."""

BEGINNING = bytes(32)
"""The head before a member's first seal, and the root before the first night's."""

MARK_BYTES = 8
"""So much of every entry's digest is kept beside a seal: enough to name the entry that differs, the head proves it."""

LEAF, NODE = b"\x00", b"\x01"
"""What the hash of a leaf and of an inner node begin with, so that neither can be taken for the other (RFC 6962)."""

BRANCH_LEAVES = 1024
"""A power of two: a night keeps the node above each so many heads, so that a path needs no more of them than that."""


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """All that an entry says, in the order of its canonical text; `explanation` is jsonb's own text."""

    member: int
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
    lot_active_on: Sequence[dt.date] | None
    lot_expires_on: Sequence[dt.date] | None
    lot_points: Sequence[int] | None
    policy: int
    explanation: str
    actor: str
    recorded_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Numbered:
    """One entry as a seal takes it: where it stands, and the digest of its canonical text."""

    wallet: str
    seq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class PathStep:
    """A neighbour on the way from a head to the root of its night, and on which side of it the neighbour stands."""

    is_left: bool
    node: bytes


# ---- an entry


def canonical_text(entry: SealedEntry) -> str:
    """Will return the one text that stands for an entry: JSON on one line, all fields in their order, none left out.

    The same as the database's points_entry_text. Instants are in UTC to the microsecond.
    """
    members = [f'"version": {TEXT_VERSION}']
    for field in fields(entry):
        value = getattr(entry, field.name)
        members.append(f'"{field.name}": {value if field.name == "explanation" else _plain_text(value)}')
    return "{" + ", ".join(members) + "}"


def _plain_text(value: object) -> str:
    match value:
        case dt.datetime():
            return json.dumps(value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
        case dt.date():
            return json.dumps(value.isoformat())
        case None | str() | int():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return "[" + ", ".join(map(_plain_text, value)) + "]"
    raise TypeError(f"{value!r} has no place in an entry")


def explanation_text(value: Any) -> str:
    """Will return JSON as jsonb writes it: a space behind comma and colon, shorter keys first, then by their bytes."""
    match value:
        case dict():
            keys = sorted(value, key=lambda key: (len(key.encode()), key.encode()))
            return "{" + ", ".join(f"{_plain_text(key)}: {explanation_text(value[key])}" for key in keys) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(explanation_text, value)) + "]"
    return _plain_text(value)


def digest_of(text: str) -> bytes:
    """Will return the digest of an entry's canonical text."""
    return hashlib.sha256(text.encode()).digest()


# ---- a member's chain


def head_after(before: bytes, digests: Sequence[bytes]) -> bytes:
    """Will return the head of a chain after more entries: SHA-256 over the head before and their digests in order.

    The order is that of a seal: growth before points, each wallet by number.
    """
    return hashlib.sha256(before + b"".join(digests)).digest()


def places_of(spans: Mapping[str, tuple[int, int]]) -> list[tuple[str, int]]:
    """Will list what a seal covers, {wallet: (last number before, last number)}, in the order of its marks."""
    return [(wallet, seq) for wallet in sorted(spans) for seq in range(spans[wallet][0] + 1, spans[wallet][1] + 1)]


@dataclass(frozen=True, slots=True)
class Breach:
    """What differs from what was sealed; `is_missing` where an entry is not there any more."""

    wallet: str
    seq: int
    is_missing: bool


def breaches(spans: Mapping[str, tuple[int, int]], marks: bytes, found: Sequence[Numbered]) -> list[Breach]:
    """Will name the entries of a seal that are missing or differ from their marks.

    Empty where the marks agree although the head does not: then the seal itself was altered, or the one before it.
    """
    there = {(entry.wallet, entry.seq): entry.digest for entry in found}
    broken = []
    for number, place in enumerate(places_of(spans)):
        mark = marks[number * MARK_BYTES : (number + 1) * MARK_BYTES]
        if place not in there:
            broken.append(Breach(*place, is_missing=True))
        elif there[place][:MARK_BYTES] != mark:
            broken.append(Breach(*place, is_missing=False))
    return broken


# ---- a night's tree


def leaf_of(head: bytes) -> bytes:
    """Will return the leaf of a head."""
    return hashlib.sha256(LEAF + head).digest()


def node_of(left: bytes, right: bytes) -> bytes:
    """Will return the node above two others."""
    return hashlib.sha256(NODE + left + right).digest()


def top_of(nodes: Sequence[bytes]) -> bytes:
    """Will return the node above any number of nodes, paired from the left; an odd one goes up as it is.

    That is the tree of RFC 6962. Nothing at all has the digest of nothing.
    """
    level = list(nodes) or [hashlib.sha256(b"").digest()]
    while len(level) > 1:
        level = _above(level)
    return level[0]


@dataclass(frozen=True, slots=True)
class Tree:
    """A night's tree: its top, and the nodes above each BRANCH_LEAVES heads side by side."""

    top: bytes
    branches: bytes


def tree_over(portions: Sequence[bytes]) -> Tree:
    """Will return the tree over heads that come side by side in portions of BRANCH_LEAVES, the last one of the rest."""
    branches = [branch_of(split(portion)) for portion in portions if portion]
    return Tree(top_of(branches), b"".join(branches))


def branch_of(heads: Sequence[bytes]) -> bytes:
    """Will return the node above at most BRANCH_LEAVES heads that stand together."""
    return top_of([leaf_of(head) for head in heads])


def path_of(nodes: Sequence[bytes], place: int) -> Iterator[PathStep]:
    """Will yield the neighbours that lead from one of some nodes, by its place from 0, to the node above them all."""
    level = list(nodes)
    while len(level) > 1:
        neighbour = place ^ 1
        if neighbour < len(level):
            yield PathStep(is_left=neighbour < place, node=level[neighbour])
        level, place = _above(level), place // 2


def path_through(portion: bytes, branches: bytes, place: int) -> Iterator[PathStep]:
    """Will yield the path from a head to the top of its night, by its place among all heads of the night.

    `portion` are the at most BRANCH_LEAVES heads, side by side, among which it stands; `branches` those of the tree.
    """
    leaves = [leaf_of(head) for head in split(portion)]
    yield from path_of(leaves, place % BRANCH_LEAVES)
    yield from path_of(split(branches), place // BRANCH_LEAVES)


def follow(head: bytes, path: Sequence[PathStep]) -> bytes:
    """Will return the top of the tree to which a path leads from a head."""
    node = leaf_of(head)
    for step in path:
        node = node_of(step.node, node) if step.is_left else node_of(node, step.node)
    return node


def _above(level: Sequence[bytes]) -> list[bytes]:
    pairs = [node_of(level[place], level[place + 1]) for place in range(0, len(level) - 1, 2)]
    return pairs + ([level[-1]] if len(level) % 2 else [])


def root_after(before: bytes, top: bytes, date: dt.date, members: int, entries: int) -> bytes:
    """Will return the root published for a night: over the root before it, the top of its tree and its counts."""
    return hashlib.sha256(before + top + f"{date.isoformat()} {members} {entries}".encode()).digest()


def split(digests: bytes) -> list[bytes]:
    """Will take digests apart that stand side by side."""
    size = len(BEGINNING)
    return [bytes(digests[start : start + size]) for start in range(0, len(digests), size)]
