"""An entry of the ledger in words: a title, the rows of its sum, and sentences; codes and facts in.

A step is what the rules leave in an entry's explanation: a code with its facts. The sentences are the reader's
language's; numbers, amounts and dates are written by the Formats handed in.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kit.formats import Formats
from kit.keys import parts_of
from points.enums import CapPer, EntryKind, RequestKind, Wallet
from points.rules.caps import Cap
from points.wording import rules
from points.wording.by_hand import by_hand_title, reason_words

Step = Mapping[str, Any]
NO_NAMES: Mapping[str, str] = {}
ABOUT_RULES = frozenset({"rule", "cap", "rule_not_applied"})


class Entry(Protocol):
    """What words need of an entry of the ledger; points.queries.StatementRow is one."""

    @property
    def wallet(self) -> str:
        """The wallet it is in."""

    @property
    def kind(self) -> str:
        """Its kind."""

    @property
    def points(self) -> int:
        """What it adds, negative where it takes."""

    @property
    def source_key(self) -> str:
        """What caused it."""

    @property
    def explanation(self) -> list[dict[str, Any]]:
        """Its steps."""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


@dataclass(frozen=True, slots=True)
class SumRow:
    """A row of the sum that makes an entry; the points of all rows together are the entry's."""

    text: str
    points: int


@dataclass(frozen=True, slots=True)
class Words:
    """An entry in words: title of the deed, a short fact beside it, the line of an order, its sum, and why.

    `besides_rules` are the sentences without those of rules and caps, where the whole deed says these once for all.
    """

    title: str
    summary: str
    line: str
    steps: tuple[SumRow, ...]
    sentences: tuple[str, ...]
    besides_rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Saying:
    """What a step is said with: the entry it belongs to, and how to write names and numbers."""

    entry: Entry
    formats: Formats
    tiers: Mapping[str, str]

    def units(self, count: int) -> str:
        """Will return so many units of the entry's wallet: 1,200 points, 300 growth value."""
        if self.entry.wallet == Wallet.GROWTH:
            return _("%(n)s growth value") % {"n": self.formats.num(count)}
        return ngettext("%(n)s point", "%(n)s points", count) % {"n": self.formats.num(count)}

    def cap(self, cap: Mapping[str, Any]) -> str:
        """Will say a limit that a step keeps."""
        return rules.cap_words(Cap(CapPer(cap["per"]), int(cap["points"])), self.formats, self.entry.wallet)

    def money(self, text: object) -> str:
        """Will return an amount that a step keeps as text."""
        return self.formats.money(Decimal(str(text)))

    def tier(self, code: str) -> str:
        """Will return a tier's name, or its code where no name was handed in."""
        return self.tiers.get(code, code)

    @property
    def occasion(self) -> str:
        """What happened to the order: placed, edit, refund or cancel."""
        parts = parts_of(self.entry.source_key)
        return parts[3] if parts[0] == "order" and len(parts) > 3 and parts[3] != "line" else "placed"


def explain(entry: Entry, formats: Formats, tiers: Mapping[str, str] = NO_NAMES) -> Words:
    """Will put one entry into words; `tiers` gives the names of tiers by code in the reader's language."""
    saying = _Saying(entry, formats, tiers)
    steps = entry.explanation
    said = [(step["code"], sentence) for step in steps if (sentence := _sentence(saying, step))]
    return Words(
        title=title(entry, formats),
        summary=_summary(saying, steps),
        line=_line(steps),
        steps=_rows(saying, steps),
        sentences=tuple(sentence for _code, sentence in said),
        besides_rules=tuple(sentence for code, sentence in said if code not in ABOUT_RULES),
    )


def explained_steps(entry: Entry, formats: Formats, tiers: Mapping[str, str] = NO_NAMES) -> list[dict[str, Any]]:
    """Will return an entry's steps with the sentence of each as `text` in front of its code and facts."""
    saying = _Saying(entry, formats, tiers)
    return [{"text": _sentence(saying, step) or _plain(step), **step} for step in entry.explanation]


