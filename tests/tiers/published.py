"""Ladders like the starter's with other settings, published in the database."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

from kit import clock
from membership_site.flows.starter import TIERS
from tiers import actions as tiers_actions
from tiers.actions import Settings, TierDraft
from tiers.enums import Look
from tiers.rules import LadderTerms, Requirement

NOTE = {"en": "New tiers.", "zh-hans": "等级更新。", "zh-hant": "等級更新。"}


def tier_drafts(rungs=None) -> list[TierDraft]:
    """The starter's tiers; `rungs` gives other values of one, by code."""
    drafts = []
    for tier in TIERS:
        asked = Requirement(*tier.get("thresholds", ()))
        values = {name: tier[name] for name in ("code", "names", "icon")}
        look, multiplier = Look(tier["look"]), Decimal(tier["multiplier"])
        draft = TierDraft(**values, look=look, multiplier=multiplier, reach=asked, keep=asked)
        drafts.append(replace(draft, **(rungs or {}).get(tier["code"], {})))
    return drafts


def publish(on: dt.date, rungs=None, ladder="main", drop=(), **settings) -> LadderTerms:
    """Will publish a version from a date on."""
    deed: dict[str, Any] = {"at": clock.day_start(on), "actor": "staff:1"}
    version_id = tiers_actions.start_draft(ladder=ladder, **deed)
    tiers_actions.save_settings(version_id=version_id, settings=Settings(**settings), **deed)
    drafts = [draft for draft in tier_drafts(rungs) if draft.code not in drop]
    tiers_actions.save_tiers(version_id=version_id, tiers=drafts, **deed)
    return tiers_actions.publish(version_id=version_id, effective_on=on, note=NOTE, **deed)
