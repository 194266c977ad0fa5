"""Members' deeds: register, join, identify, consent, tag; and the log-ins that others open."""

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, connection, transaction

from kit import clock
from kit.copy import copy_rows, next_ids
from members import rules
from members.actions.entering import make_way
from members.enums import Channel, MemberStatus, Purpose, StaffRole
from members.models import Account, Consent, Identity, Member, Tag
from members.queries import PROFILE_FIELDS, KnownPerson


class IdentityTaken(Exception):
    """Somebody is already known by this identity; nobody was registered."""

    def __init__(self, number: str) -> None:
        self.number = number
        super().__init__(f"Member {number} is already known by this. Nobody was registered.")


class BirthdayChangedLately(Exception):
    """The birthday was changed less than a year ago; nothing was changed."""


@dataclass(frozen=True, slots=True)
class ConsentGiven:
    """An answer to a consent question, with the sentence the member saw."""

    channel: Channel
    purpose: Purpose
    given: bool
    text: str


@dataclass(frozen=True)
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


def register(*, new: NewMember, joined_at: dt.datetime | None, at: dt.datetime, actor: str) -> Member:
    """Will create an active member with identities, consents and tags; raises IdentityTaken naming who has one.

    Joining the programme (wallets, tier, reward) is the flow member_joined's.
    """
    if not new.identities:
        raise rules.BadIdentity("A member needs an e-mail address, a phone number or an external id.")
    for identity in new.identities:
        make_way(identity=identity, at=at, actor=actor)
    _refuse_taken(new.identities)
    try:
        with transaction.atomic():
            member = Member.objects.create(
                number=_next_numbers(1)[0],
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
        _refuse_taken(new.identities)
        raise
    consent(member_id=member.id, answers=new.consents, at=at, actor=actor)
    tag(member_id=member.id, names=new.tags, at=at, actor=actor)
    return member


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


def consent_many(*, answers: Mapping[int, Sequence[ConsentGiven]], at: dt.datetime, actor: str) -> None:
    """Will keep the answers of many members by their ids, as consent does; a thousand rows a statement."""
    Consent.objects.bulk_create(
        (
            Consent(
                member_id=member_id,
                channel=answer.channel,
                purpose=answer.purpose,
                given=answer.given,
                text=answer.text,
                at=at,
                actor=actor,
            )
            for member_id, given in answers.items()
            for answer in given
        ),
        batch_size=1000,
    )


def set_time_zone(*, member_id: int, name: str, at: dt.datetime, actor: str) -> None:
    """Will keep in which zone a member counts his hours and days, empty for the programme's; raises BadTimeZone."""
    Member.objects.filter(id=member_id).update(time_zone=rules.time_zone(name))


def tag(*, member_id: int, names: Sequence[str], at: dt.datetime, actor: str) -> None:
    """Will put tags on a member; those he has already are left."""
    Tag.objects.bulk_create([Tag(member_id=member_id, name=name) for name in names], ignore_conflicts=True)


def tag_many(*, member_ids: Sequence[int], name: str, at: dt.datetime, actor: str) -> None:
    """Will put one tag on many members; those who have it already are left. One statement a thousand."""
    tags = [Tag(member_id=member_id, name=name) for member_id in member_ids]
    Tag.objects.bulk_create(tags, ignore_conflicts=True, batch_size=1000)


def open_staff_account(
    *, email: str, name: str, password: str, roles: Sequence[StaffRole], at: dt.datetime, actor: str
) -> Account:
    """Will open a log-in to the console with roles; one that exists is left as it is."""
    known: Account | None = Account.objects.filter(email=email.strip().lower()).first()
    if known:
        return known
    chosen = [role.value for role in roles]
    opened: Account = Account.objects.create_user(email, password, name=name, is_staff=True, roles=chosen)
    return opened


def open_member_account(*, member_id: int, email: str, password: str, at: dt.datetime, actor: str) -> Account:
    """Will open a log-in to a member's own pages; one that exists is left as it is."""
    member = Member.objects.select_related("account").get(id=member_id)
    if member.account:
        return member.account
    account: Account = Account.objects.create_user(email, password, name=member.name, language=member.language)
    member.account = account
    member.save(update_fields=["account"])
    return account


def set_joined_many(*, joined_at: dict[int, dt.datetime], at: dt.datetime, actor: str) -> None:
    """Will note when members joined who were imported without a date; those already noted are left. One statement."""
    if not joined_at:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE members_member m SET joined_at = j.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS j (id, at) "
            "WHERE m.id = j.id AND m.joined_at IS NULL",
            [list(joined_at), list(joined_at.values())],
        )