def step_text(step: Step, formats: Formats) -> str:
    """Will say a step that led to no entry, as an event that earned nothing: which rule kept it from earning."""
    return _sentence(_Saying(_NoEntry(), formats, NO_NAMES), step) or _plain(step)


@dataclass(frozen=True, slots=True)
class DeedWords:
    """A whole deed in words: the rows of its sum, sentences, and the rules that gave nothing with their reasons."""

    steps: tuple[SumRow, ...]
    sentences: tuple[str, ...]
    unfired: tuple[str, ...]


def explain_deed(
    steps: Sequence[Step],
    desired: int,
    awarded: int,
    formats: Formats,
    tiers: Mapping[str, str] = NO_NAMES,
    wallet: Wallet = Wallet.POINTS,
) -> DeedWords:
    """Will put the steps of a whole deed into words, as points.queries.whys_earned returns them.

    The rows of an order sum to what it was awarded, before any return. Where caps cut something, a sentence says what
    the deed would have earned without them.
    """
    saying = _Saying(_NoEntry(wallet=wallet.value, points=awarded), formats, tiers)
    rows: list[SumRow] = []
    if steps and steps[0]["code"] in ("whole_order", "whole_order_growth"):
        first = steps[0]
        rows.append(SumRow(_base_text(saying, first), int(first["base"])))
        rows += [row for step in steps[1:] for row in _rows_beside(saying, step)]
        rows += _fractions(first)
    elif steps and steps[0]["code"] == "event":
        own, *beside = _rows(saying, steps)
        rows = [SumRow(_event_title(steps[0]), own.points), *beside]
    told = [step for step in steps if step["code"] != "rule_not_applied"]
    sentences = [sentence for step in told if (sentence := _sentence(saying, step))]
    if desired > awarded:
        words = {"wanted": saying.units(desired), "given": formats.num(awarded)}
        sentences.append(_("Without limits it would have earned %(wanted)s; it earned %(given)s.") % words)
    unfired = (_sentence(saying, step) for step in steps if step["code"] == "rule_not_applied")
    return DeedWords(tuple(rows), tuple(sentences), tuple(unfired))


def explain_growth(
    steps: Sequence[Step], formats: Formats, tiers: Mapping[str, str] = NO_NAMES
) -> tuple[DeedWords, int]:
    """Will put how a whole deed came to its growth value into words, as points.queries.WhyEarned.grown; and how much.

    No words where no rule of that wallet was asked.
    """
    if not steps:
        return DeedWords((), (), ()), 0
    first = steps[0]
    awarded = int(first.get("growth_awarded", first["points"]))
    wanted = int(first.get("growth_wanted", first.get("wanted", awarded)))
    return explain_deed(steps, wanted, awarded, formats, tiers, Wallet.GROWTH), awarded


def _base_text(saying: _Saying, step: Step) -> str:
    if step["code"] == "whole_order_growth":
        words = {"amount": saying.money(step["order_basis"]), "times": saying.formats.num(Decimal(step["per_unit"]))}
        return _("%(amount)s × %(times)s, rounded down") % words
    words = {"amount": saying.money(step["order_basis"]), "times": saying.formats.num(Decimal(step["multiplier"]))}
    return _("%(amount)s × %(times)s, rounded down") % words


def title(entry: Entry, formats: Formats) -> str:
    """Will name what happened: Order 10045, Return of order 10045, Review, Points spent, Points expired."""
    parts = parts_of(entry.source_key)
    if entry.kind == EntryKind.EXPIRY:
        return _("Points expired")
    if entry.kind == EntryKind.RESTORATION and parts[0] == "order":
        return _("Points restored")
    if parts[0] == "order" and len(parts) > 2:
        return _order_title(entry, formats)
    for step in entry.explanation:
        if named := _step_title(step):
            return named
        if step["code"] == "event":
            return _event_title(step)
        if step["code"] == "sign_up":
            return _("Welcome points")
        if step["code"] == "adjusted":
            return by_hand_title(RequestKind(step["kind"]))
    if entry.kind == EntryKind.REDEMPTION:
        return _("Points spent")
    return _("Points added") if entry.points > 0 else _("Points taken")


