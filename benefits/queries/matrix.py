"""The matrix: the version in force, all that were published, the draft, and what cells may name."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, Sum

from benefits.kinds import RULES
from benefits.models import BenefitUse, BenefitVersion, CouponTerms, Entitlement, GiftItem, Pool
from benefits.rules.cells import Known
from benefits.rules.coupons import terms_from
from benefits.rules.matrix import NO_MATRIX, Matrix, matrix_from_terms
from kit import clock, memory, sql
from kit.versions import Versions
from tiers import queries as tiers_queries


@dataclass(frozen=True)
class MatrixRow:
    """A version of the matrix; `published_at` is None for the draft. `terms` are as stored, `matrix` as read."""

    id: int
    number: int
    effective_on: dt.date
    terms: Mapping[str, Any]
    matrix: Matrix
    note: Mapping[str, str]
    published_at: dt.datetime | None
    actor: str
    created_at: dt.datetime

    @property
    def digest(self) -> str:
        """What the terms are by: another one where anything in them is changed."""
        return digest_of(self.terms)


def digest_of(terms: Mapping[str, Any]) -> str:
    """Will return a short digest of stored terms, or of a part of them. No query."""
    return hashlib.sha256(json.dumps(terms, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def matrix_on(date: dt.date) -> Matrix:
    """Will return the matrix in force on a business date; an empty one where none is yet. One query, two at first."""
    versions = _versions()
    return _published(versions.on(date)) if versions else NO_MATRIX


@memory.once
def _versions() -> Versions[int]:
    return Versions(sql.fetch("benefits", "published_matrices"))


@lru_cache(maxsize=32)
def _published(version_id: int) -> Matrix:
    """Published versions are frozen by the database, so they may be kept in memory."""
    return matrix_of(BenefitVersion.objects.get(id=version_id))


def matrix_of(version: BenefitVersion) -> Matrix:
    """Will read a version as plain values; raises BadTerms. No query."""
    return matrix_from_terms(
        version.terms, RULES, version_id=version.id, number=version.number, effective_on=version.effective_on
    )


def list_versions() -> list[MatrixRow]:
    """Will return all published versions, the one that comes into force last first. One query."""
    rows = BenefitVersion.objects.filter(published_at__isnull=False).order_by("-effective_on", "-number")
    return [_row(row) for row in rows]


def find_matrix_draft() -> MatrixRow | None:
    """Will return the draft that is open, if one is. One query."""
    row = BenefitVersion.objects.filter(published_at=None).first()
    return _row(row) if row else None


def get_matrix_version(version_id: int) -> MatrixRow:
    """Will return a version by its id; raises BenefitVersion.DoesNotExist. One query."""
    return _row(BenefitVersion.objects.get(id=version_id))


def find_matrix_version(number: int) -> MatrixRow | None:
    """Will return a version by its number. One query."""
    row = BenefitVersion.objects.filter(number=number).first()
    return _row(row) if row else None


def benefit_codes_ever() -> set[str]:
    """Will return the codes of all benefits that any version has or had. One query."""
    stored = BenefitVersion.objects.values_list("terms__benefits", flat=True)
    return {row["code"] for rows in stored for row in rows or ()}


def _row(row: BenefitVersion) -> MatrixRow:
    return MatrixRow(
        id=row.id,
        number=row.number,
        effective_on=row.effective_on,
        terms=row.terms,
        matrix=matrix_of(row),
        note=row.note,
        published_at=row.published_at,
        actor=row.actor,
        created_at=row.created_at,
    )


# ---- what cells may name


@dataclass(frozen=True)
class Nameable:
    """What cells may name, by code: names by language, and what the rules compare. Archived things are left out."""

    known: Known = field(default_factory=Known)
    coupons: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    pools: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    stock: Mapping[str, int | None] = field(default_factory=dict)
    """How many of a gift, or codes of a pool, are left; None never runs out."""


@memory.once
def nameable() -> Nameable:
    """Will return the coupons, gifts and pools that benefits may give. Three queries."""
    published = CouponTerms.objects.filter(published_at__isnull=False, definition__is_archived=False)
    latest = published.order_by("definition_id", "-number").distinct("definition_id").select_related("definition")
    coupons = {row.definition.code: row for row in latest}
    items = {row.code: row for row in GiftItem.objects.filter(is_archived=False).order_by("code")}
    pools = {row.code: row for row in Pool.objects.filter(is_archived=False).order_by("code")}
    return Nameable(
        known=Known(
            coupons={code: terms_from(row.terms) for code, row in coupons.items()},
            items={code: row.value for code, row in items.items()},
            pools={code: row.value for code, row in pools.items()},
        ),
        coupons={code: row.names for code, row in sorted(coupons.items())},
        items={code: row.names for code, row in items.items()},
        pools={code: row.names for code, row in pools.items()},
        stock={code: row.left for code, row in items.items()},
    )


@dataclass(frozen=True, slots=True)
class LadderTiers:
    """A ladder and its tiers on a date, lowest first."""

    code: str
    name: str
    tiers: tuple[tiers_queries.TierView, ...]


def ladders_of(date: dt.date) -> list[LadderTiers]:
    """Will return the ladders that benefits may stand on, the main one first. One query, and two a ladder."""
    return [LadderTiers(one.code, one.name, one.tiers) for one in tiers_queries.ladders_shown(date)]


@dataclass(frozen=True, slots=True)
class BenefitUses:
    """How often a benefit was given, and how often used, in some days, and what these uses cost."""

    given: int = 0
    used: int = 0
    cost: Decimal = Decimal(0)

    @property
    def cost_each(self) -> Decimal | None:
        """What one use cost; None where there was none."""
        return self.cost / self.used if self.used > 0 else None


def uses_since(date: dt.date) -> dict[str, BenefitUses]:
    """Will return {benefit: how often it was given and used since a date, and at what cost}. Two queries."""
    given = Entitlement.objects.filter(granted_at__gte=clock.day_start(date)).order_by()
    counted = dict(given.values_list("benefit").annotate(Count("id")))
    dated = BenefitUse.objects.filter(used_on__gte=date).exclude(benefit="").order_by()
    sums = dated.values_list("benefit").annotate(Sum("uses"), Sum("cost"))
    used = {code: (uses, cost) for code, uses, cost in sums}
    nothing = (0, Decimal(0))
    return {code: BenefitUses(counted.get(code, 0), *used.get(code, nothing)) for code in {*counted, *used}}
