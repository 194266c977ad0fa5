"""Booking points by hand: what it will do in words, what is refused and why, and what may be done about an entry."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.access import Person
from membership_site.console.forms.adjustments import AdjustForm
from membership_site.console.pages.ledger import Ledger, RowDeed
from membership_site.console.pages.members import member_url
from membership_site.console.pages.words import points as points_words
from points import actions as points_actions
from points import queries as points_queries
from points import wording as points_wording
from points.actions import Answer
from points.enums import RequestKind, RequestState, SecondBecause
from points.queries import Alone, Foreseen
from points.rules.adjusting import ByHand, Outcome

AUTO_ID = "adjust_%s"
"""The fields' ids, so that they do not meet those of other forms on a member's page."""

REFUSALS = (
    points_actions.BadAdjustment,
    points_actions.NotForOneself,
    points_actions.OwnRequest,
    points_actions.NotWhoAsked,
    points_actions.NotEnoughPoints,
    points_actions.NotOwed,
    points_actions.NothingLeft,
    points_actions.WindowOver,
    points_actions.NotUndoable,
    points_actions.NotReinstatable,
    points_actions.AlreadyDecided,
    points_actions.KeyReused,
    points_actions.NoWallet,
    points_queries.NoPolicy,
)
"""What a deed by hand may be refused with; refusal() says it."""


@dataclass(frozen=True)
class Effect:
    """What a request will do, sentence by sentence, and the words of the button; or why it cannot be done."""

    change: str
    sentences: tuple[str, ...]
    button: str
    is_waiting: bool
    problem: str = ""


@dataclass(frozen=True)
class ByHandPage:
    """The page of one request as the template shows it."""

    number: str
    name: str
    title: str
    lead: str
    back: str
    action: str
    effect: Effect
    effect_url: str
    is_possible: bool


@dataclass(frozen=True)
class Dialog:
    """The dialog on a member's page: the same form as on its own page, empty."""

    form: AdjustForm
    effect: Effect
    effect_url: str
    reasons: tuple[str, ...]


def alone(person: Person, at: dt.datetime) -> Alone | None:
    """Will return what a person may still book alone, or None where no rules say it. Two queries."""
    try:
        return points_queries.alone(person.id, at)
    except points_queries.NoPolicy:
        return None


def dialog(key: MemberKey, alone: Alone | None) -> Dialog | None:
    """Will assemble the dialog, or None where no rules say what one person may book. No queries."""
    if alone is None:
        return None
    return Dialog(
        form=AdjustForm(initial={"form_key": new_key()}, auto_id=AUTO_ID),
        effect=prompt(RequestKind.ADJUSTMENT, alone),
        effect_url=_effect_url(key, RequestKind.ADJUSTMENT),
        reasons=points_wording.common_reasons(),
    )


def new_key() -> str:
    """Will make the key by which a form that is sent twice is one."""
    return str(uuid.uuid4())


def by_hand_page(key: MemberKey, kind: RequestKind, action: str, lead: str, effect: Effect) -> ByHandPage:
    """Will assemble the page of a request about a member. One query."""
    name = members_queries.names_of([key.id])[key.id][1] or _("No name")
    titles = {
        RequestKind.ADJUSTMENT: _("Adjust points for %(name)s"),
        RequestKind.WRITE_OFF: _("Write off what %(name)s owes"),
        RequestKind.UNDO: _("Undo an adjustment of %(name)s"),
        RequestKind.REINSTATEMENT: _("Reinstate expired points of %(name)s"),
    }
    live = kind in (RequestKind.ADJUSTMENT, RequestKind.WRITE_OFF)
    return ByHandPage(
        number=key.number,
        name=name,
        title=titles[kind] % {"name": name},
        lead=lead,
        back=f"{member_url(key.number, 'ledger')}#ledger",
        action=action,
        effect=effect,
        effect_url=_effect_url(key, kind) if live else "",
        is_possible=live or not effect.problem,
    )


def prompt(kind: RequestKind, alone: Alone) -> Effect:
    """Will say what a person may book alone, where it is not known yet what he wants."""
    if kind is RequestKind.WRITE_OFF:
        return Effect("", (_second(SecondBecause.WRITE_OFF, alone),), _("Ask for approval"), is_waiting=True)
    return Effect("", (may_alone(alone),), _("Book points"), is_waiting=False)