def event_name(kind: str, *, photo: bool = False) -> str:
    """Will name an event's type; one of the shop's own keeps the name the shop gave it."""
    names = {
        "check_in": _("Check-in"),
        "review": _("Review with a photo") if photo else _("Review"),
        "share": _("Share"),
        "profile_completed": _("Profile completed"),
        "survey": _("Survey answered"),
        "referral": _("Friend invited"),
        "birthday": _("Birthday"),
        "anniversary": _("Anniversary of joining"),
    }
    return names.get(kind) or kind.replace("_", " ")


def _event_title(step: Step) -> str:
    if "by" in step:
        return _("Invited by a friend")
    return event_name(str(step["type"]), photo=bool(step.get("photo")))


def deed_key(entry: Entry) -> str:
    """Will return the key of the deed that an entry belongs to: of an order whatever happened to it, or of an event."""
    parts = entry.source_key.split(":")
    return ":".join(parts[:3]) if parts[0] == "order" else entry.source_key


def by_deed(entries: Iterable[AnyEntry]) -> list[list[AnyEntry]]:
    """Will put entries that stand together and belong to one deed on one order into one list each.

    An order is booked line by line; to a person that is one happening. So is what a checkout held and gave back.
    """
    groups: list[list[AnyEntry]] = []
    last = None
    for entry in entries:
        key = (entry.wallet, _kind_of_deed(entry), entry.source_key.rpartition(":line:")[0] or entry.source_key)
        if key == last:
            groups[-1].append(entry)
        else:
            groups.append([entry])
        last = key
    return groups


# ---- titles


def _kind_of_deed(entry: Entry) -> str:
    return "reservation" if entry.source_key.startswith("reserve:") else entry.kind


def _step_title(step: Step) -> str:
    match step["code"]:
        case "held":
            return _("Held for a checkout")
        case "hold_released" | "hold_lapsed":
            return _("Points returned")
        case "gift_to":
            return _("Gift to %(member)s") % {"member": step["member"]}
        case "gift_from":
            return _("Gift from %(member)s") % {"member": step["member"]}
        case "redeemed":
            return _("Redeemed: %(reward)s") % _reward(step)
        case "redemption_cancelled":
            return _("Points returned: %(reward)s") % _reward(step)
        case "prize":
            return _("Won: %(reward)s") % _reward(step)
        case "campaign":
            return _campaign_name(step) or _("Points given")
    return _merge_title(step)


def _merge_title(step: Step) -> str:
    match step["code"]:
        case "merged_to":
            return _("Went over to %(member)s") % {"member": step["member"]}
        case "merged_from":
            return _("Came over from %(member)s") % {"member": step["member"]}
        case "unmerged_to":
            return _("Went back to %(member)s") % {"member": step["member"]}
        case "unmerged_from":
            return _("Came back from %(member)s") % {"member": step["member"]}
        case "forfeited":
            return _("Membership erased")
    return ""


def _campaign_name(step: Step) -> str:
    """What the shop calls its gift in the reader's language; empty where it has no name."""
    return rules.rule_name(step["names"], "") if step["names"] else ""


def _reward(step: Step) -> dict[str, str]:
    """A reward, and a prize, is kept with its names, so that the statement can name it in any reader's language."""
    return {"reward": rules.rule_name(step["names"], str(step["reward"]))}


def _order_title(entry: Entry, formats: Formats) -> str:
    words = {"order": parts_of(entry.source_key)[2]}
    occasion = _Saying(entry, formats, NO_NAMES).occasion
    if occasion == "refund":
        return _("Return from order %(order)s") % words
    if occasion == "cancel":
        return _("Order %(order)s cancelled") % words
    if occasion == "edit":
        return _("Order %(order)s changed") % words
    return _("Order %(order)s") % words


def _line(steps: Sequence[Step]) -> str:
    if steps and "line" in steps[0]:
        return str(steps[0].get("name") or _("Line %(line)s") % {"line": steps[0]["line"]})
    return ""


