"""The rules of the points for the staff: what is in force, what comes, the draft, and what publishing it would do."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from campaigns import queries as campaigns_queries
from kit import clock
from membership_site import formats
from membership_site.console.forms.policies import LANGUAGES, Offered
from membership_site.console.pages import people
from membership_site.console.pages.words import State, points
from orders import queries as orders_queries
from points import queries as points_queries
from points import wording
from points.enums import CapPer, ConditionKind, Severity, Verdict, Wallet
from points.queries import PolicyRow
from points.rules import draft as drafts
from points.rules import lint
from points.rules.caps import ALL
from points.rules.conditions import Condition, number_of
from points.rules.earning_rules import EarningRule
from points.rules.policy import Policy
from tiers import queries as tiers_queries
from tiers import wording as tiers_wording

GIVEN_DAYS = 30
LATEST_LINES = 2_000

WHO = frozenset(
    {
        *(ConditionKind.TIER_MIN, ConditionKind.TIER, ConditionKind.TAG, ConditionKind.SEGMENT),
        ConditionKind.BIRTHDAY,
    }
)
WHEN = frozenset({ConditionKind.WEEKDAY, ConditionKind.DAY_OF_MONTH, ConditionKind.MONTH, ConditionKind.TIME})

VERDICTS = {Verdict.BETTER: "good", Verdict.WORSE: "warn", Verdict.SAME: ""}


@dataclass(frozen=True)
class RuleRow:
    """A rule in a table: its sentence in columns, what it gave lately, and where it is edited."""

    code: str
    name: str
    sentence: str
    what: str
    who: str
    when: str
    caps: tuple[str, ...]
    given: str
    budget: str
    is_on: bool
    is_over: bool
    priority: int
    edit_url: str


@dataclass(frozen=True)
class ChangeRow:
    """Something that changes: was, becomes, and whether members gain by it."""

    what: str
    was: str
    becomes: str
    verdict: State
    is_staffs: bool


@dataclass(frozen=True)
class FindingRow:
    """Something that lint found: where, and what to do about it."""

    words: str
    rule: str
    url: str
    is_error: bool


@dataclass(frozen=True)
class SettingRow:
    """A setting in words."""

    name: str
    value: str


@dataclass(frozen=True)
class VersionRow:
    """A version among others; `state` says whether it is in force, to come or past."""

    number: int
    url: str
    state: State
    effective_on: dt.date
    published_at: dt.datetime | None
    who: str
    note: str
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True)
class RulesPage:
    """What is in force, what comes, what was."""

    in_force: VersionRow | None
    rules: tuple[RuleRow, ...]
    settings: tuple[SettingRow, ...]
    events: tuple[SettingRow, ...]
    given: str
    coming: tuple[VersionRow, ...]
    past: tuple[VersionRow, ...]
    draft_number: int
    draft_changes: tuple[ChangeRow, ...]
    draft_begun: str


@dataclass(frozen=True)
class DraftPage:
    """The draft as one works on it."""

    id: int
    number: int
    begun: str
    rules: tuple[RuleRow, ...]
    settings: tuple[SettingRow, ...]
    events: tuple[SettingRow, ...]
    changes: tuple[ChangeRow, ...]
    findings: tuple[FindingRow, ...]
    errors: int
    earliest: dt.date


@dataclass(frozen=True)
class PublishPage:
    """What publishing the draft from a date on would do."""

    id: int
    number: int
    follows: int
    wished: dt.date
    earliest: dt.date
    changes: tuple[ChangeRow, ...]
    worse: int
    notice: str
    findings: tuple[FindingRow, ...]
    errors: int
    note_en: str
    note_zh_hans: str
    note_zh_hant: str
    digest: str


@dataclass(frozen=True)
class VersionPage:
    """One published version, as it will stay."""

    version: VersionRow
    notes: tuple[tuple[str, str], ...]
    rules: tuple[RuleRow, ...]
    settings: tuple[SettingRow, ...]
    events: tuple[SettingRow, ...]
    may_copy: bool


# ---- what rules may name


def tier_names(today: dt.date) -> dict[str, str]:
    """Will return {code: name} of the ladder's tiers in the reader's language, lowest first. Two queries."""
    return {tier.code: tiers_wording.tier_name(tier) for tier in tiers_queries.tiers_of_ladder(today)}


def segment_names() -> dict[str, str]:
    """Will return what segments are called, as words of rules look for it. For the staff alone. One query."""
    return {wording.segment_key(str(one)): name for one, name in campaigns_queries.names_of_segments().items()}


def rule_names(today: dt.date) -> dict[str, str]:
    """Will return the names of what rules ask for, tiers and segments. Three queries."""
    return {**tier_names(today), **segment_names()}


def offered(policy: Policy, today: dt.date) -> Offered:
    """Will return what a rule may name: tiers, shared segments, events, goods of the latest orders. Five queries."""
    goods = orders_queries.goods_of_latest(LATEST_LINES)
    kinds = {
        ConditionKind.CATEGORY: goods.categories,
        ConditionKind.BRAND: goods.brands,
        ConditionKind.CHANNEL: goods.sources,
    }
    events = [kind for kind in policy.events if kind not in lint.WITHOUT_RULES]
    return Offered(tuple(tier_names(today).items()), events, kinds, _segments(policy))


def _segments(policy: Policy) -> tuple[tuple[str, str], ...]:
    """Shared segments, and those that the policy names though they are not; so nothing is changed unseen."""
    shared = dict(campaigns_queries.segments_for_rules())
    lost = {
        value for rule in policy.rules for one in rule.when if one.kind is ConditionKind.SEGMENT for value in one.values
    }
    names = segment_names() if lost - shared.keys() else {}
    numbers = {number_of(value) for value in shared}
    kept = [(one, wording.segment_words(one, names, formats)) for one in sorted(lost - shared.keys())]
    gone = [(one, said if number_of(one) in numbers else _("%(value)s (gone)") % {"value": said}) for one, said in kept]
    return (*shared.items(), *gone)


def known(policy: Policy, today: dt.date) -> lint.Known:
    """Will return what lint compares rules with. Six queries."""
    there = offered(policy, today)
    goods = {kind: tuple(values) for kind, values in (there.suggestions or {}).items() if values}
    segments = tuple(value for value, _name in campaigns_queries.segments_for_rules())
    tiers = tuple(code for code, _name in there.tiers)
    return lint.Known({ConditionKind.TIER: tiers, ConditionKind.SEGMENT: segments, **goods})


def budgets_lately(today: dt.date) -> dict[str, lint.Budget]:
    """Will return what budgets have used, and what their rules gave a day lately. Two queries."""
    given = points_queries.points_by_rule(today - dt.timedelta(days=GIVEN_DAYS), today - dt.timedelta(days=1))
    return {
        code: lint.Budget(row.used, Decimal(max(given.get(code, 0), 0)) / GIVEN_DAYS)
        for code, row in points_queries.budgets_by_rule().items()
    }


# ---- pages


def rules_page(at: dt.datetime) -> RulesPage:
    """Will assemble what is in force, what comes and what was. Seven queries, however many rules and versions."""
    today = clock.business_date(at)
    versions, draft = points_queries.list_versions(), points_queries.find_draft()
    tiers, names = rule_names(today), _actors([*versions, *([draft] if draft else [])])
    given = points_queries.points_by_rule(today - dt.timedelta(days=GIVEN_DAYS - 1), today)
    now = next((version for version in versions if version.effective_on <= today), None)
    rows = [_version_row(version, versions, now, tiers, names) for version in versions]
    come = [row for row in rows if row.effective_on > today]
    reading = _Reading(tiers, today, given, points_queries.budgets_by_rule())
    return RulesPage(
        in_force=next((row for row in rows if now and row.number == now.number), None),
        rules=reading.rules(now.policy, edits=False) if now else (),
        settings=setting_rows(now.policy) if now else (),
        events=event_rows(now.policy) if now else (),
        given=points(given.get(ALL, 0)) if ALL in given else "",
        coming=tuple(reversed(come)),
        past=tuple(row for row in rows if row not in come and not (now and row.number == now.number)),
        draft_number=draft.number if draft else 0,
        draft_changes=change_rows(versions[0].policy, draft.policy, tiers, _start(draft, at)) if draft else (),
        draft_begun=_begun(draft, names) if draft else "",
    )


def draft_page(draft: PolicyRow, at: dt.datetime) -> DraftPage:
    """Will assemble the draft: its rules, what changes, and what lint finds. Ten queries, however many rules."""
    today, tiers = clock.business_date(at), rule_names(clock.business_date(at))
    before = points_queries.list_versions()[0]
    given = points_queries.points_by_rule(today - dt.timedelta(days=GIVEN_DAYS - 1), today)
    reading = _Reading(tiers, today, given, points_queries.budgets_by_rule())
    on = _start(draft, at)
    findings = finding_rows(draft.policy, on, tiers, at)
    return DraftPage(
        id=draft.id,
        number=draft.number,
        begun=_begun(draft, _actors([draft])),
        rules=reading.rules(draft.policy, edits=True),
        settings=setting_rows(draft.policy),
        events=event_rows(draft.policy),
        changes=change_rows(before.policy, draft.policy, tiers, on),
        findings=findings,
        errors=sum(finding.is_error for finding in findings),
        earliest=drafts.earliest_start(before.policy, draft.policy, before.effective_on, today),
    )


def publish_page(draft: PolicyRow, wished: dt.date | None, at: dt.datetime) -> PublishPage:
    """Will assemble what publishing would do from a date on, by default the earliest there is. Nine queries."""
    today, tiers = clock.business_date(at), rule_names(clock.business_date(at))
    before = points_queries.list_versions()[0]
    wanted = wished or dt.date.min
    earliest = drafts.earliest_start(before.policy, draft.policy, before.effective_on, today, wanted)
    on = max(wanted, earliest)
    changes = change_rows(before.policy, draft.policy, tiers, on)
    findings = finding_rows(draft.policy, on, tiers, at)
    notes = composed_notes(before.policy, draft.policy, on)
    return PublishPage(
        id=draft.id,
        number=draft.number,
        follows=before.number,
        wished=wished or earliest,
        earliest=earliest,
        changes=changes,
        worse=sum(change.verdict.tone == VERDICTS[Verdict.WORSE] for change in changes),
        notice=wording.days_words(before.policy.notice_days, formats),
        findings=findings,
        errors=sum(finding.is_error for finding in findings),
        note_en=notes["en"],
        note_zh_hans=notes["zh-hans"],
        note_zh_hant=notes["zh-hant"],
        digest=drafts.digest_of(draft.terms),
    )


def version_page(version: PolicyRow, at: dt.datetime) -> VersionPage:
    """Will assemble one published version with what it changed. Seven queries, however many rules."""
    today = clock.business_date(at)
    tiers, versions = rule_names(today), points_queries.list_versions()
    now = next((row for row in versions if row.effective_on <= today), None)
    given = points_queries.points_by_rule(today - dt.timedelta(days=GIVEN_DAYS - 1), today)
    reading = _Reading(tiers, today, given, points_queries.budgets_by_rule())
    languages = [(str(label), version.note.get(code, "")) for code, label in LANGUAGES]
    return VersionPage(
        version=_version_row(version, versions, now, tiers, _actors([version])),
        notes=tuple((label, note) for label, note in languages if note),
        rules=reading.rules(version.policy, edits=False),
        settings=setting_rows(version.policy),
        events=event_rows(version.policy),
        may_copy=version.number != versions[0].number,
    )


def composed_notes(before: Policy, after: Policy, on: dt.date) -> dict[str, str]:
    """Will write in every language what members are told of a change. Two queries a language."""
    notes = {}
    for language, _label in LANGUAGES:
        with translation.override(language):
            notes[language] = wording.announcement(before, after, formats, tier_names(on), on)
    return notes


# ---- rows


def change_rows(before: Policy, after: Policy, tiers: Mapping[str, str], on: dt.date) -> tuple[ChangeRow, ...]:
    """Will put what changes into rows, what members lose first. No queries."""
    changes = wording.changes(before, after, formats, tiers, on)
    order = [Verdict.WORSE, Verdict.BETTER, Verdict.SAME]
    return tuple(
        ChangeRow(
            what=change.what,
            was=change.was or _("nothing"),
            becomes=change.becomes or _("nothing"),
            verdict=State(wording.verdict_words(change.verdict), VERDICTS[change.verdict]),
            is_staffs=change.is_staffs,
        )
        for change in sorted(changes, key=lambda change: order.index(change.verdict))
    )


def finding_rows(policy: Policy, on: dt.date, tiers: Mapping[str, str], at: dt.datetime) -> tuple[FindingRow, ...]:
    """Will put what lint finds into rows. Five queries."""
    today = clock.business_date(at)
    found = lint.lint(policy, on=on, known=known(policy, today), budgets=budgets_lately(today))
    names = {rule.code: wording.rule_name(rule.names, rule.code) for rule in policy.rules}
    return tuple(
        FindingRow(
            words=wording.finding_words(finding, policy, formats, tiers),
            rule=names.get(finding.rule, ""),
            url=_edit_url(finding.rule) if finding.rule else reverse("console:rules_settings"),
            is_error=finding.severity is Severity.ERROR,
        )
        for finding in found
    )


def setting_rows(policy: Policy) -> tuple[SettingRow, ...]:
    """Will put all settings but rules and events into words. No queries."""
    rows = [
        SettingRow(wording.setting_name(one.what), wording.setting_words(one.what, one.of(policy), formats))
        for one in drafts.SETTINGS
    ]
    return (*rows, SettingRow(wording.setting_name("expiry"), wording.expiry_words(policy.expiry, formats)))


def event_rows(policy: Policy) -> tuple[SettingRow, ...]:
    """Will put what events earn into words. No queries."""
    return tuple(
        SettingRow(_capital(wording.deed_name(kind)), wording.event_words(terms, formats))
        for kind, terms in policy.events.items()
    )


@dataclass(frozen=True)
class _Reading:
    """What rules are read with: names of tiers, the date, what they gave lately, and their budgets."""

    tiers: Mapping[str, str]
    today: dt.date
    given: Mapping[str, int]
    budgets: Mapping[str, points_queries.BudgetRow]

    def rules(self, policy: Policy, *, edits: bool) -> tuple[RuleRow, ...]:
        """Will put the rules of a policy into rows, in the order in which they apply."""
        ordered = sorted(policy.rules, key=lambda rule: (rule.priority, rule.code))
        return tuple(self._row(rule, edits) for rule in ordered)

    def _row(self, rule: EarningRule, edits: bool) -> RuleRow:
        who = [one for one in rule.when if one.kind in WHO]
        when = [one for one in rule.when if one.kind in WHEN]
        what = [one for one in rule.when if one.kind not in WHO | WHEN]
        limit = next((cap.points for cap in rule.caps if cap.per is CapPer.BUDGET), None)
        used = self.budgets[rule.code].used if rule.code in self.budgets else 0
        return RuleRow(
            code=rule.code,
            name=wording.rule_name(rule.names, rule.code),
            sentence=wording.rule_sentence(rule, formats, self.tiers),
            what=_joined(
                [_capital(wording.deed_name(rule.deed)), *self._said(what), wording.effect_words(rule, formats)]
            ),
            who=_joined(self._said(who)) or _("everybody"),
            when=_joined([*self._said(when), *_dates(rule)]) or _("always"),
            caps=tuple(wording.cap_words(cap, formats, rule.wallet) for cap in rule.caps),
            given=self._given(rule),
            budget=_("%(used)s of %(limit)s used") % {"used": formats.num(used), "limit": formats.num(limit)}
            if limit
            else "",
            is_on=rule.is_on,
            is_over=rule.ends_on is not None and rule.ends_on < self.today,
            priority=rule.priority,
            edit_url=_edit_url(rule.code) if edits else "",
        )

    def _given(self, rule: EarningRule) -> str:
        number = formats.num(self.given.get(rule.code, 0))
        return _("%(n)s growth value") % {"n": number} if rule.wallet is Wallet.GROWTH else number

    def _said(self, conditions: Sequence[Condition]) -> list[str]:
        return [wording.condition_words(one, formats, self.tiers) for one in conditions]


def _dates(rule: EarningRule) -> list[str]:
    words: dict[str, Any] = {
        "from": formats.cal(rule.starts_on) if rule.starts_on else "",
        "to": formats.cal(rule.ends_on) if rule.ends_on else "",
    }
    if rule.starts_on and rule.ends_on:
        return [_("from %(from)s to %(to)s") % words]
    if rule.starts_on:
        return [_("from %(from)s on") % words]
    return [_("through %(to)s") % words] if rule.ends_on else []


def _version_row(
    version: PolicyRow,
    versions: Sequence[PolicyRow],
    now: PolicyRow | None,
    tiers: Mapping[str, str],
    names: Mapping[str, str],
) -> VersionRow:
    place = [row.number for row in versions].index(version.number)
    before = versions[place + 1] if place + 1 < len(versions) else None
    state = State(_("Past"), "")
    if now is None or version.effective_on > now.effective_on:
        state = State(_("To come"), "info")
    elif version.number == now.number:
        state = State(_("In force"), "good")
    language = (translation.get_language() or "en").lower()
    return VersionRow(
        number=version.number,
        url=reverse("console:rules_version", args=[version.number]),
        state=state,
        effective_on=version.effective_on,
        published_at=version.published_at,
        who=names.get(version.actor, version.actor),
        note=version.note.get(language) or version.note.get("en", ""),
        changes=change_rows(before.policy, version.policy, tiers, version.effective_on) if before else (),
    )


def _start(draft: PolicyRow, at: dt.datetime) -> dt.date:
    """Will return the date from which a draft is looked at: its own, or tomorrow where that is over."""
    return max(draft.effective_on, clock.business_date(at) + dt.timedelta(days=1))


def _begun(draft: PolicyRow, names: Mapping[str, str]) -> str:
    words = {"who": names.get(draft.actor, draft.actor), "date": formats.cal(draft.created_at)}
    return _("Begun by %(who)s on %(date)s.") % words


def _actors(rows: Sequence[PolicyRow]) -> Mapping[str, str]:
    return people.names_of(row.actor for row in rows)


def _edit_url(code: str) -> str:
    return f"{reverse('console:rules_rule')}?{urlencode({'code': code})}"


def _joined(parts: Sequence[str]) -> str:
    return " · ".join(filter(None, parts))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
