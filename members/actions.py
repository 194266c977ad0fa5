"""Members' deeds: register, activate, identify, consent, tag."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction

from members import rules
from members.enums import Channel, MemberStatus, Purpose
from members.models import Consent, Identity, Member, Tag


class IdentityTaken(Exception):
    """Somebody is already known by this identity; nobody was registered."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"Member {number} is already known by this. Nobody was registered.")


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """An answer to a consent question, with the sentence the member saw."""

    channel: Channel
    purpose: Purpose
    given: bool
    text: str


@dataclass(frozen=True, slots=True)
class NewMember:
    """What is known of a person who registers; at least one identity."""

    identities: Sequence[rules.IdentityValue]
    name: str = ""
    birthday: dt.date | None = None
    gender: str = ""
    region: str = ""
    language: str = ""
    source: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: Sequence[ConsentGiven] = ()
    tags: Sequence[str] = ()


def next_numbers(count: int) -> list[str]:
    """Will draw member numbers from the sequence; numbers drawn and not used are never given again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('members_number') FROM generate_series(1, %s)", [count])
        return [rules.member_number(row[0]) for row in cursor.fetchall()]


def register(*, new: NewMember, joined_at: dt.datetime | None, at: dt.datetime, actor: str) -> Member:
    """Will create an active member with identities, consents and tags; raises IdentityTaken naming who has one.

    Joining the programme (wallets, tier, reward) is the flow member_joined's.
    """
    if not new.identities:
        raise rules.BadIdentity("A member needs an e-mail address, a phone number or an external id.")
    refuse_taken(new.identities)
    try:
        with transaction.atomic():
            member = Member.objects.create(
                number=next_numbers(1)[0],
                status=MemberStatus.ACTIVE,
                name=new.name,
                birthday=new.birthday,
                gender=new.gender,
                region=new.region,
                language=new.language,
                source=new.source,
                attributes=new.attributes,
                joined_at=joined_at,
            )
            Identity.objects.bulk_create(
                Identity(member=member, kind=i.kind, source=i.source, value=i.value) for i in new.identities
            )
    except IntegrityError:
        refuse_taken(new.identities)
        raise
    consent(member_id=member.id, answers=new.consents, at=at, actor=actor)
    tag(member_id=member.id, names=new.tags, at=at, actor=actor)
    return member


def refuse_taken(identities: Sequence[rules.IdentityValue]) -> None:
    """Will raise IdentityTaken where a member is already known by one of these."""
    for identity in identities:
        taken = Identity.objects.filter(kind=identity.kind, source=identity.source, value=identity.value)
        if number := taken.values_list("member__number", flat=True).first():
            raise IdentityTaken(number)


def set_joined(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will note when a member joined who was imported without a date; one already noted is left."""
    Member.objects.filter(id=member_id, joined_at=None).update(joined_at=at)


def consent(*, member_id: int, answers: Sequence[ConsentGiven], at: dt.datetime, actor: str) -> None:
    """Will keep answers to consent questions; the latest per channel and purpose is in force."""
    Consent.objects.bulk_create(
        Consent(
            member_id=member_id,
            channel=answer.channel,
            purpose=answer.purpose,
            given=answer.given,
            text=answer.text,
            at=at,
            actor=actor,
        )
        for answer in answers
    )


def tag(*, member_id: int, names: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will put tags on a member; those he has already are left."""
    Tag.objects.bulk_create([Tag(member_id=member_id, name=name) for name in names], ignore_conflicts=True)
