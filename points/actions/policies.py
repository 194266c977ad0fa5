"""Writing the rules by which points are earned, kept and spent: one draft at a time; what is published is frozen."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from kit import audit, clock, locks
from points import queries
from points.actions import budgets
from points.models import PolicyVersion
from points.queries.policies import NoPolicy, PolicyRow
from points.rules import draft as drafts
from points.rules import lint
from points.rules.draft import Terms
from points.rules.policy import Policy, policy_from_terms

DRAFTING = "points:drafting"
"""The lock under which a draft is begun, so that two people begin the same one."""


class NoDraft(Exception):
    """This draft was published or discarded meanwhile; nothing was changed."""


class DraftChanged(Exception):
    """Somebody changed the draft after the page was opened; nothing was changed."""


class AlreadyPublished(Exception):
    """Somebody else published this draft first, as `version` says; nothing was changed."""

    def __init__(self, version: PolicyRow) -> None:
        super().__init__(f"Version {version.number} was published already. Nothing was changed.")
        self.version = version


class TooEarly(Exception):
    """The draft may begin on `earliest` at the earliest, because of what it takes away, or what begins before."""

    def __init__(self, earliest: dt.date, worse: Sequence[drafts.Difference]) -> None:
        super().__init__(f"It may begin on {earliest} at the earliest. Nothing was published.")
        self.earliest, self.worse = earliest, tuple(worse)


class NotReady(Exception):
    """The draft has errors (`findings`); nothing was published."""

    def __init__(self, findings: Sequence[lint.Finding]) -> None:
        super().__init__(f"The draft has errors: {', '.join(f.code for f in findings)}. Nothing was published.")
        self.findings = tuple(findings)


class NothingChanged(Exception):
    """The draft says what the version before it says; nothing was published."""


@transaction.atomic
def publish_first_policy(*, terms: dict[str, Any], effective_on: dt.date, at: dt.datetime, actor: str) -> bool:
    """Will publish policy 1 where no policy exists yet; raises points.rules.policy.BadTerms. True if it did."""
    if PolicyVersion.objects.exists():
        return False
    policy = policy_from_terms(0, terms)
    PolicyVersion.objects.create(number=1, effective_on=effective_on, terms=terms, published_at=at, actor=actor)
    budgets.set_up_budgets(policy)
    return True


@transaction.atomic
def start_draft(*, copy_of: int | None = None, at: dt.datetime, actor: str) -> PolicyRow:
    """Will begin a draft with the terms of the latest version, or of the one with the number `copy_of`.

    There is one draft at a time: where one is open, that one is returned as it is. Takes turns with others who begin
    one; raises queries.NoPolicy where nothing is published, or not that version.
    """
    locks.take_turns([DRAFTING])
    if there := queries.find_draft():
        return there
    published = queries.list_versions()
    source = next((row for row in published if copy_of in (None, row.number)), None)
    if source is None:
        raise NoPolicy("There is no published version to copy. Nothing was changed.")
    begun = PolicyVersion.objects.create(
        number=max(row.number for row in published) + 1,
        effective_on=max(clock.business_date(at) + dt.timedelta(days=1), published[0].effective_on),
        terms=source.terms,
        actor=actor,
    )
    audit.record(at=at, actor=actor, deed="policy.drafted", subject=_subject(begun), becomes={"copy_of": source.number})
    return queries.get_version(begun.id)


@transaction.atomic
def save_rule(*, version_id: int, terms: Terms, seen: str = "", at: dt.datetime, actor: str) -> str:
    """Will put a rule into the draft and return its code: the one of `terms`, or a new one where that is empty.

    `seen` is draft.digest_of the rule as it was when somebody began to edit it; DraftChanged where it is another by
    now. Locks the draft; raises NoDraft, BadTerms, and NoSuchRule for a code that the draft does not have.
    """
    version = _locked(version_id)
    code = str(terms.get("code", ""))
    was = drafts.rule_in(version.terms, code) if code else None
    if seen and was is not None and drafts.digest_of(was) != seen:
        raise DraftChanged("Somebody changed this rule meanwhile. Nothing was saved.")
    rule = {**terms, "code": code or drafts.free_code(_name(terms), queries.codes_ever())}
    if was is None:
        rule.setdefault("priority", drafts.next_priority(version.terms))
    _save(version, drafts.with_rule(version.terms, rule))
    if was != rule:
        audit.record(at=at, actor=actor, deed="policy.rule_saved", subject=_subject(version), was=was, becomes=rule)
    return str(rule["code"])


@transaction.atomic
def remove_rule(*, version_id: int, code: str, at: dt.datetime, actor: str) -> None:
    """Will take a rule out of the draft; one that is not there any more stays so. Locks the draft; raises NoDraft."""
    version = _locked(version_id)
    try:
        was = drafts.rule_in(version.terms, code)
    except drafts.NoSuchRule:
        return
    _save(version, drafts.without_rule(version.terms, code))
    audit.record(at=at, actor=actor, deed="policy.rule_removed", subject=_subject(version), was=was)


@transaction.atomic
def switch_rule(*, version_id: int, code: str, is_on: bool, at: dt.datetime, actor: str) -> None:
    """Will turn a rule of the draft on or off. Locks the draft; raises NoDraft, NoSuchRule."""
    version = _locked(version_id)
    terms = drafts.with_rule_switched(version.terms, code, is_on=is_on)
    if terms == version.terms:
        return
    _save(version, terms)
    changes = {"rule": code, "is_on": is_on}
    was = {**changes, "is_on": not is_on}
    audit.record(at=at, actor=actor, deed="policy.rule_switched", subject=_subject(version), was=was, becomes=changes)


@transaction.atomic
def order_rules(*, version_id: int, codes: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will let the draft's rules apply in the order of `codes`. Locks the draft; raises NoDraft, NoSuchRule."""
    version = _locked(version_id)
    was = [rule["code"] for rule in drafts.rules_in(version.terms)]
    terms = drafts.with_rules_ordered(version.terms, codes)
    if terms == version.terms:
        return
    _save(version, terms)
    audit.record(
        at=at, actor=actor, deed="policy.rules_ordered", subject=_subject(version), was=was, becomes=list(codes)
    )


