"""How a deed was worked out, as the staff see it: its sum, what did not apply, and version, rules and facts used."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from membership_site import formats
from points import wording as points_wording
from points.enums import CapPer, Wallet
from points.queries import PublishedPolicy, StatementRow, WhyEarned
from points.rules.caps import ALL, Cap


@dataclass(frozen=True)
class Why:
    """A whole deed; `used` are (what, value) of the version, the rules and the facts. Empty where rules asked nothing.

    `steps` sum to `points`, which is what the deed was awarded before any return.
    """

    steps: tuple[tuple[str, int], ...]
    points: int
    sentences: tuple[str, ...]
    unfired: tuple[str, ...]
    used: tuple[tuple[str, str], ...]


def why_of(row: StatementRow, why: WhyEarned | None, policy: PublishedPolicy | None, tiers: Mapping[str, str]) -> Why:
    """Will say how the deed of an entry was worked out; what is remembered follows the order's edits. No queries."""
    used = list(_version(policy))
    step = row.explanation[0] if row.explanation else {}
    if why is None:
        return Why((), 0, (), (), tuple(used))
    if row.wallet == Wallet.GROWTH:
        words, awarded = points_wording.explain_growth(why.grown, formats, tiers)
        booked = step.get("order_growth", awarded)
    else:
        words = points_wording.explain_deed(why.unfired, why.desired, why.awarded, formats, tiers)
        awarded, booked = why.awarded, step.get("order_points", why.awarded)
    used += [*_rules(why.grown if row.wallet == Wallet.GROWTH else why.unfired), *_facts(why.facts, tiers)]
    if booked != awarded or (row.wallet == Wallet.GROWTH and not why.grown):
        return Why((), 0, (), (), tuple(used))
    steps = tuple((one.text, one.points) for one in words.steps)
    return Why(steps, awarded, words.sentences, words.unfired, tuple(used))


def deed_of(why: WhyEarned, policy: PublishedPolicy | None, tiers: Mapping[str, str]) -> Why:
    """Will say how a remembered deed was worked out, whether it led to an entry or not. No queries."""
    words = points_wording.explain_deed(why.unfired, why.desired, why.awarded, formats, tiers)
    steps = tuple((one.text, one.points) for one in words.steps)
    used = (*_version(policy), *_rules(why.unfired), *_facts(why.facts, tiers))
    return Why(steps, why.awarded, words.sentences, words.unfired, used)


def growth_of(why: WhyEarned, tiers: Mapping[str, str]) -> Why | None:
    """Will say how a remembered deed came to its growth value, where rules of that were asked. No queries."""
    if not why.grown:
        return None
    words, awarded = points_wording.explain_growth(why.grown, formats, tiers)
    steps = tuple((one.text, one.points) for one in words.steps)
    return Why(steps, awarded, words.sentences, words.unfired, tuple(_rules(why.grown)))


def _version(policy: PublishedPolicy | None) -> Iterator[tuple[str, str]]:
    if policy:
        words = {"number": policy.number, "date": formats.cal(policy.effective_on)}
        yield _("Rules"), _("version %(number)s, in force since %(date)s") % words


def _rules(steps: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for title, code in ((_("Rules that applied"), "rule"), (_("Rules that did not"), "rule_not_applied")):
        codes = [str(step["rule"]) for step in steps if step["code"] == code]
        if codes:
            yield title, ", ".join(codes)


def _facts(facts: Mapping[str, Any], tiers: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The facts that rules and caps were asked with at first; of a birthday only whether it is known."""
    if not facts:
        return
    yield _("Asked as of"), f"{formats.cal(dt.date.fromisoformat(facts['on']))}, {facts['time']}"
    yield _("Tier then"), tiers.get(facts["tier"], facts["tier"])
    if facts.get("channel"):
        yield _("Channel"), str(facts["channel"])
    if facts.get("tags"):
        yield _("Tags then"), ", ".join(facts["tags"])
    yield _("Birthday"), _("known") if facts.get("birthday") else _("not known")
    if facts.get("number"):
        yield _("Paid orders, with this one"), formats.num(facts["number"])
    for code, rows in facts.get("left", {}).items():
        for per, points, left in rows:
            words = {"limit": points_wording.cap_words(Cap(CapPer(per), points), formats), "left": formats.num(left)}
            title = _("Left of the programme’s limit") if code == ALL else _("Left of %(rule)s") % {"rule": code}
            yield title, _("%(left)s (%(limit)s)") % words