MEMBER_COLUMNS = (
    "id", "number", "status", "name", "birthday", "gender", "region", "language", "attributes", "source", "joined_at",
)  # fmt: skip


def register_many(
    *, new: Sequence[NewMember], joined_at: Sequence[dt.datetime | None], at: dt.datetime, actor: str
) -> list[int]:
    """Will create many members with identities and tags by COPY, and return their ids in the same order.

    The caller has looked that nobody is known by these identities; where one is, all fails (IntegrityError).
    """
    ids = next_ids("members_member", len(new))
    numbers = _next_numbers(len(new))
    copy_rows(
        "members_member",
        MEMBER_COLUMNS,
        (
            (i, number, MemberStatus.ACTIVE.value, n.name, n.birthday, n.gender, n.region, n.language,
             json.dumps(n.attributes), n.source, joined)
            for i, number, n, joined in zip(ids, numbers, new, joined_at, strict=True)
        ),
    )  # fmt: skip
    copy_rows(
        "members_identity",
        ("member_id", "kind", "source", "value"),
        ((i, one.kind.value, one.source, one.value) for i, n in zip(ids, new, strict=True) for one in n.identities),
    )
    copy_rows("members_tag", ("member_id", "name"), ((i, tag) for i, n in zip(ids, new, strict=True) for tag in n.tags))
    return ids


def complete(*, person: KnownPerson, new: NewMember, at: dt.datetime, actor: str) -> bool:
    """Will take over what a row says beyond what is known of a member; empty cells erase nothing. True if it did.

    Raises BirthdayChangedLately where it states another birthday within a year of the last change.
    """
    wanted = {name: value for name in PROFILE_FIELDS if (value := getattr(new, name))}
    changes: dict[str, Any] = {name: value for name, value in wanted.items() if person.profile[name] != value}
    if "birthday" in changes and person.profile["birthday"]:
        _check_birthday(person.id, at)
        changes["birthday_changed_at"] = at
    attributes = {**person.profile["attributes"], **new.attributes}  # type: ignore[dict-item]
    if attributes != person.profile["attributes"]:
        changes["attributes"] = attributes
    if changes:
        Member.objects.filter(id=person.id).update(**changes)
    # Whom the shop brings along needs no verification any more to be a member.
    Member.objects.filter(id=person.id, status=MemberStatus.PENDING).update(status=MemberStatus.ACTIVE)
    identities = [identity for identity in new.identities if identity not in person.identities]
    Identity.objects.bulk_create(
        Identity(member_id=person.id, kind=i.kind, source=i.source, value=i.value) for i in identities
    )
    tags = [name for name in new.tags if name not in person.tags]
    tag(member_id=person.id, names=tags, at=at, actor=actor)
    return bool(changes or identities or tags)


def _check_birthday(member_id: int, at: dt.datetime) -> None:
    changed_at = Member.objects.values_list("birthday_changed_at", flat=True).get(id=member_id)
    changed_on = clock.business_date(changed_at) if changed_at else None
    if not rules.may_change_birthday(changed_on, clock.business_date(at)):
        raise BirthdayChangedLately(
            "The birthday was changed less than a year ago. Leave the cell empty, or ask again later. "
            "Nothing of the row was changed."
        )


def _next_numbers(count: int) -> list[str]:
    """Will draw member numbers from the sequence; numbers drawn and not used are never given again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('members_number') FROM generate_series(1, %s)", [count])
        return [rules.member_number(row[0]) for row in cursor.fetchall()]


def _refuse_taken(identities: Sequence[rules.IdentityValue]) -> None:
    """Will raise IdentityTaken where a member is already known by one of these."""
    for identity in identities:
        taken = Identity.objects.filter(kind=identity.kind, source=identity.source, value=identity.value)
        if number := taken.values_list("member__number", flat=True).first():
            raise IdentityTaken(number)