def may_alone(alone: Alone) -> str:
    """Will say what one person may book alone now."""
    if not alone.at_once:
        return _("You have booked all that one person may today; a second person decides on more.")
    words = {"once": formats.num(alone.at_once), "left": formats.num(alone.left_today)}
    return _("You may book up to %(once)s at once and %(left)s more today; above that a second person decides.") % words


def effect(member_id: int, asked: ByHand, person: Person, at: dt.datetime) -> Effect:
    """Will say what booking a request would do now, worked out by the function that books it. Four queries."""
    try:
        foreseen = points_queries.foresee(member_id=member_id, asked=asked, account_id=person.id, at=at)
    except REFUSALS as error:
        return Effect("", (), _("Book points"), is_waiting=False, problem=refusal(error)[1])
    said = [*outcome_words(foreseen.outcome), _after(foreseen)]
    button = _("Ask for approval") if foreseen.second else _button(foreseen.outcome)
    return Effect(change(foreseen.outcome), tuple(said), button, is_waiting=bool(foreseen.second))


def change(outcome: Outcome) -> str:
    """Will say what the member has before and after: 12,480 → 12,980."""
    said = []
    if outcome.available != outcome.available_before or outcome.debt == outcome.debt_before:
        words = {"before": formats.num(outcome.available_before), "after": formats.num(outcome.available)}
        said.append(_("Points: %(before)s → %(after)s") % words)
    if outcome.debt != outcome.debt_before:
        words = {"before": formats.num(outcome.debt_before), "after": formats.num(outcome.debt)}
        said.append(_("Owed: %(before)s → %(after)s") % words)
    return " · ".join(said)


def outcome_words(outcome: Outcome) -> list[str]:
    """Will say what becomes of points that are added, and what cannot be taken."""
    said = []
    entry = outcome.entry
    if entry.expires_on and entry.points + entry.debt_change > 0 and entry.expires_on.year < 9999:
        said.append(_("They can be used through %(date)s.") % {"date": formats.cal(entry.expires_on)})
    elif entry.points < 0 and entry.lot_expires_on and entry.lot_expires_on[0].year < 9999:
        said.append(_("Those that expire soonest go first: %(date)s.") % {"date": formats.cal(entry.lot_expires_on[0])})
    if outcome.left:
        said.append(_("Used already, and not taken: %(units)s.") % {"units": points_words(outcome.left)})
    return said


def refusal(error: Exception) -> tuple[str, str]:
    """Will say why a deed was refused, and at which field."""
    match error:
        case points_actions.NotEnoughPoints(debt=debt) if debt:
            text = _("The member owes %(debt)s, so there is nothing to take. Nothing was booked.")
            return "points", text % {"debt": points_words(debt)}
        case points_actions.NotEnoughPoints(spendable=spendable):
            text = _("The member can spend %(points)s, so no more can be taken. Nothing was booked.")
            return "points", text % {"points": points_words(spendable)}
        case points_actions.NotOwed(debt=debt):
            text = _("The member owes %(debt)s, so no more can be written off. Nothing was booked.")
            return "points", text % {"debt": points_words(debt)}
        case points_actions.NothingLeft(points=count):
            text = _("All of it, %(points)s, has been used already; nothing is left to take back. Nothing was booked.")
            return "", text % {"points": points_words(count)}
        case points_actions.WindowOver(through=through):
            text = _("These points could come back through %(date)s. Nothing was booked.")
            return "", text % {"date": formats.cal(through)}
        case points_actions.AlreadyDecided(state=state):
            return "", _decided_already(state)
    return next(
        ((field, str(words)) for kind, field, words in _other_refusals() if isinstance(error, kind)), ("", str(error))
    )


def answer_words(answer: Answer) -> str:
    """Will say what became of a request, for a toast."""
    if answer.state is RequestState.WAITING:
        return _("Asked for. It waits for a second person; nothing is booked yet.")
    if answer.state is RequestState.REFUSED:
        return _("Refused. Nothing was booked.")
    if answer.state is RequestState.WITHDRAWN:
        return _("Withdrawn. Nothing was booked.")
    words = {
        "points": formats.signed(answer.points),
        "after": formats.num(answer.available),
        "debt": formats.num(answer.debt),
    }
    if answer.debt:
        return _("Booked: %(points)s. The member still owes %(debt)s.") % words
    return _("Booked: %(points)s. The member has %(after)s now.") % words


