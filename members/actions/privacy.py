"""A member's rights over what is held of him: a copy of it, and its end."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Q

from kit import audit, clock, guards, sql
from members import rules
from members.enums import ExportState, IdentityKind, MemberStatus
from members.models import (
    Account,
    DataExport,
    Erasure,
    ErasureRequest,
    Identity,
    Member,
    Merge,
    Note,
    NotTwice,
    OpenSession,
    Tag,
)

WORDS_MIN = 4
"""Shorter words of a person are not looked for in what others wrote: they stand in too much that is not about him."""


class AlreadyErased(Exception):
    """The member was erased before; nothing was changed."""


class NotOpen(Exception):
    """There is no wish to be erased that could be withdrawn; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Forgotten:
    """Who was erased: himself and whoever was merged into him, his addresses, and the words to be looked for."""

    member_ids: tuple[int, ...]
    addresses: tuple[tuple[str, str], ...]
    words: tuple[str, ...]


@transaction.atomic
def request_erasure(*, member_id: int, at: dt.datetime, actor: str) -> ErasureRequest:
    """Will keep a member's wish to be erased, for the night two weeks on; a repeat gives the first."""
    member = Member.objects.select_for_update(no_key=True).get(id=member_id)
    if member.status == MemberStatus.ERASED:
        raise AlreadyErased("This membership was erased before.")
    due_on = clock.business_date(at) + dt.timedelta(days=rules.ERASURE_DAYS)
    request, is_new = ErasureRequest.objects.get_or_create(
        member_id=member_id,
        cancelled_at=None,
        done_at=None,
        defaults={"asked_at": at, "due_on": due_on, "actor": actor},
    )
    if is_new:
        audit.record(
            at=at,
            actor=actor,
            deed="member.erasure_asked",
            subject=f"member:{member_id}",
            becomes={"due_on": due_on.isoformat()},
        )
    return request


@transaction.atomic
def cancel_erasure(*, member_id: int, at: dt.datetime, actor: str) -> None:
    """Will withdraw a member's wish to be erased; raises NotOpen."""
    open_ones = ErasureRequest.objects.filter(member_id=member_id, cancelled_at=None, done_at=None)
    if not open_ones.update(cancelled_at=at):
        raise NotOpen("Nobody waits to be erased here. Nothing was changed.")
    audit.record(at=at, actor=actor, deed="member.erasure_cancelled", subject=f"member:{member_id}")


@transaction.atomic
def erase(*, member_id: int, reason: str, by_request: bool, at: dt.datetime, actor: str) -> Forgotten:
    """Will take out of the house's rows who a member is, and return what the other rooms need to forget him.

    What is his in other rooms is the flow member_erased's. A repeat takes out what a restored backup brought back, and
    keeps the first date. Locks the member, and whoever was merged into him, in order of their ids.
    """
    followers = list(Member.objects.filter(merged_into_id=member_id).values_list("id", flat=True))
    members = list(Member.objects.select_for_update(no_key=True).filter(id__in=[member_id, *followers]).order_by("id"))
    forgotten = _known_of(members)
    open_to_words()
    _forget_log_ins([member.account_id for member in members if member.account_id])
    for member in members:
        _forget(member)
    Erasure.objects.bulk_create(
        [Erasure(member=member, erased_at=at, by_request=by_request, reason=reason, actor=actor) for member in members],
        ignore_conflicts=True,
    )
    ids = list(forgotten.member_ids)
    ErasureRequest.objects.filter(member_id__in=ids, cancelled_at=None, done_at=None).update(done_at=at)
    _forget_words(forgotten)
    audit.record(
        at=at, actor=actor, deed="member.erased", subject=f"member:{member_id}", becomes={"by_request": by_request}
    )
    return forgotten


