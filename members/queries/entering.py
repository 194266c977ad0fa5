"""Who enters, by what, and what is open: questions of the log-in, the profile and the console's people."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.contrib.sessions.models import Session

from kit import sql
from members import rules
from members.enums import CodePurpose, IdentityKind, MemberStatus
from members.models import Account, AddressCode, Identity, Member, OpenSession


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A person of the staff as the console's page of people shows him."""

    id: int
    name: str
    email: str
    roles: tuple[str, ...]
    is_active: bool
    has_password: bool
    last_login: dt.datetime | None


@dataclass(frozen=True, slots=True)
class SessionRow:
    """An open session, as its owner sees it."""

    id: int
    device: str
    opened_at: dt.datetime
    seen_at: dt.datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class LinkedLogin:
    """A log-in of elsewhere that is linked to a member."""

    id: int
    provider: str
    linked_at: dt.datetime


def account_entered_by(text: str) -> Account | None:
    """Will return the log-in that an e-mail address or phone number belongs to, verified or its own. Two queries."""
    try:
        identity = rules.address_identity(text)
    except rules.BadIdentity:
        return None
    own = Account.objects.filter(email=identity.value).first() if identity.kind == IdentityKind.EMAIL else None
    if own is not None:
        return own
    found = Identity.objects.filter(kind=identity.kind, source="", value=identity.value, verified_at__isnull=False)
    row = found.select_related("member__account").first()
    return row.member.account if row else None


def entered_by(account: Account) -> str:
    """Will return what a log-in is entered by: its own address, a verified one, or nothing. At most one query."""
    kinds = [IdentityKind.EMAIL, IdentityKind.PHONE]
    found = Identity.objects.filter(member__account=account, kind__in=kinds, source="", verified_at__isnull=False)
    return account.email or found.order_by("id").values_list("value", flat=True).first() or ""


def joins_by(ticket: uuid.UUID) -> list[str]:
    """Will return by what somebody is known to whom a code to join was sent; nothing for a decoy. One query."""
    sent = AddressCode.objects.filter(ticket=ticket, purpose=CodePurpose.JOIN, identity__isnull=False)
    theirs = Identity.objects.filter(member__in=sent.values("identity__member"))
    return list(theirs.order_by("id").values_list("value", flat=True))


def find_account(account_id: int) -> Account | None:
    """Will return a log-in, or None. One query."""
    return Account.objects.filter(id=account_id).first()


def find_by_login(provider: str, uid: str) -> int | None:
    """Will return the id of the member to whom a log-in of elsewhere is linked, or None. One query."""
    value = rules.login_identity(provider, uid)
    found = Identity.objects.filter(kind=value.kind, source=value.source, value=value.value)
    return found.values_list("member_id", flat=True).first()


def linked_logins(member_id: int) -> list[LinkedLogin]:
    """Will return the log-ins of elsewhere that are linked to a member. One query."""
    rows = Identity.objects.filter(member_id=member_id, kind=IdentityKind.EXTERNAL, source__startswith=rules.LOGIN)
    return [
        LinkedLogin(id=i, provider=source.removeprefix(rules.LOGIN), linked_at=at)
        for i, source, at in rows.order_by("id").values_list("id", "source", "created_at")
    ]


def sessions_of(account_id: int, this: str) -> list[SessionRow]:
    """Will return the open sessions of an account, the one with key `this` first, then the latest. Two queries."""
    rows = list(OpenSession.objects.filter(account_id=account_id))
    keys = [row.session_key for row in rows]
    alive = set(Session.objects.filter(session_key__in=keys).values_list("session_key", flat=True))
    shown = [
        SessionRow(row.id, row.device, row.opened_at, row.seen_at, row.session_key == this)
        for row in rows
        if row.session_key in alive
    ]
    return sorted(shown, key=lambda row: (row.is_this, row.seen_at), reverse=True)


def find_inviter(code: str) -> int | None:
    """Will return the member whose friends join by a code, his own or one of who was merged into him. One query."""
    wanted = rules.invite_code(code)
    known = Member.objects.select_related("merged_into").filter(invite_code=wanted).first() if wanted else None
    inviter = known.merged_into or known if known else None
    return inviter.id if inviter and inviter.status == MemberStatus.ACTIVE else None


def likeness_of(member_id: int) -> rules.Likeness:
    """Will return what can show that a member is somebody we know. Two queries."""
    member = Member.objects.get(id=member_id)
    addresses = member.identities.filter(source="", kind__in=[IdentityKind.EMAIL, IdentityKind.PHONE])
    values = tuple(
        rules.IdentityValue(IdentityKind(kind), value) for kind, value in addresses.values_list("kind", "value")
    )
    return rules.Likeness(values, member.name, member.birthday)


def list_staff() -> list[StaffRow]:
    """Will return the people of the staff, those who may enter first, by name. One query."""
    rows = Account.objects.filter(is_staff=True).order_by("-is_active", "name", "id")
    return [_staff_row(account) for account in rows]


def find_staff_row(account_id: int) -> StaffRow | None:
    """Will return a person of the staff, or None. One query."""
    account = Account.objects.filter(id=account_id, is_staff=True).first()
    return _staff_row(account) if account else None


def has_staff() -> bool:
    """Will say whether anybody may enter the console. One query."""
    return Account.objects.filter(is_staff=True, is_active=True).exists()


def count_who_enter() -> tuple[int, int]:
    """Will return how many may enter the console, and how many keys for machines were ever made. One query."""
    [(staff, keys)] = sql.fetch("members", "who_enter")
    return staff, keys


def _staff_row(account: Account) -> StaffRow:
    return StaffRow(
        id=account.pk,
        name=account.name,
        email=account.email or "",
        roles=tuple(account.roles),
        is_active=account.is_active,
        has_password=account.has_usable_password(),
        last_login=account.last_login,
    )
