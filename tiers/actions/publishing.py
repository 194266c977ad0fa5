"""Writing a ladder: one draft at a time; what is published is frozen, and its successor begins on a date."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from kit import audit, clock, locks
from points.enums import PreviewState
from tiers import queries, rules
from tiers.enums import AtEnd, Look, OnRefund, Rounding, Start, Window
from tiers.models import Ladder, LadderPreview, LadderVersion, Tier
from tiers.rules import Requirement, lint

LANGUAGES = ("en", "zh-hans", "zh-hant")


class NoDraft(Exception):
    """This draft was published or discarded meanwhile; nothing was changed."""


class BadSettings(Exception):
    """A setting or tier is not what it can be (`name`); nothing was saved."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name} is not what it can be. Nothing was saved.")


class DraftChanged(Exception):
    """Somebody changed meanwhile what was to be saved or published; nothing was changed."""


class NotPreviewed(Exception):
    """The draft as it stands was not previewed on the members; nothing was published."""


class NotReady(Exception):
    """The draft has errors (`findings`); nothing was published."""

    def __init__(self, findings: Sequence[lint.Finding]) -> None:
        super().__init__(f"The draft has errors: {', '.join(f.code for f in findings)}. Nothing was published.")
        self.findings = tuple(findings)


class TooEarly(Exception):
    """The draft may begin on `earliest` at the earliest; nothing was done."""

    def __init__(self, earliest: dt.date) -> None:
        super().__init__(f"It may begin on {earliest} at the earliest. Nothing was done.")
        self.earliest = earliest


class NoteMissing(Exception):
    """Members are told in each of their languages what changes; one is missing, and nothing was published."""


class NothingChanged(Exception):
    """The draft says what the version before it says; nothing was published."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a version, as tiers.rules.LadderTerms says what they mean."""

    window: Window = Window.ROLLING
    window_days: int = 365
    start: Start = Start.AT_ONCE
    validity_months: int = 12
    rounding: Rounding = Rounding.SAME_DATE
    at_end: AtEnd = AtEnd.TO_EARNED
    grace_days: int = 30
    grace_rounds_up: bool = False
    protection_days: int = 0
    on_refund: OnRefund = OnRefund.HOLD
    notice_days: int = 0
    courtesies_a_month: int = 10


SETTINGS = queries.SETTINGS
DAYS_MAX = 32_000


@dataclass(frozen=True, slots=True)
class TierDraft:
    """One tier of a draft; what is asked to re-enter is what is asked to reach where it is None."""

    code: str
    names: Mapping[str, str]
    look: Look
    icon: str
    multiplier: Decimal
    reach: Requirement = field(default_factory=Requirement)
    keep: Requirement = field(default_factory=Requirement)
    re_enter: Requirement | None = None
    never_lost: bool = False
    by_invitation: bool = False

    @classmethod
    def of(cls, tier: Tier) -> "TierDraft":
        """Will return a tier of a version as one of a draft. No queries."""
        return cls(
            code=tier.code,
            names=dict(tier.names),
            look=Look(tier.look),
            icon=tier.icon,
            multiplier=tier.multiplier,
            reach=queries.requirement_of(tier, "reach"),
            keep=queries.requirement_of(tier, "keep"),
            re_enter=queries.requirement_of(tier, "re_enter") if tier.has_re_entry else None,
            never_lost=tier.never_lost,
            by_invitation=tier.by_invitation,
        )


@transaction.atomic
def start_draft(
    *, ladder: str = queries.MAIN, name: str = "", copy_of: int | None = None, at: dt.datetime, actor: str
) -> int:
    """Will begin a draft with what the latest version of a ladder says, and return its id; one that is open is kept.

    `copy_of` is the number of an earlier version to begin with instead. A ladder that is not there yet begins with what
    the main one says, under `name`. Takes turns with others who begin one; raises queries.NoLadder where nothing is
    published to begin with.
    """
    locks.take_turns([f"tiers:drafting:{ladder}"])
    row, _ = Ladder.objects.get_or_create(code=ladder, defaults={"name": name or ladder})
    if there := LadderVersion.objects.filter(ladder=row, published_at=None).first():
        return there.id
    published = LadderVersion.objects.filter(published_at__isnull=False).order_by("-effective_on", "-number")
    source = published.filter(ladder=row).first() or published.filter(ladder__code=queries.MAIN).first()
    if copy_of is not None:
        source = published.filter(ladder=row, number=copy_of).first()
    if source is None:
        raise queries.NoLadder("There is no published ladder to begin with. Nothing was changed.")
    last = LadderVersion.objects.filter(ladder=row).order_by("-number").first()
    draft = LadderVersion.objects.create(
        ladder=row,
        number=last.number + 1 if last else 1,
        effective_on=clock.business_date(at) + dt.timedelta(days=1),
        actor=actor,
        **{setting: getattr(source, setting) for setting in SETTINGS},
    )
    for tier in source.tiers.order_by("rank"):
        tier.pk, tier.version = None, draft
        tier.save(force_insert=True)
    audit.record(at=at, actor=actor, deed="ladder.drafted", subject=subject_of(draft))
    return draft.id


