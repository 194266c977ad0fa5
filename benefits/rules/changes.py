"""What a draft of the matrix takes from whom and gives to whom, and when that may begin. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benefits.rules.cells import NOTHING_KNOWN, Cell, Known, judge, more, together
from benefits.rules.matrix import Benefit, Matrix
from points.enums import Verdict

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Change:
    """What becomes of a benefit for one tier: cells before and after, None where there was or will be none."""

    benefit: Benefit
    tier: str
    was: Cell | None
    becomes: Cell | None
    verdict: Verdict


def changes(
    before: Matrix, after: Matrix, ladders: Mapping[str, Sequence[str]], known: Known = NOTHING_KNOWN
) -> list[Change]:
    """Will compare two versions, benefit by benefit and tier by tier of its ladder; what stays alike is left out."""
    codes = dict.fromkeys(benefit.code for matrix in (after, before) for benefit in matrix.benefits)
    return [
        change
        for code in codes
        for tier in _tiers(code, before, after, ladders)
        if (change := _change(before.find(code), after.find(code), tier, known)) is not None
    ]


def _tiers(code: str, before: Matrix, after: Matrix, ladders: Mapping[str, Sequence[str]]) -> list[str]:
    both = (before.find(code), after.find(code))
    return list(dict.fromkeys(tier for one in both if one for tier in ladders.get(one.ladder, ())))


def worse(found: Iterable[Change]) -> list[Change]:
    """Will return those that take something away."""
    return [change for change in found if change.verdict is Verdict.WORSE]


def earliest_start(before: Matrix, found: Iterable[Change], notice_days: int, today: dt.date) -> dt.date:
    """Will return the first date a draft may begin: after the notice where it takes something away, never before the
    version that it replaces."""
    notice = notice_days if worse(found) else 0
    return max(today + notice * DAY, before.effective_on)


def _change(was: Benefit | None, becomes: Benefit | None, tier: str, known: Known) -> Change | None:
    had, has = (one.cell_of(tier) if one else None for one in (was, becomes))
    if has is None or was is None or becomes is None or had is None:
        if had is None and has is None:
            return None
        named = becomes or was
        if named is None:
            raise ValueError("A cell is of a benefit.")
        return Change(named, tier, had, has, Verdict.WORSE if has is None else Verdict.BETTER)
    verdict = together((_terms_verdict(was, becomes), _cell_verdict(was, becomes, had, has, known)))
    return None if verdict is Verdict.SAME else Change(becomes, tier, had, has, verdict)


def _cell_verdict(was: Benefit, becomes: Benefit, had: Cell, has: Cell, known: Known) -> Verdict:
    if was.kind is not becomes.kind:
        return Verdict.WORSE
    return judge(becomes.rules.fields, had, has, known)


def _terms_verdict(was: Benefit, becomes: Benefit) -> Verdict:
    """Another occasion or period counts as a loss, for what it does to somebody depends on when it is."""
    if (was.occasion, was.per, was.ladder) != (becomes.occasion, becomes.per, becomes.ladder):
        return Verdict.WORSE
    return together((more(was.window.before, becomes.window.before), more(was.window.after, becomes.window.after)))
