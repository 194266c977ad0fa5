"""What the staff type around segments: the builder's rows, names, and members for a list."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.rules.segments import All, Condition, Not, Path, Tree
from campaigns.rules.segments import Any as AnyOf
from kit.enums import Extra, Operator
from kit.segments import MANY, SegmentField

ROWS_MAX = 40
GROUPS_MAX = 8
KEY = re.compile(r"(?:g(\d{1,2}))?r(\d{1,3})-field", re.ASCII)
GROUP_KEY = re.compile(r"g(\d{1,2})-join", re.ASCII)
DEED = re.compile(r"(add|drop|field|group|ungroup)(?::([gr0-9]{1,8}))?", re.ASCII)
FIRST_FIELD = "tiers.tier"
"""What a new condition asks until another field is chosen: it has a value at once."""

FILE_BYTES_MAX = 20 * 1024 * 1024
TYPED_MAX = 20_000


@dataclass(frozen=True)
class TypedRow:
    """One condition as it was typed; `key` names it on the page: r0, or g1r0 in a group."""

    key: str
    field: str
    operator: str = ""
    values: tuple[str, ...] = ()
    extras: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class TypedGroup:
    """Conditions that stand together: all, any or none of them."""

    key: str
    join: str
    rows: tuple[TypedRow, ...]


@dataclass(frozen=True)
class Typed:
    """The builder as it was typed: conditions that all or any of are asked, and groups among them."""

    join: str = "all"
    rows: tuple[TypedRow, ...] = ()
    groups: tuple[TypedGroup, ...] = ()

    @property
    def is_full(self) -> bool:
        """Whether no more conditions fit."""
        return len(self.rows) + sum(len(group.rows) for group in self.groups) >= ROWS_MAX


# ---- from and to what was typed


def read_typed(data: QueryDict, fields: Mapping[str, SegmentField]) -> Typed:
    """Will read the builder's rows in their order; a comparison that its field has not becomes the field's first."""
    found: dict[int, list[tuple[int, TypedRow]]] = {}
    for name in data:
        if (key := KEY.fullmatch(name)) and sum(map(len, found.values())) < ROWS_MAX:
            row = _row(data, name.removesuffix("-field"), fields)
            found.setdefault(int(key[1]) + 1 if key[1] is not None else 0, []).append((int(key[2]), row))
    rows = {number: tuple(row for _place, row in sorted(pairs, key=lambda p: p[0])) for number, pairs in found.items()}
    names = {int(key[1]) for name in data if (key := GROUP_KEY.fullmatch(name))}
    numbers = sorted(names | {number - 1 for number in rows if number})[:GROUPS_MAX]
    groups = tuple(
        TypedGroup(f"g{number}", _join(data.get(f"g{number}-join", ""), "any"), rows.get(number + 1, ()))
        for number in numbers
    )
    return Typed("any" if data.get("join") == "any" else "all", rows.get(0, ()), groups)


def _join(text: str, default: str) -> str:
    return text if text in ("all", "any", "none") else default


def _row(data: QueryDict, key: str, fields: Mapping[str, SegmentField]) -> TypedRow:
    code = data.get(f"{key}-field", "")
    known = fields.get(code)
    operator = data.get(f"{key}-operator", "")
    was = data.get(f"{key}-was", code)
    values = tuple(value[:500] for value in data.getlist(f"{key}-value"))
    extras = {extra.value: data.get(f"{key}-{extra}", "")[:200] for extra in Extra}
    if known is None:
        return TypedRow(key, code)
    if was != code or operator not in known.operators:
        return TypedRow(key, code, known.operators[0].value)
    if not known.wants_value(Operator(operator)):
        values = ()
    return TypedRow(key, code, operator, values if operator in MANY else values[:1], extras)


def typed_of(tree: Tree) -> Typed | None:
    """Will return a tree as the builder shows it; None where it has more levels than the builder."""
    if isinstance(tree, Condition | Not) or (isinstance(tree, AnyOf) and not tree.parts):
        tree = All((tree,))
    rows: list[TypedRow] = []
    groups: list[TypedGroup] = []
    for part in tree.parts:
        if isinstance(part, Condition):
            rows.append(_typed_row(f"r{len(rows)}", part))
            continue
        group = _typed_group(f"g{len(groups)}", part)
        if group is None:
            return None
        groups.append(group)
    return Typed("any" if isinstance(tree, AnyOf) else "all", tuple(rows), tuple(groups))


def _typed_group(key: str, part: Tree) -> TypedGroup | None:
    join = "any" if isinstance(part, AnyOf) else "all"
    if isinstance(part, Not):
        join, part = "none", part.part
        if isinstance(part, Condition):
            part = AnyOf((part,))
        elif not isinstance(part, AnyOf):
            return None
    conditions = part.parts if isinstance(part, All | AnyOf) else ()
    if not conditions or not all(isinstance(one, Condition) for one in conditions):
        return None
    rows = [_typed_row(f"{key}r{place}", one) for place, one in enumerate(conditions) if isinstance(one, Condition)]
    return TypedGroup(key, join, tuple(rows))


def _typed_row(key: str, condition: Condition) -> TypedRow:
    extras = {extra.value: str(value) for extra in Extra if (value := getattr(condition, extra.value))}
    return TypedRow(key, condition.field, condition.operator.value, condition.values, extras)


def stored_of(typed: Typed) -> tuple[dict[str, Any], dict[Path, str]]:
    """Will return what was typed as campaigns.rules.segments.tree_from reads it, and the rows' keys by their paths."""
    parts: list[dict[str, Any]] = []
    keys: dict[Path, str] = {}
    for row in typed.rows:
        keys[typed.join, len(parts)] = row.key
        parts.append(_stored_row(row))
    for group in typed.groups:
        path: Path = (typed.join, len(parts), *(("not", "any") if group.join == "none" else (group.join,)))
        keys[path] = group.key
        keys |= {(*path, place): row.key for place, row in enumerate(group.rows)}
        inside = [_stored_row(row) for row in group.rows]
        parts.append({"not": {"any": inside}} if group.join == "none" else {group.join: inside})
    return {typed.join: parts} if parts else {"all": []}, keys


