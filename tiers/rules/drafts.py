"""What a version of a ladder changes against another, and what members make of it. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from points.enums import Verdict
from tiers.enums import AtEnd, OnRefund, Rounding, Window
from tiers.rules.ladder import LadderTerms, Requirement, Rung, implies

KINDEST_END: Sequence[AtEnd] = (AtEnd.TO_EARNED, AtEnd.ONE_STEP, AtEnd.NEVER)
LONGEST_ROUNDING: Sequence[Rounding] = (Rounding.SAME_DATE, Rounding.MONTH, Rounding.YEAR)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: of a tier by its code, or of the ladder where that is empty."""

    tier: str
    what: str
    was: Any
    becomes: Any
    verdict: Verdict


def differences(before: LadderTerms, after: LadderTerms) -> list[Difference]:
    """Will return what differs between two versions: settings, tiers that go and come, and what tiers ask and give."""
    return [*_settings(before, after), *_tiers(before, after)]


def _settings(before: LadderTerms, after: LadderTerms) -> Iterator[Difference]:
    if (before.window, before.window_days) != (after.window, after.window_days):
        yield Difference("", "window", before, after, _window(before, after))
    if before.start is not after.start:
        later = after.start.value == "next_period"
        yield Difference("", "start", before, after, Verdict.WORSE if later else Verdict.BETTER)
    if (before.validity_months, before.rounding) != (after.validity_months, after.rounding):
        was, now = ((t.validity_months, LONGEST_ROUNDING.index(t.rounding)) for t in (before, after))
        yield Difference("", "validity", before, after, _more(was, now))
    if before.at_end is not after.at_end:
        was_end, end = KINDEST_END.index(before.at_end), KINDEST_END.index(after.at_end)
        yield Difference("", "at_end", before, after, _more(was_end, end))
    if (before.grace_days, before.grace_rounds_up) != (after.grace_days, after.grace_rounds_up):
        verdict = _more((before.grace_days, before.grace_rounds_up), (after.grace_days, after.grace_rounds_up))
        yield Difference("", "grace", before, after, verdict)
    protection = [
        (t.on_refund, t.protection_days if t.on_refund is OnRefund.RE_EVALUATE else 0) for t in (before, after)
    ]
    if protection[0] != protection[1]:
        yield Difference("", "protection", before, after, _more(protection[1][1], protection[0][1]))
    if before.notice_days != after.notice_days:
        yield Difference("", "notice", before, after, _more(before.notice_days, after.notice_days))


def _tiers(before: LadderTerms, after: LadderTerms) -> Iterator[Difference]:
    was, now = ({rung.code: rung for rung in terms.rungs} for terms in (before, after))
    for code, rung in was.items():
        if code not in now:
            yield Difference(code, "tier", rung, None, Verdict.WORSE)
    for code, rung in now.items():
        if code in was:
            yield from _rung(was[code], rung)
        else:
            yield Difference(code, "tier", None, rung, Verdict.BETTER)
    kept = [code for code in was if code in now]
    if kept != sorted(kept, key=lambda code: now[code].rank):
        yield Difference("", "order", tuple(was), tuple(now), Verdict.SAME)


def _rung(was: Rung, now: Rung) -> Iterator[Difference]:
    if was.multiplier != now.multiplier:
        yield Difference(now.code, "multiplier", was, now, _more(was.multiplier, now.multiplier))
    for what in ("reach", "keep"):
        asked, asks = getattr(was, what), getattr(now, what)
        if asked != asks:
            yield Difference(now.code, what, asked, asks, easier(asked, asks))
    if was.re_enter != now.re_enter:
        yield Difference(
            now.code,
            "re_enter",
            was.re_enter,
            now.re_enter,
            easier(was.re_enter or was.reach, now.re_enter or now.reach),
        )
    for what, good in (("never_lost", True), ("by_invitation", False)):
        if getattr(was, what) != getattr(now, what):
            verdict = Verdict.BETTER if getattr(now, what) is good else Verdict.WORSE
            yield Difference(now.code, what, was, now, verdict)


def easier(was: Requirement, now: Requirement) -> Verdict:
    """Will say whether a requirement became easier for everybody, harder for everybody, or neither."""
    up, down = implies(was, now), implies(now, was)
    if up == down:
        return Verdict.SAME
    return Verdict.BETTER if up else Verdict.WORSE


def _window(before: LadderTerms, after: LadderTerms) -> Verdict:
    """Longer is better; of windows of different kinds only a lifetime is longer than the others."""
    if before.window is after.window:
        return _more(before.window_days, after.window_days)
    if Window.LIFETIME in (before.window, after.window):
        return Verdict.BETTER if after.window is Window.LIFETIME else Verdict.WORSE
    return Verdict.SAME


def _more(was: Decimal | int | tuple[int, int], now: Decimal | int | tuple[int, int]) -> Verdict:
    if was == now:
        return Verdict.SAME
    return Verdict.BETTER if now > was else Verdict.WORSE  # type: ignore[operator]


def free_code(name: str, taken: Sequence[str]) -> str:
    """Will return a code for a new tier that reads like its name."""
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in name.lower())
    stem = "-".join(filter(None, kept.split("-")))[:30].strip("-") or "tier"
    return next(
        code for number in range(len(taken) + 1) if (code := f"{stem}-{number + 1}" if number else stem) not in taken
    )
