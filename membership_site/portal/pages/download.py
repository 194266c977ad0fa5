"""A member's statement as a file that can be verified elsewhere, and the published roots it is held to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from kit import clock
from members.queries import MemberKey
from membership_site import formats
from points import queries as points_queries
from points import wording as points_wording
from points.queries import MemberSeal, SealedNight
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

STATEMENT, ROOTS = "membership-statement/1", "membership-roots/1"
"""The formats that static/verify/verify_statement.py reads; docs/proof.md describes them."""

ENTRIES_MAX = 1_000_000
NIGHTS = 30


def statement_file(member: MemberKey, at: dt.datetime) -> dict[str, Any]:
    """Will return the member's whole ledger: canonical texts, words beside them, seals and their ways to the roots.

    Six queries.
    """
    sealed = points_queries.sealed_statement(member.id)
    words = _words(member.id, at)
    return {
        "format": STATEMENT,
        "programme": settings.PROGRAMME_NAME,
        "member": {"id": member.id, "number": member.number},
        "made_at": at.isoformat(),
        "wallets": [
            {
                "wallet": wallet.wallet,
                "entries": wallet.entries,
                "available": wallet.available,
                "pending": wallet.pending,
                "debt": wallet.debt,
            }
            for wallet in sealed.wallets
        ],
        "entries": [{"text": entry.text, **words.get((entry.wallet, entry.seq), {})} for entry in sealed.entries],
        "seals": [_seal(seal) for seal in sealed.seals],
    }


def roots_file() -> dict[str, Any]:
    """Will return all published roots, oldest first. One query."""
    nights = [_night(night) for night in points_queries.all_nights()]
    return {"format": ROOTS, "programme": settings.PROGRAMME_NAME, "roots": nights}


@dataclass(frozen=True)
class Root:
    """A night's root as the page shows it."""

    date: dt.date
    members: int
    entries: int
    root: str


@dataclass(frozen=True)
class RootsPage:
    """A page of roots, latest first; `older` is the date before which they go on."""

    roots: tuple[Root, ...]
    older: str
    is_first: bool


def roots_page(before: dt.date | None) -> RootsPage:
    """Will return the roots of the nights before a date. One query."""
    nights = points_queries.list_nights(before, NIGHTS + 1)
    return RootsPage(
        roots=tuple(Root(night.sealed_on, night.members, night.entries, night.root.hex()) for night in nights[:NIGHTS]),
        older=nights[NIGHTS - 1].sealed_on.isoformat() if len(nights) > NIGHTS else "",
        is_first=before is None,
    )


# ---- leaves


def _words(member_id: int, at: dt.datetime) -> dict[tuple[str, int], dict[str, Any]]:
    """Will say every entry in the reader's language; the words are a help and not sealed. Three queries."""
    ladder = tiers_queries.tiers_of_ladder(clock.business_date(at))
    tiers = {tier.code: tiers_wording.tier_name(tier) for tier in ladder}
    rows = points_queries.list_statement(member_id, limit=ENTRIES_MAX)
    said = {(row.wallet, row.seq): points_wording.explain(row, formats, tiers) for row in rows}
    return {key: {"title": words.title, "words": _sentences(words)} for key, words in said.items()}


def _sentences(words: points_wording.Words) -> Sequence[str]:
    return [*filter(None, [words.line]), *words.sentences]


def _seal(seal: MemberSeal) -> dict[str, Any]:
    return {
        "sealed_on": seal.sealed_on.isoformat(),
        "growth_seq": seal.growth_seq,
        "points_seq": seal.points_seq,
        "head": seal.head.hex(),
        "night": _night(seal.night) if seal.night else None,
        "path": [["left" if step.is_left else "right", step.node.hex()] for step in seal.path],
    }


def _night(night: SealedNight) -> dict[str, Any]:
    return {
        "sealed_on": night.sealed_on.isoformat(),
        "members": night.members,
        "entries": night.entries,
        "before": night.before.hex(),
        "root": night.root.hex(),
    }