def _summary(saying: _Saying, steps: Sequence[Step]) -> str:
    step = steps[0] if steps else {}
    code = step.get("code")
    if code == "order_line":
        words = {"amount": saying.money(step["order_basis"]), "times": saying.formats.num(Decimal(step["multiplier"]))}
        return _("%(amount)s × %(times)s") % words
    if code == "order_line_growth":
        return saying.money(step["order_basis"])
    if code == "event" and "streak_day" in step:
        return _("Day %(day)s in a row") % {"day": saying.formats.num(step["streak_day"])}
    if code == "adjusted":
        return reason_words(str(step["reason"]))
    return ""


# ---- the sum


def _rows(saying: _Saying, steps: Sequence[Step]) -> tuple[SumRow, ...]:
    """Will return the rows whose points sum to the entry's: the first step's, and what later steps leave out."""
    if not steps:
        return ()
    first, total = steps[0], saying.entry.points
    beside = [row for step in steps[1:] for row in _rows_beside(saying, step)]
    if first["code"] in ("order_line", "order_line_growth"):
        own = int(first["line_points" if first["code"] == "order_line" else "line_growth"])
        ruled = [SumRow(_rule_name(step), int(step["points"])) for step in steps if step["code"] == "rule"]
        is_capped = any(step["code"] == "cap" for step in steps)
        rows = [SumRow(_share_text(saying, first, is_capped), own - sum(row.points for row in ruled)), *ruled]
        if total != own:
            rows.append(SumRow(_("Booked for this line before"), total - own))
        return tuple(rows)
    beside = [*_fractions(first), *beside]
    own = total - sum(row.points for row in beside)
    return (SumRow(_row_text(saying, first), own), *beside)


def _rows_beside(saying: _Saying, step: Step) -> list[SumRow]:
    """The rows of a step that is not the first: what a rule adds, what a cap cuts off, what was not taken."""
    code = step["code"]
    if code == "rule":
        if "adds" not in step:
            return [SumRow(_rule_name(step), int(step["points"]))]
        added = SumRow(_rule_name(step), int(step["adds"]))
        return [added, SumRow(_limit(saying, step["cap"]), -int(step["cut"]))] if "cap" in step else [added]
    if code == "cap" and "cut" in step:
        return [SumRow(_limit(saying, step["cap"]), -int(step["cut"]))]
    if code == "already_expired":
        return [SumRow(_("Already expired, not taken again"), int(step["points"]))]
    if code == "not_taken":
        return [SumRow(_("Already used, left to you"), int(step["points"]))]
    return []


def _fractions(step: Step) -> list[SumRow]:
    """Rows are rounded down one by one; the fractions may make whole points together."""
    count = int(step.get("fractions", 0))
    return [SumRow(_("Fractions of the rows together"), count)] if count else []


def _limit(saying: _Saying, cap: Mapping[str, Any]) -> str:
    words = {
        "limit": saying.cap(cap),
        "left": saying.formats.num(max(int(cap["left"]), 0)),
    }
    return _("Limit: %(limit)s; %(left)s were left") % words


def _share_text(saying: _Saying, step: Step, is_capped: bool) -> str:
    words = {"amount": saying.money(step["basis"])}
    if step["code"] == "order_line_growth":
        if any(other["code"] == "rule" for other in saying.entry.explanation):
            return _("%(amount)s by itself, rounded with the order") % words
        return _("%(amount)s, rounded down") % words
    words["times"] = saying.formats.num(Decimal(step["multiplier"]))
    if is_capped:
        return _("%(amount)s × %(times)s, its share within the limit") % words
    return _("%(amount)s × %(times)s, rounded with the order") % words


def _row_text(saying: _Saying, step: Step) -> str:
    if step["code"] == "units_returned":
        if saying.occasion == "refund":
            words = {"n": saying.formats.num(step["returned"]), "all": saying.formats.num(step["quantity"])}
            return _("%(n)s of %(all)s returned") % words
        return _("Order cancelled") if saying.occasion == "cancel" else _("Order changed")
    if step["code"] == "expired":
        return _("Last day %(date)s") % {"date": saying.formats.cal(dt.date.fromisoformat(step["on"]))}
    return title(saying.entry, saying.formats)


# ---- sentences