@transaction.atomic
def save_settings(*, version_id: int, settings: Settings, seen: str = "", at: dt.datetime, actor: str) -> None:
    """Will give a draft other settings; `seen` is the digest of those that were edited.

    Locks the draft; raises NoDraft, DraftChanged, BadSettings.
    """
    version = lock_draft(version_id)
    if seen and seen != queries.get_ladder_version(version_id).settings_digest:
        raise DraftChanged("Somebody changed these settings meanwhile. Nothing was saved.")
    rolling = settings.window is Window.ROLLING
    least = {"validity_months": 1, "window_days": 1 if rolling else 0}
    for name in SETTINGS:
        value = getattr(settings, name)
        if type(value) is int and not least.get(name, 0) <= value <= DAYS_MAX:
            raise BadSettings(name)
    becomes = {name: getattr(settings, name) for name in SETTINGS} | ({} if rolling else {"window_days": 0})
    was = {name: getattr(version, name) for name in SETTINGS if getattr(version, name) != becomes[name]}
    for name, value in becomes.items():
        setattr(version, name, value)
    version.save(update_fields=SETTINGS)
    if was:
        changed = {name: becomes[name] for name in was}
        audit.record(
            at=at, actor=actor, deed="ladder.settings_saved", subject=subject_of(version), was=was, becomes=changed
        )


@transaction.atomic
def save_tiers(*, version_id: int, tiers: Sequence[TierDraft], at: dt.datetime, actor: str) -> None:
    """Will give a draft other tiers, lowest first. Locks it; raises NoDraft, BadSettings."""
    version = lock_draft(version_id)
    was = list(version.tiers.order_by("rank").values_list("code", flat=True))
    write_tiers(version, tiers)
    audit.record(
        at=at, actor=actor, deed="ladder.tiers_saved", subject=subject_of(version), was={"tiers": was},
        becomes={"tiers": [tier.code for tier in tiers]},
    )  # fmt: skip


def write_tiers(version: LadderVersion, tiers: Sequence[TierDraft]) -> None:
    """Will put tiers in the place of those of a draft that is locked, lowest first; raises BadSettings."""
    codes = [tier.code for tier in tiers]
    if not codes or len(set(codes)) < len(codes):
        raise BadSettings("code")
    if any(tier.multiplier < 0 for tier in tiers):
        raise BadSettings("multiplier")
    version.tiers.all().delete()
    for rank, tier in enumerate(tiers):
        asked = {"reach": tier.reach, "keep": tier.keep, "re_enter": tier.re_enter or Requirement()}
        parts = (*rules.METRICS, "join")
        needs = {f"{what}_{part}": getattr(one, part) for what, one in asked.items() for part in parts}
        if any(need < 0 for one in asked.values() for _, need in one.ways()):
            raise BadSettings(tier.code)
        Tier.objects.create(
            version=version,
            rank=rank,
            code=tier.code,
            names=dict(tier.names),
            look=tier.look,
            icon=tier.icon,
            multiplier=tier.multiplier,
            has_re_entry=tier.re_enter is not None,
            never_lost=tier.never_lost,
            by_invitation=tier.by_invitation,
            **needs,
        )


@transaction.atomic
def discard_draft(*, version_id: int, at: dt.datetime, actor: str) -> None:
    """Will throw a draft away; one that is gone stays gone. Locks it; raises NoDraft if it is published."""
    version = LadderVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        return
    if version.published_at is not None:
        raise NoDraft(f"Version {version.number} is published. Nothing was discarded.")
    audit.record(at=at, actor=actor, deed="ladder.discarded", subject=subject_of(version))
    version.delete()


