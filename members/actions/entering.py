"""Joining by oneself: a membership that waits for its address to be verified, and what makes it active."""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, connection, transaction

from members import rules
from members.enums import Channel, MemberStatus, Purpose
from members.models import Account, Consent, Identity, Member


class LastWayIn(Exception):
    """It is the last way in to a membership; nothing was taken away."""


class LinkedToAnother(Exception):
    """The log-in of elsewhere is linked to another membership; nothing was changed."""


def await_member(*, identity: rules.IdentityValue, language: str, at: dt.datetime, actor: str) -> None:
    """Will keep a place for somebody new whose address is not verified; one who is known by it already is left.

    The caller has taken turns of the address (flows.member_entry).
    """
    if Identity.objects.filter(kind=identity.kind, source="", value=identity.value).exists():
        return
    member = Member.objects.create(
        number=_next_number(), status=MemberStatus.PENDING, language=language, source="portal", created_at=at
    )
    Identity.objects.create(member=member, kind=identity.kind, value=identity.value, created_at=at)


def activate(*, member_id: int, wishes: Mapping[str, Any], at: dt.datetime, actor: str) -> bool:
    """Will make a waiting membership active with what was typed to join, under its lock; True for who does it first.

    `wishes`: name, language, password (hashed, may be empty), consents as (channel, purpose, given, text).
    """
    member = Member.objects.select_for_update().get(id=member_id)
    if member.status != MemberStatus.PENDING:
        return False
    member.status = MemberStatus.ACTIVE
    member.name = wishes.get("name", "")
    member.language = wishes.get("language", "")
    member.save(update_fields=["status", "name", "language"])
    Consent.objects.bulk_create(
        Consent(
            member=member, channel=Channel(channel), purpose=Purpose(purpose), given=given, text=text, at=at,
            actor=actor,
        )
        for channel, purpose, given, text in wishes.get("consents", ())
    )  # fmt: skip
    account = _open_account(member)
    if wishes.get("password"):
        Account.objects.filter(id=account.id).update(password=wishes["password"])
    return True


def make_way(*, identity: rules.IdentityValue, at: dt.datetime, actor: str) -> None:
    """Will give up a membership that waits under an address, for somebody whom the shop itself registers by it.

    The row stays as one that was erased, for messages may hang on it.
    """
    waiting = Member.objects.filter(
        status=MemberStatus.PENDING,
        identities__kind=identity.kind,
        identities__source=identity.source,
        identities__value=identity.value,
    )
    for member in list(waiting.select_for_update(of=("self",))):
        member.identities.all().delete()
        member.status = MemberStatus.ERASED
        member.save(update_fields=["status"])


def hashed(*, password: str, at: dt.datetime, actor: str) -> str:
    """Will hash a password that is kept until its owner's address is verified; empty for none."""
    return make_password(password) if password else ""


def open_own_account(*, member_id: int, at: dt.datetime, actor: str) -> int:
    """Will return a member's log-in, opened without a password where he has none: his address was verified just now."""
    member = Member.objects.select_for_update(of=("self",)).select_related("account").get(id=member_id)
    return int((member.account or _open_account(member)).pk)


def set_password(*, account_id: int, password: str, at: dt.datetime, actor: str) -> None:
    """Will set a new password; sessions opened before it end by themselves, for they carry the old one's mark."""
    account = Account.objects.select_for_update().get(id=account_id)
    account.set_password(password)
    account.save(update_fields=["password"])


def link_login(*, member_id: int, provider: str, uid: str, at: dt.datetime, actor: str) -> None:
    """Will link a log-in of elsewhere to a member; a repeat is harmless, another's raises LinkedToAnother."""
    value = rules.login_identity(provider, uid)
    try:
        with transaction.atomic():
            kept, _ = Identity.objects.get_or_create(
                kind=value.kind,
                source=value.source,
                value=value.value,
                defaults={"member_id": member_id, "verified_at": at},
            )
    except IntegrityError:
        kept = Identity.objects.get(kind=value.kind, source=value.source, value=value.value)
    if kept.member_id != member_id:
        raise LinkedToAnother("This log-in is linked to another membership. Nothing was changed.")


def unlink_login(*, member_id: int, identity_id: int, at: dt.datetime, actor: str) -> None:
    """Will unlink a log-in of elsewhere, under the member's lock; raises LastWayIn where no other way in is left."""
    member = Member.objects.select_for_update(of=("self",)).select_related("account").get(id=member_id)
    mine = list(member.identities.all())
    gone = next((i for i in mine if i.id == identity_id and rules.is_login(i.source)), None)
    if gone is None:
        return
    has_password = member.account is not None and member.account.has_usable_password()
    others = [i for i in mine if i.id != gone.id and (not i.source or rules.is_login(i.source))]
    if not others and not (has_password and member.account and member.account.email):
        raise LastWayIn("It is the only way in to this membership. Nothing was unlinked.")
    gone.delete()


def open_invitations(*, member_id: int, at: dt.datetime, actor: str) -> str:
    """Will return the code by which a member's friends join, drawn once and his for good."""
    known = Member.objects.values_list("invite_code", flat=True).get(id=member_id)
    if known:
        return known
    drawn = "".join(secrets.choice(rules.INVITE_SIGNS) for _ in range(rules.INVITE_LENGTH))
    Member.objects.filter(id=member_id, invite_code=None).update(invite_code=drawn)
    return str(Member.objects.values_list("invite_code", flat=True).get(id=member_id))


def _open_account(member: Member) -> Account:
    """A log-in without a password; under the e-mail address unless somebody of the staff has one by it."""
    emails = member.identities.filter(kind="email", verified_at__isnull=False).values_list("value", flat=True)
    email = next((e for e in emails if not Account.objects.filter(email=e).exists()), None)
    account: Account = Account.objects.create_user(email, None, name=member.name, language=member.language)
    member.account = account
    member.save(update_fields=["account"])
    return account


def _next_number() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('members_number')")
        row = cursor.fetchone()
    return rules.member_number(int(row[0] if row else 0))
