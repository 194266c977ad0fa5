"""A ladder for the staff: what is in force as columns, what comes, the draft, and what publishing it would do."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit import clock
from membership_site import formats
from membership_site.console.forms.policies import LANGUAGES
from membership_site.console.pages import people
from membership_site.console.pages.policies import VERDICTS, ChangeRow, SettingRow
from membership_site.console.pages.words import Badge, State, badge
from points.enums import Verdict
from points.wording import verdict_words
from tiers import queries as tiers_queries
from tiers import wording
from tiers.enums import Severity
from tiers.queries import LadderVersionView
from tiers.rules import Requirement, Rung, lint

FIELD_OF = {
    "lowest_asks": "reach",
    "unreachable": "reach",
    "asks_nothing": "reach",
    "never_stood_on": "reach",
    "easier_than_below": "reach",
    "never_kept": "keep",
    "keep_above_reach": "keep",
    "re_enter_below_keep": "re_enter",
    "multiplier_not_growing": "multiplier",
    "invitation_with_thresholds": "by_invitation",
    "protection_without_effect": "protection_days",
    "notice_shorter": "notice_days",
}
"""Beside which field what lint found is shown."""


@dataclass(frozen=True)
class FindingRow:
    """Something that lint found: of which tier and field, and where it is mended."""

    words: str
    rule: str
    url: str
    is_error: bool
    tier: str
    field: str


@dataclass(frozen=True)
class Asked:
    """What a tier asks: how it begins, and each way."""

    title: str
    join: str
    ways: tuple[str, ...]
    findings: tuple[FindingRow, ...] = ()


@dataclass(frozen=True)
class Column:
    """A tier as a column of the ladder; `members` of those who hold it today, empty where that is not asked."""

    code: str
    tier: Badge
    names: tuple[tuple[str, str], ...]
    rate: str
    asks: tuple[Asked, ...]
    marks: tuple[str, ...]
    members: str
    findings: tuple[FindingRow, ...]
    edit_url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class VersionRow:
    """A version among others; `state` says whether it is in force, to come or past."""

    number: int
    url: str
    preview_url: str
    state: State
    effective_on: dt.date
    published_at: dt.datetime | None
    who: str
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True)
class LadderLink:
    """A ladder among others."""

    name: str
    url: str
    is_current: bool


@dataclass(frozen=True)
class LadderPage:
    """What is in force, what comes, what was, and the draft in short."""

    ladder: str
    name: str
    ladders: tuple[LadderLink, ...]
    in_force: VersionRow | None
    columns: tuple[Column, ...]
    settings: tuple[SettingRow, ...]
    coming: tuple[VersionRow, ...]
    versions: tuple[VersionRow, ...]
    draft_number: int
    draft_begun: str
    draft_changes: tuple[ChangeRow, ...]


@dataclass(frozen=True)
class DraftPage:
    """The draft as one works on it."""

    id: int
    ladder: str
    name: str
    number: int
    begun: str
    columns: tuple[Column, ...]
    settings: tuple[SettingRow, ...]
    changes: tuple[ChangeRow, ...]
    findings: tuple[FindingRow, ...]
    errors: int
    is_first: bool


@dataclass(frozen=True)
class PublishPage:
    """What publishing the draft from a date on would do."""

    id: int
    ladder: str
    name: str
    number: int
    follows: int
    wished: dt.date
    earliest: dt.date
    changes: tuple[ChangeRow, ...]
    falls: str
    findings: tuple[FindingRow, ...]
    errors: int
    notes: Mapping[str, str]
    note_en: str
    note_zh_hans: str
    note_zh_hant: str
    digest: str


@dataclass(frozen=True)
class VersionPage:
    """One published version, as it will stay."""

    ladder: str
    name: str
    version: VersionRow
    notes: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    settings: tuple[SettingRow, ...]
    may_copy: bool


@dataclass(frozen=True)
class EditorPage:
    """The page that edits a tier of the draft; `findings` by the group of fields they belong to."""

    ladder: str
    name: str
    number: int
    title: str
    findings: tuple[FindingRow, ...]


# ---- pages


def ladder_page(ladder: str, at: dt.datetime) -> LadderPage | None:
    """Will assemble a ladder; None for an unknown one. At most eight queries, however many tiers and versions."""
    today = clock.business_date(at)
    ladders = tiers_queries.list_ladders()
    this = next((row for row in ladders if row.code == ladder), None)
    if this is None:
        return None
    versions, draft = tiers_queries.list_ladder_versions(ladder), tiers_queries.find_ladder_draft(ladder)
    names = _actors([*versions, *([draft] if draft else [])])
    now = next((version for version in versions if version.effective_on <= today), None)
    rows = [_version_row(version, versions, now, names) for version in versions]
    come = [row for row in rows if row.effective_on > today]
    return LadderPage(
        ladder=ladder,
        name=_name(this),
        ladders=tuple(
            LadderLink(_name(row), reverse("console:ladder", args=[row.code]), row.code == ladder)
            for row in ladders
            if len(ladders) > 1
        ),
        in_force=next((row for row in rows if now and row.number == now.number), None),
        columns=_columns(now, tiers_queries.count_on_ladder(ladder)) if now else (),
        settings=setting_rows(now) if now else (),
        coming=tuple(reversed(come)),
        versions=tuple(rows),
        draft_number=draft.number if draft else 0,
        draft_begun=_begun(draft, names) if draft else "",
        draft_changes=change_rows(versions[0], draft) if draft and versions else (),
    )


def draft_page(draft: LadderVersionView, at: dt.datetime) -> DraftPage:
    """Will assemble the draft: its columns, what changes, and what lint finds. Six queries."""
    before = _latest(draft.ladder)
    findings = finding_rows(before, draft)
    return DraftPage(
        id=draft.id,
        ladder=draft.ladder,
        name=name_of(draft.ladder),
        number=draft.number,
        begun=_begun(draft, _actors([draft])),
        columns=_columns(draft, {}, findings),
        settings=setting_rows(draft),
        changes=change_rows(before, draft) if before else (),
        findings=findings,
        errors=sum(finding.is_error for finding in findings),
        is_first=before is None,
    )


def publish_page(draft: LadderVersionView, wished: dt.date | None, at: dt.datetime) -> PublishPage:
    """Will assemble what publishing would do from a date on, by default tomorrow at the earliest. Six queries."""
    today, before = clock.business_date(at), _latest(draft.ladder)
    earliest = max(today, before.effective_on if before else dt.date.min)
    on = max(wished or max(draft.effective_on, today + dt.timedelta(days=1)), earliest)
    findings = finding_rows(before, draft)
    notes = composed_notes(before, draft, on) if before else {}
    return PublishPage(
        id=draft.id,
        ladder=draft.ladder,
        name=name_of(draft.ladder),
        number=draft.number,
        follows=before.number if before else 0,
        wished=on,
        earliest=earliest,
        changes=change_rows(before, draft) if before else (),
        falls=falls_words(draft, on),
        findings=findings,
        errors=sum(finding.is_error for finding in findings),
        notes=notes,
        note_en=notes.get("en", ""),
        note_zh_hans=notes.get("zh-hans", ""),
        note_zh_hant=notes.get("zh-hant", ""),
        digest=draft.digest,
    )


def version_page(version: LadderVersionView, at: dt.datetime) -> VersionPage:
    """Will assemble one published version with what it changed. Six queries."""
    today, versions = clock.business_date(at), tiers_queries.list_ladder_versions(version.ladder)
    now = next((row for row in versions if row.effective_on <= today), None)
    languages = [(str(label), version.note.get(code, "")) for code, label in LANGUAGES]
    return VersionPage(
        ladder=version.ladder,
        name=name_of(version.ladder),
        version=_version_row(version, versions, now, _actors([version])),
        notes=tuple((label, note) for label, note in languages if note),
        columns=_columns(version, {}),
        settings=setting_rows(version),
        may_copy=version.number != versions[0].number,
    )


def editor_page(draft: LadderVersionView, code: str) -> EditorPage:
    """Will assemble what stands around the form of one tier, of a new one where the code is empty. Four queries."""
    tier = next((tier for tier in draft.tiers if tier.code == code), None)
    title = _("Change %(tier)s") % {"tier": wording.tier_name(tier)} if tier else _("Add a tier")
    findings = finding_rows(_latest(draft.ladder), draft)
    return EditorPage(
        draft.ladder,
        name_of(draft.ladder),
        draft.number,
        title,
        tuple(one for one in findings if code and one.tier == code),
    )


def settings_page(draft: LadderVersionView) -> EditorPage:
    """Will assemble what stands around the form of the settings. Four queries."""
    findings = finding_rows(_latest(draft.ladder), draft)
    about = tuple(one for one in findings if not one.tier)
    return EditorPage(draft.ladder, name_of(draft.ladder), draft.number, _("Settings of the ladder"), about)


def composed_notes(before: LadderVersionView, after: LadderVersionView, on: dt.date) -> dict[str, str]:
    """Will write in every language what members are told of a change. No queries."""
    return {
        language: wording.ladder_announcement(before, after, formats, on, language) for language, _label in LANGUAGES
    }


def falls_words(version: LadderVersionView, on: dt.date) -> str:
    """Will say when a version that begins on a date may let members fall first."""
    days = version.terms.notice_days
    if not days:
        return _("It has no notice: from its first day on it may let members fall whose tier ends.")
    words = {"date": formats.cal(on + dt.timedelta(days=days)), "days": wording.days(days, formats)}
    return _("Its notice is %(days)s: nobody falls under it before %(date)s.") % words


# ---- rows


def change_rows(before: LadderVersionView, after: LadderVersionView) -> tuple[ChangeRow, ...]:
    """Will put what changes into rows, what members lose first. No queries."""
    order = [Verdict.WORSE, Verdict.BETTER, Verdict.SAME]
    return tuple(
        ChangeRow(
            what=change.what,
            was=change.was or _("nothing"),
            becomes=change.becomes or _("nothing"),
            verdict=State(verdict_words(change.verdict), VERDICTS[change.verdict]),
            is_staffs=change.is_staffs,
        )
        for change in sorted(
            wording.ladder_changes(before, after, formats), key=lambda change: order.index(change.verdict)
        )
    )


def finding_rows(before: LadderVersionView | None, draft: LadderVersionView) -> tuple[FindingRow, ...]:
    """Will put what lint finds into rows, each with where it is mended. No queries."""
    versions = [before, draft] if before else [draft]
    names = {tier.code: wording.tier_name(tier) for version in versions for tier in version.tiers}
    there = {tier.code for tier in draft.tiers}
    return tuple(
        FindingRow(
            words=wording.finding(found, names, formats),
            rule=names.get(found.tier, ""),
            url=_edit_url(draft.ladder, found.tier) if found.tier in there else _settings_url(draft.ladder, found.tier),
            is_error=found.severity is Severity.ERROR,
            tier=found.tier,
            field=FIELD_OF.get(found.code, ""),
        )
        for found in lint.lint(draft.terms, before.terms if before else None)
    )


def setting_rows(version: LadderVersionView) -> tuple[SettingRow, ...]:
    """Will put the settings of a version into words. No queries."""
    return tuple(SettingRow(name, value) for name, value in wording.settings_in_words(version, formats))


def _columns(
    version: LadderVersionView, members: Mapping[str, int], findings: Sequence[FindingRow] = ()
) -> tuple[Column, ...]:
    """Will put the tiers of a version beside one another, lowest first."""
    columns = []
    for tier, rung in zip(version.tiers, version.terms.rungs, strict=True):
        found = tuple(one for one in findings if one.tier == tier.code)
        held = members.get(tier.code, 0)
        columns.append(
            Column(
                code=tier.code,
                tier=badge(tier),
                names=tuple((code, tier.names.get(code, "")) for code, _label in LANGUAGES),
                rate=wording.rate_words(rung.multiplier, formats),
                asks=tuple(_asks(rung, found)),
                marks=_marks(rung),
                members=ngettext("%(n)s member", "%(n)s members", held) % {"n": formats.num(held)} if members else "",
                findings=tuple(one for one in found if one.field not in ("reach", "keep", "re_enter")),
                edit_url=_edit_url(version.ladder, tier.code),
                is_first=rung.rank == 0,
                is_last=rung.rank == len(version.terms.rungs) - 1,
            )
        )
    return tuple(columns)


def _asks(rung: Rung, findings: Sequence[FindingRow]) -> list[Asked]:
    titles = {"reach": _("To reach it"), "keep": _("To keep it"), "re_enter": _("To come back to it")}
    asked: dict[str, Requirement | None] = {"reach": rung.reach, "keep": rung.keep, "re_enter": rung.re_enter}
    rows = []
    for what, title in titles.items():
        need = asked[what]
        about = tuple(one for one in findings if one.field == what)
        if rung.rank == 0 and not about and not (need and need.ways()):
            continue
        if need is None:
            rows.append(Asked(title, "", (_("as to reach it"),), about))
            continue
        ways = tuple(wording.amount(metric, value, formats) for metric, value in need.ways())
        join = (_("any of") if need.join == "any" else _("all of")) if len(ways) > 1 else ""
        rows.append(Asked(title, join, ways or (_("no way"),), about))
    return rows


def _marks(rung: Rung) -> tuple[str, ...]:
    marks = []
    if rung.rank == 0:
        marks.append(_("Everybody’s"))
    if rung.never_lost:
        marks.append(_("Never lost"))
    if rung.by_invitation:
        marks.append(_("By invitation"))
    return tuple(marks)


def _version_row(
    version: LadderVersionView,
    versions: Sequence[LadderVersionView],
    now: LadderVersionView | None,
    names: Mapping[str, str],
) -> VersionRow:
    place = [row.number for row in versions].index(version.number)
    before = versions[place + 1] if place + 1 < len(versions) else None
    state = State(_("Past"), "")
    if now is None or version.effective_on > now.effective_on:
        state = State(_("To come"), "info")
    elif version.number == now.number:
        state = State(_("In force"), "good")
    return VersionRow(
        number=version.number,
        url=reverse("console:ladder_version", args=[version.ladder, version.number]),
        preview_url=reverse("console:ladder_preview", args=[version.ladder, version.number]),
        state=state,
        effective_on=version.effective_on,
        published_at=version.published_at,
        who=names.get(version.actor, version.actor),
        changes=change_rows(before, version) if before else (),
    )


# ---- leaves


def _latest(ladder: str) -> LadderVersionView | None:
    return next(iter(tiers_queries.list_ladder_versions(ladder)), None)


def name_of(ladder: str) -> str:
    """Will return what a ladder is called: Tiers the main one, the others as they were named. Two queries."""
    return next((_name(row) for row in tiers_queries.list_ladders() if row.code == ladder), ladder)


def _name(row: tiers_queries.LadderRow) -> str:
    return _("Tiers") if row.code == tiers_queries.MAIN else row.name


def _begun(draft: LadderVersionView, names: Mapping[str, str]) -> str:
    return _("Begun by %(who)s.") % {"who": names.get(draft.actor, draft.actor)}


def _actors(rows: Sequence[LadderVersionView]) -> Mapping[str, str]:
    return people.names_of(row.actor for row in rows)


def _edit_url(ladder: str, code: str) -> str:
    return f"{reverse('console:ladder_tier', args=[ladder])}?{urlencode({'code': code})}"


def _settings_url(ladder: str, gone: str) -> str:
    return reverse("console:ladder_draft" if gone else "console:ladder_settings", args=[ladder])
