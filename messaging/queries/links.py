"""What links in messages say: which message, which link; signed, so that nobody makes one up."""

import base64
import hashlib
import hmac
import struct
import uuid
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings

SIGNATURE_BYTES = 12
SHAPE = struct.Struct(">B16sH")


class LinkKind(StrEnum):
    """What a link does. The order is kept: links that were sent say it by its number."""

    OPEN = "open"
    CLICK = "click"
    UNSUBSCRIBE = "unsubscribe"
    PREFERENCES = "preferences"
    SATISFACTION = "satisfaction"
    RECOMMENDATION = "recommendation"


KINDS = tuple(LinkKind)
PATHS = {
    LinkKind.OPEN: "/m/o/{signed}",
    LinkKind.CLICK: "/m/c/{signed}",
    LinkKind.UNSUBSCRIBE: "/m/u/{signed}",
    LinkKind.PREFERENCES: "/m/p/{signed}",
    LinkKind.SATISFACTION: "/m/s/{signed}",
    LinkKind.RECOMMENDATION: "/m/r/{signed}",
}
"""Where the portal answers them."""
INBOX_PATH = "/messages/"


@dataclass(frozen=True, slots=True)
class Link:
    """What a signed value says; `number` is that of a link in the message, 0 where it is none of those."""

    kind: LinkKind
    token: uuid.UUID
    number: int = 0


def sign_link(link: Link) -> str:
    """Will return the text that says so and can be read back. No queries."""
    body = SHAPE.pack(KINDS.index(link.kind), link.token.bytes, link.number)
    return base64.urlsafe_b64encode(body + _signature(settings.SECRET_KEY, body)).rstrip(b"=").decode("ascii")


def read_link(signed: str) -> Link | None:
    """Will return what a signed text says, or None where nobody of us signed it. No queries."""
    try:
        raw = base64.b64decode(signed + "=" * (-len(signed) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    if len(raw) != SHAPE.size + SIGNATURE_BYTES:
        return None
    body, signature = raw[: SHAPE.size], raw[SHAPE.size :]
    keys = (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))
    if not any(hmac.compare_digest(_signature(key, body), signature) for key in keys):
        return None
    number, token, link = SHAPE.unpack(body)
    return Link(KINDS[number], uuid.UUID(bytes=token), link) if number < len(KINDS) else None


def link_url(link: Link) -> str:
    """Will return the absolute address that a message carries. No queries."""
    return settings.PUBLIC_URL + PATHS[link.kind].format(signed=sign_link(link))


def inbox_url() -> str:
    """Will return the absolute address of members' inboxes. No queries."""
    return f"{settings.PUBLIC_URL}{INBOX_PATH}"


def _signature(key: str, body: bytes) -> bytes:
    return hmac.digest(b"messaging.links:" + key.encode(), body, hashlib.sha256)[:SIGNATURE_BYTES]