def open_to_words() -> None:
    """Will let this transaction, and no other, empty words in rows that are otherwise append-only."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, 'on', true)", [guards.ERASING])


def request_export(*, member_id: int, reason: str, at: dt.datetime, actor: str) -> DataExport:
    """Will ask for a copy of all that is held of a member; one that waits already is given again."""
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(id=member_id)
        export, is_new = DataExport.objects.get_or_create(
            member_id=member_id,
            actor=actor,
            state=ExportState.WAITING,
            defaults={"reason": reason, "asked_at": at},
        )
        if is_new:
            audit.record(at=at, actor=actor, deed="member.export_asked", subject=f"member:{member_id}", reason=reason)
    return export


def finish_export(*, export_id: int, content: bytes, at: dt.datetime, actor: str) -> None:
    """Will keep a copy that was made, for a week; one that is not waited for any more is left."""
    DataExport.objects.filter(id=export_id, state=ExportState.WAITING).update(
        state=ExportState.DONE, content=content, made_at=at, ends_at=at + dt.timedelta(days=rules.EXPORT_DAYS)
    )


def fail_export(*, export_id: int, error: str, at: dt.datetime, actor: str) -> None:
    """Will keep why a copy could not be made."""
    DataExport.objects.filter(id=export_id, state=ExportState.WAITING).update(
        state=ExportState.FAILED, error=error[:300], made_at=at
    )


def end_exports(*, at: dt.datetime, actor: str) -> int:
    """Will throw away the copies whose week is over, and return how many."""
    over = DataExport.objects.filter(state=ExportState.DONE, ends_at__lte=at)
    return over.update(state=ExportState.GONE, content=None)


def note_access(*, member_id: int, deed: str, reason: str, at: dt.datetime, actor: str) -> None:
    """Will note that somebody looked at a member's personal data, and why."""
    with transaction.atomic():
        audit.record(at=at, actor=actor, deed=deed, subject=f"member:{member_id}", reason=reason)


# ---- leaves


def _known_of(members: Sequence[Member]) -> Forgotten:
    ids = [member.id for member in members]
    identities = list(Identity.objects.filter(member_id__in=ids).values_list("kind", "value"))
    addresses = [(kind, value) for kind, value in identities if kind != IdentityKind.EXTERNAL]
    words = {value for _, value in identities}
    for member in members:
        words |= {member.name, *(str(value) for value in member.attributes.values())}
        if member.account:
            words |= {member.account.email or "", member.account.name}
    words |= {value.removeprefix("+") for value in words}
    kept = sorted(word for word in (word.strip() for word in words) if len(word) >= WORDS_MIN)
    return Forgotten(tuple(sorted(ids)), tuple(addresses), tuple(kept))


def _forget(member: Member) -> None:
    member.name, member.gender, member.region, member.language, member.time_zone = "", "", "", "", ""
    member.birthday = member.birthday_changed_at = None
    member.attributes = {}
    member.account = member.invite_code = None
    member.status = MemberStatus.ERASED
    member.save()
    Identity.objects.filter(member=member).delete()
    Tag.objects.filter(member=member).delete()
    Note.objects.filter(member=member).delete()
    DataExport.objects.filter(member=member).delete()
    NotTwice.objects.filter(Q(first=member) | Q(second=member)).delete()
    nothing = {
        "status": MemberStatus.ERASED.value,
        "identities": [],
        "tags": {"of": [], "added": []},
        "filled": {"fields": [], "attributes": []},
        "consents": [],
    }
    Merge.objects.filter(Q(survivor=member) | Q(merged=member)).update(moved=nothing, reason="")
    Merge.objects.filter(Q(survivor=member) | Q(merged=member)).update(undo_reason="")


def _forget_log_ins(account_ids: Sequence[int]) -> None:
    """A log-in of the staff stays theirs; a member's keeps its row for what refers to it, and nobody enters by it."""
    own = Account.objects.select_for_update(no_key=True).filter(id__in=account_ids, is_staff=False)
    for account in own:
        account.email = f"erased-{account.id}@erased.invalid"
        account.name, account.language, account.is_active, account.last_login = "", "", False, None
        account.set_unusable_password()
        account.save()
    noted = OpenSession.objects.filter(account_id__in=[account.id for account in own])
    Session.objects.filter(session_key__in=list(noted.values_list("session_key", flat=True))).delete()
    noted.delete()


def _forget_words(forgotten: Forgotten) -> None:
    """Will take his words out of what is kept of everybody: the log, answers of calls, saved views, failed log-ins."""
    patterns = [f"%{_escaped(word)}%" for word in forgotten.words]
    subjects = [f"member:{member_id}" for member_id in forgotten.member_ids]
    sql.execute("members", "forget_audit", patterns=patterns, subjects=subjects)
    sql.execute("members", "forget_calls", patterns=patterns)
    sql.execute("members", "forget_views", patterns=patterns)
    if "axes" in settings.INSTALLED_APPS:
        names = [value for _, value in forgotten.addresses]
        for statement in ("forget_attempts", "forget_failures", "forget_log_ins"):
            sql.execute("members", statement, names=names)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
