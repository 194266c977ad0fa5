"""What others may ask of members."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from members import rules
from members.enums import IdentityKind
from members.models import Consent, Identity, Member


class UnknownMember(Exception):
    """Nobody has this number; nothing was done."""


@dataclass(frozen=True, slots=True)
class MemberKey:
    """Who a member is to other rooms."""

    id: int
    number: str
    status: str
    joined_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a member, for pages; identities as (kind, source, value)."""

    key: MemberKey
    name: str
    birthday: dt.date | None
    gender: str
    region: str
    language: str
    attributes: dict[str, object]
    identities: tuple[tuple[str, str, str], ...]
    tags: tuple[str, ...]
    consents: tuple[tuple[str, str, bool, dt.datetime], ...]


def _key(member: Member) -> MemberKey:
    return MemberKey(member.id, member.number, member.status, member.joined_at)


def find_member(reference: rules.MemberReference, source: str = "") -> MemberKey | None:
    """Will return the member a shop means, or None. One to three queries.

    An external id is looked for in its own source first, then where exactly one system knows it. A bare text is
    tried as number, external id, e-mail address and phone number, in this order.
    """
    if reference.anything:
        return _find_anything(reference.anything.strip(), source)
    if reference.number:
        member = Member.objects.filter(number__iexact=reference.number.strip()).first()
        return _key(member) if member else None
    if reference.external_id:
        return _find_external(reference.external_id.strip(), source)
    try:
        identity = (
            rules.email_identity(reference.email) if reference.email else rules.phone_identity(reference.phone)
        )
    except rules.BadIdentity:
        return None
    return _find_identity(identity)


def _find_anything(text: str, source: str) -> MemberKey | None:
    member = Member.objects.filter(number__iexact=text).first()
    if member:
        return _key(member)
    if found := _find_external(text, source):
        return found
    for normalise in (rules.email_identity, rules.phone_identity):
        try:
            identity = normalise(text)
        except rules.BadIdentity:
            continue
        if found := _find_identity(identity):
            return found
    return None


def _find_external(text: str, source: str) -> MemberKey | None:
    found = list(Identity.objects.filter(kind=IdentityKind.EXTERNAL, value=text).select_related("member")[:20])
    own = [identity for identity in found if identity.source == source]
    candidates = own or found
    return _key(candidates[0].member) if len({identity.member_id for identity in candidates}) == 1 else None


def _find_identity(identity: rules.IdentityValue) -> MemberKey | None:
    found = Identity.objects.filter(kind=identity.kind, source=identity.source, value=identity.value)
    row = found.select_related("member").first()
    return _key(row.member) if row else None


def get_member(number: str) -> MemberKey:
    """Will return the member with a number; raises UnknownMember. One query."""
    member = Member.objects.filter(number__iexact=number).first()
    if member is None:
        raise UnknownMember(f"No member has the number {number}. Check the digits; the last one is a check digit.")
    return _key(member)


def get_profile(member_id: int) -> Profile:
    """Will return a member's profile. Four queries."""
    member = Member.objects.get(id=member_id)
    latest = Consent.objects.filter(member_id=member_id).order_by("channel", "purpose", "-at", "-id")
    return Profile(
        key=_key(member),
        name=member.name,
        birthday=member.birthday,
        gender=member.gender,
        region=member.region,
        language=member.language,
        attributes=member.attributes,
        identities=tuple(member.identities.order_by("id").values_list("kind", "source", "value")),
        tags=tuple(member.tags.order_by("name").values_list("name", flat=True)),
        consents=tuple(latest.distinct("channel", "purpose").values_list("channel", "purpose", "given", "at")),
    )


def find_of_account(account_id: int) -> MemberKey | None:
    """Will return the member who logs in with an account, or None for staff. One query."""
    member = Member.objects.filter(account_id=account_id).first()
    return _key(member) if member else None


def names_of(member_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Will return {id: (number, name)} of some members. One query."""
    rows = Member.objects.filter(id__in=member_ids).values_list("id", "number", "name")
    return {member_id: (number, name) for member_id, number, name in rows}
