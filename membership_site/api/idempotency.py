"""The api's memory of calls: under one Idempotency-Key a deed is done once, and its first answer given again.

A call first claims its key in a transaction of its own. The deed then runs while the claim's row is locked, and its
answer is written in the deed's own transaction: both stand, or neither. A process that dies leaves a claim without
an answer and without a lock, so that whoever calls again knows that nothing was done, and does it - at once, without
waiting for a time to pass, and without ever doing it twice.
"""

import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse

from kit import clock
from kit.models import IdempotentCall
from membership_site.api.authentication import key_of
from membership_site.api.problems import Refusal, refused_field

Done = TypeVar("Done")

HEADER = "Idempotency-Key"
KEY_LENGTH_MAX = 255
TRIES = 4
WAIT_SECONDS = 0.05

LOST_RACES = frozenset({"23505", "40001", "40P01"})
"""SQLSTATEs of deeds that met another one: unique violation, serialization failure, deadlock."""


def once(request: HttpRequest, deed: Callable[[], HttpResponse]) -> HttpResponse:
    """Will do a deed once under the call's key, which it must have; see once_if_asked."""
    if HEADER not in request.headers:
        detail = f"A POST needs the header {HEADER}: a new random text for each deed, the same one to try it again."
        raise Refusal(400, "idempotency_key_missing", detail)
    return once_if_asked(request, deed)


def once_if_asked(request: HttpRequest, deed: Callable[[], HttpResponse]) -> HttpResponse:
    """Will do a deed once under the call's key, or every time where it has none.

    The same key with other content raises a 422, while the first call is running a 409. A refused deed did nothing
    and frees its key, so that the mended call may use it.
    """
    if HEADER not in request.headers:
        return attempt(deed)
    key, fingerprint = _key(request), _fingerprint(request)
    for _ in range(TRIES):
        call = _claim(request, key)
        if call is None:
            continue
        if bytes(call.fingerprint) != fingerprint:
            message = "This key was used for another call. Use a new key for another deed, the same body to try again."
            raise refused_field(HEADER, "idempotency_key_reused", message)
        if call.status is not None:
            return _again(call)
        done = _do(call, deed)
        if done is not None:
            return done
        if IdempotentCall.objects.filter(pk=call.pk, status=None).exists():
            detail = "The first call with this key is still running. Ask again in a moment."
            raise Refusal(409, "idempotency_key_running", detail, headers={"Retry-After": "1"})
    raise Refusal(409, "idempotency_key_running", "Other calls with this key come and go. Ask again in a moment.")


def attempt(deed: Callable[[], Done]) -> Done:
    """Will do a deed again that lost a race and did nothing; all our deeds may be repeated."""
    for tries_left in reversed(range(TRIES)):
        try:
            return deed()
        except (IntegrityError, OperationalError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in LOST_RACES:
                raise
            if not tries_left:
                raise OperationalError("lost every race") from error
            time.sleep(WAIT_SECONDS * (TRIES - tries_left))
    raise AssertionError("the loop returns or raises")


def _key(request: HttpRequest) -> str:
    key = request.headers[HEADER].strip()
    if not key or len(key) > KEY_LENGTH_MAX or not key.isascii() or not key.isprintable():
        detail = f"{HEADER} needs 1 to {KEY_LENGTH_MAX} printable ASCII characters."
        raise Refusal(400, "idempotency_key_bad", detail)
    return key


def _fingerprint(request: HttpRequest) -> bytes:
    head = f"{request.method} {request.get_full_path()}\n".encode()
    return hashlib.sha256(head + request.body).digest()


def _claim(request: HttpRequest, key: str) -> IdempotentCall | None:
    """Will return the key's row, made now or earlier; None where another call freed it meanwhile."""
    api_key = key_of(request)
    mine = IdempotentCall(
        api_key=api_key, key=key, fingerprint=_fingerprint(request), status=None, answer=None, started_at=clock.now()
    )
    IdempotentCall.objects.bulk_create([mine], ignore_conflicts=True)
    return IdempotentCall.objects.filter(api_key=api_key, key=key).first()


def _do(call: IdempotentCall, deed: Callable[[], HttpResponse]) -> HttpResponse | None:
    """Will do the deed and keep its answer in one transaction; None where another call holds the claim."""
    try:
        return attempt(lambda: _deed_and_answer(call, deed))
    except Exception:
        # Whoever took the claim meanwhile and answered keeps it: the row is looked at again under its lock.
        IdempotentCall.objects.filter(pk=call.pk, status=None).delete()
        raise


@transaction.atomic
def _deed_and_answer(call: IdempotentCall, deed: Callable[[], HttpResponse]) -> HttpResponse | None:
    free = IdempotentCall.objects.select_for_update(skip_locked=True).filter(pk=call.pk, status=None)
    if not free.exists():
        return None
    response = deed()
    # As one text, so that it is given again letter by letter.
    answer = response.content.decode("utf-8")
    IdempotentCall.objects.filter(pk=call.pk).update(status=response.status_code, answer=answer)
    return response


def _again(call: IdempotentCall) -> HttpResponse:
    response = HttpResponse(call.answer, status=call.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response
