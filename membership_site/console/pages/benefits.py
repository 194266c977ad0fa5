"""The matrix for the staff: benefit by tier, what a draft changes and for how many, what is wrong with it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language_info
from django.utils.translation import gettext as _

from benefits import queries as benefits_queries
from benefits.enums import BenefitKind, Family, Occasion
from benefits.queries import BenefitUses, LadderTiers, MatrixRow, Nameable
from benefits.rules import changes, lint
from benefits.rules.cells import ThingKind
from benefits.rules.matrix import NO_MATRIX, Benefit, Matrix
from benefits.wording import matrix as wording
from benefits.wording.words import Words
from kit import clock
from membership_site import formats
from membership_site.console.pages import people
from membership_site.console.pages.words import Badge, State, badge
from points import queries as points_queries
from points.enums import Severity, Verdict
from tiers import queries as tiers_queries

USE_DAYS = 30
MONTHS_OF = {Occasion.MONTHLY: 1, Occasion.QUARTERLY: 3, Occasion.BIRTHDAY: 12, Occasion.ANNIVERSARY: 12}
"""In how many months a benefit is given once, where that is known beforehand."""


@dataclass(frozen=True)
class CellView:
    """A cell: what it says, empty where the tier has it not, and where it is edited in a draft, under which id."""

    words: str
    tier: str
    url: str
    key: str


@dataclass(frozen=True)
class RowView:
    """A benefit as a row: what it is, when it is given, its cells, what is left to give, how it went."""

    code: str
    name: str
    kind: str
    when: str
    is_on: bool
    cells: tuple[CellView, ...]
    stock: str
    given: int
    cost_each: Decimal | None
    used: int
    edit_url: str
    shown_url: str
    is_first: bool
    is_last: bool


@dataclass(frozen=True)
class TableView:
    """The benefits of one ladder, by tier."""

    code: str
    name: str
    tiers: tuple[Badge, ...]
    rows: tuple[RowView, ...]


@dataclass(frozen=True)
class ChangeRow:
    """What a draft changes for a tier, and for how many members."""

    benefit: str
    tier: str
    was: str
    becomes: str
    members: int
    state: State


@dataclass(frozen=True)
class TouchRow:
    """A tier and its members: how many changes give them more, how many less, and what benefits may cost a month."""

    tier: Badge
    members: int
    gains: int
    losses: int
    cost_before: Decimal
    cost_after: Decimal


@dataclass(frozen=True)
class FindingRow:
    """Something that lint found, as console/ladder/parts/findings.html shows it."""

    words: str
    rule: str
    url: str
    is_error: bool


@dataclass(frozen=True)
class VersionRow:
    """A version among others."""

    number: int
    url: str
    state: State
    effective_on: dt.date
    published_at: dt.datetime | None
    who: str
    changes: tuple[ChangeRow, ...]


@dataclass(frozen=True)
class BenefitsPage:
    """What is in force, what comes and was, and whether there is a draft."""

    in_force: VersionRow | None
    tables: tuple[TableView, ...]
    versions: tuple[VersionRow, ...]
    draft_number: int


@dataclass(frozen=True)
class DraftPage:
    """The draft as one works on it, and what publishing it would do."""

    id: int
    number: int
    follows: int
    begun: str
    tables: tuple[TableView, ...]
    changes: tuple[ChangeRow, ...]
    touches: tuple[TouchRow, ...]
    findings: tuple[FindingRow, ...]
    errors: int
    earliest: dt.date
    wished: dt.date
    digest: str


@dataclass(frozen=True)
class VersionPage:
    """One published version, as it will stay."""

    version: VersionRow
    notes: tuple[tuple[str, str], ...]
    tables: tuple[TableView, ...]


@dataclass(frozen=True)
class About:
    """What the words of a page are made of: ladders, what can be named, and how things went lately."""

    ladders: tuple[LadderTiers, ...]
    named: Nameable
    words: Words
    uses: Mapping[str, BenefitUses]
    members: Mapping[str, int]

    @property
    def tier_names(self) -> dict[str, str]:
        """Names of tiers by code."""
        return {tier.code: badge(tier).name for ladder in self.ladders for tier in ladder.tiers}

    @property
    def codes(self) -> dict[str, list[str]]:
        """Codes of tiers by ladder."""
        return {ladder.code: [tier.code for tier in ladder.tiers] for ladder in self.ladders}


def about(at: dt.datetime) -> About:
    """Will read what pages of the matrix are made of. At most eleven queries with one ladder."""
    today = clock.business_date(at)
    ladders, named = tuple(benefits_queries.ladders_of(today)), benefits_queries.nameable()
    multipliers = {tier.code: tier.multiplier for ladder in ladders for tier in ladder.tiers}
    words = Words(formats, named.coupons, named.items, named.pools, multipliers)
    members: dict[str, int] = {}
    for ladder in ladders:
        members |= tiers_queries.count_on_ladder(ladder.code)
    uses = benefits_queries.uses_since(today - dt.timedelta(days=USE_DAYS))
    return About(ladders, named, words, uses, members)


# ---- pages


def benefits_page(at: dt.datetime) -> BenefitsPage:
    """Will assemble the matrix in force and its versions. At most fifteen queries with one ladder."""
    today, known = clock.business_date(at), about(at)
    versions, draft = benefits_queries.list_versions(), benefits_queries.find_matrix_draft()
    now = next((row for row in versions if row.effective_on <= today), None)
    names = people.names_of([row.actor for row in versions])
    rows = tuple(_version(row, versions, now, names, known) for row in versions)
    return BenefitsPage(
        in_force=next((row for row in rows if now and row.number == now.number), None),
        tables=_tables(now.matrix, known) if now else (),
        versions=rows,
        draft_number=draft.number if draft else 0,
    )


def draft_page(draft: MatrixRow, at: dt.datetime, wished: dt.date | None = None) -> DraftPage:
    """Will assemble the draft, what it changes for whom, and from when on it may hold. At most sixteen queries."""
    today, known = clock.business_date(at), about(at)
    before = next(iter(benefits_queries.list_versions()), None)
    old = before.matrix if before else NO_MATRIX
    changed = changes.changes(old, draft.matrix, known.codes, known.named.known)
    earliest = changes.earliest_start(old, changed, points_queries.policy_on(today).notice_days, today)
    findings = lint.lint(draft.matrix, known.codes, known.named.known)
    who = people.names_of([draft.actor])[draft.actor]
    return DraftPage(
        id=draft.id,
        number=draft.number,
        follows=before.number if before else 0,
        begun=_("Begun on %(date)s by %(who)s") % {"date": formats.cal(draft.created_at), "who": who},
        tables=_tables(draft.matrix, known, is_draft=True),
        changes=_changes(old, draft.matrix, changed, known),
        touches=tuple(_touches(old, draft.matrix, changed, known)),
        findings=tuple(_finding(one, draft.matrix, known) for one in findings),
        errors=len(lint.errors(findings)),
        earliest=earliest,
        wished=max(earliest, wished or draft.effective_on),
        digest=draft.digest,
    )


def version_page(version: MatrixRow, at: dt.datetime) -> VersionPage:
    """Will assemble one published version. At most fifteen queries."""
    known, versions = about(at), benefits_queries.list_versions()
    today = clock.business_date(at)
    now = next((row for row in versions if row.effective_on <= today), None)
    row = _version(version, versions, now, people.names_of([version.actor]), known)
    notes = tuple((get_language_info(code)["name_local"], text) for code, text in version.note.items() if text)
    return VersionPage(row, notes, _tables(version.matrix, known))


# ---- leaves


def _tables(matrix: Matrix, known: About, *, is_draft: bool = False) -> tuple[TableView, ...]:
    tables = []
    order = [benefit.code for benefit in matrix.benefits]
    for ladder in known.ladders:
        rows = [one for one in matrix.benefits if one.ladder == ladder.code]
        if rows or ladder.code == tiers_queries.MAIN:
            views = tuple(_row(one, ladder, known, is_draft=is_draft, order=order) for one in rows)
            tables.append(TableView(ladder.code, ladder.name, tuple(badge(tier) for tier in ladder.tiers), views))
    return tuple(tables)


def _row(benefit: Benefit, ladder: LadderTiers, known: About, *, is_draft: bool, order: Sequence[str]) -> RowView:
    uses = known.uses.get(benefit.code, BenefitUses())
    shown = benefit.kind is BenefitKind.POINTS_MULTIPLIER
    return RowView(
        code=benefit.code,
        name=wording.benefit_name(benefit),
        kind=wording.kind_name(benefit.kind),
        when=wording.when_words(benefit, formats),
        is_on=benefit.is_on,
        cells=tuple(
            CellView(
                words=wording.cell_words(benefit, tier.code, known.words),
                tier=known.tier_names[tier.code],
                url=cell_url(benefit.code, tier.code) if is_draft and not shown else "",
                key=cell_key(benefit.code, tier.code),
            )
            for tier in ladder.tiers
        ),
        stock=_stock(benefit, known.named),
        given=uses.given,
        used=uses.used,
        cost_each=uses.cost_each,
        edit_url=_at("benefits_benefit", code=benefit.code) if is_draft else "",
        shown_url=reverse("console:ladder", args=[benefit.ladder]) if shown else "",
        is_first=order[0] == benefit.code,
        is_last=order[-1] == benefit.code,
    )


def cell_key(benefit: str, tier: str) -> str:
    """Will return the id of what opens a cell, which takes the focus when that is closed."""
    return f"cell-{benefit}-{tier}"


def cell_url(benefit: str, tier: str) -> str:
    """Will return the address where a cell of the draft is edited."""
    return _at("benefits_cell", benefit=benefit, tier=tier)


def _at(name: str, **asked: str) -> str:
    return f"{reverse(f'console:{name}')}?{urlencode(asked)}"


def _stock(benefit: Benefit, named: Nameable) -> str:
    """How many of the gifts it gives are left, the scarcest first; empty where none can run out."""
    items = {
        thing.code
        for cell in benefit.cells.values()
        if cell
        for thing in cell.things()
        if thing.kind is ThingKind.ITEM and named.stock.get(thing.code) is not None
    }
    left = [count for code in items if (count := named.stock[code]) is not None]
    return formats.num(min(left)) if left else ""


def _version(
    row: MatrixRow, versions: Sequence[MatrixRow], now: MatrixRow | None, names: Mapping[str, str], known: About
) -> VersionRow:
    place = [one.number for one in versions].index(row.number)
    before = versions[place + 1].matrix if place + 1 < len(versions) else NO_MATRIX
    changed = changes.changes(before, row.matrix, known.codes, known.named.known) if before.benefits else []
    if now is not None and row.number == now.number:
        state = State(_("In force"), "good")
    elif now is None or (row.effective_on, row.number) > (now.effective_on, now.number):
        state = State(_("To come"), "info")
    else:
        state = State(_("Past"), "")
    return VersionRow(
        number=row.number,
        url=reverse("console:benefits_version", args=[row.number]),
        state=state,
        effective_on=row.effective_on,
        published_at=row.published_at,
        who=names[row.actor],
        changes=_changes(before, row.matrix, changed, known),
    )


def _verdict(verdict: Verdict) -> State:
    return State(_("Members lose"), "bad") if verdict is Verdict.WORSE else State(_("Members gain"), "good")


def _changes(before: Matrix, after: Matrix, found: Sequence[changes.Change], known: About) -> tuple[ChangeRow, ...]:
    rows = []
    for one in found:
        code = one.benefit.code
        said = wording.change_words(one, before.find(code), after.find(code), known.words, known.tier_names)
        members = known.members.get(one.tier, 0)
        rows.append(ChangeRow(said.benefit, said.tier, said.was, said.becomes, members, _verdict(one.verdict)))
    return tuple(rows)


def _touches(before: Matrix, after: Matrix, found: Sequence[changes.Change], known: About) -> list[TouchRow]:
    rows = []
    for ladder in known.ladders:
        for tier in ladder.tiers:
            of_tier = [one.verdict for one in found if one.tier == tier.code and one.benefit.ladder == ladder.code]
            costs = [_cost(matrix, ladder.code, tier.code, known) for matrix in (before, after)]
            if of_tier:
                gains, losses = of_tier.count(Verdict.BETTER), of_tier.count(Verdict.WORSE)
                members = known.members.get(tier.code, 0)
                rows.append(TouchRow(badge(tier), members, gains, losses, costs[0], costs[1]))
    return rows


def _cost(matrix: Matrix, ladder: str, tier: str, known: About) -> Decimal:
    """What the benefits of a tier may cost a month, by their stated cost: given to everybody, or used as lately."""
    members = known.members.get(tier, 0)
    total = Decimal(0)
    for benefit in matrix.benefits:
        if benefit.ladder == ladder and benefit.cost and benefit.cell_of(tier) is not None:
            total += benefit.cost * _times_a_month(benefit, members, known)
    return total


def _times_a_month(benefit: Benefit, members: int, known: About) -> Decimal:
    if benefit.family is Family.ISSUED and benefit.occasion in MONTHS_OF:
        return Decimal(members) / MONTHS_OF[benefit.occasion]
    holders = sum(count for tier, count in known.members.items() if benefit.cell_of(tier) is not None)
    uses = known.uses.get(benefit.code, BenefitUses())
    return Decimal(max(uses.given, uses.used) * members) / holders if holders else Decimal(0)


def _finding(one: lint.Finding, matrix: Matrix, known: About) -> FindingRow:
    benefit = matrix.find(one.benefit)
    name = wording.benefit_name(benefit) if benefit else ""
    url = cell_url(one.benefit, one.tier) if one.tier else _at("benefits_benefit", code=one.benefit)
    words = wording.finding_words(one, name, known.tier_names)
    return FindingRow(words, "", url, one.severity is Severity.ERROR)
