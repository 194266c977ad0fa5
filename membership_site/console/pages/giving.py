"""Giving a tier, ending one that was given, and extending a validity: what it would do, and why it cannot be."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members import queries as members_queries
from members.queries import MemberKey
from membership_site import formats
from membership_site.console.access import Person
from membership_site.console.pages.members import member_url
from tiers import actions as tiers_actions
from tiers import queries as tiers_queries
from tiers import rules as tiers_rules
from tiers import wording as tiers_wording
from tiers.queries import Foretold

AUTO_ID = "give_%s"
FIELDS = {"ended": "until", "not_later": "until", "too_long": "until", "not_higher": "tier", "no_such_tier": "tier"}
"""At which field a refusal of the rules stands; others stand on top of the form."""

REFUSALS = (
    tiers_rules.NotGiven,
    tiers_actions.NoReason,
    tiers_actions.NoSuchTier,
    tiers_actions.OtherContent,
    tiers_actions.CourtesiesUsedUp,
    tiers_queries.NoStanding,
    tiers_queries.NoLadder,
)
"""What a deed may be refused with; refusal() says it."""


class OwnMembership(Exception):
    """Nobody decides on his own tier."""


@dataclass(frozen=True)
class GivingPage:
    """The page of one deed as the template shows it; `problem` says why it cannot be done at all."""

    number: str
    title: str
    lead: str
    button: str
    back: str
    effect_url: str
    effect: tuple[str, ...]
    problem: str


def new_key() -> str:
    """Will make the key by which a form that is sent twice is one."""
    return str(uuid.uuid4())


def tier_choices(today: dt.date) -> list[tuple[str, str]]:
    """Will return (code, name) of the tiers that can be given. Two queries."""
    try:
        tiers = tiers_queries.tiers_of_ladder(today)
    except tiers_queries.NoLadder:
        return []
    return [(tier.code, tiers_wording.tier_name(tier)) for tier in tiers if tier.rank]


def giving_page(
    key: MemberKey, titles: tuple[str, str], button: str, effect_url: str, effect: tuple[str, ...], problem: str = ""
) -> GivingPage:
    """Will assemble the page of a deed, with a title that names the member, and a sentence below it. One query."""
    name = members_queries.names_of([key.id])[key.id][1] or _("No name")
    title, lead = titles
    return GivingPage(
        number=key.number,
        title=title % {"name": name},
        lead=lead,
        button=button,
        back=member_url(key.number),
        effect_url=effect_url,
        effect=effect,
        problem=problem,
    )


def foretell(ask: Callable[[], Foretold]) -> tuple[tuple[str, ...], tuple[str, str]]:
    """Will return what a deed would do in sentences, or (field, words) of why it cannot be done."""
    try:
        told = ask()
    except REFUSALS as error:
        return (), refusal(error)
    said = tiers_wording.foretold_words(told, formats)
    was, becomes = told.multiplier_before, told.decision.to_tier.multiplier
    if was != becomes:
        words = {"was": formats.num(was.normalize()), "becomes": formats.num(becomes.normalize())}
        said = (*said, _("Orders earn %(becomes)s times the points, in place of %(was)s times.") % words)
    return said, ("", "")


def budget_words(person: Person, at: dt.datetime) -> str:
    """Will say how many extensions this person has left this month. Three queries."""
    found = tiers_queries.courtesies(person.actor, at)
    left = max(found.most - found.used, 0)
    text = ngettext(
        "You have %(left)s extension of %(most)s left this month.",
        "You have %(left)s extensions of %(most)s left this month.",
        left,
    )
    return text % {"left": formats.num(left), "most": formats.num(found.most)}


def check_not_own(key: MemberKey, person: Person) -> None:
    """Will refuse a person whose own membership it is: OwnMembership. One query."""
    if person.id in members_queries.log_ins_of(key.id):
        raise OwnMembership(_("This is your own membership; another person decides. Nothing was changed."))


def refusal(error: Exception) -> tuple[str, str]:
    """Will return (field, words) of why something was refused; no field where it is about all of it."""
    if isinstance(error, tiers_rules.NotGiven):
        return FIELDS.get(error.code, ""), tiers_wording.not_given(error.code)
    if isinstance(error, tiers_actions.CourtesiesUsedUp):
        words = _("This month’s extensions are used up (%(most)s). Another person may extend. Nothing was changed.")
        return "", words % {"most": formats.num(error.most)}
    if isinstance(error, tiers_actions.NoSuchTier):
        return "tier", tiers_wording.not_given("no_such_tier")
    if isinstance(error, tiers_actions.NoReason):
        return "reason", _("Say why: colleagues read it beside the decision.")
    if isinstance(error, tiers_actions.OtherContent):
        return "", _("This form was sent before with other content. Check it and send it again. Nothing was changed.")
    if isinstance(error, OwnMembership):
        return "", str(error)
    return "", _("The member has no tier yet. Nothing was changed.")
