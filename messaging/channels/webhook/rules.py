"""Webhook's signature, as Standard Webhooks 1.0.0 has it. Pure."""

import base64
import hashlib
import hmac

PREFIX = "whsec_"


class BadSecret(Exception):
    """A secret cannot be read; the message says how to write one."""


def key_from(secret: str) -> bytes:
    """Will return the key in a secret of the form whsec_<base64 of 24 to 64 bytes>; raises BadSecret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except ValueError as error:
        raise BadSecret("Write the secret as whsec_ and base64.") from error
    if not 24 <= len(key) <= 64:
        raise BadSecret(f"A secret has 24 to 64 bytes; this one has {len(key)}.")
    return key


def signatures(secrets: tuple[str, ...], message_id: str, timestamp: int, body: bytes) -> str:
    """Will return the header webhook-signature: one signature for each secret, so that one can be replaced in peace."""
    content = f"{message_id}.{timestamp}.".encode() + body
    signed = (hmac.new(key_from(secret), content, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(one).decode()}" for one in signed)