def _stored_row(row: TypedRow) -> dict[str, Any]:
    given = {name: text for name, text in row.extras.items() if text.strip()}
    return {"field": row.field, "operator": row.operator, "values": list(row.values), **given}


# ---- pressed buttons


def pressed(typed: Typed, do: str, fields: Mapping[str, SegmentField]) -> Typed | None:
    """Will return the builder after a button that changes its rows; None where the button does something else."""
    found = DEED.fullmatch(do)
    if found is None:
        return None
    deed, key = found[1], found[2] or ""
    if deed == "add":
        return _added(typed, key, fields)
    if deed == "group" and len(typed.groups) < GROUPS_MAX and not typed.is_full:
        number = max((int(group.key[1:]) for group in typed.groups), default=-1) + 1
        group = TypedGroup(f"g{number}", "any", (_new(f"g{number}r0", fields),))
        return replace(typed, groups=(*typed.groups, group))
    if deed == "ungroup":
        return replace(typed, groups=tuple(group for group in typed.groups if group.key != key))
    if deed == "drop":
        groups = [replace(g, rows=tuple(row for row in g.rows if row.key != key)) for g in typed.groups]
        rows = tuple(row for row in typed.rows if row.key != key)
        return replace(typed, rows=rows, groups=tuple(group for group in groups if group.rows))
    return typed


def _added(typed: Typed, key: str, fields: Mapping[str, SegmentField]) -> Typed:
    if typed.is_full:
        return typed
    if not key:
        return replace(typed, rows=(*typed.rows, _new(f"r{_free(typed.rows)}", fields)))
    groups = tuple(
        replace(group, rows=(*group.rows, _new(f"{key}r{_free(group.rows)}", fields))) if group.key == key else group
        for group in typed.groups
    )
    return replace(typed, groups=groups)


def _free(rows: tuple[TypedRow, ...]) -> int:
    return max((int(row.key.rpartition("r")[2]) for row in rows), default=-1) + 1


def _new(key: str, fields: Mapping[str, SegmentField]) -> TypedRow:
    return TypedRow(key, FIRST_FIELD, fields[FIRST_FIELD].operators[0].value)


# ---- names and lists


class NameForm(forms.Form):
    """What a segment or list is called."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give it a name, for example “Gold, gone quiet”.")},
    )


class MembersForm(forms.Form):
    """Members for a list, or to be taken off it: typed, or a file of them."""

    members = forms.CharField(
        label=gettext_lazy("Member numbers, e-mails or phone numbers"),
        required=False,
        max_length=TYPED_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, or with a comma between."),
    )
    file = forms.FileField(
        label=gettext_lazy("or a file of them"),
        required=False,
        help_text=gettext_lazy("CSV whose first row names a column: number, email, phone or member."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )

    def clean_members(self) -> list[str]:
        """Will return each of them once."""
        texts = re.split(r"[,，、;；\n\r\t]+", self.cleaned_data["members"])
        return list(dict.fromkeys(text.strip() for text in texts if text.strip()))

    def clean(self) -> dict[str, Any]:
        """Will ask for one or the other."""
        kept = super().clean() or {}
        file = kept.get("file")
        if not kept.get("members") and not file and not self.errors:
            self.add_error("members", _("Name at least one member, or choose a file."))
        if file and file.size > FILE_BYTES_MAX:
            self.add_error("file", _("The file is larger than 20 MB. Divide it."))
        return kept