@transaction.atomic
def save_settings(*, version_id: int, terms: Terms, seen: str = "", at: dt.datetime, actor: str) -> None:
    """Will give the draft other settings; rules stay. `seen` is draft.digest_of the settings that were being edited.

    Locks the draft; raises NoDraft, DraftChanged, BadTerms.
    """
    version = _locked(version_id)
    if seen and drafts.digest_of(drafts.settings_in(version.terms)) != seen:
        raise DraftChanged("Somebody changed these settings meanwhile. Nothing was saved.")
    edited = drafts.with_settings(version.terms, terms)
    was = {name: version.terms.get(name) for name in edited if edited[name] != version.terms.get(name)}
    if not was:
        return
    _save(version, edited)
    becomes = {name: edited[name] for name in was}
    audit.record(at=at, actor=actor, deed="policy.settings_saved", subject=_subject(version), was=was, becomes=becomes)


@transaction.atomic
def discard_draft(*, version_id: int, at: dt.datetime, actor: str) -> None:
    """Will throw a draft away, its previews too; one that is gone stays gone. Locks it; raises NoDraft if published."""
    version = PolicyVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        return
    if version.published_at is not None:
        raise NoDraft(f"Version {version.number} is published. Nothing was discarded.")
    audit.record(
        at=at, actor=actor, deed="policy.discarded", subject=_subject(version), was=version.terms.get("rules", [])
    )
    version.delete()


@transaction.atomic
def publish(
    *,
    version_id: int,
    effective_on: dt.date,
    note: Mapping[str, str],
    known: lint.Known = lint.NOTHING_KNOWN,
    seen: str = "",
    at: dt.datetime,
    actor: str,
) -> PolicyRow:
    """Will publish a draft from a date on; the database freezes it. New budgets are set up at once, others by night.

    `note` is what members are told, by language; `known` what rules may name; `seen` is draft.digest_of the terms
    that were looked at. The same again by the same person returns the version. Locks the draft; raises NoDraft,
    AlreadyPublished, DraftChanged, BadTerms, NothingChanged, NotReady, TooEarly.
    """
    version = PolicyVersion.objects.select_for_update().filter(id=version_id).first()
    if version is None:
        raise NoDraft("This draft was discarded. Nothing was published.")
    if version.published_at is not None:
        row = queries.get_version(version.id)
        if (version.actor, version.effective_on) == (actor, effective_on):
            return row
        raise AlreadyPublished(row)
    if seen and drafts.digest_of(version.terms) != seen:
        raise DraftChanged("Somebody changed the draft meanwhile. Nothing was published.")
    policy = policy_from_terms(version.id, version.terms)
    before = next(iter(queries.list_versions()), None)
    changed = _check(policy, before, effective_on, known, at)
    version.effective_on, version.note = effective_on, dict(note)
    version.published_at, version.actor = at, actor
    version.save(update_fields=["effective_on", "note", "published_at", "actor"])
    budgets.set_up_budgets(policy, only_new=True)
    audit.record(
        at=at,
        actor=actor,
        deed="policy.published",
        subject=_subject(version),
        was={"number": before.number} if before else None,
        becomes={
            "number": version.number,
            "effective_on": effective_on.isoformat(),
            "changes": [[one.what, one.subject, one.verdict.value] for one in changed],
        },
        reason=str(note.get("en", ""))[:300],
    )
    return queries.get_version(version.id)


# ---- leaves


def _check(
    policy: Policy, before: PolicyRow | None, effective_on: dt.date, known: lint.Known, at: dt.datetime
) -> Sequence[drafts.Difference]:
    """Will return what a draft changes, or raise why it cannot be published from a date on."""
    today = clock.business_date(at)
    if wrong := lint.errors(lint.lint(policy, on=effective_on, known=known)):
        raise NotReady(wrong)
    if before is None:
        return ()
    changed = drafts.differences(before.policy, policy, effective_on)
    if not changed:
        raise NothingChanged(f"The draft says what version {before.number} says. Nothing was published.")
    earliest = drafts.earliest_start(before.policy, policy, before.effective_on, today, effective_on)
    if effective_on < earliest:
        raise TooEarly(earliest, drafts.worse(changed))
    return changed


def _locked(version_id: int) -> PolicyVersion:
    """Will lock a draft and return it; raises NoDraft."""
    version = PolicyVersion.objects.select_for_update().filter(id=version_id, published_at=None).first()
    if version is None:
        raise NoDraft("This draft was published or discarded meanwhile. Nothing was changed.")
    return version


def _save(version: PolicyVersion, terms: dict[str, Any]) -> None:
    """Will keep terms that can be read; raises BadTerms."""
    policy_from_terms(version.id, terms)
    version.terms = terms
    version.save(update_fields=["terms"])


def _subject(version: PolicyVersion) -> str:
    return f"policy:{version.number}"


def _name(terms: Terms) -> str:
    names = terms.get("names") or {}
    return str(names.get("en") or next(iter(names.values()), ""))