@transaction.atomic
def publish(
    *,
    version_id: int,
    effective_on: dt.date,
    note: Mapping[str, str],
    seen: str = "",
    is_previewed: bool = False,
    at: dt.datetime,
    actor: str,
) -> rules.LadderTerms:
    """Will publish a draft from a date on, today at the earliest; the database freezes it with its tiers and previews.

    `note` is what members are told, in each of their languages, `seen` the digest of the draft that was looked at, and
    `is_previewed` asks that the draft as it stands was previewed. The same again by the same person returns the
    version.
    Locks the draft; raises NoDraft, DraftChanged, NotReady, TooEarly, NoteMissing, NothingChanged, NotPreviewed.
    """
    version = LadderVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        raise NoDraft("This draft was discarded. Nothing was published.")
    if version.published_at is not None:
        if (version.actor, version.effective_on) == (actor, effective_on):
            return queries.terms_of(version)
        raise NoDraft(f"Version {version.number} was published already. Nothing was changed.")
    before = queries.versions_of(version.ladder.code)
    if seen and seen != queries.get_ladder_version(version_id).digest:
        raise DraftChanged("Somebody changed the draft meanwhile. Nothing was published.")
    _check(version, before[-1] if before else None, effective_on, note, at)
    preview = queries.find_ladder_preview(version_id)
    if is_previewed and (preview is None or preview.is_stale or preview.state is not PreviewState.DONE):
        raise NotPreviewed("The draft as it stands was not previewed. Nothing was published.")
    close_previews(version_id, "The draft was published before its preview was through.", at)
    version.effective_on, version.note = effective_on, dict(note)
    version.published_at, version.actor = at, actor
    version.save(update_fields=["effective_on", "note", "published_at", "actor"])
    audit.record(
        at=at,
        actor=actor,
        deed="ladder.published",
        subject=subject_of(version),
        becomes={"number": version.number, "effective_on": effective_on.isoformat()},
        reason=str(note.get("en", ""))[:300],
    )
    return queries.terms_of(version)


def _check(
    version: LadderVersion,
    before: rules.LadderTerms | None,
    effective_on: dt.date,
    note: Mapping[str, str],
    at: dt.datetime,
) -> None:
    if wrong := lint.errors(lint.lint(queries.terms_of(version), before)):
        raise NotReady(wrong)
    earliest = max(clock.business_date(at), before.effective_on if before else dt.date.min)
    if effective_on < earliest:
        raise TooEarly(earliest)
    if not all(note.get(language, "").strip() for language in LANGUAGES):
        raise NoteMissing("Say in each language what changes. Nothing was published.")
    if before and _said(version) == _said(LadderVersion.objects.get(id=before.version_id)):
        raise NothingChanged("The draft says what the version before it says. Nothing was published.")


def _said(version: LadderVersion) -> tuple[list[Any], list[dict[str, Any]]]:
    """Everything a version says, without who it is."""
    tiers = [{**tier, "id": 0, "version_id": 0} for tier in version.tiers.order_by("rank").values()]
    return [getattr(version, name) for name in SETTINGS], tiers


def close_previews(version_id: int, error: str, at: dt.datetime) -> None:
    """Will close what is still to be worked out of a draft that is locked."""
    for preview in LadderPreview.objects.select_for_update().filter(version_id=version_id, finished_at=None):
        preview.state, preview.error, preview.finished_at = PreviewState.FAILED, error, at
        preview.save(update_fields=["state", "error", "finished_at"])


def lock_draft(version_id: int) -> LadderVersion:
    """Will lock a draft and return it; raises NoDraft."""
    version = LadderVersion.objects.select_for_update().filter(id=version_id, published_at=None).first()
    if version is None:
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was changed.")
    return version


def subject_of(version: LadderVersion) -> str:
    """Will name a version in the audit log."""
    return f"ladder:{version.ladder.code}:{version.number}"


def publish_first_ladder(
    *,
    tiers: list[dict[str, Any]],
    window_days: int,
    validity_years: int,
    grace_days: int,
    effective_on: dt.date,
    at: dt.datetime,
    actor: str,
) -> bool:
    """Will publish version 1 of the main ladder where none exists yet; True if it did.

    Each tier gives code, names, look, icon, multiplier and, above the lowest, thresholds (spend, orders, growth) that
    serve to reach and to keep it.
    """
    ladder, created = Ladder.objects.get_or_create(code=queries.MAIN, defaults={"name": "Main"})
    if not created:
        return False
    version = LadderVersion.objects.create(
        ladder=ladder,
        number=1,
        effective_on=effective_on,
        window_days=window_days,
        validity_months=12 * validity_years,
        grace_days=grace_days,
        actor=actor,
    )
    for rank, tier in enumerate(tiers):
        spend, orders, growth = tier.get("thresholds", (None, None, None))
        Tier.objects.create(
            version=version,
            rank=rank,
            code=tier["code"],
            names=tier["names"],
            look=tier["look"],
            icon=tier["icon"],
            multiplier=tier["multiplier"],
            reach_spend=spend,
            reach_orders=orders,
            reach_growth=growth,
            keep_spend=spend,
            keep_orders=orders,
            keep_growth=growth,
        )
    version.published_at = at
    version.save(update_fields=["published_at"])
    return True
