"""What the shop knows a member by."""

import datetime as dt
from dataclasses import dataclass

from members import queries as members_queries
from members.enums import IdentityKind


@dataclass(frozen=True)
class Me:
    """The member's own facts; an empty one is left out of the page."""

    number: str
    name: str
    joined_at: dt.datetime | None
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    birthday: dt.date | None
    accounts: tuple[str, ...]


def me(member_id: int) -> Me:
    """Will assemble the page of a member's own facts. Four queries."""
    profile = members_queries.get_profile(member_id)
    return Me(
        number=profile.key.number,
        name=profile.name,
        joined_at=profile.key.joined_at,
        emails=tuple(value for kind, _, value in profile.identities if kind == IdentityKind.EMAIL),
        phones=tuple(value for kind, _, value in profile.identities if kind == IdentityKind.PHONE),
        birthday=profile.birthday,
        accounts=tuple(source or value for kind, source, value in profile.identities if kind == IdentityKind.EXTERNAL),
    )