def _sentence(saying: _Saying, step: Step) -> str:
    say = SENTENCES.get(str(step.get("code")))
    return say(saying, step) if say else ""


def _plain(step: Step) -> str:
    """Will say a step that we have no words for: a code is better than silence."""
    return str(step.get("code", "")).replace("_", " ")


def _order_line(saying: _Saying, step: Step) -> str:
    words = {
        "tier": saying.tier(step["tier"]),
        "times": saying.formats.num(Decimal(step["multiplier"])),
        "order": saying.money(step["order_basis"]),
        "line": saying.money(step["basis"]),
        "units": saying.units(int(step["order_points"])),
        "share": saying.formats.num(int(step["line_points"])),
    }
    if any(other["code"] in ABOUT_RULES for other in saying.entry.explanation):
        # With rules and limits the order's points are more than this product; the rows say of what.
        return _("The order earns %(units)s with rules and limits; this line's %(line)s is %(share)s of them.") % words
    if Decimal(step["basis"]) == Decimal(step["order_basis"]):
        return _("%(order)s with the multiplier %(times)s of %(tier)s, rounded down, is %(units)s.") % words
    whole = _("The order's %(order)s with the multiplier %(times)s of %(tier)s, rounded down, is %(units)s.") % words
    return _two(whole, _("This line's %(line)s is %(share)s of them.") % words)


def _order_line_growth(saying: _Saying, step: Step) -> str:
    words = {
        "order": saying.money(step["order_basis"]),
        "line": saying.money(step["basis"]),
        "units": saying.units(int(step["order_growth"])),
        "share": saying.formats.num(int(step["line_growth"])),
    }
    if any(other["code"] in ABOUT_RULES for other in saying.entry.explanation):
        return _("The order earns %(units)s with rules and limits; this line's %(line)s is %(share)s of it.") % words
    if Decimal(step["basis"]) == Decimal(step["order_basis"]):
        return _("%(order)s, rounded down, is %(units)s.") % words
    whole = _("The order's %(order)s, rounded down, is %(units)s.") % words
    return _two(whole, _("This line's %(line)s is %(share)s of it.") % words)


def _units_returned(saying: _Saying, step: Step) -> str:
    words = {
        "returned": saying.formats.num(step["returned"]),
        "quantity": saying.formats.num(step["quantity"]),
        "whole": saying.units(int(step["whole"])),
        "kept": saying.formats.num(int(step["kept"])),
    }
    if saying.occasion == "cancel":
        return _("The order was cancelled, so it earns nothing.")
    if saying.occasion == "edit":
        return _("As the order reads now, this line earns %(units)s.") % {"units": saying.units(int(step["kept"]))}
    return _("%(returned)s of %(quantity)s returned; of %(whole)s this line keeps %(kept)s.") % words


def _event(saying: _Saying, step: Step) -> str:
    count = step["growth"] if saying.entry.wallet == Wallet.GROWTH else step["points"]
    words = {"event": _event_title(step), "units": saying.units(int(count))}
    if "by" in step:
        return _("A friend invited you, which earns %(units)s.") % words
    if "streak_day" in step:
        words["day"] = saying.formats.num(step["streak_day"])
        return _("%(event)s, day %(day)s in a row, earns %(units)s.") % words
    return _("%(event)s earns %(units)s.") % words


def _whole_order(saying: _Saying, step: Step) -> str:
    words = {
        "tier": saying.tier(step["tier"]),
        "times": saying.formats.num(Decimal(step["multiplier"])),
        "order": saying.money(step["order_basis"]),
        "units": saying.units(int(step["base"])),
    }
    return _("%(order)s with the multiplier %(times)s of %(tier)s, rounded down, is %(units)s.") % words


def _whole_order_growth(saying: _Saying, step: Step) -> str:
    words = {"order": saying.money(step["order_basis"]), "units": saying.units(int(step["base"]))}
    words["times"] = saying.formats.num(Decimal(step["per_unit"]))
    return _("%(order)s × %(times)s, rounded down, is %(units)s.") % words


def _event_without_rule(_saying: _Saying, step: Step) -> str:
    return _("“%(event)s” earns nothing in this programme.") % {"event": event_name(step["type"])}


