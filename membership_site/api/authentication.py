"""The api's door-keeper: a key in the Authorization header, and the scope each call asks for."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from kit import api_keys, clock
from kit.models import ApiKey
from membership_site.api.problems import Refusal


class Bearer(HttpBearer):
    """Lets a key in that is in force and has the scope."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__()

    def __call__(self, request: HttpRequest) -> ApiKey:
        """Will return the key; raises a 401 or 403."""
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        key = api_keys.find(text.strip()) if kind.lower() == "bearer" else None
        if key is None:
            detail = "Send a key that is in force: Authorization: Bearer mk_... Nothing was done."
            raise Refusal(401, "unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="api"'})
        api_keys.note_used(key, clock.now())
        return self.authenticate_key(key)

    def authenticate_key(self, key: ApiKey) -> ApiKey:
        """Will return the key if it may do this; raises a 403 naming the scope it lacks."""
        if not api_keys.allows(key, self.scope):
            raise Refusal(403, "forbidden", f"The key {key.name} lacks the scope {self.scope}. Nothing was done.")
        return key

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        """Will not be asked: __call__ reads the header itself, to answer with problems."""
        raise NotImplementedError


ONLY_READS = "x-only-reads"
"""Said of a POST that writes nothing, so that it needs no key of its own."""


def needs(scope: str, *, only_reads: bool = False) -> dict[str, Any]:
    """Will return what an operation is told to let in only keys with a scope, and to say so in its description."""
    said: dict[str, Any] = {"x-scope": scope, **({ONLY_READS: True} if only_reads else {})}
    return {"auth": Bearer(scope), "openapi_extra": said}


def key_of(request: HttpRequest) -> ApiKey:
    """Will return the key a call came with."""
    key: ApiKey = request.auth  # type: ignore[attr-defined]
    return key


def actor_of(request: HttpRequest) -> str:
    """Will return as whom a call's deeds are written down."""
    return f"api:{key_of(request).name}"
