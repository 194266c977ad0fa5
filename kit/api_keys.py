"""Kit's API keys: made, found and revoked; the key itself is shown once, and only its hash is kept."""

import datetime as dt
import hashlib
import hmac
import re
import secrets
import string
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F

from kit import audit
from kit.models import ApiKey

ALL = "all"
SCOPES = (
    "members:read",
    "members:write",
    "orders:write",
    "events:write",
    "statement:read",
    "checkout:write",
    "rewards:read",
    "redemptions:write",
    "messages:write",
)
"""What a key may be allowed; `all` stands for each of them, later ones included."""

ALPHABET = string.ascii_letters + string.digits
PREFIX_LENGTH = 12
SECRET_LENGTH = 40
NAME_LENGTH_MAX = 60
USED_WITHIN = dt.timedelta(minutes=10)
KEY = re.compile(rf"mk_[A-Za-z0-9]{{{PREFIX_LENGTH - 3}}}_[A-Za-z0-9]{{{SECRET_LENGTH}}}")


class BadKeyRequest(Exception):
    """A key cannot be made as asked for; the message says why. No key was made."""


class UnknownKey(Exception):
    """No key has this name; nothing was revoked."""


def create(*, name: str, scopes: Sequence[str], at: dt.datetime, actor: str) -> str:
    """Will make a key and return it: it cannot be seen again. Raises BadKeyRequest."""
    name = name.strip()
    if not name or len(name) > NAME_LENGTH_MAX or not name.isprintable():
        raise BadKeyRequest(f"A key's name needs 1 to {NAME_LENGTH_MAX} printable characters. No key was made.")
    unknown = [scope for scope in scopes if scope not in (*SCOPES, ALL)]
    if unknown or not scopes:
        what = f"{', '.join(unknown)} is no scope." if unknown else "A key needs a scope."
        raise BadKeyRequest(f"{what} Choose of {', '.join((*SCOPES, ALL))}. No key was made.")
    prefix = "mk_" + _random(PREFIX_LENGTH - 3)
    key = f"{prefix}_{_random(SECRET_LENGTH)}"
    chosen = list(dict.fromkeys(scopes))
    try:
        with transaction.atomic():
            row = ApiKey.objects.create(name=name, prefix=prefix, digest=_digest(key), scopes=chosen, created_at=at)
            audit.record(at=at, actor=actor, deed="create_api_key", subject=f"api_key:{row.id}", becomes=chosen)
    except IntegrityError as error:
        raise BadKeyRequest(f"There is a key named {name} already. Choose another name. No key was made.") from error
    return key


def find(key: str) -> ApiKey | None:
    """Will return the key that is in force under this text, or None. One query; compares in constant time."""
    if not KEY.fullmatch(key):
        return None
    row = ApiKey.objects.filter(prefix=key[:PREFIX_LENGTH]).first()
    # Somebody who guesses prefixes must not learn from the time it takes which of them exist.
    known = hmac.compare_digest(_digest(key), bytes(row.digest) if row else bytes(32))
    return row if row and known and row.revoked_at is None else None


def note_used(key: ApiKey, at: dt.datetime) -> None:
    """Will note that a key was used, at most once in ten minutes: most calls cost no write more."""
    if key.used_at is None or at - key.used_at >= USED_WITHIN:
        ApiKey.objects.filter(id=key.id).update(used_at=at)


def list_keys() -> list[ApiKey]:
    """Will return all keys, those in force first, the newest first. One query."""
    return list(ApiKey.objects.order_by(F("revoked_at").desc(nulls_first=True), "-created_at", "-id"))


def allows(key: ApiKey, scope: str) -> bool:
    """Will say whether a key may do what a scope names."""
    return scope in key.scopes or ALL in key.scopes


def revoke(*, name: str, at: dt.datetime, actor: str) -> None:
    """Will end a key at once; one that is revoked already is left. Raises UnknownKey."""
    with transaction.atomic():
        row = ApiKey.objects.select_for_update().filter(name=name).first()
        if row is None:
            raise UnknownKey(f"No key is named {name}. Nothing was revoked.")
        if row.revoked_at is None:
            row.revoked_at = at
            row.save(update_fields=["revoked_at"])
            audit.record(at=at, actor=actor, deed="revoke_api_key", subject=f"api_key:{row.id}")


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def _digest(key: str) -> bytes:
    """A key is random, so a plain hash of it cannot be guessed back."""
    return hashlib.sha256(key.encode()).digest()