def _day_cap(saying: _Saying, step: Step) -> str:
    n = int(step["day_max"])
    words = {"n": saying.formats.num(n)}
    return ngettext("It earns %(n)s time a day at most.", "It earns %(n)s times a day at most.", n) % words


def _once_only(_saying: _Saying, _step: Step) -> str:
    return _("It earns once only, and has earned before.")


def _referral_waits(_saying: _Saying, _step: Step) -> str:
    return _("It earns once the friend's first order can no longer be returned.")


def _referral_closed(_saying: _Saying, _step: Step) -> str:
    return _("It earns nothing: a friend counts once, and nobody invites himself.")


def _given_by_the_night(_saying: _Saying, _step: Step) -> str:
    return _("It is no event to tell of: the programme gives it by itself, once a year.")


def _sign_up(saying: _Saying, step: Step) -> str:
    return _("Joining earns %(units)s.") % {"units": saying.units(int(step["points"]))}


def _expired(saying: _Saying, step: Step) -> str:
    return _("They could be used through %(date)s.") % {"date": saying.formats.cal(dt.date.fromisoformat(step["on"]))}


def _idle(saying: _Saying, step: Step) -> str:
    n = int(step["months"])
    text = ngettext(
        "Nothing had been earned or used for %(n)s month.", "Nothing had been earned or used for %(n)s months.", n
    )
    return text % {"n": saying.formats.num(n)}


def _kept(saying: _Saying, step: Step) -> str:
    text = _("Points that last as long as the membership is used can now be used through %(date)s.")
    return text % {"date": saying.formats.cal(dt.date.fromisoformat(step["until"]))}


def _debt(saying: _Saying, step: Step) -> str:
    text = _("%(units)s had been used already and are owed now; what is earned next repays them first.")
    return text % {"units": saying.units(int(step["points"]))}


def _debt_repaid(saying: _Saying, step: Step) -> str:
    return _("%(units)s of it went to what was owed after a return.") % {"units": saying.units(int(step["points"]))}


def _already_expired(saying: _Saying, step: Step) -> str:
    text = _("%(units)s of it had expired already and are not taken again.")
    return text % {"units": saying.units(int(step["points"]))}


def _not_taken(saying: _Saying, step: Step) -> str:
    text = _("%(units)s had been used already; the programme does not ask for them back.")
    return text % {"units": saying.units(int(step["points"]))}


def _redemption(saying: _Saying, step: Step) -> str:
    """Spending names what it can: an order, what it took off, or the reward by the name the caller hands in."""
    words = {"units": saying.units(-saying.entry.points), "order": step.get("order"), "reward": step.get("reward")}
    if "amount" in step and "order" in step:
        words["amount"] = saying.money(step["amount"])
        return _("%(units)s took %(amount)s off order %(order)s.") % words
    if "order" in step:
        return _("%(units)s were spent on order %(order)s.") % words
    if "reward" in step:
        return _("%(units)s were exchanged for %(reward)s.") % words
    return _("%(units)s were spent; those that expire soonest went first.") % words


def _redeemed(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), **_reward(step)}
    return _("%(units)s were exchanged for %(reward)s; those that expire soonest went first.") % words


def _redemption_cancelled(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), **_reward(step)}
    return _("%(reward)s was given back, so %(units)s came back to where they were.") % words


def _prize(saying: _Saying, step: Step) -> str:
    return _("%(reward)s: a draw won %(units)s.") % {**_units(saying, step), **_reward(step)}


def _campaign(saying: _Saying, step: Step) -> str:
    if name := _campaign_name(step):
        return _("%(name)s: %(units)s from us to you.") % {"name": name, **_units(saying, step)}
    return _("%(units)s from us to you.") % _units(saying, step)


def _held(saying: _Saying, step: Step) -> str:
    return _("%(units)s were set aside for a checkout; those that expire soonest went first.") % _units(saying, step)


def _hold_released(saying: _Saying, step: Step) -> str:
    return _("The checkout was given up, so %(units)s came back to where they were.") % _units(saying, step)


