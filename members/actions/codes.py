"""Codes that are sent to addresses: made, tried, and used once."""

import datetime as dt
import hmac
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.crypto import salted_hmac

from members import rules
from members.enums import CodePurpose, CodeVerdict, MemberStatus
from members.models import AddressCode, Identity

SALT = "members.AddressCode"
OPENS_FOR = {
    CodePurpose.JOIN: (MemberStatus.PENDING, MemberStatus.ACTIVE, MemberStatus.BLOCKED),
    CodePurpose.ENTER: (MemberStatus.ACTIVE, MemberStatus.BLOCKED),
    CodePurpose.PASSWORD: (MemberStatus.ACTIVE, MemberStatus.BLOCKED),
}
"""Whose codes of a purpose open something: who never finished joining has nothing to enter yet."""


@dataclass(frozen=True, slots=True)
class CodeMade:
    """A code for the address alone, and the ticket for the session that asked; a decoy is nobody's."""

    ticket: uuid.UUID
    code: str = field(repr=False)
    member_id: int | None
    is_member: bool


@dataclass(frozen=True, slots=True)
class CodeTried:
    """What became of a code that was typed; who it belongs to is known where it was right, and only then."""

    verdict: CodeVerdict
    tries_left: int = 0
    purpose: CodePurpose = CodePurpose.ENTER
    member_id: int | None = None
    was_verified: bool = False
    wishes: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def make_code(
    *, identity: rules.IdentityValue, purpose: CodePurpose, wishes: Mapping[str, Any], at: dt.datetime, actor: str
) -> CodeMade:
    """Will make a code for an address, under the lock of its row; a decoy where it opens nothing for anybody.

    So it is for an address that nobody is known by, and for one that got CODES_AN_HOUR within the hour: whoever asks
    cannot tell these from a code that went out. Messages go to a member's first verified address of a kind, so it is
    this one that the code proves, whichever of his was typed.
    """
    typed = Identity.objects.filter(kind=identity.kind, source="", value=identity.value)
    written_to = Identity.objects.filter(
        member__in=typed.values("member"), kind=identity.kind, source="", member__status__in=OPENS_FOR[purpose]
    ).order_by(F("verified_at").asc(nulls_last=True), "id")
    known = written_to.select_for_update(of=("self",)).select_related("member").first()
    if known is not None and _sent_within_the_hour(known, at) >= rules.CODES_AN_HOUR:
        known = None
    code = f"{secrets.randbelow(10**rules.CODE_DIGITS):0{rules.CODE_DIGITS}d}"
    ticket = uuid.uuid4()
    AddressCode.objects.create(
        ticket=ticket,
        identity=known,
        purpose=purpose,
        digest=_digest(ticket, code),
        wishes=dict(wishes) if known else {},
        created_at=at,
        expires_at=at + dt.timedelta(minutes=rules.CODE_MINUTES),
    )
    if known is None:
        return CodeMade(ticket, code, None, is_member=False)
    return CodeMade(ticket, code, known.member_id, is_member=known.member.status != MemberStatus.PENDING)


@transaction.atomic
def try_code(*, ticket: uuid.UUID, code: str, at: dt.datetime, actor: str) -> CodeTried:
    """Will try a code under the lock of its row: the right one is used up and its address is verified by it.

    A wrong one is counted; after CODE_TRIES_MAX nothing opens any more. So it is with an unknown ticket.
    """
    row = AddressCode.objects.select_for_update().filter(ticket=ticket).first()
    if row is None:
        return CodeTried(CodeVerdict.EXPIRED)
    matches = hmac.compare_digest(_digest(ticket, code), bytes(row.digest)) and row.identity_id is not None
    verdict = rules.judge_code(
        matches=matches, tries=row.tries, is_used=row.used_at is not None, expires_at=row.expires_at, at=at
    )
    if verdict == CodeVerdict.WRONG:
        row.tries += 1
        row.save(update_fields=["tries"])
    if verdict != CodeVerdict.RIGHT or row.identity_id is None:
        return CodeTried(verdict, rules.CODE_TRIES_MAX - row.tries)
    row.used_at = at
    row.save(update_fields=["used_at"])
    verified = Identity.objects.filter(id=row.identity_id, verified_at=None).update(verified_at=at)
    member_id = Identity.objects.values_list("member_id", flat=True).get(id=row.identity_id)
    return CodeTried(verdict, 0, CodePurpose(row.purpose), member_id, not verified, row.wishes)


def _sent_within_the_hour(identity: Identity, at: dt.datetime) -> int:
    return AddressCode.objects.filter(identity=identity, created_at__gt=at - dt.timedelta(hours=1)).count()


def _digest(ticket: uuid.UUID, code: str) -> bytes:
    """Six digits alone could be guessed back, so the hash is keyed by the site's secret."""
    return salted_hmac(SALT, f"{ticket}:{code}", algorithm="sha256").digest()
