"""Segments: the list, the builder with its live count, one segment with its versions, and lists of members."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import queries as campaigns_queries
from campaigns import wording
from campaigns.queries import Reach, SegmentRow, VersionRow
from campaigns.rules.segments import BadTree, Problem, Tree, conditions_of, tree_from
from kit import clock
from kit.enums import Extra, FieldKind, Operator
from kit.segments import COUNTED, MANY, SegmentField
from membership_site import charts, formats
from membership_site.console.access import Capability, Person
from membership_site.console.forms.segments import Typed, TypedRow, stored_of
from membership_site.console.pages.members import Option, member_url
from membership_site.console.pages.people import names_of
from membership_site.console.pages.words import Badge, badge
from points.wording import rule_name
from tiers import queries as tiers_queries

SHOWN_MAX = 200
"""So many choices of a field are offered in a list; the others are found by another field."""


@dataclass(frozen=True)
class OptionGroup:
    """Fields that belong together."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True)
class ExtraInput:
    """What a condition may say besides its value: days, times, a property."""

    name: str
    label: str
    value: str
    is_number: bool


@dataclass(frozen=True)
class Row:
    """One condition of the builder; `control` is select, multiple, number, date, text or none."""

    key: str
    label: str
    field: str
    groups: tuple[OptionGroup, ...]
    operators: tuple[Option, ...]
    control: str
    value: str
    options: tuple[Option, ...]
    unit: str
    extras: tuple[ExtraInput, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class RowGroup:
    """Conditions of the builder that stand together."""

    key: str
    label: str
    join: str
    rows: tuple[Row, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class Builder:
    """The builder, wherever it stands: `action` is asked when rows change, `count_url` for the count."""

    action: str
    count_url: str
    join: str
    rows: tuple[Row, ...]
    groups: tuple[RowGroup, ...]
    errors: tuple[str, ...]
    is_full: bool

    @property
    def has_errors(self) -> bool:
        """Whether anything is marked as wrong."""
        rows = (*self.rows, *(row for group in self.groups for row in group.rows))
        return bool(self.errors or any(row.errors for row in rows) or any(group.errors for group in self.groups))


@dataclass(frozen=True)
class TierShare:
    """How many of a segment hold a tier."""

    name: str
    look: str
    members: int


@dataclass(frozen=True)
class ExampleRow:
    """A member of a segment."""

    url: str
    name: str
    tier: str
    spend: Decimal | None


@dataclass(frozen=True)
class Live:
    """Whom a question means now; `trouble` says why it was not counted."""

    count: int = 0
    words: str = ""
    bar: str = ""
    tiers: tuple[TierShare, ...] = ()
    left_out: tuple[tuple[str, int], ...] = ()
    examples: tuple[ExampleRow, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class Listed:
    """A segment in the list of them."""

    url: str
    name: str
    is_list: bool
    is_shared: bool
    asks: str
    owner: str
    version: int
    changed_at: dt.datetime


@dataclass(frozen=True)
class VersionCard:
    """One wording of a segment, and what changed with it."""

    number: int
    sentence: str
    who: str
    at: dt.datetime
    gone: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True)
class Asker:
    """What asks a segment, and where it stands."""

    name: str
    url: str


@dataclass(frozen=True)
class SegmentPage:
    """One segment or list; `changed_by` names who saved the latest version where it was not the owner.

    `is_kept_by_reader` lets the reader name, share and put it away.
    """

    id: int
    name: str
    is_list: bool
    is_shared: bool
    is_archived: bool
    owner: str
    version: int
    sentence: str
    live: Live
    versions: tuple[VersionCard, ...]
    used_by: tuple[Asker, ...]
    changed_by: str
    is_kept_by_reader: bool
    members_url: str
    can_be_edited: bool


# ---- the builder


def builder_of(
    typed: Typed, today: dt.date, *, action: str, count_url: str, problems: Mapping[str, Sequence[str]] | None = None
) -> Builder:
    """Will draw the builder; `problems` are words by the key of a row or group, or by an empty one.

    One or two queries for each field among the rows that offers choices.
    """
    fields = campaigns_queries.segment_fields()
    asked = [row.field for row in (*typed.rows, *(row for group in typed.groups for row in group.rows))]
    chosen = campaigns_queries.choices_of(asked, today)
    wrong = problems or {}
    names = {row.key: _("Condition %(n)s") % {"n": n} for n, row in enumerate(typed.rows, 1)}
    groups = []
    for n, group in enumerate(typed.groups, 1):
        label = _("Group %(n)s") % {"n": n}
        inside = {row.key: _("Group %(g)s, condition %(n)s") % {"g": n, "n": m} for m, row in enumerate(group.rows, 1)}
        names |= inside
        rows = tuple(_row(row, names[row.key], fields, chosen, wrong) for row in group.rows)
        groups.append(RowGroup(group.key, label, group.join, rows, tuple(wrong.get(group.key, ()))))
    return Builder(
        action=action,
        count_url=count_url,
        join=typed.join,
        rows=tuple(_row(row, names[row.key], fields, chosen, wrong) for row in typed.rows),
        groups=tuple(groups),
        errors=tuple(wrong.get("", ())),
        is_full=typed.is_full,
    )


def _row(
    row: TypedRow,
    label: str,
    fields: Mapping[str, SegmentField],
    chosen: Mapping[str, Sequence[tuple[str, str]]],
    wrong: Mapping[str, Sequence[str]],
) -> Row:
    known = fields.get(row.field)
    groups = _groups(fields, row.field)
    if known is None:
        return Row(row.key, label, row.field, groups, (), "none", "", (), "", (), tuple(wrong.get(row.key, ())))
    operator = Operator(row.operator)
    return Row(
        key=row.key,
        label=label,
        field=row.field,
        groups=groups,
        operators=tuple(
            Option(one.value, wording.operator_words(known, one), one is operator) for one in known.operators
        ),
        control=_control(known, operator, chosen.get(row.field, ())),
        value=row.values[0] if row.values else "",
        options=_options(known, row, chosen.get(row.field, ())),
        unit=_unit(known),
        extras=_extras(known, row),
        errors=tuple(wrong.get(row.key, ())),
    )


def _groups(fields: Mapping[str, SegmentField], current: str) -> tuple[OptionGroup, ...]:
    found: dict[str, list[Option]] = {}
    for one in fields.values():
        found.setdefault(one.group, []).append(Option(one.code, str(one.label), one.code == current))
    groups = [OptionGroup(wording.group_words(group), tuple(options)) for group, options in found.items()]
    if current not in fields:
        groups.insert(0, OptionGroup("–", (Option(current, _("Choose a field"), is_chosen=True),)))
    return tuple(groups)


def _control(known: SegmentField, operator: Operator, chosen: Sequence[tuple[str, str]]) -> str:
    if not known.wants_value(operator):
        return "none"
    if chosen or known.kind in (FieldKind.MEMBERSHIP, FieldKind.LADDER):
        return "multiple" if operator in MANY else "select"
    if known.kind is FieldKind.DATE:
        return "date"
    return "number" if known.kind in COUNTED else "text"


def _options(known: SegmentField, row: TypedRow, chosen: Sequence[tuple[str, str]]) -> tuple[Option, ...]:
    """What can be chosen; what was chosen and is gone stays, so that nothing changes unseen."""
    options = [Option(value, words, value in row.values) for value, words in chosen[:SHOWN_MAX]]
    offered = {option.value for option in options}
    words = dict(chosen)
    kept = [value for value in row.values if value and value not in offered]
    options += [Option(one, words.get(one) or _("%(value)s (gone)") % {"value": one}, is_chosen=True) for one in kept]
    if not known.needs_value:
        options.insert(0, Option("", _("any"), not row.values or row.values == ("",)))
    elif known.kind is FieldKind.MEMBERSHIP:
        options.insert(0, Option("", _("Choose"), not row.values))
    return tuple(options)


def _unit(known: SegmentField) -> str:
    if known.kind in (FieldKind.AGO, FieldKind.AHEAD):
        return _("days")
    return "%" if known.kind in (FieldKind.PERCENT, FieldKind.SHARE) else ""


def _extras(known: SegmentField, row: TypedRow) -> tuple[ExtraInput, ...]:
    labels = {
        Extra.DAYS: _("within days")
        if known.days and known.kind is FieldKind.NUMBER and known.group == "points"
        else _("in the last days"),
        Extra.TIMES: _("at least times"),
        Extra.NAME: _("drawn as") if known.kind is FieldKind.SHARE else _("property"),
        Extra.EQUALS: _("is"),
    }
    usual = {Extra.DAYS: str(known.days or ""), Extra.TIMES: "", Extra.NAME: "", Extra.EQUALS: ""}
    return tuple(
        ExtraInput(extra.value, labels[extra], row.extras.get(extra.value, "") or usual[extra], extra in NUMBERS)
        for extra in known.takes
    )


NUMBERS = (Extra.DAYS, Extra.TIMES)


def completed(typed: Typed, today: dt.date) -> Typed:
    """Will choose the first of what can be chosen where nothing was yet, as the browser shows it.

    One or two queries for each field of such rows.
    """
    rows = [row for row in (*typed.rows, *(row for group in typed.groups for row in group.rows)) if not row.values]
    fields = campaigns_queries.segment_fields()
    firsts = {
        code: pairs[0][0]
        for code, pairs in campaigns_queries.choices_of([row.field for row in rows], today).items()
        if pairs and fields[code].needs_value and fields[code].kind is not FieldKind.MEMBERSHIP
    }

    def chosen(row: TypedRow) -> TypedRow:
        known = fields.get(row.field)
        is_one = known is not None and known.wants_value(Operator(row.operator)) and row.operator not in MANY
        return replace(row, values=(firsts[row.field],)) if is_one and not row.values and row.field in firsts else row

    groups = tuple(replace(group, rows=tuple(map(chosen, group.rows))) for group in typed.groups)
    return replace(typed, rows=tuple(map(chosen, typed.rows)), groups=groups)


def read_tree(typed: Typed) -> tuple[Tree | None, dict[str, list[str]]]:
    """Will read what was typed as a question: the tree, or what is wrong by the key of its row. No query."""
    stored, keys = stored_of(typed)
    try:
        return tree_from(stored, campaigns_queries.segment_fields()), {}
    except BadTree as error:
        return None, problems_of(error.problems, keys)


def problems_of(problems: Sequence[Problem], keys: Mapping[tuple[str | int, ...], str]) -> dict[str, list[str]]:
    """Will say problems in words, by the key of the row or group that each is in."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        path = problem.path
        while path and path not in keys:
            path = path[:-1]
        found.setdefault(keys.get(path, ""), []).append(wording.problem_words(problem, formats))
    return found


# ---- the live count


def live_of(tree: Tree | None, at: dt.datetime) -> Live:
    """Will count whom a question means. Nine queries, and one or two for each condition on tiers."""
    if tree is None:
        return Live(trouble=_("Not counted: a condition is not finished."))
    try:
        reach = campaigns_queries.reach_of(tree, at)
    except campaigns_queries.TooMuch:
        return Live(trouble=_too_much(tree))
    ids = [tier_id for tier_id, _members in reach.tiers if tier_id]
    return _live(reach, _tier_badges(ids))


def _too_much(tree: Tree) -> str:
    """Will say that a question is not counted while somebody waits, and which of its conditions take long. No query."""
    known = campaigns_queries.segment_fields()
    slow = [
        str(known[code].label) for code in dict.fromkeys(one.field for one in conditions_of(tree)) if known[code].sums
    ]
    said = [_("This asks too much to be counted while you wait. Take a condition away, or ask for a tier or tag too.")]
    if slow:
        words = _("What takes long: %(fields)s, summed up anew over the whole period. Fewer days are faster.")
        said.append(words % {"fields": formats.listing(slow)})
    said.append(_("It can be saved and used all the same: campaigns and files wait for it."))
    return formats.prose(said)


def seen_by(live: Live, person: Person) -> Live:
    """Will leave the examples out for who may not see members. No query."""
    return live if person.may(Capability.SEE_MEMBERS) else replace(live, examples=())


def _live(reach: Reach, badges: Mapping[int, tuple[int, Badge]]) -> Live:
    nobody = Badge(_("No tier"), "graphite", "")
    by_name: dict[str, tuple[int, TierShare]] = {}
    for tier_id, members in reach.tiers:
        rank, shown = badges.get(tier_id, (-1, nobody)) if tier_id else (-1, nobody)
        before = by_name[shown.name][1].members if shown.name in by_name else 0
        by_name[shown.name] = (rank, TierShare(shown.name, shown.look, before + members))
    tiers = tuple(share for _rank, share in sorted(by_name.values(), key=lambda pair: -pair[0]))
    whole = max(reach.count, 1)
    words = ngettext("member matches, %(share)s of %(all)s", "members match, %(share)s of %(all)s", reach.count)
    share = reach.count / reach.everybody if reach.everybody else 0
    return Live(
        count=reach.count,
        words=words % {"share": formats.pct(share), "all": formats.num(reach.everybody)},
        bar=charts.split([(f"look-{tier.look}", tier.members / whole) for tier in tiers]),
        tiers=tiers,
        left_out=tuple((wording.left_out_words(reason), number) for reason, number in reach.left_out),
        examples=tuple(
            ExampleRow(
                member_url(one.number),
                one.name or _("No name"),
                badges[one.tier_id][1].name if one.tier_id is not None and one.tier_id in badges else "",
                one.spend,
            )
            for one in reach.examples
        ),
    )


def _tier_badges(ids: Iterable[int]) -> dict[int, tuple[int, Badge]]:
    """Every version of the ladder has tiers of its own. One query."""
    return {tier_id: (view.rank, badge(view)) for tier_id, view in tiers_queries.tiers_of_ids(ids).items()}


# ---- pages


def sentence_of(tree: Tree, today: dt.date) -> str:
    """Will say whom a question means. One or two queries for each of its fields that offers choices."""
    names = campaigns_queries.names_in([tree], today)
    return wording.sentence(tree, campaigns_queries.segment_fields(), names, formats)


def list_page(account_id: int, at: dt.datetime, *, archived: bool = False) -> tuple[Listed, ...]:
    """Will list the segments that a person sees. One query, and one or two for each field they ask with choices."""
    rows = campaigns_queries.segments_for(account_id, archived=archived)
    trees = [row.tree for row in rows if row.tree is not None]
    names = campaigns_queries.names_in(trees, clock.business_date(at))
    fields = campaigns_queries.segment_fields()
    return tuple(
        Listed(
            url=reverse("console:segment", args=[row.id]),
            name=row.name,
            is_list=row.is_list,
            is_shared=row.is_shared,
            asks=wording.sentence(row.tree, fields, names, formats) if row.tree else members_words(row.listed),
            owner=row.owner,
            version=row.version,
            changed_at=row.changed_at,
        )
        for row in rows
    )


def members_words(number: int) -> str:
    """Will say how many members there are."""
    return ngettext("%(n)s member", "%(n)s members", number) % {"n": formats.num(number)}


def segment_page(row: SegmentRow, at: dt.datetime, person: Person) -> SegmentPage:
    """Will assemble one segment or list with its count and versions. At most 20 queries, and those of its fields."""
    today = clock.business_date(at)
    versions = campaigns_queries.versions_of(row.id)
    tree = campaigns_queries.tree_of(row)
    names = campaigns_queries.names_in([tree, *(version.tree for version in versions)], today)
    fields = campaigns_queries.segment_fields()
    users = campaigns_queries.used_by(row.id, at)
    cards = _cards(versions, names)
    return SegmentPage(
        id=row.id,
        name=row.name,
        is_list=row.is_list,
        is_shared=row.is_shared,
        is_archived=row.is_archived,
        owner=row.owner,
        version=row.version,
        sentence=wording.sentence(tree, fields, names, formats),
        live=seen_by(live_of(tree, at), person),
        versions=cards,
        used_by=(
            *(Asker(name, reverse("console:campaign", args=[one])) for one, name in users.campaigns),
            *(Asker(name, reverse("console:segment", args=[one])) for one, name in users.segments),
            *(Asker(rule_name(names, ""), reverse("console:rules")) for names in users.rules),
        ),
        members_url=f"{reverse('console:members')}?segment={row.id}",
        changed_by=cards[0].who if versions and _is_anothers(versions[0], row) else "",
        is_kept_by_reader=may_keep(row, person),
        can_be_edited=not row.is_list and not row.is_archived,
    )


def may_keep(row: SegmentRow, person: Person) -> bool:
    """Will say whether a person may name, share and put away a segment: its owner, and everybody once he has left.

    What it asks is changed by everybody who may edit campaigns and sees it, for what is under way asks on as before.
    """
    return row.owner_id == person.id or not row.owner_is_active


def _is_anothers(version: VersionRow, row: SegmentRow) -> bool:
    return version.number > 1 and version.actor != f"staff:{row.owner_id}"


def _cards(versions: Sequence[VersionRow], names: Mapping[tuple[str, str], str]) -> tuple[VersionCard, ...]:
    fields = campaigns_queries.segment_fields()
    people = names_of([version.actor for version in versions])
    cards = []
    for place, version in enumerate(versions):
        gone: tuple[str, ...] = ()
        new: tuple[str, ...] = ()
        if place + 1 < len(versions):
            gone, new = wording.differences(versions[place + 1].tree, version.tree, fields, names, formats)
        said = wording.sentence(version.tree, fields, names, formats)
        cards.append(VersionCard(version.number, said, people.get(version.actor, ""), version.at, gone, new))
    return tuple(cards)


def tier_name_of(tier_id: int) -> str:
    """Will return what a tier is called. One query."""
    return next((shown.name for _rank, shown in _tier_badges([tier_id]).values()), "")