def _hold_lapsed(saying: _Saying, step: Step) -> str:
    return _("The checkout was not finished in time, so %(units)s came back to where they were.") % _units(saying, step)


def _restored(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "order": step["order"], "spent": saying.formats.num(int(step["spent"]))}
    if int(step["points"]) == int(step["spent"]):
        return _("%(units)s had paid for order %(order)s and came back with its return.") % words
    text = _("%(units)s of the %(spent)s that had paid for order %(order)s came back with its return.")
    return text % words


def _taken_again(saying: _Saying, step: Step) -> str:
    return _("The order is paid after all, so %(units)s that had come back were taken again.") % _units(saying, step)


def _courtesy(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "date": saying.formats.cal(dt.date.fromisoformat(step["until"]))}
    return _("%(units)s of them had expired meanwhile; they can be used through %(date)s all the same.") % words


def _date_kept(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "date": saying.formats.cal(dt.date.fromisoformat(step["until"]))}
    return _("%(units)s of them can be used through %(date)s, as before.") % words


def _lapsed_meanwhile(saying: _Saying, step: Step) -> str:
    return _("%(units)s of them had expired meanwhile and did not come back.") % _units(saying, step)


def _gift_to(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "member": step["member"]}
    return _("%(units)s were given to %(member)s; those that expire soonest went first.") % words


def _gift_from(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "member": step["member"]}
    return _("%(member)s gave %(units)s; they expire on the dates they had.") % words


def _merged_to(_saying: _Saying, step: Step) -> str:
    return _("Two memberships were made one: this went over to %(member)s, with its dates.") % {
        "member": step["member"]
    }


def _merged_from(_saying: _Saying, step: Step) -> str:
    return _("Two memberships were made one: this came over from %(member)s, with its dates.") % {
        "member": step["member"]
    }


def _unmerged_to(_saying: _Saying, step: Step) -> str:
    return _("The merging was undone: this went back to %(member)s, with its dates.") % {"member": step["member"]}


def _unmerged_from(_saying: _Saying, step: Step) -> str:
    return _("The merging was undone: this came back from %(member)s, with its dates.") % {"member": step["member"]}


def _forfeited(_saying: _Saying, _step: Step) -> str:
    return _("The membership was erased, and its points ended with it.")


def _share_max(saying: _Saying, step: Step) -> str:
    words = {"percent": step["percent"], "amount": saying.money(step["amount"]), **_units(saying, step)}
    return _("Points pay for %(percent)s%% of an order at most: %(amount)s here, for %(units)s.") % words


def _coin(saying: _Saying, step: Step) -> str:
    words = {**_units(saying, step), "wanted": saying.formats.num(int(step["wanted"]))}
    return _("%(units)s of %(wanted)s are used: the rest is less than the smallest coin.") % words


def _below_minimum(saying: _Saying, step: Step) -> str:
    return _("%(units)s are the least that can be used.") % {"units": saying.units(int(step["minimum"]))}


def _units(saying: _Saying, step: Step) -> dict[str, str]:
    return {"units": saying.units(int(step["points"]))}


def _rule_name(step: Step) -> str:
    return rules.rule_name(step.get("names", {}), str(step["rule"]))


def _rule(saying: _Saying, step: Step) -> str:
    words = {"rule": _rule_name(step), "units": saying.units(int(step.get("adds", step["points"])))}
    given = _("“%(rule)s” adds %(units)s.") % words
    if "cap" not in step:
        return given
    return _two(given, _cut(saying, step["cap"], int(step["wanted"])))


def _cut(saying: _Saying, cap: Mapping[str, Any], wanted: int) -> str:
    """Will say a cap that cut something: what it allows, what was left of it, what there would have been."""
    words = {
        "limit": saying.cap(cap),
        "left": saying.formats.num(max(int(cap["left"]), 0)),
        "wanted": saying.units(wanted),
    }
    return _("Limit: %(limit)s. %(left)s were left, so %(left)s of %(wanted)s count.") % words


def _cap(saying: _Saying, step: Step) -> str:
    return _cut(saying, step["cap"], int(step["wanted"]))


