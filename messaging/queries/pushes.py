"""What others may ask of pushing to browsers: whether it is on, under which key, which of a member's take it."""

import base64
from functools import cache

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings

from messaging.models import PushSubscription


def push_key() -> str:
    """Will return the key by which a browser knows our pushes, as it takes it; empty while pushing is off. No queries.

    It is the public VAPID key of the settings: the uncompressed point in base64url, without padding (RFC 8292).
    """
    return _as_browsers_take_it(settings.VAPID_PUBLIC_KEY) if settings.MESSAGE_PUSH == "vapid" else ""


def count_browsers(member_id: int) -> int:
    """Will count the browsers that a member lets us push to. One query."""
    return PushSubscription.objects.filter(member_id=member_id, ended_at=None).count()


@cache
def _as_browsers_take_it(pem: str) -> str:
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, EllipticCurvePublicKey)
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode("ascii")
