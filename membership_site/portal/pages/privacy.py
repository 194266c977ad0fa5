"""What is held of a member and why, what he agreed to, who looked, and his ways to take it away or end it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members import queries as members_queries
from members.enums import Channel, IdentityKind, Purpose, StaffRole
from members.queries import ConsentView, Profile, privacy
from members.queries.privacy import ErasureWish, ExportView
from membership_site import formats
from membership_site.flows.member_erased import Erased

ASKED = (
    *((channel, Purpose.MARKETING) for channel in (Channel.EMAIL, Channel.SMS, Channel.INBOX, Channel.PUSH)),
    (Channel.INBOX, Purpose.PROFILING),
)
"""The questions of the page, in its order."""

SENTENCES: Mapping[tuple[Channel, Purpose], str | Promise] = {
    (Channel.EMAIL, Purpose.MARKETING): gettext_lazy("You may send me offers and news by e-mail."),
    (Channel.SMS, Purpose.MARKETING): gettext_lazy("You may send me offers and news by text message."),
    (Channel.INBOX, Purpose.MARKETING): gettext_lazy("You may put offers and news into my inbox here."),
    (Channel.PUSH, Purpose.MARKETING): gettext_lazy("You may show me offers and news as push messages."),
    (Channel.INBOX, Purpose.PROFILING): gettext_lazy("You may use what I bought to choose offers for me."),
}
ROLES: Mapping[str, str | Promise] = {
    StaffRole.OPERATOR: gettext_lazy("An operator"),
    StaffRole.AGENT: gettext_lazy("Customer service"),
    StaffRole.AUDITOR: gettext_lazy("An auditor"),
    StaffRole.FINANCE: gettext_lazy("Accounting"),
    StaffRole.ADMIN: gettext_lazy("An administrator"),
}
WHAT: Mapping[str, str | Promise] = {
    "member.revealed": gettext_lazy("Your contacts and details"),
    "member.export_asked": gettext_lazy("A copy of your data"),
    "member.export_fetched": gettext_lazy("A copy of your data"),
    "member.merge_previewed": gettext_lazy("Whether two memberships are yours"),
    "message.previewed": gettext_lazy("A message as you would read it"),
    "message.tried": gettext_lazy("A message as you would read it"),
}


@dataclass(frozen=True)
class Answer:
    """A question, the answer in force, and the answers before."""

    channel: str
    purpose: str
    sentence: str
    is_given: bool
    at: dt.datetime | None
    text: str
    before: tuple[tuple[dt.datetime, str], ...]


@dataclass(frozen=True)
class Holding:
    """A kind of data that is held, an example of it, and why."""

    what: str
    value: str
    why: str


@dataclass(frozen=True)
class Look:
    """That somebody of the staff looked: when, in which role, at what, why."""

    at: dt.datetime
    who: str
    what: str
    why: str


@dataclass(frozen=True)
class PrivacyPage:
    """The page as the template shows it."""

    held: tuple[Holding, ...]
    answers: tuple[Answer, ...]
    copies: tuple[ExportView, ...]
    wish: ErasureWish | None
    looks: tuple[Look, ...]


def privacy_page(member_id: int) -> PrivacyPage:
    """Will assemble the page. Nine queries."""
    profile = members_queries.get_profile(member_id)
    return PrivacyPage(
        held=_held(profile),
        answers=_answers(members_queries.list_consents(member_id, limit=200)),
        copies=tuple(privacy.list_exports(member_id, "member")),
        wish=privacy.find_wish(member_id),
        looks=_looks(member_id),
    )


def sentence_of(channel: Channel, purpose: Purpose) -> str:
    """Will return the sentence that a member agrees to, in his language; empty where nothing is asked."""
    return str(SENTENCES.get((channel, purpose), ""))


def erase_words(ended: Erased) -> tuple[str, ...]:
    """Will say what an erasure ends, in numbers."""
    points = ngettext("%(n)s point ends.", "%(n)s points end.", ended.points) % {"n": formats.num(ended.points)}
    coupons = ngettext("%(n)s coupon ends.", "%(n)s coupons end.", ended.coupons) % {"n": formats.num(ended.coupons)}
    return (
        points,
        coupons,
        _("Your tier and its benefits end, and you cannot log in any more."),
        _("Name, contacts, birthday, addresses and messages are deleted. What you bought stays, without your name."),
    )


def _held(profile: Profile) -> tuple[Holding, ...]:
    contacts = [value for kind, _source, value in profile.identities if kind != IdentityKind.EXTERNAL]
    accounts = [source or value for kind, source, value in profile.identities if kind == IdentityKind.EXTERNAL]
    return (
        Holding(_("Member number"), profile.key.number, _("To know you at the till.")),
        Holding(_("Name"), profile.name, _("To greet you, and for parcels.")),
        Holding(_("Contacts"), formats.listing(contacts), _("To log in, and to write to you where you agreed.")),
        Holding(_("Linked accounts"), formats.listing(accounts), _("So that orders from there count for you.")),
        Holding(_("Birthday"), formats.cal(profile.birthday) if profile.birthday else "", _("For birthday gifts.")),
        Holding(_("Labels"), formats.listing(list(profile.tags)), _("For offers that suit you.")),
        Holding(_("Orders, points, tiers, coupons"), "", _("They are your membership; the books must stay whole.")),
        Holding(_("Messages and notes"), "", _("To answer you, and not to write twice.")),
    )


def _answers(rows: list[ConsentView]) -> tuple[Answer, ...]:
    answers = []
    for channel, purpose in ASKED:
        own = [row for row in rows if (row.channel, row.purpose) == (channel, purpose)]
        last = own[0] if own else None
        answers.append(
            Answer(
                channel=channel.value,
                purpose=purpose.value,
                sentence=sentence_of(channel, purpose),
                is_given=last.given if last else False,
                at=last.at if last else None,
                text=last.text if last else "",
                before=tuple((row.at, _("Agreed") if row.given else _("Said no")) for row in own[1:]),
            )
        )
    return tuple(answers)


def _looks(member_id: int) -> tuple[Look, ...]:
    rows = privacy.who_looked(member_id)
    ids = {row.actor: int(row.actor.partition(":")[2]) for row in rows if row.actor.partition(":")[2].isdecimal()}
    roles = privacy.roles_of(sorted(set(ids.values()))) if ids else {}
    return tuple(
        Look(row.at, _role(roles.get(ids.get(row.actor, 0), ())), str(WHAT.get(row.deed, row.deed)), row.reason)
        for row in rows
    )


def _role(roles: tuple[str, ...]) -> str:
    known = [str(ROLES[role]) for role in roles if role in ROLES]
    return known[0] if known else _("Somebody of the staff")
