"""Writing the matrix: one draft at a time, row by row and cell by cell; what is published is frozen."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from benefits.kinds import RULES
from benefits.models import BenefitVersion
from benefits.queries.matrix import (
    MatrixRow,
    benefit_codes_ever,
    digest_of,
    find_matrix_draft,
    list_versions,
)
from benefits.queries.matrix import get_matrix_version as get_version
from benefits.rules import matrix as rules
from benefits.rules.matrix import REST, Terms
from kit import audit, clock, locks

DRAFTING = "benefits:drafting"
"""The lock under which a draft is begun, so that two people begin the same one."""


class NoDraft(Exception):
    """This draft was published or discarded meanwhile; nothing was changed."""


class DraftChanged(Exception):
    """Somebody changed meanwhile what was to be saved or published; nothing was changed."""


class NothingChanged(Exception):
    """The draft says what was published before it; nothing was published."""


class NoMatrix(Exception):
    """There is no such version to copy; nothing was changed."""


@transaction.atomic
def start_draft(*, copy_of: int | None = None, at: dt.datetime, actor: str) -> MatrixRow:
    """Will begin a draft with the terms of the latest version, or of the one with the number `copy_of`.

    One that is open is returned as it is; where nothing was ever published it begins empty. Takes turns with others
    who begin one. Raises NoMatrix.
    """
    locks.take_turns([DRAFTING])
    if there := find_matrix_draft():
        return there
    published = list_versions()
    source = next((row for row in published if copy_of in (None, row.number)), None)
    if source is None and copy_of is not None:
        raise NoMatrix(f"There is no version {copy_of} to copy. Nothing was changed.")
    begun = BenefitVersion.objects.create(
        number=max((row.number for row in published), default=0) + 1,
        effective_on=clock.business_date(at) + dt.timedelta(days=1),
        terms=source.terms if source else {"benefits": []},
        actor=actor,
    )
    _audit(begun, "drafted", at, actor, becomes={"copy_of": source.number if source else None})
    return get_version(begun.id)


@transaction.atomic
def save_benefit(*, version_id: int, terms: Terms, seen: str = "", at: dt.datetime, actor: str) -> str:
    """Will put a benefit into the draft and return its code: the one of `terms`, or a new one where that is empty.

    Cells that `terms` does not state stay as they are. `seen` is queries.digest_of of the row that was edited. Locks
    the draft; raises NoDraft, DraftChanged, NoSuchBenefit, BadTerms.
    """
    version = lock_draft(version_id)
    code = str(terms.get("code", ""))
    was = rules.row_of(version.terms, code) if code else None
    if seen and was is not None and digest_of(was) != seen:
        raise DraftChanged("Somebody changed this benefit meanwhile. Nothing was saved.")
    code = code or rules.free_code(str(terms.get("names", {}).get("en", "")), sorted(benefit_codes_ever()))
    row = {"cells": {}, **(was or {}), **terms, "code": code}
    if row != was:
        _save(version, rules.with_row(version.terms, row))
        _audit(version, "benefit_saved", at, actor, was=was, becomes=row)
    return code


@transaction.atomic
def save_cell(
    *,
    version_id: int,
    benefit: str,
    tier: str,
    cell: Mapping[str, Any] | None,
    seen: str = "",
    at: dt.datetime,
    actor: str,
) -> None:
    """Will say what a benefit is to a tier, or (None) that the tier has it not; other tiers stay as they are.

    `seen` is queries.digest_of of the row that was shown. Locks the draft; raises NoDraft, DraftChanged,
    NoSuchBenefit, BadTerms.
    """
    version = lock_draft(version_id)
    row = rules.row_of(version.terms, benefit)
    if seen and digest_of(row) != seen:
        raise DraftChanged("Somebody changed this benefit meanwhile. Nothing was saved.")
    cells = row.get("cells", {})
    was = cells.get(tier, cells.get(REST))
    if was == cell and (tier in cells or (cell is None and REST not in cells)):
        return
    _save(version, rules.with_cell(version.terms, benefit, tier, cell))
    facts = {"benefit": benefit, "tier": tier}
    _audit(version, "cell_saved", at, actor, was={**facts, "cell": was}, becomes={**facts, "cell": cell})


@transaction.atomic
def remove_benefit(*, version_id: int, code: str, at: dt.datetime, actor: str) -> None:
    """Will take a benefit out of the draft; one that is not there stays so. Locks the draft; raises NoDraft."""
    version = lock_draft(version_id)
    try:
        was = rules.row_of(version.terms, code)
    except rules.NoSuchBenefit:
        return
    _save(version, rules.without_row(version.terms, code))
    _audit(version, "benefit_removed", at, actor, was=was)


@transaction.atomic
def switch_benefit(*, version_id: int, code: str, is_on: bool, at: dt.datetime, actor: str) -> None:
    """Will turn a benefit of the draft on or off. Locks the draft; raises NoDraft, NoSuchBenefit."""
    version = lock_draft(version_id)
    row = rules.row_of(version.terms, code)
    if bool(row.get("is_on", True)) == is_on:
        return
    _save(version, rules.with_row(version.terms, {**row, "is_on": is_on}))
    facts = {"benefit": code, "is_on": is_on}
    _audit(version, "benefit_switched", at, actor, was={**facts, "is_on": not is_on}, becomes=facts)


@transaction.atomic
def move_benefit(*, version_id: int, code: str, places: int, at: dt.datetime, actor: str) -> None:
    """Will show a benefit so many places further down, up where negative. Locks the draft; NoDraft, NoSuchBenefit."""
    version = lock_draft(version_id)
    terms = rules.with_row_moved(version.terms, code, places)
    if terms == version.terms:
        return
    _save(version, terms)
    _audit(version, "benefits_ordered", at, actor, becomes=[row["code"] for row in terms["benefits"]])


@transaction.atomic
def discard_draft(*, version_id: int, at: dt.datetime, actor: str) -> None:
    """Will throw a draft away; one that is gone stays gone. Locks it; raises NoDraft if it is published."""
    version = BenefitVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        return
    if version.published_at is not None:
        raise NoDraft(f"Version {version.number} is published. Nothing was discarded.")
    _audit(version, "discarded", at, actor, was=version.terms["benefits"])
    version.delete()


def lock_draft(version_id: int) -> BenefitVersion:
    """Will lock a draft and return it; raises NoDraft."""
    version = BenefitVersion.objects.select_for_update().filter(id=version_id, published_at=None).first()
    if version is None:
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was changed.")
    return version


def _save(version: BenefitVersion, terms: dict[str, Any]) -> None:
    """Will keep terms that can be read; raises BadTerms."""
    rules.matrix_from_terms(terms, RULES)
    version.terms = terms
    version.save(update_fields=["terms"])


def _audit(
    version: BenefitVersion, deed: str, at: dt.datetime, actor: str, was: Any = None, becomes: Any = None
) -> None:
    audit.record(
        at=at, actor=actor, deed=f"matrix.{deed}", subject=f"matrix:{version.number}", was=was, becomes=becomes
    )
