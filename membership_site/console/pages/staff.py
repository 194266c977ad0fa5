"""The people of the staff, their log-ins, and the keys of machines, as the settings show them."""

import datetime as dt
from dataclasses import dataclass

from kit import api_keys
from members.enums import StaffRole
from members.queries import entering as entering_queries
from members.queries.entering import StaffRow
from membership_site import entering, factors, formats
from membership_site.console.access import ROLE_NAMES, Person
from membership_site.console.forms.people import SCOPE_NAMES


@dataclass(frozen=True)
class PersonRow:
    """A person of the staff in a list."""

    id: int
    name: str
    email: str
    roles: str
    is_active: bool
    is_invited: bool
    has_factor: bool
    last_login: dt.datetime | None
    is_oneself: bool


@dataclass(frozen=True)
class Session:
    """An open session in words."""

    id: int
    device: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


@dataclass(frozen=True)
class OwnPage:
    """A person's own log-in."""

    email: str
    has_factor: bool
    recovery_codes: int
    sessions: tuple[Session, ...]


@dataclass(frozen=True)
class KeyRow:
    """A key of a machine; the key itself is nowhere."""

    id: int
    name: str
    prefix: str
    scopes: tuple[str, ...]
    created_at: dt.datetime
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None


def people_rows(person: Person) -> tuple[PersonRow, ...]:
    """Will return everybody of the staff. Two queries."""
    staff = entering_queries.list_staff()
    with_factors = factors.with_factors([row.id for row in staff])
    return tuple(_person_row(row, person, has_factor=row.id in with_factors) for row in staff)


def person_row(account_id: int, person: Person) -> tuple[PersonRow, list[str]] | None:
    """Will return a person of the staff with the codes of his roles, or None. Two queries."""
    row = entering_queries.find_staff_row(account_id)
    if row is None:
        return None
    return _person_row(row, person, has_factor=factors.has_factor(account_id)), list(row.roles)


def own_page(account_id: int, session_key: str) -> OwnPage:
    """Will assemble a person's own log-in. Five queries."""
    account = entering_queries.find_account(account_id)
    return OwnPage(
        email=(account.email or "") if account else "",
        has_factor=factors.has_factor(account_id),
        recovery_codes=factors.count_recovery_codes(account) if account else 0,
        sessions=tuple(
            Session(row.id, entering.device_words(row.device), row.opened_at, row.seen_at, row.is_this)
            for row in entering_queries.sessions_of(account_id, session_key)
        ),
    )


def key_rows() -> tuple[KeyRow, ...]:
    """Will return the keys of machines. One query."""
    return tuple(
        KeyRow(
            id=key.id,
            name=key.name,
            prefix=key.prefix,
            scopes=tuple(str(SCOPE_NAMES.get(scope, scope)) for scope in key.scopes),
            created_at=key.created_at,
            used_at=key.used_at,
            revoked_at=key.revoked_at,
        )
        for key in api_keys.list_keys()
    )


def _person_row(row: StaffRow, person: Person, *, has_factor: bool) -> PersonRow:
    known = [str(ROLE_NAMES[StaffRole(role)]) for role in row.roles if role in set(StaffRole)]
    return PersonRow(
        id=row.id,
        name=row.name or row.email,
        email=row.email,
        roles=formats.listing(known) if known else "",
        is_active=row.is_active,
        is_invited=not row.has_password,
        has_factor=has_factor,
        last_login=row.last_login,
        is_oneself=row.id == person.id,
    )
