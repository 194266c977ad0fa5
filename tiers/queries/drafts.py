"""Ladders as the staff write them, and previews of them."""

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Prefetch, Q

from kit import clock, dates, sql
from points.enums import PreviewState
from tiers import rules
from tiers.models import (
    Ladder,
    LadderPreview,
    LadderVersion,
    Standing,
    Tier,
)
from tiers.queries.reports import Migration
from tiers.queries.standing import TierView, tier_view
from tiers.queries.versions import terms_with
from tiers.rules import foretelling

SETTINGS = (
    "window", "window_days", "start", "validity_months", "rounding", "at_end", "grace_days", "grace_rounds_up",
    "protection_days", "on_refund", "notice_days", "courtesies_a_month",
)  # fmt: skip
"""The settings of a version, by their columns."""
TIER_COLUMNS = tuple(
    field.attname for field in Tier._meta.concrete_fields if field.attname not in ("id", "version_id", "rank")
)
LOOKS_ALONE = frozenset({"names", "look", "icon"})
"""What a tier says that moves nobody."""


@dataclass(frozen=True, slots=True)
class LadderRow:
    """A ladder; `draft_number` is that of its open draft, 0 where there is none."""

    code: str
    name: str
    is_published: bool
    draft_number: int


@dataclass(frozen=True, slots=True)
class LadderVersionView:
    """A version of a ladder, published or a draft: its terms, its tiers as pages show them, and who wrote it.

    The digests say whether it was changed meanwhile: of the settings, of each tier by its code, of everything; and
    `moves_digest` of what moves anybody, so of all but names, looks and the date.
    """

    id: int
    ladder: str
    number: int
    effective_on: dt.date
    published_at: dt.datetime | None
    actor: str
    note: Mapping[str, str]
    terms: rules.LadderTerms
    tiers: tuple[TierView, ...]
    courtesies_a_month: int
    settings_digest: str
    tier_digests: Mapping[str, str]
    digest: str
    moves_digest: str


@dataclass(frozen=True, slots=True)
class LadderPreviewView:
    """A preview of a version; `result` is whole once it is done, `is_stale` where the draft was edited since."""

    id: int
    version_id: int
    ladder: str
    effective_on: dt.date
    state: PreviewState
    result: Mapping[str, Any]
    error: str
    actor: str
    requested_at: dt.datetime
    finished_at: dt.datetime | None
    is_stale: bool

    @property
    def is_open(self) -> bool:
        """Whether it is still to be worked out."""
        return self.state in (PreviewState.WAITING, PreviewState.RUNNING)


class AlikeRow(NamedTuple):
    """Members whom the rules cannot tell apart: where they stand, what they reached in each window, how many they are.

    `place` is what tiers.rules.places reads a position from; `year_spend` is of all of them together.
    """

    place: tuple[Any, ...]
    joined_on: dt.date | None
    keys: tuple[int, ...]
    members: int
    year_spend: Decimal
    examples: tuple[int, ...]


def list_ladders() -> list[LadderRow]:
    """Will return all ladders, the oldest first. Two queries."""
    drafts = dict(LadderVersion.objects.filter(published_at=None).values_list("ladder_id", "number"))
    rows = Ladder.objects.annotate(published=Count("versions", filter=Q(versions__published_at__isnull=False)))
    return [LadderRow(row.code, row.name, row.published > 0, drafts.get(row.id, 0)) for row in rows.order_by("id")]


def list_ladder_versions(ladder: str) -> list[LadderVersionView]:
    """Will return the published versions of a ladder, the latest first. Two queries."""
    published = _versions().filter(ladder__code=ladder, published_at__isnull=False)
    return [_version_view(row) for row in published.order_by("-effective_on", "-number")]


def find_ladder_draft(ladder: str) -> LadderVersionView | None:
    """Will return the open draft of a ladder, or None. Two queries."""
    row = _versions().filter(ladder__code=ladder, published_at=None).first()
    return _version_view(row) if row else None


def find_ladder_version(ladder: str, number: int) -> LadderVersionView | None:
    """Will return a version of a ladder, published or a draft, or None. Two queries."""
    row = _versions().filter(ladder__code=ladder, number=number).first()
    return _version_view(row) if row else None


def get_ladder_version(version_id: int) -> LadderVersionView:
    """Will return a version; raises LadderVersion.DoesNotExist. Two queries."""
    return _version_view(_versions().get(id=version_id))


def _versions() -> Any:
    tiers = Prefetch("tiers", Tier.objects.order_by("rank"))
    return LadderVersion.objects.select_related("ladder").prefetch_related(tiers)