def with_deeds(entries: Ledger, member: MemberKey, at: dt.datetime) -> Ledger:
    """Will put beside the entries what may be done about them: undo, reinstate. At most three queries."""
    offers = points_queries.offers_of(member.id, [row.source_key for row in entries.rows], at)
    rows = []
    for row in entries.rows:
        offer = offers.get(row.source_key)
        if offer is None:
            rows.append(row)
        elif offer.kind is RequestKind.UNDO:
            url = reverse("console:undo", args=[member.number, offer.adjustment_id])
            rows.append(replace(row, deed=RowDeed(url, "undo-2", _("Undo"))))
        else:
            url = f"{reverse('console:reinstate', args=[member.number])}?key={row.source_key}"
            through = {"date": formats.cal(offer.through, "MMMd")} if offer.through else {"date": ""}
            rows.append(replace(row, deed=RowDeed(url, "rotate-ccw", _("Reinstate, until %(date)s") % through)))
    return replace(entries, rows=tuple(rows))


def kind_title(kind: RequestKind) -> str:
    """Will name a kind of request as the ledger does."""
    return points_wording.by_hand_title(kind)


# ---- leaves


def _effect_url(key: MemberKey, kind: RequestKind) -> str:
    return f"{reverse('console:adjust_effect', args=[key.number])}?kind={kind.value}"


def _after(foreseen: Foreseen) -> str:
    """Will say who decides, or what this person may still book today once this is booked."""
    if foreseen.second:
        return _second(foreseen.second, foreseen.alone)
    left = foreseen.alone.left_today - abs(foreseen.outcome.points)
    if left <= 0:
        return _("With that you have booked all that one person may today.")
    return _("You may book %(n)s more today.") % {"n": formats.num(left)}


def _second(second: SecondBecause, alone: Alone) -> str:
    words = {"once": formats.num(alone.at_once), "left": formats.num(alone.left_today)}
    return {
        SecondBecause.ALONE: _("This is above what one person may book at once: a second person decides."),
        SecondBecause.DAY: _("You may book %(left)s more alone today: a second person decides on this."),
        SecondBecause.WRITE_OFF: _("On a write-off a second person always decides."),
    }[second] % words


def _button(outcome: Outcome) -> str:
    count = abs(outcome.points)
    words = {"n": formats.num(count)}
    if outcome.points > 0:
        return ngettext("Add %(n)s point", "Add %(n)s points", count) % words
    return ngettext("Take %(n)s point", "Take %(n)s points", count) % words


def _decided_already(state: RequestState) -> str:
    if state is RequestState.BOOKED:
        return _("Somebody has agreed meanwhile, and it is booked. Nothing more was changed.")
    if state is RequestState.WITHDRAWN:
        return _("Who asked has withdrawn it meanwhile. Nothing was changed.")
    return _("Somebody has refused it meanwhile. Nothing was changed.")


def _other_refusals() -> tuple[tuple[type[Exception], str, str], ...]:
    return (
        (
            points_actions.NotForOneself,
            "",
            _("These points are your own: nobody books them for himself. Ask a colleague. Nothing was booked."),
        ),
        (points_actions.NotWhoAsked, "", _("Somebody else asked for it; only who asked withdraws it. It waits on.")),
        (points_actions.OwnRequest, "", _("You asked for it; another person decides. It waits on.")),
        (
            points_actions.NotUndoable,
            "",
            _("This cannot be undone: it is not booked, or was undone before. Nothing was booked."),
        ),
        (
            points_actions.NotReinstatable,
            "",
            _(
                "These points cannot come back: they did before, are being asked for, or came from orders that were"
                " returned since. Nothing was booked."
            ),
        ),
        (
            points_actions.KeyReused,
            "",
            _("This form was sent before with other content. Look at the ledger, then send it again if you mean it."),
        ),
        (points_actions.NoWallet, "", _("The member has not joined yet and has no points. Nothing was booked.")),
        (points_queries.NoPolicy, "", _("No rules have been published yet. Nothing was booked.")),
    )
