"""The matrix as plain values: which benefit is what to which tier, read from the terms that are stored. Pure."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from benefits.enums import BenefitKind, Family, Occasion, Per
from benefits.rules.cells import Cell, KindRules
from benefits.rules.coupons import BadTerms
from benefits.rules.periods import CALENDAR, WINDOW_DAYS_MAX, Period, Window, period_of

Terms = Mapping[str, Any]

REST = "*"
"""The cell of the tiers that are not named."""
MAIN = "main"
LANGUAGES = ("en", "zh-hans", "zh-hant")
CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
BENEFITS_MAX = 60
NO_WINDOW = Window()
NAME_MAX, SAYS_MAX, NOTE_MAX = 60, 300, 500
ASKED = (
    "code", "kind", "names", "says", "is_on", "ladder", "occasion", "window", "per", "value", "cost", "cells",
)  # fmt: skip


@dataclass(frozen=True)
class Benefit:
    """One row of the matrix: what it is, when it is issued or for which period it is counted, and its cells by tier.

    `value` is what a use is said to be worth where it cannot be counted, `cost` what one costs the shop.
    """

    code: str
    kind: BenefitKind
    rules: KindRules
    names: Mapping[str, str]
    cells: Mapping[str, Cell | None]
    stored: Mapping[str, Any] = field(default_factory=dict)
    """The cells as they are stored, to be kept with what is given."""
    says: Mapping[str, str] = field(default_factory=dict)
    is_on: bool = True
    ladder: str = MAIN
    occasion: Occasion | None = None
    window: Window = NO_WINDOW
    per: Per = Per.MONTH
    value: Decimal | None = None
    cost: Decimal | None = None

    @property
    def family(self) -> Family:
        """How it works."""
        return self.rules.family

    def cell_of(self, tier: str) -> Cell | None:
        """Will return what it is to a tier, by its code; None where that has it not, or where it is switched off."""
        return self.cells.get(tier, self.cells.get(REST)) if self.is_on else None

    def stored_of(self, tier: str) -> Mapping[str, Any]:
        """Will return the cell of a tier as it is stored; empty where it has none."""
        return self.stored.get(tier, self.stored.get(REST)) or {}

    def is_booked(self, tier: str) -> bool:
        """Will say whether a member of a tier asks for it."""
        cell = self.cell_of(tier)
        return cell is not None and cell.is_booked()

    def period(self, date: dt.date) -> Period:
        """Will return the period of the calendar in which it is counted, or issued, on a date."""
        return period_of(CALENDAR.get(self.occasion, self.per) if self.occasion else self.per, date)


@dataclass(frozen=True)
class Matrix:
    """A version of the matrix; benefits in the order in which they are shown. Without an id it is of nobody yet."""

    version_id: int = 0
    number: int = 0
    effective_on: dt.date = dt.date.min
    benefits: tuple[Benefit, ...] = ()

    def find(self, code: str) -> Benefit | None:
        """Will return a benefit by its code."""
        return next((benefit for benefit in self.benefits if benefit.code == code), None)

    def of_tier(self, tiers: Mapping[str, str]) -> list[tuple[Benefit, Cell]]:
        """Will return what a member has, with its cells; `tiers` are the codes of his tiers by ladder."""
        held = ((benefit, benefit.cell_of(tiers.get(benefit.ladder, ""))) for benefit in self.benefits)
        return [(b, cell) for b, cell in held if cell is not None and b.ladder in tiers]

    def issued_on(self, *occasions: Occasion) -> list[Benefit]:
        """Will return the benefits that are on and are issued on one of these occasions; no surprises."""
        return [
            benefit
            for benefit in self.benefits
            if benefit.is_on and benefit.occasion in occasions and benefit.kind is not BenefitKind.SURPRISE
        ]


NO_MATRIX = Matrix()


def matrix_from_terms(
    terms: Terms,
    kinds: Mapping[BenefitKind, KindRules],
    *,
    version_id: int = 0,
    number: int = 0,
    effective_on: dt.date = dt.date.min,
) -> Matrix:
    """Will read stored terms, each cell as its kind reads it; raises BadTerms naming the benefit and the field."""
    rows = terms.get("benefits", ())
    if len(rows) > BENEFITS_MAX:
        raise BadTerms("benefits", f"There can be {BENEFITS_MAX} benefits at most.")
    benefits = tuple(benefit_from_terms(row, kinds) for row in rows)
    codes = [benefit.code for benefit in benefits]
    if twice := next((code for code in codes if codes.count(code) > 1), None):
        raise BadTerms("code", f"There are two benefits {twice}.")
    return Matrix(version_id, number, effective_on, benefits)


def benefit_from_terms(row: Terms, kinds: Mapping[BenefitKind, KindRules]) -> Benefit:
    """Will read one row of the matrix; raises BadTerms."""
    if unknown := sorted(set(row) - set(ASKED)):
        raise BadTerms(unknown[0], f"There is no such setting: {unknown[0]}.")
    code = str(row.get("code", ""))
    if not CODE.fullmatch(code):
        raise BadTerms("code", "Use small letters, figures and hyphens, 60 at most.")
    kind = _one_of(BenefitKind, row.get("kind"), "kind")
    rules = kinds[kind]
    return Benefit(
        code=code,
        kind=kind,
        rules=rules,
        names=_texts(row.get("names"), "names", NAME_MAX, needed=True),
        says=_texts(row.get("says"), "says", SAYS_MAX),
        is_on=bool(row.get("is_on", True)),
        ladder=str(row.get("ladder") or MAIN),
        occasion=_one_of(Occasion, row["occasion"], "occasion") if row.get("occasion") else None,
        window=_window(row.get("window") or {}),
        per=_one_of(Per, row.get("per") or Per.MONTH, "per"),
        value=_money(row.get("value"), "value"),
        cost=_money(row.get("cost"), "cost"),
        cells={tier: None if cell is None else rules.read(cell) for tier, cell in (row.get("cells") or {}).items()},
        stored=row.get("cells") or {},
    )


def _one_of(enum: Any, value: Any, name: str) -> Any:
    try:
        return enum(value)
    except ValueError:
        raise BadTerms(name, "Choose one from the list.") from None


def _texts(stored: Any, name: str, length_max: int, *, needed: bool = False) -> dict[str, str]:
    texts = {language: str(text).strip() for language, text in (stored or {}).items() if str(text).strip()}
    if set(texts) - set(LANGUAGES) or (needed and set(texts) != set(LANGUAGES)):
        raise BadTerms(name, "Say it in each language.")
    if any(len(text) > length_max for text in texts.values()):
        raise BadTerms(name, f"Use {length_max} characters at most.")
    return texts


def _window(stored: Terms) -> Window:
    try:
        window = Window(int(stored.get("before") or 0), int(stored.get("after") or 0))
    except (TypeError, ValueError):
        raise BadTerms("window", "Use whole days.") from None
    if window.before < 0 or window.after < 0 or window.before + window.after > WINDOW_DAYS_MAX:
        raise BadTerms("window", f"Use {WINDOW_DAYS_MAX} days at most, before and after together.")
    return window


def _money(value: Any, name: str) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise BadTerms(name, "Use an amount, for example 12.00.") from None
    if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 9:
        raise BadTerms(name, "Use an amount from 0.")
    return amount


# ---- writing rows of a draft


class NoSuchBenefit(Exception):
    """The draft has no benefit of this code."""


def row_of(terms: Terms, code: str) -> Terms:
    """Will return the stored row of a benefit; raises NoSuchBenefit."""
    for row in terms.get("benefits", ()):
        if row["code"] == code:
            return dict(row)
    raise NoSuchBenefit(f"The draft has no benefit {code}. Nothing was changed.")


def with_row(terms: Terms, row: Terms) -> dict[str, Any]:
    """Will return terms with a row in the place of the one of its code, or at the end."""
    rows = list(terms.get("benefits", ()))
    place = next((number for number, one in enumerate(rows) if one["code"] == row["code"]), len(rows))
    rows[place : place + 1] = [dict(row)]
    return {**terms, "benefits": rows}


def without_row(terms: Terms, code: str) -> dict[str, Any]:
    """Will return terms without a benefit; raises NoSuchBenefit."""
    row_of(terms, code)
    return {**terms, "benefits": [row for row in terms["benefits"] if row["code"] != code]}


def with_cell(terms: Terms, code: str, tier: str, cell: Terms | None) -> dict[str, Any]:
    """Will return terms with one cell of a benefit written: what it is to a tier, or None where that has it not."""
    row = row_of(terms, code)
    return with_row(terms, {**row, "cells": {**row.get("cells", {}), tier: None if cell is None else dict(cell)}})


def with_row_moved(terms: Terms, code: str, places: int) -> dict[str, Any]:
    """Will return terms with a benefit so many places further down, up where it is negative."""
    row = row_of(terms, code)
    rows: list[Terms] = [one for one in terms["benefits"] if one["code"] != code]
    was = [one["code"] for one in terms["benefits"]].index(code)
    rows.insert(max(0, min(len(rows), was + places)), row)
    return {**terms, "benefits": rows}


def free_code(wanted: str, taken: Sequence[str]) -> str:
    """Will make a code of a name that none of these has: free-shipping, free-shipping-2."""
    stem = re.sub(r"[^a-z0-9]+", "-", wanted.lower()).strip("-")[:50] or "benefit"
    return next(code for n in range(1, len(taken) + 2) if (code := stem if n == 1 else f"{stem}-{n}") not in taken)