def _version_view(row: LadderVersion) -> LadderVersionView:
    tiers = list(row.tiers.all())
    settings = {name: getattr(row, name) for name in SETTINGS}
    said = [{column: getattr(tier, column) for column in TIER_COLUMNS} for tier in tiers]
    moving = [{name: value for name, value in tier.items() if name not in LOOKS_ALONE} for tier in said]
    return LadderVersionView(
        id=row.id,
        ladder=row.ladder.code,
        number=row.number,
        effective_on=row.effective_on,
        published_at=row.published_at,
        actor=row.actor,
        note=row.note,
        terms=terms_with(row, tiers),
        tiers=tuple(map(tier_view, tiers)),
        courtesies_a_month=row.courtesies_a_month,
        settings_digest=digest_of(settings),
        tier_digests={tier.code: digest_of(values) for tier, values in zip(tiers, said, strict=True)},
        digest=digest_of([settings, said]),
        moves_digest=digest_of([settings, moving]),
    )


def count_on_ladder(ladder: str) -> dict[str, int]:
    """Will return {tier code: members} of a ladder, whatever version they hold the tier of. One query."""
    rows = Standing.objects.filter(ladder__code=ladder).values_list("tier__code").annotate(members=Count("member_id"))
    counted: dict[str, int] = {}
    for code, members in rows.order_by():
        counted[code] = counted.get(code, 0) + members
    return counted


def tiers_besides(ladder: str, codes: Collection[str]) -> list[TierView]:
    """Will return the tiers of a ladder's published versions that have other codes, each as it was last. One query."""
    rows = Tier.objects.filter(version__ladder__code=ladder, version__published_at__isnull=False).exclude(
        code__in=codes
    )
    return [tier_view(tier) for tier in rows.order_by("code", "-version__number").distinct("code")]


def digest_of(values: object) -> str:
    """Will return the SHA-256 of plain values, as text. No queries."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, default=_plainly).encode()).hexdigest()


def _plainly(value: object) -> str:
    """An amount of 1000.000 is one of 1000."""
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def find_ladder_preview(version_id: int) -> LadderPreviewView | None:
    """Will return the latest preview of a draft, of a published version the latest that was finished, or None.

    At most five queries.
    """
    previews = LadderPreview.objects.filter(version_id=version_id).select_related("version").order_by("-id")
    latest = previews.first()
    if latest and latest.version.published_at and latest.state != PreviewState.DONE:
        latest = previews.filter(state=PreviewState.DONE).first() or latest
    return _preview_view(latest) if latest else None


def get_ladder_preview(preview_id: int) -> LadderPreviewView:
    """Will return a preview; raises LadderPreview.DoesNotExist. Three queries."""
    return _preview_view(LadderPreview.objects.get(id=preview_id))


def _preview_view(row: LadderPreview) -> LadderPreviewView:
    version = get_ladder_version(row.version_id)
    return LadderPreviewView(
        id=row.id,
        version_id=row.version_id,
        ladder=version.ladder,
        effective_on=row.effective_on,
        state=PreviewState(row.state),
        result=row.result,
        error=row.error,
        actor=row.actor,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
        is_stale=bytes(row.terms_digest).hex() != version.moves_digest,
    )


def everybody_alike(
    ladder_id: int,
    today: dt.date,
    windows: Sequence[tuple[dt.date, bool]],
    scale: Mapping[str, Sequence[Decimal]],
    *,
    uses: Collection[str],
    by_joining: bool,
) -> list[AlikeRow]:
    """Will count everybody on a ladder by what the rules can tell apart of him on a date. One query.

    `windows` are first dates, and whether that is the first date of the membership year instead; `scale` the thresholds
    of each metric, `uses` the metrics that anybody asks for, `by_joining` whether the date of joining matters besides.
    """
    year = (dates.add_years(today, -1) + dt.timedelta(days=1), False)
    counted = list(dict.fromkeys((*windows, year)))
    rows = sql.fetch(
        "tiers",
        "foretell",
        ladder=ladder_id,
        date=today,
        zone=clock.programme_zone().key,
        starts=[start for start, _ in counted],
        by_member=[by_member for _, by_member in counted],
        since=min(start for start, _ in counted),
        windows=len(windows),
        year=counted.index(year) + 1,
        active_days="active_days" in uses,
        referrals="referrals" in uses,
        not_own=list(rules.NOT_OWN_EVENTS),
        by_joining=by_joining,
        step_bits=foretelling.STEP_BITS,
        spend=scale["spend"],
        orders=scale["orders"],
        growth=scale["growth"],
        active_days_of=scale["active_days"],
        years=scale["years"],
        referrals_of=scale["referrals"],
    )
    return [
        AlikeRow(row[:17], row[17], tuple(row[18]), row[19], row[20], tuple(dict.fromkeys(row[21:23]))) for row in rows
    ]


def ladder_migration(ladder: str, was_on: dt.date, is_on: dt.date) -> list[Migration]:
    """Will return how many members of a ladder stood where at the end of two dates. Two queries."""
    ladder_id = Ladder.objects.values_list("id", flat=True).get(code=ladder)
    rows = sql.fetch("tiers", "tier_migration", ladder=ladder_id, was_on=was_on, is_on=is_on)
    return [Migration(*row) for row in rows]
