"""Publishing the matrix: from a date on that keeps the notice where something is taken away, then frozen."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from benefits.actions.drafting import DraftChanged, NoDraft, NothingChanged
from benefits.kinds import RULES
from benefits.models import BenefitVersion, GiftItem
from benefits.queries.matrix import MatrixRow, get_matrix_version, ladders_of, list_versions, matrix_of, nameable
from benefits.rules import changes, lint
from benefits.rules.matrix import LANGUAGES, NO_MATRIX, matrix_from_terms
from kit import audit, clock
from points import queries as points_queries


class NotReady(Exception):
    """The draft has errors (`findings`); nothing was published."""

    def __init__(self, findings: Sequence[lint.Finding]) -> None:
        super().__init__(f"The draft has errors: {', '.join(f.code for f in findings)}. Nothing was published.")
        self.findings = tuple(findings)


class TooEarly(Exception):
    """The draft may begin on `earliest` at the earliest, because of what it takes away (`worse`)."""

    def __init__(self, earliest: dt.date, worse: Sequence[changes.Change]) -> None:
        super().__init__(f"It may begin on {earliest} at the earliest. Nothing was published.")
        self.earliest, self.worse = earliest, tuple(worse)


class NoteMissing(Exception):
    """Members are told in each of their languages what changes; one is missing, and nothing was published."""


@transaction.atomic
def publish_first_matrix(*, terms: dict[str, Any], effective_on: dt.date, at: dt.datetime, actor: str) -> bool:
    """Will publish version 1 of the matrix where there is none yet; True if it did. Raises BadTerms."""
    if BenefitVersion.objects.exists():
        return False
    matrix_from_terms(terms, RULES)
    BenefitVersion.objects.create(number=1, effective_on=effective_on, terms=terms, published_at=at, actor=actor)
    return True


def open_first_gift(*, code: str, names: Mapping[str, str], at: dt.datetime, actor: str) -> bool:
    """Will open a gift that never runs out, where there is none of this code; True if it did."""
    _, is_new = GiftItem.objects.get_or_create(code=code, defaults={"names": dict(names), "created_at": at})
    return is_new


@transaction.atomic
def publish_matrix(
    *,
    version_id: int,
    effective_on: dt.date,
    note: Mapping[str, str],
    seen: str = "",
    at: dt.datetime,
    actor: str,
) -> MatrixRow:
    """Will publish a draft from a date on; the database freezes it.

    `note` is what members are told, in each of their languages, `seen` the digest of the draft that was looked at. The
    same again by the same person returns the version. Locks the draft; raises NoDraft, DraftChanged, NotReady,
    TooEarly, NoteMissing, NothingChanged.
    """
    version = BenefitVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        raise NoDraft("This draft was discarded. Nothing was published.")
    row = get_matrix_version(version_id)
    if version.published_at is not None:
        if (version.actor, version.effective_on) == (actor, effective_on):
            return row
        raise NoDraft(f"Version {version.number} was published already. Nothing was changed.")
    if seen and seen != row.digest:
        raise DraftChanged("Somebody changed the draft meanwhile. Nothing was published.")
    before = next(iter(list_versions()), None)
    changed = _check(version, before, effective_on, note, at)
    version.effective_on, version.note = effective_on, dict(note)
    version.published_at, version.actor = at, actor
    version.save(update_fields=["effective_on", "note", "published_at", "actor"])
    audit.record(
        at=at,
        actor=actor,
        deed="matrix.published",
        subject=f"matrix:{version.number}",
        was={"number": before.number} if before else None,
        becomes={
            "number": version.number,
            "effective_on": effective_on.isoformat(),
            "changes": [[one.benefit.code, one.tier, one.verdict.value] for one in changed],
        },
        reason=str(note.get("en", ""))[:300],
    )
    return get_matrix_version(version_id)


def _check(
    version: BenefitVersion,
    before: MatrixRow | None,
    effective_on: dt.date,
    note: Mapping[str, str],
    at: dt.datetime,
) -> list[changes.Change]:
    """Will return what a draft changes, or raise why it cannot be published from a date on."""
    today, matrix, named = clock.business_date(at), matrix_of(version), nameable()
    ladders = {one.code: [tier.code for tier in one.tiers] for one in ladders_of(max(today, effective_on))}
    if wrong := lint.errors(lint.lint(matrix, ladders, named.known)):
        raise NotReady(wrong)
    if before and before.terms == version.terms:
        raise NothingChanged(f"The draft says what version {before.number} says. Nothing was published.")
    old = before.matrix if before else NO_MATRIX
    found = changes.changes(old, matrix, ladders, named.known)
    notice = points_queries.policy_on(today).notice_days
    earliest = changes.earliest_start(old, found, notice, today)
    if effective_on < earliest:
        raise TooEarly(earliest, changes.worse(found))
    if not all(note.get(language, "").strip() for language in LANGUAGES):
        raise NoteMissing("Say in each language what changes. Nothing was published.")
    return found
