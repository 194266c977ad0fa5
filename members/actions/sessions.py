"""Sessions that are open: noted when opened and seen, and ended from elsewhere."""

import datetime as dt

from django.contrib.sessions.models import Session

from members.models import OpenSession

DEVICE_LENGTH = 300


def note_session(*, account_id: int, session_key: str, device: str, at: dt.datetime, actor: str) -> None:
    """Will note a session that was opened; its owner sees it in his list."""
    OpenSession.objects.update_or_create(
        session_key=session_key,
        defaults={"account_id": account_id, "device": device[:DEVICE_LENGTH], "opened_at": at, "seen_at": at},
    )


def note_seen(*, session_key: str, at: dt.datetime, actor: str) -> None:
    """Will note that a session was used."""
    OpenSession.objects.filter(session_key=session_key).update(seen_at=at)


def end_session(*, account_id: int, session_id: int, at: dt.datetime, actor: str) -> None:
    """Will end one of an account's own sessions; one that is over already is left."""
    _end(list(OpenSession.objects.filter(account_id=account_id, id=session_id)))


def end_sessions(*, account_id: int, but: str, at: dt.datetime, actor: str) -> int:
    """Will end all sessions of an account but the one with a key, and return how many that were."""
    ended = list(OpenSession.objects.filter(account_id=account_id).exclude(session_key=but))
    _end(ended)
    return len(ended)


def _end(sessions: list[OpenSession]) -> None:
    Session.objects.filter(session_key__in=[session.session_key for session in sessions]).delete()
    OpenSession.objects.filter(id__in=[session.id for session in sessions]).delete()
