"""Changing one tier of a draft, or their order: what others changed meanwhile is not written over."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from kit import audit
from tiers import queries, rules
from tiers.actions.publishing import (
    BadSettings,
    DraftChanged,
    TierDraft,
    lock_draft,
    subject_of,
    write_tiers,
)
from tiers.models import LadderVersion


class NoSuchTierInDraft(Exception):
    """The draft has no tier of this code; nothing was changed."""


@transaction.atomic
def save_tier(
    *, version_id: int, tier: TierDraft, replaces: str = "", seen: str = "", at: dt.datetime, actor: str
) -> None:
    """Will put a tier in the place of the one with the code `replaces`, or on top of all where that is empty.

    `seen` is the digest of the tier that was edited. Locks the draft; raises NoDraft, NoSuchTierInDraft, DraftChanged,
    BadSettings.
    """
    version = lock_draft(version_id)
    drafts = _drafts(version)
    if not replaces:
        _write(version, [*drafts, tier], at, actor, {}, _plain(tier))
        return
    place = _place(drafts, replaces)
    if seen and seen != queries.get_ladder_version(version_id).tier_digests[replaces]:
        raise DraftChanged("Somebody changed this tier meanwhile. Nothing was saved.")
    if tier == drafts[place]:
        return
    was, becomes = _plain(drafts[place]), _plain(tier)
    changed = [name for name in becomes if was[name] != becomes[name]]
    drafts[place] = tier
    _write(
        version, drafts, at, actor,
        {"tier": replaces, **{name: was[name] for name in changed}}, {name: becomes[name] for name in changed},
    )  # fmt: skip


@transaction.atomic
def remove_tier(*, version_id: int, code: str, at: dt.datetime, actor: str) -> None:
    """Will take a tier out of a draft. Locks it; raises NoDraft, NoSuchTierInDraft, BadSettings for the last one."""
    version = lock_draft(version_id)
    drafts = _drafts(version)
    removed = drafts.pop(_place(drafts, code))
    if not drafts:
        raise BadSettings("code")
    _write(version, drafts, at, actor, _plain(removed), {})


@transaction.atomic
def order_tiers(*, version_id: int, codes: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will put the tiers of a draft into another order, lowest first; `codes` names each once.

    Locks the draft; raises NoDraft, NoSuchTierInDraft.
    """
    version = lock_draft(version_id)
    drafts = {draft.code: draft for draft in _drafts(version)}
    if sorted(codes) != sorted(drafts):
        raise NoSuchTierInDraft(f"{', '.join(codes)} are not the tiers of the draft. Nothing was changed.")
    if list(codes) == list(drafts):
        return
    _write(version, [drafts[code] for code in codes], at, actor, {"tiers": list(drafts)}, {"tiers": list(codes)})


def _drafts(version: LadderVersion) -> list[TierDraft]:
    return [TierDraft.of(tier) for tier in version.tiers.order_by("rank")]


def _place(drafts: Sequence[TierDraft], code: str) -> int:
    for place, draft in enumerate(drafts):
        if draft.code == code:
            return place
    raise NoSuchTierInDraft(f"The draft has no tier {code}. Nothing was changed.")


def _write(
    version: LadderVersion,
    drafts: Sequence[TierDraft],
    at: dt.datetime,
    actor: str,
    was: dict[str, Any],
    becomes: dict[str, Any],
) -> None:
    write_tiers(version, drafts)
    audit.record(at=at, actor=actor, deed="ladder.tier_saved", subject=subject_of(version), was=was, becomes=becomes)


def _plain(draft: TierDraft) -> dict[str, Any]:
    """A tier as the audit keeps it."""
    asked = {what: getattr(draft, what) for what in ("reach", "keep", "re_enter")}
    said = {what: _requirement(one) if one else None for what, one in asked.items()}
    kept = asdict(replace(draft, reach=rules.Requirement(), keep=rules.Requirement(), re_enter=None))
    return {
        **kept,
        "names": dict(draft.names),
        "look": draft.look.value,
        "multiplier": format(draft.multiplier.normalize(), "f"),
        **said,
    }


def _requirement(asked: rules.Requirement) -> dict[str, Any]:
    return {"join": asked.join.value, **{metric: format(need.normalize(), "f") for metric, need in asked.ways()}}