def _rule_not_applied(saying: _Saying, step: Step) -> str:
    words = {"rule": _rule_name(step), "reason": rules.why_not(step, saying.formats, saying.tiers)}
    return _("“%(rule)s” did not apply: %(reason)s.") % words


def _property_missing(_saying: _Saying, step: Step) -> str:
    return _("The event does not state “%(name)s”, which this would have been counted by.") % {"name": step["name"]}


def _two(first: str, second: str) -> str:
    # Translators: two sentences, one after the other; Chinese has no space between them.
    return _("%(first)s %(second)s") % {"first": first, "second": second}


def _adjusted(saying: _Saying, step: Step) -> str:
    """Will say what the staff booked by hand, and the reason as it was given."""
    units = saying.units(abs(saying.entry.points))
    said = {
        RequestKind.WRITE_OFF: _("No longer owed: %(units)s."),
        RequestKind.REINSTATEMENT: _(
            "%(units)s that expired on %(expired)s came back; they can be used through %(until)s."
        ),
    }.get(RequestKind(step["kind"]), _("We added %(units)s.") if saying.entry.points > 0 else _("We took %(units)s."))
    words = {"units": units}
    for name, key in (("expired", "expired_on"), ("until", "until")):
        if key in step:
            words[name] = saying.formats.cal(dt.date.fromisoformat(step[key]))
    return _two(said % words, _("Reason: %(reason)s.") % {"reason": reason_words(str(step["reason"])).rstrip("。.")})


def _undo_left(saying: _Saying, step: Step) -> str:
    text = _("%(units)s of it had been used already and are not taken.")
    return text % {"units": saying.units(int(step["points"]))}


def _ended_meanwhile(saying: _Saying, step: Step) -> str:
    words = {
        "units": saying.units(int(step["points"])),
        "date": saying.formats.cal(dt.date.fromisoformat(step["until"])),
    }
    return _("%(units)s of it would have expired meanwhile; they can be used through %(date)s.") % words


SENTENCES: Mapping[str, Callable[[_Saying, Step], str]] = {
    "order_line": _order_line,
    "order_line_growth": _order_line_growth,
    "whole_order": _whole_order,
    "whole_order_growth": _whole_order_growth,
    "units_returned": _units_returned,
    "event": _event,
    "event_without_rule": _event_without_rule,
    "day_cap": _day_cap,
    "once_only": _once_only,
    "referral_waits": _referral_waits,
    "referral_closed": _referral_closed,
    "given_by_the_night": _given_by_the_night,
    "sign_up": _sign_up,
    "expired": _expired,
    "idle": _idle,
    "kept": _kept,
    "debt": _debt,
    "debt_repaid": _debt_repaid,
    "already_expired": _already_expired,
    "not_taken": _not_taken,
    "rule": _rule,
    "cap": _cap,
    "rule_not_applied": _rule_not_applied,
    "property_missing": _property_missing,
    "redemption": _redemption,
    "redeemed": _redeemed,
    "redemption_cancelled": _redemption_cancelled,
    "prize": _prize,
    "campaign": _campaign,
    "held": _held,
    "hold_released": _hold_released,
    "hold_lapsed": _hold_lapsed,
    "restored": _restored,
    "taken_again": _taken_again,
    "courtesy": _courtesy,
    "date_kept": _date_kept,
    "lapsed_meanwhile": _lapsed_meanwhile,
    "gift_to": _gift_to,
    "gift_from": _gift_from,
    "merged_to": _merged_to,
    "merged_from": _merged_from,
    "unmerged_to": _unmerged_to,
    "unmerged_from": _unmerged_from,
    "forfeited": _forfeited,
    "share_max": _share_max,
    "coin": _coin,
    "below_minimum": _below_minimum,
    "adjusted": _adjusted,
    "undo_left": _undo_left,
    "ended_meanwhile": _ended_meanwhile,
}


@dataclass(frozen=True, slots=True)
class _NoEntry:
    """Stands in for an entry where a step led to none."""

    wallet: str = Wallet.POINTS.value
    kind: str = ""
    points: int = 0
    source_key: str = ""

    @property
    def explanation(self) -> list[dict[str, Any]]:
        """It has no steps."""
        return []
