"""What is known of a member, masked until somebody has said why he needs to see it."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import get_language_info

from members import queries as members_queries
from members.enums import Channel, IdentityKind, Purpose
from members.queries import Profile
from membership_site.console.pages import people
from membership_site.console.pages.words import CHANNEL_WORDS, IDENTITY_WORDS, PURPOSE_WORDS

DOTS = "••••"


@dataclass(frozen=True)
class Known:
    """One thing a member is known by."""

    label: str
    value: str
    is_hidden: bool


@dataclass(frozen=True)
class ConsentRow:
    """An answer in force: to what, when, through whom, and the sentence the member saw."""

    label: str
    is_given: bool
    at: dt.datetime
    source: str
    text: str


@dataclass(frozen=True)
class ProfileCard:
    """The profile; `hides` says whether something in it is masked."""

    identities: tuple[Known, ...]
    attributes: tuple[tuple[str, str], ...]
    birthday: dt.date | None
    birth_year: int | None
    gender: str
    region: str
    language: str
    tags: tuple[str, ...]
    consents: tuple[ConsentRow, ...]
    hides: bool


def profile_card(profile: Profile, *, is_revealed: bool) -> ProfileCard:
    """Will assemble the profile of a member. One query."""
    identities = tuple(_known(kind, source, value, is_revealed) for kind, source, value in profile.identities)
    attributes = tuple(
        (name, str(value) if is_revealed else DOTS) for name, value in sorted(profile.attributes.items())
    )
    answers = members_queries.consents_told(profile.key.id)
    return ProfileCard(
        identities=identities,
        attributes=attributes,
        birthday=profile.birthday,
        birth_year=profile.birthday.year if profile.birthday and is_revealed else None,
        gender=profile.gender,
        region=profile.region,
        language=_language(profile.language),
        tags=profile.tags,
        consents=tuple(
            ConsentRow(
                label=f"{PURPOSE_WORDS[Purpose(answer.purpose)]} · {CHANNEL_WORDS[Channel(answer.channel)]}",
                is_given=answer.given,
                at=answer.at,
                source=people.called(answer.actor, answer.staff),
                text=answer.text,
            )
            for answer in answers
        ),
        hides=not is_revealed and (bool(attributes) or any(known.is_hidden for known in identities)),
    )


def masked(kind: str, value: str) -> str:
    """Will hide an e-mail address but its first sign and its domain, a phone number but its ends."""
    if kind == IdentityKind.EMAIL:
        name, _, domain = value.rpartition("@")
        return f"{name[:1]}{DOTS}@{domain}"
    if len(value) < 9:
        return f"{DOTS}{value[-2:]}"
    return f"{value[:3]} {DOTS} {value[-4:]}"


def _known(kind: str, source: str, value: str, is_revealed: bool) -> Known:
    label = str(IDENTITY_WORDS[IdentityKind(kind)])
    if kind == IdentityKind.EXTERNAL:
        return Known(f"{label} · {source}" if source else label, value, is_hidden=False)
    return Known(label, value if is_revealed else masked(kind, value), is_hidden=not is_revealed)


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_local"]) if code else ""
    except KeyError:
        return code
